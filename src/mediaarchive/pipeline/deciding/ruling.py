"""What holds now: what people decided, what the dates in event.toml say, and which events list an item."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from mediaarchive.catalog import Arrival, Catalog, Event
from mediaarchive.config import EventFacts
from mediaarchive.media.consent import ASKED, REFUSED
from mediaarchive.model import Asset, Facts
from mediaarchive.pipeline.shop import Shop
from mediaarchive.recipes import from_json
from mediaarchive.stages.decide import Consent, Ruling, Withdrawal, rule, with_files


def ruling(shop: Shop) -> Ruling:
    """What holds now in the whole workspace.

    What event.toml or a sheet says of a file counts for the item it belongs to, in whatever event that is listed: its files
    are the same.
    """
    return ruled(shop.catalog, shop.settings.workspace.timezone, shop.today)


def current_name(shop: Shop, slug: str) -> str:
    """What an event that was renamed is called now; any other name as it is, be there such an event or not."""
    return next((new for new, olds in ruling(shop).former.items() if slug in olds), slug)


def names_newest_first(shop: Shop, slug: str) -> list[str]:
    """An event's name, then those it had before, the last one first: until a rename is carried out, it is published as that."""
    return [slug, *reversed(ruling(shop).former.get(slug, ()))]


def ruled(catalog: Catalog, timezone: str, today_in: Callable[[str], str]) -> Ruling:
    """What holds on a day: `today_in` says which it is in a time zone, `timezone` is the workspace's."""
    decided = rule(catalog.decisions(), today_in(timezone), zoneinfo.ZoneInfo(timezone))
    dated: dict[str, tuple[Withdrawal, ...]] = {}
    embargoed: dict[str, str] = {}
    asked: dict[str, str] = {}
    for event in catalog.events():
        said = decided.consents.get(event.slug, {})
        if not said and not any(event.facts.get(name) for name in ("expires", "item")):
            continue
        facts = EventFacts.model_validate(event.facts)
        today = today_in(facts.timezone)
        for arrival, withdrawal in expiries(catalog, event, facts, said):
            if withdrawal.day <= today or withdrawal.decided:  # what was said holds, whatever the zones
                dated[arrival.sha256] = (*dated.get(arrival.sha256, ()), withdrawal)
        for arrival, consent in _spoken_of(catalog, event, said):
            asked |= {arrival.sha256: consent.sheet} if consent.word == ASKED else {}
        for sha256, day in _embargoes(catalog, event, facts):
            if today < day:
                embargoed[sha256] = max(day, embargoed.get(sha256, ""))
    return with_files(decided, dated, embargoed, asked)


def expiries(
    catalog: Catalog, event: Event, facts: EventFacts, said: Mapping[str, Sequence[Consent]]
) -> Iterator[tuple[Arrival, Withdrawal]]:
    """Every file that event.toml or a sheet (`said`, by name) gives a day to withdraw itself, past or to come.

    Where consent is refused, that is the day on which the sheet began to say so.
    """
    for arrival in catalog.arrivals(event.slug) if facts.expires or facts.item else ():
        if facts.expires:
            yield arrival, Withdrawal(day=facts.expires.isoformat(), reason=facts.expires_reason, since=arrival.number)
        for dates in facts.item:
            if dates.expires and dates.concerns(arrival.path):
                yield arrival, Withdrawal(day=dates.expires.isoformat(), reason=dates.reason, since=arrival.number)
    for arrival, consent in _spoken_of(catalog, event, said):
        if consent.word == REFUSED:
            day, at, sheet = consent.day, consent.at, consent.sheet
            began = max(consent.number, arrival.number)
            yield arrival, Withdrawal(day=day, reason="consent-withdrawn", decided=at, sheet=sheet, since=began)
        if consent.expires:
            since, sheet = arrival.number, consent.sheet
            yield arrival, Withdrawal(day=consent.expires, reason="rights-expired", sheet=sheet, since=since)


