"""`kill -9` at any moment: nothing is lost, and one undisturbed run ends where it would have ended anyway."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import SETTINGS, Space

KILLS = 20
FILES = 60
SEED = 20221205
FAST = SETTINGS.replace("edges = [160, 320, 640]", "edges = [160, 320]")


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty files: fifty different pictures, copies of some, and some that are broken."""
    folder = tmp_path_factory.mktemp("card") / "fete"
    folder.mkdir()
    noise = np.random.default_rng(SEED)
    for number in range(50):
        coarse = noise.integers(0, 256, (12, 18, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((540, 360), Image.Resampling.BICUBIC)
        picture.save(folder / f"DSC_{number:04}.jpg", quality=88)
        if number < 4:
            picture.resize((360, 240)).save(folder / f"IMG-20221205-WA{number:04}.jpg", quality=70)
        if number in {10, 11}:
            (folder / f"copy of {number}.jpg").write_bytes((folder / f"DSC_{number:04}.jpg").read_bytes())
    whole = (folder / "DSC_0049.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "zeroed.jpg").write_bytes(whole[: len(whole) // 2] + bytes(len(whole) // 2))
    (folder / "page.jpg").write_text("<!doctype html><title>Not found</title>", encoding="utf-8")
    (folder / "empty.jpg").touch()
    return folder.parent


def digests(folder: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def killed_after(space: Space, seconds: float) -> bool:
    """Start a run with two workers and kill it; whether it was still running."""
    process = subprocess.Popen(
        space.command("run", "--workers", "2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return alive


@pytest.mark.timeout(600)
def test_a_run_killed_at_twenty_moments_ends_in_the_same_manifest(card: Path, space: Callable[..., Space]) -> None:
    calm = space("calm", card, FAST)
    started = time.monotonic()
    report = calm.run("--workers", "2", engine="local")
    length = time.monotonic() - started
    assert report["counts"]["rejected"] == 4
    assert report["counts"]["alternate"] == 6
    assert report["counts"]["published"] == 50

    moments = random.Random(SEED)
    shaken = space("shaken", card, FAST)
    sent = digests(card)
    hits = 0
    for kill in range(KILLS):
        # Early kills hit ingest, late ones rendering and publishing: each part of the run gets its share.
        alive = killed_after(shaken, moments.uniform(0.3, 0.3 + length * (kill + 1) / KILLS))
        hits += alive
        kept = shaken.originals() | digests(shaken.root / "inbox")
        assert sent <= kept, "an original was lost"
        if not alive:  # all was done before the kill came: further ones would hit nothing
            assert shaken.manifest("fete") == calm.manifest("fete")
            shaken = space(f"shaken after {kill}", card, FAST)
    assert hits >= KILLS // 2, "the kills came too late to prove anything"
    last = shaken.run("--workers", "2", engine="local")
    assert shaken.manifest("fete") == calm.manifest("fete")
    media = {name: data for name, data in calm.published().items() if name.startswith("media/")}
    assert {name: data for name, data in shaken.published().items() if name.startswith("media/")} == media
    assert {path.stem for path in (shaken.root / "archive" / "originals").rglob("*.jpg")} == calm.originals()
    assert shaken.run()["jobs"]["planned"] == 0
    assert last["status"] in {0, 3}


def test_what_a_killed_run_took_in_stands_in_the_next_report(card: Path, space: Callable[..., Space]) -> None:
    shaken = space("told", card, FAST)
    # Kill as soon as the first files have left the inbox.
    process = subprocess.Popen(
        space_command := shaken.command("run", "--engine", "inline"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    inbox = shaken.root / "inbox" / "fete"
    count = len(list(inbox.iterdir()))
    deadline = time.monotonic() + 60
    while len(list(inbox.iterdir())) >= count and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert space_command
    report = shaken.run()
    answered = [entry["path"] for entry in report["files"]]
    assert sorted(answered) == sorted(f"inbox/fete/{path.name}" for path in (card / "fete").iterdir())
