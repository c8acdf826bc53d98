"""Whether one picture's colours follow from the other's: what correlation can't see is a plain area of another colour.

Whatever a developer, a filter or an encoder does to a photograph, each place's new colour follows from its old one and, where
corners are darkened, from how far out it lies. Another shirt before the same wall doesn't.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.laying import read
from mediaarchive.stages.dedupe.rounding import SHARP, inside_arcs
from mediaarchive.stages.dedupe.signature import TEXTURED, TILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.drifting import Bend
    from mediaarchive.stages.dedupe.rounding import Corners

    Array = NDArray[Any]

LEAST: Final = 40  # places: four for each number that is fitted

_ROUNDS = 4  # of fitting, each without what was furthest off in the one before
# Set on 1,026 copies of the tune half, of which 1 has strays, and 39 with a logo or a watermark, of which 37 have.
_FEWEST = 2  # one place alone may be what a hard compression made of it
_STRAY = 14.0  # levels of 255 (root mean square of the channels) off what is expected
_TIMES = 6.0  # of what nine places in ten are off
_CLIPPED = 10, 245  # beyond, many colours may have become one: nothing follows from it
_MONOCHROME = 1.5  # levels
_COLOURFUL = 5.0  # levels: in paler pictures an encoder's own colours count
_SAME_HUES = 0.5  # correlation of what is left of the colours
_INKS, _INKED = 6, 0.93  # so many colours, of 4,096, are so much of a drawing
# So many where two are plain areas: along edges that are small, or compressed hard, a drawing has many colours. Of 201 photographs
# only one that is burnt out has more (0.93); boxes of many colours have 0.85 to 0.90, emblems of 320 px and more 0.89 to 0.95.
_INKED_IF_PLAIN = 0.90
_DARK, _LIGHT = 48, 0.05  # levels of the brightest channel; share of the picture that must be lighter
_PALE = 12.0  # levels between the channels: a drawing without colours may be one in colours, printed
_OTHER_INK = 40.0  # levels of one channel
# A page: so much of it is one light colour, to so many levels, and of the places that aren't all of it so many have some of it.
# Pages of text, forms and calendars of 160 px and more have 0.84 and more of such places; of 201 photographs only a printed sheet
# has more than 0.71, and a product, people or a diagram before a white wall have 0.14 to 0.58.
_PAPER, _LIGHT_PAPER, _PAPER_SHADE, _WRITTEN = 0.5, 180, 12, 0.75
_SOME_PAPER, _ALL_PAPER = 0.15, 0.98  # of a place
# Drawings: at least so much of a picture is of plain colours, to so many levels; a plain area is another from so many on. Copies
# of posters, boxes, slides and charts measured up to 0.64 (a quarter as large 1.45), boxes with another piece of sky 1.37 to 5.7.
_EVEN, _ONE_INK, _UNLIKE, _SHADE = 0.25, 1.0, 1.0, 4.0
_CONTRAST = 0.5  # of a place's own contrast: along edges a hair of shift moves every mean


def strays(inner: Array, outer: Array, onto_outer: Array, bend: Bend | None = None, corners: Corners = SHARP) -> int:
    """How many places of two pictures, laid over each other, have colours that don't follow from each other.

    They must both ways, unless one picture is monochrome: that follows from the original, the original not from it.

    Args:
        inner: (h, w, 3), 0 to 255.
        outer: the picture that it lies in.
        onto_outer: (2, 3), takes pixels of `inner` to pixels of `outer`.
        bend: what `inner` was bent by beside that.
        corners: how round those of both are; what they hide has no colour.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    below, covered = under(inner, outer, onto_outer, bend)
    if any(corners):
        shown = [
            inside_arcs(one.shape[:2], share).astype(np.uint8)
            for one, share in zip((inner, outer), corners, strict=True)
        ]
        theirs = read(shown[1], onto_outer, inner.shape[:2], bend, cv2.INTER_NEAREST, cv2.BORDER_REPLICATE)
        covered = covered * shown[0] * theirs
    within = _means(covered) >= 1
    inside = within.ravel()
    if inside.sum() < LEAST:
        return 0
    (means, spread), (others, other_spread) = _cells(inner), _cells(below)
    radius = _radius(*means.shape[:2])[inside]
    left, right = means.reshape(-1, 3)[inside], others.reshape(-1, 3)[inside]
    contrast = (spread + other_spread).ravel()[inside] / 2
    ways = [(left, right), (right, left)]
    grey = _monochrome(left), _monochrome(right)
    if grey[0] != grey[1]:
        ways = ways[1:] if grey[0] else ways[:1]
    errors = [(source, _errors(source, target, radius)) for source, target in ways]
    found = max(_off(source, error, contrast) for source, error in errors)
    if not any(grey):
        found = max(found, _other_hues(left, right))
    most = np.maximum(spread, other_spread)
    if _even(most.ravel()[inside], left) >= _EVEN:
        compared = (most < TEXTURED) & within & _told(means) & _told(others)
        found = max(found, *(_unlike(error, compared, within) for _, error in errors))
    pale = min(float(np.ptp(colours, axis=1).max()) for colours in (left, right)) < _PALE
    if not pale and (drawn(inner) or drawn(outer)):
        changed = abs(left - right).max(axis=1)
        found = max(found, int(((changed >= _OTHER_INK) & (changed > _CONTRAST * contrast)).sum()))
    return found if found >= _FEWEST else 0


