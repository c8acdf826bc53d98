"""What a person says of two files (same, never), or of one (master, cover), checked before it is written down.

Where one of two is an erased photograph, `same` destroys the other for good. So it has to be said in so many words, and of a
file that was never published: what is published goes by a takedown, with its waiting time.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from mediaarchive.errors import UsageError
from mediaarchive.manifest.model import Manifest
from mediaarchive.model import Asset, Kind
from mediaarchive.pipeline.answering.asking import content
from mediaarchive.pipeline.answering.grouped import burst, choosable, last
from mediaarchive.pipeline.deciding.agreeing import against, last_words
from mediaarchive.pipeline.deciding.ruling import listed_in, ruling
from mediaarchive.pipeline.making.grouping import group, tied_by_name
from mediaarchive.pipeline.making.rows import load
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.siblings import LIVE

_ALONE = "it has no other file yet; should one come, this one stays shown"
_NO_BURST = "it is in no burst as it is published now; should it be in one, it is its cover"


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A decision about contents (SHA-256s); `params` as the journal has them; `destroys`: files that go for good.

    `note`: what else follows from it; `removes`: whether something goes that is published now; `stands`: it was said before, and
    nothing else since; `group`: of what one is chosen (an item's id, or those of a burst), so two choices contradict each other.
    """

    kind: str
    sha256s: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    destroys: tuple[str, ...] = ()
    note: str = ""
    removes: bool = False
    stands: bool = False
    group: str = ""

    def events(self, shop: Shop) -> set[str]:
        """The events in which these contents came in."""
        return {arrival.event for sha256 in self.sha256s for arrival in shop.catalog.paths(sha256)}


