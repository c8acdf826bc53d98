"""The sample inbox: what its files are is what --describe says, so that an end-to-end test may rely on it."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps
from PIL.IptcImagePlugin import getiptcinfo

from mediaarchive.config import load_event
from mediaarchive.media.sheet import read_sheet

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "sample_inbox.py"
SLUG = "forum-des-communs-2025"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


@functools.cache
def described(*arguments: str) -> dict[str, dict[str, Any]]:
    files = json.loads(run("--describe", *arguments).stdout)["files"]
    assert len({row["path"] for row in files}) == len(files)
    return {row["path"]: row for row in files}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    destination = tmp_path_factory.mktemp("inbox")
    done = run(str(destination), "--small")
    assert done.returncode == 0, done.stderr
    assert "8 photographs" in done.stdout
    assert done.stdout.count("\n") == 1
    assert [path.name for path in destination.iterdir()] == [SLUG]
    return destination / SLUG


def test_every_file_is_described_and_every_described_file_is_there(folder: Path) -> None:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == set(described("--small"))


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    run(str(tmp_path), "--small")
    for path in described("--small"):
        assert (tmp_path / SLUG / path).read_bytes() == (folder / path).read_bytes(), path


def test_another_seed_draws_other_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    from sample.scenes import draw  # noqa: PLC0415 - scripts/ is on the path only here

    first, again, other = (draw("hall", (300, 200), seed).tobytes() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_folder_with_files_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / SLUG).mkdir()
    (tmp_path / SLUG / "mine.jpg").write_bytes(b"mine")
    done = run(str(tmp_path), "--small")
    assert done.returncode == 2
    assert f"{tmp_path / SLUG} is not empty" in done.stderr
    assert [path.name for path in (tmp_path / SLUG).iterdir()] == ["mine.jpg"]


def test_photographs_open_upright_in_the_size_that_is_described(folder: Path) -> None:
    for path, row in described("--small").items():
        if row.get("kind") == "photo":
            with Image.open(folder / path) as image:
                assert list(ImageOps.exif_transpose(image).size) == row["size"], path


def test_broken_files_do_not_open(folder: Path) -> None:
    broken = [path for path, row in described("--small").items() if row["outcomes"][0] == "rejected"]
    assert len(broken) == 4
    for path in broken:
        with pytest.raises((OSError, SyntaxError)), Image.open(folder / path) as image:
            image.load()


def test_copies_are_copies_of_what_they_say(folder: Path) -> None:
    copies = {row["how"]: folder / path for path, row in described("--small").items() if row.get("of")}
    original = folder / "DSCF0014.jpg"
    assert copies["exact"].read_bytes() == original.read_bytes()
    with Image.open(copies["whatsapp"]) as image:
        assert not image.getexif()
        assert max(image.size) == 640
    with Image.open(copies["smaller-file"]) as image:
        assert image.size == Image.open(folder / "AUR_0470.jpg").size
    with Image.open(copies["webp"]) as image:
        assert image.format == "WEBP"
    with Image.open(folder / "affiche.jpg") as image:
        assert image.format == "PNG"


def test_stripping_metadata_keeps_every_pixel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    from sample.iptc import without_metadata  # noqa: PLC0415 - scripts/ is on the path only here

    whole = (folder / "DSCF0014.jpg").read_bytes()
    bare = without_metadata(whole)
    with Image.open(BytesIO(whole)) as before, Image.open(BytesIO(bare)) as after:
        assert before.getexif()
        assert not after.getexif()
        assert before.tobytes() == after.tobytes()


def test_cameras_write_their_own_clock_and_files_carry_the_true_instant(folder: Path) -> None:
    rows = described("--small")
    for path, ahead in (("DSCF0009.jpg", 3600), ("AUR_0412.jpg", 2 * 3600 + 7 * 60), ("IMG_20251006_191530.jpg", 7200)):
        instant = datetime.fromisoformat(rows[path]["at"])
        with Image.open(folder / path) as image:
            shown = datetime.strptime(f"{image.getexif().get_ifd(0x8769)[0x9003]} +0000", "%Y:%m:%d %H:%M:%S %z")
        assert (shown - instant).total_seconds() == ahead
        assert (folder / path).stat().st_mtime == instant.timestamp()


def test_texts_are_in_the_files_where_photographers_put_them(folder: Path) -> None:
    with Image.open(folder / "DSCF0014.jpg") as image:
        assert b"AltTextAccessibility" in image.info["xmp"]
        said = getiptcinfo(image)
        assert image.getexif().get_ifd(0x8769)[0xA431] == "K7-0098213"
    assert said is not None
    assert said[1, 90] == b"\x1b%G"
    assert said[2, 120].decode().startswith("Atelier « cartographier")
    with Image.open(folder / "AUR_0402.jpg") as image:
        assert image.getexif()[0x010E] == "OLYMPUS DIGITAL CAMERA"
    with Image.open(folder / "IMG_20251006_191530.jpg") as image:
        assert image.getexif().get_ifd(0x8825)[1] == "N"
    assert 'xml:lang="fr"' in (folder / "DSCF0021.xmp").read_text()


def test_the_event_and_the_sheet_are_read_by_mediaarchive(folder: Path) -> None:
    event = load_event((folder / "event.toml").read_bytes(), "event.toml")
    assert event.title["fr"] == "Forum des communs numériques 2025"
    assert event.languages == ("fr", "en")
    assert [rule.error_seconds() for rule in event.camera] == [0, 420, 0]
    assert "DSCF0009.jpg" in event.focus
    rows = read_sheet((folder / "texts.csv").read_bytes()).rows
    assert any(path == "aftermovie.mp4" and kind == "title" and lang == "en" for path, lang, kind, _ in rows)
    assert any(";" in text for *_, text in rows)


def test_the_whole_inbox_has_texts_in_two_languages_gaps_and_a_burst() -> None:
    rows = list(described().values())
    photographs = [row for row in rows if row.get("kind") == "photo"]
    assert 24 <= len(rows) <= 60
    assert sum("fr" in row["alt"] for row in photographs) >= 8
    assert sum("en" in row["alt"] for row in photographs) >= 5
    assert any(row["caption"] and not row["alt"] for row in photographs)
    assert any(not row["caption"] and not row["alt"] for row in photographs)
    assert sum(row["stack"] == "burst" for row in photographs) == 5
    assert {row["how"] for row in rows if row.get("of")} == {
        "exact", "whatsapp", "smaller-file", "stripped", "webp", "mirrored",
    }  # fmt: skip


def test_the_film_plays_and_has_french_subtitles(folder: Path) -> None:
    import imageio_ffmpeg  # noqa: PLC0415

    reader = imageio_ffmpeg.read_frames(str(folder / "aftermovie.mp4"))
    facts = next(reader)
    first = next(reader)
    reader.close()
    assert facts["size"] == (640, 360)
    assert facts["duration"] == pytest.approx(2, abs=0.1)
    assert max(first) < 40, "it starts from black"
    assert (folder / "aftermovie.fr.vtt").read_text().count("-->") == 5
    assert b"loci" in (folder / "aftermovie.mp4").read_bytes(), "its metadata says where it was made"
