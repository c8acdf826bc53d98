"""Pictures of every kind of pixel come out in the colours they have elsewhere, as sRGB."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw
from profiles import cmyk_profile
from ramps import saved, scene

from mediaarchive.media import color
from mediaarchive.media.codepoints import profile_of
from mediaarchive.media.color import to_srgb
from mediaarchive.media.picture import Picture, open_picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def opened(path: Path) -> Picture:
    return open_picture(path, pixels=1_000_000)


def difference(left: Image.Image, right: Image.Image) -> float:
    """The mean difference of two pictures, in steps of 255."""
    assert left.size == right.size
    return float(np.abs(np.asarray(left, dtype=float) - np.asarray(right.convert("RGB"), dtype=float)).mean())


def linear(rgb: np.ndarray) -> np.ndarray:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray) -> np.ndarray:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


# CSS Color 4, section "Sample code for color conversions": from XYZ (D65) to linear sRGB, and from linear P3 to XYZ.
SRGB_OF_XYZ = np.array(
    [[3.2409699, -1.5373832, -0.4986108], [-0.9692436, 1.8759675, 0.0415551], [0.0556301, -0.203977, 1.0569715]]
)
XYZ_OF_P3 = np.array(
    [[0.4865709, 0.2656677, 0.1982173], [0.2289746, 0.6917385, 0.0792869], [0.0, 0.0451134, 1.0439444]]
)


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.avif"])
def test_display_p3_photos_keep_their_colours(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, scene(), name, icc_profile=profile_of(12, 13), quality=95)
    picture = opened(path)
    values = np.asarray(scene(), dtype=float) / 255
    expected = encoded(linear(values) @ XYZ_OF_P3.T @ SRGB_OF_XYZ.T) * 255
    assert picture.notes == ("wide-gamut",)
    assert difference(picture.image, Image.fromarray(expected.round().astype(np.uint8))) < 4
    assert difference(picture.image, scene()) > 4


def test_a_profile_that_is_srgb_under_any_name_changes_no_pixel(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tagged = opened(saved(tmp_path, scene(), "a.png", icc_profile=profile))
    assert tagged.notes == ()
    assert difference(tagged.image, scene()) == 0


@pytest.mark.parametrize(
    "profile", [b"", b"no profile at all" * 20, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_a_wrong_profile_is_ignored_and_noted(tmp_path: Path, profile: bytes) -> None:
    picture = opened(saved(tmp_path, scene(), "a.png", icc_profile=profile))
    assert picture.notes == (("bad-profile",) if profile else ())
    assert difference(picture.image, scene()) == 0


def test_cmyk_photos_are_converted_by_their_profile(tmp_path: Path) -> None:
    cyan = Image.new("CMYK", (64, 64), (255, 0, 0, 0))
    picture = opened(saved(tmp_path, cyan, "a.jpg", icc_profile=cmyk_profile(), quality=95))
    red, _, blue = picture.image.getpixel((32, 32))
    assert picture.notes == ("cmyk",)
    assert red > blue + 30
    bare = opened(saved(tmp_path, cyan, "b.jpg", quality=95))
    red, _, blue = bare.image.getpixel((32, 32))
    assert blue > red + 100


@pytest.mark.corpus
def test_a_real_cmyk_photo_has_its_printed_colours(corpus: Path) -> None:
    picture = opened(corpus / "event-photos" / "sharp__Channel_digital_image_CMYK_color.jpg")
    mean = np.asarray(picture.image, dtype=float).mean(axis=(0, 1))
    assert np.abs(mean - (121, 126, 115)).max() < 6


def grey16() -> Image.Image:
    return Image.fromarray(np.asarray(scene().convert("L"), dtype=np.uint16) * 257)


UNUSUAL: dict[str, tuple[Callable[[], Image.Image], str, Callable[[], Image.Image], tuple[str, ...]]] = {
    "grey": (lambda: scene().convert("L"), "a.jpg", lambda: scene().convert("L"), ()),
    "16-bit grey PNG": (grey16, "a.png", lambda: scene().convert("L"), ()),
    "16-bit grey TIFF": (grey16, "a.tif", lambda: scene().convert("L"), ()),
    "float TIFF": (lambda: scene().convert("L").convert("F"), "a.tif", lambda: scene().convert("L"), ()),
    "black and white": (lambda: scene().convert("1"), "a.png", lambda: scene().convert("1"), ()),
    "palette": (lambda: scene().quantize(64), "a.png", lambda: scene().quantize(64), ()),
    "palette GIF": (lambda: scene().quantize(64), "a.gif", lambda: scene().quantize(64), ()),
    "opaque alpha": (lambda: scene().convert("RGBA"), "a.png", scene, ()),
    "Lab TIFF": (
        lambda: Image.new("LAB", (320, 200), (255, 128, 128)),
        "a.tif",
        lambda: Image.new("RGB", (320, 200), "white"),
        (),
    ),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_pixels_look_as_they_should(tmp_path: Path, kind: str) -> None:
    make, name, expected, notes = UNUSUAL[kind]
    picture = opened(saved(tmp_path, make(), name))
    assert picture.image.mode == "RGB"
    assert picture.notes == notes
    assert difference(picture.image, expected()) < 3


def test_grey_with_the_profile_of_a_colour_camera_is_taken_as_grey(tmp_path: Path) -> None:
    picture = opened(saved(tmp_path, scene().convert("L"), icc_profile=profile_of(12, 13), quality=95))
    assert "bad-profile" not in picture.notes
    assert difference(picture.image, scene().convert("L")) < 3


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_shows_white(tmp_path: Path, mode: str) -> None:
    image = scene().convert("RGBA")
    mask = Image.new("L", image.size, 255)
    mask.paste(0, (160, 0, 320, 200))
    image.putalpha(mask)
    picture = opened(saved(tmp_path, image.quantize(32) if mode == "P" else image.convert(mode), "a.png"))
    assert picture.notes == ("alpha",)
    assert picture.image.getpixel((300, 100)) == (255, 255, 255)
    assert picture.image.getpixel((20, 20)) != (255, 255, 255)


def test_hdr_pictures_come_out_as_bright_as_others() -> None:
    for transfer, code in ((16, 0.58), (18, 0.75)):  # BT.2408: the code values of diffuse white in PQ and HLG
        white = Image.new("RGB", (1, 1), (round(code * 255),) * 3)
        level = to_srgb(white, profile_of(9, transfer))[0].getpixel((0, 0))[0]
        assert 235 <= level <= 250


def test_a_pillow_that_has_lost_what_shares_pixels_gives_the_same_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_image: Image.Image) -> Image.Image:
        raise AttributeError

    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "JPEG", comment=b"of a stranger")
    shared, _ = to_srgb(Image.open(out), None)
    monkeypatch.setattr(color, "_sharing", lost)
    copied, _ = to_srgb(Image.open(out), None)
    assert copied.tobytes() == shared.tobytes()
    assert (type(copied), copied.info) == (type(shared), {}) == (Image.Image, {})


def test_what_is_srgb_already_shares_its_pixels_until_somebody_draws_in_it() -> None:
    """A picture of 100 megapixels takes 400 MB: a second one only to lose its metadata may be more than a worker has."""
    source = Image.new("RGB", (8, 8), "red")
    source.info["comment"] = b"of a stranger"
    plain, _ = to_srgb(source, None)
    assert plain.im is source.im
    assert (plain.info, source.info) == ({}, {"comment": b"of a stranger"})
    plain.paste("blue", (0, 0, 4, 4))
    ImageDraw.Draw(source).point((7, 7), "green")
    assert (source.getpixel((0, 0)), plain.getpixel((7, 7))) == ((255, 0, 0), (255, 0, 0))
