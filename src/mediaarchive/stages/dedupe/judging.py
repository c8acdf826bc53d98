"""What tiles that agree, more or less, say of two aligned pictures: one photograph, an edit for a person to see, or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mediaarchive.stages.dedupe.tiles import Tiles

    Array = NDArray[Any]

# Of the inner picture: a second exposure by hand always sees past an edge of the first; copies measured 0.992 and more.
COPY_CONTAINED: Final = 0.985
LEAST_CONTAINED: Final = 0.97  # less shows something else
LEAST_TEXTURE: Final = 0.20  # of all tiles: logos and black frames align with anything
_LEAST_TILES = 10
_FEW, _SURE_WORST, _SURE_P5, _SURE_NCC = 24, 0.90, 0.95, 0.97  # and where less has texture, but agrees altogether
_COPY_NCC, _COPY_P5, _COPY_WORST = 0.90, 0.85, 0.70
_LEAST_NCC = 0.60  # of the whole, below which nothing is worth a look
_BAND = 0.30  # of a side: a caption's band is no deeper
DOUBTFUL: Final = 0.70
_VARIANT_P5, _VARIANT_DOUBTFUL = 0.70, 0.04


def summary(tiles: Tiles) -> dict[str, float]:
    """What is recorded of them."""
    import numpy as np  # noqa: PLC0415

    scores = tiles.scores if len(tiles.scores) else np.zeros(1)
    return {
        "containment": round(tiles.contained, 3),
        "ncc": round(tiles.ncc, 5),
        "worst": round(float(scores.min()), 3),
        "p5": round(float(np.percentile(scores, 5)), 3),
        "mean": round(float(scores.mean()), 5),
        "texture": round(len(tiles.scores) / max(1, tiles.all), 3),
    }


def judged(tiles: Tiles) -> str:
    """The verdict on two aligned pictures, by their tiles: `copy`, `variant`, `different` or `unclear` (`proof.compare`)."""
    seen, textured = summary(tiles), len(tiles.scores)
    if seen["containment"] < LEAST_CONTAINED or (seen["ncc"] < _LEAST_NCC and not _banded(tiles)):
        return "different"
    if textured < _LEAST_TILES or (seen["texture"] < LEAST_TEXTURE and not _few_but_sure(seen, textured)):
        return "unclear"
    agrees = seen["ncc"] >= _COPY_NCC and seen["p5"] >= _COPY_P5 and seen["worst"] >= _COPY_WORST
    if agrees and seen["containment"] >= COPY_CONTAINED:
        return "copy"
    return "variant" if _mostly(tiles.scores) or _banded(tiles) else "different"


def _few_but_sure(seen: dict[str, float], textured: int) -> bool:
    """Whether little has texture, as a face before a dark hall, and all that has is the same."""
    return textured >= _FEW and seen["worst"] >= _SURE_WORST and seen["p5"] >= _SURE_P5 and seen["ncc"] >= _SURE_NCC


def _mostly(scores: Array) -> bool:
    """Whether nearly all tiles agree well enough for a person to have a look."""
    import numpy as np  # noqa: PLC0415

    return bool(np.percentile(scores, 5) >= _VARIANT_P5 and (scores < DOUBTFUL).mean() <= _VARIANT_DOUBTFUL)


def _banded(tiles: Tiles) -> bool:
    """Whether what disagrees is a band along one edge, such as a caption's, and nearly all the rest agrees."""
    import numpy as np  # noqa: PLC0415

    depths = np.concatenate([tiles.places, 1 - tiles.places], axis=1)  # from each of the four edges
    rests = (tiles.scores[depth > _BAND] for depth in depths.T)
    return any(len(rest) >= _LEAST_TILES and _mostly(rest) for rest in rests)
