"""Nobody stays behind: a small process that ends a worker's children with it, and all workers with their coordinator.

A worker starts programs (ffmpeg). When it is killed, for its file or by the operator, they would run on for hours;
and when the coordinator is killed with SIGKILL, it can't end anybody. So every worker leads a process group of its
own and reports to the sentry, which waits for the death of either. The worker needs no signal handler and no
interpreter lock for that, so a decoder that hangs inside C code can't escape. Ctrl-C in a terminal doesn't reach
those groups either: an ffmpeg that it interrupts would look like a damaged film.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext

START_SECONDS = 120.0
JOIN_SECONDS = 2.0


class Sentry:
    """The coordinator's end; `arrivals` is where workers report. Needs Linux (pidfd, 5.3 or later)."""

    def __init__(self, context: ForkServerContext) -> None:
        self._life, theirs = context.Pipe()
        reported, self.arrivals = context.Pipe(duplex=False)
        self._process = context.Process(target=watch, args=(theirs, reported), name="mediaarchive-sentry", daemon=True)
        self._process.start()
        theirs.close()
        reported.close()
        if not self._life.poll(START_SECONDS):  # before it is up, a signal could end it unnoticed
            raise RuntimeError("the process that guards the workers doesn't start")
        self._life.recv_bytes()

    def close(self) -> None:
        """End every worker that still lives, with its children, and then the sentry."""
        self._life.close()
        self._process.join(JOIN_SECONDS)
        self.arrivals.close()


def report(arrivals: Connection) -> None:
    """Called by a new worker: lead a process group, and have it watched."""
    os.setpgid(0, 0)
    with contextlib.suppress(OSError):  # the engine is closing: somebody else ends this worker
        arrivals.send(os.getpid())


def watch(life: Connection, arrivals: Connection) -> None:
    """Wait until workers die, one by one, or the coordinator does: only it holds the other end of `life`."""
    groups: dict[int, int] = {}

    def finish(*_: object) -> None:  # a signal may come amid finishing: then it begins again
        _finish(arrivals, list(groups.values()))

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, finish)
    poll = select.poll()
    poll.register(life.fileno(), 0)  # a hang-up is always reported
    poll.register(arrivals.fileno(), select.POLLIN)
    try:
        life.send_bytes(b"up")
    except BrokenPipeError:  # the coordinator was stopped while this started: there is nobody to watch for
        return
    while True:
        for ready, _ in poll.poll():
            if ready == life.fileno():
                finish()
            elif ready == arrivals.fileno():
                _take(arrivals, groups, poll)
            else:
                poll.unregister(ready)
                os.close(ready)
                _end(groups.pop(ready))


def _finish(arrivals: Connection, leaders: list[int]) -> None:
    for leader in leaders:
        _end(leader)
    with contextlib.suppress(EOFError, OSError):
        while arrivals.poll():
            _end(arrivals.recv())
    os._exit(0)


def _take(arrivals: Connection, groups: dict[int, int], poll: select.poll) -> None:
    try:
        leader = arrivals.recv()
    except EOFError:
        poll.unregister(arrivals.fileno())
        return
    try:
        death = os.pidfd_open(leader)
    except ProcessLookupError:  # it died before we looked
        _end(leader)
        return
    groups[death] = leader
    poll.register(death, select.POLLIN)


def _end(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
