"""Decisions on duplicates by sheet: the pairs that wait go out as CSV, and come back with `same` or `never` beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mediaarchive.errors import UsageError
from mediaarchive.pipeline.answering.asking import content
from mediaarchive.pipeline.deciding.takedown import decide_all
from mediaarchive.pipeline.opening import open_beside

COLUMNS = ("decision", "left", "right", "because", "event", "left_sha256", "right_sha256")
_DECISIONS = frozenset({"same", "never"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins like this


def write(sheet: Path, proposals: Sequence[Mapping[str, Any]]) -> int:
    """Write the pairs as UTF-8 with a byte order mark, as spreadsheets expect it; how many they are.

    Raises:
        UsageError: the file is there already; somebody may have written decisions into it.
    """
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for pair in proposals:
        left, right = pair["left"], pair["right"]
        row = ("", left["path"], right["path"], pair["because"], pair["event"], left["sha256"], right["sha256"])
        table.writerow([f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in row])
    try:
        with sheet.open("x", encoding="utf-8-sig", newline="") as file:
            file.write(out.getvalue())
    except FileExistsError as error:
        raise UsageError(f"{sheet} is there already", hint="import it, or choose another name") from error
    except OSError as error:
        raise UsageError(f"{sheet} can't be written: {error.strerror}") from error
    return len(proposals)


def record(workspace: Path, sheet: Path, by: str) -> tuple[list[str], int]:
    """Make all of a sheet's decisions durable, or none; the slugs of the events they concern, and how many they are.

    Raises:
        UsageError: a row can't be understood; it is named.
    """
    rows = _rows(sheet)
    with open_beside(workspace) as shop:
        decided = [(kind, [content(shop.catalog, subject) for subject in subjects]) for kind, subjects in rows]
        decide_all(shop, [(kind, sha256s, {}) for kind, sha256s in decided], by)
        subjects = {sha256 for _, sha256s in decided for sha256 in sha256s}
        return sorted({arrival.event for sha256 in subjects for arrival in shop.catalog.paths(sha256)}), len(decided)


def _rows(sheet: Path) -> list[tuple[str, list[str]]]:
    """(decision, the two contents) of every row that has a decision."""
    try:
        text = sheet.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{sheet} can't be read as a sheet in UTF-8: {error}") from error
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    table = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    if missing := {"decision", "left_sha256", "right_sha256"} - {*(table.fieldnames or ())}:
        raise UsageError(f"{sheet} has no column {', '.join(sorted(missing))}", hint="mediaarchive dedupe export")
    found = []
    for number, row in enumerate(table, 2):
        said = (row["decision"] or "").strip().casefold()
        if not said:
            continue
        if said not in _DECISIONS:
            raise UsageError(f'{sheet}, row {number}: "{row["decision"]}" is no decision', hint="write same or never")
        found.append((said, [row["left_sha256"] or "", row["right_sha256"] or ""]))
    return found
