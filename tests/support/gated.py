"""The command line, stopped at a gate until it is let through, or killed at each step in turn.

`gated.py stop:METHOD WORKSPACE ARGS…`: the publisher's METHOD touches WORKSPACE/reached, and waits for WORKSPACE/go, once.
`gated.py kill:FOLDER WORKSPACE ARGS…`: for N from 1 on, FOLDER/N is a copy of WORKSPACE in which the command got SIGKILL
just before the N-th write or removal in a store; until one is not killed.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediaarchive.cli.main import main
from mediaarchive.pipeline.deciding import takedown  # noqa: F401 - before the fork, so that each child need not
from mediaarchive.pipeline.publishing.publisher import Publisher
from mediaarchive.stores.local import LocalStore

WRITES = ("create", "put", "swap", "delete")


def stop(method: str, folder: Path) -> None:
    """Let every call of a method wait for the gate; after the first, it is open."""
    inner = getattr(Publisher, method)

    def waiting(self: Publisher, *args: Any) -> Any:  # noqa: ANN401 - whatever it takes
        (folder / "reached").touch()
        while not (folder / "go").exists():
            time.sleep(0.02)
        return inner(self, *args)

    setattr(Publisher, method, waiting)


def kill_each(folder: Path, workspace: Path) -> None:
    """Kill the command in one copy after the other; return in the process that is to run it."""
    for number in itertools.count(1):
        copy = folder / str(number)
        shutil.copytree(workspace, copy)
        if (child := os.fork()) == 0:  # this process has no threads, and has imported what it needs
            kill(number)
            sys.argv = ["mediaarchive", "-C", str(copy), *sys.argv[3:]]
            return
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            shutil.rmtree(copy)
            sys.exit(os.waitstatus_to_exitcode(status))
        if os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"ended by signal {os.WTERMSIG(status)}")


def kill(number: int) -> None:
    """Count what changes a folder; at a number, die as if the power had failed."""
    left = number

    def counted(inner: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - the same
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return inner(*args, **named)

        return call

    for name in WRITES:
        setattr(LocalStore, name, counted(getattr(LocalStore, name)))


if __name__ == "__main__":
    how, _, what = sys.argv[1].partition(":")
    if how == "stop":
        stop(what, Path(sys.argv[2]))
        sys.argv = ["mediaarchive", "-C", *sys.argv[2:]]
    else:
        kill_each(Path(what), Path(sys.argv[2]))
    main()
