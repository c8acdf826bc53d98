"""Which photographs may be copies of each other: all hashes against all, shared details, and what cameras tell of two exposures.

A pair found here is only worth proving. Exhaustive comparison is exact and fast enough for one event (5,000 photographs
take seconds), has no index to build, and finds the same pairs whatever the order of the photographs.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.model import Facts, Kind, Taken
from mediaarchive.stages.dedupe.voting import votes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

NEAREST: Final = 32
"""Pairs proved for each photograph, at most: a slide deck of 500 look-alikes must not cost 125,000 alignments."""

_BITS = 256
_BLOCK = 1024  # rows compared at once: 20 MB
_PLAIN = 0.02  # share of textured tiles below which a hash is noise (black frames, fog) and a proof impossible
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two photographs worth proving.

    `left` < `right` (sha256); `distance`: bits of 256 that differ, in the best orientation.
    `reason`: `hash` (they look alike), `details` (they share some) or `facts` (the camera says it is one exposure, however
    they look).
    """

    left: str
    right: str
    distance: int
    reason: str


def pairs(
    entries: Sequence[Entry], *, distance: int, features: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Pair]:
    """Pairs of photographs that look alike, share details, or are one exposure by their capture facts, ordered by sha256.

    Left out: pairs whose pixels are the same (there is nothing to prove), and pairs that `exposures` tells apart.

    Args:
        entries: Any originals, in any order; all but photographs with a signature are passed over.
        distance: How many of the 256 bits may differ in a pair.
        features: What `voting.describe` found in a photograph, by sha256, for as many as have been looked at.
    """
    photos = sorted(
        {entry.sha256: entry for entry in entries if _hashed(entry)}.values(), key=lambda entry: entry.sha256
    )
    found = {pair: ("facts", bits) for pair, bits in _supported(photos)}
    for (left, right), bits in _nearest(_alike(photos, distance)).items():
        found.setdefault((left, right), ("hash", bits))
    for (left, right), bits in _sharing(photos, features or {}).items():
        found.setdefault((left, right), ("details", bits))
    return [
        Pair(left=photos[left].sha256, right=photos[right].sha256, distance=bits, reason=reason)
        for (left, right), (reason, bits) in sorted(found.items())
    ]


def undecided(entries: Sequence[Entry]) -> list[str]:
    """The photographs that may have copies which look different (crops, screenshots), by sha256.

    Those without a clock of their own may, and where there is one of these, so may all. A camera's originals that all say
    when they were taken are no copies of each other, so nothing needs to be looked at.
    """
    photos = [entry for entry in entries if _hashed(entry)]
    seconds = Counter(_second(photo.facts) for photo in photos)
    everything = "" in seconds
    return sorted(photo.sha256 for photo in photos if everything or seconds[_second(photo.facts)] > 1)


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
        if telling and _same_camera(left, right) and _second(left) and _second(left) == _second(right)
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


def _hashed(entry: Entry) -> bool:
    return entry.facts.kind is Kind.PHOTO and bool(entry.facts.signature.get("phash"))


def _wanted(left: Entry, right: Entry) -> bool:
    return not same_pixels(left.facts, right.facts) and exposures(left.facts, right.facts) != "other"


def _supported(photos: Sequence[Entry]) -> Iterator[tuple[tuple[int, int], int]]:
    """Pairs (indices) that are one exposure by their facts, with the distance of their hashes."""
    seconds: dict[str, list[int]] = defaultdict(list)
    for index, photo in enumerate(photos):
        if second := _second(photo.facts):
            seconds[second].append(index)
    for together in seconds.values():
        for left, right in combinations(together, 2):
            mine, theirs = photos[left].facts, photos[right].facts
            if exposures(mine, theirs) == "same" and not same_pixels(mine, theirs):
                yield (left, right), bits_apart(mine.signature, theirs.signature)


def _alike(photos: Sequence[Entry], distance: int) -> dict[tuple[int, int], int]:
    """Pairs (indices) within `distance`, in any of eight orientations, with or without plain borders."""
    textured = [index for index, photo in enumerate(photos) if photo.facts.signature.get("texture", 1.0) >= _PLAIN]
    if len(textured) < 2:
        return {}
    found: dict[tuple[int, int], int] = {}
    for left, right, bits in _close(_Hashes.of([photos[index].facts.signature for index in textured]), distance):
        pair = min(textured[left], textured[right]), max(textured[left], textured[right])
        if _wanted(photos[pair[0]], photos[pair[1]]):
            found[pair] = min(bits, found.get(pair, _BITS))
    return found


