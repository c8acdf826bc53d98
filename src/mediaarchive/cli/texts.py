"""`mediaarchive texts`: how many pictures are described, how well, and the sheet in which a person describes the others."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option

if TYPE_CHECKING:
    from mediaarchive.pipeline.shop import Shop


@click.group()
def texts() -> None:
    """See which pictures nobody has described yet, and get a sheet to write in."""


@texts.command()
@click.argument("events", nargs=-1, metavar="[EVENT]…")
@workspace_option
@json_option
def status(*, events: tuple[str, ...], workspace: Path, as_json: bool) -> None:
    """Count, by event and language, the pictures that have an alternative text.

    \b
    Example:
      mediaarchive texts status
    """
    from mediaarchive.pipeline.answering.writing import coverage  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        found = [coverage(shop, slug) for slug in events or _published(shop)]
    if as_json:
        emit({"schema": "texts/1", "events": found})
        return
    for one in found:
        tell(f"{one['slug']}: {plural(one['pictures'], 'picture')}")
        for lang, described in one["languages"].items():
            missing = one["pictures"] - described
            tell(f"  {lang}: {described} described" + (f", {missing} not yet" if missing else ""))
    if any(described < one["pictures"] for one in found for described in one["languages"].values()):
        tell("A sheet to write in: mediaarchive texts export EVENT FILE.csv")


@texts.command("export")
@click.argument("event")
@click.argument("sheet", type=click.Path(path_type=Path, dir_okay=False))
@workspace_option
@click.option("--lang", "languages", multiple=True, metavar="LANG", help="Only this language; may be repeated.")
@json_option
def export_sheet(*, event: str, sheet: Path, workspace: Path, languages: tuple[str, ...], as_json: bool) -> None:
    """Write a sheet (CSV) for EVENT: all that its texts.csv says, and a row for each picture that has no alternative text yet.

    Write into the column `text`, save it as texts.csv, and put it into the event's folder in the inbox: the next run publishes
    what it says. The columns `picture` and `known` only help: where to see it, and what is said of it in other languages. Where a
    picture only decorates, change its `kind` to decorative, in one row, and leave the text empty: screen readers then pass over it.

    \b
    Example:
      mediaarchive texts export commons-week-2025 texts.csv --lang fr --lang nl
    """
    from mediaarchive.pipeline.answering import writing  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.recording import event_named  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.sheets import save  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        text, gaps = writing.sheet(shop, event, languages)
        known = event_named(shop, event)
        standing = writing.standing_sheet(shop, known.slug)
    save(sheet, text)
    if as_json:
        emit({"schema": "texts-sheet/1", "event": event, "sheet": str(sheet), "missing": gaps})
        return
    tell(f"{plural(gaps, 'text')} to write: {sheet}. Then put it into the inbox as {known.folder}/texts.csv")
    if standing and standing.path.lower() != "texts.csv":
        kept = f"{known.folder}/{standing.path}"
        tell(f"  {kept} is there: save it under that name and format, or take that one away; two aren't read.")


@texts.command("lint")
@click.argument("events", nargs=-1, metavar="[EVENT]…")
@workspace_option
@json_option
def lint_texts(*, events: tuple[str, ...], workspace: Path, as_json: bool) -> None:
    """Say what speaks against the alternative texts: file names, placeholders, "photo of …", the wrong language, repetitions.

    Only the form can be judged here, not whether a text is true. The exit status is 3 where there are errors.

    \b
    Example:
      mediaarchive texts lint commons-week-2025
    """
    from mediaarchive.pipeline.answering.linting import remarks  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        found = {slug: remarks(shop, slug) for slug in events or _published(shop)}
    if as_json:
        emit(
            {
                "schema": "texts-lint/1",
                "events": [{"slug": s, "remarks": [asdict(r) for r in rs]} for s, rs in found.items()],
            }
        )
    else:
        for slug, those in found.items():
            for one in those:
                tell(f"{slug}/{one.path} ({one.lang}): {one.finding.level}: {one.finding.says} [{one.finding.rule}]")
                tell(f"    {one.text}")
        if not any(found.values()):
            tell("Nothing speaks against the texts.")
    sys.exit(3 if any(one.finding.level == "error" for those in found.values() for one in those) else 0)


def _published(shop: Shop) -> list[str]:
    return [one.slug for one in shop.catalog.events() if shop.catalog.published(shop.stores[0].name, one.slug)]
