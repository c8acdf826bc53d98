"""The words of the plan: cameras, photographs, copies, and files with faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sample.exif import Camera
from sample.xmp import Texts

SLUG = "forum-des-communs-2025"
BRUSSELS = timedelta(hours=2)  # summer time, until the end of October
SUMMER_COMMENT = "OLYMPUS DIGITAL CAMERA"
GPS = (50.8482, 4.3571)

KESTREL = Camera(
    make="KESTREL",
    model="Kestrel K7",
    serial="K7-0098213",
    software="Kestrel K7 Ver2.10",
    shift=timedelta(hours=-1),
    focal=23,
)
AURICA = Camera(
    make="Aurica Optical",
    model="AURICA D50",
    serial="3024417",
    software="D50 firmware 1.4",
    shift=timedelta(minutes=7),
    focal=50,
)
POMELO = Camera(make="Pomelo", model="Pomelo 9", serial="PM9-55A1", software="PomeloOS 18.2", offset="+02:00", focal=6)

LANDSCAPE, SMALLER, LARGE, UPRIGHT = (2700, 1800), (2400, 1600), (3000, 2000), (1800, 2700)


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One photograph: its file's name, scene, upright size in pixels, camera and Brussels time (ISO 8601, to the second).

    `orientation` other than 1: the pixels are stored turned. `junk`: the camera wrote its own comment. `xmp` is embedded,
    `sidecar` lies beside it, `iptc` is an IIM caption. `small`: also in the small inbox. `stack`: shot as one burst.
    """

    name: str
    scene: str
    camera: Camera
    at: str
    subsec: str = "37"
    size: tuple[int, int] = SMALLER
    orientation: int = 1
    gps: bool = False
    junk: bool = False
    xmp: Texts | None = None
    sidecar: Texts | None = None
    iptc: str = ""
    headline: str = ""
    small: bool = False
    stack: str = ""

    @property
    def instant(self) -> datetime:
        """When it was taken, in UTC."""
        return taken(self.at)


def taken(at: str) -> datetime:
    """Brussels time of the event as an instant in UTC."""
    return (datetime.fromisoformat(at) - BRUSSELS).replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of a photograph: `how` is exact, whatsapp, smaller-file, stripped, webp or mirrored."""

    name: str
    of: str
    how: str
    at: str
    small: bool = False


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A file that is not what its name says: `how` is cut, zeroed, page, empty, png or clutter."""

    name: str
    how: str
    at: str
    outcomes: tuple[str, ...]
    scene: str = ""
