"""Which photographs share details, though they don't look alike as a whole: crops, screenshots, pictures inside others.

Each photograph has a hundred and fifty local features. Two features are alike if few of their 256 bits differ; photographs
with enough features alike are worth proving. Features are looked up by bands of their bits (locality-sensitive hashing), so
an event of 800 photographs takes seconds and not a comparison of all with all.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.signature import resized

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Bytes = NDArray[np.uint8]

VERSION: Final = 1
LEAST_VOTES: Final = 7  # features alike: crops to 20 % and screenshots measured 11 and more, unrelated pairs 0 to 6

_EDGE = 512
_FEATURES = 150
_BYTES = 32  # of one ORB descriptor
_BANDS = 8  # of 16 bits each, spread over the 256: of the features that differ in 24 bits four in five share a band
_ALIKE = 40  # bits of 256: unrelated features differ in 128, give or take 15
_CROWD = 96  # features in one bucket: more are text, mesh or noise, and tell nothing
_SHIFT, _MASK = 31, (1 << 31) - 1
_CHUNK = 2_000_000  # pairs of features compared at once: 130 MB


def describe(image: Image.Image) -> dict[str, Any]:
    """The features of one upright picture (long edge best 512), about 10 ms of CPU.

    Returns:
        `{"v": 1, "plain": base64, "mirrored": base64}`: ORB descriptors of 32 bytes, strongest first, of the picture and of
        its mirror image. They know turns, but not reflections. No picture can be made from them.
    """
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    grey = resized(image.convert("L"), _EDGE)
    return {"v": VERSION, "plain": _descriptors(grey), "mirrored": _descriptors(cv2.flip(grey, 1))}


def remembered(features: Mapping[str, Any]) -> str:
    """What of a picture's features is enough to know it again, mirrored or not, by somebody who has both of another picture."""
    return str(features["plain"])


def recalled(details: str) -> dict[str, Any]:
    """Features as `votes` takes them, of what `remembered` kept."""
    return {"v": VERSION, "plain": details, "mirrored": ""}


def _descriptors(grey: NDArray[Any]) -> str:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    everywhere = np.full(grey.shape, 255, np.uint8)
    # Two levels more than usual: what a screenshot shows at half its size must still be found.
    _, found = cv2.ORB.create(nfeatures=_FEATURES, fastThreshold=8).detectAndCompute(grey, everywhere)
    return base64.b64encode(b"" if found is None else found[:_FEATURES].tobytes()).decode()


def votes(features: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int], int]:
    """How many features every two photographs share, by their places (smaller first), where these are `LEAST_VOTES` or more.

    Every feature counts once for a pair, so one texture that repeats itself doesn't look like many details.
    """
    import numpy as np  # noqa: PLC0415

    plain, owners = _stacked([one["plain"] for one in features])
    mirrored, mirror_owners = _stacked([one["mirrored"] for one in features])
    if not len(plain):
        return {}
    counted: dict[tuple[int, int], int] = {}
    everything = np.concatenate([plain, mirrored])
    owner = np.concatenate([owners, mirror_owners]).astype(np.int64)
    is_plain = np.arange(len(everything)) < len(plain)
    matches = _alike(everything, owner, is_plain)
    for (left, right), count in _counted(matches, owner, len(plain)):
        counted[left, right] = max(count, counted.get((left, right), 0))
    return counted


def _stacked(encoded: Sequence[str]) -> tuple[Bytes, NDArray[np.intp]]:
    import numpy as np  # noqa: PLC0415

    rows = [np.frombuffer(base64.b64decode(one), np.uint8).reshape(-1, _BYTES) for one in encoded]
    owners = np.repeat(np.arange(len(rows), dtype=np.intp), [len(row) for row in rows])
    return np.concatenate(rows) if rows else np.empty((0, _BYTES), np.uint8), owners


def _alike(everything: Bytes, owner: NDArray[np.int64], is_plain: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Features of two photographs that are alike, each pair once (n, 2): plain with plain, or plain with mirrored."""
    import numpy as np  # noqa: PLC0415

    found = [np.empty(0, np.int64)]
    words = everything.view(np.uint64)
    for band in range(_BANDS):
        for left, right in _together(everything[:, 4 * band : 4 * band + 2].copy().view(np.uint16).ravel()):
            useful = (owner[left] != owner[right]) & (is_plain[left] | is_plain[right])
            one, other = left[useful], right[useful]
            near = np.bitwise_count(words[one] ^ words[other]).sum(axis=1) <= _ALIKE
            found.append(_packed(one[near], other[near]))
    unique = np.unique(np.concatenate(found))
    return np.stack([unique >> _SHIFT, unique & _MASK], axis=1)


def _packed(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.int64]:
    """Two numbers below 2**31 as one: sorting numbers is ten times faster than sorting pairs."""
    import numpy as np  # noqa: PLC0415

    return (left.astype(np.int64) << _SHIFT) | right.astype(np.int64)


def _together(values: NDArray[np.uint16]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """All pairs of places with one value, the smaller place first, in chunks; values that a crowd shares are left out."""
    import numpy as np  # noqa: PLC0415

    order = np.argsort(values, kind="stable")
    _, starts, sizes = np.unique(values[order], return_index=True, return_counts=True)
    for size in np.unique(sizes[(sizes > 1) & (sizes <= _CROWD)]):
        rows = order[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(int(size), k=1)
        step = max(1, _CHUNK // len(one))
        for begin in range(0, len(rows), step):
            some = rows[begin : begin + step]
            yield some[:, one].ravel(), some[:, other].ravel()


def _counted(matches: NDArray[np.int64], owner: NDArray[np.int64], plain: int) -> Iterator[tuple[tuple[int, int], int]]:
    """How many distinct features match for each pair of photographs, as they are and mirrored."""
    import numpy as np  # noqa: PLC0415

    photos = int(owner.max()) + 1
    mirrored = matches[:, 1] >= plain
    for some in (matches[~mirrored], matches[mirrored]):
        owners = owner[some]
        swap = owners[:, 0] > owners[:, 1]
        ordered = np.where(swap[:, None], some[:, ::-1], some)
        pair = owners.min(axis=1) * photos + owners.max(axis=1)
        sides = []
        for side in (0, 1):
            distinct = np.unique(_packed(pair, ordered[:, side]))
            names, counts = np.unique(distinct >> _SHIFT, return_counts=True)
            sides.append((names, counts))
        fewest = np.minimum(sides[0][1], sides[1][1])
        enough = fewest >= LEAST_VOTES
        for name, count in zip(sides[0][0][enough].tolist(), fewest[enough].tolist(), strict=True):
            yield divmod(name, photos), count
