"""What lies in a frame or on an app's screen: of a screen that shows a piece of a photograph, neither contains the other.

Cut to that piece, the screen can be compared with the photograph. What was cut away is plain with marks on it; whether the
photograph goes on beyond the piece, its proof tells (`seams.seam`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Grey = NDArray[Any]
    Box = tuple[int, int, int, int]

_GROUND = 6  # grey levels around a screen's own: what an encoder makes of it,
_EXACT, _MOSTLY = 2, 0.8  # and that of so much of it
_MARKED = 0.5  # of a line is ground at least, whatever is written on it
_GAP = 2  # lines that happen to have the ground's colour, within a picture
_LEAST_SIDE = 128  # px
_LEAST_SHARE, _MOST_SHARE = 0.1, 0.95  # of all: less isn't what a screen is about, of more nothing is cut
INSET: Final = 2  # px: a picture's outermost lines are mixed with what is around it


def shown(grey: Grey) -> Box | None:
    """Where (left, top, right, bottom) a picture lies on a plain ground, with bars and words around it; None where there's no such.

    There is ground on two opposite sides of it; a bar along one side may be a caption's. A sky of the ground's colour is lost, too.
    """
    import numpy as np  # noqa: PLC0415

    height, width = grey.shape
    edges = grey[0], grey[-1], grey[:, 0], grey[:, -1]
    near = np.zeros(grey.shape, bool)
    for ground in {int(np.bincount(line).argmax()) for line in edges}:
        whole = max(float((abs(line.astype(np.int16) - ground) <= _GROUND).mean()) for line in edges)
        if whole < 1 - _MARKED / 2:
            continue
        off = abs(grey.astype(np.int16) - ground)
        plain = off <= _GROUND
        if (off[plain] <= _EXACT).mean() >= _MOSTLY:
            near |= plain
    if not near.any():
        return None
    top, bottom = _longest(near.mean(axis=1) < _MARKED)
    left, right = _longest(near[top:bottom].mean(axis=0) < _MARKED) if bottom > top else (0, 0)
    if not ((top > 0 and bottom < height) or (left > 0 and right < width)):
        return None
    left, top = left + INSET * (left > 0), top + INSET * (top > 0)
    right, bottom = right - INSET * (right < width), bottom - INSET * (bottom < height)
    wide, tall = right - left, bottom - top
    fits = min(wide, tall) >= _LEAST_SIDE and _LEAST_SHARE <= wide * tall / grey.size <= _MOST_SHARE
    return (left, top, right, bottom) if fits else None


def _longest(lines: Array) -> tuple[int, int]:
    """The longest run (start, end) of lines that are true, over gaps of `_GAP`."""
    import numpy as np  # noqa: PLC0415

    found = np.flatnonzero(lines)
    if not len(found):
        return 0, 0
    breaks = np.flatnonzero(np.diff(found) > _GAP + 1)
    starts, ends = np.r_[0, breaks + 1], np.r_[breaks, len(found) - 1]
    longest = int((found[ends] - found[starts]).argmax())
    return int(found[starts[longest]]), int(found[ends[longest]]) + 1
