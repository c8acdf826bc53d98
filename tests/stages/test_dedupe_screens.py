"""A photograph in round corners, and a piece of one on a phone's screen: what a tool put around it is none of the photograph."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from folding import folded, groups, photo, proof
from PIL import Image, ImageDraw, ImageOps

from mediaarchive.stages.dedupe.features import features
from mediaarchive.stages.dedupe.grouping import explain
from mediaarchive.stages.dedupe.proof import prove
from mediaarchive.stages.dedupe.rounding import inside_arcs, radius
from mediaarchive.stages.dedupe.screens import shown

from .test_dedupe_pictures import bits_apart, scene, sent, signed

LARGE = (1152, 768)
WHITE, DARK = (250, 250, 250), (17, 27, 33)


@lru_cache
def photograph(seed: int = 41, *, moved: int = 0) -> Image.Image:
    grain = np.random.default_rng(seed).normal(0, 4, (LARGE[1], LARGE[0], 1))
    things = scene(seed, moved=moved).resize(LARGE, Image.Resampling.LANCZOS)
    return Image.fromarray((np.asarray(things, float) + grain).clip(0, 255).astype(np.uint8))


def rounded(image: Image.Image, share: float = 0.08, ground: tuple[int, int, int] = WHITE) -> Image.Image:
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *image.size), round(min(image.size) * share), fill=255)
    return Image.composite(image, Image.new("RGB", image.size, ground), mask)


def on_a_screen(image: Image.Image, ground: tuple[int, int, int] = DARK) -> Image.Image:
    """Across a phone's screen, a title above it and buttons below."""
    screen = Image.new("RGB", (1080, 2160), ground)
    draw, ink = ImageDraw.Draw(screen), tuple(255 - level for level in ground)
    draw.ellipse((54, 108, 140, 194), fill=(90, 140, 200))
    draw.text((180, 130), "Forum des communs", ink)
    for place in range(4):
        draw.ellipse((120 + 260 * place, 1990, 172 + 260 * place, 2042), outline=ink, width=4)
    across = image.resize((1080, round(1080 * image.height / image.width)), Image.Resampling.LANCZOS)
    screen.paste(across, (0, 620))
    return screen


def piece(image: Image.Image, share: float = 0.16) -> Image.Image:
    across, down = (round(side * share / 2) for side in image.size)
    return image.crop((across, down, image.width - across, image.height - down))


@pytest.mark.parametrize("share", [0.04, 0.08, 0.25, 0.5])
@pytest.mark.parametrize("ground", [WHITE, DARK])
def test_a_photograph_in_round_corners_is_a_copy(share: float, ground: tuple[int, int, int]) -> None:
    copy = sent(rounded(photograph(), share, ground), edge=900, quality=85)
    assert radius(features(copy).grey) == pytest.approx(share, rel=0.12)
    evidence = prove(photograph(), copy)
    assert (evidence["verdict"], evidence["containment"]) == ("copy", 1), evidence


@pytest.mark.parametrize("share", [0.08, 0.25])
def test_round_corners_hide_no_one_who_moved_and_no_logo(share: float) -> None:
    assert prove(photograph(), rounded(photograph(moved=25), share))["verdict"] != "copy"
    marked = rounded(photograph(), share)
    ImageDraw.Draw(marked).ellipse((880, 560, 980, 660), fill=(220, 20, 30))
    assert prove(photograph(), marked)["verdict"] == "variant"


def test_what_stands_in_the_corners_is_not_round_from_all_sides() -> None:
    three = np.asarray(rounded(photograph())).copy()
    three[:200, :200] = np.asarray(photograph())[:200, :200]
    bevelled = photograph().copy()
    draw = ImageDraw.Draw(bevelled)
    width, height = bevelled.size
    for x, y in ((0, 0), (width, 0), (0, height), (width, height)):
        draw.polygon([(x, y), (abs(x - 90), y), (x, abs(y - 90))], fill=WHITE)
    for picture in (photograph(), Image.fromarray(three), bevelled, Image.new("RGB", LARGE, WHITE)):
        assert radius(features(picture).grey) == 0


