"""Which of an event's photographs stand behind which: bursts, by what the catalog knows of earlier covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mediaarchive.model import Kind
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.dedupe.stacks import Frame, stacks
from mediaarchive.stages.publish.shown import Shown


def in_stacks(shop: Shop, shown: Sequence[Shown]) -> list[Shown]:
    """The items that are shown, each with the stack it belongs to."""
    if not shop.settings.dedupe.stacks:
        return list(shown)
    frames = [
        Frame.of(entry.asset, entry.facts, shop.catalog.asset(entry.asset.id))
        for entry in shown
        if entry.asset.kind is Kind.PHOTO
    ]
    home = {item: stack for stack in stacks(frames, shop.catalog.decisions()) for item in stack}
    return [replace(entry, stack=home.get(entry.asset.id, ())) for entry in shown]
