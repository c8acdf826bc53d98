#!/usr/bin/env python3
"""Measure what taking files in costs, against the least that could be done with them.

    scripts/bench ingest FOLDER [--rounds 3]

The floor is `cp` of all files, `sha256sum` of all files, and one full decode of each. Ingest is a durable copy that is
read again, the hash, what it is, whether it is whole, its metadata, and one reduced decode, which shows that it is whole.
The worker uses that decode for more: shrinking, the digest of pixels and the signature by which copies are found, the
point of interest, and what a page shows before the picture has loaded; their share stands apart. All take turns in one
run; CPU seconds of this process and its children count, so that waiting for a disk doesn't. JPEGs of cameras (over 1 MB),
middling and small ones (below 100 KB) stand apart, too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PIL import Image

from mediaarchive.config.settings import Limits
from mediaarchive.errors import BadInput
from mediaarchive.media import focus as point
from mediaarchive.media import picture, thumbhash
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind, Work
from mediaarchive.pipeline.worker import TAKE, perform
from mediaarchive.stages.dedupe import signature
from mediaarchive.stages.source import file_stat

_CP, _SUM = shutil.which("cp") or "cp", shutil.which("sha256sum") or "sha256sum"
LIMITS = Limits().model_dump(mode="json")
SIZES = {
    "camera, over 1 MB": (1_000_000, 1 << 40),
    "100 KB to 1 MB": (100_000, 1_000_000),
    "below 100 KB": (0, 100_000),
}


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _timed(work: Callable[[Sequence[Path], Path], None], files: Sequence[Path]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        before = _cpu()
        work(files, Path(folder))
        return _cpu() - before


def floor(files: Sequence[Path], folder: Path) -> None:
    """The least: copy, hash, decode."""
    subprocess.run([_CP, *files, str(folder)], check=True)
    subprocess.run([_SUM, *files], check=True, stdout=subprocess.DEVNULL)
    for path in files:
        with Image.open(path) as image:
            image.load()


@contextmanager
def metered() -> Iterator[list[float]]:
    """CPU seconds spent on what copies are found by, and on placeholders."""
    spent = [0.0]

    def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: object, **options: object) -> object:
            before = time.process_time()
            try:
                return function(*args, **options)
            finally:
                spent[0] += time.process_time() - before

        return measured

    places: list[tuple[Any, str]] = [
        (Image.Image, "thumbnail"),
        (picture, "_digest"),
        (signature, "sign"),
        (thumbhash, "thumbhash"),
        (thumbhash, "dominant_color"),
        (point, "focus"),
    ]
    with ExitStack() as stack:
        for module, name in places:
            stack.enter_context(patch.object(module, name, wrapped(getattr(module, name))))
        yield spent


def ours(files: Sequence[Path], folder: Path) -> None:
    """All that ingest does in a worker."""
    (folder / "work").mkdir()
    for path in files:
        context = {"stat": file_stat(path), "archive": str(folder), "sidecar": None, "limits": LIMITS}
        work = Work(id=path.name, stage="take", sources=(str(path),), recipes=(TAKE,), keys=("k",), context=context)
        assert perform(work)[0].problem is None, path


def photographs(folder: Path) -> list[Path]:
    """The JPEGs of a folder that are whole, each name once."""
    found: dict[str, Path] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            if sniff(path).mime == "image/jpeg" and sniff(path).kind is Kind.PHOTO:
                with Image.open(path) as image:
                    image.load()
                found.setdefault(path.name, path)
        except (BadInput, OSError, ValueError, SyntaxError):
            continue
    return list(found.values())


def main() -> None:
    """Both ways over each group, in turns; print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    files = photographs(arguments.folder)
    ours(files[:2], Path(tempfile.mkdtemp()))  # imports are made once in a worker's life
    print(f"{'JPEGs':18} {'files':>5} {'MB':>6} | ms each: {'floor':>6} {'ingest':>7} {'more':>6} | ingest / floor")
    total = [0.0, 0.0, 0.0]
    for name, (least, most) in SIZES.items():
        group = [path for path in files if least <= path.stat().st_size < most]
        spent = [0.0, 0.0, 0.0]
        for _ in range(arguments.rounds if group else 0):
            spent[0] += _timed(floor, group) / arguments.rounds
            with metered() as more:
                spent[1] += (_timed(ours, group) - more[0]) / arguments.rounds
            spent[2] += more[0] / arguments.rounds
        show(name, group, spent)
        total = [before + now for before, now in zip(total, spent, strict=True)]
    show("all", files, total)


def show(name: str, group: Sequence[Path], spent: Sequence[float]) -> None:
    """One line of the table; `spent`: CPU seconds of floor, ingest and more."""
    if group:
        each = [1000 * seconds / len(group) for seconds in spent]
        size = sum(path.stat().st_size for path in group) / 1e6
        shown = f"{each[0]:6.2f} {each[1]:7.2f} {each[2]:6.2f}"
        print(f"{name:18} {len(group):5} {size:6.1f} |          {shown} | {spent[1] / spent[0]:.2f}")


if __name__ == "__main__":
    main()
