"""Brings decoded pixels of any kind (CMYK, 16-bit, grey, palette, Lab, translucent, wide gamut) to plain 8-bit sRGB.

Two steps, so that a renderer can shrink in between: `flatten` makes opaque 8-bit pixels in the picture's own colour
space, `to_srgb` leaves that space. Converting after the reduction costs a tenth of converting before it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageCms

if TYPE_CHECKING:
    from PIL._imagingcms import CmsProfile

FLAT_MODES: Final = ("L", "RGB", "CMYK", "LAB")

# ICC.1:2022, 7.2.6: the signature of the data colour space that belongs to each mode.
_SPACES: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}
_INTENT: Final = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS: Final = ImageCms.Flags.BLACKPOINTCOMPENSATION
_SRGB: Final = ImageCms.createProfile("sRGB")
_LAB: Final = ImageCms.createProfile("LAB")
# Profiles that call themselves sRGB round differently by a step or two; real other spaces differ by tens.
_SAME_COLOR: Final = 2
# Display P3 and Adobe RGB span 1.35 times the chromaticities of sRGB.
_WIDE: Final = 1.1
_STRIP: Final = 1024


@dataclass(frozen=True, slots=True)
class _Conversion:
    """How pixels of one mode leave one profile: `transform` is None where they are sRGB already."""

    transform: ImageCms.ImageCmsTransform | None
    wide: bool


def flatten(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """Opaque 8-bit pixels in mode L, RGB, CMYK or LAB; transparency shows white.

    Args:
        image: a decoded picture of any mode.

    Returns:
        The picture (the same object where nothing had to be done), and the notes `alpha` and `cmyk` where they apply.
    """
    if image.has_transparency_data:
        return _on_white(image)
    if image.mode in FLAT_MODES:
        return image, ("cmyk",) if image.mode == "CMYK" else ()
    if image.mode in {"I", "F"} or image.mode.startswith("I;"):
        return _eight_bits(image), ()
    return image.convert("L" if image.mode == "1" else "RGB"), ()


def _on_white(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """`image` over white (every RGB and grey profile's white is 255), in strips, since whole copies cost gigabytes."""
    whole = image if image.mode == "RGBA" else image.convert("RGBA")
    if whole.getchannel("A").getextrema() == (255, 255):
        return whole.convert("RGB"), ()
    paper = Image.new("RGB", whole.size, "white")
    for top in range(0, whole.height, _STRIP):
        strip = whole.crop((0, top, whole.width, min(top + _STRIP, whole.height)))
        paper.paste(strip, (0, top), strip)
    return paper, ("alpha",)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits as mode L.

    Integers count as 16 bits wide, since nothing else stores grey that way in Pillow's formats; floats as 0 to 1, or
    as 0 to 255 where they exceed 1. Not-a-number becomes black.
    """
    values = np.asarray(image)
    if image.mode == "F":
        finite = np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0)
        values = np.clip(finite * (255.0 if finite.max(initial=0.0) <= 1.0 else 1.0), 0, 255).round()
    else:
        values = np.clip(values, 0, 65535).astype(np.uint16) >> 8
    return Image.fromarray(values.astype(np.uint8))


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, tuple[str, ...]]:
    """Flat pixels as sRGB, mode RGB, by their ICC profile.

    Relative colorimetric with black point compensation, as photo editors do. A picture without a profile is taken for
    sRGB (grey: its tone curve); CMYK without one is converted by Pillow's formula, which is garish but recognisable.

    Args:
        image: a picture in one of `FLAT_MODES`.
        profile: the embedded ICC profile.

    Returns:
        The picture in mode RGB without metadata (the same pixels object where they are sRGB already), and the notes
        `wide-gamut` (its space is larger than sRGB) and `bad-profile` (broken, or for other pixels; it was ignored).
    """
    notes: tuple[str, ...] = ()
    conversion = None
    if profile and image.mode == "L" and _space(profile) == "RGB":
        image = image.convert("RGB")
    if profile:
        conversion = _conversion(profile, image.mode)
        notes = ("bad-profile",) if conversion is None else ("wide-gamut",) if conversion.wide else ()
    if conversion is None and image.mode == "LAB":
        conversion = _lab()
    if conversion is not None and conversion.transform is not None:
        try:
            image = conversion.transform.apply(image)
            image.info = {}  # it is ours: no need of another copy
        except (ImageCms.PyCMSError, ValueError):
            notes = ("bad-profile",)
    return _plain(image if image.mode == "RGB" else image.convert("RGB")), notes


def _plain(image: Image.Image) -> Image.Image:
    """`image` without anything that an encoder could write into a file: profile, EXIF, XMP, comments. It shares its pixels."""
    if type(image) is Image.Image and not image.info:
        return image
    image.load()
    try:
        bare = _sharing(image)
        bare.readonly = image.readonly = 1  # whoever draws in one gets pixels of its own first
    except (AttributeError, TypeError):  # a Pillow without it: more memory, the same picture
        bare = image.copy()
    bare.info = {}  # the caller's picture keeps what it had
    return bare


def _sharing(image: Image.Image) -> Image.Image:
    """A plain picture with the very pixels of another.

    In public, Pillow has `Image.fromarrow` for this, which takes pictures of one block of memory only: up to 16 MB.
    """
    return image._new(image.im)  # noqa: SLF001 - a copy of 100 megapixels takes 400 MB


def _space(profile: bytes) -> str:
    """The colour space that a profile's header claims (ICC.1:2022, table 18: bytes 16 to 19)."""
    return profile[16:20].decode("latin-1").strip()


@lru_cache(maxsize=16)
def _conversion(profile: bytes, mode: str) -> _Conversion | None:
    """The way from `profile` to sRGB, or None where the profile is broken or not for pixels of this mode."""
    if _space(profile) != _SPACES[mode]:
        return None
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(opened, _SRGB, mode, "RGB", _INTENT, _FLAGS)
        wide = mode == "RGB" and _span(opened.profile) > _WIDE * _span(_SRGB)
        return _Conversion(None if mode == "RGB" and _changes_nothing(transform) else transform, wide)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


@lru_cache(maxsize=1)
def _lab() -> _Conversion:
    return _Conversion(ImageCms.buildTransform(_LAB, _SRGB, "LAB", "RGB", _INTENT, _FLAGS), wide=False)


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a transform leaves a cube of 9 x 9 x 9 colours as it is: then the profile is sRGB, whatever its name."""
    steps = np.linspace(0, 255, 9).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(27, 27, 3)
    after = np.asarray(transform.apply(Image.fromarray(cube)))
    return int(np.abs(after.astype(int) - cube.astype(int)).max()) <= _SAME_COLOR


def _span(profile: CmsProfile) -> float:
    """The area of the triangle of a profile's primaries in CIE xy; 0 where it has none (tables instead of a matrix)."""
    primaries = (profile.red_primary, profile.green_primary, profile.blue_primary)
    if any(primary is None for primary in primaries):
        return 0.0
    (xr, yr, _), (xg, yg, _), (xb, yb, _) = (primary[1] for primary in primaries if primary is not None)
    return abs(((xg - xr) * (yb - yr) - (xb - xr) * (yg - yr)) / 2)
