"""A run on a machine whose encoder is broken publishes nothing of it, says whose fault it is, and the next run repairs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .conftest import Space
from .files import jpeg, picture

BROKEN = """
import sys
from PIL import Image
Image.init()
good = Image.SAVE["AVIF"]
def save(image, file, name):
    grey = Image.new("RGB", image.size, (128, 128, 128))
    grey.encoderinfo, grey.encoderconfig = image.encoderinfo, ()
    good(grey, file, name)
Image.SAVE["AVIF"] = save
from mediaarchive.cli import main
main()
"""


def test_grey_files_are_never_published_and_the_next_run_makes_good_ones(
    space: Callable[..., Space], tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox" / "evening"
    inbox.mkdir(parents=True)
    (inbox / "a.jpg").write_bytes(jpeg(picture(1)))
    ws = space(files=tmp_path / "inbox")
    command = [sys.executable, "-c", BROKEN, "-C", str(ws.root), "run", "--json", "--engine", "inline"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, timeout=120)
    (file,) = json.loads(done.stdout)["files"]
    assert (file["outcome"], file["code"]) == ("held", "encoder-fault")
    assert "The avif encoder of this machine" in file["reason"]
    assert "The picture itself is fine" in file["reason"]
    assert not [key for key in ws.published() if key.startswith("media/")]
    assert ws.run()["events"][0]["counts"]["photo"] == 1
    assert [key for key in ws.published() if key.endswith(".avif")]
