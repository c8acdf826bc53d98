"""What pages say of other events: their cards, and the list of all of them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from mediaarchive import layout
from mediaarchive.errors import MediaArchiveError
from mediaarchive.manifest.model import Manifest
from mediaarchive.manifest.model import Publisher as PublisherPart
from mediaarchive.pipeline.deciding.ruling import names_newest_first, ruling
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.publishing.forwarding import tidy
from mediaarchive.pipeline.publishing.publisher import Publisher
from mediaarchive.pipeline.shop import Shop
from mediaarchive.site.pages import EventCard, card, events_pages


@dataclass(kw_only=True, slots=True)
class Cards:
    """What pages say of events: those of this run, and of the others what their published manifests say."""

    shop: Shop
    known: dict[str, EventCard] = field(default_factory=dict)

    def get(self, slug: str) -> EventCard | None:
        """An event's card, or None if it isn't published, nor under a name that it had before."""
        if slug not in self.known:
            found = self._pointer(slug)
            for name in names_newest_first(self.shop, slug)[1:] if found is None else ():
                found = found or self._pointer(name)
            if found is not None:
                self.known[slug] = card(Manifest.model_validate_json(found))
        return self.known.get(slug)

    def _pointer(self, name: str) -> bytes | None:
        key = layout.pointer_key(name)
        return next((got[0] for store in self.shop.stores if (got := store.get(key)) is not None), None)


def list_events(shop: Shop, cards: Cards, broken: AbstractSet[str] = frozenset()) -> list[Failure]:
    """Write the list of all events into every store but those that are `broken`; what failed."""
    owner = shop.settings.workspace
    part = PublisherPart(name=owner.publisher or None, url=owner.publisher_url or None, contact=owner.contact or None)
    failures, former = [], ruling(shop).former
    for store in shop.stores:
        if store.name in broken:
            continue
        try:
            listed = [
                found
                for event in shop.catalog.events()
                if any(shop.catalog.published(store.name, name) for name in (event.slug, *former.get(event.slug, ())))
                and (found := cards.get(event.slug))
            ]
            if listed:
                shown = [card for card in listed if not card.retired]
                pages = events_pages(shown, languages=shop.settings.texts.languages, publisher=part)
                Publisher(shop, store, "").project(pages)
                tidy(shop, store, "", pages)
        except MediaArchiveError as error:
            failures.append(Failure(store=store.name, event="", error=error))
    return failures
