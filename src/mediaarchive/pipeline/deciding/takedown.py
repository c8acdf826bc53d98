"""Takedown: a withdrawal that doesn't wait for a run, proved address by address.

decision (durable) → release → pointer → notices → delete → fetch every address → receipt

It works on what is published, not on what a run would make of the archive: the pointer's own manifest, with a tombstone in
the item's place. So it takes seconds, needs no run lock, and works while a run is on: that run finds the decision before it
moves the pointer, or finds the pointer moved.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mediaarchive import layout
from mediaarchive.errors import StoreError, UsageError
from mediaarchive.manifest.model import Item, Manifest, Photo, Tombstone
from mediaarchive.model import Asset
from mediaarchive.pipeline.answering.asking import contents
from mediaarchive.pipeline.deciding.withdrawing import scrub
from mediaarchive.pipeline.publishing import releasing
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.publishing.publisher import Publisher, Stale
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store
from mediaarchive.site.pages import card
from mediaarchive.stages import publish
from mediaarchive.stages.describe import Moment

_ADDRESS = re.compile(r"media/([pvd]-[a-z2-7]{13})(?:/|$)")
_GONE = frozenset({403, 404, 410})
_NEIGHBOUR_SECONDS = 3.0
_TRIES = 10
_PATIENCE = 30.0  # seconds for one address


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """One address after a withdrawal: what it was (file, release, stable, page), what it answers, whether that is right."""

    store: str
    url: str
    was: str
    status: str
    ok: bool
    at: str

    def value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "store": self.store,
            "url": self.url,
            "was": self.was,
            "status": self.status,
            "ok": self.ok,
            "at": self.at,
        }


def resolve(shop: Shop, subject: str) -> Asset:
    """The item that a person means: by id, published address, path in the inbox, or a file that has the same bytes.

    Raises:
        UsageError: nothing, or more than one item, answers to it.
    """
    found = _ADDRESS.search(subject)
    if asset := shop.catalog.asset(found[1] if found else subject):
        return asset
    sha256s: set[str] = set()
    if (file := Path(subject)).is_file():
        with file.open("rb") as data:
            sha256s = {hashlib.file_digest(data, "sha256").hexdigest()}
    known = shop.catalog.items_of(sha256s) or shop.catalog.items_of(contents(shop.catalog, subject))
    items = sorted(set(known.values()))
    if len(items) != 1:
        several = f"may be {', '.join(items)}" if items else "is nothing that was published"
        raise UsageError(f'"{subject}" {several}', hint="give the item's id: it is in the address of its page")
    asset = shop.catalog.asset(items[0])
    assert asset is not None
    return asset


def decide(shop: Shop, kind: str, subjects: Sequence[str], by: str, params: dict[str, Any]) -> None:
    """Make a decision durable. It holds from now on, whatever happens next."""
    record = {"kind": "decision", "decision": kind, "subjects": list(subjects), "params": params, "by": by}
    shop.catalog.append([record | {"at": shop.stamp()}])


def tombstone_of(shop: Shop, asset: Asset, reason: str) -> Tombstone:
    """What will stand in the item's place from today."""
    gone = publish.Gone(
        item=asset.id, was=asset.kind, day=shop.today(), reason=reason, moment=Moment(), aliases=asset.aliases
    )
    return publish.tombstone(gone, shop.settings.workspace.contact)


def carry_out(shop: Shop, stone: Tombstone) -> list[Checked]:
    """Withdraw an item from every store and every event, and look at each of its addresses as a visitor would.

    Raises:
        StoreError: a store failed midway; the decision stands, and the next run or the same command finishes it.
    """
    checked = []
    for store in shop.stores:
        doomed: dict[str, str] = {}
        cards = Cards(shop=shop)
        for slug in shop.catalog.events_of([stone.id]).get(stone.id, []):
            _withdraw(shop, store, slug, stone, cards)
            doomed |= {key: ("release" if "/releases/" in key else "file") for key in scrub(shop, store, slug, stone)}
        for failure in list_events(shop, cards, {other.name for other in shop.stores if other is not store}):
            raise failure.error
        _purge(shop, [store.url(key) for key in (*doomed, *_standing(stone))])
        checked += [_look(shop, store, key, was) for key, was in sorted(doomed.items())]
        checked += _notices(shop, store, stone)
    return checked


def _withdraw(shop: Shop, store: Store, slug: str, stone: Tombstone, cards: Cards) -> None:
    """Let the pointer name a release with the tombstone, then write the pages and notices that follow from it."""
    publisher = Publisher(shop, store, slug)
    for _ in range(_TRIES):
        publisher.look([])
        if (found := store.get(layout.pointer_key(slug))) is None:
            return
        published = whole(store, Manifest.model_validate_json(found[0]))
        items = [stone if item.id == stone.id else item for item in published.items]
        counts = {kind: sum(item.type == kind for item in items) for kind in type(published.counts).model_fields}
        manifest = published.model_copy(update={"items": items, "counts": type(published.counts)(**counts)})
        edition = releasing.reissue(manifest, {stone.id: stone})
        try:
            publisher.release(edition.release, {}, lambda: True)
        except Stale:
            continue
        cards.known[slug] = card(manifest)
        slugs = shop.catalog.events_of([stone.id]).get(stone.id, [slug])
        listed = {stone.id: [known for name in slugs if (known := cards.get(name)) is not None]}
        shop.catalog.unmark_stored(store.name, [key for key, _ in _standing_keys(stone)])
        publisher.project(releasing.projections(edition, listed, releasing.notices(edition)))
        return
    raise StoreError(f"{store.url(layout.pointer_key(slug))} keeps moving", hint="run the same command again")


