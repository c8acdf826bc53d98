"""`mediaarchive restore`, `hide`, `unhide`, `approve`, `move`, `expire`: decisions that the next release respects."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from mediaarchive.cli.common import emit, json_option, tell, workspace_option
from mediaarchive.errors import Busy, UsageError


def carry_out(
    workspace: Path,
    kind: str,
    subjects: Sequence[str],
    slugs: Sequence[str],
    *,
    as_json: bool,
    stood: Sequence[str] = (),
    already: str = "",
    wanted: Sequence[str] = (),
) -> None:
    """Bring events up to date after a decision, say so, and exit.

    `stood`: items that were so `already`; `wanted`: items that should be shown now.
    """
    from mediaarchive.pipeline.deciding.recording import Applied, apply  # noqa: PLC0415 - keeps `--help` quick

    try:
        applied, done = apply(workspace, slugs, wanted=wanted), True
    except Busy:
        applied, done = Applied(), False
    if as_json:
        value = {"schema": "decision/1", "decision": kind, "events": list(slugs), "applied": done, "stood": list(stood)}
        emit(value | {"finished": list(applied.finished), "unshown": dict(applied.unshown)})
        sys.exit(0)
    for item in stood:
        tell(f"{kind}: {item} {already}: there was nothing to do.")
    if len(stood) < len(subjects):
        when = (
            "done; the pages are up to date" if done else "recorded; the run that is on, or the next one, publishes it"
        )
        named = subjects if not stood else [subject for subject in subjects if subject not in stood]
        tell(f"{kind}: {', '.join(named) or 'the others'}: {when}.")
    for item, why in applied.unshown.items():
        tell(f"  {item} isn't shown, all the same: {why}")
    for sentence in applied.finished:
        tell(f"  {sentence}")
    sys.exit(0)


_ALREADY = {"restore": "isn't withdrawn", "hide": "is hidden already", "unhide": "isn't hidden"}


def _verb(kind: str, summary: str, example: str) -> click.Command:
    """A verb that records one decision about items, and brings their events up to date."""

    def decide(*, subjects: tuple[str, ...], workspace: Path, note: str, by: str, as_json: bool) -> None:
        from mediaarchive.pipeline.deciding.recording import record  # noqa: PLC0415 - keeps `--help` quick

        found = record(workspace, kind, subjects, by, note)
        already = _ALREADY.get(kind, "")
        wanted = () if kind == "hide" else found.items
        carry_out(
            workspace, kind, subjects, found.slugs, as_json=as_json, stood=found.stood, already=already, wanted=wanted
        )

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
hide = _verb(
    "hide",
    "Take items off the page, without a notice: nothing of them can be reached any more, until `unhide`.",
    "mediaarchive hide p-le2a63hwyh4yd",
)
unhide = _verb("unhide", "Put hidden items back on the page.", "mediaarchive unhide p-le2a63hwyh4yd")
approve = _verb(
    "approve",
    "Publish what waits because [publish] mode is hold: items, by id or path, or whole events, by slug.",
    "mediaarchive approve commons-week-2025",
)


@click.command()
@click.argument("subjects", nargs=-1, required=True, metavar="ITEM… EVENT")
@workspace_option
@click.option("--note", default="", help="For the journal only.")
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def move(*, subjects: tuple[str, ...], workspace: Path, note: str, by: str, as_json: bool) -> None:
    """List items in EVENT, and nowhere else: what was dropped into the wrong folder.

    Their ids, pages and stable addresses stay as they are. The decision is in the journal for good; moving them again, or
    back, is another one.

    \b
    Example:
      mediaarchive move p-le2a63hwyh4yd commons-week-2025
    """
    from mediaarchive.pipeline.deciding.recording import record  # noqa: PLC0415 - keeps `--help` quick

    *items, event = subjects
    if not items:
        raise UsageError("which items, and to which event?", hint="mediaarchive move p-le2a63hwyh4yd commons-week-2025")
    found = record(workspace, "move", items, by, note, {"event": event})
    already = f"is in {event} already, and nowhere else"
    carry_out(
        workspace, "move", items, found.slugs, as_json=as_json, stood=found.stood, already=already, wanted=found.items
    )


@click.command()
@click.argument("subjects", nargs=-1, required=True, metavar="ITEM… DAY")
@workspace_option
@click.option(
    "--reason", type=click.Choice(("rights-expired", "consent-withdrawn")), default="rights-expired", show_default=True
)
@click.option("--note", default="", help="For the journal only.")
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def expire(*, subjects: tuple[str, ...], workspace: Path, reason: str, note: str, by: str, as_json: bool) -> None:
    """Let items withdraw themselves on DAY (2027-10-11), or never: when a consent or a right ends.

    The first run on that day withdraws them, as `takedown` would; `status` announces it 30 days before. For whole events and
    for files that are yet to come, event.toml has `expires`.

    \b
    Example:
      mediaarchive expire p-le2a63hwyh4yd 2027-10-11 --reason consent-withdrawn
      mediaarchive expire p-le2a63hwyh4yd never
    """
    from mediaarchive.pipeline.deciding.recording import record  # noqa: PLC0415 - keeps `--help` quick

    *items, when = subjects
    hint = "mediaarchive expire p-le2a63hwyh4yd 2027-10-11"
    if not items:
        raise UsageError("which items, and on which day?", hint=hint)
    try:
        day = None if when == "never" else datetime.strptime(when, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - a day
    except ValueError as error:
        raise UsageError(f'"{when}" is no day', hint=hint) from error
    found = record(workspace, "expire", items, by, note, {"day": day, "reason": reason})
    carry_out(workspace, "expire", items, found.slugs, as_json=as_json)
