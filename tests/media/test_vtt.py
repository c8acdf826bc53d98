"""Captions: what browsers can show is kept to the byte, the rest is converted or refused by line."""

from __future__ import annotations

import pytest

from mediaarchive.errors import BadInput
from mediaarchive.media.vtt import MAX_BYTES, captions, parse_name

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.500 align:start\nBonjour\n\nlast\n01:00:00.000 --> 01:00:01.000\nFin\n"


@pytest.mark.parametrize("data", [VTT, b"\xef\xbb\xbf" + VTT, VTT.replace(b"\n", b"\r\n"), VTT.replace(b"\n", b"\r")])
def test_valid_webvtt_is_published_to_the_byte(data: bytes) -> None:
    assert captions(data, "film.fr.vtt") == data


def test_subrip_in_the_encoding_of_old_windows_programs_becomes_webvtt() -> None:
    srt = "1\r\n00:00:01,000 --> 00:00:02,250\r\n<i>Élise</i> & Zoë: 2 < 3\r\n\r\n2\r\n0:00:03,5 --> 0:00:04,000\r\nFin\r\n"
    for encoding in ("cp1252", "utf-8", "utf-8-sig", "utf-16"):
        text = captions(srt.encode(encoding), "film.SRT").decode()
        assert text.startswith("WEBVTT\n")
        assert "00:00:01.000 --> 00:00:02.250\n<i>Élise</i> &amp; Zoë: 2 &lt; 3\n" in text
        assert "00:00:03.500 --> 00:00:04.000\nFin\n" in text
        assert captions(text.encode(), "film.vtt") == text.encode()


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"Hello\n\n00:01.000 --> 00:02.000\nx\n", "a.vtt", "Line 1"),
        (b"WEBVTTX\n\n00:01.000 --> 00:02.000\nx\n", "a.vtt", "Line 1"),
        (b"WEBVTT\n\nno cue\n", "a.vtt", "no cues"),
        (b"WEBVTT\n\n00:01.000 --> 00:99.000\nx\n", "a.vtt", "Line 3"),
        (b"WEBVTT\r\n\r\n00:02.000 --> 00:01.000\r\nx\r\n", "a.vtt", "line 3"),
        (b"WEBVTT\n\n9999:00:02.000 --> 9999:00:03.000\nx\n", "a.vtt", "100 hours"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xe9t\xe9\n", "a.vtt", "Line 4 is not UTF-8"),
        (b"1\n00:00:01,000 --> soon\nx\n", "a.srt", "Line 2"),
        (b"just words\n", "a.srt", "no cues"),
        (b"\x00\x00\x00\x18ftypmp42", "a.srt", "encoding"),
        (b"", "a.vtt", "Line 1"),
        (b"WEBVTT\n" + b"x" * MAX_BYTES, "a.vtt", "5.0 MB"),
    ],
)
def test_captions_that_browsers_would_drop_are_refused_by_line(data: bytes, name: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        captions(data, name)
    assert caught.value.problem.code == "captions-invalid"
    assert says in caught.value.problem.reason


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("film.vtt", ("film", "und", "captions")),
        ("film.fr.vtt", ("film", "fr", "captions")),
        ("film.en.subtitles.vtt", ("film", "en", "subtitles")),
        ("film.descriptions.fr.vtt", ("film", "fr", "descriptions")),
        ("film.chapters.vtt", ("film", "und", "chapters")),
        ("film.pt_br.srt", ("film", "pt-BR", "captions")),
        ("film.zh-hant-tw.vtt", ("film", "zh-Hant-TW", "captions")),
        ("film.MOV.fr.vtt", ("film.MOV", "fr", "captions")),
        ("film.MOV.vtt", ("film.MOV", "und", "captions")),
        ("day 2.part 1.vtt", ("day 2.part 1", "und", "captions")),
        ("fr.vtt", ("fr", "und", "captions")),
        (".fr.vtt", (".fr", "und", "captions")),
    ],
)
def test_a_caption_files_name_says_film_language_and_kind(name: str, expected: tuple[str, str, str]) -> None:
    assert parse_name(name) == expected
