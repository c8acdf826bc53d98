"""Proof that two pictures are one photograph: lay one over the other, then look whether every textured tile agrees.

Hashes can't tell a copy from the next frame or from another speaker at the same lectern; an alignment with one tile
that disagrees can. Tiles are compared by normalised cross-correlation, which is blind to exposure and contrast, so a
brightened or grey copy passes while a moved hand doesn't. Thresholds: set on 4,472 copies and 6,335 hard negatives (ADR
on duplicates); none of the negatives but frames of bursts passed, and those are for capture facts to tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.signature import TEXTURED, TILE, resized

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    # OpenCV's own annotations return arrays of any number, so these can't be narrower.
    Array = NDArray[Any]
    Grey = NDArray[Any]

VERSION: Final = 1
EDGE: Final = 512  # long edge in pixels at which features are found
FINE: Final = 256  # long edge in pixels at which tiles are compared

_FEATURES = 700
_RATIO = 0.8  # of nearest to second-nearest descriptor: Lowe's test
_REPROJECTION = 3.0  # px
_LEAST_INLIERS = 12
_SCALES = (0.15, 6.5)  # of one picture in the other: beyond, RANSAC has matched noise
_REFINED = 12.0  # px at FINE: a refinement that moves a corner further has lost its way
# Of the inner picture: a second exposure by hand always sees past an edge of the first; copies measured 0.992 and more.
_COPY_CONTAINED, _LEAST_CONTAINED = 0.985, 0.97
_WHOLE = 0.95  # of the outer picture: both show the same, neither is a crop
_LEAST_TILES, _LEAST_TEXTURE = 10, 0.20  # logos and black frames align with anything
_COPY_NCC, _COPY_P5, _COPY_WORST = 0.90, 0.85, 0.70
_LEAST_NCC = 0.60  # of the whole, below which nothing is worth a look
_VARIANT_P5, _DOUBTFUL, _VARIANT_DOUBTFUL = 0.70, 0.70, 0.04


@dataclass(frozen=True, slots=True)
class Features:
    """What a proof needs of one picture, worth keeping where it is compared with several others.

    `grey`: 8-bit, long edge `EDGE`. `points`, `mirrored_points`: positions (n, 2) in pixels of `grey` and of its mirror
    image; `descriptors`, `mirrored_descriptors`: (n, 32) bytes, ORB.
    """

    grey: Grey
    points: Array
    descriptors: Grey
    mirrored_points: Array
    mirrored_descriptors: Grey


@dataclass(frozen=True, slots=True)
class _Fit:
    """How the right picture lies on the left one.

    `matrix`: (2, 3), takes pixels of the right picture, mirrored if `mirror`, to pixels of the left one.
    """

    matrix: Array
    inliers: int
    mirror: bool

    @property
    def scale(self) -> float:
        return float(abs(self.matrix[0, 0] * self.matrix[1, 1] - self.matrix[0, 1] * self.matrix[1, 0]) ** 0.5)


@dataclass(frozen=True, slots=True)
class _Tiles:
    """Agreement of two aligned pictures.

    `scores`: NCC (-1 to 1) of the textured ones among `all` tiles that both cover; `contained`: share of the inner
    picture.
    """

    ncc: float
    contained: float
    scores: Array
    all: int


def prove(left: Image.Image, right: Image.Image) -> dict[str, Any]:
    """Compare two upright RGB pictures (long edge best 512): about 50 ms of CPU. Evidence as `compare` gives it."""
    return compare(features(left), features(right))


def features(image: Image.Image) -> Features:
    """What a proof needs of one upright picture: about 20 ms of CPU."""
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)  # the pool already has a process for each core, and one thread adds up in one order
    grey = resized(image.convert("L"), EDGE)
    points, descriptors = _describe(grey)
    mirrored_points, mirrored_descriptors = _describe(cv2.flip(grey, 1))
    return Features(grey, points, descriptors, mirrored_points, mirrored_descriptors)


def compare(left: Features, right: Features) -> dict[str, Any]:
    """Evidence for or against one photograph, as JSON values; the same in every process.

    Returns:
        `{"v": 1, "verdict": …, "inliers": matched features, "containment": share of the inner picture that the outer
        one covers, "ncc": correlation of the whole, "worst", "p5", "mean": of the textured tiles, "texture": their
        share, "contains": "left", "right" (the one that shows more) or "both", "share": of the outer picture that the
        inner one covers, "mirror": bool, "angle": degrees}`. The verdict is `copy` (one photograph), `variant` (much
        edited, or with an overlay: for a human), `different`, or `unclear` (they align, but there is too little texture
        to be sure). Without an alignment, only the first three keys.
    """
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    fit = _align(left, right)
    if fit is None or fit.inliers < _LEAST_INLIERS or not _SCALES[0] <= fit.scale <= _SCALES[1]:
        return {"v": VERSION, "verdict": "different", "inliers": fit.inliers if fit else 0}
    return _evidence(left, right, fit)


def _describe(grey: Grey) -> tuple[Array, Grey]:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    everywhere = np.full(grey.shape, 255, np.uint8)
    points, descriptors = cv2.ORB.create(nfeatures=_FEATURES, fastThreshold=8).detectAndCompute(grey, everywhere)
    if not points:
        return np.empty((0, 2), np.float32), np.empty((0, 32), np.uint8)
    return np.array([point.pt for point in points], dtype=np.float32), descriptors


def _align(left: Features, right: Features) -> _Fit | None:
    """The better of two fits: the right picture as it is, or mirrored (ORB knows rotations, not reflections)."""
    plain = _similarity(left, right.points, right.descriptors, mirror=False)
    mirrored = _similarity(left, right.mirrored_points, right.mirrored_descriptors, mirror=True)
    fits = [fit for fit in (plain, mirrored) if fit is not None]
    return max(fits, key=lambda fit: fit.inliers, default=None)


def _similarity(left: Features, points: Array, descriptors: Grey, *, mirror: bool) -> _Fit | None:
    """Turn, scale and shift that bring most matched features together (RANSAC)."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    if len(left.points) < _LEAST_INLIERS or len(points) < _LEAST_INLIERS:
        return None
    found = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(descriptors, left.descriptors, k=2)
    good = [match[0] for match in found if len(match) == 2 and match[0].distance < _RATIO * match[1].distance]
    if len(good) < _LEAST_INLIERS:
        return None
    source = np.array([points[match.queryIdx] for match in good])
    target = np.array([left.points[match.trainIdx] for match in good])
    cv2.setRNGSeed(0)
    matrix, inliers = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_REPROJECTION, maxIters=2000, confidence=0.995
    )
    return None if matrix is None else _Fit(matrix, int(inliers.sum()), mirror)


