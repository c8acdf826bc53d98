"""From an event's originals to its items: what has to be proved is proved by workers, then one fold decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from mediaarchive.media.raw import is_raw
from mediaarchive.model import Asset, Decision, Kind, Member
from mediaarchive.pipeline.deciding.agreeing import last_words
from mediaarchive.pipeline.deciding.ruling import remembered, ruling
from mediaarchive.pipeline.making.filming import film_entries, film_proofs
from mediaarchive.pipeline.making.identifying import Ids, item_id, taken_down
from mediaarchive.pipeline.making.proving import proofs
from mediaarchive.pipeline.making.rows import Rows, read
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.dedupe.grouping import Group, fold
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.dedupe.stacks import COVER
from mediaarchive.stages.siblings import RAW, Cluster, Link, Shot, join, links


def group(shop: Shop, rows: Rows) -> tuple[Asset, ...]:
    """The event's items, by id. What is published already keeps its id and its members; proposals go to the catalog."""
    salt, decisions = shop.catalog.meta("salt") or "", shop.catalog.decisions()
    behind, stay_away = _behind(shop, rows), _withdrawn(shop, rows, Kind.PHOTO)
    tied = tied_by_name(rows)
    paired = {link.other for link in tied if link.why == RAW and link.sure} | behind.keys()
    entries = list(_entries(shop, rows, paired, behind, stay_away))
    proved = proofs(shop, rows.event.slug, entries, rows.originals, stay_away)
    films, filmed = _films(shop, rows, {link.other for link in tied} | behind.keys())
    standing = shop.catalog.items_of({*rows.originals, *(entry.sha256 for entry in (*entries, *films))})
    published = (shop.catalog.asset(item) for item in sorted(set(standing.values())))
    shown = frozenset(asset.master for asset in published if asset)
    stay = taken_down(shop.catalog, ruling(shop), standing.values())
    folds = [
        (Kind.PHOTO, fold(entries, proved, decisions, _standing(entries, standing), stay_away, shown, stay)),
        (Kind.VIDEO, fold(films, filmed, decisions, _standing(films, standing), stay_away, shown, stay)),
    ]
    clusters: list[Cluster] = []
    merged: dict[str, list[str]] = {}
    for kind, folded in folds:
        for found in folded.groups:
            keys = _eldest(shop, found)
            merged |= {keys[0]: keys[1:]} if keys else {}
            clusters.append(Cluster(key=next(iter(keys), None), kind=kind, members=found.members))
    loners = _loners(rows, [*entries, *films], tied, behind)
    clusters = _with_loners(clusters, loners, rows, standing, last_words(decisions))
    joined, doubtful = join(clusters, tied, decisions, behind)
    merged |= _absorbed(clusters, joined, merged)
    proposed = [pair for _, folded in folds for pair in folded.proposals]
    concerned = [p for p in (*proposed, *doubtful) if {p.left, p.right} & rows.originals.keys()]
    shop.catalog.propose(rows.event.slug, concerned)
    ids = Ids(shop.catalog, salt, ruling(shop), joined, merged, rows.originals.keys())
    placed = frozenset(member.sha256 for found in joined for member in found.members)
    assets = [
        _asset(shop, found, ids, placed)
        for found in ids.clusters
        if found.kind is not Kind.OTHER and any(member.sha256 in rows.originals for member in found.members)
    ]
    assets += [_alone(shop, rows, salt, sha256) for sha256 in rows.media(Kind.DOCUMENT)]
    return tuple(sorted(assets, key=lambda asset: asset.id))


def tied_by_name(rows: Rows) -> tuple[Link, ...]:
    """Which of an event's files belong to each other by their names, or by what a phone wrote into a Live Photo."""
    return links(_shots(rows))


