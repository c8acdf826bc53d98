"""A broken encoder never fills a bucket: what it makes is looked at before it is kept, and the machine is blamed, not the file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mediaarchive.errors import EncoderFault
from mediaarchive.renderers.guard import Guard, likeness
from mediaarchive.renderers.still import PillowStills

SETS: list[dict[str, Any]] = [
    {"format": "avif", "quality": 62, "speed": 9, "subsampling": "4:2:0"},
    {"format": "jpeg", "quality": 76, "subsampling": "4:2:0"},
    {"format": "webp", "quality": 82, "speed": 2},
]
KINDS = [entry["format"] for entry in SETS]


def photograph() -> Image.Image:
    """Colours, edges and texture."""
    x, y = np.meshgrid(np.arange(640), np.arange(420))
    pixels = np.stack([x * 255 / 640, y * 255 / 420, 120 + 80 * np.sin(x / 5) * np.cos(y / 7)], axis=-1)
    pixels[100:200, 300:420] = (220, 40, 30)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def shifted(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.roll(np.asarray(image), (6, 9), axis=(0, 1)))


Break = Callable[[Image.Image], Image.Image]
BROKEN: dict[str, Break] = {
    "grey": lambda image: image.convert("L").convert("RGB"),
    "a plain colour": lambda image: Image.new("RGB", image.size, (128, 128, 128)),
    "shifted": shifted,
    "upside down": lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    "red for blue": lambda image: Image.merge("RGB", image.split()[::-1]),
    "smaller": lambda image: image.resize((image.width - 1, image.height)),
    "noise": lambda image: Image.effect_noise(image.size, 90).convert("RGB"),
    "too bright": lambda image: image.point([min(255, value + 40) for value in range(256)] * 3),
}


def break_encoder(monkeypatch: pytest.MonkeyPatch, kind: str, change: Break) -> None:
    """From now on Pillow's encoder of this format writes another picture than it is given."""
    name = kind.upper()
    good = Image.SAVE[name] if name in Image.SAVE else (Image.preinit(), Image.init(), Image.SAVE[name])[-1]

    def save(image: Image.Image, file: io.BytesIO, filename: str) -> None:
        other = change(image)
        other.encoderinfo = image.encoderinfo
        other.encoderconfig = getattr(image, "encoderconfig", ())
        good(other, file, filename)

    monkeypatch.setitem(Image.SAVE, name, save)


def render(spool: Path, *edges: int, guard: Guard | None = None) -> None:
    params = [entry | {"edge": edge} for entry in SETS for edge in edges]
    PillowStills(guard=guard or Guard()).render_image(photograph(), params, spool)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_encoder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, fault: str) -> None:
    break_encoder(monkeypatch, kind, BROKEN[fault])
    with pytest.raises(EncoderFault) as caught:
        render(tmp_path, 320)
    assert f"The {kind} encoder of this machine" in str(caught.value)
    assert "The picture itself is fine" in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_an_encoder_that_writes_garbage_or_stops_is_no_fault_of_the_photograph(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    Image.init()
    monkeypatch.setitem(Image.SAVE, kind.upper(), lambda _image, file, _name: file.write(b"\0garbage" * 99))
    with pytest.raises(EncoderFault, match="can't be read back"):
        render(tmp_path, 320)

    def stop(*_: object) -> None:
        raise OSError("encoder error -2 when writing image file")

    monkeypatch.setitem(Image.SAVE, kind.upper(), stop)
    with pytest.raises(EncoderFault, match="encoder error -2"):
        render(tmp_path, 320)


def test_a_file_that_breaks_in_large_sizes_only_is_found_in_the_sample(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    break_encoder(monkeypatch, "jpeg", lambda image: shifted(image) if image.width > 320 else image)
    render(tmp_path, 320, 640, guard=Guard(sample=0))
    with pytest.raises(EncoderFault):
        render(tmp_path, 320, 640, guard=Guard(sample=1))


def test_the_sample_is_the_same_everywhere_and_as_large_as_asked_for() -> None:
    hashes = [f"{number * 2654435761 % (1 << 32):08x}{'0' * 56}" for number in range(10_000)]
    chosen = [sha256 for sha256 in hashes if Guard(sample=0.02).chosen(sha256)]
    assert 150 < len(chosen) < 250
    assert all(Guard(sample=0.5).chosen(sha256) for sha256 in chosen)
    assert not any(Guard(sample=0).chosen(sha256) for sha256 in hashes)
    assert all(Guard(sample=1).chosen(sha256) for sha256 in hashes)


@pytest.mark.parametrize("size", [(1, 1), (7, 900), (2000, 10), (9, 9)])
@pytest.mark.parametrize("quality", [1, 30, 76])
def test_tiny_pictures_and_low_qualities_pass(tmp_path: Path, size: tuple[int, int], quality: int) -> None:
    image = photograph().resize(size)
    params = [entry | {"edge": max(size), "quality": quality} for entry in SETS]
    assert len(PillowStills(guard=Guard(sample=1)).render_image(image, params, tmp_path)) == 3


def test_likeness_is_one_for_the_same_picture_and_falls_with_every_pixel_of_shift() -> None:
    image = photograph()
    scores = [likeness(image, Image.fromarray(np.roll(np.asarray(image), shift, axis=1))) for shift in (0, 1, 3, 7)]
    assert scores[0] == pytest.approx(1.0, abs=1e-4)
    assert sorted(scores, reverse=True) == scores
    assert scores[-1] < 0.9


@pytest.mark.corpus
def test_real_photographs_pass(corpus: Path, tmp_path: Path) -> None:
    names = ("photoprism__6.jpg", "photoprism__12.jpg", "sharp__gamma_dalai_lama_gray.jpg", "pillow__exif_gps.jpg")
    for name in names:
        with Image.open(corpus / "event-photos" / name) as image:
            edges = sorted({min(320, max(image.size)), max(image.size)})
        params = [entry | {"edge": edge} for entry in SETS for edge in edges]
        PillowStills(guard=Guard(sample=1)).render(corpus / "event-photos" / name, params, tmp_path)
