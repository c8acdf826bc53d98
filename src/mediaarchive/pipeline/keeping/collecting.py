"""Garbage collection: files that no kept release names are removed, once they were seen without use for the time of grace.

mark (everything that pointers and kept releases name) → note since when the rest is without use → grace → mark again → delete

Only two shapes of key can go: content-addressed files of this workspace's own items, and bodies of its own events' releases.
Whatever else lies in a store, or belongs to another workspace's events, is never touched. What another workspace's releases
name is in use like anything else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mediaarchive import layout
from mediaarchive.errors import StoreError
from mediaarchive.pipeline.publishing.pinning import pin
from mediaarchive.pipeline.publishing.publisher import batches
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Stat, Store

_THREADS = 16
_BATCH = 64
_FRESH = 30.0  # seconds for which a look at what is in use is trusted
_NAMED = re.compile(rb"(?:media/[pvd]-[a-z2-7]{13}|events/[a-z0-9-]+/releases)/[A-Za-z0-9._-]+")
_MEDIA = re.compile(r"media/([pvd]-[a-z2-7]{13})/.+")
_BODY = re.compile(r"events/([a-z0-9-]+)/releases/[0-9a-f]{64}\.json")
_ENVELOPE = re.compile(r"events/([a-z0-9-]+)/releases/([0-9]{1,63})\.json")
_POINTER = re.compile(r"events/([a-z0-9-]+)/manifest(?:\.[A-Za-z0-9-]+)?\.json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """What was found in one store. `doomed`: bytes by key of what may go now; `waiting`: since when the others are unused.

    `removed`: what went. `kept`: how many files are in use.
    """

    store: str
    doomed: Mapping[str, int]
    waiting: Mapping[str, str]
    removed: tuple[str, ...]
    kept: int


@dataclass(kw_only=True, slots=True)
class Mark:
    """What is in use, and by which manifests (their versions, by key)."""

    names: set[str] = field(default_factory=set)
    read: dict[str, str] = field(default_factory=dict)


def collect(shop: Shop, store: Store, *, grace: float, remove: bool) -> Collected:
    """Find what no kept release of a store names, and remove what has been so for `grace` days. The caller holds the lock.

    Raises:
        StoreError: the store failed midway, or lacks what the archive published there: then nothing is known to be unused.
    """
    listed = {stat.key: stat for prefix in ("events/", "media/") for stat in store.list(prefix)}
    _published(shop, store, listed)
    mark = Mark()
    _extend(store, mark, listed, _superseded(shop, store, listed))
    unused = _unused(shop, listed.values(), mark.names)
    now = shop.now()
    before = shop.catalog.orphans(store.name)
    since = {key: before.get(key, shop.stamp()) for key in unused}
    shop.catalog.set_orphans(store.name, since)
    ripe = now - timedelta(days=grace)
    doomed = {key: listed[key].bytes for key in sorted(since) if datetime.fromisoformat(since[key]) <= ripe}
    chain = {key for key in listed if _ENVELOPE.fullmatch(key)}
    removed = _remove(shop, store, mark, sorted(doomed), chain) if remove else []
    shop.catalog.set_orphans(store.name, {key: at for key, at in since.items() if key not in {*removed}})
    return Collected(
        store=store.name,
        doomed=doomed,
        waiting={key: at for key, at in since.items() if key not in doomed},
        removed=tuple(removed),
        kept=len(listed) - len(unused),
    )


def _published(shop: Shop, store: Store, listed: Mapping[str, Stat]) -> None:
    """Refuse to judge a store that doesn't show what was published into it (another bucket, an empty mount point)."""
    for event in shop.catalog.events():
        if shop.catalog.published(store.name, event.slug) and layout.pointer_key(event.slug) not in listed:
            raise StoreError(
                f"{store.url(layout.pointer_key(event.slug))} is missing, so nothing can be said to be unused; nothing was removed",
                hint="is its disk mounted, and the bucket the right one? What was lost, `mediaarchive verify --repair` puts back",
            )


