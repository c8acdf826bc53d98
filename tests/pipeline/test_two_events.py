"""One photograph of two events: whatever takes it away, no reader is shown a page or a manifest that names what isn't there."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from crashing import CHANGES, count, killed

from mediaarchive.events import Fanout
from mediaarchive.pipeline.deciding.recording import record
from mediaarchive.pipeline.opening import open_shop
from mediaarchive.pipeline.publishing.publisher import Change, Publisher
from mediaarchive.pipeline.run import run
from mediaarchive.stores.local import LocalStore

from .album import done
from .conftest import LEAN, Space
from .files import jpeg, picture
from .test_kill_keeping import tried

EVENTS = ("first", "second")
SOON = "2031-05-01"
_NAMED = re.compile(rb"media/[pvd]-[a-z2-7]{13}/[a-z0-9.-]+-[0-9a-f]{8}\.[a-z0-9]+")


def dangling(site: Path) -> list[str]:
    """What pages, manifests and the list of events name, and isn't there."""
    texts = [*(site / "events").glob("index*.html"), *(site / "events").glob("*/*.html")]
    texts += (site / "events").glob("*/manifest*.json")
    assert texts
    named = {(path.parent.name, key.decode()) for path in texts for key in _NAMED.findall(path.read_bytes())}
    return [f"{page} names {key}" for page, key in sorted(named) if not (site / key).exists()]


