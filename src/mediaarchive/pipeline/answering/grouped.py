"""What is grouped already: the files of one photograph, the frames of a burst; which is shown now, and why that one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from mediaarchive.manifest.model import Manifest, Photo, Video
from mediaarchive.model import Asset, Decision, Facts
from mediaarchive.pipeline.making.proving import known_proofs
from mediaarchive.pipeline.making.rows import read
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.dedupe.grouping import explain
from mediaarchive.stages.dedupe.linking import Book
from mediaarchive.stages.dedupe.originals import Entry

_BECAUSE = {
    "human": "a person chose it",
    "sound": "it has the sound, or the day on which it was taken",
    "whole": "another one is a part of it, or has a frame around it",
    "camera-facts": "it says which camera took it",
    "as-taken": "no program has changed it since the camera wrote it",
    "larger": "it has more pixels",
    "camera-original": "it is in the camera's own format",
    "upright": "most of the others are neither mirrored nor turned beside it",
    "most-copies": "most of the others were made of it",
    "most-alike": "the others resemble it most",
    "sharper": "it is sharper",
    "bytes": "it has more bytes",
}
_NO_REASON = "it was shown first, and no other one is better"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One file of a photograph (or film) that has several, or one frame of a burst.

    `word`: what is decided of it (master, cover). `instead`: the sha256 of what is shown now; of that one itself it is its own.
    """

    event: str
    word: Literal["master", "cover"]
    sha256: str
    instead: str
    because: str

    @property
    def shown(self) -> bool:
        """Whether it is what is shown now."""
        return self.sha256 == self.instead


def choices(shop: Shop, slugs: Sequence[str]) -> Iterator[Choice]:
    """Every choice that published events leave, in the galleries' order; of each group the one that is shown first."""
    seen: set[str] = set()
    for slug in slugs:
        if (manifest := history.standing(shop, slug)) is None:
            continue
        for item in manifest.items:
            if isinstance(item, Photo | Video) and item.id not in seen:
                seen.add(item.id)
                yield from _files(shop, slug, item.id)
                yield from _frames(shop, manifest, item)


def choosable(shop: Shop, asset: Asset) -> dict[str, Facts]:
    """The files of an item that can be shown, by sha256; a Live Photo's film, or a RAW file without a picture, can't."""
    said = {member.sha256: read(shop.catalog, member.sha256) for member in asset.members}
    return {sha256: facts for sha256, facts in said.items() if facts and facts.kind is asset.kind}


def burst(manifest: Manifest | None, item: str) -> tuple[str, ...]:
    """The items of the burst that an item belongs to as it is published, the cover first; none, if it belongs to none."""
    items = manifest.items if manifest else ()
    found = next((one for one in items if isinstance(one, Photo) and one.id == item and one.stack), None)
    return tuple(found.stack.items) if found and found.stack else ()


def last(decisions: Sequence[Decision], kind: str, sha256s: Collection[str]) -> Decision | None:
    """The last word of a kind (master, cover) on any of these contents."""
    return next((d for d in reversed(decisions) if d.kind == kind and not {*d.subjects}.isdisjoint(sha256s)), None)


def _files(shop: Shop, slug: str, item: str) -> Iterator[Choice]:
    asset = shop.catalog.asset(item)
    said = choosable(shop, asset) if asset else {}
    if asset is None or len(said) < 2 or asset.master not in said:
        return
    book = _book(shop, said)
    first, *others = sorted(said, key=lambda sha256: (sha256 != asset.master, book.rank(sha256)))
    better = min(others, key=book.rank)
    reason = book.why(first, better) if book.rank(first) < book.rank(better) else ""
    shown = f"shown now: {_BECAUSE.get(reason, _NO_REASON)}"
    yield Choice(event=slug, word="master", sha256=first, instead=first, because=shown)
    members = {member.sha256: member for member in asset.members}
    for other in others:
        because = explain(members[other], said[first], said[other])
        yield Choice(event=slug, word="master", sha256=other, instead=first, because=because)


def _book(shop: Shop, said: dict[str, Facts]) -> Book:
    """The order of who is shown, by what the catalog knows of these files."""
    originals = {sha256: shop.catalog.original(sha256) for sha256 in said}
    entries = [Entry(sha256=s, facts=said[s], bytes=original.bytes) for s, original in originals.items() if original]
    proofs = known_proofs(shop.catalog, [*combinations(sorted(said), 2)])
    return Book.of(entries, proofs, shop.catalog.decisions())


def _frames(shop: Shop, manifest: Manifest, item: Photo | Video) -> Iterator[Choice]:
    """The frames of a burst, at its cover's place in the gallery."""
    frames = burst(manifest, item.id)
    if not frames or frames[0] != item.id:
        return
    assets = [asset for frame in frames if (asset := shop.catalog.asset(frame))]
    if len(assets) < len(frames):
        return
    cover = assets[0]
    chosen = last(shop.catalog.decisions(), "cover", [member.sha256 for asset in assets for member in asset.members])
    person = chosen is not None and any(member.sha256 in chosen.subjects for member in cover.members)
    because = "a person chose it" if person else "it was published as the cover, or is the sharpest"
    yield Choice(
        event=manifest.slug,
        word="cover",
        sha256=cover.master,
        instead=cover.master,
        because=f"the cover now: {because}",
    )
    for place, asset in enumerate(assets[1:], 2):
        because = f"a frame of the same burst, number {place} of {len(assets)}"
        yield Choice(event=manifest.slug, word="cover", sha256=asset.master, instead=cover.master, because=because)
