"""One try at one work: whatever the task does, what comes back are outcomes, each with its own identity.

`Problem` codes made here, by the engine and never by a stage:

    internal          the task raised something that nobody foresaw: a bug, tried again by the next run
    too-much-memory   the work needs more memory than a worker may have
    too-slow          the work took longer than its limit
    worker-died       the work ended its worker twice, the second time with the machine to itself
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from mediaarchive.errors import BadInput
from mediaarchive.model import Outcome, Problem, Status, Work

if TYPE_CHECKING:
    from collections.abc import Callable

OPENCV_NO_MEMORY = -4  # cv::Error::StsNoMem: OpenCV raises cv2.error where others raise MemoryError


def attempt(
    task: Callable[[Work], tuple[Outcome, ...]], work: Work, *, memory_mib: int | None = None
) -> tuple[Outcome, ...]:
    """What `task` makes of `work`; a task that raises, against its contract, costs only this work.

    `memory_mib`: the limit that the sentence about too much memory names. KeyboardInterrupt and SystemExit pass.
    """
    try:
        return _checked(task(work))
    except BadInput as error:
        return unanswered(work, Status.FAILED, error.problem)
    except Exception as error:  # noqa: BLE001 - the reason for this function
        return raised(work, error, memory_mib=memory_mib)


def raised(work: Work, error: BaseException, *, memory_mib: int | None = None) -> tuple[Outcome, ...]:
    """Outcomes for a work whose task raised `error`: the file's fault if memory ran out, ours otherwise."""
    if _out_of_memory(error):
        return unanswered(work, Status.FAILED, too_much_memory(memory_mib))
    trace = "".join(traceback.format_exception(error))
    return unanswered(work, Status.RETRY, internal(error), trace=trace)


def unanswered(work: Work, status: Status, problem: Problem, *, trace: str | None = None) -> tuple[Outcome, ...]:
    """The same problem for each recipe of a work; `trace` goes into the provenance, for whoever mends the bug."""
    provenance = {} if trace is None else {"traceback": trace}
    return tuple(
        Outcome(key=key, work_id=work.id, recipe=recipe, status=status, problem=problem, provenance=provenance)
        for key, recipe in zip(work.keys, work.recipes, strict=True)
    )


def internal(error: BaseException) -> Problem:
    """Something nobody foresaw, by the type of the exception."""
    kind = type(error)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return Problem(
        code="internal",
        reason=f"Our program failed ({name}); the file may be fine, and the next run tries again.",
    )


def too_much_memory(memory_mib: int | None) -> Problem:
    """The work asked for more memory than there is, or than it may have."""
    limit = "this machine has" if memory_mib is None else f"the limit of {memory_mib} MiB"
    return Problem(
        code="too-much-memory",
        reason=f"Reading the file needs more memory than {limit}; send a smaller version, or ask for a higher limit.",
    )


def too_slow(seconds: float) -> Problem:
    """The work outlived its limit."""
    return Problem(
        code="too-slow",
        reason=f"The file was not done within the limit of {seconds:g} seconds; it is damaged or needs a higher limit.",
        params={"seconds": round(seconds)},
    )


def worker_died(memory_mib: int) -> Problem:
    """The work ended its worker, and did so again when it was tried alone."""
    return Problem(
        code="worker-died",
        reason="The file closed the program that reads it, twice; "
        f"the file is damaged or needs more memory than the limit of {memory_mib} MiB.",
    )


def _out_of_memory(error: BaseException) -> bool:
    opencv = type(error).__module__.startswith("cv2") and getattr(error, "code", None) == OPENCV_NO_MEMORY
    return isinstance(error, MemoryError) or opencv


def _checked(outcomes: object) -> tuple[Outcome, ...]:
    if not isinstance(outcomes, tuple) or not all(isinstance(outcome, Outcome) for outcome in outcomes):
        raise TypeError(f"a task returns a tuple of outcomes, not {type(outcomes).__name__}")
    return outcomes
