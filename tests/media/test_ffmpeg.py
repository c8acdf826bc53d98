"""ffmpeg as a caged program: it gets no network, no playlist, no credentials, and never outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mediaarchive.errors import BadInput, DiskFull, MediaArchiveError, MissingProgram
from mediaarchive.media import ffmpeg

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDLESS = ["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=25", "-f", "null", "-"]


@pytest.fixture
def fresh() -> Iterator[None]:
    ffmpeg.find_ffmpeg.cache_clear()
    ffmpeg.version.cache_clear()
    yield
    ffmpeg.find_ffmpeg.cache_clear()
    ffmpeg.version.cache_clear()


def _program(folder: Path, script: str) -> str:
    path = folder / "ffmpeg"
    path.write_text(f"#!{sys.executable} -S\n{script}\n")
    path.chmod(0o755)
    return str(path)


def _gone(pid: int) -> bool:
    """Whether a process ended (a zombie has)."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_the_pinned_ffmpeg_is_used_before_that_of_the_system(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(ffmpeg.VARIABLE, raising=False)
    assert "imageio_ffmpeg" in str(ffmpeg.find_ffmpeg())
    assert ffmpeg.version()[0] in "n0123456789"


def test_an_operator_can_name_another_ffmpeg(fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ffmpeg.VARIABLE, _program(tmp_path, "print('ffmpeg version 4.2 of ours')"))
    assert ffmpeg.version() == "4.2"


def test_a_wrong_name_is_refused_with_a_hint(fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ffmpeg.VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(MissingProgram) as caught:
        ffmpeg.find_ffmpeg()
    assert caught.value.hint


def test_ffmpeg_never_sees_credentials(fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    monkeypatch.setenv(ffmpeg.VARIABLE, _program(tmp_path, "import os; print(dict(os.environ))"))
    assert b"canary" not in ffmpeg.run([], timeout=10).stdout


def test_a_film_that_takes_too_long_is_stopped_with_all_its_children(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import os, time\nos.fork()\nprint(os.getpid(), flush=True)\ntime.sleep(60)"
    monkeypatch.setenv(ffmpeg.VARIABLE, _program(tmp_path, script))
    said = bytearray()
    started = time.monotonic()
    with pytest.raises(BadInput) as caught:
        ffmpeg.run([], timeout=1, sink=said.extend)
    assert caught.value.problem.code == "film-timeout"
    assert time.monotonic() - started < 10
    pids = said.split()
    assert len(pids) == 2
    assert all(_gone(int(pid)) for pid in pids)


def test_a_killed_worker_leaves_no_ffmpeg_running(tmp_path: Path) -> None:
    script = (
        "from mediaarchive.media import ffmpeg\n"
        f"ffmpeg.run(['-v', 'error', *{ENDLESS[2:]!r}], timeout=60, progress=lambda s: print('on', flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"on\n"
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert len(children) == 1
    assert _gone(int(children[0]))


def test_a_stopped_ffmpeg_is_no_fault_of_the_film() -> None:
    """It closes its files properly then, with a status of its own."""

    def stop() -> None:
        children = Path(f"/proc/{os.getpid()}/task/{threading.main_thread().native_id}/children").read_text().split()
        os.kill(int(children[-1]), signal.SIGTERM)

    steps = iter([stop])

    def tell(_seconds: float) -> None:
        next(steps, lambda: None)()

    with pytest.raises(MediaArchiveError) as caught:
        ffmpeg.run(ENDLESS, timeout=30, progress=tell)
    assert not isinstance(caught.value, BadInput)


def test_memory_and_file_size_are_bounded(tmp_path: Path) -> None:
    noise = ["-v", "error", "-f", "lavfi", "-i", "nullsrc=s=640x360:d=2,geq=random(1)*255:128:128"]
    with pytest.raises(BadInput) as caught:
        ffmpeg.run([*noise, "-f", "rawvideo", f"file:{tmp_path}/out"], timeout=60, file_bytes=1 << 20)
    assert caught.value.problem.code == "film-too-large"
    assert (tmp_path / "out").stat().st_size <= 1 << 20
    large = [
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "color=s=14000x14000,format=yuv444p",
        "-frames:v",
        "1",
        "-f",
        "null",
        "-",
    ]
    with pytest.raises(BadInput) as caught:
        ffmpeg.run(large, timeout=60, memory_bytes=384 << 20)
    assert caught.value.problem.code == "film-too-heavy"


@pytest.mark.parametrize(
    ("status", "stderr", "code"),
    [
        (183, "moov atom not found", "film-undecodable"),
        (-signal.SIGSEGV, "", "film-undecodable"),
        (-signal.SIGXFSZ, "", "film-too-large"),
        (234, "Format not on whitelist 'mov'", "not-a-film"),
        (234, "Stream map '' matches no streams.", "no-video"),
        (0, "[in#0 @ 0x1] Error during demuxing: Cannot allocate memory\n", "film-too-heavy"),
        (183, "    title   : x: No space left on device\n", "film-undecodable"),
    ],
)
def test_each_failure_of_a_film_has_a_code_and_a_sentence(status: int, stderr: str, code: str) -> None:
    error = ffmpeg.failure(status, stderr)
    assert isinstance(error, BadInput)
    assert error.problem.code == code
    assert error.problem.reason.endswith(".")


@pytest.mark.parametrize(
    ("status", "stderr"),
    [
        (228, "[out#0] Error writing trailer: No space left on device\n"),
        (255, ""),
        (-signal.SIGKILL, ""),
    ],
)
def test_what_the_machine_did_is_tried_again(status: int, stderr: str) -> None:
    error = ffmpeg.failure(status, stderr)
    assert not isinstance(error, BadInput)
    assert isinstance(error, DiskFull) == ("No space" in stderr)


def test_names_are_never_options_or_addresses() -> None:
    for name in ("-y.mp4", "http:x.mp4", "concat:a|b.mp4"):
        argument = ffmpeg.source(Path(name))[-1]
        assert argument == f"file:{Path.cwd()}/{name}"
