"""Publishing one event into one store, in the order that keeps every reader's view whole.

objects → release → pointer → projections → catalog: before the pointer moves, writes only create; everything mutable is
written after it, from what it names. A crash at any point leaves the old release in force, and the next run goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mediaarchive import __version__, layout
from mediaarchive.catalog import Published
from mediaarchive.errors import Conflict, EventOwned, Exists, StoreError
from mediaarchive.model import Blob, Release
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Stat, Store
from mediaarchive.recipes import canonical

Value = TypeVar("Value")
_THREADS = 16
_SHARED = ("events/index", "assets/", "schema/")  # projections that belong to no event
_BATCH = 64
_NUMBERS = 10_000


def batches(values: Sequence[Value], size: int) -> Iterator[Sequence[Value]]:
    """`values` in pieces of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Stale(StoreError):
    """The release was built before something that it doesn't respect: a decision, or another process's release."""

    code = "stale-release"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a publication did: how many objects it wrote, and whether the pointer moved."""

    objects: int
    moved: bool


class Publisher:
    """One event, one store."""

    def __init__(self, shop: Shop, store: Store, event: str) -> None:
        self.shop = shop
        self.store = store
        self.event = event
        self.pointer = layout.pointer_key(event)

    def release(self, release: Release, names: Mapping[str, str], current: Callable[[], bool]) -> Change:
        """Write what a release names, the release itself, and let the pointer name it.

        Args:
            release: the manifest and all that it names.
            names: the file name that a browser proposes for an object, by key.
            current: asked before the pointer moves: False if a decision has come in since the release was built.

        Raises:
            EventOwned: another workspace publishes this event here.
            Stale: `current` said no, or the pointer was moved by somebody else: build the release again.
            StoreError: the store failed midway; the next run goes on.
        """
        written = self._objects(release, names)
        return Change(objects=written, moved=self._pointer(release, current))

    def look(self, items: Iterable[str]) -> None:
        """Compare the store's pointer with what was recorded; where they differ, trust only what is seen again.

        Args:
            items: ids whose objects may be there.

        Raises:
            EventOwned: another workspace publishes this event here.
        """
        known = self.shop.catalog.published(self.store.name, self.event)
        seen = self.store.get(self.pointer)
        if known is None and seen is None:
            return
        if known and seen and hashlib.sha256(seen[0]).hexdigest() == known.sha256:
            return
        prefixes = [*(f"media/{item}/" for item in sorted(items)), f"events/{self.event}/", *_SHARED]
        recorded = self.shop.catalog.stored(self.store.name, prefixes)
        gone = [key for key, sha256 in recorded.items() if not layout.write_once(key) or not self._has(key, sha256)]
        self.shop.catalog.forget_store(self.store.name, self.event, gone)
        if seen is not None:
            self._adopt(*seen)

    def _has(self, key: str, sha256: str) -> bool:
        stat = self.store.stat(key)
        return stat is not None and stat.sha256 in {None, sha256}

    def _adopt(self, body: bytes, version: str) -> None:
        """Take up a pointer that the catalog doesn't know: it must be this workspace's own (after a lost catalog, or a crash)."""
        digest = hashlib.sha256(body).hexdigest()
        number = 0
        for n, envelope in self._envelopes():
            self._own(envelope)
            if envelope.get("manifest_sha256") == digest:
                number = n
        if not number:
            raise EventOwned(
                f'"{self.event}" is published at {self.store.url(self.pointer)} by somebody unknown: no envelope names it',
                hint="name the event's folder differently, or publish to another store",
            )
        known = Published(number=number, sha256=digest, version=version, at=self.shop.stamp())
        self.shop.catalog.set_published(self.store.name, self.event, known)

    def _envelopes(self) -> Iterable[tuple[int, dict[str, object]]]:
        prefix = f"events/{self.event}/releases/"
        numbers = sorted(
            int(stem)
            for stat in self.store.list(prefix)
            if (stem := stat.key.removeprefix(prefix).removesuffix(".json")).isdigit() and len(stem) < 64
        )
        for number in numbers:
            if found := self.store.get(layout.envelope_key(self.event, number)):
                yield number, json.loads(found[0])

    def _own(self, envelope: Mapping[str, object]) -> None:
        who = envelope.get("workspace")
        other = dict(who) if isinstance(who, dict) else {}
        if other.get("id") != self.shop.catalog.meta("workspace"):
            name = (
                " ".join(str(part) for part in (other.get("name"), other.get("id")) if part) or "an unknown workspace"
            )
            raise EventOwned(
                f'"{self.event}" in {self.store.url(self.pointer)} is published by {name}; one workspace owns an event',
                hint="publish from that workspace, or name the event's folder differently",
            )

    def _objects(self, release: Release, names: Mapping[str, str]) -> int:
        """Write the objects that the store was never seen to have, see each there, and remember it."""
        prefixes = sorted({key.rpartition("/")[0] + "/" for key in release.objects})
        stored = self.shop.catalog.stored(self.store.name, prefixes)
        missing = {key: blob for key, blob in release.objects.items() if stored.get(key) != blob.sha256}

        def send(entry: tuple[str, Blob]) -> str:
            key, blob = entry
            self.store.create(key, self._source(key, blob), sha256=blob.sha256, disposition=names.get(key))
            return key

        with ThreadPoolExecutor(_THREADS) as pool:
            for batch in batches(sorted(missing.items()), _BATCH):
                for key in pool.map(send, batch):
                    seen = self.store.stat(key)
                    if (
                        seen is None
                        or seen.bytes != missing[key].bytes
                        or seen.sha256 not in {None, missing[key].sha256}
                    ):
                        raise StoreError(
                            f"{self.store.url(key)} was written, but the store doesn't show it as it was sent"
                        )
                self.shop.catalog.mark_stored(self.store.name, {key: blob.sha256 for key, blob in batch})
        return len(missing)

    def _source(self, key: str, blob: Blob) -> Path | bytes:
        """The object's bytes: from the spool, else from whichever store has them."""
        spooled = self.shop.workspace.spool / blob.sha256
        if spooled.exists():
            return spooled
        for store in self.shop.stores:
            if found := store.get(key):
                return found[0]
        raise StoreError(
            f"{key} is neither in the spool nor in any store any more; the next run makes it again",
            hint="run again",
        )

    def _pointer(self, release: Release, current: Callable[[], bool]) -> bool:
        """Write the release, then let the pointer name it, unless a decision or another process came in between.

        What the pointer should name now is read before `current` is asked: a withdrawal is durable before it moves the
        pointer, so either `current` says no, or the swap does.
        """
        digest = hashlib.sha256(release.body).hexdigest()
        known = self.shop.catalog.published(self.store.name, self.event)
        if not current():
            raise Stale(f"a decision about {self.event} came in while it was being published")
        if known and known.sha256 == digest:
            return False
        for key, page in sorted(release.pages.items()):
            self.store.create(key, page, sha256=hashlib.sha256(page).hexdigest())
        self.store.create(layout.body_key(self.event, digest), release.body, sha256=digest)
        number = self._envelope(release, digest, known)
        with self.shop.workspace.alone("pointer"):
            if not current():
                raise Stale(f"a decision about {self.event} came in while it was being published")
            stat = self._swap(release.body, known)
        now = Published(number=number, sha256=digest, version=stat.version, at=self.shop.stamp())
        self.shop.catalog.set_published(self.store.name, self.event, now)
        return True

    def _swap(self, body: bytes, known: Published | None) -> Stat:
        """Move the pointer from what is known of it. A takedown beside a run is told by what it names, too.

        A store without compare-and-swap would let the slower of the two win; alone, looking first is as good.
        """
        found = self.store.get(self.pointer)
        if (hashlib.sha256(found[0]).hexdigest() if found else None) != (known.sha256 if known else None):
            raise self._moved(found)
        try:
            return self.store.swap(self.pointer, body, known.version if known else None)
        except Conflict as error:
            raise self._moved(self.store.get(self.pointer)) from error

    def _moved(self, found: tuple[bytes, str] | None) -> Stale:
        """Take up what another process made the pointer name; the error to raise."""
        if found:
            self._adopt(*found)
        return Stale(f"{self.store.url(self.pointer)} was moved by another process")

    def _envelope(self, release: Release, digest: str, known: Published | None) -> int:
        """Claim a number for this release, or find the one that an interrupted run claimed for it."""
        number = known.number if known else 0
        for _ in range(_NUMBERS):
            number += 1
            envelope = {
                "schema": "mediaarchive/envelope/1.0",
                "n": number,
                "parent": known.sha256 if known else None,
                "manifest_sha256": digest,
                "pages": sorted(release.pages),
                "at": self.shop.stamp(),
                "generator": f"mediaarchive {__version__}",
                "workspace": {
                    "id": self.shop.catalog.meta("workspace"),
                    "name": self.shop.settings.workspace.name or None,
                },
            }
            body = canonical(envelope) + b"\n"
            key = layout.envelope_key(self.event, number)
            try:
                self.store.create(key, body, sha256=hashlib.sha256(body).hexdigest())
            except Exists:
                found = self.store.get(key)
                there = json.loads(found[0]) if found else {}
                self._own(there)
                if there.get("manifest_sha256") == digest and there.get("parent") == envelope["parent"]:
                    return number
                continue
            return number
        raise StoreError(f"no number is free for a release of {self.event}")

    def project(self, projections: Mapping[str, bytes]) -> int:
        """After the pointer: write those projections that differ from what was written last; how many."""
        digests = {key: hashlib.sha256(data).hexdigest() for key, data in projections.items()}
        prefixes = sorted({key.rpartition("/")[0] + "/" for key in projections})
        written = self.shop.catalog.stored(self.store.name, prefixes)
        changed = [key for key in sorted(projections) if written.get(key) != digests[key]]
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(lambda key: self.store.put(key, projections[key]), changed):
                pass
        self.shop.catalog.mark_stored(self.store.name, {key: digests[key] for key in changed})
        return len(changed)
