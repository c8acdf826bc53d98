"""The `mediaarchive` command: its verbs, and how errors become sentences and exit statuses."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import click

from mediaarchive import __version__
from mediaarchive.cli import (
    adopt,
    config,
    decisions,
    dedupe,
    doctor,
    embed,
    event,
    export,
    gc,
    init,
    plan,
    rebuild,
    releases,
    run,
    serve,
    status,
    takedown,
    texts,
    tombstones,
    verify,
    watch,
    why,
)
from mediaarchive.cli.common import tell, workspace_option
from mediaarchive.errors import EXIT_INTERRUPTED, EXIT_TERMINATED, MediaArchiveError, UsageError
from mediaarchive.stores.retrying import STOPPING


class Group(click.Group):
    """Shows every expected error as one sentence and a hint, with its own exit status; with `--json`, as one JSON object."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the verb; never show a traceback for what was foreseen."""
        try:
            return super().invoke(ctx)
        except MediaArchiveError as error:
            _tell_json(error.code, error.message, error.hint)
            tell(f"mediaarchive: {error.message}", err=True)
            if error.hint:
                tell(f"  → {error.hint}", err=True)
            ctx.exit(error.exit_status)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # a bug: its traceback is for whoever mends it
            _tell_json(MediaArchiveError.code, f"{type(error).__name__}: {error}", "report it with the traceback")
            raise


def _tell_json(code: str, message: str, hint: str | None) -> None:
    """What went wrong, for programs that asked for JSON."""
    if "--json" in sys.argv:
        click.echo(json.dumps({"error": {"code": code, "message": message, "hint": hint}}))


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mediaarchive")
@workspace_option
@click.pass_context
def cli(context: click.Context, workspace: Path | None) -> None:
    """From a photographer's folder to a published, described gallery whose URLs last.

    \b
    Start:
      mediaarchive init /srv/archive
      cp -r photos /srv/archive/inbox/my-event
      mediaarchive -C /srv/archive run
    """
    context.obj = workspace


VERBS: tuple[click.Command, ...] = (
    *(
        init.init,
        run.run,
        watch.watch,
        plan.plan,
        status.status,
        why.why,
        serve.serve,
        texts.texts,
        embed.embed,
        config.config,
    ),
    *(
        takedown.takedown,
        decisions.restore,
        decisions.hide,
        decisions.unhide,
        decisions.approve,
        decisions.move,
        decisions.expire,
        event.event,
        tombstones.tombstones,
        adopt.adopt,
        verify.verify,
        rebuild.rebuild,
        doctor.doctor,
        gc.gc,
        export.export,
        releases.log,
        releases.diff,
        releases.rollback,
        dedupe.dedupe,
    ),
)
for verb in VERBS:
    cli.add_command(verb)


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    STOPPING.set()
    raise SystemExit(EXIT_TERMINATED)


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    STOPPING.set()
    raise KeyboardInterrupt


def _tell_stopped(status: int) -> None:
    """Say that somebody ended this process, and exit with the status that shells know for it."""
    _tell_json("interrupted", "it was stopped before its end", "the next run goes on")
    tell("mediaarchive: interrupted; nothing is lost, the next run goes on", err=True)
    sys.exit(status)


def main() -> None:
    """The console script."""
    signal.signal(signal.SIGTERM, _terminated)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a job in the background ignores it
        signal.signal(signal.SIGINT, _interrupted)
    try:
        status = cli.main(standalone_mode=False)  # click returns the status that a verb exited with
    except click.ClickException as error:
        _tell_json(UsageError.code, error.format_message(), None)
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _tell_stopped(EXIT_INTERRUPTED)
    except SystemExit as ended:
        if ended.code == EXIT_TERMINATED:
            _tell_stopped(EXIT_TERMINATED)
        raise
    sys.exit(status)
