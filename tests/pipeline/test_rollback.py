"""The officer published the wrong batch at six: one command, and it stays away. What was withdrawn stays withdrawn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from crashing import killed

from .conftest import Space
from .files import jpeg, picture


def items(space: Space) -> dict[str, str]:
    return {item["id"]: item["type"] for item in json.loads(space.manifest("fete"))["items"]}


def drop(space: Space, *seeds: int) -> None:
    folder = space.root / "inbox" / "fete"
    folder.mkdir(exist_ok=True)
    for seed in seeds:
        (folder / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (600, 400)), at=None))


def call(space: Space, *args: str) -> Any:  # noqa: ANN401 - JSON
    done = space.here(*args, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def wrong(small: Space) -> tuple[Space, bytes]:
    """Two photographs too many, and the manifest before them."""
    before = small.manifest("fete")
    drop(small, 20, 21)
    small.run_here()
    assert len(items(small)) == 8
    return small, before


def test_the_event_is_as_it_was_byte_for_byte_and_stays_so(wrong: tuple[Space, bytes]) -> None:
    space, before = wrong
    pages = space.published()
    call(space, "rollback", "fete", "1")
    assert space.manifest("fete") == before
    current = [entry["n"] for entry in call(space, "log", "fete")["releases"] if entry["current"]]
    assert current == [3], "one is current, though the first has the same bytes"
    new = set(space.published()) - set(pages)
    assert {name for name in new if "/releases/" not in name} == set()
    drop(space, 22)
    report = space.run_here()
    assert [(file["outcome"], file["code"]) for file in report["files"]] == [("held", "rolled-back")]
    assert space.manifest("fete") == before
    assert space.run_here()["jobs"]["planned"] == 0
    assert "rolled back to release 1" in space.here("status").stdout
    call(space, "rollback", "fete", "--end")
    assert len(items(space)) == 9


def test_what_was_withdrawn_since_stays_withdrawn_and_what_was_restored_is_back(wrong: tuple[Space, bytes]) -> None:
    space, before = wrong
    gone = next(iter(json.loads(before)["items"]))["id"]
    call(space, "takedown", gone, "--reason", "legal-request")
    call(space, "rollback", "fete", "1")
    assert items(space) == {item["id"]: "photo" for item in json.loads(before)["items"]} | {gone: "tombstone"}
    assert not list((space.root / "site" / "media" / gone).glob("*-*.jpg"))
    text = "".join(p.read_text() for p in (space.root / "site" / "events").rglob("*.json") if gone in p.read_text())
    assert "tombstone" in text
    second = json.loads(before)["items"][1]["id"]
    call(space, "takedown", second, "--reason", "legal-request")
    space.run_here()
    assert items(space)[second] == "tombstone", "a rollback doesn't hold a takedown up"
    space.here("restore", gone)
    space.run_here()
    assert items(space) == {item["id"]: "photo" for item in json.loads(before)["items"]} | {second: "tombstone"}


def test_an_earlier_release_with_other_sizes_keeps_pages_and_addresses_that_work(small: Space) -> None:
    before, first = small.manifest("fete"), small.published()
    small.config.write_text(small.config.read_text().replace("edges = [160]", "edges = [200]"))
    small.run_here()
    assert small.manifest("fete") != before
    call(small, "rollback", "fete", "1")
    assert small.manifest("fete") == before
    after = small.published()
    assert {name: after.get(name) for name in first if "/releases/" not in name} == {
        name: data for name, data in first.items() if "/releases/" not in name
    }
    assert small.here("verify").returncode == 0
    assert small.run_here()["status"] == 0


def test_releases_are_listed_and_compared_in_words(wrong: tuple[Space, bytes]) -> None:
    space, before = wrong
    log = call(space, "log", "fete")["releases"]
    assert [(entry["n"], entry["counts"]["photo"], entry["current"]) for entry in log] == [(1, 6, False), (2, 8, True)]
    added = [name for name in items(space) if name not in {item["id"] for item in json.loads(before)["items"]}]
    found = call(space, "diff", "fete", "1", "2")
    assert (found["added"], found["removed"], found["changed"]) == (added, [], {})
    assert call(space, "diff", "fete", "2", "1")["removed"] == added
    (space.root / "inbox" / "fete" / "event.toml").write_text(
        'title = "Summer fair"\ncredit = "Anna"\n', encoding="utf-8"
    )
    call(space, "takedown", added[0], "--reason", "quality")
    space.run_here()
    found = call(space, "diff", "fete", "2")
    assert found["withdrawn"] == [added[0]]
    assert found["event"]["event.title.en"] == {"was": "fete", "is": "Summer fair"}
    assert found["changed"][added[1]]["rights.credit"] == {"was": None, "is": "Anna"}
    told = space.here("diff", "fete", "2").stdout
    assert f"withdrawn: file://{space.root}/site/media/{added[0]}/index.html" in told
    assert "event.title.en: fete → Summer fair" in told


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("rollback", "fete", "9"), "has no release 9"),
        (("rollback", "fete"), "give the number of a release, or --end"),
        (("diff", "kermesse", "1"), 'there is no event "kermesse"'),
        (("log", "fete", "--store", "moon"), 'there is no store "moon"'),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(small: Space, args: tuple[str, ...], says: str) -> None:
    done = small.here(*args)
    assert (done.returncode, says in done.stderr) == (2, True)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_rollback_is_finished_by_the_next_run(wrong: tuple[Space, bytes], when: str) -> None:
    space, before = wrong
    for call_number in (1, 2, 4):
        assert killed(space.root, call_number, when, "rollback", "fete", "1")
    space.run_here()
    assert space.manifest("fete") == before


def test_an_event_is_rolled_back_to_before_its_renaming(wrong: tuple[Space, bytes]) -> None:
    space, before = wrong
    call(space, "event", "rename", "fete", "summer-fete")
    new = space.root / "site" / "events" / "summer-fete" / "manifest.json"
    assert [entry["n"] for entry in call(space, "log", "fete")["releases"]][:2] == [1, 2]
    call(space, "rollback", "fete", "1")
    was, now = json.loads(before), json.loads(new.read_bytes())
    assert [item["id"] for item in now["items"]] == [item["id"] for item in was["items"]]
    assert now["slug"] == "summer-fete"
    assert json.loads(space.manifest("fete")) == now, "the former address answers as the new one does"
    assert space.run_here()["jobs"]["planned"] == 0
    assert json.loads(new.read_bytes()) == now
    call(space, "rollback", "summer-fete", "--end")
    assert len(json.loads(new.read_bytes())["items"]) == 8


def test_an_event_that_is_rolled_back_stays_so_when_it_is_renamed(wrong: tuple[Space, bytes]) -> None:
    space, before = wrong
    call(space, "rollback", "fete", "1")
    call(space, "event", "rename", "fete", "summer-fete")
    now = json.loads((space.root / "site" / "events" / "summer-fete" / "manifest.json").read_bytes())
    assert [item["id"] for item in now["items"]] == [item["id"] for item in json.loads(before)["items"]]
    call(space, "rollback", "fete", "--end")
    assert len(json.loads(space.manifest("fete"))["items"]) == 8