def whole(store: Store, first: Manifest) -> Manifest:
    """A manifest with the items of all its pages."""
    items: list[Item] = list(first.items)
    page = first
    while page.next:
        found = store.get(page.next)
        if found is None:
            raise StoreError(f"{store.url(page.next)} is missing: the release is not whole", hint="mediaarchive run")
        page = Manifest.model_validate_json(found[0])
        items += page.items
    return first.model_copy(update={"items": items, "next": None})


def _standing_keys(stone: Tombstone) -> Iterator[tuple[str, str]]:
    for name in (stone.id, *stone.aliases):
        for edge in layout.STABLE_EDGES:
            yield layout.stable_key(name, edge), "stable"
        yield layout.item_page(name), "page"


def _standing(stone: Tombstone) -> list[str]:
    return [key for key, _ in _standing_keys(stone)]


def _notices(shop: Shop, store: Store, stone: Tombstone) -> Iterator[Checked]:
    """The addresses that go on answering, with the notice."""
    text = next(iter(stone.text.values())).encode()
    for key, was in _standing_keys(stone):
        if store.stat(key) is None:
            continue
        expected = None if was == "page" else hashlib.sha256((store.get(key) or (b"", ""))[0]).hexdigest()
        status, body = _fetch(store.url(key))
        right = body is not None and (
            any(words.encode() in body for words in stone.text.values()) or text in body
            if was == "page"
            else hashlib.sha256(body).hexdigest() == expected
        )
        yield Checked(
            store=store.name, url=store.url(key), was=was, status=f"{status} notice", ok=right, at=shop.stamp()
        )


def _look(shop: Shop, store: Store, key: str, was: str) -> Checked:
    status, _ = _fetch(store.url(key))
    gone = status in _GONE and store.stat(key) is None
    return Checked(store=store.name, url=store.url(key), was=was, status=str(status), ok=gone, at=shop.stamp())


def _fetch(url: str) -> tuple[int, bytes | None]:
    """An address as an anonymous visitor sees it: its status, and the body if there is one. A local file counts as 200 or 404."""
    if url.startswith("file:"):
        path = Path(urllib.request.url2pathname(urllib.parse.urlsplit(url).path))
        return (200, path.read_bytes()) if path.is_file() else (404, None)
    request = urllib.request.Request(url, headers={"Cache-Control": "no-cache"})  # noqa: S310 - the store's own address
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - the same
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, None
    except OSError as error:
        raise StoreError(f"{url} can't be fetched to prove that it is gone: {error}", hint="try again") from error


def _purge(shop: Shop, urls: Sequence[str]) -> None:
    """Tell the operator's own program which addresses a CDN should forget."""
    command = shop.settings.takedown.purge
    if not command:
        return
    try:
        subprocess.run(command, input="\n".join(urls) + "\n", text=True, check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        raise StoreError(
            f"the purge command {command[0]} failed: {error}", hint="correct [takedown] purge, try again"
        ) from error


def neighbours(shop: Shop, asset: Asset) -> list[str]:
    """Pages of photographs taken within seconds of this one: frames of the same burst may show the same person."""
    found = []
    for slug in shop.catalog.events_of([asset.id]).get(asset.id, []):
        for store in shop.stores:
            if (pointer := store.get(layout.pointer_key(slug))) is None:
                continue
            photos = [i for i in whole(store, Manifest.model_validate_json(pointer[0])).items if isinstance(i, Photo)]
            mine = next((photo for photo in photos if photo.id == asset.id), None)
            near = (photo for photo in photos if mine and photo.id != asset.id and _near(mine, photo))
            found += [store.url(photo.page) for photo in near]
            break
    return list(dict.fromkeys(found))


def _near(one: Photo, other: Photo) -> bool:
    if not (one.taken and other.taken and one.taken_precision == other.taken_precision == "second"):
        return False
    apart = datetime.fromisoformat(one.taken) - datetime.fromisoformat(other.taken)
    return abs(apart.total_seconds()) <= _NEIGHBOUR_SECONDS


def receipt(stone: Tombstone, decided: str, done: str, checked: Sequence[Checked]) -> dict[str, Any]:
    """What was withdrawn, when, why, and what each address answered: to be sent to whoever asked. It names nobody."""
    return {
        "schema": "takedown/1",
        "item": stone.id,
        "was": stone.was,
        "reason": stone.reason,
        "decided": decided,
        "done": done,
        "complete": bool(checked) and all(one.ok for one in checked),
        "addresses": [one.value() for one in checked],
    }
