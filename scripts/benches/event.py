#!/usr/bin/env python3
"""Measure what it costs to find the copies of one event: CPU seconds of each step, one process, no engine.

    scripts/bench event FOLDER [--photographs 150] [--sent 75]

The event has the largest photographs of FOLDER, each picture once, and of every second one what a messenger makes of it: 1,600 px
at quality 72, without metadata. Steps: *identify* (metadata, one reduced decode, signature, details), *candidates* (which pairs),
*opening* (decode and features of what is proved, kept for the pairs that follow), *proofs*, *fold*.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from PIL import Image

from mediaarchive.config.settings import Settings
from mediaarchive.engines.worker import KEPT, keep_what_is_freed
from mediaarchive.errors import BadInput
from mediaarchive.media.picture import open_picture
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind
from mediaarchive.pipeline import worker
from mediaarchive.stages.dedupe.batches import batches
from mediaarchive.stages.dedupe.candidates import pairs
from mediaarchive.stages.dedupe.features import Features
from mediaarchive.stages.dedupe.grouping import fold
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.dedupe.proof import compare_closely
from mediaarchive.stages.dedupe.sparing import proved
from mediaarchive.stages.ingest import ANALYSIS_EDGE, look

LIMITS = Settings().limits.model_dump(mode="json")
DISTANCE = Settings().dedupe.distance
SENT_EDGE, SENT_QUALITY, SMALLEST = 1600, 72, 500_000  # pixels; quality; pixels of what counts as a photograph here
Pair = tuple[str, str]


class Spent:
    """CPU seconds and calls of each step."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what is done inside."""
        before = time.process_time()
        yield
        self.seconds[name] += time.process_time() - before  # type: ignore[assignment] # seconds have fractions
        self.calls[name] += 1

    def show(self) -> None:
        """A line for each step."""
        total = sum(self.seconds.values())
        for name, seconds in self.seconds.items():
            each = 1000 * seconds / self.calls[name]
            print(
                f"  {name:<11} {seconds:7.1f} s {100 * seconds / total:5.0f} %   {self.calls[name]:5} x {each:7.1f} ms"
            )
        print(f"  {'all':<11} {total:7.1f} s")


def main() -> None:
    """Make the event, look at it, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photographs", type=int, default=150)
    parser.add_argument("--sent", type=int, default=75, help="copies as a messenger sends them")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        originals = largest(given.folder, given.photographs)
        sent = {copied(path, Path(scratch)): path for path in originals[::2][: given.sent]}
        measure(originals, sent)


def largest(folder: Path, count: int) -> list[Path]:
    """So many photographs, those with most pixels first; of equal files one."""
    found: dict[str, tuple[int, Path]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            if sniff(path).kind is Kind.PHOTO:
                opened = open_picture(path, pixels=LIMITS["pixels"], at_least=ANALYSIS_EDGE)
                found[hashlib.sha256(path.read_bytes()).hexdigest()] = (opened.width * opened.height, path)
        except BadInput:
            continue
    ordered = sorted(found.values(), key=lambda one: (-one[0], one[1]))
    return [path for pixels, path in ordered if pixels >= SMALLEST][:count]


def copied(path: Path, folder: Path) -> Path:
    """What a messenger sends of a photograph."""
    picture = whole(path).convert("RGB")
    picture.thumbnail((SENT_EDGE, SENT_EDGE))
    target = folder / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.jpg"
    picture.save(target, quality=SENT_QUALITY)
    return target


def measure(originals: Sequence[Path], sent: Mapping[Path, Path]) -> None:
    """All steps over one event."""
    spent = Spent()
    keep_what_is_freed(KEPT)
    seen: dict[str, tuple[Path, Entry]] = {}
    details: dict[str, Mapping[str, Any]] = {}
    for path in [*originals, *sent]:
        data = path.read_bytes()
        kind = sniff(path)
        with spent.step("identify"):
            facts, found_in_it = look(path, kind.mime, kind.kind, LIMITS, details=True)
        sha = hashlib.sha256(data).hexdigest()
        details[sha] = found_in_it or {}
        seen[sha] = path, Entry(sha256=sha, facts=facts, bytes=len(data), paths=(path.name,))
    paths = {sha: path for sha, (path, _) in seen.items()}
    entries = [entry for _, entry in seen.values()]
    with spent.step("candidates"):
        candidates = {(pair.left, pair.right) for pair in pairs(entries, distance=DISTANCE, features=details)}
    found = proved(entries, sorted(candidates), (), partial(prove, spent, paths))
    with spent.step("fold"):
        result = fold(entries, found, (), {})
    home = {sha: group for group in result.groups for sha in (member.sha256 for member in group.members)}
    by_path = {path: sha for sha, path in paths.items()}
    joined = sum(home[by_path[copy]] is home[by_path[path]] for copy, path in sent.items())
    wide = sum(entry.facts.width * entry.facts.height for entry in entries) / len(entries) / 1e6
    print(f"{len(originals)} photographs and {len(sent)} copies, {wide:.1f} megapixels on the average;")
    print(f"{len(candidates)} pairs, {len(found)} of them proved, {joined} copies with their photograph. CPU:")
    spent.show()


def prove(spent: Spent, paths: Mapping[str, Path], wanted: Sequence[Pair]) -> dict[Pair, dict[str, Any]]:
    """Proofs as one worker makes them, which keeps what it has opened."""
    found = {}
    for pair in chain.from_iterable(batches(wanted, 1)):
        with spent.step("opening"):
            mine, theirs = (opened(paths[sha]) for sha in pair)
        with spent.step("proofs"):
            found[pair] = compare_closely(
                (mine, partial(whole, paths[pair[0]])), (theirs, partial(whole, paths[pair[1]]))
            )
    return found


def opened(path: Path) -> Features:
    """What a proof needs of one picture."""
    return worker._proof_features(str(path), LIMITS["pixels"])  # noqa: SLF001 - what a worker calls


def whole(path: Path) -> Image.Image:
    """The picture in full, upright."""
    return open_picture(path, pixels=LIMITS["pixels"]).image


if __name__ == "__main__":
    main()
