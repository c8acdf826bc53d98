"""Grouping: a photograph keeps its copies, another photograph stays one, and no decision is forgotten."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaarchive.model import Camera, Decision, Facts, Kind, Member, Taken
from mediaarchive.stages.dedupe.doubting import doubt
from mediaarchive.stages.dedupe.grouping import Folded, explain, fold
from mediaarchive.stages.dedupe.originals import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AT = "2024-05-01T12:00:00+02:00"
EXIF = {"at": "2024-05-01T10:00:00", "model": "D90"}


def photo(sha256: str, width: int = 6000, height: int = 4000, **more: Any) -> Entry:  # noqa: ANN401
    at, model = more.pop("at", None), more.pop("model", None)
    signature = {
        "v": 1,
        "pixels": more.pop("pixels", sha256),
        "phash": "0" * 64,
        "texture": 0.8,
        "sharp": more.pop("sharp", 100.0),
    }
    signature |= {"tables": more.pop("tables", sha256)} | more.pop("signature", {})
    size = more.pop("bytes", width * height)
    return Entry(
        sha256=sha256,
        bytes=size,
        facts=Facts(
            kind=more.pop("kind", Kind.PHOTO),
            mime=more.pop("mime", "image/jpeg"),
            width=width,
            height=height,
            taken=Taken(local=at, offset=None, precision="second", basis="exif") if at else None,
            camera=Camera(model=model),
            signature=signature,
            **more,
        ),
    )


def proof(verdict: str = "copy", *, ncc: float = 0.99, contains: str = "both", share: float = 1.0) -> dict[str, Any]:
    return {
        "v": 1, "verdict": verdict, "inliers": 300, "containment": 0.991, "ncc": ncc, "mean": ncc, "worst": 0.93,
        "p5": 0.95, "contains": contains, "share": share, "mirror": False, "angle": 0.0,
    }  # fmt: skip


def said(kind: str, *subjects: str, **params: str) -> Decision:
    return Decision(kind=kind, at=AT, subjects=subjects, params=params)


def folded(
    entries: Sequence[Entry],
    proofs: Mapping[str, Mapping[str, Any]] | None = None,
    *decisions: Decision,
    standing: Mapping[str, str] | None = None,
) -> Folded:
    """Fold with proofs by two letters: `{"ab": proof()}`."""
    by_pair = {(pair[0], pair[1]): evidence for pair, evidence in (proofs or {}).items()}
    return fold(entries, by_pair, decisions, standing or {})


def groups(result: Folded) -> list[str]:
    """Members' sha256s, masters first: `["ab", "c"]`."""
    return ["".join(member.sha256 for member in group.members) for group in result.groups]


def proposed(result: Folded) -> list[tuple[str, str]]:
    return [(proposal.left + proposal.right, proposal.relation) for proposal in result.proposals]


def test_one_thing_before_two_cameras_is_two_photographs() -> None:
    """A test chart: alike in outline, another in detail, and not one exposure's noise."""
    outline = {"edge": 640, "worst": -0.66, "p1": 0.785, "p5": 0.873, "rest": 31.3, "grain": 0.001, "moved": 0}
    entries = [photo("a", model="SLT-A57"), photo("b", 640, 480)]
    result = folded(entries, {"ab": proof() | {"fine": outline}})
    assert groups(result) == ["a", "b"]
    assert proposed(result) == [("ab", "copy")]
    assert result.proposals[0].evidence["held"] == "other-detail"
    toned = folded(entries, {"ab": proof() | {"fine": outline | {"p5": 0.97, "rest": 10.0, "grain": 0.6}}})
    assert groups(toned) == ["ab"], "a copy in other tones keeps the noise of its exposure"


