"""Smaller pictures by libvips: in whole numbers, so that every processor makes the same bytes, and four times faster than Pillow.

Only its arithmetic is used: pixels come from Pillow, and go back to it. libvips computes with 16-bit coefficients and the
same roundings with vector instructions of any width and without them; `tests/renderers/test_resample.py` compares them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from PIL import Image

from mediaarchive.errors import EncoderFault

# Pixels of 120 MB: of a larger picture a second copy would cost more memory than its time is worth.
_COPIED: Final = 40_000_000
_KERNEL: Final = "lanczos3"  # 3 to 5 % fewer bytes than bicubic at the same SSIMULACRA2 (docs/benchmarks.md)


def shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` in another size, without metadata; see `reductions`."""
    return next(reductions(image, (size,)))


def reductions(image: Image.Image, sizes: Iterable[tuple[int, int]]) -> Iterator[Image.Image]:
    """`image` in other sizes, each in one step, by Lanczos's filter over the area of each new pixel; without metadata.

    `image` is let go once its pixels are copied: whoever needs the memory more keeps no name for it.

    Args:
        image: 8 bits a channel, opaque.
        sizes: width and height in pixels, none larger than the picture's.

    Raises:
        ValueError: a size is larger.
    """
    mode, (width, height) = image.mode, image.size
    packed: Any = None
    large = width * height > _COPIED
    for size in sizes:
        if size[0] > width or size[1] > height:
            raise ValueError(f"{size[0]} x {size[1]} px would enlarge a picture of {width} x {height}")
        if large:
            small = image.resize(size, Image.Resampling.LANCZOS)
            small.info = {}
            yield small
            continue
        if packed is None:
            packed = _vips().Image.new_from_memory(image.tobytes(), width, height, len(image.getbands()), "uchar")
            del image
        made = packed.resize(size[0] / width, vscale=size[1] / height, kernel=_KERNEL)
        if (made.width, made.height) != size:  # it rounds scales, and no rounding of ours was seen to differ
            raise RuntimeError(f"libvips made {made.width} x {made.height} of {width} x {height}, not {size}")
        yield Image.frombytes(mode, size, made.write_to_memory())


@lru_cache(maxsize=1)
def _vips() -> Any:  # noqa: ANN401 - pyvips has no types
    """libvips, as one thread of a worker among others: its own threads would compete with them.

    Raises:
        EncoderFault: it can't be loaded on this machine.
    """
    os.environ["VIPS_CONCURRENCY"] = "1"  # read once, when it is loaded
    try:
        import pyvips  # noqa: PLC0415 - workers only
    except (ImportError, OSError) as error:
        raise EncoderFault(
            f"libvips can't be loaded on this machine: {error}. The picture itself is fine, nothing of it was published, and the "
            'next run tries again. Install it anew: pip install --force-reinstall "pyvips[binary]"'
        ) from error
    pyvips.cache_set_max(0)
    return pyvips
