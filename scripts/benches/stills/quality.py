"""How like two pictures look: SSIMULACRA2 and butteraugli, by the packages that define or port them."""

from __future__ import annotations

import io
import subprocess
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image


@cache
def _module() -> Any:  # noqa: ANN401 - two of its functions are replaced
    """The port of SSIMULACRA2 on PyPI, its two slow steps by OpenCV: the same filter, ten times faster."""
    module: Any = import_module("ssimulacra2.ssimulacra2")  # installed by the measurement itself
    module.blur_image = _blur
    module.downsample = _halved
    return module


def _blur(image: Any, sigma: float = 1.5) -> Any:  # noqa: ANN401 - an array of any float type
    """As the port does it: a Gaussian cut off at 3.33 sigma, rows of zeros above and below."""
    radius = round(3.2795 * sigma + 0.2546)
    height, width, channels = image.shape
    padded = np.zeros((height + 2 * radius, width, channels))
    padded[radius : radius + height] = image
    reach = np.arange(-int(3.33 * sigma + 0.5), int(3.33 * sigma + 0.5) + 1)
    kernel = np.exp(-(reach**2) / (2 * sigma**2))
    kernel /= kernel.sum()
    return cv2.sepFilter2D(padded, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT)[radius : radius + height]


def _halved(image: Any, _fx: int, _fy: int) -> Any:  # noqa: ANN401 - an array of any float type
    height, width = image.shape[:2]
    even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)


def ssimulacra2(reference: Image.Image, shown: Image.Image) -> float:
    """100: the same; 90: no difference seen; 70: high quality; 50: medium (the scale of its authors)."""
    files = []
    for image in (reference, shown):
        file = io.BytesIO()
        image.save(file, "PPM")
        file.seek(0)
        files.append(file)
    return float(_module().compute_ssimulacra2(*files))


def butteraugli(program: str, reference: Image.Image, shown: Image.Image) -> float:
    """The 3-norm of libjxl's butteraugli: 0: the same; about 1: just seen by whoever flips between the two."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("a.png", "b.png")]
        for path, image in zip(paths, (reference, shown), strict=True):
            image.save(path, compress_level=0)
        found = subprocess.run([program, *map(str, paths)], check=True, capture_output=True, text=True)
    return float(found.stdout.rpartition(":")[2])
