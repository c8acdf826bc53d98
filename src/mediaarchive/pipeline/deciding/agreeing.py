"""Whether what people say of pairs can all be true: what is one with a third can't be two photographs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product

from mediaarchive.catalog import Catalog
from mediaarchive.model import Decision

Pair = frozenset[str]


def last_words(decisions: Iterable[Decision]) -> dict[Pair, Decision]:
    """The last `same` or `never` on each pair of contents (SHA-256s)."""
    said: dict[Pair, Decision] = {}
    for decision in decisions:
        if decision.kind in {"same", "never"}:
            said.update((frozenset(pair), decision) for pair in combinations(decision.subjects, 2))
    return said


def against(catalog: Catalog, words: Mapping[Pair, str], files: Sequence[str]) -> tuple[str, str] | None:
    """What keeps files (SHA-256s) from becoming one: two that would be one with them, and were said to be different.

    Args:
        catalog: the workspace's: which files are one now.
        words: the last word on each pair, `same` or `never`; what is about to be said, too.
        files: what is to be one. What was said of two of these themselves is in nobody's way.
    """
    whole = [_one_with(catalog, words, sha256) for sha256 in files]
    for mine, theirs in combinations(whole, 2):
        if mine.isdisjoint(theirs):
            pairs = (pair for pair in product(sorted(mine), sorted(theirs)) if not {*pair} <= {*files})
            if found := next((pair for pair in pairs if words.get(frozenset(pair)) == "never"), None):
                return found
    return None


def _one_with(catalog: Catalog, words: Mapping[Pair, str], sha256: str) -> set[str]:
    item = catalog.items_of([sha256]).get(sha256)
    asset = catalog.asset(item) if item else None
    members = {member.sha256 for member in asset.members} if asset else set()
    return {sha256, *(member for member in members if words.get(frozenset((member, sha256))) != "never")}


def chain(same: Sequence[Pair], left: str, right: str) -> tuple[Pair, ...]:
    """The fewest of these pairs that lead from one file to another: if each is one photograph, so are the two. None: they don't."""
    ways: dict[str, tuple[Pair, ...]] = {left: ()}
    reached = [left]
    for here in reached:
        for pair in same:
            for there in pair - ways.keys() if here in pair else ():
                ways[there] = (*ways[here], pair)
                reached.append(there)
    return ways.get(right, ())
