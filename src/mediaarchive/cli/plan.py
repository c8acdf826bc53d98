"""`mediaarchive plan`: what a run would do, and about what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mediaarchive.cli.common import emit, json_option, plural, size, tell, workspace_option


@click.command()
@workspace_option
@json_option
def plan(workspace: Path, *, as_json: bool) -> None:
    """Say what a run would do, and do nothing.

    \b
    Example:
      mediaarchive plan
    """
    show_plan(workspace, {}, as_json=as_json)


def show_plan(workspace: Path, flags: Mapping[str, Mapping[str, Any]], *, as_json: bool) -> None:
    """Print the plan of the next run."""
    from mediaarchive.events import Fanout  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.answering import planning  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_shop  # noqa: PLC0415 - keeps `--help` quick

    with open_shop(workspace, Fanout(), {**flags, "engine": {"kind": "inline"}}) as shop:
        waiting, missing = planning.inbox(shop), list(planning.plans(shop))
    if as_json:
        emit({"schema": "plan/1", "inbox": [asdict(p) for p in waiting], "events": [asdict(p) for p in missing]})
        return
    for folder in waiting:
        where = f"inbox/{folder.folder}" if folder.folder else "inbox (no event: these wait)"
        tell(f"{where}: {plural(folder.files, 'file')} to take in, {size(folder.bytes)}")
    for event in missing:
        held = f", {event.held} held" if event.held else ""
        cost = (
            f"{plural(event.jobs, 'job')}, about {event.cpu_seconds:.0f} s of CPU" if event.jobs else "nothing to make"
        )
        tell(f"{event.slug}: {plural(event.items, 'item')}{held}; {cost}")
    if not waiting and not missing:
        tell("The inbox is empty and nothing is archived yet.")
