"""`mediaarchive rebuild`: catalog, originals and site again, from the mirror and the stores."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.errors import EXIT_DONE


@click.command()
@workspace_option
@click.option("--from", "source", metavar="MIRROR", help="A folder or s3://bucket/prefix; default: [originals] mirror.")
@click.option("--accept-loss", is_flag=True, help="Go on although some originals, or the journal's end, are nowhere.")
@json_option
def rebuild(*, workspace: Path, source: str | None, accept_loss: bool, as_json: bool) -> None:
    """Make the archive again after a disk was lost: a folder with nothing but mediaarchive.toml is enough.

    The journal and the originals that are missing come from the mirror. The catalog is made again from them, and takes up
    the renditions that survive in the stores; only what is nowhere is rendered again. While its files survive, the
    manifest is the same, byte for byte. If it is interrupted, start it again; until it ends, runs are refused.

    \b
    Example:
      mediaarchive rebuild
      mediaarchive rebuild --from s3://our-backup/archive
    """
    from mediaarchive.events import Fanout, LogSink, log_to_stderr  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.keeping import rebuilding  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_shop  # noqa: PLC0415 - keeps `--help` quick

    log_to_stderr("text")
    given = {"originals": {"mirror": source}} if source else None
    prepare = partial(rebuilding.prepare, named=source or "")
    with open_shop(workspace, Fanout(LogSink()), given, prepare=prepare) as shop:
        done = rebuilding.rebuild(shop, shop.mirror, accept_loss=accept_loss)
    if as_json:
        emit(
            {
                "schema": "rebuild/1",
                "fetched": done.fetched,
                "lost": list(done.lost),
                "made": done.made,
                "events": [{"slug": e.slug, "manifest": e.manifest, "changed": e.changed} for e in done.events],
                "problems": [
                    {"store": f.store, "event": f.event, "code": f.error.code, "reason": f.error.message}
                    for f in done.failures
                ],
            }
        )
    else:
        for failure in done.failures:
            hint = f"\n  → {failure.error.hint}" if failure.error.hint else ""
            tell(f"mediaarchive: {failure.error.message}{hint}", err=True)
        tell(
            f"{plural(done.fetched, 'original')} fetched, {plural(done.made, 'item')} rendered again, "
            f"{plural(sum(event.changed for event in done.events), 'event')} written."
        )
        if done.lost:
            tell(f"Lost: {plural(len(done.lost), 'original')}. Drop the same files again, and they come back.")
    sys.exit(max((failure.error.exit_status for failure in done.failures), default=EXIT_DONE))
