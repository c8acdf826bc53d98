"""`mediaarchive embed`: the code that shows an item or an event on somebody else's page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediaarchive.cli.common import emit, json_option, workspace_option

if TYPE_CHECKING:
    from mediaarchive.pipeline.answering.embedding import Target

_TARGETS = ("html", "wordpress", "drupal")


@click.command()
@click.argument("subject")
@workspace_option
@click.option("--for", "target", type=click.Choice(_TARGETS), default="html", help="What the page is made with.")
@click.option(
    "--lang", metavar="LANG", help="Language of the texts and of the pages it leads to; default: the event's first."
)
@click.option("--every", is_flag=True, help="Of an event: all its items, in the gallery's order, instead of its cover.")
@json_option
def embed(*, subject: str, workspace: Path, target: Target, lang: str | None, every: bool, as_json: bool) -> None:
    """Print HTML that shows SUBJECT on another site: an event, an item's id, or a file's path in the inbox.

    A picture with its alternative text, caption and credit, at an address that lasts; after a takedown the notice stands
    there. WordPress keeps it. Drupal's text format "Basic HTML" takes pictures of other sites away, and shows "image removed":
    for it there is a link. A format without the filter "Restrict images to this site" keeps what is made for html.

    \b
    Example:
      mediaarchive embed commons-week-2025
      mediaarchive embed p-le2a63hwyh4yd --for drupal --lang fr
    """
    from mediaarchive.pipeline.answering.embedding import code  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        html = code(shop, subject, target, lang, every=every)
    if as_json:
        emit({"schema": "embed/1", "subject": subject, "for": target, "html": html})
    else:
        click.echo(html)