def test_arcs_leave_all_but_the_corners() -> None:
    left = inside_arcs((101, 160), 0.2)
    assert left.shape == (101, 160)
    assert (left == left[::-1]).all()
    assert (left == left[:, ::-1]).all()
    assert left[50].all()
    assert not left[0, 0]
    assert inside_arcs((5, 7), 0).all()


@pytest.mark.parametrize("ground", [WHITE, DARK])
def test_a_screen_that_shows_a_piece_of_a_photograph_is_a_copy_of_it(ground: tuple[int, int, int]) -> None:
    screen = sent(on_a_screen(piece(photograph()), ground), edge=2160, quality=85)
    evidence = prove(photograph(), screen)
    assert evidence["verdict"] == "copy", evidence
    assert (evidence["cut"]["of"], evidence["contains"]) == ("right", "left")
    assert evidence["cut"]["share"] == pytest.approx(1 / 3, abs=0.02)
    mirrored = prove(ImageOps.mirror(screen), photograph())
    assert (mirrored["verdict"], mirrored["cut"]["of"], mirrored["mirror"]) == ("copy", "left", True)


def test_a_messenger_s_bubble_with_round_corners_shows_a_whole_photograph() -> None:
    bubble = on_a_screen(rounded(photograph(), 0.09, DARK))
    evidence = prove(photograph(), bubble)
    assert (evidence["verdict"], evidence["contains"]) == ("copy", "both"), evidence
    marked = bubble.copy()
    ImageDraw.Draw(marked).ellipse((700, 1100, 800, 1200), fill=(220, 20, 30))
    assert prove(photograph(), marked)["verdict"] == "variant"


def test_a_screen_that_shows_a_piece_of_another_moment_is_none() -> None:
    assert prove(photograph(), on_a_screen(piece(photograph(moved=25))))["verdict"] != "copy"


def test_two_pages_that_show_the_same_picture_are_two_pages() -> None:
    """Each ends where the picture ends: neither is a piece of the other."""
    one, other = on_a_screen(photograph(), WHITE), on_a_screen(photograph(), WHITE)
    one.paste(scene(7).resize((1080, 420)), (0, 60))
    other.paste(scene(8).resize((1080, 420)), (0, 1500))
    assert prove(one, other)["verdict"] != "copy"


@pytest.mark.parametrize("ground", [WHITE, DARK])
def test_a_screen_is_found_by_the_hash_of_what_it_shows(ground: tuple[int, int, int]) -> None:
    screen = signed(sent(on_a_screen(photograph(), ground), edge=2160, quality=85))
    assert bits_apart(screen["trim"], signed(photograph())["phash"]) <= 24
    assert screen["inside"] == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.parametrize("whole", [True, False])
def test_a_caption_s_band_is_no_frame(whole: bool) -> None:  # noqa: FBT001 - a parameter of the test
    banded = (photograph() if whole else piece(photograph())).copy()
    draw = ImageDraw.Draw(banded)
    draw.rectangle((0, banded.height - 130, banded.width, banded.height), fill=(20, 20, 20))
    draw.text((40, banded.height - 80), "Forum des communs, Brussels", fill=(250, 250, 250))
    assert shown(features(banded).fine) is None
    assert prove(photograph(), banded)["verdict"] != "copy"


def test_nothing_lies_on_the_ground_of_a_photograph_or_of_an_empty_page() -> None:
    for picture in (photograph(), Image.new("RGB", LARGE, WHITE)):
        assert shown(features(picture).fine) is None


def test_a_screen_is_never_shown_instead_of_the_photograph_however_large_it_is() -> None:
    small, screen = photo("a", 800, 533), photo("b", 1080, 2340, mime="image/png")
    seen = {**proof(contains="left", share=0.7), "cut": {"of": "right", "share": 0.3}}
    result = folded([small, screen], {"ab": seen})
    assert groups(result) == ["ab"]
    assert result.groups[0].master == "a"
    told = explain(result.groups[0].members[1], small.facts, screen.facts)
    assert "99.1 % of what its screen or frame shows lies inside" in told
