"""The few entries of a TIFF file's directories that tell RAW from TIFF, where its previews are, and whether it is whole.

TIFF 6.0 (IFD layout), TIFF/EP (ISO 12234-2), DNG 1.6 (tags 50706 and up), BigTIFF.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

SIGNATURES: Final = frozenset({b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"})

XMP: Final = 700
"""The entry that holds an XMP packet."""

_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _MAKE = 254, 259, 262, 271
_PIXELS: Final = ((273, 279), (324, 325))  # strips, tiles: offsets and byte counts
_SUB_IFDS, _DNG_VERSION = 330, 50706
_ORIENTATION, _JPEG, _JPEG_BYTES = 274, 513, 514
_CFA, _LINEAR_RAW = 32803, 34892
# Compressions that only cameras write: Sony, Nikon (packed and compressed), Samsung, Kodak, Pentax.
_RAW_COMPRESSIONS: Final = frozenset({32767, 32769, 34713, 32770, 32772, 32867, 65000, 65535})
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_INTEGERS: Final = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_MAX_ENTRIES, _MAX_VALUES, _MAX_DIRECTORIES = 1024, 65_536, 12

_MAKERS: Final = (
    ("NIKON", "image/x-nikon-nef", "nef"),
    ("SONY", "image/x-sony-arw", "arw"),
    ("CANON", "image/x-canon-cr2", "cr2"),
    ("PENTAX", "image/x-pentax-pef", "pef"),
    ("RICOH", "image/x-pentax-pef", "pef"),
    ("SAMSUNG", "image/x-samsung-srw", "srw"),
    ("KODAK", "image/x-kodak-dcr", "dcr"),
    ("EASTMAN", "image/x-kodak-dcr", "dcr"),
    ("SEIKO EPSON", "image/x-epson-erf", "erf"),
    ("HASSELBLAD", "image/x-hasselblad-3fr", "3fr"),
    ("PHASE ONE", "image/x-phaseone-iiq", "iiq"),
    ("LEAF", "image/x-leaf-mos", "mos"),
    ("MAMIYA", "image/x-mamiya-mef", "mef"),
    ("LEICA", "image/x-leica-rwl", "rwl"),
    ("OLYMPUS", "image/x-olympus-orf", "orf"),
    ("PANASONIC", "image/x-panasonic-rw2", "rw2"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What the directories say.

    `raw`: (mime, extension) of a RAW file, None for a plain TIFF. `end`: the byte after the last pixel data and
    directory, so a whole file is at least as long; 0: there is no first directory. `packed`: the pixels are compressed.
    """

    raw: tuple[str, str] | None
    end: int
    packed: bool


@dataclass(frozen=True, slots=True)
class _Reader:
    file: BinaryIO
    order: str
    big: bool
    size: int

    def read(self, offset: int, count: int) -> bytes:
        """Bytes of the file; none beyond its end, where a damaged offset may point."""
        if offset >= self.size:
            return b""
        self.file.seek(offset)
        return self.file.read(count)

    def directory(self, offset: int) -> tuple[dict[int, bytes | tuple[int, ...]], int]:
        """The interesting entries of the directory at `offset`, and where it ends (0: there is none)."""
        width, entry = ("Q", 20) if self.big else ("H", 12)
        counted = self.read(offset, struct.calcsize(width))
        if len(counted) < struct.calcsize(width):
            return {}, 0
        count = min(struct.unpack(self.order + width, counted)[0], _MAX_ENTRIES)
        table = self.read(offset + len(counted), count * entry)
        found = {}
        for at in range(0, len(table) - entry + 1, entry):
            tag = int.from_bytes(table[at : at + 2], "little" if self.order == "<" else "big")
            if tag in _WANTED:
                found[tag] = self._value(table[at : at + entry])
        return found, offset + len(counted) + count * entry if count else 0

    def bytes_of(self, offset: int, tag: int, limit: int) -> bytes:
        """The bytes of the entry `tag` (of type BYTE or UNDEFINED, as blocks are) in the directory at `offset`."""
        width, entry, form = ("Q", 20, "HHQQ") if self.big else ("H", 12, "HHII")
        counted = self.read(offset, struct.calcsize(width))
        count = struct.unpack(self.order + width, counted)[0] if len(counted) == struct.calcsize(width) else 0
        table = self.read(offset + len(counted), min(count, _MAX_ENTRIES) * entry)
        for at in range(0, len(table) - entry + 1, entry):
            found, kind, size, place = struct.unpack_from(self.order + form, table, at)
            if found == tag and _SIZES.get(kind) == 1 and struct.calcsize(form[-1]) < size <= limit:
                return self.read(place, size)
        return b""

    def following(self, end: int) -> int:
        """The offset of the directory after the one that ends at `end`; 0: there is none."""
        data = self.read(end, 8 if self.big else 4)
        return int.from_bytes(data, "little" if self.order == "<" else "big")

    def _value(self, entry: bytes) -> bytes | tuple[int, ...]:
        form = self.order + ("HHQ" if self.big else "HHI")
        _, kind, count = struct.unpack_from(form, entry)
        inline = entry[struct.calcsize(form) :]
        size = min(count, _MAX_VALUES) * _SIZES.get(kind, 1)
        if size > len(inline):
            inline = self.read(struct.unpack(self.order + ("Q" if self.big else "I"), inline)[0], size)
        code = _INTEGERS.get(kind)
        if code is None:
            return inline[:size]
        whole = len(inline[:size]) // struct.calcsize(code)
        return struct.unpack_from(f"{self.order}{whole}{code}", inline)


