"""What a film says of itself, checked against what ffmpeg really decodes.

MediaInfo names things (codec, date, tracks). ffmpeg decides (size, colours, interlacing, length, whether there is sound),
since its frames are what is published: so all packets are read once, and a few pictures and two seconds of sound decoded.
MediaInfo gets bytes, never a name, so that no file can make it open another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.errors import BadInput
from mediaarchive.media import ffmpeg
from mediaarchive.media.metadata.apple import identifier
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind, Taken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VIDEO: Final = "0:V:0"  # the first video stream that is no attached picture
HDR_TRANSFERS: Final = frozenset({"smpte2084", "arib-std-b67"})  # PQ and HLG (ITU-R BT.2100)

_READ_SECONDS: Final = 900.0  # reading 20 GB from a slow share
_LOOK_SECONDS: Final = 120.0
_PICTURES: Final = 5  # enough to see a field order
_MAX_AUDIO: Final = 8
_LAX_SECONDS: Final = 0.5  # headers round, and count the last picture differently
_LAX_SHARE: Final = 0.05
_DISCARDED: Final = 0x4  # AV_PKT_FLAG_DISCARD: outside the edit list
_CUT: Final = re.compile(r"partial file|File ended prematurely")
_FRAME: Final = re.compile(r"pts_time:\S+.* fmt:(\S+) .*sar:(\d+)/(\d+) s:(\d+)x(\d+) i:(.)")
_COLORS: Final = re.compile(r"color_range:(\S+) color_space:(\S+) color_primaries:(\S+) color_trc:(\S+)")
_CODECS: Final = {"AVC": "h264", "HEVC": "hevc", "AV1": "av1", "VP8": "vp8", "VP9": "vp9", "ProRes": "prores"}
_FIRST_YEAR: Final = 1990  # 1904 and 1970 are clocks that were never set


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """One film. `width` and `height`: upright, in square pixels. `duration` in seconds, of the pictures alone.

    `audio_stream` counts among the sound streams: the first that can be decoded, None without one (`audio` is then false).
    `rotation`: degrees clockwise that the file asks for, one of 0, 90, 180, 270; already applied to the size.
    `notes`: `audio-undecodable`, `several-audio-tracks`, `several-video-tracks`, `embedded-subtitles`, `no-duration`,
    `variable-frame-rate`.
    """

    mime: str
    width: int
    height: int
    duration: float
    fps: float
    codec: str
    audio: bool
    audio_stream: int | None
    rotation: int
    hdr: bool
    interlaced: bool
    taken: Taken | None
    content: str = ""  # which Live Photo it belongs to; empty for other films
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """The film's first pictures as decoded: upright size in square pixels, and ffmpeg's names of their colours."""

    width: int
    height: int
    format: str
    range: str
    matrix: str
    primaries: str
    transfer: str
    interlaced: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Packets:
    """All packets of the video stream: `duration` in seconds from the first picture's start to the last one's end.

    `width` and `height`: coded size, as the container says. `cut_short`: ffmpeg met the end of the file too early.
    """

    count: int
    duration: float
    fps: float
    width: int
    height: int
    cut_short: bool


def probe(path: Path, *, max_side: int, max_hours: float) -> Probe:
    """Everything about a film that its asset needs. Places are never read.

    Raises:
        BadInput: `not-a-film`, `no-video`, `film-undecodable`, `film-cut-short`, `film-too-large`, `film-too-long`,
            or what `sniff` and `ffmpeg.run` find.
        MissingProgram: there is no ffmpeg.
    """
    sniffed = sniff(path)
    if sniffed.kind is not Kind.VIDEO:
        raise BadInput("not-a-film", "This is no film, whatever its name says.")
    packets = read_packets(path)
    _within(packets, max_side, max_hours)
    picture = look(path)
    tracks = _mediainfo(path)
    general, video = tracks.get("General", [{}])[0], tracks.get("Video", [{}])[0]
    stated = _number(video.get("duration")) / 1000
    _whole(packets, stated)
    stream = audio_stream(path)
    return Probe(
        mime=sniffed.mime,
        width=picture.width,
        height=picture.height,
        duration=round(packets.duration, 3),
        fps=round(packets.fps, 3),
        codec=_codec(video),
        audio=stream is not None,
        audio_stream=stream,
        rotation=_rotation(video),
        hdr=picture.transfer in HDR_TRANSFERS,
        interlaced=picture.interlaced,
        taken=_taken(general),
        content=identifier(str(general.get("comapplequicktimecontentidentifier", ""))),
        notes=_notes(tracks, stream, stated),
    )


def read_packets(path: Path) -> Packets:
    """Read every packet of the video stream, decoding none (about as fast as the disk)."""
    tally = _Tally()
    args = ["-v", "error", *ffmpeg.source(path), "-map", VIDEO, "-c", "copy", "-f", "framecrc", "pipe:1"]
    result = ffmpeg.run(args, timeout=_READ_SECONDS, sink=ffmpeg.Lines(tally.line))
    return tally.packets(cut_short=bool(_CUT.search(result.stderr)))


def look(path: Path) -> Picture:
    """Decode the first pictures, rotated as they will be shown.

    Raises:
        BadInput: `film-undecodable`, when there is none.
    """
    args = ["-v", "info", *ffmpeg.source(path), "-map", VIDEO, "-vf", "showinfo=checksum=0"]
    result = ffmpeg.run([*args, "-frames:v", str(_PICTURES), "-f", "null", "-"], timeout=_LOOK_SECONDS)
    frames = [found for line in result.stderr.splitlines() if "showinfo" in line and (found := _FRAME.search(line))]
    colors = _COLORS.search(result.stderr)
    if not frames or colors is None:
        raise BadInput("film-undecodable", "None of this film's pictures can be decoded; export it again as MP4.")
    pixel_format, sar_width, sar_height, width, height = frames[0].group(1, 2, 3, 4, 5)
    return Picture(
        width=max(1, round(int(width) * _aspect(int(sar_width), int(sar_height)))),
        height=int(height),
        format=pixel_format,
        range=colors[1],
        matrix=colors[2],
        primaries=colors[3],
        transfer=colors[4],
        interlaced=any(frame[6] in "TB" for frame in frames),
    )


def audio_stream(path: Path) -> int | None:
    """The first sound stream that really decodes, counted among the sound streams; None if there is none.

    Phones add streams that nobody else decodes (Apple's spatial sound), and not always last.
    """
    for index in range(_MAX_AUDIO):
        args = ["-v", "error", *ffmpeg.source(path), "-map", f"0:a:{index}", "-t", "2", "-f", "framecrc", "pipe:1"]
        try:
            result = ffmpeg.run(args, timeout=_LOOK_SECONDS)
        except BadInput as error:
            if error.problem.code == "no-video":  # what "no such stream" means elsewhere
                return None
            continue
        if any(not line.startswith(b"#") for line in result.stdout.splitlines()):
            return index
    return None


class _Tally:
    """Counts the lines of ffmpeg's framecrc format: `stream, dts, pts, duration, size, crc[, F=flags]`, pts in `#tb`."""

    def __init__(self) -> None:
        self.count = 0
        self.first = self.last = self.end = 0
        self.tick = 1.0
        self.size = (0, 0)

    def line(self, line: bytes) -> None:
        """Take one line."""
        if line.startswith(b"#"):
            self._header(line)
            return
        fields = [field.strip() for field in line.split(b",")]
        flags = int(fields[6].removeprefix(b"F="), 0) if len(fields) > 6 and fields[6].startswith(b"F=") else 0
        if flags & _DISCARDED:
            return
        pts, length = self._time(fields), int(fields[3])
        self.first = pts if not self.count else min(self.first, pts)
        self.last = pts if not self.count else max(self.last, pts)
        self.end = max(self.end, pts + length) if self.count else pts + length
        self.count += 1

    @staticmethod
    def _time(fields: list[bytes]) -> int:
        """When it is shown; when it is decoded, where a broken stream says only that."""
        pts = int(fields[2])
        return pts if abs(pts) < 1 << 62 else int(fields[1])

    def _header(self, line: bytes) -> None:
        found = re.fullmatch(rb"#tb 0: (\d+)/(\d+)", line)
        if found:
            self.tick = int(found[1]) / int(found[2])
        found = re.fullmatch(rb"#dimensions 0: (\d+)x(\d+)", line)
        if found:
            self.size = (int(found[1]), int(found[2]))

    def packets(self, *, cut_short: bool) -> Packets:
        """The sum. A single picture without a length counts as 1/25 s."""
        if not self.count:
            raise BadInput("film-undecodable", "This film holds no pictures; it may be damaged. Send it again.")
        spread = (self.last - self.first) * self.tick
        fps = (self.count - 1) / spread if spread > 0 else 25.0
        duration = max((self.end - self.first) * self.tick, spread) or 1 / fps
        width, height = self.size
        return Packets(count=self.count, duration=duration, fps=fps, width=width, height=height, cut_short=cut_short)


def _within(packets: Packets, max_side: int, max_hours: float) -> None:
    side = max(packets.width, packets.height)
    if side > max_side:
        reason = f"This film is {side} pixels wide or high; the limit is {max_side}."
        raise BadInput("film-too-large", reason, side=side, limit=max_side)
    if packets.duration > max_hours * 3600:
        hours = packets.duration / 3600
        reason = f"This film is {hours:.1f} hours long; the limit is {max_hours:g}. Cut it."
        raise BadInput("film-too-long", reason, hours=round(hours, 1), limit=max_hours)


def _whole(packets: Packets, stated: float) -> None:
    """Refuse a film whose end is missing: by ffmpeg's word, or as the header promised more (`stated`, seconds)."""
    if packets.cut_short or packets.duration < stated * (1 - _LAX_SHARE) - _LAX_SECONDS:
        raise BadInput("film-cut-short", "The end of this film is missing; copy it again from the camera.")


def _aspect(width: int, height: int) -> float:
    """The width of a pixel for a height of 1; 1 where it isn't said, or is absurd."""
    ratio = width / height if width and height else 1.0
    return ratio if 0.25 <= ratio <= 4 else 1.0


def _mediainfo(path: Path) -> dict[str, list[Mapping[str, Any]]]:
    """MediaInfo's tracks by kind, in the file's order."""
    from pymediainfo import MediaInfo  # noqa: PLC0415 - only where films are read

    with path.open("rb") as file:
        parsed = MediaInfo.parse(file)
    tracks: dict[str, list[Mapping[str, Any]]] = {}
    for track in parsed.tracks:
        tracks.setdefault(track.track_type, []).append(track.to_data())
    return tracks


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if 0 < number < 1e12 else 0.0


def _codec(video: Mapping[str, Any]) -> str:
    name = str(video.get("format") or "unknown")
    return _CODECS.get(name, name.lower().replace(" ", "-"))


def _rotation(video: Mapping[str, Any]) -> int:
    degrees = _number(video.get("rotation"))
    return int(degrees) if degrees in {90, 180, 270} else 0


def _taken(general: Mapping[str, Any]) -> Taken | None:
    """Apple's creation date (local time and offset) if there is one, else the container's (UTC by its specification)."""
    apple = str(general.get("comapplequicktimecreationdate", ""))
    plain = re.sub(r"^UTC | UTC$", "", str(general.get("encoded_date", "")))
    for text in (apple, plain):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            continue
        if moment.year < _FIRST_YEAR:
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        local = moment.replace(tzinfo=None).isoformat(timespec="seconds")
        return Taken(local=local, offset=moment.isoformat()[-6:], precision="second", basis="container")
    return None


def _notes(tracks: Mapping[str, list[Mapping[str, Any]]], stream: int | None, stated: float) -> tuple[str, ...]:
    audio, video = tracks.get("Audio", []), tracks.get("Video", [{}])
    found = {
        "audio-undecodable": bool(audio) and stream is None,
        "several-audio-tracks": len(audio) > 1,
        "several-video-tracks": len(video) > 1,
        "embedded-subtitles": bool(tracks.get("Text")),
        "no-duration": not stated,
        "variable-frame-rate": video[0].get("frame_rate_mode") == "VFR",
    }
    return tuple(code for code, holds in found.items() if holds)
