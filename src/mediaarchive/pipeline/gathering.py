"""All that an event's release follows from: its items grouped, described, sorted and rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mediaarchive.model import Asset, Problem
from mediaarchive.pipeline.deciding.ruling import listed_in, ruling
from mediaarchive.pipeline.keeping import restoring
from mediaarchive.pipeline.making import rendering
from mediaarchive.pipeline.making.describing import beside, describe
from mediaarchive.pipeline.making.drafted import published_drafts
from mediaarchive.pipeline.making.giving import from_copies
from mediaarchive.pipeline.making.grouping import group
from mediaarchive.pipeline.making.guests import invited
from mediaarchive.pipeline.making.rows import Rows, with_elsewhere
from mediaarchive.pipeline.making.stacking import in_stacks
from mediaarchive.pipeline.publishing import adopting, releasing
from mediaarchive.pipeline.publishing.sorting import sort_out
from mediaarchive.pipeline.shop import Shop, languages
from mediaarchive.stages.decide import Ruling, Withdrawal
from mediaarchive.stages.publish.shown import Gone, Shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """An event before its release: what is shown, what is held and why, what was withdrawn and on which day.

    `names`: the event's, and those it had before. `off`: items (with their aliases) that are off the page without a
    notice. `away`: the events that items were moved to. `gives`: what copies give to their items, by sha256. `stuck`: items
    that are published already, and that this machine could not bring up to date this time. `quarantined`: items that were
    withdrawn before they came in here.
    """

    rows: Rows
    names: tuple[str, ...]
    assets: tuple[Asset, ...]
    shown: tuple[Shown, ...]
    gone: tuple[Gone, ...]
    withdrawals: Mapping[str, Withdrawal]
    held: Mapping[str, Problem]
    off: Mapping[str, tuple[str, ...]]
    away: Mapping[str, str]
    gives: Mapping[str, tuple[str, ...]]
    retired: Withdrawal | None = None
    stuck: tuple[tuple[str, Problem], ...] = ()
    quarantined: Mapping[str, Withdrawal] = field(default_factory=dict)


def gather(shop: Shop, rows: Rows) -> Gathered:
    """Group, describe and render an event's items: all that its release follows from."""
    holds, langs = ruling(shop), languages(rows.facts, shop.settings)
    assets = group(shop, rows)
    rows = with_elsewhere(shop, rows, assets)
    around = beside(rows, published_drafts(shop.workspace.archive, shop.settings))
    described = {asset.id: describe(asset, rows, langs, around) for asset in assets}
    rows, visiting = invited(shop, rows, holds, langs)
    described |= {asset.id: found for asset, found in visiting}
    assets = tuple(sorted((*assets, *(asset for asset, _ in visiting)), key=lambda asset: asset.id))
    sorted_ = sort_out(shop, rows, assets, holds)
    wishes = [rendering.wish(shop, rows, asset, described[asset.id]) for asset in sorted_.shown]
    restoring.take_up(shop, rows, wishes)
    outcomes = rendering.carry_out(shop, rows.event.slug, rendering.plan(shop, rows, wishes))
    held = dict(sorted_.held)
    standing = shop.catalog.items_of(asset.master for asset in assets)
    shown, stuck = [], []
    for entry in wishes:
        result = rendering.result(entry, outcomes)
        if result.problem:
            held[entry.asset.id] = result.problem
            if result.passing and entry.asset.master in standing:
                stuck.append((entry.asset.id, result.problem))
        else:
            shown.append(releasing.shown(entry.asset, rows, described[entry.asset.id], result))
    shown = in_stacks(shop, shown)
    gone = [releasing.gone(asset, withdrawal, described[asset.id]) for asset, withdrawal in sorted_.gone]
    gone += adopting.inherited(shop, rows.event.slug, [asset.id for asset in assets])
    if adopting.recognise(shop, rows.event.slug, shown):
        return gather(shop, rows)  # items have older names now
    waiting = adopting.doubtful(shop, rows.event.slug, shown, holds)
    shown, held = [entry for entry in shown if entry.asset.id not in waiting], held | waiting
    return Gathered(
        rows=rows,
        names=(rows.event.slug, *holds.former.get(rows.event.slug, ())),
        assets=assets,
        shown=tuple(shown),
        gone=tuple(gone),
        withdrawals={asset.id: withdrawal for asset, withdrawal in sorted_.gone},
        held=held,
        off=_off(shop, holds, assets, held),
        away=sorted_.away,
        gives={
            sha256: kinds
            for entry in shown
            for sha256, kinds in from_copies(entry.asset, rows, around, described[entry.asset.id]).items()
        },
        retired=holds.retired.get(rows.event.slug),
        stuck=tuple(stuck),
        quarantined=sorted_.quarantined,
    )


def _off(shop: Shop, holds: Ruling, assets: Sequence[Asset], held: Mapping[str, Problem]) -> dict[str, tuple[str, ...]]:
    """Items that were public, and that no event may show now: nothing of them stays reachable."""
    codes = {"hidden", "embargo", "consent-asked"}
    wanted = [a for a in assets if a.id in held and held[a.id].code in codes and shop.catalog.asset(a.id)]
    places = listed_in(shop, holds, [asset.id for asset in wanted])
    return {
        asset.id: asset.aliases
        for asset in wanted
        if held[asset.id].code != "embargo" or holds.embargo(asset) or len(places.get(asset.id, ())) < 2
    }
