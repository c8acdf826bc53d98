"""The contract of `ports.Engine` as a test suite: subclass, give it a `make_engine` fixture, and pytest tests your engine.

    class TestMine(EngineContract):
        @pytest.fixture
        def make_engine(self):
            return MyEngine

Engines with workers that can die subclass `IsolatingEngineContract`; their `make_engine` takes `workers`, `timeout`
(seconds) and `memory_mib`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mediaarchive.errors import BadInput
from mediaarchive.model import Outcome, Recipe, Status, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mediaarchive.ports import Engine

FEW_FOR_EACH_WORKER = 4
LONG_SECONDS = 60.0


def works(count: int, **context: Any) -> list[Work]:  # noqa: ANN401 - a context holds anything that pickles
    """`count` works of two recipes each; `context["do"]` says what `perform` does with them."""
    return [work(f"w{number}", **context) for number in range(count)]


def work(name: str, **context: Any) -> Work:  # noqa: ANN401 - the same
    """One work; `do`: one of `DEEDS`."""
    recipes = tuple(Recipe(stage="test", version=1, params={"edge": edge}) for edge in (1, 2))
    keys = tuple(f"{name}-{edge}" for edge in (1, 2))
    return Work(id=name, stage="test", sources=(), recipes=recipes, keys=keys, context=context)


def perform(given: Work) -> tuple[Outcome, ...]:
    """Do what the work's context says, then answer."""
    DEEDS[given.context.get("do", "answer")](given)
    pid = {"pid": os.getpid()}
    return tuple(
        Outcome(key=key, work_id=given.id, recipe=recipe, status=Status.OK, facts={"for": key}, provenance=pid)
        for key, recipe in zip(given.keys, given.recipes, strict=True)
    )


def perform_unpicklable(given: Work) -> tuple[Outcome, ...]:
    """Answer with something that can't cross processes."""
    bad = {"never": lambda: None}
    return tuple(
        Outcome(key=key, work_id=given.id, recipe=recipe, status=Status.OK, facts=bad)
        for key, recipe in zip(given.keys, given.recipes, strict=True)
    )


class _Unforeseen(Exception):
    """Pickles, and doesn't unpickle: as many libraries' exceptions do."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def _raise(given: Work) -> None:
    raise _Unforeseen(given.id, "!")


def _refuse(_: Work) -> None:
    raise BadInput("truncated", "The photograph ends in the middle; please send it again.")


def _die(given: Work) -> None:
    """Die by SIGKILL, as by the out-of-memory killer: each time, or (`times`) only the first few."""
    log = Path(given.context["log"])
    with log.open("a", encoding="utf-8") as file:
        file.write(given.id + "\n")
    times = given.context.get("times")
    if times is None or log.read_text(encoding="utf-8").split().count(given.id) <= times:
        os.kill(os.getpid(), signal.SIGKILL)


def _hang(given: Work) -> None:
    """Hang with a program running, and tell its process id."""
    with subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({LONG_SECONDS})"]) as program:
        if "pids" in given.context:
            pids = Path(given.context["pids"])
            with pids.open("a", encoding="utf-8") as file:
                file.write(f"{os.getpid()} {program.pid}\n")
        time.sleep(LONG_SECONDS)


def _gorge(given: Work) -> None:
    len(bytearray(given.context["mib"] * 1024 * 1024))


def _nap(given: Work) -> None:
    time.sleep(given.context["seconds"])


DEEDS: dict[str, Callable[[Work], None]] = {
    "answer": lambda _: None,
    "raise": _raise,
    "refuse": _refuse,
    "die": _die,
    "hang": _hang,
    "gorge": _gorge,
    "nap": _nap,
}


class EngineContract:
    """What every engine does, whoever works for it."""

    @pytest.fixture
    def make_engine(self) -> Callable[..., Engine]:
        """Override: what makes a fresh engine."""
        raise NotImplementedError

    @pytest.fixture
    def engine(self, make_engine: Callable[..., Engine]) -> Iterator[Engine]:
        """A fresh engine, closed afterwards."""
        with closing(make_engine()) as engine:
            yield engine

    def test_every_work_is_answered_exactly_once(self, engine: Engine) -> None:
        """As many answers as works, each with its own outcomes."""
        answers = list(engine.run(perform, works(25)))
        assert sorted(given.id for given, _ in answers) == sorted(given.id for given in works(25))
        for given, outcomes in answers:
            assert given == work(given.id)
            assert [outcome.key for outcome in outcomes] == list(given.keys)
            assert all(outcome.status is Status.OK and outcome.work_id == given.id for outcome in outcomes)

    def test_no_works_make_no_outcomes(self, engine: Engine) -> None:
        """An empty run is a run."""
        assert list(engine.run(perform, [])) == []

    def test_an_engine_runs_one_stage_after_another(self, engine: Engine) -> None:
        """`run` can be called again until `close`."""
        assert [len(list(engine.run(perform, works(count)))) for count in (3, 0, 5)] == [3, 0, 5]

    def test_works_are_taken_only_as_there_is_room(self, engine: Engine) -> None:
        """A million works are never in memory together."""
        taken = 0

        def many() -> Iterator[Work]:
            nonlocal taken
            for number in range(1_000_000):
                taken += 1
                yield work(f"w{number}")

        answers = engine.run(perform, many())
        most = FEW_FOR_EACH_WORKER * getattr(engine, "workers", 1)
        for answered in range(1, 21):
            next(answers)
            assert taken - answered <= most
        _close(answers)

    def test_a_task_that_raises_costs_only_its_work(self, engine: Engine) -> None:
        """A bug is an answer too: it says so, and the next run tries again."""
        answers = dict_of(engine.run(perform, [*works(4), work("bug", do="raise")]))
        assert {outcome.status for outcome in answers.pop("bug")} == {Status.RETRY}
        assert all(outcome.status is Status.OK for outcomes in answers.values() for outcome in outcomes)

    def test_the_sentence_about_a_bug_names_the_exception(self, engine: Engine) -> None:
        """Whoever reads the report can look for it."""
        ((_, outcomes),) = engine.run(perform, [work("bug", do="raise")])
        for outcome in outcomes:
            assert outcome.problem is not None
            assert outcome.problem.code == "internal"
            assert "_Unforeseen" in outcome.problem.reason

    def test_bad_input_stays_the_files_fault(self, engine: Engine) -> None:
        """The sentence that the stage wrote arrives as it was."""
        ((_, outcomes),) = engine.run(perform, [work("bad", do="refuse")])
        assert {outcome.status for outcome in outcomes} == {Status.FAILED}
        assert {outcome.problem and outcome.problem.code for outcome in outcomes} == {"truncated"}

    def test_an_error_of_whoever_plans_the_works_is_not_swallowed(self, engine: Engine) -> None:
        """A run whose plan fails must not look finished."""

        def broken() -> Iterator[Work]:
            yield work("w0")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            list(engine.run(perform, broken()))
        assert len(list(engine.run(perform, works(2)))) == 2

    def test_stopping_early_leaves_the_engine_usable(self, engine: Engine) -> None:
        """A consumer that gave up doesn't get the answers of the old run in the next one."""
        answers = engine.run(perform, works(20))
        next(answers)
        _close(answers)
        again = [work(f"again{number}") for number in range(5)]
        assert set(dict_of(engine.run(perform, again))) == {given.id for given in again}

    def test_closing_twice_is_closing(self, engine: Engine) -> None:
        """`close` may be called by a `finally` and by an exit handler."""
        list(engine.run(perform, works(2)))
        engine.close()
        engine.close()


