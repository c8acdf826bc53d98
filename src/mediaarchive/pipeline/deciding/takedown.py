"""Takedown: a withdrawal that doesn't wait for a run, proved address by address.

decision (durable) → release → pointer → notices → delete → fetch every address → receipt

It works on what is published, not on what a run would make of the archive: the pointer's own manifest, with a tombstone in
the item's place. So it takes seconds, needs no run lock, and works while a run is on: that run finds the decision before it
moves the pointer, or finds the pointer moved.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mediaarchive import layout
from mediaarchive.errors import MediaArchiveError, UsageError
from mediaarchive.manifest.model import Manifest, Photo, Tombstone
from mediaarchive.model import Asset
from mediaarchive.pipeline.answering import across
from mediaarchive.pipeline.answering.asking import contents
from mediaarchive.pipeline.deciding import dockets
from mediaarchive.pipeline.deciding.departing import edit, names_of, places
from mediaarchive.pipeline.deciding.dockets import Docket, docket_of
from mediaarchive.pipeline.deciding.likening import waiting
from mediaarchive.pipeline.deciding.mapping import write_maps
from mediaarchive.pipeline.deciding.proving import Receipt, addresses, settle
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.deciding.withdrawing import doomed_of, scrub
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store
from mediaarchive.stages.decide import Withdrawal
from mediaarchive.stages.describe import Moment
from mediaarchive.stages.publish.entries import tombstone
from mediaarchive.stages.publish.shown import Gone

_ADDRESS = re.compile(r"media/([pvd]-[a-z2-7]{13})(?:/|$)")
_NEIGHBOUR_SECONDS = 3.0


def resolve(shop: Shop, subject: str) -> Asset:
    """The item that a person means: by id, published address, path in the inbox, or a file that has the same bytes.

    Raises:
        UsageError: nothing, or more than one item, answers to it.
    """
    found = _ADDRESS.search(subject)
    if asset := shop.catalog.asset(found[1] if found else subject):
        return asset
    sha256s: set[str] = set()
    if (file := Path(subject)).is_file():
        with file.open("rb") as data:
            sha256s = {hashlib.file_digest(data, "sha256").hexdigest()}
    known = shop.catalog.items_of(sha256s) or shop.catalog.items_of(contents(shop.catalog, subject))
    items = sorted(set(known.values()))
    if not items and (hint := _of_held(shop, sha256s or contents(shop.catalog, subject))):
        raise UsageError(f'"{subject}" was never published: it is held, since it looks like a withdrawn one', hint=hint)
    if len(items) != 1:
        several = f"may be {', '.join(items)}" if items else "is nothing that was published"
        raise UsageError(f'"{subject}" {several}', hint="give the item's id: it is in the address of its page")
    asset = shop.catalog.asset(items[0])
    assert asset is not None
    return asset


def _of_held(shop: Shop, sha256s: Collection[str]) -> str:
    """What to type about a file that waits, since it may be a withdrawn photograph; empty if it doesn't."""
    holds = ruling(shop)
    slugs = {arrival.event for sha256 in sha256s for arrival in shop.catalog.paths(sha256)}
    waits = [
        one.value() for slug in sorted(slugs) for one in waiting(shop.catalog, slug, holds) if one.sha256 in sha256s
    ]
    return f"{waits[0]['same']}; if it is another one: {waits[0]['another']}" if waits else ""


def decide(shop: Shop, kind: str, subjects: Sequence[str], by: str, params: dict[str, Any]) -> None:
    """Make a decision durable. It holds from now on, whatever happens next."""
    decide_all(shop, [(kind, subjects, params)], by)


def decide_all(shop: Shop, said: Iterable[tuple[str, Sequence[str], dict[str, Any]]], by: str) -> None:
    """Make decisions (kind, subjects, params) durable, all or none."""
    at = shop.stamp()
    shop.catalog.append(
        [
            {"kind": "decision", "decision": kind, "subjects": list(subjects), "params": params, "by": by, "at": at}
            for kind, subjects, params in said
        ]
    )


def tombstone_of(shop: Shop, asset: Asset, withdrawal: Withdrawal) -> Tombstone:
    """What stands in the item's place."""
    gone = Gone(
        item=asset.id,
        was=asset.kind,
        day=withdrawal.day,
        reason=withdrawal.reason,
        moment=Moment(),
        aliases=asset.aliases,
    )
    return tombstone(gone, shop.settings.workspace.contact)


