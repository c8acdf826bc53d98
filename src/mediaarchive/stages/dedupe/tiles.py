"""Two pictures, one laid on the other, compared tile by tile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.developing import developed, developed_in_colour
from mediaarchive.stages.dedupe.drifting import Bend, Drift, drift, straightened
from mediaarchive.stages.dedupe.laying import read, refined, rescaled
from mediaarchive.stages.dedupe.measures import grain, ncc
from mediaarchive.stages.dedupe.oddities import Leftover, left_over, lost_detail
from mediaarchive.stages.dedupe.rounding import SHARP, inside_arcs
from mediaarchive.stages.dedupe.signature import TEXTURED, TILE
from mediaarchive.stages.dedupe.tones import under

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.rounding import Corners

    Array = NDArray[Any]
    Grey = NDArray[Any]

RIM: Final = 2  # px along the inner picture's edges that nothing is told from: a frame around it shines in
_FLAT, _AS_BRIGHT = 2.5, 6.0  # grey levels: what an encoder makes of a plain tile
# Copies of drawings to quality 30 measured 0.985 and more, or no more left than elsewhere; one digit that is another up to 0.975,
# and 1.6 times as much left.
_ALTERED, _LEFT, _MORE_LEFT, _ALTERED_P5 = 0.98, 2.5, 1.5, 0.95
# Px of a picture for one that is compared: with more there is detail between them, and they are averaged. With about as many
# they are read in between: by straight lines that blurs, here and not there, as centres meet or don't, and twigs looked odd.
_TWICE = 1.2
# Of what one rule explains: so many places at least, off by so many px at the most once they are straightened.
_PLACES, _ROUNDS, _STRAIGHT = 24, 3, 0.3
_EXPLAINED = 0.5  # of how far places are off: what people and near things do, no rule halves


@dataclass(frozen=True, slots=True)
class Tiles:
    """Agreement of two aligned pictures.

    `contained`: share of the inner picture that the outer one covers. `scores`: NCC (-1 to 1) of the textured ones among
    `all` tiles that both cover; `rest`: grey levels (standard deviation) of either, in the inner one's contrast, that the
    other leaves unexplained; `places`: their (row, column) as shares of the inner picture. `grain`: correlation of the noise
    in the half that has least contrast.
    """

    ncc: float
    contained: float
    scores: Array
    rest: Array
    places: Array
    all: int
    grain: float


@dataclass(frozen=True, slots=True)
class Laid:
    """Two pictures, one over the other: the inner one, what lies under it, and where there is anything under it.

    `onto_outer`: the refined transformation, from pixels of the inner picture to pixels of the outer one. `before`: what one of
    them was before it was developed. `filled`: what of the inner one lies beyond the outer one is corners that a tool filled, and
    nothing that was seen. `contained`: share of the inner picture that the outer one covers, also where `mask` leaves out round
    corners. `bend`: what the inner one was straightened by; `coloured`: whether they were developed in colour;
    `corners`: how round those of the inner and the outer one are.
    """

    inner: Array
    under: Array
    mask: NDArray[np.bool_]
    contained: float
    onto_outer: Array
    before: Array | None = None
    filled: bool = False
    bend: Bend | None = None
    coloured: bool = False
    corners: Corners = SHARP

    def tiles(self) -> Tiles:
        """Compared tile by tile."""
        contained = 1.0 if self.filled else self.contained
        return replace(_agreement(self.inner, self.under, self.mask, self.before), contained=contained)

    def left_over(self, excused: Array | None = None, *, light: bool = True) -> Leftover:
        """What each place leaves, measured by what the pictures leave elsewhere (`oddities.left_over`)."""
        return left_over(self.inner, self.under, self.mask, excused, light=light)

    def lost_detail(self, excused: Array | None = None) -> Leftover:
        """What each place's detail has not in common, measured alike (`oddities.lost_detail`)."""
        return lost_detail(self.inner, self.under, self.mask, excused)

    def drift(self) -> Drift:
        """Where each place of the inner picture is found in the other one."""
        return drift(self.inner, self.under, self.mask)

    def developed(self) -> Laid:
        """One developed as the other is, whichever way explains more: an edit has lost what its original has."""
        inner, under = _without_rim(self.inner), _without_rim(self.under)
        mine, theirs = developed(inner, under, self.mask)
        return replace(self, inner=mine, under=theirs, before=under if mine is inner else inner)

    def in_colour(self, colours: tuple[Array, Array], shape: tuple[int, ...]) -> Laid:
        """`developed`, each channel by a curve of its own.

        `colours`: of (inner, outer), of any size; `shape`: (h, w) of the inner one, in which `onto_outer` counts.
        """
        inner, under = _without_rim(self.inner), _without_rim(self.under)
        both = _coloured(self, (inner, under), colours, shape)
        mine, theirs = developed_in_colour(inner, under, self.mask, both)
        return replace(self, inner=mine, under=theirs, before=under if mine is inner else inner, coloured=True)


