"""Proof that two pictures are one photograph: lay one over the other, then look whether every textured tile agrees.

Hashes can't tell a copy from the next frame or from another speaker at the same lectern; an alignment with one tile
that disagrees can. Tiles are compared by normalised cross-correlation, which is blind to exposure and contrast, so a
brightened or grey copy passes while a moved hand doesn't; first at 256 pixels, then at up to 1,024. Thresholds: set on
4,472 copies and 6,335 hard negatives, the finer ones on half of the benchmark's photographs (ADRs on duplicates).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.closely import IN_COLOUR, ROUNDS, Close, by_colours, by_light, odd, one_exposure
from mediaarchive.stages.dedupe.coding import OTHER_CHROMA, SMALL, TINY, by_the_encoder, concluded, other_colours
from mediaarchive.stages.dedupe.doubting import other_detail
from mediaarchive.stages.dedupe.features import cut, features
from mediaarchive.stages.dedupe.judging import COPY_CONTAINED, DOUBTFUL, LEAST_CONTAINED, LEAST_TEXTURE, judged, summary
from mediaarchive.stages.dedupe.laying import rescaled
from mediaarchive.stages.dedupe.palettes import off, through
from mediaarchive.stages.dedupe.placing import Lying, align, is_sound, placed
from mediaarchive.stages.dedupe.relighting import light, lit
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
    from mediaarchive.stages.dedupe.fitting import Fit

    # OpenCV's own annotations return arrays of any number, so these can't be narrower.
    Array = NDArray[Any]
    Grey = NDArray[Any]

VERSION: Final = 24
COARSE: Final = 256  # long edge in pixels at which tiles are compared first; then at `features.FINE`

_ROUNDS = 40  # of refinement, from the features' guess
_WHOLE = 0.95  # of the outer picture: both show the same, neither is a crop
_LEGIBLE = 760  # px at which two drawings are compared, at least
_WORTH_DEVELOPING = 40  # features that match: other pictures rarely have so many
# Px at a glance that half of the places are off, at the most, where nothing has moved, and where other colours made it seem so.
_STILL, _UNSTILL = 0.15, 0.8
_NEARLY = 0.95  # of the whole, at a glance, where what is seen closely tells
_MOVED = 0.2  # px closely; less is what an encoder makes of a place, and needs no straightening
_CONTAINED = 0.95  # less, and neither contains the other; what is painted onto a picture stays within it
_HOPEFUL = 0.6  # of tiles' agreement, on the average, in about the same light: of 15 edits the least measured 0.63
_ABOUT_CONTAINED = 0.9  # where light drew a picture to a wrong place
_ROUGHLY, _FINELY = 5.0, 2.5  # px of 128: what light is broader than, before it is known how the pictures lie, and then
_GOES_ON = 0.25  # of a piece's outline lies on an edge, at the most, where the picture goes on beyond it
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
        size, and "bent": true, if one had to be straightened for that; "cut": `{"of": side, "share"}`, if what was compared is only
        what that one's screen or frame shows, such a share of it; "relit": true, if one had to be lit as the other, place by place.
        The verdict is `copy` (one photograph), `variant` (much edited, or with an overlay: for a human), `different`, or `unclear`
        (they align, but there is too little texture to be sure). Without an alignment, only the first three keys.
    """
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    evidence = _compared(left, right, places=places)
    neither = "containment" in evidence and (evidence["containment"] < _CONTAINED or evidence["verdict"] == "different")
    framed = evidence["verdict"] == "variant" and evidence["contains"] != "both"
    if places and (neither or framed):
        return _cut(left, right, whole=not neither) or evidence
    return evidence


def _compared(left: Features, right: Features, *, places: bool) -> dict[str, Any]:
    fit = align(left, right)
    if fit is None or not is_sound(fit):
        return {"v": VERSION, "verdict": "different", "inliers": fit.inliers if fit else 0}
    lying = placed(left, right, fit)
    evidence = _evidence((left, right), lying, fit, places=places)
    about = places and evidence.get("containment", 0.0) >= _ABOUT_CONTAINED
    if about and _unexplained(evidence) and (alike := _relit(lying)):
        again = _evidence((left, right), alike, fit, places=True)
        if again["verdict"] == "copy" and by_light(again["fine"]):
            return {**again, "relit": True}
    return evidence


