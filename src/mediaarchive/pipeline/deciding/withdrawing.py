"""What withdrawal leaves in a store: the notice, and not one byte of the picture. Every run sees to it, whoever decided.

Each step is a wished-for state, so it may be repeated: by a run that was killed, by the next one, by `takedown` itself.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from mediaarchive import layout
from mediaarchive.manifest.model import Tombstone
from mediaarchive.pipeline.deciding import dockets
from mediaarchive.pipeline.deciding.dockets import Docket
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store

_BODY = re.compile(r"events/[a-z0-9-]+/releases/[0-9a-f]{64}\.json")
_RELEASES = re.compile(r"events/[a-z0-9-]+/releases/")
_STANDING = re.compile(r"(?:640|1280)\.jpg")  # written by projections, whatever stood there
_MARK = "media/{}/ withdrawn from {}"
_HIDDEN = "off the page"
_THREADS = 16
Keep = Callable[[str], bool]


def is_unfinished(shop: Shop, store: Store, slug: str, names: Sequence[str], done: str = _HIDDEN) -> bool:
    """Whether the store was seen to hold objects of the item, or was never scrubbed of this withdrawal (by its day), or hiding."""
    seen = shop.catalog.stored(store.name, [f"media/{name}/" for name in names])
    return seen.get(_MARK.format(names[0], slug)) != done or any(layout.write_once(key) for key in seen)


def scrub(shop: Shop, store: Store, slugs: Sequence[str], stone: Tombstone, docket: Docket) -> None:
    """Delete the item's files, and every release and page that shows it; envelopes stay, so the chain holds.

    What is about to go is written down in the docket first. The notice must stand already: pages that don't say it go.
    """
    names = (stone.id, *stone.aliases)
    doomed = doomed_of(shop, store, slugs, stone)
    if doomed:
        dockets.open_(shop, replace(docket, keys={store.name: doomed}))
    _remove(shop, store, sorted(doomed), names, slugs)
    shop.catalog.mark_stored(store.name, {_MARK.format(stone.id, slugs[0]): stone.removed})


def hide(shop: Shop, store: Store, slugs: Sequence[str], names: Sequence[str]) -> None:
    """Leave nothing of an item (its id, its aliases) that is off the page: no file, no page, no notice."""
    _remove(shop, store, sorted(_doomed(shop, store, slugs, names, lambda _: False)), names, slugs)
    shop.catalog.mark_stored(store.name, {_MARK.format(names[0], slugs[0]): _HIDDEN})


def doomed_of(shop: Shop, store: Store, slugs: Sequence[str], stone: Tombstone) -> dict[str, str]:
    """What a withdrawal deletes in a store: keys, and what each was (file, release, page)."""
    names = (stone.id, *stone.aliases)
    return {
        key: "release" if _BODY.fullmatch(key) else "page" if key.endswith((".html", ".json")) else "file"
        for key in _doomed(shop, store, slugs, names, lambda key: _says_so(store, key, stone))
    }


def _doomed(shop: Shop, store: Store, slugs: Sequence[str], names: Sequence[str], keep: Keep) -> Iterator[str]:
    prefixes = [f"media/{name}/" for name in names]
    recorded = {key for key in shop.catalog.stored(store.name, prefixes) if layout.write_once(key)}
    seen = {stat.key for prefix in prefixes for stat in store.list(prefix)}
    yield from (key for key in sorted(recorded | seen) if layout.write_once(key) or not keep(key))
    shown = showing(names)
    current = {layout.pointer_key(slug) for slug in slugs}
    listed = {s.key for slug in slugs for s in store.list(f"events/{slug}/")}
    texts = sorted({*filter(_BODY.fullmatch, listed), *pages_of(listed)} - current)
    with ThreadPoolExecutor(_THREADS) as pool:
        bodies = pool.map(store.get, texts)
        yield from (key for key, found in zip(texts, bodies, strict=True) if found and shown.search(found[0]))


def pages_of(keys: Iterable[str]) -> list[str]:
    """Of keys below events/, the pages and manifests that move: neither releases nor their envelopes."""
    return [key for key in keys if key.endswith((".html", ".json")) and not _RELEASES.match(key)]


def showing(names: Sequence[str]) -> re.Pattern[bytes]:
    """What a page or a manifest that shows one of these items has in it: the address of a file of it."""
    return re.compile("|".join(rf"media/{name}/[a-z0-9.-]+-[0-9a-f]{{8}}\." for name in names).encode())


def _says_so(store: Store, key: str, stone: Tombstone) -> bool:
    """Whether what stands at a mutable name is the notice: stable pictures are written over; pages and item.json are read."""
    name = key.rpartition("/")[2]
    if _STANDING.fullmatch(name):
        return True
    if (found := store.get(key)) is None:
        return True
    if name == "item.json":
        return bool(json.loads(found[0])["item"]["type"] == "tombstone")
    text = html.unescape(found[0].decode(errors="replace"))
    return any(sentence in text for sentence in stone.text.values())


def _remove(shop: Shop, store: Store, doomed: Sequence[str], names: Sequence[str], slugs: Sequence[str]) -> None:
    """Delete, every version; older versions of the names that stay go too: they have the picture, or its texts."""
    for slug in slugs:
        _unlist(shop, store, slug, names)
    with ThreadPoolExecutor(_THREADS) as pool:
        for named in (False, True):  # pages before the files that they name
            for _ in pool.map(store.delete, [key for key in doomed if layout.write_once(key) is named]):
                pass
    for prefix in (*(f"media/{name}/" for name in names), *(f"events/{slug}/" for slug in slugs)):
        store.prune(prefix)
    shop.catalog.unmark_stored(store.name, doomed)


def _unlist(shop: Shop, store: Store, slug: str, names: Sequence[str]) -> None:
    """Take the items' files off the list of checksums: it tells no more of them than the rest does."""
    key = layout.checksums_key(slug)
    if (found := store.get(key)) is None:
        return
    lines = found[0].splitlines(keepends=True)
    kept = b"".join(line for line in lines if not any(f"/media/{name}/".encode() in line for name in names))
    if kept != found[0]:
        store.put(key, kept)
        shop.catalog.mark_stored(store.name, {key: hashlib.sha256(kept).hexdigest()})


def distrust(shop: Shop, stores: Sequence[Store], items: Iterable[str]) -> None:
    """Forget what was recorded of withdrawn items' mutable names: another process wrote them too, so they are written again."""
    prefixes = [f"media/{item}/" for item in items]
    for store in stores:
        recorded = shop.catalog.stored(store.name, prefixes)
        shop.catalog.unmark_stored(store.name, [key for key in recorded if not layout.write_once(key)])
