"""Corners that a tool filled: where a picture is turned a little and keeps its sides, what comes in is of one colour.

What lies beyond another picture speaks against a copy: a second exposure by hand always sees past an edge of the first. Four
corners of one plain colour, turned about the very middle, were not seen by anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediaarchive.stages.dedupe.laying import askew

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Grey = NDArray[Any]

_LEAST, _MOST = 0.3, 15.0  # degrees: less fills next to nothing, and of more too much is lost
# Of the long edge, between the two middles, and of the size: a camera in a hand moves and nears by more.
_MIDDLE, _SIZE = 0.01, 0.03
_EDGE = 3  # px beyond the edge of what was turned: mixed with it, or what an encoder makes of such an edge
_LEAST_CORNER = 12  # px that must be left of each corner
_PLAIN, _ONE_COLOUR = 6, 0.9  # grey levels around the middle one of all four corners; share of each within them


def filled(inner: Grey, outer: Grey, onto_outer: Array) -> bool:
    """Whether what of `inner` lies beyond `outer` is corners that a tool filled.

    Args:
        inner: (h, w), 0 to 255.
        outer: the picture that it lies on, about as much of the same.
        onto_outer: (2, 3), takes pixels of `inner` to pixels of `outer`.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    if not _turned_in_place(inner.shape, outer.shape, onto_outer):
        return False
    # Each has lost its own four corners to the turn; of a crop, nothing lies beyond what it was cut from.
    lost = _corners(_beyond(outer.shape, inner.shape, cv2.invertAffineTransform(onto_outer)))
    corners = _corners(_beyond(inner.shape, outer.shape, onto_outer))
    if min(corner.sum() for corner in (*corners, *lost)) < _LEAST_CORNER:
        return False
    colour = np.median(inner[np.logical_or.reduce(corners)])
    near = abs(inner.astype(np.int16) - colour) <= _PLAIN
    return all(near[corner].mean() >= _ONE_COLOUR for corner in corners)


def _turned_in_place(inner: tuple[int, ...], outer: tuple[int, ...], onto_outer: Array) -> bool:
    """Whether the one is turned by a few degrees about the other's middle, and as large."""
    import numpy as np  # noqa: PLC0415

    if not _LEAST <= askew(onto_outer) <= _MOST:
        return False
    (height, width), (tall, wide) = inner, outer
    middle = onto_outer @ np.array([(width - 1) / 2, (height - 1) / 2, 1])
    away = np.hypot(*(middle - np.array([(wide - 1) / 2, (tall - 1) / 2])))
    scale = abs(np.linalg.det(onto_outer[:, :2])) ** 0.5
    as_large = abs(scale * max(inner) / max(outer) - 1) <= _SIZE and abs(scale * min(inner) / min(outer) - 1) <= _SIZE
    return bool(as_large and away <= _MIDDLE * max(outer))


def _beyond(inner: tuple[int, ...], outer: tuple[int, ...], onto_outer: Array) -> NDArray[np.bool_]:
    """What of the inner picture (h, w) lies beyond the outer one, and not at its edge."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    everywhere = np.full(outer, 255, np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    covered = cv2.warpAffine(everywhere, onto_outer.astype(np.float64), inner[::-1], flags=flags) > 0
    result: NDArray[np.bool_] = cv2.dilate(covered.astype(np.uint8), np.ones((2 * _EDGE + 1,) * 2, np.uint8)) == 0
    return result


def _corners(beyond: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """What lies beyond, in each quarter of the picture."""
    import numpy as np  # noqa: PLC0415

    rows, columns = (np.arange(side) * 2 < side for side in beyond.shape)
    return [beyond & np.outer(high, left) for high in (rows, ~rows) for left in (columns, ~columns)]
