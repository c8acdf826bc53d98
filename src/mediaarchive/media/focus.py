"""Where a photograph has its point: by detail and distinct colour near the middle, in whole numbers, without looking for faces.

A saliency map after Achanta et al. (Frequency-tuned Salient Region Detection, CVPR 2009: how far a blurred pixel's colour lies from
the picture's mean) times local detail. No skin colour and no face detector: both see some people better than others. All
arithmetic is in integers, so every machine finds the same point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.int64]

_SIDE: Final = 96  # px, the map's long edge
_FINE, _WIDE = 2, 7  # px, radii: of the blur that keeps objects, and of what counts as one region
_LANDSCAPE, _PORTRAIT = 107, 80  # of 256: how far down the middle of interest lies, since people stand
HEADROOM: Final = 0.56  # how far down a window has its point: what draws the eye is often just below a head
_MIDDLE: Final = 64  # the weight of a pixel in a corner is a quarter of that in the middle: 64 of 256


def focus(image: Image.Image) -> tuple[float, float]:
    """The point of interest of an upright sRGB picture of any size: [x, y] from the top left, each 0 to 1, in hundredths.

    The centre where nothing stands out.
    """
    weight = saliency(image)
    height, width = weight.shape
    region = _box(weight, _WIDE)
    strong = np.where(region * 3 >= region.max() * 2, region, 0)
    total = int(strong.sum())
    if total == 0:
        return 0.5, 0.5
    x = int((strong.sum(axis=0) * (2 * np.arange(width) + 1)).sum()) * 100 // (2 * width * total)
    y = int((strong.sum(axis=1) * (2 * np.arange(height) + 1)).sum()) * 100 // (2 * height * total)
    return x / 100, y / 100


def saliency(image: Image.Image) -> Plane:
    """How much each part draws the eye: rows x columns, no unit, the long edge at most 96."""
    scale = min(1.0, _SIDE / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BOX), dtype=np.int64)
    blurred = np.stack([_box(small[..., channel], _FINE) for channel in range(3)], axis=-1)
    area = blurred.shape[0] * blurred.shape[1]
    distinct = np.abs(blurred * area - blurred.sum(axis=(0, 1))).sum(axis=-1) // area
    grey = small @ np.array([2, 5, 1])
    edges = np.abs(np.diff(grey, axis=1, append=grey[:, -1:])) + np.abs(np.diff(grey, axis=0, append=grey[-1:]))
    detail = _box(np.minimum(edges, 400), _FINE)
    weight: Plane = (_of_256(distinct) + 64) * (_of_256(detail) + 16) * _prior(*distinct.shape) >> 8
    return weight


def _of_256(plane: Plane) -> Plane:
    scaled: Plane = plane * 256 // max(1, int(plane.max()))
    return scaled


def _prior(height: int, width: int) -> Plane:
    """256 in the middle, falling with the square of the distance."""
    y, x = np.arange(height)[:, None] * 2 + 1, np.arange(width)[None] * 2 + 1
    down = 2 * height * (_LANDSCAPE if width >= height else _PORTRAIT) // 256
    away = ((x - width) * 256 // width) ** 2 + ((y - down) * 256 // height) ** 2
    prior: Plane = np.maximum(256 - (away * (256 - _MIDDLE) >> 17), 32)
    return prior


def _box(plane: Plane, radius: int) -> Plane:
    """The mean over a square of 2 `radius` + 1 pixels, cut off at the borders."""
    for axis in (0, 1):
        length = plane.shape[axis]
        sums = np.concatenate([np.zeros_like(plane.take([0], axis)), plane.cumsum(axis=axis)], axis=axis)
        low, high = np.maximum(np.arange(length) - radius, 0), np.minimum(np.arange(length) + radius + 1, length)
        shape: Any = [1, 1]
        shape[axis] = length
        plane = (sums.take(high, axis) - sums.take(low, axis)) // (high - low).reshape(shape)
    return plane


def window(size: tuple[int, int], shape: tuple[int, int], at: tuple[float, float]) -> tuple[int, int, int, int]:
    """The largest part of a picture that has a shape, around a point (a little below its middle) as far as borders allow.

    Args:
        size: the picture's, in pixels.
        shape: width and height of any scale.
        at: the point, [x, y], each 0 to 1.

    Returns:
        left, top, right, bottom in pixels.
    """
    width, height = size
    if width * shape[1] > height * shape[0]:
        width = max(1, round(height * shape[0] / shape[1]))
    else:
        height = max(1, round(width * shape[1] / shape[0]))
    left = min(max(round(at[0] * size[0] - width / 2), 0), size[0] - width)
    top = min(max(round(at[1] * size[1] - height * HEADROOM), 0), size[1] - height)
    return left, top, left + width, top + height
