"""The archive's disk is full, or can't be written: every command says so in a sentence, and doctor looks at everything else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import LEAN, Space


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Space]:
    """A workspace on a file system of its own, of 8 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs root, to mount a file system")
    try:
        space = Space(disk / "ws")
        space.init(LEAN)
        space.run_here()
        yield space
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def checks(space: Space) -> dict[tuple[str, str], dict[str, Any]]:
    done = space.here("doctor", "--json")
    assert done.returncode == 4
    return {(one["where"], one["what"]): one for one in json.loads(done.stdout)["checks"]}


def test_a_full_disk_is_called_one_and_doctor_finds_it(small_disk: Space) -> None:
    filled = subprocess.run(
        ["dd", "if=/dev/zero", f"of={small_disk.root.parent / 'filled'}"], capture_output=True, check=False
    )
    assert b"No space left" in filled.stderr
    for command in (["status"], ["run"], ["dedupe", "list"], ["takedown", "x", "--reason", "quality"]):
        done = small_disk.here(*command)
        assert done.returncode == 4, command
        assert "is full, and nothing can be looked up; nothing was done" in done.stderr
        assert "make room" in done.stderr
    found = checks(small_disk)
    assert "is full" in found["workspace", "catalog"]["text"]
    assert found["workspace", "room"]["state"] == found["site", "write and read"]["state"] == "bad"
    assert found["machine", "jpeg"]["state"] == "ok"
    (small_disk.root.parent / "filled").unlink()
    assert small_disk.here("status").returncode == 0


def test_a_disk_that_was_mounted_read_only_is_refused_by_a_run_and_found_by_doctor(small_disk: Space) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk.root.parent)], check=True)
    for command in (["status"], ["run"], ["verify"]):
        done = small_disk.here(*command)
        assert done.returncode == 4, command
        assert "archive can't be written: Read-only file system" in done.stderr
    found = checks(small_disk)
    assert {found["workspace", what]["state"] for what in ("catalog", "hard links")} == {"bad"}
