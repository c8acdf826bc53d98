#!/usr/bin/env python3
"""Measure a whole run over an event of large photographs, many of them bursts, with what messengers made of them.

    scripts/bench bursts FOLDER [--scenes 26] [--edges 320] [--keep EVENT]

The largest photographs of FOLDER, each of another scene, become frames of three cameras (24 and 45 megapixels, and a phone's 12):
enlarged, grained, from a hand that isn't still, and while things move. Half of the scenes are bursts of four to eight frames; the
second camera's clock knows no fractions of a second. Of every other frame there is a messenger's copy, of some a smaller one. Two
workers; printed are jobs, CPU seconds in the workers, and when each stage began and ended. --edges: the renditions' (JPEG), so
that these don't take most of the time; --keep: a folder in which the event is made once and left.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from stills import photographs

from mediaarchive.events import Fanout
from mediaarchive.model import Outcome, Work
from mediaarchive.pipeline.opening import open_shop
from mediaarchive.pipeline.run import run
from mediaarchive.pipeline.workspace import create
from mediaarchive.ports import Engine

Task = Callable[[Work], tuple[Outcome, ...]]
# Of each camera: its frames' size, its model, how many frames each of its scenes has, whether it writes fractions of a second.
CAMERAS = (
    ((6000, 4000), "X100", (8, 8, 8, 8, 8, 1, 1, 1, 1, 1, 1, 1), True),
    ((8192, 5464), "R5", (6, 6, 6, 4, 1, 1), False),
    ((4032, 3024), "Phone 12", (6, 6, 6, 6, 1, 1, 1, 1), True),
)
GRAIN, MOVING = 3.0, 3  # grey levels; things that move from frame to frame
ALIKE = 14  # bits of 64: one scene


def main() -> None:
    """Make the event, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenes", type=int, default=26)
    parser.add_argument("--edges", type=int, nargs="+", default=[320])
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        event = given.keep or Path(scratch) / "event"
        if not event.exists():
            event.mkdir(parents=True)
            photographs.COUNT = 2 * given.scenes
            make(scenes(photographs.sources(given.folder))[: given.scenes], event)
        workspace, log = Path(scratch) / "ws", Path(scratch) / "log"
        settings = (
            "[ingest]\nsettle = 0\npatience = 0\n[engine]\nworkers = 2\n[card]\nmake = false\n"
            f'[[rendition]]\nformat = "jpeg"\nedges = {given.edges}\n[[store]]\nname = "site"\nurl = "site"\n'
        )
        create(workspace, settings, datetime.now(UTC))
        shutil.copytree(event, workspace / "inbox" / "party")
        start = time.time()
        with open_shop(workspace, Fanout()) as shop:
            shop.engine = Timed(shop.engine, log)
            report = run(shop)
        show(log, start)
        print(f"{len(list(event.iterdir()))} files, {report.counts()}: {time.time() - start:.1f} s in all")


class Timed:
    """An engine whose workers write down what each job cost."""

    def __init__(self, engine: Engine, log: Path) -> None:
        self.engine, self.log = engine, log

    def run(self, task: Task, works: Iterable[Work]) -> Iterator[tuple[Work, tuple[Outcome, ...]]]:
        """As the engine does."""
        return self.engine.run(partial(timed, str(self.log), task), works)

    def close(self) -> None:
        """As the engine does."""
        self.engine.close()


def timed(log: str, task: Task, work: Work) -> tuple[Outcome, ...]:
    """One job, in a worker."""
    began, before = time.time(), time.process_time()
    done = task(work)
    stage, count = work.recipes[0].stage, len(work.keys) if work.stage == "together" else 1
    line = json.dumps((stage, count, began, time.time(), time.process_time() - before, os.getpid()))
    with Path(log).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    return done


def show(log: Path, start: float) -> None:
    """A line for each stage."""
    stages = defaultdict(list)
    for line in log.read_text(encoding="utf-8").splitlines():
        stage, *rest = json.loads(line)
        stages[stage].append(rest)
    for stage, jobs in stages.items():
        count, cpu = sum(job[0] for job in jobs), sum(job[3] for job in jobs)
        began, ended = min(job[1] for job in jobs) - start, max(job[2] for job in jobs) - start
        print(
            f"  {stage:<9} {count:5} x {1000 * cpu / count:6.1f} ms = {cpu:6.1f} s CPU   {began:6.1f} to {ended:6.1f} s"
        )


