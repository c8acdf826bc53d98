"""Withdrawals whose proof is still open: what was wrong when somebody last looked, and what to do about it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mediaarchive.pipeline.deciding.dockets import Docket, opened_in


def unproved(archive: Path) -> list[dict[str, Any]]:
    """The open proofs, by case. Asks no store: it is what the last look found.

    Each has `case`, `items`, `events`, `reason` and `since` (ISO 8601); `looked`: when somebody last looked at its addresses,
    or None; `wrong`: addresses that don't answer as they should, with their `status`; `unreached`: stores that could not be
    looked at, by name; `left`: originals that are to be destroyed, and are somewhere still, by sha256.
    """
    return [_open(archive, docket) for docket in opened_in(archive)]


def _open(archive: Path, docket: Docket) -> dict[str, Any]:
    receipt = _newest(archive, docket.case) or {"addresses": []}
    return {
        "case": docket.case,
        "items": list(docket.items),
        "events": list(docket.events),
        "reason": docket.reason,
        "since": docket.decided or docket.day,
        "looked": receipt.get("done"),
        "wrong": [{"url": one["url"], "status": one["status"]} for one in receipt["addresses"] if not one["ok"]],
        "unreached": receipt.get("unreached", []),
        "left": sorted(docket.destroyed),
    }


def _newest(archive: Path, case: str) -> dict[str, Any] | None:
    """The last receipt of a case; its name begins with the moment."""
    name = re.compile(rf"\d{{8}}T\d{{6}}-{re.escape(case)}(_\d+)?\.json")
    found = max((path for path in (archive / "receipts").glob("*.json") if name.fullmatch(path.name)), default=None)
    value: dict[str, Any] | None = json.loads(found.read_text(encoding="utf-8")) if found else None
    return None if value and value["complete"] else value


def sentences(one: dict[str, Any], *, mirror: bool) -> list[str]:
    """An open proof in words: first what is open, then each thing to do. `mirror`: whether the archive has one."""
    what = ", ".join(one["items"][:3]) + (f" and {len(one['items']) - 3} more" if len(one["items"]) > 3 else "")
    if one["left"]:
        place = "the mirror, which could not be asked: make it reachable" if mirror else "the archive"
        return [
            f"{what}: {len(one['left'])} of its originals {'is' if len(one['left']) == 1 else 'are'} not proved to be destroyed",
            f"they may still be in {place}; `mediaarchive run` goes on with it, and writes the receipt",
        ]
    said = [f"{what} was withdrawn on {one['since'][:10]}, but it isn't proved that nothing of it can be reached"]
    said += [f"{wrong['url']} doesn't answer as it should ({wrong['status']})" for wrong in one["wrong"][:3]]
    if more := one["wrong"][3:]:
        said.append(f"nor do {len(more)} more addresses; the receipt in archive/receipts/ has them all")
    if one["wrong"]:
        said.append("if a cache holds it, have it forgotten there ([takedown] purge does it by itself)")
    said += [f"the store {name} could not be looked at: `mediaarchive doctor` says why" for name in one["unreached"]]
    if not one["looked"]:
        said.append("nobody could look at its addresses yet: `mediaarchive doctor` says which store doesn't answer")
    return [*said, "`mediaarchive run` looks again"]
