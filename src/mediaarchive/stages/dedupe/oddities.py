"""Places where two pictures, laid over each other, differ more than their like does elsewhere.

An encoder's work, a resize and a developer's sliders change all of a picture, and most where it has most detail. A face that is
another, one digit or a mark in a corner change one place, and leave others with as much detail alone. So each place is measured
by what the picture's own plain places and its own edges leave: how many grey levels of 255 may be hundreds of times as many
pixels elsewhere.

That is asked twice. Once of all that differs, for what lies on something plain; once of detail alone, however dark or pale what
it lies on, and measured by how much detail there is: other words on a slide differ as much as words have edges, and yet none
of their strokes are where the others had theirs.

Two pictures may be compared in several ways, as they are and developed alike. What a place leaves in every way is left of it,
and it may leave what it may in the strictest: where all the light is another, a page's number is no more than that light. And
where it is, what is a little lighter all around isn't odd: a curve that clips red makes so of one wall and not of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]

PLACE: Final = 8  # px: what an encoder treats by itself, and about what is left of a letter or a small face

_RIM = 3  # px along the edges, where a frame shines in
_MIXED = 2  # px along the other picture's edge, where what is beyond it shines in
_LEAST = 200  # px that must be left
_ROUNDING = 0.7  # grey levels that a plain place may leave in any case
# Of the gradient that an edge may leave in any case, as px that it has moved; at a long edge of 1,024, and proportionally.
_SHIFT, _SHIFT_LEAST, _AT = 0.15, 0.02, 1024
_PLAIN, _EDGES = 80, 75  # per cent that leave less than what is taken for usual
_MOST_DETAIL, _SOME_DETAIL = 98, 0.1  # per cent; and of what they have, what is detail
_SOME = 20_000  # pixels that what is usual is told from
_BROAD = 21  # px: what is broader than this is light, and no detail
_LEAST_LOST = 0.01  # of the detail of a place that has much, every encoder takes as much


@dataclass(frozen=True, order=True, slots=True)
class Oddity:
    """The place that differs most, for its detail.

    `times`: as much as usual, 0 where nothing can be told; `x`, `y`: its middle, as shares of the picture's size.
    """

    times: float
    x: float = 0.5
    y: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Leftover:
    """What each place of two pictures leaves, and what it may leave (n, grey levels squared), `within` (h, w) such a mask.

    `plain`: grey levels that plain places leave; 0 where nothing can be told.
    """

    left: Array
    may: Array
    within: NDArray[np.bool_]
    plain: float = 0.0

    def most(self, also: Leftover | None = None) -> Oddity:
        """The place that differs most for what it may; where it is looked at in two ways, in both of them."""
        import numpy as np  # noqa: PLC0415

        if not len(self.left):
            return Oddity(0.0)
        times = self.left / self.may
        if also is not None:
            times = np.minimum(times, also.left / also.may)
        most = int(times.argmax())
        height, width = self.within.shape
        row, column = divmod(int(np.flatnonzero(self.within)[most]), width)
        return Oddity(float(times[most] ** 0.5), (column + 0.5) / width, (row + 0.5) / height)


def strictest(ways: Sequence[Leftover]) -> Leftover:
    """What each place of two pictures leaves in every way in which they were compared, and may leave in the strictest."""
    import numpy as np  # noqa: PLC0415

    left, may = (reduce(np.minimum, found) for found in ([one.left for one in ways], [one.may for one in ways]))
    return Leftover(left, may, ways[0].within, min(one.plain for one in ways))


def left_over(
    mine: Array, theirs: Array, mask: NDArray[np.bool_], excused: Array | None = None, *, light: bool = True
) -> Leftover:
    """Where two pictures differ, measured by what they leave elsewhere.

    Args:
        mine: (h, w) grey, 0 to 255, float32.
        theirs: the same place for place.
        mask: (h, w), where both show something.
        excused: (h, w), grey levels by which each place may differ in any case; of any size.
        light: Whether to count by how much all around a place is lighter or darker.
    """
    within = _inside(mask)
    if within.sum() < _LEAST:
        return _nothing(within)
    one, other = (_smooth(picture) for picture in (_where_both(mine, theirs, mask), theirs))
    off = one - other
    left = _around((off if light else _detail(off)) ** 2, PLACE)
    detail = _around((_steepness(one) + _steepness(other)) / 2, 2 * PLACE)
    lefts, details = left[within], detail[within]
    step = max(1, len(lefts) // _SOME)
    plain, edges = _usual(lefts[::step], details[::step])
    shift = max(_SHIFT_LEAST, _SHIFT * max(mine.shape) / _AT)
    may = plain + max(edges, shift**2) * details + _excused(excused, mine.shape, within)
    return Leftover(lefts, may, within, plain**0.5)


def lost_detail(mine: Array, theirs: Array, mask: NDArray[np.bool_], excused: Array | None = None) -> Leftover:
    """Where the detail of two pictures has little in common, measured by what is lost of it elsewhere; as `left_over`.

    What plain places leave may be left anywhere, and of what is there as much as is lost of it in three places of four that have
    some.
    """
    import numpy as np  # noqa: PLC0415

    within = _inside(mask)
    if within.sum() < _LEAST:
        return _nothing(within)
    one, other = (_detail(_smooth(picture)) for picture in (_where_both(mine, theirs, mask), theirs))
    left = _around((one - other) ** 2, PLACE)
    there = np.maximum(_around(one**2, PLACE), _around(other**2, PLACE))
    lefts, theres = left[within], there[within]
    step = max(1, len(lefts) // _SOME)
    plain, lost = _usual(lefts[::step], theres[::step])
    may = plain + max(lost, _LEAST_LOST) * theres + _excused(excused, mine.shape, within)
    return Leftover(lefts, may, within, plain**0.5)


def _nothing(within: NDArray[np.bool_]) -> Leftover:
    import numpy as np  # noqa: PLC0415

    return Leftover(np.zeros(0), np.zeros(0), within)


def _usual(left: Array, detail: Array) -> tuple[float, float]:
    """What plain places leave, and, for one of detail, those that have some (grey levels squared).

    Of the plainer half of all places four in five leave less, and of those with detail three in four: of a drawing most is plain,
    and only its edges tell what an edge may leave.
    """
    import numpy as np  # noqa: PLC0415

    half, most = np.percentile(detail, (50, _MOST_DETAIL))
    plain = max(float(np.percentile(left[detail <= half], _PLAIN)), _ROUNDING**2)
    rich = detail >= _SOME_DETAIL * most
    return plain, float(np.percentile(np.maximum(left[rich] - plain, 0) / np.maximum(detail[rich], 1e-6), _EDGES))


def _excused(excused: Array | None, shape: tuple[int, ...], within: NDArray[np.bool_]) -> Array | float:
    """By how much each place may differ in any case (grey levels squared)."""
    import cv2  # noqa: PLC0415

    if excused is None:
        return 0.0
    here = cv2.resize(excused, shape[::-1], interpolation=cv2.INTER_AREA)
    result: Array = _around(here**2, PLACE)[within]
    return result


def _where_both(mine: Array, theirs: Array, mask: NDArray[np.bool_]) -> Array:
    """A picture without what the other one doesn't show: what is looked at around a place reaches beyond that one's edge."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    both = cv2.erode(mask.astype(np.uint8), np.ones((2 * _MIXED + 1, 2 * _MIXED + 1), np.uint8)) > 0
    return np.where(both, mine, theirs)


