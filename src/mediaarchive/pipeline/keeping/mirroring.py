"""The mirror: a second, private home of all that can't be made again. Each run brings what is new there, and sees it there.

Originals, segments of the journal, receipts, releases and machines' drafts are written once, under their names in the archive;
mediaarchive.toml is overwritten. A mirror that fails holds nothing else up: the run says so (status 5), and the next one goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mediaarchive import layout
from mediaarchive.catalog import Catalog
from mediaarchive.catalog.drafts import FOLDER as DRAFTS
from mediaarchive.catalog.drafts import about
from mediaarchive.config import Settings
from mediaarchive.config.settings import MIRROR
from mediaarchive.errors import Damaged, MediaArchiveError, Refused, StoreError
from mediaarchive.model import Original
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.making.rows import ACCEPTED
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.workspace import CONFIG
from mediaarchive.ports import Stat, Store
from mediaarchive.stores import hasty
from mediaarchive.stores.retrying import Line

ONCE = ("receipts", "releases", DRAFTS)  # folders of small files that never change
_THREADS = 8
_BATCH = 32
_PLACE = "mirror"


def open_mirror(settings: Settings, root: Path, lines: dict[str, Line] | None = None) -> Store | None:
    """The mirror that settings name, or None. Nothing is read, written or sent yet. `lines`: as `open_store` has them."""
    from mediaarchive.stores import open_store  # noqa: PLC0415 - `status` needs no boto3

    entry = settings.originals.store()
    return open_store(entry, root, lines) if entry else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Behind:
    """What a mirror is known to lack: segments of the journal, originals, and the originals' bytes."""

    segments: int
    originals: int
    bytes: int

    def value(self) -> dict[str, int]:
        """As JSON values."""
        return {"segments": self.segments, "originals": self.originals, "bytes": self.bytes}


def behind(catalog: Catalog, settings: Settings) -> Behind | None:
    """How far the mirror is behind by what was seen there, or None without one. Asks nobody."""
    if not settings.originals.mirror:
        return None
    moved = catalog.noted(_PLACE) != settings.originals.mirror
    erased = catalog.erased()
    every = catalog.all_originals() if moved else catalog.not_in(MIRROR)
    lacking = [original for original in every if original.sha256 not in erased]
    last = catalog.journal.last()
    return Behind(
        segments=last if moved else last - len(_segments(catalog)),
        originals=len(lacking),
        bytes=sum(original.bytes for original in lacking),
    )


def _segments(catalog: Catalog) -> dict[str, str]:
    return catalog.stored(MIRROR, ["journal/"])


def bring(shop: Shop) -> list[Failure]:
    """Bring to the mirror what it lacks; what failed, as problems of the run.

    An original whose bytes are damaged here is not copied over a good copy there, and is told; the others go on.
    """
    if shop.mirror is None:
        return []
    try:
        arrive(shop, shop.mirror)
        damaged = _originals(shop, shop.mirror)
        _journal(shop, shop.mirror)  # after the originals that it names
        _files(shop, shop.mirror)
        if damaged:
            raise Damaged(
                f"{len(damaged)} originals can't be mirrored, since the archive's own copy is damaged or missing: {damaged[0]}",
                hint="`mediaarchive verify` names them; restore them from a backup",
            )
    except Refused as error:  # the rest of the run is done all the same
        return [Failure(store=MIRROR, event="", error=StoreError(error.message, hint=error.hint))]
    except MediaArchiveError as error:
        return [Failure(store=MIRROR, event="", error=error)]
    return []


def hurry(shop: Shop) -> None:
    """Bring the journal alone to the mirror, if that is possible now: a decision should not wait for the next run."""
    if shop.mirror is None:
        return
    mirror = hasty(shop.mirror)
    with contextlib.suppress(MediaArchiveError):
        arrive(shop, mirror)
        _journal(shop, mirror)


def remove(shop: Shop, originals: Sequence[Original]) -> None:
    """Destroy originals in the mirror too, for good.

    Raises:
        StoreError: the mirror failed midway; trying again helps.
    """
    if shop.mirror is None or not originals:
        return
    arrive(shop, shop.mirror)  # what isn't in an empty mount point is in the mirror all the same
    for original in originals:
        shop.mirror.delete(original.uri)
        shop.catalog.unmark_stored(MIRROR, [original.uri])


def forget_releases(shop: Shop, items: Collection[str]) -> None:
    """Destroy in the mirror the releases that show any of these items, and that the archive destroyed.

    Raises:
        StoreError: the mirror failed midway; trying again helps.
    """
    known = sorted(shop.catalog.stored(MIRROR, ["releases/"]))
    gone = [key for key in known if not (shop.workspace.archive / key).exists()]
    if shop.mirror is None or not gone:
        return
    arrive(shop, shop.mirror)
    for key in gone:
        found = shop.mirror.get(key)
        if found and any(history.shows(found[0], item) for item in items):
            shop.mirror.delete(key)
            shop.catalog.unmark_stored(MIRROR, [key])


def forget_drafts(shop: Shop, sha256s: Collection[str]) -> None:
    """Destroy in the mirror what machines wrote of these originals.

    Raises:
        StoreError: the mirror failed midway; trying again helps.
    """
    gone = [key for key in sorted(shop.catalog.stored(MIRROR, [f"{DRAFTS}/"])) if about(key) in sha256s]
    if shop.mirror is None or not gone:
        return
    arrive(shop, shop.mirror)
    for key in gone:
        shop.mirror.delete(key)
        shop.catalog.unmark_stored(MIRROR, [key])


