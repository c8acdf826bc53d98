"""Small copies, compressed hard: what their own encoder explains of all that differs is no difference.

Of 80 pixels at quality 40 much of what is to be seen is the encoder's. So the other picture is made as small, developed
alike and encoded with the copy's own tables: that shows how much noise these make of it, place by place, and a copy's own is
no more. Colours are compared by the mean of each unit that is encoded, which even a hard compression leaves alone.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.developing import alike
from mediaarchive.stages.dedupe.measures import BLOCK
from mediaarchive.stages.dedupe.tiles import beneath
from mediaarchive.stages.dedupe.tones import under

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Tables = Mapping[int, Sequence[int]]

SMALL: Final = 200  # px, the copy's long edge: above, tiles tell
TINY: Final = (
    120  # px: below, a head a tenth as wide as the picture is hardly more than one block, and hides in its noise
)
_ROUNDING = 2.0  # grey levels: resampling differs from program to program
# Of all blocks, of 95 in 100, and on the whole. Copies of 80 to 160 pixels at quality 30 to 70 measured up to 2.8, 1.7 and 1.3;
# another winner between the same two people 5.1, 3.0 and 1.5 at least.
_MOST, _NEARLY_ALL, _WHOLE = 3.2, 1.85, 1.4
_UNIT: Final = 16  # px: of colours at half the size, what JPEG encodes by itself
_CHROMA = ((-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))  # Cb, Cr of RGB (JFIF 1.02)
# Levels of chroma. 324 copies of 80 to 160 pixels at quality 30 to 50 measured up to 3.4; a tenth of the width and an eighth of the
# height in a colour 14 levels off, at 134 and 160 pixels, mostly 2.3 to 8.6.
OTHER_CHROMA: Final = 4.0
_ROUNDS, _ENOUGH = (
    3,
    30,
)  # of fitting, each without the tenth that was furthest off; units from which brightness is fitted, too


def tables_of(path: Path) -> Tables | None:
    """A JPEG's quantisation tables as Pillow reads and writes them; None of another file."""
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(path, formats=["JPEG"]) as image:
            return dict(image.quantization)  # type: ignore[attr-defined]
    except (OSError, SyntaxError, ValueError):
        return None


def by_the_encoder(copy: Array, other: Array, onto_other: Array, tables: Tables, *, mirrored: bool) -> dict[str, Any]:
    """Whether all that a small copy differs in is what its encoder has done.

    Args:
        copy: (h, w) grey, at the copy's own size.
        other: (h, w) grey, larger.
        onto_other: (2, 3), takes pixels of `copy` to pixels of `other`.
        tables: the copy's.
        mirrored: the copy was mirrored to lie on the other one, and its blocks with it.

    Returns:
        `{"most", "p95", "rms": how many times as much as its encoder explains, "explained": bool}`.
    """
    import numpy as np  # noqa: PLC0415

    own = copy.astype(np.float32)
    made = alike(beneath(other, onto_other, copy.shape).astype(np.float32), own)
    if mirrored:
        own, made = own[:, ::-1], made[:, ::-1]
    times = unexplained(own, made, tables)
    most, nearly_all = float(times.max(initial=0)), float(np.percentile(times, 95))
    rms = float((times**2).mean() ** 0.5)
    explained = most <= _MOST and nearly_all <= _NEARLY_ALL and rms <= _WHOLE
    return {"most": round(most, 2), "p95": round(nearly_all, 2), "rms": round(rms, 2), "explained": explained}


def other_colours(copy: Array, other: Array, onto_other: Array, shape: tuple[int, ...], *, mirrored: bool) -> float:
    """By how many levels the colours of some unit, at the most, are off what all the others let expect.

    To the test by blocks, which is grey, a shirt of another colour is the same shirt.

    Args:
        copy: (h, w, 3), 0 to 255.
        other: the other picture.
        onto_other: (2, 3), takes pixels of `copy` to pixels of `other`.
        shape: (h, w) of the copy as it came, in which its units are counted.
        mirrored: as in `by_the_encoder`.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    below, _ = under(copy, other, onto_other)
    grid = slice(None, None, -1 if mirrored else 1)
    small = (cv2.resize(picture, shape[1::-1], interpolation=cv2.INTER_AREA) for picture in (copy, below))
    mine, theirs = (_units(picture[:, grid]) for picture in small)
    if not len(mine):
        return 0.0
    chroma = np.array(_CHROMA).T
    brightness = [theirs.mean(axis=1)] if len(theirs) >= _ENOUGH else []
    known, wanted = np.column_stack([np.ones(len(theirs)), *brightness, theirs @ chroma]), mine @ chroma
    usual = np.ones(len(known), dtype=bool)
    off = np.zeros(len(known))
    for _ in range(_ROUNDS):
        fitted, *_rest = np.linalg.lstsq(known[usual], wanted[usual], rcond=None)
        off = abs(known @ fitted - wanted).max(axis=1)
        usual = off <= np.quantile(off, 0.9)
    return float(off.max())


def concluded(verdict: str, coded: Mapping[str, Any], edge: int) -> str:
    """The verdict on a small copy, `edge` pixels wide: what tiles said, and what its encoder explains."""
    if not coded["explained"]:
        return "variant" if verdict == "copy" else verdict
    if edge >= TINY:
        return "copy"
    return "variant" if verdict == "different" else verdict


def _units(picture: Array) -> Array:
    """The mean colours (n, 3) of all whole units."""
    rows, columns = picture.shape[0] // _UNIT, picture.shape[1] // _UNIT
    cut = picture[: rows * _UNIT, : columns * _UNIT].astype(float)
    result: Array = cut.reshape(rows, _UNIT, columns, _UNIT, 3).mean(axis=(1, 3)).reshape(-1, 3)
    return result


def unexplained(copy: Array, made: Array, tables: Tables) -> Array:
    """For each block of the copy, how many times as much the picture differs as an encoder with these tables explains.

    Args:
        copy: (h, w), 0 to 255, at the copy's own size.
        made: the other picture as small, developed alike.
        tables: the copy's.
    """
    import numpy as np  # noqa: PLC0415

    noise = _encoded(made, tables) - made
    differs, usual = _blocks(copy - made), _blocks(noise)
    result: Array = np.sqrt(differs / (usual + _ROUNDING**2))
    return result


def _encoded(grey: Array, tables: Tables) -> Array:
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    stream = io.BytesIO()
    whole = Image.fromarray(grey.round().clip(0, 255).astype(np.uint8))
    whole.save(stream, "JPEG", qtables={0: list(tables[min(tables)])})
    return np.asarray(Image.open(stream), dtype=np.float32)


def _blocks(error: Array) -> Array:
    """The mean square of each block; of a row or column that is no whole block, what there is."""
    import numpy as np  # noqa: PLC0415

    rows, columns = error.shape[0] // BLOCK, error.shape[1] // BLOCK
    cut = error[: rows * BLOCK, : columns * BLOCK].astype(np.float64).reshape(rows, BLOCK, columns, BLOCK)
    result: Array = (cut**2).mean(axis=(1, 3))
    return result
