"""What leaves a store: it is taken off every page that shows it, in whatever event, and only then removed.

An item may be of two events, and a run comes to one after the other. So the others are edited first, as a takedown does it:
the pointer's own manifest, with the notice in the item's place, or nothing. That takes seconds, and needs nothing that the
other event's own next release would need.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from mediaarchive import layout
from mediaarchive.errors import EventOwned, MediaArchiveError, StoreError
from mediaarchive.manifest.model import Item, Manifest, Tombstone
from mediaarchive.pipeline.deciding.dockets import Docket
from mediaarchive.pipeline.deciding.ruling import ever_in, listed_in, names_newest_first, ruling
from mediaarchive.pipeline.deciding.withdrawing import distrust, hide, is_unfinished, pages_of, scrub, showing
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.publishing import history, releasing
from mediaarchive.pipeline.publishing.forwarding import forward, tidy
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.publishing.publisher import Publisher, Stale
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store
from mediaarchive.site.pages import EventCard, card
from mediaarchive.stages.publish.entries import without

Leaving = Mapping[str, Tombstone | None]  # what stands in an item's place, or None, by its id and its aliases
_TRIES = 10


def take_away(
    shop: Shop,
    stores: Sequence[Store],
    slugs: Sequence[str],
    gone: Sequence[tuple[Tombstone, Docket]],
    hidden: Mapping[str, Sequence[str]],
    cards: Cards,
) -> list[Failure]:
    """Remove what an event doesn't show any more from every store that may still have something of it; what failed.

    Args:
        shop: the workspace.
        stores: those that show the event as it should be.
        slugs: the event's name, and those it had before.
        gone: what stands in withdrawn items' places, and where each withdrawal is written down.
        hidden: items (their aliases, by id) of which nothing stays: no file, no page, no notice.
        cards: what pages say of events.
    """
    failures = []
    for store in stores if gone or hidden else ():
        try:
            withdrawn = [
                (stone, docket)
                for stone, docket in gone
                if is_unfinished(shop, store, slugs[0], (stone.id, *stone.aliases), stone.removed)
            ]
            off = [
                (n, *aliases) for n, aliases in hidden.items() if is_unfinished(shop, store, slugs[0], (n, *aliases))
            ]
            leaving: dict[str, Tombstone | None] = {name: None for names in off for name in names}
            leaving |= {name: stone for stone, _ in withdrawn for name in (stone.id, *stone.aliases)}
            _off_other_pages(shop, store, slugs, leaving, cards)
            for stone, docket in withdrawn:
                scrub(shop, store, slugs, stone, docket)
            for names in off:
                hide(shop, store, slugs, names)
        except MediaArchiveError as error:
            failures.append(Failure(store=store.name, event=slugs[0], error=error))
    return failures


def _off_other_pages(shop: Shop, store: Store, slugs: Sequence[str], leaving: Leaving, cards: Cards) -> None:
    """Publish the other events that still show these items without them, and the list of events."""
    if not leaving:
        return
    others = [slug for slug in places(shop, leaving) if slug not in slugs]
    for slug in others:
        if any(_shows(shop, store, name, leaving) for name in names_of(shop, slug)):
            edit(shop, store, slug, leaving, cards)
    shown = showing([*leaving])
    listed = (store.get(key) for key in pages_of(stat.key for stat in store.list("events/index")))
    if any(found and shown.search(found[0]) for found in listed):
        for failure in list_events(replace(shop, stores=(store,)), cards):
            raise failure.error


def _shows(shop: Shop, store: Store, slug: str, items: Collection[str]) -> bool:
    """Whether an event's manifest, with all its pages, or anything that follows from it names a file of these items."""
    if (pointer := store.get(layout.pointer_key(slug))) is None:
        return False
    digest = hashlib.sha256(pointer[0]).hexdigest()
    if any(key.split("/")[1] in items for key in history.named(shop.workspace.archive, store, slug, digest)):
        return True
    shown = showing([*items])
    texts = (store.get(key) for key in pages_of(stat.key for stat in store.list(f"events/{slug}/")))
    return any(found and shown.search(found[0]) for found in texts)


