"""`mediaarchive init`: a workspace with a commented mediaarchive.toml."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, tell


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--salt", help="64 hex digits that ids are derived with; for a second workspace with the same ids.")
@json_option
def init(folder: Path, salt: str | None, *, as_json: bool) -> None:
    """Make a workspace in FOLDER (default: here).

    \b
    Example:
      mediaarchive init /srv/archive
    """
    from mediaarchive.config.document import starter  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.workspace import create  # noqa: PLC0415 - keeps `--help` quick

    made = create(folder, starter(), datetime.now(UTC), salt)
    if as_json:
        emit({"workspace": str(made.root)})
        return
    tell(f"A workspace is in {made.root}.")
    tell("Put each event's photos into a folder of its inbox/, then: mediaarchive run")
