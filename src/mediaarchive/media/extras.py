"""Finds what a picture file holds beside the pixels that are shown: gain maps, further frames, content credentials.

None of it survives in renditions, so the archive says that it was there. Looking never fails: a container that can't
be walked has no extras.
"""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING, Final

from PIL import JpegImagePlugin, MpoImagePlugin, PngImagePlugin

from mediaarchive.media.containers import brands, chunks, holds_uuid

if TYPE_CHECKING:
    from PIL import ImageFile

_ADOBE_GAIN: Final = b"hdr-gain-map"  # http://ns.adobe.com/hdr-gain-map/1.0/ (Ultra HDR)
_APPLE_GAIN: Final = b"hdrgainmap"  # urn:com:apple:photo:2020:aux:hdrgainmap
_ISO_GAIN: Final = b"urn:iso:std:iso:ts:21496:-1"
_C2PA_UUID: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # C2PA 2.1, A.5: embedding in BMFF
_MP_ENTRIES: Final = 0xB002  # CIPA DC-007, 5.2.3.3
_LOOK: Final = 65_536


def extras(image: ImageFile.ImageFile, stream: IO[bytes]) -> tuple[str, ...]:
    """Codes of what else is in the file: `animated`, `pages`, `gain-map`, `c2pa`.

    Args:
        image: the opened picture; needs not be decoded.
        stream: its file, seekable; the position changes.
    """
    found = []
    for code, test in (("gain-map", _gain_map), ("c2pa", _credentials)):
        try:
            if test(image, stream):
                found.append(code)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, struct.error):
            continue
    return (*_frames(image), *found)


def _frames(image: ImageFile.ImageFile) -> tuple[str, ...]:
    try:
        several = bool(getattr(image, "is_animated", False))
    except Exception:  # noqa: BLE001 - a broken second frame raises anything, and is no reason to refuse the first
        return ()
    if not several or image.format == "MPO":
        return ()
    return ("pages",) if image.format in {"TIFF", "HEIF"} else ("animated",)


def _gain_map(image: ImageFile.ImageFile, stream: IO[bytes]) -> bool:
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        return any(_names_gain_map(content) for _, content in image.applist) or _second_image_is_gain_map(image, stream)
    if image.format == "HEIF":
        return any(_APPLE_GAIN in str(name).encode() for name in image.info.get("aux", ()))
    if image.format == "AVIF":
        return b"tmap" in brands(stream)
    return False


def _names_gain_map(content: bytes) -> bool:
    return _ADOBE_GAIN in content or _APPLE_GAIN in content or _ISO_GAIN in content


def _second_image_is_gain_map(image: ImageFile.ImageFile, stream: IO[bytes]) -> bool:
    """Whether an iPhone wrote a gain map, which it names only in the metadata of the picture that holds it."""
    origin = image.info.get("mpoffset")
    if not isinstance(image, MpoImagePlugin.MpoImageFile) or image.mpinfo is None or origin is None:
        return False
    for entry in image.mpinfo[_MP_ENTRIES][1:4]:
        stream.seek(origin + entry["DataOffset"])
        if _names_gain_map(stream.read(_LOOK)):
            return True
    return False


def _credentials(image: ImageFile.ImageFile, stream: IO[bytes]) -> bool:
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        return any(name == "APP11" and b"c2pa" in content for name, content in image.applist)
    if isinstance(image, PngImagePlugin.PngImageFile):
        return any(chunk[0] == b"caBX" for chunk in image.private_chunks)
    if image.format == "WEBP":
        return b"C2PA" in chunks(stream)
    if image.format in {"AVIF", "HEIF"}:
        return holds_uuid(stream, _C2PA_UUID)
    return False
