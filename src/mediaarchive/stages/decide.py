"""Decide: what humans said, folded. The last word on an item counts; a withdrawal holds until it is restored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mediaarchive.model import Asset, Decision


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """Since which day (ISO 8601), and why (one of the manifest's reasons)."""

    day: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What holds now, by item id: what is withdrawn, hidden (off the page without a tombstone), or approved for publication."""

    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    approved: frozenset[str] = frozenset()

    def withdrawal(self, asset: Asset) -> Withdrawal | None:
        """The withdrawal of an item, under its own id or an alias of it."""
        return next((self.withdrawn[name] for name in _names(asset) if name in self.withdrawn), None)

    def is_hidden(self, asset: Asset) -> bool:
        """Whether an item is off the page."""
        return not self.hidden.isdisjoint(_names(asset))

    def is_approved(self, asset: Asset, event: str) -> bool:
        """Whether an item, or its whole event, may be published although the workspace holds everything."""
        return event in self.approved or not self.approved.isdisjoint(_names(asset))


def _names(asset: Asset) -> tuple[str, ...]:
    return (asset.id, *asset.aliases)


def rule(decisions: Iterable[Decision], today: str) -> Ruling:
    """Fold decisions, oldest first. A withdrawal `until` a day (ISO 8601) is over on that day."""
    withdrawn: dict[str, Withdrawal] = {}
    hidden: set[str] = set()
    approved: set[str] = set()
    for decision in decisions:
        for subject in decision.subjects:
            if decision.kind == "takedown":
                until = decision.params.get("until")
                if not until or today < until:
                    reason = str(decision.params.get("reason", "unspecified"))
                    withdrawn.setdefault(subject, Withdrawal(day=decision.at[:10], reason=reason))
            elif decision.kind == "restore":
                withdrawn.pop(subject, None)
            elif decision.kind == "hide":
                hidden.add(subject)
            elif decision.kind == "unhide":
                hidden.discard(subject)
            elif decision.kind == "approve":
                approved.add(subject)
    return Ruling(withdrawn=withdrawn, hidden=frozenset(hidden), approved=frozenset(approved))
