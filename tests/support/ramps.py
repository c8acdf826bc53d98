"""A picture that shows whether it was turned or its colours changed, and how it is saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def scene(width: int = 320, height: int = 200) -> Image.Image:
    """A picture without any symmetry: smooth ramps, and one corner in red."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    pixels = np.stack([200 * x, 180 * y, 90 + 100 * x * y], axis=-1).round().astype(np.uint8)
    pixels[: height // 4, : width // 4] = (220, 30, 20)
    return Image.fromarray(pixels)


def saved(folder: Path, image: Image.Image, name: str = "photo.jpg", **options: object) -> Path:
    path = folder / name
    image.save(path, **{"speed": 10} | options)
    return path
