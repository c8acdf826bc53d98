"""Proof of a withdrawal: a CDN is told, every address is fetched as a visitor would, and a receipt says what each answered."""

from __future__ import annotations

import hashlib
import html
import http.client
import itertools
import json
import re
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mediaarchive import layout
from mediaarchive.errors import MediaArchiveError, StoreError
from mediaarchive.pipeline.deciding import dockets
from mediaarchive.pipeline.deciding.dockets import Docket
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.deciding.withdrawing import showing
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.visitor import ask
from mediaarchive.ports import Store
from mediaarchive.site import wording
from mediaarchive.site.receipt import receipt_page

_GONE = frozenset({403, 404, 410})
_THREADS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """One address after a withdrawal: what it was (file, release, stable, page, list), what it answers, if that is right."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """A receipt as JSON values, and where it is kept: the JSON, and a page for each language, the first one first."""

    value: Mapping[str, Any]
    json: Path
    pages: tuple[Path, ...]


def settle_all(shop: Shop, broken: Sequence[str] = (), cases: Collection[str] | None = None) -> list[Failure]:
    """Prove every withdrawal that isn't proved yet (or these `cases`); what could not be. `broken`: stores that failed already.

    Nothing is proved while a store can't be used at all: what it still shows can't be seen. Erasures: `attesting`.
    """
    failures = []
    visitor = Visitor()
    for docket in dockets.opened(shop) if _all_there(shop) else ():
        if docket.destroyed or (cases is not None and docket.case not in cases):
            continue
        if not docket.keys.keys().isdisjoint(broken):
            continue
        try:
            receipt = settle(shop, docket, visitor)
            left = [one for one in receipt.value["addresses"] if not one["ok"]]
            if left:
                raise StoreError(
                    f"{docket.case} was withdrawn, but {left[0]['url']} doesn't answer as it should ({left[0]['status']})"
                    + (f", and {len(left) - 1} more" if left[1:] else ""),
                    hint="a cache may hold it: see [takedown] purge; every run looks again",
                )
        except MediaArchiveError as error:
            store = next(iter(docket.keys), shop.stores[0].name)
            failures.append(Failure(store=store, event=next(iter(docket.events), ""), error=error))
    return failures


def settle(shop: Shop, docket: Docket, visitor: Visitor | None = None) -> Receipt:
    """Purge, look at every address, and write the receipt. A docket whose proof is complete, in every store, is closed.

    `visitor`: whoever looks at several dockets, so that a host that doesn't answer is waited for once.

    Raises:
        StoreError: an address can't be fetched, or the purge program failed: the docket stays open.
    """
    checked: list[Checked] = []
    visitor = visitor or Visitor()
    for store in shop.stores:
        there = [stat.key for name in docket.names() for stat in store.list(f"media/{name}/")]
        # A file that is there although nobody wrote down that it goes is an address that still answers.
        gone = {**{key: "file" for key in there if layout.write_once(key)}, **docket.keys.get(store.name, {})}
        standing = {key: _standing(key) for key in there if not layout.write_once(key)}
        if not gone and not standing:
            continue
        store.prune("events/index")  # older versions of the list of events may show it as a cover
        around = dict(_around(shop, store, docket))
        changed = [*gone, *standing, *around]
        _purge(shop, [url for key in dict.fromkeys(changed) for url in addresses(shop, store, key)])
        with ThreadPoolExecutor(_THREADS) as pool:
            checked += pool.map(partial(_look, shop, store, visitor), _each(shop, store, gone))
            checked += pool.map(partial(_notice, shop, store, docket, visitor), _each(shop, store, standing))
            checked += pool.map(partial(_without, shop, store, docket, visitor), _each(shop, store, around))
    value = receipt_value(docket, shop.stamp(), checked, unreached=_unreached(shop))
    kept = keep(shop, docket, value)
    if value["complete"] or not (checked or value["unreached"]):  # what is nowhere has nothing to prove
        dockets.close(shop, docket)
    return kept


def _all_there(shop: Shop) -> bool:
    """Whether every store of the settings is looked at."""
    return not _unreached(shop)


def _unreached(shop: Shop) -> list[str]:
    """The stores of the settings that can't be looked at now, by name."""
    return sorted({entry.name for entry in shop.settings.store} - {store.name for store in shop.stores})


def addresses(shop: Shop, store: Store, key: str) -> list[str]:
    """Everywhere a visitor may find a key: below the store's own address, and below each of `also_at`."""
    settings = next((entry for entry in shop.settings.store if entry.name == store.name), None)
    also = settings.also_at if settings else ()
    return [store.url(key), *(f"{root.rstrip('/')}/{urllib.parse.quote(key)}" for root in also)]


@dataclass(frozen=True, slots=True)
class _Address:
    """One address of a key, and what stood there."""

    key: str
    was: str
    url: str


def _each(shop: Shop, store: Store, keys: Mapping[str, str]) -> list[_Address]:
    return [_Address(key, was, url) for key, was in sorted(keys.items()) for url in addresses(shop, store, key)]


def _standing(key: str) -> str:
    """What an address is that goes on answering, with the notice."""
    return "page" if key.endswith((".html", ".json")) else "stable"


def _around(shop: Shop, store: Store, docket: Docket) -> Iterator[tuple[str, str]]:
    """Other names whose bytes changed: manifests and pages of the events, by their former names, too, and the list of events."""
    former = ruling(shop).former
    slugs = [name for slug in docket.events for name in (slug, *former.get(slug, ()))]
    written = (key for key in shop.catalog.stored(store.name, [*(f"events/{s}/" for s in slugs), "events/index"]))
    written = (key for key in written if " " not in key)
    pointers = (layout.pointer_key(slug) for slug in slugs if shop.catalog.published(store.name, slug))
    yield from ((key, "list") for key in (*written, *pointers) if not layout.write_once(key))


