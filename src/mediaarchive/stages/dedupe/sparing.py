"""Which pairs needn't be proved, and which only proofs lead to.

Of forty edits of one photograph all 780 pairs look alike; the forty with the photograph itself tell which belong to it: two copies
of one better photograph say nothing new of each other. A crop of it, on the other hand, looks like other crops and not like the
photograph: what is a copy of a copy is worth a proof with what that one is a copy of. And copies of two frames of a burst say
nothing new of the frames, which their camera tells apart. All follows from the originals and from what proofs showed, so it is the
same in any order of arrival.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from mediaarchive.stages.dedupe.doubting import of_one_program
from mediaarchive.stages.dedupe.grouping import fold
from mediaarchive.stages.dedupe.linking import Book, Tie, judge
from mediaarchive.stages.dedupe.originals import exposures, provable
from mediaarchive.stages.dedupe.ranking import as_they_came, outranks, reduced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Any

    from mediaarchive.model import Decision
    from mediaarchive.stages.dedupe.originals import Entry

    Pair = tuple[str, str]
    Proofs = Mapping[Pair, Mapping[str, Any]]

_ROUNDS = 8  # after these, all that is left: a deck of slides of many sizes
# Of `Link.match`, in powers of e. Of 39 pairs of copies of a burst's frames each matched as a copy and the other's frame do, within
# 0.23; their own frames matched by 2.5 and more better.
_FAR = 3.0
_STEPS = 3  # from copy to copy: each needs proofs of the one before


def proved(
    entries: Iterable[Entry],
    wanted: Sequence[Pair],
    decisions: Sequence[Decision],
    prove: Callable[[Sequence[Pair]], Proofs],
    withdrawn: AbstractSet[str] = frozenset(),
    may: Callable[[Pair], bool] = lambda _: True,
) -> dict[Pair, Mapping[str, Any]]:
    """Evidence of the wanted pairs, without those that are spared, and of those that they lead to.

    Args:
        entries: All originals of the pairs.
        wanted: Pairs (smaller sha256, larger sha256).
        decisions: What people said, oldest first.
        prove: Gives evidence for pairs (`proof.compare`); asked several times, the best photographs of each scene first.
        withdrawn: Originals of which every look-alike must be known.
        may: Whether a pair may be proved that isn't among the wanted ones.
    """
    known = {entry.sha256: entry for entry in entries}
    ranks = as_they_came(known, decisions)
    asked = {sha for decision in decisions if decision.kind == "never" for sha in decision.subjects}
    left = set(wanted)
    found: dict[Pair, Mapping[str, Any]] = {}
    frames: set[Pair] = set()
    for _ in range(_ROUNDS):
        leaders = _leaders(left, ranks)
        now = sorted(pair for pair in left if not leaders.isdisjoint(pair))
        if not now:
            break
        found |= prove(now)
        left -= {*now}
        seen = {pair: found[pair] for pair in now if pair in found}
        copies = _copies(known, leaders, seen)
        frames |= _of_two_frames(known, ranks, copies, asked, seen, left)
        spared = _spared(known, ranks, copies, asked) | frames
        left -= {pair for pair in spared if (pair[0] in withdrawn) == (pair[1] in withdrawn)}
    if left:
        found |= prove(sorted(left))
    for _ in range(_STEPS):
        book = Book.of(known.values(), found, decisions)
        further = sorted(pair for pair in _further(book) - found.keys() if may(pair))
        if not further:
            break
        found |= prove(further)
    for _ in range(_ROUNDS):
        unsettled = sorted(_unsettled(known, found, decisions, frames - found.keys()))
        if not unsettled:
            break
        found |= prove(unsettled)
    return found


def _further(book: Book) -> set[Pair]:
    """Pairs of a copy's copy and the best that this one is a copy of, where that is better than all the former is linked to."""
    best = {sha: book.ordered(near)[0] for sha, near in book.links.items()}
    pairs: set[Pair] = set()
    for sha, near in book.links.items():
        beyond = book.ordered(best[other] for other in near)[0]
        if book.rank(beyond) < min(book.rank(sha), book.rank(best[sha])) and provable(
            book.entries[sha], book.entries[beyond]
        ):
            pairs.add((min(sha, beyond), max(sha, beyond)))
    return pairs


