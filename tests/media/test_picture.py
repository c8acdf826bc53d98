"""The one door for still pictures: upright, in the right colours, whole, or refused with a sentence."""

from __future__ import annotations

import io
import struct
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageFile
from ramps import saved, scene

from mediaarchive.errors import BadInput
from mediaarchive.media.picture import Picture, decode, open_picture

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 250_000_000
UPRIGHT_TAG = b"\x01\x12\0\3\0\0\0\1\0\1"  # EXIF's orientation 1, big-endian
TURNED = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


def opened(path: Path, *, at_least: int | None = None) -> Picture:
    return open_picture(path, pixels=LIMIT, at_least=at_least)


def difference(left: Image.Image, right: Image.Image) -> float:
    """The mean difference of two pictures, in steps of 255."""
    assert left.size == right.size
    return float(np.abs(np.asarray(left, dtype=float) - np.asarray(right.convert("RGB"), dtype=float)).mean())


def refusal(path: Path, *, pixels: int = LIMIT, at_least: int | None = None) -> str:
    with pytest.raises(BadInput) as caught:
        open_picture(path, pixels=pixels, at_least=at_least)
    reason = caught.value.problem.reason
    assert reason.endswith(".")
    assert path.name not in reason
    return caught.value.problem.code


def oriented(value: object) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


# Orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.webp", "photo.avif", "photo.tif"])
def test_a_camera_held_in_any_of_eight_ways_gives_the_same_picture(tmp_path: Path, name: str, orientation: int) -> None:
    stored = TURNED[orientation](scene())
    path = saved(tmp_path, stored, name, exif=oriented(orientation), quality=95)
    picture = opened(path)
    assert (picture.width, picture.height) == (320, 200)
    assert difference(picture.image, scene()) < 3


@pytest.mark.parametrize("orientation", [0, 9, 15, 51713])
def test_a_nonsensical_orientation_counts_as_upright(tmp_path: Path, orientation: int) -> None:
    path = saved(tmp_path, scene(), exif=oriented(orientation), quality=95)
    assert difference(opened(path).image, scene()) < 3


