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
from mediaarchive.stages.dedupe.doubting import doubt, of_one_exposure, of_one_program, reoriented
from mediaarchive.stages.dedupe.films import judge_films
from mediaarchive.stages.dedupe.originals import Entry, exposures, same_pixels
from mediaarchive.stages.dedupe.ranking import REASONS, as_good, chosen, no_larger, ranked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_PLAIN = 0.02  # share of textured tiles: two black frames of two moments can have equal pixels
_EXACT, _LITTLE = 1e-5, 0.3  # of `mean`; grey levels: less is rounding
# Set on 693 copies, 232 of them of two of four frames from a tripod: wrong are 38 without, 27 by this alone, 23 with both.
_CLOSELY = 2 / 3
# Of `Link.match`: frames of a still scene are further from each other than copies from their own. In a thumbnail (fewer px than
# that, as compared) the place is lost that would tell.
_ABOUT, _ABOUT_SMALL, _SMALL = 0.3, 2.0, 200
_FINER = 1.2  # ratio of two sizes at which pictures are compared: at a finer one all agree less
_ROUNDED = 1.05  # ratio of areas: an edge of whole pixels, or a stretch


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

        It counts how little the tiles' shapes differ, at a glance and, for two thirds, closely; how little is left unexplained; and
        what they share of one exposure's noise. Ratios tell a copy from the next frame, however hard it was compressed.
        """
        fine = self.evidence.get("fine") or {}
        closely = _powers(fine["mean"]) if "mean" in fine else self.glance
        unlike = (1 - _CLOSELY) * self.glance + _CLOSELY * closely
        likeness: float = unlike - math.log(_LITTLE + fine.get("rest", 30.0)) + max(0.0, fine.get("grain", 0))
        return round(likeness, 5)

    @property
    def glance(self) -> float:
        """How little the tiles' shapes differ at a glance, in powers of e: of all pairs alike, however large they are."""
        return _powers(self.evidence.get("mean", 0))

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
            link = judge(known[left], known[right], proofs.get((left, right)), said.get((left, right)))
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
        ranks = ranked(known, links, proofs, decisions)
        return cls(known, links, held, beside, {sha: frozenset(others) for sha, others in never.items()}, ranks)

    def rank(self, sha: str) -> tuple[Any, ...]:
        """The place in the order of who is shown: smaller is better; a total order, since it ends with the sha256."""
        return self.ranks[sha]

    def ordered(self, shas: Iterable[str]) -> list[str]:
        """Originals, the one to be shown first."""
        return sorted(shas, key=self.rank)

    def why(self, master: str, next_best: str) -> str:
        """The first of the order's rules by which the one beats the other."""
        pairs = zip(self.ranks[master], self.ranks[next_best], REASONS, strict=True)
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

    def keeps_its_place(self, shown: str, best: str) -> bool:
        """Whether the best of a group gives visitors nothing that the published one doesn't: then nothing is made anew for it.

        It has the same pixels, or as many, is as whole and as original, and not much larger. A person's choice always counts.
        """
        link = self.links.get(shown, {}).get(best)
        mine, theirs = self.entries[shown], self.entries[best]
        if chosen(self.ranks[shown]) != chosen(self.ranks[best]):
            return False
        same = link is not None and link.tie is Tie.PIXELS
        return same or (as_good(self.ranks[shown], self.ranks[best]) and no_larger(theirs, mine))

    def vetoed(self, left: str, right: str) -> bool:
        """Whether capture facts say that these are two exposures."""
        return exposures(self.entries[left].facts, self.entries[right].facts) == "other"

    def may_come_of(self, sha: str, other: str) -> bool:
        """Whether `other` has the pixels and the colours that `sha` was made of: no copy is in the way of its original.

        What has fewer pixels agrees as well with the next frame of a still scene: where two are compared at the smaller's size,
        whatever differs is averaged away.
        """
        mine, theirs = (self.entries[one].facts.width * self.entries[one].facts.height for one in (sha, other))
        link = self.links.get(sha, {}).get(other) or self.beside.get(sha, {}).get(other)
        evidence = link.evidence if link else {}
        my_side, other_side = _side(sha, other), _side(other, sha)
        if evidence.get("contains") == my_side:  # what is around it, a frame say, isn't made of the other one
            mine *= evidence["share"]
        elif evidence.get("cut", {}).get("of") == my_side:
            mine *= evidence["cut"]["share"]
        return theirs * _ROUNDED >= mine and evidence.get("grey") != other_side

    def better_held(self, sha: str, anchor: str) -> bool:
        """Whether what links `sha` to `anchor` is proof alone, while it matches as well what it may not be linked to.

        That one may be its true original then, of the same size perhaps, and `anchor` another frame of the same scene. What is
        edited must match better, to stand in the way; and `anchor` may be an edit of something better itself.
        """
        link = self.links[sha][anchor]
        about = _about(link)
        return link.tie is Tie.PROOF and (
            any(
                _better(held, link, about) and other not in self.links[anchor] and self.may_come_of(sha, other)
                for other, held in self.beside.get(sha, {}).items()
            )
            or any(
                held.relation == "variant" and _better(held, link) and other not in self.links[sha]
                for other, held in self.beside.get(anchor, {}).items()
                if self.rank(other) < self.rank(anchor)
            )
        )

    def of_either(self, sha: str, anchor: str) -> bool:
        """Whether what links `sha` to `anchor` is proof alone, and it matches another photograph about as well, or better.

        These two are not each other's copies, by what they show or by when they were taken, so nobody can tell by the pixels which
        of them it was made of. Nor is a thumbnail a copy of what can't be placed itself.
        """
        link = self.links[sha][anchor]
        if link.tie is not Tie.PROOF or "fine" not in link.evidence:
            return False
        small = _about(link) == _ABOUT_SMALL
        return self._torn(sha, anchor) or (small and any(self._torn(anchor, other) for other in self.links[anchor]))

    def _torn(self, sha: str, anchor: str) -> bool:
        mine, beside = self.links[sha], self.beside.get(anchor, {})
        least = mine[anchor].match - _about(mine[anchor])
        return any(
            link.match > least and self.may_come_of(sha, other)
            for other, link in mine.items()
            if (other in beside and beside[other].relation == "variant") or self.vetoed(anchor, other)
        )

    def twins(self, left: str, right: str) -> bool:
        """Whether one app wrote both, in one size: then they are two pictures, and can't both be copies of one.

        Two crops of one photograph can, and so can two that a person turned or mirrored: no camera mirrors a frame, or turns the
        next one by a right angle. And two that agree to the last detail, with its noise, are two exports of it, in colours and
        without, say.
        """
        if any(self.cropped(sha) for sha in (left, right)):
            return False
        held = self.beside.get(left, {}).get(right)
        if (
            held
            and held.relation == "copy"
            and (reoriented(held.evidence) or of_one_exposure(held.evidence.get("fine")))
        ):
            return False
        link = self.links.get(left, {}).get(right)
        return link is None and of_one_program(self.entries[left].facts, self.entries[right].facts)

    def differ_beyond(self, left: str, right: str, piece: str) -> bool:
        """Whether two of which `piece` shows a part are each other's edits at most: it can't tell which of them it was cut from."""
        held = self.beside.get(left, {}).get(right)
        return (
            held is not None
            and held.relation == "variant"
            and self._goes_beyond(left, piece)
            and self._goes_beyond(right, piece)
        )

    def _goes_beyond(self, sha: str, piece: str) -> bool:
        link = self.links.get(sha, {}).get(piece)
        return link is not None and link.evidence.get("contains") == _side(sha, piece)

    def cropped(self, sha: str) -> bool:
        """Whether it shows less than something it is linked to."""
        return any(link.evidence.get("contains") in {"left", "right"} for link in self.links.get(sha, {}).values())

    def relation(self, sha: str, master: str) -> str:
        """How an alternate stands to the master."""
        mine, theirs = self.entries[sha].facts, self.entries[master].facts
        if mine.kind is not theirs.kind:
            return "sibling"
        return "pixel-identical" if same_pixels(mine, theirs) else "copy"


