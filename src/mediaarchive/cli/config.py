"""`mediaarchive config show`: every setting, its value and who set it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, tell, workspace_option


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command()
@workspace_option
@json_option
def show(workspace: Path, *, as_json: bool) -> None:
    """Show every setting, its value and who set it: a default, a file, or an environment variable.

    \b
    Example:
      mediaarchive config show
    """
    from mediaarchive.config import load_settings  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.workspace import Workspace  # noqa: PLC0415 - keeps `--help` quick

    loaded = load_settings(Workspace.at(workspace).config, os.environ)
    rows = list(loaded.rows())
    if as_json:
        emit({name: {"value": value, "source": source} for name, value, source in rows})
        return
    width = max(len(name) for name, _, _ in rows)
    for name, value, source in rows:
        tell(f"{name:<{width}}  {value!r}  ({source})")