def _look(shop: Shop, store: Store, visitor: Visitor, at: _Address) -> Checked:
    status, _ = visitor.fetch(at.url)
    gone = status in _GONE and store.stat(at.key) is None
    return Checked(store=store.name, url=at.url, was=at.was, status=str(status), ok=gone, at=shop.stamp())


def _notice(shop: Shop, store: Store, docket: Docket, visitor: Visitor, at: _Address) -> Checked:
    """Whether a standing address shows the notice: the very bytes of the store, or a page that says the sentence."""
    status, body = visitor.fetch(at.url)
    if at.was == "stable":
        right = body is not None and _digest(body) == _digest((store.get(at.key) or (b"", ""))[0])
    elif at.key.endswith(".json"):
        right = _is_tombstone(body)
    else:
        kinds = set(docket.items.values())
        sentences = [t for kind in kinds for t in wording.tombstone_text(docket.reason, kind, docket.day).values()]
        page = html.unescape((body or b"").decode(errors="replace"))
        right = any(sentence in page for sentence in sentences)
    return Checked(store=store.name, url=at.url, was=at.was, status=f"{status} notice", ok=right, at=shop.stamp())


def _is_tombstone(body: bytes | None) -> bool:
    """Whether this is a withdrawn item's own manifest; what stands before a store may answer anything."""
    try:
        return body is not None and json.loads(body)["item"]["type"] == "tombstone"
    except (ValueError, LookupError, TypeError):
        return False


def _without(shop: Shop, store: Store, docket: Docket, visitor: Visitor, at: _Address) -> Checked:
    """Whether a page or a manifest is there, and names no file of the items any more."""
    status, body = visitor.fetch(at.url)
    right = body is not None and not showing(docket.names()).search(body)
    return Checked(store=store.name, url=at.url, was=at.was, status=f"{status} without", ok=right, at=shop.stamp())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Visitor:
    """Fetches addresses as an anonymous visitor; a host that couldn't be reached is not waited for again."""

    def __init__(self) -> None:
        self._unreached: dict[str, str] = {}

    def fetch(self, url: str) -> tuple[int, bytes | None]:
        """An address's status, and the body if there is one. A local file counts as 200 or 404.

        Raises:
            StoreError: it can't be reached.
        """
        where = urllib.parse.urlsplit(url)
        if where.scheme == "file":
            path = Path(urllib.request.url2pathname(where.path))
            return (200, path.read_bytes()) if path.is_file() else (404, None)
        if why := self._unreached.get(where.netloc):
            raise _unproved(url, why)
        try:
            answer = ask(url)
        except http.client.HTTPException as error:  # an answer that breaks off, or is none
            raise _unproved(url, str(error)) from error
        except OSError as error:
            self._unreached[where.netloc] = str(error)
            raise _unproved(url, str(error)) from error
        return answer.status, answer.body if 200 <= answer.status < 300 else None


def _unproved(url: str, why: str) -> StoreError:
    return StoreError(f"{url} can't be fetched to prove that it is gone: {why}", hint="try again")


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


def receipt_value(
    docket: Docket, done: str, checked: Sequence[Checked], unreached: Sequence[str] = ()
) -> dict[str, Any]:
    """What was withdrawn, when, why, and what each address answered: to be sent to whoever asked. It names nobody."""
    return {
        "schema": "takedown/1",
        "item": docket.case,
        "items": list(docket.names()),
        "was": next(iter(docket.items.values()), "photo"),
        "reason": docket.reason,
        "since": docket.day,
        "decided": docket.decided or docket.day,
        "until": docket.until,
        "erase": docket.erase,
        "done": done,
        "complete": not unreached and bool(checked) and all(one.ok for one in checked),
        "unreached": list(unreached),
        "addresses": [one.value() for one in checked],
    }


def keep(shop: Shop, docket: Docket, value: Mapping[str, Any]) -> Receipt:
    """Write a receipt into archive/receipts: JSON, and a page in each language of the events."""
    folder = shop.workspace.archive / "receipts"
    folder.mkdir(exist_ok=True)
    first = f"{re.sub(r'[^0-9T]', '', str(value['done'])[:19])}-{docket.case}"
    names = (f"{first}_{count}" if count > 1 else first for count in itertools.count(1))
    stem = next(name for name in names if not (folder / f"{name}.json").exists())  # two in one second are two
    own = folder / f"{stem}.json"
    own.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    pages = []
    for lang in _languages(shop, docket):
        pages.append(folder / f"{stem}.{lang}.html")
        pages[-1].write_bytes(receipt_page(value, lang, shop.settings.workspace))
    return Receipt(value=value, json=own, pages=tuple(pages))


def _languages(shop: Shop, docket: Docket) -> tuple[str, ...]:
    """The language asked for, then the events' own, then the workspace's: those that the interface speaks."""
    events = [event for event in shop.catalog.events() if event.slug in docket.events]
    wanted = [
        *([docket.lang] if docket.lang else []),
        *(lang for event in events for lang in event.facts.get("languages", ())),
        *shop.settings.texts.languages,
    ]
    spoken = [lang for wish in wanted if (lang := wording.primary(wish)) in wording.languages()]
    return tuple(dict.fromkeys(spoken)) or (wording.FALLBACK,)
