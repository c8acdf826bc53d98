"""Renditions of stills: the right sizes, upright, sRGB, without metadata, the same bytes whatever else is made."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from mediaarchive.config.settings import Rendition, Settings
from mediaarchive.errors import BadInput
from mediaarchive.media.codepoints import profile_of
from mediaarchive.renderers.still import PillowStills, still_params

if TYPE_CHECKING:
    from pathlib import Path

    from mediaarchive.model import Blob
    from mediaarchive.ports import StillRenderer

JPEG = {"format": "jpeg", "quality": 76, "subsampling": "4:2:0"}
AVIF = {"format": "avif", "quality": 62, "speed": 9, "subsampling": "4:2:0"}
WEBP = {"format": "webp", "quality": 82, "speed": 2}


def scene(width: int, height: int) -> Image.Image:
    """A picture without any symmetry, with fine texture."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    texture = 30 * np.sin(x * 130) * np.sin(y * 90)
    pixels = np.stack([180 * x, 160 * y, 90 + 80 * x * y], axis=-1) + 30 + texture[..., None]
    pixels[: height // 4, : width // 4] = (220, 30, 20)
    return Image.fromarray(np.clip(pixels, 0, 255).round().astype(np.uint8))


def private(image: Image.Image, path: Path, *, orientation: int = 1, **options: object) -> Path:
    """`image` as a camera saves it: with a place, a name, a profile."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Secret Photographer"
    exif.get_ifd(0x8825)[1] = "N"
    image.save(path, exif=exif, xmp=b"<x:xmpmeta>Secret</x:xmpmeta>", comment=b"Secret", **{"quality": 92} | options)
    return path


def at(recipe: dict[str, Any], *edges: int) -> list[dict[str, Any]]:
    return [recipe | {"edge": edge} for edge in edges]


def shown(spool: Path, blob: Blob) -> Image.Image:
    with Image.open(spool / blob.sha256) as image:
        image.load()
        return image


def difference(left: Image.Image, right: Image.Image) -> float:
    assert left.size == right.size
    return float(np.abs(np.asarray(left, dtype=float) - np.asarray(right, dtype=float)).mean())


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return private(scene(5200, 1300), tmp_path_factory.mktemp("photo") / "photo.jpg")


# Which renditions there are


def test_the_default_settings_give_twelve_renditions_of_a_camera_photo() -> None:
    params = still_params(Settings().rendition, 6000, 4000)
    assert [(entry["format"], entry["edge"]) for entry in params] == [
        (kind, edge) for kind in ("avif", "jpeg") for edge in (320, 640, 960, 1280, 1920, 2560)
    ]
    assert params[0] == {"format": "avif", "edge": 320, "quality": 68, "speed": 8, "subsampling": "4:2:0"}
    assert params[-1] == {"format": "jpeg", "edge": 2560, "quality": 76, "subsampling": "4:2:0"}


@pytest.mark.parametrize(
    ("size", "edges"),
    [
        ((1000, 700), [320, 640, 960, 1000]),
        ((700, 1000), [320, 640, 960, 1000]),
        ((640, 480), [320, 640]),
        ((1, 1), [1]),
        ((20_000, 100), [320, 640, 960, 1280, 1920, 2560]),
    ],
)
def test_a_photo_is_never_enlarged_and_keeps_its_own_size(size: tuple[int, int], edges: list[int]) -> None:
    params = still_params((Rendition(format="jpeg"),), *size)
    assert [entry["edge"] for entry in params] == edges


def test_webp_gets_a_method_it_knows_and_no_more_pixels_than_it_can_hold() -> None:
    params = still_params((Rendition(format="webp", edges=(640, 16_384), speed=8),), 30_000, 20_000)
    assert [(entry["edge"], entry["speed"]) for entry in params] == [(640, 6), (16_383, 6)]


# What a rendition is


def test_blobs_come_in_the_order_asked_for_under_the_hash_of_their_bytes(photo: Path, tmp_path: Path) -> None:
    params = [*at(JPEG, 320, 1280), *at(WEBP, 640), *at(AVIF, 320)]
    blobs = PillowStills().render(photo, params, tmp_path)
    assert [(blob.role, blob.ext, blob.width, blob.height) for blob in blobs] == [
        ("320", "jpg", 320, 80),
        ("1280", "jpg", 1280, 320),
        ("640", "webp", 640, 160),
        ("320", "avif", 320, 80),
    ]
    for blob in blobs:
        data = (tmp_path / blob.sha256).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (blob.sha256, blob.bytes)
        assert shown(tmp_path, blob).size == (blob.width, blob.height)
    assert {path.name for path in tmp_path.iterdir()} == {blob.sha256 for blob in blobs}


@pytest.mark.parametrize("recipe", [JPEG, AVIF, WEBP], ids=["jpeg", "avif", "webp"])
def test_no_metadata_reaches_the_public(photo: Path, tmp_path: Path, recipe: dict[str, Any]) -> None:
    (blob,) = PillowStills().render(photo, at(recipe, 640), tmp_path)
    image = shown(tmp_path, blob)
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(image.info)
    assert b"Secret" in photo.read_bytes()
    assert b"Secret" not in (tmp_path / blob.sha256).read_bytes()


def test_a_posters_metadata_does_not_reach_the_public_either(tmp_path: Path) -> None:
    poster = scene(400, 300)
    poster.info = {"comment": b"Secret", "icc_profile": b"Secret", "exif": b"Exif\0\0Secret"}
    for blob in PillowStills().render_image(poster, [*at(JPEG, 320, 400), *at(AVIF, 400), *at(WEBP, 400)], tmp_path):
        assert b"Secret" not in (tmp_path / blob.sha256).read_bytes()
    assert poster.info["comment"] == b"Secret"


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
def test_a_camera_held_in_any_way_gives_the_same_renditions(tmp_path: Path, orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    upright = private(scene(900, 601), tmp_path / "upright.jpg", quality=97)
    stored = scene(900, 601).transpose(Image.Transpose(undo[orientation]))
    turned = private(stored, tmp_path / "turned.jpg", orientation=orientation, quality=97)
    params = at(JPEG, 320, 900)
    for left, right in zip(
        PillowStills().render(upright, params, tmp_path), PillowStills().render(turned, params, tmp_path), strict=True
    ):
        assert (left.width, left.height) == (right.width, right.height)
        assert difference(shown(tmp_path, left), shown(tmp_path, right)) < 2.5


def test_a_wide_gamut_photo_is_published_in_srgb(tmp_path: Path) -> None:
    wide = private(Image.new("RGB", (900, 600), (200, 100, 50)), tmp_path / "a.jpg", icc_profile=profile_of(12, 13))
    (blob,) = PillowStills().render(wide, at(JPEG, 640), tmp_path)
    color = np.asarray(shown(tmp_path, blob), dtype=float).mean(axis=(0, 1))
    assert np.abs(color - (215, 93, 31)).max() < 3  # by the matrices of CSS Color 4


@pytest.mark.parametrize("size", [(1, 1), (20_000, 100), (3, 5000), (2, 1)])
@pytest.mark.parametrize("recipe", [JPEG, AVIF, WEBP], ids=["jpeg", "avif", "webp"])
def test_extreme_shapes_work(tmp_path: Path, size: tuple[int, int], recipe: dict[str, Any]) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", size, "teal").save(path)
    edges = sorted({min(max(size), edge) for edge in (320, 2560)})
    for blob in PillowStills().render(path, at(recipe, *edges), tmp_path):
        image = shown(tmp_path, blob)
        assert min(image.size) >= 1
        assert max(image.size) == int(blob.role)


# The same bytes, whatever else is made, wherever


# Rungs, sizes between them, below and beyond them; beyond 2560 the photo is decoded in full, below in half.
EDGES = (16, 320, 500, 1920, 2560, 3000)


def test_a_rendition_made_alone_has_the_same_bytes_as_among_others(photo: Path, tmp_path: Path) -> None:
    together = PillowStills().render(photo, at(JPEG, *EDGES), tmp_path)
    for edge, blob in zip(EDGES, together, strict=True):
        assert PillowStills().render(photo, at(JPEG, edge), tmp_path) == (blob,)
    (alone,) = PillowStills().render(photo, at(AVIF, 640), tmp_path)
    assert alone in PillowStills().render(photo, [*at(JPEG, 1920), *at(AVIF, 320, 640)], tmp_path)


def test_going_down_the_ladder_shows_the_same_picture_as_one_step(photo: Path, tmp_path: Path) -> None:
    photograph = scene(5200, 1300)
    for edge, blob in zip(
        EDGES,
        PillowStills().render(photo, at(JPEG | {"quality": 95, "subsampling": "4:4:4"}, *EDGES), tmp_path),
        strict=True,
    ):
        direct = photograph.resize((edge, edge // 4), Image.Resampling.LANCZOS)
        assert difference(shown(tmp_path, blob), direct) < 3, edge


RENDER = """
import sys
from pathlib import Path
from mediaarchive.renderers.still import PillowStills
params = [
    {"format": "avif", "edge": 640, "quality": 62, "speed": 8, "subsampling": "4:2:0"},
    {"format": "avif", "edge": 1280, "quality": 62, "speed": 9, "subsampling": "4:2:0"},
    {"format": "jpeg", "edge": 1280, "quality": 76, "subsampling": "4:2:0"},
    {"format": "webp", "edge": 640, "quality": 82, "speed": 2},
]
print(*(blob.sha256 for blob in PillowStills().render(Path(sys.argv[1]), params, Path(sys.argv[2]))))
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux can pin a process to a core")
def test_a_machine_with_one_core_makes_the_same_bytes_as_one_with_more(photo: Path, tmp_path: Path) -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        pytest.skip("this machine has one core")

    def hashes(count: int) -> str:
        return subprocess.run(
            [
                sys.executable,
                "-c",
                f"import os; os.sched_setaffinity(0, {cores[:count]})\n{RENDER}",
                str(photo),
                str(tmp_path),
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert hashes(1) == hashes(2)


def test_the_spool_is_written_once_and_a_half_written_file_is_replaced(photo: Path, tmp_path: Path) -> None:
    (blob,) = PillowStills().render(photo, at(JPEG, 640), tmp_path)
    target = tmp_path / blob.sha256
    whole, written = target.read_bytes(), target.stat().st_mtime_ns
    PillowStills().render(photo, at(JPEG, 640), tmp_path)
    assert target.stat().st_mtime_ns == written
    target.write_bytes(whole[:100])
    PillowStills().render(photo, at(JPEG, 640), tmp_path)
    assert target.read_bytes() == whole


# What is refused


def test_a_truncated_photo_gives_no_rendition_at_all(photo: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(photo.read_bytes()[: photo.stat().st_size // 2])
    spool = tmp_path / "spool"
    spool.mkdir()
    with pytest.raises(BadInput) as caught:
        PillowStills().render(cut, at(JPEG, 320), spool)
    assert caught.value.problem.code == "truncated"
    assert not list(spool.iterdir())


def test_a_picture_beyond_the_limit_is_refused(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        PillowStills(pixels=1_000_000).render(photo, at(JPEG, 320), tmp_path)
    assert caught.value.problem.code == "too-large"


def test_enlarging_is_refused(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="would enlarge"):
        PillowStills().render(photo, at(JPEG, 5201), tmp_path)


def test_the_renderer_fits_its_seam() -> None:
    renderer: StillRenderer = PillowStills()
    assert renderer == PillowStills(pixels=250_000_000)
