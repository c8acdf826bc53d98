"""What ties two originals together or keeps them apart, and which of several is shown: the rules that grouping folds.

Surest first: a human's word, equal pixels, one exposure by its capture facts and by proof, proof alone. Proof alone
doesn't tell a copy from the next frame of a still scene, so it links only files that one camera or one app can't both
have written.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations
from typing import TYPE_CHECKING, Any

from mediaarchive.model import Decision, Facts, Kind
from mediaarchive.stages.dedupe.candidates import Entry, camera_made, exposures, same_pixels
from mediaarchive.stages.dedupe.doubting import doubt, same_encoder, same_size
from mediaarchive.stages.dedupe.films import judge_films

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_PLAIN = 0.02  # share of textured tiles: two black frames of two moments can have equal pixels
_SAME_AREA, _SAME_SHARPNESS = 1.05, 1.10  # ratios below which a difference decides nothing
_SAME_LIKENESS = 1.5  # ratio of what is missing to a full correlation
_SAME_DETAIL = 1.10  # ratio of pixels for the same patch: what shows more, but smaller, isn't what a crop was cut from
_EXACT, _LITTLE = 1e-5, 0.3  # of `mean`; grey levels: less is rounding
_ABOUT = 0.3  # of `Link.match`: frames of a still scene are further from each other than copies from their own
_FRAME = 0.03  # of the area, between what lies inside a plain border and what the other picture covers
# A phone's height by its width, at least; of the screen that the picture has, at most.
_SCREEN, _SCREEN_SHARE = 1.7, 0.85
_BARE = 0.30  # share of textured tiles around the picture on a screen: labels and buttons
_FORMATS = {"image/heic": 0, "image/heif": 0, "image/jpeg": 1}  # what cameras write, before what tools export
_REASONS = (
    "kind",
    "human",
    "sound",
    "whole",
    "camera-facts",
    "larger",
    "camera-original",
    "camera-original",
    "most-copies",
    "most-alike",
    "sharper",
    "bytes",
    "sha256",
)


class Tie(IntEnum):
    """How sure a link is."""

    HELD = 0  # close, but for a human to decide
    PROOF = 1
    EXPOSURE = 2
    PIXELS = 3
    HUMAN = 4


@dataclass(frozen=True, slots=True)
class Link:
    """Two originals that belong together, or may: how surely, as what, and why."""

    tie: Tie
    relation: str
    evidence: Mapping[str, Any]

    @property
    def match(self) -> float:
        """How well the pictures agree, in powers of e.

        It counts how little the tiles' shapes differ, how little is left unexplained, and what they share of one exposure's noise.
        Ratios tell a copy from the next frame, however hard it was compressed: the sum told them all, by 0.8 at least.
        """
        fine = self.evidence.get("fine") or {}
        unlike = max(_EXACT, 1 - self.evidence.get("mean", 0))
        likeness: float = (
            -math.log(unlike) - math.log(_LITTLE + fine.get("rest", 30.0)) + max(0.0, fine.get("grain", 0))
        )
        return round(likeness, 5)

    @property
    def score(self) -> tuple[float, float]:
        """The order of an original's links: how sure, then how well they match."""
        return float(self.tie), self.match