def either(sort: Callable[[Array], bool], both: tuple[Array, Array], grey: tuple[bool, bool]) -> bool:
    """Whether one of two pictures (h, w, 3) of the same thing is `drawn`, a `page` or `plain`. `grey`: which are `monochrome`.

    Without colours every photograph has few of them, so of a grey copy and its original the original tells.
    """
    telling = [colours for colours, is_grey in zip(both, grey, strict=True) if not is_grey or all(grey)]
    return any(sort(colours) for colours in telling)


def monochrome(colours: Array) -> bool:
    """Whether a picture (h, w, 3) is grey, sepia or tinted."""
    import numpy as np  # noqa: PLC0415

    return _monochrome(_means(colours).astype(np.float64).reshape(-1, 3))


def drawn(colours: Array) -> bool:
    """Whether a picture (h, w, 3) is a drawing, of a few plain colours: what is another ink there is exposure in a photograph.

    What is dark doesn't count: at night a photograph has few colours, too.
    """
    return _inked(colours) >= _INKED


def page(colours: Array) -> bool:
    """Whether a picture (h, w, 3) is print or a drawing that needs to be read: what is small in it is lost when it is reduced."""
    return paper(colours) or (_inked(colours) >= _INKED_IF_PLAIN and plain(colours))


def _inked(colours: Array) -> float:
    """Which share of what is not dark has one of the commonest colours; 0 where next to all is dark."""
    import numpy as np  # noqa: PLC0415

    some = colours[::2, ::2]
    light = _brightest(some) >= _DARK
    known = int(light.sum())
    if known < _LIGHT * light.size:
        return 0.0
    counts = np.sort(np.bincount(_numbered(some, 16)[light]))[::-1]
    return float(counts[:_INKS].sum() / known)