_WANTED: Final = frozenset(
    {
        *(_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _MAKE, _SUB_IFDS, _DNG_VERSION),
        *(_ORIENTATION, _JPEG, _JPEG_BYTES, *(tag for pair in _PIXELS for tag in pair)),
    }
)


def summary(file: BinaryIO) -> Summary:
    """Read the first directory and its sub-directories: a few small reads, however large the file is."""
    head, opened = _open(file)
    if opened is None:
        return Summary(raw=None, end=0, packed=False)
    reader, start = opened
    first, end = reader.directory(start)
    if not end:
        return Summary(raw=None, end=0, packed=False)
    directories = [first]
    for offset in _integers(first, _SUB_IFDS)[:_MAX_DIRECTORIES]:
        sub, sub_end = reader.directory(offset)
        directories.append(sub)
        end = max(end, sub_end)
    end = max([end, *(last for directory in directories for last in _pixel_ends(directory))])
    packed = any(_integers(directory, _COMPRESSION)[:1] not in {(), (1,)} for directory in directories)
    return Summary(raw=_raw(head, directories), end=end, packed=packed)


def _open(file: BinaryIO) -> tuple[bytes, tuple[_Reader, int] | None]:
    """The first bytes; and a reader with the offset of the first directory, or None where the header isn't whole."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = b"+" in head[2:4]
    if len(head) < (16 if big else 8):
        return head, None
    start = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)[0]
    return head, (_Reader(file, order, big, size), start)


def block(file: BinaryIO, tag: int, limit: int) -> bytes:
    """The bytes of one entry of the first directory, such as the XMP packet; none where it is absent or longer than `limit`."""
    head, opened = _open(file)
    if opened is None or head[:4] not in SIGNATURES:
        return b""
    reader, start = opened
    return reader.bytes_of(start, tag, limit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Embedded:
    """What may be JPEGs inside a RAW file: (offset, bytes) each; and how the camera was held (tag 274; 1: upright)."""

    places: tuple[tuple[int, int], ...]
    orientation: int


def embedded(file: BinaryIO) -> Embedded:
    """Where the directories (the chain, and the sub-directories of each) say that JPEGs are. None was looked at.

    Olympus writes the same directories behind signatures of its own.
    """
    _, opened = _open(file)
    if opened is None:
        return Embedded(places=(), orientation=1)
    reader, start = opened
    places: list[tuple[int, int]] = []
    turns: list[int] = []
    waiting, seen = [start], set[int]()
    while waiting and len(seen) < _MAX_DIRECTORIES:
        at = waiting.pop(0)
        if at in seen or not at:
            continue
        seen.add(at)
        directory, end = reader.directory(at)
        turns += _integers(directory, _ORIENTATION)[:1]
        places += _jpegs(directory)
        waiting += _integers(directory, _SUB_IFDS)[:_MAX_DIRECTORIES]
        if end:
            waiting.append(reader.following(end))
    return Embedded(places=tuple(places), orientation=turns[0] if turns else 1)


def _jpegs(directory: dict[int, bytes | tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    yield from zip(_integers(directory, _JPEG)[:1], _integers(directory, _JPEG_BYTES)[:1], strict=False)
    offsets, counts = _integers(directory, _PIXELS[0][0]), _integers(directory, _PIXELS[0][1])
    if len(offsets) == 1 == len(counts):
        yield offsets[0], counts[0]


def _integers(directory: dict[int, bytes | tuple[int, ...]], tag: int) -> tuple[int, ...]:
    value = directory.get(tag, ())
    return value if isinstance(value, tuple) else ()


def _pixel_ends(directory: dict[int, bytes | tuple[int, ...]]) -> Iterator[int]:
    for offsets, counts in _PIXELS:
        for offset, count in zip(_integers(directory, offsets), _integers(directory, counts), strict=False):
            yield offset + count


def _raw(head: bytes, directories: list[dict[int, bytes | tuple[int, ...]]]) -> tuple[str, str] | None:
    first = directories[0]
    if head[8:10] == b"CR":
        return "image/x-canon-cr2", "cr2"
    if _DNG_VERSION in first:
        return "image/x-adobe-dng", "dng"
    if not any(map(_is_sensor_data, directories)) and not _is_preview_of_raw(first):
        return None
    make = first.get(_MAKE, b"")
    maker = make.decode("latin-1").strip("\x00 ").upper() if isinstance(make, bytes) else ""
    return next(((mime, ext) for name, mime, ext in _MAKERS if maker.startswith(name)), ("image/x-dcraw", "raw"))


def _is_sensor_data(directory: dict[int, bytes | tuple[int, ...]]) -> bool:
    photometric = _integers(directory, _PHOTOMETRIC)[:1]
    compression = _integers(directory, _COMPRESSION)[:1]
    return photometric in {(_CFA,), (_LINEAR_RAW,)} or bool(_RAW_COMPRESSIONS.intersection(compression))


def _is_preview_of_raw(first: dict[int, bytes | tuple[int, ...]]) -> bool:
    """A camera's file whose first picture is only a reduced one, with the real one in a sub-directory (NEF, ARW)."""
    return _MAKE in first and _SUB_IFDS in first and bool(_integers(first, _SUBFILE)[:1] == (1,))
