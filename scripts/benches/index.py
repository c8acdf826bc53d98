#!/usr/bin/env python3
"""Measure what it costs to find equal files, and to look for new photographs among archived ones: processor seconds and memory.

    scripts/bench index [--new 1000] [--archived 1000000] [--numpy] [--exact FOLDER]

Hashes are random bits with a few copies among them, each query in eight orientations. faiss is used if it is installed, unless
`--numpy` is given. `--exact`: the digests by which equal files are known, beside `sha256sum` of the same files, in turns.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from mediaarchive.stages import ingest
from mediaarchive.stages.dedupe.index import near

_SUM = shutil.which("sha256sum") or "sha256sum"


def main() -> None:
    """Make the hashes, look, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--new", type=int, default=1000)
    parser.add_argument("--archived", type=int, default=1_000_000)
    parser.add_argument("--distance", type=int, default=72)
    parser.add_argument("--numpy", action="store_true", help="without faiss")
    parser.add_argument("--exact", type=Path, help="a folder of files, instead")
    arguments = parser.parse_args()
    if arguments.exact:
        exact(arguments.exact)
        return
    if arguments.numpy:
        sys.modules["faiss"] = None  # type: ignore[assignment]
    random = np.random.default_rng(1)
    base = random.integers(0, 1 << 63, (arguments.archived, 4), dtype=np.uint64)
    queries = random.integers(0, 1 << 63, (8 * arguments.new, 4), dtype=np.uint64)
    planted = min(100, len(queries))
    queries[:planted] = base[: planted * 7 : 7]
    queries[:planted, 0] ^= np.uint64(0xFFFFFFFF)  # 32 bits away
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = near(queries, base, arguments.distance)
    spent = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    how = "faiss" if importlib.util.find_spec("faiss") and not arguments.numpy else "numpy"
    right = {(place, place * 7) for place in range(planted)} <= {(query, row) for query, row, _ in found}
    print(f"{how}: {arguments.new} new x 8 forms against {arguments.archived}: {spent:.1f} s CPU")
    print(f"memory of the whole process {after / 1024:.0f} MB (hashes and Python before: {before / 1024:.0f} MB)")
    print(f"{len(found)} pairs; all planted ones found: {right}")


def exact(folder: Path) -> None:
    """Equal files by what tells them, three times in turns with the least that could be done."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    ours = floor = 0.0
    digests: Counter[str] = Counter()
    for _ in range(3):
        start = _cpu()
        digests = Counter(ingest._hash(path) for path in files)  # noqa: SLF001 - what taking a file in calls
        ours += _cpu() - start
        start = _cpu()
        subprocess.run([_SUM, "--", *files], check=True, capture_output=True)
        floor += _cpu() - start
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files of {size / 1e6:.0f} MB, {len(files) - len(digests)} of them redundant")
    print(f"ours {ours / 3:.2f} s CPU, sha256sum {floor / 3:.2f} s: {ours / floor:.2f}")


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


if __name__ == "__main__":
    main()
