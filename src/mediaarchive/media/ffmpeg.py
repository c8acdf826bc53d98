"""Finds ffmpeg, and runs it on hostile files: no network, no playlists, bounded in time, memory and output.

To a large C library, a film is a program. So ffmpeg is a separate process, in its own process group, with resource
limits (`launch`), an almost empty environment (no credentials to leak) and a closed list of containers: without that
list, a playlist or an SVG named `.mp4` makes ffmpeg publish other files of this machine.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from mediaarchive.errors import BadInput, DiskFull, MediaArchiveError, MissingProgram

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VARIABLE: Final = "MEDIAARCHIVE_FFMPEG"
MEMORY_BYTES: Final = 4 << 30  # three outputs of 1080p peak at 0.5 GB resident; address space also counts stacks
FILE_BYTES: Final = 1 << 36  # 64 GiB: four hours at 38 Mb/s
THREADS: Final = 2  # x264's bytes depend on the number of its threads, so it is fixed and never follows the machine
CONTAINERS: Final = "mov,matroska,avi,mpegts,mpeg,asf,ogg,flv,mxf"
MAX_OUTPUT: Final = 1 << 28
MAX_STDERR: Final = 1 << 20

_LAUNCH: Final = Path(__file__).with_name("launch.py")
_CHUNK: Final = 1 << 16
_DOCTOR: Final = "mediaarchive doctor says what works here"
_INTERRUPTED: Final = 255  # ffmpeg's own status after a signal; by then it has closed its files as if they were whole
_CRASHES: Final = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})
# What the system answered, at the end of a line of ffmpeg's own: lines of a film's tags are indented. It may end with
# status 0 after these, taking them for the end of the film.
_SYSTEM: Final = re.compile(
    r"^\S.*: (No space left on device|Disk quota exceeded|File too large|Cannot allocate memory)\s*$",
    re.MULTILINE,
)
_TOO_LARGE: Final = "The converted film would be too large; send a shorter one."
_TOO_HEAVY: Final = "This film needs too much memory; send a smaller resolution."
_SIGNS: Final = (
    ("not on whitelist", "not-a-film", "This is no film of a known kind, whatever its name says; export it as MP4."),
    (
        "matches no streams",
        "no-video",
        "This film has no pictures, only sound or data; export it again with its video.",
    ),
)
_UNDECODABLE: Final = "This film can't be decoded: it may be damaged. Export it again, as MP4."


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """A run that ended well: what it wrote, and the seconds it took by the clock."""

    stdout: bytes
    stderr: str
    seconds: float


@lru_cache(maxsize=1)
def find_ffmpeg() -> Path:
    """The ffmpeg to run: `MEDIAARCHIVE_FFMPEG`, else the pinned one of imageio-ffmpeg, else the first on PATH.

    PATH comes last on purpose: a distribution's build makes other bytes, and old ones are easier to fool.

    Raises:
        MissingProgram: none is there, or the variable names none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK) or not Path(named).is_file():
            raise MissingProgram(f"{VARIABLE} names no program: {named}", hint="unset it to use the bundled ffmpeg")
        return Path(named).resolve()
    for found in (_bundled(), shutil.which("ffmpeg")):
        if found:
            return Path(found).resolve()
    raise MissingProgram("ffmpeg is needed for films and isn't there", hint="pip install imageio-ffmpeg")


def _bundled() -> str | None:
    """The binary inside the imageio-ffmpeg wheel, or None: its own search would look on PATH too."""
    try:
        import imageio_ffmpeg  # noqa: PLC0415 - only where films are made
    except ImportError:
        return None
    folder = Path(imageio_ffmpeg.__file__).parent / "binaries"
    return next((str(path) for path in sorted(folder.glob("ffmpeg-*")) if os.access(path, os.X_OK)), None)


