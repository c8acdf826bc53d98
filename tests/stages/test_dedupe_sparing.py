"""Sparing: forty edits of one photograph cost forty proofs, not 780, and nobody can tell the difference."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from folding import groups, photo, proof, said
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaarchive.stages.dedupe.grouping import fold
from mediaarchive.stages.dedupe.sparing import proved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from mediaarchive.model import Decision
    from mediaarchive.stages.dedupe.originals import Entry

    Pair = tuple[str, str]


class Prover:
    """Proves by a table, and remembers what it was asked; pairs that aren't in the table are different."""

    def __init__(self, table: Mapping[Pair, Mapping[str, Any]]) -> None:
        self.table = table
        self.asked: list[Pair] = []

    def __call__(self, wanted: Sequence[Pair]) -> dict[Pair, Mapping[str, Any]]:
        self.asked += wanted
        return {pair: self.table.get(pair, {"v": 1, "verdict": "different", "inliers": 3}) for pair in wanted}


def all_pairs(entries: Sequence[Entry]) -> list[Pair]:
    return list(combinations(sorted(entry.sha256 for entry in entries), 2))


def asked(
    entries: Sequence[Entry],
    table: Mapping[Pair, Mapping[str, Any]],
    *decisions: Decision,
    withdrawn: AbstractSet[str] = frozenset(),
) -> list[Pair]:
    prover = Prover(table)
    proved(entries, all_pairs(entries), decisions, prover, withdrawn)
    return sorted(prover.asked)


def copies(number: int) -> list[Entry]:
    """A photograph `a`, and copies from `b` on, each smaller than the one before."""
    return [photo(chr(ord("a") + place), 6000 - 400 * place, 4000 - 300 * place) for place in range(number + 1)]


def of_one(entries: Sequence[Entry]) -> dict[Pair, Mapping[str, Any]]:
    return dict.fromkeys(all_pairs(entries), proof())


def test_copies_of_one_photograph_are_proved_against_it_and_not_against_each_other() -> None:
    entries = copies(8)
    assert asked(entries, of_one(entries)) == [("a", entry.sha256) for entry in entries[1:]]


def test_what_looks_alike_and_is_no_copy_is_proved_pair_by_pair() -> None:
    entries = copies(12)
    assert asked(entries, {}) == all_pairs(entries)


