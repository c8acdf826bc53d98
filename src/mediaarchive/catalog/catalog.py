"""The catalog's named queries: what a run asks and tells, in the words of the model. Nobody else speaks SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mediaarchive.catalog.inbox import Given, Inbox
from mediaarchive.catalog.journal import Record
from mediaarchive.catalog.keeping import Keeping
from mediaarchive.model import Asset, Decision, Kind, Member, Original, Outcome, Proposal, Status

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_RUNS = "run LEFT JOIN run_order ON run_order.run = run.id"
_NEWEST_FIRST = "ORDER BY number DESC NULLS LAST, started DESC, id DESC"  # a catalog of before has no numbers


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """An event as the catalog knows it: `facts` is event.toml's last valid snapshot, `snapshot` the SHA-256 of its bytes."""

    slug: str
    folder: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    snapshot: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One file that came in: `path` is relative to its event's folder, `number` the journal segment that says so."""

    event: str
    path: str
    sha256: str
    at: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """The release that a store's pointer was last seen to name."""

    number: int
    sha256: str
    version: str
    at: str


@cache
def _outcomes() -> TypeAdapter[Outcome]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - only runs need it, `--help` doesn't

    return TypeAdapter(Outcome)


class Catalog(Inbox, Keeping):
    """One workspace's catalog. Reads return values; each write is one transaction."""

    _written: tuple[int, int] | None = None
    _items: dict[str, Asset | None]

    # -- the journal, folded -------------------------------------------------------------------------------------

    def append(self, records: Sequence[Record]) -> None:
        """Make records durable in the journal, then fold them."""
        if records:
            self.journal.append(records)
            self.catch_up()

    def events(self) -> list[Event]:
        """All events, by slug."""
        rows = self.connection.execute("SELECT slug, folder, facts, snapshot FROM event ORDER BY slug")
        return [Event(slug=s, folder=f, facts=json.loads(facts), snapshot=snap) for s, f, facts, snap in rows]

    def arrivals(self, event: str) -> list[Arrival]:
        """All that ever came in for an event, oldest first, then by path."""
        rows = self.connection.execute(
            "SELECT path, sha256, at, number FROM arrival WHERE event = ? ORDER BY number, path, sha256", (event,)
        )
        return [Arrival(event=event, path=p, sha256=s, at=at, number=n) for p, s, at, n in rows]

    def paths(self, sha256: str) -> list[Arrival]:
        """Everywhere these bytes came in."""
        rows = self.connection.execute(
            "SELECT event, path, at, number FROM arrival WHERE sha256 = ? ORDER BY number, event, path", (sha256,)
        )
        return [Arrival(event=e, path=p, sha256=sha256, at=at, number=n) for e, p, at, n in rows]

    def a_path(self, sha256: str) -> str:
        """One of the paths that an original came in by, after its event's slug; the beginning of its hash where none is known."""
        return next((f"{arrival.event}/{arrival.path}" for arrival in self.paths(sha256)), sha256[:12])

    def find_path(self, event: str, path: str) -> list[str]:
        """The contents that came in under a path, the newest last."""
        query = "SELECT sha256 FROM arrival WHERE event = ? AND path = ? ORDER BY number"
        return [row[0] for row in self.connection.execute(query, (event, path))]

    def originals(self, event: str) -> dict[str, Original]:
        """The originals of an event, by sha256."""
        rows = self.connection.execute(
            "SELECT DISTINCT o.sha256, uri, bytes, mime, kind FROM original o JOIN arrival a ON a.sha256 = o.sha256 "
            "WHERE a.event = ?",
            (event,),
        )
        return {s: Original(sha256=s, uri=u, bytes=b, mime=m, kind=Kind(k)) for s, u, b, m, k in rows}

    def original(self, sha256: str) -> Original | None:
        """One original, or None."""
        row = self.connection.execute("SELECT * FROM original WHERE sha256 = ?", (sha256,)).fetchone()
        return row and Original(sha256=row[0], uri=row[1], bytes=row[2], mime=row[3], kind=Kind(row[4]))

    def find(self, beginning: str) -> list[str]:
        """Originals whose sha256 begins like this."""
        query = "SELECT sha256 FROM original WHERE sha256 >= ? AND sha256 < ? ORDER BY sha256 LIMIT 20"
        return [row[0] for row in self.connection.execute(query, (beginning, beginning + "g"))]

    def find_paths(self, ending: str) -> list[tuple[str, str]]:
        """(event, path) of everything whose path, with its event's folder or name before it, ends like this."""
        query = (
            "SELECT known.event, path FROM (SELECT event, path FROM history UNION SELECT event, path FROM arrival) known "
            "LEFT JOIN event ON event.slug = known.event "
            "WHERE '/' || coalesce(folder, '') || '/' || path LIKE '%/' || :name ESCAPE '\\' "
            "OR '/' || known.event || '/' || path LIKE '%/' || :name ESCAPE '\\' ORDER BY event, path LIMIT 20"
        )
        name = ending.removeprefix("./").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return [(row[0], row[1]) for row in self.connection.execute(query, {"name": name})]

    def items_of(self, sha256s: Iterable[str]) -> dict[str, str]:
        """The item that each original belongs to, for those that belong to one."""
        return dict(self._select("SELECT sha256, item FROM member WHERE sha256 IN ({})", sha256s))

    def asset(self, item: str) -> Asset | None:
        """An item with all its members, its master first."""
        known = self._known()
        if item not in known:
            known[item] = self._asset(item)
        return known[item]

    def _known(self) -> dict[str, Asset | None]:
        """Items that were read since anybody last wrote: a run asks for each of them many times."""
        written = self.connection.total_changes, self.connection.execute("PRAGMA data_version").fetchone()[0]
        if self.connection.in_transaction:
            return {}
        if written != self._written:
            self._written, self._items = written, {}
        return self._items

    def _asset(self, item: str) -> Asset | None:
        row = self.connection.execute("SELECT kind, master, alias_of FROM item WHERE id = ?", (item,)).fetchone()
        if row is None:
            return None
        if row[2] is not None:
            return self._asset(row[2])
        rows = self.connection.execute(
            "SELECT sha256, relation, evidence FROM member WHERE item = ? ORDER BY sha256 != ?, sha256", (item, row[1])
        )
        members = tuple(Member(sha256=s, relation=r, evidence=json.loads(e)) for s, r, e in rows)
        aliases = self.connection.execute("SELECT id FROM item WHERE alias_of = ? ORDER BY id", (item,))
        return Asset(id=item, kind=Kind(row[0]), master=row[1], members=members, aliases=tuple(a for (a,) in aliases))

    def count_items(self) -> int:
        """How many items there are."""
        return int(self.connection.execute("SELECT count(*) FROM item").fetchone()[0])

    def events_of(self, items: Iterable[str]) -> dict[str, list[str]]:
        """For each item, the events in which any of its members came in."""
        query = (
            "SELECT DISTINCT m.item, a.event FROM member m JOIN arrival a ON a.sha256 = m.sha256 "
            "WHERE m.item IN ({}) ORDER BY m.item, a.event"
        )
        rows = sorted(self._select(query, items))
        return {item: [event for _, event in group] for item, group in groupby(rows, key=lambda row: row[0])}

    def decisions(self) -> tuple[Decision, ...]:
        """All that humans said, oldest first."""
        rows = self.connection.execute(
            "SELECT kind, at, subjects, params, by, number FROM decision ORDER BY number, position"
        )
        return tuple(
            Decision(kind=k, at=at, subjects=tuple(json.loads(s)), params=json.loads(p), by=by, number=n)
            for k, at, s, p, by, n in rows
        )

    # -- what was made ---------------------------------------------------------------------------------------------

    def outcomes(self, keys: Iterable[str]) -> dict[str, Outcome]:
        """The recorded outcomes of these derivation keys."""
        rows = self._select("SELECT key, outcome FROM derivation WHERE key IN ({})", keys)
        return {key: _outcomes().validate_json(outcome) for key, outcome in rows}

    def made_of(self, sha256s: Iterable[str]) -> list[Outcome]:
        """Everything that was ever made of these originals."""
        return [
            _outcomes().validate_json(row[0])
            for row in self._select("SELECT outcome FROM derivation WHERE status = 'ok' AND subject IN ({})", sha256s)
        ]

    def record(self, outcomes: Sequence[Outcome], subject: str) -> None:
        """Remember what was made of `subject` (sha256). The first result of a key wins; what is to be retried is not kept."""
        rows = [
            (o.key, o.recipe.stage, subject, o.status.value, _outcomes().dump_json(o).decode())
            for o in outcomes
            if o.status is not Status.RETRY
        ]
        with self.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO derivation VALUES (?, ?, ?, ?, ?)", rows)
        self.phrase(o.problem for o in outcomes if o.problem)

    def forget(self, keys: Iterable[str]) -> None:
        """Forget derivations whose files are nowhere any more: the next plan makes them again."""
        with self.transaction() as connection:
            connection.executemany("DELETE FROM derivation WHERE key = ?", [(key,) for key in keys])

    def blobs_of(self, subject: str) -> list[str]:
        """The files (sha256) that were made of an original."""
        rows = self.connection.execute("SELECT outcome FROM derivation WHERE subject = ?", (subject,))
        return [blob.sha256 for (text,) in rows for blob in _outcomes().validate_json(text).blobs]

    def erase(self, subjects: Iterable[str]) -> None:
        """Forget all that was found in originals and made of them; their bytes in the database are overwritten."""
        wanted = sorted(set(self._select("SELECT DISTINCT subject FROM derivation WHERE subject IN ({})", subjects)))
        if not wanted:
            return
        self.connection.execute("PRAGMA secure_delete = ON")
        with self.transaction() as connection:
            connection.executemany("DELETE FROM derivation WHERE subject = ?", wanted)
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def index_pixels(self, digests: Mapping[str, str]) -> None:
        """Remember the digest of originals' pixels, by sha256."""
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO pixels VALUES (?, ?)", digests.items())

    def same_pixels(self, digests: Iterable[str]) -> list[str]:
        """All originals, of any event, whose pixels have one of these digests."""
        return sorted(s for (s,) in self._select("SELECT sha256 FROM pixels WHERE digest IN ({})", digests))

    def index_hashes(self, hashes: Mapping[str, str]) -> None:
        """Remember the perceptual hashes (hex) of photographs, by sha256, so that look-alikes in other events are found."""
        with self.transaction() as connection:
            rows = [(sha256, bytes.fromhex(bits)) for sha256, bits in hashes.items()]
            connection.executemany("INSERT OR IGNORE INTO hash VALUES (?, ?)", rows)

    def hashes(self) -> dict[str, bytes]:
        """The perceptual hash of every photograph of every event, by sha256."""
        return dict(self.connection.execute("SELECT sha256, bits FROM hash ORDER BY sha256"))

    def propose(self, event: str, proposals: Iterable[Proposal]) -> None:
        """Replace an event's list of pairs that a human may decide on."""
        rows = [(event, p.left, p.right, p.relation, json.dumps(p.evidence)) for p in proposals]
        with self.transaction() as connection:
            connection.execute("DELETE FROM proposal WHERE event = ?", (event,))
            connection.executemany("INSERT OR REPLACE INTO proposal VALUES (?, ?, ?, ?, ?)", rows)

    def proposals(self, event: str) -> list[Proposal]:
        """The pairs of an event that wait for a human."""
        rows = self.connection.execute(
            "SELECT first, second, relation, evidence FROM proposal WHERE event = ? ORDER BY first, second", (event,)
        )
        return [Proposal(left=a, right=b, relation=r, evidence=json.loads(e)) for a, b, r, e in rows]

    # -- the stores ------------------------------------------------------------------------------------------------

    def stored(self, store: str, prefixes: Iterable[str]) -> dict[str, str]:
        """What was seen in (or last written to) a store, by key, below these prefixes: its sha256."""
        query = "SELECT key, sha256 FROM stored WHERE store = ? AND key >= ? AND key < ?"
        return {
            key: sha256
            for prefix in prefixes
            for key, sha256 in self.connection.execute(query, (store, prefix, prefix + "\U0010ffff"))
        }

    def mark_stored(self, store: str, objects: Mapping[str, str]) -> None:
        """Remember that objects (key → sha256) were seen in a store."""
        with self.transaction() as connection:
            rows = [(store, key, sha256) for key, sha256 in objects.items()]
            connection.executemany("INSERT OR REPLACE INTO stored VALUES (?, ?, ?)", rows)

    def unmark_stored(self, store: str, keys: Iterable[str]) -> None:
        """Forget that these keys were seen."""
        with self.transaction() as connection:
            connection.executemany("DELETE FROM stored WHERE store = ? AND key = ?", [(store, key) for key in keys])

    def forget_store(self, store: str, event: str, keys: Iterable[str]) -> None:
        """Trust nothing that was recorded of these keys, nor of the event's release: the store is looked at again."""
        self.unmark_stored(store, keys)
        with self.transaction() as connection:
            connection.execute("DELETE FROM release WHERE store = ? AND event = ?", (store, event))

    def published(self, store: str, event: str) -> Published | None:
        """The release that the store's pointer names, as far as this workspace knows."""
        query = "SELECT number, sha256, version, at FROM release WHERE store = ? AND event = ?"
        row = self.connection.execute(query, (store, event)).fetchone()
        return row and Published(number=row[0], sha256=row[1], version=row[2], at=row[3])

    def set_published(self, store: str, event: str, release: Published) -> None:
        """Remember what the pointer names now."""
        with self.transaction() as connection:
            row = (store, event, release.number, release.sha256, release.version, release.at)
            connection.execute("INSERT OR REPLACE INTO release VALUES (?, ?, ?, ?, ?, ?)", row)

    # -- runs ------------------------------------------------------------------------------------------------------

    def start_run(self, run: str, started: str) -> None:
        """Remember that a run began."""
        with self.transaction() as connection:
            connection.execute("INSERT INTO run (id, started) VALUES (?, ?)", (run, started))
            connection.execute("INSERT INTO run_order (run) VALUES (?)", (run,))

    def end_run(self, run: str, ended: str, status: int, report: Mapping[str, Any], given: Iterable[Given]) -> None:
        """Remember how a run ended; the answers its report gave are history now."""
        rows = list(given)
        with self.transaction() as connection:
            text = json.dumps({name: value for name, value in report.items() if name != "files"})
            connection.execute(
                "UPDATE run SET ended = ?, status = ?, report = ? WHERE id = ?", (ended, status, text, run)
            )
            connection.executemany(
                "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(g.event, g.path, run, g.verdict, g.code, g.reason, g.item) for g in rows],
            )
            connection.executemany("DELETE FROM answer WHERE event = ? AND path = ?", [(g.event, g.path) for g in rows])

    def last_run(self) -> dict[str, Any] | None:
        """The newest run: id, started, ended, status."""
        query = f"SELECT id, started, ended, status FROM {_RUNS} {_NEWEST_FIRST} LIMIT 1"  # noqa: S608 - constants
        row = self.connection.execute(query).fetchone()
        return row and dict(zip(("id", "started", "ended", "status"), row, strict=True))

    def problems(
        self, event: str, verdicts: Sequence[str] = ("rejected", "held", "waiting")
    ) -> list[tuple[str, str, str | None, str | None]]:
        """(path, verdict, code, reason) of the files whose last answer is one of these: those that ask for a human."""
        marks = ", ".join("?" * len(verdicts))
        query = (
            f"SELECT path, verdict, code, reason FROM history WHERE event = ? AND verdict IN ({marks}) ORDER BY path"  # noqa: S608 - marks
        )
        return [(row[0], row[1], row[2], row[3]) for row in self.connection.execute(query, (event, *verdicts))]

    def last_report(self, event: str) -> dict[str, Any] | None:
        """What the newest report that names an event says of it."""
        query = f"SELECT report FROM {_RUNS} WHERE report IS NOT NULL {_NEWEST_FIRST} LIMIT 50"  # noqa: S608 - constants
        for (text,) in self.connection.execute(query):
            for entry in json.loads(text)["events"]:
                if entry["slug"] == event:
                    return dict(entry)
        return None
