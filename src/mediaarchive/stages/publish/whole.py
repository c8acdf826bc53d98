"""A manifest as a whole: an event with all its items, or one item by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from mediaarchive import layout
from mediaarchive.config import EventFacts
from mediaarchive.config.settings import Workspace
from mediaarchive.manifest.model import (
    Counts,
    Event,
    Item,
    ItemManifest,
    Links,
    Manifest,
    Publisher,
    Reason,
    Retired,
    Stored,
)
from mediaarchive.model import Credit
from mediaarchive.site.wording import tombstone_text
from mediaarchive.stages.decide import Withdrawal
from mediaarchive.stages.publish.files import address
from mediaarchive.stages.publish.rights import named, rights
from mediaarchive.stages.publish.shown import Shown


def manifest(
    slug: str,
    facts: EventFacts,
    languages: Sequence[str],
    owner: Workspace,
    items: Sequence[Item],
    retired: Withdrawal | None = None,
) -> Manifest:
    """An event's manifest with all its items, in the order given (unpaged); `retired`: since when and why it is over."""
    kinds = [item.type for item in items]
    return Manifest.model_validate(
        {
            "$schema": f"../../{layout.SCHEMA_KEY}",
            "slug": slug,
            "languages": list(languages),
            "event": Event(
                title=named(facts.title, languages) or {languages[0]: slug},
                description=named(facts.description, languages),
                start=facts.start.isoformat() if facts.start else None,
                end=facts.end.isoformat() if facts.end else None,
                timezone=facts.timezone,
                place=named(facts.place, languages),
                country=facts.country or None,
                homepage=facts.homepage or None,
            ),
            "publisher": Publisher(
                name=owner.publisher or None, url=owner.publisher_url or None, contact=owner.contact or None
            ),
            "rights": rights(Credit(), facts, languages),
            "links": Links(
                page=layout.event_page(slug),
                languages={lang: layout.language_key(slug, lang) for lang in languages},
                json_schema=layout.SCHEMA_KEY,
                types=layout.TYPES_KEY,
            ),
            "counts": Counts(**{kind: kinds.count(kind) for kind in ("photo", "video", "document", "tombstone")}),
            "items": list(items),
            "retired": retired
            and Retired(
                removed=retired.day,
                reason=cast("Reason", retired.reason),
                text=tombstone_text(retired.reason, "event", retired.day),
                contact=owner.contact or None,
            ),
        }
    )


def item_manifest(item: Item, shown: Shown | None, events: Sequence[str]) -> ItemManifest:
    """media/<id>/item.json."""
    objects = []
    if shown:
        recipes = {address(shown.asset.id, made.blob): made.recipe for made in shown.made}
        objects = [
            Stored(url=key, sha256=blob.sha256, bytes=blob.bytes, recipe=recipes.get(key) or None)
            for key, blob in sorted(shown.objects().items())
        ]
    return ItemManifest.model_validate(
        {"$schema": f"../../{layout.SCHEMA_KEY}", "item": item, "events": list(events), "objects": objects}
    )
