"""`mediaarchive gc`: remove files that no release names any more."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, plural, size, tell, workspace_option
from mediaarchive.errors import EXIT_DONE, MediaArchiveError


@click.command()
@workspace_option
@click.option("--yes", is_flag=True, help="Remove them; without it, only say which.")
@click.option("--grace", type=click.FloatRange(0), metavar="DAYS", help="Days without use; default: [gc] grace.")
@json_option
def gc(*, workspace: Path, yes: bool, grace: float | None, as_json: bool) -> None:
    """Find files in the stores that no kept release names, and remove them after a time of grace.

    The first time a file is seen without use is noted, also without --yes; once that is longer ago than the grace, it may
    go. Kept releases: all, unless [gc] releases says for how many days. Originals, pages, stable addresses, envelopes and
    whatever isn't ours are never touched.

    \b
    Example:
      mediaarchive gc
      mediaarchive gc --yes
    """
    from mediaarchive.events import Fanout  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.keeping.collecting import Collected, collect  # noqa: PLC0415 - the same
    from mediaarchive.pipeline.opening import open_shop  # noqa: PLC0415 - the same

    found: list[Collected] = []
    failed: list[tuple[str, MediaArchiveError]] = []
    with open_shop(workspace, Fanout(), {"engine": {"kind": "inline"}}) as shop:
        days = shop.settings.gc.grace if grace is None else grace
        for store in shop.stores:
            try:
                found.append(collect(shop, store, grace=days, remove=yes))
            except MediaArchiveError as error:
                failed.append((store.name, error))
    if as_json:
        emit(
            {
                "schema": "gc/1",
                "grace": days,
                "stores": [
                    {
                        "name": one.store,
                        "kept": one.kept,
                        "unused": dict(one.doomed),
                        "removed": list(one.removed),
                        "waiting": dict(one.waiting),
                    }
                    for one in found
                ],
                "problems": [{"store": name, "code": e.code, "reason": e.message} for name, e in failed],
            }
        )
    else:
        for one in found:
            _tell(one.store, one.doomed, len(one.removed), len(one.waiting), done=yes)
        for _, trouble in failed:
            tell(f"mediaarchive: {trouble.message}" + (f"\n  → {trouble.hint}" if trouble.hint else ""), err=True)
    sys.exit(max((trouble.exit_status for _, trouble in failed), default=EXIT_DONE))


def _tell(store: str, doomed: Mapping[str, int], removed: int, waiting: int, *, done: bool) -> None:
    if not done:
        for key in doomed:
            tell(f"  {key}")
    what = f"{plural(removed if done else len(doomed), 'unused file')} ({size(sum(doomed.values()))})"
    rest = f"; {plural(waiting, 'more')} within the time of grace".replace("mores", "more") if waiting else ""
    tell(f"{store}: {what} {'removed' if done else 'may be removed: gc --yes'}{rest}.")
