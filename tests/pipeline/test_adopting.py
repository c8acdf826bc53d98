"""An event that went to another workspace, as the people at both see it: what they are told, and what each can still take away."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import pytest
from crashing import KILLED, call

from .album import done
from .conftest import LEAN, SALT, Space
from .files import jpeg, picture

SLUG = "fete"
_STORES = '[[store]]\nname = "site"\nurl = "../public"\n[[store]]\nname = "copy"\nurl = "../copy"\n'


def office(root: Path, name: str, seeds: tuple[int, ...], salt: str = SALT) -> Space:
    """A workspace with these photographs in its inbox, that publishes beside others into two folders."""
    space = Space(root / name)
    space.init(LEAN.replace("[ingest]", f'name = "{name.title()} office"\n[ingest]') + _STORES, salt)
    (space.root / "inbox" / SLUG).mkdir()
    for seed in seeds:
        (space.root / "inbox" / SLUG / f"{seed}.jpg").write_bytes(jpeg(picture(seed), at=f"2025:10:12 09:0{seed}:00"))
    return space


@pytest.fixture
def red(tmp_path: Path) -> Space:
    """Who published the event first."""
    space = office(tmp_path, "red", (1, 2))
    assert space.run_here()["counts"] == {"published": 2}
    return space


def public(space: Space) -> Space:
    """Where visitors read: `items`, `published`."""
    (site := space.root.parent / "web").mkdir(exist_ok=True)
    if not (site / "site").exists():
        (site / "site").symlink_to("../public")
    return Space(site)


def reachable(space: Space, item: str) -> set[str]:
    return {key for key in public(space).published() if key.startswith(f"media/{item}/") and "-" in Path(key).name}


@pytest.mark.parametrize("published", [False, True])
def test_who_lost_an_event_is_told_so_until_it_is_taken_back(red: Space, tmp_path: Path, *, published: bool) -> None:
    """Once the other had published, it was told that it had never been the owner, that a store had failed, and to do nothing."""
    blue = office(tmp_path, "blue", (2, 3), "0f" * 32)
    taken = done(blue, "adopt", SLUG)
    assert f"{SLUG} in site: taken over from Red office" in taken
    assert "`mediaarchive run`" in taken or "mediaarchive run" in taken
    if published:
        blue.run_here()
    for _ in range(2):
        lost = red.here("run")
        assert lost.returncode == 4
        assert "was taken over by Blue office" in lost.stderr
        assert "`mediaarchive adopt fete` takes it back" in lost.stderr
        assert f"{SLUG}: published by another workspace\n" in lost.stdout
    assert "a store failed" not in red.here("status").stdout
    why = red.here("why", f"{SLUG}/1.jpg").stdout
    assert "Another workspace publishes its event now" in why
    assert "`mediaarchive adopt` takes it back" in why
    if published:
        looked = red.here("verify")
        assert looked.returncode == 3
        assert "Blue office" in looked.stdout
        assert "publishes it now: `mediaarchive adopt fete` takes it back" in looked.stdout
    done(red, "adopt", SLUG)
    red.run_here()
    assert "held" not in red.here("status").stdout
    assert len(public(red).items(SLUG)) == 2


def test_what_the_new_owner_does_not_show_the_old_one_still_takes_down(red: Space, tmp_path: Path) -> None:
    """Nobody could: here the event was another's, and there nobody knew the photograph."""
    first = next(iter(public(red).items(SLUG)))
    blue = office(tmp_path, "blue", (2, 3), "0f" * 32)
    done(blue, "adopt", SLUG)
    blue.run_here()
    before = public(red).manifest(SLUG)
    assert reachable(red, first), "it left the page, and its address goes on answering"
    told = json.loads(done(red, "takedown", first, "--reason", "consent-withdrawn", "--json"))
    assert told["receipts"][0]["complete"]
    assert reachable(red, first) == set()
    assert public(red).manifest(SLUG) == before, "what is another's stays as it is"


def test_what_the_new_owner_shows_has_to_be_withdrawn_there_first(red: Space, tmp_path: Path) -> None:
    """Made with the same salt, both know it by one id, and have the same files."""
    blue = office(tmp_path, "blue", (1, 2, 3))
    done(blue, "adopt", SLUG)
    blue.run_here()
    item = next(iter(public(red).items(SLUG)))
    refused = red.here("takedown", item, "--reason", "quality")
    assert refused.returncode == 5, "the decision is made: 4 would say that it isn't"
    assert f"it shows {item}" in refused.stderr
    assert f"→ have it withdrawn there: mediaarchive takedown {item}" in refused.stderr
    assert "the decision stands; then the next run, or this command again, finishes it" in refused.stderr
    assert reachable(red, item), "a page names it"
    done(blue, "takedown", item, "--reason", "quality")
    assert reachable(red, item) == set()
    done(red, "takedown", item, "--reason", "quality")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Fete", "mediaarchive adopt fete"),
        ("../../etc", "mediaarchive adopt etc"),
        ("party", "nobody owns it"),
        ("été", "mediaarchive adopt ete"),
    ],
)
def test_a_name_that_no_event_has_is_told_with_the_one_that_was_meant(red: Space, name: str, told: str) -> None:
    answer = red.here("adopt", name)
    assert answer.returncode == 2
    assert told in answer.stderr


def test_a_store_that_is_down_holds_back_neither_the_others_nor_the_person(
    red: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was waited for for five minutes; what had been taken over meanwhile wasn't told."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    blue = office(tmp_path, "blue", (2, 3), "0f" * 32)
    config = blue.config.read_text(encoding="utf-8")
    down = 'url = "s3://bucket/x"\nendpoint = "http://127.0.0.1:9"'
    blue.config.write_text(config.replace('url = "../public"', down), encoding="utf-8")
    started = time.monotonic()
    answer = blue.here("adopt", SLUG, "--json")
    assert time.monotonic() - started < 30
    assert answer.returncode == 5
    assert "could not be taken over in site: the connection to the bucket" in answer.stderr
    value = json.loads(answer.stdout)
    assert [one["store"] for one in value["stores"]] == ["copy"]
    assert [*value["failures"]] == ["site"]
    blue.config.write_text(config, encoding="utf-8")
    assert "taken over from Red office" in done(blue, "adopt", SLUG)
    assert "copy: this workspace publishes it already" in done(blue, "adopt", SLUG, "--store", "copy")


def test_an_adoption_that_is_killed_at_any_step_is_finished_by_the_same_command(red: Space, tmp_path: Path) -> None:
    blue = office(tmp_path, "blue", (2, 3), "0f" * 32)
    for number in itertools.count(1):
        place = tmp_path / f"killed-{number}"
        shaken = blue.twin(place / "blue")
        for folder in ("public", "copy"):
            Space(red.root.parent / folder).twin(place / folder)
        if call(shaken.root, "adopt", SLUG, last=number)[0] != KILLED:
            break
        assert shaken.here("adopt", SLUG).returncode == 0, f"killed at step {number}"
        assert shaken.run_here()["status"] == 0, f"killed at step {number}"
        assert len(public(shaken).items(SLUG)) == 2
    assert number > 12
