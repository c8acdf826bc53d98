"""Round corners, as web pages, slides and phones give them to a picture: four of one radius, on one plain colour.

What they hide says nothing for or against a copy. A thing painted over a corner isn't round from all four sides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
    Grey = NDArray[Any]

Corners = tuple[float, float]  # of (inner, outer): each one's `radius`
SHARP: Final[Corners] = (0.0, 0.0)

_OUTSIDE = 1 - math.pi / 4  # of the square of a radius, beyond the arc,
_MIXED = math.pi / 4  # less half a pixel along it, which is mixed with the picture
_PLAIN = 8  # grey levels around one colour: what an encoder makes of it
_LEAST, _MOST = 5.0, 0.51  # px; of the short side
_ALL_PLAIN, _NOT_PLAIN = 0.95, 0.5  # of what lies beyond the arc, and of a ring within
_RING = 2.0, 4.0  # px from the arc
_CORNERS = 2  # of four, that must be seen: two may lie in a sky of the same colour


def radius(grey: Grey) -> float:
    """The radius of a picture's (h, w) round corners, as a share of its short side; 0 where they are none."""
    import numpy as np  # noqa: PLC0415

    height, width = grey.shape
    short = min(height, width)
    half = short // 2
    quarters = [turned[:half, :half].astype(np.int16) for turned in (grey, grey[:, ::-1], grey[::-1], grey[::-1, ::-1])]
    colours = [int(np.median(quarter[:2, :2])) for quarter in quarters] if half else [0, 255]
    if max(colours) - min(colours) > _PLAIN:
        return 0.0
    plain = [abs(quarter - int(np.median(colours))) <= _PLAIN for quarter in quarters]
    # What of each line is plain from its start on, and of one column each line's start: the area beyond the arc.
    beyond = [np.logical_and.accumulate(one, axis=1) & np.logical_and.accumulate(one[:, :1], axis=0) for one in plain]
    # Something of the same colour inside makes the area larger, and never smaller.
    area = min(int(one.sum()) for one in beyond)
    found = (_MIXED + math.sqrt(_MIXED**2 + 4 * _OUTSIDE * area)) / (2 * _OUTSIDE)
    if not _LEAST <= found <= _MOST * short:
        return 0.0
    away = _from_arc((half, half), found)
    outside, ring = away > 1, (away < -_RING[0]) & (away > -_RING[1])
    hidden = all(one[outside].mean() >= _ALL_PLAIN for one in plain if outside.any())
    shown = sum(one[ring].mean() <= _NOT_PLAIN for one in plain if ring.any())
    return found / short if hidden and shown >= _CORNERS else 0.0


def inside_arcs(shape: tuple[int, ...], share: float, margin: float = 2.0) -> NDArray[np.bool_]:
    """What of a picture (h, w) round corners leave, less the `margin` (px) that an arc shines in. `share`: as `radius` gives it."""
    import numpy as np  # noqa: PLC0415

    if not share:
        return np.ones(shape, bool)
    top = _from_arc((-(-shape[0] // 2), -(-shape[1] // 2)), share * min(shape)) < -margin
    upper = np.hstack([top, top[:, : shape[1] // 2][:, ::-1]])
    return np.vstack([upper, upper[: shape[0] // 2][::-1]])


def _from_arc(shape: tuple[int, int], radius: float) -> Array:
    """How far (px) each pixel of the upper left quarter lies beyond its corner's arc; all else far within."""
    import numpy as np  # noqa: PLC0415

    down, across = (radius - np.arange(side) - 0.5 for side in shape)
    corner = (down[:, None] > 0) & (across[None] > 0)
    return np.where(corner, np.hypot(down[:, None], across[None]) - radius, -np.inf)