def plan(shop: Shop, asset: Asset, reason: str) -> list[str]:
    """Every address that a takedown would remove, without removing any."""
    stone = tombstone_of(shop, asset, Withdrawal(day=shop.today(), reason=reason))
    names = [name for slug in places(shop, [asset.id]) for name in names_of(shop, slug)]
    return [
        url
        for store in shop.stores
        for key, was in sorted(doomed_of(shop, store, names, stone).items())
        if was != "page"  # those are written over, without it or with the notice
        for url in addresses(shop, store, key)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """What came of a withdrawal: its receipt, and the stores that failed midway, by name. The next run finishes it there.

    Without a receipt, no store could be reached, or the decision doesn't hold any more (somebody restored the item meanwhile).
    """

    receipt: Receipt | None = None
    failures: Mapping[str, MediaArchiveError] = field(default_factory=dict)


def carry_out(shop: Shop, asset: Asset, lang: str | None = None) -> Carried:
    """Withdraw an item from every store and every event, look at each of its addresses as a visitor would, give a receipt.

    A store that fails doesn't hold back the others; the receipt then says that the withdrawal is not complete.
    """
    holds = ruling(shop)
    withdrawal = holds.withdrawal(asset)
    if withdrawal is None:
        return Carried()
    stone = tombstone_of(shop, asset, withdrawal)
    slugs = places(shop, [asset.id])
    erase = holds.erase.get(asset.id)
    docket = replace(docket_of(stone, slugs, withdrawal, erase=erase), lang=lang)
    dockets.open_(shop, docket)
    failures: dict[str, MediaArchiveError] = {}
    for store in shop.stores:
        try:
            _withdraw_everywhere(shop, store, slugs, stone, docket)
        except MediaArchiveError as error:
            failures[store.name] = error
    write_maps(shop)
    reached = replace(shop, stores=tuple(store for store in shop.stores if store.name not in failures))
    if not reached.stores:
        return Carried(failures=failures)
    try:
        receipt = settle(reached, next(found for found in dockets.opened(shop) if found.case == docket.case))
    except MediaArchiveError as error:
        return Carried(failures={**failures, reached.stores[0].name: error})
    return Carried(receipt=receipt, failures=failures)


def _withdraw_everywhere(shop: Shop, store: Store, slugs: Sequence[str], stone: Tombstone, docket: Docket) -> None:
    """Every event of a store: notices first, then the list of events, then the files go."""
    cards = Cards(shop=shop)
    leaving = dict.fromkeys((stone.id, *stone.aliases), stone)
    for slug in slugs:
        edit(shop, store, slug, leaving, cards)
    for failure in list_events(shop, cards, {other.name for other in shop.stores if other is not store}):
        raise failure.error
    for slug in slugs:
        scrub(shop, store, names_of(shop, slug), stone, docket)


def neighbours(shop: Shop, asset: Asset) -> list[str]:
    """Pages of photographs taken within seconds of this one: frames of the same burst may show the same person.

    Raises:
        StoreError: none of the stores that might know could be asked.
    """
    found = []
    for slug in shop.catalog.events_of([asset.id]).get(asset.id, []):
        for store in shop.stores:
            if (pointer := store.get(layout.pointer_key(slug))) is None:
                continue
            photos = [
                i for i in history.whole(store, Manifest.model_validate_json(pointer[0])).items if isinstance(i, Photo)
            ]
            mine = next((photo for photo in photos if photo.id == asset.id), None)
            near = (photo for photo in photos if mine and photo.id != asset.id and _near(mine, photo))
            found += [store.url(photo.page) for photo in near]
            break
    return list(dict.fromkeys(found))


def look_alikes(shop: Shop, asset: Asset) -> list[str]:
    """Pages of items that look like this one, in any event, and stay published: an edited version, a copy in another event."""
    holds = ruling(shop)
    found = (shop.catalog.asset(item) for item in across.like(shop.catalog, asset))
    stay = [one for one in found if one and not holds.withdrawal(one) and not holds.is_hidden(one)]
    return [shop.stores[0].url(layout.item_page(one.id)) for one in stay]


def _near(one: Photo, other: Photo) -> bool:
    if not (one.taken and other.taken and one.taken_precision == other.taken_precision == "second"):
        return False
    apart = datetime.fromisoformat(one.taken) - datetime.fromisoformat(other.taken)
    return abs(apart.total_seconds()) <= _NEIGHBOUR_SECONDS
