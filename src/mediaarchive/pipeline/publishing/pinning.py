"""Rollback: an event shows an earlier release until somebody says otherwise; decisions made since hold all the same.

A run derives the present state from what the archive has, so an old release would not outlive the next run. A rollback is
therefore a decision: it pins the event to that release. Runs go on taking files in, and nothing of them shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mediaarchive.errors import StoreError, UsageError
from mediaarchive.manifest.files import Named, files
from mediaarchive.manifest.model import Item, Manifest, Tombstone
from mediaarchive.model import Asset, Blob, Credit, Decision, Facts, Kind
from mediaarchive.pipeline.deciding.ruling import ruling
from mediaarchive.pipeline.publishing import history, releasing
from mediaarchive.pipeline.shop import Shop
from mediaarchive.recipes import fingerprint
from mediaarchive.stages.decide import Ruling
from mediaarchive.stages.describe import Moment
from mediaarchive.stages.publish.entries import tombstone
from mediaarchive.stages.publish.files import address
from mediaarchive.stages.publish.shown import Gone, Made, Shown

if TYPE_CHECKING:
    from mediaarchive.pipeline.publishing.releasing import Edition

KIND = "rollback"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """Which release an event (its name at that time) is pinned to: its number, its manifest's digest, since when."""

    slug: str
    number: int
    sha256: str
    at: str


def pin(decisions: Iterable[Decision], names: Sequence[str]) -> Pin | None:
    """The pin of an event (its name, and those it had before), or None: the last word counts."""
    last = next((d for d in reversed([*decisions]) if d.kind == KIND and {*names} & {*d.subjects}), None)
    if last is None or not last.params.get("manifest"):
        return None
    return Pin(
        slug=last.subjects[0], number=int(last.params["release"]), sha256=str(last.params["manifest"]), at=last.at
    )


def pinned(shop: Shop, names: Sequence[str], present: Edition, absent: Collection[str]) -> Edition:
    """The edition to publish: the present one, or, while a rollback holds, the earlier release under today's decisions.

    Args:
        shop: the workspace.
        names: the event's, and those it had before.
        present: what would be published otherwise.
        absent: ids of items that a decision or a date keeps off the page.

    Raises:
        StoreError: that release is nowhere any more, or one of its files.
    """
    if (held := pin(shop.catalog.decisions(), names)) is None:
        return present
    base, holds = _base(shop, held), ruling(shop)
    items = [item for was in base.items if (item := _today(shop, was, present, holds, absent)) is not None]
    there = {name for item in items for name in (item.id, *item.aliases)}
    items += [i for i in present.manifest.items if isinstance(i, Tombstone) and there.isdisjoint({i.id, *i.aliases})]
    counts = {kind: sum(item.type == kind for item in items) for kind in type(base.counts).model_fields}
    head = base if held.slug == names[0] else present.manifest
    manifest = head.model_copy(update={"items": items, "counts": type(base.counts)(**counts)})
    edition = releasing.reissue(manifest, {item.id: item for item in items})
    shown = {item.id: _shown(shop, item, present) for item in items if not isinstance(item, Tombstone)}
    objects: dict[str, Blob] = {}
    for entry in shown.values():
        objects |= entry.objects()
    saved = {key: f"{names[0]}-{key.rpartition('/')[2]}" for key in objects} | dict(present.names)
    return replace(edition, release=replace(edition.release, objects=objects), shown=shown, names=saved)


def check(shop: Shop, manifest: Manifest) -> None:
    """Refuse to go back to a release whose files aren't all there; those of items withdrawn since don't count.

    Raises:
        UsageError: with the first file that is missing.
    """
    holds = ruling(shop)
    here = {stat.key for store in shop.stores for item in manifest.items for stat in store.list(f"media/{item.id}/")}
    for item in manifest.items:
        asset = shop.catalog.asset(item.id)
        if not (asset and holds.withdrawal(asset)) and (lost := [key for key in files(item) if key not in here]):
            raise UsageError(
                f"{lost[0]} of that release is nowhere any more", hint="`mediaarchive log` lists the others"
            )


def _base(shop: Shop, held: Pin) -> Manifest:
    for store in shop.stores:
        if found := history.manifest(shop.workspace.archive, store, held.slug, held.sha256):
            return found
    raise StoreError(
        f"{held.slug} is rolled back to release {held.number}, which is nowhere any more; the page stays as it is",
        hint=f"`mediaarchive rollback {held.slug} --end` goes on with the present state",
    )


def _today(shop: Shop, was: Item, present: Edition, holds: Ruling, absent: Collection[str]) -> Item | None:
    """An item of the earlier release, as far as decisions made since allow it."""
    asset = shop.catalog.asset(was.id)
    names = {was.id, *was.aliases, *((asset.id, *asset.aliases) if asset else ())}
    now = next((present.items[name] for name in (was.id, *sorted(names)) if name in present.items), None)
    if asset and (withdrawn := holds.withdrawal(asset)):
        if isinstance(now, Tombstone) and now.id == was.id:
            return now
        kind = Kind(was.was if isinstance(was, Tombstone) else was.type)
        left = Gone(
            item=was.id,
            was=kind,
            day=withdrawn.day,
            reason=withdrawn.reason,
            moment=Moment(),
            aliases=tuple(was.aliases),
        )
        return tombstone(left, shop.settings.workspace.contact)
    if not names.isdisjoint(absent):
        return None
    if isinstance(was, Tombstone):  # it was restored since
        return now or was
    return was


def _shown(shop: Shop, item: Item, present: Edition) -> Shown:
    """What an item of an earlier release consists of: its files by their names, with the recipes that made them."""
    if present.items.get(item.id) == item and item.id in present.shown:
        return present.shown[item.id]
    wanted, asset = files(item), shop.catalog.asset(item.id)
    masters = {member.sha256 for member in asset.members} if asset else set()
    known = {
        address(item.id, blob): Made(blob=blob, recipe=fingerprint(outcome.recipe))
        for outcome in shop.catalog.made_of(masters)
        for blob in outcome.blobs
    }
    made = [known.get(key) or Made(blob=_found(shop, key, named), recipe="") for key, named in sorted(wanted.items())]
    tracks = [
        (lang, kind, blob)
        for blob in (one.blob for one in made)
        for kind, dot, lang in [blob.role.partition(".")]
        if dot
    ]
    return Shown(
        asset=Asset(id=item.id, kind=Kind(item.type), master="", members=(), aliases=tuple(item.aliases)),
        facts=Facts(kind=Kind(item.type), mime=""),
        texts={},
        moment=Moment(),
        credit=Credit(),
        made=tuple(one for one in made if one.blob.ext != "vtt"),
        tracks=tuple(tracks),
    )


def _found(shop: Shop, key: str, named: Named) -> Blob:
    """A file of which only the stores know: read once, to know its digest."""
    stem, _, ext = key.rpartition("/")[2].rpartition(".")
    for store in shop.stores:
        if (stat := store.stat(key)) and (
            digest := shop.catalog.stored(store.name, [key]).get(key) or store.fetch(key)
        ):
            role = stem.rpartition("-")[0]
            return Blob(role=role, ext=ext, sha256=digest, bytes=stat.bytes, width=named.width, height=named.height)
    raise StoreError(
        f"{key} belongs to the release that was rolled back to, and is nowhere any more", hint="choose another"
    )