def places(shop: Shop, items: Collection[str]) -> list[str]:
    """The events that may have published any of these items, the ones that list one first."""
    holds = ruling(shop)
    found = (*listed_in(shop, holds, items).values(), *ever_in(shop, holds, items).values())
    return list(dict.fromkeys(slug for slugs in found for slug in slugs))


def names_of(shop: Shop, slug: str) -> tuple[str, ...]:
    """An event's name, and those it had before."""
    return (slug, *ruling(shop).former.get(slug, ()))


def edit(shop: Shop, store: Store, slug: str, leaving: Leaving, cards: Cards) -> None:
    """Let the pointer name a release without these items, then write the pages and notices that follow from it.

    An event that was renamed a moment ago may be published under its former name only. One that another workspace publishes
    now stays as it is, if it shows nothing of them.

    Raises:
        StoreError, EventOwned: as of any publication.
    """
    try:
        _edit(shop, store, slug, leaving, cards)
    except EventOwned as error:
        names = names_of(shop, slug)
        if any(_shows(shop, store, name, leaving) for name in names):
            shown = [item for item in leaving if any(_shows(shop, store, name, [item]) for name in names)]
            raise EventOwned(
                f"{error.message}, and it shows {', '.join(shown)}",
                hint=f"have it withdrawn there: mediaarchive takedown {' '.join(shown)}",
            ) from error


def _edit(shop: Shop, store: Store, slug: str, leaving: Leaving, cards: Cards) -> None:
    names = names_newest_first(shop, slug)
    standing = next((name for name in names if store.get(layout.pointer_key(name)) is not None), slug)
    stones = {stone.id: stone for stone in leaving.values() if stone}
    publisher = Publisher(shop, store, standing)
    for _ in range(_TRIES):
        publisher.look([])
        if (found := store.get(layout.pointer_key(standing))) is None:
            return
        published = history.whole(store, Manifest.model_validate_json(found[0]))
        items = _edited(published.items, leaving)
        was = {item.id: item for item in published.items}
        changed = {item.id: item for item in items if was.get(item.id) != item}
        counts = {kind: sum(item.type == kind for item in items) for kind in type(published.counts).model_fields}
        manifest = published.model_copy(update={"items": items, "counts": type(published.counts)(**counts)})
        edition = releasing.reissue(manifest, changed | stones)
        try:
            publisher.release(edition.release, {}, lambda: True)
        except Stale:
            continue
        cards.known[slug] = card(manifest)
        listed = _listing(shop, edition.items, slug, cards)
        distrust(shop, [store], [name for name, stone in leaving.items() if stone])
        made = releasing.projections(edition, listed, releasing.notices(edition), shop.address)
        publisher.project(made)
        tidy(shop, store, standing, made)
        for old in names:
            if old not in {slug, standing}:
                forward(shop, store, old, edition)
        return
    raise StoreError(f"{store.url(layout.pointer_key(standing))} keeps moving", hint="run the same command again")


def _edited(items: Iterable[Item], leaving: Leaving) -> list[Item]:
    """A manifest's items, those that leave replaced by what stands in their places."""
    found: dict[str, Item] = {}
    for item in items:
        if now := leaving.get(item.id, item):
            found.setdefault(now.id, now)
    kept = [*found.values()]
    for name in leaving:
        kept = without(kept, name)
    return kept


def _listing(shop: Shop, items: Iterable[str], slug: str, cards: Cards) -> dict[str, list[EventCard]]:
    """The cards of the events that list each of these items."""
    slugs = listed_in(shop, ruling(shop), items)
    return {
        item: [known for name in slugs.get(item, [slug]) if (known := cards.get(name)) is not None] for item in items
    }
