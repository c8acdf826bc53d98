"""Wide-gamut photographs against colours computed from the definitions of their spaces: the difference in ΔE (CIE 1976)."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from profiles import assembled

from mediaarchive.media.picture import open_picture

Array = NDArray[np.float64]
# Primaries' and white's chromaticities (x, y) and the exponent: CSS Color 4, section 10; Adobe RGB (1998); ROMM, ISO 22028-2.
D65, D50 = (0.3127, 0.3290), (0.3457, 0.3585)
SPACES = {
    "sRGB-like": (((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), D65, 2.2),
    "Display P3": (((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)), D65, 2.2),
    "Adobe RGB": (((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), D65, 563 / 256),
    "ProPhoto": (((0.734699, 0.265301), (0.159597, 0.840403), (0.036598, 0.000105)), D50, 1.8),
}
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def xyz(point: tuple[float, float]) -> Array:
    return np.array([point[0] / point[1], 1.0, (1 - point[0] - point[1]) / point[1]])


def matrix(primaries: tuple[tuple[float, float], ...], white: tuple[float, float]) -> Array:
    """From linear RGB to XYZ relative to the space's own white."""
    columns = np.array([xyz(point) for point in primaries]).T
    return columns * np.linalg.solve(columns, xyz(white))


def adapted(source: tuple[float, float], target: tuple[float, float]) -> Array:
    scale = (BRADFORD @ xyz(target)) / (BRADFORD @ xyz(source))
    return np.linalg.inv(BRADFORD) @ np.diag(scale) @ BRADFORD


def profile(name: str) -> bytes:
    """A matrix profile of the space (ICC.1:2001-04), as cameras and Photoshop embed them."""
    primaries, white, gamma = SPACES[name]
    to_pcs = adapted(white, D50) @ matrix(primaries, white)

    def point(values: Array) -> bytes:
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * value) for value in values))

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(256 * gamma)) + bytes(2)
    text = b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name.encode() + bytes(1 + 4 + 4 + 2 + 1 + 67)
    tags = {b"desc": text, b"wtpt": point(xyz(D50)), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    tags |= {key: point(to_pcs[:, at]) for at, key in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return assembled(b"mntr", b"RGB ", b"XYZ ", tags)


def lab(space_xyz: Array) -> Array:
    """CIE L*a*b* of XYZ relative to D50."""
    ratio = space_xyz / xyz(D50)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def patches() -> Array:
    """Colours that all these spaces can show, as linear sRGB: 216 patches of 8 x 8 pixels."""
    steps = np.linspace(0.02, 0.95, 6)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(12, 18, 3)
    return np.kron(cube, np.ones((8, 8, 1)))


def written(name: str, light: Array, bits: int = 8) -> NDArray[np.uint16]:
    """Linear sRGB light as the space's own numbers."""
    primaries, white, gamma = SPACES[name]
    srgb = adapted(D65, white) @ matrix(SPACES["sRGB-like"][0], D65)
    own = np.clip(light @ (np.linalg.inv(matrix(primaries, white)) @ srgb).T, 0, 1)
    return (own ** (1 / gamma) * (2**bits - 1)).round().astype(np.uint16)


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("ext", ["png", "jpg", "tif", "webp"])
def test_colours_stay_what_they_are_in_every_space(name: str, ext: str, tmp_path: Path) -> None:
    light = patches()
    options = {"jpg": {"quality": 98, "subsampling": 0}, "webp": {"lossless": True}}.get(ext, {})
    path = tmp_path / f"patches.{ext}"
    Image.fromarray(written(name, light).astype(np.uint8)).save(path, icc_profile=profile(name), **options)
    shown = np.asarray(open_picture(path, pixels=10_000_000).image, dtype=float) / 255
    decoded = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    to_d50 = adapted(D65, D50) @ matrix(SPACES["sRGB-like"][0], D65)
    delta = np.linalg.norm(lab(decoded @ to_d50.T) - lab(light @ to_d50.T), axis=-1)
    assert delta.mean() < 1.0, f"{delta.mean():.2f}"
    assert np.percentile(delta, 99) < 3.5, f"{np.percentile(delta, 99):.2f}"
    if name in {"Adobe RGB", "ProPhoto"}:
        raw = np.asarray(written(name, light), dtype=float) / 255
        ignored = np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)
        assert np.linalg.norm(lab(ignored @ to_d50.T) - lab(light @ to_d50.T), axis=-1).mean() > 4, "the test can fail"
