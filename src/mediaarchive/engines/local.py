"""The default engine: a pool of processes that survives dead workers.

Each worker is a Pebble pool of one process. Workers that share a pool share its pipe and its locks, and one that is
killed at the wrong moment takes the pool with it: measured with two workers, killing idle ones broke it within 4
kills, and killing busy ones stalled it after 225. Alone, a worker can only damage what is thrown away with it.

Workers are forked from a server that has loaded the heavy libraries once (`PRELOAD`): unlike a fork of this process
that is safe with threads, and unlike a spawn it is fast.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import cast

from pebble import ProcessExpired, ProcessPool

from mediaarchive.engines.attempt import internal, too_slow, unanswered, worker_died
from mediaarchive.engines.sentry import Sentry
from mediaarchive.engines.worker import execute, prepare
from mediaarchive.errors import Refused
from mediaarchive.model import Outcome, Problem, Status, Work

PRELOAD = (
    "__main__",
    "mediaarchive.engines.worker",
    "numpy",
    "cv2",
    "imagehash",
    "scipy.fftpack",
    "exifread",
    "pi_heif",
    "PIL.ImageOps",
    "PIL.ImageCms",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
    "PIL.TiffImagePlugin",
    "PIL.AvifImagePlugin",
)
DEPTH = 2  # works for each worker: one that runs, one that waits so that a slow consumer doesn't idle the worker
TASKS_PER_WORKER = 200  # then a fresh one: what libraries leak goes with it
TICK_SECONDS = 1.0  # how often a silent worker is looked at
TRIES = 2

Task = Callable[[Work], tuple[Outcome, ...]]
Answer = tuple[Work, tuple[Outcome, ...]]


@dataclass(kw_only=True, eq=False)
class _Job:
    """A work on its way: `since` (monotonic seconds) is when it came to the head of its worker's queue."""

    work: Work
    payload: bytes
    seconds: float
    deaths: int = 0
    since: float = 0.0
    future: Future[bytes] = field(default_factory=Future)


