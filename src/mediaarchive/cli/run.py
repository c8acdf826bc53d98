"""`mediaarchive run`: the scheduled job."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.cli.plan import show_plan
from mediaarchive.errors import EXIT_INTERRUPTED, EXIT_TERMINATED, Busy, EventOwned, MediaArchiveError
from mediaarchive.events import Fanout, LogSink, MetricsSink, ProgressSink, RunEnded, Sink, log_to_stderr

if TYPE_CHECKING:
    from mediaarchive.pipeline.inbox.report import Report

# A run knows thousands of small things and drops few of them: looking for cycles after each 700 new ones, as Python does by
# itself, is a sixth of the CPU of a run in which nothing changed.
_COLLECT = (10_000, 20, 20)


@click.command()
@workspace_option
@click.option("--event", "only", metavar="SLUG", help="This event only.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--engine", type=click.Choice(["local", "inline"]), help="Who does the work.")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes of the local engine; 0: one for each core.")
@click.option("--settle", type=click.FloatRange(0), help="Seconds a file must rest before it is taken.")
@click.option("--patience", type=click.FloatRange(0), help="Seconds an incomplete file may stay before it is refused.")
@click.option("--progress/--no-progress", default=None, help="Progress bars on stderr. Default: on a terminal.")
@click.option("--metrics", type=click.Path(dir_okay=False, path_type=Path), help="Write a Prometheus textfile here.")
@json_option
def run(
    *,
    workspace: Path,
    only: str | None,
    dry_run: bool,
    engine: str | None,
    workers: int | None,
    settle: float | None,
    patience: float | None,
    progress: bool | None,
    metrics: Path | None,
    as_json: bool,
) -> None:
    """Take in what has settled in the inbox, and bring every event up to date in every store.

    Where [texts.engine] in_run says so, drafts of texts are asked for afterwards; whether that works changes no exit status.

    What is held, refused or withdrawn is told once, by the run that finds it; later runs only say how much there is. What can't
    be read, or can't leave the inbox, every run warns of.

    Exit status: 0 done; 3 done, but there are new problems with some files; 4 refused before starting; 5 a store or this
    machine's own disk failed midway, and trying again helps; 75 another run is on; 130 and 143 it was stopped (Ctrl-C, SIGTERM),
    and the next run goes on.

    \b
    Example:
      mediaarchive run
      mediaarchive -C /srv/archive run --json > report.json
    """
    flags = _flags(engine=("kind", engine), workers=("workers", workers)) | _ingest(settle, patience)
    if dry_run:
        show_plan(workspace, flags, as_json=as_json)
        return
    gc.set_threshold(*_COLLECT)
    from mediaarchive.pipeline.opening import open_shop  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.run import run as run_job  # noqa: PLC0415 - keeps `--help` quick

    sink = _sink(progress=progress, metrics=metrics)
    try:
        with open_shop(workspace, sink, flags) as shop:
            report = run_job(shop, only)
            folders = {event.slug: event.folder for event in shop.catalog.events()}
            drafts = shop.settings.texts.engine.in_run
    except MediaArchiveError as error:
        if not isinstance(error, Busy):  # the run that is on will speak for itself
            sink(RunEnded(run="", status=error.exit_status))
        raise
    except (KeyboardInterrupt, SystemExit) as stop:  # somebody ends it: a person, systemd, a machine that goes down
        sink(RunEnded(run="", status=EXIT_INTERRUPTED if isinstance(stop, KeyboardInterrupt) else EXIT_TERMINATED))
        raise
    except Exception:  # a bug: whoever watches the metrics hears of it before the day is over
        sink(RunEnded(run="", status=MediaArchiveError.exit_status))
        raise
    finally:
        sink.close()
    _tell_failures(report)
    if as_json:
        emit(report.value(folders))
    else:
        _tell(report, problems=_bars(progress=progress))
    if drafts and (slugs := [event.slug for event in report.events if event.manifest and event.missing_alt]):
        _draft(workspace, slugs, drafts)
    sys.exit(report.status)


def _draft(workspace: Path, slugs: list[str], limit: int) -> None:
    """Ask for drafts, as the settings wish, when the run is over and its lock is free. Nothing of it changes the run's status."""
    from mediaarchive.pipeline.drafting import draft_events  # noqa: PLC0415 - only where somebody drafts
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - the same

    try:
        with open_beside(workspace) as shop:
            done = draft_events(shop, slugs, limit=limit)
    except MediaArchiveError as error:
        tell(f"mediaarchive: no drafts: {error.message}", err=True)
        return
    made, pictures = sum(sum(one.drafts.values()) for one in done.events), sum(one.pictures for one in done.events)
    if pictures:
        tell(f"{plural(made, 'draft')} for {plural(pictures, 'picture')}: mediaarchive texts status", err=True)
    if done.stopped:
        tell(f"mediaarchive: drafting stopped: {done.stopped.message}", err=True)


def _flags(**given: tuple[str, Any]) -> dict[str, dict[str, Any]]:
    values = {key: value for key, value in given.values() if value is not None}
    return {"engine": values} if values else {}


def _ingest(settle: float | None, patience: float | None) -> dict[str, dict[str, Any]]:
    values = {key: value for key, value in (("settle", settle), ("patience", patience)) if value is not None}
    return {"ingest": values} if values else {}


def _sink(*, progress: bool | None, metrics: Path | None) -> Fanout:
    if _bars(progress=progress):
        sinks: list[Sink] = [ProgressSink(force=bool(progress))]
    else:
        log_to_stderr("text")
        sinks = [LogSink()]
    if metrics:
        sinks.append(MetricsSink(metrics))
    return Fanout(*sinks)


def _bars(*, progress: bool | None) -> bool:
    return sys.stderr.isatty() if progress is None else progress


def _tell(report: Report, *, problems: bool) -> None:
    """Sum up a run for a person. `problems`: name the files that need one; without progress bars the log has done so."""
    for given in report.files if problems else ():
        if given.verdict in {"rejected", "waiting", "held", "withdrawn"} and (given.event, given.path) in report.news:
            tell(f"  {given.verdict:<10} {given.event}/{given.path}: {given.reason}")
    for event in report.events:
        others = any(isinstance(failure.error, EventOwned) for failure in event.failures)
        nothing = "published by another workspace" if others else "nothing to show"
        counts = ", ".join(plural(n, kind) for kind, n in event.counts.items() if n) or nothing
        alt = f"; {event.missing_alt} without a full description" if event.missing_alt else ""
        tell(f"{event.slug}: {counts}{alt}")
        if event.manifest:
            tell(f"  {event.manifest}")
        if event.doubtful:
            which = f"{plural(event.doubtful, 'description')} to look at again"
            tell(f"  {which}: mediaarchive texts lint {event.slug}")
    for notice in report.notices if problems else ():
        tell(notice, err=True)
    if problems and (standing := report.as_before()):
        tell(standing)
    told = ", ".join(f"{n} {outcome}" for outcome, n in report.counts().items()) or "nothing in the inbox"
    jobs = report.jobs
    made = f"{plural(jobs['done'], 'job')} done" if jobs["planned"] else "nothing had to be made"
    tell(f"Files: {told}. Work: {made}{_failed(jobs['failed'])}.")


def _tell_failures(report: Report) -> None:
    """What the stores failed at: on stderr, where whoever keeps the JSON only looks for it, too."""
    for failure in report.failures:
        tell(f"mediaarchive: {failure.error.message}", err=True)
        if failure.error.hint:
            tell(f"  → {failure.error.hint}", err=True)


def _failed(count: int) -> str:
    return f", {count} failed" if count else ""
