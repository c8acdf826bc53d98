"""The report of a run: one JSON object, in which every file found in the inbox stands exactly once."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from mediaarchive.catalog import Given
from mediaarchive.errors import EXIT_DONE, EXIT_PROBLEMS, MediaArchiveError
from mediaarchive.model import Verdict
from mediaarchive.pipeline.inbox import telling
from mediaarchive.pipeline.inbox.unread import is_unread
from mediaarchive.pipeline.shop import Shop

SCHEMA = "run/1"
TOLD_OTHERWISE = "events/{}/ files were told otherwise"  # its page was written before a decision changed what it says
_WAITS_BY_CHOICE = frozenset(
    {"embargo", "approval", "hidden", "looks-withdrawn", "rolled-back", "consent-asked", "consent-refused"}
)
TROUBLE = frozenset({Verdict.REJECTED, Verdict.HELD, Verdict.WITHDRAWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why an event could not be published into a store."""

    store: str
    event: str
    error: MediaArchiveError


@dataclass(frozen=True, kw_only=True, slots=True)
class EventResult:
    """One event after a run: the manifest's address, items by type, jobs by state, what each of its contents became.

    `missing_alt`: pictures without a description in some language; `doubtful`: texts that somebody should look at again.
    """

    slug: str
    manifest: str | None
    counts: Mapping[str, int]
    jobs: Mapping[str, int]
    contents: Mapping[str, Given]
    missing_alt: int = 0
    doubtful: int = 0
    changed: bool = False
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A run, told. `files`: an answer for each file of the inbox. `failures`: what a store or its owner refused.

    `notices`: what else somebody should see to, in sentences. `news`: files (event, path) of which nobody was told this before.
    """

    run: str
    events: tuple[EventResult, ...]
    files: tuple[Given, ...]
    jobs: Mapping[str, int]
    status: int
    inbox: str = "inbox"
    failures: tuple[Failure, ...] = ()
    notices: tuple[str, ...] = ()
    news: AbstractSet[tuple[str, str]] = frozenset()

    def counts(self) -> dict[str, int]:
        """How many files had each outcome."""
        return dict(sorted(Counter(str(given.verdict) for given in self.files).items()))

    def as_before(self) -> str | None:
        """How much is held, refused or withdrawn as it was before, in a sentence that says where it is listed."""
        found = Counter(one.verdict for one in self.files if one.verdict in TROUBLE - {Verdict.HELD})
        found[Verdict.HELD] = sum(
            one.verdict == Verdict.HELD for event in self.events for one in event.contents.values()
        )
        found.subtract(one.verdict for one in self.files if (one.event, one.path) in self.news)
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(found.items()) if count > 0)
        return f"As before: {counts}. `mediaarchive status` lists them, and what can be done." if counts else None

    def value(self, folders: Mapping[str, str]) -> dict[str, Any]:
        """The report as JSON values. `folders`: each event's folder in the inbox, by slug."""
        return {
            "schema": SCHEMA,
            "run": self.run,
            "status": self.status,
            "events": [
                {
                    "slug": event.slug,
                    "manifest": event.manifest,
                    "counts": dict(event.counts),
                    "jobs": dict(event.jobs),
                    "missing_alt": event.missing_alt,
                    "doubtful_texts": event.doubtful,
                }
                for event in self.events
            ],
            "counts": self.counts(),
            "jobs": dict(self.jobs),
            "files": [self._file(given, folders) for given in self.files],
            "problems": [
                {"store": f.store, "event": f.event, "code": f.error.code, "reason": f.error.message}
                for f in self.failures
            ],
            "notices": list(self.notices),
        }

    def _file(self, given: Given, folders: Mapping[str, str]) -> dict[str, Any]:
        below = f"{folders[given.event]}/{given.path}" if given.event in folders else given.path
        return {
            "path": f"{self.inbox}/{below}",
            "outcome": str(given.verdict),
            "code": given.code,
            "reason": given.reason,
            "item": given.item,
        }


def inbox_name(shop: Shop) -> str:
    """The inbox relative to the workspace, POSIX."""
    return os.path.relpath(shop.workspace.root / shop.settings.ingest.inbox, shop.workspace.root).replace(os.sep, "/")


def is_news(given: Given, before: Mapping[tuple[str, str], tuple[str, str | None]]) -> bool:
    """Whether this answer is another one than the last report gave (`before`: `Inbox.told`)."""
    return given.fresh or before.get((given.event, given.path)) != (given.verdict, given.code)


def status(files: Sequence[Given], failures: Sequence[Failure], *, noticed: bool = False) -> int:
    """The exit status: what a store failed at weighs most, then problems that nobody was told of before (`noticed`: one)."""
    if failures:
        return max(failure.error.exit_status for failure in failures)
    fresh = (given for given in files if given.fresh)
    bad = noticed or any(
        given.verdict == Verdict.REJECTED
        or is_unread(given)
        or (given.verdict == Verdict.HELD and given.code not in _WAITS_BY_CHOICE)
        for given in fresh
    )
    return EXIT_PROBLEMS if bad else EXIT_DONE


def write(shop: Shop, report: Report, folders: Mapping[str, str], *, everything: bool) -> None:
    """Keep a report for each event where the run had anything to say of it, for programs and for people.

    `everything`: the run was over all events, so it knows all files that belong to none.
    """
    if everything:
        telling.write_loose(shop, [given for given in report.files if not given.event])
    value, known = report.value(folders), {event.slug: event for event in shop.catalog.events()}
    for event in report.events:
        files = [entry for entry, given in zip(value["files"], report.files, strict=True) if given.event == event.slug]
        outdated = TOLD_OTHERWISE.format(event.slug)
        fresh = any(given.fresh for given in report.files if given.event == event.slug)
        if not (event.changed or fresh or shop.catalog.noted(outdated)):
            continue
        folder = shop.workspace.reports / event.slug
        folder.mkdir(parents=True, exist_ok=True)
        own = next(entry for entry in value["events"] if entry["slug"] == event.slug)
        text = json.dumps(value | {"events": [own], "files": files}, ensure_ascii=False, indent=1)
        (folder / f"{report.run}.json").write_text(text + "\n", encoding="utf-8")
        told = [given for given in report.files if given.event == event.slug]
        telling.write(shop, known[event.slug], report.run, told, event.doubtful)
        if shop.catalog.noted(outdated):
            shop.catalog.note(outdated, "")
