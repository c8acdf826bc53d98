"""The command line, stopped at a gate until it is let through, or killed at the n-th time that it changes a store.

gated.py stop:METHOD FOLDER ARGS…   the publisher's METHOD touches FOLDER/reached, and waits for FOLDER/go, once
gated.py kill:N FOLDER ARGS…        SIGKILL just before the N-th write or removal
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediaarchive.cli.main import main
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
    else:
        kill(int(what))
    sys.argv = ["mediaarchive", *sys.argv[3:]]
    main()
