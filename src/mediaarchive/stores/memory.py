"""A store in memory, for tests and trials: it keeps the whole contract and forgets everything at the end."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mediaarchive.errors import Conflict, Exists
from mediaarchive.ports import Stat
from mediaarchive.stores import objects


class MemoryStore:
    """Objects in a dictionary behind a lock. A version is the SHA-256 of the bytes."""

    def __init__(self, name: str = "memory", base_url: str = "") -> None:
        self.name = name
        self._base_url = base_url or f"memory://{name}"
        self._lock = threading.Lock()
        self._objects: dict[str, bytes] = {}

    def check(self) -> None:
        """Memory is always there."""

    def stat(self, key: str) -> Stat | None:
        """What is there, or None."""
        data = self._objects.get(objects.checked(key))
        return None if data is None else _stat(key, data)

    def get(self, key: str) -> tuple[bytes, str] | None:
        """The bytes and their version, or None."""
        data = self._objects.get(objects.checked(key))
        return None if data is None else (data, _stat(key, data).version)

    def fetch(self, key: str, target: Path | None = None) -> str | None:
        """Read an object to its end; its SHA-256, or None."""
        data = self._objects.get(objects.checked(key))
        return None if data is None else objects.receive([data], target)

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects whose key starts with `prefix`, in order of key, as they were when the listing began."""
        objects.checked_prefix(prefix)
        with self._lock:
            found = sorted(item for item in self._objects.items() if item[0].startswith(prefix))
        return iter([_stat(key, data) for key, data in found])

    def create(self, key: str, source: bytes | Path, *, sha256: str, disposition: str | None = None) -> Stat:  # noqa: ARG002
        """Write an object whose name is written once. There are no headers here: `disposition` is not kept."""
        objects.checked(key)
        with objects.open_source(source) as stream:
            data = stream.read()
        stat = _stat(key, data)
        objects.verify(stat.version, sha256, key)
        with self._lock:
            new = key not in self._objects
            if self._objects.setdefault(key, data) != data:
                raise Exists(f"{key} is already there with other bytes")
        return replace(stat, sent=new)

    def put(self, key: str, data: bytes) -> Stat:
        """Write or overwrite a projection."""
        with self._lock:
            self._objects[objects.checked(key)] = data
        return replace(_stat(key, data), sent=True)

    def swap(self, key: str, data: bytes, expected: str | None) -> Stat:
        """Write `key` only if its version is `expected` (None: only if there is nothing)."""
        objects.checked(key)
        with self._lock:
            found = self._objects.get(key)
            if (None if found is None else _stat(key, found).version) != expected:
                raise Conflict(f"somebody else changed {key}")
            self._objects[key] = data
        return _stat(key, data)

    def delete(self, key: str) -> None:
        """Remove an object; nothing there is no error."""
        with self._lock:
            self._objects.pop(objects.checked(key), None)

    def prune(self, prefix: str) -> int:
        """There are no older versions."""
        objects.checked_prefix(prefix)
        return 0

    def sweep(self) -> int:
        """Nothing is ever left behind."""
        return 0

    def url(self, key: str) -> str:
        """Where a reader finds it."""
        return objects.public_url(self._base_url, objects.checked(key))


def _stat(key: str, data: bytes) -> Stat:
    digest = hashlib.sha256(data).hexdigest()
    return Stat(key=key, bytes=len(data), version=digest, sha256=digest)
