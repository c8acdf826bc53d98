"""Corners that a tool filled, as it turned a picture and kept its sides: nobody has seen anything there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from mediaarchive.stages.dedupe.proof import prove

from .test_dedupe_oddities import noisy
from .test_dedupe_pictures import scene, sent

if TYPE_CHECKING:
    from typing import Any

FILLS = {"black": (0, 0, 0), "white": (255, 255, 255), "green": (20, 160, 70)}


def turned(image: Image.Image, angle: float, fill: tuple[int, int, int] = (0, 0, 0)) -> Image.Image:
    return image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=fill)


def by_hand(angle: float, *, dark: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two exposures of a large scene, the second with the camera turned about the picture's middle; and the other way round."""
    whole = scene(11).resize((1536, 1024), Image.Resampling.LANCZOS)
    if dark:  # and shifted by two per cent, as hands do: all that lies beyond is a dark hall
        hall = Image.new("RGB", whole.size, (9, 9, 9))
        hall.paste(whole.crop((420, 260, 1110, 760)), (420, 260))
        whole = hall
    window = (320, 200, 1216, 824)
    shift = 18 if dark else 0
    first = noisy(whole.crop(window), 1)
    moved = tuple(side + shift for side in window)
    second = noisy(turned(whole, angle).crop(moved), 2)
    return prove(first, second), prove(second, first)


@pytest.mark.parametrize("angle", [-6.0, 1.5, 3.0])
@pytest.mark.parametrize("fill", FILLS)
def test_a_picture_that_was_turned_and_kept_its_sides_is_a_copy_and_shows_less(angle: float, fill: str) -> None:
    photograph = scene(7)
    copy = sent(turned(photograph, angle, FILLS[fill]), edge=700)
    seen, back = prove(photograph, copy), prove(copy, photograph)
    assert (seen["verdict"], back["verdict"]) == ("copy", "copy"), (seen, back)
    assert seen["contains"] in {"left", "both"}
    assert back["contains"] in {"right", "both"}
    if abs(angle) > 2:
        assert (seen["contains"], back["contains"]) == ("left", "right"), "it has lost its corners"


def test_turned_and_mirrored_too() -> None:
    photograph = scene(7)
    copy = sent(turned(photograph.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 4), edge=700)
    assert [prove(*pair)["verdict"] for pair in ((photograph, copy), (copy, photograph))] == ["copy", "copy"]


def test_an_exposure_from_a_turned_camera_shows_what_the_first_did_not() -> None:
    assert all(seen["verdict"] != "copy" for seen in by_hand(3.0))


def test_neither_is_one_a_copy_that_moved_before_a_dark_hall() -> None:
    assert all(seen["verdict"] != "copy" for seen in by_hand(3.0, dark=True))


def test_a_mark_in_a_turned_copy_is_still_for_a_person() -> None:
    photograph = scene(7)
    marked = photograph.copy()
    marked.paste((250, 250, 250), (80, 60, 150, 90))
    for pair in ((photograph, turned(marked, 3)), (turned(marked, 3), photograph)):
        assert prove(*pair)["verdict"] == "variant"
