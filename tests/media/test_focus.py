"""Crops keep what the photograph is of: the point of interest, and windows around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from mediaarchive.media.focus import focus, window
from mediaarchive.renderers.card import SHAPE


def somebody(at: tuple[int, int], size: tuple[int, int] = (600, 400)) -> Image.Image:
    """A plain wall, and somebody in red with a patterned shirt before it."""
    image = Image.new("RGB", size, (190, 195, 200))
    draw = ImageDraw.Draw(image)
    for line in range(-50, 50, 10):
        draw.line((at[0] - 40, at[1] + line, at[0] + 40, at[1] + line + 5), fill=(200, 30, 30), width=5)
    return image.filter(ImageFilter.GaussianBlur(1))


@pytest.mark.parametrize("at", [(120, 120), (480, 120), (300, 200), (150, 300), (470, 300)])
def test_the_point_lies_where_somebody_stands(at: tuple[int, int]) -> None:
    x, y = focus(somebody(at))
    assert abs(x * 600 - at[0]) < 40
    assert abs(y * 400 - at[1]) < 40


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 2), (640, 480)])
def test_a_plain_picture_has_its_point_near_the_middle(size: tuple[int, int]) -> None:
    x, y = focus(Image.new("RGB", size, "teal"))
    assert 0.4 <= x <= 0.6
    assert 0.3 <= y <= 0.6


def test_the_point_does_not_depend_on_the_size_of_the_picture() -> None:
    large = somebody((960, 400), (1200, 800))
    small = large.resize((300, 200))
    assert focus(large) == pytest.approx(focus(small), abs=0.03)


sides = st.integers(1, 6000)
shares = st.floats(0, 1)


@given(sides, sides, shares, shares)
def test_a_window_lies_within_the_picture_and_is_as_large_as_can_be(w: int, h: int, x: float, y: float) -> None:
    left, top, right, bottom = window((w, h), SHAPE, (x, y))
    assert 0 <= left < right <= w
    assert 0 <= top < bottom <= h
    assert right - left == w or bottom - top == h


# Where the faces are, by eye: left, top, right, bottom as shares of the picture.
FACES = {
    "photoprism__1.jpg": [(0.1, 0.33, 0.45, 0.52), (0.55, 0.28, 0.85, 0.48)],
    "photoprism__2.jpg": [(0.42, 0.15, 0.66, 0.45)],
    "photoprism__3.jpg": [(0.24, 0.17, 0.32, 0.28)],
    "photoprism__4.jpg": [(0.56, 0.2, 0.74, 0.5)],
    "photoprism__6.jpg": [(0.4, 0.1, 0.52, 0.25)],
    "photoprism__16.jpg": [(0.3, 0.05, 0.62, 0.6), (0.55, 0.5, 0.8, 0.85)],
}


@pytest.mark.corpus
@pytest.mark.parametrize("name", FACES)
def test_the_eyes_of_people_stay_in_the_picture(corpus: Path, name: str) -> None:
    with Image.open(corpus / "event-photos" / name) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    left, top, right, bottom = window(image.size, SHAPE, focus(image))
    for face in FACES[name]:
        middle = (face[0] + face[2]) / 2 * image.width, (face[1] + face[3]) / 2 * image.height
        assert left <= middle[0] <= right
        assert top <= middle[1] <= bottom
