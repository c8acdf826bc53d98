"""Blocks of metadata where Pillow and exifread find none: XMP in a GIF, both in JPEG 2000, EXIF in CR3, RAF, ORF and RW2."""

from __future__ import annotations

import io
import mmap
from typing import TYPE_CHECKING, Final

from mediaarchive.media import boxes
from mediaarchive.media.metadata import exif

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

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


_HEAD: Final = 4 << 20  # directories of a RAW file stand before its sensor's data
_RAF_JPEG: Final = 84


def exif_of_cr3(path: Path) -> exif.Exif:
    """EXIF of a Canon CR3: its directories are two TIFFs in boxes of their own (CMT1: the picture, CMT2: the shot)."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    first, shot = (_block(head, name) for name in (b"CMT1", b"CMT2"))
    return exif.from_directories(_load(first), _load(shot)) if first else exif.Exif()


def _block(head: bytes, name: bytes) -> bytes:
    at = head.find(name + b"II*\x00")
    return head[at + 4 : at - 4 + int.from_bytes(head[at - 4 : at])] if at >= 4 else b""


def exif_of_raf(path: Path) -> exif.Exif:
    """EXIF of a Fujifilm RAF: that of the JPEG inside, which is whole."""
    from PIL import Image  # noqa: PLC0415

    with path.open("rb") as file:
        file.seek(_RAF_JPEG)
        start, count = (int.from_bytes(file.read(4)) for _ in range(2))
        file.seek(start)
        with Image.open(io.BytesIO(file.read(min(count, 64 << 20))), formats=("JPEG",)) as image:
            return exif.from_pillow(image.getexif())


def exif_of_olympus(path: Path) -> exif.Exif:
    """EXIF of an Olympus ORF or a Panasonic RW2: TIFF directories behind a signature of their own."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    order = b"II*\x00" if head[:2] == b"II" else b"MM\x00*"
    return exif.from_pillow(_load(order + head[4:]))


def _load(block: bytes) -> Image.Exif:
    from PIL import Image  # noqa: PLC0415

    found = Image.Exif()
    if block:
        found.load(b"Exif\x00\x00" + block)
    return found
