"""Two aligned pictures once more, as finely as both allow: what moved by a hair, one odd place, one exposure's noise.

Each is first taken as it is, then developed as the other one is, in grey and, if that leaves something, in colour: the closest
of these tells. What was bent besides, by a corrected perspective or lens, is straightened, and has more to show then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.coding import SMALL
from mediaarchive.stages.dedupe.doubting import (
    ALL_GRAIN,
    nothing_moved,
    of_one_exposure,
    other_detail,
    to_the_last_detail,
)
from mediaarchive.stages.dedupe.laying import rescaled
from mediaarchive.stages.dedupe.oddities import PLACE
from mediaarchive.stages.dedupe.rounding import SHARP
from mediaarchive.stages.dedupe.tiles import Laid, Tiles, altered, overlay, straight

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.drifting import Bend
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

    `onto_outer`: (2, 3), takes pixels of the inner one at a glance to pixels of the outer one; `excused`: as
    `oddities.oddest` takes it; `one_moment`: whether both are, and not what a film shows about then; `corners`: how round they are.

    What they show: `{"edge": px, "worst", "p1", "p5", "mean": of the tiles, "rest": grey levels that stay unexplained in all
    tiles but one of a hundred, "grain": correlation of the noise, "moved": tiles that show something else, "odd", "strange":
    times as much as usual (`oddities`)}`, and, where that leaves something to explain, "drift": `{"places", "usual", "most": px}`.
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
        return {**seen, "moved": seen["moved"] + altered(tiles), **self._times(laid)}

    def photograph(self) -> tuple[dict[str, Any], float]:
        """What a photograph shows, and by how many px half of its places are off; 0 where all is settled without that."""
        laid, edge = self.laid()
        seen, made = self._closest([lambda: laid, laid.developed], edge)
        if _settled(seen):
            return seen, 0.0
        found = made.drift()
        still = edge >= IN_COLOUR and found.usual <= _STILL and seen["odd"] <= _HOPELESS
        if self.one_moment and still:
            coloured, made = self._closest([lambda: laid.in_colour(self.colours, self.fine[0].shape)], edge)
            if by_colours(coloured):
                seen, found = _closer(seen, coloured), made.drift()
        seen["drift"] = {"places": len(found), "usual": round(found.usual, 2), "most": round(found.most, 2)}
        return seen, found.usual

    def straight(self, bend: Bend) -> tuple[dict[str, Any], Laid] | None:
        """What it shows once it is straightened; None where that isn't all of it, or it may be the same thing taken twice."""
        laid, edge = self.laid(rounds=0)
        found = straight(laid, self.fine[1], self.fine[0].shape, bend)
        if found is None:
            return None
        seen, _ = self._closest([lambda: found, found.developed], edge)
        return (seen, found) if _taken_once(seen) else None

    def oddities(self) -> list[tuple[float, float, float, float]]:
        """The places that differ more than a copy's would: boxes (left, top, width, height) as shares of the inner picture."""
        laid, edge = self.laid()
        ways = laid, laid.developed()
        measured = [(min(way.oddest() for way in ways), ODD), (min(way.strangest() for way in ways), STRANGE)]
        wide, tall = (3 * PLACE / side for side in laid.inner.shape[::-1])
        odd_ones = [place for place, most in measured if place.times > bound(most, edge)]
        return [(place.x - wide / 2, place.y - tall / 2, wide, tall) for place in odd_ones]

    def _closest(self, ways: Sequence[Callable[[], Laid]], edge: int) -> tuple[dict[str, Any], Laid]:
        """What the closest way shows, and the last one that was tried: no more than are needed."""
        seen: dict[str, Any] = {}
        for way in ways:
            made = way()
            seen = _closer(seen, {**_told(made.tiles(), edge, _MOVED), **self._times(made)})
            if _settled(seen):
                break
        return seen, made

    def _times(self, laid: Laid) -> dict[str, float]:
        """How many times as much as usual the place differs that differs most, and the same of detail alone."""
        measured = {"odd": laid.oddest(self.excused), "strange": laid.strangest(self.excused)}
        return {name: round(place.times, 1) for name, place in measured.items()}


def _settled(seen: Mapping[str, Any]) -> bool:
    """Whether nothing is left that another way might explain."""
    return to_the_last_detail(seen) and not odd(seen) and not other_detail(seen)


def _closer(seen: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The closer of two ways. Fitted to all of the picture, a developer's numbers may miss a place that was right before."""
    least = {name: min(found[name], seen.get(name, found[name])) for name in ("odd", "strange")}
    return max(seen or found, found, key=lambda one: one["mean"]) | least


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
