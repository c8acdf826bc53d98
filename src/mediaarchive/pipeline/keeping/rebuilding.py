"""Rebuild: the archive again from its mirror, the catalog from journal and originals, the site from both. In any order of loss.

mark → journal → catalog → originals → (mark away) → every event, as a run would

While the mark is there, an archive may lack originals, and no run may publish from it. Each step only adds what is missing,
so a rebuild that was killed is finished by starting it again.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mediaarchive import layout
from mediaarchive.durable import sync_folder, write_new
from mediaarchive.errors import Damaged, Incomplete, Refused, UsageError
from mediaarchive.events import Event as Told
from mediaarchive.events import Sink, WorkDone
from mediaarchive.model import Original
from mediaarchive.pipeline.event import process
from mediaarchive.pipeline.inbox.report import EventResult, Failure
from mediaarchive.pipeline.keeping import mirroring
from mediaarchive.pipeline.making.rows import ACCEPTED
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.workspace import REBUILDING, Workspace
from mediaarchive.ports import Store

_THREADS = 8
_ASIDE = ".before-rebuild"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebuilt:
    """What a rebuild did: originals fetched, those that are nowhere, the events, what a store failed at.

    `made`: how many items had files rendered again (captions count too: they are read again from their sidecars).
    """

    fetched: int
    lost: tuple[str, ...]
    events: tuple[EventResult, ...]
    failures: tuple[Failure, ...]
    made: int


def prepare(workspace: Workspace, mirror: Store | None, *, named: str = "") -> None:
    """Before the catalog is opened: set the old one aside, and complete the journal from the mirror.

    `named`: how somebody named the mirror, just now.

    Raises:
        UsageError: what was named is no mirror; nothing was changed.
        Refused: there is no journal, here or there.
        Damaged: the journal here and the mirror's are two different ones.
    """
    if named and (mirror is None or next(iter(mirror.list("journal/")), None) is None):
        raise UsageError(
            f"{named} is no mirror: there is no journal",
            hint="give what [originals] mirror named: its folder, or s3://bucket/prefix",
        )
    mark = workspace.archive / REBUILDING
    if not mark.exists():
        for path in workspace.archive.glob("catalog.db*"):
            if not path.name.endswith(_ASIDE):
                path.replace(path.with_name(path.name + _ASIDE))
        mark.touch()
        sync_folder(workspace.archive)
    if mirror is not None:
        _journal(workspace, mirror)
    if not workspace.journal().last():
        raise Refused(
            f"{workspace.root} has no journal, and no mirror that has one",
            hint="say where the mirror is: --from, or [originals] mirror in mediaarchive.toml",
        )


def _journal(workspace: Workspace, mirror: Store) -> None:
    folder = workspace.archive / "journal"
    folder.mkdir(exist_ok=True)
    _give_way(workspace, mirror)
    for stat in mirror.list("journal/"):
        path = workspace.archive / stat.key
        if path.exists() and path.stat().st_size == stat.bytes:
            continue
        if path.exists():
            raise Damaged(
                f"{path} and the mirror's {stat.key} differ: these are two histories",
                hint="move the wrong one away; nothing was changed",
            )
        temporary = folder / f".{os.getpid()}-{secrets.token_hex(4)}.tmp"
        try:
            if mirror.fetch(stat.key, temporary):
                temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    sync_folder(folder)


def _give_way(workspace: Workspace, mirror: Store) -> None:
    """A journal that `init` just began, and that nothing follows from, makes way for the mirror's."""
    first = workspace.archive / layout.segment_key(1)
    there = mirror.get(layout.segment_key(1))
    if there is None or not first.exists() or first.read_bytes() == there[0]:
        return
    if workspace.journal().last() > 1 or len(first.read_bytes().splitlines()) > 2:
        raise Damaged(
            f"{workspace.root} is another archive than the mirror's",
            hint="rebuild into an empty folder that has nothing but mediaarchive.toml",
        )
    first.replace(first.with_name(first.name + _ASIDE))


def rebuild(shop: Shop, mirror: Store | None, *, accept_loss: bool) -> Rebuilt:
    """Fetch the originals that are missing here, then bring every event up to date in every store.

    Raises:
        Incomplete: originals are nowhere; nothing was published.
        StoreError: the mirror failed midway: start it again.
    """
    inbox = Path(shop.settings.ingest.inbox)
    if not inbox.is_absolute():  # another one may only wait to be mounted
        (shop.workspace.root / inbox).mkdir(parents=True, exist_ok=True)
    erased = shop.catalog.erased()
    lacking = [o for o in shop.catalog.all_originals() if o.sha256 not in erased and not _whole(shop, o)]
    lost = _fetch(shop, mirror, lacking)
    if lost and not accept_loss:
        raise Incomplete(
            f"{len(lost)} of {len(lacking)} missing originals are not in the mirror either, or are damaged there ({lost[0]}); "
            "nothing was published",
            hint="look for a newer mirror; or --accept-loss: their items leave the page until the same files are dropped again",
        )
    if accept_loss:
        shop.catalog.note(ACCEPTED, shop.stamp())
    if mirror is not None:
        _small_files(shop, mirror)
    (shop.workspace.archive / REBUILDING).unlink(missing_ok=True)
    sync_folder(shop.workspace.archive)
    counter = _Counter(shop.sink)
    shop.sink = counter
    cards = Cards(shop=shop)
    results = [process(shop, event, cards) for event in shop.catalog.events()]
    failures = [failure for result in results for failure in result.failures]
    failures += list_events(shop, cards, {failure.store for failure in failures})
    failures += mirroring.bring(shop)
    return Rebuilt(
        fetched=len(lacking) - len(lost),
        lost=tuple(lost),
        events=tuple(results),
        failures=tuple(failures),
        made=counter.rendered,
    )


class _Counter:
    """Counts what is rendered, on its way to whoever is told."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.rendered = 0

    def __call__(self, event: Told, /) -> None:
        self.rendered += isinstance(event, WorkDone) and event.stage == "render"
        self.sink(event)


def _whole(shop: Shop, original: Original) -> bool:
    """Whether an original is here, by its size; `verify` reads the bytes."""
    try:
        return (shop.workspace.archive / original.uri).stat().st_size == original.bytes
    except OSError:
        return False


def _fetch(shop: Shop, mirror: Store | None, originals: Sequence[Original]) -> list[str]:
    """Bring originals back; those that could not be."""
    shop.workspace.sweep(frozenset(path.name for path in shop.workspace.spool.glob("*")))
    with ThreadPoolExecutor(_THREADS) as pool:
        found = pool.map(lambda original: mirror is not None and bring_back(shop, mirror, original), originals)
        return [original.uri for original, there in zip(originals, found, strict=True) if not there]


def bring_back(shop: Shop, mirror: Store, original: Original) -> bool:
    """Fetch one original from the mirror, verified on the way; False if it isn't there whole."""
    target: Path = shop.workspace.archive / original.uri
    temporary = shop.workspace.work / f"back-{original.sha256}"
    try:
        if mirror.fetch(original.uri, temporary) != original.sha256:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.chmod(0o444)
        temporary.replace(target)
        sync_folder(target.parent)
        return True
    finally:
        temporary.unlink(missing_ok=True)


def _small_files(shop: Shop, mirror: Store) -> None:
    """Receipts, the releases that were, and machines' drafts."""
    for stat in (stat for name in mirroring.ONCE for stat in mirror.list(f"{name}/")):
        path = shop.workspace.archive / stat.key
        if not path.exists() and (found := mirror.get(stat.key)):
            write_new(path, found[0])
