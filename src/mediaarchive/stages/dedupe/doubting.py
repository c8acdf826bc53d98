"""Why proof alone may not be enough: two files may be frames of one scene, and look like copies of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.resaving import saved_again

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mediaarchive.model import Facts

# Set on half of the benchmark's photographs. Copies of one size compressed hard leave up to 4.0 grey levels unexplained, evenly;
# sharpened and toned ones more, but they keep the noise. Frames of films in which hardly anything moves: 3.3 to 9.0, and 0.04 to
# 0.16 of the noise.
_DETAIL_WORST, _DETAIL_P1, _DETAIL_REST = 0.80, 0.88, 4.0
_SAME_GRAIN, _TONED_REST = 0.35, 11.0
# Copies, developed alike, leave up to 5 grey levels, or more of the same shapes, or keep nearly all the noise. Groups taken again
# leave 7 to 20, in a tile of a hundred another shape, and keep 0.46 of the noise at most: what didn't move shares its finest
# detail. A chart before two cameras leaves 31.
_STRANGE_REST, _OTHER_REST, _SAME_SHAPES, _LOOSE_REST, _LOOSE_P5 = 10.0, 14.0, 0.93, 5.0, 0.90
_LOOSE_P1, _LOOSE_WORST, _NO_GRAIN = 0.90, 0.75, 0.03
ALL_GRAIN: Final = 0.60  # of one exposure
# Times as much as usual that one place differs, where nothing is left of the noise either: a smooth scene, taken again by hand.
_ODD, _HARDLY_GRAIN = 4.2, 0.035
# What is blurred, denoised, grained, clipped or saved at quality 10 measured up to 0.22 and 0.62 px (quality 5: 0.25 and 0.8) and
# mostly 0.15 and more of the noise; charts and people taken again by hand from 0.23 and 0.6 on, mostly 1 and 2, what a tripod saw
# twice hardly anything of either.
_LARGE, _PLACES, _USUAL_DRIFT, _MOST_DRIFT, _SOME_GRAIN = 400, 20, 0.2, 0.6, 0.15
# Of 76 copies that agree evenly, leave more than 2.5 grey levels and keep less than a quarter of the noise, half of the places are
# off by 0.11 px at most; a street by night, from a camera that a finger moved between two exposures, 0.2.
_SURE_REST, _ADRIFT = 2.5, 0.15
_MORE_GRAIN = 0.25  # of two files of one size: frames of films that stand still keep up to 0.16 of what an encoder made

_LOSSLESS = frozenset({"image/png", "image/tiff", "image/bmp"})


def doubt(left: Facts, right: Facts, proof: Mapping[str, Any]) -> str | None:
    """Why proof alone isn't enough: two files of one size or one encoder may be frames of a still scene.

    So may be two photographs of one thing that agree in outline only: too much of the detail is another.
    Size and encoder together are what one camera writes twice, though never with the same noise, mirrored or on its side. Only one
    of them is what a re-encoded copy has too, and that agrees to the last detail, which the next frame doesn't, unless nothing in
    it moved.
    """
    fine = proof.get("fine")
    coded = proof.get("coded", {}).get("explained", False)
    if fine and not coded and other_detail(fine):
        return "other-detail"
    if of_one_program(left, right) and not reoriented(proof):
        return None if saved_again(proof.get("pixels")) else "same-size"
    size, encoder = same_size(left, right), same_encoder(left, right)
    one_moment = fine is not None and nothing_moved(fine) and fine["grain"] >= _MORE_GRAIN
    if (size or encoder) and not (one_moment or to_the_last_detail(fine)):
        return "same-size" if size else "same-encoder"
    return None


def other_detail(fine: Mapping[str, Any]) -> bool:
    """Whether too much of the detail is another for a copy, which is the same or, sharpened, follows the same shapes.

    Where nothing has moved and the noise is one exposure's, what is another is a blur's, noise's or hard compression's; but none of
    these leaves all of the noise, and so much another: seats on a plan that are taken are as sharp as they were.
    """
    if adrift(fine):
        return True
    noisy = fine["grain"] >= ALL_GRAIN
    if fine["grain"] >= _SOME_GRAIN and nothing_moved(fine):
        return bool(noisy and fine["rest"] > _OTHER_REST)
    most = _OTHER_REST if noisy else _STRANGE_REST
    moved = not noisy and fine["p1"] < _LOOSE_P1 and fine["worst"] < _LOOSE_WORST
    unlike = fine["p5"] < _LOOSE_P5 or moved or fine["grain"] < _NO_GRAIN  # the last: of one exposure's noise nothing
    if fine.get("odd", 0.0) > _ODD and fine["grain"] < _HARDLY_GRAIN:
        return True
    return bool((fine["rest"] > _LOOSE_REST and unlike) or (fine["rest"] > most and fine["p1"] < _SAME_SHAPES))


def hardly_sure(fine: Mapping[str, Any]) -> bool:
    """Whether two pictures agree evenly, but share so little of the noise that where their places lie must tell."""
    return bool(_SURE_REST < fine["rest"] <= _DETAIL_REST and fine["grain"] < _MORE_GRAIN)


def adrift(fine: Mapping[str, Any]) -> bool:
    """Whether it is only `hardly_sure`, and places lie elsewhere."""
    drift = fine.get("drift")
    return bool(drift and hardly_sure(fine) and drift["places"] >= _PLACES and drift["usual"] > _ADRIFT)


def nothing_moved(fine: Mapping[str, Any]) -> bool:
    """Whether nothing has moved by more than what a hard compression makes of it."""
    drift = fine.get("drift")
    return bool(
        drift
        and fine["edge"] >= _LARGE
        and drift["places"] >= _PLACES
        and drift["usual"] <= _USUAL_DRIFT
        and drift["most"] <= _MOST_DRIFT
    )


def to_the_last_detail(fine: Mapping[str, Any] | None) -> bool:
    """Whether two pictures agree as closely as one picture encoded twice does, or share the noise of one exposure."""
    if fine is None or fine["moved"]:
        return False
    evenly = fine["worst"] >= _DETAIL_WORST and fine["p1"] >= _DETAIL_P1 and fine["rest"] <= _DETAIL_REST
    return bool(evenly or (fine["grain"] >= _SAME_GRAIN and fine["rest"] <= _TONED_REST))


def of_one_exposure(fine: Mapping[str, Any] | None) -> bool:
    """Whether two pictures agree as closely, and share the noise, which no frame does with the next one, though nothing moved."""
    return to_the_last_detail(fine) and fine is not None and bool(fine["grain"] >= _SAME_GRAIN)


def of_one_program(left: Facts, right: Facts) -> bool:
    """Whether one camera or one program may have written them as two pictures: in one size, with one encoder's tables, or lossless.

    What is saved again without loss has the same pixels; two stills of a film don't.
    """
    lossless = left.mime == right.mime and left.mime in _LOSSLESS
    return same_size(left, right) and (lossless or same_encoder(left, right))


def reoriented(proof: Mapping[str, Any]) -> bool:
    """Whether the one is the other mirrored, or turned by a right angle or two, as no camera does with the next frame."""
    return bool(proof.get("mirror")) or round(proof.get("angle", 0.0) / 90) % 4 != 0


def same_size(left: Facts, right: Facts) -> bool:
    """Whether they are equally large, upright or turned."""
    return sorted((left.width, left.height)) == sorted((right.width, right.height))


def same_encoder(left: Facts, right: Facts) -> bool:
    """Whether their JPEG tables are the same."""
    mine = left.signature.get("tables")
    return bool(mine) and mine == right.signature.get("tables")