def test_two_files_that_one_program_may_have_written_as_two_pictures_are_proved() -> None:
    entries = [photo("a"), photo("b", 1600, 1200, tables="t"), photo("c", 1600, 1200, tables="t"), photo("d", 800, 600)]
    assert asked(entries, of_one(entries)) == [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c")]


def burst() -> tuple[list[Entry], dict[Pair, Mapping[str, Any]]]:
    """Two frames of a burst, `a` and `b`, what a messenger made of each, `c` and `d`, and how each resembles the other's frame."""
    frames = [photo("a", at="2024-05-01T10:00:00"), photo("b", at="2024-05-01T10:00:01")]
    sent = [photo(name, 1600, 1200, tables="t") for name in "cd"]
    unlike = proof("variant", ncc=0.5)
    table = {("a", "c"): proof(), ("b", "d"): proof(), ("a", "d"): unlike, ("b", "c"): unlike, ("c", "d"): unlike}
    return [*frames, *sent], table


def test_copies_of_two_frames_that_their_camera_tells_apart_are_not_proved_against_each_other() -> None:
    entries, table = burst()
    prover = Prover(table)
    found = proved(entries, sorted(table), (), prover)
    assert table.keys() - {*prover.asked} == {("c", "d")}
    assert fold(entries, found, (), {}) == fold(entries, table, (), {})


@pytest.mark.parametrize(
    ("why", "more", "pair"),
    [
        ("it resembles the other frame nearly as much", {("a", "d"): proof("variant", ncc=0.95)}, ("c", "d")),
        ("it may be of either", {("a", "d"): proof(ncc=0.95)}, ("c", "d")),
        ("too little of it is to be seen", {("b", "c"): proof("unclear", ncc=0.5)}, ("c", "d")),
        ("nobody compared it with the other frame", {("b", "c"): None}, ("c", "d")),
        ("its own has another copy by that program", {("a", "e"): proof(), ("d", "e"): proof("variant")}, ("d", "e")),
    ],
)
def test_such_copies_are_proved_where_it_is_in_doubt_which_frame_they_are_of(
    why: str, more: Mapping[Pair, Mapping[str, Any] | None], pair: Pair
) -> None:
    entries, table = burst()
    table = {pair: says for pair, says in (table | more).items() if says}
    prover = Prover(table)
    proved([*entries, photo("e", 1600, 1200, tables="t")], sorted(table), (), prover)
    assert pair in prover.asked, why


def test_a_copy_that_does_not_come_to_its_frame_in_the_end_is_proved_against_all() -> None:
    entries, table = burst()
    entries.append(photo("e"))
    table[("c", "e")] = proof("variant", ncc=0.995)  # it may be made of that one
    prover = Prover(table)
    found = proved(entries, sorted(table), (), prover)
    assert groups(fold(entries, found, (), {})) == ["a", "bd", "c", "e"]
    assert prover.asked[-1] == ("c", "d")
    assert fold(entries, found, (), {}) == fold(entries, table, (), {})


def test_of_two_equal_ones_nobody_knows_before_which_is_shown_so_both_are_proved_against_all() -> None:
    entries = [photo("a"), photo("b"), photo("c", 1600, 1200), photo("d", 800, 600)]
    spared = set(all_pairs(entries)) - set(asked(entries, of_one(entries)))
    assert spared == {("c", "d")}


def test_a_screenshot_that_is_larger_than_its_photograph_spares_nothing() -> None:
    entries = [photo("a", 3000, 9000), photo("b", 2000, 1500), photo("c", 1600, 1200)]
    screen = proof(contains="left", share=0.3) | {"seam": 0.9}
    table = {("a", "b"): screen, ("a", "c"): screen, ("b", "c"): proof()}
    assert asked(entries, table) == all_pairs(entries)
    assert groups(fold(entries, proved(entries, all_pairs(entries), (), Prover(table)), (), {})) == ["bca"]


def test_what_looks_like_a_copy_alone_is_proved_against_what_that_one_is_a_copy_of() -> None:
    photograph, edit, crop = photo("a"), photo("b", 3000, 2000), photo("c", 1200, 900)
    for says, expected in ((proof(contains="left", share=0.7), ["abc"]), (proof("different"), ["ab", "c"])):
        prover = Prover({("a", "b"): proof(), ("b", "c"): proof(contains="left", share=0.7), ("a", "c"): says})
        found = proved([photograph, edit, crop], [("a", "b"), ("b", "c")], (), prover)
        assert prover.asked == [("a", "b"), ("b", "c"), ("a", "c")]
        assert groups(fold([photograph, edit, crop], found, (), {})) == expected, "a chain proposes, a proof decides"
    prover = Prover(of_one([photograph, edit, crop]))
    assert ("a", "c") not in proved([photograph, edit, crop], [("a", "b"), ("b", "c")], (), prover, may=lambda _: False)
    other = photo("a", at="2024-05-01T10:00:00"), edit, photo("c", 1200, 900, at="2024-05-01T11:00:00")
    assert ("a", "c") not in proved(other, [("a", "b"), ("b", "c")], (), prover), (
        "the camera says that it is another one"
    )


def test_what_people_keep_apart_and_what_must_not_come_back_is_always_proved() -> None:
    entries = copies(4)
    for kept_apart in (("a", "c"), ("b", "c")):
        spared = {*all_pairs(entries)} - {*asked(entries, of_one(entries), said("never", *kept_apart))}
        assert spared == {("d", "e")}
    spared = {*all_pairs(entries)} - {*asked(entries, of_one(entries), withdrawn=frozenset("c"))}
    assert spared == {("b", "d"), ("b", "e"), ("d", "e")}


def test_the_file_that_a_person_chose_to_be_shown_is_what_copies_are_proved_against() -> None:
    entries = copies(4)
    chosen = said("master", "c", master="c")
    found = proved(entries, all_pairs(entries), [chosen], Prover(of_one(entries)))
    assert sorted(found) == [("a", "c"), ("b", "c"), ("c", "d"), ("c", "e")]
    assert groups(fold(entries, found, [chosen], {})) == ["cabde"]


@st.composite
def events(draw: st.DrawFn) -> tuple[list[Entry], dict[Pair, Mapping[str, Any]]]:
    """Up to twelve originals of two photographs, some as large as others or by one encoder, and what proofs say."""
    size = st.sampled_from([(6000, 4000), (3000, 2000), (1500, 1000)])
    entries = [
        photo(sha256, *draw(size), tables=draw(st.sampled_from([sha256, "t"])), sharp=float(draw(st.integers(1, 3))))
        for sha256 in "abcdefghijkl"[: draw(st.integers(2, 12))]
    ]
    scenes = {entry.sha256: draw(st.sampled_from("XY")) for entry in entries}
    table = {
        (left, right): proof(ncc=draw(st.sampled_from([0.99, 0.995])))
        for left, right in all_pairs(entries)
        if scenes[left] == scenes[right] and draw(st.integers(0, 9))
    }
    return entries, table


@settings(max_examples=200, deadline=None)
@given(events(), st.integers(0, 2**32))
def test_what_is_spared_depends_on_no_order_and_on_nothing_that_is_known_already(
    event: tuple[list[Entry], dict[Pair, Mapping[str, Any]]], seed: int
) -> None:
    entries, table = event
    first = proved(entries, all_pairs(entries), (), Prover(table))
    shuffled, wanted = list(entries), all_pairs(entries)
    Random(seed).shuffle(shuffled)
    Random(seed).shuffle(wanted)
    assert proved(shuffled, wanted, (), Prover(table)) == first


def test_an_event_of_copies_is_grouped_as_if_every_pair_had_been_proved() -> None:
    entries = copies(9)
    table = of_one(entries)
    spared = fold(entries, proved(entries, all_pairs(entries), (), Prover(table)), (), {})
    assert groups(spared) == groups(fold(entries, table, (), {})) == ["abcdefghij"]
