"""Two aligned pictures once more, as finely as both allow: what moved by a hair, one odd place, one exposure's noise.

Each is first taken as it is, then developed as the other one is, in grey and, if that leaves something, in colour: the closest
of these tells. What was bent besides, by a corrected perspective or lens, is straightened, and has more to show then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.coding import SMALL
from mediaarchive.stages.dedupe.doubting import (
    ALL_GRAIN,
    hardly_sure,
    nothing_moved,
    of_one_exposure,
    other_detail,
    to_the_last_detail,
)
from mediaarchive.stages.dedupe.laying import rescaled
from mediaarchive.stages.dedupe.oddities import PLACE, Leftover, Oddity, strictest
from mediaarchive.stages.dedupe.rounding import SHARP
from mediaarchive.stages.dedupe.tiles import Laid, Tiles, altered, overlay, straight

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.drifting import Bend, Drift
    from mediaarchive.stages.dedupe.rounding import Corners

    # OpenCV's own annotations return arrays of any number, so these can't be narrower.
    Array = NDArray[Any]
    Grey = NDArray[Any]

ROUNDS: Final = 10  # of refinement, from how they lie at a glance
# At the finer size sharpening and noise lower every score, but only another content leaves as much unexplained as this.
_MOVED = 0.5, 15.0
_REWRITTEN = 0.75, 3.0  # the same on a drawn page, where another number at its foot is another page
# How many times as much as usual one place of a copy differs, at the most, where they are compared at so many px and more. Of 254
# copies at 500 px and more that were hardest in this, 5 measured more, and of 31 overlays and look-alikes none less than 11; below,
# 4 of 60, and 1 of 76 less. Of 349 others at 500 px and more, as their sort comes, none measured more than 6.0; a small date 6.5.
ODD: Final = (500, 6.3), (SMALL, 4.5), (0, 3.0)
# The same of detail alone. Of 550 copies two measured more, both CMYK files; the others up to 5.1, 4.7 and 2.0. Other words on a
# slide in a room, other heads, hands and posters measured 6.5 to 15 and 5.6 to 12, in thumbnails 1.4 to 4.4. Below 500 px 3 of 207
# copies measured more than 4.0, and a page number of 4 px 4.1.
STRANGE: Final = (500, 5.5), (SMALL, 4.0), (0, 2.2)
# Grey levels that plain places leave, from which on two pictures are in another light: then a place must be odd without it, too.
# Of 174 edits of tones and colours those that link measured 6.0 at the most so, two curves in three before 8.5; page numbers of
# 5 px in a room in another light 8.3 and 8.9.
_TONE = 2.0
_LARGE = 500  # px; of less, one digit is too little to be seen beside what a light leaves
IN_COLOUR: Final = 400  # px from which on a picture is developed in colour: in fewer, its numbers explain another one
_LEAST_GRAIN = 0.1  # copies in CMYK of dark pictures measured 0.125 and more, a group taken again by hand 0.005
_HOPELESS = 30.0  # times as much as usual: no colours explain such a place; of edits in colour the oddest measured 13
_STILL = 0.35  # px that half of the places are off, at the most, where nothing has moved and much was clipped
# What was straightened, (share of the noise, p1, p5, odd): either closely, or with nearly all of one exposure's noise. A poster
# taken twice can be straightened, too. Of 27 edits 21 are within by the first two; 80 copies of a chart taken again measured 0.945,
# 0.977 and 4.7 at the best, with up to 0.5 of the noise (at 512 px 0.68). Of 14 other edits five, with 0.83 to 0.91 of the noise,
# are within by the last.
_TAKEN_ONCE = (0.5, 0.965, 0.98, 4.0), (0.6, 0.9, 0.94, 3.2), (0.8, 0.94, 0.96, 4.5)


@dataclass(frozen=True, slots=True)
class Close:
    """(inner, outer) in grey, finely and at a glance, and in colour; and how they lie on each other.

    `onto_outer`: (2, 3), takes pixels of the inner one at a glance to pixels of the outer one; `excused`: as `oddities.left_over`
    takes it; `one_moment`: whether both are, and not what a film shows about then; `corners`: how round they are.

    What they show: `{"edge": px, "worst", "p1", "p5", "mean": of the tiles, "rest": grey levels that stay unexplained in all
    tiles but one of a hundred, "grain": correlation of the noise, "moved": tiles that show something else, "odd", "strange":
    times as much as usual (`oddities`)}`; "toned": true, if as they are they are in another light; and, where that leaves
    something to explain, "drift": `{"places", "usual", "most": px}`.
    """

    fine: tuple[Grey, Grey]
    glance: tuple[Grey, Grey]
    colours: tuple[Array, Array]
    onto_outer: Array
    excused: Array | None = None
    one_moment: bool = True
    corners: Corners = SHARP

    def laid(self, rounds: int = ROUNDS) -> tuple[Laid, int]:
        """One over the other, and the long edge at which that is."""
        import numpy as np  # noqa: PLC0415

        inner, outer = self.fine
        onto = rescaled(self.onto_outer, (inner.shape, self.glance[0].shape), (outer.shape, self.glance[1].shape))
        step = float(abs(np.linalg.det(onto[:, :2])) ** 0.5)
        edge = round(max(inner.shape) * min(1.0, step))
        return overlay(inner, outer, onto, edge, rounds, self.corners), edge

    def drawing(self) -> dict[str, Any]:
        """What a drawing shows, which is not developed: an edit of it is for a person."""
        laid, edge = self.laid()
        tiles = laid.tiles()
        seen = _told(tiles, edge, _REWRITTEN)
        times = _times(laid.left_over(self.excused).most(), laid.lost_detail(self.excused).most())
        return {**seen, "moved": seen["moved"] + altered(tiles), **times}

    def photograph(self) -> tuple[dict[str, Any], float]:
        """What a photograph shows, and by how many px half of its places are off; 0 where all is settled without that."""
        _, seen, drift = self._seen_as(*self.laid())
        if drift is None:
            return seen, 0.0
        seen["drift"] = {"places": len(drift), "usual": round(drift.usual, 2), "most": round(drift.most, 2)}
        return seen, drift.usual

    def _seen_as(self, laid: Laid, edge: int) -> tuple[list[_Look], dict[str, Any], Drift | None]:
        """All looks that are needed, the last of them in colour, and what they show together.

        And where places lie; None where all is settled without that.
        """
        looks, seen = self._looks([lambda: laid, laid.developed], edge)
        if _settled(seen):
            return looks, seen, looks[-1].laid.drift() if self.one_moment and hardly_sure(seen) else None
        drift = looks[-1].laid.drift()
        still = edge >= IN_COLOUR and drift.usual <= _STILL and seen["odd"] <= _HOPELESS
        if self.one_moment and still:
            coloured = self._look(laid.in_colour(self.colours, self.fine[0].shape), edge)
            if by_colours(coloured.seen):
                looks = [*looks, coloured]
                return looks, _together(looks), coloured.laid.drift()
        return looks, seen, drift

    def straight(self, bend: Bend) -> tuple[dict[str, Any], Laid] | None:
        """What it shows once it is straightened; None where that isn't all of it, or it may be the same thing taken twice."""
        laid, edge = self.laid(rounds=0)
        found = straight(laid, self.fine[1], self.fine[0].shape, bend)
        if found is None:
            return None
        _, seen = self._looks([lambda: found, found.developed], edge)
        return (seen, found) if _taken_once(seen) else None

    def oddities(self) -> list[tuple[float, float, float, float]]:
        """The places that differ more than a copy's would: boxes (left, top, width, height) as shares of the inner picture."""
        laid, edge = self.laid()
        looks, _, _ = self._seen_as(laid, edge)
        wide, tall = (3 * PLACE / side for side in laid.inner.shape[::-1])
        measured = (_oddest(looks), ODD), (_strangest(looks), STRANGE)
        odd_ones = [place for place, most in measured if place.times > bound(most, edge)]
        return [(place.x - wide / 2, place.y - tall / 2, wide, tall) for place in odd_ones]

    def _looks(self, ways: Sequence[Callable[[], Laid]], edge: int) -> tuple[list[_Look], dict[str, Any]]:
        """One look after the other, no more than are needed, and what they show together.

        In another light, or small, nothing is settled by the first.
        """
        looks: list[_Look] = []
        seen: dict[str, Any] = {}
        for way in ways:
            looks.append(self._look(way(), edge))
            seen = _together(looks)
            plainly = len(looks) > 1 or (edge >= _LARGE and "toned" not in seen)
            if plainly and _settled(seen):
                break
        return looks, seen

    def _look(self, laid: Laid, edge: int) -> _Look:
        told = _told(laid.tiles(), edge, _MOVED)
        return _Look(laid, told, laid.left_over(self.excused), laid.lost_detail(self.excused), self.excused)