def paper(colours: Array) -> bool:
    """Whether a picture (h, w, 3) is a page with small marks all over it: print, which has many greys when it is reduced.

    A thing before a white wall hides the wall; print lets paper shine through nearly everywhere.
    """
    import numpy as np  # noqa: PLC0415

    common = int(np.bincount(_numbered(colours, 8).ravel()).argmax())
    ink = np.array([common // 1024, common // 32 % 32, common % 32]) * 8 + 4
    if ink.min() < _LIGHT_PAPER:
        return False
    near = np.ones(colours.shape[:2], bool)
    for channel, shade in enumerate(ink.tolist()):
        near &= abs(colours[..., channel].astype(np.int16) - shade) <= _PAPER_SHADE
    if near.mean() <= _PAPER:
        return False
    shares = _means(near.astype(np.float32))
    written = shares[shares < _ALL_PAPER]
    return bool(len(written) and (written > _SOME_PAPER).mean() >= _WRITTEN)


def plain(colours: Array) -> bool:
    """Whether two plain colours, white among them, are much of a picture (h, w, 3): a drawing, or burnt out.

    A smooth sky is of many.
    """
    means, contrast = _cells(colours)
    even = means[(contrast < _ONE_INK) & (means.max(axis=2) >= _DARK)]
    return _of_two_inks(even) >= _EVEN * contrast.size


def _of_two_inks(colours: Array) -> int:
    """How many of these places (n, 3) have one of the two commonest colours."""
    import numpy as np  # noqa: PLC0415

    found = 0
    for _ in range(2):
        if not len(colours):
            break
        shades = (colours // _SHADE).astype(np.int32)
        numbers = (shades[:, 0] * 256 + shades[:, 1]) * 256 + shades[:, 2]
        _, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        ink = colours[which == counts.argmax()].mean(axis=0)
        near = abs(colours - ink).max(axis=1) <= _SHADE
        found += int(near.sum())
        colours = colours[~near]
    return found


def _other_hues(left: Array, right: Array) -> int:
    """All places, if the colours of one picture go another way than the other's: no developer makes red of blue.

    What follows from brightness is taken off first: tinted shadows are a filter's.
    """
    import numpy as np  # noqa: PLC0415

    chromas = []
    for colours in (left, right):
        grey = colours.mean(axis=1) / 255
        known = np.stack([np.ones(len(grey)), grey, grey**2], axis=1)
        chroma = colours - colours.mean(axis=1, keepdims=True)
        fitted, *_rest = np.linalg.lstsq(known, chroma, rcond=None)
        chromas.append(chroma - known @ fitted)
    one, other = chromas
    size = np.sqrt((one**2).mean() * (other**2).mean())
    if min((one**2).mean(), (other**2).mean()) < _COLOURFUL**2:
        return 0
    return len(left) if (one * other).mean() < _SAME_HUES * size else 0


def under(inner: Array, outer: Array, onto_outer: Array, bend: Bend | None = None) -> tuple[Array, Array]:
    """The outer picture's pixels below the inner one's, and (1 or 0) where there are any."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    below, matrix = outer, onto_outer.astype(np.float64)
    step = float(abs(np.linalg.det(matrix[:, :2])) ** 0.5)
    if step > 1:  # else every pixel between those that are looked at would be lost
        wide = max(1, round(outer.shape[1] / step)), max(1, round(outer.shape[0] / step))
        below = cv2.resize(outer, wide, interpolation=cv2.INTER_AREA)
        matrix = np.diag([wide[0] / outer.shape[1], wide[1] / outer.shape[0]]) @ matrix
    everywhere, shape = np.full(below.shape[:2], 255, np.uint8), inner.shape[:2]
    covered = read(everywhere, matrix, shape, bend, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT) > 127
    return read(below, matrix, shape, bend, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE), covered.astype(np.float32)


def _monochrome(colours: Array) -> bool:
    """Whether hue and saturation follow from brightness: grey, sepia, tinted."""
    import numpy as np  # noqa: PLC0415

    grey = colours.mean(axis=1) / 255
    known = np.stack([np.ones(len(grey)), grey, grey**2], axis=1)
    chroma = colours - colours.mean(axis=1, keepdims=True)
    fitted, *_rest = np.linalg.lstsq(known, chroma, rcond=None)
    return float(((known @ fitted - chroma) ** 2).mean() ** 0.5) < _MONOCHROME


def _errors(source: Array, target: Array, radius: Array) -> Array:
    """By how much (n, 3) each place's colour is off what all the others let expect.

    A curve that fits all others runs wild where a colour is rare, a red lamp in a dark hall: there what is expected is a straight
    line for each channel, if that is nearer. Unlike a mixer of channels it makes no lamp blue.
    """
    import numpy as np  # noqa: PLC0415

    scaled = (source - 127.5) / 127.5
    curved = _fitted(_terms(scaled, radius), target)
    channels = range(target.shape[1])
    lines = [np.column_stack([np.ones(len(scaled)), scaled[:, channel], radius]) for channel in channels]
    straight = np.hstack([_fitted(lines[channel], target[:, channel : channel + 1]) for channel in channels])
    return np.where((_size(curved) <= _size(straight))[:, None], curved, straight)


def _fitted(known: Array, target: Array) -> Array:
    """By how much (n, 3) each is off what fits the nine tenths that it fits best."""
    import numpy as np  # noqa: PLC0415

    error = np.zeros_like(target)
    kept = np.ones(len(known), bool)
    for left in reversed(range(_ROUNDS)):
        fitted, *_rest = np.linalg.lstsq(known[kept], target[kept], rcond=None)
        # What the curve takes out of the range, more contrast has clipped.
        error = (known @ fitted).clip(0, 255) - target
        if left:
            off = _size(error)
            kept = off <= max(float(np.percentile(off, 90)), 1.0)
    return error


def _size(error: Array) -> Array:
    import numpy as np  # noqa: PLC0415

    result: Array = np.sqrt((error**2).mean(axis=-1))
    return result


def _off(source: Array, error: Array, contrast: Array) -> int:
    """Places whose colour is far from what all the others let expect."""
    import numpy as np  # noqa: PLC0415

    off = _size(error)
    usual = float(np.percentile(off, 90))
    told = _told(source)
    return int(((off > np.maximum(max(_STRAY, _TIMES * usual), _CONTRAST * contrast)) & told).sum())


def _told(colours: Array) -> Array:
    """Where no channel (of the last axis) is clipped."""
    inside = (colours >= _CLIPPED[0]) & (colours <= _CLIPPED[1])
    result: Array = inside.min(axis=-1)
    return result


def _even(contrast: Array, colours: Array) -> float:
    """Which share of the places has one of two plain colours, neither dark nor clipped: no camera takes such a picture."""
    told = (colours.max(axis=1) >= _DARK) & (colours.min(axis=1) <= _CLIPPED[1])
    return _of_two_inks(colours[(contrast < _ONE_INK) & told]) / len(colours)


def _unlike(error: Array, some: Array, within: Array) -> int:
    """Plain places around which a plain area, as a whole, is of another colour.

    What an encoder makes of one place it makes up for in the next one, so over nine of them next to nothing is left; another piece
    of sky leaves all nine brighter, however little.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    compared = some.astype(np.float64)
    errors = np.zeros((*within.shape, error.shape[1]))
    errors[within] = error
    around = np.stack(
        [cv2.boxFilter(layer, -1, (3, 3), borderType=cv2.BORDER_CONSTANT) for layer in _layers(errors, compared)]
    )
    whole = cv2.boxFilter(compared, -1, (3, 3), borderType=cv2.BORDER_CONSTANT) > 1 - 1e-6
    return int((whole & (_size(np.moveaxis(around, 0, -1)) > _UNLIKE)).sum())


def _layers(errors: Array, compared: Array) -> list[Array]:
    import numpy as np  # noqa: PLC0415

    return [np.ascontiguousarray(errors[..., channel] * compared) for channel in range(errors.shape[-1])]


def _terms(colour: Array, radius: Array) -> Array:
    """A curve of tones, a mixer of channels, brighter or darker towards the corners."""
    import numpy as np  # noqa: PLC0415

    grey = colour.mean(axis=1, keepdims=True)
    out = radius[:, None]
    powers = [grey**power for power in range(2, 6)]
    return np.hstack([np.ones((len(colour), 1)), colour, *powers, out, out * grey])


def _radius(rows: int, columns: int) -> Array:
    """The square of each place's distance from the middle, 1 in the corners."""
    import numpy as np  # noqa: PLC0415

    y, x = np.mgrid[0:rows, 0:columns]
    away: Array = ((y + 0.5) / rows * 2 - 1) ** 2 + ((x + 0.5) / columns * 2 - 1) ** 2
    return away.ravel() / 2


def _brightest(colours: Array) -> Array:
    """The brightest channel (h, w) of a picture (h, w, 3); along an axis of three numpy is slow."""
    import numpy as np  # noqa: PLC0415

    return np.maximum(np.maximum(colours[..., 0], colours[..., 1]), colours[..., 2])


def _numbered(colours: Array, step: int) -> Array:
    """One number for each colour (h, w), of so many levels of each channel one."""
    import numpy as np  # noqa: PLC0415

    red, green, blue = (colours[..., channel].astype(np.int32) // step for channel in range(3))
    return (red * (256 // step) + green) * (256 // step) + blue


def _means(pixels: Array) -> Array:
    """The mean of squares of `TILE` pixels: (rows, columns) of a picture (h, w), with its channels if it has some.

    Exact for 8 bits, and for their squares: a sum of 256 of them still fits the 24 bits of a float32.
    """
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    rows, columns = pixels.shape[0] // TILE, pixels.shape[1] // TILE
    if not rows or not columns:
        return np.zeros((rows, columns, *pixels.shape[2:]), np.float32)
    whole = pixels[: rows * TILE, : columns * TILE].astype(np.float32)
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)


def _cells(pixels: Array) -> tuple[Array, Array]:
    """Mean (rows, columns, 3) and contrast (rows, columns) of squares of `TILE` pixels of a picture (h, w, 3) of 8 bits."""
    import numpy as np  # noqa: PLC0415

    whole = pixels.astype(np.float32)
    means, squares = _means(whole).astype(np.float64), _means(whole * whole).astype(np.float64)
    return means, np.sqrt(squares - means**2).mean(axis=-1)
