"""A takedown that was killed, and another decision after it: that finishes it, or says what is open, and fails of its own alone."""

from __future__ import annotations

import json

import pytest
from crashing import killed

from .conftest import Space
from .files import jpeg, picture

SLUG = "fete"
OTHER = "party"


@pytest.fixture
def two_events(small: Space) -> Space:
    """The six published photographs, and another event with two."""
    (small.root / "inbox" / OTHER).mkdir()
    for seed in (20, 21):
        (small.root / "inbox" / OTHER / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (600, 400)), at=None))
    assert small.run_here()["counts"]["published"] == 2
    return small


def is_open(space: Space) -> list[str]:
    return [path.stem for path in (space.root / "archive" / "receipts" / "open").glob("*.json")]


@pytest.mark.parametrize("number", [1, 4, 9, 12])
@pytest.mark.parametrize("verb", ["hide", "rollback"])
def test_a_takedown_that_was_killed_is_finished_by_whatever_is_decided_next(
    two_events: Space, number: int, verb: str
) -> None:
    """The hiding had been done; its status was 5, as if it hadn't, and a cache was blamed."""
    item, other = next(iter(two_events.items(SLUG))), next(iter(two_events.items(OTHER)))
    assert killed(two_events.root, number, "before", "takedown", item, "--reason", "quality")
    assert is_open(two_events) == [item]
    words = ("hide", other) if verb == "hide" else ("rollback", OTHER, "1")
    done = two_events.here(*words)
    assert done.returncode == 0, done.stderr
    assert f"{item}, whose withdrawal was interrupted, is gone now, too" in done.stdout
    assert two_events.items(SLUG)[item]["type"] == "tombstone"
    assert (other in two_events.items(OTHER)) is (verb == "rollback")
    assert is_open(two_events) == []
    (receipt,) = (two_events.root / "archive" / "receipts").glob("*.json")
    assert json.loads(receipt.read_text(encoding="utf-8"))["complete"]


def test_a_picture_that_a_cache_still_shows_is_no_failure_of_another_decision(two_events: Space) -> None:
    """What can't be finished is told, in JSON too, and `status` goes on saying it; the other decision has status 0."""
    item, other = next(iter(two_events.items(SLUG))), next(iter(two_events.items(OTHER)))
    text = two_events.config.read_text(encoding="utf-8")
    two_events.config.write_text(text + '[takedown]\npurge = ["false"]\n', encoding="utf-8")
    assert killed(two_events.root, 4, "before", "takedown", item, "--reason", "quality")
    done = two_events.here("hide", other, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["finished"]
    assert told[0].startswith(f"the withdrawal of {item} was interrupted, and is not complete: `mediaarchive status`")
    assert "purge command" in told[1]
    assert not list((two_events.root / "site" / "media" / item).glob("*-*.jpg")), "the files went all the same"
    again = two_events.here("unhide", other)
    assert (again.returncode, again.stdout) == (0, f"unhide: {other}: done; the pages are up to date.\n")
    assert item in two_events.here("status").stdout
    assert two_events.here("run").returncode == 5, "every run looks again"


def test_what_a_decision_itself_withdraws_and_cannot_prove_is_its_own_failure(two_events: Space) -> None:
    text = two_events.config.read_text(encoding="utf-8")
    two_events.config.write_text(text + '[takedown]\npurge = ["false"]\n', encoding="utf-8")
    done = two_events.here("event", "retire", OTHER, "--reason", "quality")
    assert done.returncode == 5
    assert "purge command false failed" in done.stderr
