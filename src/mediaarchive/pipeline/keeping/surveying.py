"""What should be where, and what lists say of it: the first half of `verify`, which reads no file of an item.

A store is asked with lists, a request for each thousand objects, not with a request for each object. What a list can't tell,
the bytes, is left to whoever reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from mediaarchive import layout
from mediaarchive.config.settings import MIRROR
from mediaarchive.errors import Damaged, MediaArchiveError
from mediaarchive.manifest.files import files
from mediaarchive.manifest.model import Item, Manifest
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.publishing.owning import Chain
from mediaarchive.pipeline.publishing.seeing import listed
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Stat, Store

_THREADS = 16
ARCHIVE = "archive"
BAD = frozenset({"missing", "wrong", "unverifiable"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at. `where`: a store's name, `mirror` or `archive`. `what`: object, release, page, original.

    `state`: see `verifying`. `event` is empty where the thing belongs to several.
    """

    where: str
    event: str
    what: str
    key: str
    state: str
    text: str = ""

    def value(self) -> dict[str, str]:
        """As JSON values."""
        return {
            "where": self.where,
            "event": self.event,
            "what": self.what,
            "key": self.key,
            "state": self.state,
            "text": self.text,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Something that is there with its size, and whose bytes should have this digest: to be read, or declared.

    `version`: as the list has it; while it stays, the store says that nobody wrote there.
    """

    where: str
    event: str
    what: str
    key: str
    bytes: int
    sha256: str
    version: str = ""

    def finding(self, state: str, text: str = "") -> Finding:
        """What came of it."""
        return Finding(where=self.where, event=self.event, what=self.what, key=self.key, state=state, text=text)


@dataclass(kw_only=True, slots=True)
class Survey:
    """What is known already, and what is left to read."""

    findings: list[Finding] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)


def originals(shop: Shop, slug: str, survey: Survey) -> None:
    """The originals of an event, in the archive."""
    erased = shop.catalog.erased()
    for sha256, original in sorted(shop.catalog.originals(slug).items()):
        if sha256 in erased:
            continue
        seen = Candidate(
            where=ARCHIVE, event=slug, what="original", key=original.uri, bytes=original.bytes, sha256=sha256
        )
        try:
            found = (shop.workspace.archive / original.uri).stat()
        except OSError as error:
            survey.findings.append(seen.finding("missing", f"{error.strerror}{again(shop, sha256)}"))
            continue
        if found.st_size != original.bytes:
            text = f"{found.st_size} bytes instead of {original.bytes}{again(shop, sha256)}"
            survey.findings.append(seen.finding("wrong", text))
        else:
            survey.candidates.append(replace(seen, version=f"{found.st_mtime_ns}"))


def again(shop: Shop, sha256: str) -> str:
    """What to do about an original that isn't what it was: the end of a sentence."""
    if shop.mirror is not None:
        return "; `verify --repair` asks the mirror"
    return f"; put the file into the inbox again: it came in as {shop.catalog.a_path(sha256)}"


def mirror(shop: Shop, survey: Survey) -> None:
    """What a mirror was seen to have: originals and journal. What it never had is `behind`, not missing."""
    if shop.mirror is None:
        return
    there = {stat.key: stat for prefix in ("originals/", "journal/") for stat in shop.mirror.list(prefix)}
    expected = {original.uri: original.bytes for original in shop.catalog.all_originals()}
    for key, sha256 in sorted(shop.catalog.stored(MIRROR, ["originals/", "journal/"]).items()):
        stat = there.get(key)
        size = expected.get(key, stat.bytes if stat else 0)
        what = "original" if key in expected else "journal"
        version = stat.version if stat else ""
        seen = Candidate(where=MIRROR, event="", what=what, key=key, bytes=size, sha256=sha256, version=version)
        if stat is None:
            survey.findings.append(seen.finding("missing"))
        elif stat.bytes != size:
            survey.findings.append(seen.finding("wrong", f"{stat.bytes} bytes instead of {size}"))
        else:
            survey.candidates.append(seen)


Media = Mapping[str, Mapping[str, Stat]]


def media(store: Store) -> Media:
    """All media of a store by item and key: one listing for many events, a request for each thousand objects."""
    found: dict[str, dict[str, Stat]] = {}
    for stat in store.list("media/"):
        found.setdefault(stat.key.split("/")[1], {})[stat.key] = stat
    return found


def published(shop: Shop, store: Store, slug: str, survey: Survey, known_media: Media | None = None) -> None:
    """An event in a store: its pointer and chain of releases, which are read, and all that they name.

    `known_media`: of the store, if it was listed already.
    """
    known = shop.catalog.published(store.name, slug)
    if known is None:
        return

    def say(key: str, state: str, text: str = "", what: str = "release") -> None:
        survey.findings.append(Finding(where=store.name, event=slug, what=what, key=key, state=state, text=text))

    pointer = layout.pointer_key(slug)
    body = _read(store, pointer)
    if body is None:
        say(pointer, "missing", "nothing stands where websites look")
        return
    digest = hashlib.sha256(body).hexdigest()
    if digest != known.sha256:
        newest = next(Chain(shop, store, slug).newest_first(), None)
        elsewhere = newest is not None and newest.owner != shop.catalog.meta("workspace")
        took = (
            f"{newest.who()} publishes it now: `mediaarchive adopt {slug}` takes it back"
            if newest and elsewhere
            else ""
        )
        say(pointer, "wrong", took or "not what was published last: `mediaarchive run` looks whose it is")
        return
    say(pointer, "proved")
    repeated = _read(store, layout.body_key(slug, digest))
    say(layout.body_key(slug, digest), "missing" if repeated is None else "proved" if repeated == body else "wrong")
    for key, state, text in _chain(store, slug, known.number):
        say(key, state, text)
    try:
        manifest = history.whole(store, Manifest.model_validate_json(body))
    except MediaArchiveError as error:
        say(pointer, "missing", str(error))
        return
    items = [item.id for item in manifest.items]
    if known_media is None:
        there = listed(store, items, slug, (), of=shop.catalog.count_items())
    else:
        there = {stat.key: stat for stat in store.list(f"events/{slug}/")}
        for item in items:
            there |= known_media.get(item, {})
    _pages(shop, store, slug, manifest, there, survey)
    _items(shop, store, slug, manifest, there, survey)


def _read(store: Store, key: str) -> bytes | None:
    """Something small; damaged bytes are nobody's."""
    try:
        found = store.get(key)
    except Damaged:
        return b""
    return found[0] if found else None


def _chain(store: Store, slug: str, number: int) -> Iterator[tuple[str, str, str]]:
    """Every envelope is there, and names the one before it."""
    there = dict(history.envelopes(store, slug))
    expected: str | None = None
    for n in range(number, 0, -1):
        key = layout.envelope_key(slug, n)
        if (envelope := there.get(n)) is None:
            yield key, "missing", "the chain of releases has a gap"
            return
        if expected not in {None, envelope.get("manifest_sha256")}:
            continue  # a number that a crashed run claimed, and that the chain passes by
        yield key, "proved", ""
        expected = envelope.get("parent")


def _pages(shop: Shop, store: Store, slug: str, manifest: Manifest, there: Mapping[str, Stat], survey: Survey) -> None:
    """Projections: whatever was written last under a name that may be written again."""
    prefixes = [f"events/{slug}/", *(f"media/{item.id}/" for item in manifest.items)]
    recorded = {
        key: sha256
        for key, sha256 in shop.catalog.stored(store.name, prefixes).items()
        if not layout.write_once(key) and " " not in key  # names with a blank are the catalog's own marks
    }
    for key, sha256 in sorted(recorded.items()):
        seen = Candidate(where=store.name, event=slug, what="page", key=key, bytes=0, sha256=sha256)
        if stat := there.get(key):
            survey.candidates.append(replace(seen, bytes=stat.bytes, version=stat.version))
        else:
            survey.findings.append(seen.finding("missing"))


def _items(shop: Shop, store: Store, slug: str, manifest: Manifest, there: Mapping[str, Stat], survey: Survey) -> None:
    """The files that a manifest names."""
    recorded = shop.catalog.stored(store.name, [f"media/{item.id}/" for item in manifest.items])
    with ThreadPoolExecutor(_THREADS) as pool:
        digests = pool.map(lambda item: _digests(store, item, recorded), manifest.items)
        for item, expected in zip(manifest.items, digests, strict=True):
            for key, named in sorted(files(item).items()):
                stat, sha256 = there.get(key), expected.get(key, "")
                seen = Candidate(where=store.name, event=slug, what="object", key=key, bytes=0, sha256=sha256)
                if stat is None:
                    survey.findings.append(seen.finding("missing"))
                elif named.bytes not in {None, stat.bytes}:
                    survey.findings.append(seen.finding("wrong", f"{stat.bytes} bytes instead of {named.bytes}"))
                elif not seen.sha256:
                    text = "nothing is recorded to compare its bytes with"
                    survey.findings.append(seen.finding("unverifiable", text))
                else:
                    survey.candidates.append(replace(seen, bytes=stat.bytes, version=stat.version))


def _digests(store: Store, item: Item, recorded: Mapping[str, str]) -> Mapping[str, str]:
    """The digests of an item's files: as the catalog recorded them; where it didn't, as item.json says."""
    if all(key in recorded for key in files(item)):
        return recorded
    own = _read(store, layout.item_json(item.id))
    told = {one["url"]: one["sha256"] for one in json.loads(own)["objects"]} if own else {}
    return {**told, **recorded}
