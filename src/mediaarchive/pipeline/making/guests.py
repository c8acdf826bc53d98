"""Items that were moved into an event: they come with the texts that lie beside them where they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mediaarchive.model import Asset
from mediaarchive.pipeline.deciding.ruling import guests
from mediaarchive.pipeline.making.describing import Described, beside, describe
from mediaarchive.pipeline.making.drafted import published_drafts
from mediaarchive.pipeline.making.grouping import group
from mediaarchive.pipeline.making.rows import Rows, load
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.decide import Ruling


def invited(shop: Shop, rows: Rows, holds: Ruling, langs: Sequence[str]) -> tuple[Rows, list[tuple[Asset, Described]]]:
    """The event's rows with those of its guests, and each guest as it is described here.

    Titles, place and time zone are this event's; sidecars and rows of texts.csv are found where the files lie.
    """
    names = guests(shop, holds, rows.event.slug)
    found: list[tuple[Asset, Described]] = []
    originals, said = dict(rows.originals), dict(rows.said)
    for event in shop.catalog.events() if names else ():
        if event.slug not in names.values():
            continue
        home = load(shop, event)
        drafts = published_drafts(shop.workspace.archive, shop.settings)
        around, here = beside(home, drafts), replace(home, facts=rows.facts)
        for asset in group(shop, home):
            if names.get(asset.id) == event.slug and asset.id not in {known.id for known, _ in found}:
                found.append((asset, describe(asset, here, langs, around)))
                members = {member.sha256 for member in asset.members}
                originals |= {s: original for s, original in home.originals.items() if s in members}
                said |= {s: facts for s, facts in home.said.items() if s in members}
    return replace(rows, originals=originals, said=said), found
