"""What happened, as typed events; sinks make of them a log, progress bars and metrics.

    pipeline ── event ──► Fanout ──► LogSink       a line on stderr, for people or as JSON
                                 ├─► ProgressSink  a bar for each stage, where stderr is a terminal
                                 └─► MetricsSink   a file that Prometheus' node exporter reads

Events are facts, and nothing that a run does depends on them. Their field `event` is a slug, of an event in the
photographers' sense of the word; it is empty where a stage serves several.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TextIO

from mediaarchive.errors import EXIT_DONE, EXIT_INTERRUPTED, EXIT_TERMINATED, NoWorkspace, Refused, UsageError
from mediaarchive.model import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.progress import Progress, TaskID

Level = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]
LOGGER = "mediaarchive"
METRICS_MODE = 0o644  # the node exporter runs as somebody else
_STOPPED = {EXIT_INTERRUPTED: "Ctrl-C, SIGINT", EXIT_TERMINATED: "SIGTERM"}
_REFUSALS = frozenset({UsageError.exit_status, Refused.exit_status, NoWorkspace.exit_status})
JOB_STATES = ("planned", "done", "failed", "cached")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStarted:
    """A run begins; `events` are the slugs it was asked for, none for all."""

    run: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FileSeen:
    """A file was found in the inbox; `path` as in the report."""

    event: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FileAnswered:
    """What became of a file: its row of the report."""

    event: str
    path: str
    verdict: Verdict
    code: str | None = None
    reason: str | None = None
    item: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StageStarted:
    """A stage begins, with `total` works."""

    event: str
    stage: str
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkDone:
    """One work of a stage ended; `seconds` is what it took, 0 where nobody measured."""

    event: str
    stage: str
    id: str
    status: Status | str
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class StageEnded:
    """A stage is through."""

    event: str
    stage: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """An event is in a store: `objects` were written, `changed` says whether its pointer moved."""

    event: str
    store: str
    objects: int
    changed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something the operator should read."""

    level: Level
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RunEnded:
    """A run is over: its exit status, its files by outcome, its jobs by state; `unread`: files that it could not read.

    `run` is empty where it did not come to its end.
    """

    run: str
    status: int
    counts: Mapping[str, int] = field(default_factory=dict)
    jobs: Mapping[str, int] = field(default_factory=dict)
    unread: int = 0


Event = RunStarted | FileSeen | FileAnswered | StageStarted | WorkDone | StageEnded | Published | Notice | RunEnded


class Sink(Protocol):
    """Whoever wants to know. It is called in the coordinator, in order."""

    def __call__(self, event: Event, /) -> None:
        """Take note of an event."""


class Fanout:
    """One sink that is many; `close` closes those that hold something open."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks

    def __call__(self, event: Event, /) -> None:
        """Pass the event on to each, in order."""
        for sink in self._sinks:
            sink(event)

    def close(self) -> None:
        """Close every sink that can be closed."""
        for sink in self._sinks:
            close = getattr(sink, "close", None)
            if close is not None:
                close()


class LogSink:
    """One log record for each event: its sentence is the message, the event itself is the record's `event`."""

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger(LOGGER)

    def __call__(self, event: Event, /) -> None:
        """Log the event at its level."""
        level = log_level(event)
        if self._logger.isEnabledFor(level):
            self._logger.log(level, "%s", sentence(event), extra={"event": event})


