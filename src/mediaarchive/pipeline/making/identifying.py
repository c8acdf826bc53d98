"""Which id each item goes by: a published one keeps its own, and what a person parted again gets back what it had."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from mediaarchive.catalog import Catalog
from mediaarchive.model import Asset, Decision, Kind
from mediaarchive.stages.decide import Ruling
from mediaarchive.stages.siblings import Cluster

_PREFIX = {Kind.PHOTO: "p", Kind.VIDEO: "v", Kind.DOCUMENT: "d"}
_ID_LENGTH = 13


def item_id(salt: str, kind: Kind, sha256s: list[str]) -> str:
    """A new item's id: HMAC-SHA256 over the smallest sha256 of its members, so it tells nothing of the picture.

    >>> item_id("00" * 32, Kind.PHOTO, ["ab" * 32])
    'p-ffhczuvr23ihi'
    """
    digest = hmac.new(bytes.fromhex(salt), min(sha256s).encode(), hashlib.sha256).digest()
    return f"{_PREFIX[kind]}-{base64.b32encode(digest).decode().lower()[:_ID_LENGTH]}"


def taken_down(catalog: Catalog, holds: Ruling, items: Iterable[str]) -> frozenset[str]:
    """The files (SHA-256s) of these items that were withdrawn. What came in since, and was kept from the page, was not."""
    assets = (asset for item in sorted(set(items)) if (asset := catalog.asset(item)) and holds.withdrawal(asset))
    decisions = catalog.decisions()
    return frozenset(
        member.sha256
        for asset in assets
        for since in [_since(decisions, {asset.id, *asset.aliases})]
        for member in asset.members
        if member.sha256 in holds.dated or any(arrival.at <= since for arrival in catalog.paths(member.sha256))
    )


def _since(decisions: Iterable[Decision], names: AbstractSet[str]) -> str:
    """Since when an item is withdrawn by a takedown (ISO 8601, UTC); empty: it isn't."""
    since = ""
    for decision in decisions:
        if decision.kind in {"takedown", "restore"} and not names.isdisjoint(decision.subjects):
            since = (since or decision.at) if decision.kind == "takedown" else ""
    return since


class Ids:
    """Gives out the ids of an event's items.

    An id is made of one file, and leads to it as long as that can be: addresses that other websites embed must not show another
    photograph once a person has taken back that two are the same, nor may what was withdrawn under an id lose it.
    """

    def __init__(
        self,
        catalog: Catalog,
        salt: str,
        holds: Ruling,
        clusters: Sequence[Cluster],
        merged: Mapping[str, Sequence[str]],
        here: AbstractSet[str],
    ) -> None:
        """Give every cluster a key: an id that no other one has. `merged` follows from it, too.

        Args:
            catalog: the workspace's.
            salt: the workspace's.
            holds: what people decided.
            clusters: what is one item.
            merged: by key, the other published items that a person said are it.
            here: the event's originals. An item that has none of them is another event's business.
        """
        self.catalog, self.salt, self.holds, self.here = catalog, salt, holds, here
        self.merged = {key: [*others] for key, others in merged.items() if others}
        self.clusters = list(clusters)
        self.held = {key: place for place, one in enumerate(clusters) for key in self._keys(one)}
        for again in (True, False):
            for place, one in enumerate(self.clusters):
                if one.key is None and one.kind in _PREFIX and self._is_here(one):
                    key = self._back(one) if again else next(key for key in self._ids(one) if self._is_free(key))
                    self._name(place, key)

    def _name(self, place: int, key: str | None) -> None:
        if key is not None:
            self.clusters[place] = replace(self.clusters[place], key=key)
            self.held[key] = place

    def _is_here(self, cluster: Cluster) -> bool:
        return any(member.sha256 in self.here for member in cluster.members)

    def _keys(self, cluster: Cluster) -> list[str]:
        return [cluster.key, *self.merged.get(cluster.key, ())] if cluster.key else []

    def _back(self, parted: Cluster) -> str | None:
        """The id that one of its files had before a person joined it to another: one that leads there, or that one's own."""
        for key, asset in self._known(parted):
            if not (key in self.holds.withdrawn and asset.id != key) and self._went_down_as_one(asset, parted):
                continue
            if self._gives(key) if key in self.held else asset.id != key:
                return key
        return None

    def _went_down_as_one(self, asset: Asset, parted: Cluster) -> bool:
        """Whether an item was withdrawn after what is parted from it had been joined to it: its addresses then stay as they are."""
        if not (names := {asset.id, *asset.aliases} & self.holds.withdrawn.keys()):
            return False
        mine = {member.sha256 for member in parted.members}
        rest = {member.sha256 for member in asset.members} - mine
        words = self.catalog.decisions()
        down = [n for n, d in enumerate(words) if d.kind in {"takedown", "expire"} and not names.isdisjoint(d.subjects)]
        joined = (
            mine & {*d.subjects} and rest & {*d.subjects} for d in words[max(down, default=0) :] if d.kind == "same"
        )
        return not any(joined)

    def _gives(self, key: str) -> bool:
        """Whether an item gives away an id that is made of none of its files: if it has another one for itself."""
        place = self.held[key]
        holder = self.clusters[place]
        first, *others = self._keys(holder)
        if key == first:
            own = [mine for mine, asset in self._known(holder) if mine in others or asset.id == key != mine]
            if not own or not self._is_here(holder):
                return False
            first = next((mine for mine in others if mine in own), own[0])
            self._name(place, first)
        self.merged.pop(str(holder.key), None)
        self.merged[first] = [other for other in others if other not in {key, first}]
        return True

    def _known(self, cluster: Cluster) -> Iterator[tuple[str, Asset]]:
        """The ids that were made of one of these files, and what they lead to."""
        for sha256 in sorted(member.sha256 for member in cluster.members):
            for key in self._made_of(cluster.kind, sha256):
                if (asset := self.catalog.asset(key)) is None:
                    break
                yield key, asset

    def _ids(self, cluster: Cluster) -> Iterator[str]:
        return self._made_of(cluster.kind, min(member.sha256 for member in cluster.members))

    def _made_of(self, kind: Kind, sha256: str) -> Iterator[str]:
        """The id of a file, and those it gets where that one leads elsewhere for ever."""
        return (item_id(self.salt, kind, [f"{sha256} {count}" if count else sha256]) for count in itertools.count())

    def _is_free(self, key: str) -> bool:
        return key not in self.held and ((known := self.catalog.asset(key)) is None or known.id == key)
