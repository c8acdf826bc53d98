"""Decisions other than a takedown: recorded without a lock, then published by whoever may."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mediaarchive.errors import UsageError
from mediaarchive.events import Fanout
from mediaarchive.pipeline.answering.asking import contents, is_digest
from mediaarchive.pipeline.deciding.takedown import decide, resolve
from mediaarchive.pipeline.event import process
from mediaarchive.pipeline.making.grouping import group
from mediaarchive.pipeline.making.rows import load
from mediaarchive.pipeline.opening import open_beside, open_shop
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.shop import Shop


def record(workspace: Path, kind: str, subjects: Sequence[str], by: str, note: str) -> list[str]:
    """Make a decision durable; the slugs of the events it concerns.

    Raises:
        UsageError: a subject is nothing that is known.
    """
    with open_beside(workspace) as shop:
        known = {event.slug for event in shop.catalog.events()}
        slugs: set[str] = set()
        ids = []
        for subject in subjects:
            if kind == "approve" and subject in known:
                ids.append(subject)
                slugs.add(subject)
                continue
            item, events = _item(shop, subject, waiting=kind == "approve")
            ids.append(item)
            slugs |= events
        decide(shop, kind, ids, by, {"note": note})
        return sorted(slugs)


def _item(shop: Shop, subject: str, *, waiting: bool) -> tuple[str, set[str]]:
    """An item's id and its events; `waiting`: it may not be published yet, so its id is the one it will get."""
    try:
        asset = resolve(shop, subject)
    except UsageError:
        if not waiting:
            raise
        return _to_be(shop, subject)
    return asset.id, set(shop.catalog.events_of([asset.id]).get(asset.id, []))


def _to_be(shop: Shop, subject: str) -> tuple[str, set[str]]:
    for event, name in shop.catalog.find_paths(subject):
        row = next(one for one in shop.catalog.events() if one.slug == event)
        arrived = shop.catalog.find_path(event, name)
        for asset in group(shop, load(shop, row)):
            if arrived and arrived[-1] in {member.sha256 for member in asset.members}:
                return asset.id, {event}
    raise UsageError(
        f'"{subject}" is no event, no item and no path of the inbox', hint="`mediaarchive status` names them"
    )


def record_contents(workspace: Path, kind: str, subjects: Sequence[str], by: str) -> list[str]:
    """Make a decision about contents (`same`, `never`) durable; the slugs of the events it concerns.

    Raises:
        UsageError: a subject is nothing that is known, or both are the same bytes.
    """
    with open_beside(workspace) as shop:
        sha256s = [content(shop, subject) for subject in subjects]
        if len(set(sha256s)) != len(sha256s):
            raise UsageError(f"{' and '.join(subjects)} are the same bytes: there is nothing to decide")
        decide(shop, kind, sha256s, by, {})
        return sorted({arrival.event for sha256 in sha256s for arrival in shop.catalog.paths(sha256)})


def content(shop: Shop, subject: str) -> str:
    """The SHA-256 that a person means: of the newest file under a path, of an item's master, or by its beginning.

    Raises:
        UsageError: nothing, or more than one content, answers to it.
    """
    if asset := shop.catalog.asset(subject):
        return asset.master
    found = set(shop.catalog.find(subject)) if is_digest(subject) else set()
    found = found or contents(shop.catalog, subject)
    if len(found) != 1:
        raise UsageError(
            f'"{subject}" is {"more than one file" if found else "nothing that came in"}', hint="give a longer path"
        )
    return found.pop()


def apply(workspace: Path, slugs: Sequence[str]) -> int:
    """Bring events up to date; the exit status.

    Raises:
        Busy: a run is on; it finds the decision.
    """
    with open_shop(workspace, Fanout()) as shop:
        cards = Cards(shop=shop)
        results = [process(shop, event, cards) for event in shop.catalog.events() if event.slug in slugs]
        failures = [failure for result in results for failure in result.failures]
        failures += list_events(shop, cards, {failure.store for failure in failures})
    if failures:
        raise failures[0].error
    return 0
