"""What every step of a run is given: the workspace, its settings, the catalog, an engine, the stores, and the clocks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mediaarchive import __version__
from mediaarchive.catalog import Catalog, Event
from mediaarchive.config import EventFacts, Settings
from mediaarchive.events import Sink
from mediaarchive.pipeline.workspace import Workspace
from mediaarchive.ports import Engine, Store


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True, slots=True)
class Shop:
    """One run's tools. Time is among them, so tests need not wait."""

    workspace: Workspace
    settings: Settings
    catalog: Catalog
    engine: Engine
    stores: tuple[Store, ...]
    sink: Sink
    mirror: Store | None = None
    now: Callable[[], datetime] = _now
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    jobs: dict[str, int] = field(default_factory=lambda: {"planned": 0, "done": 0, "failed": 0, "cached": 0})

    @property
    def limits(self) -> dict[str, Any]:
        """The limits, as workers take them."""
        return self.settings.limits.model_dump(mode="json")

    @property
    def address(self) -> str:
        """Where the public finds the archive: the first store's that has an address, since all show the same pages."""
        return next((store.base_url for store in self.settings.store if store.base_url), "")

    @property
    def conditions(self) -> str:
        """What a failure depended on beside its input and recipe: this program's version, and the limits."""
        return f"{__version__} {json.dumps(self.limits, sort_keys=True)}"

    def today(self, zone: str = "") -> str:
        """The day, as decisions and dates are compared: ISO 8601, in a time zone, or in the workspace's own."""
        return self.now().astimezone(ZoneInfo(zone or self.settings.workspace.timezone)).date().isoformat()

    def stamp(self) -> str:
        """Now, as the journal writes it."""
        return self.now().isoformat(timespec="seconds")


def language(event: Event, settings: Settings) -> str:
    """The language that an event's people read first."""
    return languages(EventFacts.model_validate(event.facts), settings)[0]


def languages(facts: EventFacts, settings: Settings) -> tuple[str, ...]:
    """What an event is published in, the default language first."""
    return facts.languages or settings.texts.languages
