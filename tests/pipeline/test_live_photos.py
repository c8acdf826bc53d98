"""A Live Photo is one photograph: its film is never an item of its own, whatever the two files are called."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from mediaarchive.media.metadata.apple import live_photo

from .conftest import LEAN, Space

SLUG = "gala"


@pytest.fixture
def ws(tmp_path: Path) -> Space:
    found = Space(tmp_path / "ws")
    found.here("init", str(found.root))
    found.config.write_text(LEAN, encoding="utf-8")
    (found.root / "inbox" / SLUG).mkdir(parents=True)
    return found


@pytest.fixture(scope="module")
def phone(corpus: Path) -> dict[str, Path]:
    """A photograph and its film, as an iPhone wrote them."""
    found = {path.suffix.lower(): path for path in corpus.rglob("*IMG_3589.*")}
    if not found.keys() >= {".heic", ".mov"}:
        pytest.skip("the corpus has no Live Photo")
    return found


def told(report: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in report["files"]}


def test_renamed_apart_and_a_day_later_they_are_one_item_and_go_together(ws: Space, phone: dict[str, Path]) -> None:
    inbox = ws.root / "inbox"
    shutil.copy(phone[".heic"], inbox / SLUG / "Anna and the mayor.heic")
    assert told(ws.run_here()) == {"Anna and the mayor.heic": ("published", None)}
    (item,) = ws.items(SLUG)
    (inbox / SLUG / "films").mkdir()
    shutil.copy(phone[".mov"], inbox / SLUG / "films" / "clip 7.mov")
    film_of_another = inbox / SLUG / "films" / "Anna and the mayor.mov"
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-i",
        str(phone[".mov"]),
        "-map",
        "0:v:0",
        "-map",
        "0:a:0",
    ]
    other = "com.apple.quicktime.content.identifier=00000000-1111-2222-3333-444444444444"
    made = ["-c", "copy", "-ss", "1", "-movflags", "use_metadata_tags", "-metadata", other, str(film_of_another)]
    subprocess.run([*command, *made], check=True)
    film_of_another.rename(inbox / SLUG / "Anna and the mayor.mov")
    report = told(ws.run_here())
    assert report["clip 7.mov"] == ("alternate", "sibling")
    assert report["Anna and the mayor.mov"][0] == "published", "another Live Photo's film, though the name is the same"
    assert [entry["type"] for entry in ws.items(SLUG).values()].count("photo") == 1
    assert ws.here("takedown", item, "--reason", "consent-withdrawn").returncode == 0
    (inbox / "another").mkdir()
    shutil.copy(phone[".mov"], inbox / "another" / "IMG_3589.MOV")
    assert told(ws.run_here())["IMG_3589.MOV"] == ("withdrawn", "withdrawn"), "the film alone brings nothing back"


def test_a_film_that_came_first_joins_its_photograph_when_a_person_says_so_and_leaves_it_again(
    ws: Space, phone: dict[str, Path]
) -> None:
    """`same` said that it was done, changed nothing, and the pair waited for ever; `never` of a film behind it did as little."""
    for suffix in (".mov", ".heic"):
        shutil.copy(phone[suffix], ws.root / "inbox" / SLUG / f"IMG_3589{suffix}")
        ws.run_here()
    before, pages = {name: entry["type"] for name, entry in ws.items(SLUG).items()}, ws.published()
    film, photo = (next(name for name, kind in before.items() if kind == wanted) for wanted in ("video", "photo"))
    waits = json.loads(ws.here("dedupe", "list", "--json").stdout)["pairs"]
    assert [pair["because"].partition(":")[0] for pair in waits] == [
        "the one looks like the film of the other, a Live Photo"
    ]
    pair = [f"{SLUG}/IMG_3589.mov", f"{SLUG}/IMG_3589.heic"]
    for _ in range(2):  # a film that is published behind its photograph is parted from it, too
        assert ws.here("dedupe", "same", *pair).returncode == 0
        assert {name: entry["aliases"] for name, entry in ws.items(SLUG).items()} == {photo: [film]}
        assert json.loads(ws.here("dedupe", "list", "--json").stdout)["pairs"] == []
        assert ws.run_here()["jobs"]["planned"] == 0
        media = ws.root / "site" / "media"
        assert (media / film / "640.jpg").read_bytes() == (media / photo / "640.jpg").read_bytes()
        assert ws.here("dedupe", "never", *pair).returncode == 0
        assert {name: entry["type"] for name, entry in ws.items(SLUG).items()} == before
        assert {name: data for name, data in ws.published().items() if name.startswith("media/")} == {
            name: data for name, data in pages.items() if name.startswith("media/")
        }


@pytest.mark.parametrize(
    "note", [b"", b"Apple iOS\x00\x00\x01MM", b"Apple iOS\x00\x00\x01MM\xff\xff" + bytes(40), b"Nikon\x00", None]
)
def test_a_damaged_maker_note_ties_nothing(note: object) -> None:
    assert live_photo(note) == ""
