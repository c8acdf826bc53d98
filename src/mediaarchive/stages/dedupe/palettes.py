"""Pictures of few colours: where a palette has none for a place, another one stands there, and that is no difference.

A GIF has 256 colours for all of a picture, and what is rare in it, a red lamp in a green park, gets the nearest of them. So the
other picture's colours are replaced by the palette's, too: that shows how far off each place may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    Array = NDArray[Any]
    Palette = list[int]

COLOURS: Final = 256
_FITS = 2.0  # grey levels that half of the places are off, at most: a palette of other tones explains nothing


def palette_of(path: Path) -> Palette | None:
    """The colours (r, g, b, r, …) of a GIF's first picture, or of a PNG that has a palette; None of another file."""
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(path, formats=["GIF", "PNG"]) as image:
            found = image.getpalette("RGB") if image.mode == "P" else None
    except (OSError, SyntaxError, ValueError):
        return None
    return found or None


def through(colours: Array, palette: Palette) -> Array:
    """A picture (h, w, 3) in the colours of a palette, each place in the nearest.

    It stays as it is where the palette doesn't fit: half of the picture must have its colours in it.
    """
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    table = Image.new("P", (1, 1))
    table.putpalette([*palette, *palette[:3] * COLOURS][: 3 * COLOURS])  # what is missing would be black
    picture = Image.fromarray(colours)
    nearest = picture.quantize(palette=table, dither=Image.Dither.NONE).convert("RGB")
    return np.asarray(nearest) if np.median(abs(_grey(nearest) - _grey(picture))) <= _FITS else colours


def off(colours: Array, palette: Palette) -> Array:
    """By how many grey levels (h, w) the nearest colour of a palette is off, for each place of a picture (h, w, 3), smoothed.

    Nothing is excused where the palette doesn't fit.
    """
    import cv2  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    nearest = through(colours, palette)
    result: Array = cv2.GaussianBlur(_grey(Image.fromarray(nearest)) - _grey(Image.fromarray(colours)), (3, 3), 0)
    return result


def _grey(picture: Image.Image) -> Array:
    import numpy as np  # noqa: PLC0415

    return np.asarray(picture.convert("L"), np.float32)
