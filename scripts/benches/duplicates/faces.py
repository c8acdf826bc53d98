"""Heads of people in the corpus's photographs: who else could stand at a lectern."""

from __future__ import annotations

from collections.abc import Sequence

from duplicates.material import LIMITS, Sample
from PIL import Image

from mediaarchive.media.picture import open_picture

# By the end of a photograph's name: left, top, right and bottom of heads, as shares of its size.
_HEADS = {
    "Canon EOS 7D.jpg": ((0.28, 0.06, 0.56, 0.32),),
    "Canon PowerShot A40.jpg": ((0.30, 0.10, 0.55, 0.50),),
    "Konica Q-M100 (1).jpg": ((0.36, 0.10, 0.64, 0.55),),
    "photoprism__1.jpg": ((0.20, 0.20, 0.52, 0.65),),
    "photoprism__2.jpg": ((0.40, 0.10, 0.64, 0.57),),
    "photoprism__4.jpg": ((0.35, 0.20, 0.62, 0.65),),
    "photoprism__5.jpg": ((0.25, 0.30, 0.50, 0.65),),
    "photoprism__16.jpg": ((0.12, 0.10, 0.38, 0.55), (0.58, 0.50, 0.85, 0.95)),
    "photoprism__17.jpg": ((0.25, 0.13, 0.62, 0.50),),
    "photoprism__18.jpg": ((0.35, 0.10, 0.72, 0.50),),
    "portrait.jpg": ((0.30, 0.20, 0.50, 0.50), (0.65, 0.10, 0.86, 0.38)),
    "de youtube.jpg": ((0.35, 0.15, 0.57, 0.50),),
    "FujiFilm DS-7 (1).jpg": ((0.32, 0.10, 0.50, 0.40), (0.60, 0.22, 0.78, 0.50)),
    "FujiFilm DS-7 (3).jpg": ((0.32, 0.02, 0.52, 0.30),),
    "JVC GR-DC2000.jpg": ((0.40, 0.05, 0.70, 0.55),),
    "Kodak DC3400.jpg": ((0.18, 0.15, 0.42, 0.65), (0.45, 0.15, 0.75, 0.65)),
    "Kodak DC210.jpg": ((0.55, 0.20, 0.75, 0.50),),
}


def faces(samples: Sequence[Sample]) -> list[Image.Image]:
    """The heads in these photographs, in the order of their names."""
    found: list[Image.Image] = []
    for sample in sorted(samples, key=lambda one: one.name):
        for ending, places in _HEADS.items():
            if not sample.name.endswith(ending):
                continue
            picture = open_picture(sample.path, pixels=LIMITS["pixels"], at_least=1600).image
            wide, tall = picture.size
            found += [
                picture.crop((round(a * wide), round(b * tall), round(c * wide), round(d * tall)))
                for a, b, c, d in places
            ]
    return found
