"""One picture lit as the other is, place by place: a darkened sky, a lifted shadow, a face picked out.

What an editor does to the light of a part is broad; what somebody does there has edges, and stays. Light so broad says nothing of
what is shown, so much of it can be explained that only one exposure's noise makes a copy of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mediaarchive.stages.dedupe.laying import read, rescaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.placing import Lying

    Array = NDArray[Any]
    Grey = NDArray[Any]

_EDGE = 128  # px of the long edge at which light is compared
_DARK = 8.0  # grey levels: of what is nearly black nobody can tell how it is lit
_EVEN = 0.04  # of the light (standard deviation, in powers of e), below which all is lit alike
_MOST = 4.0  # times as much


def relit(lying: Lying, broad: float) -> Lying | None:
    """The inner picture lit as the outer one; None where it is, but for light or dark everywhere."""
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
    light = np.log(lights[1] / lights[0])
    if light.std() < _EVEN:
        return None
    times = np.exp(light).clip(1 / _MOST, _MOST)

    def lit(picture: Array) -> Array:
        by = cv2.resize(times, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        by = by if picture.ndim == 2 else by[..., None]
        result: Array = ((picture + _DARK) * by - _DARK).round().clip(0, 255).astype(np.uint8)
        return result

    return replace(
        lying,
        glance=(lit(inner), outer),
        fine=(lit(lying.fine[0]), lying.fine[1]),
        colours=(lit(lying.colours[0]), lying.colours[1]),
    )
