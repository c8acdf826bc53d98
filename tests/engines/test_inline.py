"""The inline engine keeps the contract, and lets interrupts through."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mediaarchive.engines.inline import InlineEngine
from mediaarchive.testing.engines import EngineContract, perform, works

if TYPE_CHECKING:
    from collections.abc import Callable

    from mediaarchive.model import Outcome, Work


class TestInlineEngine(EngineContract):
    """The contract of every engine."""

    @pytest.fixture
    def make_engine(self) -> Callable[..., InlineEngine]:
        """Engines of this process."""
        return InlineEngine


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_operator_who_interrupts_is_obeyed(interrupt: type[BaseException]) -> None:
    def interrupted(_: Work) -> tuple[Outcome, ...]:
        raise interrupt

    with pytest.raises(interrupt):
        list(InlineEngine().run(interrupted, works(1)))


def test_the_work_is_done_in_this_process() -> None:
    ((_, outcomes),) = InlineEngine().run(perform, works(1))
    assert outcomes[0].provenance["pid"] == os.getpid()


def test_a_task_that_forgets_to_answer_is_a_bug_and_says_so() -> None:
    ((_, outcomes),) = InlineEngine().run(lambda _: None, works(1))  # type: ignore[arg-type,return-value]
    assert {outcome.problem.code for outcome in outcomes if outcome.problem} == {"internal"}
    assert "TypeError" in outcomes[0].provenance["traceback"]
