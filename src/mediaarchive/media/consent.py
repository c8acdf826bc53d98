"""What the columns `consent` and `expires` of texts.csv say: who may be shown, and until which day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from mediaarchive.errors import BadInput
from mediaarchive.media.tables import Table

GIVEN, ASKED, REFUSED = "given", "asked", "refused"  # the later counts where rows of one photograph differ
_ORDER = ("", GIVEN, ASKED, REFUSED)

# What people write, by its meaning: without accents, and without the endings of Romance participles.
_WORDS: Mapping[str, str] = {
    # A box that is ticked says yes, in the program's language. One that isn't says nothing that would deserve a notice.
    GIVEN: "true,vrai,waar,verdadero,given,yes,granted,ok,y,donne,accorde,oui,gegeven,ja,j,dado,concedido,otorgado,si"
    ",n/a,not needed,sans objet,s.o.,n.v.t.,nvt,niet nodig,no aplica",
    ASKED: "false,faux,onwaar,falso,asked,pending,unknown,waiting,?,demande,en attente,inconnu,gevraagd,in afwachting,onbekend"
    ",pedido,pendiente,solicitado,desconocido",
    REFUSED: "refused,no,n,withdrawn,denied,refuse,non,retire,nee,geweigerd,ingetrokken"
    ",rechazado,denegado,negado,retirado",
}
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split(",")}
_COLUMNS = {
    "consent": ("consent", "toestemming"),  # also consentement, consentimiento, "Consent (yes/no)"
    "expires": ("expir", "echeance", "verval", "verloop", "caduc"),
}
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_SHORT = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{2})")
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00)?$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One row's words and dates on a photograph, as they were typed, each after its column's heading; and their line."""

    line: int
    path: str
    consent: tuple[tuple[str, str], ...]
    expires: tuple[tuple[str, str], ...]


def consent_columns(header: Iterable[str]) -> dict[str, list[int]]:
    """Where the columns stand that speak of consent and of days (`expires`), in whatever language they are named.

    >>> consent_columns(["path", "Consentement", "Expires on", "note"])
    {'consent': [1], 'expires': [2]}
    """
    found: dict[str, list[int]] = {"consent": [], "expires": []}
    for index, name in enumerate(header):
        for column, beginnings in _COLUMNS.items():
            if plain(name).startswith(beginnings):
                found[column].append(index)
    return found


def consents(cells: Sequence[Cell], table: Table) -> dict[str, list[str]]:
    """By path: the word (given, asked, refused, or empty) and the day (ISO 8601, or empty).

    Of several rows on one photograph the strictest word and the earliest day count.

    Args:
        cells: the rows' words and dates.
        table: what they stand in. Only where the day is written before the month do spreadsheets part columns by semicolons.

    Raises:
        BadInput: a word is none of those, or a date is none, or could be two; the sentence names line and column.
    """
    every = [typed for cell in cells for _, typed in cell.expires]
    order = _Order(_day_first(every, table.delimiter), short=table.delimiter != ",")
    found: dict[str, list[str]] = {}
    for cell in cells:
        word, day = found.get(cell.path, ["", ""])
        word = max([word, *(_word(table, cell.line, *typed) for typed in cell.consent)], key=_ORDER.index)
        days = [day, *(_day(table, cell.line, *typed, order) for typed in cell.expires)]
        found[cell.path] = [word, min((one for one in days if one), default="")]
    return {path: said for path, said in found.items() if any(said)}


def plain(text: str) -> str:
    """Lower case, without accents and outer spaces.

    >>> plain(" Échéance ")
    'echeance'
    """
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _word(table: Table, line: int, column: str, typed: str) -> str:
    word = " ".join(plain(typed).split())
    if not word:
        return ""
    forms = (word, word.rstrip("s"), word.rstrip("s").removesuffix("e"), re.sub(r"as?$", "o", word))
    meaning = next((_MEANING[form] for form in forms if form in _MEANING), None)
    if meaning is None:
        raise BadInput(
            "sheet-consent",
            f'{table.name}, line {line}, column "{column}": "{typed}" says nothing about consent; write given, asked or refused.',
            file=table.name,
            line=line,
            column=column,
            word=typed,
        )
    return meaning


@dataclass(frozen=True, slots=True)
class _Order:
    """How a sheet's dates are written: the day first, the month, or None; `short`: also with a year of two digits.

    Spreadsheets shorten years when they save CSV. Where they part columns by semicolons that is day, month, year; elsewhere
    12/11/10 may be any of six days.
    """

    day_first: bool | None
    short: bool


def _day_first(typed: Sequence[str], delimiter: str) -> bool | None:
    """Whether dates such as 3/4/2027 begin with the day; None where nothing tells.

    A spreadsheet writes all of them in one way: one that has a 13 or more in it tells for the others.
    """
    told = {first > second for first, second in _numbers(typed) if max(first, second) > 12}
    if len(told) == 1:
        return told.pop()
    return True if delimiter != "," and not told else None


def _numbers(typed: Iterable[str]) -> Iterator[tuple[int, int]]:
    for text in typed:
        if found := _YEAR_LAST.fullmatch(_MIDNIGHT.sub("", text.strip())):
            yield int(found[1]), int(found[2])


def _day(table: Table, line: int, column: str, typed: str, order: _Order) -> str:
    text = _MIDNIGHT.sub("", typed.strip())
    if not text:
        return ""
    days = set(_readings(text, order))
    if len(days) == 1:
        return days.pop().isoformat()
    wrong = f"may be {' or '.join(str(day) for day in sorted(days))}" if days else "is no date"
    if not days and _SHORT.fullmatch(text):
        wrong = "has a year of two digits, so it may be several days"
    raise BadInput(
        "sheet-date",
        f'{table.name}, line {line}, column "{column}": "{typed}" {wrong}; write year, month and day, as 2027-05-31, in a cell '
        "formatted as text.",
        file=table.name,
        line=line,
        column=column,
        date=typed,
    )


def _readings(text: str, order: _Order) -> Iterator[date]:
    """The days that a date can mean: one, none, or two. Points between its parts say that the day comes first."""
    orders = []
    if found := _YEAR_FIRST.fullmatch(text):
        orders = [(found[1], found[2], found[3])]
    elif found := _YEAR_LAST.fullmatch(text):
        as_day_first, as_month_first = (found[3], found[2], found[1]), (found[3], found[1], found[2])
        first = True if "." in text else order.day_first
        orders = [as_day_first, as_month_first] if first is None else [as_day_first if first else as_month_first]
    elif (found := _SHORT.fullmatch(text)) and (found[2] == "." or (order.short and order.day_first)):
        orders = [(f"20{found[4]}", found[3], found[1])]
    for parts in orders:
        with suppress(ValueError):
            yield date(*(int(part) for part in parts))