def _leaders(pairs: Iterable[Pair], ranks: Mapping[str, tuple[Any, ...]]) -> set[str]:
    """Those that nothing they are paired with certainly stands before."""
    beaten, paired = set[str](), set[str]()
    for left, right in pairs:
        paired.update((left, right))
        if outranks(ranks[left], ranks[right]):
            beaten.add(right)
        elif outranks(ranks[right], ranks[left]):
            beaten.add(left)
    return paired - beaten


def _copies(known: Mapping[str, Entry], leaders: AbstractSet[str], proofs: Proofs) -> dict[str, set[str]]:
    """What was proved to be a copy of each leader. A leader that is a part or a screenshot of another one has none."""
    copies: dict[str, set[str]] = defaultdict(set)
    parts = set()
    for (left, right), proof in proofs.items():
        link = judge(known[left], known[right], proof)
        if link is None or link.tie is Tie.HELD:
            continue
        parts.add(reduced(known[left], known[right], proof, {}))
        for leader, other in ((left, right), (right, left)):
            if leader in leaders:
                copies[leader].add(other)
    return {leader: others for leader, others in copies.items() if leader not in parts}


def _spared(
    known: Mapping[str, Entry],
    ranks: Mapping[str, tuple[Any, ...]],
    copies: Mapping[str, set[str]],
    asked: AbstractSet[str],
) -> set[Pair]:
    """Pairs of copies of one leader that certainly stands before both; but not what one program may have written twice.

    `asked`: what a person keeps apart from something; of that every pair is proved.
    """
    spared: set[Pair] = set()
    for leader in copies.keys() - asked:
        certain = sorted(sha for sha in copies[leader] - asked if outranks(ranks[leader], ranks[sha]))
        spared.update(
            (left, right)
            for left, right in combinations(certain, 2)
            if not of_one_program(known[left].facts, known[right].facts)
        )
    return spared


def _of_two_frames(
    known: Mapping[str, Entry],
    ranks: Mapping[str, tuple[Any, ...]],
    copies: Mapping[str, set[str]],
    asked: AbstractSet[str],
    proofs: Proofs,
    left: AbstractSet[Pair],
) -> set[Pair]:
    """Pairs of copies of two photographs that cameras tell apart, where each is plainly made of its own one.

    Two copies are as unlike as the photographs that they were made of. Since what each was made of matches so much better than the
    other photograph does, the other's copy can't be in its way; and no person is asked about two frames of a burst, but
    where a copy isn't with its frame in the end (`_unsettled`).
    """
    home: dict[str, set[str]] = defaultdict(set)
    for leader in copies.keys() - asked:
        for sha in copies[leader] - asked:
            if outranks(ranks[leader], ranks[sha]):
                home[sha].add(leader)

    def plainly(sha: str, theirs: str) -> bool:
        return all(_plainly(known, proofs, sha, mine, copies[mine], theirs) for mine in home[sha])

    return {
        (one, other)
        for one, other in left
        if home.keys() >= {one, other}
        and all(exposures(known[a].facts, known[b].facts) == "other" for a in home[one] for b in home[other])
        and all(plainly(one, leader) for leader in home[other])
        and all(plainly(other, leader) for leader in home[one])
    }


def _unsettled(
    known: Mapping[str, Entry], found: Proofs, decisions: Sequence[Decision], frames: AbstractSet[Pair]
) -> set[Pair]:
    """Those of `_of_two_frames` of which one isn't with its frame in the end: of it and its nearest ones a person is asked."""
    if not frames:
        return set()
    home = {
        member.sha256: group.master
        for group in fold(known.values(), found, decisions, {}).groups
        for member in group.members
    }
    return {
        (one, other) for one, other in frames if exposures(known[home[one]].facts, known[home[other]].facts) != "other"
    }


def _plainly(
    known: Mapping[str, Entry], proofs: Proofs, sha: str, mine: str, beside: AbstractSet[str], theirs: str
) -> bool:
    """Whether a copy is made of `mine`, and far from another photograph, `theirs`; `beside`: all copies of the former.

    What one program wrote twice of one photograph may still turn out to be two pictures.
    """
    if any(of_one_program(known[sha].facts, known[other].facts) for other in beside - {sha}):
        return False
    own, other = (
        judge(known[pair[0]], known[pair[1]], proofs.get(pair))
        for pair in ((min(sha, leader), max(sha, leader)) for leader in (mine, theirs))
    )
    if own is None or (min(sha, theirs), max(sha, theirs)) not in proofs:
        return False
    if other is None:
        return True
    return other.tie is Tie.HELD and other.relation != "unclear" and other.match <= own.match - _FAR