class Judge:
    """Checks decisions about contents, one after the other; what is known of an event is found once."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.holds = ruling(shop)
        self.decisions = shop.catalog.decisions()
        self.said = last_words(self.decisions)
        self.words = {pair: decision.kind for pair, decision in self.said.items()}
        self.grouped: dict[str, tuple[Asset, ...]] = {}
        self.shown: dict[str, Manifest | None] = {}

    def judge(self, kind: str, subjects: Sequence[str], *, erase: bool = False) -> Said:
        """The decision, ready to be written down.

        Args:
            kind: same, never, master or cover.
            subjects: paths, item ids, or the beginnings of SHA-256s.
            erase: with `same`: what is an erased photograph is to be destroyed.

        Raises:
            UsageError: a subject is nothing that is known, both are the same bytes, or it can't be decided like this.
        """
        found = self._meant(subjects)
        if len(set(found)) != len(found):
            raise UsageError(f"{' and '.join(subjects)} are the same bytes: there is nothing to decide")
        self._must_be_pictures(kind, found)
        if kind in {"same", "never"}:
            said = self._same(found, erase=erase) if kind == "same" else self._never(subjects, found)
            return replace(said, stands=self._stands(said, found))
        self._must_be_left(subjects, found)
        return self._master(found[0]) if kind == "master" else self._cover(found[0])

    def _meant(self, subjects: Sequence[str]) -> tuple[str, ...]:
        """The content of each subject. An item beside one of its own files is what it was before: the one that came in first."""
        found = tuple(content(self.shop.catalog, subject) for subject in subjects)
        meant = []
        for place, (subject, sha256) in enumerate(zip(subjects, found, strict=True)):
            asset = self.shop.catalog.asset(subject)
            if asset and sha256 in (*found[:place], *found[place + 1 :]):
                others = choosable(self.shop, asset).keys() - {*found}
                sha256 = min(others, key=self._came, default=sha256)  # noqa: PLW2901
            meant.append(sha256)
        return tuple(meant)

    def _came(self, sha256: str) -> tuple[int, str]:
        return min((arrival.number for arrival in self.shop.catalog.paths(sha256)), default=0), sha256

    def _must_be_pictures(self, kind: str, found: tuple[str, ...]) -> None:
        """What has no pictures is nobody's copy; and a film is a photograph's only where a phone made both."""
        kinds = {s: original.kind for s in found if (original := self.shop.catalog.original(s))}
        if odd := [s for s, its in kinds.items() if its is Kind.SIDECAR or (kind == "same" and its is Kind.DOCUMENT)]:
            raise UsageError(f"{self._named(odd)} is neither a photograph nor a film; nothing was decided")
        if kind != "same" or not {*kinds.values()} >= {Kind.PHOTO, Kind.VIDEO}:
            return
        items = self.shop.catalog.items_of(found)
        one = len(items) == len(found) and len({*items.values()}) == 1
        if not one and frozenset(found) not in self._live_photos(found):
            raise UsageError(
                f"a photograph and a film are one only as a Live Photo, and {self._named(found)} aren't one; nothing was decided"
            )

    def _live_photos(self, found: tuple[str, ...]) -> set[frozenset[str]]:
        """The pairs of a photograph and a film that may be one, in the events in which these came in."""
        slugs = {arrival.event for sha256 in found for arrival in self.shop.catalog.paths(sha256)}
        rows = (load(self.shop, event) for event in self.shop.catalog.events() if event.slug in slugs)
        return {
            frozenset((link.main, link.other)) for those in rows for link in tied_by_name(those) if link.why == LIVE
        }

    def _never(self, subjects: Sequence[str], found: tuple[str, ...]) -> Said:
        self._must_be_left(subjects, found)
        return Said(kind="never", sha256s=found)

    def _stands(self, said: Said, found: tuple[str, ...]) -> bool:
        """Whether the last word on two contents is this one."""
        words = [self.said.get(frozenset(pair)) for pair in combinations(found, 2)]
        return all(word and word.kind == said.kind and {*said.params} <= {*word.params} for word in words)

    def _must_be_left(self, subjects: Sequence[str], found: tuple[str, ...]) -> None:
        if self.holds.remembered.keys() >= {*found}:
            what = "was" if len(found) == 1 else "were"
            raise UsageError(f"{' and '.join(subjects)} {what} destroyed: there is nothing to decide any more")

    def _master(self, sha256: str) -> Said:
        """Which file of an item is shown. It may be said beforehand, too, of what has no other file yet."""
        item = self.shop.catalog.items_of([sha256]).get(sha256)
        asset = self.shop.catalog.asset(item) if item else None
        if asset is None:
            return self._chosen("master", sha256, sha256, {sha256}, _ALONE)
        files = choosable(self.shop, asset)
        if sha256 not in files:
            raise UsageError(
                f"{self._named([sha256])} can't be shown: it is kept behind {self._named([asset.master])}, as what belongs to it",
                hint=f"mediaarchive why {asset.id}",
            )
        members = {member.sha256 for member in asset.members}
        return self._chosen("master", sha256, asset.id, members, "" if len(files) > 1 else _ALONE)

    def _cover(self, sha256: str) -> Said:
        """Which frame of a burst stands for it."""
        item = self.shop.catalog.items_of([sha256]).get(sha256)
        slugs = listed_in(self.shop, self.holds, [item]).get(item, []) if item else []
        frames = next((found for slug in slugs if item and (found := burst(self._shown(slug), item))), ())
        assets = [asset for frame in frames if (asset := self.shop.catalog.asset(frame))]
        members = {member.sha256 for asset in assets for member in asset.members} or {sha256}
        return self._chosen("cover", sha256, " ".join(sorted(frames)) or sha256, members, "" if frames else _NO_BURST)

    def _chosen(self, kind: str, sha256: str, group_: str, among: Collection[str], note: str) -> Said:
        word = last(self.decisions, kind, among)
        return Said(
            kind=kind,
            sha256s=(sha256,),
            params={"master": sha256} if kind == "master" else {},
            note=note and f"{self._named([sha256])}: {note}",
            stands=word is not None and sha256 in word.subjects,
            group=group_,
        )

    def _shown(self, slug: str) -> Manifest | None:
        if slug not in self.shown:
            self.shown[slug] = history.standing(self.shop, slug)
        return self.shown[slug]

    def _must_agree(self, found: tuple[str, ...]) -> None:
        """Where files can't become one, since a person said so of what goes with them, it isn't said that they did."""
        if (clash := against(self.shop.catalog, self.words, found)) is None:
            return
        one, other = map(self._one, clash)
        every = " ".join(map(self._one, dict.fromkeys((*found, *clash))))
        raise UsageError(
            f"{' and '.join(map(self._one, found))} can't be one photograph: {one} and {other} would be, too, and were said to be "
            "different; nothing was decided",
            hint=f"if all are one: mediaarchive dedupe same {every}; if not, say which one isn't: mediaarchive dedupe never",
        )

    def _one(self, sha256: str) -> str:
        return shlex.quote(self._named([sha256]))

    def _same(self, found: tuple[str, ...], *, erase: bool) -> Said:
        self._must_agree(found)
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
            return self._hidden(found, assets)
        item, withdrawal = next(iter(gone.values()))
        note = (
            f"{item} was withdrawn on {withdrawal.day}, so this is withdrawn like it: {self._named(others)}; "
            f"`mediaarchive restore {item}` brings it back"
        )
        if due := self.holds.erase.get(item):
            note += f", until {due}: then the originals of both are destroyed"
        return Said(kind="same", sha256s=found, note=note, removes=any(sha256 in assets for sha256 in others))

    def _hidden(self, found: tuple[str, ...], assets: Mapping[str, Asset]) -> Said:
        """Where one of them is hidden, so is the other from now on."""
        hidden = {sha256: asset.id for sha256, asset in assets.items() if self.holds.is_hidden(asset)}
        others = [sha256 for sha256 in found if sha256 not in hidden]
        if not hidden or not others:
            return Said(kind="same", sha256s=found)
        item = next(iter(hidden.values()))
        note = f"{item} is hidden, so this is off the page like it: {self._named(others)}; `mediaarchive unhide {item}` shows it"
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
