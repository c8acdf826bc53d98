"""Whole runs of mediaarchive over a folder of photographs: what they cost beside the rendering, and what a rerun costs."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import machine
from PIL import Image

SETTINGS = "[ingest]\nsettle = 0\npatience = 0\n[limits]\nmin_free = 1\n"
SMALL = "".join(f'[[rendition]]\nformat = "{kind}"\nedges = [16, 20, 24, 28, 32, 36]\n' for kind in ("avif", "jpeg"))


def command(root: Path, *words: str) -> list[str]:
    """A command of mediaarchive's on this workspace."""
    return [sys.executable, "-m", "mediaarchive", "-C", str(root), *words]


def workspace(root: Path, photographs: Sequence[Path], *, rest: str = "") -> Path:
    """A workspace with these photographs in its inbox."""
    machine.run([sys.executable, "-m", "mediaarchive", "init", str(root)])
    (root / "mediaarchive.toml").write_text(SETTINGS + rest, encoding="utf-8")
    inbox = root / "inbox" / "evening"
    inbox.mkdir(parents=True)
    for path in photographs:
        shutil.copy(path, inbox / path.name)
    return root


def whole_run(photographs: Sequence[Path]) -> machine.Cost:
    """One run from the inbox to a local store, in one process, so that all its CPU is counted."""
    with tempfile.TemporaryDirectory() as folder:
        root = workspace(Path(folder) / "ws", photographs)
        cost = machine.run(command(root, "run", "--json", "--engine", "inline"), family=True)
        published = json.loads(cost.out)["events"][0]["counts"]["photo"]
        if published != len(photographs):
            raise RuntimeError(f"{published} of {len(photographs)} photographs were published")
        return cost


def rerun(count: int) -> machine.Cost:
    """The second run over `count` small photographs of twelve renditions each: what is known costs the same whatever its size.

    Soft ones: hard edges on one grid would make each resemble all others, as no photographs do, and cost their proof.
    """
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder) / "drawn"
        drawn.mkdir()
        for number in range(count):
            channels = [Image.effect_noise((6, 4), 250) for _ in "RGB"]
            noise = Image.merge("RGB", channels).resize((96, 64), Image.Resampling.BICUBIC)
            noise.save(drawn / f"{number:05}.jpg", quality=90)
        root = workspace(Path(folder) / "ws", sorted(drawn.iterdir()), rest=SMALL)
        machine.run(command(root, "run", "--json", "--engine", "inline"))
        again = machine.run(command(root, "run", "--json", "--engine", "inline"))
        jobs = json.loads(again.out)["jobs"]
        if jobs["planned"]:
            raise RuntimeError(f"the second run made {jobs['planned']} things again")
        return again
