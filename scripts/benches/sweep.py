#!/usr/bin/env python3
"""Measure what each quality of each format costs and shows, on your own photographs: how the default qualities were chosen.

    scripts/bench sweep FOLDER [--photographs 10] [--work DIR] [--plot curves.svg]

Each photograph comes down the ladder of sizes as in a run; each size is encoded in a range of qualities, decoded again, and
compared with what went into the encoder by SSIMULACRA2 and butteraugli (libjxl-devtools). Printed: the means for each size,
format and quality, and AVIF's bytes against progressive JPEG's at the same score. Results are kept in DIR/sweep.jsonl,
so a second call goes on where the first one ended.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from stills import photographs, tools
from stills.curves import draw
from stills.quality import butteraugli, ssimulacra2

from mediaarchive.config.settings import Rendition, Settings
from mediaarchive.media.picture import Decoded, decode
from mediaarchive.renderers.still import _encoded, _sizes

QUALITIES = {"avif": (50, 56, 62, 68, 74, 80), "jpeg": (64, 70, 76, 82, 88)}
EDGES = (320, 640, 960, 1280, 1920, 2560)
SCORES = (("s2", 70.0), ("s2", 75.0), ("s2", 80.0), ("butter", 1.2), ("butter", 1.0), ("butter", 0.8))
LARGE = 1280  # butteraugli takes too long from here on
REDUCED = 1.5  # a size is measured on photographs this much larger: at its own size, JPEG would be asked to repeat JPEG's damage


def sizes(decoded: Decoded, edges: set[int]) -> Iterator[tuple[int, Image.Image]]:
    """One photograph down the ladder of sizes."""
    yield from _sizes(decoded, lambda: decoded, edges)


def rows(paths: Sequence[Path], done: set[str], butter: str | None) -> Iterator[list[dict[str, Any]]]:
    """For each photograph one row for each edge, format and quality."""
    renditions: dict[str, Rendition] = {entry.format: entry for entry in Settings().rendition}
    for path in paths:
        if path.name in done:
            continue
        found = []
        decoded = decode(path, pixels=250_000_000, at_least=max(EDGES))
        long = max(decoded.width, decoded.height)
        edges = {edge for edge in EDGES if edge * REDUCED <= long}
        for edge, image in sizes(decoded, edges):
            for kind, qualities in QUALITIES.items():
                speed = renditions[kind].at("speed", edge)
                for quality in qualities:
                    params = {"format": kind, "quality": quality, "speed": speed, "subsampling": "4:2:0"}
                    shown = judged(image, _encoded(image, params), butter if edge < LARGE else None)
                    found.append({"photo": path.name, "edge": edge, "format": kind, "quality": quality} | shown)
        yield found
        print(f"{path.name}: done", file=sys.stderr)


def known(kept: Path) -> list[dict[str, Any]]:
    """What was measured before."""
    return [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()] if kept.exists() else []


def judged(image: Image.Image, data: bytes, butter: str | None) -> dict[str, Any]:
    """What one encoded picture costs and shows."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with Image.open(file.name) as opened:
            shown = opened.convert("RGB")
    found = {"bytes": len(data), "s2": ssimulacra2(image, shown)}
    return found | ({"butter": butteraugli(butter, image, shown)} if butter else {})


def at_score(found: Sequence[dict[str, Any]], metric: str, score: float) -> float | None:
    """The bytes at a score, by linear interpolation between the two nearest qualities; None outside of them."""
    points = sorted((row[metric], row["bytes"]) for row in found)
    for (low, small), (high, large) in itertools.pairwise(points):
        if low <= score <= high and high > low:
            return float(small + (large - small) * (score - low) / (high - low))
    return None


def share(table: Sequence[dict[str, Any]], edge: int, metric: str, score: float) -> tuple[float, int] | None:
    """The sum of AVIF's bytes to the sum of progressive JPEG's where both have a score; and of how many photographs."""
    pairs = []
    for photo in {row["photo"] for row in table}:
        mine = [row for row in table if row["photo"] == photo and row["edge"] == edge and metric in row]
        small, plain = (at_score([row for row in mine if row["format"] == kind], metric, score) for kind in QUALITIES)
        if small is not None and plain is not None:
            pairs.append((small, plain))
    return (sum(small for small, _ in pairs) / sum(plain for _, plain in pairs), len(pairs)) if pairs else None


def report(table: Sequence[dict[str, Any]]) -> None:
    """Print the means, and the shares."""
    mean: Callable[[Sequence[float]], float] = statistics.fmean
    print("| edge | format | quality | kB | SSIMULACRA2 mean (worst) | butteraugli mean |\n|---|---|---|---|---|---|")
    for edge in EDGES:
        for kind, qualities in QUALITIES.items():
            for quality in qualities:
                wanted = (edge, kind, quality)
                found = [row for row in table if (row["edge"], row["format"], row["quality"]) == wanted]
                if found:
                    scores = [row["s2"] for row in found]
                    butter = [row["butter"] for row in found if "butter" in row]
                    size = mean([row["bytes"] for row in found]) / 1000
                    seen = f"{mean(butter):.2f}" if butter else "-"
                    print(
                        f"| {edge} | {kind} | {quality} | {size:.1f} | {mean(scores):.1f} ({min(scores):.1f}) | {seen} |"
                    )
    print("\nAVIF bytes of progressive JPEG's at the same score (photographs):\n")
    print(f"| edge | {' | '.join(f'{metric} {score:g}' for metric, score in SCORES)} |\n|---{'|---' * len(SCORES)}|")
    for edge in EDGES:
        cells = [share(table, edge, metric, score) for metric, score in SCORES]
        print(f"| {edge} | {' | '.join(f'{cell[0]:.2f} ({cell[1]})' if cell else '-' for cell in cells)} |")


def main() -> None:
    """Measure what isn't measured yet, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photographs", type=int, default=10)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mediaarchive-bench")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    kept = arguments.work / "sweep.jsonl"
    paths = photographs.sources(arguments.folder)[: arguments.photographs]
    if not tools.python_packages(arguments.work, "ssimulacra2"):
        sys.exit(1)
    done = {row["photo"] for row in known(kept)}
    with kept.open("a", encoding="utf-8") as file:
        for found in rows(paths, done, tools.program("butteraugli_main", "libjxl-devtools")):
            file.writelines(json.dumps(row) + "\n" for row in found)
            file.flush()
    table = known(kept)
    report(table)
    if arguments.plot:
        draw(table, arguments.plot)


if __name__ == "__main__":
    main()
