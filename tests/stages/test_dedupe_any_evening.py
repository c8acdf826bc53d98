"""Grouping of any evening: whatever was proved, said and published, its promises hold."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from folding import EXIF, folded, groups, photo, proof, said
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaarchive.model import Decision
from mediaarchive.stages.dedupe.originals import Entry

NAMES = "abcdefgh"
PAIRS = list(combinations(NAMES, 2))


@st.composite
def evenings(draw: st.DrawFn) -> tuple[list[Entry], dict[str, Any], list[Decision], dict[str, str]]:
    """Some photographs with any proofs, decisions and published items between them."""
    entries = [
        photo(
            name,
            *draw(st.sampled_from([(6000, 4000), (1600, 1067), (800, 533)])),
            pixels=draw(st.sampled_from([name, "p", "q"])),
            tables=draw(st.sampled_from([name, "t"])),
            **draw(
                st.sampled_from([{}, EXIF, EXIF | {"shot": {"subsec": "37"}}, EXIF | {"at": "2024-05-01T11:00:00"}])
            ),
        )
        for name in NAMES
    ]
    verdicts = st.sampled_from(["copy", "copy", "variant", "different", "unclear"])
    made = st.builds(
        proof, verdicts, ncc=st.sampled_from([0.92, 0.97, 0.99]), contains=st.sampled_from(["both", "left", "right"])
    )
    proofs = draw(st.dictionaries(st.sampled_from(["".join(pair) for pair in PAIRS]), made))
    kinds = st.sampled_from(["same", "never"])
    decisions = draw(
        st.lists(st.builds(lambda kind, pair: said(kind, *pair), kinds, st.sampled_from(PAIRS)), max_size=4)
    )
    standing = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["p-1", "p-2", "p-3"])))
    return entries, proofs, decisions, standing


@settings(deadline=None, max_examples=150)
@given(evenings(), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_groups_and_nothing_is_lost(evening: Any, rng: Any) -> None:  # noqa: ANN401
    entries, proofs, decisions, standing = evening
    result = folded(entries, proofs, *decisions, standing=standing)
    shuffled, items = list(entries), list(proofs.items())
    rng.shuffle(shuffled)
    rng.shuffle(items)
    assert folded(shuffled, dict(items), *decisions, standing=standing) == result
    assert sorted("".join(groups(result))) == sorted(NAMES)
    assert all(proposal.left < proposal.right for proposal in result.proposals)


@settings(deadline=None, max_examples=150)
@given(evenings())
def test_decisions_and_published_items_always_hold(evening: Any) -> None:  # noqa: ANN401
    entries, proofs, decisions, standing = evening
    result = folded(entries, proofs, *decisions, standing=standing)
    home = {sha: place for place, shas in enumerate(groups(result)) for sha in shas}
    last = {decision.subjects: decision.kind for decision in decisions}
    never = [pair for pair, kind in last.items() if kind == "never"]
    assert all(home[left] != home[right] for left, right in never)
    if not decisions:
        for left, right in PAIRS:
            if left in standing and right in standing:
                assert (home[left] == home[right]) == (standing[left] == standing[right])
    keys = [key for group in result.groups for key in ([group.key] if group.key else []) + list(group.aliases)]
    assert sorted(keys) == sorted(set(standing.values()))


@settings(deadline=None, max_examples=150)
@given(evenings())
def test_folding_again_after_publication_changes_no_group(evening: Any) -> None:  # noqa: ANN401
    entries, proofs, decisions, standing = evening
    first = folded(entries, proofs, *decisions, standing=standing)
    published = {member.sha256: group.key or f"p-{group.master}" for group in first.groups for member in group.members}
    again = folded(entries, proofs, *decisions, standing=published)
    assert groups(again) == groups(first)
