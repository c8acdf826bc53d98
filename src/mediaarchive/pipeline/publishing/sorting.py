"""What becomes public of an event: which items are shown, held, withdrawn, or listed elsewhere, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mediaarchive.model import Asset, Problem
from mediaarchive.pipeline.deciding.ruling import listed_in
from mediaarchive.pipeline.making.rows import Rows
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.decide import Ruling, Withdrawal

_HELD_EVENT = {
    "event-toml": "The event's event.toml can't be read yet, so nothing of it is published; correct that file.",
    "embargo": "The event is under embargo until {day}.",
}

_EXPIRED = "Since {day} it may not be shown any more."
_EMBARGO = "It is under embargo until {day}."
_RETIRED = "The event was retired on {day}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """An event's items: those to show, those that wait (and why), those withdrawn, and the homes of those moved away."""

    shown: tuple[Asset, ...]
    held: Mapping[str, Problem]
    gone: tuple[tuple[Asset, Withdrawal], ...]
    away: Mapping[str, str] = field(default_factory=dict)


def sort_out(shop: Shop, rows: Rows, assets: Sequence[Asset], holds: Ruling) -> Sorted:
    """What becomes public of an event, by what humans decided and by its own dates.

    Only what was published has a tombstone: nobody has the address of what never was.
    """
    event = rows.event.slug
    known = set(shop.catalog.items_of(m.sha256 for asset in assets for m in asset.members).values())
    alone = _alone(shop, holds, event, known)
    because = _Because(shop, rows, holds, known, _alike(shop, event, holds, assets))
    shown: list[Asset] = []
    held: dict[str, Problem] = {}
    gone: list[tuple[Asset, Withdrawal]] = []
    away: dict[str, str] = {}
    for asset in assets:
        withdrawal = holds.withdrawal(asset) or (holds.retired.get(event) if asset.id in alone else None)
        if (home := holds.home(asset)) and home != event:
            away[asset.id] = home
        elif withdrawal and asset.id in known:
            gone.append((asset, withdrawal))
        elif problem := because.held(asset, withdrawal):
            held[asset.id] = problem
        else:
            shown.append(asset)
    return Sorted(shown=tuple(shown), held=held, gone=tuple(gone), away=away)


def _alone(shop: Shop, holds: Ruling, event: str, items: set[str]) -> set[str]:
    """Of a retired event, the items that no other event lists: they go with it."""
    if event not in holds.retired:
        return set()
    return {item for item, places in listed_in(shop, holds, items).items() if places == [event]}


class _Because:
    """Why an item isn't shown, if it isn't."""

    def __init__(self, shop: Shop, rows: Rows, holds: Ruling, known: set[str], alike: Mapping[str, Withdrawal]) -> None:
        self.holds = holds
        self.known = known
        self.event = rows.event.slug
        self.everything = _event_held(shop, rows, holds)
        self.alike = alike
        self.waits = shop.settings.publish.mode == "hold"

    def held(self, asset: Asset, withdrawal: Withdrawal | None) -> Problem | None:
        """The first reason that applies, those of people and of law before those of order."""
        if withdrawal:
            return Problem(code="expired", reason=_EXPIRED.format(day=withdrawal.day), params={"day": withdrawal.day})
        if self.holds.is_hidden(asset):
            return Problem(code="hidden", reason="It was taken off the page by a decision.")
        if self.everything:
            return self.everything
        if day := self.holds.embargo(asset):
            return Problem(code="embargo", reason=_EMBARGO.format(day=day), params={"day": day})
        if asset.id not in self.known and not self.holds.is_chosen(asset):
            found = next((self.alike[m.sha256] for m in asset.members if m.sha256 in self.alike), None)
            if found:
                return looks_withdrawn(asset, found)
        if self.waits and asset.id not in self.known and not self.holds.is_approved(asset, self.event):
            return Problem(code="approval", reason="It waits for approval ([publish] mode is hold).")
        return None


def _event_held(shop: Shop, rows: Rows, holds: Ruling) -> Problem | None:
    look = shop.catalog.looks().get(f"{rows.event.folder}/event.toml")
    if retired := holds.retired.get(rows.event.slug):
        return Problem(code="retired", reason=_RETIRED.format(day=retired.day), params={"day": retired.day})
    if rows.event.snapshot is None and look and look.code:
        return Problem(code="event-toml", reason=_HELD_EVENT["event-toml"])
    embargo = rows.facts.embargo
    if embargo and shop.today(rows.facts.timezone) < embargo.isoformat():
        return Problem(code="embargo", reason=_HELD_EVENT["embargo"].format(day=embargo), params={"day": str(embargo)})
    return None


def _alike(shop: Shop, event: str, holds: Ruling, assets: Sequence[Asset]) -> dict[str, Withdrawal]:
    """Originals that may be a withdrawn photograph, by the pairs that wait for a person."""
    found = {}
    owners = {member.sha256: asset for asset in assets for member in asset.members}
    for pair in shop.catalog.proposals(event):
        for one, other in ((pair.left, pair.right), (pair.right, pair.left)):
            item = shop.catalog.items_of([other]).get(other)
            asset = owners.get(other) or (shop.catalog.asset(item) if item else None)
            if asset and (withdrawal := holds.withdrawal(asset)):
                found[one] = withdrawal
    return found


def looks_withdrawn(asset: Asset, withdrawal: Withdrawal) -> Problem:
    """Why what may be a withdrawn photograph, or an edit of it, isn't published. `asset`: what waits."""
    text = (
        f"It looks like a photograph that was withdrawn on {withdrawal.day} ({_words(withdrawal)}), so it is held and not "
        "published. If it is another one: mediaarchive approve, with this path."
    )
    params = {"day": withdrawal.day, "why": f"{withdrawal.reason}_{asset.kind}"}
    return Problem(code="looks-withdrawn", reason=text, params=params)


def stays_away(asset: Asset, withdrawal: Withdrawal, command: str | None, copy: str | None = None) -> Problem:
    """Why a file of a withdrawn item isn't published.

    Args:
        asset: the item.
        withdrawal: of it.
        command: what brings it back; None where its original was destroyed.
        copy: the path of a file that was only proved to be a copy; None for what has the same bytes or the same pixels.
    """
    text = f"This was withdrawn on {withdrawal.day} ({_words(withdrawal)}); nothing of it was published."
    params = {"day": withdrawal.day, "why": f"{withdrawal.reason}_{asset.kind}"}
    if command is None:
        return Problem(code="withdrawn", reason=f"{text} Its original was destroyed.", params=params)
    text, params["command"] = f"{text} To bring it back: mediaarchive {command}.", command
    if copy:
        text = f"{text} If it is another one: mediaarchive dedupe never {copy} {asset.id}."
        params |= {"file": copy, "item": asset.id}
    return Problem(code="withdrawn", reason=text, params=params)


def _words(withdrawal: Withdrawal) -> str:
    return withdrawal.reason.replace("-", " ")
