"""Without a timer: a run whenever the inbox has come to rest, nothing for what stays there, and a clean end."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mediaarchive.pipeline.watching import Watch
from mediaarchive.pipeline.workspace import Workspace

from .conftest import LEAN, Space
from .files import jpeg, picture


def test_a_run_is_due_when_something_new_has_come_to_rest() -> None:
    watch = Watch(settle=10, at_least=900)
    assert watch.due({}, 0), "at once, for what came while nobody watched"
    watch.ran({}, 5, 0)
    assert not watch.due({}, 20)
    assert not watch.due({"a": "1"}, 30)
    assert not watch.due({"a": "2"}, 38), "it is still growing"
    assert not watch.due({"a": "2", "b": "1"}, 46), "and more come"
    assert not watch.due({"a": "2", "b": "1"}, 55)
    assert watch.due({"a": "2", "b": "1"}, 56)


def test_what_a_run_leaves_is_soon_no_reason_for_another_and_what_came_meanwhile_is() -> None:
    watch = Watch(settle=10, at_least=900)
    watch.due({"bad": "1", "good": "1"}, 0)
    watch.ran({"bad": "1", "good": "1"}, 20, 3)
    assert watch.due({"bad": "1"}, 30) is False
    assert watch.due({"bad": "1"}, 40), "once more: a run may have found it too new"
    watch.ran({"bad": "1"}, 41, 3)
    assert [watch.due({"bad": "1"}, now) for now in (52, 600, 940)] == [False] * 3
    assert watch.due({"bad": "1"}, 941), "for what comes due by a date"
    watch.ran({"bad": "1"}, 1000, 3)
    assert not watch.due({"bad": "2"}, 1010)
    assert watch.due({"bad": "2"}, 1020), "it was corrected"


def test_somebody_who_copies_for_hours_is_not_waited_for() -> None:
    watch = Watch(settle=10, at_least=900)
    watch.ran({}, 0, 0)
    due = [watch.due({"film": str(now)}, now) for now in range(5, 905, 5)]
    assert due == [False] * 179 + [True]


def test_a_run_that_found_another_one_is_tried_again_a_minute_later() -> None:
    watch = Watch(settle=0, at_least=900)
    watch.ran({"a": "1"}, 0, 75)
    assert [watch.due({"a": "1"}, now) for now in (10, 50, 60)] == [False, False, True]


@contextmanager
def watched(space: Space) -> Iterator[subprocess.Popen[str]]:
    command = space.command("watch", "--poll", "0.2", "--json")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.timeout(200)
def test_whatever_is_dropped_is_published_until_it_is_stopped(tmp_path: Path) -> None:
    space = Space(tmp_path / "ws")
    space.init(LEAN.replace("settle = 0", "settle = 0.5"))
    folder = space.root / "inbox" / "fete"
    folder.mkdir()
    pointer = space.root / "site" / "events" / "fete" / "manifest.json"
    with watched(space) as process:
        (folder / "page.jpg").write_bytes(b"<html>")
        until((folder / "_rejected" / "page.jpg").exists)
        (folder / "a.jpg").write_bytes(jpeg(picture(1, (300, 200))))
        until(pointer.exists)
        until(lambda: Workspace.at(space.root).holder() is None)
        folder.parent.rename(tmp_path / "unmounted")
        time.sleep(1)
        (tmp_path / "unmounted").rename(folder.parent)
        (folder / "b.jpg").write_bytes(jpeg(picture(2, (300, 200))))
        until(lambda: len(space.items("fete")) == 2)
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert json.loads(said)["schema"] == "watch/1"
    assert 3 <= json.loads(said)["runs"] <= 5, "nothing runs where nothing happens"
    assert "can't be read" in errors
    assert errors.count("waiting for it") == 1
    assert "Watching ended" in errors
    assert "Traceback" not in errors


@pytest.mark.timeout(200)
def test_stopped_in_a_run_it_stops_that_too_and_the_next_goes_on(tmp_path: Path) -> None:
    space = Space(tmp_path / "ws")
    space.init(LEAN)
    folder = space.root / "inbox" / "fete"
    folder.mkdir()
    for seed in range(12):
        (folder / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (900, 600))))
    with watched(space) as process:
        until(lambda: any((space.root / "archive" / "originals").rglob("*.jpg")))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "The run was stopped from outside (SIGTERM)" in errors
    assert space.run_here()["status"] == 0, "nobody holds the workspace any more"
    assert len(space.items("fete")) == 12
