"""Bursts: photographs of one camera, taken within seconds, that look alike. One stands for them; each stays an item of its own.

A stack hides nothing: it only says which frames a gallery may show behind which. Whether two frames belong together depends
on these two alone, so a latecomer may join a stack, or join two, and never parts one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from mediaarchive.model import Asset, Decision, Facts
from mediaarchive.stages.dedupe.originals import moment_of, one_camera
from mediaarchive.stages.dedupe.ranking import step

GAP: Final = timedelta(seconds=2)  # between two frames of one burst; a self-timer's series or a bracket is as quick
ALIKE: Final = 90  # bits of 256 in which two frames differ at most: unrelated photographs differ in 100 and more
COVER: Final = "cover"  # in a master's evidence: it was published as the cover of its stack
_SAME_SHARPNESS = 1.10


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A photograph that is shown. `known`: it was published before; `covered`: as the cover of its stack."""

    item: str
    facts: Facts
    sha256: str
    members: frozenset[str]
    known: bool = False
    covered: bool = False

    @classmethod
    def of(cls, asset: Asset, facts: Facts, known: Asset | None) -> Frame:
        """The frame that an item is, given what is known of it since it was published."""
        masters = [member for member in known.members if member.evidence.get(COVER)] if known else []
        return cls(
            item=asset.id,
            facts=facts,
            sha256=asset.master,
            members=frozenset(member.sha256 for member in asset.members),
            known=known is not None,
            covered=bool(masters),
        )


def stacks(frames: Iterable[Frame], decisions: Sequence[Decision]) -> tuple[tuple[str, ...], ...]:
    """The stacks of an event: item ids, the cover first, the others in the order in which they would take its place.

    Pure; independent of the order of `frames`. The cover is what a human chose, else what it was, else what was published
    before, else the sharpest.
    """
    ordered = sorted(frames, key=lambda frame: frame.item)
    together = _together(ordered)
    chosen = {sha: place for place, one in enumerate(decisions) if one.kind == "cover" for sha in one.subjects}
    ranked = [sorted(group, key=lambda frame: _rank(frame, chosen)) for group in together if len(group) > 1]
    return tuple(sorted(tuple(frame.item for frame in group) for group in ranked))


def _together(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames tied by pairs that are close in time, of one camera, and alike."""
    timed = [(at, frame) for frame in frames if (at := moment_of(frame.facts))]
    timed.sort(key=lambda entry: (entry[0], entry[1].item))
    home = {frame.item: [frame] for _, frame in timed}
    for place, (at, frame) in enumerate(timed):
        for later, other in timed[place + 1 :]:
            if later - at > GAP:
                break
            if home[frame.item] is not home[other.item] and _alike(frame.facts, other.facts):
                joined = home[frame.item] + home[other.item]
                home.update(dict.fromkeys((one.item for one in joined), joined))
    return list({id(group): group for group in home.values()}.values())


def _alike(left: Facts, right: Facts) -> bool:
    mine, theirs = left.signature.get("phash"), right.signature.get("phash")
    if not mine or not theirs or not one_camera(left, right):
        return False
    return (int(mine, 16) ^ int(theirs, 16)).bit_count() <= ALIKE


def _rank(frame: Frame, chosen: Mapping[str, int]) -> tuple[Any, ...]:
    place = max((chosen[sha] for sha in frame.members if sha in chosen), default=-1)
    at: datetime | None = moment_of(frame.facts)
    return (
        -place,
        not frame.covered,
        not frame.known,
        -step(frame.facts.signature.get("sharp") or 0, _SAME_SHARPNESS),
        -frame.facts.width * frame.facts.height,
        at or datetime.max,  # noqa: DTZ901 - a camera's clock has no zone
        frame.sha256,
    )
