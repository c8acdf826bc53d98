"""What the catalog remembers for keeping: what the mirror has, when bytes were last proved, what no release names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from mediaarchive.catalog.database import Database
from mediaarchive.model import Kind, Original
from mediaarchive.ports import Stat

_ERASED = "SELECT gone.key FROM decision, json_each(decision.params, '$.originals') gone WHERE decision.kind = 'erased'"


class Keeping(Database):
    """Queries of mirror, verify, rebuild and gc."""

    def meta(self, name: str) -> str | None:
        """A value such as `workspace` (its id) or `salt`."""
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, name: str, value: str) -> None:
        """Remember a value of this catalog's own (never one that the journal tells)."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"own {name}", value))

    def noted(self, name: str) -> str | None:
        """A value that `note` remembered."""
        return self.meta(f"own {name}")

    def all_originals(self) -> Iterator[Original]:
        """Every original, by sha256, but those that were destroyed on purpose."""
        query = f"SELECT sha256, uri, bytes, mime, kind FROM original WHERE sha256 NOT IN ({_ERASED}) ORDER BY sha256"  # noqa: S608
        rows = self.connection.execute(query)
        for sha256, uri, size, mime, kind in rows.fetchall():
            yield Original(sha256=sha256, uri=uri, bytes=size, mime=mime, kind=Kind(kind))

    def not_in(self, store: str) -> list[Original]:
        """The originals that were never seen in a store (the mirror), by sha256."""
        query = (
            "SELECT o.sha256, o.uri, o.bytes, o.mime, o.kind FROM original o "  # noqa: S608 - our own words
            "LEFT JOIN stored s ON s.store = ? AND s.key = o.uri "
            f"WHERE s.key IS NULL AND o.sha256 NOT IN ({_ERASED}) ORDER BY o.sha256"
        )
        return [
            Original(sha256=s, uri=u, bytes=b, mime=m, kind=Kind(k))
            for s, u, b, m, k in self.connection.execute(query, (store,))
        ]

    def all_items(self) -> set[str]:
        """Every id that was ever given to an item, aliases included."""
        return {row[0] for row in self.connection.execute("SELECT id FROM item")}

    def erased(self) -> set[str]:
        """The originals (sha256) that were destroyed on purpose."""
        rows = self.connection.execute("SELECT params FROM decision WHERE kind = 'erased'")
        return {sha256 for (params,) in rows for sha256 in json.loads(params).get("originals", ())}

    def forget_place(self, store: str) -> None:
        """Trust nothing that was recorded of a store: it is another place now."""
        with self.transaction() as connection:
            for table in ("stored", "release", "orphan", "checksum"):
                connection.execute(f"DELETE FROM {table} WHERE store = ?", (store,))  # noqa: S608 - our own names
            connection.execute("DELETE FROM proof WHERE place = ?", (store,))

    def prove(self, place: str, versions: Mapping[str, str], at: str) -> None:
        """Remember that these keys, in these versions, were read and found right."""
        rows = [(place, key, f"{at} {version}") for key, version in versions.items()]
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO proof VALUES (?, ?, ?)", rows)

    def proofs(self, place: str) -> dict[str, tuple[str, str]]:
        """When each key of a place was last read and found right, and in which version."""
        rows = self.connection.execute("SELECT key, at FROM proof WHERE place = ?", (place,))
        return {key: (at.partition(" ")[0], at.partition(" ")[2]) for key, at in rows}

    def set_checksums(self, store: str, stats: Iterable[Stat]) -> None:
        """Remember the versions that are checksums, of what was just written to a store or compared there; others pass by."""
        rows = [(store, stat.key, stat.sha256, stat.version) for stat in stats if stat.summed and stat.sha256]
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO checksum VALUES (?, ?, ?, ?)", rows)

    def checksums(self, store: str) -> dict[str, tuple[str, str]]:
        """Of each key of a store whose version is a checksum: the sha256 of its bytes, and that version."""
        rows = self.connection.execute("SELECT key, sha256, version FROM checksum WHERE store = ?", (store,))
        return {key: (sha256, version) for key, sha256, version in rows}

    def orphans(self, store: str) -> dict[str, str]:
        """The objects of a store that no release names, and since when that was seen."""
        return dict(self.connection.execute("SELECT key, since FROM orphan WHERE store = ?", (store,)))

    def set_orphans(self, store: str, since: Mapping[str, str]) -> None:
        """Remember which objects no release names; all others are in use, or gone."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM orphan WHERE store = ?", (store,))
            connection.executemany("INSERT INTO orphan VALUES (?, ?, ?)", [(store, k, at) for k, at in since.items()])