def scenes(paths: Sequence[Path]) -> list[Path]:
    """Photographs without those that show what another one does, turned or mirrored."""
    chosen, known = [], list[imagehash.ImageHash]()
    for path in paths:
        with Image.open(path) as image:
            small = ImageOps.exif_transpose(image).convert("L").resize((64, 64))
        ways = [small, *map(small.transpose, Image.Transpose)]
        if all(imagehash.phash(way) - other > ALIKE for way in ways for other in known):
            chosen.append(path)
            known.append(imagehash.phash(small))
    return chosen


def make(chosen: Sequence[Path], event: Path) -> None:
    """The event's files."""
    cv2.setNumThreads(1)
    found = iter(enumerate(chosen))
    for size, model, bursts, fractions in CAMERAS:
        for frames, (number, source) in zip(bursts, found, strict=False):
            with Image.open(source) as image:
                upright = ImageOps.exif_transpose(image).convert("RGB")
            scene = np.asarray(ImageOps.fit(upright, size, Image.Resampling.LANCZOS))
            for frame in range(frames):
                picture = Image.fromarray(taken(scene, np.random.default_rng(100 * number + frame), still=frame == 0))
                exif = said(model, number, frame, fractions=fractions)
                picture.save(event / f"{model[0]}{number:02}_{frame}.jpg", quality=92, exif=exif)
                if frame % 2 == 0:
                    send(picture, event / f"IMG-20240502-WA{number:02}{frame:02}.jpg", 1600, 72)
                if frame == 0 and number % 2 == 0:
                    send(picture, event / f"IMG-20240503-WA{number:02}{frame:02}.jpg", 1280, 68)


def send(picture: Image.Image, path: Path, edge: int, quality: int) -> None:
    """What a messenger makes of it."""
    small = picture.copy()
    small.thumbnail((edge, edge))
    small.save(path, quality=quality)


def taken(scene: NDArray[np.uint8], random: np.random.Generator, *, still: bool) -> NDArray[np.uint8]:
    """One frame: the camera a little askew, some things a little further, other noise."""
    height, width = scene.shape[:2]
    turn, shift = (0.0, (0.0, 0.0)) if still else (random.normal(0, 0.12), random.normal(0, 0.003, 2) * width)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.01)
    matrix = matrix + np.array([[0, 0, shift[0]], [0, 0, shift[1]]])
    flags = cv2.INTER_LINEAR
    frame = cv2.warpAffine(scene, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT).astype(np.uint8)
    for _ in range(0 if still else MOVING):
        move(frame, random)
    grain = cv2.resize(random.standard_normal((height // 2, width // 2), np.float32), (width, height)) * GRAIN
    return np.clip(frame + grain[..., None], 0, 255).astype(np.uint8)


def move(frame: NDArray[np.uint8], random: np.random.Generator) -> None:
    """Shift what is somewhere in the middle, with a soft edge."""
    height, width = frame.shape[:2]
    x, y, radius = (int(share * width) for share in random.uniform((0.2, 0.2, 0.03), (0.8, 0.45, 0.08)))
    y = min(y, height - 1)
    top, left = max(0, y - 2 * radius), max(0, x - 2 * radius)
    part = frame[top : y + 2 * radius, left : x + 2 * radius]
    rows, columns = (np.arange(side, dtype=np.float32) for side in part.shape[:2])
    across, down = np.meshgrid(columns, rows)
    near = np.exp(-1.5 * ((across + left - x) ** 2 + (down + top - y) ** 2) / radius**2).astype(np.float32)
    dx, dy = random.normal(0, 0.35 * radius, 2).astype(np.float32)
    frame[top : y + 2 * radius, left : x + 2 * radius] = cv2.remap(
        part, across + near * dx, down + near * dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def said(model: str, number: int, frame: int, *, fractions: bool) -> Image.Exif:
    """What a camera writes: a burst's frames lie a sixth of a second apart."""
    exif = Image.Exif()
    exif[271], exif[272] = "Maker", model
    details = exif.get_ifd(0x8769)
    second = 10 + frame // 6 if fractions else 10
    details[36867] = f"2024:05:01 12:{number:02}:{second:02}"
    if fractions:
        details[37521] = f"{15 * (frame % 6) + 10}"
    return exif


if __name__ == "__main__":
    main()
