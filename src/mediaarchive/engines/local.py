"""The default engine: a pool of processes that survives dead workers.

Each worker is a Pebble pool of one process. Workers that share a pool share its pipe and its locks, and one that is
killed at the wrong moment takes the pool with it: measured with two workers, killing idle ones broke it within 4
kills, and killing busy ones stalled it after 225. Alone, a worker can only damage what is thrown away with it.

Workers are forked from a server that has loaded the heavy libraries once (`LIBRARIES`): unlike a fork of this
process that is safe with threads, and unlike a spawn it is fast. What is loaded there is shared by all.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from typing import cast

from pebble import ProcessExpired, ProcessPool

from mediaarchive.engines.attempt import internal, too_slow, unanswered, worker_died
from mediaarchive.engines.sentry import Sentry
from mediaarchive.engines.slot import Job, Slot
from mediaarchive.engines.worker import prepare
from mediaarchive.model import Outcome, Problem, Status, Work

LIBRARIES = (
    "mediaarchive.engines.worker",
    "mediaarchive.engines.sentry",
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
LAST = "mediaarchive.engines.frozen"
DEPTH = 2  # works for each worker: one that runs, one that waits so that a slow consumer doesn't idle the worker
# What NumPy's linear algebra reads as it is loaded: a worker has one processor, and waiting threads take the others'.
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
TASKS_PER_WORKER = 200  # then a fresh one: what libraries leak goes with it
TICK_SECONDS = 1.0  # how often silent workers are looked at
TRIES = 2

Task = Callable[[Work], tuple[Outcome, ...]]
Answer = tuple[Work, tuple[Outcome, ...]]


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
        preload: Sequence[str] = LIBRARIES,
    ) -> None:
        self.workers = workers or usable_cores()
        self.memory_mib = memory_mib
        self._timeout = timeout
        for name in ONE_THREAD:
            os.environ.setdefault(name, "1")
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([*preload, LAST])
        self._sentry: Sentry | None = None
        self._closed = False
        self._slots = [Slot(self._start_pool, memory_mib) for _ in range(self.workers)]

    def run(self, task: Task, works: Iterable[Work]) -> Iterator[Answer]:
        """Run `task` on every work; at most `DEPTH` works for each worker are taken ahead of what was yielded."""
        if self._closed:
            raise RuntimeError("the engine is closed")
        return _Run(self._slots, self.memory_mib, self.limit_of, task, works).answers()

    def close(self) -> None:
        """End the workers and all that they started, now."""
        self._closed = True
        _end(self._slots)
        if self._sentry is not None:  # last, since a worker that starts now would run unwatched
            self._sentry.close()
            self._sentry = None

    def limit_of(self, work: Work) -> float:
        """Seconds that `work` may take."""
        own = work.context.get("timeout")
        if own is not None:
            return float(own)
        return self._timeout(work) if callable(self._timeout) else self._timeout

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


class _Run:
    """One pass of works through the slots."""

    def __init__(
        self, slots: list[Slot], memory_mib: int, limit_of: Callable[[Work], float], task: Task, works: Iterable[Work]
    ) -> None:
        self._slots = slots
        self._memory_mib = memory_mib
        self._limit_of = limit_of
        self._task = pickle.dumps(task)
        self._works = iter(works)
        self._again: deque[Job] = deque()  # queued behind a work that ended their worker
        self._suspects: deque[Job] = deque()  # ended their worker: their second try
        self._alone = False
        self._ready: deque[Answer] = deque()

    def answers(self) -> Iterator[Answer]:
        """Every work's outcomes, once. However this ends, nothing stays running."""
        try:
            self._fill()
            while self._ready or self._again or self._suspects or self._running():
                while self._ready:
                    yield self._ready.popleft()
                self._fill()
                self._wait()
                self._collect()
                self._fill()
        finally:
            _end([slot for slot in self._slots if slot.jobs])

    def _running(self) -> list[Job]:
        return [job for slot in self._slots for job in slot.jobs]

    def _fill(self) -> None:
        """Give every slot something to do; with suspects, first let all others finish."""
        if not self._alone:
            dry = self._fill_window()
            self._alone = bool(self._suspects) and (dry or len(self._suspects) >= DEPTH * len(self._slots))
        if self._alone and not self._running():
            if self._suspects:
                self._submit(self._slots[0], self._suspects)
            else:
                self._alone = False
                self._fill()

    def _fill_window(self) -> bool:
        """True if there was nothing left to take."""
        for depth in range(1, DEPTH + 1):
            for slot in self._slots:
                if len(slot.jobs) < depth:
                    job = self._next()
                    if job is None:
                        return True
                    self._again.appendleft(job)
                    self._submit(slot, self._again)
        return False

    def _submit(self, slot: Slot, queue: deque[Job]) -> None:
        if slot.submit(self._task, queue[0]):
            queue.popleft()

    def _next(self) -> Job | None:
        if self._again:
            return self._again.popleft()
        for work in self._works:
            try:
                return Job(work=work, payload=pickle.dumps(work), seconds=self._limit_of(work))
            except Exception as error:  # noqa: BLE001 - a work that doesn't pickle costs only itself
                self._ready.append((work, unanswered(work, Status.RETRY, internal(error))))
        return None

    def _wait(self) -> None:
        """Sleep until something is done, or due."""
        heads = [slot.jobs[0].future for slot in self._slots if slot.jobs]
        if heads and not self._ready:
            due = min(slot.due() for slot in self._slots if slot.jobs) - time.monotonic()
            wait(heads, timeout=max(0.0, min(due, TICK_SECONDS)), return_when=FIRST_COMPLETED)

    def _collect(self) -> None:
        """Take what is done, and end what is late."""
        for slot in self._slots:
            died = False
            for job in slot.finished():
                died |= self._settle(job)
            late = slot.overdue(time.monotonic())
            if late is not None and late.started:
                self._ready.append((late.work, unanswered(late.work, Status.FAILED, too_slow(late.seconds))))
            elif late is not None:
                self._suspect(late, TimeoutError("no worker started"))
            if died or late is not None or not slot.alive():
                self._again.extend(slot.discard())

    def _settle(self, job: Job) -> bool:
        """Turn a finished job into an answer or a suspect. True if its worker died."""
        error = job.future.exception()
        if error is not None:
            self._suspect(job, error)
            return True
        self._ready.append((job.work, _outcomes(job.work, job.future.result())))
        return False

    def _suspect(self, job: Job, error: BaseException) -> None:
        """Try it once more, alone, or give it up: as the file's fault only if the worker had begun with it."""
        job.deaths += 1
        if job.deaths < TRIES:
            self._suspects.append(job)
        elif isinstance(error, ProcessExpired):
            self._ready.append((job.work, unanswered(job.work, Status.FAILED, worker_died(self._memory_mib))))
        else:
            self._ready.append((job.work, unanswered(job.work, Status.RETRY, internal(error))))


def _end(slots: list[Slot]) -> None:
    for slot in slots:  # all at once: each takes a moment
        slot.stop()
    for slot in slots:
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
