"""Which pairs are proved one after the other, by one worker: those of pictures that it has open.

To open a photograph of 24 megapixels costs as much as a proof. In the order of their names the pairs of an event have each
picture opened again for nearly every pair; scene by scene it is once, but for scenes with more pictures than a worker keeps.
No order and no cut changes what a proof shows.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Pair = tuple[str, str]

OPEN: Final = 48
"""Pictures that a worker keeps, those that it used last: 1.3 MB each."""
MOST: Final = 32
"""Pairs that a worker is given at once, about: some ten seconds."""

_LEAST = 6
_PARTS = 2  # batches that each worker still gets, so that at the end none waits long for another


def batches(pairs: Iterable[Pair], workers: int) -> Iterator[list[Pair]]:
    """All pairs (any two names), so that those of one scene follow each other, cut where fewest pictures are on both sides.

    Args:
        pairs: In any order, each once.
        workers: How many work at the same time, about: the last batches are smaller.
    """
    ordered = by_what_is_open(pairs)
    across = _across(ordered)
    begin = 0
    while begin < len(ordered):
        size = max(_LEAST, min(MOST, (len(ordered) - begin) // (_PARTS * workers)))
        ends = range(begin + max(1, size // 2), min(begin + size + size // 2, len(ordered)) + 1)
        end = min(ends, key=lambda end: (across[end], abs(end - begin - size)), default=len(ordered))
        yield ordered[begin:end]
        begin = end


def by_what_is_open(pairs: Iterable[Pair]) -> list[Pair]:
    """Pairs in an order in which few pictures are opened twice by somebody who keeps `OPEN` of them.

    The next one to be opened is the one that has most pairs with those that are; the same for the same pairs.
    """
    beside: dict[str, set[str]] = defaultdict(set)
    for left, right in pairs:
        beside[left].add(right)
        beside[right].add(left)
    waiting = sorted(beside, key=lambda name: (-len(beside[name]), name))  # where a scene begins
    kept = _Kept(beside)
    ordered: list[Pair] = []
    for first in waiting:
        while beside[first]:  # once, but where what it is paired with was put away before it came to that
            name: str | None = first
            while name is not None:
                ordered += kept.opened(name)
                name = kept.next()
    return ordered


class _Kept:
    """The pictures that are open, those used last at the end, and what is waiting for them."""

    def __init__(self, beside: dict[str, set[str]]) -> None:
        self._beside = beside
        self._open: OrderedDict[str, None] = OrderedDict()
        self._calls: dict[str, int] = {}  # pairs with what is open, of what is not

    def opened(self, name: str) -> list[Pair]:
        """Open one more, and have the pairs that it makes with those that are open."""
        if len(self._open) == OPEN:
            self._put_away(next(iter(self._open)))
        self._calls.pop(name, None)
        found = [other for other in self._open if other in self._beside[name]]
        self._open[name] = None
        for other in found:
            self._open.move_to_end(other)
            self._beside[name].discard(other)
            self._beside[other].discard(name)
        self._open.move_to_end(name)
        for other in self._beside[name]:
            self._calls[other] = self._calls.get(other, 0) + 1
        return [(min(name, other), max(name, other)) for other in found]

    def next(self) -> str | None:
        """The one that has most pairs with those that are open."""
        return min(self._calls, key=lambda name: (-self._calls[name], name), default=None)

    def _put_away(self, name: str) -> None:
        del self._open[name]
        for other in self._beside[name]:  # none of them is open: of those that are, all pairs have been had
            self._calls[other] -= 1
            if not self._calls[other]:
                del self._calls[other]


def _across(pairs: Sequence[Pair]) -> list[int]:
    """Before each pair, and after the last: how many pictures are both before and after that."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for place, pair in enumerate(pairs):
        for name in pair:
            first.setdefault(name, place)
            last[name] = place
    steps = [0] * (len(pairs) + 1)
    for name, place in first.items():
        steps[place + 1] += 1
        steps[last[name] + 1] -= 1
    across, now = [], 0
    for step in steps:
        now += step
        across.append(now)
    return across
