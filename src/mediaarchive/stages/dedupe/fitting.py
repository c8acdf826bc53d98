"""How the features of one picture lie on those of another: turned, larger, shifted, or stretched along the sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.laying import askew

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_RATIO = 0.8  # of nearest to second-nearest descriptor: Lowe's test
_REPROJECTION = 3.0  # px
LEAST_INLIERS: Final = 12
# Of all matched features a similarity brings fewer together than this where the picture was stretched; then so many times as many
# must fit a stretch (up to so much) along the sides, to within so many degrees, and with a sine of so much between them.
_MOST_FIT, _MANY_MORE, _STRETCH, _TILT, _SKEW = 0.6, 1.4, 1.8, 2.0, 0.02


@dataclass(frozen=True, slots=True)
class Fit:
    """How the right picture lies on the left one.

    `matrix`: (2, 3), takes pixels of the right picture, mirrored if `mirror`, to pixels of the left one. `inliers`: matched
    features that it brings together.
    """

    matrix: Array
    inliers: int
    mirror: bool

    @property
    def scale(self) -> float:
        """Pixels of the left picture for one of the right one."""
        return float(abs(self.matrix[0, 0] * self.matrix[1, 1] - self.matrix[0, 1] * self.matrix[1, 0]) ** 0.5)


def similarity(left: tuple[Array, Array], right: tuple[Array, Array], *, mirror: bool) -> Fit | None:
    """Turn, scale and shift that bring most matched features together (RANSAC), or a stretch along the sides.

    Args:
        left: Positions (n, 2) in pixels, and descriptors (n, 32), ORB.
        right: The same of the other picture, mirrored if `mirror`.
        mirror: What the fit says of it.
    """
    import cv2  # noqa: PLC0415

    (theirs, known), (points, descriptors) = left, right
    if len(theirs) < LEAST_INLIERS or len(points) < LEAST_INLIERS:
        return None
    # What `cv2.BFMatcher` does, without an object for each match.
    apart, nearest = cv2.batchDistance(descriptors, known, cv2.CV_32S, normType=cv2.NORM_HAMMING, K=2)
    good = apart[:, 0] < _RATIO * apart[:, 1]
    if good.sum() < LEAST_INLIERS:
        return None
    source, target = points[good], theirs[nearest[good, 0]]
    cv2.setRNGSeed(0)
    matrix, inliers = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_REPROJECTION, maxIters=2000, confidence=0.995
    )
    fit = None if matrix is None else Fit(matrix, int(inliers.sum()), mirror)
    if fit is None or fit.inliers < _MOST_FIT * len(source):
        return _stretched(source, target, mirror=mirror, least=fit.inliers if fit else LEAST_INLIERS) or fit
    return fit


def _stretched(source: Array, target: Array, *, mirror: bool, least: int) -> Fit | None:
    """The same with a stretch along the picture's sides, if this fits many more features: what a careless page makes of it.

    Another point of view shears, too, or doesn't stretch along the sides.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    cv2.setRNGSeed(0)
    matrix, inliers = cv2.estimateAffine2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_REPROJECTION, maxIters=2000, confidence=0.995
    )
    if matrix is None or inliers.sum() < _MANY_MORE * least:
        return None
    across, down = matrix[:, 0], matrix[:, 1]
    wide, tall = float(np.hypot(*across)), float(np.hypot(*down))
    skew = abs(float(across @ down)) / max(1e-6, wide * tall)
    upright = skew <= _SKEW and askew(matrix) <= _TILT and 1 / _STRETCH <= wide / max(1e-6, tall) <= _STRETCH
    return Fit(matrix, int(inliers.sum()), mirror) if upright else None
