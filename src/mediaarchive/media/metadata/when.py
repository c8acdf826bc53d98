"""When a photograph was taken: dates of EXIF, IPTC and XMP, offsets from GPS time, dates in file names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from mediaarchive.model import Taken

_MOMENT: Final = re.compile(
    r"\s*(\d{4})[:\-/.](\d\d?)[:\-/.](\d\d?)"
    r"(?:[ T]+(\d\d?):(\d\d?)(?::(\d\d?)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?)?.*",
    re.DOTALL,
)
_OFFSET: Final = re.compile(r"([+-])(\d\d):?(\d\d)")
_EARLIEST, _LATEST = 1826, 2100
_WIDEST: Final = timedelta(hours=14)
_QUARTER: Final = timedelta(minutes=15)
_SLACK: Final = timedelta(minutes=3)

# IMG-20221206-WA0001, WhatsApp Image 2022-12-06 at 10.15.02, Image WhatsApp 2022-12-06 à 10.15.02, signal-2022-12-06-…,
# photo_2022-12-06_10-15-02: messengers write when it was sent; only the day is near the truth.
_SENT: Final = re.compile(
    r"(?:IMG|VID|PTT|STK)-(\d{4})(\d\d)(\d\d)-WA\d+.*"
    r"|(?:.{0,20}\bWhatsApp\b|signal|photo_|video_|telegram).*?(\d{4})-(\d\d)-(\d\d).*",
    re.IGNORECASE,
)
_SHOT: Final = re.compile(
    r"(?:.*[^0-9])?(\d{4})([-_.]?)(\d\d)\2(\d\d)(?:[-_ T]| at )"
    r"(\d\d)([-_.:]?)(\d\d)\6(\d\d)(?:[-_.]?\d{3})?(?:[^0-9].*)?"
)


def parse_offset(text: str) -> str | None:
    """`+02:00` of an EXIF or ISO offset, or None where it is blank or impossible."""
    text = text.strip("\x00 ")
    if text == "Z":
        return "+00:00"
    match = _OFFSET.fullmatch(text)
    if match is None or int(match[3]) > 59 or timedelta(hours=int(match[2]), minutes=int(match[3])) > _WIDEST:
        return None
    return f"{match[1]}{match[2]}:{match[3]}"


def parse_taken(text: str, *, offset: str = "", subsec: str = "") -> Taken | None:
    """A date of EXIF (`2022:12:06 10:15:02`), IPTC or XMP (ISO 8601), or None where there is no such moment.

    `offset` and `subsec` are EXIF's own fields for them; without a time, the precision is the day.
    """
    match = _MOMENT.fullmatch(text.strip("\x00 "))
    if match is None:
        return None
    year, month, day, *clock = (int(part or 0) for part in match.groups()[:6])
    moment = _moment(year, month, day, *clock)
    if moment is None:
        return None
    digits = re.sub(r"\D.*", "", subsec.strip("\x00 ")) or match[7] or ""
    local = moment.isoformat() + (f".{digits[:9]}" if digits and match[4] else "")
    known = parse_offset(offset) or parse_offset(match[8] or "")
    return Taken(
        local=local,
        offset=known if match[4] else None,
        precision="second" if match[4] else "day",
        basis="exif+offset" if known and match[4] else "exif",
    )


def _moment(*parts: int) -> datetime | None:
    if not _EARLIEST <= parts[0] <= _LATEST:
        return None
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - a camera's clock has no zone
    except ValueError:
        return None


def offset_from_gps(taken: Taken, utc: datetime) -> str | None:
    """The clock's offset by the satellites' time: a multiple of a quarter of an hour, within three minutes.

    None where the two are too far from any offset in use (an old position, a wrong clock).
    """
    local = datetime.fromisoformat(taken.local.partition(".")[0]).replace(tzinfo=UTC)
    difference = local - utc
    quarters = round(difference / _QUARTER)
    if abs(difference - quarters * _QUARTER) >= _SLACK or abs(quarters * _QUARTER) > _WIDEST:
        return None
    minutes = abs(quarters) * 15
    return f"{'-' if quarters < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"


def taken_from_name(name: str) -> Taken | None:
    """When a file's name says it was taken: to the second for cameras' names, to the day for messengers' names."""
    stem = name.rpartition("/")[2]
    if sent := _SENT.fullmatch(stem):
        moment = _recent(*(int(part) for part in sent.groups() if part))
        return Taken(local=moment.isoformat(), offset=None, precision="day", basis="file-name") if moment else None
    if shot := _SHOT.fullmatch(stem):
        moment = _recent(*(int(shot[group]) for group in (1, 3, 4, 5, 7, 8)))
        # Pixel phones name their files in UTC.
        offset = "+00:00" if stem.startswith("PXL_") else None
        if moment:
            return Taken(local=moment.isoformat(), offset=offset, precision="second", basis="file-name")
    return None


def _recent(*parts: int) -> datetime | None:
    """A moment since there are digital cameras: eight digits in a name may be anything."""
    moment = _moment(*parts)
    return moment if moment and moment.year >= 1990 else None