def _unexplained(evidence: Mapping[str, Any]) -> bool:
    """Whether another light might explain what differs."""
    if evidence["verdict"] == "copy":
        return other_detail(evidence["fine"])
    return evidence["verdict"] in {"different", "variant"}


def _relit(lying: Lying) -> Lying | None:
    """One lit as the other, if at a glance they are one picture then: first roughly, as the light drew them to a wrong place."""
    if (times := light(lying, _ROUGHLY)) is None:
        return None
    inner, outer = lying.glance
    roughly = replace(lying, glance=(lit(inner, times), outer))
    if summary(_at_a_glance(roughly, 0)[0].tiles())["mean"] < _HOPEFUL:
        return None
    exactly = replace(lying, onto_outer=_at_a_glance(roughly)[1])
    if (times := light(exactly, _FINELY)) is None:
        return None
    exactly = replace(exactly, glance=(lit(inner, times), outer))
    laid, _ = _at_a_glance(exactly)
    if judged(laid.tiles()) != "copy" and judged(laid.developed().tiles()) != "copy":
        return None
    fine, colours = ((lit(one[0], times), one[1]) for one in (lying.fine, lying.colours))
    return replace(exactly, fine=fine, colours=colours)


def _cut(left: Features, right: Features, *, whole: bool) -> dict[str, Any] | None:
    """The same of a screen, or what is in a frame, cut to what of the other picture it shows; None if that's no copy.

    The other picture must go on beyond that piece, or be shown as a `whole`, in round corners perhaps. Two pages with the same
    picture on each end where it ends.
    """
    for side, picture in (("left", left), ("right", right)):
        if (found := cut(picture)) is None:
            continue
        piece, share = found
        evidence = _compared(*((piece, right) if side == "left" else (left, piece)), places=True)
        goes_on = not whole and evidence.get("contains") != side and (evidence.get("seam") or 0.0) <= _GOES_ON
        if evidence["verdict"] == "copy" and (goes_on or evidence["contains"] == "both"):
            return {**evidence, "cut": {"of": side, "share": round(share, 3)}}
    return None


@dataclass(frozen=True, slots=True)
class Differences:
    """Where two aligned pictures differ, for people: boxes (left, top, width, height) as shares of one picture's size.

    `inner`: which picture they are in, `left` or `right`: the one that lies inside the other.
    """

    inner: str
    boxes: tuple[tuple[float, float, float, float], ...]


def differences(left: Features, right: Features) -> Differences | None:
    """The places that don't agree, in the picture that lies inside the other; None where the two can't be aligned."""
    fit = align(left, right)
    if fit is None or not is_sound(fit):
        return None
    lying = placed(left, right, fit)
    inner, outer = lying.glance
    laid = overlay(inner, outer, lying.onto_outer, COARSE, _ROUNDS, lying.corners)
    tiles = laid.tiles()
    height, width = (TILE / whole_tiles(side * COARSE / max(inner.shape)) for side in inner.shape)
    found = [
        (column, row, width, height)
        for (row, column), score in zip(tiles.places.tolist(), tiles.scores.tolist(), strict=True)
        if score < DOUBTFUL
    ]
    found += Close(lying.fine, lying.glance, lying.colours, laid.onto_outer, corners=lying.corners).oddities()
    mirrored = fit.mirror and lying.inner_is_right
    boxes = [(1 - x - wide if mirrored else x, y, wide, tall) for x, y, wide, tall in found]
    return Differences(
        "right" if lying.inner_is_right else "left",
        tuple((round(x, 4), round(y, 4), round(wide, 4), round(tall, 4)) for x, y, wide, tall in boxes),
    )


