#!/usr/bin/env python3
"""Break real files in every way, and run the product on them, in batches: nothing may crash it, and nothing may get lost.

    scripts/fuzz FOLDER [--count 2000] [--seed 1] [--batch 100] [--keep DIR]

Each mutation takes one file of the folder, sometimes a second: cut short, bits flipped, two files spliced, headers
swapped, sizes overwritten, blocks zeroed, doubled or filled with noise. A batch is one event. After each run: the exit
status is 0 or 3, stderr has no traceback, every file stands in the report exactly once, and the bytes of every file are in
the originals, in the inbox or in `_rejected/`. The same seed and folder give the same files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MOST_BYTES = 4_000_000
SETTINGS = """\
[ingest]
settle = 0
patience = 0
[[rendition]]
format = "jpeg"
edges = [160]
[film]
sides = [144]
preset = "ultrafast"
[limits]
memory = 1024
seconds = 60
film_seconds = 60
min_free = 1
"""
_SIZES = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x01", b"\x80\0\0\0", b"\xff\xff\xff\x7f")

Mutation = Callable[[random.Random, bytearray, bytes], bytearray]


def _cut(rng: random.Random, data: bytearray, _other: bytes) -> bytearray:
    return data[: rng.randrange(len(data) + 1)]


def _flip(rng: random.Random, data: bytearray, _other: bytes) -> bytearray:
    near = rng.choice((256, 4096, len(data)))  # headers more often than pixels
    for _ in range(rng.choice((1, 3, 10, 60))):
        data[rng.randrange(min(near, len(data)))] ^= 1 << rng.randrange(8)
    return data


def _splice(rng: random.Random, data: bytearray, other: bytes) -> bytearray:
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _swap_headers(rng: random.Random, data: bytearray, other: bytes) -> bytearray:
    count = rng.choice((4, 12, 32, 64, 512, 2048))
    return bytearray(other[:count]) + data[count:]


def _overwrite_sizes(rng: random.Random, data: bytearray, _other: bytes) -> bytearray:
    """What looks like lengths, counts and offsets stands at even places, mostly near the start."""
    for _ in range(rng.choice((1, 2, 5))):
        at = 2 * rng.randrange(max(1, min(len(data), rng.choice((64, 2048, len(data)))) // 2))
        size = rng.choice(_SIZES)[: rng.choice((2, 4))]
        data[at : at + len(size)] = size
    return data


def _zero(rng: random.Random, data: bytearray, _other: bytes) -> bytearray:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    data[start:end] = bytes(end - start)
    return data


def _double(rng: random.Random, data: bytearray, _other: bytes) -> bytearray:
    start = rng.randrange(len(data))
    block = data[start : start + rng.choice((1, 16, 700, 40_000))]
    return data[:start] + block * rng.choice((2, 9)) + data[start:]


def _noise(rng: random.Random, data: bytearray, _other: bytes) -> bytearray:
    start = rng.randrange(len(data))
    count = rng.choice((4, 100, 5000))
    data[start : start + count] = rng.randbytes(count)
    return data


MUTATIONS: dict[str, Mutation] = {
    "cut": _cut,
    "flip": _flip,
    "splice": _splice,
    "headers": _swap_headers,
    "sizes": _overwrite_sizes,
    "zeros": _zero,
    "double": _double,
    "noise": _noise,
}


def mutations(files: Sequence[Path], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` broken files: a name that tells how it was broken, and the bytes."""
    rng = random.Random(seed)
    for number in range(count):
        name, mutate = rng.choice(list(MUTATIONS.items()))
        source, other = rng.choice(files), rng.choice(files)
        data = bytearray(source.read_bytes())
        broken = bytes(mutate(rng, data, other.read_bytes())) if data else b""
        yield f"{number:05d}-{name}{source.suffix[:8]}", broken


@dataclass
class Tally:
    """What a fuzz run found: how often each (mutation, outcome, code), and everything that must not be."""

    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Fuzz:
    """A workspace into which batches of broken files are dropped."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root, self.options, self.tally = root, options, Tally()
        self._command("init", str(root))
        (root / "mediaarchive.toml").write_text(SETTINGS, encoding="utf-8")

    def _command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mediaarchive", *words], capture_output=True, text=True, check=False, timeout=1800
        )

    def batch(self, event: str, files: Sequence[tuple[str, bytes]]) -> None:
        """Drop files as one event, run, and look at everything that must hold."""
        folder = self.root / "inbox" / event
        folder.mkdir(parents=True)
        for name, data in files:
            (folder / name).write_bytes(data)
        started = time.monotonic()
        done = self._command("-C", str(self.root), "run", "--json", *self.options)
        self.tally.slowest = max(self.tally.slowest, time.monotonic() - started)
        if done.returncode not in {0, 3} or "Traceback" in done.stderr:
            self.tally.wrong.append(f"{event}: status {done.returncode}: {done.stderr[-1500:]}")
            return
        answers = [e for e in json.loads(done.stdout)["files"] if e["path"].startswith(f"inbox/{event}/")]
        found = Counter(e["path"].rpartition("/")[2] for e in answers)
        for name, data in files:
            if found[name] != 1:
                self.tally.wrong.append(f"{event}/{name}: answered {found[name]} times")
            if not self._kept(folder, name, data):
                self.tally.wrong.append(f"{event}/{name}: lost")
        for entry in answers:
            how = entry["path"].rpartition("/")[2].split("-")[-1].partition(".")[0]
            self.tally.outcomes[how, entry["outcome"], entry["code"] or ""] += 1
            if entry["code"] in {"unexpected", "internal", "not-done"}:
                self.tally.wrong.append(f"{entry['path']}: {entry['code']}: {entry['reason']}")

    def _kept(self, folder: Path, name: str, data: bytes) -> bool:
        sha256 = hashlib.sha256(data).hexdigest()
        if any((self.root / "archive" / "originals" / sha256[:2]).glob(f"{sha256}.*")):
            return True
        return any(path.exists() and path.read_bytes() == data for path in (folder / name, folder / "_rejected" / name))


def sources(folder: Path) -> list[Path]:
    """The files to break: all of a folder, in order, but very large ones."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and 0 < p.stat().st_size <= MOST_BYTES)


def main() -> int:
    """Break, run, tell; status 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="the workspace, kept afterwards; default: a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary:
        fuzz = Fuzz(arguments.keep or Path(temporary) / "ws")
        broken = list(mutations(sources(arguments.folder), arguments.count, arguments.seed))
        for start in range(0, len(broken), arguments.batch):
            fuzz.batch(f"batch-{start:05d}", broken[start : start + arguments.batch])
            print(
                f"{min(start + arguments.batch, len(broken))} of {len(broken)}, {len(fuzz.tally.wrong)} wrong",
                flush=True,
            )
    for how in MUTATIONS:
        rows = {(o, c): n for (h, o, c), n in fuzz.tally.outcomes.items() if h == how}
        shown = ", ".join(f"{n} {o}{f' ({c})' if c else ''}" for (o, c), n in sorted(rows.items(), key=lambda r: -r[1]))
        print(f"{how:8} {sum(rows.values()):5}  {shown}")
    print(f"slowest batch: {fuzz.tally.slowest:.0f} s")
    print(*fuzz.tally.wrong, sep="\n")
    return 1 if fuzz.tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
