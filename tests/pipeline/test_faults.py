"""Whatever breaks at whichever request of a publication, no visitor ever reads a manifest that names what isn't there.

The visitor doesn't sample: the proxy lets an anonymous one read after every write of a manifest and every removal, before
the publisher hears of it, so each state of the store that could matter is seen. MEDIAARCHIVE_TEST_EVERY_FAULT=1 runs the whole
matrix (every request, both sides, every kind of fault, with and without patience); otherwise each request gets one of them.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator, Mapping

import pytest
from fault_proxy import Fault, FaultProxy

from mediaarchive.model import Release
from mediaarchive.pipeline.publishing.publisher import Change, Publisher
from mediaarchive.pipeline.shop import Shop

from .conftest import Space
from .publications import SLUG, Clients, Place, clients, opened, publish, small_event

__all__ = ["clients"]
EVERY = os.environ.get("MEDIAARCHIVE_TEST_EVERY_FAULT") == "1"
KINDS = ("cut", "reset", "lost", "answer 503", "answer 200", "hang", "flip")
COMBINATIONS = [(kind, when) for kind in KINDS for when in ("before", "after")]
_SILENCE = 0.3  # seconds after which the publisher gives a silent server up, while it is being broken
_EACH = 1  # kinds of fault for each request, where not every one is tried


def _fault(kind: str, when: str, position: int) -> Fault:
    action, _, status = kind.partition(" ")
    return Fault(action, skip=position, when=when, status=int(status or 0), code="InternalError")  # type: ignore[arg-type]


def _trials(requests: int) -> Iterator[tuple[int, str, str, bool]]:
    """(request, kind, side, patient): everything, or for each request a few, so that all kinds have their turn."""
    if EVERY:
        for position in range(requests):
            for kind, when in COMBINATIONS:
                for patient in (True, False):
                    yield position, kind, when, patient
        return
    chosen = random.Random(5)
    turn = itertools.cycle(chosen.sample(COMBINATIONS, len(COMBINATIONS)))
    for position in range(requests):
        for number, (kind, when) in zip(range(_EACH), turn, strict=False):
            yield position, kind, when, (position + number) % 3 == 0


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """Three pictures, published into a folder."""
    return small_event(tmp_path_factory.mktemp("faults") / "ws")


@pytest.fixture
def shop(pictures: Space) -> Iterator[Shop]:
    """The workspace, open in this process; each trial publishes into a new bucket."""
    with opened(pictures.root) as found:
        yield found


def test_no_fault_at_any_request_shows_a_reader_what_is_not_there(
    shop: Shop, clients: Clients, proxy: FaultProxy, pictures: Space
) -> None:
    place = Place.new(proxy.upstream)
    proxy.watch = place.reader.watch
    assert publish(shop, place.settings(proxy.endpoint), clients) == []
    assert place.reader.wrong == []
    assert place.reader.manifest == pictures.manifest(SLUG)
    assert place.reader.looks > 1, "the visitor looked whenever it could matter"
    requests = len(proxy.log)
    for position, kind, when, patient in _trials(requests):
        place = Place.new(proxy.upstream)
        proxy.watch, proxy.faults = place.reader.watch, [_fault(kind, when, position)]
        settings = place.settings(proxy.endpoint, timeout=_SILENCE if kind == "hang" else 60)
        failures = publish(shop, settings, clients, patient=patient)
        case = f"request {position} of {requests}, {kind} {when}, {'patient' if patient else 'impatient'}"
        assert not (patient and failures), f"{case}: {[failure.error for failure in failures]}"
        proxy.faults = []
        assert publish(shop, place.settings(proxy.endpoint), clients) == [], f"{case}: the next run completes"
        place.reader.look(again=True)
        assert place.reader.wrong == [], case
        assert place.reader.manifest == pictures.manifest(SLUG), f"{case}: the same manifest"


def test_a_publisher_that_moves_the_pointer_first_is_caught(
    shop: Shop, clients: Clients, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: this test can fail."""

    def pointer_first(
        self: Publisher,
        release: Release,
        names: Mapping[str, str],
        current: Callable[[], bool],
        projections: Mapping[str, bytes],
    ) -> Change:
        moved = self._move(release, current, projections)
        return Change(objects=self._objects(release, names), moved=moved)

    monkeypatch.setattr(Publisher, "release", pointer_first)
    place = Place.new(proxy.upstream)
    proxy.watch = place.reader.watch
    publish(shop, place.settings(proxy.endpoint), clients)
    assert any("/64-" in wrong for wrong in place.reader.wrong), "files were missing when the manifest named them"


def test_a_publisher_that_makes_new_pages_after_the_pointer_is_caught(
    shop: Shop, clients: Clients, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second negative control."""
    monkeypatch.setattr(Publisher, "_new_names", lambda _self, _projections: None)
    place = Place.new(proxy.upstream)
    proxy.watch = place.reader.watch
    publish(shop, place.settings(proxy.endpoint), clients)
    assert any("index.html" in wrong for wrong in place.reader.wrong)
    assert any("640.jpg" in wrong for wrong in place.reader.wrong)
