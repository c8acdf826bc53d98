"""What this user may not read or write is said in words, with the right status; the rest goes on, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ordinary
import pytest

from .conftest import Space
from .files import jpeg, picture

SLUG = "fete"


def drop(space: Space, seed: int) -> Path:
    path = space.root / "inbox" / SLUG / f"{seed}.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(jpeg(picture(seed, (600, 400)), at=None))
    return path


def run(space: Space, *args: str) -> tuple[int, dict[str, Any], str]:
    done = ordinary.call(space.command(*(args or ("run", "--json"))))
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {}, done.stderr


def test_a_file_and_a_folder_that_cannot_be_read_are_told_and_the_others_are_published(
    small: Space, closed: list[Path]
) -> None:
    unreadable, folder = drop(small, 11), small.root / "inbox" / SLUG / "card"
    drop(small, 12)
    folder.mkdir()
    for path in (unreadable, folder):
        path.chmod(0)
        closed.append(path)
    status, report, _ = run(small)
    told = {entry["path"].rpartition("/")[2]: entry for entry in report["files"]}
    assert (told["11.jpg"]["code"], told["card"]["code"], told["12.jpg"]["outcome"]) == (
        "unreadable",
        "unreadable",
        "published",
    )
    assert "check its permissions" in told["11.jpg"]["reason"]
    assert (told["card"]["outcome"], told["11.jpg"]["outcome"], status) == ("waiting", "waiting", 3)
    assert len(small.items(SLUG)) == 7
    assert unreadable.is_file(), "nothing is wrong with it that permissions can't mend, so it isn't set aside"
    status, report, _ = run(small)
    assert {entry["outcome"] for entry in report["files"]} == {"waiting"}
    assert status == 0, "it was told before"
    unreadable.chmod(0o644)
    status, report, _ = run(small)
    told = {entry["path"].rpartition("/")[2]: entry for entry in report["files"]}
    assert (told["11.jpg"]["outcome"], status) == ("published", 0)


def test_a_folder_that_files_cannot_leave_is_told_by_every_run_and_by_whoever_is_asked(
    small: Space, closed: list[Path]
) -> None:
    folder = drop(small, 11).parent
    (folder / "12.jpg").write_text("<!doctype html><title>Not found</title>")
    folder.chmod(0o555)
    closed.append(folder)
    for expected in (3, 0):
        status, report, error = run(small)
        assert status == expected, "new once"
        assert {entry["outcome"] for entry in report["files"]} == {"published", "rejected"}
        assert f"{folder}: 2 files can't leave it, since this user" in error
        assert report["notices"][0] in error
        assert sorted(path.name for path in folder.iterdir() if path.suffix == ".jpg") == ["11.jpg", "12.jpg"]
    told = ordinary.call(small.command("status")).stdout
    assert f"{folder}: 2 files can't leave it" in told
    assert '[ingest] mode = "keep"' in told
    assert f"files can't leave {folder}" in ordinary.call(small.command("doctor")).stdout
    folder.chmod(0o755)
    status, report, _ = run(small)
    assert (status, report["notices"]) == (0, [])
    assert sorted(path.name for path in folder.iterdir() if path.suffix == ".jpg") == []
    assert "can't leave" not in ordinary.call(small.command("status")).stdout


def test_an_inbox_that_cannot_be_opened_is_told_before_anything_is_done(small: Space, closed: list[Path]) -> None:
    closed.append(small.root / "inbox")
    before = small.published()
    (small.root / "inbox").chmod(0)
    status, _, error = run(small)
    assert (status, "can't be read: Permission denied" in error) == (4, True)
    assert small.published() == before


@pytest.mark.parametrize("folder", ["site", "archive/originals", "archive/journal"])
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_done(
    small: Space, closed: list[Path], folder: str
) -> None:
    sent, before = drop(small, 11), small.published()
    closed.append(small.root / folder)
    (small.root / folder).chmod(0o555)
    status, _, error = run(small)
    assert status == 4
    assert f"{small.root / folder} can't be written" in error
    assert "→ " in error, "and what to do"
    assert (sent.exists(), small.published()) == (True, before)
    (small.root / folder).chmod(0o755)
    assert run(small)[0] == 0
    assert len(small.items(SLUG)) == 7


def test_a_site_that_cannot_be_written_midway_is_finished_by_the_next_run(small: Space, closed: list[Path]) -> None:
    drop(small, 11)
    before, media = small.manifest(SLUG), small.root / "site" / "media"
    closed.append(media)
    media.chmod(0o555)
    status, report, _ = run(small)
    assert status == 5
    (problem,) = report["problems"]
    assert (problem["store"], "Permission denied" in problem["reason"], "media/" in problem["reason"]) == (
        "site",
        True,
        True,
    )
    assert small.manifest(SLUG) == before, "what is published stays whole"
    media.chmod(0o755)
    assert run(small)[0] == 0
    assert len(small.items(SLUG)) == 7


def test_a_mirror_that_cannot_be_written_holds_nothing_up(small: Space, closed: list[Path]) -> None:
    drop(small, 11)
    mirror = small.root.parent / "mirror"
    for path in (mirror, *(path for path in mirror.rglob("*") if path.is_dir())):
        closed.append(path)
        path.chmod(0o555)
    status, report, _ = run(small)
    assert (status, report["counts"]) == (5, {"published": 1})
    (problem,) = report["problems"]
    assert (problem["store"], "Permission denied" in problem["reason"]) == ("mirror", True)
    for path in closed:
        path.chmod(0o755)
    assert run(small)[0] == 0
    assert len(list((mirror / "originals").rglob("*.jpg"))) == 7


def test_a_mirror_s_new_place_that_cannot_be_written_holds_nothing_up(small: Space, closed: list[Path]) -> None:
    place = small.root.parent / "second"
    place.mkdir()
    closed.append(place)
    place.chmod(0o555)
    small.config.write_text(small.config.read_text().replace("../mirror", "../second"), encoding="utf-8")
    status, report, _ = run(small)
    assert (status, report["problems"][0]["store"]) == (5, "mirror")
    assert "can't be written: Permission denied" in report["problems"][0]["reason"]


def test_a_decision_that_cannot_be_carried_out_is_not_made(small: Space, closed: list[Path]) -> None:
    item, site = next(iter(small.items(SLUG))), small.root / "site"
    closed.append(site)
    site.chmod(0o555)
    status, _, error = run(small, "hide", item)
    assert (status, "nothing was changed" in error) == (4, True)
    assert not any("hide" in path.read_text() for path in (small.root / "archive" / "journal").glob("*.jsonl"))
