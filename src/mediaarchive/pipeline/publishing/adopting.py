"""Taking an event over from another workspace, on purpose: what is carried over, and what is recognised again.

The decision in the journal holds all that the other workspace's release said and that can't be derived here: which items
were withdrawn, and by which files its items are known. So a lost catalog changes nothing. Ids come from a workspace's salt,
so the same photograph has another id here, unless both have the same salt: where its files have the same bytes, its old id
becomes an alias of the new one, and its old addresses go on answering. Withdrawn pictures left no file to know them by: so
what isn't recognised waits for a person, if anything was withdrawn there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediaarchive import layout
from mediaarchive.errors import EventOwned, MediaArchiveError, StoreError, StoreRefused, UsageError
from mediaarchive.manifest.model import Document, Item, Manifest, Photo, SourceSet, Tombstone, Video
from mediaarchive.model import Kind, Problem
from mediaarchive.pipeline.inbox.scanning import slug_of
from mediaarchive.pipeline.making.grouping import membership_records
from mediaarchive.pipeline.publishing.owning import Chain, Envelope
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store
from mediaarchive.stages.decide import Ruling
from mediaarchive.stages.describe import Moment
from mediaarchive.stages.publish.shown import Gone, Shown
from mediaarchive.stores import hasty

_HELD = (
    "It wasn't on the page when this event was taken over, and {} picture(s) had been withdrawn there: "
    "if it is none of them, `mediaarchive approve` it."
)
_TRIES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Adopted:
    """What was taken over in one store. `previous`: whose it was; None: it was this workspace's already."""

    store: str
    previous: str | None
    number: int
    listed: int
    withdrawn: int

    def value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "store": self.store,
            "previous": self.previous,
            "release": self.number,
            "listed": self.listed,
            "withdrawn": self.withdrawn,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Adoption:
    """What came of taking an event over, store by store. `failures`: by the names of stores that failed."""

    taken: tuple[Adopted, ...]
    failures: Mapping[str, MediaArchiveError]


def adopt(shop: Shop, event: str, only: str | None = None, by: str = "") -> Adoption:
    """Make this workspace the one that publishes `event`, in every store or in `only`.

    The decision is durable first; then an envelope of ours is chained to the other's newest, and its owner is told by it. The
    pointer doesn't move: the next run publishes from here.

    Raises:
        UsageError: there is no such store, no event can be called so, or nothing of the event is published in any.
        StoreError: no store could be asked.
    """
    if (slug := slug_of(event)) != event:
        raise UsageError(
            f'"{event}" is no event\'s name', hint=f"as in its address, perhaps: mediaarchive adopt {slug}"
        )
    stores = [store for store in shop.stores if only in {None, store.name}]
    if not stores:
        names = ", ".join(store.name for store in shop.stores)
        raise UsageError(f'there is no store "{only}"', hint=f"mediaarchive.toml names {names}")
    done, failures = [], dict[str, MediaArchiveError]()
    for store in stores:
        try:
            if (taken := _adopt(shop, hasty(store), event, by)) is not None:
                done.append(taken)
        except (StoreError, StoreRefused) as error:
            failures[store.name] = error
    if failures and not done:
        raise next(iter(failures.values()))
    if not done:
        places = ", ".join(store.url(layout.pointer_key(event)) for store in stores)
        raise UsageError(f'nothing of "{event}" is published at {places}', hint="nobody owns it: `mediaarchive run`")
    return Adoption(taken=tuple(done), failures=failures)


def _adopt(shop: Shop, store: Store, event: str, by: str) -> Adopted | None:
    chain = Chain(shop, store, event)
    for _ in range(_TRIES):
        numbers = chain.numbers()
        newest = next(chain.newest_first(numbers), None)
        if newest is None:
            return None
        pointer = store.get(layout.pointer_key(event))
        items = _items(store, pointer[0]) if pointer else []
        counted = {
            "number": newest.number,
            "listed": sum(not isinstance(item, Tombstone) for item in items),
            "withdrawn": sum(isinstance(item, Tombstone) for item in items),
        }
        if newest.owner == shop.catalog.meta("workspace"):
            return Adopted(store=store.name, previous=None, **counted)
        digest = hashlib.sha256(pointer[0]).hexdigest() if pointer else newest.digest
        _decide(shop, store, event, newest, items, by)
        shop.catalog.forget_store(store.name, event, ())
        pages = next((envelope.pages for envelope in chain.newest_first(numbers) if envelope.digest == digest), ())
        try:
            chain.claim(digest, pages, parent=digest, after=newest.number)
        except EventOwned:  # the other one published once more in between: another decision, with the newer number
            continue
        return Adopted(store=store.name, previous=newest.who(), **counted)
    raise UsageError(f'"{event}" is being published by another workspace right now', hint="stop it, then adopt again")


