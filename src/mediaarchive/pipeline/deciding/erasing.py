"""Erasure: on its day, a withdrawn item's originals are destroyed, with what was found in them; enough stays to know them again.

decision (takedown, erase) → waiting time, in which `restore` undoes it → "erased" in the journal → the bytes go → receipt

A file that a person recognises as an erased photograph has no waiting time: nothing could bring it back. From the record on
there is no way back, so it is written before the first byte goes; a run that is killed between the two goes on, and so does
one that meets the same bytes again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from mediaarchive import events
from mediaarchive.config.settings import MIRROR
from mediaarchive.durable import sync_folder
from mediaarchive.errors import MediaArchiveError
from mediaarchive.model import Asset, Camera, Credit, Facts, Kind
from mediaarchive.pipeline.deciding import dockets
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.keeping import mirroring
from mediaarchive.pipeline.making.filming import signed
from mediaarchive.pipeline.making.proving import can_prove, details_of
from mediaarchive.pipeline.making.rows import read
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.workspace import COMPARISONS
from mediaarchive.recipes import from_json, key, to_json
from mediaarchive.stages.decide import Ruling
from mediaarchive.stages.dedupe.voting import remembered
from mediaarchive.stages.ingest import identifying


def erase_due(shop: Shop) -> None:
    """Destroy the originals whose day has come, and those that were dropped again after their erasure."""
    holds = ruling(shop)
    today = shop.today()
    due = [item for item, day in sorted(holds.erase.items()) if day <= today and item in holds.withdrawn]
    for item in due:
        if asset := shop.catalog.asset(item):
            _erase(shop, item, asset, [member.sha256 for member in asset.members])
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
    for item in sorted({item for item in items.values() if item in erased}):
        if asset := shop.catalog.asset(item):
            found = sorted(sha256 for sha256, of in items.items() if of == item)
            _erase(shop, _erased_name(holds, asset), asset, found, details=False)
    _destroy(shop)


def erase_said(shop: Shop) -> None:
    """Destroy the files of which a person said that they are an erased photograph; after their events were brought up to date.

    They are members of that item by then. Those of an event that this run isn't about become it here.
    """
    shop.catalog.catch_up()
    holds = ruling(shop)
    for item in sorted({*holds.doomed.values()}):
        if (asset := shop.catalog.asset(item)) is None or not holds.is_erased(asset):
            continue
        files = sorted(sha256 for sha256, of in holds.doomed.items() if of == item)
        if missing := sorted({*files} - shop.catalog.items_of(files).keys()):
            shop.catalog.append([_membership(shop, asset, missing)])
        _erase(shop, _erased_name(holds, asset), asset, files)
    erase_again(shop)


def _membership(shop: Shop, asset: Asset, sha256s: Sequence[str]) -> dict[str, Any]:
    """The journal's record of an item that has these files, too, by a person's word."""
    members = {
        m.sha256: {"sha256": m.sha256, "relation": m.relation, "evidence": dict(m.evidence)} for m in asset.members
    }
    said = {s: {"sha256": s, "relation": "copy", "evidence": {"v": 1, "by": "human"}} for s in sha256s}
    record = {"kind": "membership", "item": asset.id, "media": asset.kind.value, "master": asset.master}
    return record | {"members": [one for _, one in sorted((said | members).items())], "at": shop.stamp()}


def _erased_name(holds: Ruling, asset: Asset) -> str:
    """The id under which an item was erased: it may have become another's alias since."""
    return next(name for name in (asset.id, *asset.aliases) if name in holds.erased)


def _erase(shop: Shop, item: str, asset: Asset, sha256s: Sequence[str], *, details: bool = True) -> None:
    """Write down that these originals of an item, and the sidecars that describe them alone, are destroyed.

    What has to be proved afterwards is written down first (`dockets`).
    """
    looked_at = _details(shop, asset.kind, sha256s) if details else {}
    known = {sha256: _remembered(shop, sha256, looked_at.get(sha256)) for sha256 in sha256s}
    originals = known | dict.fromkeys(_beside(shop, sha256s))
    if withdrawal := ruling(shop).withdrawal(asset):
        uris = {sha256: found.uri for sha256 in originals if (found := shop.catalog.original(sha256))}
        dockets.open_(shop, dockets.docket_of_erasure(shop, asset, withdrawal, uris))
    shop.catalog.append([_record(shop, item, originals)])


def _record(shop: Shop, item: str, originals: dict[str, Any]) -> dict[str, Any]:
    """The journal's word that these originals of an item are destroyed."""
    params = {"originals": originals}
    record = {"kind": "decision", "decision": "erased", "subjects": [item], "params": params, "by": ""}
    return record | {"at": shop.stamp()}


def _details(shop: Shop, kind: Kind, sha256s: Sequence[str]) -> dict[str, str]:
    """What a part of a photograph is known by, for each of an item's; without OpenCV, nothing."""
    if kind is not Kind.PHOTO or not can_prove():
        return {}
    there = [
        sha256
        for sha256 in sha256s
        if (facts := read(shop.catalog, sha256)) and facts.kind is Kind.PHOTO
        if (found := shop.catalog.original(sha256)) and (shop.workspace.archive / found.uri).exists()
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


def _beside(shop: Shop, sha256s: Sequence[str]) -> Iterator[str]:
    """Sidecars that speak of these files alone: `.xmp` and captions beside them."""
    mine = {(a.event, a.path) for sha256 in sha256s for a in shop.catalog.paths(sha256)}
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
            (shop.workspace.reports / COMPARISONS).unlink(missing_ok=True)  # it may show the picture
            path.unlink()
            sync_folder(path.parent)
        for blob in shop.catalog.blobs_of(sha256):
            (shop.workspace.spool / blob).unlink(missing_ok=True)
    shop.catalog.erase(erased)
    shop.workspace.drafts().forget(erased)
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
        mirroring.forget_drafts(shop, ruling(shop).remembered)
    except MediaArchiveError as error:
        return [Failure(store=MIRROR, event="", error=error)]
    return []
