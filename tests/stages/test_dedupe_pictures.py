"""Signatures and proofs on pictures: what is one photograph, however it was sent, and what only looks like it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from mediaarchive.model import Facts, Kind
from mediaarchive.stages.dedupe.features import features
from mediaarchive.stages.dedupe.grouping import fold
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.dedupe.proof import compare, prove
from mediaarchive.stages.dedupe.signature import dihedral, resized, sign, tables, trim
from mediaarchive.stages.dedupe.tones import strays

SIZE = (768, 512)


def scene(seed: int, *, moved: int = 0) -> Image.Image:
    """A room full of things; `moved` shifts one person-sized thing in it by so many pixels."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(60, 200, (16, 24, 3), dtype=np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(coarse)
    for _ in range(220):
        x, y = int(rng.integers(0, SIZE[0])), int(rng.integers(0, SIZE[1]))
        width, height = (int(side) for side in rng.integers(6, 60, 2))
        draw.rectangle((x, y, x + width, y + height), fill=tuple(int(level) for level in rng.integers(0, 255, 3)))
    draw.ellipse((300 + moved, 200, 380 + moved, 360), fill=(250, 220, 190))
    draw.ellipse((325 + moved, 230, 345 + moved, 250), fill=(20, 20, 20))
    return coarse.filter(ImageFilter.GaussianBlur(1))


def sent(image: Image.Image, *, edge: int = 512, quality: int = 70, kind: str = "JPEG") -> Image.Image:
    """What arrives after a messenger has resized and re-encoded a picture."""
    small = image.copy()
    small.thumbnail((edge, edge))
    stream = io.BytesIO()
    small.save(stream, kind, quality=quality)
    return Image.open(io.BytesIO(stream.getvalue())).convert("RGB")


def signed(image: Image.Image, path: Path = Path("none"), digest: str = "d1") -> dict[str, object]:
    return sign(image, path, "image/jpeg", digest, *image.size)


def bits_apart(left: object, right: object) -> int:
    return (int(str(left), 16) ^ int(str(right), 16)).bit_count()