def _items(store: Store, body: bytes) -> list[Item]:
    page = Manifest.model_validate_json(body)
    items = list(page.items)
    while page.next and (found := store.get(page.next)):
        page = Manifest.model_validate_json(found[0])
        items += page.items
    return items


def _decide(shop: Shop, store: Store, event: str, newest: Envelope, items: Sequence[Item], by: str) -> None:
    """Record the adoption, and each withdrawal as one of ours, of the day on which it was made."""
    gone = [item for item in items if isinstance(item, Tombstone)]
    params = {
        "store": store.name,
        "from": newest.owner,
        "name": newest.name,
        "number": newest.number,
        "withdrawn": [
            {"item": item.id, "was": item.was, "removed": item.removed, "reason": item.reason, "aliases": item.aliases}
            for item in gone
        ],
        "items": {item.id: {"media": item.type, "files": files} for item in items if (files := sorted(_files(item)))},
    }
    record = {"kind": "decision", "decision": "adopt", "subjects": [event], "params": params, "by": by}
    withdrawn = [
        {
            "kind": "decision",
            "decision": "takedown",
            "subjects": [item.id],
            "params": {"reason": item.reason, "note": f"withdrawn by {newest.who()}, carried over with {event}"},
            "by": by,
            "at": f"{item.removed}T00:00:00+00:00",
        }
        for item in gone
    ]
    shop.catalog.append([record | {"at": shop.stamp()}, *withdrawn])


def _files(item: Item) -> Iterator[str]:
    """The names of an item's JPEGs, which hold a digest of their bytes."""
    sets: Sequence[SourceSet] = ()
    if isinstance(item, Photo):
        sets = item.sources
    elif isinstance(item, Video):
        sets = item.poster.sources
    elif isinstance(item, Document) and item.cover:
        sets = item.cover.sources
    for one in sets:
        if one.type == "image/jpeg":
            yield from (rendition.url.rpartition("/")[2] for rendition in one.set)


def _adoptions(shop: Shop, event: str) -> list[Mapping[str, Any]]:
    return [d.params for d in shop.catalog.decisions() if d.kind == "adopt" and event in d.subjects]


def carried(shop: Shop, event: str) -> set[str]:
    """The items of another workspace that adoptions of this event know of, shown or withdrawn there."""
    adoptions = _adoptions(shop, event)
    return {item for params in adoptions for item in (*params["items"], *(one["item"] for one in params["withdrawn"]))}


def inherited(shop: Shop, event: str, present: Sequence[str]) -> list[Gone]:
    """The withdrawals that came with adopted releases, but for items that this workspace knows itself (`present`: their ids)."""
    found = {entry["item"]: entry for params in _adoptions(shop, event) for entry in params["withdrawn"]}
    return [
        Gone(
            item=item,
            was=Kind(entry["was"]),
            day=entry["removed"],
            reason=entry["reason"],
            moment=Moment(),
            aliases=tuple(entry["aliases"]),
        )
        for item, entry in sorted(found.items())
        if item not in present and shop.catalog.asset(item) is None
    ]


def recognise(shop: Shop, event: str, shown: Sequence[Shown]) -> bool:
    """Make the old ids of adopted items aliases of those here that have the same files; whether any was new."""
    listed = {item: entry for params in _adoptions(shop, event) for item, entry in params["items"].items()}
    unknown = {item: entry for item, entry in listed.items() if shop.catalog.asset(item) is None}
    if not unknown:
        return False
    by_file = {key.rpartition("/")[2]: entry for entry in shown for key in entry.objects()}
    records = []
    for item, entry in sorted(unknown.items()):
        same = {by_file[name].asset.id: by_file[name] for name in entry["files"] if name in by_file}
        if len(same) != 1 or item in same:  # of the same salt, it is called so here, too
            continue
        ((identity, found),) = same.items()
        shop.catalog.append(membership_records(shop, (found.asset,)))
        mint = {"kind": "mint", "item": item, "media": entry["media"], "master": found.asset.master, "members": []}
        alias = {"kind": "alias", "item": item, "of": identity}
        records += [mint | {"at": shop.stamp()}, alias | {"at": shop.stamp()}]
    shop.catalog.append(records)
    return bool(records)


def doubtful(shop: Shop, event: str, shown: Sequence[Shown], ruling: Ruling) -> dict[str, Problem]:
    """The items that may be among those withdrawn before the event was taken over, since nothing tells them apart."""
    adoptions = _adoptions(shop, event)
    listed = {item for params in adoptions for item in params["items"]}
    foreign = {
        entry["item"]
        for params in adoptions
        for entry in params["withdrawn"]
        if (asset := shop.catalog.asset(entry["item"])) is None or not asset.members
    }
    if not foreign:
        return {}
    problem = Problem(code="adopted", reason=_HELD.format(len(foreign)))
    return {
        entry.asset.id: problem
        for entry in shown
        if listed.isdisjoint((entry.asset.id, *entry.asset.aliases)) and not ruling.is_approved(entry.asset, event)
    }
