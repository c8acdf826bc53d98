"""The outermost elements of ISO base media files (ISO/IEC 14496-12) and Matroska: where they start and should end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator

_MAX_BOXES: Final = 500_000  # an hour of fragments of 10 ms
_SEGMENT: Final = b"\x18\x53\x80\x67"


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its four-character kind, where its header starts, and where it ends by its own word (in bytes)."""

    kind: bytes
    start: int
    end: int


def top_level(data: mmap.mmap) -> Iterator[Box]:
    """The boxes in order. The walk ends at the file's end, or at what is no box (a camera maker's trailer)."""
    at = 0
    for _ in range(_MAX_BOXES):
        kind, size = data[at + 4 : at + 8], int.from_bytes(data[at : at + 4])
        if len(kind) < 4 or not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind):
            return
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        end = len(data) if size == 0 else at + size
        if end < at + 8:
            return
        yield Box(kind, at, end)
        at = end


def matroska_end(data: mmap.mmap) -> int:
    """Where the segment ends by its own word; 0: it doesn't know (a live recording); beyond the file: there is none."""
    header, width = _vint(data, 4)
    at = 4 + width + (header or 0)
    while data[at : at + 1] == b"\xec":  # void elements may stand between
        size, width = _vint(data, at + 1)
        at += 1 + width + (size or 0)
    if data[at : at + 4] != _SEGMENT:
        return len(data) + 1
    size, width = _vint(data, at + 4)
    return 0 if size is None else at + 4 + width + size


def _vint(data: mmap.mmap, at: int) -> tuple[int | None, int]:
    """An EBML size (RFC 8794) and its width in bytes; None: unknown."""
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()
    if width > 8:
        return 0, 1
    mask = (1 << (7 * width)) - 1
    value = int.from_bytes(data[at : at + width]) & mask
    return (None if value == mask else value), width
