"""Makes an ICC profile of the colour code points (`nclx`) that AVIF and HEIC may carry instead: P3, BT.2020, PQ, HLG.

Without it an HDR picture comes out dark and pale, and a wide-gamut one pale. The code points are those of ITU-T H.273;
HDR is brought to the range of a page by a shoulder that leaves everything below three quarters of white as it is.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HDR_TRANSFERS: Final = frozenset({16, 18})

# H.273, table 2: chromaticities of red, green, blue; all with white D65.
_PRIMARIES: Final = {
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),  # BT.709, sRGB
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
_D65: Final = (0.3127, 0.3290)
_D50: Final = (0.9642, 1.0, 0.8249)  # ICC.1:2022, 7.2.16
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_WHITE: Final = 203.0  # candela per square metre of diffuse white in HDR: ITU-R BT.2408
_KNEE: Final = 0.75
_ENTRIES: Final = 4096


def code_points(head: bytes) -> tuple[int, int] | None:
    """Primaries and transfer characteristics from the first `nclx` box in the beginning of a file, if there is one."""
    found = re.search(rb"colrnclx(..)(..)", head, re.DOTALL)
    return (int.from_bytes(found[1]), int.from_bytes(found[2])) if found else None


@lru_cache(maxsize=16)
def profile_of(primaries: int, transfer: int) -> bytes | None:
    """The ICC profile for these code points; None where the pixels can be taken for sRGB, or the points are unknown."""
    corners = _PRIMARIES.get(primaries)
    if corners is None or (primaries == 1 and transfer not in HDR_TRANSFERS):
        return None
    return _matrix_profile(_colorants(corners), _curve(transfer))


def _curve(transfer: int) -> NDArray[np.float64]:
    """Linear light, 1 being the white of a page, for evenly spaced code values from 0 to 1."""
    code = np.linspace(0.0, 1.0, _ENTRIES)
    if transfer == 16:
        return _shoulder(_pq(code) * 10_000 / _WHITE)
    if transfer == 18:
        return _shoulder(_hlg(code) * 1_000 / _WHITE)
    if transfer == 8:
        return code
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def _pq(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084: code values to light, 1 being 10,000 candela per square metre."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = code ** (1 / m2)
    return np.asarray((np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1))


def _hlg(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """ITU-R BT.2100 HLG: code values to light on a display of 1,000 candela per square metre (system gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    return np.asarray(scene**1.2)


def _shoulder(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """`light` without anything above 1: unchanged up to the knee, then ever flatter."""
    room = 1 - _KNEE
    return np.asarray(
        np.where(light <= _KNEE, light, _KNEE + room * (1 - np.exp(-np.maximum(light - _KNEE, 0) / room)))
    )


def _colorants(corners: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """The columns XYZ of red, green and blue, adapted from D65 to D50 (Bradford)."""
    primaries = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in corners]).T
    x, y = _D65
    white = np.array([x / y, 1.0, (1 - x - y) / y])
    matrix = primaries * np.linalg.solve(primaries, white)
    gains = (_BRADFORD @ np.array(_D50)) / (_BRADFORD @ white)
    return np.asarray(np.linalg.solve(_BRADFORD, gains[:, None] * (_BRADFORD @ matrix)))


def _matrix_profile(colorants: NDArray[np.float64], curve: NDArray[np.float64]) -> bytes:
    """A display profile of three colorants and one tone curve (ICC.1:2001-04, 6.3.1.2), with the tags that count."""
    values = np.round(curve * 65535).astype(">u2").tobytes()
    tone = struct.pack(">4s4xI", b"curv", len(curve)) + values
    blocks = {name: _xyz(colorants[:, index]) for index, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    blocks[b"wtpt"] = _xyz(np.array(_D50))
    blocks |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), tone)
    offset = 128 + 4 + 12 * len(blocks)
    table, body = struct.pack(">I", len(blocks)), b""
    for name, block in blocks.items():
        table += struct.pack(">4sII", name, offset + len(body), len(block))
        body += block
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        offset + len(body),
        0x02100000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        b"acsp",
        *(round(value * 65536) for value in _D50),
    )
    return header + table + body


def _xyz(values: NDArray[np.float64]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(float(value) * 65536) for value in values))