def _side(sha: str, other: str) -> str:
    """Which of a pair the first is, as its proof names it."""
    return "left" if sha < other else "right"


def _about(link: Link) -> float:
    """By how much two matches must differ, so that the one is the better one."""
    return _ABOUT_SMALL if 0 < _edge(link) < _SMALL else _ABOUT


def _better(held: Link, link: Link, about: float = 0.0) -> bool:
    """Whether what is held matches better than what is linked, or as well within `about`."""
    if held.relation == "unclear":  # nobody looked closely, and what the tiles say is enough
        mine, theirs = float(held.evidence.get("mean", 0)), float(link.evidence.get("mean", 0))
        return mine > theirs
    closely = held.relation == "copy" or "fine" in held.evidence
    mine, theirs = held.match, link.match
    if _edge(held) > _FINER * _edge(link):
        mine, theirs = held.glance, link.glance
    return mine > theirs - (about if closely else 0.0)


def _edge(link: Link) -> int:
    """The long edge in px at which two pictures were compared closely; 0 if they weren't."""
    edge: int = link.evidence.get("fine", {}).get("edge", 0)
    return edge


def _powers(mean: float) -> float:
    return -math.log(max(_EXACT, 1 - mean))


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


def judge(left: Entry, right: Entry, proof: Mapping[str, Any] | None, decision: Decision | None = None) -> Link | None:
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
