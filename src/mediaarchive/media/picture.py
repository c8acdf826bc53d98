"""The one door for still pictures: decodes a stranger's file to its end and within limits, or says why not.

Nothing but `BadInput` (the file's fault) and errors of the disk itself come out of here. Orientation, colour and
transparency are settled here, so nobody behind this door has to know of them.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from mediaarchive.errors import BadInput
from mediaarchive.media.codepoints import HDR_TRANSFERS, code_points, profile_of
from mediaarchive.media.color import flatten, to_srgb
from mediaarchive.media.containers import brands, cut_short
from mediaarchive.media.extras import extras

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Only these parsers are ever reached. MPO is opened by JPEG's; HEIF's registers itself when first needed.
_PLUGINS: Final = (
    AvifImagePlugin.AvifImageFile,
    BmpImagePlugin.BmpImageFile,
    GifImagePlugin.GifImageFile,
    Jpeg2KImagePlugin.Jpeg2KImageFile,
    JpegImagePlugin.JpegImageFile,
    PngImagePlugin.PngImageFile,
    TiffImagePlugin.TiffImageFile,
    WebPImagePlugin.WebPImageFile,
)
_FORMATS: Final = tuple(plugin.format for plugin in _PLUGINS if plugin.format != "AVIF")
_AVIF: Final = ("AVIF",)
_HEIF: Final = ("HEIF",)
_META_BYTES: Final = 65_536
_MIMES: Final = {
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "HEIF": "image/heif",
    "JPEG": "image/jpeg",
    "JPEG2000": "image/jp2",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
}
# TIFF 6.0 and EXIF 2.32, tag 274: what puts each stored orientation upright. Any other value counts as upright.
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS: Final = frozenset(_TURNS[value] for value in (5, 6, 7, 8))
_REDUCTIONS: Final = (8, 4, 2)
# The disk's or the network's fault, not the file's: worth another try.
_CIRCUMSTANCES: Final = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENXIO, errno.ENODEV, errno.EACCES})
_CUT_WORDS: Final = ("truncated", "end of file", "premature", "unexpected end", "end-of-file")
_STRIP: Final = 256
_AT_ONCE: Final = 4_000_000  # pixels
# Pillow's pixel limit and Python's warning filters belong to the whole process, so decodes take turns.
_TURN: Final = threading.RLock()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """A picture as its file stores it: opaque, 8 bits, but neither turned upright nor brought to sRGB.

    `image`: mode L, RGB, CMYK or LAB. `width`, `height`: the original's upright size in pixels; `image` may be smaller.
    `turn` puts `image` upright. `profile`: ICC. `notes`: see `Picture`.
    """

    image: Image.Image
    width: int
    height: int
    turn: Image.Transpose | None
    profile: bytes | None
    mime: str
    notes: tuple[str, ...]

    @property
    def sideways(self) -> bool:
        """Whether turning upright swaps width and height."""
        return self.turn in _SIDEWAYS

    @property
    def reduced(self) -> bool:
        """Whether `image` is smaller than the original."""
        return max(self.image.size) < max(self.width, self.height)

    def finish(self, image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
        """`image` (this one's, perhaps shrunk) upright and in sRGB, mode RGB; and what was noted on the way."""
        colored, notes = to_srgb(image, self.profile)
        return (colored if self.turn is None else colored.transpose(self.turn)), notes


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture, upright, in sRGB, mode RGB, decoded to its end.

    `width`, `height`: the original's upright size in pixels; `image` may be smaller. `notes`, sorted: any of `alpha`,
    `animated`, `bad-profile`, `c2pa`, `cmyk`, `gain-map`, `hdr`, `pages`, `wide-gamut`. `raw_digest`: SHA-256 (hex) of
    that size and of the pixels of `image`: equal for files that show the same pixels, whatever their metadata.
    """

    image: Image.Image
    width: int
    height: int
    mime: str
    notes: tuple[str, ...]
    raw_digest: str


def open_picture(path: Path, *, pixels: int, at_least: int | None = None) -> Picture:
    """Decode a picture to its end.

    Args:
        path: the file; its name's extension is not believed.
        pixels: the largest picture to accept, in pixels.
        at_least: the long edge, in pixels, that the result must at least have (or the original's, if that is smaller).
            A JPEG is then decoded to a half, a quarter or an eighth where that is enough; other formats in full.

    Raises:
        BadInput: `truncated`, `undecodable`, `too-large` or `zero-size`.
        OSError: the file can't be read at all.
    """
    seen = open_pixels(path, pixels=pixels, at_least=at_least)
    with blaming():
        return Picture(
            image=seen.image,
            width=seen.width,
            height=seen.height,
            mime=seen.mime,
            notes=tuple(sorted(set(seen.notes))),
            raw_digest=_digest(seen.image, seen.width, seen.height),
        )


def open_pixels(path: Path, *, pixels: int, at_least: int | None = None) -> Decoded:
    """`open_picture` for who needs no digest, which takes a twentieth of the time: decoded, upright and in sRGB, mode RGB."""
    decoded = decode(path, pixels=pixels, at_least=at_least)
    with blaming():
        image, notes = decoded.finish(decoded.image)
        return replace(decoded, image=image, turn=None, profile=None, notes=(*decoded.notes, *notes))


def decode(path: Path, *, pixels: int, at_least: int | None = None) -> Decoded:
    """Decode a picture to its end, but leave orientation and colour to `Decoded.finish`: cheaper after shrinking.

    Arguments and errors are those of `open_picture`.
    """
    with path.open("rb") as stream, blaming(), _guarded(pixels):
        size = os.fstat(stream.fileno()).st_size
        if size == 0:
            raise BadInput("zero-size", "The file is empty (0 bytes): please send it again.")
        if cut_short(stream):
            raise _cut()
        formats = _formats(stream)
        points = _declared(stream, pixels) if formats in (_AVIF, _HEIF) else None
        image = Image.open(stream, formats=formats)
        _check_size(image.size, pixels)
        whole = _reduce(image, at_least)
        image.load()
        turn = _turn(image)
        flat, notes = flatten(image)
        width, height = (whole or image.size) if turn not in _SIDEWAYS else (whole or image.size)[::-1]
        return Decoded(
            image=flat,
            width=width,
            height=height,
            turn=turn,
            profile=image.info.get("icc_profile") or (profile_of(*points) if points else None),
            mime=_mime(image),
            notes=(*extras(image, stream), *notes, *(("hdr",) if points and points[1] in HDR_TRANSFERS else ())),
        )


@contextmanager
def blaming() -> Iterator[None]:
    """Turn whatever decoding raises into `BadInput`, but for errors of the disk itself."""
    try:
        yield
    except BadInput:
        raise
    except MemoryError as error:
        raise BadInput(
            "too-large", "The picture needs more memory than a worker may use: please send a smaller version."
        ) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _CIRCUMSTANCES:
            raise
        raise _diagnosis(error) from error


@contextmanager
def _guarded(pixels: int) -> Iterator[None]:
    """Pillow with our limit instead of its own, and without its warnings (damaged metadata is no news here)."""
    with _TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = pixels
        try:
            yield
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise BadInput(
                "too-large",
                f"The picture has more than {pixels / 1e6:.0f} megapixels, the most that is accepted: "
                "please send a smaller version.",
                limit=round(pixels / 1e6),
            ) from error
        finally:
            Image.MAX_IMAGE_PIXELS = before


@lru_cache(maxsize=1)
def _register_heif() -> None:
    import pi_heif  # noqa: PLC0415 - 30 ms and 10 MB that most runs never need

    pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False)


def _formats(stream: IO[bytes]) -> tuple[str, ...]:
    """The parsers to try: for ISO base media the one that its brands ask for, since both would take `mif1`."""
    named = brands(stream)
    if not named:
        return _FORMATS
    if b"avif" in named or b"avis" in named:
        return _AVIF
    _register_heif()
    return _HEIF


def _check_size(size: tuple[int, int], pixels: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise BadInput("zero-size", f"The picture has no pixels ({width} x {height}): please export it again.")
    if width * height > pixels:
        raise BadInput(
            "too-large",
            f"The picture has {width} x {height} pixels ({width * height / 1e6:.0f} megapixels); "
            f"at most {pixels / 1e6:.0f} megapixels are accepted: please send a smaller version.",
            megapixels=round(width * height / 1e6),
            limit=round(pixels / 1e6),
        )


def _declared(stream: IO[bytes], pixels: int) -> tuple[int, int] | None:
    """The colour code points that AVIF and HEIC declare, after a look at the sizes they declare.

    Their libraries have limits of their own, and don't tell those apart from damage: so what is too large is refused by
    its `ispe` boxes (ISO/IEC 23008-12, 6.5.3).
    """
    stream.seek(0)
    head = stream.read(_META_BYTES)
    for found in re.finditer(rb"ispe\0{4}(.{4})(.{4})", head, re.DOTALL):
        size = int.from_bytes(found[1]), int.from_bytes(found[2])
        if min(size) > 0:
            _check_size(size, pixels)
    return code_points(head)


def _reduce(image: ImageFile.ImageFile, at_least: int | None) -> tuple[int, int] | None:
    """Have a JPEG decoded smaller, its long edge never below `at_least`: the size before, or None if it stays as it is.

    The decoder still reads every coefficient, so a file that is cut short shows. The long edge is the same before and
    after turning upright, so orientation doesn't matter here.
    """
    if at_least is None or not isinstance(image, JpegImagePlugin.JpegImageFile):
        return None
    whole = image.size
    for factor in _REDUCTIONS:
        if max(whole) // factor >= at_least:
            image.draft(None, (max(1, whole[0] // factor), max(1, whole[1] // factor)))
            return whole
    return None


def _turn(image: ImageFile.ImageFile) -> Image.Transpose | None:
    """What puts the decoded `image` upright. libheif turns while it decodes; every other decoder leaves it to us."""
    if image.format == "HEIF":
        return None
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - damaged metadata raises anything, and must not reject a good picture
        return None
    return _TURNS.get(value) if isinstance(value, int) else None


def _mime(image: ImageFile.ImageFile) -> str:
    return getattr(image, "custom_mimetype", None) or _MIMES[str(image.format)]


def _digest(image: Image.Image, width: int, height: int) -> str:
    """SHA-256 (hex) of size and pixels, in strips: a copy of a large picture's bytes would cost its memory again."""
    digest = hashlib.sha256(f"{width}x{height}:{image.width}x{image.height}:".encode())
    if image.width * image.height <= _AT_ONCE:
        digest.update(image.tobytes())
        return digest.hexdigest()
    for top in range(0, image.height, _STRIP):
        digest.update(image.crop((0, top, image.width, min(top + _STRIP, image.height))).tobytes())
    return digest.hexdigest()


def _diagnosis(error: Exception) -> BadInput:
    if isinstance(error, EOFError) or any(word in str(error).lower() for word in _CUT_WORDS):
        return _cut()
    if isinstance(error, UnidentifiedImageError):
        return BadInput(
            "undecodable",
            "This is no picture that can be read: please export it as JPEG, PNG, TIFF, WebP, AVIF or HEIC.",
        )
    return BadInput(
        "undecodable",
        "The picture is damaged and can't be decoded: please open it in a photo program and export it again.",
    )


def _cut() -> BadInput:
    return BadInput("truncated", "The file is incomplete: its end is missing. Please copy or send it again.")
