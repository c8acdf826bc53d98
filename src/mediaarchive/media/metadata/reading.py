"""Opens a file for its metadata alone: the right reader for each format; no failure here costs the picture."""

from __future__ import annotations

import importlib
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.media import tiff
from mediaarchive.media.metadata import exif, iptc, packets, png, xmp
from mediaarchive.media.metadata.merge import Metadata, merge
from mediaarchive.media.metadata.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PILLOW: Final = {
    "image/jpeg": ("JpegImagePlugin", "JpegImageFile"),
    "image/tiff": ("TiffImagePlugin", "TiffImageFile"),
    "image/webp": ("WebPImagePlugin", "WebPImageFile"),
    "image/avif": ("AvifImagePlugin", "AvifImageFile"),
    "image/gif": ("GifImagePlugin", "GifImageFile"),
}
_HEIF: Final = frozenset({"image/heic", "image/heif"})
_SILENT: Final = ("video/", "application/")


@dataclass(slots=True)
class _Blocks:
    """What the readers found so far. Mutable: each reader adds what it can before one fails."""

    exif: exif.Exif = field(default_factory=exif.Exif)
    iptc: iptc.Iptc = field(default_factory=iptc.Iptc)
    packet: bytes = b""
    has_exif: bool = False
    jfif: bool = False
    problems: list[str] = field(default_factory=list)

    @contextmanager
    def reader(self, name: str) -> Iterator[None]:
        """Whatever goes wrong inside becomes a note: real files raise a dozen kinds, `KeyError` among them."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        except Exception as error:  # noqa: BLE001 - see above
            why = clean(str(error))[:160] or "no reason given"
            self.problems.append(f"{name} can't be read: {type(error).__name__}: {why}")


def read_metadata(path: Path, mime: str, *, limit: int) -> Metadata:
    """What the file at `path`, whose content is `mime` (see `media.sniff`), says of itself.

    `limit`: the most bytes of one block (EXIF, IPTC, XMP) that are looked at. Pixels are never decoded. Films and
    documents say nothing here: their containers are read elsewhere. Never raises: `problems` holds what can't be read.
    """
    if mime.startswith(_SILENT):
        return Metadata()
    blocks = _Blocks()
    if mime == "image/png":
        _read_png(blocks, path, limit)
    elif mime in _HEIF:
        _read_heif(blocks, path, limit)
    elif mime == "image/jp2":
        with blocks.reader("Metadata"):
            block, blocks.packet = packets.in_jp2(path, limit)
            _load_exif(blocks, block, limit)
    elif mime in _PILLOW:
        _read_pillow(blocks, path, mime, limit)
    if mime in _RAW:
        with blocks.reader("EXIF of a raw file"):
            blocks.exif = _RAW[mime](path)
    if mime.startswith("image/x-"):
        with blocks.reader("XMP"), path.open("rb") as file:
            blocks.packet = tiff.block(file, tiff.XMP, limit)
    if (blocks.has_exif and blocks.exif.lacks_essentials) or (
        mime.startswith("image/x-") and blocks.exif.lacks_essentials
    ):
        with blocks.reader("EXIF (second reader)"):
            blocks.exif = exif.combine(blocks.exif, exif.from_exifread(path))
    found = xmp.Xmp()
    if blocks.packet:
        with blocks.reader("XMP"):
            found = xmp.parse(_limited(blocks.packet, limit))
    said = merge(blocks.exif, blocks.iptc, found, source="embedded", problems=blocks.problems)
    return replace(said, jfif=blocks.jfif)


def read_xmp_sidecar(data: bytes) -> Metadata:
    """What an `.xmp` file says of the photograph beside it. Never raises: what can't be read stands in `problems`."""
    blocks = _Blocks()
    found = xmp.Xmp()
    with blocks.reader("XMP"):
        found = xmp.parse(data)
    return merge(exif.Exif(), iptc.Iptc(), found, source="sidecar", problems=blocks.problems)


def _read_pillow(blocks: _Blocks, path: Path, mime: str, limit: int) -> None:
    # Not Image.open, which judges the number of pixels: none is decoded here.
    module, name = _PILLOW[mime]
    reader = getattr(importlib.import_module(f"PIL.{module}"), name)

    blocks.has_exif = mime == "image/tiff"  # a TIFF that Pillow refuses may still have tags
    with blocks.reader("Metadata"), reader(path) as image:
        blocks.has_exif = blocks.has_exif or "exif" in image.info
        blocks.jfif = "jfif" in image.info
        with blocks.reader("EXIF"):
            _limited(image.info.get("exif") or b"", limit)
            blocks.exif = exif.from_pillow(image.getexif())
        with blocks.reader("IPTC"):
            blocks.iptc = iptc.from_pillow(image, limit)
        blocks.packet = _as_bytes(image.info.get("xmp"))
    if mime == "image/gif":
        with blocks.reader("XMP"):
            blocks.packet = blocks.packet or packets.in_gif(path, limit)


def _read_heif(blocks: _Blocks, path: Path, limit: int) -> None:
    import pi_heif  # noqa: PLC0415

    with blocks.reader("Metadata"):
        info = pi_heif.open_heif(path).info
        _load_exif(blocks, _as_bytes(info.get("exif")), limit)
        blocks.packet = _as_bytes(info.get("xmp"))


def _read_png(blocks: _Blocks, path: Path, limit: int) -> None:
    with blocks.reader("Metadata"):
        found = png.read(path, limit)
        _load_exif(blocks, found.exif, limit)
        blocks.packet = found.xmp
        with blocks.reader("IPTC"):
            blocks.iptc = iptc.from_resources(found.resources, limit)


def _load_exif(blocks: _Blocks, data: bytes, limit: int) -> None:
    from PIL import Image  # noqa: PLC0415

    blocks.has_exif = bool(data)
    if data:
        with blocks.reader("EXIF"):
            container = Image.Exif()
            container.load(_limited(data, limit))
            blocks.exif = exif.from_pillow(container)


_RAW: Final = {
    "image/x-canon-cr3": packets.exif_of_cr3,
    "image/x-fuji-raf": packets.exif_of_raf,
    "image/x-olympus-orf": packets.exif_of_olympus,
    "image/x-panasonic-rw2": packets.exif_of_olympus,
}


def _as_bytes(value: Any) -> bytes:  # noqa: ANN401 - Pillow's info holds anything
    return value.encode() if isinstance(value, str) else bytes(value or b"")


def _limited(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise ValueError(f"{len(data)} bytes, more than the limit of {limit}")
    return data
