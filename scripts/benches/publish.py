#!/usr/bin/env python3
"""Measure publishing many small objects into one S3 server, beside `aws s3 sync` and rclone on the same server.

    scripts/bench publish [--objects 2000] [--size 30000] [--rounds 2] [--without aws]

The server: Ceph radosgw if MEDIAARCHIVE_TEST_CEPH says where it is (scripts/ceph start), else `rclone serve s3`. Each tool
sends the same files into a new bucket, in turns. Printed for each: seconds by the clock (the best round), CPU seconds, CPU
for each object, the largest resident memory; and each tool's time as a multiple of ours. The AWS command line is installed
into an environment of its own below a temporary folder. A second publication of the same release shows what is not sent.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import resource
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import machine

KEY, SECRET = "testing", "testing-secret"
ITEM_OBJECTS = 24


def rclone() -> str:
    """The rclone of this environment."""
    return str(Path(sys.executable).with_name("rclone"))


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """An S3 server's endpoint, with its keys in the environment."""
    os.environ |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(folder / "no-such-file"),
    }
    if ceph := os.environ.get("MEDIAARCHIVE_TEST_CEPH"):
        os.environ["AWS_ACCESS_KEY_ID"] = os.environ["MEDIAARCHIVE_TEST_CEPH_KEY"]
        os.environ["AWS_SECRET_ACCESS_KEY"] = os.environ["MEDIAARCHIVE_TEST_CEPH_SECRET"]
        print(f"server: Ceph radosgw at {ceph}")
        yield ceph
        return
    os.environ |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    command = [rclone(), "serve", "s3", "--addr", address, "--auth-key", f"{KEY},{SECRET}", "--config", ""]
    with subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(2)
        print("server: rclone serve s3")
        yield f"http://{address}"
        process.terminate()


def draw(folder: Path, count: int, size: int) -> None:
    """Files as renditions are named: `media/<item>/<role>-<hash8>.jpg`."""
    for number in range(count):
        data = hashlib.sha256(str(number).encode()).digest() * (size // 32)
        item = "".join("abcdefghij"[int(digit)] for digit in f"{number // ITEM_OBJECTS:013}")
        name = f"{number % ITEM_OBJECTS + 100}-{hashlib.sha256(data).hexdigest()[:8]}.jpg"
        path = folder / "media" / f"p-{item}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def child(folder: Path, work: Path, endpoint: str, bucket: str) -> None:
    """Publish the files as a run does: a release whose objects lie in the spool. Prints its own cost as JSON."""
    from datetime import UTC, datetime  # noqa: PLC0415 - only this process needs the product

    from mediaarchive.config import Settings  # noqa: PLC0415
    from mediaarchive.config.settings import StoreSettings  # noqa: PLC0415
    from mediaarchive.engines.inline import InlineEngine  # noqa: PLC0415
    from mediaarchive.events import Fanout  # noqa: PLC0415
    from mediaarchive.model import Blob, Release  # noqa: PLC0415
    from mediaarchive.pipeline.publishing.publisher import Publisher  # noqa: PLC0415
    from mediaarchive.pipeline.shop import Shop  # noqa: PLC0415
    from mediaarchive.pipeline.workspace import create  # noqa: PLC0415
    from mediaarchive.stores import open_store  # noqa: PLC0415

    workspace = create(work / "ws", "", datetime.now(UTC))
    objects = {}
    for path in sorted((folder / "media").rglob("*.jpg")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        os.link(path, workspace.spool / digest)
        blob = Blob(role=path.stem.partition("-")[0], ext="jpg", sha256=digest, bytes=path.stat().st_size)
        objects[path.relative_to(folder).as_posix()] = blob
    settings = StoreSettings(
        name="bench", url=f"s3://{bucket}/site", endpoint=endpoint, addressing="path", single_writer=True
    )
    store = open_store(settings, workspace.root)
    catalog = workspace.catalog()
    shop = Shop(
        workspace=workspace, settings=Settings(), catalog=catalog, engine=InlineEngine(), stores=(store,), sink=Fanout()
    )
    release = Release(event="bench", body=b"{}", pages={}, objects=objects)
    names = {key: f"Bench - {key.rpartition('/')[2]}" for key in objects}
    costs = []
    for _ in range(2):
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        store.check()
        publisher = Publisher(shop, store, "bench")
        publisher.look(())
        publisher.release(release, names, lambda: True)
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        costs.append({"wall": time.monotonic() - started, "cpu": cpu})
    print(json.dumps(costs))


def aws_cli(folder: Path) -> str:
    """The AWS command line, in an environment of its own."""
    venv.create(folder / "aws", with_pip=True)
    subprocess.run([folder / "aws" / "bin" / "pip", "install", "-q", "awscli"], check=True)
    return str(folder / "aws" / "bin" / "aws")


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--size", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--without", action="append", default=[], choices=["aws", "rclone"])
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(Path(options.child[0]), Path(options.child[1]), options.child[2], options.child[3])
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "buckets").mkdir()
        draw(folder / "files", options.objects, options.size)
        with server(folder / "buckets") as endpoint:
            run(options, folder, endpoint)


