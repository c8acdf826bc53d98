"""IPTC-IIM captions in a JPEG's Photoshop segment (APP13), as press photographers' software writes them."""

from __future__ import annotations

import struct

UTF8 = b"\x1b%G"  # ISO 2022 escape sequence of UTF-8, in dataset 1:90
BY_LINE, HEADLINE, CAPTION = 80, 105, 120
_APP13 = 0xED


def iim(datasets: dict[int, str]) -> bytes:
    """IIM records in UTF-8: of record 2, each dataset's text by its number."""
    parts = [_dataset(1, 90, UTF8), _dataset(2, 0, b"\x00\x04")]
    parts += [_dataset(2, number, text.encode()) for number, text in sorted(datasets.items()) if text]
    return b"".join(parts)


def _dataset(record: int, number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def app13(records: bytes) -> bytes:
    """A whole APP13 segment: Photoshop's image resource 0x0404 with the records."""
    padded = records + b"\x00" * (len(records) % 2)
    resource = b"8BIM" + struct.pack(">HxxI", 0x0404, len(records)) + padded
    payload = b"Photoshop 3.0\x00" + resource
    return struct.pack(">BBH", 0xFF, _APP13, len(payload) + 2) + payload


def with_segment(jpeg: bytes, segment: bytes) -> bytes:
    """Put a segment behind the application segments that a JPEG begins with."""
    at = 2
    while jpeg[at] == 0xFF and 0xE0 <= jpeg[at + 1] <= 0xEF:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return jpeg[:at] + segment + jpeg[at:]


def without_metadata(jpeg: bytes) -> bytes:
    """The same pixels, bit for bit, without EXIF, XMP and IPTC: what a privacy tool leaves."""
    kept, at = [jpeg[:2]], 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if jpeg[at + 1] not in {0xE1, _APP13}:
            kept.append(jpeg[at:end])
        at = end
    return b"".join(kept) + jpeg[at:]
