"""Grouping in doubt: what resembles two photographs, or only in outline, waits for a person, who is not asked for every pair."""

from __future__ import annotations

from itertools import combinations

import pytest
from folding import EXIF, folded, groups, photo, proof, proposed, said

from mediaarchive.stages.dedupe.doubting import doubt
from mediaarchive.stages.dedupe.grouping import fold


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


def test_what_has_all_of_the_noise_and_much_else_in_it_is_no_hard_compression() -> None:
    """A plan of a hall: other seats are taken, nothing has moved, and all that is the same is as sharp as it was."""
    drift = {"places": 483, "usual": 0.05, "most": 0.4}
    seats = {"edge": 480, "worst": 0.888, "p1": 0.914, "p5": 0.935, "rest": 23.5, "grain": 0.92, "drift": drift}
    left, right = photo("a").facts, photo("b", 480, 343).facts
    assert doubt(left, right, {**proof(), "fine": seats | {"moved": 0}}) == "other-detail"
    assert doubt(left, right, {**proof(), "fine": seats | {"moved": 0, "grain": 0.2}}) is None, (
        "blurred, or at quality 10"
    )


@pytest.mark.parametrize(("more", "reason"), [({}, "other-detail"), ({"grain": 0.4}, None), ({"rest": 2.0}, None)])
def test_where_little_noise_is_shared_places_must_lie_where_they_lay(
    more: dict[str, float], reason: str | None
) -> None:
    """A street by night, before a camera that a finger moved."""
    drift = {"places": 30, "usual": 0.2, "most": 0.49}
    street = {"edge": 480, "worst": 0.951, "p1": 0.957, "p5": 0.966, "rest": 4.0, "grain": 0.141, "moved": 0}
    left, right = photo("a").facts, photo("b", 480, 312).facts
    assert doubt(left, right, {**proof(), "fine": {**street, **more, "drift": drift}}) == reason
    assert doubt(left, right, {**proof(), "fine": {**street, "drift": drift | {"usual": 0.11}}}) is None, "a copy"


def test_a_copy_joins_its_own_exposure_and_not_one_that_shares_more_noise() -> None:
    """One chart, taken twice: the other exposure's plain patches may resemble the copy's more than its own original's do."""
    chart = [photo("1", 2048, 1536), photo("2", 720, 480)]
    own = {"edge": 1024, "worst": 0.979, "p1": 0.986, "p5": 0.989, "rest": 1.1, "grain": 0.03, "moved": 0}
    other = {"edge": 640, "worst": 0.9, "p1": 0.95, "p5": 0.974, "rest": 9.8, "grain": 0.44, "moved": 0}
    proofs = {"13": proof(ncc=0.9998) | {"fine": own}, "23": proof(ncc=0.9973) | {"fine": other}}
    assert groups(folded([*chart, photo("3", 1024, 768)], proofs)) == ["13", "2"]


def test_matches_of_two_sizes_are_compared_at_a_glance() -> None:
    """A chart from a tripod: a copy with grain agrees less with its own photograph of 1,280 px than with the next one of 640 px."""
    chart = [photo("1", 1280, 960, **EXIF), photo("2", 640, 480, **EXIF | {"at": "2024-05-01T10:00:08"})]
    own = {
        "edge": 1024,
        "worst": 0.71,
        "p1": 0.91,
        "p5": 0.95,
        "mean": 0.98825,
        "rest": 11.1,
        "grain": 0.16,
        "moved": 0,
    }
    other = {
        "edge": 639,
        "worst": 0.90,
        "p1": 0.95,
        "p5": 0.99,
        "mean": 0.99576,
        "rest": 4.0,
        "grain": 0.09,
        "moved": 0,
    }
    proofs = {"13": proof() | {"mean": 0.99945, "fine": own}, "23": proof() | {"mean": 0.99903, "fine": other}}
    copy = photo("3", 1280, 960)
    assert groups(folded([*chart, copy], proofs)) == ["1", "2", "3"]
    nearer = proofs | {"23": proofs["23"] | {"mean": 0.9998}}
    assert groups(folded([*chart, copy], nearer)) == ["1", "23"], "what is nearer at a glance, too, is its own"


def test_what_matches_two_photographs_that_are_not_one_is_for_a_person_to_give_to_either() -> None:
    entries = [photo("1"), photo("2", 5000, 3333), photo("3", 320, 213)]
    own, other = (
        {"edge": 320, "rest": rest, "grain": 0.8, "p5": 0.98, "p1": 0.97, "worst": 0.96} for rest in (2.0, 2.4)
    )
    proofs = {"12": proof("variant"), "13": proof(ncc=0.995) | {"fine": own}, "23": proof(ncc=0.995) | {"fine": other}}
    assert sorted(groups(folded(entries, proofs))) == ["1", "2", "3"]
    assert {pair for pair, _ in proposed(folded(entries, proofs))} >= {"13", "23"}
    assert sorted(groups(folded(entries, {"13": proofs["13"]}))) == ["13", "2"], "it is beside one only"


@pytest.mark.parametrize(
    ("closely", "rest", "expected"),
    [(0.9990, 2.4, ["1", "2", "3"]), (0.9975, 2.4, ["13", "2"]), (0.9990, 6.0, ["13", "2"])],
    ids=["both as like", "the shapes, closely, are less like", "more is left unexplained"],
)
def test_of_two_shots_from_a_tripod_a_copy_goes_to_the_one_that_is_more_like_it_or_to_neither(
    closely: float, rest: float, expected: list[str]
) -> None:
    """The camera's facts tell the shots apart; at a glance both are the same."""
    entries = [photo("1", **EXIF), photo("2", at="2024-05-01T10:00:09", model="D90"), photo("3", 1600, 1067)]
    own = {"edge": 1024, "mean": 0.9991, "rest": 2.2, "grain": 0.3, "p5": 0.98, "p1": 0.97, "worst": 0.96, "moved": 0}
    proofs = {"13": proof() | {"fine": own}, "23": proof() | {"fine": own | {"mean": closely, "rest": rest}}}
    assert groups(folded(entries, proofs)) == expected
    assert {pair for pair, _ in proposed(folded(entries, proofs))} == ({"13", "23"} if "3" in expected else set())


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
