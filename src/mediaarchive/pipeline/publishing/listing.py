"""What pages say of other events: their cards, and the list of all of them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from mediaarchive import layout
from mediaarchive.errors import MediaArchiveError
from mediaarchive.manifest.model import Manifest
from mediaarchive.manifest.model import Publisher as PublisherPart
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
        """An event's card, or None if it isn't published."""
        if slug not in self.known:
            for store in self.shop.stores:
                if (found := store.get(layout.pointer_key(slug))) is not None:
                    self.known[slug] = card(Manifest.model_validate_json(found[0]))
                    break
        return self.known.get(slug)


def list_events(shop: Shop, cards: Cards, broken: AbstractSet[str] = frozenset()) -> list[Failure]:
    """Write the list of all events into every store but those that are `broken`; what failed."""
    owner = shop.settings.workspace
    part = PublisherPart(name=owner.publisher or None, url=owner.publisher_url or None, contact=owner.contact or None)
    failures = []
    for store in shop.stores:
        if store.name in broken:
            continue
        try:
            listed = [
                found
                for event in shop.catalog.events()
                if shop.catalog.published(store.name, event.slug) and (found := cards.get(event.slug))
            ]
            if listed:
                shown = [card for card in listed if not card.retired]
                pages = events_pages(shown, languages=shop.settings.texts.languages, publisher=part)
                Publisher(shop, store, "").project(pages)
                tidy(shop, store, "", pages)
        except MediaArchiveError as error:
            failures.append(Failure(store=store.name, event="", error=error))
    return failures