def test_damaged_exif_does_not_reject_a_good_photo(tmp_path: Path) -> None:
    path = saved(tmp_path, scene(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(40), quality=95)
    assert difference(opened(path).image, scene()) < 3


@pytest.mark.corpus
@pytest.mark.parametrize("pattern", ["pillow__rot?mir?.avif", "exif-orientation-e__Landscape_?.jpg"])
def test_real_orientation_series_look_alike(corpus: Path, pattern: str) -> None:
    pictures = [opened(path).image for path in sorted((corpus / "event-photos").glob(pattern))]
    assert len(pictures) >= 8
    smallest = [picture.resize((24, 16), Image.Resampling.BOX) for picture in pictures]
    assert max(difference(smallest[0], other) for other in smallest[1:]) < 6


@pytest.mark.corpus
def test_a_heic_held_sideways_is_turned_exactly_once(corpus: Path, tmp_path: Path) -> None:
    data = (corpus / "captioned" / "exiv2__Stonehenge.heic").read_bytes()
    turned = data.replace(b"irot\0", b"irot\3").replace(UPRIGHT_TAG, UPRIGHT_TAG[:-1] + b"\6")
    assert sum(left != right for left, right in zip(data, turned, strict=True)) == 2
    (tmp_path / "upright.heic").write_bytes(data)
    (tmp_path / "sideways.heic").write_bytes(turned)
    upright, sideways = opened(tmp_path / "upright.heic"), opened(tmp_path / "sideways.heic")
    assert (upright.width, upright.height, upright.mime) == (300, 200, "image/heic")
    assert (sideways.width, sideways.height) == (200, 300)
    assert difference(sideways.image, upright.image.transpose(Image.Transpose.ROTATE_270)) == 0


@pytest.mark.corpus
def test_a_sideways_avif_is_turned(corpus: Path) -> None:
    picture = opened(corpus / "event-photos" / "libvips__avif-orientation-6.avif")
    assert (picture.width, picture.height) == (3024, 4032)


# Reduced decoding and identity


@pytest.mark.parametrize(
    ("at_least", "long"), [(None, 1600), (1600, 1600), (801, 1600), (800, 800), (320, 400), (10, 200)]
)
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_reduced_decode_is_never_smaller_than_asked(
    tmp_path: Path, at_least: int | None, long: int, orientation: int
) -> None:
    path = saved(tmp_path, TURNED[orientation](scene(1600, 1000)), exif=oriented(orientation))
    picture = opened(path, at_least=at_least)
    assert (picture.width, picture.height) == (1600, 1000)
    assert picture.image.size == (long, long * 1000 // 1600)


def test_the_same_pixels_have_the_same_identity_whatever_the_metadata(tmp_path: Path) -> None:
    plain = opened(saved(tmp_path, scene(), "a.jpg", quality=90))
    commented = opened(saved(tmp_path, scene(), "b.jpg", quality=90, comment="by a stranger", exif=oriented(1)))
    other = opened(saved(tmp_path, scene(), "c.jpg", quality=80))
    assert plain.raw_digest == commented.raw_digest
    assert plain.raw_digest != other.raw_digest


def test_the_same_pixels_in_another_shape_are_another_picture(tmp_path: Path) -> None:
    wide = opened(saved(tmp_path, Image.new("RGB", (40, 10)), "a.png"))
    tall = opened(saved(tmp_path, Image.new("RGB", (10, 40)), "b.png"))
    assert wide.raw_digest != tall.raw_digest


# What else is in a file


def test_an_animation_shows_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (32, 32), color) for color in ("red", "green", "blue")]
    for name in ("a.gif", "a.webp", "a.png", "a.avif"):
        picture = opened(saved(tmp_path, frames[0], name, save_all=True, append_images=frames[1:]))
        assert picture.notes == ("animated",), name
        assert picture.image.getpixel((5, 5))[0] > 200, name
    pages = opened(saved(tmp_path, frames[0], "a.tif", save_all=True, append_images=frames[1:]))
    assert pages.notes == ("pages",)


def test_a_gain_map_and_content_credentials_are_noted(tmp_path: Path) -> None:
    ultra = b'<x:xmpmeta xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'
    assert opened(saved(tmp_path, scene(), "a.jpg", xmp=ultra)).notes == ("gain-map",)
    plain = saved(tmp_path, scene(), "b.jpg").read_bytes()
    jumbf = b"JP\0\1\0\0\0\1" + b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa" + bytes(12)
    (tmp_path / "c.jpg").write_bytes(plain[:2] + b"\xff\xeb" + struct.pack(">H", len(jumbf) + 2) + jumbf + plain[2:])
    assert opened(tmp_path / "c.jpg").notes == ("c2pa",)


def test_content_credentials_are_noted_in_every_container(tmp_path: Path) -> None:
    box = b"uuid" + bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"manifest"
    avif = saved(tmp_path, scene(), "a.avif")
    avif.write_bytes(avif.read_bytes() + struct.pack(">I", len(box) + 4) + box)
    webp = saved(tmp_path, scene(), "a.webp")
    data = webp.read_bytes() + b"C2PA" + struct.pack("<I", 8) + b"manifest"
    webp.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    png = saved(tmp_path, scene(), "a.png")
    png.write_bytes(png.read_bytes().replace(b"\0\0\0\0IEND", _chunk(b"caBX", b"manifest") + b"\0\0\0\0IEND"))
    for path in (avif, webp, png):
        assert opened(path).notes == ("c2pa",), path.name


