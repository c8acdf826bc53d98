"""One picture developed as the other one is: a curve of tones, light towards the corners, sharper or softer, over the whole.

What one rule explains everywhere is a developer's or an encoder's work. A face that came, or a hand that moved, is in one
place only, and a dozen numbers fitted to a hundred thousand pixels can't bring it about.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mediaarchive.stages.dedupe.measures import ncc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_SOFTER = (1.0, 2.0)  # px, standard deviations: what sharpening, blurring and enlarging take from or add to
_SOFT = 5.0  # px: the same once more, at a quarter of the size
_LOCAL = 40  # of the long edge: local contrast, as HDR brings out
_FITTED = 20_000  # pixels at most that the numbers are fitted to, evenly chosen
_ROUNDS, _KEPT = 3, 90  # of fitting, each by the per cent that the one before explains best: what moved mustn't count


def developed(one: Array, other: Array, mask: Array) -> tuple[Array, Array]:
    """Both pictures, the first developed as the second or the second as the first, whichever way explains more.

    An edit has lost what its original has, so only one way explains it.

    Args:
        one: (h, w), 0 to 255, float32.
        other: the same place for place.
        mask: (h, w), where both show something.
    """
    import numpy as np  # noqa: PLC0415

    places = np.flatnonzero(mask.ravel())
    some = places[:: max(1, len(places) // _FITTED)]
    terms, others = _terms(one), _terms(other)
    numbers, explained = _fitted(terms, other, some)
    back, explained_back = _fitted(others, one, some)
    if explained >= explained_back:
        return _made(terms, numbers), other
    return one, _made(others, back)


def alike(source: Array, target: Array) -> Array:
    """The source, developed as the target is."""
    import numpy as np  # noqa: PLC0415

    terms = _terms(source)
    numbers, _ = _fitted(terms, target, np.arange(target.size))
    return _made(terms, numbers)


def _fitted(terms: list[Array], target: Array, some: Array) -> tuple[Array, float]:
    """The numbers that make the target of the terms, and the correlation of what they make with it."""
    import numpy as np  # noqa: PLC0415

    known = np.stack([term.ravel()[some] for term in terms], axis=1).astype(np.float64)
    wanted = target.ravel()[some].astype(np.float64)
    told = (wanted > 1) & (wanted < 254)  # clipped: nothing follows from it
    inside = told if told.sum() >= 10 * len(terms) else np.ones(len(some), bool)
    kept, numbers, made = inside, np.zeros(len(terms)), wanted
    for left in reversed(range(_ROUNDS)):
        part = known[kept]
        numbers = np.linalg.lstsq(part.T @ part + 1e-6 * np.eye(len(terms)), part.T @ wanted[kept], rcond=None)[0]
        made = (known @ numbers).clip(0, 255)
        if left:
            off = abs(made - wanted)
            kept = inside & (off <= max(1.0, float(np.percentile(off[inside], _KEPT))))
    return numbers, float(ncc(made[None], wanted[None])[0])


def _made(terms: list[Array], numbers: Array) -> Array:
    import numpy as np  # noqa: PLC0415

    made = np.zeros_like(terms[0])
    for number, term in zip(numbers.tolist(), terms, strict=True):
        made += np.float32(number) * term
    result: Array = made.clip(0, 255)
    return result


def _terms(source: Array) -> list[Array]:
    """Powers of the tone, the distance from the middle, and what smoothing takes away."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    tone = (source.astype(np.float32) - 127.5) / 127.5
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in tone.shape)
    out = ((y**2)[:, None] + (x**2)[None, :]) / 2
    away, square = np.sqrt(out), tone * tone
    soft = [cv2.GaussianBlur(tone, (0, 0), sigma) for sigma in _SOFTER]
    levels = [tone, *soft, _widely(tone, _SOFT), _widely(tone, max(tone.shape) / _LOCAL)]
    bands = [rough - fine for fine, rough in pairwise(levels)]
    corners = [away, away * tone, out, out * tone, out * out, out * out * tone]
    return [np.ones_like(tone), tone, square, square * tone, square * square, *corners, *bands]


def _widely(tone: Array, sigma: float) -> Array:
    """Smoothed at a quarter of the size."""
    import cv2  # noqa: PLC0415

    height, width = tone.shape
    small = cv2.resize(tone, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), max(1.0, sigma / 4))
    return cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