@dataclass(frozen=True, slots=True)
class Book:
    """All that is known of the originals of one event.

    `links`: from either end; `held`: close pairs that nothing may join, and `beside` the same from either end, with those that
    have too little texture for a proof; `never`: what a human keeps apart, from either end; `ranks`: the order of who is shown.
    """

    entries: Mapping[str, Entry]
    links: Mapping[str, Mapping[str, Link]]
    held: Mapping[tuple[str, str], Link]
    beside: Mapping[str, Mapping[str, Link]]
    never: Mapping[str, frozenset[str]]
    ranks: Mapping[str, tuple[Any, ...]]

    @classmethod
    def of(
        cls,
        entries: Iterable[Entry],
        proofs: Mapping[tuple[str, str], Mapping[str, Any]],
        decisions: Sequence[Decision],
    ) -> Book:
        """Judge every pair that is proved, has equal pixels, or was decided on."""
        known = {entry.sha256: entry for entry in entries}
        said = _said(decisions)
        pairs = {*proofs, *said, *_equal_pixels(known.values())}
        links: dict[str, dict[str, Link]] = defaultdict(dict)
        held: dict[tuple[str, str], Link] = {}
        beside: dict[str, dict[str, Link]] = defaultdict(dict)
        for left, right in sorted(pair for pair in pairs if pair[0] in known and pair[1] in known):
            link = _judge(known[left], known[right], proofs.get((left, right)), said.get((left, right)))
            if link is None:
                continue
            if link.tie is Tie.HELD:
                beside[left][right] = beside[right][left] = link
            if link.relation == "unclear":
                continue
            if link.tie is Tie.HELD:
                held[left, right] = link
            else:
                links[left][right] = links[right][left] = link
        never: dict[str, set[str]] = defaultdict(set)
        for (left, right), decision in said.items():
            if decision.kind == "never":
                never[left].add(right)
                never[right].add(left)
        ranks = _ranks(known, links, proofs, decisions)
        return cls(known, links, held, beside, {sha: frozenset(others) for sha, others in never.items()}, ranks)

    def rank(self, sha: str) -> tuple[Any, ...]:
        """The place in the order of who is shown: smaller is better; a total order, since it ends with the sha256."""
        return self.ranks[sha]

    def ordered(self, shas: Iterable[str]) -> list[str]:
        """Originals, the one to be shown first."""
        return sorted(shas, key=self.rank)

    def why(self, master: str, next_best: str) -> str:
        """The first of the order's rules by which the one beats the other."""
        pairs = zip(self.ranks[master], self.ranks[next_best], _REASONS, strict=True)
        return next(reason for mine, theirs, reason in pairs if mine != theirs)

    def tied(self, tie: Tie) -> list[tuple[str, str]]:
        """All pairs with such a tie, in order."""
        return sorted(
            (left, right)
            for left, near in self.links.items()
            for right in near
            if left < right and near[right].tie is tie
        )

    def close(self) -> Iterator[tuple[tuple[str, str], Link]]:
        """All pairs that are linked or held, in order."""
        yield from self.held.items()
        for left in sorted(self.links):
            yield from (
                ((left, right), link)
                for right, link in sorted(self.links[left].items(), key=lambda item: item[0])
                if left < right
            )

    def apart(self, some: Iterable[str], others: Iterable[str]) -> bool:
        """Whether a human keeps any of these from any of those."""
        those = set(others)
        return any(not those.isdisjoint(self.never.get(sha, ())) for sha in some)

    def inseparable(self, left: str, right: str) -> bool:
        """Whether what is proved of the one is proved of the other: equal pixels, or a human's word."""
        link = self.links.get(left, {}).get(right)
        return link is not None and link.tie >= Tie.PIXELS

    def vetoed(self, left: str, right: str) -> bool:
        """Whether capture facts say that these are two exposures."""
        return exposures(self.entries[left].facts, self.entries[right].facts) == "other"

    def better_held(self, sha: str, anchor: str) -> bool:
        """Whether what links `sha` to `anchor` is proof alone, while it matches as well what it may not be linked to.

        That one may be its true original then, of the same size perhaps, and `anchor` another frame of the same scene. What is
        edited must match better, to stand in the way; and `anchor` may be an edit of something better itself.
        """
        link = self.links[sha][anchor]
        return link.tie is Tie.PROOF and (
            any(
                _better(held, link, _ABOUT) and other not in self.links[anchor]
                for other, held in self.beside.get(sha, {}).items()
            )
            or any(
                held.relation == "variant" and _better(held, link) and other not in self.links[sha]
                for other, held in self.beside.get(anchor, {}).items()
                if self.rank(other) < self.rank(anchor)
            )
        )

    def twins(self, left: str, right: str) -> bool:
        """Whether one app wrote both, in one size: then they are two pictures, and can't both be copies of one.

        Two crops of one photograph can, and so can two that a person turned or mirrored: no camera mirrors a frame, or turns the
        next one by a right angle.
        """
        if any(self.cropped(sha) for sha in (left, right)):
            return False
        held = self.beside.get(left, {}).get(right)
        if held and held.relation == "copy" and _reoriented(held.evidence):
            return False
        link = self.links.get(left, {}).get(right)
        mine, theirs = self.entries[left].facts, self.entries[right].facts
        return link is None and same_size(mine, theirs) and same_encoder(mine, theirs)

    def cropped(self, sha: str) -> bool:
        """Whether it shows less than something it is linked to."""
        return any(link.evidence.get("contains") in {"left", "right"} for link in self.links.get(sha, {}).values())

    def relation(self, sha: str, master: str) -> str:
        """How an alternate stands to the master."""
        mine, theirs = self.entries[sha].facts, self.entries[master].facts
        if mine.kind is not theirs.kind:
            return "sibling"
        return "pixel-identical" if same_pixels(mine, theirs) else "copy"


