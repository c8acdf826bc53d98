"""`mediaarchive status`: events, items, problems, texts missing, the last run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from mediaarchive.cli.common import emit, json_option, plural, size, tell, workspace_option

_FEW = 5  # of a kind: with more, a person wants to know how many, and where to see them
_COMING = {
    "expires": "expires, and withdraws itself",
    "returns": "comes back",
    "erased": "is erased: its originals are destroyed; until then `mediaarchive restore` undoes it",
}


@click.command()
@workspace_option
@json_option
def status(workspace: Path, *, as_json: bool) -> None:
    """Show what is archived and published, and what needs a human: of many files of a kind the first five, and how many more.

    \b
    Example:
      mediaarchive status
    """
    from mediaarchive.pipeline.answering.asking import overview  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.answering.unproved import sentences, unproved  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.inbox.leaving import sentence_of  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        settings = opened.loaded.settings
        value = overview(opened.catalog, settings, opened.workspace.root / settings.ingest.inbox, datetime.now(UTC))
        value["unproved"] = unproved(opened.workspace.archive)
        value["running"] = opened.workspace.holder()
    if as_json:
        emit(value)
        return
    run = value["last_run"]
    ended = f"ended with status {run['status']}" if run and run["ended"] else "did not end"
    if value["running"]:
        tell(f"Now at work: {value['running']}.")
    if not (value["running"] and run and not run["ended"]):
        tell(f"Last run: {run['started']}, {ended}." if run else "No run yet.")
    if lag := value["mirror"]:
        tell(_mirror(lag))
    for one in value["stuck"]:
        tell(sentence_of(one["folder"], one["files"]))
    for one in value["loose"]:
        where = "/".join(part for part in (settings.ingest.inbox, one["folder"]) if part)
        tell(f"waiting in {where}: {plural(one['files'], 'file')}: {one['reason']}")
    for one in value["unproved"]:
        first, *todo = sentences(one, mirror=bool(settings.originals.mirror))
        tell("\n  ".join([f"{first}:", *todo]))
    _tell_kinds(
        value["coming"],
        lambda one: (one["day"], one["what"], one["reason"]),
        lambda one: f"{one['day']}: {one['subject']} {_COMING[one['what']]} ({one['reason']})",
        lambda one, more: f"{one['day']}: {more} more like these: mediaarchive status --json",
    )
    for event in value["events"]:
        _tell(event)


def _tell_kinds(
    found: Iterable[dict[str, Any]],
    kind: Callable[[dict[str, Any]], tuple[Any, ...]],
    line: Callable[[dict[str, Any]], str],
    rest: Callable[[dict[str, Any], int], str],
) -> bool:
    """Tell the first of each kind (`kind`) by `line`, and how many more there are by `rest`. Whether some were left out."""
    kinds: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        kinds[kind(one)].append(one)
    for those in kinds.values():
        for one in those[:_FEW]:
            tell(line(one))
        if len(those) > _FEW:
            tell(rest(those[0], len(those) - _FEW))
    return any(len(those) > _FEW for those in kinds.values())


def _tell(event: dict[str, Any]) -> None:
    tell(f"{event['slug']}: {plural(event['items'], 'item')} from {plural(event['originals'], 'original')}")
    if number := event["rolled_back_to"]:
        tell(f"  rolled back to release {number}: `mediaarchive rollback {event['slug']} --end` goes on")
    for store in event["stores"]:
        number = f"release {store['release']}" if store["release"] else "not published"
        tell(f"  {store['name']}: {number}")
    if event["missing_alt"]:
        hint = f"mediaarchive texts export {event['slug']} FILE.csv"
        tell(f"  {event['missing_alt']} without a description in every language: `{hint}`")
    if event["doubtful_texts"]:
        hint = f"mediaarchive texts lint {event['slug']}"
        tell(f"  {plural(event['doubtful_texts'], 'description')} to look at again: `{hint}`")
    _tell_kinds(
        event["waiting"],
        lambda _: (),
        _waiting,
        lambda _, more: f"  held: {more} more look like withdrawn photographs: mediaarchive dedupe show --open",
    )
    problems = [one for one in event["problems"] if one["code"] != "looks-withdrawn" or not event["waiting"]]
    listed = not _tell_kinds(
        problems,
        lambda one: (one["outcome"], one["code"]),
        lambda one: f"  {one['outcome']}: {one['path']}: {one['reason']}",
        lambda one, more: f"  {one['outcome']}: {more} more with the code {one['code']}",
    )
    listed &= not _tell_kinds(
        event["quarantined"],
        lambda _: (),
        lambda one: f"  withdrawn, and dropped again: {one['path']}: {one['reason']}",
        lambda _, more: f"  withdrawn, and dropped again: {more} more",
    )
    if not listed:
        tell(
            f"  each of them is in the newest page in archive/reports/{event['slug']}/, and in: mediaarchive status --json"
        )
    if pairs := event["proposals"]:
        tell(f"  {plural(pairs, 'pair')} may be duplicates: a person should look: mediaarchive dedupe show --open")


def _waiting(one: dict[str, Any]) -> str:
    state = "erased" if one["erased"] else f"withdrawn on {one['day']}, {one['reason']}"
    return (
        f"  held since {one['since'][:10]}: {one['path']}: it looks like {one['like']} ({state})\n"
        f"    if it is that photograph: {one['same']}\n"
        f"    if it is another one: {one['another']}"
    )


def _mirror(lag: dict[str, int]) -> str:
    if not lag["originals"] and not lag["segments"]:
        return "The mirror has everything."
    what = f"{plural(lag['originals'], 'original')} ({size(lag['bytes'])}) and {plural(lag['segments'], 'journal segment')}"
    return f"The mirror lacks {what}; the next run goes on."