EDITS = {
    "as it is": lambda image: image,
    "messenger": lambda image: sent(image, edge=400, quality=60),
    "thumbnail": lambda image: sent(image, edge=320),
    "webp": lambda image: sent(image, kind="WEBP"),
    "rotated": lambda image: sent(image).transpose(Image.Transpose.ROTATE_90),
    "mirrored": lambda image: sent(image).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "rotated and mirrored": lambda image: sent(image).transpose(Image.Transpose.TRANSVERSE),
    "grey": lambda image: sent(image.convert("L").convert("RGB")),
    "brighter": lambda image: sent(ImageEnhance.Brightness(image).enhance(1.15)),
    "cropped by a tenth": lambda image: sent(image.crop((30, 40, 722, 501))),
    "framed": lambda image: ImageOps.expand(sent(image), 30, "white"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_copy_is_proved_however_it_was_sent(edit: str) -> None:
    original = scene(1)
    assert prove(original, EDITS[edit](original))["verdict"] == "copy"


def test_the_whole_picture_is_known_to_contain_its_crop() -> None:
    original = scene(2)
    crop = original.crop((60, 40, 660, 440))
    assert prove(original, crop)["contains"] == "left"
    assert prove(crop, original)["contains"] == "right"
    assert prove(original, sent(original))["contains"] == "both"
    assert prove(original, crop)["share"] == pytest.approx(600 * 400 / (768 * 512), abs=0.02)


def test_somebody_who_moved_makes_another_photograph() -> None:
    assert prove(scene(3), scene(3, moved=60))["verdict"] in {"different", "variant"}


def test_a_view_from_one_step_aside_is_another_photograph() -> None:
    wide = scene(4)
    left, right = wide.crop((0, 0, 680, 512)), wide.crop((60, 0, 740, 512))
    assert prove(left, right)["verdict"] == "different"


def test_a_subject_on_a_plain_wall_that_stands_lower_is_another_photograph_even_in_a_frame() -> None:
    walls = [Image.new("RGB", SIZE, (150, 170, 170)) for _ in range(2)]
    for wall, top in zip(walls, (120, 136), strict=True):
        wall.paste(scene(17).resize((384, 256)), (200, top))
    framed = ImageOps.expand(walls[1], 30, "white")
    assert prove(walls[0], framed)["verdict"] != "copy"
    assert prove(walls[1], framed)["verdict"] == "copy"


def test_two_scenes_are_different_and_a_blank_frame_proves_nothing() -> None:
    black = Image.new("RGB", SIZE)
    assert prove(scene(5), scene(6))["verdict"] == "different"
    assert prove(black, black)["verdict"] == "different"
    assert prove(black, scene(5))["verdict"] == "different"
    assert prove(Image.new("RGB", (1, 1)), scene(5))["verdict"] == "different"


def dressed(shirt: tuple[int, int, int]) -> Image.Image:
    picture = scene(18)
    ImageDraw.Draw(picture).rectangle((300, 330, 400, 460), fill=shirt)
    return picture


@pytest.mark.parametrize("shirt", [(60, 60, 110), (58, 112, 60)], ids=["darker", "of another hue, as light in grey"])
def test_another_plain_shirt_is_another_photograph(shirt: tuple[int, int, int]) -> None:
    first = dressed((140, 70, 66))
    assert prove(first, sent(dressed(shirt), edge=600))["verdict"] != "copy"
    assert prove(dressed(shirt), sent(dressed(shirt), edge=600))["verdict"] == "copy"


def test_a_band_with_a_caption_is_for_a_person_to_see() -> None:
    original = scene(19)
    banded = sent(original, edge=600)
    draw = ImageDraw.Draw(banded)
    draw.rectangle((0, 340, 600, 400), fill=(15, 15, 15))
    draw.text((20, 352), "Plenary session, second day", "white", font_size=28)
    assert prove(original, banded)["verdict"] == "variant"


def test_what_is_around_a_copy_draws_nothing_aside() -> None:
    """In a frame, on a screen: laid over each other exactly, so that little is left by which two exposures would differ."""
    original = scene(21)
    screen = Image.new("RGB", (900, 1600), (17, 27, 33))
    screen.paste(original.resize((900, 600), Image.Resampling.LANCZOS), (0, 500))
    for around in (ImageOps.expand(original, 40, "white"), screen):
        proof = prove(original, around)
        assert proof["verdict"] == "copy"
        assert proof["mean"] >= 0.995
        assert proof["fine"]["rest"] <= 4.0


@pytest.mark.parametrize("ink", [(30, 80, 200), (250, 140, 40)])
def test_an_emblem_in_another_teams_colours_is_for_a_person_to_see(ink: tuple[int, int, int]) -> None:
    def emblem(colour: tuple[int, int, int]) -> Image.Image:
        page, rng = Image.new("RGB", (800, 800), "white"), np.random.default_rng(3)
        draw = ImageDraw.Draw(page)
        for _ in range(60):
            x, y, size = (int(value) for value in rng.integers((0, 0, 30), (700, 700, 120)))
            draw.polygon([(x, y), (x + size, y + size // 3), (x + size // 2, y + size)], fill=colour)
        return page

    red = emblem((200, 30, 50))
    assert prove(red, sent(red, edge=780))["verdict"] == "copy"
    assert prove(red, sent(emblem(ink), edge=780))["verdict"] == "variant"


def test_colours_that_more_contrast_has_clipped_still_follow_from_the_originals() -> None:
    patches = np.random.default_rng(5).integers(0, 256, (12, 16, 3)).repeat(16, axis=0).repeat(16, axis=1)
    harder = np.clip(1.7 * (patches - 128.0) + 128, 0, 255)
    as_it_lies = np.array([[1.0, 0, 0], [0, 1, 0]])
    assert strays(patches.astype(np.uint8), harder.astype(np.uint8), as_it_lies) == 0
    harder[32:64, 32:64] = 255 - harder[32:64, 32:64]
    assert strays(patches.astype(np.uint8), harder.astype(np.uint8), as_it_lies) > 0


def dark_hall(seed: int, lamp: tuple[int, int, int], light: float = 1.0) -> np.ndarray:
    """Hardly lit, with the noise of that; two lamps in it."""
    y, x = np.mgrid[0:320, 0:480]
    base = 12 + 3 * np.sin(x / 60) + 2.1 * np.cos(y / 45)
    hall = np.stack([base * 0.8, base, base * 1.25], axis=-1)
    hall[96:128, 200:232], hall[96:128, 260:292] = lamp, (240, 210, 150)
    noise = np.random.default_rng(seed).normal(0, 12, hall.shape)
    return ((hall + noise) * light).clip(0, 255).astype(np.uint8)


def test_a_lamp_in_a_dark_hall_is_as_red_as_before_though_nothing_else_is_like_it() -> None:
    as_it_lies = np.array([[1.0, 0, 0], [0, 1, 0]])
    red, lit = dark_hall(1, (235, 60, 40)), dark_hall(2, (235, 60, 40), 1.06)
    assert strays(red, lit, as_it_lies) == 0
    assert strays(red, dark_hall(2, (40, 60, 235), 1.06), as_it_lies) > 0


def test_the_original_is_shown_and_not_its_sharpened_edit() -> None:
    noise = Image.fromarray(np.random.default_rng(20).normal(128, 12, (512, 768)).clip(0, 255).astype(np.uint8))
    original = Image.blend(scene(20), Image.merge("RGB", [noise] * 3), 0.2)
    pictures = {
        "original": sent(original, edge=768, quality=90),
        "sharpened": sent(original.filter(ImageFilter.UnsharpMask(2, 90, 2)), edge=768, quality=92),
        "sent on": sent(original, edge=640, quality=72),
        "small": sent(original, edge=500, quality=80),
    }
    kept = {name: features(picture) for name, picture in pictures.items()}
    entries = [
        Entry(
            sha256=name,
            facts=Facts(kind=Kind.PHOTO, mime="image/jpeg", width=picture.width, height=picture.height),
            bytes=1000,
        )
        for name, picture in pictures.items()
    ]
    entries = [
        replace(e, facts=replace(e.facts, signature=signed(pictures[e.sha256], digest=e.sha256))) for e in entries
    ]
    proofs = {pair: compare(kept[pair[0]], kept[pair[1]]) for pair in combinations(sorted(pictures), 2)}
    groups = fold(entries, proofs, (), {}).groups
    assert [group.master for group in groups] == ["original"]
    assert groups[0].evidence["master"] == "most-alike"


def test_a_logo_on_an_empty_page_is_too_little_to_be_sure() -> None:
    page = Image.new("RGB", SIZE, "white")
    page.paste(scene(7).crop((0, 0, 150, 110)), (20, 20))
    assert prove(page, sent(page))["verdict"] == "unclear"


def test_features_kept_for_several_proofs_give_the_same_evidence() -> None:
    original, copy = scene(8), sent(scene(8))
    kept = features(original)
    assert compare(kept, features(copy)) == prove(original, copy) == compare(kept, features(copy))


def test_another_process_finds_the_same_signature_and_evidence(tmp_path: Path) -> None:
    scene(9).save(tmp_path / "a.png")
    sent(scene(9), edge=400).save(tmp_path / "b.png")
    script = (
        "import json, pathlib, sys\n"
        "from PIL import Image\n"
        "from mediaarchive.stages.dedupe import proof, signature\n"
        "left, right = (Image.open(name) for name in sys.argv[1:])\n"
        "signed = signature.sign(left, pathlib.Path('none'), 'image/png', 'd1', *left.size)\n"
        "print(json.dumps([signed, proof.prove(left, right)], sort_keys=True))\n"
    )
    names = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    elsewhere = subprocess.run([sys.executable, "-c", script, *names], check=True, capture_output=True, text=True)
    left, right = (Image.open(name) for name in names)
    here = [sign(left, Path("none"), "image/png", "d1", *left.size), prove(left, right)]
    assert elsewhere.stdout.strip() == json.dumps(here, sort_keys=True)


def test_a_copys_hash_stays_near_and_its_forms_know_every_orientation() -> None:
    original = signed(scene(10))
    assert bits_apart(original["phash"], signed(sent(scene(10), edge=320))["phash"]) <= 24
    assert bits_apart(original["phash"], signed(scene(11))["phash"]) > 72
    forms = original["forms"]
    assert isinstance(forms, list)
    assert forms[0] == original["phash"]
    for turned, form in zip(dihedral(scene(10)), forms, strict=True):
        assert bits_apart(signed(turned)["phash"], form) <= 8


def test_a_framed_copy_is_recognised_by_what_is_inside_its_frame() -> None:
    original = scene(12)
    framed = signed(ImageOps.expand(original, 60, "white"))
    assert bits_apart(framed["trim"], signed(original)["phash"]) <= 24
    assert framed["inside"] == pytest.approx(768 * 512 / (888 * 632), abs=0.01)
    assert signed(original)["trim"] is None


def test_a_plain_picture_has_no_texture_and_its_border_ends() -> None:
    plain = signed(Image.new("RGB", SIZE, "grey"))
    assert (plain["texture"], plain["sharp"]) == (0.0, 0.0)
    trimmed = trim(plain := Image.new("L", SIZE, 90), resized(plain, 512))
    assert trimmed is not None
    assert min(trimmed.size) > 0
    assert signed(Image.new("RGB", (1, 1)))["texture"] == 0.0


def test_blur_lowers_sharpness() -> None:
    soft = scene(13).filter(ImageFilter.GaussianBlur(4))
    assert float(str(signed(soft)["sharp"])) < float(str(signed(scene(13))["sharp"])) / 2


def test_a_signature_is_plain_json() -> None:
    mine = signed(scene(14))
    assert json.loads(json.dumps(mine, allow_nan=False)) == mine
    assert mine["v"] == 1


def test_quantisation_tables_tell_encoders_apart(tmp_path: Path) -> None:
    for name, quality in (("a", 70), ("b", 70), ("c", 90)):
        scene(15 if name == "a" else 16).save(tmp_path / f"{name}.jpg", quality=quality)
    found = {name: tables(tmp_path / f"{name}.jpg") for name in "abc"}
    assert found["a"] == found["b"] != found["c"]
    assert found["a"] is not None


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xdb\x00", b"\xff\xd8\xff\xe0\x00\x00", b"GIF89a"]
)
def test_a_broken_header_has_no_tables(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.jpg").write_bytes(content)
    assert tables(tmp_path / "broken.jpg") is None
    assert tables(tmp_path / "absent.jpg") is None


@pytest.mark.corpus
def test_neighbouring_street_views_are_never_proved_one(corpus: Path) -> None:
    views = [Image.open(path) for path in sorted((corpus / "near-duplicates").glob("opensfm__*.jpg"))]
    kept = [features(view.convert("RGB")) for view in views]
    verdicts = [compare(left, right)["verdict"] for place, left in enumerate(kept) for right in kept[place + 1 :]]
    assert verdicts
    assert "copy" not in verdicts


@pytest.mark.corpus
def test_the_bridge_turned_and_mirrored_is_one_photograph(corpus: Path) -> None:
    views = sorted((corpus / "near-duplicates").glob("threatexchange__bridge-*.jpg"))
    kept = [features(Image.open(path).convert("RGB")) for path in views]
    assert len(kept) == 8
    assert all(compare(kept[0], other)["verdict"] == "copy" for other in kept[1:])
