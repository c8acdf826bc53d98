"""Proof of an erasure: archive and mirror are looked at for every original that was destroyed, and a receipt says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mediaarchive.config.settings import MIRROR
from mediaarchive.errors import MediaArchiveError
from mediaarchive.pipeline.deciding import dockets
from mediaarchive.pipeline.deciding.dockets import Docket
from mediaarchive.pipeline.deciding.proving import Receipt, keep, receipt_value
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.keeping import mirroring
from mediaarchive.pipeline.shop import Shop


def attest_all(shop: Shop) -> list[Receipt]:
    """The receipts of the erasures that are complete now. One that isn't stays open: every run looks again."""
    receipts = []
    remembered = ruling(shop).remembered
    opened = [docket for docket in dockets.opened(shop) if docket.destroyed]
    reached = bool(opened) and _mirror_is_there(shop)
    for docket in opened:
        destroyed = {sha256: uri for sha256, uri in docket.destroyed.items() if sha256 in remembered}
        looked_at = [
            one for sha256, uri in sorted(destroyed.items()) for one in _look(shop, sha256, uri, mirrored=reached)
        ]
        if not all(one["gone"] for one in looked_at):
            continue
        if destroyed:
            receipts.append(keep(shop, docket, _value(shop, docket, looked_at)))
        dockets.close(shop, docket)
    return receipts


def _mirror_is_there(shop: Shop) -> bool:
    """Whether the mirror can be asked; nothing is in the empty mount point of one."""
    if shop.mirror is None:
        return False
    try:
        mirroring.arrive(shop, shop.mirror)
    except MediaArchiveError:
        return False
    return True


def _look(shop: Shop, sha256: str, uri: str, *, mirrored: bool) -> list[dict[str, Any]]:
    """Whether the bytes are gone from the archive, and from the mirror if there is one. `mirrored`: it can be asked."""
    original = shop.catalog.original(sha256)
    known = {"sha256": sha256, "bytes": original.bytes if original else 0, "at": shop.stamp()}
    found = [{**known, "place": "archive", "gone": not (shop.workspace.archive / uri).exists()}]
    if shop.mirror is not None:
        try:
            gone = mirrored and shop.mirror.stat(uri) is None
        except MediaArchiveError:
            gone = False
        found.append({**known, "place": MIRROR, "gone": gone})
    return found


def _value(shop: Shop, docket: Docket, looked_at: list[dict[str, Any]]) -> dict[str, Any]:
    value = receipt_value(replace(docket, until=None), shop.stamp(), [])
    return {**value, "item": next(iter(docket.items)), "complete": True, "originals": looked_at}
