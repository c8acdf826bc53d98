"""Drafts from a program of the operator's: JSON on its standard input, JSON on its standard output, within a time.

    {"version": 1, "picture": "/tmp/…/picture.jpg", "languages": ["fr", "nl"], "known": {"event": "…"}, "instructions": "…"}
    → {"texts": {"fr": "…"}}

A local model, a reader of printed words, a tool of some cloud: whatever can be started. Languages that it leaves out stay missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mediaarchive.captioners.answers import read_texts
from mediaarchive.captioners.asking import PROMPT, instructions
from mediaarchive.captioners.spending import Budget
from mediaarchive.errors import EngineFault, EngineRefused, Unusable
from mediaarchive.model import Question, Reply

_SHOWN: Final = 200  # characters of what a program says when it fails
_LARGEST: Final = 4 << 20  # bytes of an answer


class CommandDrafter:
    """Runs a program for each picture, which lies in a folder that nobody else can read, and that goes afterwards.

    Args:
        command: the program and its arguments.
        model: a name for the records; empty: the program's.
        seconds: for one picture; then the program and all that it started is killed.
        budget: how often it may be run.
    """

    engine = "command"
    prompt = PROMPT

    def __init__(self, *, command: Sequence[str], model: str, seconds: float, budget: Budget) -> None:
        self.model = model or Path(command[0]).name
        self._command = tuple(command)
        self._seconds = seconds
        self._budget = budget
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def draft(self, question: Question) -> Reply:
        """Run the program, and read what it prints."""
        if self._closed:
            raise EngineFault("it was given up", stop=True)
        self._budget.call()
        with tempfile.TemporaryDirectory(prefix="mediaarchive-") as folder:
            picture = Path(folder) / "picture.jpg"
            picture.write_bytes(question.picture)
            asked = {
                "version": 1,
                "picture": str(picture),
                "languages": list(question.languages),
                "known": dict(question.known),
                "instructions": instructions(question),
            }
            printed = self._run(json.dumps(asked, ensure_ascii=False).encode(), Path(folder))
        stable = json.dumps({**asked, "picture": hashlib.sha256(question.picture).hexdigest()}, ensure_ascii=False)
        texts = read_texts(printed.decode("utf-8", "replace"), question.languages)
        return Reply(texts=texts, sent=hashlib.sha256(stable.encode()).hexdigest())

    def close(self) -> None:
        """Kill what is running; nothing is started any more."""
        self._closed = True
        for process in [*self._running]:
            _kill(process)

    def _run(self, asked: bytes, folder: Path) -> bytes:
        said, complaints = folder / "stdout", folder / "stderr"
        name = Path(self._command[0]).name
        try:
            with said.open("wb") as out, complaints.open("wb") as err:
                process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=out, stderr=err, start_new_session=True
                )
        except OSError as error:
            raise EngineRefused(
                f"{self._command[0]} can't be run: {error.strerror}", hint="correct [texts.engine] command"
            ) from error
        self._running.add(process)
        if self._closed:  # between the two
            _kill(process)
        try:
            process.communicate(asked, timeout=self._seconds)
        except subprocess.TimeoutExpired as error:
            raise EngineFault(f"{name} has not answered in {self._seconds:g} s") from error
        except BrokenPipeError:  # it didn't want to know
            process.wait(self._seconds)
        finally:
            if process.poll() is None:
                _kill(process)
                process.wait()
            self._running.discard(process)
        if process.returncode:
            last = " ".join(complaints.read_bytes()[-_LARGEST:].decode("utf-8", "replace").split())[-_SHOWN:]
            raise EngineFault(f"{name} failed ({process.returncode}): {last or 'it says nothing'}")
        if said.stat().st_size > _LARGEST:
            raise Unusable(f"{name} printed more than {_LARGEST >> 20} MiB")
        return said.read_bytes()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it started: its children may outlive it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
