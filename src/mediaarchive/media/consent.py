"""What the columns `consent` and `expires` of texts.csv say: who may be shown, and until which day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from mediaarchive.errors import BadInput

GIVEN, ASKED, REFUSED = "given", "asked", "refused"  # the later counts where rows of one photograph differ
_ORDER = ("", GIVEN, ASKED, REFUSED)

# What people write, by its meaning: without accents, and without the endings of Romance participles.
_WORDS: Mapping[str, str] = {
    GIVEN: "given,yes,granted,ok,y,donne,accorde,oui,gegeven,ja,j,dado,concedido,otorgado,si"
    ",n/a,not needed,sans objet,s.o.,n.v.t.,nvt,niet nodig,no aplica",
    ASKED: "asked,pending,unknown,waiting,?,demande,en attente,inconnu,gevraagd,in afwachting,onbekend"
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
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00)?$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One row's word and date on a photograph, as they were typed, and the line they stand in."""

    line: int
    path: str
    consent: tuple[str, ...]
    expires: tuple[str, ...]


def consent_columns(header: Iterable[str]) -> dict[str, list[str]]:
    """The columns that speak of consent and of days, by `consent` and `expires`, in whatever language they are named.

    >>> consent_columns(["path", "Consentement", "Expires on", "note"])
    {'consent': ['Consentement'], 'expires': ['Expires on']}
    """
    found: dict[str, list[str]] = {"consent": [], "expires": []}
    for name in header:
        for column, beginnings in _COLUMNS.items():
            if _plain(name or "").startswith(beginnings):
                found[column].append(name)
    return found


def consents(cells: Sequence[Cell], delimiter: str) -> dict[str, list[str]]:
    """By path: the word (given, asked, refused, or empty) and the day (ISO 8601, or empty).

    Of several rows on one photograph the strictest word and the earliest day count.

    Args:
        cells: the rows' words and dates.
        delimiter: what parts the columns. Only where the day is written before the month do spreadsheets use semicolons.

    Raises:
        BadInput: a word is none of those, or a date is none, or could be two; the sentence names the line.
    """
    day_first = _day_first([typed for cell in cells for typed in cell.expires], delimiter)
    found: dict[str, list[str]] = {}
    for cell in cells:
        word, day = found.get(cell.path, ["", ""])
        word = max([word, *(_word(cell.line, typed) for typed in cell.consent)], key=_ORDER.index)
        days = [day, *(_day(cell.line, typed, day_first=day_first) for typed in cell.expires)]
        found[cell.path] = [word, min((one for one in days if one), default="")]
    return {path: said for path, said in found.items() if any(said)}


def _plain(text: str) -> str:
    """Lower case, without accents and outer spaces."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _word(line: int, typed: str) -> str:
    plain = " ".join(_plain(typed).split())
    if not plain:
        return ""
    forms = (plain, plain.rstrip("s"), plain.rstrip("s").removesuffix("e"), re.sub(r"as?$", "o", plain))
    meaning = next((_MEANING[form] for form in forms if form in _MEANING), None)
    if meaning is None:
        raise BadInput(
            "sheet-consent",
            f'texts.csv, line {line}: "{typed}" says nothing about consent; write given, asked or refused.',
            line=line,
            word=typed,
        )
    return meaning


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


def _day(line: int, typed: str, *, day_first: bool | None) -> str:
    text = _MIDNIGHT.sub("", typed.strip())
    if not text:
        return ""
    days = set(_readings(text, day_first=day_first))
    if len(days) == 1:
        return days.pop().isoformat()
    wrong = f"may be {' or '.join(str(day) for day in sorted(days))}" if days else "is no date"
    raise BadInput(
        "sheet-date",
        f'texts.csv, line {line}: "{typed}" {wrong}; write year, month and day, as 2027-05-31, in a cell formatted as text.',
        line=line,
        date=typed,
    )


def _readings(text: str, *, day_first: bool | None) -> Iterator[date]:
    """The days that a date can mean: one, none, or two. Points between its parts say that the day comes first."""
    orders = []
    if found := _YEAR_FIRST.fullmatch(text):
        orders = [(found[1], found[2], found[3])]
    elif found := _YEAR_LAST.fullmatch(text):
        as_day_first, as_month_first = (found[3], found[2], found[1]), (found[3], found[1], found[2])
        first = True if "." in text else day_first
        orders = [as_day_first, as_month_first] if first is None else [as_day_first if first else as_month_first]
    for parts in orders:
        with suppress(ValueError):
            yield date(*(int(part) for part in parts))
