"""Which of an event's films are one recording: what each is recognised by, and what laying two over each other showed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from mediaarchive import events
from mediaarchive.model import Facts, Kind, Outcome, Status, Work
from mediaarchive.pipeline.deciding.ruling import remembered, ruling
from mediaarchive.pipeline.making.failures import lasting, stamped
from mediaarchive.pipeline.making.proving import can_prove
from mediaarchive.pipeline.making.rows import Rows, read
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.worker import FILM, PROVE_FILM, perform
from mediaarchive.recipes import key, to_json
from mediaarchive.stages.dedupe.films import FilmPair, film_pairs
from mediaarchive.stages.dedupe.originals import Entry

_SLOWEST = 4e6  # bytes per second of a slow share: every packet is read once
Films = Sequence[Entry]


def film_entries(shop: Shop, rows: Rows, behind: AbstractSet[str], stay_away: AbstractSet[str]) -> list[Entry]:
    """The event's films with what they are recognised by, and those of other events that may be the same.

    These have the same packets, are members of the same items, were said to be the same, or are withdrawn (`stay_away`).
    Left out are `behind`: films that belong to photographs; and those that can't be decoded.
    """
    paths = rows.paths()
    own = [sha256 for sha256 in rows.media(Kind.VIDEO) if sha256 not in behind]
    if not own:
        return []
    known = {sha256: rows.said[sha256] for sha256 in own}
    signatures = signed(shop, rows.event.slug, known)
    shop.catalog.index_pixels({sha256: str(one["pixels"]) for sha256, one in signatures.items()})
    elsewhere = _elsewhere(shop, own, signatures, stay_away) - rows.originals.keys() - behind
    erased = remembered(ruling(shop)) if elsewhere else {}
    others = {s: facts for s in sorted(elsewhere) if (facts := erased.get(s) or read(shop.catalog, s))}
    others = {sha256: facts for sha256, facts in others.items() if facts.kind is Kind.VIDEO}
    signatures |= signed(shop, rows.event.slug, others)
    return [
        Entry(
            sha256=sha256,
            facts=replace(facts, signature=signatures[sha256]),
            bytes=original.bytes,
            paths=paths.get(sha256, ()),
        )
        for sha256, facts in (known | others).items()
        if sha256 in signatures and (original := shop.catalog.original(sha256))
    ]


def _elsewhere(
    shop: Shop, own: Sequence[str], signatures: Mapping[str, Mapping[str, Any]], stay_away: AbstractSet[str]
) -> set[str]:
    mine = {*own}
    decisions = shop.catalog.decisions()
    said = {s for one in decisions if one.kind == "same" and mine & {*one.subjects} for s in one.subjects}
    items = (shop.catalog.asset(item) for item in sorted(set(shop.catalog.items_of(own).values())))
    members = {member.sha256 for asset in items if asset for member in asset.members}
    same = shop.catalog.same_pixels(str(one["pixels"]) for one in signatures.values())
    return {*same, *members, *said, *stay_away}


def signed(shop: Shop, slug: str, films: Mapping[str, Facts]) -> dict[str, Mapping[str, Any]]:
    """What films are recognised by (`films.sign_film`), by sha256; workers look at those that weren't looked at yet.

    Of erased ones it is what the journal keeps. A film that can't be decoded has nothing.
    """
    found = {sha256: facts.signature for sha256, facts in films.items() if facts.signature.get("frames")}
    keys = {sha256: key([sha256], FILM) for sha256 in films if sha256 not in found}
    outcomes = lasting(shop, keys.values())
    missing = [sha256 for sha256, derivation in keys.items() if derivation not in outcomes]
    works = []
    for sha256 in missing:
        original = shop.catalog.original(sha256)
        if original and (shop.workspace.archive / original.uri).exists():
            context = {"facts": to_json(films[sha256]), **_limits(shop, original.bytes)}
            source = str(shop.workspace.archive / original.uri)
            works.append(
                Work(
                    id=sha256,
                    stage=FILM.stage,
                    sources=(source,),
                    recipes=(FILM,),
                    keys=(keys[sha256],),
                    context=context,
                )
            )
    outcomes |= _carry_out(shop, slug, works)
    return found | {
        sha256: outcomes[derivation].facts
        for sha256, derivation in keys.items()
        if derivation in outcomes and outcomes[derivation].status is Status.OK
    }


def film_proofs(
    shop: Shop, slug: str, films: Films, own: Iterable[str], stay_away: AbstractSet[str]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """What is known of every pair of films worth a look, with at least one of the event's `own`, by (left, right).

    Without OpenCV, and of erased films, what looks alike is for a person.
    """
    mine, erased = frozenset(own), ruling(shop).remembered
    wanted = [
        pair
        for pair in film_pairs(films)
        if not mine.isdisjoint((pair.left, pair.right))
        and (shop.settings.dedupe.near or not stay_away.isdisjoint((pair.left, pair.right)))
    ]
    provable = can_prove() if wanted else False
    seen = [pair for pair in wanted if provable and erased.keys().isdisjoint((pair.left, pair.right))]
    unseen = {"v": 1, "verdict": "variant", "held": "edited" if provable else "unproved", "by": "hash"}
    return _proved(shop, slug, films, seen) | {(p.left, p.right): unseen for p in wanted if p not in seen}


def _proved(shop: Shop, slug: str, films: Films, pairs: Sequence[FilmPair]) -> dict[tuple[str, str], Mapping[str, Any]]:
    facts = {film.sha256: film.facts for film in films}
    keys = {pair: key([pair.left, pair.right, f"{pair.shift:.2f}"], PROVE_FILM) for pair in pairs}
    outcomes = lasting(shop, keys.values())
    works = []
    for pair in pairs:
        originals = [shop.catalog.original(sha256) for sha256 in (pair.left, pair.right)]
        if keys[pair] in outcomes or None in originals:
            continue
        both = [replace(facts[sha256], signature={}) for sha256 in (pair.left, pair.right)]
        timeout = shop.settings.limits.seconds + shop.settings.limits.film_seconds  # both may be decoded whole
        facts_of = [to_json(one) for one in both]
        context = {"facts": facts_of, "shift": pair.shift, "limits": shop.limits, "timeout": timeout}
        works.append(
            Work(
                id=f"{pair.left} {pair.right}",
                stage=PROVE_FILM.stage,
                sources=tuple(str(shop.workspace.archive / original.uri) for original in originals if original),
                recipes=(PROVE_FILM,),
                keys=(keys[pair],),
                context=context,
            )
        )
    outcomes |= _carry_out(shop, slug, works)
    return {
        (pair.left, pair.right): outcomes[derivation].facts
        for pair, derivation in keys.items()
        if derivation in outcomes and outcomes[derivation].status is Status.OK
    }


def _limits(shop: Shop, size: int) -> dict[str, Any]:
    return {"limits": shop.limits, "timeout": shop.settings.limits.seconds + size / _SLOWEST}


def _carry_out(shop: Shop, slug: str, works: Sequence[Work]) -> Mapping[str, Outcome]:
    return dict(_carried(shop, slug, works)) if works else {}


def _carried(shop: Shop, slug: str, works: Sequence[Work]) -> Iterator[tuple[str, Outcome]]:
    shop.sink(events.StageStarted(event=slug, stage="dedupe", total=len(works)))
    for work, outcomes in shop.engine.run(perform, works):
        shop.catalog.record(stamped(shop, outcomes), work.id.partition(" ")[0])
        yield from ((outcome.key, outcome) for outcome in outcomes)
        shop.sink(events.WorkDone(event=slug, stage="dedupe", id=work.id, status=outcomes[0].status))
    shop.sink(events.StageEnded(event=slug, stage="dedupe"))
    shop.jobs["planned"] += len(works)
    shop.jobs["done"] += len(works)
