"""Decisions on duplicates by sheet: the pairs that wait go out as CSV, and come back with `same` or `never` beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mediaarchive.errors import BadInput, UsageError
from mediaarchive.media.tables import inert, read_table
from mediaarchive.pipeline.deciding.joining import Judge, Said
from mediaarchive.pipeline.deciding.permitting import must_remove
from mediaarchive.pipeline.deciding.takedown import decide_all
from mediaarchive.pipeline.opening import open_beside

COLUMNS = ("decision", "left", "right", "because", "event", "left_sha256", "right_sha256")
ERASE = "erase"  # the same as one that was erased, and destroyed like it
_DECISIONS = frozenset({"same", "never", ERASE})
_NEEDED = frozenset({"decision", "left_sha256", "right_sha256"})
_BYTES = 20_000_000


def write(sheet: Path, proposals: Sequence[Mapping[str, Any]]) -> int:
    """Write the pairs into a new sheet (see `save`); how many they are."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for pair in proposals:
        left, right = pair["left"], pair["right"]
        row = (
            "",
            left["path"],
            right["path"],
            pair["because"] + _meaning(pair["held"]),
            pair["event"],
            left["sha256"],
            right["sha256"],
        )
        table.writerow([inert(cell) for cell in row])
    save(sheet, out.getvalue())
    return len(proposals)


def save(sheet: Path, text: str) -> None:
    """Write a sheet (CSV) as UTF-8 with a byte order mark, as spreadsheets expect it; never over a file that is there.

    Raises:
        UsageError: somebody may have written into the one that is there; or the name promises a workbook.
    """
    if sheet.suffix.lower() in {".xlsx", ".ods", ".xls"}:
        raise UsageError(
            f"{sheet} would be no workbook: the sheet is written as CSV",
            hint=f"{sheet.with_suffix('.csv')}; it may be saved and imported as XLSX or ODS",
        )
    try:
        with sheet.open("x", encoding="utf-8-sig", newline="") as file:
            file.write(text)
    except FileExistsError as error:
        hint = "choose another name: somebody may have written into it"
        raise UsageError(f"{sheet} is there already", hint=hint) from error
    except OSError as error:
        raise UsageError(f"{sheet} can't be written: {error.strerror}") from error


def _meaning(held: Mapping[str, Any] | None) -> str:
    """What the words mean for a file that is held."""
    if not held:
        return ""
    first = "erase destroys it, too" if held["erased"] else "same withdraws it, too"
    return f" ({first}; never publishes it)"


def record(workspace: Path, sheet: Path, by: str) -> tuple[list[str], list[Said]]:
    """Make all of a sheet's decisions durable, or none; the slugs of the events they concern, and what they are.

    Raises:
        UsageError: a row can't be understood, or decided like this; it is named.
    """
    rows = _rows(sheet)
    with open_beside(workspace) as shop:
        judge = Judge(shop)
        decided = [_judged(judge, sheet, *row) for row in rows]
        if any(said.removes for said in decided):
            must_remove(shop, "dedupe import")
        decide_all(shop, [(said.kind, said.sha256s, dict(said.params)) for said in decided], by)
        return sorted({event for said in decided for event in said.events(shop)}), decided


def _plain(header: Sequence[str]) -> list[str]:
    return [name.strip().casefold() for name in header]


def _judged(judge: Judge, sheet: Path, number: int, kind: str, subjects: list[str]) -> Said:
    try:
        return judge.judge("same" if kind == ERASE else kind, subjects, erase=kind == ERASE)
    except UsageError as error:
        raise UsageError(f"{sheet}, row {number}: {error.message}", hint=error.hint) from error


def _rows(sheet: Path) -> list[tuple[int, str, list[str]]]:
    """(row, decision, the two contents) of every row that has a decision."""
    try:
        if sheet.stat().st_size > _BYTES:
            raise UsageError(f"{sheet} is larger than any sheet of pairs", hint="mediaarchive dedupe export")
        table = read_table(sheet.read_bytes(), str(sheet), lambda header: {*_plain(header)} >= _NEEDED)
    except (OSError, BadInput) as error:
        raise UsageError(str(error), hint="save it again as CSV, XLSX or ODS") from error
    header = _plain(table.header)
    if missing := _NEEDED - {*header}:
        raise UsageError(f"{table.name} has no column {', '.join(sorted(missing))}", hint="mediaarchive dedupe export")
    place = {name: header.index(name) for name in _NEEDED}
    found = []
    for number, cells in table.rows:
        typed = cells[place["decision"]].strip()
        if not typed:
            continue
        said = typed.casefold()
        if said not in _DECISIONS:
            words = "write same or never; or erase, of what is the same as one that was erased"
            raise UsageError(f'{table.name}, row {number}, column "decision": "{typed}" is no decision', hint=words)
        found.append((number, said, [cells[place[side]].strip() for side in ("left_sha256", "right_sha256")]))
    return found
