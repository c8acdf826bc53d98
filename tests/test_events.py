"""What a run tells the operator: lines, bars and metrics."""

from __future__ import annotations

import io
import json
import logging
import re
import stat
from typing import TYPE_CHECKING

import pytest

from mediaarchive.events import (
    Event,
    Fanout,
    FileAnswered,
    FileSeen,
    LineFormatter,
    LogSink,
    MetricsSink,
    Notice,
    ProgressSink,
    Published,
    RunEnded,
    RunStarted,
    StageEnded,
    StageStarted,
    WorkDone,
    log_to_stderr,
    sentence,
)
from mediaarchive.model import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOON = 1_790_000_000.0
REJECTED = FileAnswered(
    event="gala",
    path="gala/cut.jpg",
    verdict=Verdict.REJECTED,
    code="truncated",
    reason="The photograph ends in the middle; please send it again.",
)
RUN: tuple[Event, ...] = (
    RunStarted(run="r1", events=("gala",)),
    FileSeen(event="gala", path="gala/a.jpg"),
    StageStarted(event="gala", stage="render", total=2),
    WorkDone(event="gala", stage="render", id="p-1", status=Status.OK, seconds=1.25),
    WorkDone(event="gala", stage="render", id="p-2", status=Status.FAILED),
    StageEnded(event="gala", stage="render"),
    Published(event="gala", store="site", objects=12, changed=True),
    FileAnswered(event="gala", path="gala/a.jpg", verdict=Verdict.PUBLISHED, item="p-1"),
    REJECTED,
    Notice(level="warning", text="The disk is nearly full."),
    RunEnded(run="r1", status=3, counts={"published": 1, "rejected": 1}, jobs={"planned": 2, "done": 1, "failed": 1}),
)


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        """Now."""
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """The log as it was, afterwards."""
    logger = logging.getLogger("mediaarchive")
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


@pytest.mark.usefixtures("restored_logging")
def test_an_operator_reads_one_line_for_what_needs_them(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr(clock=Clock())
    for event in RUN:
        LogSink()(event)
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert captured.out == ""
    assert lines[0] == "2026-09-21T14:13:20Z info    Run r1 started: gala."
    reason = "gala/cut.jpg: rejected (truncated). The photograph ends in the middle; please send it again."
    assert f"2026-09-21T14:13:20Z warning {reason}" in lines
    assert not any("render of p-2" in line for line in lines), "its file's answer says what failed, and why"
    assert not any("a.jpg" in line or "p-1" in line for line in lines), (
        "what went well isn't worth a line for each file"
    )


@pytest.mark.usefixtures("restored_logging")
def test_every_event_is_one_json_object_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("json", level=logging.DEBUG, clock=Clock())
    for event in RUN:
        LogSink()(event)
    objects = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [entry["kind"] for entry in objects] == [
        "run-started", "file-seen", "stage-started", "work-done", "work-done", "stage-ended", "published",
        "file-answered", "file-answered", "notice", "run-ended",
    ]  # fmt: skip
    assert objects[8] == {
        "at": "2026-09-21T14:13:20Z", "level": "warning", "kind": "file-answered", "event": "gala",
        "path": "gala/cut.jpg", "verdict": "rejected", "code": "truncated", "reason": REJECTED.reason, "item": None,
    }  # fmt: skip


@pytest.mark.usefixtures("restored_logging")
def test_configuring_the_log_again_does_not_double_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    log_to_stderr()
    LogSink()(RUN[0])
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("name", ["a\nb.jpg", "a\x1b[31mred.jpg", "a\u202egpj.exe", "a\udce9.jpg", "a\x9b31m.jpg"])
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_file_name_cannot_forge_a_line_or_colours(name: str, log_format: str) -> None:
    record = logging.makeLogRecord({"msg": f"{name}: found.", "levelname": "INFO"})
    line = LineFormatter("json" if log_format == "json" else "text").format(record)
    assert line.isprintable()
    assert line.encode()


def test_a_bug_keeps_its_traceback_in_the_log() -> None:
    try:
        {}["by \x1b nothing"]
    except KeyError as error:
        record = logging.LogRecord("m", logging.ERROR, "", 0, "failed", None, (type(error), error, error.__traceback__))
    assert "KeyError: 'by \\x1b nothing'" in LineFormatter().format(record).splitlines()
    assert "KeyError" in json.loads(LineFormatter("json").format(record))["message"]


@pytest.mark.parametrize("event", RUN, ids=lambda event: type(event).__name__)
def test_every_event_is_a_sentence(event: Event) -> None:
    assert sentence(event).endswith(".")


def test_somebody_at_a_terminal_sees_a_bar_for_each_stage() -> None:
    terminal, clock = Terminal(), Clock()
    sink = ProgressSink(terminal, force=True, clock=clock)
    for event in RUN:
        clock.now += 1
        sink(event)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert "gala render" in text
    assert "2/2" in text
    assert terminal.getvalue().endswith("\x1b[?25h"), "the cursor is given back"


def test_cron_sees_nothing_of_the_bars() -> None:
    stream = io.StringIO()
    sink = ProgressSink(stream)
    for event in RUN:
        sink(event)
    sink.close()
    assert stream.getvalue() == ""


def test_an_interrupted_run_gives_the_terminal_back() -> None:
    terminal = Terminal()
    sink = ProgressSink(terminal, force=True, clock=Clock())
    for event in RUN[:4]:
        sink(event)
    Fanout(LogSink(), sink).close()
    assert terminal.getvalue().endswith("\x1b[?25h")


def test_prometheus_learns_how_the_last_run_went(tmp_path: Path) -> None:
    path, clock = tmp_path / "mediaarchive.prom", Clock()
    sink = MetricsSink(path, clock=clock)
    for event in RUN:
        clock.now += 0.25
        sink(event)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "mediaarchive_last_run_timestamp_seconds 1790000002.750" in lines
    assert "mediaarchive_last_run_duration_seconds 2.500" in lines
    assert "mediaarchive_last_run_exit_status 3" in lines
    assert 'mediaarchive_last_run_files{outcome="published"} 1' in lines
    assert 'mediaarchive_last_run_files{outcome="held"} 0' in lines
    assert 'mediaarchive_last_run_jobs{state="failed"} 1' in lines
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [entry.name for entry in tmp_path.iterdir()] == ["mediaarchive.prom"]
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[a-z]+"\})? [0-9.]+|# (HELP|TYPE) [a-z_]+ .+')
    assert all(sample.fullmatch(line) for line in lines)


def test_metrics_that_cannot_be_written_do_not_fail_the_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    MetricsSink(tmp_path / "missing" / "x.prom", clock=Clock())(RUN[-1])
    assert "can't be written" in caplog.text


def test_all_sinks_hear_everything_in_order() -> None:
    one: list[Event] = []
    two: list[Event] = []
    fanout = Fanout(one.append, two.append)
    for event in RUN:
        fanout(event)
    assert one == two == list(RUN)
