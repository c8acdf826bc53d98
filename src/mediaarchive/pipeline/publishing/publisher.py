"""Publishing one event into one store, in the order that keeps every reader's view whole.

objects → release → new names → pointer → projections → catalog: before the pointer moves, writes only create; what is
there already and mutable is written after it, from what it names. So every address that a manifest names answers from the
moment on when the manifest can be read. A crash at any point leaves the old release in force, and the next run goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from mediaarchive import layout
from mediaarchive.catalog import Published
from mediaarchive.errors import Conflict, Exists, StoreError
from mediaarchive.model import Blob, Release
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.publishing.owning import Chain
from mediaarchive.pipeline.publishing.seeing import is_same, listed, listed_items
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Stat, Store

Value = TypeVar("Value")
_THREADS = 16
_SHARED = ("events/index", "assets/", "schema/")  # projections that belong to no event
_BATCH = 256
_PLACE = "events/{}/ published into"


def batches(values: Sequence[Value], size: int) -> Iterable[Sequence[Value]]:
    """`values` in pieces of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Stale(StoreError):
    """The release was built before something that it doesn't respect: a decision, or another process's release."""

    code = "stale-release"


class Lost(StoreError):
    """An object's bytes are neither in the spool nor in any store any more; a plan makes them again."""

    code = "object-lost"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a publication did: how many objects it sent, and whether the pointer moved."""

    objects: int
    moved: bool


@dataclass(frozen=True, slots=True)
class Repeated:
    """What stands at a stable address: the bytes of a published object, `key`, which are read when they have to be sent."""

    key: str
    blob: Blob


Content = bytes | Repeated


class Publisher:
    """One event, one store. Use one for both `look` and `release`: what a look saw isn't asked for or sent again."""

    def __init__(self, shop: Shop, store: Store, event: str) -> None:
        self.shop = shop
        self.store = store
        self.event = event
        self.pointer = layout.pointer_key(event)
        self.chain = Chain(shop, store, event)
        self._there: dict[str, Stat] = {}
        self._sent: set[str] = set()
        self._names: Mapping[str, str] = {}

    def release(
        self,
        release: Release,
        names: Mapping[str, str],
        current: Callable[[], bool],
        projections: Mapping[str, Content] | None = None,
    ) -> Change:
        """Write what a release names, the release itself, and let the pointer name it.

        Args:
            release: the manifest and all that it names.
            names: the file name that a browser proposes for an object, by key.
            current: asked before the pointer moves: False if a decision has come in since the release was built.
            projections: what will follow from the release, by key; those whose names are new are made before the pointer
                moves, since the manifest names them. The others wait for `project`.

        Raises:
            EventOwned: another workspace publishes this event here.
            Stale: `current` said no, or the pointer was moved by somebody else: build the release again.
            StoreError: the store failed midway; the next run goes on.
        """
        self._names = names
        written = self._objects(release.objects)
        return Change(objects=written, moved=self._move(release, current, projections or {}))

    def is_current(self, release: Release) -> bool:
        """Whether the pointer was last seen to name this release."""
        known = self.shop.catalog.published(self.store.name, self.event)
        return known is not None and known.sha256 == hashlib.sha256(release.body).hexdigest()

    def look(self, items: Iterable[str]) -> None:
        """Compare the store's pointer with what was recorded; where they differ, trust only what is seen again.

        Seeing is listing: a few requests, however many objects there are.

        Args:
            items: ids whose objects may be there.

        Raises:
            EventOwned: another workspace publishes this event here.
        """
        known = self.shop.catalog.published(self.store.name, self.event)
        seen = self.store.get(self.pointer)
        if known is None and seen is None:
            return
        if known and seen and hashlib.sha256(seen[0]).hexdigest() == known.sha256 and self._same_place():
            self.chain.must_be_still_ours(known.number)
            return
        if seen is not None:  # whose it is comes first: what is another's leaves what we know of ours as it is
            self.chain.number_of(hashlib.sha256(seen[0]).hexdigest())
        self._look_again(sorted(items))
        if seen is not None:
            self._take_up(*seen)

    def _look_again(self, items: Sequence[str]) -> None:
        """Forget what isn't there as it was recorded, and all mutable names: they are compared with what is listed."""
        prefixes = [*(f"media/{item}/" for item in items), f"events/{self.event}/", *_SHARED]
        recorded = self.shop.catalog.stored(self.store.name, prefixes)
        self._there = listed(self.store, items, self.event, _SHARED, of=self.shop.catalog.count_items())
        gone = [key for key, sha256 in recorded.items() if not layout.write_once(key) or not self._has(key, sha256)]
        self.shop.catalog.forget_store(self.store.name, self.event, gone)

    def _has(self, key: str, sha256: str) -> bool:
        stat = self._there.get(key)
        return stat is not None and stat.sha256 in {None, sha256}

    def _same_place(self) -> bool:
        """Whether the store is where it was when the event was last published into it: the same bucket, the same folder."""
        recorded = self.shop.catalog.stored(self.store.name, [_PLACE.format(self.event)])
        return all(place == self._place() for place in recorded.values())

    def _place(self) -> str:
        entry = next((entry for entry in self.shop.settings.store if entry.name == self.store.name), None)
        return f"{entry.url} {entry.endpoint}" if entry else ""

    def _take_up(self, body: bytes, version: str) -> None:
        """Take up a pointer that the catalog doesn't know: after a lost catalog, a crash, or an adoption."""
        digest = hashlib.sha256(body).hexdigest()
        number = self.chain.number_of(digest)
        self._record(Published(number=number, sha256=digest, version=version, at=self.shop.stamp()))

    def _record(self, known: Published) -> None:
        self.shop.catalog.set_published(self.store.name, self.event, known)
        self.shop.catalog.mark_stored(self.store.name, {_PLACE.format(self.event): self._place()})

    def _objects(self, objects: Mapping[str, Blob]) -> int:
        """Write the objects that the store was never seen to have, and remember each; how many were sent.

        A write's own answer is proof that the object is there (`Store.create`): nothing is asked for again.
        """
        stored = self.shop.catalog.stored(self.store.name, _folders(objects))
        missing = sorted((key, blob) for key, blob in objects.items() if stored.get(key) != blob.sha256)

        def send(entry: tuple[str, Blob]) -> Stat:
            key, blob = entry
            source = self._source(key, blob)
            if (there := self._seen(key, source, blob.sha256, blob.bytes)) is not None:
                return there
            made = self.store.create(key, source, sha256=blob.sha256, disposition=self._names.get(key))
            if made.bytes != blob.bytes or made.sha256 not in {None, blob.sha256}:
                raise StoreError(f"{self.store.url(key)} was written, but the store doesn't show it as it was sent")
            return made

        sent = 0
        with ThreadPoolExecutor(_THREADS) as pool:
            results = pool.map(send, missing)
            try:
                for batch in batches(missing, _BATCH):
                    stats = list(islice(results, len(batch)))
                    sent += sum(stat.sent for stat in stats)
                    self._sent |= {stat.key for stat in stats if stat.sent}
                    self.shop.catalog.set_checksums(self.store.name, stats)
                    self.shop.catalog.mark_stored(self.store.name, {key: blob.sha256 for key, blob in batch})
            except BaseException:
                pool.shutdown(
                    wait=False, cancel_futures=True
                )  # what is under way ends; thousands more needn't fail too
                raise
        return sent

    def _seen(self, key: str, source: bytes | Path, sha256: str, size: int) -> Stat | None:
        """This object, if a listing showed it with these bytes; where that can't tell, the store is asked."""
        there = self._there.get(key)
        if there is None or there.bytes != size:
            return None
        if (same := is_same(there, source, sha256)) is not None:
            return same
        stat = self.store.stat(key)
        return stat if stat is not None and stat.sha256 == sha256 else None

    def _source(self, key: str, blob: Blob) -> Path | bytes:
        """The object's bytes: from the spool, else from whichever store has them."""
        spooled = self.shop.workspace.spool / blob.sha256
        if spooled.exists():
            return spooled
        for store in self.shop.stores:
            if found := store.get(key):
                return found[0]
        raise Lost(
            f"{key} is neither in the spool nor in any store any more; the next run makes it again",
            hint="run again",
        )

    def _bytes(self, content: Content) -> bytes:
        if isinstance(content, bytes):
            return content
        source = self._source(content.key, content.blob)
        return source if isinstance(source, bytes) else source.read_bytes()

    def _move(self, release: Release, current: Callable[[], bool], projections: Mapping[str, Content]) -> bool:
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
        history.keep(self.shop.workspace.archive, release)
        fresh = self._bodies(release, digest)
        number = self.chain.claim(
            digest, sorted(release.pages), parent=known.sha256 if known else None, after=known.number if known else 0
        )
        reused = self._reused(release, known)
        self._see_again(reused)  # from the envelope on, whoever collects garbage sees what is in use again
        self._new_names(projections)
        with self.shop.workspace.alone("pointer"):
            if not current():
                raise Stale(f"a decision about {self.event} came in while it was being published")
            stat = self._swap(release.body, known)
        self._see_again(reused)  # what somebody removed who had looked before the envelope was there
        if not fresh:
            self._bodies(release, digest)
        self.chain.must_have_kept(number, digest)
        self._record(Published(number=number, sha256=digest, version=stat.version, at=self.shop.stamp()))
        return True

    def _bodies(self, release: Release, digest: str) -> bool:
        """Write a release's pages, then its body; whether none was there yet."""
        bodies = {**release.pages, layout.body_key(self.event, digest): release.body}
        made = [
            self.store.create(key, data, sha256=hashlib.sha256(data).hexdigest())
            for key, data in sorted(bodies.items(), key=lambda entry: entry[1] is release.body)
        ]
        return all(stat.sent for stat in made)

    def _reused(self, release: Release, known: Published | None) -> dict[str, Blob]:
        """Objects that this publication counts as there without having sent them, and that the pointer doesn't name now.

        Nothing protects those from another workspace's gc until it sees this release's envelope (ADR 29).
        """
        loose = {key: blob for key, blob in release.objects.items() if key not in self._sent}
        if loose and known:
            held = history.named(self.shop.workspace.archive, self.store, self.event, known.sha256)
            loose = {key: blob for key, blob in loose.items() if key not in held}
        return loose

    def _see_again(self, reused: Mapping[str, Blob]) -> None:
        """List them; what is gone is sent again.

        Raises:
            Stale: the bytes of one are nowhere any more: make it again.
        """
        if not reused:
            return
        items = sorted({key.split("/")[1] for key in reused})
        there = listed_items(self.store, items, of=self.shop.catalog.count_items())
        gone = {key: blob for key, blob in reused.items() if key not in there or there[key].bytes != blob.bytes}
        for key in gone:
            self._there.pop(key, None)
        self.shop.catalog.unmark_stored(self.store.name, gone)
        try:
            self._objects(gone)
        except Lost as error:
            raise Stale(f"{error}; somebody removed it while it came to be used again") from error

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
            self._take_up(*found)
        return Stale(f"{self.store.url(self.pointer)} was moved by another process")

    def _new_names(self, projections: Mapping[str, Content]) -> None:
        """Make the projections whose names are new, those last that name others. What is there already stays as it is."""
        digests = digests_of(projections)
        written = self.shop.catalog.stored(self.store.name, _folders(projections))
        new = [key for key in sorted(projections) if key not in written and key not in self._there]

        def make(key: str) -> Stat | None:
            try:
                return self.store.create(key, self._bytes(projections[key]), sha256=digests[key])
            except Exists:
                return None

        with ThreadPoolExecutor(_THREADS) as pool:
            for names_others in (False, True):
                wave = [key for key in new if key.startswith("events/") is names_others]
                made = [stat for stat in pool.map(make, wave) if stat]
                self.shop.catalog.set_checksums(self.store.name, made)
                self.shop.catalog.mark_stored(self.store.name, {stat.key: digests[stat.key] for stat in made})

    def project(self, projections: Mapping[str, Content]) -> int:
        """After the pointer: write those projections that differ from what was written last; how many."""
        digests = digests_of(projections)
        written = self.shop.catalog.stored(self.store.name, _folders(projections))
        changed = [key for key in sorted(projections) if written.get(key) != digests[key]]

        def write(key: str) -> Stat:
            there = self._there.pop(key, None)
            data = self._bytes(projections[key])
            same = is_same(there, data, digests[key]) if there else None
            return same or self.store.put(key, data)

        with ThreadPoolExecutor(_THREADS) as pool:
            stats = list(pool.map(write, changed))
        self.shop.catalog.set_checksums(self.store.name, stats)
        self.shop.catalog.mark_stored(self.store.name, {key: digests[key] for key in changed})
        return sum(stat.sent for stat in stats)


def digests_of(projections: Mapping[str, Content]) -> dict[str, str]:
    """The SHA-256 (hex) of what will stand at each key."""
    return {
        key: content.blob.sha256 if isinstance(content, Repeated) else hashlib.sha256(content).hexdigest()
        for key, content in projections.items()
    }


def _folders(keys: Iterable[str]) -> list[str]:
    return sorted({key.rpartition("/")[0] + "/" for key in keys})