def _evidence(left: Features, right: Features, fit: _Fit) -> dict[str, Any]:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    turned = cv2.flip(right.grey, 1) if fit.mirror else right.grey
    inner_is_right = fit.scale**2 * turned.size <= left.grey.size
    if inner_is_right:
        inner, outer, onto_outer = turned, left.grey, fit.matrix
    else:
        inner, outer, onto_outer = left.grey, turned, cv2.invertAffineTransform(fit.matrix)
    tiles = _overlay(inner, outer, onto_outer)
    scores = tiles.scores if len(tiles.scores) else np.zeros(1)
    share = min(1.0, abs(float(np.linalg.det(onto_outer[:, :2]))) * inner.size * tiles.contained / outer.size)
    evidence: dict[str, Any] = {
        "v": VERSION,
        "inliers": fit.inliers,
        "containment": round(tiles.contained, 3),
        "ncc": round(tiles.ncc, 5),
        "worst": round(float(scores.min()), 3),
        "p5": round(float(np.percentile(scores, 5)), 3),
        "mean": round(float(scores.mean()), 5),
        "texture": round(len(tiles.scores) / max(1, tiles.all), 3),
        "contains": "both" if share >= _WHOLE else "left" if inner_is_right else "right",
        "share": round(share, 3),
        "mirror": fit.mirror,
        "angle": round(float(np.degrees(np.arctan2(fit.matrix[1, 0], fit.matrix[0, 0]))), 1),
    }
    doubtful = float((scores < _DOUBTFUL).mean())
    return {**evidence, "verdict": _verdict(evidence, len(tiles.scores), doubtful)}


def _verdict(evidence: dict[str, Any], textured: int, doubtful: float) -> str:
    if evidence["containment"] < _LEAST_CONTAINED or evidence["ncc"] < _LEAST_NCC:
        return "different"
    if textured < _LEAST_TILES or evidence["texture"] < _LEAST_TEXTURE:
        return "unclear"
    agrees = evidence["ncc"] >= _COPY_NCC and evidence["p5"] >= _COPY_P5 and evidence["worst"] >= _COPY_WORST
    if agrees and evidence["containment"] >= _COPY_CONTAINED:
        return "copy"
    return "variant" if evidence["p5"] >= _VARIANT_P5 and doubtful <= _VARIANT_DOUBTFUL else "different"


