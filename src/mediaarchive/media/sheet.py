"""Reading an event's sheet (texts.csv, .xlsx or .ods), in which an officer writes: path, lang, kind, text; consent and expires."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mediaarchive.errors import BadInput
from mediaarchive.media.consent import Cell, consent_columns, consents, plain
from mediaarchive.media.tables import Dated, Table, meant, read_table

COLUMNS = ("path", "lang", "kind", "text")
KINDS = frozenset({"alt", "caption", "title", "long"})
FOCUS = "focus"  # no text but a point, and of no language
DECORATIVE = "decorative"  # no text, on purpose (W3C: `alt=""`), in any language
REFUSED = "refused"  # no text but a person's no to what a machine drafted, in one language
DRAFT, OK = "draft", "ok"  # columns that count together: what a machine wrote, and a person's word on it
_DECORATIVE = frozenset(["decorative", "decoratif", "decoratief", "decoratieve", "decorativo", "decorativa"])
# What the columns may be called, too, without accents.
_CALLED: Mapping[str, str] = {
    "path": "path,file,file name,filename,chemin,fichier,pad,bestand,bestandsnaam,ruta,archivo,fichero",
    "lang": "lang,language,langue,taal,idioma,lengua",
    "kind": "kind,type,genre,sorte,soort,tipo,clase",
    "text": "text,texte,tekst,texto",
}
_OF_DRAFTS: Mapping[str, str] = {
    DRAFT: "draft,brouillon,ontwerp,concept,borrador",
    OK: "ok,approved,accord,approuve,akkoord,goedgekeurd,aprobado",
}
# Boxes of office programs are yes or nothing: who hasn't ticked one hasn't said no.
_YES = frozenset(
    (*("ok", "x", "✓", "✔", "1", "y", "yes", "o", "oui", "j", "ja", "s", "si"), *("true", "vrai", "waar", "verdadero"))
)
_NO = frozenset(["n", "no", "non", "nee", "neen"])
_UNSAID = frozenset(["", "0", "-", "false", "faux", "onwaar", "falso"])
_COLUMN = {name: column for column, names in _CALLED.items() for name in names.split(",")}
_DRAFT_COLUMN = {name: column for column, names in _OF_DRAFTS.items() for name in names.split(",")}
_NAMED = 20  # lines with mistakes
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A sheet: `rows` as (path, language, kind, text); `consents` by path: a word and a day (`consent.consents`).

    A draft that somebody said ok to is a text like any other. One that was refused has the kind REFUSED, and no text.
    """

    rows: list[tuple[str, str, str, str]]
    consents: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a sheet. `at`: where each column of COLUMNS stands."""

    table: Table
    at: Mapping[str, int]
    line: int
    cells: tuple[str, ...]

    def __getitem__(self, column: str) -> str:
        """What was typed in a column; a date that the program made of it is told."""
        typed = self.cells[self.at[column]]
        if isinstance(typed, Dated):
            raise self.wrong(
                "sheet-cell",
                column,
                f"the program made the date {typed} of what was typed; format the cell as text, and type it again",
                made=str(typed),
            )
        return meant(typed.strip())

    def wrong(self, code: str, column: str, what: str, **params: str) -> BadInput:
        """What is wrong in a column of this line."""
        name, heading = self.table.name, self.table.header[self.at[column]]
        reason = f'{name}, line {self.line}, column "{heading}": {what}.'
        return BadInput(code, reason, file=name, line=self.line, column=heading, **params)


def read_sheet(data: bytes, name: str = "texts.csv") -> Sheet:
    """The rows, stripped; those without a text aren't among them. Of the columns for texts all or none must be there.

    Where there are the columns `draft` and `ok`, and no text, the draft is the text if somebody says ok to it; else it is nothing.
    Of the kind `focus` the text is two numbers, as "0.3 0.6": see `read_point`. Of the kind `decorative` there is none.

    Office programs write workbooks, and CSV in UTF-8 with or without a mark, UTF-16, or Windows-1252, with commas, semicolons or
    tabs: all are read (`tables`). The columns may be named in French, Dutch or Spanish.

    Raises:
        BadInput: a column is missing, or a row has an unknown kind or language, a point or a date that is none, or an unknown
            word on consent; the sentence names the file, the line and the column. `params` have `consents` where the sheet says
            who may be shown, or may say so: it can't be read at all.
    """
    speaks = True  # of who may be shown: unless it is known that it doesn't
    try:
        table = read_table(data, name, has_columns)
        said = consent_columns(table.header)
        speaks = any(said.values())
        return _read(table, said)
    except BadInput as error:
        if speaks:
            error.problem = replace(error.problem, params={**error.problem.params, "consents": 1})
        raise


def places(header: Sequence[str], called: Mapping[str, str] = _COLUMN) -> dict[str, int]:
    """Where each of COLUMNS stands in a header, whatever it is called there; those that are missing aren't in it."""
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        if column := called.get(plain(name)):
            found.setdefault(column, index)
    return found


def draft_places(header: Sequence[str]) -> dict[str, int]:
    """Where DRAFT and OK stand in a header. They only count together."""
    return places(header, _DRAFT_COLUMN)


