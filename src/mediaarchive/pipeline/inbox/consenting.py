"""Who may be shown, by the sheets: what changed in them becomes a decision; and names in them that no file has are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from mediaarchive.catalog import Arrival, Look
from mediaarchive.media.sniff import sheet_name
from mediaarchive.model import Problem
from mediaarchive.pipeline.deciding.ruling import names_of, ruling
from mediaarchive.pipeline.inbox.scanning import Found
from mediaarchive.pipeline.shop import Shop
from mediaarchive.recipes import key
from mediaarchive.stages.decide import Consent
from mediaarchive.stages.ingest import sidecar_recipe

_NAMED = 5


def changed(shop: Shop, event: str, sheet: str, now: Mapping[str, Sequence[str]]) -> dict[str, Any] | None:
    """The journal's record of what a sheet says otherwise than before; None where it says the same.

    Args:
        shop: the workspace.
        event: its slug.
        sheet: its path below the event's folder.
        now: by path, the word and the day that it says now (`consent.consents`).
    """
    before = {name: [said.word, said.expires] for name, said in _said(shop, event, sheet).items()}
    after = {name.casefold(): list(said) for name, said in now.items()}
    said = {
        name: after.get(name) for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)
    }
    if not said:
        return None
    params = {"sheet": sheet, "said": said}
    return {
        "kind": "decision",
        "decision": "consent",
        "subjects": [event],
        "params": params,
        "by": sheet,
        "at": shop.stamp(),
    }


def nameless(shop: Shop, event: str, sheet: str, sha256: str, arrivals: Sequence[Arrival]) -> Problem | None:
    """What to tell of names in a sheet that no file of the event has: a refusal with a slip in it would go unnoticed, or a text.

    Args:
        shop: the workspace.
        event: its slug.
        sheet: its path below the event's folder.
        sha256: of the sheet as it is now.
        arrivals: all that came in for the event.
    """
    known = {name for arrival in arrivals for name in names_of(arrival.path)}
    if lost := [name for name in _said(shop, event, sheet) if name not in known]:
        return _nameless("says who may be shown of", "names", lost)
    derivation = key([sha256], sidecar_recipe("sheet"))
    outcome = shop.catalog.outcomes([derivation]).get(derivation)
    described = [str(row[0]) for row in outcome.facts["signature"].get("rows", ())] if outcome else []
    lost = [name for name in dict.fromkeys(described) if name.casefold() not in known]
    return _nameless("describes", "described", lost) if lost else None


def _nameless(does: str, param: str, lost: Sequence[str]) -> Problem:
    names = ", ".join(lost[:_NAMED]) + (f" (+ {len(lost) - _NAMED})" if len(lost) > _NAMED else "")
    reason = (
        f"It {does} files that this event doesn't have: {names}. "
        "Write the names as the files have them, with their endings; what it says of the others holds."
    )
    return Problem(code="sheet-names", reason=reason, params={"n": len(lost), param: names})


def _said(shop: Shop, event: str, sheet: str) -> dict[str, Consent]:
    found = ruling(shop).consents.get(event, {})
    return {name: one for name, those in found.items() for one in those if sheet_name(one.sheet) == sheet_name(sheet)}


def rival(file: Found, files: Sequence[Found], looks: Mapping[str, Look]) -> Problem | None:
    """Why a sheet can't be read beside another one in its folder: which of the two says who may be shown, nobody could tell.

    Args:
        file: the sheet.
        files: everything in the inbox.
        looks: what is known of each file: one that was read stays as it was read.
    """
    mine = sheet_name(file.key)
    others = sorted(other.key for other in files if other.key != file.key and sheet_name(other.key) == mine)
    if not others or looks[file.key].sha256:
        return None
    if file.key < others[0] and not any(looks[other].sha256 for other in others):
        return None  # of new ones the first is read
    names = [PurePosixPath(key).name for key in (file.key, *others)]
    reason = f"It isn't read, since {' and '.join(names[1:])} lies beside it, and the two may differ. Keep one of them."
    return Problem(code="sheet-twice", reason=reason, params={"other": ", ".join(names[1:]), "consents": 1})
