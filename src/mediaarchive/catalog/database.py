"""The catalog's connection: SQLite, one writer, made again from the journal when it is missing, old or broken."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from mediaarchive.catalog.journal import DECISIONS, Journal, Record, newer
from mediaarchive.errors import Unwritable

SCHEMA_VERSION = 6
_OUTSIDE = frozenset(  # what is wrong is not in the file
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM),
    }
)
_FULL = 1 << 16  # bytes: even to read, SQLite needs a page or two of its own
_CHUNK = 900  # below SQLite's oldest limit on variables


class Database:
    """One connection. Everything a run knows is in here; everything in here can be lost."""

    def __init__(self, path: Path, journal: Journal) -> None:
        self.path = path
        self.journal = journal
        self.connection = self._open()
        self.catch_up()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in _OUTSIDE:
                if shutil.disk_usage(self.path.parent).free < _FULL:
                    raise Unwritable(
                        f"the disk of {self.path.parent} is full, and nothing can be looked up; nothing was done",
                        hint="make room, then try again",
                    ) from error
                raise Unwritable(
                    f"the catalog {self.path} can't be opened: {error}; nothing was done",
                    hint="see who else holds it, its permissions, and the disk; then try again",
                ) from error
            # Broken: it holds nothing that the journal, the originals and the stores don't, but what reports said.
            for suffix in ("", "-wal", "-shm"):
                broken = self.path.with_name(self.path.name + suffix)
                if broken.exists():
                    broken.replace(broken.with_name(f"{broken.name}.unreadable"))
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version < SCHEMA_VERSION:
            script = resources.files("mediaarchive.catalog").joinpath("schema.sql").read_text(encoding="utf-8")
            connection.executescript(f"BEGIN; {script} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        elif version > SCHEMA_VERSION:
            connection.close()
            raise newer(f"the catalog {self.path} (version {version}; this one knows {SCHEMA_VERSION}) was")
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; the next transaction of a crashed process sees what was committed."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def _select(self, query: str, values: Iterable[str]) -> Iterator[Any]:
        unique = sorted(set(values))
        for start in range(0, len(unique), _CHUNK):
            chunk = unique[start : start + _CHUNK]
            yield from self.connection.execute(query.format(", ".join("?" * len(chunk))), chunk)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def catch_up(self) -> None:
        """Fold the journal's segments that the catalog hasn't seen yet."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = 'journal'").fetchone()
        seen = int(row[0]) if row else 0
        if self.journal.last() == seen:
            self._must_know_all()
            return
        with self.transaction() as connection:
            last, position = seen, 0
            for number, record in self.journal.read(after=seen):
                position = position + 1 if number == last else 0
                _FOLDS[record["kind"]](connection, record, number, position)
                last = number
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('journal', ?)", (str(last),))

    def _must_know_all(self) -> None:
        """Raise `NewerArchive` if a newer version folded a decision that this one would pass over."""
        kinds = {kind for (kind,) in self.connection.execute("SELECT DISTINCT kind FROM decision")}
        if unknown := kinds - DECISIONS:
            raise newer(f'a decision of the kind "{min(unknown)}" was')


def _workspace(connection: sqlite3.Connection, record: Record, _number: int, _position: int) -> None:
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('workspace', ?)", (record["id"],))
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('salt', ?)", (record["salt"],))


def _event(connection: sqlite3.Connection, record: Record, _number: int, _position: int) -> None:
    connection.execute("INSERT OR IGNORE INTO event (slug, folder) VALUES (?, ?)", (record["slug"], record["folder"]))


def _snapshot(connection: sqlite3.Connection, record: Record, _number: int, _position: int) -> None:
    values = (json.dumps(record["facts"]), record["sha256"], record["event"])
    connection.execute("UPDATE event SET facts = ?, snapshot = ? WHERE slug = ?", values)


def _arrival(connection: sqlite3.Connection, record: Record, number: int, _position: int) -> None:
    original = (record["sha256"], record["uri"], record["bytes"], record["mime"], record["media"])
    connection.execute("INSERT OR IGNORE INTO original VALUES (?, ?, ?, ?, ?)", original)
    arrival = (record["event"], record["path"], record["sha256"], record["at"], number)
    connection.execute("INSERT OR REPLACE INTO arrival VALUES (?, ?, ?, ?, ?)", arrival)


def _mint(connection: sqlite3.Connection, record: Record, number: int, position: int) -> None:
    values = (record["item"], record["media"], record["master"])
    connection.execute("INSERT OR IGNORE INTO item (id, kind, master) VALUES (?, ?, ?)", values)
    _membership(connection, record, number, position)


def _membership(connection: sqlite3.Connection, record: Record, _number: int, _position: int) -> None:
    connection.execute("UPDATE item SET master = ? WHERE id = ?", (record["master"], record["item"]))
    for member in record["members"]:
        values = (member["sha256"], record["item"], member["relation"], json.dumps(member["evidence"]))
        connection.execute("INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?)", values)


def _alias(connection: sqlite3.Connection, record: Record, _number: int, _position: int) -> None:
    connection.execute("UPDATE item SET alias_of = ? WHERE id = ?", (record["of"], record["item"]))
    connection.execute("UPDATE item SET alias_of = ? WHERE alias_of = ?", (record["of"], record["item"]))
    connection.execute("UPDATE member SET item = ? WHERE item = ?", (record["of"], record["item"]))


def _apart(connection: sqlite3.Connection, record: Record, _number: int, _position: int) -> None:
    connection.execute("UPDATE item SET alias_of = NULL WHERE id = ?", (record["item"],))


def _decision(connection: sqlite3.Connection, record: Record, number: int, position: int) -> None:
    subjects, params = json.dumps(record["subjects"]), json.dumps(record["params"])
    values = (number, position, record["decision"], record["at"], subjects, params, record["by"])
    connection.execute("INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    if record["decision"] == "rename":
        _renamed(connection, record["subjects"][0], record["params"]["slug"])


def _renamed(connection: sqlite3.Connection, old: str, new: str) -> None:
    """All that belongs to an event goes by its new name. What is published under the old one stays recorded as such."""
    connection.execute("UPDATE event SET slug = ? WHERE slug = ?", (new, old))
    for table in ("arrival", "history", "answer"):
        connection.execute(f"UPDATE {table} SET event = ? WHERE event = ?", (new, old))  # noqa: S608 - our own names
    connection.execute("DELETE FROM proposal WHERE event = ?", (old,))


_FOLDS = {
    "workspace": _workspace,
    "event": _event,
    "snapshot": _snapshot,
    "arrival": _arrival,
    "mint": _mint,
    "membership": _membership,
    "alias": _alias,
    "apart": _apart,
    "decision": _decision,
}
