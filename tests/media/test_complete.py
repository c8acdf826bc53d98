"""A file whose upload stopped halfway is never published; a whole one is never refused."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from mediaarchive.errors import BadInput
from mediaarchive.media.complete import check_complete
from mediaarchive.media.sniff import sniff

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = {
    "JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif", "AVIF": "image/avif",
    "TIFF": "image/tiff", "BMP": "image/bmp",
}  # fmt: skip


def noise(form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image = Image.effect_noise((320, 240), 90).convert("RGB")
    image.save(stream, form, **options)
    return stream.getvalue()


def verdict(tmp_path: Path, data: bytes, mime: str) -> str:
    path = tmp_path / "file"
    path.write_bytes(data)
    try:
        check_complete(path, mime)
    except BadInput as refused:
        return refused.problem.code
    return "complete"


@pytest.mark.parametrize("form", FORMATS)
def test_a_truncated_photo_is_never_published(tmp_path: Path, form: str) -> None:
    data, mime = noise(form), FORMATS[form]
    assert verdict(tmp_path, data, mime) == "complete"
    for kept in (0.1, 0.5, 0.9, 0.99):
        assert verdict(tmp_path, data[: int(len(data) * kept)], mime) == "incomplete", kept


@pytest.mark.parametrize("form", FORMATS)
def test_a_photo_whose_second_half_never_arrived_is_noticed_though_its_size_is_right(tmp_path: Path, form: str) -> None:
    data, mime = noise(form), FORMATS[form]
    half = len(data) // 2
    assert verdict(tmp_path, data[:half] + bytes(len(data) - half), mime) == "incomplete"


def test_a_progressive_photo_is_whole_with_all_its_scans_and_torn_without(tmp_path: Path) -> None:
    data = noise("JPEG", progressive=True)
    assert verdict(tmp_path, data, "image/jpeg") == "complete"
    assert verdict(tmp_path, data[: len(data) * 3 // 4], "image/jpeg") == "incomplete"


@pytest.mark.parametrize("progressive", [False, True])
def test_a_photo_that_lacks_only_its_end_mark_is_held_not_lost(tmp_path: Path, *, progressive: bool) -> None:
    assert verdict(tmp_path, noise("JPEG", progressive=progressive)[:-2], "image/jpeg") == "no-end-marker"


def test_the_end_of_an_embedded_thumbnail_is_not_the_end_of_the_photo(tmp_path: Path) -> None:
    thumbnail = noise("JPEG", quality=20)
    exif = b"Exif\0\0" + thumbnail
    data = noise("JPEG")
    whole = data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]
    assert verdict(tmp_path, whole, "image/jpeg") == "complete"
    assert verdict(tmp_path, whole[: len(exif) + 2000], "image/jpeg") == "incomplete"


def test_what_follows_a_photo_does_not_make_it_incomplete(tmp_path: Path) -> None:
    for trailer in (noise("JPEG"), b"\0\0\0\x18ftypmp42" + bytes(5000), bytes(8192)):
        assert verdict(tmp_path, noise("JPEG") + trailer, "image/jpeg") == "complete"


def test_a_hole_in_the_middle_of_a_photo_is_noticed(tmp_path: Path) -> None:
    data = noise("JPEG", quality=100)
    with_hole = data[:2000] + bytes(70_000) + data[72_000:] if len(data) > 75_000 else b""
    assert verdict(tmp_path, with_hole, "image/jpeg") == "incomplete"


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", 8 + len(payload)) + kind + payload


def test_a_film_is_whole_when_its_boxes_are(tmp_path: Path) -> None:
    frames = bytes(range(1, 256)) * 2000
    head, index, media = box(b"ftyp", b"isom\0\0\0\0"), box(b"moov", b"x" * 500), box(b"mdat", frames)
    assert verdict(tmp_path, head + index + media, "video/mp4") == "complete"
    assert verdict(tmp_path, head + media + index, "video/mp4") == "complete"
    assert (
        verdict(tmp_path, head + index + b"\0\0\0\1mdat" + struct.pack(">Q", 16 + len(frames)) + frames, "video/mp4")
        == "complete"
    )
    assert verdict(tmp_path, head + media, "video/mp4") == "incomplete"
    assert verdict(tmp_path, head + index + media[:-100], "video/mp4") == "incomplete"
    half = len(media) // 2
    assert verdict(tmp_path, head + index + media[:half] + bytes(half), "video/mp4") == "incomplete"
    assert verdict(tmp_path, head + media[:half] + bytes(half + len(index)), "video/mp4") == "incomplete"
    assert verdict(tmp_path, head + index + bytes(len(media)), "video/mp4") == "incomplete"
    assert verdict(tmp_path, head + index + box(b"moof", b"y" * 99) + box(b"mdat", frames), "video/mp4") == "complete"


def test_a_live_recording_without_a_size_is_whole_and_a_cut_matroska_is_not(tmp_path: Path) -> None:
    head = b"\x1a\x45\xdf\xa3\x84webm"
    payload = bytes(range(256)) * 40
    sized = head + b"\x18\x53\x80\x67" + b"\x01" + len(payload).to_bytes(7) + payload
    assert verdict(tmp_path, sized, "video/webm") == "complete"
    assert verdict(tmp_path, sized[:-1], "video/webm") == "incomplete"
    assert verdict(tmp_path, head + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + payload, "video/webm") == "complete"
    assert verdict(tmp_path, head, "video/webm") == "incomplete"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert verdict(tmp_path, b"", "image/jpeg") == "empty"


def test_a_pdf_needs_its_end(tmp_path: Path) -> None:
    assert verdict(tmp_path, b"%PDF-1.4\n1 0 obj\n%%EOF\n", "application/pdf") == "complete"
    assert verdict(tmp_path, b"%PDF-1.4\n1 0 obj\n", "application/pdf") == "incomplete"


@pytest.mark.corpus
def test_no_real_photo_or_film_is_called_incomplete(corpus: Path) -> None:
    for folder in ("event-photos", "captioned", "near-duplicates", "video"):
        for path in sorted((corpus / folder).iterdir()):
            try:
                mime = sniff(path).mime
            except BadInput:
                continue
            check_complete(path, mime)


@pytest.mark.corpus
def test_every_real_photo_torn_in_half_is_noticed(corpus: Path, tmp_path: Path) -> None:
    torn = 0
    for path in sorted((corpus / "event-photos").glob("*.[jJ][pP][gG]")):
        data = path.read_bytes()
        end = data.rfind(b"\xff\xd9") + 2
        half = len(data) // 2
        if not data or end < len(data) - 2 or data.find(b"\xff\xd9\xff\xd8", 1000) > 0:
            continue  # the picture itself ends earlier: a trailer or a second picture is what would be cut
        assert verdict(tmp_path, data[:half], "image/jpeg") == "incomplete", path.name
        assert verdict(tmp_path, data[:half] + bytes(len(data) - half), "image/jpeg") == "incomplete", path.name
        torn += 1
        if torn == 110:
            break
    assert torn == 110


def test_a_black_slide_is_whole_although_its_code_is_all_zeros(tmp_path: Path) -> None:
    slide = tmp_path / "black.jpg"
    Image.new("RGB", (6000, 4000)).save(slide, quality=90, optimize=True)
    assert bytes(65_536) in slide.read_bytes()
    check_complete(slide, "image/jpeg")
