"""An event's releases: which there were, what one showed, and what changed between two.

A release's bytes are kept in the archive too (`archive/releases/<slug>/<sha256>.json`, private): a takedown deletes from the
stores every release that shows the picture, and going back to one of them must still be possible, without that picture.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mediaarchive import layout
from mediaarchive.durable import sync_folder, write_new
from mediaarchive.errors import StoreError, UsageError
from mediaarchive.manifest.model import Item, Manifest
from mediaarchive.model import Release
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store

_FILE = re.compile(rb"media/[pvd]-[a-z2-7]{13}/[a-z0-9.-]+-[0-9a-f]{8}\.[a-z0-9]+")
_NEXT = re.compile(rb'"next":"events/[a-z0-9-]+/releases/([0-9a-f]{64})\.json"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One release as its envelope tells. `counts`: items by type, None where its body is nowhere any more."""

    number: int
    sha256: str
    at: str
    generator: str
    current: bool
    counts: Mapping[str, int] | None

    def value(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "n": self.number,
            "manifest_sha256": self.sha256,
            "at": self.at,
            "generator": self.generator,
            "current": self.current,
            "counts": self.counts and dict(self.counts),
        }


def keep(archive: Path, release: Release) -> None:
    """Keep a release's body and pages in the archive."""
    digest = hashlib.sha256(release.body).hexdigest()
    for key, data in {layout.body_key(release.event, digest): release.body, **release.pages}.items():
        path = archive / "releases" / release.event / key.rpartition("/")[2]
        if not path.exists():
            write_new(path, data)


def forget(archive: Path, items: Collection[str]) -> None:
    """Destroy the kept releases that show any of these items."""
    for path in sorted((archive / "releases").glob("*/*.json")):
        if any(shows(path.read_bytes(), item) for item in items):
            path.unlink()
            sync_folder(path.parent)


def shows(body: bytes, item: str) -> bool:
    """Whether a release names a file of an item; of a withdrawn one it names the page alone."""
    return re.search(rf"media/{item}/[a-z0-9.-]+-[0-9a-f]{{8}}\.".encode(), body) is not None


