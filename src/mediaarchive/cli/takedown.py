"""`mediaarchive takedown`: withdraw an item everywhere, with a receipt."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from mediaarchive.cli.common import emit, json_option, workspace_option
from mediaarchive.errors import StoreError

REASONS = ("consent-withdrawn", "rights-expired", "legal-request", "published-by-mistake", "quality", "unspecified")


@click.command()
@click.argument("subjects", nargs=-1, required=True, metavar="ITEM…")
@workspace_option
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Shown to visitors, in their language.")
@click.option("--note", default="", help="For the journal only.")
@click.option("--by", default="", help="Who decided; for the journal only.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it comes back by itself.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@json_option
def takedown(
    *,
    subjects: tuple[str, ...],
    workspace: Path,
    reason: str,
    note: str,
    by: str,
    until: datetime | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Withdraw items: each is an item's id, any published address of it, its path in the inbox, or a file with the same bytes.

    The decision is durable first; then the picture is replaced by a notice, every file of it is deleted, and each address is
    fetched as a visitor would. The receipt is in archive/receipts/. Nothing waits for a run that is on. The original stays
    in the archive: `mediaarchive restore` undoes it. Exit status 5: not complete; the next run, or this command again, goes on.

    \b
    Example:
      mediaarchive takedown p-le2a63hwyh4yd --reason consent-withdrawn
      mediaarchive takedown https://media.example.org/media/p-le2a63hwyh4yd/1280.jpg --reason legal-request
    """
    from mediaarchive.pipeline.deciding import takedown as job  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    params: dict[str, Any] = {"reason": reason, "note": note}
    if until:
        params["until"] = until.date().isoformat()
    receipts = []
    with open_beside(workspace) as shop:
        assets = {asset.id: asset for asset in (job.resolve(shop, subject) for subject in subjects)}
        near = {item: job.neighbours(shop, asset) for item, asset in assets.items()}
        if dry_run:
            _tell_plan(shop.catalog.events_of(assets), near, as_json=as_json)
            return
        decided = shop.stamp()
        job.decide(shop, "takedown", list(assets), by, params)
        for asset in assets.values():
            stone = job.tombstone_of(shop, asset, reason)
            checked = job.carry_out(shop, stone)
            value = job.receipt(stone, decided, shop.stamp(), checked)
            receipts.append(value | {"file": str(_keep(shop.workspace.archive, value))})
    if as_json:
        emit({"schema": "takedowns/1", "receipts": receipts, "neighbours": near})
    else:
        _tell(receipts, near)
    if not all(value["complete"] for value in receipts if value["addresses"]):
        sys.exit(StoreError.exit_status)


def _keep(archive: Path, value: dict[str, Any]) -> Path:
    from mediaarchive.site.receipt import receipt_page  # noqa: PLC0415 - keeps `--help` quick

    folder = archive / "receipts"
    folder.mkdir(exist_ok=True)
    stem = f"{value['done'][:19].replace(':', '')}-{value['item']}"
    (folder / f"{stem}.json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    page = folder / f"{stem}.html"
    page.write_bytes(receipt_page(value))
    return page


def _tell_plan(events: dict[str, list[str]], near: dict[str, list[str]], *, as_json: bool) -> None:
    if as_json:
        emit(
            {
                "schema": "takedown-plan/1",
                "items": [{"item": i, "events": e} for i, e in events.items()],
                "neighbours": near,
            }
        )
        return
    for item in near:
        click.echo(
            f"{item} would be withdrawn from {', '.join(events.get(item, [])) or 'no event: it is not published'}"
        )
    _offer(near)


def _tell(receipts: list[dict[str, Any]], near: dict[str, list[str]]) -> None:
    for value in receipts:
        state = "is gone" if value["complete"] else "IS NOT GONE EVERYWHERE YET"
        click.echo(f"{value['item']} {state}; addresses looked at: {len(value['addresses'])}.")
        for one in value["addresses"]:
            if not one["ok"]:
                click.echo(f"  still there: {one['url']} ({one['status']})")
        click.echo(f"  receipt: {value['file']}")
    _offer(near)


def _offer(near: dict[str, list[str]]) -> None:
    for item, pages in near.items():
        for page in pages:
            click.echo(f"  taken within seconds of {item}, and still published: {page}")
