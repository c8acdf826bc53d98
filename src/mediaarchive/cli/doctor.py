"""`mediaarchive doctor`: what works here and what doesn't, by doing it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, tell, workspace_option
from mediaarchive.errors import EXIT_DONE, Refused, UsageError

_SIGNS = {"ok": "ok", "warning": "warning", "bad": "BAD"}


@click.command()
@workspace_option
@click.option("--store", "only", metavar="NAME", help="This store only, and nothing of the machine.")
@json_option
def doctor(*, workspace: Path, only: str | None, as_json: bool) -> None:
    """Really decode, encode, write and read: what works on this machine and in its stores, and what to do where it doesn't.

    A store is written, read and emptied again (`assets/doctor.txt`), then visited without credentials: what is published must
    be readable, and nobody may list or write. Of the mirror (`--store mirror`), nobody without credentials may read anything.
    Where [texts.engine] names somebody who drafts texts, a drawn picture is sent there, and the answer shown.

    Exit status: 0 all is well, or there are warnings only; 4 something is bad.

    \b
    Example:
      mediaarchive doctor
      mediaarchive doctor --store bucket
    """
    from mediaarchive.config import load_settings  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.config.settings import MIRROR  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.checking.check import summary  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.checking.drafter import check_drafter  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.checking.machine import check_machine, check_workspace  # noqa: PLC0415 - the same
    from mediaarchive.pipeline.checking.places import check_mirror, check_store  # noqa: PLC0415 - the same
    from mediaarchive.pipeline.workspace import Workspace  # noqa: PLC0415 - the same
    from mediaarchive.stores import open_store  # noqa: PLC0415 - the same

    here = Workspace.at(workspace)
    settings = load_settings(here.config, os.environ).settings
    chosen = [entry for entry in settings.store if only in {None, entry.name}]
    mirror = settings.originals.store() if only in {None, MIRROR} else None
    if not chosen and not mirror:
        names = ", ".join(entry.name for entry in settings.store)
        raise UsageError(f'there is no store "{only}"', hint=f"mediaarchive.toml names {names}")
    checks = [] if only else [*check_machine(), *check_workspace(here, settings)]
    for entry in chosen:
        checks += check_store(entry, open_store(entry, here.root))
    if mirror:
        checks += check_mirror(mirror, open_store(mirror, here.root))
    if not only:
        checks += check_drafter(settings.texts.engine, os.environ, settings.texts.languages[0])
    value = summary(checks)
    if as_json:
        emit(value)
    else:
        width = max(len(f"{check.where} {check.what}") for check in checks)
        for check in checks:
            tell(f"{_SIGNS[check.state]:<8} {f'{check.where} {check.what}':<{width}}  {check.text}")
            if check.todo and check.state != "ok":
                tell(f"{'':<8} {'':<{width}}  → {check.todo}")
    sys.exit(EXIT_DONE if value["ok"] else Refused.exit_status)
