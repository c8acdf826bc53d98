"""Which photographs may be copies of each other: all hashes against all, shared details, and what cameras tell of two exposures.

A pair found here is only worth proving. Exhaustive comparison is exact and fast enough for one event (5,000 photographs
take seconds), has no index to build, and finds the same pairs whatever the order of the photographs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.model import Kind
from mediaarchive.stages.dedupe.originals import Entry, exposures, provable, same_pixels, second_of
from mediaarchive.stages.dedupe.ranking import as_they_came
from mediaarchive.stages.dedupe.voting import votes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

NEAREST: Final = 32
"""Pairs proved for each photograph, at most: a slide deck of 500 look-alikes must not cost 125,000 alignments."""
FOREMOST: Final = 16
"""And so many with what is shown before others: of fifty edits of one photograph each has thirty that are nearer than that."""

_BITS = 256
_BLOCK = 1024  # rows compared at once: 20 MB
_STEP = 16  # bits: of those about as near, what is shown first is tried first
_PLAIN = 0.02  # share of textured tiles below which a hash is noise (black frames, fog) and a proof impossible


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
    order = _order(photos)
    for (left, right), bits in _nearest(_alike(photos, distance), order, lambda bits: bits // _STEP).items():
        found.setdefault((left, right), ("hash", bits))
    for (left, right), bits in _sharing(photos, features or {}, order).items():
        found.setdefault((left, right), ("details", bits))
    return [
        Pair(left=photos[left].sha256, right=photos[right].sha256, distance=bits, reason=reason)
        for (left, right), (reason, bits) in sorted(found.items())
    ]


def _order(photos: Sequence[Entry]) -> list[int]:
    """The place of each photograph in the order of who is shown first, as far as it is known before anything is proved."""
    ranks = as_they_came({photo.sha256: photo for photo in photos}, ())
    places = {sha256: place for place, sha256 in enumerate(sorted(ranks, key=ranks.__getitem__))}
    return [places[photo.sha256] for photo in photos]


def undecided(entries: Sequence[Entry]) -> list[str]:
    """The photographs that may have copies which look different (crops, screenshots), by sha256.

    Those without a clock of their own may, and where there is one of these, so may all. A camera's originals that all say
    when they were taken are no copies of each other, so nothing needs to be looked at.
    """
    photos = [entry for entry in entries if _hashed(entry)]
    seconds = Counter(second_of(photo.facts) for photo in photos)
    everything = "" in seconds
    return sorted(photo.sha256 for photo in photos if everything or seconds[second_of(photo.facts)] > 1)


def _hashed(entry: Entry) -> bool:
    return entry.facts.kind is Kind.PHOTO and bool(entry.facts.signature.get("phash"))


def _supported(photos: Sequence[Entry]) -> Iterator[tuple[tuple[int, int], int]]:
    """Pairs (indices) that are one exposure by their facts, with the distance of their hashes."""
    seconds: dict[str, list[int]] = defaultdict(list)
    for index, photo in enumerate(photos):
        if second := second_of(photo.facts):
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
        if provable(photos[pair[0]], photos[pair[1]]):
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


def _sharing(
    photos: Sequence[Entry], features: Mapping[str, Mapping[str, Any]], order: Sequence[int]
) -> dict[tuple[int, int], int]:
    """Pairs (indices) that share details, those that share most for each photograph, with the distance of their hashes."""
    known = [index for index, photo in enumerate(photos) if photo.sha256 in features]
    shared = {
        (known[left], known[right]): count
        for (left, right), count in votes([features[photos[index].sha256] for index in known]).items()
        if provable(photos[known[left]], photos[known[right]])
    }
    # What `_nearest` keeps are the smallest values: the more votes, the nearer; twice as many are a step.
    nearest = _nearest({pair: -count for pair, count in shared.items()}, order, lambda value: -value.bit_length())
    return {
        (left, right): bits_apart(photos[left].facts.signature, photos[right].facts.signature)
        for left, right in nearest
    }


def _nearest(
    found: Mapping[tuple[int, int], int], order: Sequence[int], step: Callable[[int], int]
) -> dict[tuple[int, int], int]:
    """The pairs that are among the `NEAREST` nearest of either of their two, or the `FOREMOST` ones by step, then `order`."""
    beside: dict[int, list[tuple[int, int, tuple[int, int]]]] = defaultdict(list)
    for pair, bits in found.items():
        for index, other in (pair, pair[::-1]):
            beside[index].append((bits, order[other], pair))
    kept: set[tuple[int, int]] = set()
    for near in beside.values():
        kept.update(pair for _, _, pair in sorted(near, key=lambda one: (one[0], one[2]))[:NEAREST])
        kept.update(pair for _, _, pair in sorted(near, key=lambda one: (step(one[0]), one[1]))[:FOREMOST])
    return {pair: found[pair] for pair in sorted(kept)}


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