def test_frames_in_which_something_moved_are_for_a_person_though_they_share_what_did_not_move() -> None:
    """A group taken again from a tripod: most tiles agree, and of the moved ones too much stays unexplained for a copy."""
    again = {"edge": 800, "worst": 0.68, "p1": 0.798, "p5": 0.93, "rest": 19.6, "grain": 0.48, "moved": 0}
    result = folded([photo("a"), photo("b", 800, 533)], {"ab": proof(ncc=0.995) | {"fine": again}})
    assert groups(result) == ["a", "b"]
    assert result.proposals[0].evidence["held"] == "other-detail"


@pytest.mark.parametrize(("grain", "reason"), [(0.46, "other-detail"), (0.92, None)])
def test_a_group_taken_again_keeps_less_of_the_noise_than_an_edit_that_clips(grain: float, reason: str | None) -> None:
    fine = {"edge": 1024, "worst": 0.51, "p1": 0.79, "p5": 0.95, "rest": 7.3, "grain": grain, "moved": 0}
    left, right = photo("a").facts, photo("b", 3000, 2000).facts
    assert doubt(left, right, {**proof(), "fine": fine}) == reason


def test_a_copy_joins_its_own_exposure_and_not_one_that_shares_more_noise() -> None:
    """One chart, taken twice: the other exposure's plain patches may resemble the copy's more than its own original's do."""
    chart = [photo("1", 2048, 1536), photo("2", 720, 480)]
    own = {"edge": 1024, "worst": 0.979, "p1": 0.986, "p5": 0.989, "rest": 1.1, "grain": 0.03, "moved": 0}
    other = {"edge": 640, "worst": 0.9, "p1": 0.95, "p5": 0.974, "rest": 9.8, "grain": 0.44, "moved": 0}
    proofs = {"13": proof(ncc=0.9998) | {"fine": own}, "23": proof(ncc=0.9973) | {"fine": other}}
    assert groups(folded([*chart, photo("3", 1024, 768)], proofs)) == ["13", "2"]


def test_what_matches_two_photographs_that_are_not_one_is_for_a_person_to_give_to_either() -> None:
    entries = [photo("1"), photo("2", 5000, 3333), photo("3", 320, 213)]
    own, other = (
        {"edge": 320, "rest": rest, "grain": 0.8, "p5": 0.98, "p1": 0.97, "worst": 0.96} for rest in (2.0, 2.4)
    )
    proofs = {"12": proof("variant"), "13": proof(ncc=0.995) | {"fine": own}, "23": proof(ncc=0.995) | {"fine": other}}
    assert sorted(groups(folded(entries, proofs))) == ["1", "2", "3"]
    assert {pair for pair, _ in proposed(folded(entries, proofs))} >= {"13", "23"}
    assert sorted(groups(folded(entries, {"13": proofs["13"]}))) == ["13", "2"], "it is beside one only"


def test_a_thumbnail_beside_a_look_alike_is_for_a_person_and_alone_a_copy() -> None:
    entries = [photo("1"), photo("2", 5000, 3333), photo("3", 160, 107)]
    own, other = (
        {"edge": 160, "rest": rest, "grain": 0.8, "p5": 0.98, "p1": 0.97, "worst": 0.96} for rest in (2.0, 6.0)
    )
    proofs = {"13": proof(ncc=0.995) | {"fine": own}, "23": proof("variant", ncc=0.995) | {"fine": other}}
    assert sorted(groups(folded(entries, proofs))) == ["1", "2", "3"]
    assert sorted(groups(folded(entries, {"13": proofs["13"]}))) == ["13", "2"]
    large = [entries[0], entries[1], photo("3", 1600, 1067)]
    wide = {pair: evidence | {"fine": {**evidence["fine"], "edge": 1024}} for pair, evidence in proofs.items()}
    assert sorted(groups(folded(large, wide))) == ["13", "2"], "with enough pixels the better match is the right one"


