"""`mediaarchive tombstones`: what is withdrawn, and how a web server answers 410 for it."""

from __future__ import annotations

from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.errors import UsageError

SERVERS = ("nginx", "apache", "caddy", "cloudfront")


@click.command()
@workspace_option
@click.option("--for", "server", type=click.Choice(SERVERS), help="Print the configuration for this server.")
@json_option
def tombstones(*, workspace: Path, server: str | None, as_json: bool) -> None:
    """List withdrawn items, or print what lets a server answer 410 Gone for their deleted files.

    The same configurations are in archive/maps/, and every run and every takedown writes them again.

    \b
    Example:
      mediaarchive tombstones
      mediaarchive tombstones --for nginx
    """
    from mediaarchive.pipeline.deciding.mapping import map_of, withdrawn, write_maps  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    if server and as_json:
        raise UsageError("--for prints a configuration, --json a list: choose one of the two")
    with open_beside(workspace) as shop:
        items = withdrawn(shop)
        write_maps(shop)
        text = map_of(shop, server, items) if server else ""
    if server:
        click.echo(text, nl=False)
    elif as_json:
        emit({"schema": "tombstones/1", "items": items})
    else:
        tell(f"{plural(len(items), 'address')} withdrawn." if len(items) == 1 else f"{len(items)} withdrawn.")
        for item in items:
            tell(item)
