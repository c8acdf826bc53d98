"""Programs, measured: CPU seconds of a process and all its children, seconds by the clock, and memory at its peak."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program took: `cpu` and `wall` in seconds, `memory` in MB; and what it printed."""

    cpu: float
    wall: float
    memory: float
    out: str


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    family: bool = False,
    good: Container[int] = (0, 3),
) -> Cost:
    """Run a program to its end.

    Args:
        command: the program with its arguments.
        environment: what is to be set otherwise than here.
        family: `memory` is the most that it and all its descendants had at once (proportional set size, looked at ten times a
            second, which costs CPU of ours, not of theirs); else the largest resident set of any one of them.
        good: exit statuses that are no failure.

    Raises:
        RuntimeError: it failed; with the end of what it said.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}
    ) as process:
        watch = _Watch(process.pid)
        if family:
            watch.start()
        errors: list[str] = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read() if process.stderr else ""))
        reader.start()
        out = process.stdout.read() if process.stdout else ""
        reader.join()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.done.set()
    if process.returncode not in good:
        raise RuntimeError(f"{' '.join(command)[:200]} ended with {process.returncode}: {errors[0][-800:]}")
    most = watch.most if family else used.ru_maxrss * 1024 / 1e6
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - start, most, out)


class _Watch(threading.Thread):
    """Adds up the memory of a process and its descendants, ten times a second."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root, self.most, self.done = root, 0.0, threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while not self.done.wait(0.1):
            self.most = max(self.most, sum(_memory(pid) for pid in _family(self.root)))


def _family(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
    found, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found, grown = found | more, bool(more)
    return sorted(found)


def _memory(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"^Pss: +(\d+)", text, re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0.0