def _spoken_of(
    catalog: Catalog, event: Event, said: Mapping[str, Sequence[Consent]]
) -> Iterator[tuple[Arrival, Consent]]:
    """An event's files that sheets speak of, by path or by name, whatever the case of the letters."""
    for arrival in catalog.arrivals(event.slug) if said else ():
        for name in names_of(arrival.path):
            yield from ((arrival, consent) for consent in said.get(name, ()))


def names_of(path: str) -> tuple[str, ...]:
    """What a sheet may call a file: its path below the event's folder, or its name, in small letters; without blanks around it."""
    names = (path, PurePosixPath(path).name)
    return tuple(dict.fromkeys(name.casefold() for name in (*names, *(name.strip() for name in names))))


def _embargoes(catalog: Catalog, event: Event, facts: EventFacts) -> Iterator[tuple[str, str]]:
    for arrival in catalog.arrivals(event.slug) if facts.item else ():
        for dates in facts.item:
            if dates.embargo and dates.concerns(arrival.path):
                yield arrival.sha256, dates.embargo.isoformat()


def remembered(holds: Ruling) -> dict[str, Facts]:
    """What is still known of erased originals, by sha256: enough to know them again, and their place in a gallery."""
    return {sha256: from_json(Facts, facts) for sha256, facts in holds.remembered.items() if facts}


def listed_in(shop: Shop, holds: Ruling, items: Iterable[str]) -> dict[str, list[str]]:
    """For each item, the events whose pages list it: where it came in, or where it was moved to.

    A retired event counts only for items that no other event has: its page speaks for them. An event in which a withdrawn
    item came in only afterwards has nothing to say of it.
    """
    homes = _homes(shop, holds)
    found = {}
    for item, slugs in shop.catalog.events_of(items).items():
        places = [homes[item]] if item in homes else _without_late(shop, holds, item, slugs)
        found[item] = [slug for slug in places if slug not in holds.retired] or places
    return found


def came_too_late(shop: Shop, asset: Asset, event: str, withdrawal: Withdrawal) -> bool:
    """Whether a withdrawn item came into an event only after its withdrawal: that event never showed it, so it has no notice."""
    zone = zoneinfo.ZoneInfo(shop.settings.workspace.timezone)
    came = [one for m in asset.members for one in shop.catalog.paths(m.sha256) if one.event == event]
    days = [datetime.fromisoformat(one.at).astimezone(zone).date().isoformat() for one in came]
    return bool(came) and all(withdrawal.began_before(one.number, day) for one, day in zip(came, days, strict=True))


def _without_late(shop: Shop, holds: Ruling, item: str, slugs: list[str]) -> list[str]:
    asset = shop.catalog.asset(item) if len(slugs) > 1 else None
    withdrawal = holds.withdrawal(asset) if asset else None
    if asset is None or withdrawal is None:
        return slugs
    return [slug for slug in slugs if not came_too_late(shop, asset, slug, withdrawal)] or slugs


def ever_in(shop: Shop, holds: Ruling, items: Iterable[str]) -> dict[str, list[str]]:
    """For each item, every event that may have published it: where it came in, and where it was ever moved to."""
    found = {item: dict.fromkeys(slugs) for item, slugs in shop.catalog.events_of(items).items()}
    current = {old: new for new, olds in holds.former.items() for old in olds}
    for decision in shop.catalog.decisions():
        if decision.kind == "move":
            event = str(decision.params["event"])
            for subject in decision.subjects:
                asset = shop.catalog.asset(subject)
                if asset and asset.id in found:
                    found[asset.id][current.get(event, event)] = None
    return {item: list(slugs) for item, slugs in found.items()}


def guests(shop: Shop, holds: Ruling, slug: str) -> dict[str, str]:
    """Items that were moved into an event, each with an event in which it came in."""
    homes = _homes(shop, holds)
    moved = [item for item, home in homes.items() if home == slug]
    came: Mapping[str, list[str]] = shop.catalog.events_of(moved)
    return {item: slugs[0] for item, slugs in came.items() if slug not in slugs}


def _homes(shop: Shop, holds: Ruling) -> dict[str, str]:
    """Where items were moved to, by the id they go by now."""
    known = ((shop.catalog.asset(subject), event) for subject, event in holds.moved.items())
    return {asset.id: event for asset, event in known if asset}
