"""Twelve photographs of 24 megapixels, made of the largest different ones that a folder has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image, ImageOps

COUNT = 12
SIZE = (6000, 4000)
_ENOUGH, _TOO_MUCH = 20e6, 30e6  # pixels of a photograph that is taken as it is
_ALIKE = 12  # bits of a 64-bit perceptual hash: below, two files show one scene
_GRAIN = 3.0  # grey levels: what a sensor adds, and an enlargement lacks
_TURNS = (1, 1, 1, 6, 1, 8)  # how the camera was held, in turn: every third photograph is a portrait
_QUALITY = 92


def sources(folder: Path) -> list[Path]:
    """The largest JPEG photographs of a folder, each of another scene, `COUNT` at most."""
    sized = []
    for path in sorted(folder.rglob("*")):
        try:
            with Image.open(path, formats=["JPEG"]) as image:
                if image.mode == "RGB" and min(image.size) >= 1000:
                    sized.append((image.width * image.height, path))
        except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
            continue
    chosen: list[Path] = []
    hashes: list[imagehash.ImageHash] = []
    for _, path in sorted(sized, key=lambda entry: (-entry[0], entry[1])):
        with Image.open(path) as image:
            image.draft("RGB", (512, 512))
            try:
                found = imagehash.phash(image)
            except OSError:
                continue
        if all(found - other > _ALIKE for other in hashes):
            chosen.append(path)
            hashes.append(found)
        if len(chosen) == COUNT:
            break
    return chosen


def make(folder: Path, target: Path) -> list[Path]:
    """Twelve photographs in `target`, made unless they are there already.

    What has 20 to 30 megapixels stays as it is. The others are cropped to 3:2, enlarged (or reduced) to 6000 x 4000, grained
    as by a sensor, and saved at quality 92 with their colour profile and an orientation.
    """
    target.mkdir(parents=True, exist_ok=True)
    return list(_made(sources(folder), target))


def _made(found: list[Path], target: Path) -> Iterator[Path]:
    for number, path in enumerate(found):
        photograph = target / f"{number:02}.jpg"
        if not photograph.exists():
            with Image.open(path) as image:
                if _ENOUGH <= image.width * image.height <= _TOO_MUCH:
                    photograph.write_bytes(path.read_bytes())
                else:
                    _enlarged(image, number).save(
                        photograph,
                        quality=_QUALITY,
                        exif=_exif(_TURNS[number % len(_TURNS)], number),
                        icc_profile=image.info.get("icc_profile"),
                    )
        yield photograph


def _enlarged(image: Image.Image, number: int) -> Image.Image:
    upright = ImageOps.exif_transpose(image).convert("RGB")
    large = ImageOps.fit(upright, SIZE, Image.Resampling.LANCZOS)
    grain = np.random.default_rng(number).normal(0, _GRAIN, (SIZE[1], SIZE[0], 1)).astype(np.float32)
    return Image.fromarray(np.clip(np.asarray(large) + grain, 0, 255).round().astype(np.uint8))


def _exif(turn: int, minute: int) -> Image.Exif:
    """What a camera says. One photograph a minute: at the same second, each might be a copy of each, which costs proofs."""
    exif = Image.Exif()
    exif[271], exif[272], exif[274] = "Maker", "X100", turn
    exif.get_ifd(0x8769)[36867] = f"2024:05:01 12:{minute:02}:00"
    return exif
