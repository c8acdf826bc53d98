"""From an event's items to a release: the bytes of all that is published, and of what follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from mediaarchive import layout
from mediaarchive.config import EventFacts
from mediaarchive.manifest.encode import encode, paged
from mediaarchive.manifest.model import Item, Manifest, Tombstone
from mediaarchive.manifest.schema import schema, types
from mediaarchive.model import Asset, Blob, Kind, Release
from mediaarchive.pipeline.making.describing import Described
from mediaarchive.pipeline.making.rendering import Result
from mediaarchive.pipeline.making.rows import Rows
from mediaarchive.pipeline.publishing.naming import saved_names
from mediaarchive.pipeline.publishing.publisher import Content, Repeated
from mediaarchive.pipeline.shop import Shop, languages
from mediaarchive.recipes import canonical
from mediaarchive.site import pages
from mediaarchive.site.notice import notice_jpeg
from mediaarchive.stages.decide import Withdrawal
from mediaarchive.stages.describe import Moment, order
from mediaarchive.stages.publish import files, whole
from mediaarchive.stages.publish.entries import document, photo, tombstone, video
from mediaarchive.stages.publish.shown import Gone, Shown


def gone(asset: Asset, withdrawal: Withdrawal, described: Described) -> Gone:
    """What is left of a withdrawn item: its place in the order of the gallery, and nothing of the picture."""
    return Gone(
        item=asset.id,
        was=asset.kind,
        day=withdrawal.day,
        reason=withdrawal.reason,
        moment=described.moment,
        path=described.path,
        aliases=asset.aliases,
    )


def shown(asset: Asset, rows: Rows, described: Described, result: Result) -> Shown:
    """An item with all that was found and made of it."""
    facts = {**rows.elsewhere, **rows.said}[asset.master]
    return Shown(
        asset=asset,
        facts=facts,
        texts=described.texts,
        moment=described.moment,
        credit=described.credit,
        made=result.made,
        tracks=result.tracks,
        color=result.seen.get("color") or facts.color,
        thumbhash=result.seen.get("thumbhash") or facts.thumbhash,
        focus=described.focus or facts.focus,
        path=described.path,
        photographer=described.photographer,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """A release and what accompanies it.

    `manifest` has all items; `items` and `shown` are by id; `names` are file names for saving, by key; `languages` the
    manifests in one language only.
    """

    manifest: Manifest
    release: Release
    shown: Mapping[str, Shown]
    items: Mapping[str, Item]
    names: Mapping[str, str]
    languages: Mapping[str, bytes]


def edition(
    shop: Shop, rows: Rows, entries: Sequence[Shown], gone: Sequence[Gone], retired: Withdrawal | None = None
) -> Edition:
    """Fold an event into its manifest and the bytes of its release. A retired event's manifest speaks for its items."""
    slug, langs, owner = rows.event.slug, languages(rows.facts, shop.settings), shop.settings.workspace
    items: dict[str, Item] = {entry.asset.id: _item(entry, rows.facts, langs) for entry in entries}
    items |= {entry.item: tombstone(entry, owner.contact) for entry in gone}
    ranked = () if retired else order(_ranks(entries, gone))
    manifest = whole.manifest(slug, rows.facts, langs, owner, [items[name] for name in ranked], retired)
    objects: dict[str, Blob] = {}
    for entry in entries:
        objects |= entry.objects()
    issued = reissue(manifest, items)
    return replace(
        issued,
        release=replace(issued.release, objects=objects),
        shown={entry.asset.id: entry for entry in entries},
        names=saved_names(manifest, entries),
    )


def reissue(manifest: Manifest, changed: Mapping[str, Item]) -> Edition:
    """An edition straight from a manifest with all its items: only `changed` items get new pages."""
    slug = manifest.slug
    body, further = paged(manifest)
    alone = {lang: paged(manifest, lang) for lang in manifest.languages}
    for _, more in alone.values():
        further |= more
    return Edition(
        manifest=manifest,
        release=Release(event=slug, body=body, pages=further, objects={}),
        shown={},
        items=changed,
        names={},
        languages={layout.language_key(slug, lang): first for lang, (first, _) in alone.items()},
    )


