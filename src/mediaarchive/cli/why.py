"""`mediaarchive why`: what became of this file, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from mediaarchive.cli.common import emit, json_option, tell, workspace_option
from mediaarchive.errors import UsageError


@click.command()
@click.argument("subject")
@workspace_option
@json_option
def why(subject: str, workspace: Path, *, as_json: bool) -> None:
    """Tell what became of SUBJECT: a path in the inbox (or its end), an item's id, or a SHA-256.

    \b
    Example:
      mediaarchive why IMG-20251007-WA0003.jpg
      mediaarchive why p-le2a63hwyh4yd
    """
    from mediaarchive.pipeline.answering import asking  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        settings = opened.loaded.settings
        inbox = opened.workspace.root / settings.ingest.inbox
        found = asking.why(opened.catalog, settings, subject, datetime.now(UTC).date().isoformat(), inbox)
    if not found:
        raise UsageError(
            f'nothing is known of "{subject}"', hint="give a path as in the report, an item id, or a SHA-256"
        )
    if as_json:
        emit({"schema": "why/1", "subject": subject, "found": found})
        return
    for entry in found:
        _tell(entry, "")


def _tell(entry: dict[str, Any], indent: str) -> None:
    if "members" in entry:
        gone = entry["withdrawn"]
        state = f", withdrawn on {gone['day']} ({gone['reason']})" if gone else ""
        tell(f"{entry['item']}: a {entry['kind']} in {', '.join(entry['events']) or 'no event'}{state}")
        for one in entry["said"]:
            lang = f" ({one['lang']})" if one["lang"] else ""
            origin = f", from {one['event']}/{one['from']}" if one["from"] else ""
            tell(f"  {one['kind']}{lang}: {one['said'] or '(none: it is decorative)'} [{one['source']}{origin}]")
        for member in entry["members"]:
            _tell(member, "  ")
        return
    if "path" in entry:
        tell(f"{indent}{entry['event']}/{entry['path']}" if entry["event"] else f"{indent}{entry['path']}")
    if entry.get("answer"):
        _tell_answer(entry, indent)
    for arrival in entry.get("came_in_as", ()):
        tell(f"{indent}  came in as {arrival['event']}/{arrival['path']} on {arrival['at'][:16]}")
    if entry.get("original"):
        tell(f"{indent}  original: archive/{entry['original']}")
    if waits := entry.get("waiting"):
        tell(f"{indent}  it waits since {waits['since'][:10]}, since it looks like {waits['like']}")
        tell(f"{indent}    if it is that photograph: {waits['same']}")
        tell(f"{indent}    if it is another one: {waits['another']}")
    if entry.get("item"):
        _tell_item(entry, indent)


def _tell_answer(entry: dict[str, Any], indent: str) -> None:
    answer = entry["answer"]
    said = f"{answer['verdict']}: {answer['reason']}" if answer["reason"] else answer["verdict"]
    if entry.get("taken_away"):
        kept = "what came in under this name is below" if entry.get("sha256") else "the archive has nothing of it"
        tell(f"{indent}  it is no longer in the inbox: somebody took it away; {kept}")
        tell(f"{indent}  it was {said}")
    else:
        tell(f"{indent}  {said}")


def _tell_item(entry: dict[str, Any], indent: str) -> None:
    tell(f"{indent}  item {entry['item']}: {entry.get('because') or entry['relation']}")
    if (gone := entry["withdrawn"]) and not indent:
        tell(f"{indent}    withdrawn on {gone['day']} ({gone['reason']})")
    if entry["erased"]:
        tell(f"{indent}    its original was destroyed on {entry['erased']}")