def _superseded(shop: Shop, store: Store, listed: Mapping[str, Stat]) -> set[str]:
    """The bodies and pages of releases that were followed by another long enough ago, and that no later release repeats."""
    days = shop.settings.gc.releases
    own = {event.slug for event in shop.catalog.events()}
    releases: dict[str, list[tuple[int, dict[str, object]]]] = {}
    for key in listed:
        if (found := _ENVELOPE.fullmatch(key)) and found[1] in own and (got := store.get(key)):
            releases.setdefault(found[1], []).append((int(found[2]), json.loads(got[0])))
    pins = {slug: held for slug in own if (held := pin(shop.catalog.decisions(), [slug]))}
    kept: set[str] = set()
    for slug, chain in releases.items():
        chain.sort(key=lambda entry: entry[0])
        for (_, envelope), after in zip(chain, [*chain[1:], None], strict=True):
            followed = after and datetime.fromisoformat(str(after[1]["at"]))
            goal = slug in pins and pins[slug].sha256 == envelope["manifest_sha256"]
            if goal or not days or not followed or followed > shop.now() - timedelta(days=days):
                pages = envelope.get("pages")
                kept |= {layout.body_key(slug, str(envelope["manifest_sha256"]))}
                kept |= {str(page) for page in pages} if isinstance(pages, list) else set()
    return {key for key in listed if (found := _BODY.fullmatch(key)) and found[1] in own and key not in kept}


def _extend(store: Store, mark: Mark, listed: Mapping[str, Stat], old: AbstractSet[str]) -> None:
    """Read every manifest that is new since the last look: pointers, and bodies that aren't `old`. What they name is in use.

    An old body that something in use names (as its next page, say) is in use too.
    """
    wanted = [
        key
        for key, stat in sorted(listed.items())
        if (_POINTER.fullmatch(key) or (_BODY.fullmatch(key) and key not in old)) and mark.read.get(key) != stat.version
    ]
    while wanted:
        with ThreadPoolExecutor(_THREADS) as pool:
            for key, found in zip(wanted, pool.map(store.get, wanted), strict=True):
                if found is not None:
                    mark.names |= {name.decode() for name in _NAMED.findall(found[0])}
                    mark.names |= {key} if _BODY.fullmatch(key) else {_own_body(key, found[0])}
                    mark.read[key] = found[1]
        wanted = sorted(key for key in mark.names & old if key not in mark.read)


def _own_body(pointer: str, body: bytes) -> str:
    """The body that a pointer repeats."""
    return layout.body_key(pointer.split("/")[1], hashlib.sha256(body).hexdigest())


def _unused(shop: Shop, stats: Iterable[Stat], names: AbstractSet[str]) -> list[str]:
    """The keys that may go at all, and that nothing names."""
    items, slugs = shop.catalog.all_items(), {event.slug for event in shop.catalog.events()}

    def ours(key: str) -> bool:
        media, body = _MEDIA.fullmatch(key), _BODY.fullmatch(key)
        return layout.write_once(key) and bool((media and media[1] in items) or (body and body[1] in slugs))

    return sorted(stat.key for stat in stats if stat.key not in names and ours(stat.key))


def _remove(shop: Shop, store: Store, mark: Mark, doomed: Sequence[str], chain: AbstractSet[str]) -> list[str]:
    """Delete, looking again before each handful whether a release names any of it now.

    The catalog forgets first: whoever plans after that sees that the file has to be made or sent again.
    """
    removed: list[str] = []
    looked = 0.0

    def delete(key: str) -> str:
        if shop.clock() - looked > _FRESH:
            return ""  # somebody may have published since: the next gc looks again
        store.delete(key)
        return key

    with ThreadPoolExecutor(_THREADS) as pool:
        for batch in batches(doomed, _BATCH):
            looked = shop.clock()
            _look_again(store, mark, doomed, chain)
            going = [key for key in batch if key not in mark.names]
            shop.catalog.unmark_stored(store.name, going)
            removed += filter(None, pool.map(delete, going))
    _regret(store, mark, doomed, chain, removed)
    return removed


def _look_again(store: Store, mark: Mark, doomed: Sequence[str], chain: AbstractSet[str]) -> None:
    """Read manifests that are new by now. A release that went out of use, and that a new envelope names, is in use again."""
    now = {stat.key: stat for stat in store.list("events/")}
    for key in now.keys() - chain - mark.read.keys():
        if (envelope := _ENVELOPE.fullmatch(key)) and (found := store.get(key)):
            value = json.loads(found[0])
            mark.names |= {layout.body_key(envelope[1], str(value["manifest_sha256"])), *value.get("pages", ())}
            mark.read[key] = found[1]
    _extend(store, mark, now, {*doomed})


def _regret(store: Store, mark: Mark, doomed: Sequence[str], chain: AbstractSet[str], removed: Sequence[str]) -> None:
    """See that nobody came to name what has just gone. Such a publisher sends it again by itself, unless it was killed.

    Raises:
        StoreError: it is named, and not there.
    """
    if not removed:
        return
    _look_again(store, mark, doomed, chain)
    lost = [key for key in removed if key in mark.names and store.stat(key) is None]
    if lost:
        raise StoreError(
            f"{len(lost)} removed files were published by another workspace at the same moment ({store.url(lost[0])})",
            hint="its next run sends them again: `mediaarchive run` there, or `mediaarchive verify --repair`",
        )
