"""An album of four photographs, published: what tests of withdrawals share, to be imported by name."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from .conftest import Space, item_of

Archived = tuple[Space, dict[str, Any]]
SLUG = "forum-des-communs-2025"


@pytest.fixture
def space(album: Archived, tmp_path: Path) -> Space:
    return album[0].twin(tmp_path / "ws")


@pytest.fixture
def item(album: Archived) -> str:
    return item_of(album[1], "DSCF0003.jpg")


def answers(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in report["files"]}


def done(space: Space, *args: str) -> str:
    result = space.here(*args)
    assert result.returncode == 0, result.stderr
    return result.stdout


def files_of(space: Space, item: str) -> set[str]:
    folder = space.root / "site" / "media" / item
    return {path.name for path in folder.iterdir() if path.name[0] != "."} if folder.is_dir() else set()


def event_toml(space: Space, text: str) -> None:
    path = space.root / "inbox" / SLUG / "event.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def told(entry: dict[str, Any]) -> Iterator[bytes]:
    """What a manifest says of an item and of nothing else."""
    for kind in ("alt", "caption", "title", "long"):
        yield from (text["text"].encode() for text in entry.get(kind, {}).values() if text["state"] != "placeholder")
    for source in entry["sources"]:
        yield from (file["url"].rpartition("/")[2].encode() for file in source["set"])
    if "thumbhash" in entry:
        yield entry["thumbhash"].encode()


def copies(data: bytes) -> dict[str, bytes]:
    """A photograph as it comes back: the same file, its pixels, other encoders and sizes, mirrored, cut."""
    made: dict[str, bytes] = {"exact.jpg": data}
    with Image.open(io.BytesIO(data)) as opened:
        plain = ImageOps.exif_transpose(opened).convert("RGB")
    width, height = plain.size
    variants = {
        "pixels.png": (plain, {}),
        "re-encoded.jpg": (plain, {"quality": 60}),
        "resized.jpg": (plain.resize((round(width * 0.7), round(height * 0.7))), {"quality": 80}),
        "mirrored.jpg": (ImageOps.mirror(plain).resize((round(width * 0.8), round(height * 0.8))), {"quality": 88}),
        "cut by 5.jpg": (plain.crop((0, 0, round(width * 0.95), round(height * 0.95))), {"quality": 80}),
        "cut by 20.jpg": (plain.crop((round(width * 0.2), round(height * 0.2), width, height)), {"quality": 85}),
    }
    for name, (picture, options) in variants.items():
        out = io.BytesIO()
        picture.save(out, "PNG" if name.endswith("png") else "JPEG", **options)
        made[name] = out.getvalue()
    return made
