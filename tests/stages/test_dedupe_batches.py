"""Batches: the pairs of an event in an order in which a worker opens each picture once, and cut between scenes."""

from __future__ import annotations

from collections import Counter, OrderedDict
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mediaarchive.stages.dedupe.batches import MOST, OPEN, batches, by_what_is_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Pair = tuple[str, str]


def opened(pairs: Iterable[Pair], kept: int = OPEN) -> Counter[str]:
    """How often a worker opens each picture that keeps those it used last."""
    open_: OrderedDict[str, None] = OrderedDict()
    count: Counter[str] = Counter()
    for pair in pairs:
        for name in pair:
            count[name] += name not in open_
            open_[name] = None
            open_.move_to_end(name)
            while len(open_) > kept:
                open_.popitem(last=False)
    return count


def scenes(count: int, frames: int, seed: int = 1) -> list[Pair]:
    """Pairs of scenes of so many frames, by names that tell nothing of the scene, as hashes don't."""
    random = Random(seed)
    names = [f"{number:06x}" for number in random.sample(range(1 << 24), count * frames)]
    some = [combinations(sorted(names[start : start + frames]), 2) for start in range(0, len(names), frames)]
    return sorted(pair for pairs in some for pair in pairs)


def test_every_picture_of_an_evening_of_bursts_is_opened_once() -> None:
    evening = scenes(100, 8)
    assert sum(opened(evening).values()) > 3 * 800, "in the order of their names"
    assert set(opened(by_what_is_open(evening)).values()) == {1}


def test_two_workers_open_few_pictures_twice() -> None:
    evening = scenes(100, 8)
    both = Counter[str]()
    for batch in batches(evening, 2):
        both += opened(batch)  # as if each batch went to another worker than the one before
    assert sum(both.values()) <= 1.15 * 800


def test_a_scene_with_more_pictures_than_a_worker_keeps_is_opened_a_few_times_over() -> None:
    crowd = scenes(1, 3 * OPEN)
    assert sum(opened(by_what_is_open(crowd)).values()) <= 4 * 3 * OPEN
    assert sum(opened(crowd).values()) > 4 * 3 * OPEN


def test_a_photograph_with_hundreds_of_copies_is_opened_once() -> None:
    star = [("0", f"{number:03}") for number in range(1, 500)]
    assert set(opened(by_what_is_open(star)).values()) == {1}


def test_the_last_batches_are_small_so_that_no_worker_waits_for_another() -> None:
    sizes = [len(batch) for batch in batches(scenes(100, 8), 2)]
    assert max(sizes) <= 1.5 * MOST
    assert max(sizes[-3:]) <= MOST / 2
    assert len(list(batches(scenes(1, 6), 2))) > 1, "fifteen pairs keep two workers busy"


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("ijklmnop")), unique=True), st.integers(1, 9))
def test_every_pair_is_in_one_batch_whatever_the_order_they_come_in(pairs: Sequence[Pair], workers: int) -> None:
    cut = list(batches(pairs, workers))
    assert all(cut)
    assert sorted(pair for batch in cut for pair in batch) == sorted(pairs)
    assert list(batches(pairs[::-1], workers)) == cut
