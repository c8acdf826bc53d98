"""Which of two pictures lies in the other, and how: by their features, as they are or mirrored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mediaarchive.stages.dedupe.filling import filled
from mediaarchive.stages.dedupe.fitting import LEAST_INLIERS, Fit, similarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.features import Features
    from mediaarchive.stages.dedupe.palettes import Palette
    from mediaarchive.stages.dedupe.rounding import Corners

    # OpenCV's own annotations return arrays of any number, so these can't be narrower.
    Array = NDArray[Any]
    Grey = NDArray[Any]

_SCALES = (0.15, 6.5)  # of one picture in the other: beyond, RANSAC has matched noise


def is_sound(fit: Fit) -> bool:
    """Whether enough matches, at a scale that pictures have: laying one over the other at any other takes all memory."""
    return fit.inliers >= LEAST_INLIERS and _SCALES[0] <= fit.scale <= _SCALES[1]


@dataclass(frozen=True, slots=True)
class Lying:
    """(inner, outer): the picture inside and the one around it, and how the first lies on the second (2, 3), in pixels at a glance.

    `filled`: whether a tool filled the inner one's corners.
    """

    glance: tuple[Grey, Grey]
    fine: tuple[Grey, Grey]
    colours: tuple[Array, Array]
    palettes: tuple[Palette | None, Palette | None]
    onto_outer: Array
    corners: Corners
    inner_is_right: bool
    filled: bool = False

    def other_way(self) -> Lying:
        """The outer picture inside."""
        import cv2  # noqa: PLC0415

        pairs = self.glance[::-1], self.fine[::-1], self.colours[::-1], self.palettes[::-1]
        return Lying(*pairs, cv2.invertAffineTransform(self.onto_outer), self.corners[::-1], not self.inner_is_right)


def placed(left: Features, right: Features, fit: Fit) -> Lying:
    """The smaller one lies inside; of two about as large the one whose corners a tool filled."""
    import cv2  # noqa: PLC0415

    seen = right.grey, right.fine, right.colour
    grey, fine, colour = (cv2.flip(one, 1) for one in seen) if fit.mirror else seen
    palettes = right.palette, left.palette
    lying = Lying(
        *((grey, left.grey), (fine, left.fine), (colour, left.colour), palettes, fit.matrix),
        corners=(right.corners, left.corners),
        inner_is_right=True,
    )
    usual, other = lying, lying.other_way()
    if fit.scale**2 * grey.size > left.grey.size:
        usual, other = other, usual
    for way in (usual, other):
        if filled(*way.glance, way.onto_outer):
            return replace(way, filled=True)
    return usual


def align(left: Features, right: Features) -> Fit | None:
    """The better of two fits: the right picture as it is, or mirrored (ORB knows rotations, not reflections)."""
    theirs = left.points, left.descriptors
    plain = similarity(theirs, (right.points, right.descriptors), mirror=False)
    mirrored = similarity(theirs, (right.mirrored_points, right.mirrored_descriptors), mirror=True)
    fits = [fit for fit in (plain, mirrored) if fit is not None]
    return max(fits, key=lambda fit: fit.inliers, default=None)
