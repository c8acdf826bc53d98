"""Two files of one size by one program: one picture saved again, or two frames of a still scene."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from mediaarchive.media.picture import open_picture
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Facts, Kind
from mediaarchive.stages.dedupe.coding import tables_of
from mediaarchive.stages.dedupe.features import FINE, features
from mediaarchive.stages.dedupe.grouping import Folded, fold
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.dedupe.proof import compare_closely
from mediaarchive.stages.dedupe.signature import sign

from .test_dedupe_pictures import scene

PIXELS = 10**8


def frame(noise: int = 1, *, moved: int = 0) -> Image.Image:
    """What a camera on a tripod sees: the scene stays, the noise doesn't."""
    grain = np.random.default_rng(noise).normal(0, 5, (*scene(31).size[::-1], 3))
    return Image.fromarray((np.asarray(scene(31, moved=moved)) + grain).clip(0, 255).astype(np.uint8))


def saved(image: Image.Image, path: Path) -> Path:
    image.save(path, quality=85)
    return path


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def folded(left: Path, right: Path) -> Folded:
    """Both as one event, proved as a worker does."""
    sides, entries = [], []
    for name, path in (("a", left), ("b", right)):
        picture = open_picture(path, pixels=PIXELS, at_least=FINE)
        size = picture.width, picture.height
        whole = partial(open_picture, path, pixels=PIXELS)
        sides.append((features(picture.image, size, tables_of(path)), lambda whole=whole: whole().image))
        mime = sniff(path).mime
        signature = sign(picture.image, path, mime, name, *size)
        facts = Facts(kind=Kind.PHOTO, mime=mime, width=size[0], height=size[1], signature=signature)
        entries.append(Entry(sha256=name, facts=facts, bytes=path.stat().st_size))
    return fold(entries, {("a", "b"): compare_closely(*sides)}, (), {})


@pytest.mark.parametrize("turn", [None, *Image.Transpose])
def test_what_one_program_saved_again_is_one_photograph_however_it_was_turned(
    turn: Image.Transpose | None, tmp_path: Path
) -> None:
    first = saved(frame(), tmp_path / "first.jpg")
    again = saved(opened(first).transpose(turn) if turn is not None else opened(first), tmp_path / "again.jpg")
    result = folded(first, again)
    assert len(result.groups) == 1, result.proposals


@pytest.mark.parametrize(
    "second",
    [lambda: frame(2), lambda: frame(moved=2), lambda: ImageEnhance.Brightness(frame()).enhance(1.06)],
    ids=["another noise", "something moved by two pixels", "exposed longer"],
)
def test_the_next_frame_that_one_camera_wrote_is_for_a_person(second: object, tmp_path: Path) -> None:
    assert callable(second)
    result = folded(saved(frame(), tmp_path / "first.jpg"), saved(second(), tmp_path / "second.jpg"))
    assert len(result.groups) == 2
    assert len(result.proposals) == 1


def test_stills_of_a_film_saved_without_loss_are_two_though_only_the_camera_moved(tmp_path: Path) -> None:
    whole = frame()
    for name, left, top in (("first.png", 0, 0), ("next.png", 4, 2)):
        whole.crop((left, top, left + whole.width - 4, top + whole.height - 2)).save(tmp_path / name)
    result = folded(tmp_path / "first.png", tmp_path / "next.png")
    assert len(result.groups) == 2
    assert [proposal.evidence["held"] for proposal in result.proposals] == ["same-size"]


def test_a_still_whose_levels_a_program_rounded_otherwise_is_one_without_loss_too(tmp_path: Path) -> None:
    frame().save(tmp_path / "first.png")
    Image.eval(frame(), lambda level: min(255, level + level // 128)).save(tmp_path / "again.png")
    assert len(folded(tmp_path / "first.png", tmp_path / "again.png").groups) == 1