def test_a_turned_and_a_mirrored_copy_of_one_size_from_one_app_are_both_copies() -> None:
    entries = [photo("1"), photo("2", 1600, 1067, tables="app"), photo("3", 1067, 1600, tables="app")]
    turned, mirrored = proof() | {"angle": 90.0}, proof() | {"mirror": True}
    for apart in (turned | {"angle": -91.2}, turned | mirrored, mirrored):
        assert groups(folded(entries, {"12": mirrored, "13": turned, "23": apart})) == ["123"]
    upright = {"12": proof(), "13": proof(), "23": proof() | {"angle": 0.4}}
    assert sorted(groups(folded(entries, upright))) != ["123"], "two frames of one app's burst are two photographs"


def test_an_edit_that_waits_for_a_person_is_given_to_no_worse_match_meanwhile() -> None:
    frames = [photo("1", 2048, 1536), photo("2", 640, 480)]
    proofs = {"13": proof("variant", ncc=0.9999), "23": proof(ncc=0.9985)}
    result = folded([*frames, photo("3", 1600, 1200)], proofs)
    assert groups(result) == ["1", "2", "3"]
    assert proposed(result)[0] == ("13", "variant")


def test_a_copy_of_too_plain_a_picture_joins_no_other_that_resembles_it_less() -> None:
    """A film that fades to grey: of the dark frame too little is seen for a proof, and its copy isn't the bright one's."""
    frames = [photo("1", 2048, 1536), photo("2", 1920, 1440)]
    looked = {"edge": 320, "worst": 0.93, "p1": 0.935, "p5": 0.975, "rest": 3.6, "grain": 0.03, "moved": 0}
    proofs = {"13": proof("unclear", ncc=0.9955), "23": proof(ncc=0.987) | {"fine": looked}}
    result = folded([*frames, photo("3", 640, 480)], proofs)
    assert groups(result) == ["1", "2", "3"]
    assert ("13", "unclear") not in proposed(result)


def test_nobody_is_asked_for_every_pair_of_many_look_alikes() -> None:
    """Slides in one room: each is proposed with its nearest, the others follow when a person has answered for these."""
    names = "abcdefghijkl"
    entries = [photo(name, 1000 + place, 800) for place, name in enumerate(names)]
    near = {"".join(pair): 0.90 - 0.001 * place for place, pair in enumerate(combinations(names, 2))} | {"kl": 0.95}
    proofs = {pair: proof("variant", ncc=ncc) for pair, ncc in near.items()}
    asked = {pair for pair, _ in proposed(folded(entries, proofs))}
    assert len(asked) <= 2 * len(names)
    assert "kl" in asked
    assert {name for pair in asked for name in pair} == set(names)
    answered = folded(entries, proofs, *(said("never", *pair) for pair in asked))
    assert {pair for pair, _ in proposed(answered)}.isdisjoint(asked)
    assert len(answered.proposals) > 0
    every = fold(entries, {(pair[0], pair[1]): evidence for pair, evidence in proofs.items()}, (), {}, frozenset("c"))
    assert sum("c" in {one.left, one.right} for one in every.proposals) == len(names) - 1, (
        "withdrawn: none is passed over"
    )


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
    ("edge", "rest", "grain", "expected"),
    [(600, 0.3, 1.0, ["ab"]), (600, 0.9, 0.96, ["a", "b"]), (512, 0.3, 1.0, ["a", "b"])],
    ids=["the noise, too, is the same", "a bracket", "nobody compared pixel for pixel"],
)
def test_a_file_that_one_program_saved_again_joins_and_the_camera_s_next_frame_does_not(
    edge: int, rest: float, grain: float, expected: list[str]
) -> None:
    fine = {"edge": edge, "worst": 0.999, "p1": 1.0, "p5": 1.0, "rest": rest, "grain": grain, "moved": 0}
    files = [photo(name, 600, 400, tables="t", bytes=size) for name, size in (("a", 2), ("b", 1))]
    assert groups(folded(files, {"ab": {**proof(), "fine": fine}})) == expected


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