def _absorbed(
    clusters: Sequence[Cluster], joined: Sequence[Cluster], merged: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """By key, the other published items that it is since a person said so: the film of a Live Photo that had come in first, say."""
    keys = {member.sha256: one.key for one in clusters if one.key for member in one.members}
    found = {}
    for one in joined:
        if one.key and (others := {keys[m.sha256] for m in one.members if m.sha256 in keys} - {one.key}):
            names = {*merged.get(one.key, ()), *(name for key in others for name in (key, *merged.get(key, ())))}
            found[one.key] = sorted(names)
    return found


def _films(
    shop: Shop, rows: Rows, behind: AbstractSet[str]
) -> tuple[list[Entry], Mapping[tuple[str, str], Mapping[str, Any]]]:
    """The films that may be copies of each other, and what was proved of them. `behind`: those that belong to photographs."""
    stay_away = _withdrawn(shop, rows, Kind.VIDEO)
    films = film_entries(shop, rows, behind, stay_away)
    return films, film_proofs(shop, rows.event.slug, films, rows.originals, stay_away)


def _standing(entries: list[Entry], standing: Mapping[str, str]) -> dict[str, str]:
    return {entry.sha256: standing[entry.sha256] for entry in entries if entry.sha256 in standing}


def _asset(shop: Shop, found: Cluster, ids: Ids, placed: AbstractSet[str]) -> Asset:
    """An item as it is from now on. `placed`: all originals that the fold found a place for."""
    identity = str(found.key)
    known = shop.catalog.asset(identity)
    if known and known.id != identity:  # it led to another item until now
        known = None
    aliases = {*(known.aliases if known else ()), *ids.merged.get(identity, ())} - {one.key for one in ids.clusters}
    return Asset(
        id=identity,
        kind=found.kind,
        master=found.master,
        members=_with_elsewhere(found.members, known, placed),
        aliases=tuple(sorted(aliases)),
    )


def _eldest(shop: Shop, found: Group) -> list[str]:
    """The published items of a group, the one whose first original came in first first: it keeps its id."""
    keys = [key for key in (found.key, *found.aliases) if key]

    def age(key: str) -> tuple[int, str]:
        asset = shop.catalog.asset(key)
        members = asset.members if asset else ()
        return min((arrival.number for m in members for arrival in shop.catalog.paths(m.sha256)), default=0), key

    return sorted(keys, key=age)


def _behind(shop: Shop, rows: Rows) -> dict[str, str]:
    """The published siblings of the event's items, and why they are: they stay behind what is shown."""
    assets = (shop.catalog.asset(item) for item in sorted(set(shop.catalog.items_of(rows.originals).values())))
    return {
        member.sha256: str(member.evidence.get("sibling", ""))
        for asset in assets
        if asset
        for member in asset.members
        if member.relation == "sibling"
    }


def _shots(rows: Rows) -> Iterator[Shot]:
    """The event's photographs, films and RAW files, for their names."""
    paths = rows.paths()
    for sha256, facts in rows.said.items():
        if facts.kind in {Kind.PHOTO, Kind.VIDEO} or is_raw(facts.mime):
            yield Shot(sha256=sha256, facts=facts, paths=paths.get(sha256, ()))


def _loners(rows: Rows, entries: list[Entry], tied: tuple[Link, ...], behind: Mapping[str, str]) -> Iterator[str]:
    """What duplicates aren't looked for: films that can't be decoded, and what belongs to a photograph (films, RAW files)."""
    folded = {entry.sha256 for entry in entries}
    wanted = {link.other for link in tied} | behind.keys() | set(rows.media(Kind.VIDEO))
    yield from sorted(sha256 for sha256 in wanted - folded if sha256 in rows.said)


def _with_loners(
    clusters: list[Cluster],
    loners: Iterator[str],
    rows: Rows,
    standing: Mapping[str, str],
    words: Mapping[frozenset[str], Decision],
) -> list[Cluster]:
    """Every loner with the item that it is published in, else, or where a person parts it from that, as a cluster of its own."""
    by_key = {cluster.key: cluster for cluster in clusters if cluster.key}
    others = [cluster for cluster in clusters if not cluster.key]
    for sha256 in loners:
        key_, kind = standing.get(sha256), rows.said[sha256].kind
        there = by_key.get(key_) if key_ else None
        said = [words.get(frozenset((sha256, member.sha256))) for member in (there.members if there else ())]
        if any(word is not None and word.kind == "never" for word in said):
            key_ = there = None
        member = Member(sha256=sha256, relation="sibling" if there else "master", evidence={"v": 1})
        if there and key_:
            by_key[key_] = Cluster(key=key_, kind=there.kind, members=(*there.members, member))
        elif key_:
            by_key[key_] = Cluster(key=key_, kind=kind, members=(member,))
        else:
            others.append(Cluster(key=None, kind=kind, members=(member,)))
    return [*by_key.values(), *others]


def _withdrawn(shop: Shop, rows: Rows, kind: Kind) -> frozenset[str]:
    """What copies must not bring back, of any event, if this one has something that was never published.

    Members of withdrawn items of a kind; and, of any kind, what a sheet kept from being published in the first place.
    """
    media = set(rows.media(kind))
    if not media - shop.catalog.items_of(media).keys():
        return frozenset()
    holds = ruling(shop)
    named = {*holds.dated, *holds.asked}
    published = shop.catalog.items_of(named)
    assets = (shop.catalog.asset(item) for item in sorted({*holds.withdrawn, *published.values()}))
    members = frozenset(
        member.sha256
        for asset in assets
        if asset and asset.kind is kind
        for member in asset.members
        if member.relation != "sibling"
    )
    return members | (named - published.keys())


def _entries(
    shop: Shop, rows: Rows, paired: AbstractSet[str], behind: Mapping[str, str], stay_away: frozenset[str]
) -> Iterator[Entry]:
    """The event's photographs, and those of other events that may be the same ones.

    These show the very same pixels, are members of the same items, were said to be the same, or are withdrawn (`stay_away`).
    Left out are RAW files that belong to a photograph, and published siblings that came in elsewhere.
    """
    paths = rows.paths()
    photos = [s for s in rows.media(Kind.PHOTO) if not (is_raw(rows.said[s].mime) and s in paired)]
    for sha256 in photos:
        yield Entry(
            sha256=sha256, facts=rows.said[sha256], bytes=rows.originals[sha256].bytes, paths=paths.get(sha256, ())
        )
    signatures = {sha256: rows.said[sha256].signature for sha256 in photos}
    shop.catalog.index_hashes({s: str(one["phash"]) for s, one in signatures.items() if "phash" in one})
    pixels = [str(signature["pixels"]) for signature in signatures.values()]
    decisions = shop.catalog.decisions()
    said = {s for one in decisions if one.kind == "same" and signatures.keys() & {*one.subjects} for s in one.subjects}
    members = (shop.catalog.asset(item) for item in sorted(set(shop.catalog.items_of(photos).values())))
    related = {member.sha256 for asset in members if asset for member in asset.members}
    elsewhere = {*shop.catalog.same_pixels(pixels), *related, *said, *stay_away} - rows.originals.keys() - behind.keys()
    known = remembered(ruling(shop)) if elsewhere else {}
    for sha256 in sorted(elsewhere):
        original = shop.catalog.original(sha256)
        facts = known.get(sha256) or read(shop.catalog, sha256)
        if original and facts and facts.kind is Kind.PHOTO:
            yield Entry(sha256=sha256, facts=facts, bytes=original.bytes)


def _with_elsewhere(members: tuple[Member, ...], known: Asset | None, placed: AbstractSet[str]) -> tuple[Member, ...]:
    """The fold's members, and those of the standing item that the fold didn't see; what it `placed` elsewhere was parted."""
    return (*members, *(m for m in (known.members if known else ()) if m.sha256 not in placed))


def _alone(shop: Shop, rows: Rows, salt: str, sha256: str) -> Asset:
    kind = rows.originals[sha256].kind
    identity = shop.catalog.items_of([sha256]).get(sha256) or item_id(salt, kind, [sha256])
    known = shop.catalog.asset(identity)
    return known or Asset(id=identity, kind=kind, master=sha256, members=(Member(sha256=sha256, relation="master"),))


def membership_records(
    shop: Shop, assets: tuple[Asset, ...], covers: AbstractSet[str] = frozenset()
) -> list[dict[str, Any]]:
    """The journal's records that make these items' ids and members lasting: for new items, and for those that changed.

    `covers`: items that stand for a stack; once published as that, they stay it.
    """
    records: list[dict[str, Any]] = []
    for asset in assets:
        known = shop.catalog.asset(asset.id)
        if known and known.id != asset.id:
            records.append({"kind": "apart", "item": asset.id, "of": known.id, "at": shop.stamp()})
            known = None
        fresh = [alias for alias in asset.aliases if known is None or alias not in known.aliases]
        records += [{"kind": "alias", "item": alias, "of": asset.id, "at": shop.stamp()} for alias in fresh]
        was_cover = known is not None and any(member.evidence.get(COVER) for member in known.members)
        covers_ = was_cover or asset.id in covers
        if known and _same_members(known, asset) and was_cover == covers_:
            continue
        members = sorted(
            (
                {"sha256": m.sha256, "relation": m.relation, "evidence": _evidence(m, cover=covers_)}
                for m in asset.members
            ),
            key=lambda member: str(member["sha256"]),
        )
        kind = "membership" if known else "mint"
        record = {"kind": kind, "item": asset.id, "media": asset.kind.value, "master": asset.master, "members": members}
        records.append(record | {"at": shop.stamp()})
    return records


def _same_members(known: Asset, asset: Asset) -> bool:
    mine, theirs = ({member.sha256 for member in one.members} for one in (known, asset))
    return known.master == asset.master and mine == theirs


def _evidence(member: Member, *, cover: bool) -> dict[str, Any]:
    """What the journal keeps of a member: a stack's cover says so on its master."""
    evidence = {name: value for name, value in member.evidence.items() if name != COVER}
    return evidence | {COVER: 1} if cover and member.relation == "master" else evidence