@pytest.fixture(scope="module")
def shared_once(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """Two events with two photographs in common, one of them the first of each, and one of its own. Read only."""
    found = Space(tmp_path_factory.mktemp("shared") / "ws")
    found.init(LEAN)
    for number, slug in enumerate(EVENTS, start=1):
        folder = found.root / "inbox" / slug
        folder.mkdir()
        (folder / "both.jpg").write_bytes(jpeg(picture(0)))
        (folder / "also.jpg").write_bytes(jpeg(picture(9), at="2025:10:12 09:00:00"))
        (folder / f"own-{number}.jpg").write_bytes(jpeg(picture(number), at="2025:10:12 10:00:00"))
    assert found.run_here()["counts"] == {"published": 6}
    return found


@pytest.fixture
def shared(shared_once: Space, tmp_path: Path) -> Space:
    return shared_once.twin(tmp_path / "ws")


@pytest.fixture
def missed(shared: Space, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a visitor missed who looked after each removal."""
    remove, found = LocalStore.delete, list[str]()

    def looking(store: LocalStore, key: str) -> None:
        remove(store, key)
        found.extend(f"after {key}: {one}" for one in dangling(shared.root / "site"))

    monkeypatch.setattr(LocalStore, "delete", looking)
    return found


def of_both(space: Space) -> list[str]:
    """The photographs that both events list, the first one first."""
    return [item for item in space.items(EVENTS[0]) if item in space.items(EVENTS[1])]


def is_gone(space: Space, items: Sequence[str]) -> bool:
    """Whether no file of these items is there, and no event shows one."""
    files = [key for key in space.published() for item in items if f"media/{item}/" in key and "-" in Path(key).name]
    shown = [space.items(slug).get(item, {}).get("type") for slug in EVENTS for item in items]
    return not files and set(shown) <= {None, "tombstone"}


@pytest.mark.parametrize("withdrawn", [1, 2])
def test_what_is_hidden_leaves_both_events_before_its_files_go(
    shared: Space, missed: list[str], withdrawn: int
) -> None:
    items = of_both(shared)[:withdrawn]
    done(shared, "hide", *items)
    assert missed == []
    assert is_gone(shared, items)
    before = shared.published()
    shared.run_here()
    assert shared.published() == before, "the next run has nothing to do"
    done(shared, "unhide", *items)
    assert set(items) <= shared.items(EVENTS[0]).keys() & shared.items(EVENTS[1]).keys()
    assert missed == []


@pytest.mark.parametrize("only", [None, EVENTS[0], EVENTS[1]])
def test_what_withdraws_itself_on_a_day_leaves_both_events_before_its_files_go(
    shared: Space, missed: list[str], only: str | None
) -> None:
    items = of_both(shared)
    record(shared.root, "expire", items, "", "", {"day": SOON, "reason": "rights-expired"})
    with open_shop(shared.root, Fanout()) as shop:
        shop.now = lambda: datetime.fromisoformat(f"{SOON}T12:00:00+00:00")
        assert run(shop, only).status == 0
    assert missed == []
    assert is_gone(shared, items)
    assert shared.items(EVENTS[1])[items[0]]["type"] == "tombstone"
    receipts = [json.loads(path.read_text()) for path in (shared.root / "archive" / "receipts").glob("*.json")]
    assert receipts
    assert all(one["complete"] for one in receipts)


@pytest.mark.parametrize(
    "words",
    [
        ("takedown", "ITEM", "--reason", "quality"),
        ("takedown", "ITEM", "--reason", "quality", "--until", SOON),
        ("move", "ITEM", EVENTS[1]),
        ("event", "retire", EVENTS[0], "--reason", "quality"),
    ],
)
def test_no_other_decision_takes_files_away_from_an_event_that_names_them(
    shared: Space, missed: list[str], words: tuple[str, ...]
) -> None:
    item = of_both(shared)[0]
    done(shared, *(item if word == "ITEM" else word for word in words))
    assert missed == []
    assert dangling(shared.root / "site") == []
    assert (item in shared.items(EVENTS[0])) is (words[0] == "takedown")
    if words[-1] == SOON:  # and on that day it comes back, in both
        shared.run_on(SOON)
        assert missed == []
        assert dangling(shared.root / "site") == []
        assert [shared.items(slug)[item]["type"] for slug in EVENTS] == ["photo", "photo"]
    if words[:2] == ("event", "retire"):  # and when the other follows, the photograph goes from both
        done(shared, "event", "retire", EVENTS[1], "--reason", "quality")
        assert missed == []
        assert is_gone(shared, [item])


def test_what_an_event_shows_that_cannot_be_brought_up_to_date_is_hidden_there_too(
    shared: Space, missed: list[str]
) -> None:
    """The second event's sheet of facts can't be read: nothing new of it is published, and what is hidden goes all the same."""
    item = of_both(shared)[0]
    (shared.root / "inbox" / EVENTS[1] / "event.toml").write_text("title = [", encoding="utf-8")
    record(shared.root, "hide", [item], "", "")
    shared.run_here("--event", EVENTS[0])
    assert missed == []
    assert is_gone(shared, [item])


def test_what_is_hidden_while_a_run_is_on_leaves_the_event_that_it_is_done_with_as_well(
    shared: Space, missed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    item, released, said = of_both(shared)[0], Publisher.release, list[str]()
    (shared.root / "inbox" / EVENTS[1] / "new.jpg").write_bytes(jpeg(picture(5)))

    def deciding(publisher: Publisher, *args: Any, **more: Any) -> Change:  # noqa: ANN401 - as they are
        if publisher.event == EVENTS[1] and not said:
            said.append(item)
            record(shared.root, "hide", [item], "", "")
        return released(publisher, *args, **more)

    monkeypatch.setattr(Publisher, "release", deciding)
    shared.run_here()
    assert said == [item]
    assert missed == []
    assert is_gone(shared, [item])
    assert len(shared.items(EVENTS[1])) == 3, "and the run did its own work"


_KILLED = {
    "hide": ("hide", "ITEM"),
    "expires": ("expire", "ITEM", "TODAY"),
    "takedown": ("takedown", "ITEM", "--reason", "quality"),
    "moved": ("move", "ITEM", EVENTS[1]),
    "retired": ("event", "retire", EVENTS[0], "--reason", "quality"),
}


@pytest.mark.parametrize("verb", _KILLED)
def test_whichever_change_it_is_killed_at_every_page_is_whole_and_the_next_run_finishes_it(
    shared: Space, tmp_path: Path, verb: str
) -> None:
    """Of each verb a few changes, or with MEDIAARCHIVE_TEST_EVERY_FAULT every one, or a share of them."""
    item, today = of_both(shared)[0], datetime.now(UTC).date().isoformat()
    words = [{"ITEM": item, "TODAY": today}.get(word, word) for word in _KILLED[verb]]
    calm = shared.twin(tmp_path / "calm")
    done(calm, *words)
    calm.run_here()
    changes = count(shared.twin(tmp_path / "counted").root, *words, effects=CHANGES)
    assert changes >= 10, "every write and every removal is one"
    for number in tried(changes, 6):
        shaken = shared.twin(tmp_path / f"killed-{number}")
        assert killed(shaken.root, number, "before", *words)
        assert dangling(shaken.root / "site") == [], f"killed before change {number} of {changes}"
        shaken.run_here()
        assert dangling(shaken.root / "site") == [], f"killed before change {number} of {changes}, then run"
        for slug in EVENTS:
            assert shaken.items(slug) == calm.items(slug), f"killed before change {number} of {changes}"
        assert is_gone(shaken, [item]) is (verb in {"hide", "expires", "takedown"})
