"""A takedown waits for nobody, and survives everything: beside a run in another process, and killed at any step."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from crashing import killed
from PIL import Image
from s3_buckets import client

from .conftest import ROOT, SETTINGS, Space
from .test_s3 import public, settings

SLUG = "fair"
TINY = SETTINGS.replace("edges = [160, 320, 640]", "edges = [160]")
GATED = ROOT / "tests" / "support" / "gated.py"


def draw(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.effect_noise((24, 16), 30 + 40 * seed).resize((360, 240), Image.Resampling.BICUBIC)
    picture.convert("RGB").save(path, quality=85)


def two(make: Callable[..., Space], config: str) -> tuple[Space, str]:
    """A workspace with two photographs published, and the id of the first."""
    space = make("ws", None, config)
    for seed in (1, 2):
        draw(space.root / "inbox" / SLUG / f"photo-{seed}.jpg", seed)
    (space.root / "inbox" / SLUG / "texts.csv").write_text(
        "path,lang,kind,text\nphoto-1.jpg,en,alt,A secret person\n", encoding="utf-8"
    )
    report = json.loads(space.here("run", "--engine", "inline", "--json").stdout)
    return space, next(entry["item"] for entry in report["files"] if entry["path"].endswith("photo-1.jpg"))


@contextmanager
def stopped_run(space: Space, method: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run in another process that waits at a gate; at the end it is let through, and ends."""
    command = [sys.executable, str(GATED), method, str(space.root), "run", "--engine", "inline"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as run:
        deadline = time.monotonic() + 90
        while not (space.root / "reached").exists():
            assert run.poll() is None, "the run must come to the gate"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        try:
            yield run
        finally:
            (space.root / "go").touch()
        assert run.wait(timeout=90) in {0, 3}


def withdraw_beside_a_run(space: Space, item: str, method: str) -> dict[str, Any]:
    draw(space.root / "inbox" / SLUG / "photo-3.jpg", 3)  # so that the run has something to publish
    with stopped_run(space, method) as run:
        done = space.here("takedown", item, "--reason", "consent-withdrawn", "--json")
        assert run.poll() is None, "the takedown didn't wait for the run"
        assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)["receipts"][0]
    assert value["complete"]
    return value


def nothing_left(published: dict[str, bytes], item: str) -> None:
    assert not [key for key in published if key.startswith(f"media/{item}/") and "-" in key.rpartition("/")[2]]
    assert not [key for key, data in published.items() if b"A secret person" in data]
    stone = next(e for e in json.loads(published[f"events/{SLUG}/manifest.json"])["items"] if e["id"] == item)
    assert stone["type"] == "tombstone"


@pytest.mark.parametrize("method", ["release", "_new_names"])
def test_a_run_that_is_on_never_puts_a_withdrawn_picture_back(space: Callable[..., Space], method: str) -> None:
    ws, item = two(space, TINY)
    withdraw_beside_a_run(ws, item, method)
    nothing_left(ws.published(), item)
    assert len(json.loads(ws.manifest(SLUG))["items"]) == 3, "and the run did its own work"


def every_version(endpoint: str, bucket: str) -> Iterator[tuple[str, bytes]]:
    s3 = client(endpoint)
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="public/"):
        for found in page.get("Versions", ()):
            got = s3.get_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
            yield found["Key"].removeprefix("public/"), got["Body"].read()


def withdraw_from_bucket(make: Callable[..., Space], endpoint: str, bucket: str, *, versions: bool, gate: str) -> None:
    """Not one version of any object has the picture's bytes or its text any more, even if a run was on."""
    public(endpoint, bucket)
    if versions:
        state = {"Status": "Enabled"}
        client(endpoint).put_bucket_versioning(Bucket=bucket, VersioningConfiguration=state)
    config = settings(endpoint, bucket, "single_writer = true" if versions else "")
    space, item = two(make, config.replace("edges = [160, 320, 640]", "edges = [160]"))
    before = list(every_version(endpoint, bucket))
    pictures = {data for key, data in before if key.startswith(f"media/{item}/") and key.endswith(("jpg", "avif"))}
    assert len(pictures) == 2
    value = withdraw_beside_a_run(space, item, gate)
    assert {one["status"] for one in value["addresses"]} <= {"403", "404", "410", "200 notice", "200 without"}
    after = list(every_version(endpoint, bucket))
    assert not [key for key, data in after if data in pictures]
    assert not [key for key, data in after if b"A secret person" in data]
    nothing_left(dict(after), item)


@pytest.mark.parametrize("versions", [False, True])
def test_no_version_of_it_is_left_in_a_bucket(moto: str, space: Callable[..., Space], *, versions: bool) -> None:
    withdraw_from_bucket(space, moto, f"beside-{versions}".lower(), versions=versions, gate="_new_names")


@pytest.mark.ceph
@pytest.mark.parametrize("versions", [False, True])
def test_no_version_of_it_is_left_in_a_real_bucket(ceph: str, space: Callable[..., Space], *, versions: bool) -> None:
    withdraw_from_bucket(space, ceph, f"beside-{time.time_ns()}", versions=versions, gate="_new_names")


def test_a_takedown_killed_at_any_step_is_finished_by_the_next_run(space: Callable[..., Space], tmp_path: Path) -> None:
    """Before each single write and removal: the next run finishes it, with a receipt that names every address."""
    ws, item = two(space, TINY)
    calm = ws.twin(tmp_path / "calm")
    receipt = json.loads(calm.here("takedown", item, "--reason", "legal-request", "--json").stdout)["receipts"][0]
    wanted = {(one["was"], Path(one["url"]).name) for one in receipt["addresses"]}
    assert {was for was, _ in wanted} == {"file", "release", "stable", "page", "list"}
    takedown = ("takedown", item, "--reason", "legal-request")
    for number in itertools.count(1):
        shaken = ws.twin(tmp_path / f"killed-{number}")
        if not killed(shaken.root, number, "before", *takedown):
            break
        assert shaken.here("run", "--engine", "inline").returncode in {0, 3}
        nothing_left(shaken.published(), item)
        files = sorted((shaken.root / "archive/receipts").glob("*.json"))
        told = json.loads(files[-1].read_text(encoding="utf-8"))
        assert told["complete"], shaken.root
        looked = {(one["was"], Path(one["url"]).name) for one in told["addresses"]}
        assert looked >= {one for one in wanted if one[0] != "release"}, shaken.root
        assert not list((shaken.root / "archive/receipts/open").glob("*.json"))
    assert number > 12, "every write and every removal is one"
    nothing_left(shaken.published(), item)  # of the one that nothing killed
