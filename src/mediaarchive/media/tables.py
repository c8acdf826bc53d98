"""A sheet's rows as office programs save them: CSV with any separator and in the usual encodings, XLSX, ODS."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mediaarchive.errors import BadInput, MissingProgram

USUAL: Final = ",;\t"  # what parts columns where the sheet doesn't say so itself
_UTF16: Final = frozenset({b"\xff\xfe", b"\xfe\xff"})  # a spreadsheet's "Unicode text"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_ZIP: Final = b"PK\x03\x04"
_OLD: Final = b"\xd0\xcf\x11\xe0"  # a compound file: XLS, and what has a password
_SEPARATOR: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # a hint that Excel writes and reads
_ROWS: Final = 100_000
_BESIDE: Final = 50  # columns without a heading: what somebody wrote there is kept where a sheet is written again
_MEMORY, _SECONDS, _OUTPUT = 1 << 30, 60, 1
_READER: Final = Path(__file__).with_name("workbook.py")
_LAUNCH: Final = Path(__file__).with_name("launch.py")


class Dated(str):
    """A cell that holds a date, not a text: year, month, day, as ISO 8601 has them."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A sheet: `header`, and `rows` as (line, cells), as many cells as the header has. Columns may have no heading.

    `name`: what to call it, such as texts.csv, or texts.xlsx (Sheet1). `line` counts as spreadsheets count rows: from 1, a line
    break inside a cell begins none. `delimiter` parts the columns; a comma for workbooks.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    delimiter: str = ","


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: with an apostrophe before it where it begins like one.

    >>> inert("=1+1"), inert("Ana")
    ("'=1+1", 'Ana')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def meant(cell: str) -> str:
    """What `inert` was given.

    >>> meant("'=1+1"), meant("'t is koud")
    ('=1+1', "'t is koud")
    """
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def delimiter_of(language: str) -> str:
    """What office programs part columns by where a language is spoken: where numbers have a decimal comma, by semicolons.

    >>> delimiter_of("en-GB"), delimiter_of("fr")
    (',', ';')
    """
    return "," if language.startswith("en") else ";"


def read_table(data: bytes, name: str, wanted: Callable[[Sequence[str]], bool]) -> Table:
    """A sheet, whatever its name says: by its first bytes it is a workbook or a text.

    Args:
        data: the file's bytes.
        name: the file's name, for sentences.
        wanted: whether a header is the one that is looked for: of a workbook's sheets the first with such a one counts, else the
            first of all.

    Raises:
        BadInput: `sheet-unreadable`, `sheet-too-long`.
        MissingProgram: the reader of workbooks doesn't start on this machine.
    """
    found = _workbook(data, name, wanted) if data[:4] in {_ZIP, _OLD} else _text(data, name)
    if len(found.rows) > _ROWS:
        raise BadInput("sheet-too-long", f"{found.name} may have {_ROWS} rows at most.", limit=_ROWS, file=found.name)
    return found


def _text(data: bytes, name: str) -> Table:
    text, delimiter = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        records = [(line, cells) for line, cells in enumerate(reader, 1) if any(map(str.strip, cells))]
    except csv.Error as error:
        raise _unreadable(name, str(error), reader.line_num) from error
    return _table(name, records, delimiter)


def _decoded(data: bytes) -> tuple[str, str]:
    """The text of a sheet, and what parts its columns."""
    try:
        text = data.decode("utf-16" if data[:2] in _UTF16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if said := _SEPARATOR.match(text):
        return text[said.end() :], said[1]
    header = text.lstrip("\r\n").partition("\n")[0]
    return text, max(USUAL, key=header.count)


def _table(name: str, records: Sequence[tuple[int, Sequence[str]]], delimiter: str = ",") -> Table:
    _, first = records[0] if records else (1, [])
    beside = max((_filled(cells) for _, cells in records), default=0)
    width = max(len(first), min(beside, len(first) + _BESIDE))
    header = tuple(cell.strip() for cell in (*first, *[""] * (width - len(first))))
    rows = tuple((line, (*cells, *[""] * (width - len(cells)))[:width]) for line, cells in records[1:])
    return Table(name=name, header=header, rows=rows, delimiter=delimiter)


def _filled(cells: Sequence[str]) -> int:
    """How many cells there are up to the last that holds something."""
    return next((n for n in range(len(cells), 0, -1) if cells[n - 1].strip()), 0)


def _workbook(data: bytes, name: str, wanted: Callable[[Sequence[str]], bool]) -> Table:
    tables = [
        _table(
            f"{name} ({sheet})",
            [(line, [Dated(c[0]) if isinstance(c, list) else c for c in row]) for line, row in rows],
        )
        for sheet, rows in json.loads(_sheets(data, name))
    ]
    if not tables:
        raise _unreadable(name, "it has no sheet")
    return next((table for table in tables if wanted(table.header)), tables[0])


def _sheets(data: bytes, name: str) -> bytes:
    """What `workbook` prints of it, in a process with little memory, which a hostile workbook may end."""
    spec = importlib.util.find_spec("python_calamine")
    assert spec is not None
    assert spec.origin is not None
    limits = (str(os.getpid()), str(_MEMORY), str(_OUTPUT))
    reader = (sys.executable, "-I", "-B", str(_READER), str(Path(spec.origin).parents[1]))
    command = [sys.executable, "-I", "-S", str(_LAUNCH), *limits, *reader]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False, env={})
    except subprocess.TimeoutExpired as error:
        raise _unreadable(name, "it takes too long") from error
    if done.returncode == 3:  # workbook.NO_WORKBOOK
        what = "it has a password, or is an old XLS" if data[:4] == _OLD else "it is damaged, or no XLSX or ODS"
        raise _unreadable(name, what)
    if done.returncode == 4 or done.returncode < 0:  # workbook.TOO_LARGE, or it was ended by what it asked for
        raise _unreadable(name, "it is too large when it is unpacked")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2][-200:]
        raise MissingProgram(f"XLSX and ODS can't be read here: {said}", hint="pip install python-calamine")
    return done.stdout


def _unreadable(name: str, detail: str, line: int | None = None) -> BadInput:
    where = f" (line {line})" if line else ""
    params = {"line": line} if line else {}
    return BadInput(
        "sheet-unreadable", f"{name} can't be read as a table: {detail}{where}.", file=name, detail=detail, **params
    )
