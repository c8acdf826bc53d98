"""What an edit does to all of a picture by one rule: perspective or lens corrected, colours turned, a blur that moves nothing."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from mediaarchive.stages.dedupe.doubting import other_detail
from mediaarchive.stages.dedupe.drifting import Bend, drift, straightened
from mediaarchive.stages.dedupe.proof import prove

from .test_dedupe_pictures import scene, sent

LARGE = (1152, 768)


@lru_cache
def photograph(noise: int = 1, *, moved: int = 0) -> Image.Image:
    """Of things as colourful as things are, in bad light."""
    things = ImageEnhance.Color(scene(41, moved=moved)).enhance(0.4).resize(LARGE, Image.Resampling.LANCZOS)
    grain = np.random.default_rng(noise).normal(0, 6, (LARGE[1], LARGE[0], 1))
    return Image.fromarray((np.asarray(things, float) + grain).clip(0, 255).astype(np.uint8))


def keystone(image: Image.Image, share: float = 0.06) -> Image.Image:
    """The top pulled apart, as a projection does it, and cut."""
    width, height = image.size
    inset = share * width / 2
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    pulled = corners + np.array([(inset, 0), (-inset, 0), (0, 0), (0, 0)], np.float32)
    matrix = cv2.getPerspectiveTransform(pulled, corners)
    return Image.fromarray(cv2.warpPerspective(np.asarray(image), matrix, image.size, flags=cv2.INTER_CUBIC))


def lens(image: Image.Image, strength: float = 0.04) -> Image.Image:
    """A barrel made straight, and cut."""
    height, width = image.height, image.width
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    by = 1 + strength * ((x * x + y * y) * 4 / (width * width + height * height) - 1)
    onto = x * by + (width - 1) / 2, y * by + (height - 1) / 2
    return Image.fromarray(cv2.remap(np.asarray(image), *onto, cv2.INTER_CUBIC))


def hues(image: Image.Image, turn: int = 12) -> Image.Image:
    hue, *rest = image.convert("HSV").split()
    return Image.merge("HSV", (hue.point([(level + turn) % 256 for level in range(256)]), *rest)).convert("RGB")


def filtered(image: Image.Image) -> Image.Image:
    """Black and white, as through a red filter."""
    grey = np.asarray(image, float) @ (0.9, 0.2, -0.1)
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8)).convert("RGB")


def clipped(image: Image.Image) -> Image.Image:
    """A stop more light than the picture has room for."""
    light = 2 * (np.asarray(image) / 255) ** 2.2
    return Image.fromarray((light.clip(0, 1) ** (1 / 2.2) * 255).astype(np.uint8))


BENT = {"keystone": keystone, "lens": lens}
COLOURED = {
    "hues": hues,
    "red filter": filtered,
    "clipped": clipped,
    "colourful": lambda i: ImageEnhance.Color(i).enhance(2),
}


@pytest.mark.parametrize("edit", BENT)
def test_a_corrected_perspective_or_lens_leaves_one_photograph(edit: str) -> None:
    evidence = prove(photograph(), sent(BENT[edit](photograph()), edge=1024, quality=88))
    assert evidence["verdict"] == "copy", evidence
    assert evidence["bent"]


@pytest.mark.parametrize("edit", BENT)
def test_the_same_thing_from_another_place_is_another_photograph_though_it_can_be_straightened(edit: str) -> None:
    """A poster, a chart: flat things lie on themselves from wherever they are seen, but not with one exposure's noise."""
    evidence = prove(photograph(), sent(BENT[edit](photograph(2)), edge=1024, quality=88))
    assert evidence["verdict"] != "copy", evidence


@pytest.mark.parametrize("edit", [*BENT, *COLOURED])
def test_whoever_moved_is_seen_however_the_rest_is_explained(edit: str) -> None:
    evidence = prove(photograph(), sent((BENT | COLOURED)[edit](photograph(moved=25)), edge=1024, quality=88))
    assert evidence["verdict"] != "copy", evidence


@pytest.mark.parametrize("edit", COLOURED)
def test_what_is_done_to_each_channel_leaves_one_photograph(edit: str) -> None:
    evidence = prove(photograph(), sent(COLOURED[edit](photograph()), edge=1024, quality=88))
    assert evidence["verdict"] == "copy", evidence


@pytest.mark.parametrize("colour", [(220, 20, 30), (250, 250, 250)])
@pytest.mark.parametrize("edit", [*BENT, *COLOURED])
def test_no_logo_is_taken_for_a_matter_of_colours(edit: str, colour: tuple[int, int, int]) -> None:
    edited = (BENT | COLOURED)[edit](photograph())
    draw = ImageDraw.Draw(edited)
    draw.ellipse((60, 620, 150, 710), fill=colour)
    draw.text((84, 655), "NGO", fill=(255, 255, 255) if colour[1] < 200 else (20, 20, 20))
    evidence = prove(photograph(), sent(edited, edge=1024, quality=88))
    assert evidence["verdict"] == "variant", evidence


def test_a_drift_is_measured_to_a_fraction_of_a_pixel_and_explained_by_one_rule() -> None:
    picture = np.asarray(scene(41).resize(LARGE).convert("L"), np.float32)
    bend = Bend(np.array([0.6, 0, 0, 0.9, 0.5, 0, -0.3, 0, 0, 0, 0.8, 0.4, 0.3]) / max(LARGE) * 2)
    y, x = np.mgrid[0 : LARGE[1], 0 : LARGE[0]].astype(np.float32)
    across, down = bend.field(picture.shape)
    elsewhere = cv2.remap(picture, x - across, y - down, cv2.INTER_CUBIC)
    everywhere = np.ones(picture.shape, bool)
    seen = drift(picture, elsewhere, everywhere)
    off = np.hypot(*(seen.by - bend.at(seen.at, picture.shape)).T)
    assert len(seen) > 60
    assert np.percentile(off, 90) < 0.2
    assert straightened(seen, picture.shape)[1].usual < 0.1 < seen.usual
    assert drift(picture, picture, everywhere).most == 0


def test_a_drift_of_what_has_no_structure_says_nothing() -> None:
    assert len(drift(np.zeros((64, 64)), np.zeros((64, 64)), np.ones((64, 64), bool))) == 0


COARSER = {
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "denoised": lambda image: image.filter(ImageFilter.MedianFilter(5)),
    "quality 25": lambda image: sent(image, edge=max(LARGE), quality=25),
}


@pytest.mark.parametrize("edit", COARSER)
def test_a_blur_or_a_hard_compression_takes_detail_and_moves_nothing(edit: str) -> None:
    fine = prove(photograph(), COARSER[edit](photograph()))["fine"]
    assert not other_detail(fine), fine


@pytest.mark.parametrize(("usual", "grain", "another"), [(0.1, 0.3, False), (0.5, 0.3, True), (0.1, 0.05, True)])
def test_detail_that_is_another_is_a_copys_only_where_nothing_moved_and_the_noise_is_one(
    usual: float, grain: float, *, another: bool
) -> None:
    seen = {"edge": 1024, "worst": 0.5, "p1": 0.7, "p5": 0.85, "rest": 8.0, "moved": 0, "odd": 2.0, "grain": grain}
    assert other_detail({**seen, "drift": {"places": 100, "usual": usual, "most": 3 * usual}}) is another
