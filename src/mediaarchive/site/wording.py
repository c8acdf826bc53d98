"""What the pages say in each visitor's language: the interface, dates, counts, tombstones and placeholders.

One JSON file for each language in `words/`: a new language is a new file, and one without a file falls back to English.
Nothing here depends on the machine's locale.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FALLBACK: Final = "en"
_FOLDER: Final = Path(__file__).parent / "words"
# Languages that texts may have without the interface speaking them: their own names, for the switch and for labels.
_NAMES: Final = {
    "ar": "العربية",
    "de": "Deutsch",
    "it": "Italiano",
    "pt": "Português",
    "rn": "Ikirundi",
    "rw": "Ikinyarwanda",
    "sw": "Kiswahili",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The interface in one language. `lang` is the language it really speaks, which may be the fallback."""

    lang: str
    table: dict[str, Any]

    def __getitem__(self, key: str) -> str:
        """The string `key`; a KeyError is a bug."""
        return str(self.table[key])

    def count(self, key: str, n: int, **values: object) -> str:
        """`key` in the singular or plural: `{n}` and `values` are filled in. French counts 0 as singular."""
        one = n == 1 or (n == 0 and self.lang == "fr")
        return self[f"{key}_{'one' if one else 'other'}"].format(n=n, **values)

    def date(self, day: str) -> str:
        """`2022-12-06` as `6 December 2022`; what is no date stays as it is."""
        parsed = _day(day)
        return self["date"].format(**self._parts(parsed)) if parsed else day

    def weekday_date(self, day: str) -> str:
        """`2022-12-06` as `Tuesday 6 December 2022`."""
        parsed = _day(day)
        if not parsed:
            return day
        weekday = self.table["weekdays"][parsed.weekday()]
        return self["date_weekday"].format(weekday=weekday, **self._parts(parsed))

    def month(self, month: str) -> str:
        """`2022-12` as `December 2022`; a year stays as it is."""
        parsed = _day(f"{month}-01")
        return self["month_year"].format(**self._parts(parsed)) if parsed else month

    def moment(self, taken: str, precision: str | None) -> str:
        """An ISO 8601 instant as date and, where the precision allows, local time: `6 December 2022, 10:00`."""
        day = self.date(taken[:10])
        if precision == "day" or not re.fullmatch(r"\d\d:\d\d.*", taken[11:]):
            return day
        return self["date_time"].format(date=day, time=taken[11:16])

    def span(self, start: str | None, end: str | None) -> str:
        """An event's dates: one day, or a range that doesn't repeat the month or year. Empty without a start."""
        first, last = _day(start or ""), _day(end or "")
        if not first:
            return ""
        if not last or last <= first:
            return self.date(str(start))
        shape = "range_years"
        if first.year == last.year:
            shape = "range_month" if first.month == last.month else "range_year"
        return self[shape].format(**self._parts(first, "1"), **self._parts(last, "2"))

    def size(self, count: int) -> str:
        """A number of bytes with one decimal below ten, in decimal units: `84 MB`, `1,3 Mo`."""
        value, unit = float(count), 0
        while value >= 999.5 and unit < len(self.table["units"]) - 1:
            value, unit = value / 1000, unit + 1
        digits = 1 if unit and value < 9.95 else 0
        return f"{value:.{digits}f}".replace(".", self["decimal_point"]) + f"\u00a0{self.table['units'][unit]}"

    def _parts(self, day: dt.date, suffix: str = "") -> dict[str, object]:
        number = self["first_of_month"] if day.day == 1 else day.day
        return {
            f"day{suffix}": number,
            f"month{suffix}": self.table["months"][day.month - 1],
            f"year{suffix}": day.year,
        }


def languages() -> tuple[str, ...]:
    """The languages that the interface speaks."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def words(lang: str) -> Words:
    """The interface in `lang`, or in its primary language (`fr-BE`: `fr`), or in English."""
    known = languages()
    for candidate in (lang.lower(), primary(lang)):
        if candidate in known:
            return Words(candidate, json.loads((_FOLDER / f"{candidate}.json").read_text(encoding="utf-8")))
    return words(FALLBACK)


def otherwise_spoken(lang: str) -> str | None:
    """The language in which we say what we have no words for in `lang`; None where we have them."""
    spoken = words(lang).lang
    return None if primary(spoken) == primary(lang) else spoken


def primary(lang: str) -> str:
    """The primary subtag: `fr` of `fr-BE`."""
    return lang.lower().partition("-")[0]


def language_name(lang: str) -> str:
    """A language's own name, for switches and labels; its tag where the name isn't known."""
    name = words(lang)["name"] if primary(lang) in languages() else _NAMES.get(primary(lang), lang)
    return name if primary(lang) == lang.lower() or name == lang else f"{name} ({lang})"


def duration(seconds: float) -> str:
    """A film's length: `3:07`, `1:02:09`."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def placeholder_alt(lang: str, kind: str, event_title: str = "", place: str = "", day: str | None = None) -> str:
    """What stands in for an alternative text that nobody has written: identifies, describes nothing, says so.

    Args:
        lang: BCP 47.
        kind: photo, video or document.
        event_title: in that language; empty leaves it out.
        place: in that language; empty leaves it out.
        day: YYYY-MM-DD or None.

    Returns:
        For example "Photo, Wehubit Week 2022, Bruxelles, 6 décembre 2022. Description à venir."
    """
    say = words(lang)
    facts = (say[f"kind_{kind}"], event_title, place, say.date(day) if day else "")
    named = say["list_separator"].join(fact.strip().rstrip(".") for fact in facts if fact.strip())
    return say["placeholder"].format(facts=named)


def tombstone_text(reason: str, kind: str, day: str) -> dict[str, str]:
    """What is said where an item was withdrawn, in every language the interface speaks.

    Args:
        reason: one of the manifest's reasons.
        kind: photo, video or document: what it was; or event, for all that an event had.
        day: YYYY-MM-DD.

    Returns:
        By language, for example "Photo removed on 20 November 2026 at the request of a person shown."
    """
    return {lang: _tombstone(words(lang), reason, kind, day) for lang in languages()}


def _tombstone(say: Words, reason: str, kind: str, day: str) -> str:
    what = say[f"gone_{kind}"].format(date=say.date(day))
    why = say.table.get(f"why_{reason}_{kind}") or say[f"why_{reason}"]
    return say["gone_sentence"].format(what=what, why=why)


def _day(value: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        return None
