"""Walks the containers of pictures (ISO base media, RIFF, TIFF) without decoding, and says whether one is cut short.

Needed since libheif decodes half a file without a word, and libjpeg and libwebp one whose second half is zeros.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 64
# A copy that broke off often leaves the room it had reserved: compressed pixels never hold that many zeros.
_EMPTY: Final = bytes(16_384)
_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Part:
    """A box or chunk: type, where it begins and (as declared) ends in the file, and its content's first 16 bytes."""

    kind: bytes
    start: int
    end: int
    head: bytes


def brands(stream: IO[bytes]) -> tuple[bytes, ...]:
    """The major and the compatible brands of an ISO base media file; none for any other file."""
    stream.seek(0)
    head = stream.read(256)
    if head[4:8] != b"ftyp":
        return ()
    listed = head[16 : int.from_bytes(head[:4])]
    return (head[8:12], *(listed[at : at + 4] for at in range(0, len(listed), 4)))


def boxes(stream: IO[bytes]) -> Iterator[Part]:
    """The boxes at the top of an ISO base media file (ISO/IEC 14496-12, 4.2), 64 at most."""
    length = _length(stream)
    position = 0
    for _ in range(_MOST):
        stream.seek(position)
        header = stream.read(16)
        if len(header) < 8:
            return
        size, kind = struct.unpack(">I4s", header[:8])
        start = 8
        if size == 1 and len(header) == 16:
            (size,) = struct.unpack(">Q", header[8:])
            start = 16
        end = length if size == 0 else position + size
        stream.seek(position + start)
        yield Part(kind, position, end, stream.read(16))
        if end <= position + start or end >= length:
            return
        position = end


def chunks(stream: IO[bytes]) -> Iterator[Part]:
    """The chunks of a RIFF file, 64 at most."""
    position = 12
    for _ in range(_MOST):
        stream.seek(position)
        header = stream.read(8)
        if len(header) < 8:
            return
        kind, size = struct.unpack("<4sI", header)
        yield Part(kind, position, position + 8 + size, stream.read(16))
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
        return any(box.kind in {b"mdat", b"meta"} and _missing(stream, box.end, length) for box in boxes(stream))
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
