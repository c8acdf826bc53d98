"""Describes an MP4 file that we made: its tracks, how long they are, their codecs as browsers name them, its order.

It reads ISO/IEC 14496-12 (boxes), -14 (esds) and -15 (avcC), and trusts the writer: use it on no stranger's file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAX_INDEX: Final = 1 << 28
_VISUAL_ENTRY: Final = 78  # bytes of a VisualSampleEntry before its boxes
_SOUND_ENTRY: Final = 28  # the same for an AudioSampleEntry
_TAG_LENGTHS: Final = {0x03: 3, 0x04: 13}  # ES and decoder configuration descriptors: fixed bytes before what they hold
_SPECIFIC: Final = 0x05  # DecoderSpecificInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """One track. `kind`: `vide` or `soun`. `duration` in seconds of its media. `codec`: RFC 6381; sizes in pixels."""

    kind: str
    duration: float
    codec: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Movie:
    """A whole file. `faststart`: its index comes before its data, so that it plays while it loads."""

    faststart: bool
    tracks: tuple[Track, ...]

    def first(self, kind: str) -> Track | None:
        """The first track of a kind."""
        return next((track for track in self.tracks if track.kind == kind), None)

    @property
    def codecs(self) -> str:
        """For a `type="video/mp4; codecs=…"`: pictures first."""
        return ", ".join(track.codec for track in sorted(self.tracks, key=lambda track: track.kind != "vide"))


def describe(path: Path) -> Movie:
    """Describe `path`.

    Raises:
        ValueError: it is no MP4 with an index.
    """
    order: list[bytes] = []
    index = b""
    with path.open("rb") as file:
        for kind, size in _outermost(file):
            order.append(kind)
            if kind == b"moov" and size <= _MAX_INDEX:
                index = file.read(size)
    if not index or b"mdat" not in order:
        raise ValueError("no index, or no data")
    tracks = tuple(_track(body) for kind, body in _boxes(index) if kind == b"trak")
    return Movie(faststart=order.index(b"moov") < order.index(b"mdat"), tracks=tracks)


def _outermost(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """The kind and the body's size of each box, with the file at its body's start."""
    at = 0
    while len(head := file.read(8)) == 8:
        size, header = int.from_bytes(head[:4]), 8
        if size == 1:
            size, header = int.from_bytes(file.read(8)), 16
        if size < header:
            raise ValueError("a box ends before it starts")
        yield head[4:], size - header
        at += size
        file.seek(at)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes that `data` consists of: kind and body."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size < 8:
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _inside(data: bytes, *path: bytes) -> bytes:
    """The body of the first box at `path`.

    Raises:
        ValueError: there is none.
    """
    for wanted in path:
        found = next((body for kind, body in _boxes(data) if kind == wanted), None)
        if found is None:
            raise ValueError(f"no {wanted.decode()} box")
        data = found
    return data


def _track(trak: bytes) -> Track:
    media = _inside(trak, b"mdia")
    kind = _inside(media, b"hdlr")[8:12].decode("ascii", "replace")
    entries = _inside(media, b"minf", b"stbl", b"stsd")[8:]
    fourcc, entry = next(_boxes(entries), (b"    ", b""))
    duration = _duration(_inside(media, b"mdhd"))
    if kind == "vide":
        width, height = int.from_bytes(entry[24:26]), int.from_bytes(entry[26:28])
        codec = fourcc.decode("ascii", "replace")
        if fourcc == b"avc1":
            codec = f"avc1.{_inside(entry[_VISUAL_ENTRY:], b'avcC')[1:4].hex()}"
        return Track(kind=kind, duration=duration, codec=codec, width=width, height=height)
    codec = (
        _mp4a(_inside(entry[_SOUND_ENTRY:], b"esds")[4:]) if fourcc == b"mp4a" else fourcc.decode("ascii", "replace")
    )
    return Track(kind=kind, duration=duration, codec=codec)


def _duration(header: bytes) -> float:
    """Seconds, from a media header box of version 0 or 1."""
    if header[0]:
        scale, ticks = int.from_bytes(header[20:24]), int.from_bytes(header[24:32])
    else:
        scale, ticks = int.from_bytes(header[12:16]), int.from_bytes(header[16:20])
    return ticks / scale if scale else 0.0


def _mp4a(descriptors: bytes) -> str:
    """`mp4a.<object type>.<audio object type>`, from the nested descriptors of an esds box."""
    at, object_type = 0, 0
    while at < len(descriptors):
        tag = descriptors[at]
        at += 1
        while descriptors[at] & 0x80:  # the length, 7 bits a byte: what is nested starts right behind
            at += 1
        at += 1
        if tag == _SPECIFIC:
            return f"mp4a.{object_type:x}.{descriptors[at] >> 3}"
        if tag not in _TAG_LENGTHS:
            break
        object_type = descriptors[at] if tag == 0x04 else object_type
        at += _TAG_LENGTHS[tag]
    return f"mp4a.{object_type:x}"
