"""Who says what of an item: each of its texts and credits with the file it comes from, as the catalog knows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mediaarchive.catalog import Catalog
from mediaarchive.config import EventFacts, Settings
from mediaarchive.model import Asset
from mediaarchive.pipeline.making.describing import beside, describe
from mediaarchive.pipeline.making.drafted import published_drafts
from mediaarchive.pipeline.making.giving import origins
from mediaarchive.pipeline.making.rows import peek
from mediaarchive.pipeline.shop import languages


def said(catalog: Catalog, settings: Settings, asset: Asset) -> list[dict[str, Any]]:
    """The texts and credits of an item: `event`, `kind`, `lang` (None for credits), `said`, `source`, and `from` (a path)."""
    return list(_said(catalog, settings, asset))


def _said(catalog: Catalog, settings: Settings, asset: Asset) -> Iterator[dict[str, Any]]:
    slugs = catalog.events_of([asset.id]).get(asset.id, [])
    for event in catalog.events():
        if event.slug not in slugs:
            continue
        rows = peek(catalog, event, {member.sha256 for member in asset.members})
        if not rows.about(asset.master):
            continue
        around = beside(rows, published_drafts(catalog.path.parent, settings))
        described = describe(asset, rows, languages(EventFacts.model_validate(event.facts), settings), around)
        for one in origins(asset, rows, around, described):
            yield {
                "event": event.slug,
                "kind": one.kind,
                "lang": one.lang,
                "said": one.said,
                "source": one.source,
                "from": one.path,
            }
