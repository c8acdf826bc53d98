"""`mediaarchive takedown`: withdraw an item everywhere, with a receipt."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.errors import EventOwned, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mediaarchive.model import Asset
    from mediaarchive.pipeline.shop import Shop
    from mediaarchive.ports import Store

REASONS = ("consent-withdrawn", "rights-expired", "legal-request", "published-by-mistake", "quality", "unspecified")
LANGUAGES = ("en", "es", "fr", "nl")


@click.command()
@click.argument("subjects", nargs=-1, required=True, metavar="ITEM…")
@workspace_option
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Shown to visitors, in their language.")
@click.option("--note", default="", help="For the journal only.")
@click.option("--by", default="", help="Who decided; for the journal only.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it comes back by itself.")
@click.option("--erase", is_flag=True, help="Destroy the originals, too, after a waiting time.")
@click.option(
    "--after", type=click.IntRange(0, 3650), metavar="DAYS", help="The waiting time; default: [takedown] erase_after."
)
@click.option("--with-neighbours", is_flag=True, help="Also what was taken within seconds: frames of the same burst.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="The receipt's language; default: the event's languages.")
@click.option("--dry-run", is_flag=True, help="Say which addresses would go, and remove nothing.")
@json_option
def takedown(
    *,
    subjects: tuple[str, ...],
    workspace: Path,
    reason: str,
    note: str,
    by: str,
    until: datetime | None,
    erase: bool,
    after: int | None,
    with_neighbours: bool,
    lang: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Withdraw items: each is an item's id, any published address of it, its path in the inbox, or a file with the same bytes.

    The decision is durable first; then the picture is replaced by a notice, every file of it is deleted, and each address is
    fetched as a visitor would. The receipt is in archive/receipts/. Nothing waits for a run that is on. The original stays
    in the archive, and `mediaarchive restore` undoes it; with --erase, until the originals are destroyed by a run on their
    day. Exit status 4: these credentials may not remove what is published, and nothing was decided; 5: not complete, the next
    run, or this command again, goes on.

    \b
    Example:
      mediaarchive takedown p-le2a63hwyh4yd --reason consent-withdrawn
      mediaarchive takedown https://media.example.org/media/p-le2a63hwyh4yd/1280.jpg --reason legal-request --erase
    """
    from mediaarchive.pipeline.deciding import takedown as job  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.erasing import in_inbox  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.permitting import must_remove  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.stores import hasty  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        said = _said(shop, reason=reason, note=note, until=until, erase=erase, after=after)
        assets = {asset.id: asset for asset in (job.resolve(shop, subject) for subject in subjects)}
        if dry_run:
            shop.stores = tuple(map(hasty, shop.stores))
            found, near = _neighbours(shop, assets, take=with_neighbours)
            _tell_plan(shop, assets | found, reason, (near, _look_alikes(shop, assets | found)), as_json=as_json)
            return
        silent = must_remove(shop, "takedown")
        job.decide_all(shop, [(kind, list(assets), params) for kind, params in said], by)
        for name, error in silent.items():
            tell(f"mediaarchive: the decision is made; the store {name} doesn't answer ({error})", err=True)
        shop.stores = _answering_first(shop, silent)
        more, near = _neighbours(shop, assets, take=with_neighbours)
        if more:
            job.decide_all(shop, [(kind, list(more), params) for kind, params in said], by)
            assets |= more
        alike = _look_alikes(shop, assets)
        carried = [job.carry_out(shop, asset, lang) for asset in assets.values()]
        left = in_inbox(shop, {m.sha256 for asset in assets.values() for m in asset.members}) if erase else []
    receipts = [
        {**one.value, "file": str(one.pages[0]), "files": [str(p) for p in (one.json, *one.pages)]}
        for one in (each.receipt for each in carried)
        if one
    ]
    failures = {name: error for one in carried for name, error in one.failures.items()}
    for name, failure in failures.items():
        if name not in silent:  # of those it was said before
            tell(f"mediaarchive: {failure}" + (f"\n  → {failure.hint}" if failure.hint else ""), err=True)
        then = "then the next run" if isinstance(failure, EventOwned) else "the next run"
        tell(f"  the decision stands; {then}, or this command again, finishes it in the store {name}", err=True)
    if as_json:
        broken = {name: str(error) for name, error in failures.items()}
        value = {"schema": "takedowns/1", "receipts": receipts, "failures": broken, "neighbours": near}
        emit(value | {"look_alikes": alike, "in_inbox": left})
    else:
        _tell(receipts, near, alike, reason)
        for path in left:
            tell(f"  still in the inbox, and not destroyed by this: delete {shlex.quote(path)} yourself")
    if failures or not all(value["complete"] for value in receipts if value["addresses"]):
        sys.exit(StoreError.exit_status)


def _answering_first(shop: Shop, silent: Collection[str]) -> tuple[Store, ...]:
    """The stores: what doesn't answer comes last, and is given up within seconds. The next run has more patience."""
    from mediaarchive.stores import hasty  # noqa: PLC0415 - keeps `--help` quick

    answering = [store for store in shop.stores if store.name not in silent]
    return (*answering, *(hasty(store) for store in shop.stores if store.name in silent))


