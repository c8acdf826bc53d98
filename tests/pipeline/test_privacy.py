"""What exiftool, which reads more than any browser, finds in what was published: nothing that anybody wrote into it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from .conftest import Space

EXIFTOOL = shutil.which("exiftool")
# What a container says of itself: types, sizes, times that are zero, codecs.
CONTAINERS = re.compile(r"SourceFile|(ExifTool|File|System|JFIF|Composite|QuickTime|Meta|Track\d+):.*")
TELLING = re.compile(
    r"GPS|Location|Serial|Owner|Artist|Creator|Author|Copyright|Software|Make$|Model$|Region|Comment|Title"
)


@pytest.mark.skipif(EXIFTOOL is None, reason="no exiftool on this machine: apt-get install libimage-exiftool-perl")
def test_renditions_carry_no_metadata_at_all(archived: tuple[Space, dict[str, Any]]) -> None:
    space, _ = archived
    command = [str(EXIFTOOL), "-r", "-G1", "-s", "-json", *("-ext", "jpg", "-ext", "avif", "-ext", "mp4")]
    done = subprocess.run([*command, str(space.root / "site" / "media")], capture_output=True, text=True, check=False)
    files = json.loads(done.stdout)
    assert len(files) > 60
    for file in files:
        tags = set(file) - {"SourceFile"}
        assert not [tag for tag in tags if not CONTAINERS.fullmatch(tag)], file["SourceFile"]
        assert not [tag for tag in tags if TELLING.search(tag.partition(":")[2])], file["SourceFile"]
        assert {str(value) for tag, value in file.items() if tag.endswith("CreateDate")} <= {"0000:00:00 00:00:00"}
