"""Wiring: from a workspace's folder to a shop with its engine and stores, and back to rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mediaarchive.catalog import Catalog
from mediaarchive.config import Loaded, load_settings
from mediaarchive.errors import Refused
from mediaarchive.events import Fanout, Sink
from mediaarchive.pipeline.keeping import mirroring
from mediaarchive.pipeline.keeping.mirroring import open_mirror
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.workspace import REBUILDING, Workspace
from mediaarchive.ports import Store
from mediaarchive.stores.retrying import Line

Flags = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A workspace with its settings and catalog, for looking only."""

    workspace: Workspace
    loaded: Loaded
    catalog: Catalog


@contextmanager
def look_into(folder: Path, flags: Flags | None = None) -> Iterator[Opened]:
    """Open a workspace to read it: no lock, no engine, no store.

    Raises:
        NoWorkspace, ConfigError, Unwritable.
    """
    workspace = Workspace.at(folder)
    loaded = load_settings(workspace.config, os.environ, flags)
    catalog = workspace.catalog()
    try:
        yield Opened(workspace=workspace, loaded=loaded, catalog=catalog)
    finally:
        catalog.close()


@contextmanager
def open_beside(folder: Path, flags: Flags | None = None) -> Iterator[Shop]:
    """Open a workspace to decide something, while a run may be on: no lock, no worker processes.

    Raises:
        NoWorkspace, ConfigError, Unwritable.
    """
    from mediaarchive.engines.inline import InlineEngine  # noqa: PLC0415 - loaded where it is used
    from mediaarchive.stores import open_store  # noqa: PLC0415 - the same

    with look_into(folder, flags) as opened:
        settings = opened.loaded.settings
        lines: dict[str, Line] = {}
        shop = Shop(
            workspace=opened.workspace,
            settings=settings,
            catalog=opened.catalog,
            engine=InlineEngine(),
            stores=tuple(open_store(entry, opened.workspace.root, lines) for entry in settings.store),
            sink=Fanout(),
            mirror=open_mirror(settings, opened.workspace.root, lines),
        )
        with _mirrored(shop):
            yield shop


@contextmanager
def _mirrored(shop: Shop) -> Iterator[None]:
    """What was decided meanwhile is in the mirror afterwards, if that can be reached; else the next run brings it there."""
    before = shop.catalog.journal.last()
    try:
        yield
    finally:
        if shop.catalog.journal.last() != before:
            mirroring.hurry(shop)


@contextmanager
def open_shop(
    folder: Path,
    sink: Sink,
    flags: Flags | None = None,
    *,
    prepare: Callable[[Workspace, Store | None], None] | None = None,
) -> Iterator[Shop]:
    """Open a workspace to work in it: hold its lock, start its engine, open its stores.

    Args:
        folder: the workspace.
        sink: who is told.
        flags: settings from the command line.
        prepare: given the workspace and its mirror before the catalog is opened: how a rebuild begins.

    Raises:
        NoWorkspace, ConfigError, Unwritable, Busy, and Refused while a rebuild is unfinished.
    """
    from mediaarchive.engines import open_engine  # noqa: PLC0415 - `status` needs no process pool
    from mediaarchive.pipeline.worker import NEEDED  # noqa: PLC0415 - nor works
    from mediaarchive.stores import open_store  # noqa: PLC0415 - nor boto3

    workspace = Workspace.at(folder)
    settings = load_settings(workspace.config, os.environ, flags).settings
    lines: dict[str, Line] = {}
    mirror = open_mirror(settings, workspace.root, lines)
    with workspace.lock(datetime.now(UTC)):
        if prepare:
            prepare(workspace, mirror)
        elif (workspace.archive / REBUILDING).exists():
            raise Refused(
                f"a rebuild of {workspace.root} has not ended: originals may be missing",
                hint="`mediaarchive rebuild` goes on",
            )
        catalog = workspace.catalog()
        engine = open_engine(settings.engine, settings.limits, NEEDED)
        try:
            yield Shop(
                workspace=workspace,
                settings=settings,
                catalog=catalog,
                engine=engine,
                stores=tuple(open_store(entry, workspace.root, lines) for entry in settings.store),
                sink=sink,
                mirror=mirror,
            )
        finally:
            engine.close()
            catalog.close()
