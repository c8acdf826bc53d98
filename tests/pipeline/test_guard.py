"""A run on a machine whose encoder is broken publishes nothing of it, says whose fault it is, and the next run repairs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from .conftest import Space

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


def test_grey_files_are_never_published_and_the_next_run_makes_good_ones(one_photo: Space) -> None:
    command = [sys.executable, "-c", BROKEN, "-C", str(one_photo.root), "run", "--json", "--engine", "inline"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, timeout=120)
    (file,) = json.loads(done.stdout)["files"]
    assert (file["outcome"], file["code"]) == ("held", "encoder-fault")
    assert "The avif encoder of this machine" in file["reason"]
    assert "The picture itself is fine" in file["reason"]
    assert not [key for key in one_photo.published() if key.startswith("media/")]
    assert one_photo.run()["events"][0]["counts"]["photo"] == 1
    assert [key for key in one_photo.published() if key.endswith(".avif")]
