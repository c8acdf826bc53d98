"""Renditions by mediaarchive in a process of its own, as JSON.

    python ours.py WHAT PHOTOGRAPH…

floor    for each photograph, CPU seconds: decoding to a half, the encodes alone, and everything as the engine does it
render   everything, nothing else: the work of one worker; CPU seconds of all, and the most memory (MB)
jpeg     320 and 1920 pixels, JPEG only
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from PIL import Image

from mediaarchive.config.settings import Rendition, Settings
from mediaarchive.media.picture import decode
from mediaarchive.renderers.still import LADDER, PillowStills, _encoded, _sizes, still_params


def params(path: Path, renditions: Sequence[Rendition]) -> list[dict[str, Any]]:
    """What is made of a photograph."""
    with Image.open(path) as image:
        return still_params(renditions, *image.size)


def timed(action: Callable[[], Any]) -> float:
    """CPU seconds of one action."""
    start = process_time()
    action()
    return process_time() - start


def halved(path: Path) -> None:
    """A half-DCT decode, and nothing else."""
    with Image.open(path) as image:
        if max(image.size) // 2 >= LADDER[0]:
            image.draft(None, (image.width // 2, image.height // 2))
        image.load()


def floor(path: Path, spool: Path) -> dict[str, float]:
    """One photograph's floor, and what the engine needs."""
    wanted = params(path, Settings().rendition)
    decoded = decode(path, pixels=250_000_000, at_least=LADDER[0])
    sizes = list(_sizes(decoded, lambda: decoded, {entry["edge"] for entry in wanted}))
    encodes = sum(
        timed(partial(_encoded, image, entry)) for edge, image in sizes for entry in wanted if entry["edge"] == edge
    )
    half = timed(lambda: halved(path))
    return {"half": half, "encodes": encodes, "engine": timed(lambda: render(path, wanted, spool))}


def render(path: Path, wanted: Sequence[dict[str, Any]], spool: Path) -> None:
    """All renditions, written to the spool; then forgotten."""
    for blob in PillowStills().render(path, wanted, spool):
        (spool / blob.sha256).unlink(missing_ok=True)


def memory() -> float:
    """The most memory this process had, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def main() -> None:
    """See the module's docstring."""
    what, paths = sys.argv[1], [Path(name) for name in sys.argv[2:]]
    renditions = (Rendition(edges=(320, 1920)),) if what == "jpeg" else Settings().rendition
    with tempfile.TemporaryDirectory() as folder:
        if what == "floor":
            print(json.dumps([floor(path, Path(folder)) for path in paths]))
            return
        costs = [timed(partial(render, path, params(path, renditions), Path(folder))) for path in paths]
        print(json.dumps({"cpu": costs, "memory": memory()}))


if __name__ == "__main__":
    main()
