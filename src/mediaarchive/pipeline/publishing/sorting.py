"""What becomes public of an event: which items are shown, held, withdrawn, or listed elsewhere, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mediaarchive.catalog import Look
from mediaarchive.media.sniff import sheet_name
from mediaarchive.model import Asset, Problem
from mediaarchive.pipeline.deciding.likening import Likeness, likenesses, looks_withdrawn
from mediaarchive.pipeline.deciding.ruling import came_too_late, listed_in
from mediaarchive.pipeline.making.rows import Rows
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.decide import Ruling, Withdrawal
from mediaarchive.stages.source import UNREAD

_HELD_EVENT = {
    "event-toml": "The event's event.toml can't be read yet, so nothing of it is published; correct that file.",
    "embargo": "The event is under embargo until {day}.",
}

_SHEETS = sheet_name("texts.csv")
_EXPIRED = "Since {day} it may not be shown any more."
_REFUSED = "Consent was refused: {sheet} says so since {day}. Nothing of it is published."
_ASKED = "Consent isn't given yet, by {sheet}; write `given` there when it is."
_SHEET = "{sheet} says who may be shown, but can't be read; correct it, and this is published as it says."
_EMBARGO = "It is under embargo until {day}."
_RETIRED = "The event was retired on {day}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """An event's items: those to show, those that wait (and why), those withdrawn, and the homes of those moved away.

    `quarantined`: withdrawn elsewhere before they came in here, so that nothing is said of them.
    """

    shown: tuple[Asset, ...]
    held: Mapping[str, Problem]
    gone: tuple[tuple[Asset, Withdrawal], ...]
    away: Mapping[str, str] = field(default_factory=dict)
    quarantined: Mapping[str, Withdrawal] = field(default_factory=dict)


def sort_out(shop: Shop, rows: Rows, assets: Sequence[Asset], holds: Ruling) -> Sorted:
    """What becomes public of an event, by what humans decided and by its own dates.

    Only what was published has a tombstone, and where it was: nobody has the address of what never was, and no page tells that a
    withdrawn photograph is of another event, too.
    """
    event = rows.event.slug
    known = set(shop.catalog.items_of(m.sha256 for asset in assets for m in asset.members).values())
    over = _over_with_events(shop, holds, event, known)
    known |= {asset.id for asset in assets if shop.catalog.asset(asset.id)}  # also what a person has parted again
    because = _Because(shop, rows, holds, known, likenesses(shop.catalog, event, holds, assets))
    shown: list[Asset] = []
    held: dict[str, Problem] = {}
    gone: list[tuple[Asset, Withdrawal]] = []
    away: dict[str, str] = {}
    quarantined: dict[str, Withdrawal] = {}
    for asset in assets:
        own = holds.withdrawal(asset)
        withdrawal = own or over.get(asset.id)
        if (home := holds.home(asset)) and home != event:
            away[asset.id] = home
        elif own and asset.id in known and not home and came_too_late(shop, asset, event, own):
            quarantined[asset.id] = own
        elif withdrawal and asset.id in known:
            gone.append((asset, withdrawal))
        elif problem := because.held(asset, withdrawal):
            held[asset.id] = problem
        else:
            shown.append(asset)
    return Sorted(shown=tuple(shown), held=held, gone=tuple(gone), away=away, quarantined=quarantined)


def _over_with_events(shop: Shop, holds: Ruling, event: str, items: set[str]) -> dict[str, Withdrawal]:
    """Of a retired event, the items that no other event shows: they went with the last one that did."""
    if event not in holds.retired:
        return {}
    listed = {item: [holds.retired.get(slug) for slug in at] for item, at in listed_in(shop, holds, items).items()}
    ended = {item: [one for one in retired if one] for item, retired in listed.items() if all(retired)}
    return {item: max(retired, key=lambda one: one.decided) for item, retired in ended.items()}


class _Because:
    """Why an item isn't shown, if it isn't."""

    def __init__(self, shop: Shop, rows: Rows, holds: Ruling, known: set[str], alike: Mapping[str, Likeness]) -> None:
        self.holds = holds
        self.known = known
        self.event = rows.event.slug
        self.paths = rows.paths()
        looks = shop.catalog.looks()
        self.everything = _event_held(shop, rows, holds, looks)
        self.alike = alike
        self.waits = shop.settings.publish.mode == "hold"
        self.unread = _unread(shop, rows, looks)

    def held(self, asset: Asset, withdrawal: Withdrawal | None) -> Problem | None:
        """The first reason that applies, those of people and of law before those of order."""
        if withdrawal:
            return _over(withdrawal)
        if self.holds.is_hidden(asset):
            reason = f"It was taken off the page by a decision. To put it back: mediaarchive unhide {asset.id}."
            return Problem(code="hidden", reason=reason)
        if self.everything:
            return self.everything
        if day := self.holds.embargo(asset):
            return Problem(code="embargo", reason=_EMBARGO.format(day=day), params={"day": day})
        if sheet := self.holds.asking(asset):
            return _of_sheet("consent-asked", _ASKED, sheet)
        return None if asset.id in self.known else self._new(asset)

    def _new(self, asset: Asset) -> Problem | None:
        """Why what was never published has to wait."""
        if self.unread:
            return _of_sheet("sheet-unread", _SHEET, self.unread)
        alike = [member.sha256 for member in asset.members if member.sha256 in self.alike]
        if alike and not self.holds.is_chosen(asset):
            here = next(path for s in (*alike, *(m.sha256 for m in asset.members)) for path in self.paths.get(s, ()))
            return looks_withdrawn(asset.kind, f"{self.event}/{here}", self.alike[alike[0]])
        if self.waits and not self.holds.is_approved(asset, self.event):
            reason = (
                f"It waits for approval ([publish] mode is hold). The whole event: mediaarchive approve {self.event}."
            )
            return Problem(code="approval", reason=reason)
        return None


def _of_sheet(code: str, reason: str, sheet: str) -> Problem:
    """Why something waits, by what a sheet (its path) says, or may say."""
    return Problem(code=code, reason=reason.format(sheet=sheet), params={"sheet": sheet})


def _over(withdrawal: Withdrawal) -> Problem:
    """Why what may not be shown, and never was, isn't."""
    if withdrawal.sheet and withdrawal.decided:
        params = {"day": withdrawal.day, "sheet": withdrawal.sheet}
        return Problem(code="consent-refused", reason=_REFUSED.format(**params), params=params)
    return Problem(code="expired", reason=_EXPIRED.format(day=withdrawal.day), params={"day": withdrawal.day})


