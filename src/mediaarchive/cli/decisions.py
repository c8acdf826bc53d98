"""`mediaarchive restore`, `hide`, `unhide`, `approve`: decisions that the next release respects."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mediaarchive.cli.common import emit, json_option, workspace_option
from mediaarchive.errors import Busy


def _verb(kind: str, summary: str, example: str) -> click.Command:
    """A verb that records one decision about items, and brings their events up to date."""

    def decide(*, subjects: tuple[str, ...], workspace: Path, note: str, by: str, as_json: bool) -> None:
        from mediaarchive.pipeline.deciding.recording import apply, record  # noqa: PLC0415 - keeps `--help` quick

        slugs = record(workspace, kind, subjects, by, note)
        try:
            status = apply(workspace, slugs)
            done = True
        except Busy:
            status, done = 0, False
        if as_json:
            emit({"schema": "decision/1", "decision": kind, "events": slugs, "applied": done})
        else:
            when = "published" if done else "recorded; the run that is on, or the next one, publishes it"
            click.echo(f"{kind}: {', '.join(subjects)}: {when}.")
        sys.exit(status)

    decide.__doc__ = f"{summary}\n\nThe decision is in the journal for good.\n\n\b\nExample:\n  {example}"
    command: Callable[..., Any] = json_option(decide)
    command = click.option("--by", default="", help="Who decided; for the journal only.")(command)
    command = click.option("--note", default="", help="For the journal only.")(command)
    command = workspace_option(command)
    command = click.argument("subjects", nargs=-1, required=True, metavar="ITEM…")(command)
    return click.command(kind)(command)


restore = _verb(
    "restore", "Undo a takedown: publish the items again, from their originals.", "mediaarchive restore p-le2a63hwyh4yd"
)
hide = _verb("hide", "Take items off the page, without a notice.", "mediaarchive hide p-le2a63hwyh4yd")
unhide = _verb("unhide", "Put hidden items back on the page.", "mediaarchive unhide p-le2a63hwyh4yd")
approve = _verb(
    "approve",
    "Publish what waits because [publish] mode is hold: items, by id or path, or whole events, by slug.",
    "mediaarchive approve commons-week-2025",
)
