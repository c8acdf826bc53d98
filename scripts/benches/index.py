#!/usr/bin/env python3
"""Measure what it costs to look for new photographs among archived ones: processor seconds and memory, exact.

    scripts/bench index [--new 1000] [--archived 1000000]

Hashes are random bits with a few copies among them, each query in eight orientations. faiss is used if it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import time

import numpy as np

from mediaarchive.stages.dedupe.index import near


def main() -> None:
    """Make the hashes, look, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--new", type=int, default=1000)
    parser.add_argument("--archived", type=int, default=1_000_000)
    parser.add_argument("--distance", type=int, default=72)
    arguments = parser.parse_args()
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
    how = "faiss" if importlib.util.find_spec("faiss") else "numpy"
    right = {(place, place * 7) for place in range(planted)} <= {(query, row) for query, row, _ in found}
    print(f"{how}: {arguments.new} new x 8 forms against {arguments.archived}: {spent:.1f} s CPU")
    print(f"memory {after / 1024:.0f} MB (hashes and Python before: {before / 1024:.0f} MB)")
    print(f"{len(found)} pairs; all planted ones found: {right}")


if __name__ == "__main__":
    main()
