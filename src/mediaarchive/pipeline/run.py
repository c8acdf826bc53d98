"""The scheduled job: take files in, then bring every event up to date, then say what happened. The one loop.

lock → sweep → preflight → ingest → for each event: dedupe → describe → render → publish → list of events → mirror → report
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mediaarchive import events
from mediaarchive.catalog import Event, Given
from mediaarchive.errors import DiskFull, MediaArchiveError, StoreError, Unwritable
from mediaarchive.model import Verdict
from mediaarchive.pipeline.answering.linting import doubtful
from mediaarchive.pipeline.deciding.attesting import attest_all
from mediaarchive.pipeline.deciding.erasing import erase_due, erase_mirror, erase_said
from mediaarchive.pipeline.deciding.mapping import write_maps
from mediaarchive.pipeline.deciding.proving import settle_all
from mediaarchive.pipeline.deciding.recording import event_named
from mediaarchive.pipeline.deciding.ruling import current_name
from mediaarchive.pipeline.event import process
from mediaarchive.pipeline.inbox import report as reporting
from mediaarchive.pipeline.inbox import unread
from mediaarchive.pipeline.inbox.leaving import sentence_of
from mediaarchive.pipeline.inbox.report import EventResult, Failure, Report
from mediaarchive.pipeline.inbox.scanning import scan
from mediaarchive.pipeline.inbox.taking import take_in
from mediaarchive.pipeline.inbox.tidying import tidy
from mediaarchive.pipeline.inbox.verdicts import given
from mediaarchive.pipeline.keeping import mirroring
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.shop import Shop

_SPOOL_DAYS = 14
_DAY = 86_400
_MIB = 1 << 20
_FAILING = frozenset({errno.EIO, errno.EROFS, errno.ESTALE, errno.ENODEV})
_FACTOR = 2  # a run writes each original once, and renditions that are smaller than it


def run(shop: Shop, only: str | None = None) -> Report:
    """One run over every event, or over `only` (a slug, or one it had). The caller holds the workspace's lock.

    Raises:
        Refused: the disk or a store can't be used; nothing was done.
        UsageError: there is no event `only`.
        StoreError: the archive's own disk failed midway; the next run goes on.
    """
    started = shop.stamp()
    identity = f"{started[:19].replace('-', '').replace(':', '')}-{secrets.token_hex(3)}"
    with _disk(shop):
        sweep(shop)
        unusable = preflight(shop)
        shop = replace(shop, stores=tuple(store for store in shop.stores if store.name not in unusable))
        shop.catalog.start_run(identity, started)
        only = only and current_name(shop, only)
        shop.sink(events.RunStarted(run=identity, events=(only,) if only else ()))
        before = shop.catalog.told()
        intake = take_in(shop, only)
        tidy(intake)
        erase_due(shop)
        cards = Cards(shop=shop)
        results = [_with_doubtful(shop, process(shop, event, cards)) for event in _events(shop, only)]
        broken = {failure.store for result in results for failure in result.failures}
        unlisted = [*list_events(shop, cards, broken), *settle_all(shop, sorted(broken))]
        write_maps(shop)
        contents = {(result.slug, sha256): say for result in results for sha256, say in result.contents.items()}
        erase_said(shop)
        unmirrored = [*mirroring.bring(shop), *erase_mirror(shop)]
        attest_all(shop)
        files = tuple(given(shop.catalog, shop.catalog.answers(), contents))
        failures = [*(failure for result in results for failure in result.failures), *unlisted, *unmirrored]
        failures += [Failure(store=name, event="", error=error) for name, error in unusable.items()]
        failures += [Failure(store="archive", event="", error=error) for error in unread.failures(intake)]
        folders, inbox = {event.slug: event.folder for event in shop.catalog.events()}, reporting.inbox_name(shop)
        notices = [sentence_of(folder, count) for folder, count in sorted(intake.stuck.items())]
        report = Report(
            run=identity,
            events=tuple(results),
            files=files,
            jobs=dict(shop.jobs),
            status=reporting.status(files, failures, noticed=intake.newly_stuck),
            inbox=inbox,
            failures=tuple(failures),
            notices=(*notices, *unread.sentences(files, folders, inbox)),
            news=frozenset((one.event, one.path) for one in files if reporting.is_news(one, before)),
        )
        reporting.write(shop, report, folders, everything=only is None)
        shop.catalog.end_run(identity, shop.stamp(), report.status, report.value(folders), files)
    for one in files:
        if not (one.verdict in reporting.TROUBLE or unread.is_unread(one)) or (one.event, one.path) in report.news:
            shop.sink(_answered(one))
    if standing := report.as_before():
        shop.sink(events.Notice(level="info", text=standing))
    for text in report.notices:
        shop.sink(events.Notice(level="warning", text=text))
    shop.sink(
        events.RunEnded(
            run=identity,
            status=report.status,
            counts=report.counts(),
            jobs=dict(report.jobs),
            unread=sum(map(unread.is_unread, files)),
        )
    )
    return report


def _with_doubtful(shop: Shop, result: EventResult) -> EventResult:
    return replace(result, doubtful=doubtful(shop, result.slug))


def _answered(one: Given) -> events.FileAnswered:
    return events.FileAnswered(
        event=one.event,
        path=f"{one.event}/{one.path}" if one.event else one.path,
        verdict=Verdict(one.verdict),
        code=one.code,
        reason=one.reason,
        item=one.item,
    )


def _events(shop: Shop, only: str | None) -> list[Event]:
    return [event_named(shop, only)] if only else shop.catalog.events()


def sweep(shop: Shop) -> None:
    """Remove what interrupted runs left: half-made files at once, finished ones that nobody wanted after two weeks."""
    old = time.time() - _SPOOL_DAYS * _DAY
    spool = shop.workspace.spool
    keep = frozenset(
        entry.name
        for entry in (spool.iterdir() if spool.is_dir() else ())
        if not entry.name.startswith(".") and entry.is_file() and entry.stat().st_mtime > old
    )
    shop.workspace.sweep(keep)


def preflight(shop: Shop) -> dict[str, StoreError]:
    """Refuse before anything is written: room on the disks, stores that can be used.

    Returns:
        Why some of several stores can't be used, by name: they don't hold back the others, and catch up another day.

    Raises:
        Refused: with the numbers, or the sentence of the first of the stores, where none can be used.
    """
    for name in ("originals", "journal", "receipts", "reports", "releases", "maps"):
        _must_be_writable(shop.workspace.archive, shop.workspace.archive / name)
    inbox = shop.workspace.root / shop.settings.ingest.inbox
    incoming = sum(_size(file.path) for file in scan(inbox))
    needed = _FACTOR * incoming + shop.settings.limits.min_free * _MIB
    folders = [entry.url for entry in shop.settings.store if "://" not in entry.url]
    for folder in (shop.workspace.archive, *(shop.workspace.root / folder for folder in folders)):
        free = shutil.disk_usage(_existing(folder)).free
        if free < needed:
            raise DiskFull(
                f"the disk of {folder} has {free // _MIB} MiB free; this run needs {-(-needed // _MIB)} MiB "
                f"({incoming // _MIB} MiB are in the inbox)",
                hint="make room, or lower [limits] min_free",
            )
    refusals: dict[str, MediaArchiveError] = {}
    for store in shop.stores:
        try:
            store.check()
            store.sweep()
        except MediaArchiveError as error:
            refusals[store.name] = error
    if len(refusals) == len(shop.stores):
        raise next(iter(refusals.values()))
    return {name: StoreError(error.message, hint=error.hint) for name, error in refusals.items()}


def _must_be_writable(archive: Path, folder: Path) -> None:
    """Raise `Unwritable` if nothing new can be kept there: no file could be taken, and each would be told of one by one."""
    folder = _existing(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unwritable(
            f"{folder} can't be written by this user (uid {os.getuid()}); nothing was done",
            hint=f"run as the user who owns {archive}, or: chown -R {os.getuid()} {archive}",
        )


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


@contextmanager
def _disk(shop: Shop) -> Iterator[None]:
    """A disk that fails under the coordinator is told as such: what was recorded stays, the next run goes on."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreError(
                f"the disk of {shop.workspace.archive} is full; nothing is lost", hint="make room, then run again"
            ) from error
        if error.errno in _FAILING:
            raise StoreError(
                f"the disk of {error.filename or shop.workspace.archive} fails ({error.strerror}); what is published stays whole",
                hint="see what the system says of that disk (dmesg), then run again",
            ) from error
        raise
    except sqlite3.OperationalError as error:
        if "full" in str(error) or "disk" in str(error):
            raise StoreError(
                f"the catalog can't be written: {error}; nothing is lost", hint="make room, then run again"
            ) from error
        raise