def _event_held(shop: Shop, rows: Rows, holds: Ruling, looks: Mapping[str, Look]) -> Problem | None:
    look = looks.get(f"{rows.event.folder}/event.toml")
    if retired := holds.retired.get(rows.event.slug):
        return Problem(code="retired", reason=_RETIRED.format(day=retired.day), params={"day": retired.day})
    if rows.event.snapshot is None and look and look.code:
        return Problem(code="event-toml", reason=_HELD_EVENT["event-toml"])
    embargo = rows.facts.embargo
    if embargo and shop.today(rows.facts.timezone) < embargo.isoformat():
        return Problem(code="embargo", reason=_HELD_EVENT["embargo"].format(day=embargo), params={"day": str(embargo)})
    return None


def _unread(shop: Shop, rows: Rows, looks: Mapping[str, Look]) -> str | None:
    """A sheet that says who may be shown, or may say so, and can't be read as it is now; its path."""
    folder = f"{rows.event.folder}/"
    for path, look in sorted(looks.items()):
        name = path.removeprefix(folder)
        if name != path and look.code in UNREAD and not look.sha256 and sheet_name(name) == _SHEETS:
            return name
    refused = {
        look.reason: path.removeprefix(folder)
        for path, look in sorted(looks.items())
        if path.startswith(folder) and look.reason and _is_refused(look)
    }
    params = shop.catalog.params(refused)
    return next((path for reason, path in refused.items() if "consents" in params.get(reason, {})), None)


def _is_refused(look: Look) -> bool:
    """Whether it is a sheet with a mistake; one that can be read may have a code, too."""
    return bool(look.code and look.code.startswith("sheet-") and not look.sha256)


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
        return Problem(
            code="withdrawn", reason=f"{text} Its original was destroyed, and this file isn't kept.", params=params
        )
    text, params["command"] = f"{text} To bring it back: mediaarchive {command}.", command
    if copy:
        text = f"{text} If it is another one: mediaarchive dedupe never {copy} {asset.id}."
        params |= {"file": copy, "item": asset.id}
    return Problem(code="withdrawn", reason=text, params=params)


def gone_since(kept: Problem) -> Problem:
    """What is said of a file that was shown until its item was withdrawn, for which `kept` is said of one that came in later."""
    why = str(kept.params["why"]).rpartition("_")[0].replace("-", " ")
    text, command = f"This was withdrawn on {kept.params['day']} ({why}).", kept.params.get("command")
    text += f" To bring it back: mediaarchive {command}." if command else " Its original was destroyed."
    params = {name: value for name, value in kept.params.items() if name in {"day", "why", "command"}}
    return Problem(code="withdrawn-since", reason=text, params=params)


def _words(withdrawal: Withdrawal) -> str:
    return withdrawal.reason.replace("-", " ")
