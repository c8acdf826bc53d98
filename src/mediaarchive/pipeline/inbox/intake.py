"""One intake: what its steps share. Which event a file is of, how it is answered, how it leaves, and which folders keep theirs."""

from __future__ import annotations

import os
from collections import Counter

from mediaarchive.catalog import Answer
from mediaarchive.media.complete import UNFINISHED
from mediaarchive.model import Verdict
from mediaarchive.pipeline.inbox.checksums import CHECKSUMS
from mediaarchive.pipeline.inbox.leaving import leave
from mediaarchive.pipeline.inbox.scanning import LIVING, Found
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.source import UNREAD

MAYBE_UNFINISHED = UNFINISHED | {
    "truncated",
    "no-end-marker",
    "checksum-mismatch",
}  # may be an upload that is still under way
PASSES = UNREAD | {"changed"}  # no fault of the bytes: the file waits where it is, however long
_STAYING = LIVING | {CHECKSUMS}  # a list stays until all that it names has come


class Intake:
    """The files of one run: of every event, or of `only`.

    `slugs`: each folder's event; None where that address is another folder's. `stuck`: how many files can't leave, by
    folder; `newly_stuck`: whether one of these folders is new. `unfinished`: how many files this machine could not take, by
    code and sentence.
    """

    def __init__(self, shop: Shop, only: str | None = None) -> None:
        self.shop = shop
        self.only = only
        self.inbox = shop.workspace.root / shop.settings.ingest.inbox
        self.moves = shop.settings.ingest.mode == "move"
        self.slugs: dict[str, str | None] = {}
        self.stuck: Counter[str] = Counter()
        self.newly_stuck = False
        self.unfinished: Counter[tuple[str, str]] = Counter()

    def event(self, file: Found) -> str:
        """The slug of a file's event; empty where it has none."""
        return self.slugs.get(file.folder) or ""

    def concerns(self, file: Found) -> bool:
        """Whether this run is about a file's event."""
        return not self.only or self.slugs.get(file.folder) == self.only

    def answer(
        self,
        file: Found,
        verdict: Verdict | None,
        code: str | None = None,
        reason: str | None = None,
        *,
        sha256: str | None = None,
        fresh: bool = True,
    ) -> Answer:
        """What became of a file; `fresh`: it is news."""
        event = self.event(file)
        name = file.name if event else file.key
        return Answer(event=event, path=name, verdict=verdict, code=code, reason=reason, sha256=sha256, fresh=fresh)

    def may_leave(self, file: Found) -> bool:
        """Whether a file leaves the inbox once its copy is durable."""
        return self.moves and file.sidecar not in _STAYING

    def leave(self, file: Found) -> bool:
        """Let it leave; whether it could."""
        gone = leave(file)
        self.stuck[str(file.path.parent)] += not gone
        return gone

    def may_go_aside(self, file: Found) -> bool:
        """Whether a refused file could be set aside now: it couldn't when it was refused."""
        if not self.moves or file.sidecar in LIVING:
            return False
        if os.access(file.path.parent, os.W_OK | os.X_OK):
            return True
        self.stuck[str(file.path.parent)] += 1
        return False