@lru_cache(maxsize=1)
def version() -> str:
    """What ffmpeg calls itself (`n9.0.2-17-g2a571b6068`): for provenance and `doctor`, never for fingerprints.

    Raises:
        MissingProgram: it can't be run.
    """
    program = find_ffmpeg()
    try:
        answer = subprocess.run([program, "-version"], capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingProgram(f"{program} can't be run: {error}", hint=_DOCTOR) from error
    words = answer.stdout.decode(errors="replace").split()
    return words[2] if len(words) > 2 else "unknown"


def source(path: Path, *options: str) -> list[str]:
    """The arguments that open `path`: as `file:` and an absolute path, so that no name is an option or a URL."""
    return [
        *("-protocol_whitelist", "file", "-format_whitelist", CONTAINERS, "-threads", str(THREADS)),
        *options,
        *("-i", f"file:{path.absolute()}"),
    ]


def run(
    args: Sequence[str],
    *,
    timeout: float,
    memory_bytes: int = MEMORY_BYTES,
    file_bytes: int = FILE_BYTES,
    progress: Callable[[float], None] | None = None,
    sink: Callable[[bytes], None] | None = None,
) -> Result:
    """Run ffmpeg to its end, or kill it and all it started.

    Args:
        args: The arguments after the global ones; films are opened by `source`.
        timeout: Seconds by the clock.
        memory_bytes: Its address space.
        file_bytes: The largest file it may write.
        progress: Told the seconds of film done, about twice a second; standard output then carries nothing else.
        sink: Given standard output in pieces, instead of `Result.stdout`.

    Raises:
        BadInput: `film-timeout`, or what `failure` makes of its end.
        DiskFull: nothing more could be written.
        MissingProgram: there is no ffmpeg.
        MediaArchiveError: something else ended it; trying again may help.
    """
    words = ["-hide_banner", "-nostdin", "-nostats", "-y"]
    words += ["-filter_threads", str(THREADS), "-filter_complex_threads", str(THREADS)]
    if progress is not None:
        words += ["-progress", "pipe:1", "-stats_period", "0.5"]
        sink = _progress_lines(progress)
    limits = (str(os.getpid()), str(memory_bytes), str(file_bytes))
    held = _Held()
    errors = bytearray()
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_LAUNCH), *limits, str(find_ffmpeg()), *words, *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        start_new_session=True,
    )
    try:
        _pump(process, started + timeout, sink or held, errors)
        status = process.wait(max(0.0, started + timeout - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        reason = f"This film can't be converted within {timeout:.0f} seconds; send a shorter or smaller one."
        raise BadInput("film-timeout", reason) from error
    finally:
        _end(process)
    text = errors.decode(errors="replace")
    if status != 0 or _SYSTEM.search(text):
        raise failure(status, text)
    return Result(stdout=bytes(held.data), stderr=text, seconds=time.monotonic() - started)


def failure(status: int, stderr: str) -> MediaArchiveError:
    """What a bad end (an exit status, negative for a signal) means; ffmpeg's own words become a note."""
    error = _meaning(status, stderr)
    error.add_note(f"ffmpeg ended with {status}: {stderr[-2000:].strip()}")
    return error


def _meaning(status: int, stderr: str) -> MediaArchiveError:
    if "cannot execute:" in stderr:
        return MissingProgram("ffmpeg can't be run", hint=_DOCTOR)
    found = _SYSTEM.search(stderr)
    system = found[1] if found else ""
    if system in {"No space left on device", "Disk quota exceeded"}:
        return DiskFull("The disk is full: a film could not be written", hint="make room and run again")
    if status == -signal.SIGXFSZ or system == "File too large":
        return BadInput("film-too-large", _TOO_LARGE)
    if system == "Cannot allocate memory":
        return BadInput("film-too-heavy", _TOO_HEAVY)
    return _other_meaning(status, stderr)


def _other_meaning(status: int, stderr: str) -> MediaArchiveError:
    """The same, where memory and room were enough."""
    if status == _INTERRUPTED or (status < 0 and -status not in _CRASHES):
        return MediaArchiveError("ffmpeg was stopped from outside before it was done", hint="run again")
    for words, code, reason in _SIGNS:
        if words in stderr:
            return BadInput(code, reason)
    return BadInput("film-undecodable", _UNDECODABLE)


def _pump(process: subprocess.Popen[bytes], deadline: float, sink: Callable[[bytes], None], errors: bytearray) -> None:
    """Read both pipes until they close. Raises TimeoutError at the deadline (monotonic seconds)."""
    assert process.stdout is not None
    assert process.stderr is not None

    def keep_tail(piece: bytes) -> None:
        errors.extend(piece)
        del errors[:-MAX_STDERR]

    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, sink)
        selector.register(process.stderr, selectors.EVENT_READ, keep_tail)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            for key, _ in selector.select(left):
                piece = os.read(key.fd, _CHUNK)
                if piece:
                    key.data(piece)
                else:
                    selector.unregister(key.fd)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of the process group behind, and close our ends of its pipes."""
    if process.poll() is None:  # once reaped, its number may be another's
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    pipes: tuple[IO[bytes] | None, ...] = (process.stdout, process.stderr)
    for pipe in pipes:
        if pipe is not None:
            pipe.close()


class _Held:
    """A sink that keeps everything, up to `MAX_OUTPUT` bytes."""

    def __init__(self) -> None:
        self.data = bytearray()

    def __call__(self, piece: bytes) -> None:
        if len(self.data) + len(piece) > MAX_OUTPUT:
            raise BadInput("film-too-heavy", "This film's pictures are too large; send a smaller resolution.")
        self.data += piece


class Lines:
    """A sink that hands over whole lines, without their end."""

    def __init__(self, each: Callable[[bytes], None]) -> None:
        self._each = each
        self._rest = b""

    def __call__(self, piece: bytes) -> None:
        """Take the next piece."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._each(line)


def _progress_lines(told: Callable[[float], None]) -> Lines:
    """A sink for `-progress pipe:1`."""

    def each(line: bytes) -> None:
        found = re.fullmatch(rb"out_time_us=(\d+)\s*", line)  # N/A before the first picture
        if found:
            told(int(found[1]) / 1e6)

    return Lines(each)
