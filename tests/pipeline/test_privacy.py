"""What exiftool, which reads more than any browser, finds in what was published: nothing that anybody wrote into it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import SETTINGS, Space

EXIFTOOL = shutil.which("exiftool")
# What a container says of itself: types, sizes, times that are zero, codecs.
CONTAINERS = re.compile(r"SourceFile|(ExifTool|File|System|JFIF|Composite|QuickTime|Meta|Track\d+):.*")
TELLING = re.compile(
    r"GPS|Location|Serial|Owner|Artist|Creator|Author|Copyright|Software|Make$|Model$|Region|Comment|Title"
)


needs_exiftool = pytest.mark.skipif(
    EXIFTOOL is None, reason="no exiftool on this machine: apt-get install libimage-exiftool-perl"
)


def exiftool(*arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run([str(EXIFTOOL), "-G1", "-s", "-json", *arguments], capture_output=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout.decode("utf-8", "replace") or "[]")
    return found


def look(space: Space, least: int) -> None:
    """Nothing that anybody wrote is in any rendition, nor in the notices."""
    files = exiftool("-r", "-ext", "jpg", "-ext", "avif", "-ext", "mp4", str(space.root / "site" / "media"))
    assert len(files) > least
    for file in files:
        tags = set(file) - {"SourceFile"}
        assert not [tag for tag in tags if not CONTAINERS.fullmatch(tag)], file["SourceFile"]
        assert not [tag for tag in tags if TELLING.search(tag.partition(":")[2])], file["SourceFile"]
        assert {str(value) for tag, value in file.items() if tag.endswith("CreateDate")} <= {"0000:00:00 00:00:00"}


@needs_exiftool
def test_renditions_carry_no_metadata_at_all(archived: tuple[Space, dict[str, Any]]) -> None:
    look(archived[0], 60)


@needs_exiftool
@pytest.mark.corpus
def test_of_real_files_with_places_serial_numbers_faces_and_maker_notes_nothing_is_published(
    corpus: Path, space: Callable[..., Space]
) -> None:
    telling = {"GPSLatitude": 8, "SerialNumber": 8, "RegionName": 4, "MakerNoteVersion": 4, "GPSCoordinates": 2}
    folders = [str(corpus / name) for name in ("event-photos", "captioned", "video")]
    marked = exiftool("-r", "-fast", *(f"-{tag}" for tag in telling), *folders)
    chosen: set[str] = set()
    for tag, count in telling.items():
        having = sorted(f["SourceFile"] for f in marked if any(key.endswith(f":{tag}") for key in f))
        assert having, tag
        chosen |= set(sorted(having, key=lambda name: Path(name).stat().st_size)[:count])
    ws = space(settings=SETTINGS.replace("edges = [160, 320, 640]", "edges = [160]"))
    folder = ws.root / "inbox" / "private"
    folder.mkdir()
    for name in chosen:
        shutil.copy(name, folder)
    report = ws.run(engine="local")
    assert report["counts"]["published"] > len(chosen) / 2
    look(ws, 20)
    public = b"".join(data for name, data in ws.published().items() if name.endswith((".json", ".html")))
    for value in {
        str(value)
        for file in exiftool("-SerialNumber", "-n", *chosen)
        for key, value in file.items()
        if "Serial" in key
    }:
        assert len(value) < 5 or value.encode() not in public
