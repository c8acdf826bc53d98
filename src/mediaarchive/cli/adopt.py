"""`mediaarchive adopt`: take an event over from another workspace."""

from __future__ import annotations

from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option


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
        done = take_over(shop, event, only, by)
        here = any(known.slug == event for known in shop.catalog.events())
    if as_json:
        emit({"schema": "adopt/1", "event": event, "stores": [taken.value() for taken in done]})
        return
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
