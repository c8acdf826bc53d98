"""The command line in a process of its own that is killed (SIGKILL) before or after its n-th effect.

Effects are the calls of stores and mirror, and what is appended to the journal: whatever a reader or the next run can see. The
processes are forked from a clean server that has everything imported, so one costs milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from mediaarchive.engines.local import LAST, LIBRARIES
from mediaarchive.pipeline.worker import NEEDED

KILLED = -signal.SIGKILL
CHANGES = frozenset({"create", "put", "swap", "delete", "prune", "fetch"})
EFFECTS = CHANGES | {"check", "stat", "get", "list", "sweep", "append"}
_SERVER = multiprocessing.get_context("forkserver")
# What a command loads as it goes, so that no child has to: pyvips alone isn't here, since it starts threads.
_LOADED = (
    *(
        "mediaarchive.pipeline.run",
        "mediaarchive.pipeline.deciding.takedown",
        "mediaarchive.pipeline.keeping.rebuilding",
    ),
    *(
        "mediaarchive.engines.inline",
        "mediaarchive.stores.local",
        "mediaarchive.stores.s3",
        "boto3.s3.inject",
        "pycurl",
    ),
    *("PIL.ImageDraw", "PIL.ImageFont", "botocore.signers", "s3transfer.subscribers"),
)
_SERVER.set_forkserver_preload([*NEEDED, *LIBRARIES, *_LOADED, "crashing", LAST])


class _Steps:
    """Counts effects, each twice (before it, after it), and ends the process at the chosen one."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.taken = 0
        self.lock = threading.RLock()

    def step(self) -> None:
        self.taken += 1
        if self.taken == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*args: Any, **given: Any) -> Any:  # noqa: ANN401 - whatever the call takes and gives
            with self.lock:  # one effect after the other: the same number always leaves the same number of effects
                self.step()
                result = call(*args, **given)
                self.step()
                return result

        return stepping


class _Counted:
    """A store whose every effect is two steps."""

    def __init__(self, store: Any, steps: _Steps, effects: AbstractSet[str]) -> None:  # noqa: ANN401 - any store
        self._store = store
        for name in sorted(effects - {"append"}):
            setattr(self, name, steps.around(getattr(store, name)))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self._store, name)


def _command(
    arguments: list[str], last: int | None, effects: AbstractSet[str], log: str, environment: dict[str, str]
) -> None:
    from mediaarchive import stores  # noqa: PLC0415 - preloaded by the server
    from mediaarchive.catalog.journal import Journal  # noqa: PLC0415 - the same
    from mediaarchive.cli.main import cli  # noqa: PLC0415 - the same

    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ |= environment  # the server's own is that of its first use
    sys.argv = ["mediaarchive", *arguments]
    steps, open_store = _Steps(last), stores.open_store
    stores.open_store = lambda *given: _Counted(open_store(*given), steps, effects)
    if "append" in effects:
        Journal.append = steps.around(Journal.append)  # type: ignore[method-assign]
    try:
        status = cli.main(arguments, standalone_mode=False)
    except SystemExit as done:
        status = done.code
    sys.stdout.flush()
    sys.stderr.flush()
    Path(log).with_suffix(".steps").write_text(str(steps.taken), encoding="utf-8")
    os._exit(int(status or 0))


def call(root: Path, *arguments: str, last: int | None = None, effects: AbstractSet[str] = EFFECTS) -> tuple[int, str]:
    """Run a command on the workspace `root`: its exit status, and what it printed.

    Args:
        root: the workspace.
        arguments: the verb and what follows it.
        last: the step at which it dies with status `KILLED`; None, or more steps than it takes: it ends by itself.
        effects: what counts, two steps each.
    """
    log = root / "command.log"
    keys = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    process = _SERVER.Process(target=_command, args=(["-C", str(root), *arguments], last, effects, str(log), keys))
    process.start()
    process.join(120)
    if process.is_alive():
        process.kill()
    status = process.exitcode
    process.close()
    return (-1 if status is None else status), log.read_text(encoding="utf-8") if log.exists() else ""


def count(root: Path, *arguments: str, effects: AbstractSet[str] = EFFECTS) -> int:
    """Run a command to its end: how many effects it had."""
    status, output = call(root, *arguments, effects=effects)
    assert status in {0, 3}, output
    return int((root / "command.steps").read_text(encoding="utf-8")) // 2


def killed(root: Path, number: int, when: str, *arguments: str) -> bool:
    """Kill a command `before` or `after` its n-th change of a store or mirror (or fetch from it); whether it came that far."""
    status, _ = call(root, *arguments, last=2 * number - (when == "before"), effects=CHANGES)
    return status == KILLED
