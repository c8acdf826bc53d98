"""Whatever breaks at whichever request of a publication, no visitor ever reads a manifest that names what isn't there.

The visitor doesn't sample: the proxy lets an anonymous one read after every write of a manifest and every removal, before
the publisher hears of it, so each state of the store that could matter is seen. MEDIAARCHIVE_TEST_EVERY_FAULT=1 runs the whole
matrices (every request, both sides, every kind of fault, with and without patience; `shares` says how to split them); otherwise
each request gets one of them (of an update, every third one).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fault_proxy import Fault, FaultProxy
from moto.s3.models import FakeKey, s3_backends
from s3_buckets import client
from shares import EVERY, share

from mediaarchive import layout
from mediaarchive.manifest import encode
from mediaarchive.model import Release
from mediaarchive.pipeline.publishing.publisher import Change, Publisher
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stores import s3_versions

from .conftest import Space
from .publications import SLUG, Clients, Place, clients, opened, photograph, publish, small_event

__all__ = ["clients"]
KINDS = ("cut", "reset", "lost", "answer 503", "answer 200", "hang", "flip")
COMBINATIONS = [(kind, when) for kind in KINDS for when in ("before", "after")]
_SILENCE = 0.3  # seconds after which the publisher gives a silent server up, while it is being broken
_EACH = 1  # kinds of fault for each request, where not every one is tried


def _fault(kind: str, when: str, position: int) -> Fault:
    action, _, status = kind.partition(" ")
    return Fault(action, skip=position, when=when, status=int(status or 0), code="InternalError")  # type: ignore[arg-type]


def _trials(requests: int, step: int = 1) -> Iterator[tuple[int, str, str, bool]]:
    """(request, kind, side, patient): everything, or for each request (each `step`-th) a few, so that all kinds have their turn."""
    if EVERY:
        whole = itertools.product(range(requests), COMBINATIONS, (True, False))
        yield from share((position, kind, when, patient) for position, (kind, when), patient in whole)
        return
    chosen = random.Random(5)
    turn = itertools.cycle(chosen.sample(COMBINATIONS, len(COMBINATIONS)))
    for position in range(0, requests, step):
        for number, (kind, when) in zip(range(_EACH), turn, strict=False):
            yield position, kind, when, (position + number) % 3 == 0


def _forget(place: Place) -> None:
    """Let moto lose a bucket that was tried, or two thousand of them take gigabytes."""
    s3_backends["123456789012"]["aws"].buckets.pop(place.bucket)
    FakeKey.instances_tracked.clear()  # type: ignore[attr-defined] # moto's list of every object there ever was


def _try_all(requests: int, attempt: Callable[..., None], step: int = 1) -> None:
    """Try each; what is wrong with one doesn't hide what is wrong with the next.

    Args:
        requests: how many there are when nothing breaks.
        attempt: given the fault, and (`patient`) whether the publisher has patience.
        step: of the few that are tried, each `step`-th request has its turn.
    """
    done, wrong = 0, []
    for position, kind, when, patient in _trials(requests, step):
        case = f"request {position} of {requests}, {kind} {when}, {'patient' if patient else 'impatient'}"
        try:
            attempt(_fault(kind, when, position), patient=patient)
        except AssertionError as error:
            wrong.append(f"{case}: {error}")
            sys.stdout.write(f"{wrong[-1]}\n")
        done += 1
    sys.stdout.write(f"{done} trials, {len(wrong)} inconsistencies, {requests} requests\n")
    assert not wrong, "\n".join(wrong)


@dataclass(frozen=True)
class Update:
    """An event that is published, and the workspace after it changed: a photograph more, one withdrawn, another size.

    Manifests have one item on a page, lists four keys, and batches of versions two, so that all of these are split.
    """

    before: Shop
    after: Shop
    manifest: bytes
    withdrawn: str
    template: Place

    def new(self) -> Place:
        """A bucket in which the event is published as it was before, and a catalog that knows it."""
        place = Place.new(self.template.endpoint, versioned=True)
        backend = s3_backends["123456789012"][
            "aws"
        ]  # moto's own, in this process: a request for each object takes longer
        for name, key in backend.get_bucket(self.template.bucket).keys.items():
            backend.put_object(place.bucket, name, key.value).set_metadata(dict(key.metadata))
        known = self.before.catalog.published(self.template.name, SLUG)
        assert known is not None
        self.after.catalog.mark_stored(place.name, self.before.catalog.stored(self.template.name, [""]))
        self.after.catalog.set_published(place.name, SLUG, known)
        place.reader.peek = functools.partial(_peek, place.bucket)
        place.reader.look()
        shutil.rmtree(self.after.workspace.archive / "receipts" / "open", ignore_errors=True)
        return place

    def check(self, place: Place) -> None:
        """What a reader was promised was there at every moment, and now the manifest is the new one."""
        place.reader.peek = None  # as any visitor
        place.reader.look(again=True)
        assert place.reader.wrong == []
        assert place.reader.manifest == self.manifest, "the same manifest"
        left = client(place.endpoint).list_object_versions(
            Bucket=place.bucket, Prefix=f"public/media/{self.withdrawn}/"
        )
        names = [entry["Key"].rpartition("/")[2] for entry in left["Versions"]]
        assert not any(layout.write_once(f"media/{self.withdrawn}/{name}") for name in names), "a file is left"
        assert names.count("640.jpg") == 1, "a version of what stood at its stable address is left"


def _peek(bucket: str, key: str) -> tuple[int, bytes]:
    found = s3_backends["123456789012"]["aws"].get_object(bucket, f"public/{key}")
    return (200, found.value) if isinstance(found, FakeKey) else (404, b"")


@pytest.fixture
def update(tmp_path: Path, moto: str, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> Iterator[Update]:
    """A published event of two pictures, in two pages, and what became of it: three pages."""
    first = small_event(tmp_path / "before", (1, 2))
    second = first.twin(tmp_path / "after")
    (second.root / "inbox" / SLUG).mkdir(exist_ok=True)
    (second.root / "inbox" / SLUG / "4.jpg").write_bytes(photograph(4))
    second.config.write_text(second.config.read_text().replace("edges = [64]", "edges = [48]"))
    withdrawn = next(iter(second.items(SLUG)))
    assert second.here("takedown", withdrawn, "--reason", "quality").returncode == 0
    second.run_here("--engine", "inline")
    monkeypatch.setattr(encode, "PAGE_ITEMS", 1)
    monkeypatch.setattr(s3_versions, "_BATCH", 2)
    clients.page = 4
    template = Place.new(moto)
    with opened(first.root) as before, opened(second.root) as after:
        assert publish(before, template.settings(moto), clients) == []
        template.reader.look()
        old = json.loads(template.reader.manifest)
        assert (len(old["items"]), bool(old.get("next"))) == (1, True)
        calm = Update(before=before, after=after, manifest=b"", withdrawn=withdrawn, template=template)
        place = calm.new()
        assert publish(after, place.settings(moto), clients) == []
        place.reader.look()
        done = dataclasses.replace(calm, manifest=place.reader.manifest)
        assert json.loads(done.manifest)["counts"] == {"photo": 2, "video": 0, "document": 0, "tombstone": 1}
        done.check(place)
        yield done


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

    def attempt(fault: Fault, *, patient: bool) -> None:
        place = Place.new(proxy.upstream)
        proxy.watch, proxy.faults = place.reader.watch, [fault]
        settings = place.settings(proxy.endpoint, timeout=_SILENCE if fault.action == "hang" else 60)
        failures = publish(shop, settings, clients, patient=patient)
        assert not (patient and failures), [failure.error for failure in failures]
        proxy.faults = []
        assert publish(shop, place.settings(proxy.endpoint), clients) == [], "the next run completes"
        place.reader.look(again=True)
        assert place.reader.wrong == []
        assert place.reader.manifest == pictures.manifest(SLUG), "the same manifest"
        _forget(place)

    _try_all(len(proxy.log), attempt)


def test_no_fault_at_any_request_of_an_update_shows_a_reader_what_is_not_there(
    update: Update, clients: Clients, proxy: FaultProxy
) -> None:
    """A photograph is added, one withdrawn, all have another size; the bucket keeps versions."""
    place = update.new()
    proxy.watch = place.reader.watch
    assert publish(update.after, place.settings(proxy.endpoint), clients) == []
    update.check(place)
    assert any(line.startswith("POST") and "delete" in line for line in proxy.log), "versions go by the batch"
    assert place.reader.looks > 5

    def attempt(fault: Fault, *, patient: bool) -> None:
        place = update.new()
        proxy.watch, proxy.faults = place.reader.watch, [fault]
        settings = place.settings(proxy.endpoint, timeout=_SILENCE if fault.action == "hang" else 60)
        failures = publish(update.after, settings, clients, patient=patient)
        assert not (patient and failures), [failure.error for failure in failures]
        proxy.faults = []
        assert publish(update.after, place.settings(proxy.endpoint), clients) == [], "the next run completes"
        update.check(place)
        _forget(place)

    _try_all(len(proxy.log), attempt, step=3)


def test_a_publisher_that_removes_a_picture_before_the_pointer_moves_is_caught(
    update: Update, clients: Clients, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The update's own negative control."""
    move = Publisher._move

    def remove_first(self: Publisher, *given: Any) -> bool:  # noqa: ANN401 - whatever it takes
        for stat in list(self.store.list(f"media/{update.withdrawn}/")):
            self.store.delete(stat.key)
        return move(self, *given)

    monkeypatch.setattr(Publisher, "_move", remove_first)
    place = update.new()
    proxy.watch = place.reader.watch
    publish(update.after, place.settings(proxy.endpoint), clients)
    assert any("was removed, and is still named" in wrong for wrong in place.reader.wrong)


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
        return Change(objects=self._objects(release.objects), moved=moved)

    monkeypatch.setattr(Publisher, "release", pointer_first)
    monkeypatch.setattr(Publisher, "_see_again", lambda _self, _reused: None)  # which would send them in time
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
