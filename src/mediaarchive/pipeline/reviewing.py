"""Answers to drafts, one by one: each goes into the event's texts.csv in the inbox at once, as if it had been typed there.

The sheet is read again before each answer, so what somebody else saved meanwhile is kept, and never written over: who answered
first is heard. What it answers already isn't asked.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mediaarchive.durable import write_new
from mediaarchive.errors import BadInput, MediaArchiveError, Unwritable, UsageError
from mediaarchive.media.sheet import DECORATIVE, DRAFT, OK, REFUSED, has_columns, read_sheet
from mediaarchive.media.sniff import sheet_name
from mediaarchive.media.tables import Table, read_table
from mediaarchive.pipeline.answering.gaps import Gap, Gaps, jpeg_of, known, pictures
from mediaarchive.pipeline.answering.writing import Editor, standing_table
from mediaarchive.pipeline.deciding.recording import event_named
from mediaarchive.pipeline.deciding.ruling import names_of
from mediaarchive.pipeline.shop import Shop
from mediaarchive.site.review import Shown
from mediaarchive.stages.describe import closest
from mediaarchive.stages.lint import lint

_SHEET = "texts"
_EDGE = 1280  # pixels of the picture on the page
_Answered = dict[tuple[str, str], list[str]]  # names as they were written, by name (folded) and language (empty: every)
_MARK = b"\xef\xbb\xbf"  # spreadsheets take a text for UTF-8 by it


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """One picture in one language."""

    gap: Gap
    key: str
    model: str
    known: tuple[tuple[str, str], ...]
    caption: str


@dataclass(kw_only=True, slots=True)
class _State:
    """What was answered: one of `site.review.WORDS`, or empty; the text as it stands; what its row says by that."""

    said: str
    text: str
    written: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Before:
    """How things were before an answer: the sheet's bytes (None: there was none), and the states that it changed.

    `written`: the sheet's bytes with the answer.
    """

    number: int
    sheet: bytes | None
    written: bytes
    states: dict[int, _State] = field(default_factory=dict)


class ReviewDesk:
    """The gaps of one event that nobody has answered in its sheet. Nothing of it asks the catalog after it was made.

    `languages`: the event's, the default first.

    Raises:
        UsageError: there is no such event, it isn't published, its sheet is a workbook or can't be read.
        Unwritable: its folder in the inbox can't be written.
    """

    def __init__(self, shop: Shop, slug: str, languages: Collection[str] = ()) -> None:
        gaps = Gaps(shop, slug)
        gaps.must_be_in(languages)
        manifest, event = gaps.manifest, event_named(shop, gaps.manifest.slug)
        self._store = shop.stores[0]
        self._called = gaps.called()
        self.languages = tuple(manifest.languages)
        folder = shop.workspace.root / shop.settings.ingest.inbox / event.folder
        self._sheet = _sheet_in(folder)
        self._base = standing_table(gaps)
        self.target = f"{event.folder}/{self._sheet.name}"
        self.lang = next((lang for lang in self.languages if lang in manifest.event.title), self.languages[0])
        self.title = manifest.event.title.get(self.lang) or next(iter(manifest.event.title.values()), manifest.slug)
        self._entries = [*_unanswered(gaps, languages, self._answered(event.folder))]
        self._states = [_State(said="", text=entry.gap.draft) for entry in self._entries]
        self._past: list[_Before] = []
        self._there = self._sheet.exists()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries)

    def show(self, number: int) -> Shown:
        """One of them, counted from 0."""
        entry, state = self._entries[number], self._states[number]
        return Shown(
            path=entry.gap.path,
            lang=entry.gap.lang,
            draft=entry.gap.draft,
            model=entry.model,
            known=entry.known,
            said=state.said,
            text=state.text,
            remarks=self._remarks(entry, state.text) if state.text and not state.said else (),
        )

    def said(self, number: int) -> str:
        """What a person answered; empty: nothing yet."""
        return self._states[number].said

    def picture(self, number: int) -> bytes | None:
        """Its published JPEG; None if it was withdrawn meanwhile, or the store can't be reached."""
        key = self._entries[number].key
        try:
            found = self._store.get(key) if key else None
        except MediaArchiveError:
            return None
        return found[0] if found else None

    def answer(self, number: int, word: str, text: str, *, sure: bool) -> Sequence[str]:
        """Write a person's word into the sheet; or say what speaks against the text, where they aren't `sure` of it yet.

        Raises:
            UsageError: the sheet can't be read or written as it is now, or somebody else has answered in it.
            Unwritable: it can't be written.
        """
        entry = self._entries[number]
        if word == "ok" and not sure and (errors := self._remarks(entry, text, errors=True)):
            return errors
        drafted = any(one.gap.draft for one in self._entries)
        found = self._now()
        editor = Editor(self._table(found), called=self._called, lang=self.languages[0], drafted=drafted)
        row = self._row(editor, number, word)
        draft = entry.gap.draft
        if word == "ok":
            same = bool(draft) and text == draft
            values = {"text": "" if same else text} | ({DRAFT: draft, OK: "ok" if same else ""} if draft else {})
        elif word == "no":
            values = {"text": ""} | ({DRAFT: draft, OK: "no"} if draft else {})
        else:
            values = {"kind": DECORATIVE, "lang": "", "text": ""} | ({DRAFT: "", OK: ""} if draft else {})
        editor.fill(row, values)
        changed = self._changed(number, word)
        written = _MARK + editor.text().encode()
        before = _Before(
            number=number, written=written, sheet=found, states={n: replace(self._states[n]) for n in changed}
        )
        if self._now() != found:
            raise UsageError(f"{self.target} was saved by somebody else just now; answer again")
        self._write(written)
        for n in changed:
            if n == number or word == DECORATIVE:
                kept = text if word == "ok" else self._states[n].text
                self._states[n] = _State(said=word, text=kept, written=editor.answer(row))
            else:
                self._states[n] = replace(self._states[n], said="", written="")
        self._past.append(before)
        return ()

    def undo(self) -> int | None:
        """Put the sheet back as it was before the last answer; which one that was.

        Raises:
            UsageError: somebody else has saved the sheet since.
            Unwritable: it can't be written.
        """
        if not self._past:
            return None
        before = self._past[-1]
        if not self._sheet.exists() or self._sheet.read_bytes() != before.written:
            raise UsageError(f"{self.target} was changed by somebody else since; take it back there")
        self._past.pop()
        if before.sheet is None:
            self._sheet.unlink(missing_ok=True)
            self._there = False
        else:
            self._write(before.sheet)
        for number, state in before.states.items():
            self._states[number] = state
        return before.number

    def _row(self, editor: Editor, number: int, word: str) -> list[str]:
        """The row for an answer: the one that is there, unless somebody else has answered in it."""
        gap = self._entries[number].gap
        silent = editor.find_decorative(gap)
        rows = editor.find(gap)
        answers = (editor.answer(row) for row in (*silent, *rows))
        if theirs := next((said for said in answers if said and said != self._states[number].written), None):
            raise UsageError(
                f'in {self.target}, somebody has answered this meanwhile: "{theirs}". That stays; correct it there'
            )
        if silent and word != DECORATIVE:
            editor.fill(silent[0], {"kind": "alt", "lang": gap.lang})
        return next(iter((*silent, *rows)), None) or editor.add(gap)

    def _changed(self, number: int, word: str) -> list[int]:
        """Whose answers one answer changes: that a picture decorates is said in each language that has no other answer."""
        if DECORATIVE not in {word, self._states[number].said}:
            return [number]
        item, others = self._entries[number].gap.item, {"", DECORATIVE}
        return [
            n
            for n, one in enumerate(self._entries)
            if n == number or (one.gap.item == item and self._states[n].said in others)
        ]

    def _remarks(self, entry: _Entry, text: str, *, errors: bool = False) -> list[str]:
        found = lint(text, entry.gap.lang, self.languages, caption=entry.caption)
        return [one.says for one in found if one.level == "error" or not errors]

    def _answered(self, folder: str) -> _Answered:
        """What the sheet answers already."""
        if not self._sheet.exists():
            return {}
        try:
            rows = read_sheet(self._sheet.read_bytes(), self._sheet.name).rows
        except BadInput as error:
            raise UsageError(str(error), hint=f"correct {folder}/{self._sheet.name}, then start again") from error
        found: _Answered = {}
        for path, lang, kind, _ in rows:
            if kind in {"alt", REFUSED, DECORATIVE}:
                of = "" if kind == DECORATIVE else closest(lang, self.languages)
                found.setdefault((path.casefold(), of), []).append(path)
        return found

    def _now(self) -> bytes | None:
        """The sheet as it is in the inbox now; None: there is none yet.

        Raises:
            UsageError: it can't be read, was taken away, or is open elsewhere: who saves it there would undo what is written here.
        """
        lock = self._sheet.with_name(f".~lock.{self._sheet.name}#")
        if lock.exists():
            raise UsageError(
                f"{self.target} is open in LibreOffice; close it there, then answer again (if it isn't, remove {lock.name})"
            )
        try:
            data = self._sheet.read_bytes()
        except FileNotFoundError:
            if self._there:
                raise UsageError(f"{self.target} is gone; put it back, or start again") from None
            return None
        except OSError as error:
            raise UsageError(f"{self.target} can't be read: {error.strerror}") from error
        self._there = True
        return data

    def _table(self, data: bytes | None) -> Table | None:
        """The rows of a sheet; where there is none yet, those that came in last."""
        if data is None:
            return self._base
        try:
            table = read_table(data, self._sheet.name, has_columns)
        except BadInput as error:
            raise UsageError(str(error), hint="correct it; nothing was written") from error
        if not has_columns(table.header):
            raise UsageError(f"{self.target} has lost its first line, or is being saved; answer again when it is whole")
        return table

    def _write(self, data: bytes) -> None:
        """Put the sheet in place whole, for whoever could write it before."""
        try:
            before = self._sheet.stat() if self._sheet.exists() else None
            write_new(self._sheet, data)
            if before:
                with contextlib.suppress(PermissionError):  # only root may give files away
                    os.chown(self._sheet, before.st_uid, before.st_gid)
                self._sheet.chmod(before.st_mode & 0o7777)
        except OSError as error:
            raise Unwritable(f"{self._sheet} can't be written: {error.strerror}", hint="see its permissions") from error


