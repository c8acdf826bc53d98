"""Whether a file has its end, judged by its structure and without decoding it: an upload may have stopped halfway.

Two things give a torn upload away: the structure promises more bytes than there are, or (where the sender reserved the
room first) the rest is zeros. Films are never read whole; of a photograph only markers are looked at.
"""

from __future__ import annotations

import hashlib
import io
import mmap
import re
import warnings
from typing import TYPE_CHECKING, Final

from mediaarchive.errors import BadInput
from mediaarchive.media import boxes, tiff

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UNFINISHED: Final = frozenset({"empty", "incomplete"})
"""Codes of files that may still be arriving: worth waiting for `[ingest] patience` before they are refused."""

_TORN: Final = "The end of this file is missing, as if its upload had been interrupted; send it again."
_NO_MARKER: Final = (
    "This photo lacks its end mark, though all of it seems to be there; look at it, save it again, and send that."
)
# A marker that ends a JPEG scan: not a stuffed 0xFF00, a restart marker or a fill byte (ITU-T T.81, B.1.1).
_SCAN_END: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_HOLE: Final = bytes(65_536)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOFn: the frame headers
# Below this a picture is flat (a black slide), and its entropy code, if optimised, is all zeros; photographs take ten times more.
_FLAT_BITS: Final = 0.1  # bits per pixel
_CHUNKS: Final = 200_000
_STILL_ZEROS: Final = 256  # entropy coding never ends a picture in so many zeros


