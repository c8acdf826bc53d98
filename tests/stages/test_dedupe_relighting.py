"""Light that an editor gave to a part: a darkened sky, lifted shadows, a face picked out. What is shown stays what it was."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from mediaarchive.stages.dedupe.proof import prove

from .test_dedupe_drifting import LARGE, photograph
from .test_dedupe_pictures import sent


def lit(image: Image.Image, stops: np.ndarray) -> Image.Image:
    """More or less light by so many stops (h, w)."""
    return Image.fromarray((np.asarray(image, float) * 2 ** stops[..., None]).clip(0, 255).astype(np.uint8))


def graduated(image: Image.Image) -> Image.Image:
    """A dark sky, as behind a filter: two stops less from the middle to the top."""
    down = np.linspace(1, 0, image.height)[:, None]
    return lit(image, np.broadcast_to(-2.0 * (2 * down - 1).clip(0, 1), image.size[::-1]))


def picked_out(image: Image.Image) -> Image.Image:
    """A stop less light around a circle."""
    y, x = np.mgrid[0 : image.height, 0 : image.width]
    away = np.hypot((x / image.width - 0.4) / 0.25, (y / image.height - 0.5) / 0.25)
    return lit(image, np.exp(-(away**2)) - 1)


def lifted(image: Image.Image) -> Image.Image:
    """Shadows lifted by a stop and a half and highlights drawn down by one, by how bright each place is around."""
    grey = np.asarray(image.convert("L"), np.float32) / 255
    around = cv2.GaussianBlur(grey, (0, 0), max(image.size) / 40)
    return lit(image, 1.5 * (1 - 2 * around).clip(0, 1) - (2 * around - 1).clip(0, 1))


LIGHTS = {"graduated": graduated, "picked out": picked_out, "lifted": lifted}


@pytest.mark.parametrize("light", LIGHTS)
def test_another_light_on_a_part_leaves_one_photograph(light: str) -> None:
    evidence = prove(photograph(), sent(LIGHTS[light](photograph()), edge=900, quality=88))
    assert evidence["verdict"] == "copy", evidence


def test_a_dark_sky_had_to_be_lit() -> None:
    assert prove(photograph(), sent(graduated(photograph()), edge=900, quality=88))["relit"]


@pytest.mark.parametrize("light", LIGHTS)
def test_whoever_moved_is_seen_in_any_light(light: str) -> None:
    evidence = prove(photograph(), sent(LIGHTS[light](photograph(moved=25)), edge=900, quality=88))
    assert evidence["verdict"] != "copy", evidence


@pytest.mark.parametrize("light", LIGHTS)
def test_the_same_scene_in_another_light_is_another_photograph(light: str) -> None:
    """A lamp that was switched on: nothing moved, but it is another exposure, with other noise."""
    evidence = prove(photograph(), sent(LIGHTS[light](photograph(2)), edge=900, quality=88))
    assert "relit" not in evidence
    assert evidence["verdict"] != "copy" or evidence["fine"]["grain"] < 0.1, evidence


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("colour", [(220, 20, 30), (250, 250, 250)])
def test_no_logo_is_taken_for_light(light: str, colour: tuple[int, int, int]) -> None:
    edited = LIGHTS[light](photograph())
    draw = ImageDraw.Draw(edited)
    draw.ellipse((60, 620, 150, 710), fill=colour)
    assert prove(photograph(), sent(edited, edge=900, quality=88))["verdict"] != "copy"


@pytest.mark.parametrize("light", LIGHTS)
def test_no_caption_on_a_shade_is_taken_for_light(light: str) -> None:
    """Words below, on a shade that grows to the edge, as a broadcaster writes a name."""
    edited = LIGHTS[light](photograph())
    down = (np.linspace(0, 1, edited.height)[:, None] * 4 - 3).clip(0, 1)
    shaded = lit(edited, np.broadcast_to(-2.5 * down, edited.size[::-1]))
    ImageDraw.Draw(shaded).text(
        (60, LARGE[1] - 60), "Ines Moreau, Forum des communs", fill=(250, 250, 250), font_size=28
    )
    assert prove(photograph(), sent(shaded, edge=900, quality=88))["verdict"] != "copy"
