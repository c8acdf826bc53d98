"""Dockets: which addresses a withdrawal has to answer for, written down before they go, so that a kill loses no proof."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mediaarchive.durable import sync_folder
from mediaarchive.manifest.model import Tombstone
from mediaarchive.model import Asset
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.decide import Withdrawal

_SCHEMA = "docket/1"
_OPEN = "receipts/open"


@dataclass(frozen=True, kw_only=True, slots=True)
class Docket:
    """One withdrawal that isn't proved yet: of one item, or of what an event's own dates withdrew.

    `case` names it: an item's id, or `<slug>-<day>`. `items`: what each was (photo, …), by id; `aliases`: their other
    ids. `day`, `reason`: as the tombstones say. `decided`: when a person said so, or empty. `until`, `erase`: days.
    `keys`: by store and key, what stood there: file, release, page. `destroyed`: instead of these, originals that have to be
    gone from archive and mirror (their places in it), by sha256.
    """

    case: str
    items: Mapping[str, str]
    day: str
    reason: str
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    decided: str = ""
    until: str | None = None
    erase: str | None = None
    lang: str | None = None
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    destroyed: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """The items' ids and aliases."""
        return (*self.items, *(alias for item in self.items for alias in self.aliases.get(item, ())))


def opened(shop: Shop) -> list[Docket]:
    """The withdrawals that aren't proved yet, by case."""
    return opened_in(shop.workspace.archive)


def opened_in(archive: Path) -> list[Docket]:
    """The withdrawals of an archive that aren't proved yet, by case."""
    folder = archive / _OPEN
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [found for path in paths if (found := _read(path))]


def open_(shop: Shop, docket: Docket) -> None:
    """Begin, or begin again: what stands in the docket of an earlier attempt is added to."""
    with shop.workspace.alone("receipts"):
        path = _folder(shop) / f"{docket.case}.json"
        _write(path, _joined(_read(path), docket))


def docket_of(
    stone: Tombstone, events: Sequence[str], withdrawal: Withdrawal, *, case: str = "", erase: str | None = None
) -> Docket:
    """The docket of one item's withdrawal. `case`: another name than the item's, where many go at once."""
    return Docket(
        case=case or stone.id,
        items={stone.id: stone.was},
        aliases={stone.id: tuple(stone.aliases)},
        events=tuple(events),
        day=stone.removed,
        reason=stone.reason,
        decided=withdrawal.decided,
        until=withdrawal.until,
        erase=erase,
    )


def docket_of_erasure(shop: Shop, asset: Asset, withdrawal: Withdrawal, uris: Mapping[str, str]) -> Docket:
    """The docket of originals of a withdrawn item that are destroyed today: their places in the archive by sha256."""
    return Docket(
        case=f"{asset.id}-erased",
        items={asset.id: asset.kind.value},
        aliases={asset.id: asset.aliases},
        events=tuple(shop.catalog.events_of([asset.id]).get(asset.id, ())),
        day=withdrawal.day,
        reason=withdrawal.reason,
        decided=withdrawal.decided,
        erase=shop.today(),
        destroyed=uris,
    )


def close(shop: Shop, docket: Docket) -> None:
    """It is proved. A docket that was added to meanwhile stays open."""
    with shop.workspace.alone("receipts"):
        path = _folder(shop) / f"{docket.case}.json"
        if _read(path) == docket:
            path.unlink(missing_ok=True)


def drop(shop: Shop, items: Iterable[str]) -> None:
    """Items were restored: nothing has to be proved of them any more."""
    with shop.workspace.alone("receipts"):
        for item in items:
            for case in (item, f"{item}-erased"):
                (_folder(shop) / f"{case}.json").unlink(missing_ok=True)


def _joined(old: Docket | None, new: Docket) -> Docket:
    if old is None:
        return new
    stores = {*old.keys, *new.keys}
    return replace(
        old,
        items={**old.items, **new.items},
        aliases={**old.aliases, **new.aliases},
        events=tuple(dict.fromkeys((*old.events, *new.events))),
        day=new.day or old.day,
        reason=new.reason or old.reason,
        decided=new.decided or old.decided,
        until=new.until or old.until,
        erase=new.erase or old.erase,
        lang=new.lang or old.lang,
        keys={name: {**old.keys.get(name, {}), **new.keys.get(name, {})} for name in stores},
        destroyed={**old.destroyed, **new.destroyed},
    )


def _folder(shop: Shop) -> Path:
    return shop.workspace.archive / _OPEN


def _read(path: Path) -> Docket | None:
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    value.pop("schema", None)
    value["events"] = tuple(value["events"])
    value["aliases"] = {item: tuple(aliases) for item, aliases in value["aliases"].items()}
    return Docket(**value)


def _write(path: Path, docket: Docket) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump({"schema": _SCHEMA} | asdict(docket), file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
