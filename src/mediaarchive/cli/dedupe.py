"""`mediaarchive dedupe`: pairs that a person should look at, and what the person says of them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.errors import Busy, UsageError

if TYPE_CHECKING:
    from mediaarchive.pipeline.deciding.joining import Said


@click.group()
def dedupe() -> None:
    """Decide what is the same photograph. Decisions are by content: they hold for ever, whatever the files are called."""


@dedupe.command("list")
@workspace_option
@click.option("--event", "only", metavar="SLUG", help="This event only.")
@click.option("--across", is_flag=True, help="Instead: photographs of different events that look alike.")
@json_option
def list_pairs(*, workspace: Path, only: str | None, across: bool, as_json: bool) -> None:
    """List the pairs that may be one photograph. Both are published until a person decides; what may be withdrawn is held.

    \b
    Example:
      mediaarchive dedupe list
      mediaarchive dedupe list --across
    """
    if across:
        _list_across(workspace, as_json=as_json)
        return
    from mediaarchive.pipeline.answering.asking import proposals  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        known = [event.slug for event in opened.catalog.events()]
        if only and only not in known:
            raise UsageError(f'there is no event "{only}"', hint=f"known: {', '.join(known) or 'none yet'}")
        every = proposals(opened.catalog, opened.loaded.settings, datetime.now(UTC).date().isoformat())
    found = [entry for entry in every if only in {None, entry["event"]}]
    if as_json:
        emit({"schema": "proposals/1", "pairs": found})
        return
    for entry in found:
        tell(f"{entry['event']}: {entry['left']['path']} and {entry['right']['path']}: {entry['because']}")
        if held := entry["held"]:
            tell(f"  {held['path']} is held since {held['since'][:10]}. If it is that photograph: {held['same']}")
            tell(f"  If it is another one: {held['another']}")
            continue
        tell(f"  mediaarchive dedupe same {entry['left']['sha256'][:12]} {entry['right']['sha256'][:12]}   (or: never)")
    if found:
        tell("Side by side, with what differs marked: mediaarchive dedupe show --open")
    else:
        tell("Nothing waits for a decision.")


def _list_across(workspace: Path, *, as_json: bool) -> None:
    from mediaarchive.pipeline.answering.across import look_alikes  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        found = look_alikes(opened.catalog)
    if as_json:
        emit({"schema": "look-alikes/1", "pairs": found})
        return
    for entry in found:
        tell(f"{entry['left']['path']} and {entry['right']['path']}: {entry['distance']} of 256 bits differ")
        tell(
            f"  mediaarchive dedupe same {entry['left']['sha256'][:12]} {entry['right']['sha256'][:12]}   (one item in both)"
        )
    if not found:
        tell("No two events have photographs that look alike.")


@dedupe.command()
@click.argument("subjects", nargs=-1, metavar="[EVENT | LEFT RIGHT]")
@workspace_option
@click.option("--open", "opening", is_flag=True, help="Open the page in a browser.")
@json_option
def show(*, subjects: tuple[str, ...], workspace: Path, opening: bool, as_json: bool) -> None:
    """Make a private page that compares pairs: side by side, what differs marked, what was measured in words.

    Without arguments: all pairs that wait, 40 at most. With an event: those of that event. With two files: these two. What you
    answer on the page it saves as a sheet (answers.csv); `mediaarchive dedupe import` decides all of that at once.

    \b
    Example:
      mediaarchive dedupe show --open
      mediaarchive dedupe show DSCF0021.jpg "DSCF0021 edited.jpg"
    """
    from mediaarchive.pipeline.answering.showing import chosen, page  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        pairs = chosen(opened, subjects)
        target, shown = page(opened, pairs)
    if as_json:
        pairs_of = [list(pair) for pair in pairs]
        emit({"schema": "comparison/1", "page": str(target), "pairs": pairs_of, "shown": shown})
    else:
        tell(f"{plural(shown, 'pair')}{f' of {len(pairs)}' if shown < len(pairs) else ''}: {target}")
    if opening:
        click.launch(target.as_uri())


def _decide(
    kind: str, workspace: Path, subjects: tuple[str, ...], by: str, *, erase: bool = False, as_json: bool
) -> None:
    from mediaarchive.pipeline.deciding.recording import record_contents  # noqa: PLC0415 - keeps `--help` quick

    slugs, said = record_contents(workspace, kind, subjects, by, erase=erase)
    _publish(kind, workspace, slugs, [said], as_json=as_json)


def _publish(kind: str, workspace: Path, slugs: list[str], decided: Sequence[Said], *, as_json: bool) -> None:
    from mediaarchive.pipeline.deciding.recording import Applied, apply  # noqa: PLC0415 - keeps `--help` quick

    destroys = [sha256 for said in decided for sha256 in said.destroys]
    notes = [said.note for said in decided if said.note]
    stood = sum(said.stands for said in decided)
    names = _names(workspace, destroys)
    try:
        applied, done = apply(workspace, slugs, destroys), True
    except Busy:
        applied, done = Applied(), False
    if as_json:
        value = {
            "schema": "decision/1",
            "decision": kind,
            "events": slugs,
            "applied": done,
            "destroyed": names,
            "notes": notes,
            "stood": stood,
        }
        value |= {"receipts": [str(page) for page in applied.receipts], "in_inbox": list(applied.in_inbox)}
        emit(value | {"finished": list(applied.finished)})
        return
    carried = (
        "done; the pages are up to date" if done else "recorded; the run that is on, or the next one, carries it out"
    )
    tell(f"{kind}: {carried}.")
    if stood:
        tell("  it had been said before" if len(decided) == 1 else f"  {stood} had been said before")
    for note in notes:
        tell(f"  {note}")
    for name in names:
        tell(f"  {'destroyed, for good' if done else 'will be destroyed'}: {name}")
    for page in applied.receipts:
        tell(f"  receipt: {page}")
    if done and names and not applied.receipts:
        tell("  not proved yet: `mediaarchive status` says what is open, and every run looks again")
    for sentence in applied.finished:
        tell(f"  {sentence}")
    for path in applied.in_inbox:
        tell(f"  still in the inbox, and not destroyed by this: delete {shlex.quote(path)} yourself")


def _names(workspace: Path, sha256s: Sequence[str]) -> list[str]:
    """A path of each of these originals, after its event."""
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    if not sha256s:
        return []
    with look_into(workspace) as opened:
        return [opened.catalog.a_path(sha256) for sha256 in sha256s]


@dedupe.command()
@click.argument("files", nargs=-1, metavar="LEFT RIGHT…")
@workspace_option
@click.option("--erase", is_flag=True, help="One of them was erased: destroy the other, too, now and for good.")
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def same(*, files: tuple[str, ...], workspace: Path, erase: bool, by: str, as_json: bool) -> None:
    """Say that two files, or more, show the same photograph: paths in the inbox, item ids, or the beginnings of SHA-256s.

    Where a person said of two of what would be one then that they are different, nothing is decided.
    If one of them was withdrawn, so is the other. If one of them was erased, the other is destroyed like it, in the archive and
    in its mirror, with a receipt; since nothing brings it back, that has to be said with --erase.

    \b
    Example:
      mediaarchive dedupe same DSCF0021.jpg "DSCF0021 edited.jpg"
      mediaarchive dedupe same summer-party/IMG-WA0003.jpg p-le2a63hwyh4yd --erase
    """
    if len(files) < 2:
        raise UsageError("`same` is said of two files at least", hint="mediaarchive dedupe same --help")
    _decide("same", workspace, files, by, erase=erase, as_json=as_json)


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


@dedupe.command()
@click.argument("file")
@workspace_option
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def master(*, file: str, workspace: Path, by: str, as_json: bool) -> None:
    """Say which of several files of one photograph is shown: a path in the inbox, or the beginning of a SHA-256.

    \b
    Example:
      mediaarchive dedupe master "DSCF0021 edited.jpg"
    """
    _decide("master", workspace, (file,), by, as_json=as_json)


@dedupe.command()
@click.argument("item")
@workspace_option
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def cover(*, item: str, workspace: Path, by: str, as_json: bool) -> None:
    """Say which frame of a burst stands for it in the gallery: an item id, or a path in the inbox.

    \b
    Example:
      mediaarchive dedupe cover p-ffhczuvr23ihi
    """
    _decide("cover", workspace, (item,), by, as_json=as_json)


@dedupe.command("export")
@click.argument("sheet", type=click.Path(path_type=Path, dir_okay=False))
@workspace_option
@click.option("--event", "only", metavar="SLUG", help="This event only.")
@click.option(
    "--groups", is_flag=True, help="Also what is grouped already: which file is shown, which frame is the cover."
)
@json_option
def export_sheet(*, sheet: Path, workspace: Path, only: str | None, groups: bool, as_json: bool) -> None:
    """Write the pairs that wait into a sheet (CSV), to be decided in a spreadsheet by a word in its first column.

    The second column says which words a row may have. Of two files: `same` or `never`; `erase`, if one of them was erased: the
    other is destroyed, too. With --groups, each file of a photograph that has several is a row, with what is shown instead of it
    and why: `master` shows this one, `never` parts it from that one. So is each frame of a burst: `cover` puts it in front.

    \b
    Example:
      mediaarchive dedupe export pairs.csv
      mediaarchive dedupe export --groups --event commons-week-2025 groups.csv
    """
    from mediaarchive.pipeline.answering.asking import proposals  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.answering.grouped import choices  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.recording import event_named  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.sheets import write  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        slugs = [event_named(shop, only).slug] if only else [event.slug for event in shop.catalog.events()]
        pairs = [one for one in proposals(shop.catalog, shop.settings, shop.today()) if one["event"] in slugs]
        rows = list(choices(shop, slugs)) if groups else []
        write(shop, sheet, pairs, rows)
    if as_json:
        emit({"schema": "pairs-sheet/1", "sheet": str(sheet), "pairs": len(pairs), "grouped": len(rows)})
        return
    grouped = f", {plural(len(rows), 'row')} of what is grouped already" if groups else ""
    tell(f"{plural(len(pairs), 'pair')}{grouped}: {sheet}")


@dedupe.command("import")
@click.argument("sheet", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@workspace_option
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def import_sheet(*, sheet: Path, workspace: Path, by: str, as_json: bool) -> None:
    """Record the decisions of a sheet that `export` wrote, saved as CSV, XLSX or ODS. Rows without one are left as they are.

    All of them or none: a row that can't be decided is named. What was said before, and stands, is not said again.

    \b
    Example:
      mediaarchive dedupe import pairs.csv --by "A. Peeters"
    """
    from mediaarchive.pipeline.deciding.sheets import record  # noqa: PLC0415 - keeps `--help` quick

    slugs, decided = record(workspace, sheet, by)
    new = sum(not said.stands for said in decided)
    _publish(plural(new, "decision"), workspace, slugs, decided, as_json=as_json)
