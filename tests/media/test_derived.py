"""A photograph that a program wrote after its camera did is told from the camera's own file, though both carry its EXIF."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from mediaarchive.model import Kind
from mediaarchive.stages.ingest import identify

LIMITS = {"pixels": 250_000_000, "metadata": 1 << 24}
CAMERAS = (
    "digicam-corpus__Apple_iPhone XR__IMG_3580.JPG",
    "digicam-corpus__Sony_SLT-A57___DSC8833.JPG",
    "metadata-extractor__HP PhotoSmart 735.jpg",
)


def saved(path: Path, change: Callable[[Image.Image], Image.Image], *, jfif: bool = True) -> bytes:
    """An edit with the camera's EXIF, byte for byte; `jfif`: with the marker that libraries begin a JPEG with."""
    out = io.BytesIO()
    with Image.open(path) as image:
        change(image).save(out, "JPEG", quality=92, exif=image.info["exif"])
    data = out.getvalue()
    length = 2 + int.from_bytes(data[4:6], "big")
    return data if jfif else data[:2] + data[2 + length :]


@pytest.mark.parametrize("name", CAMERAS)
def test_sharpened_and_enlarged_copies_with_the_camera_s_exif_are_derived(
    corpus: Path, tmp_path: Path, name: str
) -> None:
    source = next((path for path in corpus.rglob("*") if path.name.lower() == name.lower()), None)
    assert source is not None
    assert "derived" not in identify(source, "image/jpeg", Kind.PHOTO, LIMITS).notes
    edits = {
        "sharp": saved(source, lambda image: image.filter(ImageFilter.UnsharpMask(2, 150, 2))),
        "large": saved(source, lambda image: image.resize((image.width * 5 // 4, image.height * 5 // 4)), jfif=False),
    }
    for edit, data in edits.items():
        path = tmp_path / f"{edit}.jpg"
        path.write_bytes(data)
        facts = identify(path, "image/jpeg", Kind.PHOTO, LIMITS)
        assert (facts.camera.model is not None, "derived" in facts.notes) == (True, True), edit
