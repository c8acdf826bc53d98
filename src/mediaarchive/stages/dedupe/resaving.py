"""Two files of one size by one encoder: one picture saved twice, or two frames of a scene. Compared pixel for pixel.

At the size at which others are compared a sensor's noise is averaged away, and a hair's movement with it. Block by block, at
full size, a picture that is saved again keeps its brightness and its noise; in the next frame something moves, or the noise is
another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediaarchive.stages.dedupe.measures import BLOCK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.features import Features

    Array = NDArray[Any]

_STRIP = 64 * BLOCK  # rows that are looked at together, however many there are
_FINEST = 1.5  # px, standard deviation: what this smoothing takes away is the finest detail, and noise
_QUIET = 50  # per cent of the blocks, those with the least contrast

# By how many grey levels the mean of a block, and all of it, differ at the most, and how much of the finest detail is shared. Of
# 156 files, saved again with their own tables, all pass, of as many sharpened on the way 137, of those with paler colours 113; with
# other noise of 1, 2 and 4 grey levels 10, 1 and 0, shifted by a sixth of a pixel 4, brighter by 6 % none. Frames of films from a
# tripod differ by 5 and 21 levels at least.
_MEAN, _WHOLE, _SHARED = 3.5, 15.0, 0.95


def of_one_encoder(left: Features, right: Features) -> bool:
    """Whether two pictures are equally large, upright or turned, and both are JPEGs with the same tables, or neither is one."""
    return left.tables == right.tables and sorted(left.size) == sorted(right.size)


def pixel_for_pixel(left: Array, right: Array, *, mirror: bool, angle: float) -> dict[str, float]:
    """By how much two pictures differ, block by block.

    Args:
        left: (h, w), grey, 0 to 255.
        right: as large, or turned by a right angle.
        mirror: as `proof.compare` tells it.
        angle: the same.

    Returns:
        `{"mean": grey levels by which the mean of a block of `BLOCK` pixels differs, at the most, "whole": root mean square of
        a block's differences, at the most, "shared": correlation of the finest detail, where there is little}`.
    """
    import numpy as np  # noqa: PLC0415

    upright = np.fliplr(right) if mirror else right
    turns = round(angle / 90) % 4
    ways = {turns, -turns % 4}  # which way round a mirrored one is turned isn't worth a convention
    found = [
        _measured(left, np.ascontiguousarray(turned))
        for turned in (np.rot90(upright, way) for way in ways)
        if turned.shape == left.shape
    ]
    return min(found, key=lambda seen: seen["mean"], default={"mean": 255.0, "whole": 255.0, "shared": 0.0})


def saved_again(seen: Mapping[str, float] | None) -> bool:
    """Whether what `pixel_for_pixel` saw is one picture, saved twice."""
    return seen is not None and seen["mean"] <= _MEAN and seen["whole"] <= _WHOLE and seen["shared"] >= _SHARED


def _measured(left: Array, right: Array) -> dict[str, float]:
    import numpy as np  # noqa: PLC0415

    strips = [_blocks(left[top : top + _STRIP], right[top : top + _STRIP]) for top in range(0, len(left), _STRIP)]
    mean, whole, contrast, mine, theirs, both = (np.concatenate(column) for column in zip(*strips, strict=True))
    quiet = contrast <= np.percentile(contrast, _QUIET)
    power = float(np.sqrt(mine[quiet].sum() * theirs[quiet].sum()))
    return {
        "mean": round(float(mean.max()), 2),
        "whole": round(float(whole.max()) ** 0.5, 2),
        "shared": round(float(both[quiet].sum()) / power, 3) if power else 0.0,
    }


def _blocks(left: Array, right: Array) -> tuple[Array, ...]:
    """Of each block: what the means differ by, the mean square of the differences, contrast, what the finest detail shares."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    def cut(picture: Array) -> Array:
        rows, columns = picture.shape[0] // BLOCK, picture.shape[1] // BLOCK
        whole = picture[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
        result: Array = whole.transpose(0, 2, 1, 3).reshape(-1, BLOCK * BLOCK)
        return result

    one, other = left.astype(np.float32), right.astype(np.float32)
    mine, theirs = (cut(picture - cv2.GaussianBlur(picture, (0, 0), _FINEST)) for picture in (one, other))
    differs = cut(one - other)
    contrast = cut(one).std(axis=1) + cut(other).std(axis=1)
    powers = ((a * b).sum(axis=1) for a, b in ((mine, mine), (theirs, theirs), (mine, theirs)))
    return abs(differs.mean(axis=1)), (differs**2).mean(axis=1), contrast, *powers
