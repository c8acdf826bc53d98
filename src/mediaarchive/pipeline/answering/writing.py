"""The sheet in which a person writes the texts that an event lacks: texts.csv as it is, with a row for each gap.

Where a machine drafted something, it stands in a column of its own, beside one in which a person says ok or no to it. Nothing of
it counts until then: a sheet that goes back unread publishes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from mediaarchive.catalog import Arrival
from mediaarchive.media.sheet import COLUMNS, DRAFT, OK, draft_places, has_columns, places
from mediaarchive.media.sniff import sheet_name
from mediaarchive.media.tables import delimiter_of, inert, meant, read_table
from mediaarchive.pipeline.answering.gaps import Gap, Gaps
from mediaarchive.pipeline.deciding.ruling import names_of
from mediaarchive.pipeline.making.describing import Names
from mediaarchive.pipeline.shop import Shop

_SHEET = "texts"
_HELP = ("picture", "known")  # columns for whoever writes; reading passes over them


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A sheet's text (CSV), how many rows it asks to write in, and how many drafts it shows that nobody has answered."""

    text: str
    missing: int
    drafts: int


def standing_sheet(shop: Shop, slug: str) -> Arrival | None:
    """The sheet of an event that counts, as it came in."""
    return next((a for a in reversed(shop.catalog.arrivals(slug)) if sheet_name(a.path) == _SHEET), None)


def sheet(shop: Shop, slug: str, languages: Collection[str] = ()) -> Sheet:
    """A sheet for an event: every row of its texts.csv as it was, then one for each gap, with what a machine drafted for it.

    It can take the place of texts.csv: nothing that stands there now, such as who may be shown, is lost. A row that is there for
    a gap already, without a text, gets the draft.

    Args:
        shop: the workspace.
        slug: the event's.
        languages: only gaps in these; none given: in all of the event's.

    Raises:
        UsageError: there is no such event, it isn't published, or not in such a language.
    """
    gaps = Gaps(shop, slug)
    gaps.must_be_in(languages)
    slug = gaps.manifest.slug
    wanted = [*gaps.rows(languages)]
    drafted = any(gap.draft for gap in wanted)
    header, rows, delimiter = _standing(shop, slug)
    header += [column for column in COLUMNS if column not in places(header)]
    header += [column for column in (DRAFT, OK) if drafted and column not in draft_places(header)]
    header += [column for column in _HELP if column not in _plain(header)]
    place = {name: index for index, name in enumerate(_plain(header))} | draft_places(header) | places(header)
    there = _There([[*row, *[""] * (len(header) - len(row))] for row in rows], place)
    called = Names(arrival.path for arrival in shop.catalog.arrivals(slug))
    new = [gap for gap in wanted if not there.complete(gap, called)]
    out = io.StringIO()
    table = csv.writer(out, delimiter=delimiter or delimiter_of(gaps.manifest.languages[0]))
    table.writerow(header)
    table.writerows(there.rows)
    for gap in new:
        values = {"path": gap.path, "lang": gap.lang, "kind": "alt", "picture": gap.picture, "known": gap.known}
        line = [""] * len(header)
        for column, value in (values | ({DRAFT: gap.draft} if drafted else {})).items():
            line[place[column]] = inert(value)
        table.writerow(line)
    return Sheet(text=out.getvalue(), missing=len(new), drafts=sum(bool(gap.draft) for gap in wanted))


class _There:
    """The rows that the event's sheet has now. `place`: where each column stands."""

    def __init__(self, rows: Sequence[list[str]], place: dict[str, int]) -> None:
        self.rows = rows
        self._place = place
        self._alt: dict[tuple[str, str], list[tuple[str, list[str]]]] = {}
        for row in rows:
            name, lang, kind = (meant(row[place[column]].strip()) for column in COLUMNS[:3])
            if kind.casefold() == "alt":
                self._alt.setdefault((name.casefold(), lang.casefold()), []).append((name, row))

    def complete(self, gap: Gap, called: Names) -> bool:
        """Whether there is a row for a gap; it gets its draft where it has neither that nor a text."""
        found = [
            row
            for name in names_of(gap.path)
            for written, row in self._alt.get((name, gap.lang.casefold()), ())
            if called.means(written, gap.path)
        ]
        for row in found[:1] if gap.draft else ():
            if not any(row[self._place[column]].strip() for column in ("text", DRAFT)):
                row[self._place[DRAFT]] = inert(gap.draft)
        return bool(found)


def _standing(shop: Shop, slug: str) -> tuple[list[str], list[list[str]], str]:
    """The event's texts.csv: its first line, the others, and what parts its columns. Empty, where it has none."""
    newest = standing_sheet(shop, slug)
    original = shop.catalog.original(newest.sha256) if newest else None
    if newest is None or original is None:
        return [], [], ""
    table = read_table((shop.workspace.archive / original.uri).read_bytes(), newest.path, has_columns)
    in_csv = original.uri.endswith(".csv")
    return list(table.header), [list(cells) for _, cells in table.rows], table.delimiter if in_csv else ""


def _plain(cells: Iterable[str]) -> list[str]:
    return [cell.strip().casefold() for cell in cells]
