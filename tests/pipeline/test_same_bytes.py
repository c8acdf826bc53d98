"""The same photographs give the same files on one core or two, with one worker, two or four, and in one process."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import SETTINGS, Space
from .files import jpeg, picture


@pytest.mark.skipif(not shutil.which("taskset"), reason="only Linux can pin a process to a core")
def test_cores_workers_and_engines_change_no_byte(space: Callable[..., Space], tmp_path: Path) -> None:
    inbox = tmp_path / "inbox" / "evening"
    inbox.mkdir(parents=True)
    for number in range(4):
        (inbox / f"{number}.jpg").write_bytes(jpeg(picture(number), turn=number * 2 + 1))
    cores = sorted(os.sched_getaffinity(0))
    found = []
    for number, (engine, workers, pinned) in enumerate(
        [("inline", 1, cores[:1]), ("local", 1, cores), ("local", 2, cores), ("local", 4, cores[:1])]
    ):
        settings = SETTINGS.replace("speed = 9", "speed = [8, 8, 9]") + f"[engine]\nworkers = {workers}\n"
        ws = space(f"ws{number}", files=tmp_path / "inbox", settings=settings)
        command = ["taskset", "-c", ",".join(map(str, pinned)), *ws.command("run", "--json", "--engine", engine)]
        subprocess.run(command, check=True, capture_output=True, timeout=280)
        files = {name: data for name, data in ws.published().items() if name.startswith("media/") or "manifest" in name}
        found.append(files)
    assert sum(name.endswith(".avif") for name in found[0]) == 12
    assert found[1:] == found[:1] * 3
