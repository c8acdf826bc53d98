"""What a person says of two files (same, never), or of one (master, cover), checked before it is written down.

Where one of two is an erased photograph, `same` destroys the other for good. So it has to be said in so many words, and of a
file that was never published: what is published goes by a takedown, with its waiting time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mediaarchive.errors import UsageError
from mediaarchive.model import Asset
from mediaarchive.pipeline.answering.asking import content
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.making.grouping import group
from mediaarchive.pipeline.making.rows import load
from mediaarchive.pipeline.shop import Shop


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A decision about contents (SHA-256s); `params` as the journal has them; `destroys`: files that go for good.

    `note`: what else follows from it; `removes`: whether something goes that is published now.
    """

    kind: str
    sha256s: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    destroys: tuple[str, ...] = ()
    note: str = ""
    removes: bool = False

    def events(self, shop: Shop) -> set[str]:
        """The events in which these contents came in."""
        return {arrival.event for sha256 in self.sha256s for arrival in shop.catalog.paths(sha256)}


class Judge:
    """Checks decisions about contents, one after the other; what is known of an event is found once."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.holds = ruling(shop)
        self.grouped: dict[str, tuple[Asset, ...]] = {}

    def judge(self, kind: str, subjects: Sequence[str], *, erase: bool = False) -> Said:
        """The decision, ready to be written down.

        Args:
            kind: same, never, master or cover.
            subjects: paths, item ids, or the beginnings of SHA-256s.
            erase: with `same`: what is an erased photograph is to be destroyed.

        Raises:
            UsageError: a subject is nothing that is known, both are the same bytes, or it can't be decided like this.
        """
        found = tuple(content(self.shop.catalog, subject) for subject in subjects)
        if len(set(found)) != len(found):
            raise UsageError(f"{' and '.join(subjects)} are the same bytes: there is nothing to decide")
        if kind == "same":
            return self._same(found, erase=erase)
        if self.holds.remembered.keys() >= {*found}:
            what = "was" if len(found) == 1 else "were"
            raise UsageError(f"{' and '.join(subjects)} {what} destroyed: there is nothing to decide any more")
        return Said(kind=kind, sha256s=found, params={"master": found[0]} if kind == "master" else {})

    def _same(self, found: tuple[str, ...], *, erase: bool) -> Said:
        items = self.shop.catalog.items_of(found)
        assets = {sha256: asset for sha256, item in items.items() if (asset := self.shop.catalog.asset(item))}
        erased = {sha256: asset for sha256, asset in assets.items() if self.holds.is_erased(asset)}
        others = [sha256 for sha256 in found if sha256 not in erased]
        if not erased:
            if erase:
                raise UsageError(
                    f"neither of these was erased, so `same` destroys nothing: {self._named(found)}; nothing was decided",
                    hint="leave --erase out; `mediaarchive takedown ITEM --reason … --erase` destroys an item with all its files",
                )
            return self._withdrawn(found, assets)
        for sha256 in others:
            if sha256 in items:
                raise UsageError(
                    f"{self._named([sha256])} is published, or was, as {items[sha256]}; nothing was decided",
                    hint=f"to withdraw and destroy it: mediaarchive takedown {items[sha256]} --reason … --erase",
                )
        if not others:
            return Said(kind="same", sha256s=found)
        gone, item = next(iter(erased.items()))
        files = tuple(sorted({member for sha256 in others for member in self._with_it(sha256)}))
        if not erase:
            raise UsageError(
                f"{item.id} was erased, so what is the same photograph is destroyed, too, for good: {self._named(files)}; "
                "nothing was decided",
                hint="say so with --erase (in a sheet: `erase`); if it is another photograph: mediaarchive approve, with its path",
            )
        params = {"erase": item.id, "files": list(files)}
        return Said(kind="same", sha256s=(*files, gone), params=params, destroys=files)

    def _withdrawn(self, found: tuple[str, ...], assets: Mapping[str, Asset]) -> Said:
        """Where one of them is withdrawn, so is the other from now on."""
        gone = {sha256: (asset.id, one) for sha256, asset in assets.items() if (one := self.holds.withdrawal(asset))}
        others = [sha256 for sha256 in found if sha256 not in gone]
        if not gone or not others:
            return Said(kind="same", sha256s=found)
        item, withdrawal = next(iter(gone.values()))
        note = (
            f"{item} was withdrawn on {withdrawal.day}, so this is withdrawn like it: {self._named(others)}; "
            f"`mediaarchive restore {item}` brings it back"
        )
        return Said(kind="same", sha256s=found, note=note, removes=any(sha256 in assets for sha256 in others))

    def _with_it(self, sha256: str) -> set[str]:
        """A file that was never published, and those that would be one item with it: its raw file, copies of it."""
        for event in self.shop.catalog.events():
            if event.slug not in {arrival.event for arrival in self.shop.catalog.paths(sha256)}:
                continue
            if event.slug not in self.grouped:
                self.grouped[event.slug] = group(self.shop, load(self.shop, event))
            for asset in self.grouped[event.slug]:
                members = {member.sha256 for member in asset.members}
                if sha256 in members and not self.shop.catalog.items_of(members):
                    return members
        return {sha256}

    def _named(self, sha256s: Sequence[str]) -> str:
        return ", ".join(self.shop.catalog.a_path(sha256) for sha256 in sha256s)
