"""Walks the containers of pictures (ISO base media, RIFF, TIFF) without decoding, and says whether one is cut short.

Needed since libheif decodes half a file without a word, and libjpeg and libwebp one whose second half is zeros.
"""

from __future__ import annotations

import mmap
import os
import struct
from typing import IO, TYPE_CHECKING, Final

from mediaarchive.media.boxes import top_level

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 64
# A copy that broke off often leaves the room it had reserved: compressed pixels never hold that many zeros.
_EMPTY: Final = bytes(16_384)
_BLOCK: Final = 512


def brands(stream: IO[bytes]) -> tuple[bytes, ...]:
    """The major and the compatible brands of an ISO base media file; none for any other file."""
    stream.seek(0)
    head = stream.read(256)
    if head[4:8] != b"ftyp":
        return ()
    listed = head[16 : int.from_bytes(head[:4])]
    return (head[8:12], *(listed[at : at + 4] for at in range(0, len(listed), 4)))


def holds_uuid(stream: IO[bytes], uuid: bytes) -> bool:
    """Whether an ISO base media file has a `uuid` box of this type at its top."""
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(box.kind == b"uuid" and data[box.start + 8 : box.start + 24] == uuid for box in top_level(data))


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """The types of the chunks of a RIFF file, 64 at most."""
    position = 12
    for _ in range(_MOST):
        stream.seek(position)
        header = stream.read(8)
        if len(header) < 8:
            return
        kind, size = struct.unpack("<4sI", header)
        yield kind
        position += 8 + size + size % 2


def cut_short(stream: IO[bytes]) -> bool:
    """Whether the file's own structure says that its end is missing, or was never written.

    Only the boxes that hold the picture count: trailers that phones append (a motion photo's film) are often cut.
    """
    stream.seek(0)
    head = stream.read(12)
    length = _length(stream)
    if head[:2] == b"\xff\xd8":
        return _unwritten(stream, length)
    if head[:4] == b"RIFF":
        return _missing(stream, int.from_bytes(head[4:8], "little") + 8, length)
    if head[:4] in {b"II*\0", b"MM\0*"}:
        return int.from_bytes(head[4:8], "little" if head[:1] == b"I" else "big") >= length
    if head[4:8] == b"ftyp":
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return any(box.kind in {b"mdat", b"meta"} and _missing(stream, box.end, length) for box in top_level(data))
    return False


def _missing(stream: IO[bytes], end: int, length: int) -> bool:
    if end > length:
        return True
    stream.seek(max(0, end - len(_EMPTY)))
    return stream.read(len(_EMPTY)) == _EMPTY


def _unwritten(stream: IO[bytes], length: int) -> bool:
    """Whether a JPEG ends in zeros that its end marker doesn't precede: they decode, as grey.

    Cameras that pad their files to whole blocks do so after the marker.
    """
    stream.seek(max(0, length - _BLOCK))
    if stream.read(_BLOCK) != bytes(_BLOCK):
        return False
    stream.seek(0)
    return not stream.read().rstrip(b"\0").endswith(b"\xff\xd9")


def _length(stream: IO[bytes]) -> int:
    return stream.seek(0, os.SEEK_END)
