"""XMP packets where Pillow finds none: in the application extensions of a GIF, and in the boxes of a JPEG 2000 file."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Final

from mediaarchive.media import boxes

if TYPE_CHECKING:
    from pathlib import Path

# XMP specification part 3, 1.1.2 (GIF) and 1.1.4 (JPEG 2000). In a GIF the packet isn't cut into blocks; a trailer that
# counts down from 255 leads decoders that don't know it to the end.
_GIF: Final = b"\x21\xff\x0bXMP DataXMP"
_GIF_TRAILER: Final = b"\x01\xff\xfe\xfd"
_UUID_XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_UUID_EXIF: Final = b"JpgTiffExif->JP2"


def in_gif(path: Path, limit: int) -> bytes:
    """The packet, of `limit` bytes at most; empty if there is none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = data.find(_GIF)
        if start < 0:
            return b""
        start += len(_GIF)
        end = data.find(_GIF_TRAILER, start, start + limit + len(_GIF_TRAILER))
        return data[start:end] if end >= 0 else b""


def in_jp2(path: Path, limit: int) -> tuple[bytes, bytes]:
    """The EXIF block (a TIFF) and the XMP packet, of `limit` bytes at most each; empty where there is none."""
    found = {_UUID_EXIF: b"", _UUID_XMP: b""}
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for box in boxes.top_level(data):
            name = data[box.start + 8 : box.start + 24]
            if box.kind == b"uuid" and name in found and box.end - box.start <= limit:
                found[name] = found[name] or data[box.start + 24 : box.end]
    return found[_UUID_EXIF], found[_UUID_XMP]
