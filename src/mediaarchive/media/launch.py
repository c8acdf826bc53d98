"""Bounds this process (memory, file size, death with its parent), then becomes another program.

Run by path, never imported: `python -I -S launch.py <parent pid> <memory> <file bytes> <program> <argument>…`.

`subprocess`'s own `preexec_fn` would do the same, but it runs Python between fork and exec, which may deadlock in a
worker that has threads. This costs about 10 ms. Where prctl is missing (not Linux), a killed worker can leave the
program running; it ends by itself at its next write into the closed pipe.
"""

from __future__ import annotations

import os
import resource
import signal
import sys

TYPE_CHECKING = False  # `typing` alone would take a fifth of the time
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

PR_SET_PDEATHSIG = 1  # linux/prctl.h
CANNOT_EXECUTE = 126  # what a shell answers


def _bound(kind: int, wanted: int) -> None:
    """Lower one resource limit, hard and soft, to `wanted` bytes; never raises it."""
    hard = resource.getrlimit(kind)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGKILL when the thread that started us ends; end now if it ended already."""
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - only here

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(CANNOT_EXECUTE)


def main(argv: Sequence[str]) -> NoReturn:
    """Set the limits, then execute the program in place of this one."""
    parent, memory, file_bytes = (int(word) for word in argv[:3])
    _die_with(parent)
    # Python ignores both at start, and what is ignored stays ignored across exec.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    _bound(resource.RLIMIT_AS, memory)
    _bound(resource.RLIMIT_FSIZE, file_bytes)
    _bound(resource.RLIMIT_CORE, 0)
    try:
        os.execv(argv[3], list(argv[3:]))  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(2, f"cannot execute: {error.strerror}\n".encode())
        os._exit(CANNOT_EXECUTE)


if __name__ == "__main__":
    main(sys.argv[1:])
