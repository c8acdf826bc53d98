"""The picture inside a camera's RAW file: the largest JPEG that the camera put there, or a development of the sensor's data.

Places of previews: TIFF/EP directories (NEF, ARW, DNG, CR2, PEF, SRW, ORF), the header of RAF (Fujifilm), the boxes of
CR3 (Canon). Where those lead to none (ORF and RW2 hide theirs in maker notes), the file is searched for a JPEG that is large
enough. Without one, rawpy (the extra `raw`) develops the sensor's data.
"""

from __future__ import annotations

import mmap
import re
import struct
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mediaarchive.errors import BadInput
from mediaarchive.media import boxes, tiff
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SMALLEST: Final = 1000
"""The long edge, in pixels, below which a preview is no picture to show."""

PREVIEW, DEVELOPED = "raw-preview", "raw-developed"
_RAW_TYPES: Final = "image/x-"
_RAF, _RAF_PLACE = b"FUJIFILMCCD-RAW", 84
_CR3_PREVIEW: Final = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_PRVW_HEADER: Final = 24  # the box's header, version, sizes and length before its JPEG
_HEAD: Final = 65_536
_SIZES: Final = frozenset(
    {0xC0, 0xC1, 0xC2}
)  # frames that a browser's decoder knows: not the lossless ones of sensor data
_OTHER_FRAMES: Final = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SEGMENTS: Final = 200
_START: Final = b"\xff\xd8\xff"
_MOST_STARTS: Final = 5_000


def is_raw(mime: str) -> bool:
    """Whether a content type (see `media.sniff`) is a camera's RAW format."""
    return mime.startswith(_RAW_TYPES)


@contextmanager
def displayable(path: Path) -> Iterator[tuple[Path, str | None]]:
    """A file that picture decoders can open, and how it came to be: `path` itself, or what a RAW file has inside.

    Yields:
        The file, gone afterwards unless it is `path`; and None, `raw-preview` or `raw-developed`.

    Raises:
        BadInput: `raw`: nothing inside is large enough to be shown.
    """
    try:
        found = sniff(path)
    except BadInput:
        found = None  # whoever decodes it says why
    if found is None or found.kind is not Kind.OTHER or not is_raw(found.mime):
        yield path, None
        return
    with tempfile.TemporaryDirectory(prefix="raw-") as folder:
        target = Path(folder) / "picture"
        if preview := _preview(path):
            target.write_bytes(preview)
            yield target, PREVIEW
        elif _develop(path, target):
            yield target, DEVELOPED
        else:
            raise BadInput(
                "raw", "This is a camera's raw file without a picture that can be shown; send a JPEG beside it."
            )


def _preview(path: Path) -> bytes | None:
    """The largest JPEG inside, with the camera's orientation; None where all are too small."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = _embedded(file, data)
        sized = list(_large(data, found.places)) or list(_large(data, _anywhere(data)))
        if not sized:
            return None
        _, (at, count) = max(sized, key=lambda entry: (entry[0][0] * entry[0][1], entry[1]))
        return _upright(data[at : at + count], found.orientation)


def _large(data: mmap.mmap, places: Iterable[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """(size in pixels, place) of the JPEGs among `places` that are worth showing."""
    for place in places:
        if (size := _jpeg_size(data, place)) and max(size) >= SMALLEST:
            yield size, place


def _anywhere(data: mmap.mmap) -> Iterator[tuple[int, int]]:
    """Where a JPEG may start. In sensor data three such bytes are rare, and a whole header behind them rarer."""
    at = data.find(_START)
    for _ in range(_MOST_STARTS):
        if at < 0:
            return
        yield at, len(data) - at
        at = data.find(_START, at + len(_START))


def _embedded(file: object, data: mmap.mmap) -> tiff.Embedded:
    if data[: len(_RAF)] == _RAF:
        place = int.from_bytes(data[_RAF_PLACE : _RAF_PLACE + 4]), int.from_bytes(data[_RAF_PLACE + 4 : _RAF_PLACE + 8])
        return tiff.Embedded(places=(place,), orientation=1)
    if data[4:8] == b"ftyp":
        return _canon(data)
    return tiff.embedded(file)  # type: ignore[arg-type]


def _canon(data: mmap.mmap) -> tiff.Embedded:
    """CR3: a preview in a box of its own, the picture in full size at the start of the media data."""
    places = []
    for box in boxes.top_level(data):
        if box.kind == b"uuid" and data[box.start + 8 : box.start + 24] == _CR3_PREVIEW:
            at = data.find(b"PRVW", box.start, min(box.end, box.start + 64))
            if at >= 0:
                places.append((at - 4 + _PRVW_HEADER, int.from_bytes(data[at + 16 : at + 20])))
        elif box.kind == b"mdat":
            start = box.start + (16 if data[box.start : box.start + 4] == b"\0\0\0\1" else 8)
            places.append((start, box.end - start))
    turn = re.search(rb"CMT1II\*\0.{4,400}?\x12\x01\x03\0\x01\0\0\0(.)\0", data[:_HEAD], re.DOTALL)
    return tiff.Embedded(places=tuple(places), orientation=turn[1][0] if turn else 1)


def _jpeg_size(data: mmap.mmap, place: tuple[int, int]) -> tuple[int, int] | None:
    """The size of the JPEG at `place`; None: there is none, or one that only RAW developers read."""
    at, end = place[0], min(sum(place), len(data))
    if end - at < 4 or data[at : at + 3] != b"\xff\xd8\xff":
        return None
    at += 2
    for _ in range(_SEGMENTS):
        if at + 9 > end or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _SIZES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return (width, height) if data[at + 4] == 8 else None
        if marker in {0xDA, 0xD9} or marker in _OTHER_FRAMES:
            return None
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _upright(jpeg: bytes, orientation: int) -> bytes:
    """`jpeg` with the orientation that its RAW file tells, unless it has its own."""
    import io  # noqa: PLC0415 - workers only

    from PIL import ExifTags, Image  # noqa: PLC0415 - workers only

    if not 2 <= orientation <= 8:
        return jpeg
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            if image.getexif().get(ExifTags.Base.Orientation):
                return jpeg
    except Exception:  # noqa: BLE001 - a damaged preview is told by whoever decodes it
        return jpeg
    block = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 274, 3, 1, orientation, 0, 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


def _develop(path: Path, target: Path) -> bool:
    """Develop the sensor's data with LibRaw, where the extra `raw` is installed; whether there is a picture now."""
    try:
        import rawpy  # noqa: PLC0415 - an extra
    except ImportError:
        return False
    from PIL import Image  # noqa: PLC0415 - workers only

    try:
        with rawpy.imread(str(path)) as raw:
            pixels = raw.postprocess(use_camera_wb=True, output_bps=8)
    except (rawpy.LibRawError, ValueError):
        return False
    if max(pixels.shape[:2]) < SMALLEST:
        return False
    Image.fromarray(pixels).save(target, "TIFF")
    return True
