"""When a photograph was taken, from what cameras, satellites and file names say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaarchive.media.metadata import taken_from_name
from mediaarchive.media.metadata.when import offset_from_gps, parse_offset, parse_taken


@pytest.mark.parametrize(
    ("name", "local", "precision"),
    [
        ("IMG-20221206-WA0001.jpg", "2022-12-06T00:00:00", "day"),
        ("WhatsApp Image 2022-12-06 at 10.15.02.jpeg", "2022-12-06T00:00:00", "day"),
        ("Image WhatsApp 2022-12-06 à 10.15.02_ab12.jpg", "2022-12-06T00:00:00", "day"),
        ("Imagen de WhatsApp 2022-12-06 10.15.02.jpg", "2022-12-06T00:00:00", "day"),
        ("WhatsApp-afbeelding 2022-12-06 om 10.15.02.jpg", "2022-12-06T00:00:00", "day"),
        ("Screenshot_20221206-101502_WhatsApp.jpg", "2022-12-06T10:15:02", "second"),
        ("photo_2022-12-06_10-15-02.jpg", "2022-12-06T00:00:00", "day"),
        ("20221206_101502.jpg", "2022-12-06T10:15:02", "second"),
        ("IMG_20221206_101502_HDR~2.jpg", "2022-12-06T10:15:02", "second"),
        ("PXL_20221206_101502123.jpg", "2022-12-06T10:15:02", "second"),
        ("Screenshot_20221206-101502.png", "2022-12-06T10:15:02", "second"),
        ("2022-12-06 10.15.02.jpg", "2022-12-06T10:15:02", "second"),
    ],
)
def test_a_name_tells_when_it_was_taken(name: str, local: str, precision: str) -> None:
    taken = taken_from_name(name)
    assert taken is not None
    assert (taken.local, taken.precision, taken.basis) == (local, precision, "file-name")


def test_only_a_pixel_phones_name_is_in_utc() -> None:
    pixel, samsung = taken_from_name("PXL_20221206_101502123.jpg"), taken_from_name("20221206_101502.jpg")
    assert pixel is not None
    assert samsung is not None
    assert (pixel.offset, samsung.offset) == ("+00:00", None)


@pytest.mark.parametrize(
    "name", ["IMG_4120.JPG", "DSC00015.JPG", "99999999_999999.jpg", "20221306_101502.jpg", "18221206_101502.jpg", ""]
)
def test_other_digits_are_no_date(name: str) -> None:
    assert taken_from_name(name) is None


@given(st.text(max_size=60))
def test_no_name_stops_the_reader(name: str) -> None:
    taken = taken_from_name(name)
    assert taken is None or datetime.fromisoformat(taken.local)


@given(st.text(max_size=40), st.text(max_size=8), st.text(max_size=8))
def test_no_date_stops_the_reader(text: str, offset: str, subsec: str) -> None:
    taken = parse_taken(text, offset=offset, subsec=subsec)
    assert taken is None or datetime.fromisoformat(taken.local)


@pytest.mark.parametrize(
    ("written", "read"),
    [("+02:00", "+02:00"), ("Z", "+00:00"), ("-0330", "-03:30"), ("   :  ", None), ("+15:00", None), ("+01:75", None)],
)
def test_an_offset_is_one_that_exists(written: str, read: str | None) -> None:
    assert parse_offset(written) == read


@given(st.integers(-14 * 4, 14 * 4), st.integers(-179, 179))
def test_every_offset_in_use_is_found_within_three_minutes(quarters: int, seconds: int) -> None:
    utc = datetime(2022, 12, 6, 9, 0, tzinfo=UTC)
    clock = utc + timedelta(minutes=15 * quarters, seconds=seconds)
    taken = parse_taken(clock.strftime("%Y:%m:%d %H:%M:%S"))
    assert taken is not None
    offset = offset_from_gps(taken, utc)
    assert offset is not None
    sign = -1 if offset[0] == "-" else 1
    assert sign * (int(offset[1:3]) * 60 + int(offset[4:])) == 15 * quarters


def test_an_old_position_gives_no_offset() -> None:
    taken = parse_taken("2022:12:06 10:07:00")
    assert taken is not None
    assert offset_from_gps(taken, datetime(2022, 12, 6, 9, 0, tzinfo=UTC)) is None
    assert offset_from_gps(taken, datetime(2022, 12, 4, 9, 7, tzinfo=UTC)) is None
