"""How files arrive: odd names, special files, uploads that stall, shares that vanish. None is lost, none comes in twice or half."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mediaarchive.events import Fanout
from mediaarchive.pipeline.opening import open_shop
from mediaarchive.pipeline.run import run

from .conftest import LEAN, SETTINGS, Space
from .files import film, jpeg, picture

Make = Callable[..., Space]
WAITING = SETTINGS.replace("patience = 0", "patience = 3600")


def photo(seed: int) -> bytes:
    return jpeg(picture(seed, (300, 200)), at=f"2024:05:01 12:{seed:02}:00")


def test_every_name_that_a_disk_can_hold_is_taken_or_refused_with_its_note(space: Make) -> None:
    ws = space()
    folder = ws.root / "inbox" / "noms"
    deep = folder / "a" / "b" / "c" / ("d" * 200)
    deep.mkdir(parents=True)
    longest = "é" * 125 + "x.jpg"
    assert len(os.fsencode(longest)) == 255
    good = [
        longest,
        "-i.jpg",
        "--help.JPG",
        "Photo.jpg",
        "photo.jpg",
        "two\nlines.jpg",
        "a;b $(c) `d`.jpg",
        "noext",
        " .jpg",
    ]
    for seed, name in enumerate(good):
        (folder / name).write_bytes(photo(seed))
    (deep / "deep.jpg").write_bytes(photo(20))
    bad = ["ü" * 125 + "y.jpg", "-o.jpg", os.fsdecode(b"\xff\xfe.jpg")]
    for name in bad:
        (folder / name).write_bytes(b"<html>")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path may have 107 bytes
        listening.bind("socket.jpg")
        os.chdir(here)
    (folder / "loop").symlink_to(folder)
    report = ws.run()
    assert len(report["files"]) == len({entry["path"] for entry in report["files"]}) == len(good) + 1 + len(bad) + 2
    assert report["counts"] == {"published": len(good) + 1, "rejected": len(bad) + 2}
    rejected = folder / "_rejected"
    assert sorted(path.name for path in rejected.iterdir() if path.suffix != ".txt") == sorted(
        [*bad, "socket.jpg", "loop"]
    )
    assert len(list(rejected.glob("*.txt"))) == len(bad) + 2, (
        "a note beside each, even where the name has no room for it"
    )
    assert sorted(path.name for path in folder.iterdir()) == ["_rejected", "_report.html", "a"]


def test_a_refused_file_that_is_sent_again_goes_aside_however_long_its_name_is(space: Make) -> None:
    ws = space(settings=LEAN)
    folder = ws.root / "inbox" / "noms"
    folder.mkdir()
    names = ["é" * 125 + "x.jpg", "y." + "é" * 126]
    for attempt in (b"<html>", b"<html> "):
        for name in names:
            (folder / name).write_bytes(attempt)
        report = ws.run_here()
        assert not report["notices"], "nobody is told that the folder can't be written"
    assert sorted(path.name for path in folder.iterdir()) == ["_rejected", "_report.html"]
    aside = list((folder / "_rejected").iterdir())
    assert len(aside) == 8, "both attempts at both, with a note beside each"
    assert [os.fsencode(path.name).decode() for path in aside], "no name was cut within a character"


def test_an_upload_that_stalls_stays_with_its_writer_until_patience_ends(space: Make, tmp_path: Path) -> None:
    ws = space(settings=WAITING)
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    whole = photo(1)
    film(tmp_path / "film.mp4", 1.0)
    clip = (tmp_path / "film.mp4").read_bytes()
    halves = {
        "cut.jpg": whole[: len(whole) // 2],
        "reserved.jpg": whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2),
        "reserved.mp4": clip[: len(clip) // 2] + bytes(len(clip) - len(clip) // 2),
        "nothing yet.jpg": b"",
        "zeros.jpg": bytes(50_000),
    }
    for name, data in halves.items():
        (folder / name).write_bytes(data)
    with (folder / "cut.jpg").open("ab") as writer:
        report = ws.run()
        assert report["counts"] == {"waiting": len(halves)}
        assert {name: (folder / name).read_bytes() for name in halves} == halves
        writer.write(whole[len(whole) // 2 :])
    (folder / "reserved.mp4").write_bytes(clip)
    report = ws.run()
    assert report["counts"] == {"published": 2, "waiting": len(halves) - 2}
    ws.config.write_text(SETTINGS)
    report = ws.run()
    assert report["counts"] == {"rejected": len(halves) - 2}
    assert report["status"] == 3, "that nothing more came is news"
    assert {entry["code"] for entry in report["files"]} == {"incomplete", "empty"}
    assert {path.name: path.read_bytes() for path in (folder / "_rejected").iterdir() if path.suffix != ".txt"} == {
        name: halves[name] for name in halves if name not in {"cut.jpg", "reserved.mp4"}
    }


def test_what_vanishes_from_the_inbox_is_deleted_nowhere(space: Make) -> None:
    ws = space(settings=SETTINGS.replace("[ingest]", '[ingest]\nmode = "keep"'))
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    for seed in (1, 2):
        (folder / f"{seed}.jpg").write_bytes(photo(seed))
    ws.run()
    before, originals = ws.manifest("fete"), ws.originals()
    (folder / "1.jpg").unlink()
    report = ws.run()
    assert report["counts"] == {"published": 1}
    assert (ws.manifest("fete"), ws.originals()) == (before, originals)
    assert report["jobs"]["planned"] == 0


def test_a_share_that_turns_out_to_be_read_only_is_read_once_and_emptied_when_it_may_be(
    space: Make, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(share)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("needs root, to mount a file system")
    try:
        (share / "fete").mkdir()
        (share / "fete" / "one.jpg").write_bytes(photo(1))
        (share / "fete" / "page.jpg").write_bytes(b"<html>")
        subprocess.run(["mount", "-o", "remount,ro", str(share)], check=True)
        ws = space(settings=SETTINGS.replace("[ingest]", f'[ingest]\ninbox = "{share}"'))
        first, second = ws.run(), ws.run()
        assert first["counts"] == second["counts"] == {"published": 1, "rejected": 1}
        assert (first["status"], second["status"]) == (3, 0), "told once"
        assert len(list((ws.root / "archive" / "journal").glob("*.jsonl"))) < 6, "and written down once"
        subprocess.run(["mount", "-o", "remount,rw", str(share)], check=True)
        ws.run()
        assert not (share / "fete" / "one.jpg").exists()
    finally:
        subprocess.run(["umount", "-l", str(share)], check=True)


@pytest.mark.parametrize("harm", ["other bytes", "cut short"])
def test_a_file_that_comes_in_again_takes_the_place_of_an_original_that_rotted(space: Make, harm: str) -> None:
    ws = space(settings=LEAN)
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo(1))
    ws.run_here()
    kept = next(path for path in (ws.root / "archive" / "originals").rglob("*") if path.is_file())
    kept.chmod(0o644)
    kept.write_bytes(photo(1)[:-2] + b"rot"[: 2 if harm == "other bytes" else 1])
    wrong = ws.here("verify")
    assert wrong.returncode == 3
    assert "put the file into the inbox again" in wrong.stdout
    (folder / "a.jpg").write_bytes(photo(1))
    assert ws.run_here()["counts"] == {"known": 1}
    assert not (folder / "a.jpg").exists()
    assert kept.read_bytes() == photo(1), "the only good copy left the inbox"
    assert ws.here("verify").returncode == 0


def test_a_name_that_would_move_the_cursor_is_told_with_escapes_on_every_terminal(space: Make) -> None:
    ws = space(settings=LEAN)
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    names = ["a\x1b[2J\x07.jpg", "b\u202egpj.jpg", "c\x9b31m.jpg"]
    for name in names:
        (folder / name).write_bytes(b"<html>")
    said = [ws.here(*verb).stdout for verb in (["run", "--progress"], ["status"], *(["why", name] for name in names))]
    assert "\\x1b[2J\\x07.jpg" in said[1]
    assert not [char for char in "\x1b\x07\u202e\x9b" if any(char in text for text in said)]


def test_a_plan_counts_what_the_next_run_would_take_and_nothing_else(space: Make) -> None:
    ws = space(settings=LEAN.replace("[ingest]", '[ingest]\nmode = "keep"'))
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo(1))
    (folder / "page.jpg").write_bytes(b"<html>")
    (folder / "b.jpg.part").write_bytes(photo(2)[:900])

    def planned() -> list[tuple[str, int]]:
        return [(one["folder"], one["files"]) for one in json.loads(ws.here("plan", "--json").stdout)["inbox"]]

    assert planned() == [("fete", 2)]
    ws.run_here()
    assert planned() == [], "one was taken, one refused, and one is still being uploaded"
    (folder / "page.jpg").write_bytes(photo(3))
    assert planned() == [("fete", 1)]


def test_a_sub_folder_that_was_emptied_leaves_after_days_and_one_that_waits_for_files_does_not(space: Make) -> None:
    ws = space(settings=LEAN)
    event = ws.root / "inbox" / "fete"
    for name in ("card/A", "card/B", "later", "clutter", "report"):
        (event / name).mkdir(parents=True)
    for seed, name in enumerate(("card/A/1.jpg", "clutter/2.jpg", "report/3.jpg", "late/4.jpg"), start=1):
        (event / name).parent.mkdir(exist_ok=True)
        (event / name).write_bytes(photo(seed))
    (event / "clutter" / ".DS_Store").write_bytes(b"x")
    ws.run()
    left = {"card", "card/A", "card/B", "later", "clutter", "report", "late"}

    def there() -> set[str]:
        return {path.relative_to(event).as_posix() for path in event.rglob("*") if path.is_dir()}

    def run_in(days: float) -> None:
        with open_shop(ws.root, Fanout(), {"engine": {"kind": "inline"}}) as shop:
            shop.clock = lambda: time.time() + days * 86_400
            run(shop)

    run_in(6.9)
    assert there() == left, "somebody may be about to copy more into it"
    (event / "card" / "B").rmdir()
    os.utime(event / "late", (0, 0))  # as rsync leaves a folder; it was touched a moment ago all the same
    run_in(0)
    assert there() == left - {"card/B"}
    run_in(7.1)
    assert there() == {"later", "clutter"}, "what was never filled stays, and so does what holds anything"
    (event / "report").mkdir()
    (event / "report" / "5.jpg").write_bytes(photo(9))
    ws.run()
    assert (event / "report").is_dir()
    assert len(ws.items("fete")) == 5


@pytest.mark.parametrize("setting", ["tidy_after = 0", 'mode = "keep"'])
def test_no_folder_leaves_an_inbox_where_that_is_not_wanted(space: Make, setting: str) -> None:
    ws = space(settings=LEAN.replace("settle = 0", f"settle = 0\n{setting}"))
    card = ws.root / "inbox" / "fete" / "card"
    card.mkdir(parents=True)
    (card / "1.jpg").write_bytes(photo(1))
    ws.run()
    (card / "1.jpg").unlink(missing_ok=True)
    with open_shop(ws.root, Fanout(), {"engine": {"kind": "inline"}}) as shop:
        shop.clock = lambda: time.time() + 100 * 86_400
        run(shop)
    assert card.is_dir()


def test_why_says_of_a_file_that_was_taken_away_that_it_is_no_longer_there(space: Make) -> None:
    ws = space(settings=LEAN.replace("patience = 0", "patience = 3600"))
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    for name, data in (("half.jpg", photo(1)[:4000]), ("page.jpg", b"<html>"), ("whole.jpg", photo(2))):
        (folder / name).write_bytes(data)
    (ws.root / "inbox" / "loose.jpg").write_bytes(photo(3))
    ws.run_here()

    def said(name: str) -> str:
        return ws.here("why", name).stdout

    for name, verdict in (("half.jpg", "waiting"), ("page.jpg", "rejected"), ("loose.jpg", "waiting")):
        assert f"  {verdict}: " in said(name)
        assert "no longer" not in said(name)
    for path in (folder / "half.jpg", folder / "_rejected" / "page.jpg", ws.root / "inbox" / "loose.jpg"):
        path.unlink()
    for name in ("half.jpg", "page.jpg", "loose.jpg"):
        assert "it is no longer in the inbox: somebody took it away; the archive has nothing of it" in said(name)
        assert json.loads(ws.here("why", name, "--json").stdout)["found"][0]["taken_away"] is True
    assert "no longer" not in said("whole.jpg"), "the archive took it, and nobody else"
    (folder / "half.jpg").write_bytes(photo(1)[:4000])
    assert "no longer" not in said("half.jpg")
    (ws.root / "inbox").rename(ws.root / "unmounted")
    assert "no longer" not in said("half.jpg")