def _neighbours(
    shop: Shop, assets: Mapping[str, Asset], *, take: bool
) -> tuple[dict[str, Asset], dict[str, list[str]]]:
    """What to `take` down, too, by id; and for each item the pages of what was taken within seconds and stays."""
    from mediaarchive.pipeline.deciding import takedown as job  # noqa: PLC0415 - keeps `--help` quick

    try:
        near = {item: job.neighbours(shop, asset) for item, asset in assets.items()}
    except StoreError as error:
        tell(f"mediaarchive: what was taken within seconds of it couldn't be looked for: {error}", err=True)
        return {}, {}
    at = {page: job.resolve(shop, page) for pages in near.values() for page in pages}
    if take:
        return {asset.id: asset for asset in at.values() if asset.id not in assets}, {item: [] for item in near}
    return {}, {item: [page for page in pages if at[page].id not in assets] for item, pages in near.items()}


def _said(
    shop: Shop, *, reason: str, note: str, until: datetime | None, erase: bool, after: int | None
) -> list[tuple[str, dict[str, Any]]]:
    """The decisions, with their parameters."""
    today = date.fromisoformat(shop.today())
    params: dict[str, Any] = {"reason": reason, "note": note}
    if until:
        if until.replace(tzinfo=UTC).date() <= today:
            raise UsageError(f"--until {until.date()} is not after today ({today})", hint="give the day of its return")
        params["until"] = until.date().isoformat()
    if until and erase:
        raise UsageError("--until brings the item back, --erase destroys it: choose one of the two")
    if after is not None and not erase:
        raise UsageError("--after says how long --erase waits", hint="add --erase, or leave --after out")
    said = [("takedown", params)]
    if erase:
        wait = shop.settings.takedown.erase_after if after is None else after
        said.append(("erase", {"due": (today + timedelta(days=wait)).isoformat()}))
    return said


def _look_alikes(shop: Shop, assets: Mapping[str, Asset]) -> dict[str, list[str]]:
    """For each item, pages of what looks like it, and isn't withdrawn with it."""
    from mediaarchive.pipeline.deciding import takedown as job  # noqa: PLC0415 - keeps `--help` quick

    found = {item: job.look_alikes(shop, asset) for item, asset in assets.items()}
    return {
        item: [page for page in pages if not any(f"/{one}/" in page for one in assets)] for item, pages in found.items()
    }


Pages = tuple[dict[str, list[str]], dict[str, list[str]]]


def _tell_plan(shop: Shop, assets: dict[str, Asset], reason: str, pages: Pages, *, as_json: bool) -> None:
    from mediaarchive.pipeline.deciding import takedown as job  # noqa: PLC0415 - keeps `--help` quick

    events = shop.catalog.events_of(assets)
    plans = {item: job.plan(shop, asset, reason) for item, asset in assets.items()}
    if as_json:
        items = [{"item": item, "events": events.get(item, []), "addresses": plans[item]} for item in assets]
        emit({"schema": "takedown-plan/1", "items": items, "neighbours": pages[0], "look_alikes": pages[1]})
        return
    for item, urls in plans.items():
        tell(f"{item} would be withdrawn from {', '.join(events.get(item, [])) or 'no event'}.")
        tell(f"{plural(len(urls), 'address') if len(urls) == 1 else f'{len(urls)} addresses'} would go:")
        for url in urls:
            tell(f"  {url}")
    _offer(*pages, reason)


def _tell(receipts: list[dict[str, Any]], near: dict[str, list[str]], alike: dict[str, list[str]], reason: str) -> None:
    for value in receipts:
        if not value["addresses"]:
            tell(f"{value['item']} is published nowhere now; it stays away.")
            continue
        state = "is gone" if value["complete"] else "IS NOT GONE EVERYWHERE YET"
        tell(f"{value['item']} {state}; addresses looked at: {len(value['addresses'])}.")
        for one in value["addresses"]:
            if not one["ok"]:
                tell(f"  {'still there' if one['status'][:1] == '2' else 'not right'}: {one['url']} ({one['status']})")
        if value["until"]:
            tell(f"  it comes back on {value['until']}")
        if value["erase"]:
            tell(f"  its originals are destroyed by the first run from {value['erase']} on; until then:")
            tell(f"  mediaarchive restore {value['item']}")
        tell(f"  receipt: {value['file']}")
    _offer(near, alike, reason)


def _offer(near: dict[str, list[str]], alike: dict[str, list[str]], reason: str) -> None:
    pages: dict[str, str] = {}
    for found, why in ((alike, "it looks like it"), (near, "taken within seconds of it")):
        for page in (page for listed in found.values() for page in listed):
            pages.setdefault(page, why)
    for page, why in pages.items():
        tell(f"  {why}, and still published: {page}")
    if pages:
        tell("Look at them. To withdraw them, too:")
        tell(f"  mediaarchive takedown {' '.join(shlex.quote(page) for page in pages)} --reason {reason}")