@dataclass(frozen=True, eq=False)
class _Look:
    """One way to compare two pictures, what it shows, and what each place leaves."""

    laid: Laid
    seen: dict[str, Any]
    left: Leftover
    detail: Leftover
    excused: Array | None

    @cached_property
    def without_light(self) -> Leftover:
        """`left`, but for by how much all around a place is lighter or darker."""
        return self.laid.left_over(self.excused, light=False)


def _together(looks: Sequence[_Look]) -> dict[str, Any]:
    """What the closest look shows, and how many times as much as usual the place differs that differs most in all of them.

    Fitted to all of the picture, a developer's numbers may miss a place that was right before.
    """
    closest = max((look.seen for look in looks), key=lambda seen: seen["mean"])
    toned = {"toned": True} if _toned(looks[0]) else {}
    return {**closest, **_times(_oddest(looks), _strangest(looks)), **toned}


def _toned(first: _Look) -> bool:
    """Whether two pictures, as they are, are in another light."""
    return first.left.plain > _TONE


def _oddest(looks: Sequence[_Look]) -> Oddity:
    """The place that differs most in the way that explains it best. In another light, and small, in all ways (`strictest`)."""
    if _toned(looks[0]):
        return strictest([look.left for look in looks]).most(strictest([look.without_light for look in looks]))
    if _plainly(looks[0]):
        return strictest([look.left for look in looks]).most()
    return min(look.left.most() for look in looks)


