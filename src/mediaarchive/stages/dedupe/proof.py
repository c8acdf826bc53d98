"""Proof that two pictures are one photograph: lay one over the other, then look whether every textured tile agrees.

Hashes can't tell a copy from the next frame or from another speaker at the same lectern; an alignment with one tile
that disagrees can. Tiles are compared by normalised cross-correlation, which is blind to exposure and contrast, so a
brightened or grey copy passes while a moved hand doesn't; first at 256 pixels, then at up to 1,024. Thresholds: set on
4,472 copies and 6,335 hard negatives, the finer ones on half of the benchmark's photographs (ADRs on duplicates).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.closely import IN_COLOUR, ROUNDS, Close, by_colours, odd, one_exposure
from mediaarchive.stages.dedupe.coding import OTHER_CHROMA, SMALL, TINY, by_the_encoder, concluded, other_colours
from mediaarchive.stages.dedupe.features import features
from mediaarchive.stages.dedupe.filling import filled
from mediaarchive.stages.dedupe.fitting import LEAST_INLIERS, Fit, similarity
from mediaarchive.stages.dedupe.judging import COPY_CONTAINED, DOUBTFUL, LEAST_TEXTURE, judged, summary
from mediaarchive.stages.dedupe.laying import rescaled
from mediaarchive.stages.dedupe.palettes import off, through
from mediaarchive.stages.dedupe.repeating import REPEATS, repeats
from mediaarchive.stages.dedupe.resaving import of_one_encoder, pixel_for_pixel
from mediaarchive.stages.dedupe.seams import seam
from mediaarchive.stages.dedupe.signature import TILE
from mediaarchive.stages.dedupe.tiles import Laid, Tiles, overlay, straight, whole_tiles
from mediaarchive.stages.dedupe.tones import drawn, either, monochrome, page, plain, strays, under

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray
    from PIL import Image

    from mediaarchive.stages.dedupe.drifting import Bend
    from mediaarchive.stages.dedupe.features import Features
    from mediaarchive.stages.dedupe.palettes import Palette

    # OpenCV's own annotations return arrays of any number, so these can't be narrower.
    Array = NDArray[Any]
    Grey = NDArray[Any]

VERSION: Final = 20
COARSE: Final = 256  # long edge in pixels at which tiles are compared first; then at `features.FINE`

_SCALES = (0.15, 6.5)  # of one picture in the other: beyond, RANSAC has matched noise
_ROUNDS = 40  # of refinement, from the features' guess
_WHOLE = 0.95  # of the outer picture: both show the same, neither is a crop
_LEGIBLE = 760  # px at which two drawings are compared, at least
_WORTH_DEVELOPING = 40  # features that match: other pictures rarely have so many
# Px at a glance that half of the places are off, at the most, where nothing has moved, and where other colours made it seem so.
_STILL, _UNSTILL = 0.15, 0.8
_NEARLY = 0.95  # of the whole, at a glance, where what is seen closely tells
_MOVED = 0.2  # px closely; less is what an encoder makes of a place, and needs no straightening
_SURER = {"different": 0, "unclear": 1, "variant": 2, "copy": 3}


def prove(left: Image.Image, right: Image.Image) -> dict[str, Any]:
    """Compare two upright RGB pictures (long edge best `FINE`): about 60 ms of CPU. Evidence as `compare` gives it."""
    return compare(features(left), features(right))


def compare_closely(
    left: tuple[Features, Callable[[], Image.Image]], right: tuple[Features, Callable[[], Image.Image]]
) -> dict[str, Any]:
    """`compare`, and where one program may have written both in one size, `pixels`: what `resaving.pixel_for_pixel` sees.

    With each picture's features comes what opens it in full, upright: only few pairs need that.
    """
    import numpy as np  # noqa: PLC0415

    evidence = compare(left[0], right[0])
    if evidence["verdict"] == "copy" and of_one_encoder(left[0], right[0]):
        whole = (np.asarray(opened().convert("L")) for _, opened in (left, right))
        evidence["pixels"] = pixel_for_pixel(*whole, mirror=evidence["mirror"], angle=evidence["angle"])
    return evidence


def compare(left: Features, right: Features, *, places: bool = True) -> dict[str, Any]:
    """Evidence for or against one photograph, as JSON values; the same in every process.

    Args:
        left: One picture.
        right: The other one.
        places: Whether one odd place is enough to make it no copy. Films' pictures may be from a moment later.

    Returns:
        `{"v": 1, "verdict": …, "inliers": matched features, "containment": share of the inner picture that the outer
        one covers, "ncc": correlation of the whole, "worst", "p5", "mean": of the textured tiles, "texture": their share,
        "contains": "left", "right" (the one that shows more) or "both", "share": of the outer picture that the inner one
        covers, "mirror": bool, "angle": degrees}`, "seam": as `seams.seam` (or None), if one lies in the other, "grey": `left` or
        `right`, if only that one has no colours, and where the tiles agree, "fine": as `closely.Close` sees them at a finer
        size, and "bent": true, if one had to be straightened for that. The verdict is `copy` (one photograph), `variant` (much
        edited, or with an overlay: for a human), `different`, or `unclear` (they align, but there is too little texture to be
        sure). Without an alignment, only the first three keys.
    """
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    fit = _align(left, right)
    if fit is None or not _is_sound(fit):
        return {"v": VERSION, "verdict": "different", "inliers": fit.inliers if fit else 0}
    return _evidence(left, right, fit, places=places)


@dataclass(frozen=True, slots=True)
class Differences:
    """Where two aligned pictures differ, for people: boxes (left, top, width, height) as shares of one picture's size.

    `inner`: which picture they are in, `left` or `right`: the one that lies inside the other.
    """

    inner: str
    boxes: tuple[tuple[float, float, float, float], ...]


def differences(left: Features, right: Features) -> Differences | None:
    """The places that don't agree, in the picture that lies inside the other; None where the two can't be aligned."""
    fit = _align(left, right)
    if fit is None or not _is_sound(fit):
        return None
    lying = _placed(left, right, fit)
    inner, outer = lying.glance
    laid = overlay(inner, outer, lying.onto_outer, COARSE, _ROUNDS)
    tiles = laid.tiles()
    height, width = (TILE / whole_tiles(side * COARSE / max(inner.shape)) for side in inner.shape)
    found = [
        (column, row, width, height)
        for (row, column), score in zip(tiles.places.tolist(), tiles.scores.tolist(), strict=True)
        if score < DOUBTFUL
    ]
    found += Close(lying.fine, lying.glance, lying.colours, laid.onto_outer).oddities()
    mirrored = fit.mirror and lying.inner_is_right
    boxes = [(1 - x - wide if mirrored else x, y, wide, tall) for x, y, wide, tall in found]
    return Differences(
        "right" if lying.inner_is_right else "left",
        tuple((round(x, 4), round(y, 4), round(wide, 4), round(tall, 4)) for x, y, wide, tall in boxes),
    )


def _is_sound(fit: Fit) -> bool:
    """Whether enough matches, at a scale that pictures have: laying one over the other at any other takes all memory."""
    return fit.inliers >= LEAST_INLIERS and _SCALES[0] <= fit.scale <= _SCALES[1]


@dataclass(frozen=True, slots=True)
class _Lying:
    """(inner, outer): the picture inside and the one around it, and how the first lies on the second (2, 3), in pixels at a glance.

    `filled`: whether a tool filled the inner one's corners.
    """

    glance: tuple[Grey, Grey]
    fine: tuple[Grey, Grey]
    colours: tuple[Array, Array]
    palettes: tuple[Palette | None, Palette | None]
    onto_outer: Array
    inner_is_right: bool
    filled: bool = False

    def other_way(self) -> _Lying:
        """The outer picture inside."""
        import cv2  # noqa: PLC0415

        pairs = self.glance[::-1], self.fine[::-1], self.colours[::-1], self.palettes[::-1]
        return _Lying(*pairs, cv2.invertAffineTransform(self.onto_outer), not self.inner_is_right)


def _placed(left: Features, right: Features, fit: Fit) -> _Lying:
    """The smaller one lies inside; of two about as large the one whose corners a tool filled."""
    import cv2  # noqa: PLC0415

    seen = right.grey, right.fine, right.colour
    grey, fine, colour = (cv2.flip(one, 1) for one in seen) if fit.mirror else seen
    palettes = right.palette, left.palette
    lying = _Lying(
        (grey, left.grey), (fine, left.fine), (colour, left.colour), palettes, fit.matrix, inner_is_right=True
    )
    usual, other = lying, lying.other_way()
    if fit.scale**2 * grey.size > left.grey.size:
        usual, other = other, usual
    for way in (usual, other):
        if filled(*way.glance, way.onto_outer):
            return replace(way, filled=True)
    return usual


def _align(left: Features, right: Features) -> Fit | None:
    """The better of two fits: the right picture as it is, or mirrored (ORB knows rotations, not reflections)."""
    theirs = left.points, left.descriptors
    plain = similarity(theirs, (right.points, right.descriptors), mirror=False)
    mirrored = similarity(theirs, (right.mirrored_points, right.mirrored_descriptors), mirror=True)
    fits = [fit for fit in (plain, mirrored) if fit is not None]
    return max(fits, key=lambda fit: fit.inliers, default=None)


def _evidence(left: Features, right: Features, fit: Fit, *, places: bool) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415

    lying = _placed(left, right, fit)
    inner, outer = lying.glance
    laid, exact = _at_a_glance(lying)
    laid, tiles, verdict = _explained(laid, lying, places=places, worth=fit.inliers >= _WORTH_DEVELOPING)
    covers = abs(float(np.linalg.det(lying.onto_outer[:, :2]))) * inner.size * float(laid.mask.mean()) / outer.size
    share = min(1.0, covers)
    sides = ("right", "left") if lying.inner_is_right else ("left", "right")
    evidence: dict[str, Any] = {
        "v": VERSION,
        "inliers": fit.inliers,
        **summary(tiles),
        "contains": "both" if share >= _WHOLE and not laid.filled else sides[1],
        "share": round(share, 3),
        "mirror": fit.mirror,
        "angle": round(float(np.degrees(np.arctan2(fit.matrix[1, 0], fit.matrix[0, 0]))), 1),
    }
    if evidence["contains"] != "both":
        evidence["seam"] = seam(inner.shape, outer, exact)
    coded = None if verdict == "unclear" else _coded((left, right), lying, exact, evidence)
    if coded:
        evidence["coded"] = coded
        verdict = concluded(verdict, coded, min(max(left.fine.shape), max(right.fine.shape)))
    if verdict not in {"copy", "variant"}:
        return {**evidence, "verdict": verdict}
    grey = monochrome(lying.colours[0]), monochrome(lying.colours[1])
    if grey[0] is not grey[1]:
        evidence["grey"] = sides[0] if grey[0] else sides[1]
    drawing = either(drawn, lying.colours, grey)
    if evidence["texture"] < LEAST_TEXTURE:
        if drawing:
            return {**evidence, "verdict": "unclear"}  # logos align with anything
        drawing = either(
            plain, lying.colours, grey
        )  # a thing before a white wall, perhaps: held to as much as a drawing
    seen, bend = _closely(lying, laid, exact, drawing=drawing, places=places)
    if bend:
        evidence["bent"] = True
    if coded and coded["explained"]:
        seen["moved"] = 0  # block by block, all of it is the encoder's
    seen["moved"] += _strays(lying, exact, bend)
    evidence["fine"] = seen
    nearly = tiles.contained >= COPY_CONTAINED and tiles.ncc >= _NEARLY and not drawing and places
    verdict = "copy" if nearly and one_exposure(seen) else verdict
    # Whether it is another page, or in a thumbnail another face, nobody can see any more.
    legible = _LEGIBLE if drawing or either(page, lying.colours, grey) else TINY
    unproved = (laid.bend and not bend) or (laid.coloured and not by_colours(seen))
    if verdict == "copy" and (seen["edge"] < legible or unproved or _another(seen, inner, places=places)):
        verdict = "variant"
    return {**evidence, "verdict": verdict}


def _another(seen: Mapping[str, Any], inner: Grey, *, places: bool) -> bool:
    """Whether what is seen closely speaks against a copy. A piece of a pattern lies on any other piece of it."""
    return bool(seen["moved"] or (places and (odd(seen) or repeats(inner) >= REPEATS)))


def _closely(
    lying: _Lying, laid: Laid, onto_outer: Array, *, drawing: bool, places: bool
) -> tuple[dict[str, Any], Bend | None]:
    """What both show as finely as they allow, and what they were straightened by for that. `laid`: as they lie at a glance."""
    close = Close(lying.fine, lying.glance, lying.colours, onto_outer, _off_palette(lying, onto_outer), places)
    if drawing:
        return close.drawing(), None
    if laid.bend and (straightened := close.straight(laid.bend)):
        return straightened, laid.bend
    seen, drift = close.photograph()
    if places and not laid.bend and drift > _MOVED:
        inner, outer = lying.glance
        found = straight(laid, outer, inner.shape)
        if found and found.bend and (straightened := close.straight(found.bend)):
            return straightened, found.bend
    return seen, None


def _coded(
    both: tuple[Features, Features], lying: _Lying, onto_outer: Array, evidence: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What the encoder of a small copy explains, if one of the two is such a copy of the whole of the other, or of a part."""
    import cv2  # noqa: PLC0415

    small, large = sorted(both, key=lambda one: max(one.fine.shape))
    is_inner = (small is both[1]) == lying.inner_is_right
    if small.tables is None or max(small.fine.shape) > SMALL or max(large.fine.shape) < max(small.fine.shape):
        return None
    if evidence["containment"] < COPY_CONTAINED or not (is_inner or evidence["contains"] == "both"):
        return None
    way = 1 if is_inner else -1
    (mine, theirs), (shown, below), (glance, other) = (
        pair[::way] for pair in (lying.fine, lying.colours, lying.glance)
    )
    onto = onto_outer if is_inner else cv2.invertAffineTransform(onto_outer)
    mirrored = evidence["mirror"] and small is both[1]
    chroma = other_colours(shown, below, onto, mine.shape, mirrored=mirrored)
    onto = rescaled(onto, (mine.shape, glance.shape), (theirs.shape, other.shape))
    laid = overlay(mine, theirs, onto, max(mine.shape), ROUNDS)
    ways = (by_the_encoder(mine, theirs, way, small.tables, mirrored=mirrored) for way in (onto, laid.onto_outer))
    best = min(ways, key=lambda way: (way["rms"], way["most"]))
    return {**best, "chroma": round(chroma, 2), "explained": best["explained"] and chroma <= OTHER_CHROMA}


