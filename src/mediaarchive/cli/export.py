"""`mediaarchive export`: originals out of the archive again, one item's or a whole event's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediaarchive.cli.common import emit, json_option, plural, size, tell, workspace_option
from mediaarchive.errors import UsageError

if TYPE_CHECKING:
    from mediaarchive.model import Asset
    from mediaarchive.pipeline.shop import Shop


@click.command()
@workspace_option
@click.argument("subject")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--bagit", is_flag=True, help="An event as a BagIt bag (RFC 8493), with digests of everything.")
@click.option("--withdrawn", is_flag=True, help="Also what was withdrawn.")
@json_option
def export(*, workspace: Path, subject: str, folder: Path, bagit: bool, withdrawn: bool, as_json: bool) -> None:
    """Copy the originals of SUBJECT, an event or an item (id, address, path in the inbox), into FOLDER.

    They have the names they came with, and every copy is compared with what came in. An event's folder could be dropped
    into an inbox as it is. An item comes with its texts, as a sheet.

    \b
    Example:
      mediaarchive export my-event /mnt/deposit/my-event --bagit
      mediaarchive export p-le2a63hwyh4yd .
    """
    from mediaarchive.pipeline.deciding.ruling import current_name  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.keeping import exporting  # noqa: PLC0415 - the same
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - the same

    with open_beside(workspace) as shop:
        slug = current_name(shop, subject)
        event = next((event for event in shop.catalog.events() if event.slug == slug), None)
        if event:
            done = exporting.export_event(shop, event, folder, bag=bagit, withdrawn=withdrawn)
        elif bagit:
            raise UsageError(f'"{subject}" is no event: a bag holds an event', hint="leave --bagit out for an item")
        else:
            asset = _item(shop, subject)
            if exporting.is_withdrawn(shop, asset) and not withdrawn:
                raise UsageError(f"{asset.id} was withdrawn", hint="--withdrawn exports it all the same")
            done = exporting.export_item(shop, asset, folder)
    if as_json:
        emit({"schema": "export/1", "folder": str(folder), "files": [file.value() for file in done]})
        return
    tell(f"{plural(len(done), 'file')} ({size(sum(file.bytes for file in done))}) in {folder}.")


def _item(shop: Shop, subject: str) -> Asset:
    from mediaarchive.pipeline.deciding.takedown import resolve  # noqa: PLC0415 - keeps `--help` quick

    try:
        return resolve(shop, subject)
    except UsageError as error:
        known = ", ".join(event.slug for event in shop.catalog.events()) or "none yet"
        raise UsageError(f"{error.message}, nor an event", hint=f"{error.hint}; events: {known}") from error
