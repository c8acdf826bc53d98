"""A program of the operator's, really run: JSON in, JSON out, within its time, and nothing of it stays."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from mediaarchive.captioners import Budget
from mediaarchive.captioners.command import CommandDrafter
from mediaarchive.captioners.spending import Spent
from mediaarchive.errors import EngineFault, EngineRefused, Unusable
from mediaarchive.model import Question

QUESTION = Question(picture=b"\xff\xd8picture\xff\xd9", languages=("fr", "nl"), known={"event": "Fête « d'été »"})


def program(tmp_path: Path, body: str, *, seconds: float = 10, budget: Budget | None = None) -> CommandDrafter:
    script = tmp_path / "describe.py"
    script.write_text(f"import json, os, subprocess, sys, time\n{body}\n", encoding="utf-8")
    return CommandDrafter(command=(sys.executable, str(script)), model="", seconds=seconds, budget=budget or Budget())


def test_it_is_given_a_picture_and_what_is_known_and_its_texts_are_taken(tmp_path: Path) -> None:
    note = tmp_path / "note.json"
    body = f"""
asked = json.load(sys.stdin)
with open(asked["picture"], "rb") as file:
    asked["bytes"] = file.read().hex()
asked["mode"] = os.stat(os.path.dirname(asked["picture"])).st_mode & 0o777
json.dump(asked, open({str(note)!r}, "w"))
print(json.dumps({{"texts": {{"fr": "Une   scène.", "de": "Eine Bühne."}}}}))
"""
    budget = Budget()
    one = program(tmp_path, body, budget=budget)
    reply = one.draft(QUESTION)
    assert reply.texts == {"fr": "Une scène."}
    asked = json.loads(note.read_text())
    assert (asked["version"], asked["languages"], asked["known"]) == (1, ["fr", "nl"], dict(QUESTION.known))
    assert asked["bytes"] == QUESTION.picture.hex()
    assert asked["mode"] == 0o700
    assert "alternative texts" in asked["instructions"]
    assert not Path(asked["picture"]).exists(), "nothing stays"
    assert (one.model, budget.calls) == (Path(sys.executable).name, 1)
    assert one.draft(QUESTION).sent == reply.sent, "the same question has the same hash, wherever the picture lay"


@pytest.mark.parametrize(
    ("body", "error", "sentence"),
    [
        ("sys.exit('no model: /opt/eyes.gguf')", EngineFault, "failed (1): no model: /opt/eyes.gguf"),
        ("os.kill(os.getpid(), 9)", EngineFault, "failed (-9): it says nothing"),
        ("print('A table.')", Unusable, 'it answered "A table."'),
        ("print('{}')", Unusable, "it answered"),
        ("pass", Unusable, "it answered nothing"),
        ("sys.stdin.close(); print('x' * 5_000_000)", Unusable, "more than 4 MiB"),
        ("print(b'\\xff\\xfe')", Unusable, "it answered"),
    ],
)
def test_what_goes_wrong_is_said_in_its_own_words(
    tmp_path: Path, body: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        program(tmp_path, body).draft(QUESTION)
    assert sentence in str(caught.value)


def test_it_is_killed_after_its_time_with_all_that_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    body = f"""
child = subprocess.Popen(["sleep", "60"])
open({str(pid)!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    started = time.monotonic()
    with pytest.raises(EngineFault, match="has not answered in 2 s"):
        program(tmp_path, body, seconds=2).draft(QUESTION)
    assert time.monotonic() - started < 10
    assert _ended(int(pid.read_text()))


def test_what_is_running_can_be_given_up(tmp_path: Path) -> None:
    one = program(tmp_path, "time.sleep(60)", seconds=60)
    threading.Timer(0.5, one.close).start()
    started = time.monotonic()
    with pytest.raises(EngineFault):
        one.draft(QUESTION)
    assert time.monotonic() - started < 10


def test_what_was_given_up_starts_nothing_any_more(tmp_path: Path) -> None:
    one = program(tmp_path, f"open({str(tmp_path / 'started')!r}, 'w')")
    one.close()
    with pytest.raises(EngineFault, match="given up"):
        one.draft(QUESTION)
    assert not (tmp_path / "started").exists()


def test_a_program_that_is_not_there_is_refused() -> None:
    one = CommandDrafter(command=("/no/such/program",), model="", seconds=1, budget=Budget())
    with pytest.raises(EngineRefused, match="can't be run: No such file"):
        one.draft(QUESTION)


def test_it_is_run_no_more_often_than_it_may_be(tmp_path: Path) -> None:
    one = program(tmp_path, 'print(json.dumps({"texts": {"fr": "Une scène."}}))', budget=Budget(calls=1))
    one.draft(QUESTION)
    with pytest.raises(Spent):
        one.draft(QUESTION)


def _ended(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    os.kill(pid, 9)
    return False
