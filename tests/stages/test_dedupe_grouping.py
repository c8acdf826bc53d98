"""Grouping: a photograph keeps its copies, another photograph stays one, and no decision is forgotten."""

from __future__ import annotations

import pytest
from folding import EXIF, folded, groups, photo, proof, proposed, said

from mediaarchive.model import Kind, Member
from mediaarchive.stages.dedupe.grouping import explain


def test_a_messengers_copy_joins_its_original() -> None:
    result = folded([photo("a", 1600, 1067), photo("b", **EXIF)], {"ab": proof()})
    assert groups(result) == ["ba"]
    assert result.groups[0].key is None
    assert [member.relation for member in result.groups[0].members] == ["master", "copy"]
    assert result.groups[0].members[1].evidence["ncc"] == 0.99
    assert result.groups[0].evidence["master"] == "camera-facts"


def test_equal_pixels_join_without_proof_and_the_file_with_exif_is_shown() -> None:
    result = folded([photo("a", pixels="p"), photo("b", pixels="p", **EXIF)])
    assert groups(result) == ["ba"]
    assert result.groups[0].members[1].relation == "pixel-identical"


def test_equal_black_frames_of_two_moments_stay_apart() -> None:
    black = {"pixels": "p", "signature": {"texture": 0.0}, "model": "D90"}
    frames = [photo("a", at="2024-05-01T10:00:00", **black), photo("b", at="2024-05-01T10:00:05", **black)]
    assert groups(folded(frames)) == ["a", "b"]


def test_frames_of_a_burst_all_stay_and_are_not_proposed() -> None:
    frames = [photo(name, **EXIF, shot={"subsec": name}) for name in "123"]
    result = folded(frames, {"12": proof(), "13": proof(), "23": proof()})
    assert groups(result) == ["1", "2", "3"]
    assert result.proposals == ()


def test_stripped_frames_of_one_size_are_for_a_human() -> None:
    result = folded([photo("a"), photo("b")], {"ab": proof()})
    assert groups(result) == ["a", "b"]
    assert proposed(result) == [("ab", "copy")]
    assert result.proposals[0].evidence["held"] == "same-size"


def test_two_sizes_from_one_camera_without_facts_are_for_a_human() -> None:
    result = folded([photo("a", tables="t"), photo("b", 1024, 768, tables="t")], {"ab": proof()})
    assert groups(result) == ["a", "b"]
    assert result.proposals[0].evidence["held"] == "same-encoder"


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        ({"mean": 1.1, "whole": 4.7, "shared": 0.99}, ["ab"]),
        ({"mean": 1.4, "whole": 5.4, "shared": 0.7}, ["a", "b"]),
        ({"mean": 11.4, "whole": 11.6, "shared": 0.99}, ["a", "b"]),
        ({"mean": 3.1, "whole": 21.0, "shared": 0.99}, ["a", "b"]),
        (None, ["a", "b"]),
    ],
    ids=["saved again", "another noise", "a bracket", "something moved", "nobody compared pixel for pixel"],
)
def test_a_file_that_one_program_saved_again_joins_and_the_camera_s_next_frame_does_not(
    pixels: dict[str, float] | None, expected: list[str]
) -> None:
    files = [photo(name, 600, 400, tables="t", bytes=size) for name, size in (("a", 2), ("b", 1))]
    assert groups(folded(files, {"ab": {**proof(), "pixels": pixels}})) == expected


def test_an_edit_of_the_same_size_and_exposure_joins() -> None:
    exposure = EXIF | {"shot": {"subsec": "37"}}
    assert groups(folded([photo("a", **exposure), photo("b", **exposure, bytes=1)], {"ab": proof()})) == ["ab"]


def test_a_small_copy_joins_only_the_frame_it_matches_best() -> None:
    frames = [photo(name, **EXIF, shot={"subsec": name}) for name in "12"]
    result = folded([*frames, photo("3", 1600, 1067)], {"13": proof(ncc=0.98), "23": proof(ncc=0.995)})
    assert groups(result) == ["1", "23"]
    assert result.groups[1].members[1].evidence["runner_up"] == "1"
    assert result.groups[1].members[1].evidence["margin"] > 0
    assert result.proposals == ()


def test_a_copy_whose_best_match_is_held_joins_no_other_frame() -> None:
    frames = [photo("1", **EXIF), photo("2", 3000, 2000, model="D90", at="2024-05-01T10:00:09")]
    result = folded([*frames, photo("3")], {"13": proof(ncc=0.999), "23": proof(ncc=0.98)})
    assert groups(result) == ["1", "2", "3"]
    assert proposed(result) == [("13", "copy")]


def test_two_frames_sent_through_one_app_are_not_both_copies_of_one() -> None:
    sent = [photo("b", 1600, 1067, tables="t"), photo("c", 1600, 1067, tables="t")]
    result = folded([photo("a", **EXIF), *sent], {"ab": proof(ncc=0.97), "ac": proof(ncc=0.99), "bc": proof(ncc=0.98)})
    assert groups(result) == ["ac", "b"]


def test_a_chain_is_not_a_group() -> None:
    chain = [photo("a", **EXIF), photo("b", 1600, 1067), photo("c", 800, 533)]
    result = folded(chain, {"ab": proof(), "bc": proof()})
    assert groups(result) == ["ab", "c"]
    assert proposed(result) == [("bc", "copy")]


