"""Which originals of an event may be one photograph, and what aligning them showed: by workers, and remembered.

What is remembered of an event is its list of pairs, under a digest of all that the list follows from. An event in which
nothing changed is neither hashed against itself nor looked at again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from importlib.util import find_spec
from typing import Any

from mediaarchive import events
from mediaarchive.catalog import Catalog
from mediaarchive.model import Outcome, Recipe, Status, Work
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.making.failures import lasting, stamped
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.worker import FEATURES, PROVE, parts_of, perform, together
from mediaarchive.recipes import canonical, key
from mediaarchive.stages.dedupe.batches import batches
from mediaarchive.stages.dedupe.candidates import bits_apart, pairs, undecided
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.dedupe.sparing import proved
from mediaarchive.stages.dedupe.voting import recalled, votes

Evidence = Mapping[str, Any]
Proofs = Mapping[tuple[str, str], Evidence]

PAIRS = Recipe(stage="pairs", version=2)
_UNPROVED = 40  # bits of 256: without OpenCV only what looks alike at a glance is worth a person's time
NO_OPENCV = (
    "opencv-python-headless is not installed, so copies can't be proved: only files with the same pixels are linked, "
    "the others are listed by `mediaarchive dedupe list`"
)


def proofs(
    shop: Shop, slug: str, entries: Sequence[Entry], own: Iterable[str], stay_away: AbstractSet[str] = frozenset()
) -> Proofs:
    """What is known of every pair worth a look, with at least one original of the event's `own`, by (left, right).

    Without OpenCV a pair's evidence is its distance, under the verdict `unproved`. With `[dedupe] near` off, only copies of
    what is withdrawn (`stay_away`) are looked for.
    """
    mine = frozenset(own)
    try:
        if find_spec("cv2") is None:
            return _unproved(shop, entries, mine, stay_away)
        return _aligned(shop, slug, entries, mine, stay_away)
    except ImportError:  # installed, but it doesn't start: a system library is missing, say
        return _unproved(shop, entries, mine, stay_away)


def _unproved(shop: Shop, entries: Sequence[Entry], mine: frozenset[str], stay_away: AbstractSet[str]) -> Proofs:
    shop.sink(events.Notice(level="warning", text=NO_OPENCV))
    alike = pairs(entries, distance=min(_UNPROVED, shop.settings.dedupe.distance))
    return {
        (pair.left, pair.right): {"v": 1, "verdict": "unproved", "distance": pair.distance}
        for pair in alike
        if _wanted(shop, mine, stay_away, (pair.left, pair.right))
    }


def _aligned(
    shop: Shop, slug: str, entries: Sequence[Entry], mine: frozenset[str], stay_away: AbstractSet[str]
) -> Proofs:
    if not shop.settings.dedupe.near and not stay_away:
        return {}
    may = partial(_wanted, shop, mine, stay_away)
    wanted = [pair for pair in _candidates(shop, slug, entries, mine) if may(pair)]
    erased = ruling(shop).remembered
    seen = [pair for pair in wanted if erased.keys().isdisjoint(pair)]
    unseen = [pair for pair in wanted if not erased.keys().isdisjoint(pair)]
    evidence = proved(entries, seen, shop.catalog.decisions(), partial(_prove, shop, slug), stay_away, may)
    return evidence | _by_what_is_left(shop, slug, entries, unseen)


def _wanted(shop: Shop, mine: AbstractSet[str], stay_away: AbstractSet[str], pair: tuple[str, str]) -> bool:
    """Whether a pair is the event's business; with `near` off, only what may be a copy of something withdrawn is."""
    return not mine.isdisjoint(pair) and (shop.settings.dedupe.near or not stay_away.isdisjoint(pair))


def can_prove() -> bool:
    """Whether OpenCV is installed."""
    try:
        import cv2  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def known_proofs(catalog: Catalog, wanted: Collection[tuple[str, str]]) -> Proofs:
    """What aligning pairs of originals showed, as far as the catalog knows; those that nobody tried aren't in it."""
    keys = {pair: key(sorted(pair), PROVE) for pair in wanted}
    return _shown(keys, catalog.outcomes(keys.values()))


def _candidates(shop: Shop, slug: str, entries: Sequence[Entry], own: frozenset[str]) -> list[tuple[str, str]]:
    """The pairs to prove, from the last run if they follow from the same originals and rules."""
    rules = [key([], recipe) for recipe in (PAIRS, FEATURES)]
    source = [rules, shop.settings.dedupe.distance, sorted((entry.sha256, entry.sha256 in own) for entry in entries)]
    digest = hashlib.sha256(canonical(source)).hexdigest()
    place = key([slug], PAIRS)
    last = shop.catalog.outcomes([place]).get(place)
    if last and last.facts.get("of") == digest:
        return [(left, right) for left, right in last.facts["pairs"]]
    looked_at = _details(shop, slug, entries, undecided(entries))
    found = pairs(entries, distance=shop.settings.dedupe.distance, features=looked_at)
    wanted = [(pair.left, pair.right) for pair in found if pair.left in own or pair.right in own]
    facts = {"of": digest, "pairs": [list(pair) for pair in wanted]}
    shop.catalog.forget([place])
    shop.catalog.record([Outcome(key=place, work_id=slug, recipe=PAIRS, status=Status.OK, facts=facts)], slug)
    return wanted