def _evidence(both: tuple[Features, Features], lying: Lying, fit: Fit, *, places: bool) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415

    inner, outer = lying.glance
    laid, exact = _at_a_glance(lying)
    laid, tiles, verdict = _explained(laid, lying, places=places, worth=fit.inliers >= _WORTH_DEVELOPING)
    covers = abs(float(np.linalg.det(lying.onto_outer[:, :2]))) * inner.size * laid.contained / outer.size
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
    coded = None if verdict == "unclear" else _coded(both, lying, exact, evidence)
    if coded:
        evidence["coded"] = coded
        verdict = concluded(verdict, coded, min(max(one.fine.shape) for one in both))
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
    seen, straightened = _closely(lying, laid, exact, drawing=drawing, places=places)
    bend, contained = None, tiles.contained
    if straightened:
        evidence["bent"] = True
        bend, contained = straightened.bend, max(contained, straightened.contained)
    if coded and coded["explained"]:
        seen["moved"] = 0  # block by block, all of it is the encoder's
    seen["moved"] += _strays(lying, exact, bend)
    evidence["fine"] = seen
    nearly = contained >= COPY_CONTAINED and tiles.ncc >= _NEARLY and not drawing and places
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
    lying: Lying, laid: Laid, onto_outer: Array, *, drawing: bool, places: bool
) -> tuple[dict[str, Any], Laid | None]:
    """What both show as finely as they allow, and how they lie if they were straightened for that. `laid`: at a glance."""
    close = Close(
        lying.fine, lying.glance, lying.colours, onto_outer, _off_palette(lying, onto_outer), places, lying.corners
    )
    if drawing:
        return close.drawing(), None
    if laid.bend and (straightened := close.straight(laid.bend)):
        return straightened
    seen, drift = close.photograph()
    if places and not laid.bend and drift > _MOVED:
        inner, outer = lying.glance
        found = straight(laid, outer, inner.shape)
        if found and found.bend and (straightened := close.straight(found.bend)):
            return straightened
    return seen, None


def _coded(
    both: tuple[Features, Features], lying: Lying, onto_outer: Array, evidence: Mapping[str, Any]
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


def _explained(laid: Laid, lying: Lying, *, places: bool, worth: bool) -> tuple[Laid, Tiles, str]:
    """Two pictures at a glance, by what shows best that one is an edit of the other: as they are, developed, or straightened.

    `worth`: whether so many features match that this is worth trying.
    """
    inner, outer = lying.glance

    def otherwise() -> Laid | None:
        contained = best[1].contained
        if not places or contained < LEAST_CONTAINED:
            return None
        drift = laid.drift().usual
        if drift > _STILL and (as_it_was := straight(laid, outer, inner.shape)):
            return as_it_was
        if contained < COPY_CONTAINED:
            return None
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


def _at_a_glance(lying: Lying, rounds: int = _ROUNDS) -> tuple[Laid, Array]:
    """One laid over the other at `COARSE`, and how they lie on each other exactly.

    What a screen shows small has too few pixels in the outer picture at its coarse size, and would be blurred by enlarging.
    """
    import numpy as np  # noqa: PLC0415

    (inner, outer), fine_outer, onto_outer = lying.glance, lying.fine[1], lying.onto_outer
    step = float(np.hypot(onto_outer[0, 0], onto_outer[1, 0])) * max(inner.shape) / COARSE
    if step >= 1 or max(fine_outer.shape) <= max(outer.shape):
        laid = overlay(inner, outer, onto_outer, COARSE, rounds, lying.corners)
        return replace(laid, filled=lying.filled), laid.onto_outer
    onto = rescaled(onto_outer, (inner.shape, inner.shape), (fine_outer.shape, outer.shape))
    laid = overlay(inner, fine_outer, onto, COARSE, rounds, lying.corners)
    laid = replace(laid, filled=lying.filled)
    return laid, rescaled(laid.onto_outer, (inner.shape, inner.shape), (outer.shape, fine_outer.shape))


def _strays(lying: Lying, onto_outer: Array, bend: Bend | None) -> int:
    """`tones.strays`. What only the palette of one has no colour for is none."""
    found = strays(*lying.colours, onto_outer, bend, lying.corners)
    if found and any(lying.palettes):
        inner, outer = (
            through(picture, palette) if palette else picture
            for picture, palette in zip(lying.colours, reversed(lying.palettes), strict=True)
        )
        found = min(found, strays(inner, outer, onto_outer, bend, lying.corners))
    return found


def _off_palette(lying: Lying, onto_outer: Array) -> Array | None:
    """By how much the palette of one lets each place of the inner picture differ; None where neither has one."""
    inner, outer = lying.palettes
    if inner:
        return off(under(*lying.colours, onto_outer)[0], inner)
    return off(lying.colours[0], outer) if outer else None
