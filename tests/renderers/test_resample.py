"""Reduced pictures: the size that was asked for, what other tools make of it, and the same bytes on every processor."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mediaarchive.errors import EncoderFault
from mediaarchive.renderers import resample
from mediaarchive.renderers.resample import shrunk

_DIGEST = """
import hashlib, sys
import numpy as np
from PIL import Image
from mediaarchive.renderers.resample import shrunk
image = Image.fromarray(np.random.default_rng(7).integers(0, 256, (901, 1203, 3), dtype=np.uint8))
for size in ((1027, 769), (640, 480), (77, 58), (1, 1)):
    print(hashlib.sha256(shrunk(image, size).tobytes()).hexdigest())
"""


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, bands), dtype=np.uint8)
    return Image.frombytes(mode, (width, height), pixels.tobytes())


@pytest.mark.parametrize("vectors", [{"VIPS_NOVECTOR": "1"}, {"VIPS_VECTOR": "4096"}, {"VIPS_VECTOR": "16384"}])
def test_a_processor_with_other_vector_instructions_or_none_makes_the_same_bytes(vectors: dict[str, str]) -> None:
    def digests(extra: dict[str, str]) -> str:
        command = [sys.executable, "-c", _DIGEST]
        return subprocess.run(command, env=os.environ | extra, check=True, capture_output=True, text=True).stdout

    plain = digests({})
    assert len(set(plain.split())) == 4
    assert digests(vectors) == plain


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 20_000), st.integers(1, 60), st.data())
def test_every_size_comes_out_as_asked_and_a_plain_wall_stays_plain(
    width: int, height: int, data: st.DataObject
) -> None:
    _plain_wall((width, height), (data.draw(st.integers(1, width)), data.draw(st.integers(1, height))))


def test_a_plain_wall_stays_plain_where_coefficients_of_16_bits_round_down() -> None:
    """In one of 400 sizes libvips makes some of its pixels a 255th darker."""
    _plain_wall((495, 1), (136, 1))


def _plain_wall(before: tuple[int, int], size: tuple[int, int]) -> None:
    made = shrunk(Image.new("RGB", before, (7, 130, 255)), size)
    assert made.size == size
    assert all(
        low >= was - 1 and high <= was for (low, high), was in zip(made.getextrema(), (7, 130, 255), strict=True)
    )


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_reduced_picture_is_what_pillow_makes_of_it_but_for_rounding(mode: str) -> None:
    image = noise(900, 600, mode)
    size = 411, 274
    ours, theirs = (
        np.asarray(made, dtype=int) for made in (shrunk(image, size), image.resize(size, Image.Resampling.LANCZOS))
    )
    assert np.abs(ours - theirs).mean() < 1
    assert np.abs(ours - theirs).max() < 16  # of noise: libvips knows 64 places within a pixel


def test_colours_of_a_lab_picture_stay(  # their halves are signed: bytes beside each other may be far apart
) -> None:
    image = Image.new("LAB", (300, 200), (128, 2, 254))
    image.paste((128, 254, 2), (0, 0, 150, 200))
    made = shrunk(image, (30, 20))
    assert made.mode == "LAB"
    assert made.getpixel((2, 10)) == (128, 254, 2)
    assert made.getpixel((27, 10)) == (128, 2, 254)


def test_a_picture_too_large_to_be_copied_looks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    image = noise(800, 500)
    copied = np.asarray(shrunk(image, (320, 200)), dtype=int)
    monkeypatch.setattr(resample, "_COPIED", 100_000)
    image.info["comment"] = b"Secret"
    made = shrunk(image, (320, 200))
    assert made.info == {}
    assert np.abs(np.asarray(made, dtype=int) - copied).mean() < 1


def test_nothing_is_enlarged() -> None:
    with pytest.raises(ValueError, match="would enlarge"):
        shrunk(noise(30, 20), (31, 20))
    assert (
        hashlib.sha256(shrunk(noise(30, 20), (30, 20)).tobytes()).digest()
        == hashlib.sha256(noise(30, 20).tobytes()).digest()
    )


def test_a_machine_without_libvips_is_at_fault_not_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    resample._vips.cache_clear()
    monkeypatch.setitem(sys.modules, "pyvips", None)
    with pytest.raises(EncoderFault, match=r"picture itself is fine.*pyvips\[binary\]"):
        shrunk(noise(30, 20), (15, 10))