class _Slot:
    """One worker and its queue; the head of the queue is what runs."""

    def __init__(self, start: Callable[[], ProcessPool], memory_mib: int) -> None:
        self._start = start
        self._memory_mib = memory_mib
        self._pool: ProcessPool | None = None
        self.jobs: deque[_Job] = deque()

    def submit(self, task: bytes, job: _Job) -> None:
        """Queue a job; an idle worker that was killed meanwhile is replaced.

        Raises:
            Refused: no worker can be started.
        """
        if not self.alive():
            self.discard()
        try:
            if self._pool is None:
                self._pool = self._start()
            job.future = self._pool.schedule(execute, (task, job.payload, self._memory_mib))
        except (RuntimeError, OSError) as error:
            raise Refused(
                f"No worker process can be started: {error}.", hint='set kind = "inline" in [engine]'
            ) from error
        if not self.jobs:
            job.since = time.monotonic()
        self.jobs.append(job)

    def alive(self) -> bool:
        """False once the worker's pool is broken: then nothing that is queued will ever be answered."""
        return self._pool is None or bool(self._pool.active)

    def finished(self) -> Iterator[_Job]:
        """Take the finished jobs off the head of the queue."""
        while self.jobs and self.jobs[0].future.done():
            yield self._shift()

    def overdue(self, now: float) -> _Job | None:
        """Take the running job off the queue if it has outlived its limit."""
        late = self.jobs and now - self.jobs[0].since > self.jobs[0].seconds
        return self._shift() if late else None

    def _shift(self) -> _Job:
        job = self.jobs.popleft()
        if self.jobs:
            self.jobs[0].since = time.monotonic()
        return job

    def stop(self) -> None:
        """Begin to end the worker."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]

    def discard(self) -> list[_Job]:
        """End the worker, whatever it does; the jobs that were still queued, which are not to blame."""
        self.stop()
        if self._pool is not None:
            self._pool.join()
        self._pool = None
        orphans = list(self.jobs)
        self.jobs.clear()
        return orphans


class LocalEngine:
    """A pool of processes on this machine; see `ports.Engine`.

    Args:
        workers: how many; 0 for one on each core this process may use.
        memory_mib: what one work may take beside what an idle worker has, in MiB.
        timeout: seconds for one work, or a function that says; `work.context["timeout"]` has the last word.
        preload: modules that the fork server loads once for all workers.

    A work that ends its worker is tried once more, with the machine to itself: out of memory, the kernel may have
    picked the wrong worker. Then it is FAILED. Such second tries come last, or once there are as many as fit in
    the window.
    """

    def __init__(
        self,
        workers: int = 0,
        *,
        memory_mib: int = 4096,
        timeout: float | Callable[[Work], float] = 300.0,
        preload: tuple[str, ...] = PRELOAD,
    ) -> None:
        self.workers = workers or usable_cores()
        self.memory_mib = memory_mib
        self._timeout = timeout
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._sentry: Sentry | None = None
        self._closed = False
        self._slots = [_Slot(self._start_pool, memory_mib) for _ in range(self.workers)]

    def run(self, task: Task, works: Iterable[Work]) -> Iterator[Answer]:
        """Run `task` on every work; at most `DEPTH` works for each worker are taken ahead of what was yielded."""
        if self._closed:
            raise RuntimeError("the engine is closed")
        return _Run(self._slots, self.memory_mib, self._limit_of, task, works).answers()

    def close(self) -> None:
        """End the workers and all that they started, now."""
        self._closed = True
        for slot in self._slots:
            slot.stop()
        if self._sentry is not None:
            self._sentry.close()
            self._sentry = None
        for slot in self._slots:
            slot.discard()

    def _start_pool(self) -> ProcessPool:
        if self._sentry is None and sys.platform == "linux":
            self._sentry = Sentry(self._context)
        arrivals = None if self._sentry is None else self._sentry.arrivals
        return ProcessPool(
            max_workers=1,
            max_tasks=TASKS_PER_WORKER,
            initializer=prepare,
            initargs=(self.memory_mib, arrivals),
            context=self._context,
        )

    def _limit_of(self, work: Work) -> float:
        own = work.context.get("timeout")
        if own is not None:
            return float(own)
        return self._timeout(work) if callable(self._timeout) else self._timeout


class _Run:
    """One pass of works through the slots."""

    def __init__(
        self, slots: list[_Slot], memory_mib: int, limit_of: Callable[[Work], float], task: Task, works: Iterable[Work]
    ) -> None:
        self._slots = slots
        self._memory_mib = memory_mib
        self._limit_of = limit_of
        self._task = pickle.dumps(task)
        self._works = iter(works)
        self._again: deque[_Job] = deque()  # queued behind a work that ended their worker
        self._suspects: deque[_Job] = deque()  # ended their worker: their second try
        self._alone = False
        self._ready: deque[Answer] = deque()

    def answers(self) -> Iterator[Answer]:
        """Every work's outcomes, once. However this ends, nothing stays running."""
        try:
            self._fill()
            while self._ready or self._running():
                while self._ready:
                    yield self._ready.popleft()
                self._fill()
                self._wait()
                self._collect()
                self._fill()
        finally:
            self._drop()

    def _running(self) -> list[_Job]:
        return [job for slot in self._slots for job in slot.jobs]

    def _fill(self) -> None:
        """Give every slot something to do; with suspects, first let all others finish."""
        if not self._alone:
            dry = self._fill_window()
            self._alone = bool(self._suspects) and (dry or len(self._suspects) >= DEPTH * len(self._slots))
        if self._alone and not self._running():
            if self._suspects:
                self._slots[0].submit(self._task, self._suspects.popleft())
            else:
                self._alone = False
                self._fill()

    def _fill_window(self) -> bool:
        """True if there was nothing left to take."""
        for depth in range(1, DEPTH + 1):
            for slot in self._slots:
                while len(slot.jobs) < depth:
                    job = self._next()
                    if job is None:
                        return True
                    slot.submit(self._task, job)
        return False

    def _next(self) -> _Job | None:
        if self._again:
            return self._again.popleft()
        for work in self._works:
            try:
                return _Job(work=work, payload=pickle.dumps(work), seconds=self._limit_of(work))
            except Exception as error:  # noqa: BLE001 - a work that doesn't pickle costs only itself
                self._ready.append((work, unanswered(work, Status.RETRY, internal(error))))
        return None

    def _wait(self) -> None:
        """Sleep until something is done, or due."""
        heads = [slot.jobs[0] for slot in self._slots if slot.jobs]
        if not heads or self._ready:
            return
        now = time.monotonic()
        due = min(job.since + job.seconds - now for job in heads)
        wait([job.future for job in heads], timeout=max(0.0, min(due, TICK_SECONDS)), return_when=FIRST_COMPLETED)

    def _collect(self) -> None:
        """Take what is done, and end what is late."""
        now = time.monotonic()
        for slot in self._slots:
            died = False
            for job in slot.finished():
                died |= self._settle(job)
            late = slot.overdue(now)
            if late is not None:
                self._ready.append((late.work, unanswered(late.work, Status.FAILED, too_slow(late.seconds))))
            if died or late is not None or not slot.alive():
                self._again.extend(slot.discard())

    def _settle(self, job: _Job) -> bool:
        """Turn a finished job into an answer or a suspect. True if its worker died."""
        error = job.future.exception()
        if error is None:
            self._ready.append((job.work, _outcomes(job.work, job.future.result())))
            return False
        job.deaths += 1
        if job.deaths < TRIES:
            self._suspects.append(job)
        elif isinstance(error, ProcessExpired):
            self._ready.append((job.work, unanswered(job.work, Status.FAILED, worker_died(self._memory_mib))))
        else:  # the pool broke before the work began: not the file's fault
            self._ready.append((job.work, unanswered(job.work, Status.RETRY, internal(error))))
        return True

    def _drop(self) -> None:
        busy = [slot for slot in self._slots if slot.jobs]
        for slot in busy:
            slot.stop()
        for slot in busy:
            slot.discard()


def usable_cores() -> int:
    """How many cores this process may use (its affinity, where the system tells)."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _outcomes(work: Work, answer: bytes) -> tuple[Outcome, ...]:
    try:
        value = pickle.loads(answer)  # noqa: S301 - from our own worker, through a pipe
    except Exception as error:  # noqa: BLE001 - outcomes that pickle but don't unpickle cost only their work
        return unanswered(work, Status.RETRY, internal(error))
    if isinstance(value, Problem):
        return unanswered(work, Status.RETRY, value)
    return cast("tuple[Outcome, ...]", value)