class LineFormatter(logging.Formatter):
    """A record as one line, `text` for people or `json` for programs: no file name can forge another, or colours."""

    def __init__(self, log_format: LogFormat = "text", *, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._json = log_format == "json"
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        level = record.levelname.lower()
        message = record.getMessage()
        trace = self.formatException(record.exc_info).splitlines() if record.exc_info else []
        if not self._json:
            return "\n".join([f"{at} {level:<7} {printable(message)}", *map(printable, trace)])
        event = getattr(record, "event", None)
        fields: dict[str, Any] = {"kind": "log", "message": "\n".join([message, *trace])}
        if event is not None:
            fields = {"kind": kind(event), **asdict(event)}
        return json.dumps({"at": at, "level": level, **fields}, default=str)


class _Stderr(logging.Handler):
    """Writes to what stderr is now, so that progress bars can lift a line above themselves."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            print(self.format(record), file=sys.stderr, flush=True)  # noqa: T201 - a log goes to stderr
        except Exception:  # noqa: BLE001 - a full disk behind stderr must not end the run
            self.handleError(record)


def log_to_stderr(
    log_format: LogFormat = "text", *, level: int = logging.INFO, clock: Callable[[], float] = time.time
) -> None:
    """Send mediaarchive's log to stderr, and nowhere else; called again, it replaces what it did."""
    handler = _Stderr()
    handler.setFormatter(LineFormatter(log_format, clock=clock))
    logger = logging.getLogger(LOGGER)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


class ProgressSink:
    """A bar for each stage, on a terminal only (or `force`): cron and journals don't get as much as an empty line."""

    def __init__(
        self, stream: TextIO | None = None, *, force: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        stream = stream or sys.stderr
        self._progress = _bars(stream, clock, force=force) if force or stream.isatty() else None
        self._bars: dict[tuple[str, str], TaskID] = {}

    def __call__(self, event: Event, /) -> None:
        """Move the bars."""
        if self._progress is None:
            return
        if isinstance(event, StageStarted) and event.total:
            self._progress.start()
            label = f"{event.event} {event.stage}".strip()
            self._bars[event.event, event.stage] = self._progress.add_task(printable(label), total=event.total)
        elif isinstance(event, WorkDone) and (event.event, event.stage) in self._bars:
            self._progress.advance(self._bars[event.event, event.stage])
        elif isinstance(event, StageEnded) and (event.event, event.stage) in self._bars:
            self._progress.stop_task(self._bars.pop((event.event, event.stage)))
        elif isinstance(event, RunEnded):
            self.close()

    def close(self) -> None:
        """Leave the bars as they stand, and the cursor below them."""
        if self._progress is not None:
            self._progress.stop()


class MetricsSink:
    """A Prometheus text file about the last run, replaced in one step when it ends: alert on its age and its status."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._started: float | None = None

    def __call__(self, event: Event, /) -> None:
        """Remember when the run began; write when it ends."""
        if isinstance(event, RunStarted):
            self._started = self._clock()
        elif isinstance(event, RunEnded):
            now = self._clock()
            text = metrics(event, now=now, seconds=now - (now if self._started is None else self._started))
            if unwritten := replace_file(self._path, text):
                logging.getLogger(LOGGER).warning(unwritten)


def metrics(ended: RunEnded, *, now: float, seconds: float) -> str:
    """The last run in Prometheus' text format (0.0.4), with every outcome and state: no series comes and goes."""
    files = {str(verdict): ended.counts.get(verdict, 0) for verdict in Verdict}
    jobs = {state: ended.jobs.get(state, 0) for state in JOB_STATES}
    gauges: tuple[tuple[str, str, dict[str, float]], ...] = (
        ("timestamp_seconds", "When the last run ended, in seconds since 1970.", {"": now}),
        ("duration_seconds", "How long the last run took.", {"": seconds}),
        ("exit_status", "The exit status of the last run; 0 is fine.", {"": ended.status}),
        ("files", "Files of the inbox by outcome.", {f'{{outcome="{name}"}}': count for name, count in files.items()}),
        ("unread_files", "Files and folders of the inbox that could not be read.", {"": ended.unread}),
        ("jobs", "Derivations by state.", {f'{{state="{name}"}}': count for name, count in jobs.items()}),
    )
    lines: list[str] = []
    for name, about, values in gauges:
        full = f"mediaarchive_last_run_{name}"
        lines += [f"# HELP {full} {about}", f"# TYPE {full} gauge"]
        lines += [f"{full}{labels} {value:.3f}".removesuffix(".000") for labels, value in values.items()]
    return "\n".join(lines) + "\n"


def kind(event: Event) -> str:
    """The event's name in JSON: `file-answered`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(event).__name__).lower()


def log_level(event: Event) -> int:
    """How loud an event is: what needs a human is a warning, what happens to every file is for debugging."""
    match event:
        case Notice(level=level):
            return logging.getLevelNamesMapping()[level.upper()]
        case FileAnswered(verdict=Verdict.REJECTED | Verdict.HELD | Verdict.WITHDRAWN) | RunEnded(run=""):
            return logging.WARNING
        case FileAnswered(code="unreadable" | "read-fault"):
            return logging.WARNING
        case FileSeen() | WorkDone() | FileAnswered(reason=None) | StageStarted(total=0) | StageEnded():
            return logging.DEBUG
        case _:
            return logging.INFO


def sentence(event: Event) -> str:  # noqa: C901, PLR0911 - one sentence for each event
    """The event as a sentence for a person."""
    match event:
        case RunStarted():
            return f"Run {event.run} started: {', '.join(event.events) or 'all events'}."
        case FileSeen():
            return f"{event.path}: found."
        case FileAnswered():
            code = f" ({event.code})" if event.code else ""
            return f"{event.path}: {event.verdict}{code}. {event.reason or ''}".rstrip()
        case StageStarted():
            return f"{_about(event)} started, {event.total} to do."
        case WorkDone():
            took = f" after {event.seconds:.1f} s" if event.seconds else ""
            return f"{_about(event)} of {event.id}: {event.status}{took}."
        case StageEnded():
            return f"{_about(event)} done."
        case Published():
            change = "published" if event.changed else "unchanged"
            return f"{event.event}: {change} in {event.store}, {event.objects} new objects."
        case Notice():
            return event.text
        case RunEnded(run=""):
            how = "Nothing was run" if event.status in _REFUSALS else "The run stopped midway, and the next one goes on"
            if event.status in _STOPPED:
                how = f"The run was stopped from outside ({_STOPPED[event.status]}); nothing is lost, and the next one goes on"
            return f"{how}: status {event.status}."
        case RunEnded():
            counts = ", ".join(f"{count} {outcome}" for outcome, count in event.counts.items() if count)
            how = "done" if event.status == EXIT_DONE else f"ended with status {event.status}"
            return f"Run {event.run} {how}: {counts or 'no files'}."


def printable(text: str) -> str:
    """`text` on one line, with escapes for whatever could move a cursor: names of files come from strangers."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _about(event: StageStarted | WorkDone | StageEnded) -> str:
    return f"{event.event}: {event.stage}" if event.event else event.stage


def _bars(stream: TextIO, clock: Callable[[], float], *, force: bool) -> Progress:
    from rich.console import Console  # noqa: PLC0415 - only where there is somebody to see it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=stream, force_terminal=force or None, get_time=clock),
        get_time=clock,
        redirect_stdout=False,
    )


def replace_file(path: Path, text: str) -> str:
    """Write a text file for the node exporter in one step; a sentence where it can't be written, else nothing.

    What was done is done, whether or not somebody counts it: so this is no error.
    """
    name = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(METRICS_MODE)
        Path(name).replace(path)
    except OSError as error:
        if name:
            with suppress(OSError):
                Path(name).unlink()
        return f"The metrics can't be written: {path.parent}: {error.strerror} (this is user {os.getuid()})."
    return ""
