"""The sheet in which a person writes the texts that an event lacks: texts.csv as it is, with a row for each gap.

Where a machine drafted something, it stands in a column of its own, beside one in which a person says ok or no to it. Nothing of
it counts until then: a sheet that goes back unread publishes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mediaarchive.catalog import Arrival
from mediaarchive.media.sheet import (
    COLUMNS,
    DECORATIVE,
    DRAFT,
    OK,
    draft_places,
    has_columns,
    is_decorative,
    places,
    word_on_draft,
)
from mediaarchive.media.sniff import sheet_name
from mediaarchive.media.tables import USUAL, Table, delimiter_of, inert, meant, read_table
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
    wanted = [*gaps.rows(languages)]
    lang, drafted = gaps.manifest.languages[0], any(gap.draft for gap in wanted)
    editor = Editor(standing_table(gaps), called=gaps.called(), lang=lang, drafted=drafted)
    missing = 0
    for gap in wanted:
        if found := editor.find(gap):
            editor.offer(found[0], gap)
        else:
            editor.add(gap)
            missing += 1
    return Sheet(text=editor.text(), missing=missing, drafts=sum(bool(gap.draft) for gap in wanted))


class Editor:
    """An event's sheet while it is written: its rows as they are, with all columns that whoever writes needs.

    Args:
        table: the sheet as it is now; None: there is none.
        called: the event's files.
        lang: its default language.
        drafted: whether the sheet is to have the columns for drafts.
    """

    def __init__(self, table: Table | None, *, called: Names, lang: str, drafted: bool) -> None:
        header = [*table.header] if table else []
        header += [column for column in COLUMNS if column not in places(header)]
        header += [column for column in (DRAFT, OK) if drafted and column not in draft_places(header)]
        header += [column for column in _HELP if column not in _plain(header)]
        self._header = header
        usual = table is not None and table.delimiter in USUAL  # another one is told of by a line that isn't kept
        self._delimiter = table.delimiter if table and usual else delimiter_of(lang)
        self._place = {name: n for n, name in enumerate(_plain(header))} | draft_places(header) | places(header)
        self._called = called
        self._rows: list[list[str]] = []
        self._alt: dict[tuple[str, str], list[tuple[str, list[str]]]] = {}
        for _, cells in table.rows if table else ():
            row = [*cells, *[""] * (len(header) - len(cells))]
            self._rows.append(row)
            name, lang, kind = (meant(row[self._place[column]].strip()) for column in COLUMNS[:3])
            if kind.casefold() == "alt" or is_decorative(kind):
                of = DECORATIVE if is_decorative(kind) else lang.casefold()  # that is said in no language
                self._alt.setdefault((name.casefold(), of), []).append((name, row))

    def find(self, gap: Gap) -> list[list[str]]:
        """The rows that the sheet had for a gap's picture and language; not those that were added, each for its own gap."""
        return [*self._find(gap.path, gap.lang.casefold())]

    def find_decorative(self, gap: Gap) -> list[list[str]]:
        """The rows that said of a gap's picture that it only decorates."""
        return [*self._find(gap.path, DECORATIVE)]

    def _find(self, path: str, lang: str) -> Iterator[list[str]]:
        for name in names_of(path):
            yield from (row for written, row in self._alt.get((name, lang), ()) if self._called.means(written, path))

    def answer(self, row: list[str]) -> str:
        """What somebody said in a row, as it is written: a text, or a word on the draft; empty: nothing yet."""
        text, kind = (meant(row[self._place[column]].strip()) for column in ("text", "kind"))
        draft, word = (row[self._place[column]].strip() if column in self._place else "" for column in (DRAFT, OK))
        if text or is_decorative(kind):
            return text or DECORATIVE
        return f"{word}: {meant(draft)}" if draft and word_on_draft(word) else ""

    def offer(self, row: list[str], gap: Gap) -> None:
        """Give a row its draft, where it has neither one nor a text. An ok that stood there was said of nothing, and goes."""
        if gap.draft and not any(row[self._place[column]].strip() for column in ("text", DRAFT)):
            self.fill(row, {DRAFT: gap.draft, OK: ""})

    def add(self, gap: Gap) -> list[str]:
        """A new row for a gap."""
        row = [""] * len(self._header)
        values = {"path": gap.path, "lang": gap.lang, "kind": "alt", "picture": gap.picture, "known": gap.known}
        self.fill(row, values | ({DRAFT: gap.draft} if gap.draft else {}))
        self._rows.append(row)
        return row

    def fill(self, row: list[str], values: Mapping[str, str]) -> None:
        """Write into a row, by column."""
        for column, value in values.items():
            row[self._place[column]] = inert(value)

    def text(self) -> str:
        """The sheet, as CSV."""
        out = io.StringIO()
        table = csv.writer(out, delimiter=self._delimiter)
        table.writerow(self._header)
        table.writerows(self._rows)
        return out.getvalue()


def standing_table(gaps: Gaps) -> Table | None:
    """The event's sheet as it came in last; None, where it has none. One that was a workbook is parted as CSV is there."""
    newest = standing_sheet(gaps.shop, gaps.manifest.slug)
    original = gaps.shop.catalog.original(newest.sha256) if newest else None
    if newest is None or original is None:
        return None
    table = read_table((gaps.shop.workspace.archive / original.uri).read_bytes(), newest.path, has_columns)
    in_csv = original.uri.endswith(".csv")
    return table if in_csv else replace(table, delimiter=delimiter_of(gaps.manifest.languages[0]))


def _plain(cells: Iterable[str]) -> list[str]:
    return [cell.strip().casefold() for cell in cells]
