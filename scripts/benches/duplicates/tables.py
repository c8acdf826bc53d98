"""What the benchmark on duplicates counts, and how it prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

# imagededup's default (its PHash is this hash), and what imagehash's documentation and its users take for "similar".
PEERS = {
    "phash <= 10": ("phash", 10),
    "phash <= 6": ("phash", 6),
    "dhash <= 10": ("dhash", 10),
    "whash <= 5": ("whash", 5),
}


@dataclass
class Tally:
    """Counts of one edit or family. `of`: copies, or pairs that are not one photograph; `behind`: linked, the original shown."""

    of: int = 0
    candidates: int = 0
    linked: int = 0
    proposed: int = 0
    wrong: int = 0
    behind: int = 0
    peers: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        pairs_ = zip(self._numbers(), other._numbers(), strict=True)
        of, candidates, linked, proposed, wrong, behind = (mine + theirs for mine, theirs in pairs_)
        return Tally(of, candidates, linked, proposed, wrong, behind, self.peers + other.peers)

    def _numbers(self) -> tuple[int, ...]:
        return self.of, self.candidates, self.linked, self.proposed, self.wrong, self.behind


def rows(title: str, tallies: Mapping[str, Tally], *, negatives: bool) -> None:
    """Print a table in Markdown."""
    peers = " | ".join(PEERS)
    head = (
        "pairs | proved | proposed | **wrong**"
        if negatives
        else "copies | candidates | linked | proposed | recall | behind the original | wrong"
    )
    print(f"\n| {title} | {head} | {peers} |\n|" + "---|" * (head.count("|") + 2 + len(PEERS)))
    for name, tally in tallies.items():
        theirs = " | ".join(str(tally.peers[peer]) for peer in PEERS)
        mine = [
            tally.of,
            tally.candidates,
            tally.linked,
            tally.proposed,
            f"{tally.linked / max(1, tally.of):.3f}",
            tally.behind,
            tally.wrong,
        ]
        numbers = [mine[0], mine[1], mine[3], mine[6]] if negatives else mine
        print(f"| {name} | {' | '.join(map(str, numbers))} | {theirs} |")
