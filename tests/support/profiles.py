"""Colour profiles that no package ships, made here."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np

from mediaarchive.media.codepoints import _colorants, _matrix_profile

ADOBE_RGB = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))  # Adobe RGB (1998), 4.3.1: primaries in CIE xy


def adobe_rgb() -> bytes:
    """Adobe RGB (1998): its primaries, and a gamma of 563/256."""
    return _matrix_profile(_colorants(ADOBE_RGB), np.linspace(0, 1, 1024) ** (563 / 256))


def cmyk_profile() -> bytes:
    """A CMYK profile of our own: a 2 x 2 x 2 x 2 table from ink to Lab in which cyan prints as a light orange.

    So a conversion that ignores it can't pass (ICC.1:2001-04, 6.5.8: lut8Type).
    """
    ramp = bytes(range(256))
    grid = [
        (0, 128, 128)
        if black
        else (round(255 * (0.9 - 0.2 * (cyan + magenta + yellow) / 3)), 128 + 20 * cyan, 128 + 40 * cyan)
        for cyan in (0, 1)
        for magenta in (0, 1)
        for yellow in (0, 1)
        for black in (0, 1)
    ]
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = (
        b"mft1"
        + bytes(4)
        + bytes((4, 3, 2, 0))
        + identity
        + ramp * 4
        + b"".join(bytes(color) for color in grid)
        + ramp * 3
    )
    white = struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061)
    tags = {b"A2B0": table, b"wtpt": white}
    return assembled(b"prtr", b"CMYK", b"Lab ", tags)


def assembled(kind: bytes, space: bytes, connection: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """A profile (ICC.1:2001-04, 6.1) of a class, from a colour space to a connection space, under D50."""
    offset = 128 + 4 + 12 * len(tags)
    index, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        index += struct.pack(">4sII", name, offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    names = (kind, space, connection, b"acsp")
    head = struct.pack(">I4xI4s4s4s12x4s28x3i48x", offset + len(body), 0x02100000, *names, 63190, 65536, 54061)
    return head + index + body
