"""From an event's originals to its items: what has to be proved is proved by workers, then one fold decides."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from mediaarchive import events
from mediaarchive.model import Asset, Facts, Kind, Member, Status, Work
from mediaarchive.pipeline.rows import Rows
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.worker import PROVE, perform
from mediaarchive.recipes import from_json, key
from mediaarchive.stages.dedupe.candidates import Entry, Pair, pairs
from mediaarchive.stages.dedupe.grouping import Group, fold
from mediaarchive.stages.ingest import IDENTIFY

_PREFIX = {Kind.PHOTO: "p", Kind.VIDEO: "v", Kind.DOCUMENT: "d"}
_ID_LENGTH = 13
_LIVE_SECONDS = 6.0  # Apple's last 3 s, Samsung's and Google's up to 4; a film of its own is rarely as short
_LIVE_PHOTOS = frozenset({"image/jpeg", "image/heic", "image/heif"})


def item_id(salt: str, kind: Kind, sha256s: list[str]) -> str:
    """A new item's id: HMAC-SHA256 over the smallest sha256 of its members, so it tells nothing of the picture.

    >>> item_id("00" * 32, Kind.PHOTO, ["ab" * 32])
    'p-ffhczuvr23ihi'
    """
    digest = hmac.new(bytes.fromhex(salt), min(sha256s).encode(), hashlib.sha256).digest()
    return f"{_PREFIX[kind]}-{base64.b32encode(digest).decode().lower()[:_ID_LENGTH]}"


def group(shop: Shop, rows: Rows) -> tuple[Asset, ...]:
    """The event's items, by id. What is published already keeps its id and its members; proposals go to the catalog."""
    salt = shop.catalog.meta("salt") or ""
    entries = list(_entries(shop, rows))
    candidates = pairs(entries, distance=shop.settings.dedupe.distance) if shop.settings.dedupe.near else []
    proofs = _prove(shop, rows, candidates)
    standing = shop.catalog.items_of(entry.sha256 for entry in entries)
    folded = fold(entries, proofs, shop.catalog.decisions(), standing)
    shop.catalog.propose(rows.event.slug, folded.proposals)
    assets = []
    for found in folded.groups:
        if not any(member.sha256 in rows.originals for member in found.members):
            continue
        sha256s = [member.sha256 for member in found.members]
        identity, *merged = _eldest(shop, found) or [item_id(salt, Kind.PHOTO, sha256s)]
        known = shop.catalog.asset(identity)
        assets.append(
            Asset(
                id=identity,
                kind=Kind.PHOTO,
                master=found.master,
                members=_with_elsewhere(found.members, known),
                aliases=tuple(sorted({*(known.aliases if known else ()), *merged})),
            )
        )
    films = dict.fromkeys(rows.media(Kind.VIDEO))
    standing = shop.catalog.items_of(films)
    assets = [_with_films(asset, live_films(rows, asset, films.keys() - standing.keys())) for asset in assets]
    siblings = {member.sha256 for asset in assets for member in asset.members}
    assets += [_alone(shop, rows, salt, sha256) for sha256 in films if sha256 not in siblings]
    return tuple(sorted(assets, key=lambda asset: asset.id))


def live_films(rows: Rows, asset: Asset, films: AbstractSet[str]) -> list[str]:
    """The films of Live Photos: a few seconds long, beside a photograph of the same name. They are no films of their own."""
    if rows.said[asset.master].mime not in _LIVE_PHOTOS:
        return []
    paths = rows.paths()
    names = {_stem(path) for member in asset.members for path in paths.get(member.sha256, ())}
    return [
        sha256
        for sha256 in sorted(films)
        if (rows.said[sha256].duration or _LIVE_SECONDS + 1) <= _LIVE_SECONDS
        and any(_stem(path) in names for path in paths[sha256])
    ]


def _stem(path: str) -> str:
    """A path without its extension, as two files of one shot share it."""
    return str(PurePosixPath(path).with_suffix("")).casefold()


def _with_films(asset: Asset, films: list[str]) -> Asset:
    evidence = {"v": 1, "by": "name", "sibling": "live-photo"}
    more = (Member(sha256=sha256, relation="sibling", evidence=evidence) for sha256 in films)
    return replace(asset, members=(*asset.members, *more))


def _eldest(shop: Shop, found: Group) -> list[str]:
    """The published items of a group, the one whose first original came in first first: it keeps its id."""
    keys = [key for key in (found.key, *found.aliases) if key]

    def age(key: str) -> tuple[int, str]:
        asset = shop.catalog.asset(key)
        members = asset.members if asset else ()
        return min((arrival.number for m in members for arrival in shop.catalog.paths(m.sha256)), default=0), key

    return sorted(keys, key=age)


