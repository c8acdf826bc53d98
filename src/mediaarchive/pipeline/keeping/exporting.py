"""Export: originals out of the archive again, under the names they came with; an event as a BagIt bag (RFC 8493)."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mediaarchive import __version__, layout
from mediaarchive.catalog import Arrival, Event
from mediaarchive.errors import Damaged, DiskFull, UsageError
from mediaarchive.manifest.model import Document, ItemManifest, Tombstone, alt_of, is_said
from mediaarchive.media.sheet import DECORATIVE
from mediaarchive.media.sniff import sheet_name
from mediaarchive.media.tables import inert
from mediaarchive.model import Asset, Kind, Original
from mediaarchive.pipeline.deciding.ruling import names_of, ruling
from mediaarchive.pipeline.making.rows import facts_of
from mediaarchive.pipeline.shop import Shop

_CHUNK = 1 << 20
_PARTIAL = ".partial"
_UNSAFE = re.compile(r"[%\r\n]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """One file: where it was written, below the target; its SHA-256; the item it belongs to, or None (a sidecar)."""

    path: str
    sha256: str
    bytes: int
    item: str | None

    def value(self) -> dict[str, str | int | None]:
        """As JSON values."""
        return {"path": self.path, "sha256": self.sha256, "bytes": self.bytes, "item": self.item}


def is_withdrawn(shop: Shop, asset: Asset) -> bool:
    """Whether an item is withdrawn now."""
    return ruling(shop).withdrawal(asset) is not None


def export_item(shop: Shop, asset: Asset, target: Path) -> list[Exported]:
    """Copy all originals of an item into a folder, and what is published of its texts as a sheet; nothing there is overwritten.

    Raises:
        UsageError: its originals were erased; or the folder can't be made, or is published.
        Damaged: an original isn't what came in any more.
    """
    erased = shop.catalog.erased()
    members = [m.sha256 for m in asset.members if m.sha256 not in erased]
    if not members:
        raise UsageError(f"the originals of {asset.id} were erased; there is nothing to give back")
    must_be_apart(shop, target)
    _make(target)
    taken = {path.name.casefold() for path in target.iterdir()}
    done = []
    for sha256 in members:
        original, arrivals = shop.catalog.original(sha256), shop.catalog.paths(sha256)
        assert original is not None
        name = PurePosixPath(arrivals[-1].path).name if arrivals else PurePosixPath(original.uri).name
        done.append(_copy(shop, original, target, _free(name, taken), asset.id))
    rows = [*dict.fromkeys(_texts(shop, asset.id, done[0].path)), *_consents(shop, members, done)]
    if rows:
        with (target / _free("texts.csv", taken)).open("w", encoding="utf-8-sig", newline="") as file:
            table = [("path", "lang", "kind", "text", "consent", "expires"), *rows]
            csv.writer(file).writerows([[inert(cell) for cell in row] for row in table])
    return done


def _consents(shop: Shop, members: Sequence[str], done: Sequence[Exported]) -> Iterator[tuple[str, ...]]:
    """What the sheets of the inbox say of an item's files, under the names they are exported by."""
    consents = ruling(shop).consents
    for sha256, file in zip(members, done, strict=True):
        arrivals = shop.catalog.paths(sha256)
        said = {one for a in arrivals for name in names_of(a.path) for one in consents.get(a.event, {}).get(name, ())}
        for word, day in sorted({(one.word, one.expires) for one in said}):
            yield file.path, "", "", "", word, day


def _texts(shop: Shop, item: str, name: str) -> Iterator[tuple[str, str, str, str]]:
    """What is published of an item's texts, as rows that a sheet in the inbox could have."""
    found = next((got for store in shop.stores if (got := store.get(layout.item_json(item)))), None)
    shown = ItemManifest.model_validate_json(found[0]).item if found else None
    if shown is None or isinstance(shown, Tombstone):
        return
    kinds = {"title": shown.title, "alt": alt_of(shown)}
    kinds |= {} if isinstance(shown, Document) else {"caption": shown.caption, "long": shown.long}
    for kind, texts in kinds.items():
        for lang, text in texts.items():
            if text.state == "decorative":
                yield name, "", DECORATIVE, ""
            elif is_said(text):
                yield name, lang, kind, text.text


def export_event(shop: Shop, event: Event, target: Path, *, bag: bool, withdrawn: bool) -> list[Exported]:
    """Copy everything that came in for an event into a new folder, under its own paths: it could be dropped again as it is.

    Args:
        shop: the workspace.
        event: the event.
        target: the new folder; it appears when all of it is there.
        bag: as a BagIt bag, with the files below `data/`.
        withdrawn: also what was withdrawn. What was erased is nowhere.

    Raises:
        UsageError: the folder is there already, can't be made, or lies where originals must not be copied to.
        DiskFull: its disk has no room.
        Damaged: an original isn't what came in any more.
    """
    target = target.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is there already", hint="give a folder that isn't there, or an empty one")
    must_be_apart(shop, target)
    wanted = list(_wanted(shop, event, withdrawn=withdrawn))
    partial = target.with_name(target.name + _PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)  # what an interrupted export left
    payload = partial / "data" if bag else partial
    _make(payload)
    _room(partial, sum(original.bytes for _, original, _ in wanted))
    taken: set[str] = set()
    done = [_copy(shop, original, payload, _free(path, taken), item) for path, original, item in wanted]
    if bag:
        _tags(shop, event, partial, done)
    with contextlib.suppress(OSError):
        target.rmdir()
    os.sync()  # the folder's final name promises that all of it is on the disk
    partial.rename(target)
    return done


