"""Importing mediaarchive does nothing: whoever embeds it gets no surprise, and `--help` is quick."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
HEAVY = (
    "PIL", "boto3", "botocore", "cv2", "imagehash", "jinja2", "numpy", "pebble", "pi_heif", "pydantic", "pymediainfo",
    "rich", "scipy", "torch",
)  # fmt: skip
CHEAP = ("mediaarchive", "mediaarchive.model", "mediaarchive.errors", "mediaarchive.ports", "mediaarchive.recipes",
         "mediaarchive.layout", "mediaarchive.events", "mediaarchive.engines", "mediaarchive.engines.inline")  # fmt: skip
LOOK = """
import json, os, signal, sys, threading
def look():
    return {"env": dict(os.environ), "cwd": os.getcwd(), "umask": os.umask(0o022), "path": list(sys.path),
            "threads": threading.active_count(), "sigint": str(signal.getsignal(signal.SIGINT)),
            "sigterm": str(signal.getsignal(signal.SIGTERM)), "fds": len(os.listdir("/dev/fd"))}
look()
before = look()
__import__(sys.argv[1])
after = look()
print(json.dumps({"before": before, "after": after, "modules": sorted(sys.modules)}))
"""


def looked(module: str, folder: Path) -> dict[str, object]:
    """What an import of `module`, in an empty folder, changes."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(SOURCE)}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", LOOK, module]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("module", CHEAP)
def test_importing_changes_nothing_and_is_cheap(module: str, tmp_path: Path) -> None:
    seen = looked(module, tmp_path)
    assert seen["before"] == seen["after"]
    assert list(tmp_path.iterdir()) == []
    modules = seen["modules"]
    assert isinstance(modules, list)
    assert {name.partition(".")[0] for name in modules} & set(HEAVY) == set()


def test_importing_the_pool_starts_no_process_and_loads_no_decoder(tmp_path: Path) -> None:
    seen = looked("mediaarchive.engines.local", tmp_path)
    assert seen["before"] == seen["after"]
    modules = seen["modules"]
    assert isinstance(modules, list)
    assert {name.partition(".")[0] for name in modules} & {"PIL", "cv2", "numpy", "scipy", "boto3"} == set()