def check_complete(path: Path, mime: str) -> None:
    """Return if `path`, whose content is `mime` (see `media.sniff`), has its end.

    Raises:
        BadInput: `incomplete`: its end is missing, or is zeros. `no-end-marker`: a JPEG or GIF that lacks only the mark
            after the picture: it can be shown, and a human should look at it first.
    """
    if not path.stat().st_size:
        raise BadInput("empty", "This file is empty (0 bytes); send the photo again.")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if mime == "image/tiff" or data[:4] in tiff.SIGNATURES:
            summary = tiff.summary(file)
            # Uncompressed pixels of a dark stage may be zeros: only much of them is suspicious.
            zeros = 4096 if summary.packed else max(65_536, len(data) // 4)
            # What follows the last data that the directories name is a camera's padding.
            torn = _ends_in_zeros(data, len(data), zeros) and _ends_in_zeros(data, summary.end, zeros)
            _require(0 < summary.end <= len(data) and not torn)
            return
        check = _CHECKS.get(mime)
        if check is not None:
            check(data)
        else:
            _require(not _ends_in_zeros(data, len(data), _film_zeros(len(data))))


def _require(held: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not held:
        raise BadInput("incomplete", _TORN)


def _ends_in_zeros(data: mmap.mmap, end: int, count: int) -> bool:
    """Whether the `count` bytes before `end` are zeros; at most 1 MiB is read, and never more than a quarter."""
    count = min(count, 1 << 20, end // 4)
    return count >= 64 and not data[end - count : end].strip(b"\x00")


def _film_zeros(size: int) -> int:
    """How many zeros at a film's end are suspicious: half a MiB is more silence than is ever stored in one piece."""
    return max(4096, min(size // 8, 1 << 19))


def _jpeg(data: mmap.mmap) -> None:
    scan, end, pixels = _jpeg_walk(data)
    if end:
        flat = 8 * (end - scan) < _FLAT_BITS * pixels
        _require(flat or data.find(_HOLE, scan, end) < 0)
        return
    _require(bool(scan) and not _ends_in_zeros(data, len(data), 64))
    if _decodes_alike(data):
        raise BadInput("no-end-marker", _NO_MARKER)
    _require(held=False)


def _jpeg_walk(data: mmap.mmap) -> tuple[int, int, int]:
    """Where the first scan starts, where the picture ends (after EOI; 0 where there is none), and how many pixels it has.

    Segments are skipped by their length, so the end of an embedded thumbnail doesn't count; what follows EOI (a gain
    map, a film, a trailer) doesn't either.
    """
    at, scan, pixels = 2, 0, 0
    while found := _SCAN_END.search(data, at):
        marker, at = data[found.end() - 1], found.end()
        if marker == 0xD9:
            return scan, at, pixels
        if marker in {0x01, 0xD8}:
            continue
        length = int.from_bytes(data[at : at + 2])
        if marker == 0xDA:
            scan = scan or at + length
        elif marker in _FRAMES and not scan:
            pixels = int.from_bytes(data[at + 3 : at + 5]) * int.from_bytes(data[at + 5 : at + 7])
        at += max(length, 2)
    return min(scan, len(data)), 0, pixels


def _decodes_alike(data: mmap.mmap) -> bool:
    """Whether bytes after the end change nothing: then the decoder had all it needed for every pixel.

    Only a JPEG without end marker is decoded for this, once with an end marker and once with noise before it.
    """
    from PIL import Image  # noqa: PLC0415

    noise = hashlib.shake_256(b"no picture ends like this").digest(4096).replace(b"\xff", b"\xfe")
    # A picture with restart intervals looks for its next restart marker: all eight are there, in turn.
    noise += b"".join(noise[at : at + 64] + bytes((0xFF, 0xD0 + at // 64 % 8)) for at in range(0, 4096, 64))
    digests = set()
    for tail in (b"\x00\xff\xd9", b"\x00" + noise + b"\xff\xd9"):  # the zero completes a cut 0xFF00
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(data[:] + tail), formats=("JPEG",)) as image:
                    if "progressive" not in image.info:  # its later scans don't show in a reduced decode
                        image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
                    digests.add(hashlib.sha256(image.tobytes()).digest())
        except Exception:  # noqa: BLE001 - Pillow raises a dozen kinds for damaged files; all mean: it doesn't decode
            return False
    return len(digests) == 1


def _png(data: mmap.mmap) -> None:
    at = 8
    for _ in range(_CHUNKS):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind == b"IEND" or not kind.isalpha():
            break
        at += 12 + length
    # Where the chain of chunks is broken, an end mark at the very end says: damaged, which decoding will tell.
    _require(data[at + 4 : at + 8] == b"IEND" or data.rfind(b"IEND\xaeB`\x82", max(0, len(data) - 4096)) >= 0)


def _gif(data: mmap.mmap) -> None:
    at = 13 + _color_table(data[10:11])
    whole = broken = False
    while at < len(data) and not broken:
        block = data[at]
        if block == 0x3B:
            return
        if block == 0x2C:
            at += 10 + _color_table(data[at + 9 : at + 10]) + 1
        elif block == 0x21:
            at += 2
        else:
            broken = True  # damaged, which decoding will tell
            continue
        while at < len(data) and data[at]:
            at += 1 + data[at]
        whole = whole or (block == 0x2C and at < len(data))
        at += 1
    if whole and at == len(data):
        raise BadInput("no-end-marker", _NO_MARKER)
    _require(broken and data[-2:] == b"\x00\x3b")


def _color_table(flags: bytes) -> int:
    """Bytes of the colour table that a GIF's packed field announces."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _riff(data: mmap.mmap) -> None:
    _require(int.from_bytes(data[4:8], "little") + 8 <= len(data))
    _require(not _ends_in_zeros(data, len(data), _STILL_ZEROS if data[8:12] == b"WEBP" else _film_zeros(len(data))))


def _iso(data: mmap.mmap) -> None:
    found = list(boxes.top_level(data))
    kinds = {box.kind for box in found}
    _require(bool(kinds & {b"moov", b"meta", b"jp2c"}) and all(box.end <= len(data) for box in found))
    # Without media data, nothing unexplained may follow: it is where the data should have arrived.
    _require(bool(kinds & {b"mdat", b"jp2c"}) or found[-1].end == len(data))
    still = b"moov" not in kinds
    for box in found:
        if box.kind == b"mdat":
            count = _STILL_ZEROS if still else _film_zeros(box.end - box.start)
            _require(not _ends_in_zeros(data, box.end, min(count, box.end - box.start)))


def _matroska(data: mmap.mmap) -> None:
    _require(boxes.matroska_end(data) <= len(data))
    _require(not _ends_in_zeros(data, len(data), _film_zeros(len(data))))


def _pdf(data: mmap.mmap) -> None:
    _require(data.rfind(b"%%EOF", max(0, len(data) - 4096)) >= 0)


def _bmp(data: mmap.mmap) -> None:
    _require(int.from_bytes(data[2:6], "little") <= len(data))
    _require(not _ends_in_zeros(data, len(data), max(65_536, len(data) // 4)))


_CHECKS: Final[dict[str, Callable[[mmap.mmap], None]]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "application/pdf": _pdf,
    **dict.fromkeys(("image/webp", "video/x-msvideo"), _riff),
    **dict.fromkeys(("image/heic", "image/heif", "image/avif", "image/jp2", "image/x-canon-cr3"), _iso),
    **dict.fromkeys(("video/mp4", "video/quicktime", "video/3gpp", "video/3gpp2"), _iso),
    **dict.fromkeys(("video/webm", "video/x-matroska"), _matroska),
}
