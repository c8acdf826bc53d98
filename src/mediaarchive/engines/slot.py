"""One worker of the local engine, and the works that queue for it: the head of the queue is what runs."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mediaarchive.engines.worker import execute
from mediaarchive.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pebble import ProcessPool

    from mediaarchive.model import Work

START_SECONDS = 120.0  # a worker that takes longer to begin with its first work isn't coming
LOOK_SECONDS = 0.1  # how often to look whether the head has begun: nothing else tells


@dataclass(kw_only=True, eq=False)
class Job:
    """A pickled work on its way. `since`: monotonic seconds, when it came to the head of its queue, or (`started`) began."""

    work: Work
    payload: bytes
    seconds: float
    deaths: int = 0
    started: bool = False
    since: float = 0.0
    future: Future[bytes] = field(default_factory=Future)

    @property
    def deadline(self) -> float:
        """When it is late (monotonic seconds): the start of a worker doesn't count as the file's time."""
        return self.since + (self.seconds if self.started else START_SECONDS)


class Slot:
    """A Pebble pool of one process, started with the first job and replaced when it breaks."""

    def __init__(self, start: Callable[[], ProcessPool], memory_mib: int) -> None:
        self._start = start
        self._memory_mib = memory_mib
        self._pool: ProcessPool | None = None
        self.jobs: deque[Job] = deque()

    def submit(self, task: bytes, job: Job) -> bool:
        """Queue a job. False if the pool is broken: the jobs before it have to be collected first.

        Raises:
            Refused: no worker can be started.
        """
        if not self.alive():
            if self.jobs:
                return False
            self.discard()
        fresh = self._pool is None
        try:
            self._pool = self._pool or self._start()
            job.future = self._pool.schedule(execute, (task, job.payload, self._memory_mib))
        except (RuntimeError, OSError, EOFError) as error:
            if fresh:
                message = f"No worker process can be started ({type(error).__name__}: {error})."
                raise Refused(message, hint='set kind = "inline" in [engine]') from error
            return False
        job.started = False
        job.since = time.monotonic()
        self.jobs.append(job)
        return True

    def alive(self) -> bool:
        """False once the pool is broken: then nothing that is queued will ever be answered."""
        return self._pool is None or bool(self._pool.active)

    def finished(self) -> Iterator[Job]:
        """Take the finished jobs off the head of the queue."""
        while self.jobs and self.jobs[0].future.done():
            yield self._shift()

    def due(self) -> float:
        """When to look again (monotonic seconds)."""
        self._notice_start()
        head = self.jobs[0]
        return head.deadline if head.started else time.monotonic() + LOOK_SECONDS

    def overdue(self, now: float) -> Job | None:
        """Take the head off the queue if it is late."""
        self._notice_start()
        return self._shift() if self.jobs and now > self.jobs[0].deadline else None

    def stop(self) -> None:
        """Begin to end the worker."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]

    def discard(self) -> list[Job]:
        """End the worker, whatever it does; the jobs that were still queued, which are not to blame."""
        self.stop()
        if self._pool is not None:
            self._pool.join()
        self._pool = None
        orphans = list(self.jobs)
        self.jobs.clear()
        return orphans

    def _notice_start(self) -> None:
        if self.jobs and not self.jobs[0].started and self.jobs[0].future.running():
            self.jobs[0].started = True
            self.jobs[0].since = time.monotonic()

    def _shift(self) -> Job:
        job = self.jobs.popleft()
        if self.jobs:
            self.jobs[0].since = time.monotonic()
        return job
