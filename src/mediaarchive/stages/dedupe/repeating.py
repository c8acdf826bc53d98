"""Whether a picture repeats itself: a floor of equal tiles lies on any other piece of that floor, and proves nothing.

An alignment tells one photograph from others because it fits in one way only. What fits itself as well a step further on fits
the next photograph of the same floor, too, and there is nothing to be seen in it that would tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Grey = NDArray[Any]

# Of 201 photographs none repeats itself to more than 0.87, which are colour charts; rows of windows with other blinds to 0.94;
# floors of one tile, each as worn as it is, to 1.00.
REPEATS: Final = 0.97
_EDGE = 128  # px that are compared
_STEP = 6  # px: within, every picture is like itself
_BROAD = 15  # px: what is broader is light and shade
_OVERLAP, _THERE = 0.5, 0.2  # of the picture that must be laid on itself; of its contrast that must be in either part


def repeats(grey: Grey) -> float:
    """How well (correlation, 1 at most) a picture (h, w) lies on itself, shifted by a step or more."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    shrink = max(grey.shape) / _EDGE
    size = max(1, round(grey.shape[1] / shrink)), max(1, round(grey.shape[0] / shrink))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    detail = (small - cv2.blur(small, (_BROAD, _BROAD))).astype(np.float64)
    double = 2 * detail.shape[0], 2 * detail.shape[1]

    def shifted(one: Array, other: Array) -> Array:
        """The sum of products, for each shift."""
        both = np.fft.rfft2(one, double) * np.conj(np.fft.rfft2(other, double))
        result: Array = np.fft.irfft2(both, double)
        return result

    whole, squares = np.ones_like(detail), detail**2
    covered, mine = shifted(whole, whole), shifted(squares, whole)
    theirs = shifted(whole, squares)
    down, across = (np.minimum(np.arange(side), side - np.arange(side)) for side in double)
    told = (covered > _OVERLAP * detail.size) & (np.maximum(down[:, None], across[None]) >= _STEP)
    told &= np.minimum(mine, theirs) > _THERE * squares.sum()
    if not told.any() or squares.sum() <= detail.size:  # nothing but rounding
        return 0.0
    return float((shifted(detail, detail)[told] / np.sqrt(mine[told] * theirs[told])).max())
