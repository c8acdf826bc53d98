"""After a lost catalog: what survives in the stores is taken up again, so that nothing is made twice and nothing comes back.

An item's own manifest says which recipe made each of its files. So a rendition that is still there, with its size, becomes
the recorded outcome of its derivation, and isn't rendered again. Bytes aren't read here: `verify` does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from mediaarchive import layout
from mediaarchive.catalog import Event
from mediaarchive.errors import Incomplete, MediaArchiveError
from mediaarchive.manifest.files import Named, files
from mediaarchive.manifest.model import Document, Item, ItemManifest, Manifest, Photo, Tombstone, Video
from mediaarchive.model import Blob, Outcome, Recipe, Status
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.making.rendering import Wish
from mediaarchive.pipeline.making.rows import ACCEPTED, Rows
from mediaarchive.pipeline.publishing.adopting import carried
from mediaarchive.pipeline.publishing.history import whole
from mediaarchive.pipeline.publishing.seeing import listed_items
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store
from mediaarchive.recipes import fingerprint

_THREADS = 16


def _mark(slug: str) -> str:
    return f"events/{slug}/ taken up"


def recall(shop: Shop, stores: Sequence[Store], event: Event) -> None:
    """Compare what is published with what the journal knows, once for each catalog.

    A withdrawal that the journal lacks (its newest segments may be lost) is written into it again: a picture that was
    taken down never comes back because a disk died.

    Raises:
        Incomplete: something is published that the journal doesn't know; nothing was changed.
        StoreError: a store failed midway.
    """
    if shop.catalog.noted(_mark(event.slug)):
        return
    for store in stores:
        if (found := store.get(layout.pointer_key(event.slug))) is None:
            continue
        items = whole(store, Manifest.model_validate_json(found[0])).items
        taken_over = carried(shop, event.slug)
        unknown = [item.id for item in items if shop.catalog.asset(item.id) is None and item.id not in taken_over]
        if unknown and not shop.catalog.noted(ACCEPTED):
            raise Incomplete(
                f"{event.slug}: {len(unknown)} published items are unknown to the archive's journal ({unknown[0]}, …): "
                "its end is missing. The page stays as it is",
                hint="restore archive/journal from a newer copy; or `rebuild --accept-loss`, then drop those files again",
            )
        _remember(shop, [item for item in items if isinstance(item, Tombstone) and item.id not in unknown])


def _remember(shop: Shop, stones: Sequence[Tombstone]) -> None:
    decided = {subject for d in shop.catalog.decisions() if d.kind == "takedown" for subject in d.subjects}
    holds = ruling(shop)
    forgotten = [
        stone
        for stone in stones
        if decided.isdisjoint({stone.id, *stone.aliases})
        and not ((asset := shop.catalog.asset(stone.id)) and holds.withdrawal(asset))  # by a date: no decision is lost
    ]
    shop.catalog.append(
        [
            {
                "kind": "decision",
                "decision": "takedown",
                "subjects": [stone.id],
                "params": {"reason": stone.reason, "note": "found published; the journal had lost it"},
                "by": "mediaarchive",
                "at": f"{stone.removed}T00:00:00+00:00",
            }
            for stone in forgotten
        ]
    )


def take_up(shop: Shop, rows: Rows, wishes: Sequence[Wish]) -> int:
    """Record what survives of an event's renditions, once for each catalog; how many derivations were found again."""
    slug = rows.event.slug
    if shop.catalog.noted(_mark(slug)):
        return 0
    keys = [derivation for wish in wishes for derivation, _, _ in wish.recipes]
    known = shop.catalog.outcomes(keys)
    found, complete = 0, True
    for store in shop.stores:
        try:
            if store.get(layout.pointer_key(slug)) is None:
                continue
            ids = [wish.asset.id for wish in wishes]
            sizes: dict[str, dict[str, int]] = {item: {} for item in ids}
            for key, stat in listed_items(store, ids, of=shop.catalog.count_items()).items():
                sizes[key.split("/")[1]][key] = stat.bytes
            with ThreadPoolExecutor(_THREADS) as pool:
                seen = pool.map(partial(_look, store), ids, [sizes[item] for item in ids])
                for wish, here in zip(wishes, seen, strict=True):
                    found += _record(shop, store, wish, here, rows, known) if here else 0
        except MediaArchiveError:
            complete = False  # the next run looks again
    if complete:
        shop.catalog.note(_mark(slug), shop.stamp())
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Here:
    """What a store has of an item: its own manifest, and the sizes of the files below its folder."""

    own: ItemManifest
    sizes: Mapping[str, int]


def _look(store: Store, item: str, sizes: Mapping[str, int]) -> _Here | None:
    if layout.item_json(item) not in sizes or (found := store.get(layout.item_json(item))) is None:
        return None
    own = ItemManifest.model_validate_json(found[0])
    return _Here(own=own, sizes=sizes)


def _record(shop: Shop, store: Store, wish: Wish, here: _Here, rows: Rows, known: dict[str, Outcome]) -> int:
    if not _same_master(here.own, wish, rows):
        return 0
    blobs: dict[str | None, list[Blob]] = {}
    lost: set[str | None] = set()
    named = files(here.own.item)
    for one in here.own.objects:
        if here.sizes.get(one.url) != one.bytes:
            lost.add(one.recipe)
        else:
            blobs.setdefault(one.recipe, []).append(_blob(one.url, one.sha256, one.bytes, named.get(one.url, Named())))
    seen = {blob_key(wish.asset.id, blob): blob.sha256 for found in blobs.values() for blob in found}
    shop.catalog.mark_stored(store.name, seen)
    outcomes = [
        _outcome(derivation, recipe, source, blobs[print_], here.own.item)
        for derivation, recipe, source in wish.recipes
        if derivation not in known and (print_ := fingerprint(recipe)) in blobs and print_ not in lost
    ]
    shop.catalog.record(outcomes, wish.asset.master)
    known |= {outcome.key: outcome for outcome in outcomes}
    return len(outcomes)


def blob_key(item: str, blob: Blob) -> str:
    """The published key of an item's file."""
    return layout.media_key(item, blob.role, blob.sha256, blob.ext)


def _same_master(own: ItemManifest, wish: Wish, rows: Rows) -> bool:
    """Whether the published files show the member that is the master now, as far as its own facts tell."""
    item = own.item
    facts = rows.about(wish.asset.master)
    assert facts is not None
    if isinstance(item, Photo):
        return (item.width, item.height, item.thumbhash) == (facts.width, facts.height, facts.thumbhash)
    if isinstance(item, Video):
        return (item.width, item.height, item.duration) == (facts.width, facts.height, round(facts.duration or 0.0, 2))
    if isinstance(item, Document):
        return wish.asset.master in {one.sha256 for one in own.objects}
    return False


def _blob(url: str, sha256: str, size: int, named: Named) -> Blob:
    stem, _, ext = url.rpartition("/")[2].rpartition(".")
    return Blob(
        role=stem.rpartition("-")[0],
        ext=ext,
        sha256=sha256,
        bytes=size,
        width=named.width,
        height=named.height,
        codecs=named.codecs,
    )


def _outcome(derivation: str, recipe: Recipe, source: str, blobs: Sequence[Blob], item: Item) -> Outcome:
    still = item.poster if isinstance(item, Video) else item.cover if isinstance(item, Document) else None
    facts = (
        {"color": still.color, "thumbhash": still.thumbhash} if still and recipe.stage in {"poster", "cover"} else {}
    )
    return Outcome(key=derivation, work_id=source, recipe=recipe, status=Status.OK, blobs=tuple(blobs), facts=facts)
