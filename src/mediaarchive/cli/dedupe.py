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
@click.option("--across", is_flag=True, help="Instead: photographs of different events that look alike.")
@json_option
def list_pairs(*, workspace: Path, only: str | None, across: bool, as_json: bool) -> None:
    """List the pairs that may be one photograph. Both are published until a person decides.

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
        found = [entry for entry in proposals(opened.catalog) if only in {None, entry["event"]}]
    if as_json:
        emit({"schema": "proposals/1", "pairs": found})
        return
    for entry in found:
        click.echo(f"{entry['event']}: {entry['left']['path']} and {entry['right']['path']}: {entry['because']}")
        click.echo(
            f"  mediaarchive dedupe same {entry['left']['sha256'][:12]} {entry['right']['sha256'][:12]}   (or: never)"
        )
    if found:
        click.echo("Side by side, with what differs marked: mediaarchive dedupe show --open")
    else:
        click.echo("Nothing waits for a decision.")


def _list_across(workspace: Path, *, as_json: bool) -> None:
    from mediaarchive.pipeline.answering.across import look_alikes  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        found = look_alikes(opened.catalog)
    if as_json:
        emit({"schema": "look-alikes/1", "pairs": found})
        return
    for entry in found:
        click.echo(f"{entry['left']['path']} and {entry['right']['path']}: {entry['distance']} of 256 bits differ")
    if not found:
        click.echo("No two events have photographs that look alike.")


@dedupe.command()
@click.argument("subjects", nargs=-1, metavar="[EVENT | LEFT RIGHT]")
@workspace_option
@click.option("--open", "opening", is_flag=True, help="Open the page in a browser.")
@json_option
def show(*, subjects: tuple[str, ...], workspace: Path, opening: bool, as_json: bool) -> None:
    """Make a private page that compares pairs: side by side, what differs marked, what was measured in words.

    Without arguments: all pairs that wait. With an event: those of that event. With two files: these two.

    \b
    Example:
      mediaarchive dedupe show --open
      mediaarchive dedupe show DSCF0021.jpg "DSCF0021 edited.jpg"
    """
    from mediaarchive.pipeline.answering.showing import chosen, page  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        pairs = chosen(opened.catalog, subjects)
        target = page(opened, pairs)
    if as_json:
        emit({"schema": "comparison/1", "page": str(target), "pairs": [list(pair) for pair in pairs]})
    else:
        click.echo(f"{len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'}: {target}")
    if opening:
        click.launch(target.as_uri())


def _decide(kind: str, workspace: Path, subjects: tuple[str, ...], by: str, *, as_json: bool) -> None:
    from mediaarchive.pipeline.deciding.recording import record_contents  # noqa: PLC0415 - keeps `--help` quick

    _publish(kind, workspace, record_contents(workspace, kind, subjects, by), as_json=as_json)


def _publish(kind: str, workspace: Path, slugs: list[str], *, as_json: bool) -> None:
    from mediaarchive.pipeline.deciding.recording import apply  # noqa: PLC0415 - keeps `--help` quick

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
def export_sheet(*, sheet: Path, workspace: Path) -> None:
    """Write the pairs that wait into a sheet (CSV), to be decided in a spreadsheet: `same` or `never` in its first column.

    \b
    Example:
      mediaarchive dedupe export pairs.csv
    """
    from mediaarchive.pipeline.answering.asking import proposals  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.sheets import write  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        count = write(sheet, proposals(opened.catalog))
    click.echo(f"{count} {'pair' if count == 1 else 'pairs'}: {sheet}")


@dedupe.command("import")
@click.argument("sheet", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@workspace_option
@click.option("--by", default="", help="Who decided; for the journal only.")
@json_option
def import_sheet(*, sheet: Path, workspace: Path, by: str, as_json: bool) -> None:
    """Record the decisions of a sheet that `export` wrote. Rows without one are left as they are.

    \b
    Example:
      mediaarchive dedupe import pairs.csv --by "A. Peeters"
    """
    from mediaarchive.pipeline.deciding.sheets import record  # noqa: PLC0415 - keeps `--help` quick

    slugs, count = record(workspace, sheet, by)
    _publish(f"{count} decisions", workspace, slugs, as_json=as_json)
