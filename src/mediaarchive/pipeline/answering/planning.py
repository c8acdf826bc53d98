"""What a run would do, and about what it would cost, without doing any of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mediaarchive.catalog import Look
from mediaarchive.model import Kind
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.inbox.intake import MAYBE_UNFINISHED, PASSES
from mediaarchive.pipeline.inbox.scanning import scan
from mediaarchive.pipeline.making import rendering
from mediaarchive.pipeline.making.describing import beside, describe
from mediaarchive.pipeline.making.grouping import group
from mediaarchive.pipeline.making.rows import load, with_elsewhere
from mediaarchive.pipeline.publishing.sorting import sort_out
from mediaarchive.pipeline.shop import Shop, languages

# CPU seconds, measured for docs/benchmarks.md: one still rendition of a 24 MP photograph on average, and one second of a
# 1080p film in all its sizes. Orders of magnitude, to decide whether a run fits into the night.
_STILL_SECONDS = 0.15
_FILM_FACTOR = 2.5


@dataclass(frozen=True, kw_only=True, slots=True)
class EventPlan:
    """What is missing of one event: items, derivation jobs, and an estimate of CPU seconds. `held`: items that won't be shown."""

    slug: str
    items: int
    held: int
    jobs: int
    cpu_seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxPlan:
    """What waits in one folder of the inbox."""

    folder: str
    files: int
    bytes: int


def inbox(shop: Shop) -> list[InboxPlan]:
    """The files of the inbox that the next run would look at, by folder: neither taken nor refused as they are, nor half sent."""
    known = shop.catalog.looks()
    found: dict[str, list[int]] = {}
    for file in scan(shop.workspace.root / shop.settings.ingest.inbox):
        look = known.get(file.key)
        if file.ignorable or file.partial or (look and look.stat == file.stat and _is_done(look)):
            continue
        found.setdefault(file.folder, []).append(int(file.stat.partition(":")[0]) if file.stat[:1].isdigit() else 0)
    return [InboxPlan(folder=folder, files=len(sizes), bytes=sum(sizes)) for folder, sizes in sorted(found.items())]


def _is_done(look: Look) -> bool:
    """Whether a file that stays as it is was taken, or refused for good."""
    return bool(look.sha256 or (look.code and look.code not in MAYBE_UNFINISHED | PASSES))


def plans(shop: Shop) -> Iterator[EventPlan]:
    """What is missing of each event that has come in."""
    holds = ruling(shop)
    for event in shop.catalog.events():
        rows = load(shop, event)
        assets = group(shop, rows)
        rows = with_elsewhere(shop, rows, assets)
        sorted_ = sort_out(shop, rows, assets, holds)
        around, langs = beside(rows), languages(rows.facts, shop.settings)
        wishes = [rendering.wish(shop, rows, asset, describe(asset, rows, langs, around)) for asset in sorted_.shown]
        works = rendering.plan(shop, rows, wishes).works
        yield EventPlan(
            slug=event.slug,
            items=len(sorted_.shown),
            held=len(sorted_.held),
            jobs=sum(len(work.recipes) for work in works),
            cpu_seconds=round(
                sum(
                    _FILM_FACTOR * (facts.duration or 0.0)
                    if (facts := rows.about(work.id)) and facts.kind is Kind.VIDEO
                    else _STILL_SECONDS * len(work.recipes)
                    for work in works
                    if work.stage == "render"
                ),
                1,
            ),
        )
