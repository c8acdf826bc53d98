"""`mediaarchive dedupe`: pairs that a person should look at, and what the person says of them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, workspace_option
from mediaarchive.errors import Busy


@click.group()
def dedupe() -> None:
    """Decide what is the same photograph. Decisions are by content: they hold for ever, whatever the files are called."""


@dedupe.command("list")
@workspace_option
@click.option("--event", "only", metavar="SLUG", help="This event only.")
@json_option
def list_pairs(*, workspace: Path, only: str | None, as_json: bool) -> None:
    """List the pairs that may be one photograph. Both are published until a person decides.

    \b
    Example:
      mediaarchive dedupe list
    """
    from mediaarchive.pipeline.answering.asking import proposals  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        found = [entry for entry in proposals(opened.catalog) if only in {None, entry["event"]}]
    if as_json:
        emit({"schema": "proposals/1", "pairs": found})
        return
    for entry in found:
        click.echo(f"{entry['event']}: {entry['left']['path']} and {entry['right']['path']}: {entry['because']}")
        click.echo(
            f"  mediaarchive dedupe same {entry['left']['sha256'][:12]} {entry['right']['sha256'][:12]}   (or: never)"
        )
    if not found:
        click.echo("Nothing waits for a decision.")


def _decide(kind: str, workspace: Path, subjects: tuple[str, str], by: str, *, as_json: bool) -> None:
    from mediaarchive.pipeline.deciding.recording import apply, record_contents  # noqa: PLC0415 - keeps `--help` quick

    slugs = record_contents(workspace, kind, subjects, by)
    try:
        apply(workspace, slugs)
        done = True
    except Busy:
        done = False
    if as_json:
        emit({"schema": "decision/1", "decision": kind, "events": slugs, "applied": done})
    else:
        click.echo(f"{kind}: {'published' if done else 'recorded; the run that is on, or the next one, publishes it'}.")
    sys.exit(0)


@dedupe.command()
@click.argument("left")
@click.argument("right")
@workspace_option
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def same(*, left: str, right: str, workspace: Path, by: str, as_json: bool) -> None:
    """Say that two files show the same photograph: paths in the inbox, item ids, or the beginnings of SHA-256s.

    \b
    Example:
      mediaarchive dedupe same DSCF0021.jpg "DSCF0021 edited.jpg"
    """
    _decide("same", workspace, (left, right), by, as_json=as_json)


@dedupe.command()
@click.argument("left")
@click.argument("right")
@workspace_option
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def never(*, left: str, right: str, workspace: Path, by: str, as_json: bool) -> None:
    """Say that two files are different photographs, and stay so.

    \b
    Example:
      mediaarchive dedupe never DSCF0021.jpg DSCF0022.jpg
    """
    _decide("never", workspace, (left, right), by, as_json=as_json)