def _sheet_in(folder: Path) -> Path:
    """The event's texts.csv in the inbox, there or not.

    Raises:
        UsageError: there is a workbook instead.
        Unwritable: the folder isn't there, or may not be written.
    """
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unwritable(
            f"{folder} isn't there, or this user may not write it, and answers go into its texts.csv",
            hint="make it again, or correct its permissions",
        )
    found = sorted(path for path in folder.iterdir() if sheet_name(path.name) == _SHEET)
    if books := [path for path in found if path.suffix.lower() != ".csv"]:
        raise UsageError(
            f"{books[0]} is a workbook, which can't be written here", hint="save it as texts.csv, and take it away"
        )
    return found[0] if found else folder / "texts.csv"


def _unanswered(gaps: Gaps, languages: Collection[str], answered: _Answered) -> Iterator[_Entry]:
    """In the gallery's order, picture by picture."""
    called = gaps.called()
    items = {item.id: item for item in pictures(gaps.manifest)}
    for gap in gaps.rows(languages):
        keys = ((name, lang) for name in names_of(gap.path) for lang in (gap.lang, ""))
        if any(called.means(written, gap.path) for key in keys for written in answered.get(key, ())):
            continue
        item, asset = items[gap.item], gaps.shop.catalog.asset(gap.item)
        draft = gaps.drafts(asset).get(gap.lang) if asset and gap.draft else None
        caption = item.caption.get(gap.lang)
        yield _Entry(
            gap=gap,
            key=jpeg_of(item, _EDGE),
            model=draft.model if draft else "",
            known=tuple(known(item, gap.lang)),
            caption=caption.text if caption else "",
        )
