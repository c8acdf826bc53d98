"""EXIF by two readers: Pillow first, exifread where Pillow fails or has no value.

Tag numbers: Exif 3.0 (CIPA DC-008).
"""

from __future__ import annotations

import logging
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.media.metadata.apple import live_photo
from mediaarchive.media.metadata.words import clean, repair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from PIL import Image

# name: (directory, tag, exifread's name)
_FIELDS: Final = {
    "description": ("0th", 270, "Image ImageDescription"),
    "make": ("0th", 271, "Image Make"),
    "model": ("0th", 272, "Image Model"),
    "artist": ("0th", 315, "Image Artist"),
    "copyright": ("0th", 33432, "Image Copyright"),
    "software": ("0th", 305, "Image Software"),
    "width": ("Exif", 40962, "EXIF ExifImageWidth"),
    "height": ("Exif", 40963, "EXIF ExifImageLength"),
    "dng_serial": ("0th", 50735, "Image CameraSerialNumber"),
    "taken": ("Exif", 36867, "EXIF DateTimeOriginal"),
    "offset": ("Exif", 36881, "EXIF OffsetTimeOriginal"),
    "subsec": ("Exif", 37521, "EXIF SubSecTimeOriginal"),
    "image_id": ("Exif", 42016, "EXIF ImageUniqueID"),
    "serial": ("Exif", 42033, "EXIF BodySerialNumber"),
    "file_number": ("Exif", 37393, "EXIF ImageNumber"),
}
_GPS: Final = {"gps_date": (29, "GPS GPSDate"), "gps_time": (7, "GPS GPSTimeStamp")}
_EXIF_IFD, _GPS_IFD, _MAKER_NOTE = 0x8769, 0x8825, 0x927C
# Without these, a second reader may know more.
_ESSENTIAL: Final = ("taken", "make")


@dataclass(frozen=True, kw_only=True, slots=True)
class Exif:
    """Cleaned strings by the names of `_FIELDS`, and `content` (`apple.live_photo`); the satellites' time.

    A position is never looked at.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    gps_utc: datetime | None = None

    def get(self, name: str) -> str:
        """The value, or an empty string."""
        return self.values.get(name, "")

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height as the camera stated them, or None."""
        width, height = self.get("width"), self.get("height")
        found = (int(width), int(height)) if width.isdecimal() and height.isdecimal() else (0, 0)
        return found if all(found) else None

    @property
    def lacks_essentials(self) -> bool:
        """Whether it doesn't say when or with what."""
        return not all(self.get(name) for name in _ESSENTIAL)


def from_pillow(exif: Image.Exif) -> Exif:
    """What Pillow reads."""
    return from_directories(exif, exif.get_ifd(_EXIF_IFD), exif.get_ifd(_GPS_IFD))


def from_directories(first: Mapping[int, Any], shot: Mapping[int, Any], gps: Mapping[int, Any] | None = None) -> Exif:
    """What three directories hold: the picture's (0th), the shot's (Exif), the satellites'."""
    directories: dict[str, Mapping[int, Any]] = {"0th": first, "Exif": shot}
    gps = gps or {}
    values = {}
    for name, (directory, tag, _) in _FIELDS.items():
        if value := _text(directories[directory].get(tag)):
            values[name] = value
    if content := live_photo(shot.get(_MAKER_NOTE)):
        values["content"] = content
    stamp = {name: gps.get(tag) for name, (tag, _) in _GPS.items()}
    return Exif(values=values, gps_utc=_gps_utc(**stamp))


def from_exifread(path: Path) -> Exif:
    """What exifread reads: it opens RAW and odd TIFF files that Pillow doesn't.

    Maker notes are left alone: they cost 16 times the time.
    """
    import exifread  # noqa: PLC0415

    logging.getLogger("exifread").setLevel(logging.CRITICAL)  # it reports every odd tag of every file
    with path.open("rb") as file:
        tags = exifread.process_file(file, details=False, extract_thumbnail=False)
    found = {name: getattr(tags.get(label), "values", None) for name, (_, _, label) in _FIELDS.items()}
    stamp = {name: getattr(tags.get(label), "values", None) for name, (_, label) in _GPS.items()}
    values = {name: text for name, value in found.items() if (text := _text(value)) and not text.startswith("b'")}
    return Exif(values=values, gps_utc=_gps_utc(**stamp))


def combine(first: Exif, second: Exif) -> Exif:
    """The first reader's values, and the second's where the first has none."""
    return Exif(values={**second.values, **first.values}, gps_utc=first.gps_utc or second.gps_utc)


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    # A copyright may hold two parts, the photographer's and the editor's, with a NUL between.
    return clean(", ".join(filter(None, map(clean, repair(value).split("\x00"))))) if isinstance(value, str) else ""


def _gps_utc(gps_date: object, gps_time: object) -> datetime | None:
    day = (
        re.fullmatch(r"\s*(\d{4})[:\-/](\d\d?)[:\-/](\d\d?).*", gps_date, re.DOTALL)
        if isinstance(gps_date, str)
        else None
    )
    if day is None or not isinstance(gps_time, (list, tuple)) or len(gps_time) != 3:
        return None
    try:
        hours, minutes, seconds = (float(part) for part in gps_time)
        if not (math.isfinite(seconds) and 0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 61):
            return None
        midnight = datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None
    return midnight + timedelta(hours=hours, minutes=minutes, seconds=int(seconds))
