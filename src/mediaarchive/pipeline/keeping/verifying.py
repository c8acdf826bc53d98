"""Verify: is what was published still there, and are originals still what they were? Looks at the stores again, trusts no record.

A finding has one of these states. `proved`: the bytes were read and hashed. `declared`: size and the store's own record
agree, nobody read the bytes; it is never called proved. `missing`, `wrong`: what needs repair.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediaarchive import layout
from mediaarchive.manifest.model import Document, Item, Manifest, Photo, Video
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.deciding.takedown import whole
from mediaarchive.pipeline.event import process
from mediaarchive.pipeline.inbox.report import EventResult
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store

BAD = frozenset({"missing", "wrong"})
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at. `where`: a store's name, or `archive`. `what`: object, release, page, original."""

    where: str
    event: str
    what: str
    key: str
    state: str
    text: str = ""

    def value(self) -> dict[str, str]:
        """As JSON values."""
        return {
            "where": self.where,
            "event": self.event,
            "what": self.what,
            "key": self.key,
            "state": self.state,
            "text": self.text,
        }


def verify(shop: Shop, events: Sequence[str], *, deep: bool) -> Iterator[Finding]:
    """Look at everything that the events' releases need, and at their originals.

    Args:
        shop: the workspace; nothing is changed.
        events: slugs.
        deep: read and hash every object, also where the store could answer from its own record.
    """
    for slug in events:
        for store in shop.stores:
            if shop.catalog.published(store.name, slug):
                yield from _release(shop, store, slug, deep=deep)
        yield from _originals(shop, slug)


def _release(shop: Shop, store: Store, slug: str, *, deep: bool) -> Iterator[Finding]:
    known = shop.catalog.published(store.name, slug)
    assert known is not None
    look = _Looker(shop, store, slug, deep=deep)
    found = store.get(layout.pointer_key(slug))
    if found is None:
        yield look.finding("release", layout.pointer_key(slug), "missing", "nothing stands where websites look")
        return
    digest = hashlib.sha256(found[0]).hexdigest()
    same = digest == known.sha256
    yield look.finding("release", layout.pointer_key(slug), "proved" if same else "wrong", "" if same else "not ours")
    yield look.bytes("release", layout.body_key(slug, digest), digest)
    yield from _chain(look, known.number)
    if not same:
        return
    manifest = whole(store, Manifest.model_validate_json(found[0]))
    for item in manifest.items:
        for key, size in sorted(objects(item).items()):
            yield look.object(key, size, item)
    prefixes = [f"events/{slug}/", *(f"media/{item.id}/" for item in manifest.items)]
    for key, sha256 in sorted(shop.catalog.stored(store.name, prefixes).items()):
        if not layout.write_once(key) and " " not in key:  # names with a blank are the catalog's own marks
            yield look.bytes("page", key, sha256)


def _chain(look: _Looker, number: int) -> Iterator[Finding]:
    """Every envelope is there, and names the one before it."""
    expected: str | None = None
    for n in range(number, 0, -1):
        key = layout.envelope_key(look.slug, n)
        if (found := look.store.get(key)) is None:
            yield look.finding("release", key, "missing", "the chain of releases has a gap")
            return
        value = json.loads(found[0])
        if expected not in {None, value.get("manifest_sha256")}:
            continue  # a number that a crashed run claimed, and that the chain passes by
        yield look.finding("release", key, "proved")
        expected = value.get("parent")


def objects(item: Item) -> dict[str, int | None]:
    """Every file that a manifest names for an item, with its size where the manifest says it."""
    found: dict[str, int | None] = {}
    if isinstance(item, Photo):
        found |= {one.url: one.bytes for sources in item.sources for one in sources.set}
    elif isinstance(item, Video):
        found |= {one.url: one.bytes for one in item.sources}
        found |= {one.url: one.bytes for sources in item.poster.sources for one in sources.set}
        found |= {track.url: None for track in item.tracks}
    elif isinstance(item, Document):
        found[item.url] = item.bytes
    return found


