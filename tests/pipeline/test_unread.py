"""Files in the inbox that can't be read: somebody who can mend it is told, by every run, and nothing is published by mistake."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ordinary
import pytest

from mediaarchive.errors import BadInput
from mediaarchive.stages import ingest
from mediaarchive.stages.source import open_source, still_is

from .conftest import LEAN, Space
from .files import jpeg, picture
from .test_permissions import run

SLUG = "fete"


def drop(space: Space, name: str) -> Path:
    path = space.root / "inbox" / SLUG / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(jpeg(picture(sum(name.encode()), (300, 200))))
    return path


@pytest.fixture
def ws(tmp_path: Path) -> Space:
    space = Space(tmp_path / "ws")
    space.init(LEAN)
    return space


@pytest.fixture
def broken(ws: Space) -> Iterator[Path]:
    """A photograph at which the disk fails: the kernel answers EIO to whoever reads it, as it does for a bad sector."""
    path = drop(ws, "broken.jpg")
    command = ["mount", "--bind", f"/proc/{os.getpid()}/mem", str(path)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs root, to mount a file")
    try:
        with pytest.raises(OSError, match="Input/output error"):
            path.read_bytes()
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False)


def answers(done: subprocess.CompletedProcess[str]) -> dict[str, tuple[str, str | None]]:
    report: dict[str, Any] = json.loads(done.stdout)
    return {Path(one["path"]).name: (one["outcome"], one["code"]) for one in report["files"]}


def test_a_photograph_at_which_the_disk_fails_is_told_by_every_run_and_the_others_are_published(
    ws: Space, broken: Path
) -> None:
    drop(ws, "good.jpg")
    metrics = ws.root / "run.prom"
    first = ws.here("run", "--json", "--metrics", str(metrics))
    assert first.returncode == 3, "new once"
    assert answers(first) == {"broken.jpg": ("waiting", "read-fault"), "good.jpg": ("published", None)}
    again = ws.here("run", "--json", "--metrics", str(metrics))
    assert again.returncode == 0, "it was told before"
    for done in (first, again):
        (notice,) = json.loads(done.stdout)["notices"]
        assert "inbox/fete: the disk or share fails at broken.jpg" in notice
        assert notice in done.stderr
    assert "mediaarchive_last_run_unread_files 1" in metrics.read_text(encoding="utf-8")
    assert "broken.jpg" in ws.here("status").stdout
    page = (broken.parent / "_report.html").read_text(encoding="utf-8")
    assert "The disk or share that it lies on fails" in page
    subprocess.run(["umount", str(broken)], check=True)
    last = ws.here("run", "--json", "--metrics", str(metrics))
    assert (last.returncode, answers(last)) == (0, {"broken.jpg": ("published", None)})
    assert json.loads(last.stdout)["notices"] == []
    assert "mediaarchive_last_run_unread_files 0" in metrics.read_text(encoding="utf-8")


def test_what_may_not_be_read_is_told_by_every_run(ws: Space, closed: list[Path]) -> None:
    unreadable = drop(ws, "closed.jpg")
    unreadable.chmod(0)
    closed.append(unreadable)
    for expected in (3, 0):
        status, report, error = run(ws)
        assert status == expected
        (notice,) = report["notices"]
        assert f"inbox/fete: this user (uid {os.getuid()}) may not read closed.jpg" in notice
        assert notice in error
        assert f"this user may not read {unreadable}" in ordinary.call(ws.command("doctor")).stdout
        assert ("closed.jpg: waiting (unreadable)" in error) == (expected == 3), (
            "the file itself is told when it is new"
        )


def test_a_sheet_that_may_not_be_read_may_refuse_consent_so_nothing_new_is_published(
    ws: Space, closed: list[Path]
) -> None:
    drop(ws, "early.jpg")
    ws.run_here()
    sheet = ws.root / "inbox" / SLUG / "texts.csv"
    sheet.write_text("path,lang,kind,text,consent\nlate.jpg,,,,refused\n", encoding="utf-8")
    sheet.chmod(0)
    closed.append(sheet)
    drop(ws, "late.jpg")
    for _ in range(2):
        _, report, _ = run(ws)
    assert len(ws.items(SLUG)) == 1, "what was published stays, what is new waits"
    assert report["notices"][0].startswith(f"inbox/{SLUG}: this user")
    status = json.loads(ws.here("status", "--json").stdout)
    assert {(one["path"], one["code"]) for one in status["events"][0]["problems"]} == {
        ("late.jpg", "sheet-unread"),
        ("texts.csv", "unreadable"),
    }
    sheet.chmod(0o644)
    run(ws)
    assert len(ws.items(SLUG)) == 1, "it was refused"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_what_the_archive_s_disk_could_not_take_fails_each_run_until_it_can(
    ws: Space, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    drop(ws, "a.jpg")

    def fail(*_: object) -> tuple[str, int]:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as failing:
        failing.setattr(ingest, "_copy", fail)
        for _ in range(2):
            done = ws.here("run", "--json")
            assert done.returncode == 5
            assert answers(done) == {"a.jpg": ("waiting", "machine")}
            (problem,) = json.loads(done.stdout)["problems"]
            assert problem["store"] == "archive"
            assert f"1 file waits in the inbox: This machine could not go on ({os.strerror(code)})" in done.stderr
    assert ws.here("run").returncode == 0
    assert len(ws.items(SLUG)) == 1


def test_a_disk_that_gives_back_other_bytes_is_not_blamed_on_the_photograph(
    ws: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(ws, "a.jpg")
    with monkeypatch.context() as failing:
        failing.setattr(ingest, "_hash", lambda _: "0" * 64)
        done = ws.here("run", "--json")
    assert (done.returncode, answers(done)) == (5, {"a.jpg": ("waiting", "machine")})
    assert "gave back other bytes" in done.stderr
    assert path.is_file(), "it isn't set aside"


def test_a_file_that_goes_away_while_we_look_is_no_fault_of_any_disk(tmp_path: Path) -> None:
    for look in (open_source, lambda path: still_is(path, "1:2:3")):
        with pytest.raises(BadInput) as caught:
            look(tmp_path / "gone.jpg")
        assert caught.value.problem.code == "changed"