def test_a_stereo_photo_shows_its_base_picture(tmp_path: Path) -> None:
    path = saved(tmp_path, scene(), "a.mpo", save_all=True, append_images=[Image.new("RGB", (320, 200))], quality=95)
    picture = opened(path)
    assert (picture.mime, picture.notes) == ("image/jpeg", ())
    assert difference(picture.image, scene()) < 3


# What is refused


@pytest.mark.parametrize("part", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
@pytest.mark.parametrize("at_least", [None, 100])
def test_a_truncated_photo_is_never_published(
    tmp_path: Path, part: float, options: dict[str, bool], at_least: int | None
) -> None:
    data = saved(tmp_path, noisy(), **options).read_bytes()
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(data[: int(len(data) * part)])
    assert refusal(cut, at_least=at_least) == "truncated"
    cut.write_bytes(data[:-2])
    assert refusal(cut, at_least=at_least) == "truncated"


def noisy() -> Image.Image:
    values = np.random.default_rng(7).normal(0, 20, (450, 600, 3)) + np.asarray(scene(600, 450))
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.avif", "a.gif", "a.bmp", "a.tif"])
def test_half_a_file_is_truncated_in_every_format(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, noisy(), name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert refusal(path) == "truncated"


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.avif"])
def test_a_copy_that_broke_off_and_left_its_reserved_room_is_truncated(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, noisy(), name, quality=95)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    assert refusal(path) == "truncated"


def test_a_camera_that_pads_its_files_is_no_reason_to_refuse_them(tmp_path: Path) -> None:
    path = saved(tmp_path, noisy())
    path.write_bytes(path.read_bytes() + bytes(40_000))
    assert opened(path).width == 600


@pytest.mark.corpus
def test_half_a_heic_is_truncated_though_its_decoder_would_take_it(corpus: Path, tmp_path: Path) -> None:
    data = (corpus / "event-photos" / "test-assets__IMG_2682.heic").read_bytes()
    path = tmp_path / "a.heic"
    path.write_bytes(data[: len(data) // 2])
    assert refusal(path) == "truncated"
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    assert refusal(path) == "truncated"
    path.write_bytes(data + b"SEFT trailer")
    assert opened(path).width == 4032


def test_a_picture_beyond_the_limit_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = saved(tmp_path, scene())
    assert refusal(path, pixels=320 * 200 - 1) == "too-large"
    assert opened(path).width == 320
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", b"") + _chunk(b"IEND", b""))
    assert refusal(bomb) == "too-large"


def _chunk(kind: bytes, data: bytes) -> bytes:
    import zlib  # noqa: PLC0415 - the only user

    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_pillows_own_limit_and_strictness_stay_as_they_were(tmp_path: Path) -> None:
    before = Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    opened(saved(tmp_path, scene()))
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("name", ["a.ico", "a.ppm", "a.tga", "a.pcx", "a.dds", "a.eps", "a.pdf", "a.sgi"])
def test_formats_that_no_camera_writes_never_reach_a_parser(tmp_path: Path, name: str) -> None:
    assert refusal(saved(tmp_path, scene(64, 64), name)) == "undecodable"


@pytest.mark.parametrize(
    "data", [b"no picture", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\4\0\0\0WEBP", b"<svg/>", bytes(999)]
)
def test_what_is_no_picture_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    assert refusal(path) in {"undecodable", "truncated"}


def test_an_empty_file_is_refused_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.touch()
    assert refusal(path) == "zero-size"


def test_a_missing_file_is_no_fault_of_the_photographer(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "gone.jpg")


def test_a_lying_extension_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    data = io.BytesIO()
    scene().save(data, "PNG")
    path.write_bytes(data.getvalue())
    assert opened(path).mime == "image/png"


@pytest.mark.corpus
def test_hostile_files_give_a_picture_or_a_refusal(corpus: Path) -> None:
    refused = 0
    for path in sorted((corpus / "hostile").iterdir()):
        try:
            decode(path, pixels=LIMIT, at_least=640)
        except BadInput:
            refused += 1
    assert refused > 100
