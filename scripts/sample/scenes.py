"""All scenes by name, and `draw`: a scene in a size."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from sample import city, corners, desks, rooms, still_lifes, ways
from sample.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

MODULES = (rooms, desks, city, ways, still_lifes, corners)
_FRAME = "corridor@"  # one frame of the burst: corridor@0.4 has moved its people on by that much


def draw(scene: str, size: tuple[int, int], seed: int) -> Image.Image:
    """Draw a scene: the same pixels for the same scene, size (width, height in pixels) and seed.

    Raises:
        KeyError: there is no such scene.
    """
    if scene.startswith(_FRAME):
        walk = float(scene.removeprefix(_FRAME))
        return rooms.corridor(Canvas(*size, f"{seed}:corridor"), walk)
    return _scenes()[scene](Canvas(*size, f"{seed}:{scene}"))


@functools.cache
def _scenes() -> dict[str, Callable[[Canvas], Image.Image]]:
    found = {name: value for module in MODULES for name, value in vars(module).items()}
    return {name: value for name, value in found.items() if callable(value) and _is_scene(value)}


def _is_scene(value: object) -> bool:
    return (value.__doc__ or "") != "" and getattr(value, "__annotations__", {}).get("return") == "Image.Image"
