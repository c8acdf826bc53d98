"""How one picture lies on another: the same transformation at other sizes, and made exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediaarchive.stages.dedupe.rounding import SHARP, inside_arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.drifting import Bend
    from mediaarchive.stages.dedupe.rounding import Corners

    Array = NDArray[Any]
    Grey = NDArray[Any]

_REFINED = 12.0  # px: a refinement that moves a corner further has lost its way
_INSET = 8  # px along the inner picture's edges that a refinement passes over: smoothing mixes in what is around it


def rescaled(matrix: Array, inner: tuple[Any, Any], outer: tuple[Any, Any]) -> Array:
    """The same transformation between resized pictures, given as (new shape, old shape); a pixel's centre is a whole number."""
    import numpy as np  # noqa: PLC0415

    def scaling(new: Any, old: Any) -> Array:  # noqa: ANN401 - numpy shapes
        x, y = new[1] / old[1], new[0] / old[0]
        return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])

    square = np.vstack([matrix, [0, 0, 1]])
    result: Array = (scaling(*outer) @ square @ np.linalg.inv(scaling(*inner)))[:2]
    return result


def read(picture: Grey, matrix: Array, shape: tuple[int, ...], bend: Bend | None, how: int, border: int) -> Grey:
    """A picture's pixels where those of one of this shape (h, w) lie: `matrix` takes these, once they are bent, to its own.

    `how`, `border`: OpenCV's flags for what is between pixels, and beyond them.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    if bend is None:
        return cv2.warpAffine(picture, matrix, shape[::-1], flags=how | cv2.WARP_INVERSE_MAP, borderMode=border)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    across, down = bend.field(shape)
    x, y = x + across, y + down
    onto_x, onto_y = (row[0] * x + row[1] * y + row[2] for row in matrix.astype(np.float32))
    result: Grey = cv2.remap(picture, onto_x, onto_y, how, borderMode=border)
    return result


def askew(matrix: Array) -> float:
    """By how many degrees (0 to 45) the sides of one picture are off those of the other."""
    import numpy as np  # noqa: PLC0415

    return float(abs((np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0])) + 45) % 90 - 45))


def refined(small: Grey, below: Grey, matrix: Array, rounds: int, corners: Corners = SHARP) -> Array:
    """The transformation made exact to a fraction of a pixel, as an affine one; as it was where that fails.

    Only what lies well inside `small`, and inside round `corners`, counts: a white frame around it would draw it outwards.
    ECC: G. Evangelidis and E. Psarakis, Parametric image alignment using enhanced correlation coefficient maximization
    (2008).
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, rounds, 1e-5)
    start = matrix.astype(np.float32)
    inside, inset = np.zeros(small.shape, np.uint8), min(_INSET, min(small.shape) // 4)
    inside[inset:-inset, inset:-inset] = 255
    inside[~inside_arcs(small.shape, corners[0], inset)] = 0
    within = cv2.warpAffine(inside, start, below.shape[::-1], flags=cv2.INTER_NEAREST)
    within[~inside_arcs(below.shape, corners[1], inset)] = 0
    try:
        _, exact = cv2.findTransformECC(small, below, start.copy(), cv2.MOTION_AFFINE, criteria, within, 5)
    except cv2.error:  # no overlap, or no gradient to follow
        return start
    height, width = small.shape
    outline = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], dtype=np.float32).T
    return exact if abs(exact @ outline - start @ outline).max() <= _REFINED else start
