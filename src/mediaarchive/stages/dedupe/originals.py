"""One original as dedupe sees it, and what the cameras say of two: one exposure, two, or nobody knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from mediaarchive.model import Facts, Taken

_SECOND = timedelta(seconds=1)
_CAMERA_BASES = frozenset({"exif", "exif+offset", "exif+gps"})  # a file name may tell when a copy was sent
_SHOT_IDS = ("file_number", "image_id", "shutter_count", "sequence")
_TELLING_IDS = ("file_number", "image_id", "shutter_count")  # equal only in one exposure; a sequence may restart
_UNIQUE_ID = re.compile(
    r"(?=.*[1-9a-f])[0-9a-f-]{16,}"
)  # some phones write their firmware's name instead, always the same


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One original as dedupe sees it.

    `paths`: where it was found in the inbox; `facts.signature`: what `signature.sign` made.
    """

    sha256: str
    facts: Facts
    bytes: int
    paths: tuple[str, ...] = ()


def exposures(left: Facts, right: Facts) -> str:
    """Whether two photographs are one exposure, by what their cameras wrote: `same`, `other` or `unknown`.

    `other`: capture times a second or more apart, another camera, or any shot id or fraction of a second that differs:
    frames of a burst, however alike. `same`: one camera, one second, and one fraction of it or one telling shot id. The
    same second alone is `unknown`, for a burst has many frames in it. A shifted clock makes `other` of a copy: a human
    may link it.
    """
    if _other_camera(left, right) or _other_time(left, right):
        return "other"
    ids_left, ids_right = _ids(left), _ids(right)
    shared = [name for name in ids_left if name in ids_right]
    if any(ids_left[name] != ids_right[name] for name in shared):
        return "other"
    telling = any(name == "subsec" or name in _TELLING_IDS for name in shared if _tells(name, ids_left[name]))
    return (
        "same"
        if telling and _same_camera(left, right) and second_of(left) and second_of(left) == second_of(right)
        else "unknown"
    )


def moment_of(facts: Facts) -> datetime | None:
    """What the camera's clock showed, with the fraction of the second where the file has one; None where no camera says it."""
    clock, fraction = _clock(facts.taken), _ids(facts).get("subsec", "")
    return clock + timedelta(seconds=float(f"0.{fraction or 0}")) if clock else None


def one_camera(left: Facts, right: Facts) -> bool:
    """Whether one camera made both for certain: by serial number or, where one of the files lacks it, by model."""
    return _same_camera(left, right)


def camera_made(facts: Facts) -> bool:
    """Whether the file still has what a camera wrote into it: its model, or when it was taken."""
    return bool(facts.camera.model or (facts.taken and facts.taken.basis in _CAMERA_BASES))


def same_pixels(left: Facts, right: Facts) -> bool:
    """Whether two files decode to the same upright pixels."""
    mine, theirs = left.signature.get("pixels"), right.signature.get("pixels")
    return bool(mine) and mine == theirs and (left.width, left.height) == (right.width, right.height)


def provable(left: Entry, right: Entry) -> bool:
    """Whether a proof can say anything new of two: their pixels differ, and no camera tells them apart."""
    return not same_pixels(left.facts, right.facts) and exposures(left.facts, right.facts) != "other"


def _other_camera(left: Facts, right: Facts) -> bool:
    """Two cameras, by serial or model; a model that holds the other (`NIKON D90`, `D90`) is the same one."""
    if left.camera.serial and right.camera.serial:
        return left.camera.serial.strip() != right.camera.serial.strip()
    mine, theirs = _model(left), _model(right)
    return bool(mine and theirs) and mine not in theirs and theirs not in mine


def _same_camera(left: Facts, right: Facts) -> bool:
    """One camera for certain, by serial number or, where one of the files lacks it, by model."""
    if left.camera.serial and right.camera.serial:
        return left.camera.serial.strip() == right.camera.serial.strip()
    return bool(_model(left)) and _model(left) == _model(right)


def _model(facts: Facts) -> str:
    return (facts.camera.model or "").strip().casefold()


def _other_time(left: Facts, right: Facts) -> bool:
    """Taken a second or more apart, on the clock's face and, where both files have an offset, in fact."""
    mine, theirs = _clock(left.taken), _clock(right.taken)
    if mine is None or theirs is None or not left.taken or not right.taken:
        return False
    if abs(mine - theirs) < _SECOND:
        return False
    if left.taken.offset and right.taken.offset:
        return abs(_instant(mine, left.taken.offset) - _instant(theirs, right.taken.offset)) >= _SECOND
    return True


def _clock(taken: Taken | None) -> datetime | None:
    """What the camera's clock showed, to the second: fractions are compared apart, since many copies lose them."""
    if taken is None or taken.basis not in _CAMERA_BASES or taken.precision != "second":
        return None
    try:
        return datetime.fromisoformat(taken.local).replace(microsecond=0, tzinfo=None)
    except ValueError:
        return None


def _instant(clock: datetime, offset: str) -> datetime:
    """The clock less its offset from UTC, as a time without zone."""
    try:
        zoned = datetime.fromisoformat(f"{clock.isoformat()}{offset}")
    except ValueError:
        return clock
    return clock - (zoned.utcoffset() or timedelta())


def second_of(facts: Facts) -> str:
    """When its camera says it was taken, to the second; empty where none does."""
    clock = _clock(facts.taken)
    return clock.isoformat() if clock else ""


def has_clock(taken: Taken | None) -> bool:
    """Whether this is what a camera's clock showed, to the second."""
    return _clock(taken) is not None


def _ids(facts: Facts) -> dict[str, str]:
    """What the file has of fraction of a second and shot ids, spelled alike (`.5` is `.50`)."""
    ids = {name: str(facts.shot[name]).strip().casefold() for name in _SHOT_IDS if facts.shot.get(name)}
    fraction = facts.taken.local.partition(".")[2] if _clock(facts.taken) and facts.taken else ""
    fraction = str(facts.shot.get("subsec") or fraction).strip()
    if fraction.isdigit():
        ids["subsec"] = fraction.rstrip("0")
    return ids


def _tells(name: str, value: str) -> bool:
    """Whether an equal value speaks for one exposure: a zero fraction or a firmware's constant id doesn't."""
    if name == "image_id":
        return bool(_UNIQUE_ID.fullmatch(value))
    return bool(value.strip("0"))
