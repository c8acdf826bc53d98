"""What all stores share: which keys are allowed, how a source is read and verified, and the header for a download's name."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from mediaarchive import layout
from mediaarchive.errors import Damaged, StoreError, UsageError

CHUNK = 1024 * 1024  # bytes read at once: large enough that system calls cost nothing, small enough for many threads
_PART = re.compile(r"[A-Za-z0-9_~!$'()+,;=@-][A-Za-z0-9_.~!$'()+,;=@-]{0,254}")
_MAX_KEY = 1024  # bytes: the limit of S3


def checked(key: str) -> str:
    """`key` itself, if every store can hold it: `/`-separated parts of printable ASCII, none of which begins with a dot.

    Names that begin with a dot are a store's own (locks, temporary files, probes): never published, never listed.

    Raises:
        UsageError: the key is empty, absolute, climbs (`..`), has an empty part, a blank or another unsafe character.
    """
    if len(key) > _MAX_KEY or not all(map(is_part, key.split("/"))):
        raise UsageError(f"{key!r} can't be a key of a store: use ASCII names separated by single slashes")
    return key


def is_part(name: str) -> bool:
    """Whether `name` can stand between the slashes of a key."""
    return bool(_PART.fullmatch(name))


def checked_prefix(prefix: str) -> str:
    """`prefix` itself, if keys can begin with it; it may be empty, and may end anywhere in a key.

    Raises:
        UsageError: no key can begin with it.
    """
    if prefix:
        checked(prefix.removesuffix("/"))
    return prefix


def open_source(source: bytes | Path) -> BinaryIO:
    """The source as a binary stream.

    Raises:
        StoreError: the file can't be read.
    """
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        return source.open("rb")
    except OSError as error:
        raise StoreError(f"{source} can't be read: {error.strerror}") from error


def chunks(stream: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    """The rest of `stream` in pieces of `size` bytes, the last one shorter."""
    while piece := stream.read(size):
        yield piece


def sha256_of(stream: BinaryIO) -> str:
    """SHA-256 (hex) of the rest of `stream`."""
    digest = hashlib.sha256()
    for piece in chunks(stream):
        digest.update(piece)
    return digest.hexdigest()


def receive(pieces: Iterable[bytes], target: Path | None) -> str:
    """SHA-256 (hex) of `pieces`, which are also written to the file `target`, if one is given; flushed to its disk."""
    digest = hashlib.sha256()
    with target.open("wb") if target else contextlib.nullcontext() as file:
        for piece in pieces:
            digest.update(piece)
            if file:
                file.write(piece)
        if file:
            file.flush()
            os.fsync(file.fileno())
    return digest.hexdigest()


def md5_of(stream: BinaryIO) -> str:
    """MD5 (hex) of the rest of `stream`: what S3 shows of an object that was sent in one request."""
    digest = hashlib.md5(usedforsecurity=False)
    for piece in chunks(stream):
        digest.update(piece)
    return digest.hexdigest()


def verify(found: str, expected: str, key: str) -> None:
    """Raise `Damaged` unless the two digests are equal."""
    if found != expected:
        raise Damaged(
            f"the bytes for {key} are not those that were promised: sha256 {found[:12]}… instead of {expected[:12]}…",
            hint="the disk or the memory may be failing; run again, and check the disk if it happens twice",
        )


def disposition_header(key: str, name: str | None) -> str | None:
    """The Content-Disposition of `key`, or None: what a browser shows stays `inline`, anything unknown is only saved.

    `name` is proposed for saving (RFC 6266): once in plain ASCII for old browsers, once as UTF-8 (RFC 8187) where it
    needs more. Folders, quotes and control characters in `name` are taken out.
    """
    kind = "attachment" if layout.is_download(key) else "inline"
    name = re.sub(r'[\x00-\x1f\x7f"\\]', "", re.split(r"[/\\]", name)[-1]).strip() if name else ""
    if not name:
        return kind if kind == "attachment" else None
    plain = re.sub(r"[^\x20-\x7e]|%", "_", name)
    header = f'{kind}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def public_url(base_url: str, key: str) -> str:
    """`key` below `base_url`, percent-encoded."""
    return f"{base_url.rstrip('/')}/{quote(key)}"
