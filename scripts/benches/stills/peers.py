"""What others make of the same photographs, each installed where it is absent."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import machine

from stills import tools

HERE = Path(__file__).resolve().parent
SIGAL = 'source = "{source}"\ndestination = "{target}"\nimg_size = (1920, 1920)\nthumb_size = (320, 320)\nthumb_fit = False\n'
SIGAL_REST = 'jpg_options = {"quality": 76, "optimize": True, "progressive": True}\nthumb_video_delay = 0\nncpu = 1\n'


def ours(what: str, paths: Sequence[Path]) -> list[str]:
    """The command that has mediaarchive render these, in a process of its own."""
    return [sys.executable, str(HERE / "ours.py"), what, *map(str, paths)]


def sharp(home: Path, way: str, threads: str, recipe: Sequence[dict[str, Any]], paths: Sequence[Path]) -> list[str]:
    """The command that has sharp render these."""
    return ["node", str(HERE / "sharp.mjs"), str(home), way, threads, json.dumps(list(recipe)), *map(str, paths)]


def interleaved(commands: dict[str, list[str]], rounds: int) -> dict[str, float]:
    """CPU seconds of each command's own photographs (start-up left out): the medians of rounds, one after the other."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(sum(json.loads(machine.run(command).out)["cpu"]))
    return {name: statistics.median(values) for name, values in found.items()}


def galleries(work: Path, paths: Sequence[Path]) -> dict[str, Callable[[], float]]:
    """Ways to make 320 and 1920 pixels of each photograph as JPEG, as whole processes; each gives its CPU seconds."""
    found: dict[str, Callable[[], float]] = {"mediaarchive": lambda: machine.run(ours("jpeg", paths)).cpu}
    if sigal := tools.environment(work, "sigal"):
        found["sigal"] = lambda: _sigal(sigal, paths)
    if convert := tools.program("convert", "imagemagick"):
        found["ImageMagick"] = lambda: _each(lambda path, out: [_convert(convert, path, out)], paths)
    if thumbnail := tools.program("vipsthumbnail", "libvips-tools"):
        found["vipsthumbnail twice"] = lambda: _each(lambda path, out: _vips(thumbnail, path, out), paths)
    return found


def _sigal(program: Path, paths: Sequence[Path]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in" / "album", Path(folder) / "out"
        source.mkdir(parents=True)
        for path in paths:
            (source / path.name).symlink_to(path.resolve())
        settings = Path(folder) / "sigal.conf.py"
        settings.write_text(SIGAL.format(source=source.parent, target=target) + SIGAL_REST, encoding="utf-8")
        cost = machine.run([str(program), "build", "-c", str(settings), "-n", "1"]).cpu
        if len(list(target.rglob("*.jpg"))) < 2 * len(paths):
            raise RuntimeError("sigal made too few files")
        return cost


def _each(commands: Callable[[Path, Path], list[list[str]]], paths: Sequence[Path]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return sum(machine.run(command).cpu for path in paths for command in commands(path, Path(folder)))


def _convert(program: str, path: Path, out: Path) -> list[str]:
    plain = ["-strip", "-interlace", "JPEG", "-sampling-factor", "4:2:0", "-quality", "76"]
    large = ["-define", "jpeg:size=3840x3840", str(path), "-auto-orient", "-resize", "1920x1920", *plain]
    return [program, *large, "-write", str(out / "large.jpg"), "-resize", "320x320", str(out / "small.jpg")]


def _vips(program: str, path: Path, out: Path) -> list[list[str]]:
    options = "[Q=76,optimize_coding,interlace,strip]"
    return [
        [program, str(path), "--size", f"{edge}x{edge}", "-o", f"{out}/%s-{edge}.jpg{options}"] for edge in (1920, 320)
    ]
