"""Captions beside a film: WebVTT is checked and kept as it is, SubRip becomes WebVTT, anything else is refused by line.

WebVTT: https://www.w3.org/TR/webvtt1/. Only its frame is checked (header, encoding, every cue's times): browsers read
the rest forgivingly, and a human's file is not ours to rewrite.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from mediaarchive.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 5_000_000
KINDS: Final = frozenset({"captions", "subtitles", "descriptions", "chapters"})

_MAX_HOURS: Final = 100
_HEADER: Final = re.compile(r"WEBVTT(?:[ \t\r\n]|$)")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_CLOCK: Final = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_VTT_TIMES: Final = re.compile(rf"{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}(?:[ \t].*)?")
_SRT_CLOCK: Final = r"(\d{1,4}):([0-5]?\d):([0-5]?\d)[,.](\d{1,3})"
_SRT_TIMES: Final = re.compile(rf"[ \t]*{_SRT_CLOCK}[ \t]*-->[ \t]*{_SRT_CLOCK}(?:[ \t].*)?")
_LANGUAGE: Final = re.compile(
    r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?((?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*)"
)
_FILM_EXTENSIONS: Final = frozenset({"avi", "flv", "mkv", "mov", "mpg", "mts", "mxf", "ogv", "wmv"})


class CaptionName(NamedTuple):
    """What a caption file's name says: the film's stem, the language (BCP 47, or `und`) and one of `KINDS`."""

    stem: str
    lang: str
    kind: str


def parse_name(name: str) -> CaptionName:
    """Read `film.fr.vtt`, `film.en.subtitles.vtt`, `film.chapters.vtt`: language and kind, in any order, may be missing.

    The stem may keep the film's own extension (`film.MOV.fr.vtt`), which is never taken for a language.
    """
    stem = name.rpartition(".")[0] or name
    lang = kind = None
    while "." in stem:
        rest, _, last = stem.rpartition(".")
        if not rest:
            break
        if kind is None and last.lower() in KINDS:
            kind = last.lower()
        elif lang is None and (found := _language(last)):
            lang = found
        else:
            break
        stem = rest
    return CaptionName(stem, lang or "und", kind or "captions")


def captions(data: bytes, name: str) -> bytes:
    """WebVTT from the contents of the file `name`: the same bytes, if they are WebVTT already.

    Raises:
        BadInput: `captions-invalid`: too large, of no known encoding, without cues, or with a cue whose times are wrong.
    """
    if len(data) > MAX_BYTES:
        raise _invalid(f"They are {len(data) / 1e6:.1f} MB large; captions have at most {MAX_BYTES / 1e6:.0f} MB")
    if data.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        return _checked_vtt(data)
    if name.lower().endswith(".srt"):
        return _from_srt(data)
    raise _invalid("Line 1 is not “WEBVTT”, as it must be in a .vtt file", 1)


def _checked_vtt(data: bytes) -> bytes:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _invalid(f"Line {line} is not UTF-8; save the file again in that encoding", line) from None
    if not _HEADER.match(text):
        raise _invalid("Line 1 must be “WEBVTT”, alone or with a space behind it", 1)
    _times(text, _VTT_TIMES, "00:01:02.500 --> 00:01:04.000")
    return data


def _from_srt(data: bytes) -> bytes:
    """SubRip has no standard: UTF-8, UTF-16 with its mark, else Windows' western encoding."""
    import pysubs2  # noqa: PLC0415 - only where there are captions

    text = _decoded(data)
    times = _times(text, _SRT_TIMES, "00:01:02,500 --> 00:01:04,000")
    subtitles = pysubs2.SSAFile.from_string(_LINE_END.sub("\n", text), format_="srt")
    for event in subtitles:
        # pysubs2 writes the text as it is; in WebVTT these two would begin an entity and a tag.
        event.text = event.text.replace("&", "&amp;").replace("<", "&lt;").replace("-->", "--&gt;")
    converted = str(subtitles.to_string("vtt"))
    if _times(converted, _VTT_TIMES, "") != times:
        raise _invalid("Some cues would be lost in converting them; export them as WebVTT")
    return converted.encode()


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _invalid("The encoding is unknown; save the file as UTF-8")


def _times(text: str, pattern: re.Pattern[str], example: str) -> list[tuple[int, int]]:
    """Start and end of every cue, in ms: each line with an arrow must be the times of a cue, and there must be one."""
    times = []
    for number, line in _arrows(text):
        found = pattern.fullmatch(line)
        if found is None:
            raise _invalid(f"Line {number} has an arrow, but no times like “{example}”", number)
        start, end = _milliseconds(*found.groups()[:4]), _milliseconds(*found.groups()[4:])
        if end <= start:
            raise _invalid(f"On line {number} the end is not after the start", number)
        if end > _MAX_HOURS * 3_600_000:
            raise _invalid(f"On line {number} the end is later than {_MAX_HOURS} hours", number)
        times.append((start, end))
    if not times:
        raise _invalid(f"There are no cues; a cue begins with times like “{example}”")
    return times


def _arrows(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if "-->" in line:
            yield number, line


def _milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> int:
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _language(tag: str) -> str | None:
    """`tag` in the usual case (`pt-BR`, `zh-Hant`), if it has the form of BCP 47's language, script, region, variants."""
    lower = tag.lower().replace("_", "-")
    found = _LANGUAGE.fullmatch(lower)
    if found is None or lower in _FILM_EXTENSIONS:
        return None
    language, script, region, variants = found.groups()
    parts = (language, script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part) + variants


def _invalid(what: str, line: int | None = None) -> BadInput:
    params = {"line": line} if line else {}
    return BadInput("captions-invalid", f"These captions can't be used. {what}.", **params)
