#!/usr/bin/env python3
"""Measure what keeping an archive costs: verify, gc, rebuild, a new mirror, an unchanged run; with many objects.

    scripts/bench keep [--objects 5000] [--ceph]

An archive of so many published objects is drawn and published: small pictures in 24 renditions each, one event for every 100
items. Store and mirror are folders, or with --ceph buckets of the radosgw that MEDIAARCHIVE_TEST_CEPH names (scripts/ceph
start). Each verb then runs in a process of its own. Printed for each: seconds by the clock, CPU seconds of that process, its
largest resident memory, and how many requests it sent (they are counted by a proxy, which takes time, but not that CPU).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

import machine

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "support"))
from fault_proxy import FaultProxy

ITEM_FILES, EVENT_ITEMS = 24, 100
EDGES = [*range(16, 64, 4)]
SETTINGS = f"""\
[ingest]
settle = 0
patience = 0
[[rendition]]
format = "jpeg"
edges = {EDGES}
[[rendition]]
format = "webp"
edges = {EDGES}
[limits]
min_free = 1
"""


class Bench:
    """Runs commands on a workspace. `proxy`: what counts the requests that pass through it, or None."""

    def __init__(self, root: Path, proxy: FaultProxy | None) -> None:
        self.root = root
        self.proxy = proxy

    def run(self, *arguments: str) -> tuple[machine.Cost, int]:
        """The command line, in a process of its own: what it took, and how many requests it sent."""
        if self.proxy:
            self.proxy.log.clear()
        cost = machine.run([sys.executable, "-m", "mediaarchive", "-C", str(self.root), *arguments])
        return cost, len(self.proxy.log) if self.proxy else 0


def draw(inbox: Path, items: int) -> None:
    """Small pictures that don't resemble each other, one event for every hundred."""
    import numpy as np  # noqa: PLC0415 - children must not pay for it
    from PIL import Image  # noqa: PLC0415 - the same

    noise = np.random.default_rng(7)
    for number in range(items):
        folder = inbox / f"event-{number // EVENT_ITEMS:03}"
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(noise.integers(0, 256, (6, 9, 3), dtype=np.uint8))
        picture.resize((96, 64), Image.Resampling.BICUBIC).save(folder / f"{number:06}.jpg", quality=90)


def places(folder: Path, proxy: FaultProxy | None) -> str:
    """The settings of store and mirror."""
    if not proxy:
        return f'[originals]\nmirror = "{folder}/mirror"\n'
    import boto3.session  # noqa: PLC0415 - only where there is a server

    os.environ |= {
        "AWS_ACCESS_KEY_ID": os.environ["MEDIAARCHIVE_TEST_CEPH_KEY"],
        "AWS_SECRET_ACCESS_KEY": os.environ["MEDIAARCHIVE_TEST_CEPH_SECRET"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": f"{folder}/no-such-file",
    }
    s3 = boto3.session.Session().client("s3", endpoint_url=proxy.upstream, region_name="us-east-1")
    bench = secrets.token_hex(5)
    names = [f"bench-{bench}-{kind}" for kind in ("store", "mirror", "next")]
    for name in names:
        s3.create_bucket(Bucket=name)
    at = f'endpoint = "{proxy.endpoint}"\nregion = "us-east-1"\naddressing = "path"\n'
    store = f'[[store]]\nname = "bucket"\nurl = "s3://{names[0]}/site"\n{at}'
    return f'[originals]\nmirror = "s3://{names[1]}/archive"\n{at}{store}'


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=5000)
    parser.add_argument("--ceph", action="store_true")
    options = parser.parse_args()
    upstream = os.environ["MEDIAARCHIVE_TEST_CEPH"] if options.ceph else ""
    with (
        tempfile.TemporaryDirectory() as temporary,
        FaultProxy(upstream) if upstream else contextlib.nullcontext() as proxy,
    ):
        bench(Path(temporary), options.objects, proxy)


def bench(folder: Path, objects: int, proxy: FaultProxy | None) -> None:
    """Make the archive, then each verb, then a table."""
    root, items = folder / "ws", max(1, objects // ITEM_FILES)
    run = Bench(root, proxy).run
    run("init", str(root))
    settings = SETTINGS + places(folder, proxy)
    (root / "mediaarchive.toml").write_text(settings, encoding="utf-8")
    draw(root / "inbox", items)
    where = "Ceph" if proxy else "folders"
    print(f"{items} items, {items * ITEM_FILES} files, {-(-items // EVENT_ITEMS)} events; {where}", flush=True)
    print(f"{'':<28} {'wall s':>8} {'CPU s':>8} {'memory MB':>10} {'requests':>9}")
    tell("first run (makes it all)", run("run"))
    tell("unchanged run", run("run"))
    tell("verify", run("verify", "--sample", "0"))
    tell("verify --deep", run("verify", "--deep"))
    tell("gc (dry run)", run("gc"))
    moved = settings.replace("-mirror/archive", "-next/archive") if proxy else settings.replace("/mirror", "/next")
    (root / "mediaarchive.toml").write_text(moved, encoding="utf-8")
    tell("run, mirror in a new place", run("run"))
    for name in ("archive", "inbox"):
        shutil.rmtree(root / name)
    tell("rebuild, archive lost", run("rebuild"))
    tell("verify", run("verify", "--sample", "0"))


def tell(what: str, taken: tuple[machine.Cost, int]) -> None:
    """One line of the table."""
    cost, requests = taken
    print(f"{what:<28} {cost.wall:>8.1f} {cost.cpu:>8.1f} {cost.memory:>10.0f} {requests:>9}", flush=True)


if __name__ == "__main__":
    main()
