"""EXIF as cameras write it: make, model, serial number, time to the fraction of a second, place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

DESCRIPTION, MAKE, MODEL, ORIENTATION, SOFTWARE, CHANGED = 0x010E, 0x010F, 0x0110, 0x0112, 0x0131, 0x0132
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
EXPOSURE, APERTURE, ISO, VERSION, ORIGINAL, DIGITIZED = 0x829A, 0x829D, 0x8827, 0x9000, 0x9003, 0x9004
OFFSET_ORIGINAL, SUBSEC_ORIGINAL, FOCAL_LENGTH, SERIAL = 0x9011, 0x9291, 0x920A, 0xA431


@dataclass(frozen=True, kw_only=True)
class Camera:
    """An invented camera.

    `shift`: what its clock shows less Brussels time. `offset`: written as OffsetTimeOriginal, where it knows.
    """

    make: str
    model: str
    serial: str
    software: str
    shift: timedelta = timedelta()
    offset: str | None = None
    focal: int = 35


def exif(
    camera: Camera,
    taken: datetime,
    *,
    subsec: str,
    orientation: int = 1,
    place: tuple[float, float] | None = None,
    description: str = "",
) -> bytes:
    """The EXIF block of a photograph, as Pillow's `save(exif=…)` wants it.

    Args:
        camera: which camera.
        taken: Brussels time, naive.
        subsec: the fraction's digits.
        orientation: the EXIF orientation, 1 to 8.
        place: latitude and longitude in degrees, north and east.
        description: ImageDescription; empty: none.
    """
    shown = (taken + camera.shift).strftime("%Y:%m:%d %H:%M:%S")
    block = Image.Exif()
    if description:
        block[DESCRIPTION] = description
    block[MAKE], block[MODEL], block[SOFTWARE] = camera.make, camera.model, camera.software
    block[ORIENTATION], block[CHANGED] = orientation, shown
    inner: dict[int, object] = {
        EXPOSURE: IFDRational(1, 125),
        APERTURE: IFDRational(28, 10),
        ISO: 400,
        VERSION: b"0232",
        ORIGINAL: shown,
        DIGITIZED: shown,
        SUBSEC_ORIGINAL: subsec,
        FOCAL_LENGTH: IFDRational(camera.focal, 1),
        SERIAL: camera.serial,
    }
    if camera.offset:
        inner[OFFSET_ORIGINAL] = camera.offset
    block[EXIF_IFD] = inner
    if place:
        block[GPS_IFD] = {0: b"\x02\x03\x00\x00", 1: "N", 2: _degrees(place[0]), 3: "E", 4: _degrees(place[1])}
    return block.tobytes()


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds."""
    hundredths = round(value * 3600 * 100)
    whole, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return IFDRational(whole, 1), IFDRational(minutes, 1), IFDRational(seconds, 100)