class _Looker:
    """Looks at one event in one store."""

    def __init__(self, shop: Shop, store: Store, slug: str, *, deep: bool) -> None:
        self.shop = shop
        self.store = store
        self.slug = slug
        self.deep = deep
        self._digests: dict[str, Mapping[str, str]] = {}

    def finding(self, what: str, key: str, state: str, text: str = "") -> Finding:
        """A finding here."""
        return Finding(where=self.store.name, event=self.slug, what=what, key=key, state=state, text=text)

    def bytes(self, what: str, key: str, sha256: str) -> Finding:
        """Read something small, and compare it."""
        if (found := self.store.get(key)) is None:
            return self.finding(what, key, "missing")
        same = hashlib.sha256(found[0]).hexdigest() == sha256
        return self.finding(what, key, "proved" if same else "wrong", "" if same else "other bytes than were written")

    def object(self, key: str, size: int | None, item: Item) -> Finding:
        """Look at one file of an item; read it where the store can't be taken at its word, or `deep` asks for it."""
        stat = self.store.stat(key)
        if stat is None:
            return self.finding("object", key, "missing")
        if size not in {None, stat.bytes}:
            return self.finding("object", key, "wrong", f"{stat.bytes} bytes instead of {size}")
        expected = self._expected(key, item.id)
        if expected is None:
            return self.finding("object", key, "declared", "nothing is recorded to compare its bytes with")
        if self.deep or stat.sha256 is None:
            return self.bytes("object", key, expected)
        if stat.sha256 != expected:
            return self.finding("object", key, "wrong", "other bytes than were published")
        reads = self.store.url(key).startswith("file:")  # a folder hashes what it is asked about
        return self.finding("object", key, "proved" if reads else "declared")

    def _expected(self, key: str, item: str) -> str | None:
        """The object's digest: as the catalog recorded it, else as item.json says."""
        if item not in self._digests:
            own = self.store.get(layout.item_json(item))
            listed = json.loads(own[0])["objects"] if own else ()
            recorded = self.shop.catalog.stored(self.store.name, [f"media/{item}/"])
            self._digests[item] = {one["url"]: one["sha256"] for one in listed} | recorded
        return self._digests[item].get(key)


def _originals(shop: Shop, slug: str) -> Iterator[Finding]:
    erased = ruling(shop).remembered
    for sha256, original in sorted(shop.catalog.originals(slug).items()):
        if sha256 in erased:
            continue
        path = shop.workspace.archive / original.uri
        state, text = "proved", ""
        try:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    state, text = "wrong", "its bytes are no longer what came in; restore it from a backup"
        except OSError as error:
            state, text = "missing", f"{error.strerror}; restore it from a backup"
        yield Finding(where="archive", event=slug, what="original", key=original.uri, state=state, text=text)


def repair(shop: Shop, findings: Sequence[Finding]) -> list[EventResult]:
    """Make again what was missing or wrong in the stores. An original can't be made again: it has to be restored.

    A file whose encoder changed meanwhile gets other bytes, so another name: then the event has a new release.
    """
    for store in shop.stores:
        bad = [found for found in findings if found.where == store.name and found.state in BAD]
        for found in bad:
            if found.state == "wrong" and layout.write_once(found.key):
                store.delete(found.key)  # nothing is ever written over such a name
        shop.catalog.unmark_stored(store.name, [found.key for found in bad])
        for slug in {found.event for found in bad}:
            shop.catalog.forget_store(store.name, slug, shop.catalog.stored(store.name, [f"events/{slug}/"]))
    cards = Cards(shop=shop)
    slugs = {found.event for found in findings if found.state in BAD and found.what != "original"}
    results = [process(shop, event, cards) for event in shop.catalog.events() if event.slug in slugs]
    list_events(shop, cards)
    return results


def summary(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings as a report: counts, and everything that isn't right."""
    return {
        "schema": "verify/1",
        "counts": dict(sorted(Counter(found.state for found in findings).items())),
        "problems": [found.value() for found in findings if found.state in BAD],
    }
