"""`restore` as a person meets it: what it says when there is nothing to do, or more in the way; and what visitors then get."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from crashing import killed

from .album import done
from .conftest import LEAN, SALT, Space
from .files import jpeg, picture
from .test_adopting import SLUG, office, public, reachable
from .test_choices import frame
from .test_two_events import dangling


@pytest.fixture
def red(tmp_path: Path) -> Space:
    """Two photographs in two stores."""
    space = office(tmp_path, "red", (1, 2))
    assert space.run_here()["counts"] == {"published": 2}
    return space


@pytest.fixture
def item(red: Space) -> str:
    return next(iter(public(red).items(SLUG)))


@pytest.mark.parametrize("lost", [False, True])
def test_what_is_hidden_as_well_stays_away_and_the_person_is_told_why(red: Space, item: str, *, lost: bool) -> None:
    """It said that it was done, and nothing came back."""
    done(red, "hide", item)
    done(red, "takedown", item, "--reason", "quality")
    if lost:  # and with it what reports said
        (red.root / "archive" / "catalog.db").unlink()
    told = done(red, "restore", item)
    assert f"{item} isn't shown, all the same: It was taken off the page by a decision" in told
    assert f"mediaarchive unhide {item}" in told
    assert done(red, "unhide", item) == f"unhide: {item}: done; the pages are up to date.\n"
    assert reachable(red, item)


def test_what_was_moved_to_another_event_and_is_hidden_there_is_told_as_well(red: Space, item: str) -> None:
    (red.root / "inbox" / "party").mkdir()
    (red.root / "inbox" / "party" / "7.jpg").write_bytes(jpeg(picture(7)))
    red.run_here()
    done(red, "move", item, "party")
    done(red, "hide", item)
    assert f"{item} isn't shown, all the same: It was taken off the page" in done(red, "restore", item)
    assert "all the same" not in done(red, "unhide", item)


def test_what_went_with_its_event_comes_back_with_it(red: Space, item: str) -> None:
    """It was told to type what had just been typed."""
    done(red, "event", "retire", SLUG, "--reason", "quality")
    assert done(red, "event", "retire", SLUG, "--reason", "quality").startswith(f"retire: {SLUG} is retired already: ")
    told = json.loads(done(red, "restore", item, "--json"))
    assert told["stood"] == [item]
    assert told["unshown"][item].endswith(f"To bring it back: mediaarchive event restore {SLUG}.")
    assert f"mediaarchive event restore {SLUG}" in red.here("why", f"{SLUG}/1.jpg").stdout
    done(red, "event", "restore", SLUG)
    assert done(red, "event", "restore", SLUG) == f"restore: {SLUG} isn't retired: there was nothing to do.\n"
    assert done(red, "restore", item) == f"restore: {item} isn't withdrawn: there was nothing to do.\n"
    assert reachable(red, item)


def test_a_decision_about_what_another_workspace_publishes_now_stands_and_is_told_as_such(
    red: Space, item: str, tmp_path: Path
) -> None:
    """Status 4 would say that nothing was decided."""
    done(red, "takedown", item, "--reason", "quality")
    blue = office(tmp_path, "blue", (2, 3), "0f" * 32)
    done(blue, "adopt", SLUG)
    blue.run_here()
    told = red.here("restore", item)
    assert told.returncode == 5
    assert "was taken over by Blue office" in told.stderr
    assert "the decision is made, and stands" in told.stderr
    done(red, "adopt", SLUG)
    red.run_here()
    assert public(red).items(SLUG)[item]["type"] == "tombstone", "as it was withdrawn there when the event came back"
    assert done(red, "restore", item) == f"restore: {item}: done; the pages are up to date.\n"
    assert public(red).items(SLUG)[item]["type"] == "photo"


def test_a_store_that_is_down_gets_it_back_from_the_next_run(
    red: Space, item: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    done(red, "takedown", item, "--reason", "quality")
    config = red.config.read_text(encoding="utf-8")
    down = 'url = "s3://bucket/x"\nendpoint = "http://127.0.0.1:9"'
    red.config.write_text(config.replace('url = "../copy"', down), encoding="utf-8")
    told = red.here("restore", item)
    assert told.returncode == 5
    assert "the decision is made, and stands; the next run finishes it there" in told.stderr
    assert reachable(red, item), "the other store has it already"
    red.config.write_text(config, encoding="utf-8")
    red.run_here()
    there = [path.name for path in (red.root.parent / "copy" / "media" / item).glob("*-*.jpg")]
    assert sorted(there) == sorted(Path(key).name for key in reachable(red, item))


def test_one_of_a_burst_comes_back_into_its_stack(tmp_path: Path) -> None:
    space = Space(tmp_path / "ws")
    space.init(LEAN, SALT)
    (space.root / "inbox" / SLUG).mkdir()
    for number in range(3):
        (space.root / "inbox" / SLUG / f"burst{number}.jpg").write_bytes(frame(number))
    space.run_here()
    before = space.items(SLUG)
    cover = next(name for name, one in before.items() if one.get("stack"))
    assert len(before[cover]["stack"]["items"]) == 3
    for name in before:
        done(space, "takedown", name, "--reason", "quality")
        done(space, "restore", name)
        assert space.items(SLUG) == before, "in its place, and the cover is the cover again"


def test_a_restore_that_is_killed_at_any_step_is_finished_by_the_next_run(tmp_path: Path) -> None:
    space = Space(tmp_path / "ws")
    space.init(LEAN, SALT)
    for event, seeds in (("first", (1, 2)), ("second", (1, 3))):
        (space.root / "inbox" / event).mkdir()
        for seed in seeds:
            name = space.root / "inbox" / event / f"{seed}.jpg"
            name.write_bytes(jpeg(picture(seed), at=f"2025:10:12 09:0{seed}:00"))
    space.run_here()
    before = space.published()
    (both,) = space.items("first").keys() & space.items("second").keys()
    done(space, "takedown", both, "--reason", "quality")
    for number in itertools.count(1):
        shaken = space.twin(tmp_path / f"killed-{number}")
        if not killed(shaken.root, number, "before", "restore", both):
            break
        assert dangling(shaken.root / "site") == [], f"killed before change {number}"
        shaken.run_here()
        shown = [shaken.items(event)[both]["type"] for event in ("first", "second")]
        assert shown == ["photo", "photo"], f"killed before change {number}, then run"
        assert dangling(shaken.root / "site") == [], f"killed before change {number}, then run"
    assert number > 12
    after = shaken.published()
    assert {k: v for k, v in after.items() if "/releases/" not in k} == {
        k: v for k, v in before.items() if "/releases/" not in k
    }
