"""Verify: is what was published still there, are originals still what they were, is the mirror whole? Trusts no record.

A finding has one of these states:
    proved        the bytes were read now, and hashed; or (its text says so) the store's own checksum of them, an MD5, is that of
                  the bytes that were sent: nobody wrote there since, and nothing had to be downloaded
    declared      it is there with its size; nobody read the bytes this time. Never called proved
    missing       it isn't there
    wrong         it is there with other bytes or another size
    unverifiable  it is there, and nothing says what its bytes should be. Never called right
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from mediaarchive.config.settings import MIRROR
from mediaarchive.errors import Damaged, MediaArchiveError, StoreError, StoreRefused
from mediaarchive.pipeline.keeping import surveying
from mediaarchive.pipeline.keeping.surveying import ARCHIVE, BAD, Candidate, Finding, Survey
from mediaarchive.pipeline.publishing.publisher import batches
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Stat, Store
from mediaarchive.stores.objects import chunks, receive

__all__ = ["BAD", "Finding", "Plan", "summary", "verify"]

BY_CHECKSUM = "by the store's checksum"
Failed = dict[str, MediaArchiveError]  # by the names of stores
Checksums = Mapping[str, Mapping[str, tuple[str, str]]]
_THREADS = 8
_SMALL = 8 * 1024 * 1024  # bytes that are read at once, to know their MD5 too
_BATCH = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to read. Whatever was read longest ago, or never, comes first, so that every file has its turn.

    What changed its version since then (somebody wrote there) is read whatever the sample.
    `deep`: everything. `sample`: of what would have to be downloaded, this share (percent). `budget`: at most so many bytes
    in all, originals included; None: no bound.
    """

    deep: bool = False
    sample: float = 0.0
    budget: int | None = None


def verify(
    shop: Shop, events: Sequence[str], plan: Plan, failed: Failed, *, everywhere: bool = True
) -> Iterator[Finding]:
    """Look at everything that the events' releases need, at their originals, and (`everywhere`) at the mirror.

    Nothing is changed, but when bytes were last proved is remembered. A store that fails is noted in `failed`, and left alone
    from then on; the others are looked at.
    """
    survey = _surveyed(shop, events, failed, everywhere=everywhere)
    yield from survey.findings
    candidates = [one for one in survey.candidates if one.where not in failed]
    places = {one.where for one in candidates} - {ARCHIVE}
    summed = {where: shop.catalog.checksums(where) for where in places}
    wanted = _chosen(shop, candidates, plan, summed)
    yield from (_unread(one, summed) for one in candidates if one not in wanted)
    with ThreadPoolExecutor(_THREADS) as pool:
        for planned in batches(sorted(wanted, key=lambda one: (one.where, one.key)), _BATCH):
            answers = list(pool.map(partial(_asked, shop, failed), planned))
            batch = [one for one, answer in zip(planned, answers, strict=True) if answer]
            results = [answer for answer in answers if answer]
            found = [
                replace(told, text=f"{told.text}{surveying.again(shop, one.sha256)}")
                if told.where == ARCHIVE and told.state in BAD
                else told
                for one, (_, told) in zip(batch, results, strict=True)
            ]
            for where in {one.where for one in found}:
                right = [one for one, told in zip(batch, found, strict=True) if told.state == "proved"]
                versions = {one.key: one.version for one in right if one.where == where}
                shop.catalog.prove(where, versions, shop.stamp())
                if where != ARCHIVE:
                    shop.catalog.set_checksums(where, [stat for stat, _ in results if stat and stat.key in versions])
            yield from found


def _surveyed(shop: Shop, events: Sequence[str], failed: Failed, *, everywhere: bool) -> Survey:
    """What lists and manifests tell, of every store that answers."""
    survey, media = Survey(), dict[str, surveying.Media]()
    for store in shop.stores:
        with _noted(store.name, failed):
            if len(events) > 1:
                media[store.name] = surveying.media(store)
            for slug in events:
                surveying.published(shop, store, slug, survey, media.get(store.name))
    for slug in events:
        surveying.originals(shop, slug, survey)
    if everywhere:
        with _noted(MIRROR, failed):
            surveying.mirror(shop, survey)
    return survey


@contextmanager
def _noted(where: str, failed: Failed) -> Iterator[None]:
    try:
        yield
    except (StoreError, StoreRefused) as error:
        failed.setdefault(where, error)


def _asked(shop: Shop, failed: Failed, one: Candidate) -> tuple[Stat | None, Finding] | None:
    """What came of reading it; None where its store fails."""
    if one.where not in failed:
        with _noted(one.where, failed):
            return _prove(shop, one)
    return None


def _unread(one: Candidate, summed: Checksums) -> Finding:
    if summed.get(one.where, {}).get(one.key) == (one.sha256, one.version):
        return one.finding("proved", BY_CHECKSUM)
    return one.finding("declared")


