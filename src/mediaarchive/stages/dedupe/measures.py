"""What the tiles of two aligned pictures have in common: their shapes, and one exposure's noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK: Final = 8  # px: what JPEG encodes by itself


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
