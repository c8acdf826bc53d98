"""`mediaarchive serve`: the published site on this machine, at the same addresses."""

from __future__ import annotations

from pathlib import Path

import click

from mediaarchive.cli.common import tell, workspace_option
from mediaarchive.errors import UsageError


@click.command()
@workspace_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
def serve(workspace: Path, host: str, port: int) -> None:
    """Show the published site in a browser, as a web server would.

    \b
    Example:
      mediaarchive serve --port 8080
    """
    from mediaarchive.pipeline.opening import look_into  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.site.server import make_server  # noqa: PLC0415 - keeps `--help` quick

    with look_into(workspace) as opened:
        folders = [entry.url for entry in opened.loaded.settings.store if "://" not in entry.url]
        root = opened.workspace.root
    if not folders:
        raise UsageError("no [[store]] of this workspace is a folder", hint="a bucket is served by its own endpoint")
    try:
        server = make_server(root / folders[0], host, port)
    except OSError as error:
        raise UsageError(
            f"{host}:{port} can't be listened on: {error.strerror}", hint="choose another --port"
        ) from error
    tell(f"http://{host}:{server.server_address[1]}/  (Ctrl-C ends it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        tell("")
    finally:
        server.server_close()
