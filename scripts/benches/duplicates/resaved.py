"""One program's files of one size: a picture saved again with its own tables, and frames of a scene in which nothing moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import cv2
import numpy as np
from duplicates.apps import pale_chroma
from duplicates.changes import resaved
from duplicates.material import LIMITS, Sample
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mediaarchive.media.picture import open_picture
from mediaarchive.stages.dedupe.resaving import pixel_for_pixel, saved_again

_EDGES, _QUALITIES = (None, 1600, 800, 400), (75, 90)
_NOISE = (1, 2, 4)  # grey levels, standard deviation
Grey = NDArray[np.uint8]


def measure_saved(samples: Sequence[Sample]) -> None:
    """Print how many of each sort are taken for one photograph."""
    taken: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for sample in samples:
        for sort, left, right in _pairs(sample.path, Random(sample.name)):
            of[sort] += 1
            taken[sort] += saved_again(pixel_for_pixel(left, right, mirror=False, angle=0.0))
    print("\n| saved twice by one program, in one size | pairs | taken for one |\n|---|---|---|")
    for sort, count in of.items():
        print(f"| {sort} | {count} | {taken[sort]} |")


def _pairs(path: Path, random: Random) -> Iterator[tuple[str, Grey, Grey]]:
    full = open_picture(path, pixels=LIMITS["pixels"]).image.convert("RGB")
    for edge in _EDGES:
        if edge is not None and max(full.size) <= edge:
            continue
        image = full.copy()
        if edge is not None:
            image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            for sort, left, right in (*_copies(image, quality, random), *_frames(image, random)):
                yield sort, _saved(left, quality), _saved(right, quality)


def _saved(image: Image.Image, quality: int) -> Grey:
    return np.asarray(resaved(image, quality).convert("L"))


def _copies(image: Image.Image, quality: int, random: Random) -> Iterator[tuple[str, Image.Image, Image.Image]]:
    once = resaved(image, quality)
    many = once
    for step in range(8):
        many = resaved(many, quality if step % 2 == 0 else max(60, quality - 15))
    # What is saved once more has the tables of the first.
    yield "saved again", image, once
    yield "sharpened a little", image, once.filter(ImageFilter.UnsharpMask(0.8, 40, 2))
    yield "paler colours", image, pale_chroma(once, random)
    yield "four generations of two qualities", image, many


def _frames(image: Image.Image, random: Random) -> Iterator[tuple[str, Image.Image, Image.Image]]:
    scene = np.asarray(image.filter(ImageFilter.GaussianBlur(1)), np.float32)
    draws = np.random.default_rng(random.randrange(2**32))
    for noise in _NOISE:
        one, other = (_picture(scene + draws.normal(0, noise, scene.shape)) for _ in range(2))
        yield f"other noise of {noise}", one, other
    pixels = np.asarray(image)
    hair = np.array([[1, 0, 0.15], [0, 1, 0.1]])
    shifted = cv2.warpAffine(pixels, hair, image.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    yield "shifted by a sixth of a pixel", image, Image.fromarray(shifted)
    yield "6 % brighter", image, _picture(pixels * 1.06)


def _picture(pixels: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
