"""Ends a `mediaarchive` command with SIGKILL at its n-th call of a store or mirror that writes, removes or fetches."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediaarchive import stores

CALLS = frozenset({"create", "put", "swap", "delete", "fetch"})


class Killing:
    """A store whose n-th call is the process's last: it dies before the call, or after it and before its answer."""

    def __init__(self, inner: Any, count: Callable[[], int], fatal: int, when: str) -> None:  # noqa: ANN401 - any store
        self._inner, self._count, self._fatal, self._when = inner, count, fatal, when

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        value = getattr(self._inner, name)
        if name not in CALLS:
            return value

        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the store's own signature
            last = self._count() == self._fatal
            if last and self._when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = value(*args, **kwargs)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call


def killed(workspace: Path, call: int, when: str, *args: str) -> bool:
    """Run a command in a copy of this process, and kill it `before` or `after` a call; whether it came that far."""
    child = os.fork()
    if child == 0:
        _die(call, when, ["mediaarchive", "-C", str(workspace), *args])
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _die(fatal: int, when: str, command: list[str]) -> None:
    """Be the command, with stores that kill."""
    try:
        from mediaarchive.cli import main  # noqa: PLC0415 - the child's own business

        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        counter, real = itertools.count(1), stores.open_store
        stores.open_store = lambda entry, root: Killing(real(entry, root), lambda: next(counter), fatal, when)
        sys.argv = command
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        main()
    finally:
        os._exit(9)
