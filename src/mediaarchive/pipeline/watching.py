"""When a run is due for somebody without a timer: the inbox holds something new and has come to rest, or it is time anyway."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mediaarchive.errors import Busy
from mediaarchive.pipeline.inbox.scanning import scan

_BUSY = 60.0  # seconds after which a run is tried again that found another one on
_TRIES = 2  # runs that a file is reason for: the first may have found it new, or have been cut short

Snapshot = Mapping[str, str]


def snapshot(inbox: Path) -> Snapshot:
    """What lies in the inbox now: each file's path and how it is; without what runs write there, and what nobody takes.

    Raises:
        Unwritable: the inbox isn't there, or can't be read.
    """
    return {file.key: file.stat for file in scan(inbox) if not file.ignorable}


class Watch:
    """Decides when to run, from what is seen from time to time. Polling, since network mounts tell nobody of changes.

    A run takes all that has settled in one release, so it waits until nothing changes any more in the whole inbox; where
    somebody goes on copying for an hour, and for what comes due by the calendar, there is one every `at_least` seconds. What a
    run leaves in the inbox is reason for one more at most.

    Args:
        settle: seconds without a change.
        at_least: seconds between two runs at most.
    """

    def __init__(self, settle: float, at_least: float) -> None:
        self._settle = settle
        self._at_least = at_least
        self._seen: Snapshot | None = None
        self._rested = 0.0
        self._offered: dict[tuple[str, str], int] = {}  # how many runs have had each file as it is
        self._next = 0.0  # when a run is due whatever is there
        self._not_before = 0.0

    def due(self, seen: Snapshot, now: float) -> bool:
        """Whether to run now (in seconds of a clock that never goes back), given what is there."""
        if seen != self._seen:
            self._seen, self._rested = seen, now
        if now < self._not_before:
            return False
        fresh = any(self._offered.get(file, 0) < _TRIES for file in seen.items())
        return now >= self._next or bool(fresh and now - self._rested >= self._settle)

    def ran(self, before: Snapshot, now: float, status: int) -> None:
        """Note that a run ended now, with this exit status; `before`: what was there when it began."""
        if status == Busy.exit_status:
            self._not_before = now + _BUSY
            return
        self._offered = {file: self._offered.get(file, 0) + 1 for file in before.items()}
        self._next = now + self._at_least
