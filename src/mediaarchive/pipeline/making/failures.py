"""Which failures are final: those of this program's version, under these limits. The others are tried again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mediaarchive.model import Outcome, Status
from mediaarchive.pipeline.shop import Shop


def stamped(shop: Shop, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes; those that failed remember under which conditions."""
    return tuple(
        replace(outcome, provenance={**outcome.provenance, "conditions": shop.conditions})
        if outcome.status is Status.FAILED
        else outcome
        for outcome in outcomes
    )


def outdated(shop: Shop, outcome: Outcome) -> bool:
    """Whether it failed under conditions that have changed: a new version may read the file, a higher limit may do."""
    return outcome.status is Status.FAILED and outcome.provenance.get("conditions") != shop.conditions


def lasting(shop: Shop, keys: Iterable[str]) -> dict[str, Outcome]:
    """What is known under these keys; what is outdated is forgotten, so that it is made again."""
    outcomes = shop.catalog.outcomes(keys)
    stale = [name for name, outcome in outcomes.items() if outdated(shop, outcome)]
    if stale:
        shop.catalog.forget(stale)
    return {name: outcome for name, outcome in outcomes.items() if name not in stale}