def must_be_apart(shop: Shop, target: Path) -> None:
    """Refuse to copy originals to where a store publishes them, or into the archive.

    Raises:
        UsageError: it lies there.
    """
    root, where = shop.workspace.root, target.resolve()
    places = {
        entry.url: f"what [[store]] {entry.name} publishes" for entry in shop.settings.store if "://" not in entry.url
    }
    places |= {str(shop.workspace.archive): "the archive"}
    for place, what in places.items():
        if where.is_relative_to((root / Path(place).expanduser()).resolve()):
            raise UsageError(f"{target} lies in {what}: originals are private", hint="give a folder elsewhere")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} can't be made: {error.strerror}", hint="give a folder that this user may write"
        ) from error


def _wanted(shop: Shop, event: Event, *, withdrawn: bool) -> Iterator[tuple[str, Original, str | None]]:
    """(path, original, item) of an event's files, the newest of those under one path first, so that it keeps the name."""
    erased, holds = shop.catalog.erased(), ruling(shop)
    originals = shop.catalog.originals(event.slug)
    items = shop.catalog.items_of(originals)
    assets = {item: shop.catalog.asset(item) for item in set(items.values())}
    gone = {item for item, asset in assets.items() if asset and holds.withdrawal(asset)}
    arrivals = [a for a in reversed(shop.catalog.arrivals(event.slug)) if a.sha256 not in erased]
    left_out = [a for a in arrivals if items.get(a.sha256) in gone and not withdrawn]
    stems = {name for a in left_out for name in _names(a.path)}
    for arrival in sorted(arrivals, key=lambda a: sheet_name(a.path) or a.path):
        original = originals[arrival.sha256]
        if arrival in left_out or (original.kind is Kind.SIDECAR and _speaks_of(arrival, stems)):
            continue
        yield arrival.path, original, items.get(arrival.sha256)


def _names(path: str) -> tuple[str, str]:
    return path.casefold(), str(PurePosixPath(path).with_suffix("")).casefold()


def _speaks_of(sidecar: Arrival, stems: set[str]) -> bool:
    """Whether a sidecar lies beside something that is left out (`x.xmp`, `x.jpg.xmp`, `film.fr.vtt`)."""
    name = sidecar.path.casefold()
    while (shorter := str(PurePosixPath(name).with_suffix(""))) != name:
        if shorter in stems:
            return True
        name = shorter
    return False


def _free(path: str, taken: set[str]) -> str:
    """A path that nothing has yet, whatever the case of its letters, or a sheet's format; a number tells namesakes apart."""
    pure, number, free = PurePosixPath(path), 1, path
    while _place(free) in taken:
        number += 1
        free = str(pure.with_name(f"{pure.stem} ({number}){pure.suffix}"))
    taken.add(_place(free))
    return free


def _place(path: str) -> str:
    return (sheet_name(path) or path).casefold()


def _copy(shop: Shop, original: Original, folder: Path, path: str, item: str | None) -> Exported:
    """Copy an original, and hash it on the way."""
    source, target = shop.workspace.archive / original.uri, folder.joinpath(*PurePosixPath(path).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with source.open("rb") as read, target.open("xb") as write:
            while piece := read.read(_CHUNK):
                digest.update(piece)
                write.write(piece)
    except FileNotFoundError as error:
        raise Damaged(f"{source} is missing", hint="`mediaarchive verify --repair` asks the mirror for it") from error
    if digest.hexdigest() != original.sha256:
        target.unlink()
        raise Damaged(f"{source} is damaged", hint="`mediaarchive verify --repair` brings it back from the mirror")
    return Exported(path=path, sha256=original.sha256, bytes=original.bytes, item=item)


def _room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        folder_disk = f"the disk of {folder.parent} has {free >> 20} MiB free; this export needs {needed >> 20} MiB"
        raise DiskFull(folder_disk, hint="choose another disk")


def _tags(shop: Shop, event: Event, bag: Path, files: Sequence[Exported]) -> None:
    """The bag's own files: its declaration, what it is, and the digests of everything in it."""
    info = {
        "Source-Organization": shop.settings.workspace.publisher,
        "Contact-Email": shop.settings.workspace.contact.removeprefix("mailto:"),
        "External-Description": "; ".join(facts_of(event).title.values()) or event.slug,
        "External-Identifier": event.slug,
        "Bagging-Date": shop.today(),
        "Payload-Oxum": f"{sum(file.bytes for file in files)}.{len(files)}",
        "Bag-Software-Agent": f"mediaarchive {__version__}",
    }
    tags = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{name}: {_line(value)}\n" for name, value in info.items() if value),
        "manifest-sha256.txt": _digests({f"data/{file.path}": file.sha256 for file in files}),
        "items.json": json.dumps([file.value() for file in files], ensure_ascii=False, indent=1) + "\n",
    }
    for name, text in tags.items():
        (bag / name).write_text(text, encoding="utf-8", newline="")
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in tags.items()}
    (bag / "tagmanifest-sha256.txt").write_text(_digests(digests), encoding="utf-8", newline="")


def _line(text: str) -> str:
    return " ".join(text.split())


def _digests(found: Mapping[str, str]) -> str:
    """A manifest of a bag: RFC 8493, 2.1.3, has line ends and percent signs in paths encoded."""
    return "".join(f"{sha256}  {_UNSAFE.sub(_percent, path)}\n" for path, sha256 in sorted(found.items()))


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"
