"""Whether an encoder made what it was asked for: nothing goes to the spool before its header, and often its pixels, were seen.

A broken encoder (a bad build, a wrong processor, failing memory) would otherwise fill a bucket with grey pictures under names
that are never written again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PIL import Image

from mediaarchive.errors import EncoderFault

_BLOCK: Final = (
    8  # px: SSIM's window (Wang et al. 2004 use 11, or 8 as here), and the mean that colours are compared by
)
_STRIP: Final = 4 * _BLOCK  # rows at once: what fits into a processor's cache
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # Wang et al. 2004, equation 13
# Mean difference of blurred channels, of 255. Of 142 real pictures none exceeded 4 at any quality; grey instead of colour: 11.
_COLOUR_STEP: Final = 8.0
_FAIR, _POOR = 50, 10  # qualities: from the first on the whole likeness is asked for, below the second nothing


@dataclass(frozen=True, slots=True)
class Guard:
    """`sample`: the share of files that are decoded wholly, chosen by their hash. `likeness`: the least SSIM of good files."""

    sample: float = 0.02
    likeness: float = 0.75

    def chosen(self, sha256: str) -> bool:
        """Whether a file of this hash is among those that are decoded wholly: the same on every machine."""
        return int(sha256[:8], 16) < self.sample * (1 << 32)

    def checked(self, data: bytes, image: Image.Image, params: Mapping[str, Any], *, look: bool) -> str:
        """The SHA-256 (hex) of an encoded file, if it is what was asked for.

        Args:
            data: the file.
            image: what the encoder was given, mode RGB.
            params: of the rendition: `format`, `quality`.
            look: decode it whatever its hash says.

        Raises:
            EncoderFault: its type, its size or its pixels are wrong.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        kind = str(params["format"])
        try:
            with Image.open(io.BytesIO(data), formats=[kind.upper()]) as again:
                wrong = _wrong_size(image, again)
                if not wrong and (look or self.chosen(sha256)):
                    wrong = self._wrong_pixels(image, again.convert("RGB"), int(params["quality"]))
        except MemoryError:
            raise
        except Exception as error:
            raise _fault(kind, f"it can't be read back: {error}") from error
        if wrong:
            raise _fault(kind, wrong)
        return sha256

    def _wrong_pixels(self, image: Image.Image, shown: Image.Image, quality: int) -> str:
        """What is wrong with the picture in a file; empty: nothing."""
        if quality < _POOR:
            return ""
        like, asked = likeness(image, shown), min(1.0, (quality - _POOR) / (_FAIR - _POOR)) * self.likeness
        if like < asked:
            return f"it shows something else (SSIM {like:.2f}, not {asked:.2f} at least)"
        step = _colour_step(image, shown)
        return f"its colours are wrong (by {step:.0f} of 255)" if step > _COLOUR_STEP else ""


def _wrong_size(image: Image.Image, again: Image.Image) -> str:
    if again.size == image.size:
        return ""
    return f"it has {again.width} x {again.height} pixels, not {image.width} x {image.height}"


def _fault(kind: str, what: str) -> EncoderFault:
    return EncoderFault(
        f"The {kind} encoder of this machine made a broken file of it: {what}. The picture itself is fine, nothing of it was "
        "published, and the next run tries again. If this stays so, install Pillow anew on this machine."
    )


def encoder_failed(kind: str, error: Exception) -> EncoderFault:
    """The error of an encoder that gave up."""
    return _fault(kind, f"it stopped with {type(error).__name__}: {error}")


def likeness(left: Image.Image, right: Image.Image) -> float:
    """Structural similarity (SSIM) of two pictures of one size by their luminance: the mean over blocks of 8 x 8 pixels.

    1.0 where a side has less than 8 pixels: there are no blocks to compare.
    """
    rows, columns = left.height // _BLOCK, left.width // _BLOCK
    if not rows or not columns:
        return 1.0
    total = 0.0
    for top in range(0, rows * _BLOCK, _STRIP):
        box = (0, top, columns * _BLOCK, min(top + _STRIP, rows * _BLOCK))
        planes = (np.asarray(image.crop(box).convert("L"), dtype=np.float32) for image in (left, right))
        total += float(_ssim(*planes).sum(dtype=np.float64))
    return total / (rows * columns)


def _ssim(x: Any, y: Any) -> Any:  # noqa: ANN401 - arrays of float32, rows x columns, both multiples of a block
    mean_x, mean_y = _means(x), _means(y)
    var_x, var_y = _means(x * x) - mean_x**2, _means(y * y) - mean_y**2
    both = _means(x * y) - mean_x * mean_y
    return ((2 * mean_x * mean_y + _C1) * (2 * both + _C2)) / ((mean_x**2 + mean_y**2 + _C1) * (var_x + var_y + _C2))


def _means(plane: Any) -> Any:  # noqa: ANN401 - an array of float32
    """The mean of each block: rows first, which are long. Sums of 64 squares of bytes are exact in 32 bits of float."""
    rows = plane.reshape(plane.shape[0] // _BLOCK, _BLOCK, plane.shape[1]).sum(axis=1)
    return rows.reshape(rows.shape[0], -1, _BLOCK).sum(axis=2) / (_BLOCK * _BLOCK)


def _colour_step(left: Image.Image, right: Image.Image) -> float:
    """The largest mean difference of a channel (luminance, two of colour) of two pictures, each averaged over 8 x 8 pixels."""
    factor = min(_BLOCK, *left.size)
    x, y = (np.asarray(image.reduce(factor).convert("YCbCr"), dtype=np.int16) for image in (left, right))
    return float(np.abs(x - y).mean(axis=(0, 1)).max())