def test_a_piece_that_two_pictures_share_joins_only_one_of_them() -> None:
    """The time in a corner is another, and a crop from the one of them has lost that corner."""
    frames = [photo("a", 1600, 1067), photo("b", 960, 640), photo("c", 480, 320)]
    beyond = proof(contains="right", share=0.85)
    parted = folded(frames, {"ab": beyond, "ac": beyond, "bc": proof("variant")})
    assert groups(parted) == ["ab", "c"]
    assert proposed(parted) == [("bc", "variant")]
    assert groups(folded(frames, {"ab": beyond, "ac": beyond, "bc": proof()})) == ["abc"]
    assert groups(folded(frames, {"ab": proof(), "ac": proof(), "bc": proof("variant")})) == ["abc"], (
        "a shows all of both"
    )


def test_an_edited_picture_is_proposed_and_stays_visible() -> None:
    result = folded([photo("a"), photo("b", 1600, 1067)], {"ab": proof("variant")})
    assert groups(result) == ["a", "b"]
    assert proposed(result) == [("ab", "variant")]
    assert folded([photo("a"), photo("b", 1600, 1067)], {"ab": proof("different")}).proposals == ()


def test_never_keeps_apart_whatever_is_proved() -> None:
    pair = [photo("a", pixels="p"), photo("b", pixels="p")]
    result = folded(pair, {"ab": proof()}, said("never", "b", "a"))
    assert groups(result) == ["a", "b"]
    assert result.proposals == ()


def test_never_keeps_a_copys_copy_out_too() -> None:
    three = [photo("a", **EXIF), photo("b", 1600, 1067), photo("c", 800, 533)]
    result = folded(three, {"ab": proof(), "ac": proof(ncc=0.98)}, said("never", "b", "c"))
    assert groups(result) == ["ab", "c"]


def test_same_joins_whatever_is_proved_and_the_last_word_counts() -> None:
    pair = [photo("a"), photo("b")]
    assert groups(folded(pair, {}, said("never", "a", "b"), said("same", "a", "b"))) == ["ab"]
    assert groups(folded(pair, {}, said("same", "a", "b"), said("never", "a", "b"))) == ["a", "b"]
    joined = folded(pair, {}, said("same", "a", "b")).groups[0].members[1]
    assert (joined.relation, joined.evidence["by"]) == ("copy", "human")


def test_the_original_that_comes_later_is_shown_under_the_same_address() -> None:
    result = folded([photo("b", 1600, 1067), photo("a", **EXIF)], {"ab": proof()}, standing={"b": "p-1"})
    assert groups(result) == ["ab"]
    assert (result.groups[0].key, result.groups[0].master) == ("p-1", "a")


def test_copies_find_a_late_original_in_the_same_run() -> None:
    three = [photo("a", 1600, 1067), photo("b", **EXIF), photo("c", 800, 533)]
    result = folded(three, {"ab": proof(), "bc": proof()}, standing={"a": "p-1"})
    assert groups(result) == ["bac"]


def test_published_items_are_proposed_and_never_merged_by_proof() -> None:
    pair = [photo("a", pixels="p"), photo("b", pixels="p"), photo("c", 1600, 1067)]
    result = folded(pair, {"ac": proof()}, standing={"a": "p-1", "b": "p-2", "c": "p-3"})
    assert groups(result) == ["a", "b", "c"]
    assert [group.key for group in result.groups] == ["p-1", "p-2", "p-3"]
    assert proposed(result) == [("ab", "pixel-identical"), ("ac", "copy")]


def test_published_members_stay_together_without_any_proof() -> None:
    result = folded([photo("a", **EXIF), photo("b", 1600, 1067)], standing={"a": "p-1", "b": "p-1"})
    assert groups(result) == ["ab"]
    assert result.groups[0].members[1].evidence["by"] == "standing"


def test_only_a_human_merges_or_splits_published_items() -> None:
    pair = [photo("a", **EXIF), photo("b", 1600, 1067)]
    merged = folded(pair, {}, said("same", "a", "b"), standing={"a": "p-2", "b": "p-1"}).groups
    assert [(group.key, group.aliases) for group in merged] == [("p-1", ("p-2",))]
    split = folded(pair, {"ab": proof()}, said("never", "a", "b"), standing={"a": "p-1", "b": "p-1"})
    assert [(group.master, group.key) for group in split.groups] == [("a", "p-1"), ("b", None)]


def test_a_live_photos_film_stays_a_sibling() -> None:
    film = photo("a", 1440, 1080, kind=Kind.VIDEO, mime="video/quicktime", signature={"pixels": None})
    result = folded([film, photo("b", **EXIF)], standing={"a": "p-1", "b": "p-1"})
    assert groups(result) == ["ba"]
    assert result.groups[0].members[1].relation == "sibling"
    assert groups(folded([film, photo("b", **EXIF)])) == ["a", "b"]


def test_decisions_and_proofs_about_absent_originals_are_passed_over() -> None:
    assert groups(folded([photo("a")], {"ab": proof()}, said("same", "a", "z"), said("master", "p-1", master="z"))) == [
        "a"
    ]


def test_every_alternate_is_explained_in_one_sentence() -> None:
    master, copy = photo("a", **EXIF), photo("b", 1600, 1067)
    member = folded([master, copy], {"ab": proof()}).groups[0].members[1]
    assert explain(member, master.facts, copy.facts) == (
        "Same photograph as the one that is shown (6000x4000): 1600x1067 re-encoded copy; aligned, 99.1 % of it lies inside, "
        "worst tile 0.93."
    )
    for relation, evidence in [
        ("master", {}),
        ("sibling", {}),
        ("pixel-identical", {}),
        ("copy", {"by": "human"}),
        ("copy", {}),
    ]:
        sentence = explain(Member(sha256="b", relation=relation, evidence=evidence), master.facts, copy.facts)
        assert sentence.endswith(".")
        assert "\n" not in sentence