def details_of(shop: Shop, slug: str, sha256s: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What local features each of these photographs has (`voting.describe`); workers look at those that weren't looked at yet."""
    keys = {sha256: key([sha256], FEATURES) for sha256 in sha256s}
    outcomes = lasting(shop, keys.values())
    missing = [sha256 for sha256 in sha256s if keys[sha256] not in outcomes]
    works = (_work(shop, FEATURES, [sha256], keys[sha256]) for sha256 in missing)
    outcomes |= _carry_out(shop, slug, works, len(missing))
    return {
        sha256: outcomes[derivation].facts
        for sha256, derivation in keys.items()
        if derivation in outcomes and outcomes[derivation].status is Status.OK
    }


def _details(shop: Shop, slug: str, entries: Sequence[Entry], sha256s: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The local features of photographs; of erased ones, what the journal keeps of them."""
    erased = ruling(shop).remembered
    kept = {entry.sha256: entry.facts.signature.get("details") for entry in entries if entry.sha256 in erased}
    found = details_of(shop, slug, [sha256 for sha256 in sha256s if sha256 not in erased])
    return found | {sha256: recalled(details) for sha256, details in kept.items() if details}


def _by_what_is_left(
    shop: Shop, slug: str, entries: Sequence[Entry], unseen: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Evidence]:
    """What looks like a picture that nobody has any more, or shares its details, is for a person to decide.

    Of erased originals there is nothing left to lay a picture on.
    """
    signatures = {entry.sha256: entry.facts.signature for entry in entries}
    details = _details(shop, slug, entries, sorted({sha256 for pair in unseen for sha256 in pair}))
    found: dict[tuple[str, str], Evidence] = {}
    for left, right in unseen:
        bits = bits_apart(signatures[left], signatures[right])
        shared = votes([details[left], details[right]]).get((0, 1), 0) if {left, right} <= details.keys() else 0
        if bits <= _UNPROVED or shared:
            found[left, right] = {"v": 1, "verdict": "variant", "by": "hash", "distance": bits, "shared": shared}
    return found


def _prove(shop: Shop, slug: str, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Evidence]:
    """What aligning each pair showed, from the catalog or by a worker."""
    keys = {pair: key(pair, PROVE) for pair in wanted}
    outcomes = lasting(shop, keys.values())
    missing = [pair for pair in wanted if keys[pair] not in outcomes]
    workers = shop.settings.engine.workers or os.cpu_count() or 1
    works = (together([_work(shop, PROVE, pair, keys[pair]) for pair in batch]) for batch in batches(missing, workers))
    outcomes |= _carry_out(shop, slug, works, len(missing))
    return _shown(keys, outcomes)


def _shown(keys: Mapping[tuple[str, str], str], outcomes: Mapping[str, Outcome]) -> dict[tuple[str, str], Evidence]:
    return {
        pair: {**outcomes[derivation].facts}
        for pair, derivation in keys.items()
        if derivation in outcomes and outcomes[derivation].status is Status.OK
    }


def _carry_out(shop: Shop, slug: str, works: Iterable[Work], count: int) -> dict[str, Outcome]:
    """What came of the works, `count` of them or of those in them, by key."""
    made: dict[str, Outcome] = {}
    if count:
        import cv2  # noqa: F401, PLC0415 - else each worker would fail; where nothing is missing it costs 0.2 s for nothing
    shop.sink(events.StageStarted(event=slug, stage="dedupe", total=count))
    for outcome in _answers(shop, works):
        shop.catalog.record(stamped(shop, [outcome]), outcome.work_id.partition(" ")[0])
        made[outcome.key] = outcome
        shop.sink(events.WorkDone(event=slug, stage="dedupe", id=outcome.work_id, status=outcome.status))
    shop.sink(events.StageEnded(event=slug, stage="dedupe"))
    shop.jobs["planned"] += count
    shop.jobs["done"] += count
    return made


def _answers(shop: Shop, works: Iterable[Work]) -> Iterator[Outcome]:
    """Every outcome. Works that ended their worker together are done each by itself: only one of them can be the reason."""
    alone: list[Work] = []
    for work, outcomes in shop.engine.run(perform, works):
        parts = parts_of(work)
        if parts and outcomes[0].work_id == work.id:
            alone += parts
        else:
            yield from outcomes
    if alone:
        yield from _answers(shop, alone)


def _work(shop: Shop, recipe: Recipe, sha256s: Sequence[str], derivation: str) -> Work:
    originals = [shop.catalog.original(sha256) for sha256 in sha256s]
    return Work(
        id=" ".join(sha256s),
        stage=recipe.stage,
        sources=tuple(str(shop.workspace.archive / original.uri) for original in originals if original),
        recipes=(recipe,),
        keys=(derivation,),
        context={"limits": shop.limits, "timeout": shop.settings.limits.seconds},
    )
