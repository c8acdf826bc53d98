"""What a page shows before a photograph has loaded: its ThumbHash (some 25 bytes) and its dominant colour.

ThumbHash is Evan Wallace's format (https://evanw.github.io/thumbhash/): the lowest frequencies of luminance and two
colour differences, quantised to 4 bits each. Written here from its published description, for opaque pictures.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_SIDE: Final = 100  # the format's largest input
_LUMA_TERMS: Final = 7  # frequencies along the long side
_COLOR_TERMS: Final = 3
_NOISE: Final = 1e-9  # what adding up leaves of nothing; it differs between processors
_PALETTE_SIDE: Final = 64
_BITS: Final = 3  # of each channel that tell one colour of the histogram from another


@dataclass(frozen=True, slots=True)
class _Channel:
    """One channel's mean, its frequencies scaled to 0..1 around 0.5, and their scale."""

    mean: float
    terms: tuple[float, ...]
    scale: float


def thumbhash(image: Image.Image) -> str:
    """The ThumbHash of an upright sRGB picture of any size and mode, in base64 (RFC 4648, with padding)."""
    small = _within(image, _SIDE, least=_LUMA_TERMS + 1)  # narrower, the frequencies would alias
    pixels = np.asarray(small, dtype=np.float64) / 255
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    width, height = image.size
    across = max(1, _round(_LUMA_TERMS * width / max(width, height)))
    down = max(1, _round(_LUMA_TERMS * height / max(width, height)))
    luma = _frequencies((red + green + blue) / 3, max(_COLOR_TERMS, across), max(_COLOR_TERMS, down))
    yellow = _frequencies((red + green) / 2 - blue, _COLOR_TERMS, _COLOR_TERMS)
    warm = _frequencies(red - green, _COLOR_TERMS, _COLOR_TERMS)
    landscape = width > height
    head = (
        _round(63 * luma.mean)
        | _round(31.5 + 31.5 * yellow.mean) << 6
        | _round(31.5 + 31.5 * warm.mean) << 12
        | _round(31 * luma.scale) << 18
    )
    shape = (
        (down if landscape else across)
        | _round(63 * yellow.scale) << 3
        | _round(63 * warm.scale) << 9
        | int(landscape) << 15
    )
    terms = _nibbles((*luma.terms, *yellow.terms, *warm.terms))
    return base64.b64encode(head.to_bytes(3, "little") + shape.to_bytes(2, "little") + terms).decode("ascii")


def dominant_color(image: Image.Image) -> str:
    """The colour that covers most of a picture, as `#rrggbb`.

    The picture is averaged down to at most 64 pixels a side; of the 512 cells of colour space (3 bits a channel) the
    fullest one wins, the darkest if several are; the answer is the mean of its pixels. A mean over everything would be
    the same brownish grey for most photographs.
    """
    pixels = np.asarray(_within(image, _PALETTE_SIDE), dtype=np.int64).reshape(-1, 3)
    cells = pixels >> (8 - _BITS)
    index = (cells[:, 0] << 2 * _BITS) | (cells[:, 1] << _BITS) | cells[:, 2]
    fullest = int(np.bincount(index, minlength=1 << 3 * _BITS).argmax())
    chosen = pixels[index == fullest]
    red, green, blue = ((2 * chosen.sum(axis=0) + len(chosen)) // (2 * len(chosen))).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _within(image: Image.Image, side: int, *, least: int = 1) -> Image.Image:
    """`image` in mode RGB, averaged down so that no side exceeds `side`; a side below `least` is stretched to it."""
    scale = min(1.0, side / max(image.size))
    width, height = (max(least, _round(length * scale)) for length in image.size)
    plain = image if image.mode == "RGB" else image.convert("RGB")
    return plain.resize((width, height), Image.Resampling.BOX)


def _frequencies(channel: NDArray[np.float64], across: int, down: int) -> _Channel:
    """The lowest cosine frequencies of a channel: the triangle below the diagonal from (`across`, 0) to (0, `down`)."""
    height, width = channel.shape
    columns = np.cos(np.pi / width * np.outer(np.arange(across), np.arange(width) + 0.5))
    rows = np.cos(np.pi / height * np.outer(np.arange(down), np.arange(height) + 0.5))
    plane = rows @ channel @ columns.T / (width * height)
    terms = [
        float(plane[y, x]) for y in range(down) for x in range(across) if x * down < across * (down - y) and (x or y)
    ]
    scale = max(abs(term) for term in terms)
    if scale < _NOISE:
        return _Channel(float(plane[0, 0]), (0.0,) * len(terms), 0.0)
    return _Channel(float(plane[0, 0]), tuple(0.5 + 0.5 * term / scale for term in terms), scale)


def _nibbles(terms: Iterable[float]) -> bytes:
    """Each term in 4 bits, the earlier in the lower half of a byte."""
    values = [_round(15 * term) for term in terms]
    pairs = zip(values[::2], [*values[1::2], *[0] * (len(values) % 2)], strict=True)
    return bytes(low | high << 4 for low, high in pairs)


def _round(value: float) -> int:
    """Halves go up, as the format's reference does; Python's own rounding sends them to the even number."""
    return math.floor(value + 0.5)