def _plainly(first: _Look) -> bool:
    """Whether two small pictures are one as they are: what developing them leaves besides is no edit's."""
    return first.seen["edge"] < _LARGE and _settled({**first.seen, **_times(first.left.most(), first.detail.most())})


def _strangest(looks: Sequence[_Look]) -> Oddity:
    return min(look.detail.most() for look in looks)


def _times(oddest: Oddity, strangest: Oddity) -> dict[str, float]:
    return {"odd": round(oddest.times, 1), "strange": round(strangest.times, 1)}


def _settled(seen: Mapping[str, Any]) -> bool:
    """Whether nothing is left that another way might explain."""
    return to_the_last_detail(seen) and not odd(seen) and not other_detail(seen)


def _taken_once(seen: Mapping[str, Any]) -> bool:
    """Whether what was straightened is one exposure, and not one thing from two places."""
    return any(
        seen["grain"] >= noise and seen["p1"] >= p1 and seen["p5"] >= p5 and seen["odd"] <= most
        for noise, p1, p5, most in _TAKEN_ONCE
    )


def one_exposure(seen: Mapping[str, Any]) -> bool:
    """Whether it is one exposure closely, though at a glance some tile is another: crushed, clipped, or at a corner's edge."""
    return bool(
        seen["edge"] >= IN_COLOUR
        and _still(seen)
        and not seen["moved"]
        and not odd(seen)
        and seen["grain"] >= ALL_GRAIN
    )


def by_light(seen: Mapping[str, Any]) -> bool:
    """Whether what is seen in another light is one exposure. Of films some frames are lit otherwise than the ones before."""
    return of_one_exposure(seen) and _still(seen)


def _still(seen: Mapping[str, Any]) -> bool:
    """Whether all is explained, or at least nothing has moved."""
    return "drift" not in seen or nothing_moved(seen)


def by_colours(seen: Mapping[str, Any]) -> bool:
    """Whether what is seen in other colours is one exposure. So many numbers make one chart of two, but not one noise."""
    return to_the_last_detail(seen) and bool(seen["grain"] >= _LEAST_GRAIN)


def odd(seen: Mapping[str, Any]) -> bool:
    """Whether one place differs more, or its detail, than a copy's would."""
    return bool(seen["odd"] > bound(ODD, seen["edge"]) or seen["strange"] > bound(STRANGE, seen["edge"]))


def bound(bounds: Sequence[tuple[int, float]], edge: int) -> float:
    """How many times as much as usual a place of a copy differs, at the most, where they are compared at so many px."""
    return next(most for least, most in bounds if edge >= least)


def _told(tiles: Tiles, edge: int, moved: tuple[float, float]) -> dict[str, Any]:
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
