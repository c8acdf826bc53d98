"""Where places of two pictures lie, once one is laid over the other: in one photograph nothing has moved by itself.

People and trees move, and a camera in a hand sees near things shift before far ones. A blur, noise or hard compression moves
nothing, however much detail it takes. A corrected perspective or lens moves everything, as one rule of thirteen numbers says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]

_PLACES, _LEAST_PLACE = 32, 16  # places along the long edge; px of one
_RIM = 8  # px along the edges, where what is beyond shines in
_SMOOTH, _NEAR, _ROUNDING = 1.2, 8, 9.0  # px; px around that contrast is measured by; its square, in grey levels
_STRUCTURE = 4.0  # of the gradient's weaker direction, squared: along one straight edge a place may slide
_ROUNDS, _KEPT = 3, 85  # of fitting, each by the per cent of places that the one before explains best


@dataclass(frozen=True, slots=True)
class Drift:
    """Where each place with structure is found: `at` (n, 2), its middle (x, y), and `by` (n, 2), how far from there; pixels."""

    at: Array
    by: Array

    def __len__(self) -> int:
        return len(self.at)

    @property
    def usual(self) -> float:
        """By how many pixels half of the places are off, at the most; 0 where there are none."""
        return self._percentile(50)

    @property
    def most(self) -> float:
        """The same of all places but three of a hundred."""
        return self._percentile(97)

    def _percentile(self, share: int) -> float:
        import numpy as np  # noqa: PLC0415

        return float(np.percentile(np.hypot(*self.by.T), share)) if len(self) else 0.0


@dataclass(frozen=True, slots=True)
class Bend:
    """How a picture was bent beside being turned, scaled and shifted: `numbers` (13,), as `_rules` orders them.

    Perspective, or a program's own idea of it, to the second order, and a lens by the first term of its radial distortion:
    D. Brown, Close-range camera calibration (1971).
    """

    numbers: Array

    def field(self, shape: tuple[int, ...]) -> tuple[Array, Array]:
        """By how many pixels (across, down) each pixel of a picture of this shape (h, w) is off; float32."""
        import numpy as np  # noqa: PLC0415

        half = _half(shape)
        y, x = (((np.arange(side) - (side - 1) / 2) / half).astype(np.float32) for side in shape)
        x, y = x[None, :], y[:, None]
        far = np.float32(self.numbers[-1] * half) * (x * x + y * y)
        ways = np.split(self.numbers[:-1].astype(np.float32) * np.float32(half), 2)
        across, down = (a + b * x + c * y + d * (x * x) + (e * x) * y + f * (y * y) for a, b, c, d, e, f in ways)
        return across + far * x, down + far * y

    def at(self, points: Array, shape: tuple[int, ...]) -> Array:
        """The same of some points (n, 2)."""
        import numpy as np  # noqa: PLC0415

        rules = _rules(points, shape) @ self.numbers
        return np.column_stack(np.split(rules, 2)) * _half(shape)


def drift(mine: Array, theirs: Array, mask: NDArray[np.bool_]) -> Drift:
    """Where each place of one picture is found in the other: to a tenth of a pixel, if it is no further off than two.

    B. Lucas and T. Kanade, An iterative image registration technique (1981): one step, on pictures of even contrast.

    Args:
        mine: (h, w) grey, 0 to 255.
        theirs: the same place for place.
        mask: (h, w), where both show something.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    one, other = (cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _SMOOTH) for picture in (mine, theirs))
    inside = np.zeros(mask.shape, np.float32)
    inside[_RIM:-_RIM, _RIM:-_RIM] = mask[_RIM:-_RIM, _RIM:-_RIM]
    side = max(_LEAST_PLACE, round(max(mine.shape) / _PLACES))
    has = _weaker(*_products(_gradients(one), inside, side)) > _STRUCTURE
    even, still = _even(one), _even(other)
    gradients = tuple((a + b) / 2 for a, b in zip(_gradients(even), _gradients(still), strict=True))
    changed = even - still
    across, both, down = _products(gradients, inside, side)
    pulled, pushed = (_mean(gradient * changed * inside, side) for gradient in gradients)
    whole = np.maximum(across * down - both**2, 1e-9)
    by = np.stack([(down * pulled - both * pushed) / whole, (across * pushed - both * pulled) / whole], axis=-1)
    rows, columns = np.nonzero(has)
    at = (np.column_stack([columns, rows]) + 0.5) * side - 0.5
    return Drift(at, by[has])