def _explained(laid: Laid, lying: _Lying, *, places: bool, worth: bool) -> tuple[Laid, Tiles, str]:
    """Two pictures at a glance, by what shows best that one is an edit of the other: as they are, developed, or straightened.

    `worth`: whether so many features match that this is worth trying.
    """
    inner, outer = lying.glance

    def otherwise() -> Laid | None:
        if not places or best[1].contained < COPY_CONTAINED:
            return None
        drift = laid.drift().usual
        if drift > _STILL and (as_it_was := straight(laid, outer, inner.shape)):
            return as_it_was
        finely = min(max(side.shape) for side in lying.fine) >= IN_COLOUR
        return laid.in_colour(lying.colours, inner.shape) if finely and drift <= _UNSTILL else None

    best = laid, (tiles := laid.tiles()), judged(tiles)
    for way in (laid.developed, otherwise):
        if not worth or best[2] not in {"different", "variant"}:
            break
        if found := way():
            tiles = (found.developed() if found.bend else found).tiles()
            how = replace(laid, bend=found.bend, coloured=found.coloured)
            best = max(best, (how, tiles, judged(tiles)), key=lambda seen: _SURER[seen[2]])
    return best


def _at_a_glance(lying: _Lying) -> tuple[Laid, Array]:
    """One laid over the other at `COARSE`, and how they lie on each other exactly.

    What a screen shows small has too few pixels in the outer picture at its coarse size, and would be blurred by enlarging.
    """
    import numpy as np  # noqa: PLC0415

    (inner, outer), fine_outer, onto_outer = lying.glance, lying.fine[1], lying.onto_outer
    step = float(np.hypot(onto_outer[0, 0], onto_outer[1, 0])) * max(inner.shape) / COARSE
    if step >= 1 or max(fine_outer.shape) <= max(outer.shape):
        laid = overlay(inner, outer, onto_outer, COARSE, _ROUNDS)
        return replace(laid, filled=lying.filled), laid.onto_outer
    onto = rescaled(onto_outer, (inner.shape, inner.shape), (fine_outer.shape, outer.shape))
    laid = overlay(inner, fine_outer, onto, COARSE, _ROUNDS)
    laid = replace(laid, filled=lying.filled)
    return laid, rescaled(laid.onto_outer, (inner.shape, inner.shape), (outer.shape, fine_outer.shape))


def _strays(lying: _Lying, onto_outer: Array, bend: Bend | None) -> int:
    """`tones.strays`. What only the palette of one has no colour for is none."""
    found = strays(*lying.colours, onto_outer, bend)
    if found and any(lying.palettes):
        inner, outer = (
            through(picture, palette) if palette else picture
            for picture, palette in zip(lying.colours, reversed(lying.palettes), strict=True)
        )
        found = min(found, strays(inner, outer, onto_outer, bend))
    return found


def _off_palette(lying: _Lying, onto_outer: Array) -> Array | None:
    """By how much the palette of one lets each place of the inner picture differ; None where neither has one."""
    inner, outer = lying.palettes
    if inner:
        return off(under(*lying.colours, onto_outer)[0], inner)
    return off(lying.colours[0], outer) if outer else None
