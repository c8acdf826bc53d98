"""`mediaarchive watch`: a run whenever the inbox has settled, for machines without a timer."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediaarchive.cli.common import emit, json_option, workspace_option
from mediaarchive.errors import MediaArchiveError
from mediaarchive.events import LOGGER, log_to_stderr

if TYPE_CHECKING:
    from mediaarchive.pipeline.watching import Snapshot

_SHARE = 10  # a look at the inbox may take a tenth of the time
_PARTING = 300.0  # seconds that a run has to stop: it ends what it sends


@click.command()
@workspace_option
@click.option("--poll", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds between two looks.")
@click.option(
    "--at-least", type=click.FloatRange(0.1), default=15.0, show_default=True, help="Minutes between two runs at most."
)
@click.option("--metrics", type=click.Path(dir_okay=False, path_type=Path), help="As of `run`: a Prometheus textfile.")
@json_option
def watch(*, workspace: Path, poll: float, at_least: float, metrics: Path | None, as_json: bool) -> None:
    """Run whenever something new lies in the inbox and nothing has changed there for `[ingest] settle` seconds.

    For Docker and desktops; where there is systemd or cron, a timer is the better choice (config/systemd, config/cron). It looks
    from time to time, so network mounts are fine, and starts `mediaarchive run`, at once and then at least every 15 minutes: for
    what comes due by a date, and to try again what failed. SIGTERM and Ctrl-C end it, and a run that is on: nothing is lost.

    Exit status: 0 it was ended; 2 and 10 settings or workspace are wrong. How a run ended is in its log, and in --metrics.

    \b
    Example:
      mediaarchive watch
      mediaarchive -C /srv/archive watch --poll 60
    """
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.watching import Watch  # noqa: PLC0415 - keeps `--help` quick

    log_to_stderr("text")
    with look_into(workspace) as opened:
        ingest = opened.loaded.settings.ingest
        inbox = opened.workspace.root / ingest.inbox
    command = [sys.executable, "-m", "mediaarchive", "-C", str(workspace), "run", "--no-progress"]
    command += ["--metrics", str(metrics)] if metrics else []
    watching, runs, log = Watch(ingest.settle, at_least * 60), 0, logging.getLogger(LOGGER)
    log.info("Watching %s; a run whenever it has settled, and at least every %g minutes.", inbox, at_least)
    try:
        for seen in _looks(inbox, poll, log):
            if watching.due(seen, time.monotonic()):
                status = _run(command, quiet=as_json)
                watching.ran(seen, time.monotonic(), status)
                runs += 1
    except (KeyboardInterrupt, SystemExit):
        log.info("Watching ended: it was stopped.")
    if as_json:
        emit({"schema": "watch/1", "runs": runs})
    sys.exit(0)


def _looks(inbox: Path, poll: float, log: logging.Logger) -> Iterator[Snapshot]:
    """What lies in the inbox, again and again."""
    from mediaarchive.pipeline.watching import snapshot  # noqa: PLC0415 - keeps `--help` quick

    told = ""
    while True:
        started = time.monotonic()
        seen = None
        try:
            seen = snapshot(inbox)
            told = ""
        except MediaArchiveError as error:  # a share that isn't mounted comes back
            if error.message != told:
                log.warning("%s; waiting for it.", error.message)
            told = error.message
        took = time.monotonic() - started
        if seen is not None:
            yield seen
        time.sleep(max(poll, _SHARE * took))


def _run(command: list[str], *, quiet: bool) -> int:
    """One run, in a process of its own: what it used goes with it. Its exit status; if we are stopped, it is stopped first."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL if quiet else None) as process:
        try:
            return process.wait()
        except (KeyboardInterrupt, SystemExit):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_PARTING)
            raise
        finally:
            process.kill()
