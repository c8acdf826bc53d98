"""`mediaarchive log`, `diff`, `rollback`: an event's releases, what changed between two, and back to an earlier one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.errors import Busy, UsageError

if TYPE_CHECKING:
    from mediaarchive.pipeline.shop import Shop
    from mediaarchive.ports import Store

store_option = click.option("--store", "name", metavar="NAME", help="Which store's releases; default: the first.")


def _store(shop: Shop, slug: str, name: str | None) -> Store:
    from mediaarchive.pipeline.deciding.recording import event_named  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.stores import hasty  # noqa: PLC0415 - the same

    event_named(shop, slug)  # one by its former name has releases of its own
    found = next((store for store in shop.stores if name in {None, store.name}), None)
    if found is None:
        raise UsageError(f'there is no store "{name}"', hint=f"known: {', '.join(s.name for s in shop.stores)}")
    return hasty(found)  # somebody waits


@click.command()
@workspace_option
@click.argument("event")
@store_option
@json_option
def log(*, workspace: Path, event: str, name: str | None, as_json: bool) -> None:
    """List an event's releases: their numbers, when they were published, and what they had.

    \b
    Example:
      mediaarchive log my-event
    """
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.publishing import history  # noqa: PLC0415 - the same

    with open_beside(workspace) as shop:
        entries = history.log(shop.workspace.archive, _store(shop, event, name), event)
    if as_json:
        emit({"schema": "log/1", "event": event, "releases": [entry.value() for entry in entries]})
        return
    for entry in entries:
        counts = ", ".join(plural(n, kind) for kind, n in (entry.counts or {}).items() if n) or "nothing"
        counts = "its body was removed" if entry.counts is None else counts
        tell(f"{'*' if entry.current else ' '} {entry.number:>4}  {entry.at}  {counts}")


@click.command()
@workspace_option
@click.argument("event")
@click.argument("first", metavar="N", type=click.IntRange(1))
@click.argument("second", metavar="[M]", type=click.IntRange(1), required=False)
@store_option
@json_option
def diff(*, workspace: Path, event: str, first: int, second: int | None, name: str | None, as_json: bool) -> None:
    """Say what changed from release N to release M of an event; without M, to what is published now.

    \b
    Example:
      mediaarchive diff my-event 3 4
    """
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.publishing import history  # noqa: PLC0415 - the same

    with open_beside(workspace) as shop:
        store, archive = _store(shop, event, name), shop.workspace.archive
        _, old = history.numbered(archive, store, event, first)
        _, new = history.numbered(archive, store, event, second)
        pages = {item.id: store.url(item.page) for one in (old, new) for item in one.items}
    found = history.difference(old, new)
    if as_json:
        emit(found.value() | {"event_slug": event, "from": first, "to": second})
        return
    for word, items in (
        ("added", found.added),
        ("removed", found.removed),
        ("withdrawn", found.withdrawn),
        ("restored", found.restored),
    ):
        for item in items:
            tell(f"{word}: {pages[item]}")
    for item, fields in found.changed.items():
        tell(f"changed: {pages[item]}")
        _tell(fields)
    if found.event:
        tell(f"changed: {event} itself")
        _tell(found.event)
    if found.moved:
        tell("The order changed.")
    if not any((found.added, found.removed, found.withdrawn, found.restored, found.changed, found.event, found.moved)):
        tell("Nothing changed.")


def _tell(fields: Any) -> None:  # noqa: ANN401 - a mapping of pairs
    for name, (was, now) in fields.items():
        tell(f"  {name}: {_short(was)} → {_short(now)}")


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 100 else f"{text[:97]}…"


@click.command()
@workspace_option
@click.argument("event")
@click.argument("number", metavar="[N]", type=click.IntRange(1), required=False)
@click.option("--end", is_flag=True, help="Go on with the present state.")
@click.option("--by", default="", help="Who decides, for the journal.")
@store_option
@json_option
def rollback(
    *, workspace: Path, event: str, number: int | None, end: bool, by: str, name: str | None, as_json: bool
) -> None:
    """Show an event as it was in release N, and keep it so: later runs take files in, but nothing of them shows.

    It becomes a new release; nothing is lost. Withdrawals made since are never undone, nor are hidden items shown again.
    `--end` goes on with the present state. Of a renamed event, releases from before have the former name: `log OLD-NAME`.

    \b
    Example:
      mediaarchive log my-event
      mediaarchive rollback my-event 3
      mediaarchive rollback my-event --end
    """
    from mediaarchive.pipeline.deciding import recording  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.takedown import decide  # noqa: PLC0415 - the same
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - the same
    from mediaarchive.pipeline.publishing import history, pinning  # noqa: PLC0415 - the same
    from mediaarchive.stores import hasty  # noqa: PLC0415 - the same

    if (number is None) is not end:
        raise UsageError("give the number of a release, or --end", hint=f"`mediaarchive log {event}` lists them")
    with open_beside(workspace) as shop:
        store = _store(shop, event, name)
        params: dict[str, Any] = {"release": None, "manifest": None}
        if number is not None:
            digest, manifest = history.numbered(shop.workspace.archive, store, event, number)
            shop.stores = tuple(map(hasty, shop.stores))
            pinning.check(shop, manifest)
            params = {"release": number, "manifest": digest}
        decide(shop, pinning.KIND, [event], by, params)
        present = recording.event_named(shop, event).slug
    try:
        applied, waits = recording.apply(workspace, [present]), False
    except Busy:
        applied, waits = recording.Applied(), True
    if as_json:
        value = {"schema": "rollback/1", "event": event, "release": number, "waits_for_run": waits}
        emit(value | {"finished": list(applied.finished)})
    else:
        what = f"shows release {number}" if number else "shows the present state"
        tell(f"{event} {what}{' as soon as the run that is on gets to it' if waits else ''}.")
        for sentence in applied.finished:
            tell(f"  {sentence}")
