"""Repair: what verify found missing or wrong is brought back: from the mirror, the spool, another store, or made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediaarchive import layout
from mediaarchive.config.settings import MIRROR
from mediaarchive.pipeline.event import process
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.keeping import mirroring
from mediaarchive.pipeline.keeping.rebuilding import bring_back
from mediaarchive.pipeline.keeping.surveying import ARCHIVE, BAD, Finding
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.shop import Shop


@dataclass(frozen=True, kw_only=True, slots=True)
class Repaired:
    """What a repair did. `reissued`: events whose lost files could not be made with the same bytes, so they have a new release."""

    originals: int
    reissued: tuple[str, ...]
    failures: tuple[Failure, ...]


def repair(shop: Shop, findings: Sequence[Finding]) -> Repaired:
    """Bring back what was missing or wrong. The caller holds the lock.

    An original comes from the mirror, and the mirror's copy from the original. A file of a store comes from the spool or
    another store; else it is rendered again: an encoder that changed meanwhile gives other bytes, so another name and a
    new release.
    """
    bad = [found for found in findings if found.state in BAD]
    back = _originals(shop, [found for found in bad if found.where == ARCHIVE])
    failures = _mirror(shop, [found for found in bad if found.where == MIRROR])
    before = _pointers(shop)
    _put_back(shop, bad)
    slugs = _forget(shop, bad)
    cards = Cards(shop=shop)
    results = [process(shop, event, cards) for event in shop.catalog.events() if event.slug in slugs]
    failures += [failure for result in results for failure in result.failures]
    failures += list_events(shop, cards)
    after = _pointers(shop)
    return Repaired(
        originals=back,
        reissued=tuple(sorted({slug for store, slug in before if before[store, slug] != after.get((store, slug))})),
        failures=tuple(failures),
    )


def _pointers(shop: Shop) -> dict[tuple[str, str], str]:
    """The digest of the release that each pointer names, as recorded, by store and event."""
    return {
        (store.name, event.slug): known.sha256
        for store in shop.stores
        for event in shop.catalog.events()
        if (known := shop.catalog.published(store.name, event.slug))
    }


def _put_back(shop: Shop, bad: Sequence[Finding]) -> None:
    """Pointers whose bytes no envelope knows were not moved by anybody: they are damaged, and get their own bytes again."""
    for store in shop.stores:
        for found in bad:
            known = shop.catalog.published(store.name, found.event)
            if found.where != store.name or found.key != layout.pointer_key(found.event) or known is None:
                continue
            now, body = store.fetch(found.key), history.body(shop.workspace.archive, store, found.event, known.sha256)
            named = {envelope.get("manifest_sha256") for _, envelope in history.envelopes(store, found.event)}
            if (stat := store.stat(found.key)) and body and now not in named:
                store.swap(found.key, body, stat.version)


def _originals(shop: Shop, bad: Sequence[Finding]) -> int:
    """How many originals the mirror gave back."""
    known = {original.uri: original for original in shop.catalog.all_originals()}
    if shop.mirror is None:
        return 0
    shop.workspace.work.mkdir(parents=True, exist_ok=True)
    return sum(bring_back(shop, shop.mirror, known[found.key]) for found in bad if found.key in known)


def _mirror(shop: Shop, bad: Sequence[Finding]) -> list[Failure]:
    """The mirror's copies again, from the archive's, which are verified on the way."""
    if not bad or shop.mirror is None:
        return []
    for found in bad:
        if found.state == "wrong":
            shop.mirror.delete(found.key)
    shop.catalog.unmark_stored(MIRROR, [found.key for found in bad])
    return mirroring.bring(shop)


def _forget(shop: Shop, bad: Sequence[Finding]) -> set[str]:
    """Forget what isn't right in the stores, so that it is made or sent again; the slugs of the events it concerns."""
    concerned: set[str] = set()
    for store in shop.stores:
        here = [found for found in bad if found.where == store.name]
        for found in here:
            if found.state == "wrong" and layout.write_once(found.key):
                store.delete(found.key)  # nothing is ever written over such a name
        shop.catalog.unmark_stored(store.name, [found.key for found in here])
        for slug in {found.event for found in here}:
            shop.catalog.forget_store(store.name, slug, shop.catalog.stored(store.name, [f"events/{slug}/"]))
            concerned.add(slug)
    return concerned
