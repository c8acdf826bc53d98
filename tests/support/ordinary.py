"""The command line as an ordinary user meets it: tests run as root in CI, whom no permission stops."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Sequence

_PR_CAPBSET_DROP = 24  # linux/prctl.h
_PASSING_OVER_PERMISSIONS = (1, 2)  # linux/capability.h: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def call(command: Sequence[str], timeout: float = 280) -> subprocess.CompletedProcess[str]:
    """Run a program that permissions bind, whoever we are: root gives its power to pass over them away for good.

    Another user's id would do, too, but such a user may not be able to read this interpreter's own files.
    """
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        preexec_fn=_bound if os.geteuid() == 0 else None,
    )


def _bound() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in _PASSING_OVER_PERMISSIONS:
        if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
