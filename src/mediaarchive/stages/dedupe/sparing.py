"""Which pairs needn't be proved, and which only proofs lead to.

Of forty edits of one photograph all 780 pairs look alike; the forty with the photograph itself tell which belong to it: two copies
of one better photograph say nothing new of each other. A crop of it, on the other hand, looks like other crops and not like the
photograph: what is a copy of a copy is worth a proof with what that one is a copy of. Both follow from the originals and from what
proofs showed, so they are the same in any order of arrival.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from mediaarchive.stages.dedupe.doubting import of_one_program
from mediaarchive.stages.dedupe.linking import Book, Tie, judge
from mediaarchive.stages.dedupe.originals import provable
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
    for _ in range(_ROUNDS):
        leaders = _leaders(left, ranks)
        now = sorted(pair for pair in left if not leaders.isdisjoint(pair))
        if not now:
            break
        found |= prove(now)
        left -= {*now}
        copies = _copies(known, leaders, {pair: found[pair] for pair in now if pair in found})
        spared = _spared(known, ranks, copies, asked)
        left -= {pair for pair in spared if (pair[0] in withdrawn) == (pair[1] in withdrawn)}
    if left:
        found |= prove(sorted(left))
    for _ in range(_STEPS):
        book = Book.of(known.values(), found, decisions)
        further = sorted(pair for pair in _further(book) - found.keys() if may(pair))
        if not further:
            break
        found |= prove(further)
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
