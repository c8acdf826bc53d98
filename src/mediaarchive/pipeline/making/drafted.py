"""What machines drafted of an item, as the archive has it: of its master first, then of its other files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mediaarchive.catalog import Drafts
from mediaarchive.catalog.drafts import FIT
from mediaarchive.config import Settings
from mediaarchive.model import Asset, Draft, Text
from mediaarchive.pipeline.making.describing import Shows


def drafts_of(drafts: Drafts, asset: Asset) -> dict[str, Draft]:
    """The draft of an item in each language, fit or not."""
    others = (member.sha256 for member in asset.members if member.sha256 != asset.master)
    return drafts.of((asset.master, *others))


def published_drafts(archive: Path, settings: Settings) -> Shows:
    """Which drafts of an item are published: those that are fit, where the settings say so, and none otherwise."""
    drafts = Drafts(archive)

    def texts(asset: Asset) -> Iterator[Text]:
        if settings.texts.drafts == "flag":
            for lang, draft in sorted(drafts_of(drafts, asset).items()):
                if draft.state == FIT:
                    yield Text(kind="alt", lang=lang, text=draft.text, state="draft", source="model")

    return texts