def _reoriented(proof: Mapping[str, Any]) -> bool:
    """Whether the one is the other mirrored, or turned by a right angle or two."""
    return bool(proof.get("mirror")) or round(proof.get("angle", 0.0) / 90) % 4 != 0


def _better(held: Link, link: Link, about: float = 0.0) -> bool:
    """Whether what is held matches better than what is linked; what is held as a copy, within `about`."""
    if held.relation == "unclear":  # nobody looked closely, and what the tiles say is enough
        mine, theirs = float(held.evidence.get("mean", 0)), float(link.evidence.get("mean", 0))
        return mine > theirs
    return held.match > link.match - (about if held.relation == "copy" else 0.0)


def _said(decisions: Sequence[Decision]) -> dict[tuple[str, str], Decision]:
    """The last word on each pair: `same` or `never`."""
    said: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        if decision.kind in {"same", "never"}:
            said.update(dict.fromkeys(combinations(sorted(set(decision.subjects)), 2), decision))
    return said


def _equal_pixels(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    pixels: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if digest := entry.facts.signature.get("pixels"):
            pixels[digest].append(entry)
    for together in pixels.values():
        for left, right in combinations(sorted(together, key=lambda entry: entry.sha256), 2):
            if same_pixels(left.facts, right.facts):
                yield left.sha256, right.sha256


def _judge(left: Entry, right: Entry, proof: Mapping[str, Any] | None, decision: Decision | None) -> Link | None:
    """What two originals are to each other; None: nothing that a human should see."""
    if decision is not None:
        if decision.kind == "never":
            return None
        return Link(Tie.HUMAN, "copy", {**(proof or {}), "v": 1, "by": "human", "at": decision.at})
    if left.facts.kind is right.facts.kind is Kind.VIDEO:
        film = judge_films(left.facts, right.facts, proof)
        return Link(Tie[film[0]], film[1], film[2]) if film else None
    if left.facts.kind is not Kind.PHOTO or right.facts.kind is not Kind.PHOTO:
        return None
    exposure = exposures(left.facts, right.facts)
    if same_pixels(left.facts, right.facts):
        plain = left.facts.signature.get("texture", 1.0) < _PLAIN
        return None if plain and exposure == "other" else Link(Tie.PIXELS, "pixel-identical", {"v": 1, "by": "pixels"})
    if proof is None or exposure == "other":
        return None
    return _proved(left.facts, right.facts, proof, exposure)


def _proved(left: Facts, right: Facts, proof: Mapping[str, Any], exposure: str) -> Link | None:
    evidence = {**proof, "by": "proof", "exposure": exposure}
    if proof["verdict"] == "unproved":
        return Link(Tie.HELD, "variant", {**evidence, "held": "unproved"})
    if proof["verdict"] == "copy":
        held = None if exposure == "same" else doubt(left, right, proof)
        if held:
            return Link(Tie.HELD, "copy", {**evidence, "held": held})
        return Link(Tie.EXPOSURE if exposure == "same" else Tie.PROOF, "copy", evidence)
    if proof["verdict"] == "variant" or exposure == "same":
        return Link(Tie.HELD, "variant", {**evidence, "held": "edited"})
    if proof["verdict"] == "unclear":
        return Link(Tie.HELD, "unclear", evidence)
    return None


def _ranks(
    entries: Mapping[str, Entry],
    links: Mapping[str, Mapping[str, Link]],
    proofs: Mapping[tuple[str, str], Mapping[str, Any]],
    decisions: Sequence[Decision],
) -> dict[str, tuple[Any, ...]]:
    """Who is shown before whom. Ratios are compared in steps, so that the order is one order and not a circle."""
    chosen = {
        decision.params.get("master"): place for place, decision in enumerate(decisions, 1) if decision.kind == "master"
    }
    reduced = {
        less
        for (left, right), proof in proofs.items()
        if right in links.get(left, {}) and (less := _reduced(entries[left], entries[right], proof))
    }
    return {
        sha: _rank(entry, chosen.get(sha, 0), list(links.get(sha, {}).values()), reduced=sha in reduced)
        for sha, entry in entries.items()
    }


def _rank(entry: Entry, chosen: int, linked: Sequence[Link], *, reduced: bool) -> tuple[Any, ...]:
    """The order's rules, one after the other; `_REASONS` names them.

    `linked`: edits of one photograph resemble it more than each other, so what most others are linked to, and then what is
    most like them, is the original. A sharpened edit is no better for being sharp.
    """
    facts = entry.facts
    return (
        facts.kind is not Kind.PHOTO,
        -chosen,
        2 * (not facts.audio) + (facts.taken is None) if facts.kind is Kind.VIDEO else 0,
        reduced,
        not camera_made(facts),
        -step(facts.width * facts.height, _SAME_AREA),
        _FORMATS.get(facts.mime, 2),
        -len(facts.shot),
        -len(linked),
        -_likeness(linked),
        -step(facts.signature.get("sharp") or 0, _SAME_SHARPNESS),
        -entry.bytes,
        entry.sha256,
    )


def _likeness(linked: Sequence[Link]) -> int:
    """How closely the tiles of others agree, on the average, in steps; 0 for one pair, which is as like from either end."""
    means = [link.evidence["mean"] for link in linked if "mean" in link.evidence]
    return step(1 / max(1e-6, 1 - sum(means) / len(means)), _SAME_LIKENESS) if len(means) > 1 else 0


def step(value: float, ratio: float) -> int:
    """Which step of a ladder a value stands on: ratios compared in steps make one order, and no circle."""
    return math.floor(math.log(value) / math.log(ratio)) if value > 1 else 0


def _reduced(left: Entry, right: Entry, proof: Mapping[str, Any]) -> str | None:
    """The sha256 of the one that has lost something: a crop, or one in a frame or on a phone's screen."""
    if proof.get("contains") not in {"left", "right"}:
        return None
    outer, inner = (left, right) if proof["contains"] == "left" else (right, left)
    if not camera_made(outer.facts) and (_framed(outer, proof) or _on_screen(outer, inner, proof)):
        return outer.sha256
    detail = inner.facts.width * inner.facts.height / max(1.0, proof["share"] * outer.facts.width * outer.facts.height)
    return inner.sha256 if detail <= _SAME_DETAIL else None


def _framed(outer: Entry, proof: Mapping[str, Any]) -> bool:
    """Whether what is around the inner picture is the outer one's plain border."""
    inside = outer.facts.signature.get("inside")
    return inside is not None and abs(inside - proof["share"]) <= _FRAME


def _on_screen(outer: Entry, inner: Entry, proof: Mapping[str, Any]) -> bool:
    """Whether the outer picture is a screen that shows the inner one: around that there is next to nothing to be seen.

    Around a crop there is the rest of the scene.
    """
    share, facts = proof["share"], outer.facts
    around = (facts.signature.get("texture", 1) - share * inner.facts.signature.get("texture", 1)) / max(
        1e-6, 1 - share
    )
    tall = facts.height >= _SCREEN * facts.width
    likely = tall or facts.mime == "image/png" or camera_made(inner.facts)
    return share <= _SCREEN_SHARE and likely and around <= _BARE
