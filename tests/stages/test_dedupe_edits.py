"""Proofs of harder copies and look-alikes: what edits and encoders do to a whole picture, and what is another in a little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from mediaarchive.stages.dedupe.coding import tables_of
from mediaarchive.stages.dedupe.doubting import to_the_last_detail
from mediaarchive.stages.dedupe.features import features
from mediaarchive.stages.dedupe.proof import compare, prove

from .test_dedupe_pictures import scene, sent


def darker_corners(image: Image.Image) -> Image.Image:
    mask = Image.radial_gradient("L").resize(image.size)
    return Image.composite(ImageEnhance.Brightness(image).enhance(0.5), image, mask)


EDITS = {
    "sharpened": lambda image: image.filter(ImageFilter.UnsharpMask(2, 120, 2)),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(1.5)),
    "darker corners": darker_corners,
    "made small and large again": lambda image: image.resize((256, 171)).resize(image.size, Image.Resampling.BICUBIC),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_done_to_all_of_a_photograph_leaves_it_one_photograph(edit: str) -> None:
    original = scene(11)
    evidence = prove(original, sent(EDITS[edit](original), edge=768, quality=90))
    assert evidence["verdict"] == "copy", evidence
    assert to_the_last_detail(evidence["fine"]), evidence


def test_developing_one_picture_like_the_other_hides_nobody_who_moved() -> None:
    before, after = scene(12), darker_corners(scene(12, moved=14).filter(ImageFilter.UnsharpMask(2, 120, 2)))
    assert prove(before, sent(after, edge=768, quality=90))["verdict"] != "copy"


def small_copy(image: Image.Image, folder: Path) -> Path:
    """128 pixels at quality 40."""
    path = folder / "small.jpg"
    copy = image.copy()
    copy.thumbnail((128, 128), Image.Resampling.LANCZOS)
    copy.save(path, quality=40)
    return path


def of_file(path: Path) -> dict[str, object]:
    with Image.open(path) as image:
        return {"image": image.convert("RGB"), "tables": tables_of(path)}


def test_what_a_small_copy_differs_in_is_its_encoders_work_or_another_photograph(tmp_path: Path) -> None:
    original, other = scene(13), scene(13, moved=60)
    small = features(**of_file(small_copy(original, tmp_path)))
    own, others = compare(features(original), small), compare(features(other), small)
    assert own["verdict"] == "copy", own
    assert own["coded"]["explained"], own
    assert others["verdict"] != "copy", others


def another_shirt(image: Image.Image) -> Image.Image:
    """A small part of it in another colour, as bright as before."""
    brightness, blue, red = image.convert("YCbCr").split()
    box = image.width // 2, image.height // 2, image.width * 5 // 8, image.height * 11 // 16
    for channel, levels in ((blue, -18), (red, 18)):
        channel.paste(channel.crop(box).point([min(255, max(0, value + levels)) for value in range(256)]), box)
    return Image.merge("YCbCr", (brightness, blue, red)).convert("RGB")


def test_a_shirt_of_another_colour_is_no_encoders_work_however_small(tmp_path: Path) -> None:
    original = scene(13)
    small = features(**of_file(small_copy(another_shirt(original), tmp_path)))
    evidence = compare(features(original), small)
    assert evidence["coded"]["most"] < 3, "to a grey eye it is the same"
    assert evidence["coded"]["chroma"] > 4, evidence
    assert evidence["verdict"] == "variant", evidence


def test_of_a_thumbnail_too_small_to_know_a_face_in_a_person_decides(tmp_path: Path) -> None:
    original = scene(13)
    evidence = {}
    for edge in (128, 84):
        path = tmp_path / f"{edge}.jpg"
        original.resize((edge, edge * original.height // original.width)).save(path, quality=40)
        evidence[edge] = compare(features(original), features(**of_file(path)))
        assert evidence[edge]["coded"]["explained"], evidence
    assert (evidence[128]["verdict"], evidence[84]["verdict"]) == ("copy", "variant")


def test_only_a_jpeg_has_tables_to_encode_with_again(tmp_path: Path) -> None:
    scene(1).save(tmp_path / "a.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xdb\x00")
    assert tables_of(tmp_path / "a.png") is None
    assert tables_of(tmp_path / "broken.jpg") is None


def box(seed: int) -> Image.Image:
    """A box on a table, with a piece of sky on its label."""
    page = Image.new("RGB", (900, 900), (236, 234, 230))
    draw, rng = ImageDraw.Draw(page), np.random.default_rng(3)
    for _ in range(250):
        x, y = int(rng.integers(0, 900)), int(rng.integers(640, 900))
        draw.line((x, y, x + 90, y + int(rng.integers(-3, 3))), fill=(150 + int(rng.integers(0, 40)), 120, 90), width=3)
    draw.rectangle((240, 200, 660, 740), fill=(180, 150, 60), outline=(90, 70, 20), width=5)
    for row in range(5):
        draw.text(
            (280, 590 + row * 26), "Made of what the archive keeps, by hand", (60, 45, 10), ImageFont.load_default(20)
        )
    level = np.linspace(seed, 6 - seed, 220)[:, None, None] + np.array([196, 214, 224])
    page.paste(Image.fromarray(np.broadcast_to(level, (220, 220, 3)).astype(np.uint8)), (340, 330))
    return page


def test_a_box_with_another_piece_of_plain_sky_on_its_label_is_for_a_person_to_see() -> None:
    assert prove(box(0), sent(box(0), edge=700))["verdict"] == "copy"
    assert prove(box(0), sent(box(6), edge=700))["verdict"] == "variant"


def page(number: int) -> Image.Image:
    """A slide whose number alone is another."""
    slide = Image.new("RGB", (1600, 900), (252, 252, 250))
    draw = ImageDraw.Draw(slide)
    draw.rectangle((0, 0, 1600, 120), fill=(20, 70, 130))
    draw.text((50, 30), "What we learned this year", "white", ImageFont.load_default(52))
    for line in range(5):
        draw.ellipse((80, 214 + line * 120, 100, 234 + line * 120), fill=(20, 70, 130))
        draw.text(
            (130, 195 + line * 120), "Nine partners and minutes in public", (30, 30, 30), ImageFont.load_default(44)
        )
    draw.text((1450, 840), str(number), (120, 120, 120), ImageFont.load_default(24))
    return slide


@pytest.mark.parametrize("edge", [1600, 800])
def test_a_slide_with_another_number_is_another_slide_and_its_copy_is_not(edge: int) -> None:
    assert prove(page(866), sent(page(866), edge=edge, quality=80))["verdict"] == "copy"
    assert prove(page(866), sent(page(868), edge=edge, quality=80))["verdict"] == "variant"


def test_a_drawing_too_small_to_be_read_is_for_a_person_to_see() -> None:
    assert prove(page(866), sent(page(866), edge=200, quality=80))["verdict"] != "copy"


def hall(seed: int) -> Image.Image:
    """A lit speaker in a dark hall."""
    noise = np.random.default_rng(seed + 100).normal(22, 2, (512, 768, 3)).clip(0, 255).astype(np.uint8)
    dark = Image.fromarray(noise)
    dark.paste(scene(seed).crop((290, 180, 450, 380)), (290, 180))
    return dark


def test_a_face_in_a_dark_hall_is_enough_where_all_of_it_agrees() -> None:
    evidence = prove(hall(14), sent(hall(14), edge=700, quality=85))
    assert evidence["texture"] < 0.20
    assert evidence["verdict"] == "copy"
    assert prove(hall(14), sent(hall(15), edge=700, quality=85))["verdict"] != "copy"


def test_a_proof_tells_which_of_two_pictures_has_no_colours() -> None:
    """Nothing in colours was made of it."""
    original = scene(14)
    grey = sent(original.convert("L").convert("RGB"), edge=768, quality=90)
    assert prove(original, grey)["grey"] == "right"
    assert prove(grey, original)["grey"] == "left"
    assert "grey" not in prove(original, sent(original, edge=768, quality=90))
    assert "grey" not in prove(grey, sent(grey, edge=700, quality=80))