class IsolatingEngineContract(EngineContract):
    """What engines do beside, whose workers are processes that can be killed."""

    def test_a_killed_worker_loses_nothing(self, make_engine: Callable[..., Engine], tmp_path: Path) -> None:
        """Somebody kills a worker amid twenty works: all twenty are made."""
        victim = work("victim", do="die", times=1, log=str(tmp_path / "log"))
        with closing(make_engine(workers=2)) as engine:
            answers = dict_of(engine.run(perform, [*works(7), victim, *(work(f"x{n}") for n in range(12))]))
        assert len(answers) == 20
        assert all(outcome.status is Status.OK for outcomes in answers.values() for outcome in outcomes)

    def test_a_file_that_kills_its_worker_fails_alone(self, make_engine: Callable[..., Engine], tmp_path: Path) -> None:
        """It is tried twice, and its neighbours are unharmed."""
        log = tmp_path / "log"
        killers = [work(f"killer{number}", do="die", log=str(log)) for number in range(2)]
        with closing(make_engine(workers=2, memory_mib=1024)) as engine:
            answers = dict_of(engine.run(perform, [*killers, *works(8)]))
        for killer in killers:
            outcomes = answers.pop(killer.id)
            assert [outcome.key for outcome in outcomes] == list(killer.keys)
            assert {outcome.status for outcome in outcomes} == {Status.FAILED}
            assert {outcome.problem and outcome.problem.code for outcome in outcomes} == {"worker-died"}
            assert "1024 MiB" in str(outcomes[0].problem)
        assert all(outcome.status is Status.OK for outcomes in answers.values() for outcome in outcomes)
        assert sorted(log.read_text(encoding="utf-8").split()) == ["killer0", "killer0", "killer1", "killer1"]

    def test_a_work_that_hangs_is_ended_with_all_it_started(
        self, make_engine: Callable[..., Engine], tmp_path: Path
    ) -> None:
        """It fails by its own limit; no worker and no program of it stays."""
        pids = tmp_path / "pids"
        slow = work("slow", do="hang", timeout=0.5, pids=str(pids))
        with closing(make_engine(workers=2)) as engine:
            answers = dict_of(engine.run(perform, [slow, *works(6)]))
            assert gone(_pids(pids))
        outcomes = answers.pop("slow")
        assert {outcome.status for outcome in outcomes} == {Status.FAILED}
        assert {outcome.problem and outcome.problem.code for outcome in outcomes} == {"too-slow"}
        assert "0.5 seconds" in str(outcomes[0].problem)
        assert all(outcome.status is Status.OK for outcomes in answers.values() for outcome in outcomes)

    def test_the_engine_has_a_limit_of_time_for_works_without_one(self, make_engine: Callable[..., Engine]) -> None:
        """Nothing hangs for ever."""
        with closing(make_engine(workers=1, timeout=0.4)) as engine:
            ((_, outcomes),) = engine.run(perform, [work("slow", do="hang")])
        assert {outcome.problem and outcome.problem.code for outcome in outcomes} == {"too-slow"}

    def test_waiting_behind_others_is_not_slowness(self, make_engine: Callable[..., Engine]) -> None:
        """The clock of a work starts with the work."""
        naps = works(6, do="nap", seconds=0.25, timeout=0.9)
        with closing(make_engine(workers=1)) as engine:
            answers = dict_of(engine.run(perform, naps))
        assert all(outcome.status is Status.OK for outcomes in answers.values() for outcome in outcomes)

    def test_a_file_that_needs_too_much_memory_fails_alone(self, make_engine: Callable[..., Engine]) -> None:
        """The limit holds, and the sentence names it."""
        with closing(make_engine(workers=1, memory_mib=300)) as engine:
            answers = dict_of(
                engine.run(perform, [work("huge", do="gorge", mib=400), work("big", do="gorge", mib=200)])
            )
        assert {outcome.status for outcome in answers["huge"]} == {Status.FAILED}
        assert {outcome.problem and outcome.problem.code for outcome in answers["huge"]} == {"too-much-memory"}
        assert "300 MiB" in str(answers["huge"][0].problem)
        assert {outcome.status for outcome in answers["big"]} == {Status.OK}

    def test_an_answer_that_does_not_pickle_costs_only_its_work(self, make_engine: Callable[..., Engine]) -> None:
        """The worker goes on."""
        with closing(make_engine(workers=1)) as engine:
            answers = dict_of(engine.run(perform_unpicklable, works(2)))
            assert {outcome.problem and outcome.problem.code for o in answers.values() for outcome in o} == {"internal"}
            assert len(list(engine.run(perform, works(3)))) == 3

    def test_a_work_that_does_not_pickle_costs_only_itself(self, make_engine: Callable[..., Engine]) -> None:
        """So does a mistake of whoever planned it."""
        with closing(make_engine(workers=1)) as engine:
            answers = dict_of(engine.run(perform, [*works(2), work("odd", never=lambda: None)]))
        assert {outcome.status for outcome in answers.pop("odd")} == {Status.RETRY}
        assert all(outcome.status is Status.OK for outcomes in answers.values() for outcome in outcomes)

    def test_more_workers_make_the_same(self, make_engine: Callable[..., Engine]) -> None:
        """What comes out doesn't depend on who worked."""

        def made(workers: int) -> set[tuple[str, str, str]]:
            with closing(make_engine(workers=workers)) as engine:
                answers = dict_of(engine.run(perform, [*works(12), work("bug", do="raise")]))
            return {(o.key, o.status.value, str(o.facts)) for outcomes in answers.values() for o in outcomes}

        assert made(1) == made(2)

    @pytest.mark.parametrize("how", ["iterator", "engine"])
    def test_whoever_stops_early_does_not_wait(
        self, make_engine: Callable[..., Engine], tmp_path: Path, how: str
    ) -> None:
        """Works in progress end with all that they started."""
        pids = tmp_path / "pids"
        given = [work("quick"), *(work(f"slow{number}", do="hang", pids=str(pids)) for number in range(4))]
        with closing(make_engine(workers=2)) as engine:
            answers = engine.run(perform, given)
            next(answers)
            while not pids.exists():
                time.sleep(0.02)
            start = time.monotonic()
            _close(answers if how == "iterator" else engine)
            assert time.monotonic() - start < 3, "closing took too long"
            assert gone(_pids(pids)), "a process stayed"


def dict_of(answers: Iterable[tuple[Work, tuple[Outcome, ...]]]) -> dict[str, tuple[Outcome, ...]]:
    """Answers by the work's id; one that comes twice is an error."""
    found: dict[str, tuple[Outcome, ...]] = {}
    for given, outcomes in answers:
        assert given.id not in found, f"{given.id} was answered twice"
        found[given.id] = outcomes
    return found


def gone(pids: Iterable[int], *, within: float = 3.0) -> bool:
    """True once none of the processes runs any more."""
    end = time.monotonic() + within
    left = [pid for pid in pids if running(pid)]
    while left and time.monotonic() < end:
        time.sleep(0.02)
        left = [pid for pid in left if running(pid)]
    return not left


def running(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
        return state != "Z"
    return False


def _pids(file: Path) -> list[int]:
    return [int(pid) for pid in file.read_text(encoding="utf-8").split()]


def _close(closable: object) -> None:
    closable.close()  # type: ignore[attr-defined]
