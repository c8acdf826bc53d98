"""The pool of processes keeps the contract, whoever is killed."""

from __future__ import annotations

import functools
import os
import platform
import resource
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mediaarchive.config.settings import EngineSettings, Limits
from mediaarchive.engines import local, open_engine
from mediaarchive.engines.inline import InlineEngine
from mediaarchive.engines.local import LocalEngine
from mediaarchive.engines.slot import Job, Slot
from mediaarchive.errors import Refused
from mediaarchive.model import Outcome, Recipe, Status, Work
from mediaarchive.testing.engines import IsolatingEngineContract, dict_of, gone, perform, work, works

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pebble import ProcessPool

COORDINATOR = """
import signal, sys
from mediaarchive.engines.local import LocalEngine
from mediaarchive.testing.engines import perform, work
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and so do its children
    engine = LocalEngine(2)
    for _ in engine.run(perform, [work(f"w{n}", do="hang", pids=sys.argv[1]) for n in range(6)]):
        pass
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and pidfd")


class TestLocalEngine(IsolatingEngineContract):
    """The contract of engines with workers."""

    @pytest.fixture
    def make_engine(self) -> Callable[..., LocalEngine]:
        """Pools of processes; what the tasks of the contract need, without the decoders."""
        return functools.partial(LocalEngine, preload=("mediaarchive.testing.engines",))


@pytest.fixture
def coordinator(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """A program with two busy workers, each with a program of its own; and the process ids of all that it started."""
    script, pids = tmp_path / "coordinator.py", tmp_path / "pids"
    script.write_text(COORDINATOR, encoding="utf-8")
    with subprocess.Popen([sys.executable, script, pids], start_new_session=True, stderr=subprocess.PIPE) as program:
        end = time.monotonic() + 20
        while not pids.exists() or len(pids.read_text(encoding="utf-8").splitlines()) < 2:
            assert time.monotonic() < end, "the workers didn't start"
            time.sleep(0.05)
        yield program, descendants(program.pid)
        program.kill()


def churn(given: Work) -> tuple[Outcome, ...]:
    """What a proof does: takes some 100 MB, a few at a time, frees them, and again. Tells how often the kernel was asked."""

    def once() -> None:
        for block in [bytearray(3 << 20) for _ in range(30)]:
            block[::4096] = bytes(768)

    once()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        once()
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    outcome = perform(given)[0]
    return (replace(outcome, facts={"faults": faults}),)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do as they do")
def test_what_a_worker_frees_it_uses_again_without_asking_the_kernel_for_it_page_by_page() -> None:
    with closing(LocalEngine(1, preload=("mediaarchive.testing.engines",))) as engine:
        ((_, (outcome,)),) = engine.run(churn, works(1))
    assert outcome.facts["faults"] < 5 * 30 * 768 / 20


@linux
def test_nobody_stays_behind_a_coordinator_that_was_killed(
    coordinator: tuple[subprocess.Popen[bytes], list[int]],
) -> None:
    program, started = coordinator
    assert len(started) >= 6  # fork server, sentry, two workers, two programs
    program.kill()
    program.wait()
    assert gone(started)


@linux
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_operator_who_stops_a_run_gets_the_prompt_back(
    coordinator: tuple[subprocess.Popen[bytes], list[int]], how: signal.Signals
) -> None:
    program, started = coordinator
    os.killpg(program.pid, how)  # as a terminal does
    program.wait(timeout=30)  # a machine may be busy; one that hangs is slower still
    assert program.returncode == -how
    assert gone(started)


@linux
def test_a_worker_killed_while_idle_is_replaced() -> None:
    with closing(LocalEngine(1)) as engine:
        ((_, before),) = engine.run(perform, works(1))
        os.kill(before[0].provenance["pid"], signal.SIGKILL)
        time.sleep(0.3)
        ((_, after),) = engine.run(perform, works(1))
    assert {outcome.status for outcome in after} == {Status.OK}
    assert after[0].provenance["pid"] != before[0].provenance["pid"]


@linux
def test_a_worker_is_polite_and_deaf_to_ctrl_c() -> None:
    with closing(LocalEngine(1, memory_mib=512)) as engine:
        ((_, outcomes),) = engine.run(perform, works(1))
        pid = outcomes[0].provenance["pid"]
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
        assert os.getpgid(pid) == pid
        os.kill(pid, signal.SIGINT)
        ((_, outcomes),) = engine.run(perform, works(1))
    assert outcomes[0].provenance["pid"] == pid


def test_workers_are_renewed_before_leaks_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "TASKS_PER_WORKER", 5)
    with closing(LocalEngine(1)) as engine:
        answers = dict_of(engine.run(perform, works(15)))
    assert len({outcomes[0].provenance["pid"] for outcomes in answers.values()}) == 3
    assert all(outcome.status is Status.OK for outcomes in answers.values() for outcome in outcomes)


def test_a_second_try_has_the_machine_to_itself(tmp_path: Path) -> None:
    victim = work("victim", do="die", times=1, log=str(tmp_path / "log"))
    naps = [work(f"nap{number}", do="nap", seconds=0.1) for number in range(9)]
    with closing(LocalEngine(2)) as engine:
        order = [given.id for given, _ in engine.run(perform, [victim, *naps])]
    assert order[-1] == "victim"


def test_a_run_where_no_worker_starts_is_refused() -> None:
    def start() -> ProcessPool:
        raise BlockingIOError("Resource temporarily unavailable")

    job = Job(work=work("w0"), payload=b"", seconds=1)
    with pytest.raises(Refused, match="Resource temporarily unavailable"):
        Slot(start, 512).submit(b"", job)


def test_a_closed_engine_says_so() -> None:
    engine = LocalEngine(1)
    engine.close()
    with pytest.raises(RuntimeError, match="closed"):
        engine.run(perform, works(1))


def test_the_settings_choose_the_engine() -> None:
    assert isinstance(open_engine(EngineSettings(kind="inline"), Limits()), InlineEngine)
    with closing(open_engine(EngineSettings(kind="local", workers=3), Limits(memory=700))) as engine:
        assert isinstance(engine, LocalEngine)
        assert (engine.workers, engine.memory_mib) == (3, 700)


def test_films_have_the_time_that_films_need() -> None:
    with closing(open_engine(EngineSettings(), Limits(seconds=10, film_seconds=1000))) as engine:
        assert isinstance(engine, LocalEngine)
        film = Work(id="v", stage="render", sources=(), keys=("k",), recipes=(Recipe(stage="film", version=1),))
        assert engine.limit_of(work("photo")) == 10
        assert engine.limit_of(film) > 1000
        assert engine.limit_of(work("own", timeout=2)) == 2


def descendants(pid: int) -> list[int]:
    """The process ids of all that a process started, and of what they started."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        born = children.get(todo.pop(), [])
        found += born
        todo += born
    return found
