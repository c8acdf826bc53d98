"""IPTC-IIM datasets (IIM 4.2) of JPEG and TIFF, read by Pillow and decoded here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mediaarchive.media.metadata.words import clean, decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import ImageFile

_FIELDS: Final = {
    "caption": (2, 120),
    "headline": (2, 105),
    "keywords": (2, 25),
    "creator": (2, 80),
    "copyright": (2, 116),
    "credit": (2, 110),
    "date": (2, 55),
    "time": (2, 60),
}
_CHARACTER_SET: Final = (1, 90)
_UTF8: Final = b"\x1b%G"
_BLOCK, _DIGEST = 0x0404, 0x0425
_MOST_RESOURCES: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Iptc:
    """Cleaned strings by the names of `_FIELDS`.

    `newer_than_xmp`: the digest that XMP-aware programs leave beside the block doesn't match it, so a program that
    knows only IPTC changed it last (Metadata Working Group 2.0).
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    newer_than_xmp: bool = False

    def get(self, name: str) -> str:
        """The first value, or an empty string."""
        return next(iter(self.values.get(name, ())), "")


def from_pillow(image: ImageFile.ImageFile, limit: int) -> Iptc:
    """What the picture's IPTC block says.

    Raises:
        ValueError: the block is larger than `limit` bytes.
        SyntaxError: Pillow can't read it.
    """
    from PIL import IptcImagePlugin  # noqa: PLC0415

    resources = image.info.get("photoshop")
    block = resources.get(_BLOCK, b"") if isinstance(resources, dict) else b""
    if isinstance(block, bytes) and len(block) > limit:
        raise ValueError(f"{len(block)} bytes, more than the limit of {limit}")
    datasets = IptcImagePlugin.getiptcinfo(image) or {}
    said = datasets.get(_CHARACTER_SET)
    is_utf8 = said == _UTF8
    values = {}
    for name, key in _FIELDS.items():
        raw = datasets.get(key, [])
        texts = (_decode(item, is_utf8=is_utf8) for item in (raw if isinstance(raw, list) else [raw]))
        if cleaned := tuple(text for text in map(clean, texts) if text):
            values[name] = cleaned
    digest = resources.get(_DIGEST, b"") if isinstance(resources, dict) else b""
    changed = isinstance(block, bytes) and len(digest) == 16 and any(digest) and digest != _md5(block)
    return Iptc(values=values, newer_than_xmp=changed)


def from_resources(resources: bytes, limit: int) -> Iptc:
    """The same from Photoshop's image resources as they are (PNGs by ImageMagick have them): `8BIM` blocks, one of them IPTC."""
    from PIL import JpegImagePlugin  # noqa: PLC0415

    found: dict[int, bytes] = {}
    at = 0
    while resources[at : at + 4] == b"8BIM" and len(found) < _MOST_RESOURCES:
        number, named = int.from_bytes(resources[at + 4 : at + 6]), resources[at + 6]
        size_at = at + 6 + (named + 2) // 2 * 2  # a Pascal string, padded to an even length
        size = int.from_bytes(resources[size_at : size_at + 4])
        found[number] = resources[size_at + 4 : size_at + 4 + size]
        at = size_at + 4 + size + size % 2
    picture = JpegImagePlugin.JpegImageFile.__new__(JpegImagePlugin.JpegImageFile)
    picture.info = {"photoshop": found}
    return from_pillow(picture, limit) if found else Iptc()


def _decode(data: bytes, *, is_utf8: bool) -> str:
    # Without a declared character set most files are UTF-8 all the same; with it, a few cut a character in two.
    return data.decode("utf-8", "ignore") if is_utf8 else decode(data)


def _md5(block: bytes) -> bytes:
    return hashlib.md5(block, usedforsecurity=False).digest()
