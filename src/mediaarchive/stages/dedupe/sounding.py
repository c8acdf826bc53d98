"""Whether two films sound the same, and where one lies in the other by its sound: how loud they are, in tenths of seconds."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Levels = NDArray[np.float64]

# Copies measured 0.967 and more; the same film shifted by a quarter of a second 0.97 and less, by half a second 0.84 and less.
SAME: Final = 0.9  # correlation
_HEARD, _SPREAD = 20, 4.0  # values, and their standard deviation: silence and hum tell nothing
_LAGS = 5  # values: half a second to either side
_PART_HEARD, _PLACED = 80, 0.8  # values: of less than eight seconds, many a place sounds alike; correlation


def same_sound(left: Mapping[str, Any], right: Mapping[str, Any]) -> float | None:
    """How well the loudness of two films agrees (-1 to 1); None where one is silent or too even to tell.

    Negative where it agrees better at another time: then one of them is cut.
    """
    mine, theirs = levels(left), levels(right)
    if mine is None or theirs is None or not (audible(mine) and audible(theirs)):
        return None
    length = min(len(mine), len(theirs))
    inner, other = mine[_LAGS : length - _LAGS], theirs[:length]
    scores = [_correlation(inner, other[later : later + len(inner)]) for later in range(2 * _LAGS + 1)]
    now = max(scores[_LAGS - 1 : _LAGS + 2])  # encoders pad the beginning
    return now if now >= max(scores) else now - max(scores)


def audible(heard: Levels | None) -> bool:
    """Whether anything is to be heard that comes and goes."""
    return heard is not None and len(heard) >= _HEARD and bool(heard.std() >= _SPREAD)


def placed(left: Mapping[str, Any], right: Mapping[str, Any]) -> float | None:
    """Where the one lies in the other, by its sound: the shift of `FilmPair`, or None."""
    from mediaarchive.media.samples import STEP  # noqa: PLC0415

    mine, theirs = levels(left), levels(right)
    if mine is None or theirs is None:
        return None
    swapped = len(mine) < len(theirs)
    whole, part = (theirs, mine) if swapped else (mine, theirs)
    if len(part) < _PART_HEARD or part.std() < _SPREAD:
        return None
    scores = _found(whole, part[1:-1])  # the first and the last value are cut anywhere
    best = int(scores.argmax())
    if scores[best] < _PLACED:
        return None
    return (1 - best if swapped else best - 1) * STEP


def _found(whole: Levels, part: Levels) -> Levels:
    """The correlation of a part with every place of the whole, by Fourier transforms: an hour in an evening takes milliseconds."""
    import numpy as np  # noqa: PLC0415

    count, length = len(whole) - len(part) + 1, len(part)
    size = 1 << (len(whole) + length).bit_length()
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part - part.mean(), size)), size)[:count]
    sums, squares = (np.concatenate([[0.0], np.cumsum(whole**power)]) for power in (1, 2))
    means = (sums[length:] - sums[:-length]) / length
    spreads = np.sqrt(np.clip((squares[length:] - squares[:-length]) / length - means**2, 0, None))
    norms = spreads * length * part.std()
    found: Levels = np.divide(products, norms, out=np.zeros(count), where=norms > 1e-6)
    return found


def levels(signature: Mapping[str, Any]) -> Levels | None:
    """How loud a film is, by what it is recognised by; None of one without sound."""
    import numpy as np  # noqa: PLC0415

    heard = signature.get("sound")
    return None if heard is None else np.frombuffer(base64.b64decode(heard), np.uint8).astype(np.float64)


def _correlation(left: Levels, right: Levels) -> float:
    import numpy as np  # noqa: PLC0415

    mine, theirs = left - left.mean(), right - right.mean()
    norm = float(np.sqrt((mine**2).sum() * (theirs**2).sum()))
    return float((mine * theirs).sum()) / norm if norm else 0.0
