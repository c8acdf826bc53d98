"""Two films watched to the end: what stands there for a second or two is seen, what a rate or a developer does is no difference."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mediaarchive.stages.dedupe.watching import odd_places

SHAPE = (54, 96)


def scene(seed: int = 1) -> NDArray[np.float64]:
    """Something to see, grey, 40 to 200."""
    rough = np.random.default_rng(seed).uniform(40, 200, (9, 16))
    return np.kron(rough, np.ones((6, 6)))


def shown(*pictures: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The darkest, the middle one and the brightest of some pictures that follow each other."""
    whole = np.stack(pictures).clip(0, 255).astype(np.uint8)
    return np.stack([whole.min(axis=0), whole[len(whole) // 2], whole.max(axis=0)])


def test_a_name_that_is_shown_in_one_of_them_is_seen_whichever_that_is() -> None:
    named = scene()
    named[46:49, 10:30] += 45
    assert odd_places(shown(scene()), shown(named)) >= 2
    assert odd_places(shown(named), shown(scene())) >= 2


@pytest.mark.parametrize(("gain", "shift"), [(1.1, 12), (0.8, 10), (1.4, 30)])
def test_brighter_with_more_contrast_and_clipped_is_no_difference(gain: float, shift: float) -> None:
    assert odd_places(shown(scene()), shown(scene() * gain + shift)) == 0


def test_a_picture_from_a_moment_later_is_no_difference_where_things_move() -> None:
    moving = [np.roll(scene(), 3 * step, axis=1) for step in range(7)]
    assert odd_places(shown(*moving), shown(*moving[:3], moving[2], *moving[4:])) == 0


def test_what_an_encoder_leaves_is_no_difference_and_another_scene_is() -> None:
    noise = np.random.default_rng(2).normal(0, 2.5, SHAPE)
    assert odd_places(shown(scene()), shown(scene() + noise)) == 0
    assert odd_places(shown(scene()), shown(scene(3))) > 100
