"""The catalog's queries on what people dropped: how files were seen, what was answered, and in which words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mediaarchive.catalog.database import Database
from mediaarchive.model import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A file as it was seen in the inbox: since when unchanged (seconds since the epoch), and what was wrong with it."""

    path: str
    stat: str
    since: float
    sha256: str | None = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of a file. `verdict` None: it was taken, and the end of the run says what of it is published."""

    event: str
    path: str
    verdict: str | None = None
    code: str | None = None
    reason: str | None = None
    sha256: str | None = None
    fresh: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """An answer as a report gave it: one file, one verdict. `fresh`: nobody was told before."""

    event: str
    path: str
    verdict: str
    code: str | None = None
    reason: str | None = None
    item: str | None = None
    fresh: bool = True


class Inbox(Database):
    """The part of the catalog that knows the inbox."""

    def looks(self) -> dict[str, Look]:
        """Every file as it was last seen, by path below the inbox."""
        rows = self.connection.execute("SELECT path, stat, since, sha256, code, reason FROM look")
        return {p: Look(path=p, stat=st, since=si, sha256=s, code=c, reason=r) for p, st, si, s, c, r in rows}

    def save_looks(self, looks: Iterable[Look], gone: Iterable[str] = ()) -> None:
        """Remember looks; forget files that are gone."""
        rows = [(look.path, look.stat, look.since, look.sha256, look.code, look.reason) for look in looks]
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO look VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.executemany("DELETE FROM look WHERE path = ?", [(path,) for path in gone])

    def answer(self, answers: Iterable[Answer]) -> None:
        """Remember what became of files until a report says so: a killed run's answers stand in the next run's report."""
        rows = [(a.event, a.path, a.verdict, a.code, a.reason, a.sha256, int(a.fresh)) for a in answers]
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def phrase(self, problems: Iterable[Problem]) -> None:
        """Remember what sentences were filled with."""
        rows = [(problem.reason, json.dumps(dict(problem.params))) for problem in problems if problem.params]
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO sentence VALUES (?, ?)", rows)

    def params(self, reasons: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What these sentences were filled with, for those that were."""
        rows = self._select("SELECT reason, params FROM sentence WHERE reason IN ({})", reasons)
        return {reason: json.loads(params) for reason, params in rows}

    def save_digests(self, sha256: str, digests: Mapping[str, str]) -> None:
        """Remember an original's digests by other algorithms."""
        with self.transaction() as connection:
            rows = [(sha256, algorithm, digest) for algorithm, digest in digests.items()]
            connection.executemany("INSERT OR REPLACE INTO digest VALUES (?, ?, ?)", rows)

    def digests(self, sha256: str) -> dict[str, str]:
        """An original's known digests by other algorithms."""
        return dict(self.connection.execute("SELECT algorithm, digest FROM digest WHERE sha256 = ?", (sha256,)))

    def answers(self) -> list[Answer]:
        """The answers that no report has given yet, by event and path."""
        rows = self.connection.execute("SELECT * FROM answer ORDER BY event, path")
        return [
            Answer(event=e, path=p, verdict=v, code=c, reason=r, sha256=s, fresh=bool(f))
            for e, p, v, c, r, s, f in rows
        ]

    def history(self, event: str, path: str) -> dict[str, Any] | None:
        """The last answer that a report gave for a path."""
        query = "SELECT run, verdict, code, reason, item FROM history WHERE event = ? AND path = ?"
        row = self.connection.execute(query, (event, path)).fetchone()
        return row and dict(zip(("run", "verdict", "code", "reason", "item"), row, strict=True))

    def told(self) -> dict[tuple[str, str], tuple[str, str | None]]:
        """What reports said last of every path: verdict and code, by event and path."""
        rows = self.connection.execute("SELECT event, path, verdict, code FROM history")
        return {(event, path): (verdict, code) for event, path, verdict, code in rows}

    def correct(self, event: str, contents: Mapping[str, Given], since: Mapping[str, Problem]) -> bool:
        """What became of files may have changed since they were answered: say what holds now. Whether anything had changed.

        Args:
            event: its slug.
            contents: what became of each of its originals, by sha256.
            since: what is said of those that were shown and are withdrawn now, by sha256.
        """
        query = (
            "SELECT h.path, h.verdict, h.code, h.reason, h.item, (SELECT sha256 FROM arrival a WHERE a.event = h.event "
            "AND a.path = h.path ORDER BY number DESC LIMIT 1) FROM history h "
            "WHERE h.event = ? AND h.verdict IN ('held', 'withdrawn', 'published', 'alternate')"
        )
        rows = self.connection.execute(query, (event,)).fetchall()
        found = [(path, (*told,), contents.get(sha256), since.get(sha256)) for path, *told, sha256 in rows]
        said = [(path, told, _now(told, given, gone)) for path, told, given, gone in found if given]
        changed = [(*now, event, path) for path, told, now in said if _outdated(told, now)]
        if changed:
            with self.transaction() as connection:
                connection.executemany(
                    "UPDATE history SET verdict = ?, code = ?, reason = ?, item = ? WHERE event = ? AND path = ?",
                    changed,
                )
        return bool(changed)

    def standing(self, event: str, run: str) -> list[Given]:
        """The last answer of every path of an event, by path; those that this run gave are `fresh`."""
        query = "SELECT path, run, verdict, code, reason, item FROM history WHERE event = ? ORDER BY path"
        return [
            Given(event=event, path=p, verdict=v, code=c, reason=r, item=i, fresh=given == run)
            for p, given, v, c, r, i in self.connection.execute(query, (event,))
        ]


def _now(told: tuple[Any, ...], given: Given, gone: Problem | None) -> tuple[Any, ...]:
    """An answer as it holds now. What was shown until its withdrawal (`gone`) isn't told like what came in after it."""
    shown = told[0] in {"published", "alternate"} or (gone and told[1] == gone.code)
    if gone and shown and given.verdict == "withdrawn":
        return given.verdict, gone.code, gone.reason, given.item
    return given.verdict, given.code, given.reason, given.item


def _outdated(told: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    """Whether an answer (verdict, code, reason, item) isn't true any more.

    What is published has sentences of its own (a misleading name, the same file twice); while it stays so, only another place
    or item is news.
    """
    if {told[0], now[0]} <= {"published", "alternate"}:
        if told[1] != now[1] and "moved" in {told[1], now[1]}:
            return True
        return (told[0], told[3]) != (now[0], now[3]) and told[1] != "exact"
    return told != now