def run(options: argparse.Namespace, folder: Path, endpoint: str) -> None:
    """All tools in turns, then a table."""
    import boto3  # noqa: PLC0415 - the child must not pay for it

    s3 = boto3.session.Session().client("s3", endpoint_url=endpoint, region_name="us-east-1")
    remote = {"RCLONE_CONFIG": "", "RCLONE_S3_PROVIDER": "Other", "RCLONE_S3_ENV_AUTH": "true",
              "RCLONE_S3_ENDPOINT": endpoint, "RCLONE_S3_NO_CHECK_BUCKET": "true"}  # fmt: skip
    aws = "" if "aws" in options.without else aws_cli(folder)
    costs: dict[str, list[machine.Cost]] = {}
    inside: list[dict[str, float]] = []
    files = str(folder / "files")
    for _ in range(options.rounds):
        for tool in ("mediaarchive", "aws s3 sync", "rclone copy"):
            if tool.split()[0] in options.without:
                continue
            bucket = f"bench-{secrets.token_hex(6)}"
            s3.create_bucket(Bucket=bucket)
            if tool == "mediaarchive":
                work = folder / bucket
                work.mkdir()
                command = [sys.executable, __file__, "--child", files, str(work), endpoint, bucket]
                cost = machine.run(command)
                inside = json.loads(cost.out.splitlines()[-1])
                shutil.rmtree(work)
            elif tool == "aws s3 sync":
                command = [aws, "s3", "sync", files, f"s3://{bucket}/site", "--endpoint-url", endpoint]
                cost = machine.run([*command, "--only-show-errors"], good=(0,))
            else:
                command = [rclone(), "copy", files, f":s3:{bucket}/site", "--transfers", "16"]
                cost = machine.run(command, environment=remote, good=(0,))
            costs.setdefault(tool, []).append(cost)
            print(f"  {tool}: {cost.wall:.1f} s, {cost.cpu:.1f} s CPU", flush=True)
    ours = min(cost.wall for cost in costs["mediaarchive"])
    print(f"{options.objects} objects of {options.size} bytes, best of {options.rounds} rounds")
    print(f"{'tool':<14} {'wall s':>7} {'ours = 1':>9} {'CPU s':>7} {'CPU ms/object':>14} {'memory MB':>10}")
    for tool, found in costs.items():
        wall, cpu = min(cost.wall for cost in found), min(cost.cpu for cost in found)
        memory = max(cost.memory for cost in found)
        print(
            f"{tool:<14} {wall:>7.1f} {wall / ours:>9.2f} {cpu:>7.1f} {1000 * cpu / options.objects:>14.2f} "
            f"{memory:>10.0f}"
        )
    first, second = inside
    print(
        f"of ours, the publication itself: {first['wall']:.1f} s, {1000 * first['cpu'] / options.objects:.2f} ms CPU an object; "
        f"again, unchanged: {second['wall']:.2f} s, {second['cpu']:.2f} s CPU"
    )


if __name__ == "__main__":
    main()
