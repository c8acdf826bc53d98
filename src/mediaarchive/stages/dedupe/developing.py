"""One picture developed as the other one is: a curve of tones, light towards the corners, sharper or softer, over the whole.

What one rule explains everywhere is a developer's or an encoder's work. A face that came, or a hand that moved, is in one
place only, and a dozen numbers fitted to a hundred thousand pixels can't bring it about.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_SOFTER = (1.0, 2.0, 5.0)  # px, standard deviations: what sharpening, blurring and enlarging take from or add to
_LOCAL = 40  # of the long edge: local contrast, as HDR brings out
_FITTED = 40_000  # pixels at most that the numbers are fitted to, evenly chosen
_ROUNDS, _KEPT = 3, 90  # of fitting, each by the per cent that the one before explains best: what moved mustn't count


def developed(source: Array, target: Array, mask: Array) -> Array:
    """What `source` would be if it had been developed as `target` was, as far as one rule for the whole picture tells.

    Args:
        source: (h, w), 0 to 255, float32.
        target: the same place for place.
        mask: (h, w), where both show something.
    """
    import numpy as np  # noqa: PLC0415

    terms = _terms(source)
    places = np.flatnonzero(mask.ravel())
    some = places[:: max(1, len(places) // _FITTED)]
    known, wanted = terms[:, some].T.astype(np.float64), target.ravel()[some].astype(np.float64)
    told = (wanted > 1) & (wanted < 254)  # clipped: nothing follows from it
    kept = told if told.sum() >= 10 * len(terms) else np.ones(len(some), bool)
    inside, numbers = kept, np.zeros(len(terms))
    for _ in range(_ROUNDS):
        part = known[kept]
        numbers = np.linalg.lstsq(part.T @ part + 1e-6 * np.eye(len(terms)), part.T @ wanted[kept], rcond=None)[0]
        off = abs((known @ numbers).clip(0, 255) - wanted)
        kept = inside & (off <= max(1.0, float(np.percentile(off[inside], _KEPT))))
    result: Array = (numbers.astype(np.float32) @ terms).clip(0, 255).reshape(source.shape)
    return result


def _terms(source: Array) -> Array:
    """(n, h * w): powers of the tone, the distance from the middle, and what smoothing takes away."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    tone = (source.astype(np.float32) - 127.5) / 127.5
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in tone.shape)
    out = ((y**2)[:, None] + (x**2)[None, :]) / 2
    away = np.sqrt(out)
    levels = [tone, *(cv2.GaussianBlur(tone, (0, 0), sigma) for sigma in _SOFTER), _local(tone)]
    bands = [rough - fine for fine, rough in pairwise(levels)]
    powers = [tone**power for power in range(2, 5)]
    whole = [np.ones_like(tone), tone, *powers, away, away * tone, out, out * tone, out * out, out * out * tone, *bands]
    return np.stack([term.ravel() for term in whole])


def _local(tone: Array) -> Array:
    """Smoothed widely, at a quarter of the size."""
    import cv2  # noqa: PLC0415

    height, width = tone.shape
    small = cv2.resize(tone, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), max(1.0, max(height, width) / _LOCAL / 4))
    return cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
