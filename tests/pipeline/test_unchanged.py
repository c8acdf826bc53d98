"""A run that has nothing to do decodes nothing and reads no known file again: it can be scheduled every minute."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mediaarchive.pipeline.workspace import Workspace

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


def _watched(ws: Space) -> tuple[dict[str, Any], list[str]]:
    """A run's report, and the photographs that it opened."""
    command = [sys.executable, "-c", WATCHED, "-C", str(ws.root), "run", "--json", "--engine", "inline"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), json.loads(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("mode", ["move", "keep"])
def test_an_unchanged_run_opens_no_photograph(space: Callable[..., Space], tmp_path: Path, mode: str) -> None:
    inbox = tmp_path / "inbox" / "evening"
    inbox.mkdir(parents=True)
    for number in range(3):
        (inbox / f"{number}.jpg").write_bytes(jpeg(picture(number)))
    ws = space(files=tmp_path / "inbox", settings=SETTINGS.replace("[ingest]", f'[ingest]\nmode = "{mode}"'))
    assert ws.run()["jobs"]["planned"] > 0
    report, opened = _watched(ws)
    assert (report["jobs"]["planned"], opened) == (0, [])


def test_a_run_that_changes_a_title_opens_no_photograph(small: Space) -> None:
    """What stands at the stable addresses isn't read to see that it is as it was: in a bucket that would be a download of all."""
    (small.root / "inbox" / "fete").mkdir(exist_ok=True)
    (small.root / "inbox" / "fete" / "event.toml").write_text('title = "La fête"\n', encoding="utf-8")
    _, opened = _watched(small)
    assert "La fête".encode() in small.manifest("fete")
    assert opened == []


def test_what_has_to_be_sent_to_a_stable_address_and_is_in_no_store_any_more_is_made_again(small: Space) -> None:
    (lost, *_) = sorted((small.root / "site" / "media").glob("p-*/160-*.jpg"))
    stable = lost.with_name("640.jpg")
    before = lost.read_bytes()
    lost.unlink()
    stable.unlink()
    catalog = Workspace.at(small.root).catalog()
    catalog.unmark_stored("site", [str(stable.relative_to(small.root / "site"))])
    catalog.close()
    (small.root / "inbox" / "fete").mkdir(exist_ok=True)
    (small.root / "inbox" / "fete" / "event.toml").write_text('title = "La fête"\n', encoding="utf-8")
    assert small.run_here()["problems"] == []
    assert lost.read_bytes() == stable.read_bytes() == before