def straightened(seen: Drift, shape: tuple[int, ...], before: Bend | None = None) -> tuple[Bend, Drift]:
    """What explains a drift best, and what it leaves of it.

    Args:
        seen: As measured in a picture of this shape.
        shape: (h, w).
        before: How the other picture was bent when that was measured.
    """
    import numpy as np  # noqa: PLC0415

    wanted = seen.by + (before.at(seen.at, shape) if before else 0.0)
    rules, halves = _rules(seen.at, shape), wanted.T.ravel() / _half(shape)
    kept = np.ones(len(seen), bool)
    found, left = Bend(np.zeros(rules.shape[1])), wanted
    for _ in range(_ROUNDS):
        both = np.concatenate([kept, kept])
        numbers, *_rest = np.linalg.lstsq(rules[both], halves[both], rcond=None)
        found = Bend(numbers)
        left = wanted - found.at(seen.at, shape)
        off = np.hypot(*left.T)
        kept = off <= np.percentile(off, _KEPT)
    return found, Drift(seen.at, left)


def _rules(points: Array, shape: tuple[int, ...]) -> Array:
    """What each number does to each point: (2 n, 13), across first; distances in halves of the long edge from the middle."""
    import numpy as np  # noqa: PLC0415

    half = _half(shape)
    x, y = (points[:, 0] - (shape[1] - 1) / 2) / half, (points[:, 1] - (shape[0] - 1) / 2) / half
    one, no, far = np.ones_like(x), np.zeros_like(x), x * x + y * y
    terms = [one, x, y, x * x, x * y, y * y]
    none = [no] * len(terms)
    return np.concatenate([np.column_stack([*terms, *none, x * far]), np.column_stack([*none, *terms, y * far])])


def _half(shape: tuple[int, ...]) -> float:
    return max(shape) / 2


def _even(grey: Array) -> Array:
    """The picture in its own contrast, place for place: exposure moves nothing."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    near = (2 * _NEAR + 1, 2 * _NEAR + 1)
    detail = grey - cv2.blur(grey, near)
    result: Array = detail / np.sqrt(cv2.blur(detail * detail, near) + _ROUNDING)
    return result


def _gradients(grey: Array) -> tuple[Array, Array]:
    """Levels for each pixel, across and down."""
    import cv2  # noqa: PLC0415

    return cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)


def _products(gradients: tuple[Array, ...], inside: Array, side: int) -> tuple[Array, Array, Array]:
    """The structure tensor of each place: across by across, across by down, down by down."""
    across, down = gradients
    return (
        _mean(across * across * inside, side),
        _mean(across * down * inside, side),
        _mean(down * down * inside, side),
    )


def _weaker(across: Array, both: Array, down: Array) -> Array:
    """The smaller eigenvalue of each place's structure tensor: J. Shi and C. Tomasi, Good features to track (1994)."""
    import numpy as np  # noqa: PLC0415

    result: Array = (across + down - np.sqrt((across - down) ** 2 + 4 * both**2)) / 2
    return result


def _mean(pixels: Array, side: int) -> Array:
    """Of squares of `side` pixels."""
    rows, columns = pixels.shape[0] // side, pixels.shape[1] // side
    result: Array = pixels[: rows * side, : columns * side].reshape(rows, side, columns, side).mean(axis=(1, 3))
    return result
