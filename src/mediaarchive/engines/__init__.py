"""Who does the work: this process, or a pool that survives dead workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mediaarchive.config.settings import EngineSettings, Limits
    from mediaarchive.model import Work
    from mediaarchive.ports import Engine

FILM_STAGES = frozenset({"film", "poster"})


def open_engine(settings: EngineSettings, limits: Limits, preload: Sequence[str] = ()) -> Engine:
    """The engine that the settings name; its workers start with the first work. The caller closes it.

    `preload`: modules of ours that the works will need, loaded once for all workers.
    """
    if settings.kind == "inline":
        from mediaarchive.engines.inline import InlineEngine  # noqa: PLC0415 - an engine is loaded where it is used

        return InlineEngine()
    from mediaarchive.engines.local import LIBRARIES, LocalEngine  # noqa: PLC0415 - the same

    def seconds(work: Work) -> float:
        film = any(recipe.stage in FILM_STAGES for recipe in work.recipes)
        return limits.seconds + (limits.film_seconds if film else 0)  # the stage's own limit answers first

    return LocalEngine(settings.workers, memory_mib=limits.memory, timeout=seconds, preload=(*LIBRARIES, *preload))
