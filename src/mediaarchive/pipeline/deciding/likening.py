"""What looks like a withdrawn photograph, and waits for a person: which one it is like, since when, and what to type."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mediaarchive.catalog import Catalog
from mediaarchive.model import Asset, Kind, Problem
from mediaarchive.stages.decide import Ruling, Withdrawal


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """A withdrawn photograph that a file looks like: `name` is its item, or the path of a file that never was one."""

    name: str
    withdrawal: Withdrawal
    erased: bool

    def same(self, path: str) -> str:
        """What to type after `mediaarchive`, if the file is that photograph."""
        return f"dedupe same {shlex.quote(path)} {shlex.quote(self.name)}{' --erase' if self.erased else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A file that is held until a person has said which photograph it is. `path`: after its event; `since`: ISO 8601."""

    event: str
    path: str
    sha256: str
    since: str
    like: Likeness

    def value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "since": self.since,
            "like": self.like.name,
            "day": self.like.withdrawal.day,
            "reason": self.like.withdrawal.reason,
            "erased": self.like.erased,
            "same": f"mediaarchive {self.like.same(self.path)}",
            "another": f"mediaarchive approve {shlex.quote(self.path)}",
        }


def likenesses(catalog: Catalog, event: str, holds: Ruling, assets: Iterable[Asset] = ()) -> dict[str, Likeness]:
    """Originals that may be a withdrawn photograph, by the pairs that wait for a person.

    Args:
        catalog: the workspace's.
        event: its slug.
        holds: what is withdrawn.
        assets: the event's items, where they are known: those that aren't published yet, too.
    """
    found: dict[str, Likeness] = {}
    owners = {member.sha256: asset for asset in assets for member in asset.members}
    for pair in catalog.proposals(event):
        for one, other in ((pair.left, pair.right), (pair.right, pair.left)):
            if one not in found and (like := _withdrawn(catalog, holds, other, owners.get(other))):
                found[one] = like
    return found


def _withdrawn(catalog: Catalog, holds: Ruling, sha256: str, owner: Asset | None) -> Likeness | None:
    item = catalog.items_of([sha256]).get(sha256)
    asset = owner or (catalog.asset(item) if item else None)
    withdrawal = holds.withdrawal(asset) if asset else min(holds.dated.get(sha256, ()), key=_day, default=None)
    if withdrawal is None:
        return None
    erased = asset is not None and holds.is_erased(asset)
    return Likeness(name=item or catalog.a_path(sha256), withdrawal=withdrawal, erased=erased)


def _day(withdrawal: Withdrawal) -> str:
    return withdrawal.day


def waiting(catalog: Catalog, event: str, holds: Ruling) -> list[Waiting]:
    """The files of an event that are held because they may be a withdrawn photograph, by path."""
    found = []
    for sha256, like in likenesses(catalog, event, holds).items():
        decided = sha256 in catalog.items_of([sha256]) or sha256 in holds.dated or sha256 in holds.remembered
        arrival = next((arrival for arrival in catalog.paths(sha256) if arrival.event == event), None)
        if arrival and not decided:
            path = f"{event}/{arrival.path}"
            found.append(Waiting(event=event, path=path, sha256=sha256, since=arrival.at, like=like))
    return sorted(found, key=lambda one: one.path)


def looks_withdrawn(kind: Kind, path: str, like: Likeness) -> Problem:
    """Why what may be a withdrawn photograph, or an edit of it, isn't published. `path`: of what waits, after its event."""
    withdrawal, file, command = like.withdrawal, shlex.quote(path), like.same(path)
    text = (
        f"It looks like a photograph that was withdrawn on {withdrawal.day} ({withdrawal.reason.replace('-', ' ')}), so it is "
        f"held and not published. If it is another one: mediaarchive approve {file}. If it is that one: mediaarchive {command}."
    )
    params = {"day": withdrawal.day, "why": f"{withdrawal.reason}_{kind}", "file": file, "command": command}
    if like.erased:
        text += " That destroys it, as the other was."
    return Problem(code="looks-withdrawn", reason=text, params=params)