def arrive(shop: Shop, mirror: Store) -> None:
    """Know whether this is the mirror of the last time, a new one, or nothing but the mount point of it.

    Raises:
        StoreError: it was filled before and is empty now, or it is another archive's. That nobody else may read it, `doctor` sees.
    """
    place = shop.settings.originals.mirror
    if shop.catalog.noted(_PLACE) == place:
        if _segments(shop.catalog) and next(iter(mirror.list("journal/")), None) is None:
            raise StoreError(
                f"the mirror {place} is empty, though it was not: is its disk mounted?",
                hint="mount it; if it really is lost, set [originals] mirror to a new place",
            )
        return
    mirror.check()
    _same_archive(shop, mirror)
    shop.catalog.forget_place(MIRROR)
    recognise(shop, mirror)
    shop.catalog.note(_PLACE, place)


def _same_archive(shop: Shop, mirror: Store) -> None:
    """Refuse a mirror that belongs to another archive."""
    found = mirror.get(layout.segment_key(1))
    own = shop.workspace.archive / layout.segment_key(1)
    if found and found[0] != own.read_bytes():
        raise StoreError(
            f"{shop.settings.originals.mirror} is the mirror of another archive; nothing was written there",
            hint="give each workspace a mirror of its own; to make this workspace from it: `mediaarchive rebuild`",
        )


def recognise(shop: Shop, mirror: Store) -> None:
    """Take what a mirror has already for seen, by name and size: `verify` reads the bytes."""
    sizes = {stat.key: stat.bytes for prefix in ("originals/", "journal/") for stat in mirror.list(prefix)}
    seen = {o.uri: o.sha256 for o in shop.catalog.all_originals() if sizes.get(o.uri) == o.bytes}
    for number in range(1, shop.catalog.journal.last() + 1):
        data = (shop.workspace.archive / layout.segment_key(number)).read_bytes()
        if sizes.get(layout.segment_key(number)) == len(data):
            seen[layout.segment_key(number)] = hashlib.sha256(data).hexdigest()
    shop.catalog.mark_stored(MIRROR, seen)


def _journal(shop: Shop, mirror: Store) -> None:
    """Oldest first, so that the mirror's chain has no gap at any moment."""
    there = _segments(shop.catalog)
    for number in range(1, shop.catalog.journal.last() + 1):
        name = layout.segment_key(number)
        if name not in there:
            data = (shop.workspace.archive / name).read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            shop.catalog.set_checksums(MIRROR, [_send(mirror, name, data, digest, len(data))])
            shop.catalog.mark_stored(MIRROR, {name: digest})


def _originals(shop: Shop, mirror: Store) -> list[str]:
    """Copy the originals that were never seen in the mirror; the paths of those whose own bytes are not right."""
    damaged: list[str] = []
    erased = shop.catalog.erased()
    lacking = [o for o in shop.catalog.not_in(MIRROR) if o.sha256 not in erased and not _given_up(shop, o)]

    def send(original: Original) -> Stat | None:
        path = shop.workspace.archive / original.uri
        try:
            return _send(mirror, original.uri, path, original.sha256, original.bytes)
        except Damaged:
            damaged.append(str(path))
            return None
        except StoreError:
            if path.is_file():
                raise
            damaged.append(str(path))
            return None

    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(lacking), _BATCH):
            batch = lacking[start : start + _BATCH]
            sent = {original: stat for original, stat in zip(batch, pool.map(send, batch), strict=True) if stat}
            shop.catalog.set_checksums(MIRROR, sent.values())
            shop.catalog.mark_stored(MIRROR, {original.uri: original.sha256 for original in sent})
    return sorted(damaged)


def _given_up(shop: Shop, original: Original) -> bool:
    """Whether an original is gone, and somebody said that it is known."""
    return bool(shop.catalog.noted(ACCEPTED)) and not (shop.workspace.archive / original.uri).exists()


def _send(mirror: Store, key: str, source: bytes | Path, sha256: str, size: int) -> Stat:
    """Write something once; the answer proves that it is there, with its size and checksum (`Store.create`)."""
    made = mirror.create(key, source, sha256=sha256)
    if made.bytes != size or made.sha256 not in {None, sha256}:
        raise StoreError(f"{mirror.url(key)} was written, but the mirror doesn't show it as it was sent")
    return made


def _files(shop: Shop, mirror: Store) -> None:
    """The settings, where they changed; receipts, releases and drafts, which never do."""
    files = {CONFIG: shop.workspace.config}
    there = shop.catalog.stored(MIRROR, [CONFIG, *(f"{name}/" for name in ONCE)])
    for name in ONCE:
        every = sorted((shop.workspace.archive / name).rglob("*"))
        found = (path for path in every if path.is_file() and path.name[0] != ".")  # half-written ones have a dot
        files |= {key: p for p in found if (key := p.relative_to(shop.workspace.archive).as_posix()) not in there}
    for key, path in files.items():
        data = path.read_bytes()
        if there.get(key) != (digest := hashlib.sha256(data).hexdigest()):
            mirror.put(key, data)
            shop.catalog.mark_stored(MIRROR, {key: digest})
