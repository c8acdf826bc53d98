"""A store that only notes what would be written: reads pass through to the real one, which is never changed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mediaarchive.errors import Conflict, Exists
from mediaarchive.ports import Stat, Store
from mediaarchive.stores import objects


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One call that would have changed the store. `bytes`: what would be sent, 0 for a removal."""

    verb: Literal["create", "put", "swap", "delete"]
    key: str
    bytes: int


class DryRunStore:
    """`inner` for reading. Calls that would change nothing (the same bytes are there, nothing to remove) aren't noted."""

    def __init__(self, inner: Store) -> None:
        self.name = inner.name
        self._inner = inner
        self._lock = threading.Lock()
        self._changes: list[Change] = []

    @property
    def changes(self) -> tuple[Change, ...]:
        """What would have been written and removed, in order."""
        with self._lock:
            return tuple(self._changes)

    def check(self) -> None:
        """Nothing is checked: a real check may write."""

    def stat(self, key: str) -> Stat | None:
        """What is really there, or None."""
        return self._inner.stat(key)

    def get(self, key: str) -> tuple[bytes, str] | None:
        """The bytes really there and their version, or None."""
        return self._inner.get(key)

    def fetch(self, key: str, target: Path | None = None) -> str | None:
        """Read what is really there to its end; its SHA-256, or None."""
        return self._inner.fetch(key, target)

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects really there whose key starts with `prefix`."""
        return self._inner.list(prefix)

    def create(self, key: str, source: bytes | Path, *, sha256: str, disposition: str | None = None) -> Stat:  # noqa: ARG002
        """Note that an object would be made. Raises what the real store would: `Exists`, `Damaged`."""
        with objects.open_source(source) as stream:
            objects.verify(objects.sha256_of(stream), sha256, key)
            size = stream.tell()
        found = self._inner.stat(key)
        if found is None:
            return self._note("create", key, size, sha256)
        if found.bytes != size or found.sha256 not in {None, sha256}:
            raise Exists(f"{key} is already there with other bytes")
        return found

    def put(self, key: str, data: bytes) -> Stat:
        """Note that a projection would be written, unless it is there as it should be."""
        digest = hashlib.sha256(data).hexdigest()
        found = self._inner.stat(key)
        return found if found and found.sha256 == digest else self._note("put", key, len(data), digest)

    def swap(self, key: str, data: bytes, expected: str | None) -> Stat:
        """Note that a name would move. Raises `Conflict` if the real store would."""
        found = self._inner.stat(key)
        if (found.version if found else None) != expected:
            raise Conflict(f"somebody else changed {key}")
        return self._note("swap", key, len(data), hashlib.sha256(data).hexdigest())

    def delete(self, key: str) -> None:
        """Note that an object would be removed, if there is one."""
        if self._inner.stat(key) is not None:
            self._note("delete", key, 0, "")

    def prune(self, prefix: str) -> int:
        """Remove nothing."""
        objects.checked_prefix(prefix)
        return 0

    def sweep(self) -> int:
        """Remove nothing."""
        return 0

    def url(self, key: str) -> str:
        """Where a reader would find it."""
        return self._inner.url(key)

    def _note(self, verb: Literal["create", "put", "swap", "delete"], key: str, size: int, digest: str) -> Stat:
        with self._lock:
            self._changes.append(Change(verb=verb, key=key, bytes=size))
        return Stat(key=key, bytes=size, version=digest, sha256=digest, sent=True)