def _ranks(entries: Sequence[Shown], gone: Sequence[Gone]) -> Iterator[tuple[str, Moment, str]]:
    for entry in entries:
        yield entry.asset.id, entry.moment, entry.path
    for left in gone:
        yield left.item, left.moment, left.path


def _item(entry: Shown, facts: EventFacts, langs: Sequence[str]) -> Item:
    if entry.asset.kind is Kind.DOCUMENT:
        return document(entry, facts, langs)
    make = video if entry.asset.kind is Kind.VIDEO else photo
    return make(entry, facts, langs)


@cache
def _site() -> str:
    """What the pages are made by: a digest of the site's own files, so a new template makes new pages."""
    digest = hashlib.sha256()
    for path in sorted(Path(pages.__file__).parent.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def projected_from(made: Edition, cards: Mapping[str, Sequence[pages.EventCard]], address: str) -> str:
    """A digest of all that projections follow from: while it stays, they need not even be made to be compared."""
    shared = {name: [repr(card) for card in listed] for name, listed in cards.items() if len(listed) > 1}
    objects = {key: blob.sha256 for key, blob in made.release.objects.items()}
    inputs = ["checksums", made.release.body.decode(), sorted(made.release.pages), objects, shared, _site(), address]
    return hashlib.sha256(canonical(inputs)).hexdigest()


def projections(
    made: Edition, cards: Mapping[str, Sequence[pages.EventCard]], picture: Mapping[str, Content], address: str
) -> dict[str, Content]:
    """Everything mutable that follows from a release, by key.

    Args:
        made: the edition.
        cards: for each item, the cards of the events that list it.
        picture: what stands at stable addresses, by key.
        address: the public address of a store's root, or empty.
    """
    manifest = made.manifest
    found: dict[str, Content] = {layout.SCHEMA_KEY: schema(), layout.TYPES_KEY: types(), **pages.assets()}
    found |= pages.event_pages(manifest, address) | dict(made.languages)
    if made.shown or not manifest.items:
        found[layout.checksums_key(manifest.slug)] = checksums(made.release.objects)
    for name, item in made.items.items():
        found |= pages.item_pages(item, events=cards[name], publisher=manifest.publisher, address=address)
        slugs = [card.slug for card in cards[name]]
        own = whole.item_manifest(item, made.shown.get(name), slugs)
        found[layout.item_json(name)] = encode(own)
        for alias in item.aliases:
            found[layout.item_json(alias)] = encode(own.model_copy(update={"alias_of": name}))
    return found | dict(picture)


def checksums(objects: Mapping[str, Blob]) -> bytes:
    """The digests of an event's files, relative to the event's folder: for `sha256sum -c` on a downloaded copy."""
    return "".join(f"{blob.sha256}  ../../{key}\n" for key, blob in sorted(objects.items())).encode()


def stable_pictures(made: Edition) -> dict[str, Repeated]:
    """What stands at each stable address of a picture that is shown."""
    found = {}
    for name, entry in made.shown.items():
        stills = [made_.blob for made_ in entry.made]
        for edge, blob in files.stable_blobs(stills).items():
            for alias in (name, *entry.asset.aliases):
                found[layout.stable_key(alias, edge)] = Repeated(files.address(name, blob), blob)
    return found


def notices(made: Edition) -> dict[str, bytes]:
    """What stands at the stable addresses of withdrawn pictures: a picture that says so, in the event's languages first."""
    return {
        layout.stable_key(alias, edge): notice_jpeg(_ordered(item.text, made.manifest.languages), edge)
        for name, item in made.items.items()
        if isinstance(item, Tombstone)
        for alias in (name, *item.aliases)
        for edge in layout.STABLE_EDGES
    }


def _ordered(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    return {lang: texts[lang] for lang in (*languages, *texts) if lang in texts}
