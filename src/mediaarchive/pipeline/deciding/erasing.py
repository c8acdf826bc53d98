"""Erasure: on its day, a withdrawn item's originals are destroyed, with what was found in them; enough stays to know them again.

decision (takedown, erase) → waiting time, in which `restore` undoes it → "erased" in the journal → the bytes go

From the record on there is no way back, so it is written before the first byte goes; a run that is killed between the two
goes on, and so does one that meets the same bytes again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from mediaarchive import events
from mediaarchive.config.settings import MIRROR
from mediaarchive.durable import sync_folder
from mediaarchive.errors import MediaArchiveError
from mediaarchive.model import Asset, Camera, Credit, Facts, Kind
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.keeping import mirroring
from mediaarchive.pipeline.making.filming import signed
from mediaarchive.pipeline.making.proving import can_prove, details_of
from mediaarchive.pipeline.making.rows import read
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop
from mediaarchive.recipes import from_json, key, to_json
from mediaarchive.stages.dedupe.voting import remembered
from mediaarchive.stages.ingest import identifying


def erase_due(shop: Shop) -> None:
    """Destroy the originals whose day has come, and those that were dropped again after their erasure."""
    holds = ruling(shop)
    today = shop.today()
    due = [item for item, day in sorted(holds.erase.items()) if day <= today and item in holds.withdrawn]
    records = []
    for item in due:
        asset = shop.catalog.asset(item)
        if asset is None:
            continue
        details = _details(shop, asset)
        known = {m.sha256: _remembered(shop, m.sha256, details.get(m.sha256)) for m in asset.members}
        records.append(_record(shop, item, known | dict.fromkeys(_beside(shop, asset))))
    shop.catalog.append(records)
    erase_again(shop)
    if left := in_inbox(shop, ruling(shop).remembered) if due else ():
        text = f"destroyed in the archive, but still in the inbox, where only you can delete them: {', '.join(left)}"
        shop.sink(events.Notice(level="warning", text=text))


def erase_again(shop: Shop) -> None:
    """Destroy what was dropped again after its erasure: the same bytes, and other files that show the same pixels.

    What only resembles an erased picture waits for a person, and is kept until then.
    """
    holds = ruling(shop)
    digests = {str(known["signature"].get("pixels", "")) for known in holds.remembered.values() if known} - {""}
    same = set(shop.catalog.same_pixels(digests)) - holds.remembered.keys()
    items = shop.catalog.items_of(same)
    erased = _erased_items(shop) if items else set()
    found = {sha256: item for sha256, item in sorted(items.items()) if item in erased}
    shop.catalog.append([_record(shop, item, {s: _remembered(shop, s, None)}) for s, item in found.items()])
    _destroy(shop)


def _record(shop: Shop, item: str, originals: dict[str, Any]) -> dict[str, Any]:
    """The journal's word that these originals of an item are destroyed."""
    params = {"originals": originals}
    record = {"kind": "decision", "decision": "erased", "subjects": [item], "params": params, "by": ""}
    return record | {"at": shop.stamp()}


def _details(shop: Shop, asset: Asset) -> dict[str, str]:
    """What a part of a photograph is known by, for each of the item's; without OpenCV, nothing."""
    if asset.kind is not Kind.PHOTO or not can_prove():
        return {}
    there = [
        member.sha256
        for member in asset.members
        if (facts := read(shop.catalog, member.sha256)) and facts.kind is Kind.PHOTO
        if (found := shop.catalog.original(member.sha256)) and (shop.workspace.archive / found.uri).exists()
    ]
    return {sha256: remembered(found) for sha256, found in details_of(shop, "", there).items()}


def _remembered(shop: Shop, sha256: str, details: str | None) -> dict[str, Any] | None:
    """What an original is known again by, and its place in a gallery.

    That is its forms, its details without their places, and its hour; no text, no name, no camera.
    """
    original = shop.catalog.original(sha256)
    if original is None:
        return None
    derivation = key([sha256], identifying(original))
    outcome = shop.catalog.outcomes([derivation]).get(derivation)
    if outcome is None or not outcome.facts:
        return None
    facts = from_json(Facts, outcome.facts)
    signature = {**facts.signature, "details": details} if details else facts.signature
    if facts.kind is Kind.VIDEO:
        signature = signed(shop, "", {sha256: facts}).get(sha256, {})
    return to_json(
        replace(
            facts,
            signature=signature,
            camera=Camera(),
            credit=Credit(),
            texts=(),
            keywords=(),
            shot={},
            color=None,
            thumbhash=None,
            notes=(),
        )
    )


