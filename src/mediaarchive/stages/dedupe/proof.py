"""Proof that two pictures are one photograph: lay one over the other, then look whether every textured tile agrees.

Hashes can't tell a copy from the next frame or from another speaker at the same lectern; an alignment with one tile
that disagrees can. Tiles are compared by normalised cross-correlation, which is blind to exposure and contrast, so a
brightened or grey copy passes while a moved hand doesn't; first at 256 pixels, then at up to 1,024. Thresholds: set on
4,472 copies and 6,335 hard negatives, the finer ones on half of the benchmark's photographs (ADRs on duplicates).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.coding import OTHER_CHROMA, SMALL, TINY, by_the_encoder, concluded, other_colours
from mediaarchive.stages.dedupe.doubting import to_the_last_detail
from mediaarchive.stages.dedupe.features import features
from mediaarchive.stages.dedupe.filling import filled
from mediaarchive.stages.dedupe.fitting import LEAST_INLIERS, Fit, similarity
from mediaarchive.stages.dedupe.judging import COPY_CONTAINED, DOUBTFUL, LEAST_TEXTURE, judged, summary
from mediaarchive.stages.dedupe.laying import rescaled
from mediaarchive.stages.dedupe.oddities import PLACE
from mediaarchive.stages.dedupe.palettes import off, through
from mediaarchive.stages.dedupe.repeating import REPEATS, repeats
from mediaarchive.stages.dedupe.resaving import of_one_encoder, pixel_for_pixel
from mediaarchive.stages.dedupe.seams import seam
from mediaarchive.stages.dedupe.signature import TILE
from mediaarchive.stages.dedupe.tiles import Laid, Tiles, altered, overlay, whole_tiles
from mediaarchive.stages.dedupe.tones import drawn, either, monochrome, page, plain, strays, under

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from mediaarchive.stages.dedupe.features import Features
    from mediaarchive.stages.dedupe.palettes import Palette

    # OpenCV's own annotations return arrays of any number, so these can't be narrower.
    Array = NDArray[Any]
    Grey = NDArray[Any]

VERSION: Final = 17
COARSE: Final = 256  # long edge in pixels at which tiles are compared first; then at `features.FINE`

_SCALES = (0.15, 6.5)  # of one picture in the other: beyond, RANSAC has matched noise
_ROUNDS, _MORE_ROUNDS = 40, 10  # of refinement: from the features' guess, and from there at a finer size
_WHOLE = 0.95  # of the outer picture: both show the same, neither is a crop
# At the finer size sharpening and noise lower every score, but only another content leaves as much unexplained as this.
_MOVED = 0.5, 15.0
_REWRITTEN = 0.75, 3.0  # the same on a drawn page, where another number at its foot is another page
_LEGIBLE = 760  # px at which two drawings are compared, at least
# How many times as much as usual one place of a copy differs, at the most, where they are compared at so many px and more. Of 254
# copies at 500 px and more that were hardest in this, 5 measured more, and of 31 overlays and look-alikes none less than 11; below,
# 4 of 60, and 1 of 76 less. Of 349 others at 500 px and more, as their sort comes, none measured more than 6.0; a small date 6.5.
_ODD = (500, 6.3), (SMALL, 4.5), (0, 3.0)
# The same of detail alone. Of 550 copies two measured more, both CMYK files; the others up to 5.1, 4.7 and 2.0. Other words on a
# slide in a room, other heads, hands and posters measured 6.5 to 15 and 5.6 to 12, in thumbnails 1.4 to 4.4.
_STRANGE = (500, 5.5), (SMALL, 4.8), (0, 2.2)
_WORTH_DEVELOPING = 40  # features that match: other pictures rarely have so many
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
        `right`, if only that one has no colours, and where the tiles agree, "fine": `{"edge": px, "worst", "p1", "p5": of
        the same at a finer size, "rest": grey levels that stay unexplained in all tiles but one of a hundred, "grain":
        correlation of the noise, "moved": tiles that show something else, "odd": how many times as much as usual the place
        differs that differs most (`oddities`), "strange": the same of detail alone}`. The verdict is `copy` (one photograph),
        `variant` (much edited, or with an overlay: for a human), `different`, or `unclear` (they align, but there is too little
        texture to be sure). Without an alignment, only the first three keys.
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
    import cv2  # noqa: PLC0415

    fit = _align(left, right)
    if fit is None or not _is_sound(fit):
        return None
    inner, outer, onto_outer, inner_is_right, _ = _placed(left, right, fit)
    laid = overlay(inner, outer, onto_outer, COARSE, _ROUNDS)
    tiles = laid.tiles()
    height, width = (TILE / whole_tiles(side * COARSE / max(inner.shape)) for side in inner.shape)
    found = [
        (column, row, width, height)
        for (row, column), score in zip(tiles.places.tolist(), tiles.scores.tolist(), strict=True)
        if score < DOUBTFUL
    ]
    fine = cv2.flip(right.fine, 1) if fit.mirror else right.fine
    closely, edge = _finely((fine, left.fine) if inner_is_right else (left.fine, fine), (inner, outer), laid.onto_outer)
    made = closely.developed()
    wide, tall = (3 * PLACE / side for side in closely.inner.shape[::-1])
    measured = ((closely.oddest(), made.oddest(), _ODD), (closely.strangest(), made.strangest(), _STRANGE))
    places = (min(one, other) for one, other, most in measured if min(one, other).times > _bound(most, edge))
    found += [(place.x - wide / 2, place.y - tall / 2, wide, tall) for place in places]
    mirrored = fit.mirror and inner_is_right
    boxes = [(1 - x - wide if mirrored else x, y, wide, tall) for x, y, wide, tall in found]
    return Differences(
        "right" if inner_is_right else "left",
        tuple((round(x, 4), round(y, 4), round(wide, 4), round(tall, 4)) for x, y, wide, tall in boxes),
    )


def _is_sound(fit: Fit) -> bool:
    """Whether enough matches, at a scale that pictures have: laying one over the other at any other takes all memory."""
    return fit.inliers >= LEAST_INLIERS and _SCALES[0] <= fit.scale <= _SCALES[1]


def _placed(left: Features, right: Features, fit: Fit) -> tuple[Grey, Grey, Array, bool, bool]:
    """The picture inside, the one around it, how the first lies on the second, and of the first: is it the right one, and `filled`?

    The smaller one lies inside; of two about as large the one whose corners a tool filled.
    """
    import cv2  # noqa: PLC0415

    turned = cv2.flip(right.grey, 1) if fit.mirror else right.grey
    back = cv2.invertAffineTransform(fit.matrix)
    ways = (turned, left.grey, fit.matrix, True), (left.grey, turned, back, False)
    usual, other = ways if fit.scale**2 * turned.size <= left.grey.size else ways[::-1]
    for way in (usual, other):
        if filled(*way[:3]):
            return (*way, True)
    return (*usual, False)


def _align(left: Features, right: Features) -> Fit | None:
    """The better of two fits: the right picture as it is, or mirrored (ORB knows rotations, not reflections)."""
    theirs = left.points, left.descriptors
    plain = similarity(theirs, (right.points, right.descriptors), mirror=False)
    mirrored = similarity(theirs, (right.mirrored_points, right.mirrored_descriptors), mirror=True)
    fits = [fit for fit in (plain, mirrored) if fit is not None]
    return max(fits, key=lambda fit: fit.inliers, default=None)


def _evidence(left: Features, right: Features, fit: Fit, *, places: bool) -> dict[str, Any]:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    inner, outer, onto_outer, inner_is_right, in_corners = _placed(left, right, fit)
    fine = cv2.flip(right.fine, 1) if fit.mirror else right.fine
    sides = (fine, left.fine) if inner_is_right else (left.fine, fine)
    laid, exact = _at_a_glance(sides[1], (inner, outer), onto_outer)
    laid = replace(laid, filled=in_corners)
    tiles = laid.tiles()
    verdict = judged(tiles)
    developed = verdict in {"different", "variant"} and fit.inliers >= _WORTH_DEVELOPING
    if developed:
        tiles, verdict = max((tiles, verdict), _developed(laid), key=lambda seen: _SURER[seen[1]])
    covers = abs(float(np.linalg.det(onto_outer[:, :2]))) * inner.size * float(laid.mask.mean()) / outer.size
    share = min(1.0, covers)
    evidence: dict[str, Any] = {
        "v": VERSION,
        "inliers": fit.inliers,
        **summary(tiles),
        "contains": "both" if share >= _WHOLE and not laid.filled else "left" if inner_is_right else "right",
        "share": round(share, 3),
        "mirror": fit.mirror,
        "angle": round(float(np.degrees(np.arctan2(fit.matrix[1, 0], fit.matrix[0, 0]))), 1),
    }
    if evidence["contains"] != "both":
        evidence["seam"] = seam(inner.shape, outer, exact)
    coded = None if verdict == "unclear" else _coded((left, right), fit, exact, evidence, inner_is_right=inner_is_right)
    if coded:
        evidence["coded"] = coded
        verdict = concluded(verdict, coded, min(max(left.fine.shape), max(right.fine.shape)))
    if verdict in {"copy", "variant"}:
        colour = cv2.flip(right.colour, 1) if fit.mirror else right.colour
        lying = (colour, left.colour) if inner_is_right else (left.colour, colour)
        grey = monochrome(lying[0]), monochrome(lying[1])
        if grey[0] is not grey[1]:
            evidence["grey"] = "right" if grey[0] is inner_is_right else "left"
        drawing = either(drawn, lying, grey)
        if evidence["texture"] < LEAST_TEXTURE:
            if drawing:
                return {**evidence, "verdict": "unclear"}  # logos align with anything
            drawing = either(plain, lying, grey)  # a thing before a white wall, perhaps: held to as much as a drawing
        palettes = (right.palette, left.palette) if inner_is_right else (left.palette, right.palette)
        excused = _off_palette(lying, palettes, exact)
        seen = _closely(sides, (inner, outer), exact, excused, drawing=drawing)
        if coded and coded["explained"]:
            seen["moved"] = 0  # block by block, all of it is the encoder's
        seen["moved"] += _strays(lying, palettes, exact)
        evidence["fine"] = seen
        # Whether it is another page, or in a thumbnail another face, nobody can see any more.
        small_print = drawing or either(page, lying, grey)
        illegible = seen["edge"] < (_LEGIBLE if small_print else TINY)
        odd = places and _odd(seen)
        # A piece of a pattern lies on any other piece of it.
        if verdict == "copy" and (seen["moved"] or illegible or odd or (places and repeats(inner) >= REPEATS)):
            verdict = "variant"
    return {**evidence, "verdict": verdict}


def _coded(
    both: tuple[Features, Features], fit: Fit, exact: Array, evidence: dict[str, Any], *, inner_is_right: bool
) -> dict[str, Any] | None:
    """What the encoder of a small copy explains, if one of the two is such a copy of the whole of the other, or of a part."""
    import cv2  # noqa: PLC0415

    small, large = sorted(both, key=lambda one: max(one.fine.shape))
    is_inner = (small is both[1]) == inner_is_right
    if small.tables is None or max(small.fine.shape) > SMALL or max(large.fine.shape) < max(small.fine.shape):
        return None
    if evidence["containment"] < COPY_CONTAINED or not (is_inner or evidence["contains"] == "both"):
        return None
    mine, theirs = ((cv2.flip(one.fine, 1) if fit.mirror and one is both[1] else one.fine) for one in (small, large))
    onto = exact if is_inner else cv2.invertAffineTransform(exact)
    mirrored = fit.mirror and small is both[1]
    shown, below = (
        (cv2.flip(one.colour, 1) if fit.mirror and one is both[1] else one.colour) for one in (small, large)
    )
    chroma = other_colours(shown, below, onto, mine.shape, mirrored=mirrored)
    onto = rescaled(onto, (mine.shape, small.grey.shape), (theirs.shape, large.grey.shape))
    laid = overlay(mine, theirs, onto, max(mine.shape), _MORE_ROUNDS)
    ways = (by_the_encoder(mine, theirs, way, small.tables, mirrored=mirrored) for way in (onto, laid.onto_outer))
    best = min(ways, key=lambda way: (way["rms"], way["most"]))
    return {**best, "chroma": round(chroma, 2), "explained": best["explained"] and chroma <= OTHER_CHROMA}


def _developed(laid: Laid) -> tuple[Tiles, str]:
    tiles = laid.developed().tiles()
    return tiles, judged(tiles)


def _at_a_glance(fine_outer: Grey, coarse: tuple[Grey, Grey], onto_outer: Array) -> tuple[Laid, Array]:
    """The (inner, outer) one laid over the other at `COARSE`, and how they lie on each other exactly.

    What a screen shows small has too few pixels in the outer picture at its coarse size, and would be blurred by enlarging.
    """
    import numpy as np  # noqa: PLC0415

    inner, outer = coarse
    step = float(np.hypot(onto_outer[0, 0], onto_outer[1, 0])) * max(inner.shape) / COARSE
    if step >= 1 or max(fine_outer.shape) <= max(outer.shape):
        laid = overlay(inner, outer, onto_outer, COARSE, _ROUNDS)
        return laid, laid.onto_outer
    onto = rescaled(onto_outer, (inner.shape, inner.shape), (fine_outer.shape, outer.shape))
    laid = overlay(inner, fine_outer, onto, COARSE, _ROUNDS)
    return laid, rescaled(laid.onto_outer, (inner.shape, inner.shape), (outer.shape, fine_outer.shape))


def _strays(colours: tuple[Array, Array], palettes: tuple[Palette | None, Palette | None], onto_outer: Array) -> int:
    """`tones.strays` of (inner, outer). What only the palette of one has no colour for is none."""
    found = strays(*colours, onto_outer)
    if found and any(palettes):
        inner, outer = (
            through(picture, palette) if palette else picture
            for picture, palette in zip(colours, reversed(palettes), strict=True)
        )
        found = min(found, strays(inner, outer, onto_outer))
    return found


def _off_palette(
    colours: tuple[Array, Array], palettes: tuple[Palette | None, Palette | None], onto_outer: Array
) -> Array | None:
    """By how much the palette of one of (inner, outer) lets each place of the inner one differ; None where neither has one."""
    inner, outer = palettes
    if inner:
        return off(under(*colours, onto_outer)[0], inner)
    return off(colours[0], outer) if outer else None


def _closely(
    fine: tuple[Grey, Grey], coarse: tuple[Grey, Grey], onto_outer: Array, excused: Array | None, *, drawing: bool
) -> dict[str, Any]:
    """The tiles once more, as finely as both pictures allow: (inner, outer) at either size, and how they lie at the coarse one.

    `excused`: as `oddities.oddest` takes it.

    A drawing is not developed: an edit of it is for a person.
    """
    laid, edge = _finely(fine, coarse, onto_outer)
    tiles = laid.tiles()
    seen = _at_the_finer(tiles, edge, _REWRITTEN if drawing else _MOVED)
    odd = _times(laid, excused)
    if drawing:
        return {**seen, "moved": seen["moved"] + altered(tiles), **odd}
    if to_the_last_detail(seen) and not _odd({**seen, **odd}):
        return {**seen, **odd}
    made = laid.developed()
    seen = max(seen, _at_the_finer(made.tiles(), edge, _MOVED), key=lambda one: one["mean"])
    # Fitted to all of the picture, a developer's numbers may miss a place that was right before.
    return {**seen, **{name: min(times, odd[name]) for name, times in _times(made, excused).items()}}


def _times(laid: Laid, excused: Array | None) -> dict[str, float]:
    """How many times as much as usual the place differs that differs most, and the same of detail alone."""
    measured = {"odd": laid.oddest(excused), "strange": laid.strangest(excused)}
    return {name: round(place.times, 1) for name, place in measured.items()}


def _finely(fine: tuple[Grey, Grey], coarse: tuple[Grey, Grey], onto_outer: Array) -> tuple[Laid, int]:
    """One over the other as finely as both allow, and the long edge at which that is."""
    import numpy as np  # noqa: PLC0415

    inner, outer = fine
    onto = rescaled(onto_outer, (inner.shape, coarse[0].shape), (outer.shape, coarse[1].shape))
    step = float(abs(np.linalg.det(onto[:, :2])) ** 0.5)
    edge = round(max(inner.shape) * min(1.0, step))
    return overlay(inner, outer, onto, edge, _MORE_ROUNDS), edge


def _odd(seen: Mapping[str, Any]) -> bool:
    """Whether one place differs more, or its detail, than a copy's would."""
    return bool(seen["odd"] > _bound(_ODD, seen["edge"]) or seen["strange"] > _bound(_STRANGE, seen["edge"]))


def _bound(bounds: Sequence[tuple[int, float]], edge: int) -> float:
    """How many times as much as usual a place of a copy differs, at the most, where they are compared at so many px."""
    return next(most for least, most in bounds if edge >= least)


def _at_the_finer(tiles: Tiles, edge: int, moved: tuple[float, float]) -> dict[str, Any]:
    """`moved`: the correlation below which, and the unexplained grey levels from which on, a tile shows something else."""
    import numpy as np  # noqa: PLC0415

    if not len(tiles.scores):
        return {"edge": edge, "worst": 0.0, "p1": 0.0, "p5": 0.0, "mean": 0.0, "rest": 0.0, "grain": 0.0, "moved": 0}
    return {
        "edge": edge,
        "worst": round(float(tiles.scores.min()), 3),
        "p1": round(float(np.percentile(tiles.scores, 1)), 3),
        "p5": round(float(np.percentile(tiles.scores, 5)), 3),
        "mean": round(float(tiles.scores.mean()), 5),
        "rest": round(float(np.percentile(tiles.rest, 99)), 1),
        "grain": round(tiles.grain, 3),
        "moved": int(((tiles.scores < moved[0]) & (tiles.rest >= moved[1])).sum()),
    }
