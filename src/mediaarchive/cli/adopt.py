"""`mediaarchive adopt`: take an event over from another workspace."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.errors import StoreError

if TYPE_CHECKING:
    from mediaarchive.pipeline.publishing.adopting import Adopted


@click.command()
@click.argument("event", metavar="EVENT")
@workspace_option
@click.option("--store", "only", metavar="NAME", help="In this store only. Default: in every store.")
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def adopt(event: str, *, workspace: Path, only: str | None, by: str, as_json: bool) -> None:
    """Take EVENT over: from now on this workspace publishes it, and the one that did is told so.

    One workspace owns an event; `run` refuses to publish what another one does. What was withdrawn stays withdrawn. The
    event's page lists what this workspace has of it, from its next run on; all addresses of the old page go on answering. An
    item keeps its old addresses as its own where its files have the same bytes, or where both workspaces were made with the
    same --salt. Where something was withdrawn, what isn't recognised waits for `approve`: it could be the withdrawn picture.

    \b
    Example:
      mediaarchive adopt commons-week-2025
      mediaarchive run --event commons-week-2025
    """
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.publishing.adopting import adopt as take_over  # noqa: PLC0415 - the same

    with open_beside(workspace) as shop:
        found = take_over(shop, event, only, by)
        done = found.taken
        here = any(known.slug == event for known in shop.catalog.events())
    for name, error in found.failures.items():
        tell(f"mediaarchive: {event} could not be taken over in {name}: {error}", err=True)
        tell("  → the same command goes on there when the store can be reached", err=True)
    if as_json:
        failures = {name: str(error) for name, error in found.failures.items()}
        emit({"schema": "adopt/1", "event": event, "stores": [taken.value() for taken in done], "failures": failures})
    else:
        _tell(event, done, here=here)
    if found.failures:
        sys.exit(StoreError.exit_status)


def _tell(event: str, done: Sequence[Adopted], *, here: bool) -> None:
    for taken in done:
        if taken.previous is None:
            tell(f"{event} in {taken.store}: this workspace publishes it already (release {taken.number}).")
            continue
        tell(
            f"{event} in {taken.store}: taken over from {taken.previous} at release {taken.number}: "
            f"{plural(taken.listed, 'item')}, {taken.withdrawn} withdrawn."
        )
    if any(taken.previous for taken in done):
        tell(
            "`mediaarchive run` publishes it from here."
            if here
            else f"Drop its files into inbox/{event}, then: mediaarchive run"
        )