def _detail(grey: Array) -> Array:
    """What is finer than light and shade."""
    import cv2  # noqa: PLC0415

    result: Array = grey - cv2.blur(grey, (_BROAD, _BROAD))
    return result


def _smooth(grey: Array) -> Array:
    import cv2  # noqa: PLC0415

    return cv2.GaussianBlur(grey, (3, 3), 0)


def _around(squares: Array, side: int) -> Array:
    """The mean of a square of so many pixels around each."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    result: Array = np.maximum(cv2.blur(squares, (side, side)), 0)  # sums that run along a row may end just below
    return result


def _steepness(grey: Array) -> Array:
    """The square of the gradient, in grey levels for one pixel."""
    import cv2  # noqa: PLC0415

    across, down = (cv2.Sobel(grey, cv2.CV_32F, *way, ksize=3) / 8 for way in ((1, 0), (0, 1)))
    result: Array = across**2 + down**2
    return result


def _inside(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a whole place is covered, and away from the edges."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    within: NDArray[np.bool_] = cv2.erode(mask.astype(np.uint8), np.ones((2 * PLACE + 1, 2 * PLACE + 1), np.uint8)) > 0
    edge = _RIM + PLACE // 2
    within[:edge], within[-edge:], within[:, :edge], within[:, -edge:] = False, False, False, False
    return within
