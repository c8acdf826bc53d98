"""Decisions on duplicates by sheet: what waits, and what is grouped already, goes out as CSV, and comes back with words in it.

A pair that waits is one row. So is, where it is asked for, each file of a photograph that has several, and each frame of a
burst: beside it stands what is shown now.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediaarchive.errors import BadInput, UsageError
from mediaarchive.media.tables import delimiter_of, inert, read_table
from mediaarchive.pipeline.answering.grouped import Choice
from mediaarchive.pipeline.deciding.agreeing import Pair, chain
from mediaarchive.pipeline.deciding.joining import Judge, Said
from mediaarchive.pipeline.deciding.permitting import must_remove
from mediaarchive.pipeline.deciding.takedown import decide_all
from mediaarchive.pipeline.opening import open_beside
from mediaarchive.pipeline.shop import Shop

COLUMNS = ("decision", "choices", "left", "right", "because", "event", "left_sha256", "right_sha256")
ERASE = "erase"  # the same as one that was erased, and destroyed like it
_OF_PAIRS = frozenset({"same", "never", ERASE})
_OF_ONE = frozenset({"master", "cover"})
_NEEDED = frozenset({"decision", "left_sha256", "right_sha256"})
_BYTES = 20_000_000


def write(shop: Shop, sheet: Path, proposals: Sequence[Mapping[str, Any]], choices: Iterable[Choice] = ()) -> None:
    """Write pairs that wait, and choices, into a new sheet (see `save`), in the order in which they are given."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=delimiter_of(shop.settings.texts.languages[0]))
    table.writerow(COLUMNS)
    for row in (*map(_pair, proposals), *(_choice(shop, choice) for choice in choices)):
        table.writerow([inert(cell) for cell in row])
    save(sheet, out.getvalue())


def _pair(pair: Mapping[str, Any]) -> tuple[str, ...]:
    left, right, held = pair["left"], pair["right"], pair["held"]
    words = f"{ERASE}, never" if held and held["erased"] else "same, never"
    because = pair["because"] + _meaning(held)
    return "", words, left["path"], right["path"], because, pair["event"], left["sha256"], right["sha256"]


def _choice(shop: Shop, choice: Choice) -> tuple[str, ...]:
    """A file or a frame; of two files of one photograph it may be said that they aren't."""
    name = shop.catalog.a_path
    words = choice.word if choice.shown or choice.word == "cover" else f"{choice.word}, never"
    other = ("", "") if choice.shown else (name(choice.instead), choice.instead)
    return "", words, name(choice.sha256), other[0], choice.because, choice.event, choice.sha256, other[1]


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

    What was said before, and stands, is not said again.

    Raises:
        UsageError: a row can't be understood, or decided like this, or contradicts another; it is named.
    """
    rows = _rows(sheet)
    with open_beside(workspace) as shop:
        judge = Judge(shop)
        judge.words |= _words(sheet, rows)
        decided = _without_contradiction(sheet, [(row, _judged(judge, sheet, row)) for row in rows])
        new = [said for said in decided if not said.stands]
        if any(said.removes for said in new):
            must_remove(shop, "dedupe import")
        decide_all(shop, [(said.kind, said.sha256s, dict(said.params)) for said in new], by)
        return sorted({event for said in decided for event in said.events(shop)}), decided


def _words(sheet: Path, rows: Sequence[_Row]) -> dict[Pair, str]:
    """What a sheet says of pairs. If A is B and B is C, it can't say that A isn't C."""
    words = {frozenset(row.sha256s): row for row in rows if row.word in _OF_PAIRS}
    same = [pair for pair, row in words.items() if row.word != "never"]
    for pair, row in words.items():
        if row.word == "never" and len(pair) == 2 and (links := chain(same, *sorted(pair))):
            numbers = ", ".join(str(number) for number in sorted(words[link].number for link in links))
            raise UsageError(
                f"{sheet}, rows {numbers} say that these are one photograph, and row {row.number} that two of them aren't; nothing "
                "was decided",
                hint="empty the first column of one of them",
            )
    return {pair: "never" if row.word == "never" else "same" for pair, row in words.items()}


def _plain(header: Sequence[str]) -> list[str]:
    return [name.strip().casefold() for name in header]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """A row that has a decision, and the contents it is about: two, or the one that is chosen."""

    number: int
    word: str
    sha256s: tuple[str, ...]


def _judged(judge: Judge, sheet: Path, row: _Row) -> Said:
    try:
        return judge.judge("same" if row.word == ERASE else row.word, row.sha256s, erase=row.word == ERASE)
    except UsageError as error:
        raise UsageError(f"{sheet}, row {row.number}: {error.message}", hint=error.hint) from error


def _without_contradiction(sheet: Path, judged: Sequence[tuple[_Row, Said]]) -> list[Said]:
    """Each decision once. Of one photograph one file is shown, of a burst one frame, and of a pair one thing is true."""
    seen: dict[str, tuple[_Row, Said]] = {}
    for row, said in judged:
        about = f"{row.word} {said.group}" if said.group else " ".join(sorted(row.sha256s))
        earlier, _ = seen.setdefault(about, (row, said))
        if (earlier.word, {*earlier.sha256s}) != (row.word, {*row.sha256s}):
            what = {"master": "file of this photograph", "cover": "frame of this burst"}.get(
                row.word, "answer to this pair"
            )
            raise UsageError(
                f"{sheet}, rows {earlier.number} and {row.number}: only one {what} can be right; nothing was decided",
                hint="empty the first column of one of them",
            )
    return [said for _, said in seen.values()]


def _rows(sheet: Path) -> list[_Row]:
    """Every row that has a decision."""
    try:
        if sheet.stat().st_size > _BYTES:
            raise UsageError(f"{sheet} is larger than any sheet of pairs", hint="mediaarchive dedupe export")
        table = read_table(sheet.read_bytes(), str(sheet), lambda header: {*_plain(header)} >= _NEEDED)
    except (OSError, BadInput) as error:
        raise UsageError(str(error), hint="save it again as CSV, XLSX or ODS") from error
    header = _plain(table.header)
    if missing := _NEEDED - {*header}:
        raise UsageError(f"{table.name} has no column {', '.join(sorted(missing))}", hint="mediaarchive dedupe export")
    place = {name: header.index(name) for name in header}
    found = []
    for number, cells in table.rows:
        row = {name: cells[index].strip() for name, index in place.items()}
        if row["decision"]:
            found.append(_row(f'{table.name}, row {number}, column "decision"', number, row))
    return found


def _row(where: str, number: int, row: Mapping[str, str]) -> _Row:
    typed, left, right = row["decision"], row["left_sha256"], row["right_sha256"]
    word = typed.casefold()
    offered = {one.strip() for one in row.get("choices", "").casefold().split(",")} & (_OF_PAIRS | _OF_ONE)
    if word not in _OF_PAIRS | _OF_ONE:
        words = "same or never; erase, of what is the same as one that was erased; master or cover, of what is grouped already"
        raise UsageError(f'{where}: "{typed}" is no decision', hint=f"write {' or '.join(sorted(offered)) or words}")
    # Which of `same` and `erase` it is, the catalog knows better than a sheet of last week.
    if offered and word not in offered and not ({word} | offered) <= _OF_PAIRS:
        raise UsageError(f'{where}: "{typed}" says nothing here', hint=f"write {' or '.join(sorted(offered))}")
    return _Row(number=number, word=word, sha256s=(left,) if word in _OF_ONE else (left, right))
