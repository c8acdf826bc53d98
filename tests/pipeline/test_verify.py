"""The archive can prove that it is whole, and mends what can be made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Space

SLUG = "forum-des-communs-2025"
Archived = tuple[Space, dict[str, Any]]


@pytest.fixture
def space(archived: Archived, tmp_path: Path) -> Space:
    return archived[0].twin(tmp_path / "ws")


def verify(space: Space, *more: str) -> tuple[int, dict[str, Any]]:
    done = space.call("verify", "--json", *more)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def a_file(space: Space, pattern: str) -> Path:
    return min((space.root / "site").glob(pattern))


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.chmod(0o644)
    path.write_bytes(bytes(data))


def test_a_whole_archive_is_proved_whole(space: Space) -> None:
    status, value = verify(space)
    assert status == 0
    assert value["problems"] == []
    assert set(value["counts"]) == {"proved"}
    assert value["counts"]["proved"] > 100


@pytest.mark.parametrize(
    ("pattern", "state"),
    [
        ("media/p-*/320-*.avif", "missing"),
        ("media/p-*/320-*.jpg", "wrong"),
        ("media/v-*/*p-*.mp4", "wrong"),
        ("media/v-*/captions.fr-*.vtt", "missing"),
        (f"events/{SLUG}/index.html", "wrong"),
        ("media/p-*/640.jpg", "missing"),
        (f"events/{SLUG}/releases/1.json", "missing"),
    ],
)
def test_what_is_missing_or_altered_is_found_by_name_and_mended(space: Space, pattern: str, state: str) -> None:
    before, path = space.published(), a_file(space, pattern)
    if state == "missing":
        path.unlink()
    else:
        damage(path)
    status, value = verify(space)
    assert status == 3
    name = str(path.relative_to(space.root / "site"))
    assert [(problem["key"], problem["state"]) for problem in value["problems"]] == [(name, state)]
    if path.name == "1.json":
        return  # an envelope says when it was: it can't be made again, and nothing pretends that it can
    status, value = verify(space, "--repair")
    assert (status, value["repaired"], value["problems"]) == (0, 1, [])
    assert space.published()[name] == before[name]


def test_a_lost_pointer_is_found_and_stands_again(space: Space) -> None:
    old = space.manifest()
    pointer = space.root / "site" / "events" / SLUG / "manifest.json"
    pointer.unlink()
    status, value = verify(space)
    assert (status, value["problems"][0]["state"]) == (3, "missing")
    assert verify(space, "--repair")[0] == 0
    assert space.manifest() == old


def test_an_altered_original_is_told_and_never_passed_over(space: Space) -> None:
    original = min((space.root / "archive" / "originals").rglob("*.jpg"))
    damage(original)
    status, value = verify(space)
    assert status == 3
    assert value["problems"][0] | {"text": ""} == {
        "where": "archive",
        "event": SLUG,
        "what": "original",
        "key": str(original.relative_to(space.root / "archive")),
        "state": "wrong",
        "text": "",
    }
    assert verify(space, "--repair")[0] == 3, "what can't be made again stays a problem"
