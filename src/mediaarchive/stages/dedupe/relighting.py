"""One picture lit as the other is, place by place: a darkened sky, a lifted shadow, a face picked out.

What an editor does to the light of a part is broad; what somebody does there has edges, and stays. Light so broad says nothing of
what is shown, so much of it can be explained that only one exposure's noise makes a copy of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediaarchive.stages.dedupe.laying import read, rescaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.placing import Lying

    Array = NDArray[Any]

_EDGE = 128  # px of the long edge at which light is compared
_DARK = 8.0  # grey levels: of what is nearly black nobody can tell how it is lit
_EVEN = 0.06  # of the light (standard deviation, in powers of e), below which all is lit alike: of 42 edits the least had 0.064
_MOST = 4.0  # times as much


def light(lying: Lying, broad: float) -> Array | None:
    """By how many times the inner picture must be lit to be lit as the outer one: (h, w), with a long edge of `_EDGE`.

    `broad`: px of these, standard deviation, that what is shown is narrower than. None where all is lit alike, or by one measure.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    inner, outer = lying.glance
    shrink = max(inner.shape) / _EDGE
    small = tuple(max(1, round(side / shrink)) for side in inner.shape)
    onto = rescaled(lying.onto_outer, (small, inner.shape), (outer.shape, outer.shape))
    step = float(abs(np.linalg.det(onto[:, :2])) ** 0.5)
    below = cv2.GaussianBlur(outer, (0, 0), max(0.5, step / 2))
    theirs = read(below, onto, small, None, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE)
    mine = cv2.resize(inner, small[::-1], interpolation=cv2.INTER_AREA)
    lights = [cv2.GaussianBlur(one.astype(np.float32), (0, 0), broad) + _DARK for one in (mine, theirs)]
    times = np.log(lights[1] / lights[0])
    return None if times.std() < _EVEN else np.exp(times).clip(1 / _MOST, _MOST)


def lit(picture: Array, times: Array) -> Array:
    """A picture (h, w) or (h, w, 3), lit by so many times."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    by = cv2.resize(times, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    by = by if picture.ndim == 2 else by[..., None]
    result: Array = ((picture + np.float32(_DARK)) * by - np.float32(_DARK)).round().clip(0, 255).astype(np.uint8)
    return result