@dataclass(frozen=True, slots=True)
class _Below:
    """What lies under a small inner picture: the outer one, and reduced by `step`, so that one pixel is one that is compared.

    `matrix`: from pixels of the small picture to those of `reduced`; `onto_outer`: from the inner one's to the outer one's;
    `shapes`: (h, w) of the inner one as it came, and small; `corners`: how round those of the inner and the outer one are.
    """

    outer: Grey
    reduced: Grey
    step: float
    matrix: Array
    onto_outer: Array
    shapes: tuple[Any, Any]
    corners: Corners

    def under(self, laid: Laid, bend: Bend | None) -> Laid:
        """The inner picture laid on its pixels."""
        import cv2  # noqa: PLC0415
        import numpy as np  # noqa: PLC0415

        everywhere, small = np.full(self.reduced.shape, 255, np.uint8), self.shapes[1]
        covered = read(everywhere, self.matrix, small, bend, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT) > 127
        seen = covered & inside_arcs(small, self.corners[0])
        if self.corners[1]:
            shown = inside_arcs(self.reduced.shape, self.corners[1]).astype(np.uint8)
            seen &= read(shown, self.matrix, small, bend, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT) > 0
        if self.step < _TWICE:
            pixels = read(self.reduced, self.matrix, small, bend, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
        else:
            pixels = _averaged(self.outer, self.onto_outer, self.shapes, self.step, bend)
        pixels = pixels.astype(np.float32)
        return replace(laid, under=pixels, mask=seen, contained=float(covered.mean()), bend=bend)


def overlay(inner: Grey, outer: Grey, onto_outer: Array, edge: int, rounds: int, corners: Corners = SHARP) -> Laid:
    """Lay the outer picture under the inner one at a long edge of `edge`, and refine. `corners`: how round they are."""
    import numpy as np  # noqa: PLC0415

    shrink = max(inner.shape) / edge
    # Whole tiles, a little stretched: what lies along an edge must be compared too.
    size = whole_tiles(inner.shape[1] / shrink), whole_tiles(inner.shape[0] / shrink)
    small = _resized(inner, size, shrink)
    # Pixels of the outer picture for one of `small`.
    step = float(np.hypot(onto_outer[0, 0], onto_outer[1, 0])) * shrink
    below = _reduced(outer, step, enlarge=True)
    matrix = rescaled(onto_outer, (small.shape, inner.shape), (below.shape, outer.shape))
    matrix = refined(small, below, matrix, rounds, corners) if rounds else matrix
    back = rescaled(matrix, (inner.shape, small.shape), (outer.shape, below.shape))
    bare = Laid(small.astype(np.float32), small, np.ones(small.shape, bool), 1.0, back, corners=corners)
    return _Below(outer, below, step, matrix, back, (inner.shape, small.shape), corners).under(bare, None)


def straight(laid: Laid, outer: Grey, shape: tuple[int, ...], before: Bend | None = None) -> Laid | None:
    """The outer picture laid again under the inner one, whose perspective or lens was corrected; None where that isn't all.

    Args:
        laid: Of two pictures, at any size.
        outer: The outer one.
        shape: (h, w) of the inner one, in which `laid.onto_outer` counts.
        before: How it was bent, as seen at a smaller size.
    """
    import numpy as np  # noqa: PLC0415

    small = laid.inner.shape
    step = float(np.hypot(laid.onto_outer[0, 0], laid.onto_outer[1, 0])) * max(shape) / max(small)
    picture = _reduced(outer, step, enlarge=True)
    matrix = rescaled(laid.onto_outer, (small, shape), (picture.shape, outer.shape))
    below = _Below(outer, picture, step, matrix, laid.onto_outer, (shape, small), laid.corners)
    for _ in range(_ROUNDS):
        if before:
            laid = below.under(laid, before)
        seen = laid.drift()
        if len(seen) < _PLACES:
            return None
        if before and seen.most <= _STRAIGHT:
            break
        before, left = straightened(seen, small, before)
        if left.most > max(_STRAIGHT, _EXPLAINED * seen.most):
            return None
    return laid


def beneath(outer: Grey, onto_outer: Array, shape: tuple[int, ...]) -> Grey:
    """What of the outer picture lies under an inner one of this shape (h, w), as small as that."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    step = float(np.hypot(onto_outer[0, 0], onto_outer[1, 0]))
    if step >= _TWICE:
        return _averaged(outer, onto_outer, (shape, shape), step)
    return read(outer, onto_outer.astype(np.float64), shape, None, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)


def whole_tiles(side: float) -> int:
    """The nearest length in pixels that is whole tiles, one at least."""
    return TILE * max(1, round(side / TILE))


def _reduced(outer: Grey, step: float, *, enlarge: bool) -> Grey:
    """The outer picture so that one of its pixels is one that is compared."""
    if step <= 1 and not enlarge:
        return outer
    return _resized(outer, (max(1, round(outer.shape[1] / step)), max(1, round(outer.shape[0] / step))), step)


def _resized(grey: Grey, size: tuple[int, int], step: float) -> Grey:
    """A picture of another (width, height), of which each pixel is `step` of its own."""
    import cv2  # noqa: PLC0415

    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA if step >= _TWICE else cv2.INTER_CUBIC)


def _averaged(outer: Grey, onto_outer: Array, shapes: tuple[Any, Any], step: float, bend: Bend | None = None) -> Grey:
    """The outer picture's pixels below the small inner one's, taken twice as finely and averaged, as the inner one's were.

    Read between pixels of a small picture, they would be blurred, and no two copies would agree.
    """
    import cv2  # noqa: PLC0415

    inner, small = shapes
    height, width = 2 * small[0], 2 * small[1]
    below = _reduced(outer, step / 2, enlarge=False)
    matrix = rescaled(onto_outer, ((height, width), inner), (below.shape, outer.shape))
    twice = read(below, matrix, (height, width), bend, cv2.INTER_CUBIC, cv2.BORDER_REPLICATE)
    return cv2.resize(twice, (small[1], small[0]), interpolation=cv2.INTER_AREA)


def _coloured(
    laid: Laid, greys: tuple[Array, Array], colours: tuple[Array, Array], shape: tuple[int, ...]
) -> tuple[Array, Array]:
    """Both pictures in colour, as large as they are laid: colours may be coarser than what they are colours of."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    small = laid.inner.shape
    how = cv2.INTER_AREA if max(small) < max(colours[0].shape) else cv2.INTER_LINEAR
    inner = cv2.resize(colours[0], small[::-1], interpolation=how)
    onto = rescaled(laid.onto_outer, (small, shape), (colours[1].shape, colours[1].shape))
    below, _ = under(inner, colours[1], onto, laid.bend)

    def finely(grey: Array, colour: Array) -> Array:
        light = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY).astype(np.float32)
        result: Array = (colour + (grey - light)[..., None]).round().clip(0, 255).astype(np.uint8)
        return result

    return finely(greys[0], inner), finely(greys[1], below)