def _beside(shop: Shop, asset: Asset) -> Iterator[str]:
    """Sidecars that speak of this item's files alone: `.xmp` and captions beside them."""
    mine = {(a.event, a.path) for member in asset.members for a in shop.catalog.paths(member.sha256)}
    stems = {(event, _stem(path)) for event, path in mine} | {(event, path.casefold()) for event, path in mine}
    for event in {event for event, _ in mine}:
        originals = shop.catalog.originals(event)
        for arrival in shop.catalog.arrivals(event):
            original = originals[arrival.sha256]
            suffix = original.uri.rpartition(".")[2]
            if original.kind is not Kind.SIDECAR or suffix not in {"xmp", "vtt"}:
                continue
            places = [(a.event, a.path) for a in shop.catalog.paths(arrival.sha256)]
            if all(any((e, name) in stems for name in _described(path)) for e, path in places):
                yield arrival.sha256


def _stem(path: str) -> str:
    return str(PurePosixPath(path).with_suffix("")).casefold()


def _described(path: str) -> Iterator[str]:
    """What a sidecar's name may speak of: `x.jpg.xmp` and `x.xmp` of x; `film.fr.vtt` of film."""
    name = path.casefold()
    while (shorter := str(PurePosixPath(name).with_suffix(""))) != name:
        yield shorter
        name = shorter


def _destroy(shop: Shop) -> None:
    """Remove the bytes of everything erased, and what was derived from them. Doing it again does nothing."""
    erased = sorted(ruling(shop).remembered)
    if not erased:
        return
    for sha256 in erased:
        original = shop.catalog.original(sha256)
        if original is None:
            continue
        path = shop.workspace.archive / original.uri
        if path.exists():
            path.unlink()
            sync_folder(path.parent)
        for blob in shop.catalog.blobs_of(sha256):
            (shop.workspace.spool / blob).unlink(missing_ok=True)
    shop.catalog.erase(erased)
    _forget_releases(shop)
    facts = {sha256: known for sha256, known in ruling(shop).remembered.items() if known}
    shop.catalog.index_pixels(
        {s: str(known["signature"]["pixels"]) for s, known in facts.items() if known["signature"].get("pixels")}
    )


def _forget_releases(shop: Shop) -> None:
    """Destroy the archive's own copies of releases that show erased items; once for each erasure, since that reads them all."""
    items = _erased_items(shop)
    if shop.catalog.noted("releases forgotten") != (done := " ".join(sorted(items))):
        history.forget(shop.workspace.archive, items)
        shop.catalog.note("releases forgotten", done)


def _erased_items(shop: Shop) -> set[str]:
    """The items whose originals were destroyed, under all their ids."""
    assets = (shop.catalog.asset(item) for item in ruling(shop).erased)
    return {name for asset in assets if asset for name in (asset.id, *asset.aliases)}


def in_inbox(shop: Shop, sha256s: Collection[str]) -> list[str]:
    """Files in the inbox that are these originals, by their paths below it: only a person can remove those."""
    return sorted(path for path, look in shop.catalog.looks().items() if look.sha256 in sha256s)


def erase_mirror(shop: Shop) -> list[Failure]:
    """Destroy in the mirror what was erased here; a mirror that can't be reached is told, and asked again by the next run."""
    originals = (shop.catalog.original(sha256) for sha256 in sorted(ruling(shop).remembered))
    there = shop.catalog.stored(MIRROR, ["originals/"])
    try:
        mirroring.remove(shop, [original for original in originals if original and original.uri in there])
        mirroring.forget_releases(shop, _erased_items(shop))
    except MediaArchiveError as error:
        return [Failure(store=MIRROR, event="", error=error)]
    return []
