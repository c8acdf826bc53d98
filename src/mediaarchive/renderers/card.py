"""Cards for social networks: 1200 x 630 pixels of a photograph around its point, never upscaled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PIL import Image

from mediaarchive.media.focus import HEADROOM, window
from mediaarchive.renderers.resample import shrunk

SHAPE: Final = (1200, 630)  # what Facebook, LinkedIn, Mastodon and messengers show; 1.91 to 1
_TRIM: Final = 1.08  # a window this much too large is cut closer, not shrunk: that is sharper, and costs nothing
_NARROWEST: Final = 600  # px: networks show a smaller picture as a stamp beside the text, if at all


def card_params(
    width: int, height: int, quality: int, at: tuple[float, float], rungs: Sequence[int]
) -> dict[str, Any] | None:
    """The parameter set of a photograph's card, or None where it would be too small.

    Args:
        width: of the original, upright, in pixels.
        height: likewise.
        quality: JPEG's.
        at: the point to keep, [x, y], each 0 to 1.
        rungs: long edges that the photograph is brought to anyway.

    Returns:
        `edge` is the long edge that the card is cut out of.
    """
    left, _, right, _ = window((width, height), SHAPE, at)
    if right - left < _NARROWEST:
        return None
    long = max(width, height)
    needed = -(-long * SHAPE[0] // (right - left))
    edge = min((rung for rung in rungs if needed <= rung < long), default=long)
    return {
        "format": "jpeg",
        "role": "card",
        "edge": edge,
        "quality": quality,
        "subsampling": "4:2:0",
        "focus": [round(at[0], 2), round(at[1], 2)],
    }


def cut(image: Image.Image, at: tuple[float, float]) -> Image.Image:
    """The card out of a photograph that was brought to its `edge`."""
    box = window(image.size, SHAPE, at)
    width = box[2] - box[0]
    if width <= SHAPE[0]:
        return image.crop(box)
    if width > SHAPE[0] * _TRIM:
        return shrunk(image.crop(box), SHAPE)
    left = min(max(round(at[0] * image.width - SHAPE[0] / 2), box[0]), box[2] - SHAPE[0])
    top = min(max(round(at[1] * image.height - SHAPE[1] * HEADROOM), box[1]), box[3] - SHAPE[1])
    return image.crop((left, top, left + SHAPE[0], top + SHAPE[1]))
