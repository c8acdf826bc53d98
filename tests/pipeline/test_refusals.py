"""What can go wrong before and during a run: one clear sentence, the right status, and nothing lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import SETTINGS, Space

SLUG = "forum-des-communs-2025"
Make = Callable[..., Space]


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The error as it was told: no traceback, one line and a hint."""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("mediaarchive: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_folder_that_is_no_workspace(tmp_path: Path) -> None:
    done = Space(tmp_path).call("run")
    assert done.returncode == 10
    assert "mediaarchive.toml" in sentence(done)
    assert "mediaarchive init" in done.stderr


def test_an_unknown_key_is_told_with_the_one_that_was_meant(space: Make) -> None:
    done = space("typo", settings=SETTINGS + "[ingests]\nsettle = 0\n").call("run")
    assert done.returncode == 2
    assert 'unknown key "ingests"; did you mean "ingest"?' in sentence(done)


def test_settings_that_are_no_toml(space: Make) -> None:
    done = space("toml", settings="[ingest\n").call("run")
    assert done.returncode == 2
    assert "not valid TOML" in sentence(done)


def test_a_store_folder_that_cannot_be_written(space: Make, sample: Path) -> None:
    ws = space("unwritable", sample, SETTINGS + '[[store]]\nname = "x"\nurl = "/proc/nowhere/site"\n')
    done = ws.here("run", "--engine", "inline")
    assert done.returncode == 4
    assert "/proc/nowhere/site" in sentence(done)
    assert (ws.root / "inbox" / SLUG / "photo.jpg").exists(), "nothing was touched"


def test_too_little_room_is_refused_with_the_numbers(space: Make, sample: Path) -> None:
    ws = space("room", sample, SETTINGS.replace("min_free = 1", "min_free = 900000000"))
    done = ws.here("run", "--engine", "inline")
    assert done.returncode == 4
    assert "MiB free; this run needs" in sentence(done)
    assert not ws.originals()


def test_an_inbox_that_is_not_mounted_deletes_nothing(archived: tuple[Space, object], tmp_path: Path) -> None:
    ws = archived[0].twin(tmp_path / "unmounted")
    old = ws.manifest()
    shutil.rmtree(ws.root / "inbox")
    done = ws.here("run", "--engine", "inline")
    assert done.returncode == 4
    assert "inbox" in sentence(done)
    assert ws.manifest() == old


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs root, to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_midway_loses_nothing_and_the_next_run_goes_on(
    small_disk: Path, sample: Path, space: Make, archived: tuple[Space, object]
) -> None:
    made = space("made")
    ws = Space(small_disk / "ws")
    shutil.copytree(made.root, ws.root)
    filler = small_disk / "filler"
    inbox = made.root / "elsewhere"
    shutil.copytree(sample, inbox)
    ws.config.write_text(
        SETTINGS.replace("[ingest]", f'[ingest]\ninbox = "{inbox}"').replace("min_free = 1", "min_free = 0")
    )
    free = shutil.disk_usage(small_disk).free
    filler.write_bytes(bytes(max(0, free - 2_700_000)))  # the preflight is content, the renditions don't fit
    done = ws.call("run", "--engine", "inline")
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 5, (done.returncode, done.stderr, done.stdout)
    assert "full" in done.stderr
    filler.unlink()
    ws.run()
    assert ws.manifest() == archived[0].manifest()


def test_a_second_run_at_the_same_time_is_told_who_is_on(space: Make, sample: Path) -> None:
    ws = space("busy", sample, SETTINGS.replace("settle = 0", "settle = 3"))
    first = subprocess.Popen(ws.command("run"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lock = ws.root / "archive" / "lock"
    deadline = time.monotonic() + 20
    while not (lock.exists() and lock.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    done = ws.call("run")
    assert done.returncode == 75
    assert f"process {first.pid}, since 20" in sentence(done)
    assert first.wait(timeout=120) in {0, 3}


def test_a_file_that_grows_through_three_runs_is_taken_once_and_whole(space: Make, sample: Path) -> None:
    ws = space("slow", settings=SETTINGS.replace("patience = 0", "patience = 900"))
    folder = ws.root / "inbox" / "upload"
    folder.mkdir()
    data = (sample / SLUG / "AUR_0402.jpg").read_bytes()
    target = folder / "AUR_0402.jpg"
    for share in (0.2, 0.5, 0.8):
        target.write_bytes(data[: int(len(data) * share)])
        report = ws.run()
        assert [entry["outcome"] for entry in report["files"]] == ["waiting"]
        assert not (ws.root / "site" / "events").exists()
    target.write_bytes(data)
    report = ws.run()
    assert [entry["outcome"] for entry in report["files"]] == ["published"]
    assert not target.exists()


@pytest.mark.parametrize(
    ("how", "status", "when"),
    [(signal.SIGTERM, 143, "archive/originals/*/*.jpg"), (signal.SIGINT, 130, "archive/work/spool/*")],
)
def test_a_run_that_is_stopped_says_so_and_the_next_goes_on(
    space: Make,
    sample: Path,
    archived: tuple[Space, object],
    tmp_path: Path,
    how: signal.Signals,
    status: int,
    when: str,
) -> None:
    """Every process at once gets the signal, as systemd stops a unit."""
    ws, metrics = space("stopped", sample), tmp_path / "run.prom"
    arguments = ("run", "--json", "--metrics", str(metrics), "--settle", "1", "--workers", "2")
    with subprocess.Popen(
        ws.command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 - no threads here
    ) as process:
        while not list(ws.root.glob(when)):
            time.sleep(0.05)
        for pid in (*_children(process.pid), process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        said, errors = process.communicate(timeout=60)
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    assert "The run was stopped from outside" in errors
    assert json.loads(said)["error"]["code"] == "interrupted"
    assert f"exit_status {status}\n" in metrics.read_text()
    assert "did not end" in ws.here("status").stdout
    ws.run("--settle", "0")
    assert ws.manifest() == archived[0].manifest()


def _hear_ctrl_c() -> None:
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job ignores it, and so do its children


def _children(pid: int) -> list[int]:
    """All processes below one."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = dict(zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True))
    found = [pid]
    for parent in found:
        found += [child for child, of in parents.items() if of == parent]
    return found[1:]


def test_links_and_pipes_in_the_inbox_are_refused_and_never_followed(space: Make, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    ws = space("links")
    folder = ws.root / "inbox" / "links"
    folder.mkdir()
    (folder / "link.jpg").symlink_to(secret)
    os.mkfifo(folder / "pipe.jpg")
    report = ws.run()
    assert {(entry["outcome"], entry["code"]) for entry in report["files"]} == {("rejected", "not-a-file")}
    assert secret.read_bytes() == b"secret"
    assert not ws.originals()


def test_an_event_toml_that_cannot_be_read_holds_the_event_until_it_is_corrected(space: Make, sample: Path) -> None:
    ws = space("facts", sample)
    facts = ws.root / "inbox" / SLUG / "event.toml"
    good = facts.read_bytes()
    facts.write_text("[limits]\npixels = 1\n", encoding="utf-8")
    report = ws.run()
    assert {entry["outcome"] for entry in report["files"] if entry["path"].endswith("event.toml")} == {"rejected"}
    assert {entry["code"] for entry in report["files"] if entry["outcome"] == "held"} == {"event-toml"}
    assert not (ws.root / "site" / "events" / SLUG / "manifest.json").exists()
    facts.write_bytes(good)
    ws.run()
    assert ws.manifest()


def test_names_that_are_no_utf8_are_taken_and_printable(space: Make, sample: Path) -> None:
    ws = space("names")
    folder = ws.root / "inbox" / "names"
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9 -1.jpg")).write_bytes((sample / SLUG / "AUR_0402.jpg").read_bytes())
    report = ws.run()
    assert [(entry["path"], entry["outcome"]) for entry in report["files"]] == [
        ("inbox/names/caf%E9 -1.jpg", "published")
    ]


def test_names_that_look_alike_are_two_files_and_neither_leaves_for_the_other(space: Make, sample: Path) -> None:
    ws = space("twins", settings=SETTINGS.replace("patience = 0", "patience = 900"))
    folder = ws.root / "inbox" / "twins"
    folder.mkdir()
    data = (sample / SLUG / "AUR_0402.jpg").read_bytes()
    whole, cut = folder / "caf\u00e9.jpg", folder / "cafe\u0301.jpg"
    whole.write_bytes(data)
    cut.write_bytes(data[: len(data) // 2])
    report = ws.run()
    assert sorted(entry["outcome"] for entry in report["files"]) == ["published", "waiting"]
    assert cut.exists(), "what is still waiting stays where it is"
    assert not whole.exists()


def test_two_folders_with_the_same_slug_are_not_mixed(space: Make, sample: Path) -> None:
    ws = space("slugs")
    for name, photo in (("Fête", "AUR_0402.jpg"), ("fete", "AUR_0412.jpg")):
        (ws.root / "inbox" / name).mkdir()
        shutil.copy(sample / SLUG / photo, ws.root / "inbox" / name)
    report = ws.run()
    assert sorted((entry["outcome"], entry["code"]) for entry in report["files"]) == [
        ("published", None),
        ("waiting", "slug-collision"),
    ]
    inbox = ws.root / "inbox"
    waiting = Path(next(entry["path"] for entry in report["files"] if entry["code"])).parent.name
    (taken,) = {"Fête", "fete"} - {waiting}
    page = (inbox / waiting / "_report.html").read_text(encoding="utf-8")
    assert f"put its files into a folder called &#34;{taken}&#34;" in page
    assert "Nothing to correct" not in page
    shutil.copy(sample / SLUG / "AUR_0412.jpg", inbox)
    ws.run()
    assert "Put it into a folder named after its event" in (inbox / "_report.html").read_text(encoding="utf-8")
    status = ws.here("status").stdout
    assert (
        f'waiting in inbox/{waiting}: 1 file: The event of the folder "{taken}" has the address "fete" already.'
        in status
    )
    assert "waiting in inbox: 1 file: Put it into a folder named after its event" in status
    assert ws.here("why", "inbox/AUR_0412.jpg").stdout
    (inbox / "AUR_0412.jpg").rename(inbox / taken / "AUR_0412.jpg")
    (inbox / waiting).rename(inbox / "Ball")
    last = ws.run()["files"]
    assert {entry["outcome"] for entry in last} == {"published"}, last
    assert not (inbox / "_report.html").exists(), "it would tell of a file that doesn't lie there any more"
    assert "waiting in" not in ws.here("status").stdout
