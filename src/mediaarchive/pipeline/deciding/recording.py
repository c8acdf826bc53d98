"""Decisions other than a takedown: recorded without a lock, then published by whoever may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediaarchive.catalog import Event
from mediaarchive.errors import EventOwned, MediaArchiveError, StoreError, StoreRefused, UsageError
from mediaarchive.events import Fanout
from mediaarchive.model import Verdict
from mediaarchive.pipeline.deciding import dockets
from mediaarchive.pipeline.deciding.attesting import attest_all
from mediaarchive.pipeline.deciding.erasing import erase_mirror, erase_said, in_inbox
from mediaarchive.pipeline.deciding.finishing import finish, interrupted
from mediaarchive.pipeline.deciding.joining import Judge, Said
from mediaarchive.pipeline.deciding.mapping import write_maps
from mediaarchive.pipeline.deciding.permitting import must_remove
from mediaarchive.pipeline.deciding.proving import settle_all
from mediaarchive.pipeline.deciding.ruling import current_name, ever_in, listed_in, ruling
from mediaarchive.pipeline.deciding.takedown import decide, resolve
from mediaarchive.pipeline.event import process
from mediaarchive.pipeline.inbox.report import EventResult
from mediaarchive.pipeline.inbox.scanning import slug_of
from mediaarchive.pipeline.keeping import mirroring
from mediaarchive.pipeline.making.grouping import group
from mediaarchive.pipeline.making.rows import load
from mediaarchive.pipeline.opening import open_beside, open_shop
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stores import hasty


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A decision: the slugs of the events it concerns, its items, and those for which it held before, so nothing was to decide."""

    slugs: list[str]
    stood: list[str]
    items: list[str]


def record(
    workspace: Path, kind: str, subjects: Sequence[str], by: str, note: str, more: Mapping[str, Any] | None = None
) -> Recorded:
    """Make a decision durable. `more`: its further parameters.

    Raises:
        UsageError: a subject is nothing that is known, or can't be decided on like this.
        StoreRefused: these credentials may not remove what is published; nothing was decided.
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
            item, events = _item(shop, subject, kind)
            ids.append(item)
            slugs |= events
        if kind == "restore":
            _restorable(shop, ids)
        if kind == "hide" or (kind == "expire" and (day := (more or {})["day"]) and day <= shop.today()):
            must_remove(shop, kind)  # a day to come is a run's business, whoever runs it then
        more = dict(more or {})
        if kind == "move":
            more["event"] = event_named(shop, str(more["event"])).slug
            slugs.add(more["event"])
        stood = [item for item in ids if _stands(shop, kind, item, more)]
        if changed := [item for item in ids if item not in stood]:
            decide(shop, kind, _names(shop, changed) if kind in _UNDO else changed, by, {"note": note, **more})
        if kind == "restore":
            dockets.drop(shop, ids)
        return Recorded(slugs=sorted(slugs), stood=stood, items=ids)


_UNDO = {"restore", "unhide"}


def _names(shop: Shop, items: Sequence[str]) -> list[str]:
    """The ids of items, and those that lead to them: something may have been decided of one of these before."""
    assets = (shop.catalog.asset(item) for item in items)
    return list(dict.fromkeys(name for asset in assets if asset for name in (asset.id, *asset.aliases)))


def _stands(shop: Shop, kind: str, item: str, more: Mapping[str, Any]) -> bool:
    """Whether what is decided of an item is so already."""
    holds, asset = ruling(shop), shop.catalog.asset(item)
    if asset is None:
        return False
    if kind == "move":
        return listed_in(shop, holds, [asset.id]).get(asset.id) == [more["event"]]
    if kind == "restore":
        return holds.withdrawal(asset) is None and asset.id not in holds.erase
    return kind in {"hide", "unhide"} and holds.is_hidden(asset) is (kind == "hide")


def _restorable(shop: Shop, items: Sequence[str]) -> None:
    holds = ruling(shop)
    for item in items:
        if item in holds.erased:
            raise UsageError(
                f"{item} can't be restored: its original was destroyed on {holds.erased[item]}",
                hint="nothing is left to publish; the notice at its addresses stays",
            )


def event_named(shop: Shop, slug: str) -> Event:
    """An event by its name, or by a name it had.

    Raises:
        UsageError: there is none.
    """
    events = {event.slug: event for event in shop.catalog.events()}
    if found := events.get(current_name(shop, slug)):
        return found
    raise UsageError(f'there is no event "{slug}"', hint=f"known: {', '.join(events) or 'none yet'}")


def rename_event(workspace: Path, old: str, new: str, by: str) -> None:
    """Give an event another name, in the journal. The caller brings it up to date.

    Raises:
        UsageError: the name is none, or is taken.
        Busy: a run is on, which has the old name in hand.
    """
    with open_shop(workspace, Fanout()) as shop:
        event = event_named(shop, old)
        if slug_of(new) != new:
            raise UsageError(f'"{new}" is no name for an address', hint=f'write it like this: "{slug_of(new)}"')
        former = ruling(shop).former
        taken = {e.slug: e.slug for e in shop.catalog.events()} | {o: n for n, olds in former.items() for o in olds}
        if taken.get(new, event.slug) != event.slug:
            raise UsageError(f'"{new}" is the address of "{taken[new]}", now or formerly', hint="choose another")
        if new == event.slug:
            raise UsageError(f'the event is called "{new}" already')
        decide(shop, "rename", [event.slug], by, {"slug": new})


def decide_event(workspace: Path, kind: str, slug: str, by: str, params: dict[str, Any]) -> Recorded:
    """Retire an event, or take that back.

    Raises:
        UsageError: there is no such event.
        StoreRefused: these credentials may not remove what is published.
    """
    with open_beside(workspace) as shop:
        event = event_named(shop, slug)
        if kind == "retire":
            must_remove(shop, "event retire")
        stood = (event.slug in ruling(shop).retired) is (kind == "retire")
        if not stood:
            decide(shop, kind, [event.slug], by, params)
        if kind == "restore":
            for docket in dockets.opened(shop):
                if docket.events == (event.slug,) and docket.case.startswith(f"{event.slug}-"):
                    dockets.drop(shop, [docket.case])
        return Recorded(slugs=[event.slug], stood=[event.slug] if stood else [], items=[])


def _item(shop: Shop, subject: str, kind: str) -> tuple[str, set[str]]:
    """An item's id and its events. What is to be approved may not be published yet: its id is the one it will get."""
    try:
        asset = resolve(shop, subject)
    except UsageError:
        if kind == "approve":
            return _to_be(shop, subject)
        if kind == "move" and shop.catalog.find_paths(subject):
            raise UsageError(
                f"{subject} isn't published yet, and only what is published can be moved; nothing was decided",
                hint="drop the file into the other event's folder; or `mediaarchive approve` it, then move it",
            ) from None
        raise
    return asset.id, set(ever_in(shop, ruling(shop), [asset.id]).get(asset.id, []))


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


