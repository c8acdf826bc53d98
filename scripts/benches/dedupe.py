#!/usr/bin/env python3
"""Measure on your own photographs how many copies dedupe finds, and whether it ever joins two photographs.

    scripts/bench dedupe FOLDER [--sample 40]

Each edit below is applied to a sample of the folder's photographs, without metadata, as messengers and websites send them;
then all originals and these copies are grouped, as one event. Printed for each edit: how many copies were candidates, were
linked to their original, or were proposed to a human; and every group that holds two originals. The second table groups the
same copies while their originals are absent: then nothing at all should be linked.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from mediaarchive.config.settings import Limits
from mediaarchive.errors import BadInput
from mediaarchive.media.picture import open_picture
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind
from mediaarchive.stages.dedupe.candidates import Entry, pairs
from mediaarchive.stages.dedupe.grouping import Folded, fold
from mediaarchive.stages.dedupe.proof import Features, compare, features
from mediaarchive.stages.ingest import ANALYSIS_EDGE, identify

Edit = Callable[[Image.Image], Image.Image]
LIMITS = Limits().model_dump()
DISTANCE = 72


def _resized(image: Image.Image, share: float) -> Image.Image:
    return image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.LANCZOS)


def _cropped(image: Image.Image, share: float) -> Image.Image:
    """Less `share` of each side's length, off the centre."""
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    left, top = round((image.width - width) * 0.3), round((image.height - height) * 0.8)
    return image.crop((left, top, left + width, top + height))


EDITS: Mapping[str, tuple[Edit, str, int]] = {
    "messenger, q70": (lambda image: _resized(image, 0.6), "JPEG", 70),
    "thumbnail 320": (lambda image: _resized(image, 320 / max(image.size)), "JPEG", 60),
    "half size, q30": (lambda image: _resized(image, 0.5), "JPEG", 30),
    "WebP": (lambda image: _resized(image, 0.7), "WEBP", 70),
    "AVIF": (lambda image: _resized(image, 0.7), "AVIF", 55),
    "same size, q70": (lambda image: image, "JPEG", 70),
    "crop 2 %": (lambda image: _cropped(image, 0.02), "JPEG", 85),
    "crop 5 %": (lambda image: _cropped(image, 0.05), "JPEG", 85),
    "crop 10 %": (lambda image: _cropped(image, 0.10), "JPEG", 85),
    "rotated": (lambda image: _resized(image, 0.7).transpose(Image.Transpose.ROTATE_90), "JPEG", 85),
    "mirrored": (lambda image: _resized(image, 0.7).transpose(Image.Transpose.FLIP_LEFT_RIGHT), "JPEG", 85),
    "black and white": (lambda image: _resized(image, 0.7).convert("L").convert("RGB"), "JPEG", 85),
    "brighter": (lambda image: ImageEnhance.Brightness(_resized(image, 0.7)).enhance(1.2), "JPEG", 85),
    "white frame": (lambda image: ImageOps.expand(_resized(image, 0.6), 40, "white"), "JPEG", 85),
}


@dataclass
class Bench:
    """Originals and copies by sha256, and what was measured of them once."""

    entries: dict[str, Entry] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    features: dict[str, Features] = field(default_factory=dict)

    def add(self, path: Path) -> str | None:
        """Identify one file; None where it is no photograph."""
        try:
            kind = sniff(path)
            if kind.kind is not Kind.PHOTO:
                return None
            facts = identify(path, kind.mime, kind.kind, LIMITS)
            picture = open_picture(path, pixels=LIMITS["pixels"], at_least=ANALYSIS_EDGE)
        except BadInput:
            return None
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        self.entries[sha256] = Entry(sha256=sha256, facts=facts, bytes=len(data), paths=(path.name,))
        self.names[sha256] = path.name
        self.features[sha256] = features(picture.image)
        return sha256

    def grouped(self, shas: Iterable[str]) -> tuple[Folded, set[tuple[str, str]]]:
        """Fold these as one event: the result, and which pairs were candidates."""
        entries = [self.entries[sha256] for sha256 in shas]
        wanted = [(pair.left, pair.right) for pair in pairs(entries, distance=DISTANCE)]
        proofs = {pair: compare(self.features[pair[0]], self.features[pair[1]]) for pair in wanted}
        return fold(entries, proofs, (), {}), set(wanted)

    def pixels(self, sha256: str) -> str:
        """What two originals with different metadata share."""
        return str(self.entries[sha256].facts.signature["pixels"])


def copies(bench: Bench, originals: Mapping[str, Path], edit: tuple[Edit, str, int], folder: Path) -> dict[str, str]:
    """Make one edit of each original: the copy's sha256 to the original's."""
    change, form, quality = edit
    made: dict[str, str] = {}
    for original, path in originals.items():
        picture = open_picture(path, pixels=LIMITS["pixels"]).image
        stream = io.BytesIO()
        change(picture).save(stream, form, quality=quality)
        target = folder / f"{path.stem}.{form.lower()}"
        target.write_bytes(stream.getvalue())
        if sha256 := bench.add(target):
            made[sha256] = original
    return made


def report(bench: Bench, name: str, base: Iterable[str], truth: Mapping[str, str]) -> None:
    """Print one edit's line, and every group that joins what it must not."""
    base = list(base)
    result, candidates = bench.grouped([*base, *truth])
    home = {member.sha256: group for group in result.groups for member in group.members}
    proposed = {(proposal.left, proposal.right) for proposal in result.proposals}
    known = [tuple(sorted(pair)) for pair in truth.items()]
    linked = sum(home[copy] is home[original] for copy, original in truth.items())
    gone = {bench.pixels(original) for original in truth.values()}
    orphans, _ = bench.grouped([*(sha for sha in base if bench.pixels(sha) not in gone), *truth])
    astray = [
        group for group in orphans.groups if len(group.members) > 1 and any(m.sha256 in truth for m in group.members)
    ]
    counts = sum(pair in candidates for pair in known), linked, sum(pair in proposed for pair in known)
    print(f"{name:16} {len(truth):5} {counts[0]:10} {counts[1]:6} {counts[2]:8} {len(astray):22}")
    for group in result.groups:
        roots = {truth.get(member.sha256, member.sha256) for member in group.members}
        if len({bench.pixels(root) for root in roots}) > 1:
            print("   joined:", ", ".join(bench.names[member.sha256] for member in group.members))
    for group in astray:
        print("   astray:", ", ".join(bench.names[member.sha256] for member in group.members))


def main() -> None:
    """Read the folder, make the edits, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    bench = Bench()
    added = {
        sha256: path for path in sorted(arguments.folder.rglob("*")) if path.is_file() and (sha256 := bench.add(path))
    }
    large = sorted(
        sha256 for sha256 in added if max(bench.entries[sha256].facts.width, bench.entries[sha256].facts.height) >= 640
    )
    sample = random.Random(arguments.seed).sample(large, min(arguments.sample, len(large)))
    print(f"{len(added)} originals, {len(sample)} of them edited\n")
    print(f"{'edit':16} {'n':>5} {'candidates':>10} {'linked':>6} {'proposed':>8} {'linked without original':>22}")
    with tempfile.TemporaryDirectory() as temporary:
        for name, edit in EDITS.items():
            truth = copies(bench, {sha256: added[sha256] for sha256 in sample}, edit, Path(temporary))
            report(bench, name, added, {copy: original for copy, original in truth.items() if copy not in added})


if __name__ == "__main__":
    main()
