"""Which of several originals of one photograph is shown: one order, whatever the order of arrival.

A person's choice first; then what lost nothing, what a camera wrote, what shows more. Of two that are left, the one of more bytes
was compressed less. Sharpness comes last: apps sharpen what they send, and of 676 edited copies as large as their originals,
in one format, 632 have fewer bytes than theirs, and 253 are less sharp by a step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from mediaarchive.media.metadata.derived import DERIVED
from mediaarchive.model import Decision, Kind
from mediaarchive.stages.dedupe.doubting import reoriented
from mediaarchive.stages.dedupe.originals import Entry, camera_made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SAME_AREA, _SAME_SHARPNESS = 1.05, 1.10  # ratios below which a difference decides nothing
_SAME_LIKENESS = 1.5  # ratio of what is missing to a full correlation
_SAME_DETAIL = 1.10  # ratio of pixels for the same patch: what shows more, but smaller, isn't what a crop was cut from
_FRAME = 0.03  # of the area, between what lies inside a plain border and what the other picture covers
# Of the outline: around photographs in frames and on screens 0.59 to 1, in stories 0.44, unless both are black; around crops up to
# 0.37, and once 0.44, where trunks stood along it.
_SEAM, _SURE_SEAM = 0.42, 0.55
_FORMATS = {"image/heic": 0, "image/heif": 0, "image/jpeg": 1}  # what cameras write, before what tools export
REASONS = (
    "kind",
    "human",
    "sound",
    "whole",
    "camera-facts",
    "as-taken",
    "larger",
    "camera-original",
    "camera-original",
    "upright",
    "most-copies",
    "most-alike",
    "bytes",
    "sharper",
    "sha256",
)


_AREA, _SEEN = REASONS.index("larger"), REASONS.index("upright")
_MORE_BYTES = 1.5  # times: an encoder's whim, or a container's, is less; a messenger's copy of the same size is half


def chosen(rank: tuple[Any, ...]) -> object:
    """What people said of who is shown: the last choice counts."""
    return rank[REASONS.index("human")]


def as_good(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two are equal in all that visitors can see but size: as whole, as original, with sound or without."""
    return one[:_AREA] == other[:_AREA] and one[_AREA + 1 : _SEEN] == other[_AREA + 1 : _SEEN]


def no_larger(one: Entry, other: Entry) -> bool:
    """Whether one has about as many pixels as the other, or less, and not many more bytes."""
    mine, theirs = (entry.facts.width * entry.facts.height for entry in (one, other))
    return mine <= _SAME_AREA * theirs and one.bytes < _MORE_BYTES * other.bytes


class Tied(Protocol):
    """What a link tells here."""

    @property
    def evidence(self) -> Mapping[str, Any]:
        """What was measured."""


def as_they_came(entries: Mapping[str, Entry], decisions: Sequence[Decision]) -> dict[str, tuple[Any, ...]]:
    """The order before anything is proved: `ranked` without what proofs add."""
    choices = _choices(decisions)
    return {sha: _rank(entry, choices.get(sha, 0), (), reduced=False) for sha, entry in entries.items()}


def outranks(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether the one is shown before the other whatever is proved of them, unless it is a part of it (`reduced`)."""
    return one[:_SEEN] < other[:_SEEN]


def ranked(
    entries: Mapping[str, Entry],
    links: Mapping[str, Mapping[str, Tied]],
    proofs: Mapping[tuple[str, str], Mapping[str, Any]],
    decisions: Sequence[Decision],
) -> dict[str, tuple[Any, ...]]:
    """Who is shown before whom. Ratios are compared in steps, so that the order is one order and not a circle."""
    choices = _choices(decisions)
    whole = {
        sha: sum(link.evidence.get("contains", "both") == "both" for link in near.values())
        for sha, near in links.items()
    }
    parts = {
        less
        for (left, right), proof in proofs.items()
        if right in links.get(left, {}) and (less := reduced(entries[left], entries[right], proof, whole))
    }
    return {
        sha: _rank(entry, choices.get(sha, 0), list(links.get(sha, {}).values()), reduced=sha in parts)
        for sha, entry in entries.items()
    }


def _choices(decisions: Sequence[Decision]) -> dict[str | None, int]:
    """What people chose to be shown: a later choice stands before an earlier one."""
    return {
        decision.params.get("master"): place for place, decision in enumerate(decisions, 1) if decision.kind == "master"
    }


def _rank(entry: Entry, chosen: int, linked: Sequence[Tied], *, reduced: bool) -> tuple[Any, ...]:
    """The order's rules, one after the other; `REASONS` names them.

    What a program wrote after the camera stands behind what the camera wrote, however large and sharp it was made.

    `linked`: edits of one photograph resemble it more than each other, so what most others are linked to, and then what is
    most like them, is the original. A sharpened edit is no better for being sharp, and what lies mirrored to most others
    is mirrored itself.
    """
    facts = entry.facts
    return (
        facts.kind is not Kind.PHOTO,
        -chosen,
        2 * (not facts.audio) + (facts.taken is None) if facts.kind is Kind.VIDEO else 0,
        reduced,
        not camera_made(facts),
        DERIVED in facts.notes,
        -step(facts.width * facts.height, _SAME_AREA),
        _FORMATS.get(facts.mime, 2),
        -len(facts.shot),
        2 * sum(reoriented(link.evidence) for link in linked) > len(linked),
        -len(linked),
        -_likeness(linked),
        -entry.bytes,
        -step(facts.signature.get("sharp") or 0, _SAME_SHARPNESS),
        entry.sha256,
    )


def _likeness(linked: Sequence[Tied]) -> int:
    """How closely the tiles of others agree, on the average, in steps; 0 for one pair, which is as like from either end."""
    means = [link.evidence["mean"] for link in linked if "mean" in link.evidence]
    return step(1 / max(1e-6, 1 - sum(means) / len(means)), _SAME_LIKENESS) if len(means) > 1 else 0


def step(value: float, ratio: float) -> int:
    """Which step of a ladder a value stands on: ratios compared in steps make one order, and no circle."""
    return math.floor(math.log(value) / math.log(ratio)) if value > 1 else 0


def reduced(left: Entry, right: Entry, proof: Mapping[str, Any], whole: Mapping[str, int]) -> str | None:
    """The sha256 of the one that has lost something: a crop, or one in a frame or on a phone's screen.

    `whole`: how many others show all that each shows, as far as that is known. Of a photograph there are more copies than of what
    was cut from it, and than of a screen that it was on; where outlines are in doubt, that tells.
    """
    if cut := proof.get("cut"):
        return (left if cut["of"] == "left" else right).sha256
    if proof.get("contains") not in {"left", "right"}:
        return None
    outer, inner = (left, right) if proof["contains"] == "left" else (right, left)
    outvoted = (proof.get("seam") or 0.0) < _SURE_SEAM and whole.get(outer.sha256, 0) > whole.get(inner.sha256, 0)
    if not camera_made(outer.facts) and not outvoted and _framed(outer, proof):
        return outer.sha256
    detail = inner.facts.width * inner.facts.height / max(1.0, proof["share"] * outer.facts.width * outer.facts.height)
    return inner.sha256 if detail <= _SAME_DETAIL else None


def _framed(outer: Entry, proof: Mapping[str, Any]) -> bool:
    """Whether what is around the inner picture is a border or a screen: it ends there, or the outer one's plain border begins."""
    inside = outer.facts.signature.get("inside")
    ends = (proof.get("seam") or 0.0) >= _SEAM
    return ends or (inside is not None and abs(inside - proof["share"]) <= _FRAME)
