"""A store that waits and tries again when the server is busy or the connection breaks, and soon says so of one that is silent."""

from __future__ import annotations

import random as standard_random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from mediaarchive.errors import StoreRefused
from mediaarchive.ports import Stat, Store
from mediaarchive.stores.faults import Overloaded, Silent, Transient

T = TypeVar("T")
STOPPING: Final = threading.Event()  # set when somebody ends this process: nobody waits for better times any more
_FIRST: Final = 0.5  # seconds before the first repetition at most; doubled for each further one
_LONGEST: Final = 30.0
_GIVEN_UP: Final = 5.0  # seconds of patience for each call while a store is known to be down: other stores wait
_QUICK: Final = 10.0  # seconds in which a failure is an answer: who needs longer shows no sign of life
_REST: Final = 300.0  # seconds for which a silent store is left alone, before it is asked whether it is back
_CHECKING: Final = 30.0  # seconds of patience with a busy server before a run is refused


class Line:
    """What all stores on one server know of it. `silent`: when one of them found it so, by that store's clock; None: it isn't."""

    def __init__(self) -> None:
        self.silent: float | None = None


class RetryingStore:
    """`inner`, with every call repeated while it raises `Transient`, until `budget_seconds` are over.

    Only such trouble is repeated: a name that is taken, a lost compare-and-swap, damage and refusals are answers. Every
    call of a store may be repeated, since each says what shall be there. Waits are random between zero and a bound that
    doubles (so that 32 threads don't come back together), and never shorter than the server asked for. A store that used the
    whole budget up once is down: until a call succeeds, each gets a few seconds only, so that fifty events don't take fifty
    times the budget.

    One that is silent gets less: each request waits long for it (`Silent`, or slow to fail). When nobody has heard of it for
    `silence_seconds`, it is asked a small thing (its `silence`, if it has that). Does it answer, it was the line that is slow,
    and the call goes on; else it is down, and for the next minutes nobody waits for it any more: calls fail at once.
    Another store on the same `line` doesn't wait so long to find it out again: it is asked the small thing first.

    Args:
        inner: The store that does the work.
        budget_seconds: How long after the first trouble of a call (for a listing: since its last object) a repetition may begin.
        silence_seconds: For how long a server may be silent.
        line: What it shares with other stores on its server.
        sleep: Waits so many seconds.
        clock: Seconds of a clock that never goes back.
        random: A number from 0 to 1.
    """

    def __init__(
        self,
        inner: Store,
        budget_seconds: float = 300,
        silence_seconds: float = 60,
        *,
        line: Line | None = None,
        sleep: Callable[[float], object] = STOPPING.wait,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = standard_random.random,
    ) -> None:
        self.name = inner.name
        self.inner = inner
        self._budget = budget_seconds
        self._silence = silence_seconds
        self._sleep = sleep
        self._clock = clock
        self._random = random
        self._down = False
        self._lock = threading.Lock()
        self._heard = clock()
        self._silent: Transient | None = None
        self._asked = 0.0  # when it was found silent
        self._line = line or Line()
        self._told = self._line.silent  # what of that was looked into

    def check(self) -> None:
        """Refuse early: whoever waits for a refusal wants it soon. Only a server that says it is busy gets half a minute."""
        patience = self._patience(_CHECKING)
        while True:
            try:
                self._leave_alone()
                return self.inner.check()
            except Transient as silence:
                raise StoreRefused(silence.message, hint=silence.hint) from silence
            except StoreRefused as refusal:
                if not isinstance(refusal.__cause__, Overloaded):
                    raise
                try:
                    patience(refusal.__cause__)
                except Overloaded:
                    raise refusal from refusal.__cause__

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
            self._leave_alone()
            try:
                for stat in self.inner.list(prefix):
                    self._answered()
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
            self._leave_alone()
            try:
                result = call()
            except Transient as trouble:
                patience(trouble)
            else:
                self._answered()
                return result

    def _answered(self) -> None:
        self._down = False
        self._heard = self._clock()

    def _leave_alone(self) -> None:
        """Raise what is known of a silent store; some time after, one caller asks whether it is back.

        Where another store found the line silent, one caller asks whether that is so for this one.
        """
        if self._silent is None and self._told == self._line.silent:
            return
        with self._lock:
            if self._silent is None:
                self._told = self._line.silent
                self._silent = None if self._told is None else self._ask(None)
            elif self._clock() - self._asked >= _REST:
                self._silent = self._ask(self._silent)
                if self._silent is None:
                    self._line.silent = self._told = None
            if self._silent is not None:
                raise self._silent

    def _ask(self, known: Transient | None) -> Transient | None:
        """Ask the server something small: None if it answers, else the trouble; `known`, if the store has no such question."""
        silence: Callable[[], Transient | None] = getattr(self.inner, "silence", lambda: known)
        found = silence()
        self._asked = self._clock()
        if found is None:
            self._heard = self._asked
        return found

    def _must_be_alive(self, begun: float, trouble: Transient) -> None:
        """Raise `trouble` if nobody has heard of the server for too long, and it doesn't answer now."""
        with self._lock:  # of many threads that hear nothing, one asks
            if (
                self._silent is None
                and self._clock() - max(begun, self._heard) >= self._silence
                and self._ask(trouble) is not None
            ):
                self._silent = trouble
                self._line.silent = self._told = self._asked
            if self._silent is not None:
                raise self._silent

    def _patience(self, budget: float | None = None) -> Callable[[Transient], None]:
        """A function that waits after some trouble, or raises it again when the budget doesn't allow the wait."""
        begun = resumed = self._clock()
        end: float | None = None
        bound = _FIRST

        def wait(trouble: Transient) -> None:
            nonlocal bound, end, resumed
            if STOPPING.is_set():
                raise trouble
            if isinstance(trouble, Silent) or self._clock() - resumed >= _QUICK:
                self._must_be_alive(begun, trouble)
            else:
                self._heard = self._clock()
            if end is None:
                allowed = self._budget if budget is None else budget
                end = self._clock() + (min(allowed, _GIVEN_UP) if self._down else allowed)
            pause = bound * self._random() + (trouble.retry_after or 0.0)
            bound = min(2 * bound, _LONGEST)
            if self._clock() + pause > end:
                self._down = True
                raise trouble
            self._sleep(pause)
            resumed = self._clock()
            if STOPPING.is_set():
                raise trouble

        return wait
