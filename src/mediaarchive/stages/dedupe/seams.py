"""Whether a picture ends where another one that lies in it ends: around what is in a frame or on a screen, it doesn't go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Grey = NDArray[Any]

_OFF: Final = 3.0  # px of the outer picture on either side: alignments are exact to one or two
_PIECE = 8  # px: outlines are looked at in pieces so long
_STEP, _TIMES = 8.0, 2.0  # grey levels across the outline, and of what there are as far within


def seam(shape: tuple[int, int], outer: Grey, onto_outer: Array) -> float | None:
    """The share (0 to 1) of an inner picture's outline at which the outer one has an edge.

    Args:
        shape: (h, w) of the inner picture.
        outer: 8-bit, long edge about 512.
        onto_outer: (2, 3), takes pixels of the inner picture to pixels of `outer`.

    Returns:
        None where next to nothing of the outline lies within the outer picture.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    smooth = cv2.GaussianBlur(outer, (3, 3), 0)
    steps: list[Array] = []
    for start, end, inwards in _sides(shape, onto_outer.astype(np.float64)):
        length = int(np.hypot(*(end - start))) // _PIECE * _PIECE
        if not length:
            continue
        along = start + (end - start) * ((np.arange(length) + 0.5) / length)[:, None]
        lines = [along + inwards * off for off in (-_OFF, _OFF, 3 * _OFF)]
        size = np.array([outer.shape[1], outer.shape[0]]) - 1
        there = ((lines[0] >= 0) & (lines[0] <= size)).all(axis=1)
        outside, inside, further = (_read(smooth, line) for line in lines)
        pieces = np.stack([abs(outside - inside), abs(inside - further), there], axis=1)
        across, within, known = pieces.reshape(-1, _PIECE, 3).mean(axis=1).T
        steps.append((across > np.maximum(_STEP, _TIMES * within))[known == 1])
    found = np.concatenate(steps) if steps else np.zeros(0)
    return round(float(found.mean()), 3) if len(found) >= _PIECE else None


def _read(grey: Grey, points: Array) -> Array:
    """What a picture shows at points (n, 2), between its pixels."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    x, y = (np.ascontiguousarray(axis[:, None], dtype=np.float32) for axis in points.T)
    return cv2.remap(grey, x, y, cv2.INTER_LINEAR).ravel().astype(np.float64)


def _sides(shape: tuple[int, int], onto_outer: Array) -> list[tuple[Array, Array, Array]]:
    """The four sides in the outer picture: from where, to where, and the direction (of 1 px) towards the middle."""
    import numpy as np  # noqa: PLC0415

    height, width = shape
    corners = np.array([[0, 0, 1], [width - 1, 0, 1], [width - 1, height - 1, 1], [0, height - 1, 1]]) @ onto_outer.T
    middle = corners.mean(axis=0)
    sides = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        across = np.array([start[1] - end[1], end[0] - start[0]])
        across = across / max(1e-9, float(np.hypot(*across)))
        sides.append((start, end, across if across @ (middle - start) > 0 else -across))
    return sides
