"""Who publishes an event into a store: the chain of envelopes, of which each names its workspace and the release before it.

One workspace owns an event. Who it is stands in the store itself, in the newest envelopes, so it survives any catalog. A
decision `adopt` in a workspace's journal lets it go on from another's releases up to a number; the envelope that it then
writes tells the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from mediaarchive import __version__, layout
from mediaarchive.errors import EventOwned, Exists, StoreError
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store
from mediaarchive.recipes import canonical

_NUMBERS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """One link of the chain: release `number` is the manifest `digest`, published by `owner` (its id) under `name`."""

    number: int
    digest: str
    parent: str | None
    owner: str
    name: str
    at: str
    pages: tuple[str, ...] = ()

    @classmethod
    def read(cls, number: int, value: Mapping[str, Any]) -> Self:
        """From an envelope's JSON, whoever wrote it."""
        who = value.get("workspace")
        who = who if isinstance(who, dict) else {}
        parent = value.get("parent")
        return cls(
            number=number,
            digest=str(value.get("manifest_sha256")),
            parent=None if parent is None else str(parent),
            owner=str(who.get("id") or ""),
            name=str(who.get("name") or ""),
            at=str(value.get("at") or ""),
            pages=tuple(value.get("pages") or ()),
        )

    def who(self) -> str:
        """The workspace, for a sentence."""
        return " ".join(part for part in (self.name, self.owner) if part) or "an unknown workspace"


class Chain:
    """The envelopes of one event in one store, as this workspace may go on from them."""

    def __init__(self, shop: Shop, store: Store, event: str) -> None:
        self.shop = shop
        self.store = store
        self.event = event

    def numbers(self) -> list[int]:
        """The numbers that are taken, the newest first."""
        prefix = f"events/{self.event}/releases/"
        stems = (stat.key.removeprefix(prefix).removesuffix(".json") for stat in self.store.list(prefix))
        return sorted((int(stem) for stem in stems if stem.isdigit() and len(stem) < 64), reverse=True)

    def newest_first(self, numbers: Sequence[int] | None = None) -> Iterator[Envelope]:
        """The chain from its end; `numbers`: of those that were listed already."""
        for number in self.numbers() if numbers is None else numbers:
            if found := self.get(number):
                yield found

    def get(self, number: int) -> Envelope | None:
        """One envelope."""
        found = self.store.get(layout.envelope_key(self.event, number))
        return Envelope.read(number, json.loads(found[0])) if found else None

    def number_of(self, digest: str, numbers: Sequence[int] | None = None) -> int:
        """The number of the release that the pointer names, which must be ours to go on from.

        Where the pointer is named by none of our envelopes (a server without compare-and-swap let two publishers through),
        the event belongs to whoever the newest envelope names: then that one's number.

        Raises:
            EventOwned: another workspace publishes this event here.
        """
        newest = 0
        for envelope in self.newest_first(numbers):
            self.must_be_ours(envelope)
            newest = newest or envelope.number
            if envelope.digest == digest:
                return envelope.number
        if not newest:
            raise EventOwned(
                f'"{self.event}" is published at {self._address()} by somebody unknown: no envelope names it',
                hint="name the event's folder differently, or publish to another store",
            )
        return newest

    def must_be_still_ours(self, number: int) -> None:
        """See that nobody took the event over after our release `number`: one question to the store.

        Raises:
            EventOwned: somebody did.
        """
        while self.store.stat(layout.envelope_key(self.event, number + 1)) is not None:
            number += 1
            if found := self.get(number):
                self.must_be_ours(found, ours_before=True)

    def must_be_ours(self, envelope: Envelope, *, ours_before: bool = False) -> None:
        """Raise `EventOwned` unless this workspace wrote the envelope, or adopted the event from who did."""
        if envelope.owner == self.shop.catalog.meta("workspace") or self._adopted(envelope):
            return
        back = f"`mediaarchive adopt {self.event}`"
        if ours_before or self.shop.catalog.published(self.store.name, self.event):
            raise EventOwned(
                f'"{self.event}" in {self._address()} was taken over by {envelope.who()} on {envelope.at[:10]}; '
                "one workspace owns an event, so this one no longer publishes it there",
                hint=f"nothing here is lost; {back} takes it back",
            )
        raise EventOwned(
            f'"{self.event}" in {self._address()} is published by {envelope.who()}; one workspace owns an event',
            hint=f"publish from that workspace, name the event's folder differently, or take it over: {back}",
        )

    def _adopted(self, envelope: Envelope) -> bool:
        """Whether a decision lets us go on from this envelope: it counts for what was there when it was made."""
        return any(
            decision.kind == "adopt"
            and self.event in decision.subjects
            and decision.params.get("store") == self.store.name
            and decision.params.get("from") == envelope.owner
            and envelope.number <= int(decision.params.get("number", 0))
            for decision in self.shop.catalog.decisions()
        )

    def claim(self, digest: str, pages: Sequence[str], *, parent: str | None, after: int) -> int:
        """Claim a number for a release, or find the one that an interrupted run claimed for it.

        Args:
            digest: of the release's body.
            pages: keys of its further pages.
            parent: digest of the release before it.
            after: the number of that one.

        Raises:
            EventOwned: the next number belongs to another workspace.
        """
        for number in range(after + 1, after + _NUMBERS):
            body = canonical(self._value(number, digest, pages, parent)) + b"\n"
            key = layout.envelope_key(self.event, number)
            try:
                self.store.create(key, body, sha256=hashlib.sha256(body).hexdigest())
            except Exists:
                found = self.get(number)
                if found is None:
                    continue
                self.must_be_ours(found)
                if (found.digest, found.parent) == (digest, parent):
                    return number
                continue
            return number
        raise StoreError(f"no number is free for a release of {self.event}")

    def must_have_kept(self, number: int, digest: str) -> None:
        """See that our envelope is still ours: a server that ignores conditions lets two publishers write one.

        Raises:
            EventOwned: the other one's is there.
        """
        found = self.get(number)
        if found is not None:
            self.must_be_ours(found)
        if found is None or found.digest != digest:
            raise StoreError(f"release {number} of {self.event} was written over", hint="run again")

    def _value(self, number: int, digest: str, pages: Sequence[str], parent: str | None) -> dict[str, object]:
        return {
            "schema": "mediaarchive/envelope/1.0",
            "n": number,
            "parent": parent,
            "manifest_sha256": digest,
            "pages": sorted(pages),
            "at": self.shop.stamp(),
            "generator": f"mediaarchive {__version__}",
            "workspace": {
                "id": self.shop.catalog.meta("workspace"),
                "name": self.shop.settings.workspace.name or None,
            },
        }

    def _address(self) -> str:
        return self.store.url(layout.pointer_key(self.event))