def test_a_human_chooses_what_is_shown() -> None:
    pair = [photo("a", **EXIF), photo("b", 1600, 1067)]
    assert groups(folded(pair, {"ab": proof()}, said("master", "p-1", master="b"))) == ["ba"]
    both = (said("master", "p-1", master="b"), said("master", "p-1", master="a"))
    assert groups(folded(pair, {"ab": proof()}, *both)) == ["ab"]


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
        (photo("a"), photo("b", pixels="a")),
    ]:
        assert folded([worse, better], {"ab": proof()}).groups[0].master == better.sha256


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


NAMES = "abcdefgh"
PAIRS = list(combinations(NAMES, 2))


@st.composite
def evenings(draw: st.DrawFn) -> tuple[list[Entry], dict[str, Any], list[Decision], dict[str, str]]:
    """Some photographs with any proofs, decisions and published items between them."""
    entries = [
        photo(
            name,
            *draw(st.sampled_from([(6000, 4000), (1600, 1067), (800, 533)])),
            pixels=draw(st.sampled_from([name, "p", "q"])),
            tables=draw(st.sampled_from([name, "t"])),
            **draw(
                st.sampled_from([{}, EXIF, EXIF | {"shot": {"subsec": "37"}}, EXIF | {"at": "2024-05-01T11:00:00"}])
            ),
        )
        for name in NAMES
    ]
    verdicts = st.sampled_from(["copy", "copy", "variant", "different", "unclear"])
    made = st.builds(
        proof, verdicts, ncc=st.sampled_from([0.92, 0.97, 0.99]), contains=st.sampled_from(["both", "left", "right"])
    )
    proofs = draw(st.dictionaries(st.sampled_from(["".join(pair) for pair in PAIRS]), made))
    kinds = st.sampled_from(["same", "never"])
    decisions = draw(
        st.lists(st.builds(lambda kind, pair: said(kind, *pair), kinds, st.sampled_from(PAIRS)), max_size=4)
    )
    standing = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["p-1", "p-2", "p-3"])))
    return entries, proofs, decisions, standing


@settings(deadline=None, max_examples=150)
@given(evenings(), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_groups_and_nothing_is_lost(evening: Any, rng: Any) -> None:  # noqa: ANN401
    entries, proofs, decisions, standing = evening
    result = folded(entries, proofs, *decisions, standing=standing)
    shuffled, items = list(entries), list(proofs.items())
    rng.shuffle(shuffled)
    rng.shuffle(items)
    assert folded(shuffled, dict(items), *decisions, standing=standing) == result
    assert sorted("".join(groups(result))) == sorted(NAMES)
    assert all(proposal.left < proposal.right for proposal in result.proposals)


@settings(deadline=None, max_examples=150)
@given(evenings())
def test_decisions_and_published_items_always_hold(evening: Any) -> None:  # noqa: ANN401
    entries, proofs, decisions, standing = evening
    result = folded(entries, proofs, *decisions, standing=standing)
    home = {sha: place for place, shas in enumerate(groups(result)) for sha in shas}
    last = {decision.subjects: decision.kind for decision in decisions}
    never = [pair for pair, kind in last.items() if kind == "never"]
    assert all(home[left] != home[right] for left, right in never)
    if not decisions:
        for left, right in PAIRS:
            if left in standing and right in standing:
                assert (home[left] == home[right]) == (standing[left] == standing[right])
    keys = [key for group in result.groups for key in ([group.key] if group.key else []) + list(group.aliases)]
    assert sorted(keys) == sorted(set(standing.values()))


@settings(deadline=None, max_examples=150)
@given(evenings())
def test_folding_again_after_publication_changes_no_group(evening: Any) -> None:  # noqa: ANN401
    entries, proofs, decisions, standing = evening
    first = folded(entries, proofs, *decisions, standing=standing)
    published = {member.sha256: group.key or f"p-{group.master}" for group in first.groups for member in group.members}
    again = folded(entries, proofs, *decisions, standing=published)
    assert groups(again) == groups(first)
