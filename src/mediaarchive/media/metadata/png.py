"""The metadata chunks of a PNG, wherever they stand: Pillow decodes all pixels to find those after them."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_XMP: Final = b"XML:com.adobe.xmp"
# ImageMagick's names; APP1 is a JPEG's segment as it was, which may hold either.
_RAW: Final = {
    b"Raw profile type exif": "exif",
    b"Raw profile type APP1": "exif",
    b"Raw profile type xmp": "xmp",
    b"Raw profile type iptc": "resources",
    b"Raw profile type 8bim": "resources",
}
_XMP_SEGMENT: Final = b"http://ns.adobe.com/xap/1.0/\x00"
_MOST_CHUNKS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Found:
    """The raw EXIF block, XMP packet and Photoshop resources (which hold IPTC); empty where there is none."""

    exif: bytes = b""
    xmp: bytes = b""
    resources: bytes = b""


def read(path: Path, limit: int) -> Found:
    """Walk the chunks (PNG 3rd edition, section 11.3); those of more than `limit` bytes are an error.

    Raises:
        ValueError: a chunk of metadata is too large, or damaged (also `zlib.error`).
    """
    found: dict[str, bytes] = {}
    with path.open("rb") as file:
        file.seek(len(_SIGNATURE))
        for _ in range(_MOST_CHUNKS):
            head = file.read(8)
            length, kind = int.from_bytes(head[:4]), head[4:]
            if len(head) < 8 or kind == b"IEND":
                break
            if kind not in {b"eXIf", b"iTXt", b"tEXt", b"zTXt"}:
                file.seek(length + 4, 1)
                continue
            if length > limit:
                raise ValueError(f"{length} bytes in one chunk, more than the limit of {limit}")
            data = file.read(length)
            file.seek(4, 1)
            if kind == b"eXIf":
                found.setdefault("exif", data)
                continue
            keyword, text = _text(kind, data, limit)
            if keyword == _XMP:
                found.setdefault("xmp", text)
            elif keyword in _RAW:
                profile = _raw_profile(text)
                is_xmp = profile.startswith(_XMP_SEGMENT)
                found.setdefault("xmp" if is_xmp else _RAW[keyword], profile.removeprefix(_XMP_SEGMENT))
    return Found(**found)


def _text(kind: bytes, data: bytes, limit: int) -> tuple[bytes, bytes]:
    """Keyword and text of a text chunk."""
    keyword, _, rest = data.partition(b"\x00")
    if keyword != _XMP and keyword not in _RAW:
        return keyword, b""
    if kind == b"tEXt":
        return keyword, rest
    if kind == b"zTXt":
        return keyword, _inflate(rest[1:], limit)
    packed, text = rest[:1] == b"\x01", rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
    return keyword, _inflate(text, limit) if packed else text


def _inflate(data: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj()
    text = inflater.decompress(data, limit)
    if inflater.unconsumed_tail:
        raise ValueError(f"more than the limit of {limit} bytes when unpacked")
    return text


def _raw_profile(text: bytes) -> bytes:
    """ImageMagick's way: a name, a length, then hexadecimal digits."""
    digits = re.sub(rb"\s+", b"", b"".join(text.strip().split(b"\n")[2:]))
    return bytes.fromhex(digits.decode("ascii"))
