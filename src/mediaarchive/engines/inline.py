"""The engine for tests, debuggers and very small machines: this process, one work after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediaarchive.engines.attempt import attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mediaarchive.model import Outcome, Work


class InlineEngine:
    """Runs every work here and now; see `ports.Engine`.

    There is no worker that could be killed in place of this process: no limit of time or memory holds, and a file that
    crashes a decoder ends the run. Interrupts pass through.
    """

    def run(
        self, task: Callable[[Work], tuple[Outcome, ...]], works: Iterable[Work]
    ) -> Iterator[tuple[Work, tuple[Outcome, ...]]]:
        """Run `task` on every work, in order; the next is taken when the one before has been consumed."""
        for work in works:
            yield work, attempt(task, work)

    def close(self) -> None:
        """Nothing to stop."""
