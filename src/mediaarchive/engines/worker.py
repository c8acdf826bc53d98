"""What runs inside a worker: its limits, set once, and one work after another.

Memory is limited by RLIMIT_DATA, on top of what an idle worker has. It counts what a process may write to (heap,
anonymous maps, thread stacks), which follows real use closely; RLIMIT_AS also counts libraries and the address space
that glibc reserves for each thread. Measured on 2 cores with Pillow, numpy and OpenCV, in MiB resident, data, address
space: idle 46, 239, 455; a 96-megapixel JPEG to AVIF 967, 1177, 1655. Programs that a work starts (ffmpeg) inherit
the limit.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import resource
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from mediaarchive.engines.attempt import attempt, internal, raised
from mediaarchive.engines.sentry import report

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from mediaarchive.model import Outcome, Problem, Work

MIB = 1024 * 1024
NICENESS = 10
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of <malloc.h>
# glibc's own bounds move with what was freed last, and end far below the 110 MB that a proof of two photographs takes and frees,
# a few MB at a time: 33,000 page faults in each, a quarter of its time. A photograph's renditions cost as much either way.
KEPT = 128 * MIB
LARGE = 32 * MIB  # the most that glibc takes
OOM_SCORE = 500  # of -1000 to 1000: the kernel, out of memory, takes a worker before the coordinator or a web server


def prepare(memory_mib: int, arrivals: Connection | None) -> None:
    """Make this process a polite worker: limited, killable, and deaf to Ctrl-C, since the coordinator decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Python's own handler would wait for the end of a C function
    if arrivals is not None:
        report(arrivals)
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE), encoding="ascii")
    _hush()
    keep_what_is_freed(min(KEPT, memory_mib * MIB // 8))
    _limit(resource.RLIMIT_CORE, 0)  # a core file would hold somebody's photograph
    _limit(resource.RLIMIT_DATA, _data_bytes() + memory_mib * MIB)


def _hush() -> None:
    """Send stderr nowhere: C libraries write there what strangers put into their files, line after line (libtiff).

    What a person should know of a file comes back as a value; `MEDIAARCHIVE_DEBUG` keeps the rest.
    """
    if not os.environ.get("MEDIAARCHIVE_DEBUG"):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def keep_what_is_freed(most: int) -> None:
    """Have malloc keep this many bytes for what comes next; other C libraries than glibc do as they do."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, min(LARGE, most))
        libc.mallopt(M_TRIM_THRESHOLD, most)


def execute(task: bytes, work: bytes, memory_mib: int) -> bytes:
    """One pickled work through one pickled task: pickled outcomes, or the pickled `Problem` that kept them from it.

    Only bytes cross the pipe: an answer that doesn't pickle, or an exception that doesn't unpickle, breaks a pool.
    """
    answer: tuple[Outcome, ...] | Problem
    try:
        function: Callable[[Work], tuple[Outcome, ...]] = pickle.loads(task)  # noqa: S301 - our own bytes, through a pipe
        value: Work = pickle.loads(work)  # noqa: S301 - the same
        try:
            answer = attempt(function, value, memory_mib=memory_mib)
        except BaseException as error:  # noqa: BLE001 - sys.exit() in a library must not end the worker
            answer = raised(value, error, memory_mib=memory_mib)
        return pickle.dumps(answer)
    except Exception as error:  # noqa: BLE001 - anything may happen while pickling
        return pickle.dumps(internal(error))


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (lowest, lowest))


def _data_bytes() -> int:
    """What RLIMIT_DATA counts of this process now (`data` in /proc/self/statm, in pages); 0 where there is no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    except OSError:
        return 0
    return pages * resource.getpagesize()