def record_contents(
    workspace: Path, kind: str, subjects: Sequence[str], by: str, *, erase: bool = False
) -> tuple[list[str], Said]:
    """Make a decision about contents (`same`, `never`, `master`, `cover`) durable; the slugs of its events, and what was said.

    Raises:
        UsageError: as `joining.Judge.judge`.
    """
    with open_beside(workspace) as shop:
        said = Judge(shop).judge(kind, subjects, erase=erase)
        if said.removes:
            must_remove(shop, f"dedupe {kind}")
        if not said.stands:
            decide(shop, kind, said.sha256s, by, dict(said.params))
        return sorted(said.events(shop)), said


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What came of bringing events up to date: the receipts of what was destroyed, and copies that lie in the inbox still.

    `finished`: sentences on withdrawals that had been interrupted before. `unshown`: why items that were asked for aren't on any
    page, by id.
    """

    receipts: tuple[Path, ...] = ()
    in_inbox: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    unshown: Mapping[str, str] = field(default_factory=dict)


def apply(workspace: Path, slugs: Sequence[str], destroys: Sequence[str] = (), wanted: Sequence[str] = ()) -> Applied:
    """Bring events up to date, and destroy what was said to be an erased photograph (`destroys`: originals, by sha256).

    `wanted`: ids of items that should be shown now.

    A withdrawal that something interrupted is finished, too. Those that only wait for their proof are left to the next run.

    Raises:
        Busy: a run is on; it finds the decision.
        StoreError: a store failed, or doesn't answer within seconds; the others are up to date, and the next run goes on there.
    """
    with open_shop(workspace, Fanout()) as shop:
        silent = _silent(shop)
        shop.stores = tuple(store for store in shop.stores if store.name not in silent)
        if shop.mirror is not None:
            shop.mirror = hasty(shop.mirror)
        before = shop.catalog.journal.last()
        cards = Cards(shop=shop)
        begun, opened = interrupted(shop), dockets.opened(shop)
        more = {current_name(shop, slug) for docket in begun for slug in docket.events}.difference(slugs)
        results = [process(shop, event, cards) for event in shop.catalog.events() if event.slug in more.union(slugs)]
        failures = [failure for result in results if result.slug in slugs for failure in result.failures]
        failures += list_events(shop, cards, {failure.store for failure in failures})
        own = {docket.case for docket in dockets.opened(shop) if docket not in opened} - {one.case for one in begun}
        failures += settle_all(shop, sorted({failure.store for failure in failures}), own)
        finished = finish(shop, begun, [one for result in results if result.slug in more for one in result.failures])
        write_maps(shop)
        if destroys:
            erase_said(shop)
        if shop.catalog.journal.last() != before:
            mirroring.hurry(shop)
        failures += erase_mirror(shop) if destroys else []
        applied = Applied(
            receipts=tuple(receipt.pages[0] for receipt in attest_all(shop)) if destroys else (),
            in_inbox=tuple(in_inbox(shop, destroys)),
            finished=tuple(finished),
            unshown={item: why for item in wanted if (why := _unshown(shop, item, results))},
        )
    for error in (*silent.values(), *(failure.error for failure in failures)):
        if isinstance(error, EventOwned):
            raise StoreError(error.message, hint=f"the decision is made, and stands; {error.hint}")
        if isinstance(error, StoreError | StoreRefused):
            raise StoreError(error.message, hint="the decision is made, and stands; the next run finishes it there")
        raise error
    return applied


def _unshown(shop: Shop, item: str, results: Sequence[EventResult]) -> str:
    """Why no event shows an item, if none does: something else was decided of it, too."""
    asset = shop.catalog.asset(item)
    said = [one for result in results if asset and (one := result.contents.get(asset.master))]
    now = [one for one in said if one.code != "moved"]  # it leads to another event, which may show it or not
    if any(one.verdict == Verdict.PUBLISHED for one in now):
        return ""
    came = shop.catalog.paths(asset.master) if asset else []
    given = [found for one in came if (found := shop.catalog.history(one.event, one.path))]
    told = [one["reason"] for one in given if one["code"] != "moved"]
    return next((why for why in (*told, *(one.reason for one in now)) if why), "")


def _silent(shop: Shop) -> dict[str, MediaArchiveError]:
    """The stores that can't be used now, by name, and why: whoever waits for a decision doesn't wait for them."""
    found: dict[str, MediaArchiveError] = {}
    for store in shop.stores:
        try:
            hasty(store).check()
        except MediaArchiveError as error:
            found[store.name] = error
    return found
