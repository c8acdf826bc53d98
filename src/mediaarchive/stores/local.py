"""A store in a folder, publishable as it is by any web server.

Every object is written to a temporary file below the root, flushed to the disk, and only then given its name, so a reader
sees all of it or nothing, whenever the power goes. What is published never shares its storage with the file it came from:
one of them may be altered later, so nothing is hard-linked into the store, and bytes are copied in one pass that hashes
them (copying inside the kernel and hashing afterwards took as long: 0.40 against 0.37 s for 300 MiB on ext4).

Versions. Names that are written once never get other bytes, so their version is cheap: size, time and inode. All other
names are projections and small; their version is the SHA-256 of their bytes, since a file system's clock (4 ms) and
reused inodes could give two different contents one time and number. `stat` always reads and hashes, so its `sha256` is
proof; `list` is the cheap look: it gives no `sha256` for names that are written once.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import stat as stat_bits
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mediaarchive import layout
from mediaarchive.durable import sync_folder
from mediaarchive.errors import Conflict, DiskFull, Exists, StoreError, Unwritable
from mediaarchive.ports import Stat
from mediaarchive.stores import objects

_FILE_MODE = 0o644  # less the umask, as for folders: a web server of another user must be able to read
_FOLDER_MODE = 0o755
_TEMPORARY = ".tmp-"
_LOCK = ".lock"
_LEFT_BEHIND = 86_400  # seconds after which a temporary file is surely nobody's any more
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_ABSENT = (FileNotFoundError, NotADirectoryError)
_ATTEMPTS = 16  # how often a folder may be tidied away by a delete just before a file gets its name in it


class LocalStore:
    """Objects as files below `root`; several threads and processes may use it at once."""

    def __init__(self, name: str, root: Path, base_url: str = "") -> None:
        self.name = name
        self.root = root.absolute()
        self._base_url = base_url

    def check(self) -> None:
        """Make the folder if it is missing, and write to it. Raises `Unwritable` or `DiskFull`."""
        try:
            self.root.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            with self._temporary(b"mediaarchive"):
                pass
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFull(_full(self.root), hint="free some space, or choose another disk") from error
            raise Unwritable(
                f"the folder {self.root} can't be written: {error.strerror}",
                hint="correct its owner or permissions, or choose another folder ([[store]] url, [originals] mirror)",
            ) from error

    def stat(self, key: str) -> Stat | None:
        """What is there, or None. It reads the whole file: `sha256` is what the bytes are now."""
        with self._translated(key):
            try:
                with self._path(key).open("rb") as stream:
                    found = os.fstat(stream.fileno())
                    return _stat(key, found, objects.sha256_of(stream))
            except (*_ABSENT, IsADirectoryError):
                return None

    def get(self, key: str) -> tuple[bytes, str] | None:
        """The bytes and their version, or None."""
        with self._translated(key):
            try:
                with self._path(key).open("rb") as stream:
                    found = os.fstat(stream.fileno())
                    data = stream.read()
            except (*_ABSENT, IsADirectoryError):
                return None
        return data, _stat(key, found, hashlib.sha256(data).hexdigest()).version

    def fetch(self, key: str, target: Path | None = None) -> str | None:
        """Read an object to its end; its SHA-256, or None."""
        with self._translated(key):
            try:
                with self._path(key).open("rb") as stream:
                    return objects.receive(objects.chunks(stream), target)
            except (*_ABSENT, IsADirectoryError):
                return None

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects whose key starts with `prefix`, in order of key. Projections are read, the other objects only looked at."""
        objects.checked_prefix(prefix)
        folder = prefix.rpartition("/")[0]
        for key in self._keys(folder, prefix):
            found = self.stat(key) if not layout.write_once(key) else self._look(key)
            if found is not None:
                yield found

    def create(self, key: str, source: bytes | Path, *, sha256: str, disposition: str | None = None) -> Stat:  # noqa: ARG002
        """Write an object whose name is written once. A file has no headers: `disposition` is not kept."""
        path = self._path(key)
        with self._translated(key):
            if (found := self.stat(key)) is not None:
                with objects.open_source(source) as stream:
                    objects.verify(objects.sha256_of(stream), sha256, key)
                return _same(found, sha256)
            with self._temporary(source) as (temporary, digest):
                objects.verify(digest, sha256, key)
                made = _stat(key, temporary.stat(), sha256)  # now: once it has its name, somebody may remove it
                for _ in range(_ATTEMPTS):
                    if self._name_new(temporary, path):
                        return replace(made, sent=True)
                    if (found := self.stat(key)) is not None:
                        return _same(found, sha256)
        raise StoreError(f"{path} is written and removed by somebody else all the time")

    def put(self, key: str, data: bytes) -> Stat:
        """Write or overwrite a projection."""
        path = self._path(key)
        with self._translated(key), self._temporary(data) as (temporary, digest), self._locked():
            return replace(self._name_over(temporary, path, key, digest), sent=True)

    def swap(self, key: str, data: bytes, expected: str | None) -> Stat:
        """Write `key` only if its version is `expected` (None: only if there is nothing)."""
        path = self._path(key)
        with self._translated(key), self._temporary(data) as (temporary, digest), self._locked():
            found = self.stat(key)
            if (found.version if found else None) != expected:
                raise Conflict(f"somebody else changed {key}")
            return self._name_over(temporary, path, key, digest)

    def delete(self, key: str) -> None:
        """Remove an object, and the folders that it leaves empty; nothing there is no error."""
        path = self._path(key)
        with self._translated(key), contextlib.suppress(*_ABSENT, IsADirectoryError), self._locked():
            path.unlink()
            for folder in path.parents:
                sync_folder(folder)
                if folder == self.root:
                    break
                try:
                    folder.rmdir()
                except OSError:  # not empty: somebody else's objects
                    break

    def url(self, key: str) -> str:
        """Where a reader finds it: below `base_url`, else as a `file:` URL."""
        path = self._path(key)
        return objects.public_url(self._base_url, key) if self._base_url else path.as_uri()

    def prune(self, prefix: str) -> int:
        """A folder has no older versions."""
        objects.checked_prefix(prefix)
        return 0

    def sweep(self) -> int:
        """Remove temporary files that a crash left behind a day ago or earlier. Returns how many."""
        removed = 0
        with self._translated("temporary files"):
            for path in self.root.glob(f"{_TEMPORARY}*"):
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < time.time() - _LEFT_BEHIND:
                        path.unlink()
                        removed += 1
        return removed

    def _path(self, key: str) -> Path:
        return self.root / objects.checked(key)

    @contextlib.contextmanager
    def _temporary(self, source: bytes | Path) -> Iterator[tuple[Path, str]]:
        """A durable copy of `source` on the store's own file system, and its SHA-256; gone afterwards unless renamed."""
        _make_folder(self.root)
        path = self.root / f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        with objects.open_source(source) as stream:
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE)
                with open(handle, "wb", buffering=0) as file:  # noqa: PTH123 - an open handle has no path
                    for piece in objects.chunks(stream):
                        digest.update(piece)
                        _write(file.fileno(), piece)
                    os.fsync(file.fileno())
                yield path, digest.hexdigest()
            finally:
                path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone among all threads and processes that move names of this store."""
        handle = os.open(self.root / _LOCK, os.O_CREAT | os.O_RDWR, _FILE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)  # which also lets the lock go

    def _name_new(self, temporary: Path, path: Path) -> bool:
        """Give `temporary` a name, unless somebody has it, or a delete just tidied its folder away."""
        try:
            _make_folder(path.parent)
            os.link(temporary, path)
        except (FileExistsError, FileNotFoundError):
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # FAT and some network shares have no links. Renaming would overwrite, so look first, alone.
            with self._locked():
                _make_folder(path.parent)
                if path.exists():
                    return False
                temporary.rename(path)
        sync_folder(path.parent)
        return True

    def _name_over(self, temporary: Path, path: Path, key: str, digest: str) -> Stat:
        """Give `temporary` the name of what may be there. Call it locked."""
        made = _stat(key, temporary.stat(), digest)
        _make_folder(path.parent)
        temporary.replace(path)
        sync_folder(path.parent)
        return made

    def _look(self, key: str) -> Stat | None:
        try:
            return _stat(key, self._path(key).stat(), None)
        except _ABSENT:
            return None

    def _keys(self, folder: str, prefix: str) -> Iterator[str]:
        """Keys below `folder` that start with `prefix`, in order. A folder sorts as its name with a slash, as in a bucket."""
        with self._translated(folder):
            try:
                with os.scandir(self.root / folder) as entries:
                    names = sorted(_listed(entry) for entry in entries if objects.is_part(entry.name))
            except _ABSENT:
                return
        for name in names:
            key = f"{folder}/{name}" if folder else name
            if not key.startswith(prefix):
                continue
            if name.endswith("/"):
                yield from self._keys(key[:-1], prefix)
            else:
                yield key

    @contextlib.contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Turn the system's errors into ours, in words."""
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                raise StoreError(_full(self.root), hint="free some space, then run again") from error
            raise StoreError(f"{key} in the folder {self.root}: {error.strerror or error}") from error


def _full(folder: Path) -> str:
    return f"the disk of {folder} is full"


def _stat(key: str, found: os.stat_result, sha256: str | None) -> Stat:
    """Describe an open file; `sha256` may be None only for names that are written once."""
    if not stat_bits.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    if layout.write_once(key):
        version = f"{found.st_size}-{found.st_mtime_ns:x}-{found.st_ino:x}"
    else:
        assert sha256 is not None
        version = sha256
    return Stat(key=key, bytes=found.st_size, version=version, sha256=sha256)


def _same(found: Stat, sha256: str) -> Stat:
    if found.sha256 != sha256:
        raise Exists(f"{found.key} is already there with other bytes")
    return found


def _listed(entry: os.DirEntry[str]) -> str:
    return f"{entry.name}/" if entry.is_dir() else entry.name


def _write(handle: int, piece: bytes) -> None:
    """All of `piece`: the system may take less at once, above all just before a disk is full."""
    view = memoryview(piece)
    while view:
        view = view[os.write(handle, view) :]


def _make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, durably: each new name is flushed in the folder that holds it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=_FOLDER_MODE)
    sync_folder(folder.parent)