def has_columns(header: Sequence[str]) -> bool:
    """Whether a header is that of a sheet of texts, or of one that says who may be shown."""
    at = places(header)
    return "path" in at and (len(at) == len(COLUMNS) or any(consent_columns(header).values()))


def _read(table: Table, said: Mapping[str, list[int]]) -> Sheet:
    drafts = draft_places(table.header)
    at = places(table.header) | (drafts if len(drafts) == len(_OF_DRAFTS) else {})
    wanted = COLUMNS[:1] if any(said.values()) and at.keys().isdisjoint(COLUMNS[1:]) else COLUMNS
    if missing := [column for column in wanted if column not in at]:
        raise BadInput(
            "sheet-columns",
            f"{table.name} needs the columns {', '.join(COLUMNS)} in its first line; missing: {', '.join(missing)}.",
            missing=", ".join(missing),
            file=table.name,
        )
    rows: list[tuple[str, str, str, str]] = []
    cells: list[Cell] = []
    mistakes: list[BadInput] = []
    for line, typed in table.rows:
        row = _Row(table, at, line, typed)
        words = {column: tuple((table.header[i], typed[i]) for i in places_) for column, places_ in said.items()}
        try:
            path = unicodedata.normalize("NFC", row["path"])
            if not path:
                _must_say_nothing(row, words)
                continue
            cells.append(Cell(line=line, path=path, **words))
            if wanted == COLUMNS and (found := _text(row, path)):
                rows.append(found)
        except BadInput as mistake:
            mistakes.append(mistake)
    if mistakes:
        raise _all(mistakes)
    return Sheet(rows=rows, consents=consents(cells, table) if any(said.values()) else {})


def _all(mistakes: Sequence[BadInput]) -> BadInput:
    """The first of a sheet's mistakes, with the lines of the others: who corrects one would wait for the next run to read of it."""
    first, *others = mistakes
    lines = [str(line) for line in dict.fromkeys(one.problem.params["line"] for one in others)]
    if lines:
        also = ", ".join(lines[:_NAMED]) + (" …" if len(lines) > _NAMED else "")
        reason = f"{first.problem.reason} Look at these lines, too: {also}."
        first.problem = replace(first.problem, reason=reason, params={**first.problem.params, "also": also})
    return first


def _must_say_nothing(row: _Row, words: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """A line that says something of no file would go unnoticed, be it that somebody may not be shown."""
    text = [row.cells[row.at["text"]]] if "text" in row.at else []
    if any(typed.strip() for typed in (*text, *(typed for said in words.values() for _, typed in said))):
        raise row.wrong(
            "sheet-path", "path", "it doesn't say which file this line is about; write its name, with its ending"
        )


def _text(row: _Row, path: str) -> tuple[str, str, str, str] | None:
    lang, kind, value = row["lang"], row["kind"].lower(), row["text"]
    if is_decorative(kind):
        if value:
            what = f'a decorative picture has no text, but here is "{value[:40]}"; empty this cell, or write alt as its kind'
            raise row.wrong("sheet-decorative", "text", what, text=value[:40])
        return path, "", DECORATIVE, ""
    if not value and DRAFT in row.at:
        answer = _answer(row)
        if answer is False:
            return path, lang, REFUSED, ""
        value = row[DRAFT] if answer else ""
    if not value:
        return None
    if kind == FOCUS:
        return path, lang, kind, _point(row, value)
    if kind not in KINDS:
        what = f'"{row["kind"]}" is unknown; write alt, caption, title, long, focus or decorative'
        raise row.wrong("sheet-kind", "kind", what, kind=row["kind"])
    if not _LANGUAGE.fullmatch(lang):
        raise row.wrong(
            "sheet-language", "lang", f'"{lang}" is no language; write its code, such as fr, en, nl or es', lang=lang
        )
    return path, lang, kind, value


def _answer(row: _Row) -> bool | None:
    """What a person says of a line's draft: yes, no, or nothing yet. Where there is no draft, nothing is said."""
    typed = row.cells[row.at[OK]]
    word = word_on_draft(typed)
    if not row.cells[row.at[DRAFT]].strip() or not word:
        return None
    if word not in _YES | _NO:
        what = f'"{typed.strip()[:40]}" is unknown; write ok if the draft is right, no if it isn\'t, or your own words under text'
        raise row.wrong("sheet-draft", OK, what, word=typed.strip()[:40])
    return word in _YES


def word_on_draft(typed: str) -> str:
    """What stands in the column `ok`, plainly; empty where that says nothing, such as a box that isn't ticked.

    >>> word_on_draft("Oui!"), word_on_draft("FALSE")
    ('oui', '')
    """
    word = plain(typed).strip(".! ")
    return "" if word in _UNSAID else word


def is_decorative(word: str) -> bool:
    """Whether a word says, in one of the four languages, that a picture only decorates.

    >>> is_decorative("Décorative"), is_decorative("alt")
    (True, False)
    """
    return plain(word) in _DECORATIVE


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


def _point(row: _Row, text: str) -> str:
    if (point := read_point(text)) is None:
        what = f'"{text}" is no point; write two numbers from 0 to 1, such as 0.3 0.6'
        raise row.wrong("sheet-focus", "text", what, focus=text)
    return f"{point[0]} {point[1]}"
