"""The archive can prove that it is whole, and mends what can be made again."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .conftest import Space

SLUG = "forum-des-communs-2025"
Archived = tuple[Space, dict[str, Any]]


@pytest.fixture
def space(archived: Archived, tmp_path: Path) -> Space:
    return archived[0].twin(tmp_path / "ws")


def verify(space: Space, *more: str) -> tuple[int, dict[str, Any]]:
    done = space.here("verify", "--json", *more)
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


def test_a_folder_is_read_from_this_disk_wherever_its_visitors_come_in(small: Space) -> None:
    """As archives are run: a folder that a web server publishes under an address of its own."""
    address = '[[store]]\nname = "site"\nurl = "site"\nbase_url = "https://media.example.org"\n'
    small.config.write_text(small.config.read_text(encoding="utf-8") + address, encoding="utf-8")
    small.run_here()
    damage(next((small.root / "site" / "media").glob("p-*/160-*.jpg")))
    status, value = look(small, "--sample", "0")
    assert status == 3
    assert problems(value) == [("site", "object", "wrong")]
    assert "declared" not in value["counts"], "nothing had to be downloaded, so everything was read"


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


# -- a small archive with a mirror ---------------------------------------------------------------------------------


def look(space: Space, *more: str) -> tuple[int, dict[str, Any]]:
    done = space.here("verify", "--json", *more)
    return done.returncode, json.loads(done.stdout)


def problems(value: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["where"], one["what"], one["state"]) for one in value["problems"]]


def test_a_damaged_original_comes_back_from_the_mirror(small: Space) -> None:
    original = min((small.root / "archive" / "originals").rglob("*.jpg"))
    whole, lost = original.read_bytes(), max((small.root / "archive" / "originals").rglob("*.jpg"))
    damage(original)
    lost.unlink()
    assert problems(look(small)[1]) == [("archive", "original", "missing"), ("archive", "original", "wrong")]
    status, value = look(small, "--repair")
    assert (status, value["problems"], value["repaired"]) == (0, [], 2)
    assert original.read_bytes() == whole
    assert lost.exists()


def test_a_damaged_mirror_is_found_and_gets_its_copies_again(small: Space) -> None:
    mirror = small.root.parent / "mirror"
    damage(min((mirror / "originals").rglob("*.jpg")))
    max((mirror / "originals").rglob("*.jpg")).unlink()
    damage(min((mirror / "journal").iterdir()))
    found = problems(look(small)[1])
    assert sorted(found) == [
        ("mirror", "journal", "wrong"),
        ("mirror", "original", "missing"),
        ("mirror", "original", "wrong"),
    ]
    assert look(small, "--repair") == (0, look(small)[1] | {"repaired": 3})
    for path in (small.root / "archive" / "originals").rglob("*.jpg"):
        assert (mirror / path.relative_to(small.root / "archive")).read_bytes() == path.read_bytes()


def test_a_damaged_pointer_gets_its_own_bytes_again(small: Space) -> None:
    before, pointer = small.manifest("fete"), small.root / "site" / "events" / "fete" / "manifest.json"
    pointer.write_bytes(before.replace(b"fete", b"faTe"))
    assert problems(look(small)[1]) == [("site", "release", "wrong")]
    assert look(small, "--repair")[0] == 0
    assert small.manifest("fete") == before


def test_a_budget_gives_every_file_its_turn(small: Space) -> None:
    everything = look(small)[1]["counts"]["proved"]
    sizes = [path.stat().st_size for path in (small.root / "archive" / "originals").rglob("*.jpg")]
    small.config.write_text(small.config.read_text())
    database = sqlite3.connect(small.root / "archive" / "catalog.db")
    with database:
        database.execute("DELETE FROM proof")
    budget = str(2.5 * max(sizes) / 1e9)
    for _ in range(40):
        status, value = look(small, "--budget", budget)
        assert status == 0, "declared is no problem"
        assert value["counts"]["declared"] > 0
        if database.execute("SELECT count(*) FROM proof").fetchone()[0] >= everything - 10:
            break
    proved = {key for (key,) in database.execute("SELECT key FROM proof WHERE place = 'archive'")}
    assert len(proved) == len(sizes), "each original was read within a few weeks"


def test_what_nothing_is_known_of_is_never_called_right(small: Space) -> None:
    item = next((small.root / "site" / "media").iterdir())
    (item / "item.json").unlink()
    with sqlite3.connect(small.root / "archive" / "catalog.db") as database:
        database.execute("DELETE FROM stored WHERE key LIKE ?", (f"media/{item.name}/%",))
    status, value = look(small)
    assert status == 3
    assert {one["state"] for one in value["problems"]} == {"unverifiable"}
    assert look(small, "--repair")[0] == 0


def test_bytes_of_a_newer_encoder_are_a_new_release_and_said_so(small: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    before = small.manifest("fete")
    next((small.root / "site" / "media").glob("p-*/160-*.jpg")).unlink()
    save = Image.Image.save

    def newer(self: Image.Image, *args: Any, **more: Any) -> None:  # noqa: ANN401 - Pillow's own
        save(self, *args, **(more | {"quality": 60} if "quality" in more else more))

    monkeypatch.setattr(Image.Image, "save", newer)
    status, value = look(small, "--repair")
    assert (status, value["reissued"]) == (0, ["fete"])
    assert small.manifest("fete") != before
    assert len(json.loads(small.manifest("fete"))["items"]) == 6


def test_the_files_of_an_event_can_be_checked_with_sha256sum(small: Space) -> None:
    folder = small.root / "site" / "events" / "fete"
    lines = (folder / "checksums.sha256").read_text().splitlines()
    assert len(lines) == len(list((small.root / "site" / "media").glob("*/*-*")))
    done = subprocess.run(
        ["sha256sum", "-c", "checksums.sha256"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    item = json.loads(small.manifest("fete"))["items"][0]["id"]
    assert small.here("takedown", item, "--reason", "legal-request").returncode == 0
    assert item not in (folder / "checksums.sha256").read_text()
    kept = (folder / "checksums.sha256").read_bytes()
    small.run_here()
    assert (folder / "checksums.sha256").read_bytes() == kept
    assert look(small)[0] == 0


def test_what_was_found_is_told_though_its_metrics_can_t_be_written(small: Space) -> None:
    done = small.here("verify", "--metrics", str(small.root / "nowhere" / "verify.prom"))
    assert done.returncode == 0
    assert "Looked at: " in done.stdout
    assert "The metrics can't be written: " in done.stderr


def test_metrics_say_what_was_found(small: Space) -> None:
    max((small.root / "archive" / "originals").rglob("*.jpg")).unlink()
    assert small.here("verify", "--metrics", str(small.root / "verify.prom")).returncode == 3
    text = (small.root / "verify.prom").read_text()
    assert 'mediaarchive_verify_findings{state="missing"} 1\n' in text
    assert 'mediaarchive_verify_findings{state="wrong"} 0\n' in text
    assert "mediaarchive_verify_timestamp_seconds 1" in text
