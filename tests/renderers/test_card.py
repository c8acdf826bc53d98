"""Cards for social networks: the right shape, around the point that was asked for, never upscaled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mediaarchive.config import Settings
from mediaarchive.config.settings import Card
from mediaarchive.model import Facts, Kind
from mediaarchive.renderers.card import card_params
from mediaarchive.renderers.still import LADDER, PillowStills
from mediaarchive.stages.render import wished


def photograph(size: tuple[int, int], at: tuple[float, float]) -> Image.Image:
    """A ramp with a red mark at a point."""
    ramp = Image.linear_gradient("L").resize(size).convert("RGB")
    x, y = round(at[0] * size[0]), round(at[1] * size[1])
    reach = max(size) // 30
    ImageDraw.Draw(ramp).ellipse((x - reach, y - reach, x + reach, y + reach), fill="red")
    return ramp


def card(path: Path, spool: Path, at: tuple[float, float], **other: Any) -> Image.Image:  # noqa: ANN401
    with Image.open(path) as image:
        params = card_params(*image.size, 80, at, LADDER)
    assert params
    (blob,) = PillowStills().render(path, [params | other], spool)
    assert (blob.role, blob.ext) == ("card", "jpg")
    with Image.open(spool / blob.sha256) as image:
        assert (image.width, image.height) == (blob.width, blob.height)
        return image.convert("RGB")


@pytest.mark.parametrize("size", [(3000, 2000), (2000, 3000), (2000, 1500), (1500, 2000), (4000, 1300), (1500, 1500)])
@pytest.mark.parametrize("at", [(0.2, 0.2), (0.9, 0.85)])
def test_a_card_keeps_the_point(tmp_path: Path, size: tuple[int, int], at: tuple[float, float]) -> None:
    photograph(size, at).save(tmp_path / "a.png")
    pixels = np.asarray(card(tmp_path / "a.png", tmp_path, at), dtype=int)
    assert pixels.shape == (630, 1200, 3)
    red = (pixels[..., 0] > 180) & (pixels[..., 1] < 90)
    assert red.sum() > 200


@pytest.mark.parametrize(("size", "expected"), [((800, 600), (800, 420)), ((630, 900), (630, 331))])
def test_a_small_photograph_is_cut_but_not_enlarged(
    tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    photograph(size, (0.5, 0.5)).save(tmp_path / "a.png")
    assert card(tmp_path / "a.png", tmp_path, (0.5, 0.5)).size == expected


@pytest.mark.parametrize("size", [(500, 400), (20_000, 100), (1, 1), (100, 20_000)])
def test_what_would_be_a_stamp_is_no_card(size: tuple[int, int]) -> None:
    assert card_params(*size, 80, (0.5, 0.5), LADDER) is None


def test_the_point_of_a_person_comes_before_the_one_that_was_found_and_cards_can_be_switched_off() -> None:
    facts = Facts(kind=Kind.PHOTO, mime="image/jpeg", width=6000, height=4000, focus=(0.4, 0.3))

    def point(settings: Settings, focus: tuple[float, float] | None = None) -> list[list[float]]:
        return [recipe.params["focus"] for recipe in wished(facts, settings, focus) if recipe.stage == "card"]

    assert point(Settings()) == [[0.4, 0.3]]
    assert point(Settings(), (0.1, 0.9)) == [[0.1, 0.9]]
    assert point(Settings(card=Card(make=False))) == []
