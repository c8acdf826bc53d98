"""What a proof needs of one picture: seen coarsely and finely, in colour, and its local features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.rounding import radius
from mediaarchive.stages.dedupe.screens import INSET, shown
from mediaarchive.stages.dedupe.signature import resized

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    from mediaarchive.stages.dedupe.coding import Tables
    from mediaarchive.stages.dedupe.palettes import Palette

    # OpenCV's own annotations return arrays of any number, so these can't be narrower.
    Array = NDArray[Any]
    Grey = NDArray[Any]

EDGE: Final = 512  # long edge in pixels at which features are found
FINE: Final = 1024  # long edge at which what moved by a hair shows

_FEATURES = 700


@dataclass(frozen=True, slots=True)
class Features:
    """What a proof needs of one picture, worth keeping where it is compared with several others.

    `grey`: 8-bit, long edge `EDGE`; `colour`: the same in RGB. `fine`: grey, with a long edge of `FINE`, or as large as it
    came if that is less.
    `points`, `mirrored_points`: positions (n, 2) in pixels of `grey` and of its mirror image; `descriptors`,
    `mirrored_descriptors`: (n, 32) bytes, ORB. `size`: (width, height) as it came; `tables`: the file's quantisation tables,
    if it is a JPEG; `palette`: its colours, if it has but so many; `corners`: how round they are (`rounding.radius`).
    """

    grey: Grey
    colour: Array
    fine: Grey
    points: Array
    descriptors: Grey
    mirrored_points: Array
    mirrored_descriptors: Grey
    size: tuple[int, int]
    tables: Tables | None = None
    palette: Palette | None = None
    corners: float = 0.0


def features(
    image: Image.Image,
    size: tuple[int, int] | None = None,
    tables: Tables | None = None,
    palette: Palette | None = None,
) -> Features:
    """What a proof needs of one upright picture: about 20 ms of CPU.

    `size`: the picture's own, if `image` is reduced; `tables`: as `coding.tables_of` reads them; `palette`: as
    `palettes.palette_of` does.
    """
    colours = image if image.mode == "RGB" else image.convert("RGB")  # which would copy what is RGB
    whole = described(image.convert("L"), colours)
    return replace(whole, size=size or image.size, tables=tables, palette=palette)


def described(
    full: Image.Image, colours: Image.Image, box: tuple[float, float, float, float] | None = None
) -> Features:
    """The same of a picture in grey, and in colours, of another size perhaps, of which `box` (left, top, right, bottom) is that."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    cv2.setNumThreads(1)  # the pool already has a process for each core, and one thread adds up in one order
    grey = resized(full, EDGE)
    points, descriptors = _describe(grey)
    mirrored_points, mirrored_descriptors = _describe(cv2.flip(grey, 1))
    fine = resized(full, min(FINE, max(full.size)))
    colour = np.asarray(colours.resize(grey.shape[::-1], Image.Resampling.BICUBIC, box))
    found = points, descriptors, mirrored_points, mirrored_descriptors
    return Features(grey, colour, fine, *found, full.size, corners=radius(grey))


def cut(picture: Features) -> tuple[Features, float] | None:
    """A picture cut to what its screen or frame shows, in 20 ms or so, and that one's share of it; None where there is none."""
    from PIL import Image  # noqa: PLC0415

    fine = picture.fine
    box = shown(fine)
    if box is None:
        return None
    left, top, right, bottom = box
    down, across = (mine / theirs for mine, theirs in zip(picture.colour.shape, fine.shape, strict=False))
    inside = Image.fromarray(fine[top:bottom, left:right])
    colours = Image.fromarray(picture.colour), (left * across, top * down, right * across, bottom * down)
    size = tuple(
        round(whole * part / side)
        for whole, part, side in zip(picture.size, inside.size, fine.shape[::-1], strict=True)
    )
    # Round corners are told by where they meet the sides.
    corners = radius(fine[max(0, top - INSET) : bottom + INSET, max(0, left - INSET) : right + INSET])
    piece = replace(described(inside, *colours), size=size, palette=picture.palette, corners=corners)
    return piece, inside.width * inside.height / fine.size


def _describe(grey: Grey) -> tuple[Array, Grey]:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    everywhere = np.full(grey.shape, 255, np.uint8)
    points, descriptors = cv2.ORB.create(nfeatures=_FEATURES, fastThreshold=8).detectAndCompute(grey, everywhere)
    if not points:
        return np.empty((0, 2), np.float32), np.empty((0, 32), np.uint8)
    return np.array([point.pt for point in points], dtype=np.float32), descriptors