def _entries(shop: Shop, rows: Rows) -> Iterator[Entry]:
    """The event's photographs, and those of other events that show the very same pixels or are members of the same items."""
    paths, photos = rows.paths(), list(rows.media(Kind.PHOTO))
    for sha256 in photos:
        yield Entry(
            sha256=sha256, facts=rows.said[sha256], bytes=rows.originals[sha256].bytes, paths=paths.get(sha256, ())
        )
    pixels = [str(rows.said[sha256].signature["pixels"]) for sha256 in photos]
    members = (shop.catalog.asset(item) for item in sorted(set(shop.catalog.items_of(photos).values())))
    related = {member.sha256 for asset in members if asset for member in asset.members}
    for sha256 in sorted({*shop.catalog.same_pixels(pixels), *related} - set(photos)):
        original = shop.catalog.original(sha256)
        outcome = shop.catalog.outcomes([key([sha256], IDENTIFY)]).get(key([sha256], IDENTIFY))
        if original and original.kind is Kind.PHOTO and outcome and outcome.status is Status.OK:
            facts = from_json(Facts, outcome.facts)
            yield Entry(sha256=sha256, facts=facts, bytes=original.bytes)


def _prove(shop: Shop, rows: Rows, wanted: list[Pair]) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """What aligning each pair showed, from the catalog or by a worker."""
    keys = {(pair.left, pair.right): key([pair.left, pair.right], PROVE) for pair in wanted}
    outcomes = shop.catalog.outcomes(keys.values())
    works = [
        _work(shop, pair, keys[pair.left, pair.right]) for pair in wanted if keys[pair.left, pair.right] not in outcomes
    ]
    shop.sink(events.StageStarted(event=rows.event.slug, stage="dedupe", total=len(works)))
    for work, made in shop.engine.run(perform, works):
        shop.catalog.record(made, work.id.partition(" ")[0])
        outcomes |= {outcome.key: outcome for outcome in made}
        shop.sink(events.WorkDone(event=rows.event.slug, stage="dedupe", id=work.id, status=made[0].status))
    shop.sink(events.StageEnded(event=rows.event.slug, stage="dedupe"))
    shop.jobs["planned"] += len(works)
    shop.jobs["done"] += len(works)
    return {
        pair: {**outcomes[derivation].facts}
        for pair, derivation in keys.items()
        if derivation in outcomes and outcomes[derivation].status is Status.OK
    }


def _work(shop: Shop, pair: Pair, derivation: str) -> Work:
    originals = [shop.catalog.original(sha256) for sha256 in (pair.left, pair.right)]
    return Work(
        id=f"{pair.left} {pair.right}",
        stage="prove",
        sources=tuple(str(shop.workspace.archive / original.uri) for original in originals if original),
        recipes=(PROVE,),
        keys=(derivation,),
        context={"limits": shop.limits, "timeout": shop.settings.limits.seconds},
    )


def _with_elsewhere(members: tuple[Member, ...], known: Asset | None) -> tuple[Member, ...]:
    """The fold's members, and those of the standing item that this event doesn't have."""
    have = {member.sha256 for member in members}
    return (*members, *(m for m in (known.members if known else ()) if m.sha256 not in have))


def _alone(shop: Shop, rows: Rows, salt: str, sha256: str) -> Asset:
    kind = rows.originals[sha256].kind
    identity = shop.catalog.items_of([sha256]).get(sha256) or item_id(salt, kind, [sha256])
    known = shop.catalog.asset(identity)
    return known or Asset(id=identity, kind=kind, master=sha256, members=(Member(sha256=sha256, relation="master"),))


def membership_records(shop: Shop, assets: tuple[Asset, ...]) -> list[dict[str, Any]]:
    """The journal's records that make these items' ids and members lasting: for new items, and for those that changed."""
    records: list[dict[str, Any]] = []
    for asset in assets:
        known = shop.catalog.asset(asset.id)
        fresh = [alias for alias in asset.aliases if known is None or alias not in known.aliases]
        records += [{"kind": "alias", "item": alias, "of": asset.id, "at": shop.stamp()} for alias in fresh]
        members = sorted(
            ({"sha256": m.sha256, "relation": m.relation, "evidence": dict(m.evidence)} for m in asset.members),
            key=lambda member: str(member["sha256"]),
        )
        if (
            known
            and known.master == asset.master
            and {m.sha256 for m in known.members} == {m.sha256 for m in asset.members}
        ):
            continue
        kind = "membership" if known else "mint"
        record = {"kind": kind, "item": asset.id, "media": asset.kind.value, "master": asset.master, "members": members}
        records.append(record | {"at": shop.stamp()})
    return records
