"""A store that waits and tries again when the server is busy or the connection breaks."""

from __future__ import annotations

import random as standard_random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from mediaarchive.ports import Stat, Store
from mediaarchive.stores.faults import Transient

T = TypeVar("T")
_FIRST: Final = 0.5  # seconds before the first repetition at most; doubled for each further one
_LONGEST: Final = 30.0
_GIVEN_UP: Final = 5.0  # seconds of patience for each call while a store is known to be down: other stores wait


class RetryingStore:
    """`inner`, with every call repeated while it raises `Transient`, until `budget_seconds` are over.

    Only such trouble is repeated: a name that is taken, a lost compare-and-swap, damage and refusals are answers. Every
    call of a store may be repeated, since each says what shall be there. Waits are random between zero and a bound that
    doubles (so that 32 threads don't come back together), and never shorter than the server asked for. A store that used the
    whole budget up once is down: until a call succeeds, each gets a few seconds only, so that fifty events don't take fifty
    times the budget.

    Args:
        inner: The store that does the work.
        budget_seconds: How long after the start of a call (for a listing: after its last object) a repetition may begin.
        sleep: Waits so many seconds.
        clock: Seconds of a clock that never goes back.
        random: A number from 0 to 1.
    """

    def __init__(
        self,
        inner: Store,
        budget_seconds: float = 300,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = standard_random.random,
    ) -> None:
        self.name = inner.name
        self.inner = inner
        self._budget = budget_seconds
        self._sleep = sleep
        self._clock = clock
        self._random = random
        self._down = False

    def check(self) -> None:
        """Refuse early: not repeated, since whoever waits for a refusal wants it soon."""
        self.inner.check()

    def stat(self, key: str) -> Stat | None:
        """What is there, or None."""
        return self._repeat(lambda: self.inner.stat(key))

    def get(self, key: str) -> tuple[bytes, str] | None:
        """The bytes and their version, or None."""
        return self._repeat(lambda: self.inner.get(key))

    def fetch(self, key: str, target: Path | None = None) -> str | None:
        """Read an object to its end; its SHA-256, or None. A reading that breaks off begins again."""
        return self._repeat(lambda: self.inner.fetch(key, target))

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects whose key starts with `prefix`; a listing that breaks off goes on after its last key."""
        last = ""
        patience = self._patience()
        while True:
            try:
                for stat in self.inner.list(prefix):
                    self._down = False
                    if stat.key > last:
                        yield stat
                        last = stat.key
                        patience = self._patience()
            except Transient as trouble:
                patience(trouble)
            else:
                return

    def create(self, key: str, source: bytes | Path, *, sha256: str, disposition: str | None = None) -> Stat:
        """Write an object whose name is written once."""
        return self._repeat(lambda: self.inner.create(key, source, sha256=sha256, disposition=disposition))

    def put(self, key: str, data: bytes) -> Stat:
        """Write or overwrite a projection."""
        return self._repeat(lambda: self.inner.put(key, data))

    def swap(self, key: str, data: bytes, expected: str | None) -> Stat:
        """Write `key` only if its version is `expected`; `inner` must know its own success when it is asked again."""
        return self._repeat(lambda: self.inner.swap(key, data, expected))

    def delete(self, key: str) -> None:
        """Remove an object and every version of it."""
        self._repeat(lambda: self.inner.delete(key))

    def prune(self, prefix: str) -> int:
        """Remove what no reader sees; how many versions."""
        return self._repeat(lambda: self.inner.prune(prefix))

    def url(self, key: str) -> str:
        """Where a reader finds it."""
        return self.inner.url(key)

    def sweep(self) -> int:
        """Tidy what crashes left. Returns how many things were removed."""
        return self._repeat(self.inner.sweep)

    def _repeat(self, call: Callable[[], T]) -> T:
        patience = self._patience()
        while True:
            try:
                result = call()
            except Transient as trouble:
                patience(trouble)
            else:
                self._down = False
                return result

    def _patience(self) -> Callable[[Transient], None]:
        """A function that waits after some trouble, or raises it again when the budget doesn't allow the wait."""
        end = self._clock() + (min(self._budget, _GIVEN_UP) if self._down else self._budget)
        bound = _FIRST

        def wait(trouble: Transient) -> None:
            nonlocal bound
            pause = bound * self._random() + (trouble.retry_after or 0.0)
            bound = min(2 * bound, _LONGEST)
            if self._clock() + pause > end:
                self._down = True
                raise trouble
            self._sleep(pause)

        return wait
