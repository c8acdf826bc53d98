"""What holds now: what people decided, what the dates in event.toml say, and which events list an item."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator, Mapping

from mediaarchive.catalog import Catalog, Event
from mediaarchive.config import EventFacts
from mediaarchive.model import Facts
from mediaarchive.pipeline.shop import Shop
from mediaarchive.recipes import from_json
from mediaarchive.stages.decide import Ruling, Withdrawal, rule, with_dates


def ruling(shop: Shop) -> Ruling:
    """What holds now in the whole workspace.

    A date that event.toml gives a file counts for the item it belongs to, in whatever event that is listed: its files
    are the same.
    """
    zone = zoneinfo.ZoneInfo(shop.settings.workspace.timezone)
    decided = rule(shop.catalog.decisions(), shop.today(), zone)
    dated: dict[str, Withdrawal] = {}
    embargoed: dict[str, str] = {}
    for event in shop.catalog.events():
        if not any(event.facts.get(name) for name in ("expires", "item")):
            continue
        facts = EventFacts.model_validate(event.facts)
        today = shop.today(facts.timezone)
        for sha256, withdrawal in expiries(shop.catalog, event, facts):
            if withdrawal.day <= today and (sha256 not in dated or withdrawal.day < dated[sha256].day):
                dated[sha256] = withdrawal
        for sha256, day in _embargoes(shop.catalog, event, facts):
            if today < day:
                embargoed[sha256] = max(day, embargoed.get(sha256, ""))
    return with_dates(decided, dated, embargoed)


def expiries(catalog: Catalog, event: Event, facts: EventFacts) -> Iterator[tuple[str, Withdrawal]]:
    """(sha256, withdrawal) of every file that event.toml gives a day to withdraw itself, past or to come."""
    for arrival in catalog.arrivals(event.slug) if facts.expires or facts.item else ():
        if facts.expires:
            yield arrival.sha256, Withdrawal(day=facts.expires.isoformat(), reason=facts.expires_reason)
        for dates in facts.item:
            if dates.expires and dates.concerns(arrival.path):
                yield arrival.sha256, Withdrawal(day=dates.expires.isoformat(), reason=dates.reason)


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

    A retired event counts only for items that no other event has: its page speaks for them.
    """
    homes = _homes(shop, holds)
    found = {}
    for item, slugs in shop.catalog.events_of(items).items():
        places = [homes[item]] if item in homes else slugs
        found[item] = [slug for slug in places if slug not in holds.retired] or places
    return found


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
