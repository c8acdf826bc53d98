"""What the tiles of two aligned pictures have in common: their shapes, one exposure's noise, one curve of tones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEGREE = 3  # any developer's tone curve, closely enough
_STRAY = 40.0  # grey levels off that curve
_TIMES = 6.0  # of what nine tiles of ten are off: a vignette or a local filter moves many tiles a little


def stray_tiles(mine: NDArray[Any], theirs: NDArray[Any]) -> int:
    """How many tiles stray from the one tone curve that takes the first picture's grey levels to the second's.

    They became lighter or darker than the picture did: another shirt, say.

    Args:
        mine: mean grey level (0 to 255) of each tile.
        theirs: the same of the tile that lies over it.
    """
    import numpy as np  # noqa: PLC0415

    if len(mine) < 4 * (_DEGREE + 1) or np.ptp(mine) < 1:
        return 0
    levels = (mine.astype(np.float64) - 127.5) / 127.5
    kept = np.ones(len(levels), bool)
    for _ in range(2):  # once for all tiles, once without those that are furthest off
        curve = np.polynomial.polynomial.polyfit(levels[kept], theirs[kept].astype(np.float64), _DEGREE)
        off = np.abs(np.polynomial.polynomial.polyval(levels, curve) - theirs)
        usual = float(np.percentile(off, 90))
        kept = off <= max(usual, 1.0)
    return int((off > max(_STRAY, _TIMES * usual)).sum())


def grain(mine: NDArray[Any], theirs: NDArray[Any], contrast: NDArray[Any]) -> float:
    """Correlation of what smoothing takes away, where there is little else: a sensor's noise is another in each exposure.

    What a copy keeps of it tells the copy from the next frame of a scene in which nothing moved.
    """
    import numpy as np  # noqa: PLC0415

    if not len(mine):
        return 0.0
    quiet = contrast <= np.median(contrast)
    return float(ncc(mine[quiet].reshape(1, -1), theirs[quiet].reshape(1, -1))[0])


def ncc(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Normalised cross-correlation of each row, in double precision; 0 where a row is flat."""
    import numpy as np  # noqa: PLC0415

    mine = left.astype(np.float64) - left.mean(axis=1, keepdims=True, dtype=np.float64)
    theirs = right.astype(np.float64) - right.mean(axis=1, keepdims=True, dtype=np.float64)
    norm = np.sqrt((mine**2).sum(axis=1) * (theirs**2).sum(axis=1))
    return np.where(norm > 0, (mine * theirs).sum(axis=1) / np.maximum(norm, 1e-12), 0.0)