def _overlay(inner: Grey, outer: Grey, onto_outer: Array) -> _Tiles:
    """Lay the outer picture under the inner one at a long edge of `FINE`, refine, and compare tile by tile."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    shrink = max(inner.shape) / FINE
    # Whole tiles, a little stretched: what lies along an edge must be compared too.
    size = _whole_tiles(inner.shape[1] / shrink), _whole_tiles(inner.shape[0] / shrink)
    small = cv2.resize(inner, size, interpolation=cv2.INTER_AREA)
    step = (
        float(np.hypot(onto_outer[0, 0], onto_outer[1, 0])) * shrink
    )  # pixels of the outer picture for one of `small`
    wide = max(1, round(outer.shape[1] / step)), max(1, round(outer.shape[0] / step))
    below = cv2.resize(outer, wide, interpolation=cv2.INTER_AREA if step > 1 else cv2.INTER_CUBIC)
    matrix = _rescaled(onto_outer, (small.shape, inner.shape), (below.shape, outer.shape))
    matrix = _refined(small, below, matrix)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(below, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(np.full(below.shape, 255, np.uint8), matrix, size, flags=flags) > 127
    return _agreement(_smooth(small), _smooth(warped), mask)


def _whole_tiles(side: float) -> int:
    return TILE * max(1, round(side / TILE))


def _rescaled(matrix: Array, inner: tuple[Any, Any], outer: tuple[Any, Any]) -> Array:
    """The same transformation between resized pictures, given as (new shape, old shape); a pixel's centre is a whole number."""
    import numpy as np  # noqa: PLC0415

    def scaling(new: Any, old: Any) -> Array:  # noqa: ANN401 - numpy shapes
        x, y = new[1] / old[1], new[0] / old[0]
        return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])

    square = np.vstack([matrix, [0, 0, 1]])
    rescaled: Array = (scaling(*outer) @ square @ np.linalg.inv(scaling(*inner)))[:2]
    return rescaled


def _refined(small: Grey, below: Grey, matrix: Array) -> Array:
    """The transformation made exact to a fraction of a pixel, as an affine one; as it was where that fails.

    ECC: G. Evangelidis and E. Psarakis, Parametric image alignment using enhanced correlation coefficient maximization
    (2008).
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-5)
    start = matrix.astype(np.float32)
    everywhere = np.full(below.shape, 255, np.uint8)
    try:
        _, refined = cv2.findTransformECC(small, below, start.copy(), cv2.MOTION_AFFINE, criteria, everywhere, 5)
    except cv2.error:  # no overlap, or no gradient to follow
        return start
    height, width = small.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], dtype=np.float32).T
    return refined if abs(refined @ corners - start @ corners).max() <= _REFINED else start


def _smooth(grey: Grey) -> Array:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    return cv2.GaussianBlur(grey.astype(np.float32), (3, 3), 0)


def _agreement(inner: Array, outer: Array, mask: NDArray[np.bool_]) -> _Tiles:
    import numpy as np  # noqa: PLC0415

    rows, columns = inner.shape[0] // TILE, inner.shape[1] // TILE

    def tiled(pixels: Array) -> Array:
        cut = pixels[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
        return cut.transpose(0, 2, 1, 3).reshape(rows * columns, TILE * TILE)

    covered = tiled(mask.astype(np.float32)).min(axis=1, initial=1) > 0
    mine, theirs = tiled(inner)[covered], tiled(outer)[covered]
    # Texture in either counts: a face in one and a plain wall in the other must speak against a copy.
    textured = np.maximum(mine.std(axis=1), theirs.std(axis=1)) >= TEXTURED
    scores = _ncc(mine[textured], theirs[textured])
    whole = _ncc(inner[mask][None], outer[mask][None]) if mask.any() else np.zeros(1)
    return _Tiles(float(whole[0]), float(mask.mean()), scores, len(mine))


def _ncc(left: Array, right: Array) -> Array:
    """Normalised cross-correlation of each row, in double precision; 0 where a row is flat."""
    import numpy as np  # noqa: PLC0415

    mine = left.astype(np.float64) - left.mean(axis=1, keepdims=True, dtype=np.float64)
    theirs = right.astype(np.float64) - right.mean(axis=1, keepdims=True, dtype=np.float64)
    norm = np.sqrt((mine**2).sum(axis=1) * (theirs**2).sum(axis=1))
    return np.where(norm > 0, (mine * theirs).sum(axis=1) / np.maximum(norm, 1e-12), 0.0)
