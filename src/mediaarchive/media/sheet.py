"""Reading texts.csv, the sheet in which a communication officer writes: path, lang, kind, text; consent and expires."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mediaarchive.errors import BadInput
from mediaarchive.media.consent import Cell, consent_columns, consents

COLUMNS = ("path", "lang", "kind", "text")
KINDS = frozenset({"alt", "caption", "title", "long"})
FOCUS = "focus"  # no text but a point, and of no language
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ROWS = 100_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UTF16 = frozenset({b"\xff\xfe", b"\xfe\xff"})  # a spreadsheet's "Unicode text"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A sheet: `rows` as (path, language, kind, text); `consents` by path: a word and a day (`consent.consents`)."""

    rows: list[tuple[str, str, str, str]]
    consents: dict[str, list[str]]


def read_sheet(data: bytes) -> Sheet:
    """The rows, stripped; those without a text aren't among them. Of the columns for texts all or none must be there.

    Of the kind `focus` the text is two numbers, as "0.3 0.6": see `read_point`.

    Spreadsheet programs write UTF-8 with or without a mark, UTF-16, or Windows-1252, with commas, semicolons or tabs: all are read.

    Raises:
        BadInput: a column is missing, or a row has an unknown kind or language, a point or a date that is none, or an unknown
            word on consent; the sentence names the line. `params` have `consents` where the sheet says who may be shown.
    """
    text, delimiter = decoded(data)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    said = consent_columns(reader.fieldnames or ())
    try:
        return _read(reader, names, said, delimiter)
    except BadInput as error:
        if any(said.values()):
            error.problem = replace(error.problem, params={**error.problem.params, "consents": 1})
        raise


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


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a sheet, and what parts its columns."""
    try:
        text = data.decode("utf-16" if data[:2] in _UTF16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    header = text.partition("\n")[0]
    return text, max(",;\t", key=header.count)


def _read(
    reader: csv.DictReader[str], names: Mapping[str, str], said: Mapping[str, list[str]], delimiter: str
) -> Sheet:
    wanted = COLUMNS[:1] if any(said.values()) and names.keys().isdisjoint(COLUMNS[1:]) else COLUMNS
    if missing := [column for column in wanted if column not in names]:
        raise BadInput(
            "sheet-columns",
            f"texts.csv needs the columns {', '.join(COLUMNS)} in its first line; missing: {', '.join(missing)}.",
            missing=", ".join(missing),
        )
    rows, cells = [], []
    try:
        for row in reader:
            path = unicodedata.normalize("NFC", meant(str(row[names["path"]] or "").strip()))
            if not path:
                continue
            typed = {column: tuple(str(row[name] or "") for name in columns) for column, columns in said.items()}
            cells.append(Cell(line=reader.line_num, path=path, **typed))
            if wanted == COLUMNS and (found := _text(reader.line_num, path, row, names)):
                rows.append(found)
            if len(cells) > _ROWS:
                raise BadInput("sheet-too-long", f"texts.csv may have {_ROWS} rows at most.", limit=_ROWS)
    except csv.Error as error:
        raise BadInput(
            "sheet-unreadable",
            f"texts.csv can't be read as a table: {error} (line {reader.line_num}).",
            line=reader.line_num,
        ) from error
    return Sheet(rows=rows, consents=consents(cells, delimiter) if any(said.values()) else {})


def _text(line: int, path: str, row: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, str, str, str] | None:
    lang, kind, value = (meant(str(row[names[column]] or "").strip()) for column in COLUMNS[1:])
    if not value:
        return None
    if kind.lower() == FOCUS:
        value = _point(line, value)
    else:
        _check(line, lang, kind.lower())
    return path, lang, kind.lower(), value


def read_point(text: str) -> tuple[float, float] | None:
    """A point of a picture, x and y, each 0 to 1 from the top left; None where the text is none. Decimals may have commas.

    >>> read_point("0.3, 0.6"), read_point("0,3 ; 0,6"), read_point("left")
    ((0.3, 0.6), (0.3, 0.6), None)
    """
    parts = re.split(r"\s*[;\s]\s*", text.strip()) if re.search(r"[;\s]", text.strip()) else text.split(",")
    try:
        x, y = (float(part.rstrip(",").replace(",", ".")) for part in parts)
    except ValueError:
        return None
    return (x, y) if 0 <= x <= 1 and 0 <= y <= 1 else None


def _point(line: int, text: str) -> str:
    if (point := read_point(text)) is None:
        raise BadInput(
            "sheet-focus",
            f'texts.csv, line {line}: "{text}" is no point; write two numbers from 0 to 1, such as 0.3 0.6.',
            line=line,
            focus=text,
        )
    return f"{point[0]} {point[1]}"


def _check(line: int, lang: str, kind: str) -> None:
    if kind not in KINDS:
        raise BadInput(
            "sheet-kind",
            f'texts.csv, line {line}: the kind "{kind}" is unknown; write alt, caption, title, long or focus.',
            line=line,
            kind=kind,
        )
    if not _LANGUAGE.fullmatch(lang):
        raise BadInput(
            "sheet-language",
            f'texts.csv, line {line}: "{lang}" is no language; write fr, en, nl or es.',
            line=line,
            lang=lang,
        )
