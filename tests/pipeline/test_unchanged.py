"""A run that has nothing to do decodes nothing and reads no known file again: it can be scheduled every minute."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import SETTINGS, Space
from .files import jpeg, picture

WATCHED = """
import json, sys
seen = []
def watch(event, details):
    if event == "open" and isinstance(details[0], str) and details[0].endswith(".jpg"):
        seen.append(details[0])
sys.addaudithook(watch)
from mediaarchive.cli import main
try:
    main()
finally:
    print(json.dumps(seen), file=sys.stderr)
"""


@pytest.mark.parametrize("mode", ["move", "keep"])
def test_an_unchanged_run_opens_no_photograph(space: Callable[..., Space], tmp_path: Path, mode: str) -> None:
    inbox = tmp_path / "inbox" / "evening"
    inbox.mkdir(parents=True)
    for number in range(3):
        (inbox / f"{number}.jpg").write_bytes(jpeg(picture(number)))
    ws = space(files=tmp_path / "inbox", settings=SETTINGS.replace("[ingest]", f'[ingest]\nmode = "{mode}"'))
    assert ws.run()["jobs"]["planned"] > 0
    command = [sys.executable, "-c", WATCHED, "-C", str(ws.root), "run", "--json", "--engine", "inline"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["jobs"]["planned"] == 0
    assert json.loads(done.stderr.splitlines()[-1]) == []
