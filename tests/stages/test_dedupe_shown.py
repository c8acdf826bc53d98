"""Which file of a group is shown: the camera's, the whole, the larger; what a person chose; what is shown already."""

from __future__ import annotations

from folding import EXIF, folded, groups, photo, proof, said

from mediaarchive.stages.dedupe.grouping import fold
from mediaarchive.stages.dedupe.originals import Entry

FINE = {"edge": 1024, "worst": 0.979, "p1": 0.986, "p5": 0.989, "rest": 1.1, "grain": 0.03, "moved": 0}


def shown_after(before: Entry, after: Entry) -> str:
    """Which is shown when the second comes a day after the first was published."""
    result = fold(
        [before, after],
        {("a", "b"): proof() | {"fine": FINE}},
        (),
        {before.sha256: "p-1"},
        shown=frozenset({before.sha256}),
    )
    assert groups(result) in (["ab"], ["ba"])
    return result.groups[0].master


def test_a_human_chooses_what_is_shown() -> None:
    pair = [photo("a", **EXIF), photo("b", 1600, 1067)]
    assert groups(folded(pair, {"ab": proof()}, said("master", "p-1", master="b"))) == ["ba"]
    both = (said("master", "p-1", master="b"), said("master", "p-1", master="a"))
    assert groups(folded(pair, {"ab": proof()}, *both)) == ["ab"]


def test_what_a_program_made_larger_or_sharper_is_not_shown_before_the_camera_s_file() -> None:
    taken, made = photo("b", **EXIF), {**EXIF, "notes": ("derived",)}
    for worse in (photo("a", 12000, 8000, **made), photo("a", sharp=300.0, **made), photo("a", 12000, 8000)):
        for order in ([taken, worse], [worse, taken]):
            assert groups(folded(order, {"ab": proof() | {"fine": FINE}})) == ["ba"]
        assert (shown_after(taken, worse), shown_after(worse, taken)) == ("b", "b"), "whichever comes first"
    assert groups(folded([taken, photo("a", 12000, 8000, **EXIF)], {"ab": proof()})) == ["ab"], "a larger original"


def test_what_visitors_would_see_no_difference_in_does_not_take_a_published_one_s_place() -> None:
    shown, again = photo("b", pixels="p", bytes=1000), photo("a", pixels="p", bytes=1400, **EXIF)
    assert shown_after(shown, again) == "b", "the same pixels with EXIF: what it tells is merged"
    assert shown_after(photo("b", bytes=1000), photo("a", 6050, 4010, bytes=1400, sharp=130.0)) == "b"
    assert shown_after(photo("b", bytes=1000), photo("a", bytes=2400)) == "a", "the same size, compressed half as hard"
    assert shown_after(photo("b", 3000, 2000), photo("a")) == "a"
    choice = fold([shown, again], {}, (said("master", "p-1", master="a"),), {"b": "p-1"}, shown=frozenset({"b"}))
    assert choice.groups[0].master == "a", "a person's choice counts"


def test_the_whole_picture_is_shown_before_its_crop() -> None:
    pair = [photo("a", 5000, 3000, **EXIF), photo("b", 6000, 4000)]
    result = folded(pair, {"ab": proof(contains="right", share=0.625)})
    assert groups(result) == ["ba"]
    assert result.groups[0].evidence["master"] == "whole"


def test_a_screenshot_shows_more_but_is_not_shown_first() -> None:
    screen = photo("b", 1080, 2200, signature={"inside": 0.33})
    assert groups(folded([photo("a", 900, 600), screen], {"ab": proof(contains="right", share=0.33)})) == ["ab"]
    small = photo("b", 1000, 1000)
    assert groups(folded([photo("a", 5000, 3000), small], {"ab": proof(contains="right", share=0.6)})) == ["ab"]


def test_who_is_shown_follows_one_order() -> None:
    for better, worse in [
        (photo("b", **EXIF), photo("a", 3000, 2000)),
        (photo("b"), photo("a", 3000, 2000)),
        (photo("b", mime="image/heic", bytes=9), photo("a", pixels="b")),
        (photo("b", sharp=200.0), photo("a", pixels="b")),
        (photo("b", bytes=9), photo("a", pixels="b", bytes=8)),
        (
            photo("b", bytes=9_000),
            photo("a", pixels="b", sharp=300.0, bytes=4_000),
        ),  # a messenger's copy, sharpened on the way
        (photo("a"), photo("b", pixels="a")),
    ]:
        assert folded([worse, better], {"ab": proof()}).groups[0].master == better.sha256
