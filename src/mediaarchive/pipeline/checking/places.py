"""Stores, checked by what they do: written, read, deleted; then as a visitor, and as somebody who should be refused."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from mediaarchive.config.settings import StoreSettings
from mediaarchive.errors import MediaArchiveError
from mediaarchive.pipeline.checking.bucket import examine, private
from mediaarchive.pipeline.checking.check import Check, Place
from mediaarchive.pipeline.checking.visiting import visit
from mediaarchive.ports import Store

_PRIVATE = "receipts/doctor.txt"
KEY = "assets/doctor.txt"  # one name, so that an identity that may not delete leaves one small file at most


def check_store(settings: StoreSettings, store: Store) -> Iterator[Check]:
    """Everything about one store. What it writes is removed again."""
    place = Place(name=settings.name)
    data = f"mediaarchive doctor {secrets.token_hex(8)}\n".encode()
    try:
        store.check()
        yield place.ok("use", f"{settings.url} can be used")
    except MediaArchiveError as error:
        yield place.bad("use", error.message, error.hint or "")
        if not _readable(store):
            return
    written = _write(place, store, data)
    yield written
    if written.state == "bad":
        return
    url = store.url(KEY)
    if url.startswith("file:"):
        yield from _folder(place, settings, store)
    else:
        yield from visit(place, url, KEY, data)
    if settings.url.startswith("s3://"):
        yield from examine(place, settings)
    yield _delete(place, store)


def check_mirror(settings: StoreSettings, mirror: Store) -> Iterator[Check]:
    """The second home of originals and journal: it can be written and read, and is nobody else's to read."""
    place = Place(name=settings.name)
    try:
        mirror.check()
        yield place.ok("use", f"{settings.url} can be used")
    except MediaArchiveError as error:
        yield place.bad("use", error.message, error.hint or "")
        return
    written = _write(place, mirror, f"mediaarchive doctor {secrets.token_hex(8)}\n".encode(), _PRIVATE)
    yield written
    if written.state == "bad":
        return
    if settings.url.startswith("s3://"):
        yield from private(place, settings, _PRIVATE)
    else:
        yield _closed(place, settings, mirror)
    try:
        mirror.delete(_PRIVATE)
    except MediaArchiveError:  # an identity that may not delete is right for a mirror
        yield place.ok("delete", f"this identity can't delete, which protects the mirror; {_PRIVATE} stays")


def _closed(place: Place, settings: StoreSettings, mirror: Store) -> Check:
    """A folder: whether other users of its machine can read it."""
    root = getattr(mirror, "root", None)
    folders = [root / name for name in ("originals", "journal") if (root / name).is_dir()] if root else []
    if root and root.stat().st_mode & 0o005 and any(folder.stat().st_mode & 0o005 for folder in folders):
        todo = f"chmod -R o-rwx {settings.url}, and keep it out of every web server's folders"
        return place.warning("private", "every user of this machine can read originals and journal", todo)
    return place.ok("private", "other users of this machine can't read it, or nothing is there yet")


def _readable(store: Store) -> bool:
    """Whether it is worth trying on after a refusal: the server answers us, and lacks something else."""
    try:
        store.stat(KEY)
    except MediaArchiveError:
        return False
    return True


def _write(place: Place, store: Store, data: bytes, key: str = KEY) -> Check:
    try:
        store.put(key, data)
        found = store.get(key)
    except MediaArchiveError as error:
        return place.bad("write and read", error.message, error.hint or "")
    if found is None or hashlib.sha256(found[0]).digest() != hashlib.sha256(data).digest():
        return place.bad("write and read", "what was written is not what is read", "don't publish there")
    return place.ok("write and read", "what was written is what is read")


def _delete(place: Place, store: Store) -> Check:
    try:
        store.delete(KEY)
    except MediaArchiveError as error:
        return place.warning(
            "delete",
            f"this identity can't delete: {error.message}",
            f"right for publishing; takedown and gc need the other one (config/s3/README.md). {KEY} stays",
        )
    return place.ok("delete", "what was written is gone again")


def _folder(place: Place, settings: StoreSettings, store: Store) -> Iterator[Check]:
    """A folder: whether a web server of another user could read it, and that it has no public address yet."""
    root = getattr(store, "root", None)
    mode = (root / KEY).stat().st_mode if isinstance(root, Path) else 0
    if mode & 0o004 and root.stat().st_mode & 0o005 == 0o005:  # type: ignore[union-attr]
        yield place.ok("permissions", "a web server of another user can read it")
    else:
        umask = f"chmod -R o+rX {settings.url}; set umask 022 for the job (user {os.getuid()})"
        yield place.warning("permissions", "only this user can read what is published", umask)
    yield place.warning(
        "public address", "base_url is not set: what visitors get can't be checked", "set base_url in [[store]]"
    )
