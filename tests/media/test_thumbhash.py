"""What a page shows before a photograph has loaded has the photograph's colours and shape."""

from __future__ import annotations

import base64
import math

import numpy as np
import pytest
from PIL import Image

from mediaarchive.media.thumbhash import dominant_color, thumbhash


def channel(nibbles: list[int], across: int, down: int, scale: float) -> list[tuple[int, int, float]]:
    """The frequencies of one channel, read off the front of `nibbles`."""
    corner = [(x, y) for y in range(down) for x in range(across) if (x or y) and x * down < across * (down - y)]
    return [(x, y, (nibbles.pop(0) / 7.5 - 1) * scale) for x, y in corner]


def decoded(text: str) -> tuple[np.ndarray, float]:
    """A ThumbHash as a picture of 32 x 32 values 0..1, and its aspect ratio: a reader of the published format."""
    data = base64.b64decode(text, validate=True)
    head = int.from_bytes(data[:3], "little")
    shape = int.from_bytes(data[3:5], "little")
    assert not head >> 23, "an opaque picture"
    luma, yellow, warm = (head & 63) / 63, (head >> 6 & 63) / 31.5 - 1, (head >> 12 & 63) / 31.5 - 1
    landscape, short = shape >> 15, shape & 7
    across, down = (7, short) if landscape else (short, 7)
    nibbles = [part for byte in data[5:] for part in (byte & 15, byte >> 4)]
    terms = [
        channel(nibbles, max(3, across), max(3, down), (head >> 18 & 31) / 31),
        channel(nibbles, 3, 3, 1.25 * (shape >> 3 & 63) / 63),
        channel(nibbles, 3, 3, 1.25 * (shape >> 9 & 63) / 63),
    ]
    at = (np.arange(32) + 0.5) / 32
    planes = [
        mean + sum(2 * value * np.outer(np.cos(math.pi * y * at), np.cos(math.pi * x * at)) for x, y, value in listed)
        for mean, listed in zip((luma, yellow, warm), terms, strict=True)
    ]
    blue = planes[0] - 2 / 3 * planes[1]
    red = (3 * planes[0] - blue + planes[2]) / 2
    return np.clip(np.stack([red, red - planes[2], blue], axis=-1), 0, 1), across / down


def ramp(width: int, height: int) -> Image.Image:
    """Orange on the left, blue on the right."""
    share = np.linspace(0, 1, width)[None, :, None]
    pixels = (1 - share) * np.array((230, 140, 40)) + share * np.array((30, 80, 200))
    return Image.fromarray(np.repeat(pixels, height, axis=0).round().astype(np.uint8))


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255), (120, 90, 40)])
@pytest.mark.parametrize("size", [(1, 1), (300, 200), (2000, 10), (10, 2000)])
def test_a_placeholder_has_the_photos_colour(color: tuple[int, int, int], size: tuple[int, int]) -> None:
    picture, _ = decoded(thumbhash(Image.new("RGB", size, color)))
    assert np.abs(picture * 255 - color).max() < 12


@pytest.mark.parametrize(("size", "ratio"), [((300, 200), 7 / 5), ((200, 300), 5 / 7), ((90, 90), 1), ((2000, 10), 7)])
def test_a_placeholder_has_the_photos_shape_and_layout(size: tuple[int, int], ratio: float) -> None:
    picture, found = decoded(thumbhash(ramp(*size)))
    assert found == pytest.approx(ratio)
    mean = np.asarray(ramp(*size), dtype=float).mean(axis=(0, 1))
    assert np.abs(picture.mean(axis=(0, 1)) * 255 - mean).max() < 10
    assert picture[:, :8, 0].mean() > picture[:, -8:, 0].mean() + 0.4
    assert picture[:, :8, 2].mean() < picture[:, -8:, 2].mean() - 0.3


def test_a_placeholder_is_small_and_always_the_same() -> None:
    assert thumbhash(ramp(640, 480)) == thumbhash(ramp(640, 480))
    assert len(base64.b64decode(thumbhash(ramp(640, 480)))) <= 25


def test_the_dominant_colour_is_that_of_the_largest_area_not_a_mean() -> None:
    image = Image.new("RGB", (400, 300), (200, 30, 40))
    image.paste((20, 220, 60), (0, 0, 400, 120))
    assert dominant_color(image) == "#c81e28"
    assert dominant_color(Image.new("L", (1, 1), 7)) == "#070707"
