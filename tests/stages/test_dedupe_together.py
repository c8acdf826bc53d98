"""Grouping where many files of one photograph stand together: each finds its photograph, whatever else is there."""

from __future__ import annotations

import pytest
from folding import EXIF, folded, groups, photo, proof


def test_a_copy_goes_to_what_it_can_have_been_made_of_not_to_a_smaller_frame_of_the_same_still_scene() -> None:
    """Compared at the smaller one's size, whatever differs is averaged away."""
    entries = [photo("1", 1600, 1200, **EXIF), photo("2", 640, 480, at="2024-05-01T10:00:10", model="D90")]
    entries.append(photo("3", 1280, 960))
    result = folded(entries, {"13": proof(ncc=0.999), "23": proof(ncc=0.9999)})
    assert groups(result) == ["13", "2"]


def test_what_the_camera_tells_apart_is_never_one_photograph_whatever_came_between() -> None:
    """A published copy of a still scene, then the two frames that it may have been made of."""
    entries = [photo("1", **EXIF), photo("2", at="2024-05-01T10:00:10", model="D90"), photo("3", 800, 600)]
    result = folded(entries, {"13": proof(), "23": proof(ncc=0.985)}, standing={"3": "p-published"})
    assert groups(result) == ["13", "2"]


def test_a_framed_copy_has_the_pixels_of_what_is_in_the_frame() -> None:
    """It is larger than its photograph, which is no reason to give it to a larger frame of the same still scene."""
    entries = [photo("1", 1536, 1024, **EXIF), photo("2", 2400, 1600, at="2024-05-01T10:00:10", model="D90")]
    entries.append(photo("3", 1640, 1128))
    inside = {"contains": "right", "share": 0.85, "seam": 0.7}
    result = folded(entries, {"13": proof(ncc=0.9999) | inside, "23": proof(ncc=0.999) | inside})
    assert groups(result) == ["13", "2"]


def test_of_a_photograph_and_its_mirror_image_the_one_is_shown_that_most_others_are_not_mirrored_beside() -> None:
    """Both as large, and none has a camera's facts; the mirrored one has more bytes."""
    entries = [photo("1", bytes=1000), photo("2", bytes=9000), photo("3", 1600, 1067), photo("4", 800, 533)]
    fine = {"edge": 1024, "worst": 0.95, "p1": 0.96, "p5": 0.97, "rest": 1.5, "grain": 0.5, "moved": 0}
    proofs = {pair: proof() | {"fine": fine, "mirror": "2" in pair} for pair in ("12", "13", "14", "23", "24")}
    [group] = folded(entries, proofs).groups
    assert (group.master, group.evidence["master"]) == ("1", "upright")


@pytest.mark.parametrize(
    ("seam", "copies_of", "shown"),
    [(0.44, "1", "1"), (0.44, "2", "2"), (0.44, "", "2"), (0.7, "1", "2")],
    ids=["more of the outer", "more of the inner", "nothing else", "it ends all around"],
)
def test_where_an_outline_is_in_doubt_what_more_copies_show_is_the_photograph(
    seam: float, copies_of: str, shown: str
) -> None:
    """A crop along trunks and a story look alike; of a photograph there are more copies than of either."""
    entries = [photo("1"), photo("2", 1800, 1200), *(photo(name, 1000, 667) for name in "345" if copies_of)]
    proofs = {"12": proof(contains="left", share=0.72) | {"seam": seam}}
    for name in "345" if copies_of else "":
        proofs |= {f"1{name}": proof(), f"2{name}": proof(contains="right" if copies_of == "1" else "both", share=0.72)}
        proofs[f"1{name}"] |= {"contains": "both" if copies_of == "1" else "left"}
    [group] = folded(entries, proofs).groups
    assert group.master == shown


@pytest.mark.parametrize(("rest", "grain", "together"), [(1.2, 0.4, True), (12.5, 0.4, False), (1.2, 0.1, False)])
def test_two_exports_of_one_photograph_are_both_its_copies_but_not_what_only_resembles_the_other(
    rest: float,
    grain: float,
    together: bool,  # noqa: FBT001 - what is expected
) -> None:
    """In one size, by one program: in colours and without, or one of them of the next frame, in which nothing moved, it may be."""
    alike = {"edge": 1024, "worst": 0.93, "p1": 0.95, "p5": 0.97, "rest": 1.5, "grain": 0.4, "moved": 0}
    entries = [photo("1"), photo("2", 1600, 1067, tables="t"), photo("3", 1600, 1067, tables="t")]
    proofs = {pair: proof() | {"fine": alike} for pair in ("12", "13")}
    proofs["23"] = proof() | {"fine": alike | {"rest": rest, "grain": grain}}
    assert groups(folded(entries, proofs)) == (["123"] if together else ["12", "3"])


@pytest.mark.parametrize("reason", ["fewer pixels", "no colours"])
def test_an_edit_that_waits_for_a_person_is_not_in_the_way_of_copies_that_cannot_be_made_of_it(reason: str) -> None:
    """A black-and-white version, or a small one with a mark, that resembles every copy as much as the original does."""
    fine = {"edge": 1024, "worst": 0.95, "p1": 0.96, "p5": 0.97, "rest": 1.5, "grain": 0.3, "moved": 0}
    small = reason == "fewer pixels"
    entries = [photo("1"), photo("2", *((1200, 800) if small else (3000, 2000))), photo("3", 1600, 1067)]
    proofs = {"12": proof("variant") | {"fine": fine}, "13": proof() | {"fine": fine}}
    proofs["23"] = proof(ncc=0.995) | {"fine": fine} | ({} if small else {"grey": "left"})
    assert groups(folded(entries, proofs)) == ["13", "2"]
    able = [*entries[:1], photo("2", 3000, 2000), *entries[2:]]
    assert sorted(groups(folded(able, proofs | {"23": proof() | {"fine": fine}}))) == ["1", "2", "3"]
