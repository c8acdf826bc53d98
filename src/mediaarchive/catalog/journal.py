"""The journal: the append-only record of what can't be derived. With the originals, it is all that must never be lost.

A segment is one file, `<number>.jsonl`, written whole and never changed. Its first line is a header with the number and the
SHA-256 of the segment before it, so the chain shows if one was lost or altered; each further line is a record. Appending
needs no lock: a number is claimed by hard-linking the finished file to its name, which fails if somebody was faster.

Kinds of record (each has `kind` and `at`, ISO 8601 with offset):
    workspace   id, salt                                    the first record
    event       slug, folder                                a folder of the inbox became an event
    snapshot    event, sha256, facts                        event.toml as it was read
    arrival     event, path, sha256, bytes, mime, media, uri
    mint        item, media, master, members                an item gets its id, for ever
    membership  item, master, members                       originals joined it, or a better master took over
    alias       item, of                                    two items turned out to be one
    apart       item, of                                    they were two after all: the id leads to an item of its own again
    decision    decision, subjects, params, by              what a human said
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mediaarchive import __version__
from mediaarchive.durable import sync_folder
from mediaarchive.errors import Damaged, NewerArchive
from mediaarchive.recipes import canonical

Record = Mapping[str, Any]
KINDS = frozenset({"workspace", "event", "snapshot", "arrival", "mint", "membership", "alias", "apart", "decision"})
DECISIONS = frozenset(
    {
        *("takedown", "restore", "hide", "unhide", "approve", "move", "expire", "consent", "erase", "erased"),
        *("same", "never", "master", "cover", "text", "retire", "rename", "adopt", "rollback"),
    }
)
_VERSION = 1  # of the header


class Journal:
    """The segments in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, records: Sequence[Record]) -> int:
        """Write records as one segment; they are durable when this returns its number. No records: nothing is written.

        Raises:
            ValueError: the kind of a record, or of a decision, is unknown (a bug).
        """
        if not records:
            return self.last()
        if unknown := {name for record in records if (name := _unknown(record))}:
            raise ValueError(f"unknown kinds of journal record: {', '.join(sorted(unknown))}")
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{os.getpid()}-{secrets.token_hex(4)}.tmp"
        try:
            while True:
                number = self.last() + 1
                header = {"journal": _VERSION, "number": number, "parent": self._digest(number - 1)}
                lines = [canonical(header), *(canonical(record) for record in records)]
                with temporary.open("wb") as file:
                    file.write(b"\n".join(lines) + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                try:
                    os.link(temporary, self._path(number))
                except FileExistsError:
                    continue
                sync_folder(self.folder)
                return number
        finally:
            temporary.unlink(missing_ok=True)

    def last(self) -> int:
        """The number of the newest segment; 0 if there is none."""
        return max(self._numbers(), default=0)

    def read(self, after: int = 0) -> Iterator[tuple[int, Record]]:
        """Every record of the segments after number `after`, oldest first, with its segment's number.

        Raises:
            Damaged: a segment is missing, was altered, or doesn't follow the one before it.
            NewerArchive: a newer version wrote it, in another way, or with something that this one doesn't know.
        """
        numbers = sorted(number for number in self._numbers() if number > after)
        parent = self._digest(after)
        for expected, number in enumerate(numbers, after + 1):
            if number != expected:
                raise Damaged(
                    f"the journal's segment {self._path(expected)} is missing",
                    hint="restore archive/journal from its mirror",
                )
            data = self._path(number).read_bytes()
            try:
                header, *records = [json.loads(line) for line in data.splitlines()]
            except ValueError as error:
                raise Damaged(f"{self._path(number)} is not a segment of the journal: {error}") from error
            if header.get("parent") != parent:
                raise Damaged(
                    f"{self._path(number)} does not follow the segment before it: one of the two was altered",
                    hint="restore archive/journal from its mirror",
                )
            parent = hashlib.sha256(data).hexdigest()
            if header.get("journal", _VERSION) > _VERSION:
                raise newer(f"{self._path(number)} is")
            for record in records:
                if name := _unknown(record):
                    raise newer(f'{self._path(number)} has a record of the kind "{name}",')
                yield number, record

    def _numbers(self) -> Iterator[int]:
        if self.folder.is_dir():
            for entry in os.scandir(self.folder):
                stem, _, extension = entry.name.partition(".")
                if extension == "jsonl" and stem.isdigit():
                    yield int(stem)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:010d}.jsonl"

    def _digest(self, number: int) -> str | None:
        return hashlib.sha256(self._path(number).read_bytes()).hexdigest() if number else None


def newer(what: str) -> NewerArchive:
    """The error that says of something in the archive that a newer version wrote it."""
    return NewerArchive(
        f"{what} written by a newer version of mediaarchive than this one ({__version__}); nothing was done",
        hint="install that version again: what this one doesn't know may withdraw a picture, or hold it back",
    )


def _unknown(record: Record) -> str | None:
    """The kind of a record or decision that this version doesn't know."""
    kind, decision = str(record.get("kind")), str(record.get("decision"))
    if kind not in KINDS:
        return kind
    return decision if kind == "decision" and decision not in DECISIONS else None
