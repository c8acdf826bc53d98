"""One picture developed as the other one is: a curve of tones, light towards the corners, sharper or softer, over the whole.

What one rule explains everywhere is a developer's or an encoder's work. A face that came, or a hand that moved, is in one
place only, and a dozen numbers fitted to a hundred thousand pixels can't bring it about.

Grey alone can't follow what is done to colours: where red is clipped, or mixed with green, two places that were one grey are two.
There each channel has a curve of its own.
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
_KNOTS = range(32, 255, 32)  # levels at which a channel's curve may bend
_SMOOTH = 1e-4  # of the pixels fitted to: how much a bend must explain, so that a rare colour has no curve of its own
_FITTED = 20_000  # pixels at most that the numbers are fitted to, evenly chosen
_COLOURED = 8_000  # the same for a curve of each channel
_CURVE = slice(1, 5)  # the terms that are the curve of grey
_ROUNDS, _KEPT = 3, 90  # of fitting, each by the per cent that the one before explains best: what moved mustn't count


def developed(one: Array, other: Array, mask: Array) -> tuple[Array, Array]:
    """Both pictures, the first developed as the second or the second as the first, whichever way explains more.

    An edit has lost what its original has, so only one way explains it.

    Args:
        one: (h, w), 0 to 255, float32.
        other: the same place for place.
        mask: (h, w), where both show something.
    """
    some = _chosen(mask, _FITTED)
    terms, others = _terms(one), _terms(other)
    numbers, explained = _fitted(_of(terms, some), other, some)
    back, explained_back = _fitted(_of(others, some), one, some)
    if explained >= explained_back:
        return _made(terms, numbers), other
    return one, _made(others, back)


def developed_in_colour(one: Array, other: Array, mask: Array, colours: tuple[Array, Array]) -> tuple[Array, Array]:
    """`developed`, with a curve for each channel. `colours`: (h, w, 3), 0 to 255, 8 bits, of either picture."""
    import numpy as np  # noqa: PLC0415

    some = _chosen(mask, _COLOURED)
    ways = []
    for source, colour, target in ((one, colours[0], other), (other, colours[1], one)):
        terms = _terms(source)
        del terms[_CURVE]
        known = np.hstack([_of(terms, some), _curves(colour.reshape(-1, 3)[some])])
        ways.append((terms, colour, *_fitted(known, target, some, bends=len(_KNOTS) * 3)))
    (terms, colour, numbers, explained), back = ways
    if explained >= back[-1]:
        return _made_in_colour(terms, colour, numbers), other
    return one, _made_in_colour(*back[:3])


def _curves(colours: Array) -> Array:
    """What of each channel the numbers multiply: (n, 3) levels to (n, 3 + 3 for each knot), the bends last."""
    import numpy as np  # noqa: PLC0415

    levels = colours.astype(np.float32) / 255
    bends = [np.maximum(0, levels - knot / 255) for knot in _KNOTS]
    return np.hstack([levels, *bends])


def _made_in_colour(terms: list[Array], colour: Array, numbers: Array) -> Array:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    made = _summed(terms, numbers[: len(terms)])
    every = np.repeat(np.arange(256)[:, None], 3, axis=1)
    curves = (_curves(every) * numbers[len(terms) :].astype(np.float32)).reshape(256, -1, 3).sum(axis=1)
    for channel in range(3):
        made += cv2.LUT(np.ascontiguousarray(colour[..., channel]), np.ascontiguousarray(curves[:, channel]))
    result: Array = made.clip(0, 255)
    return result


def alike(source: Array, target: Array) -> Array:
    """The source, developed as the target is."""
    terms = _terms(source)
    numbers, _ = _fitted(_of(terms, slice(None)), target, slice(None))
    return _made(terms, numbers)


def _chosen(mask: Array, most: int) -> Array:
    """Where some pixels are of those that both show, about so many at most."""
    import numpy as np  # noqa: PLC0415

    places = np.flatnonzero(mask.ravel())
    result: Array = places[:: max(1, len(places) // most)]
    return result


def _of(terms: list[Array], some: Array | slice) -> Array:
    """The terms (n, terms) of some pixels."""
    import numpy as np  # noqa: PLC0415

    return np.stack([term.ravel()[some] for term in terms], axis=1).astype(np.float64)


def _fitted(known: Array, target: Array, some: Array | slice, bends: int = 0) -> tuple[Array, float]:
    """The numbers that make some of the target's pixels of what is known of them, and the correlation of what they make with these.

    Of the last numbers so many are `bends` of curves.
    """
    import numpy as np  # noqa: PLC0415

    wanted, count = target.ravel()[some].astype(np.float64), known.shape[1]
    told = (wanted > 1) & (wanted < 254)  # clipped: nothing follows from it
    inside = told if told.sum() >= 10 * count else np.ones(len(wanted), bool)
    ridge = np.where(np.arange(count) < count - bends, 1e-6, _SMOOTH * len(wanted))
    kept, numbers, made = inside, np.zeros(count), wanted
    for left in reversed(range(_ROUNDS)):
        part = known[kept]
        numbers = np.linalg.lstsq(part.T @ part + np.diag(ridge), part.T @ wanted[kept], rcond=None)[0]
        made = (known @ numbers).clip(0, 255)
        if left:
            off = abs(made - wanted)
            kept = inside & (off <= max(1.0, float(np.percentile(off[inside], _KEPT))))
    return numbers, float(ncc(made[None], wanted[None])[0])


def _made(terms: list[Array], numbers: Array) -> Array:
    result: Array = _summed(terms, numbers).clip(0, 255)
    return result


def _summed(terms: list[Array], numbers: Array) -> Array:
    import numpy as np  # noqa: PLC0415

    made = np.zeros_like(terms[0])
    for number, term in zip(numbers.tolist(), terms, strict=True):
        made += np.float32(number) * term
    return made


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
