"""What withdrawal leaves in a store: the notice, and not one byte of the picture. Every run sees to it, whoever decided.

Each step is a wished-for state, so it may be repeated: by a run that was killed, by the next one, by `takedown` itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from mediaarchive import layout
from mediaarchive.errors import MediaArchiveError
from mediaarchive.manifest.model import Item, Tombstone
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store

_BODY = re.compile(r"events/[a-z0-9-]+/releases/[0-9a-f]{64}\.json")
_MARK = "media/{}/ withdrawn from {}"


def scrub_all(
    shop: Shop, stores: Sequence[Store], slug: str, items: Mapping[str, Item], failures: dict[str, Failure]
) -> None:
    """Scrub every withdrawn item of an event from every store that may still have something of it."""
    gone = [item for item in items.values() if isinstance(item, Tombstone)]
    for store in stores if gone else ():
        try:
            for item in gone:
                if _unfinished(shop, store, slug, item):
                    scrub(shop, store, slug, item)
        except MediaArchiveError as error:
            failures[store.name] = Failure(store=store.name, event=slug, error=error)


def _unfinished(shop: Shop, store: Store, slug: str, item: Tombstone) -> bool:
    """Whether the store was seen to hold objects of the item, or was never scrubbed of this withdrawal."""
    names = (item.id, *item.aliases)
    seen = shop.catalog.stored(store.name, [f"media/{name}/" for name in names])
    return seen.get(_MARK.format(item.id, slug)) != item.removed or any(layout.write_once(key) for key in seen)


def scrub(shop: Shop, store: Store, slug: str, item: Tombstone) -> list[str]:
    """Delete the item's files, and the releases' bodies that name it as something to be seen; envelopes stay.

    Returns:
        The keys that were there, or were recorded to be.
    """
    names = (item.id, *item.aliases)
    prefixes = [f"media/{name}/" for name in names]
    recorded = shop.catalog.stored(store.name, prefixes)
    seen = [stat.key for prefix in prefixes for stat in store.list(prefix)]
    media = {key for key in (*recorded, *seen) if layout.write_once(key)}
    bodies = {stat.key for stat in store.list(f"events/{slug}/releases/") if _BODY.fullmatch(stat.key)}
    doomed = sorted(media | {key for key in bodies if _names(store.get(key), names)})
    for key in doomed:
        store.delete(key)
    shop.catalog.unmark_stored(store.name, doomed)
    shop.catalog.mark_stored(store.name, {_MARK.format(item.id, slug): item.removed})
    return doomed


def _names(found: tuple[bytes, str] | None, names: Sequence[str]) -> bool:
    """Whether a release's body shows one of these items."""
    if found is None or not any(name.encode() in found[0] for name in names):
        return False
    listed = json.loads(found[0]).get("items", ())
    return any(entry["type"] != "tombstone" and {entry["id"], *entry.get("aliases", ())} & {*names} for entry in listed)


def distrust(shop: Shop, stores: Sequence[Store], items: Iterable[str]) -> None:
    """Forget what was recorded of withdrawn items' mutable names: another process wrote them too, so they are written again."""
    prefixes = [f"media/{item}/" for item in items]
    for store in stores:
        recorded = shop.catalog.stored(store.name, prefixes)
        shop.catalog.unmark_stored(store.name, [key for key in recorded if not layout.write_once(key)])