def _chosen(shop: Shop, candidates: Sequence[Candidate], plan: Plan, summed: Checksums) -> set[Candidate]:
    """What is read this time: what was never read in its present version, then what was read longest ago."""
    last = {where: shop.catalog.proofs(where) for where in {one.where for one in candidates}}

    def age(one: Candidate) -> str:
        at, version = last[one.where].get(one.key, ("", ""))
        return at if version == one.version else ""

    order = sorted(candidates, key=lambda one: (age(one), one.where, one.key))
    near = [one for one in order if plan.deep or _is_near(shop, one)]
    far = [one for one in order if not (plan.deep or _is_near(shop, one))]
    changed = [one for one in far if not age(one) and (one.key in last[one.where] or _differs(one, summed))]
    share = math.ceil(len(far) * plan.sample / 100)
    order = sorted({*near, *changed, *far[:share]}, key=lambda one: (age(one), one.where, one.key))
    if plan.budget is None:
        return set(order)
    chosen, left = set(), plan.budget
    for one in order:
        if one.bytes <= left:
            chosen.add(one)
            left -= one.bytes
    return chosen


def _differs(one: Candidate, summed: Checksums) -> bool:
    """Whether the store's checksum was known, and is another one now."""
    known = summed.get(one.where, {}).get(one.key)
    return known is not None and known != (one.sha256, one.version)


def _is_near(shop: Shop, one: Candidate) -> bool:
    """Whether its bytes are on this machine's own disks, so that reading them costs no download."""
    places = {entry.name: entry.url for entry in shop.settings.store} | {MIRROR: shop.settings.originals.mirror}
    return one.where == ARCHIVE or "://" not in places[one.where]


def _store(shop: Shop, name: str) -> Store:
    stores = (*shop.stores, *([shop.mirror] if shop.mirror else []))
    return next(store for store in stores if store.name == name)


def _prove(shop: Shop, one: Candidate) -> tuple[Stat | None, Finding]:
    """Read it: what came of it, and, where the store's version of it turned out to be a checksum, that."""
    stat: Stat | None = None
    found: str | None
    try:
        if one.where == ARCHIVE:
            found = _hash(shop.workspace.archive / one.key)
        elif one.bytes > _SMALL or _is_near(shop, one):
            found = _store(shop, one.where).fetch(one.key)
        else:
            stat, found = _read(_store(shop, one.where), one)
    except OSError as error:
        return None, one.finding("wrong", f"it can't be read: {error.strerror}")
    except Damaged:
        return None, one.finding("wrong", _OTHER[one.what])
    except StoreError as error:
        if _store(shop, one.where).stat(one.key) is None:
            return None, one.finding("missing")
        raise StoreError(f"{one.key} could not be read: {error}") from error
    if found is None:
        return None, one.finding("missing")
    if found != one.sha256:
        return None, one.finding("wrong", _OTHER[one.what])
    return stat, one.finding("proved")


def _read(store: Store, one: Candidate) -> tuple[Stat | None, str | None]:
    """A small object of a bucket: what it is if its version is the MD5 of its bytes, and its SHA-256."""
    if (found := store.get(one.key)) is None:
        return None, None
    data, version = found
    digest = hashlib.sha256(data).hexdigest()
    summed = hashlib.md5(data, usedforsecurity=False).hexdigest() == version
    return Stat(key=one.key, bytes=len(data), version=version, sha256=digest, summed=summed), digest


_OTHER = {
    "object": "other bytes than were published",
    "page": "other bytes than were written",
    "journal": "other bytes than the archive's own",
    "original": "its bytes are no longer what came in",
}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return receive(chunks(file), None)


def summary(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings as a report: counts, and everything that isn't right."""
    return {
        "schema": "verify/1",
        "counts": dict(sorted(Counter(found.state for found in findings).items())),
        "by_checksum": sum(found.text == BY_CHECKSUM for found in findings),
        "problems": [found.value() for found in findings if found.state in BAD],
    }


def metrics(findings: Sequence[Finding], now: float) -> str:
    """The findings in Prometheus' text format, every state every time: no series comes and goes."""
    counts = Counter(found.state for found in findings)
    name, when = "mediaarchive_verify_findings", "mediaarchive_verify_timestamp_seconds"
    lines = [f"# HELP {name} What the last verify found, by state.", f"# TYPE {name} gauge"]
    lines += [f'{name}{{state="{state}"}} {counts[state]}' for state in ("proved", "declared", *sorted(BAD))]
    lines += [f"# HELP {when} When the last verify ended, in seconds since 1970.", f"# TYPE {when} gauge"]
    return "\n".join([*lines, f"{when} {now:.0f}"]) + "\n"