def envelopes(store: Store, slug: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The envelopes of an event's releases in a store, oldest first."""
    prefix = f"events/{slug}/releases/"
    stems = (stat.key.removeprefix(prefix).removesuffix(".json") for stat in store.list(prefix))
    for number in sorted(int(stem) for stem in stems if stem.isdigit() and len(stem) < 64):
        if found := store.get(layout.envelope_key(slug, number)):
            yield number, json.loads(found[0])


def log(archive: Path, store: Store, slug: str) -> list[Entry]:
    """All releases of an event in a store, oldest first. Of several with the same bytes, the newest may be the current one."""
    pointer = store.get(layout.pointer_key(slug))
    current = hashlib.sha256(pointer[0]).hexdigest() if pointer else None
    entries = []
    for number, envelope in envelopes(store, slug):
        digest = str(envelope["manifest_sha256"])
        there = body(archive, store, slug, digest)
        entries.append(
            Entry(
                number=number,
                sha256=digest,
                at=str(envelope["at"]),
                generator=str(envelope["generator"]),
                current=digest == current,
                counts=json.loads(there)["counts"] if there else None,
            )
        )
    newest = max((entry.number for entry in entries if entry.current), default=0)
    return [replace(entry, current=entry.number == newest) for entry in entries]


def manifest(archive: Path, store: Store, slug: str, digest: str) -> Manifest | None:
    """A release's manifest with the items of all its pages, from the archive or a store; None if a part of it is nowhere."""
    items: list[Item] = []
    first: Manifest | None = None
    following: str | None = digest
    while following:
        if (data := body(archive, store, slug, following)) is None:
            return None
        page = Manifest.model_validate_json(data)
        first = first or page
        items += page.items
        following = page.next.rpartition("/")[2].removesuffix(".json") if page.next else None
    assert first is not None
    return first.model_copy(update={"items": items, "next": None})


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


def standing(shop: Shop, slug: str) -> Manifest | None:
    """What the first store shows of an event, as far as this workspace knows; None if it isn't published."""
    store = shop.stores[0]
    found = shop.catalog.published(store.name, slug)
    return manifest(shop.workspace.archive, store, slug, found.sha256) if found else None


def body(archive: Path, store: Store, slug: str, digest: str) -> bytes | None:
    """The bytes of a release's body or page, from the archive or a store."""
    path = archive / "releases" / slug / f"{digest}.json"
    if path.exists() and hashlib.sha256(data := path.read_bytes()).hexdigest() == digest:
        return data
    found = store.get(layout.body_key(slug, digest))
    return found[0] if found else None


def named(archive: Path, store: Store, slug: str, digest: str) -> set[str]:
    """Every file of an item that a release names, on all its pages; as far as they are in the archive or the store."""
    names: set[str] = set()
    pages = [digest]
    while pages:
        data = body(archive, store, slug, pages.pop()) or b""
        names |= {name.decode() for name in _FILE.findall(data)}
        pages += [found.decode() for found in _NEXT.findall(data)]
    return names


def numbered(archive: Path, store: Store, slug: str, number: int | None) -> tuple[str, Manifest]:
    """A release by its number (None: the one that is published now): its digest and its manifest.

    Raises:
        UsageError: there is none, or its body is nowhere any more.
    """
    entries = log(archive, store, slug)
    found = next((e for e in reversed(entries) if (e.current if number is None else e.number == number)), None)
    if found is None:
        known = f"{entries[0].number} to {entries[-1].number}" if entries else "none"
        raise UsageError(f'"{slug}" has no release {number or "now"} in {store.name}', hint=f"there are: {known}")
    whole = manifest(archive, store, slug, found.sha256)
    if whole is None:
        raise UsageError(
            f"the body of release {found.number} of {slug} was removed", hint="`mediaarchive log` shows which are there"
        )
    return found.sha256, whole


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What changed from one release to another. `changed`: by item id, each field with what it was and is.

    `event`: the same for what the manifest says of the event itself.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    restored: tuple[str, ...]
    changed: Mapping[str, Mapping[str, tuple[Any, Any]]]
    event: Mapping[str, tuple[Any, Any]]
    moved: bool

    def value(self) -> dict[str, Any]:
        """As JSON values."""

        def fields(found: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
            return {name: {"was": was, "is": now} for name, (was, now) in found.items()}

        return {
            "schema": "diff/1",
            "added": list(self.added),
            "removed": list(self.removed),
            "withdrawn": list(self.withdrawn),
            "restored": list(self.restored),
            "changed": {item: fields(found) for item, found in self.changed.items()},
            "event": fields(self.event),
            "order_changed": self.moved,
        }


def difference(old: Manifest, new: Manifest) -> Difference:
    """What changed between two releases."""
    before, after = ({item.id: item for item in one.items} for one in (old, new))
    both = [name for name in after if name in before]
    withdrawn = [n for n in both if after[n].type == "tombstone" != before[n].type]
    restored = [n for n in both if before[n].type == "tombstone" != after[n].type]
    changed = {
        name: found
        for name in both
        if name not in {*withdrawn, *restored} and (found := dict(_fields(_plain(before[name]), _plain(after[name]))))
    }
    was, now = (_plain(one.model_copy(update={"items": [], "next": None})) for one in (old, new))
    return Difference(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        withdrawn=tuple(withdrawn),
        restored=tuple(restored),
        changed=changed,
        event={name: pair for name, pair in _fields(was, now) if not name.startswith("counts")},
        moved=[name for name in before if name in after] != both,
    )


def _plain(model: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a manifest
    value: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    return value


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The fields that differ, by dotted path."""
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if isinstance(was, dict) and isinstance(now, dict):
            yield from _fields(was, now, f"{path}{name}.")
        elif was != now:
            yield f"{path}{name}", (was, now)
