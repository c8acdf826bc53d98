"""`mediaarchive event`: rename, retire and restore whole events."""

from __future__ import annotations

from pathlib import Path

import click

from mediaarchive.cli.common import json_option, workspace_option
from mediaarchive.cli.decisions import carry_out
from mediaarchive.cli.takedown import REASONS


@click.group()
def event() -> None:
    """Rename, retire and restore whole events."""


@event.command()
@click.argument("slug")
@click.argument("new")
@workspace_option
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def rename(*, slug: str, new: str, workspace: Path, by: str, as_json: bool) -> None:
    """Publish the event SLUG as NEW from now on. Its folder in the inbox keeps its name.

    The former address goes on answering: websites that embed its manifest get the event's own, and its page leads on to the
    new one. Items, their pages and stable addresses stay as they are. It waits for no run: if one is on, try again after it.

    \b
    Example:
      mediaarchive event rename comons-week-2025 commons-week-2025
    """
    from mediaarchive.pipeline.deciding.recording import rename_event  # noqa: PLC0415 - keeps `--help` quick

    rename_event(workspace, slug, new, by)
    carry_out(workspace, "rename", [slug], [new], as_json=as_json)


@event.command()
@click.argument("slug")
@workspace_option
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Shown to visitors, in their language.")
@click.option("--note", default="", help="For the journal only.")
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def retire(*, slug: str, workspace: Path, reason: str, note: str, by: str, as_json: bool) -> None:
    """Withdraw all that the event SLUG shows. Its page says so, and it leaves the list of events.

    Items that another event lists stay there; the files of all others are deleted, and the notice stands at their addresses.
    Its manifest has no items and says why (`retired`). The receipt is in archive/receipts/; `event restore` undoes it. Exit
    status 4: these credentials may not remove what is published, and nothing was decided.

    \b
    Example:
      mediaarchive event retire commons-week-2025 --reason rights-expired
    """
    from mediaarchive.pipeline.deciding.recording import decide_event  # noqa: PLC0415 - keeps `--help` quick

    found = decide_event(workspace, "retire", slug, by, {"reason": reason, "note": note})
    carry_out(
        workspace, "retire", [slug], found.slugs, as_json=as_json, stood=found.stood, already="is retired already"
    )


@event.command()
@click.argument("slug")
@workspace_option
@click.option("--note", default="", help="For the journal only.")
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def restore(*, slug: str, workspace: Path, note: str, by: str, as_json: bool) -> None:
    """Publish a retired event again, from its originals. What was withdrawn item by item stays away.

    \b
    Example:
      mediaarchive event restore commons-week-2025
    """
    from mediaarchive.pipeline.deciding.recording import decide_event  # noqa: PLC0415 - keeps `--help` quick

    found = decide_event(workspace, "restore", slug, by, {"note": note})
    carry_out(workspace, "restore", [slug], found.slugs, as_json=as_json, stood=found.stood, already="isn't retired")
