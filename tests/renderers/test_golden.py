"""Every trap of pictures comes out as another tool shows it: ImageMagick, with decoders and resampling of its own.

Compared by SSIM, and by the colour difference in CIE Lab (1976), where 2.3 is just noticeable.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw
from profiles import adobe_rgb

from mediaarchive.media.codepoints import profile_of
from mediaarchive.renderers.guard import likeness
from mediaarchive.renderers.still import PillowStills

CONVERT = shutil.which("convert-im6.q16") or shutil.which("magick") or shutil.which("convert")
DJPEG = shutil.which("djpeg")
MISSING = CONVERT is None or DJPEG is None
EDGE = 480
FINE: dict[str, Any] = {"format": "jpeg", "quality": 95, "subsampling": "4:4:4"}
Trap = Callable[[Path], Path]


def scene(width: int = 900, height: int = 601) -> Image.Image:
    """Colours of every kind, an edge in each direction, no symmetry."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    waves = 25 * np.sin(40 * x * y)
    pixels = np.stack([230 * x + waves, 220 * y, 200 * (1 - x) * y + 40 + waves], axis=-1)
    image = Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for number, colour in enumerate(("#d02020", "#20b040", "#2040d0", "#f0d020", "#ffffff", "#101010", "#c08060")):
        left, top = width * number // 8 + 10, height // 6 + number * height // 20
        draw.rectangle((left, top, left + width // 10, top + height // 6), fill=colour)
    return image


def turned(orientation: int) -> Trap:
    def make(folder: Path) -> Path:
        exif = Image.Exif()
        exif[0x0112] = orientation
        scene().save(folder / "a.jpg", exif=exif, quality=95, subsampling="4:4:4")
        return folder / "a.jpg"

    return make


def saved(image: Callable[[], Image.Image], name: str, **options: Any) -> Trap:  # noqa: ANN401 - Pillow's own
    def make(folder: Path) -> Path:
        found = {key: value() if callable(value) else value for key, value in options.items()}
        image().save(folder / name, **found)
        return folder / name

    return make


def deep(folder: Path) -> Path:
    """16 bits a channel, as scanners write them."""
    pixels = np.asarray(scene(), dtype=np.uint16)[..., ::-1] * 257
    cv2.imwrite(str(folder / "a.png"), pixels)
    return folder / "a.png"


def translucent() -> Image.Image:
    image = scene().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def frames() -> list[Image.Image]:
    return [scene().rotate(90 * turn) for turn in range(1, 3)]


HIGH: dict[str, Any] = {"quality": 95, "subsampling": "4:4:4"}
TRAPS: dict[str, Trap] = {
    **{f"orientation {value}": turned(value) for value in range(1, 9)},
    "Display P3": saved(scene, "a.jpg", icc_profile=lambda: profile_of(12, 13), **HIGH),
    "Adobe RGB": saved(scene, "a.jpg", icc_profile=adobe_rgb, **HIGH),
    "16 bit": deep,
    "MPO": saved(scene, "a.jpg", format="MPO", save_all=True, append_images=frames, **HIGH),
    "alpha": saved(translucent, "a.png"),
    "palette": saved(lambda: scene().quantize(128), "a.png"),
    "greyscale": saved(lambda: scene().convert("L"), "a.jpg", quality=95),
    "animated": saved(lambda: scene().quantize(64), "a.gif", save_all=True, append_images=frames),
    "1 x 1": saved(lambda: Image.new("RGB", (1, 1), "#b04020"), "a.png"),
    "20,000 x 100": saved(lambda: scene(20_000, 100), "a.jpg", **HIGH),
}


@pytest.fixture(scope="session")
def srgb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profile") / "srgb.icc"
    path.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    return path


def reference(source: Path, profile: Path, folder: Path) -> Image.Image:
    """What ImageMagick shows, in sRGB, on white."""
    assert CONVERT
    assert DJPEG
    target = folder / "reference.png"
    with Image.open(source) as image:  # what has no profile stays as it is
        colour = ["-intent", "Relative", "-black-point-compensation", "-profile", str(profile)]
        export = colour if image.info.get("icc_profile") else []
        too_wide = max(image.size) > 16_000  # for Debian's ImageMagick
    if too_wide:
        half = folder / "half.ppm"
        subprocess.run([DJPEG, "-scale", "1/2", "-outfile", str(half), str(source)], check=True)
        source = half
    upright = ["-auto-orient", *export, "-background", "white", "-alpha", "remove", "-alpha", "off"]
    small = ["-filter", "Lanczos", "-resize", f"{EDGE}x{EDGE}>", "-depth", "8", "-strip"]
    subprocess.run([CONVERT, f"{source}[0]", *upright, *small, f"PNG24:{target}"], check=True, capture_output=True)
    with Image.open(target) as image:
        return image.convert("RGB")


def lab(image: Image.Image) -> np.ndarray:
    return cv2.cvtColor(np.asarray(image, dtype=np.float32) / 255, cv2.COLOR_RGB2LAB)


def rendition(source: Path, spool: Path, edge: int) -> Image.Image:
    (blob,) = PillowStills().render(source, [FINE | {"edge": edge}], spool)
    with Image.open(spool / blob.sha256) as image:
        return image.convert("RGB")


def alike(source: Path, profile: Path, folder: Path, step: float) -> None:
    """`step`: the mean colour difference that is allowed."""
    expected = reference(source, profile, folder)
    shown = rendition(source, folder, max(expected.size))
    assert abs(shown.height - expected.height) <= 1  # where a half pixel is rounded up or down
    assert shown.width == expected.width or shown.height == expected.height
    expected = expected.resize(shown.size)
    difference = np.linalg.norm(lab(shown) - lab(expected), axis=-1)
    assert float(difference.mean()) < step
    assert likeness(shown, expected) > 0.93


@pytest.mark.skipif(MISSING, reason="apt-get install imagemagick libjpeg-turbo-progs")
@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_looks_as_another_tool_shows_it(tmp_path: Path, srgb: Path, name: str) -> None:
    alike(TRAPS[name](tmp_path), srgb, tmp_path, 4 if name == "20,000 x 100" else 2.3)  # two rows: their phase shows


@pytest.mark.corpus
@pytest.mark.skipif(MISSING, reason="apt-get install imagemagick libjpeg-turbo-progs")
@pytest.mark.parametrize(
    ("name", "step"),
    [  # libvips doesn't scale black to black, as photo editors and we do: that is what inks differ by
        ("sharp__Channel_digital_image_CMYK_color.jpg", 5.5),
        ("sharp__fogra-0-100-100-0.tif", 7.5),
        ("sharp__concert.jpg", 2.3),
    ],
)
def test_real_inks_and_greys_look_as_another_tool_shows_them(
    corpus: Path, tmp_path: Path, srgb: Path, name: str, step: float
) -> None:
    alike(corpus / "event-photos" / name, srgb, tmp_path, step)


@pytest.mark.skipif(MISSING, reason="apt-get install imagemagick libjpeg-turbo-progs")
def test_the_comparison_would_see_a_trap(tmp_path: Path, srgb: Path) -> None:
    """A profile that is ignored, or an orientation that is, is more than the limits allow."""
    wide = TRAPS["Adobe RGB"](tmp_path)
    plain = scene().resize((EDGE, 321))
    difference = np.linalg.norm(lab(plain) - lab(reference(wide, srgb, tmp_path).resize(plain.size)), axis=-1)
    assert float(difference.mean()) > 4
    lying = TRAPS["orientation 3"](tmp_path)
    assert likeness(plain, reference(lying, srgb, tmp_path).resize(plain.size)) < 0.8
