"""A lost disk loses nothing: from the mirror and the store alone, the same manifest, byte for byte."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from crashing import killed

from .conftest import MIRRORED, Space
from .files import jpeg, picture

Archived = tuple[Space, dict[str, Any]]


@pytest.fixture
def space(archived: Archived, tmp_path: Path) -> Space:
    """The archive with a mirror beside it, and a run that filled it."""
    found = archived[0].twin(tmp_path / "ws")
    found.config.write_text(MIRRORED, encoding="utf-8")
    assert found.run()["problems"] == []
    return found


def mirrored(space: Space) -> dict[str, bytes]:
    folder = space.root.parent / "mirror"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name[0] != "."}


def archive(space: Space) -> dict[str, bytes]:
    folder = space.root / "archive"
    names = [*folder.glob("originals/*/*"), *folder.glob("journal/*.jsonl"), *folder.glob("releases/*/*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in names}


def rebuild(space: Space, *more: str) -> tuple[int, dict[str, Any]]:
    done = space.here("rebuild", "--json", *more)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def lose(space: Space, *names: str) -> None:
    for name in names:
        for path in space.root.glob(name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_the_mirror_has_all_that_cannot_be_made_again(space: Space) -> None:
    assert mirrored(space) == archive(space) | {"mediaarchive.toml": space.config.read_bytes()}
    status = json.loads(space.here("status", "--json").stdout)
    assert status["mirror"] == {"segments": 0, "originals": 0, "bytes": 0}


def test_nothing_is_sent_twice(space: Space) -> None:
    before = {path: path.stat().st_mtime_ns for path in (space.root.parent / "mirror").rglob("*.*")}
    space.run()
    assert {path: path.stat().st_mtime_ns for path in (space.root.parent / "mirror").rglob("*.*")} == before


@pytest.mark.parametrize(
    ("lost", "made"),
    [
        (["archive/catalog.db*"], False),
        (["archive", "inbox"], False),
        (["archive", "inbox", "site"], True),
    ],
)
def test_whatever_is_lost_the_same_bytes_stand_again(space: Space, lost: list[str], *, made: bool) -> None:
    before, kept = space.published(), archive(space)
    lose(space, *lost)
    status, value = rebuild(space)
    assert (status, value["problems"], value["lost"]) == (0, [], [])
    after = space.published()
    once = {name for name in before if "/releases/" not in name}
    assert {name: data for name, data in after.items() if name in once} == {name: before[name] for name in once}
    assert {name: data for name, data in archive(space).items() if name in kept} == kept
    assert value["made"] > 5 if made else value["made"] <= 1, "captions may be read again: that needs no decode"
    assert space.run()["jobs"]["planned"] == 0


# -- a small archive, for all that needs many tries ---------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_rebuild_killed_again_and_again_ends_in_the_same_manifest(small: Space, when: str) -> None:
    """Each try is killed a few calls later than the one before; between them a scheduled run finds the door closed."""
    before, kept = small.manifest("fete"), archive(small)
    lose(small, "archive", "inbox", "site")
    hits = 0
    for call in range(1, 60, 7):
        if not killed(small.root, call, when, "rebuild"):
            break
        hits += 1
        if call < 7:
            done = small.here("run", "--json")
            assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (4, "refused")
    assert hits >= 3
    status, value = rebuild(small)
    assert (status, value["problems"]) == (0, [])
    assert small.manifest("fete") == before
    assert archive(small) == kept


def test_a_run_killed_while_it_mirrors_is_completed_by_the_next(small: Space) -> None:
    lose(small, "../mirror", "archive/catalog.db*")
    for call in (1, 3, 5):
        assert killed(small.root, call, "after", "run")
    assert small.run_here()["problems"] == []
    assert mirrored(small) == archive(small) | {"mediaarchive.toml": small.config.read_bytes()}


def test_what_was_withdrawn_stays_away_though_the_journal_lost_it(small: Space) -> None:
    item = json.loads(small.manifest("fete"))["items"][2]["id"]
    segments = set((small.root / "archive" / "journal").iterdir())
    assert small.here("takedown", item, "--reason", "consent-withdrawn").returncode == 0
    newest = max(set((small.root / "archive" / "journal").iterdir()) - segments)
    mirror = small.root.parent / "mirror"
    assert (mirror / "journal" / newest.name).read_bytes() == newest.read_bytes(), "a decision is mirrored at once"
    before = small.manifest("fete")
    (mirror / "journal" / newest.name).unlink()
    lose(small, "archive")
    assert rebuild(small)[0] == 0
    assert small.manifest("fete") == before
    assert not list((small.root / "site" / "media" / item).glob("*-*.jpg"))


def test_a_mirror_that_is_behind_takes_nothing_off_the_page(small: Space) -> None:
    before = small.manifest("fete")
    lost = min((small.root.parent / "mirror" / "originals").rglob("*.jpg"))
    lost.unlink()
    saved = {path.name: path.read_bytes() for path in (small.root / "archive" / "originals").rglob("*.jpg")}
    lose(small, "archive")
    status, value = rebuild(small)
    assert (status, value["error"]["code"]) == (4, "archive-incomplete")
    assert lost.name in value["error"]["message"]
    assert small.manifest("fete") == before
    assert small.here("run").returncode == 4, "nor does a run that is scheduled"
    status, value = rebuild(small, "--accept-loss")
    assert (status, len(value["lost"])) == (0, 1)
    assert json.loads(small.manifest("fete"))["counts"]["photo"] == 5
    (small.root / "inbox" / "fete").mkdir(exist_ok=True)
    (small.root / "inbox" / "fete" / "found again.jpg").write_bytes(saved[lost.name])
    small.run_here()
    assert {item["id"] for item in json.loads(small.manifest("fete"))["items"]} == {
        item["id"] for item in json.loads(before)["items"]
    }


def test_published_items_that_the_journal_lost_stay_published(small: Space) -> None:
    (small.root / "inbox" / "fete" / "7.jpg").write_bytes(jpeg(picture(7, (600, 400)), at=None))
    small.run_here()
    before = small.manifest("fete")
    for path in sorted((small.root / "archive" / "journal").iterdir())[-2:]:
        path.unlink()
    lose(small, "archive/catalog.db*")
    done = small.here("run", "--json")
    assert done.returncode == 4
    assert [problem["code"] for problem in json.loads(done.stdout)["problems"]] == ["archive-incomplete"]
    assert small.manifest("fete") == before


def test_a_mirror_that_fails_holds_nothing_up_and_is_told(small: Space) -> None:
    lose(small, "../mirror")
    small.config.write_text(small.config.read_text().replace("../mirror", "/proc/nowhere/mirror"))
    (small.root / "inbox" / "fete" / "7.jpg").write_bytes(jpeg(picture(7, (600, 400)), at=None))
    done = small.here("run", "--json")
    report = json.loads(done.stdout)
    assert done.returncode in {4, 5}
    assert [(problem["store"], problem["event"]) for problem in report["problems"]] == [("mirror", "")]
    assert json.loads(small.manifest("fete"))["counts"]["photo"] == 7
    assert json.loads(small.here("status", "--json").stdout)["mirror"]["originals"] == 7


def test_an_empty_mount_point_is_not_taken_for_the_mirror(small: Space) -> None:
    lose(small, "../mirror")
    (small.root.parent / "mirror").mkdir()
    done = small.here("run", "--json")
    assert done.returncode == 5
    assert "is its disk mounted?" in json.loads(done.stdout)["problems"][0]["reason"]


def test_a_new_folder_made_with_init_becomes_the_archive_of_the_mirror(small: Space) -> None:
    lose(small, "archive", "inbox", "mediaarchive.toml")
    assert small.here("init", str(small.root)).returncode == 0
    small.config.write_bytes((small.root.parent / "mirror" / "mediaarchive.toml").read_bytes())
    before = small.manifest("fete")
    assert rebuild(small)[0] == 0
    assert small.manifest("fete") == before


def test_an_archive_is_not_rebuilt_from_the_mirror_of_another(small: Space) -> None:
    (small.root.parent / "mirror" / "journal" / "0000000001.jsonl").write_text("{}\n")
    status, value = rebuild(small)
    assert (status, value["error"]["code"]) == (5, "store-damaged")
    assert "another archive" in value["error"]["message"]


def test_what_was_erased_is_in_no_mirror_and_no_rebuild_misses_it(small: Space) -> None:
    item = json.loads(small.manifest("fete"))["items"][0]["id"]
    words = ("takedown", item, "--reason", "consent-withdrawn", "--erase", "--after", "0")
    assert small.here(*words).returncode == 0
    small.run_here()
    mirror, before = mirrored(small), small.manifest("fete")
    assert mirror == archive(small) | {name: data for name, data in mirror.items() if name[:4] in {"medi", "rece"}}
    assert len([name for name in mirror if name.startswith("originals/")]) == 5
    assert not any(
        f"media/{item}/160".encode() in data for name, data in mirror.items() if name.startswith("releases/")
    )
    lose(small, "archive")
    status, value = rebuild(small)
    assert (status, value["lost"], value["problems"]) == (0, [], [])
    assert small.manifest("fete") == before
    assert small.here("verify").returncode == 0


def test_a_run_without_its_archive_says_what_brings_it_back(small: Space) -> None:
    lose(small, "archive")
    before = small.published()
    done = small.here("run")
    assert (done.returncode, "has no journal" in done.stderr, "mediaarchive rebuild" in done.stderr) == (4, True, True)
    assert small.published() == before
