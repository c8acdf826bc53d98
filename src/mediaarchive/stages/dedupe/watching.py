"""Two films watched side by side from beginning to end, small: a name shown for two seconds lies between the moments proved.

Frames that a rate has dropped or doubled are no difference, and neither are brightness and contrast: each place must be as bright
as the other film's, around it and around that time, is at least and at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[Any]

EDGE: Final = 96  # px of the long edge, at most
DETAIL: Final = 6  # px of the smaller film for each of these, at least: what an encoder makes of one is averaged
_REACH = 3  # pictures of thirty a second to either side: what rounding and dropping move
_FIT, _MOST = 80, 2.0  # per cent of the tones that the numbers are fitted to; how many times contrast may be another
_CLIPPED = 20, 235  # grey levels
_LEVELS, _PLACES, _SAMPLES = 12.0, 2, 2  # grey levels beyond, in so many places, in so many samples one after the other


def watch(left: Path, right: Path, size: tuple[int, int], timeout: float) -> tuple[int, list[float]]:
    """How many samples two films were compared at, and the seconds from which on one shows something that the other doesn't.

    Both are decoded whole, at `size` (width, height).
    """
    from mediaarchive.media.samples import EVERY, spans  # noqa: PLC0415

    mine, theirs = (spans(path, size, timeout, reach=_REACH) for path in (left, right))
    count = min(len(mine), len(theirs))
    odd = [odd_places(mine[at], theirs[at]) >= _PLACES for at in range(count)]
    starts = [at for at in range(count) if all(odd[at : at + _SAMPLES]) and at + _SAMPLES <= count]
    return count, [(at + 1) * EVERY for at in starts if at - 1 not in starts]


def odd_places(mine: Array, theirs: Array) -> int:
    """How many places of two pictures are brighter or darker than anything about them in the other.

    Each is (3, h, w): the darkest, the picture itself, the brightest of the pictures around that time.
    """
    return max(_beyond(mine, theirs), _beyond(theirs, mine))


def _beyond(one: Array, other: Array) -> int:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    low, shown, high = (layer.astype(np.float32) for layer in other)
    picture = one[1].astype(np.float32)
    gain, shift = _tones(shown, picture)
    around = np.ones((3, 3), np.uint8)
    darkest, brightest = cv2.erode(low, around), cv2.dilate(high, around)
    # What the other has clipped may have been darker, or brighter, to any degree.
    least = np.where(darkest <= _CLIPPED[0], 0, darkest * gain + shift)
    most = np.where(brightest >= _CLIPPED[1], 255, brightest * gain + shift)
    beyond = np.maximum(picture - most.clip(_CLIPPED[0]), least.clip(None, _CLIPPED[1]) - picture)
    return int((beyond > _LEVELS).sum())


def _tones(source: Array, target: Array) -> tuple[float, float]:
    """Gain and shift that make the tones of the target of those of the source, by most of them.

    The darkest is told by the darkest, and so on, wherever they are: a moment later, what moves is in another place.
    """
    import numpy as np  # noqa: PLC0415

    mine, theirs = (np.sort(picture, axis=None).astype(np.float64) for picture in (source, target))
    kept = np.ones(len(mine), bool)
    gain, shift = 1.0, 0.0
    for _ in range(2):
        apart = mine[kept] - mine[kept].mean()
        spread = float((apart**2).sum())
        gain = float((apart * theirs[kept]).sum()) / spread if spread > len(apart) else 1.0
        gain = min(max(gain, 1 / _MOST), _MOST)
        shift = float(theirs[kept].mean() - gain * mine[kept].mean())
        off = abs(gain * mine + shift - theirs)
        kept = off <= np.percentile(off, _FIT)
    return gain, shift