@dataclass(frozen=True, slots=True)
class _Hashes:
    """Hashes as rows of -1 and +1.

    `forms`: in eight orientations; `trims`: without borders; `trimmed`: whose row each trim is.
    """

    forms: tuple[Vectors, ...]
    trims: Vectors
    trimmed: NDArray[np.intp]

    @classmethod
    def of(cls, signatures: Sequence[Mapping[str, Any]]) -> _Hashes:
        import numpy as np  # noqa: PLC0415

        forms = tuple(_vectors([_forms(signature)[form] for signature in signatures]) for form in range(8))
        framed = [index for index, signature in enumerate(signatures) if signature.get("trim")]
        return cls(forms, _vectors([signatures[index]["trim"] for index in framed]), np.array(framed, dtype=np.intp))


def _close(hashes: _Hashes, distance: int) -> Iterator[tuple[int, int, int]]:
    """All (row, other row, bits) within `distance`, rows differing; one pair may come several times."""
    import numpy as np  # noqa: PLC0415

    rows = np.arange(len(hashes.forms[0]), dtype=np.intp)
    for form in hashes.forms:
        yield from _close_rows((hashes.forms[0], rows), (form, rows), distance)
        yield from _close_rows((hashes.trims, hashes.trimmed), (form, rows), distance)
    yield from _close_rows((hashes.trims, hashes.trimmed), (hashes.trims, hashes.trimmed), distance)


def _close_rows(
    queries: tuple[Vectors, NDArray[np.intp]], base: tuple[Vectors, NDArray[np.intp]], distance: int
) -> Iterator[tuple[int, int, int]]:
    """Pairs within `distance` between two sets of hashes.

    Sums of 256 times one are exact in float32, in whatever order a library adds them up.
    """
    import numpy as np  # noqa: PLC0415

    for start in range(0, len(queries[0]), _BLOCK):
        dots = queries[0][start : start + _BLOCK] @ base[0].T
        mine, theirs = np.nonzero(dots >= _BITS - 2 * distance)
        bits = (_BITS - dots[mine, theirs]).astype(np.intp) // 2
        left, right = queries[1][mine + start], base[1][theirs]
        other = left != right
        yield from zip(left[other].tolist(), right[other].tolist(), bits[other].tolist(), strict=True)


def _sharing(photos: Sequence[Entry], features: Mapping[str, Mapping[str, Any]]) -> dict[tuple[int, int], int]:
    """Pairs (indices) that share details, those that share most for each photograph, with the distance of their hashes."""
    known = [index for index, photo in enumerate(photos) if photo.sha256 in features]
    shared = {
        (known[left], known[right]): count
        for (left, right), count in votes([features[photos[index].sha256] for index in known]).items()
        if _wanted(photos[known[left]], photos[known[right]])
    }
    # What `_nearest` keeps are the smallest values: the more votes, the nearer.
    nearest = _nearest({pair: -count for pair, count in shared.items()})
    return {
        (left, right): bits_apart(photos[left].facts.signature, photos[right].facts.signature)
        for left, right in nearest
    }


def _nearest(found: Mapping[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    """The pairs that are among the `NEAREST` nearest of either of their two."""
    beside: dict[int, list[tuple[int, tuple[int, int]]]] = defaultdict(list)
    for pair, bits in found.items():
        for index in pair:
            beside[index].append((bits, pair))
    return {pair: bits for near in beside.values() for bits, pair in sorted(near)[:NEAREST]}


def _forms(signature: Mapping[str, Any]) -> Sequence[str]:
    forms: Sequence[str] = signature.get("forms") or [signature["phash"]] * 8
    return forms


def _vectors(hashes: Sequence[str]) -> Vectors:
    import numpy as np  # noqa: PLC0415

    packed = np.frombuffer(bytes.fromhex("".join(hashes)), dtype=np.uint8).reshape(len(hashes), _BITS // 8)
    return np.unpackbits(packed, axis=1).astype(np.float32) * 2 - 1


def bits_apart(left: Mapping[str, Any], right: Mapping[str, Any]) -> int:
    """In how many bits of 256 two signatures' hashes differ, in the best orientation."""
    target = int(left["phash"], 16)
    return min((target ^ int(form, 16)).bit_count() for form in _forms(right))


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


def _second(facts: Facts) -> str:
    clock = _clock(facts.taken)
    return clock.isoformat() if clock else ""


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