def _smooth(grey: Array) -> Array:
    import cv2  # noqa: PLC0415

    return cv2.GaussianBlur(grey, (3, 3), 0)


def _without_rim(grey: Array) -> Array:
    import numpy as np  # noqa: PLC0415

    return np.pad(grey[RIM:-RIM, RIM:-RIM], RIM, mode="edge")


def _agreement(raw: Array, under: Array, mask: NDArray[np.bool_], plain: Array | None = None) -> Tiles:
    """Tiles of two pictures. `plain`: what one of them was before it was developed; what had texture then still counts."""
    import numpy as np  # noqa: PLC0415

    raw, under = _without_rim(raw), _without_rim(under)
    inner, outer = _smooth(raw), _smooth(under)
    rows, columns = inner.shape[0] // TILE, inner.shape[1] // TILE

    def tiled(pixels: Array) -> Array:
        cut = pixels[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
        return cut.transpose(0, 2, 1, 3).reshape(rows * columns, TILE * TILE)

    covered = tiled(mask.astype(np.float32)).min(axis=1, initial=1) > 0
    mine, theirs = tiled(inner)[covered], tiled(outer)[covered]
    # Texture in either counts: a face in one and a plain wall in the other must speak against a copy.
    spread, their_spread = mine.std(axis=1), theirs.std(axis=1)
    contrast = np.maximum(spread, their_spread)
    textured = contrast >= TEXTURED
    if plain is not None:
        before = tiled(_smooth(_without_rim(plain)))[covered]
        textured = (textured | (before.std(axis=1) >= TEXTURED)) & ~_flattened(mine, theirs, spread, their_spread)
    scores = ncc(mine[textured], theirs[textured])
    shown, below = inner[mask], outer[mask]
    gain = float(shown.std() / max(1.0, below.std())) if len(shown) else 1.0
    either = np.maximum(spread, gain * their_spread)[textured]
    return Tiles(
        ncc=float(ncc(shown[None], below[None])[0]) if len(shown) else 0.0,
        contained=float(mask.mean()),
        scores=scores,
        rest=either * np.sqrt(np.clip(1 - scores**2, 0, 1)),
        places=np.argwhere(np.ones((rows, columns), bool))[covered][textured] / np.array([rows, columns]),
        all=len(mine),
        grain=grain(tiled(raw - inner)[covered], tiled(under - outer)[covered], contrast),
    )


def _flattened(mine: Array, theirs: Array, spread: Array, their_spread: Array) -> NDArray[np.bool_]:
    """Tiles of which developing left nothing to compare: clipped, or dark corners. They must be as bright as each other."""
    flat = (spread < _FLAT) & (their_spread < _FLAT)
    result: NDArray[np.bool_] = flat & (abs(mine.mean(axis=1) - theirs.mean(axis=1)) < _AS_BRIGHT)
    return result


def altered(tiles: Tiles) -> int:
    """Tiles of a drawing in which more is another than an encoder leaves elsewhere; and all that differ, where much of it does."""
    import numpy as np  # noqa: PLC0415

    if not len(tiles.scores):
        return 0
    left = max(_LEFT, _MORE_LEFT * float(np.percentile(tiles.rest, 90)))
    if np.percentile(tiles.scores, 5) < _ALTERED_P5:
        left = _LEFT
    return int(((tiles.scores < _ALTERED) & (tiles.rest >= left)).sum())
