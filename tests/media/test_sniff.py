"""Files are judged by what they are, and refused with a sentence that says what to do."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from mediaarchive.errors import BadInput
from mediaarchive.media import sniff as module
from mediaarchive.media.sniff import extension_lies, is_ignorable, is_partial, sidecar_kind, sniff
from mediaarchive.model import Kind

if TYPE_CHECKING:
    from pathlib import Path


def written(tmp_path: Path, data: bytes, name: str = "photo.jpg") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def picture(form: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(stream, form)
    return stream.getvalue()


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    brands = major + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(16)


def tiff(*entries: tuple[int, int, int, int], make: bytes = b"") -> bytes:
    """A little-endian TIFF with one directory of (tag, type, count, value), and optionally a Make."""
    rows = [*entries, (271, 2, len(make), 200)] if make else list(entries)
    body = b"".join(struct.pack("<HHII", *row) for row in sorted(rows))
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(rows)) + body + bytes(4)
    return head.ljust(200, b"\0") + make + bytes(300)


@pytest.mark.parametrize(
    ("form", "mime", "ext"),
    [
        ("JPEG", "image/jpeg", "jpg"),
        ("PNG", "image/png", "png"),
        ("WEBP", "image/webp", "webp"),
        ("AVIF", "image/avif", "avif"),
        ("GIF", "image/gif", "gif"),
        ("TIFF", "image/tiff", "tif"),
        ("BMP", "image/bmp", "bmp"),
        ("JPEG2000", "image/jp2", "jp2"),
    ],
)
def test_a_photo_is_recognised_by_its_content_whatever_its_name(tmp_path: Path, form: str, mime: str, ext: str) -> None:
    found = sniff(written(tmp_path, picture(form), "holiday.txt"))
    assert (found.kind, found.mime, found.ext) == (Kind.PHOTO, mime, ext)


@pytest.mark.parametrize(
    ("data", "kind", "ext"),
    [
        (ftyp(b"heic", b"mif1"), Kind.PHOTO, "heic"),
        (ftyp(b"mif1", b"mif1", b"heic"), Kind.PHOTO, "heic"),
        (ftyp(b"mif1", b"mif1", b"avif"), Kind.PHOTO, "avif"),
        (ftyp(b"qt  ", b"qt  "), Kind.VIDEO, "mov"),
        (ftyp(b"mp42", b"isom", b"mp42", b"qt  "), Kind.VIDEO, "mp4"),
        (ftyp(b"isom", b"iso2", b"avc1"), Kind.VIDEO, "mp4"),
        (ftyp(b"3gp5", b"3gp5"), Kind.VIDEO, "3gp"),
        (ftyp(b"crx ", b"crx ", b"isom"), Kind.OTHER, "cr3"),
        (b"\0\0\0\x08wide\0\0\1\0mdat", Kind.VIDEO, "mov"),
        (b"RIFF\x10\0\0\0AVI LIST", Kind.VIDEO, "avi"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", Kind.VIDEO, "webm"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", Kind.VIDEO, "mkv"),
        ((b"\x47" + bytes(187)) * 6, Kind.VIDEO, "ts"),
        ((bytes(4) + b"\x47" + bytes(187)) * 6, Kind.VIDEO, "ts"),
        (b"\0\0\1\xba" + bytes(100), Kind.VIDEO, "mpg"),
        (b"FLV\1\5" + bytes(100), Kind.VIDEO, "flv"),
        (b"OggS" + bytes(24) + b"\x80theora", Kind.VIDEO, "ogv"),
        (b"%PDF-1.7\n", Kind.DOCUMENT, "pdf"),
        (b"FUJIFILMCCD-RAW 0201", Kind.OTHER, "raf"),
        (b"II*\0\x10\0\0\0CR\2\0".ljust(16, b"\0") + b"\1" + bytes(100), Kind.OTHER, "cr2"),
    ],
)
def test_every_container_is_told_from_its_relatives(tmp_path: Path, data: bytes, kind: Kind, ext: str) -> None:
    found = sniff(written(tmp_path, data))
    assert (found.kind, found.ext) == (kind, ext)


def test_a_cameras_raw_file_is_never_taken_for_a_tiff(tmp_path: Path) -> None:
    preview = (254, 4, 1, 1)
    sub_ifds = (330, 4, 1, 300)
    assert sniff(written(tmp_path, tiff(preview, sub_ifds, make=b"NIKON CORPORATION\0"))).mime == "image/x-nikon-nef"
    assert sniff(written(tmp_path, tiff(preview, sub_ifds, make=b"SONY\0"))).ext == "arw"
    assert sniff(written(tmp_path, tiff((50706, 1, 4, 0x0401), make=b"Apple\0"))).ext == "dng"
    assert sniff(written(tmp_path, tiff((262, 3, 1, 32803), make=b"PENTAX\0"))).ext == "pef"
    assert sniff(written(tmp_path, tiff((262, 3, 1, 2), make=b"NIKON CORPORATION\0"))).ext == "tif"


def test_a_tiff_that_points_beyond_its_end_stops_nothing(tmp_path: Path) -> None:
    for data in (b"II+\0\x08\0\0\0" + b"\xff" * 8, b"MM\0*\xff\xff\xff\xff", b"II*\0", tiff((330, 4, 500, 0xFFFFFFF0))):
        assert sniff(written(tmp_path, data)).ext == "tif"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (bytes(5000), "incomplete"),
        (b"\n<!DOCTYPE HTML><html><svg></svg>", "web-page"),
        (b"\xef\xbb\xbf<html lang=fr>", "web-page"),
        ("\ufeff<html>".encode("utf-16-le"), "web-page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git-lfs-pointer"),
        (b"PK\x03\x04" + bytes(30), "archive"),
        (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "office-document"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text", "office-document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "office-document"),
        (b"Rar!\x1a\x07\x00", "archive"),
        (b"7z\xbc\xaf\x27\x1c", "archive"),
        (b"\x1f\x8b\x08", "archive"),
        (b"a.jpg".ljust(257, b"\0") + b"ustar\x0000", "archive"),
        (b"\xff\x0a\x00\x10", "jpeg-xl"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "jpeg-xl"),
        (b"8BPS\0\1", "photoshop"),
        (b"<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "svg"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "playlist"),
        (b"ffconcat version 1.0\nfile x.mp4\n", "playlist"),
        (b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>", "playlist"),
        (b"ID3\x04" + bytes(40), "audio"),
        (b"\xff\xfb\x90\x64" + bytes(40), "audio"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "audio"),
        (ftyp(b"M4A ", b"mp42"), "audio"),
        (b"OggS" + bytes(24) + b"OpusHead", "audio"),
        (b"MZ\x90\0", "executable"),
        (b"\x7fELF\2", "executable"),
        (b"#!/bin/sh\nrm -rf /\n", "executable"),
        ("Déjà vu\n".encode(), "text"),
        (b"\0\0\1\0\1\0\x10\x10", "icon"),
        (b"DDS |\0\0\0", "unknown-type"),
        (b"\x01\x02\x03wOOt\xff\xfe\x00", "unknown-type"),
    ],
)
def test_what_is_no_photo_is_refused_with_its_own_code_and_advice(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        sniff(written(tmp_path, data))
    problem = refused.value.problem
    assert problem.code == code
    assert problem.reason.endswith(".")
    assert problem.reason.isprintable()


def test_an_unknown_file_is_named_by_what_it_starts_with(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="starts with “wOOt”"):
        sniff(written(tmp_path, b"\x01\x02\x03wOOt\xff\xfe\x00"))


def test_a_wrong_extension_is_noticed_and_a_usual_one_is_not() -> None:
    jpeg = module.Sniffed(kind=Kind.PHOTO, mime="image/jpeg", ext="jpg")
    film = module.Sniffed(kind=Kind.VIDEO, mime="video/mp4", ext="mp4")
    assert [extension_lies(name, jpeg) for name in ("a.HEIC", "a.png", "a.jpg.tif")] == [True, True, True]
    assert [extension_lies(name, jpeg) for name in ("a.JPG", "a.jpeg", "a.jfif", "a", "a\udce9.jpg")] == [False] * 5
    assert [extension_lies(name, film) for name in ("a.MP4", "a.m4v", "a.mov", "a.webm")] == [False, False, False, True]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("event.toml", "event"),
        ("texts.csv", "sheet"),
        ("Texts.CSV", "sheet"),
        ("IMG_1.xmp", "xmp"),
        ("IMG_1.JPG.xmp", "xmp"),
        ("film.fr.vtt", "captions"),
        ("film.srt", "captions"),
        ("labels.csv", None),
        ("._IMG_1.xmp", None),
        ("IMG_1.xmp.part", None),
        ("xmp", None),
    ],
)
def test_sidecars_are_known_by_their_names(name: str, kind: str | None) -> None:
    assert sidecar_kind(name) == kind


def test_clutter_is_ignored_and_files_on_their_way_are_waited_for() -> None:
    clutter = ("._IMG_1.JPG", ".DS_Store", "Thumbs.db", "desktop.ini", ".hidden", "~$list.docx")
    clutter += (
        "IMG_4120.AAE",
        "GL010034.LRV",
        "MVI_0001.THM",
        "M0001.CTG",
        "C0001M01.XML",
        "DSC_1.NEF.pp3",
        "AUTPRNT.MRK",
    )
    partial = (
        "IMG.JPG.part", "IMG.JPG.filepart", "IMG.JPG.crdownload", "IMG.JPG~", ".IMG_1.JPG.Xy12Za", ".in.IMG_1.JPG",
        "IMG.JPG.ocTransferId123456.part", ".IMG_1.HEIC.icloud", "~syncthing~IMG.JPG.tmp", ".IMG.JPG.~1a2b",
    )  # fmt: skip
    for name in clutter:
        assert (is_ignorable(name), is_partial(name)) == (True, False), name
    for name in partial:
        assert (is_ignorable(name), is_partial(name)) == (False, True), name
    for name in ("IMG_1.JPG", "DSC~1.JPG", "a.b.c.d.JPG", "party.jpg"):
        assert (is_ignorable(name), is_partial(name)) == (False, False), name


@pytest.mark.corpus
def test_every_real_file_is_recognised_or_refused(corpus: Path) -> None:
    refusals = []
    for path in sorted(corpus.rglob("*")):
        if path.is_file():
            try:
                found = sniff(path)
            except BadInput as refused:
                refusals.append((path.parent.name, refused.problem.code))
            else:
                assert found.ext
    assert set(refusals) >= {("hostile", "archive"), ("hostile", "svg"), ("video", "audio")}
    assert [code for folder, code in refusals if folder == "near-duplicates"] == ["text"]  # its labels.csv
