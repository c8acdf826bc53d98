"""The command line as a person and a program meet it."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from mediaarchive.pipeline.workspace import Workspace


def call(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mediaarchive", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=60)


def test_a_workspace_is_made_where_it_is_asked_for_and_never_twice(tmp_path: Path) -> None:
    made = call("init", str(tmp_path / "archive"), "--json")
    assert made.returncode == 0
    root = Path(json.loads(made.stdout)["workspace"])
    assert {path.name for path in root.iterdir()} == {"mediaarchive.toml", "inbox", "archive"}
    again = call("init", str(root))
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_the_workspace_may_stand_before_or_after_the_verb_or_be_here(tmp_path: Path) -> None:
    call("init", str(tmp_path))
    before, after, here = (
        call("-C", str(tmp_path), "status"),
        call("status", "-C", str(tmp_path)),
        call("status", cwd=tmp_path),
    )
    assert before.returncode == after.returncode == here.returncode == 0
    assert before.stdout == after.stdout == here.stdout == "No run yet.\n"


def test_an_error_is_one_json_object_for_programs(tmp_path: Path) -> None:
    done = call("run", "--json", "-C", str(tmp_path))
    assert done.returncode == 10
    assert json.loads(done.stdout)["error"]["code"] == "no-workspace"


def test_config_show_says_who_set_what(tmp_path: Path) -> None:
    call("init", str(tmp_path))
    done = call("config", "show", "-C", str(tmp_path), "--json")
    value = json.loads(done.stdout)
    assert value["ingest.settle"] == {"value": 10.0, "source": "default"}
    assert value["texts.languages"]["source"].endswith("mediaarchive.toml")


def test_a_run_over_an_empty_inbox_is_fine_and_says_so(tmp_path: Path) -> None:
    call("init", str(tmp_path))
    done = call("run", "-C", str(tmp_path))
    assert done.returncode == 0
    assert done.stdout == "Files: nothing in the inbox. Work: nothing had to be made.\n"
    assert json.loads(call("run", "--json", "-C", str(tmp_path)).stdout)["files"] == []


def test_a_dry_run_takes_nothing(tmp_path: Path) -> None:
    call("init", str(tmp_path))
    photo = tmp_path / "inbox" / "fete" / "a.jpg"
    photo.parent.mkdir()
    photo.write_bytes(b"\xff\xd8 not whole")
    done = call("run", "--dry-run", "-C", str(tmp_path))
    assert done.returncode == 0
    assert "inbox/fete: 1 file to take in" in done.stdout
    assert photo.exists()


def test_an_event_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    call("init", str(tmp_path))
    done = call("run", "--event", "fete", "-C", str(tmp_path))
    assert done.returncode == 2
    assert 'there is no event "fete"' in done.stderr


def test_whoever_asks_for_json_gets_json_whatever_was_typed(tmp_path: Path) -> None:
    call("init", str(tmp_path))
    for typed in (("gc", "--no-such-option", "--json"), ("nothing", "--json"), ("export", "--json")):
        done = call("-C", str(tmp_path), *typed)
        assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (2, "usage"), typed
        assert done.stderr


def test_the_published_site_is_served_at_the_same_addresses(tmp_path: Path) -> None:
    call("init", str(tmp_path))
    page = tmp_path / "site" / "events" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<h1>hello</h1>", encoding="utf-8")
    command = [sys.executable, "-u", "-m", "mediaarchive", "serve", "--port", "0", "-C", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            found = re.match(r"(http://127\.0\.0\.1:\d+/)", server.stdout.readline())
            assert found
            with urllib.request.urlopen(found[1]) as answer:  # noqa: S310 - a server of this test
                assert answer.read() == b"<h1>hello</h1>"
                assert answer.url.endswith("/events/index.html")
        finally:
            server.terminate()


def test_status_tells_a_run_that_is_on_from_one_that_was_cut_short(tmp_path: Path) -> None:
    call("init", str(tmp_path))
    call("run", "-C", str(tmp_path))
    with Workspace.at(tmp_path).lock(datetime.now(UTC)):
        with closing(sqlite3.connect(tmp_path / "archive" / "catalog.db")) as catalog, catalog:
            catalog.execute("UPDATE run SET ended = NULL")
        said = call("status", "-C", str(tmp_path)).stdout
        assert f"Now at work: process {os.getpid()}, since " in said
        assert "did not end" not in said
        assert json.loads(call("status", "--json", "-C", str(tmp_path)).stdout)["running"].startswith("process ")
    assert "did not end" in call("status", "-C", str(tmp_path)).stdout
    assert call("run", "-C", str(tmp_path)).returncode == 0
