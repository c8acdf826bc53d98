"""Publish: an event's rows, folded into its manifest. Pure: the same rows give the same bytes, whatever the order of arrival."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from mediaarchive import layout
from mediaarchive.config import EventFacts
from mediaarchive.config.settings import Workspace
from mediaarchive.manifest.model import (
    Counts,
    Document,
    Event,
    FilmSource,
    Item,
    ItemManifest,
    Links,
    LocalText,
    Manifest,
    Photo,
    Poster,
    Publisher,
    Reason,
    Rendition,
    Retired,
    Rights,
    SourceSet,
    Stack,
    Stored,
    Tombstone,
    Track,
    Video,
)
from mediaarchive.model import Asset, Blob, Credit, Facts, Kind
from mediaarchive.renderers.film import lost_sound
from mediaarchive.site.wording import language_name, tombstone_text
from mediaarchive.stages.decide import Withdrawal
from mediaarchive.stages.describe import Moment, Resolved

_CC = re.compile(r"CC-(BY(?:-NC)?(?:-SA|-ND)?)-(\d\.\d)", re.IGNORECASE)
ASIDE = frozenset({"card", "download"})  # roles that are no size to choose from
_FORMATS = ("avif", "webp", "jpg")  # a browser takes the first type it knows


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One file of an item: the blob, and the fingerprint of the recipe that made it."""

    blob: Blob
    recipe: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An item as it is to be published. `tracks`: (language, kind, file) of a film's captions.

    `path`: orders what has no time. `photographer`: by event.toml, whose folder it lay in. `stack`: the ids of the frames of
    its burst, the cover first.
    """

    asset: Asset
    facts: Facts
    texts: Resolved
    moment: Moment
    credit: Credit
    made: tuple[Made, ...]
    tracks: tuple[tuple[str, str, Blob], ...] = ()
    color: str | None = None
    thumbhash: str | None = None
    focus: tuple[float, float] | None = None
    path: str = ""
    photographer: str | None = None
    stack: tuple[str, ...] = ()

    def objects(self) -> dict[str, Blob]:
        """Every file of the item by its published key."""
        blobs = (*(made.blob for made in self.made), *(blob for _, _, blob in self.tracks))
        return {address(self.asset.id, blob): blob for blob in blobs}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """An item that was withdrawn: that it was, since when, and why. `moment` and `path` keep its place, and stay private."""

    item: str
    was: Kind
    day: str
    reason: str
    moment: Moment
    path: str = ""
    aliases: tuple[str, ...] = ()


def address(item: str, blob: Blob) -> str:
    """The published key of an item's file."""
    return layout.media_key(item, blob.role, blob.sha256, blob.ext)


def manifest(
    slug: str,
    facts: EventFacts,
    languages: Sequence[str],
    owner: Workspace,
    items: Sequence[Item],
    retired: Withdrawal | None = None,
) -> Manifest:
    """An event's manifest with all its items, in the order given (unpaged); `retired`: since when and why it is over."""
    kinds = [item.type for item in items]
    return Manifest.model_validate(
        {
            "$schema": f"../../{layout.SCHEMA_KEY}",
            "slug": slug,
            "languages": list(languages),
            "event": Event(
                title=_named(facts.title, languages) or {languages[0]: slug},
                description=_named(facts.description, languages),
                start=facts.start.isoformat() if facts.start else None,
                end=facts.end.isoformat() if facts.end else None,
                timezone=facts.timezone,
                place=_named(facts.place, languages),
                country=facts.country or None,
                homepage=facts.homepage or None,
            ),
            "publisher": Publisher(
                name=owner.publisher or None, url=owner.publisher_url or None, contact=owner.contact or None
            ),
            "rights": rights(Credit(), facts, languages),
            "links": Links(
                page=layout.event_page(slug),
                languages={lang: layout.language_key(slug, lang) for lang in languages},
                json_schema=layout.SCHEMA_KEY,
                types=layout.TYPES_KEY,
            ),
            "counts": Counts(**{kind: kinds.count(kind) for kind in ("photo", "video", "document", "tombstone")}),
            "items": list(items),
            "retired": retired
            and Retired(
                removed=retired.day,
                reason=cast("Reason", retired.reason),
                text=tombstone_text(retired.reason, "event", retired.day),
                contact=owner.contact or None,
            ),
        }
    )


def _named(texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Texts by language; one whose language wasn't said is in the event's default language."""
    return {languages[0] if lang == "und" else lang: text for lang, text in texts.items()}


def rights(credit: Credit, event: EventFacts, languages: Sequence[str], photographer: str | None = None) -> Rights:
    """What the file says of its maker and licence; where it is silent, what event.toml says; then whose folder it lay in."""
    terms = {languages[0]: credit.usage_terms} if credit.usage_terms else _named(event.usage_terms, languages)
    return Rights(
        credit=credit.credit or credit.creator or event.credit or photographer or None,
        creator=credit.creator or photographer,
        copyright=credit.copyright or event.copyright or None,
        licence=credit.licence_url or licence_url(event.licence) or None,
        usage_terms=terms or None,
    )


def licence_url(licence: str) -> str:
    """A licence as an address: an SPDX id of Creative Commons becomes its deed's URL, all else stays as it is.

    >>> licence_url("CC-BY-SA-4.0")
    'https://creativecommons.org/licenses/by-sa/4.0/'
    """
    if found := _CC.fullmatch(licence.strip()):
        return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/"
    if licence.strip().upper() in {"CC0-1.0", "CC0"}:
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    return licence.strip()


def photo(shown: Shown, event: EventFacts, languages: Sequence[str]) -> Photo:
    """A photograph's entry."""
    item, when = shown.asset.id, shown.moment
    blobs = [made.blob for made in shown.made if made.blob.role.isdecimal()]
    aside = {made.blob.role: _rendition(item, made.blob) for made in shown.made if made.blob.role in ASIDE}
    return Photo(
        id=item,
        page=layout.item_page(item),
        taken=when.taken,
        taken_precision=cast("Literal['second', 'day'] | None", when.precision),
        taken_basis=when.basis,
        day=when.day,
        title=_texts(shown.texts, "title"),
        alt=_texts(shown.texts, "alt"),
        long=_texts(shown.texts, "long"),
        caption=_texts(shown.texts, "caption"),
        width=shown.facts.width,
        height=shown.facts.height,
        color=shown.color,
        thumbhash=shown.thumbhash,
        focus=shown.focus,
        sources=source_sets(item, blobs),
        card=aside.get("card"),
        download=aside.get("download"),
        stable=stable(item, blobs),
        rights=rights(shown.credit, event, languages, shown.photographer),
        stack=stack(shown.stack),
        aliases=list(shown.asset.aliases),
        notes=[note for note in shown.facts.notes if note in _PUBLIC_NOTES],
    )


def stack(items: Sequence[str]) -> Stack | None:
    """What is said of a burst on each of its frames; one frame alone is none."""
    return Stack(kind="burst", size=len(items), items=list(items), cover=items[0]) if len(items) > 1 else None


def without(items: Iterable[Item], gone: str) -> list[Item]:
    """Items whose stacks do without one that was withdrawn: if it was a cover, the next frame takes its place."""
    return [
        item.model_copy(update={"stack": stack([one for one in item.stack.items if one != gone])})
        if isinstance(item, Photo) and item.stack and gone in item.stack.items
        else item
        for item in items
    ]


_PUBLIC_NOTES = frozenset({"gain-map", "hdr", "c2pa", "animated"})


def video(shown: Shown, event: EventFacts, languages: Sequence[str]) -> Video:
    """A film's entry. Its poster's alternative text is the item's own."""
    item, when = shown.asset.id, shown.moment
    blobs = [made.blob for made in shown.made]
    films = sorted((blob for blob in blobs if blob.ext == "mp4"), key=lambda blob: (-(blob.height or 0), blob.role))
    stills = [blob for blob in blobs if blob.role.startswith("poster-")]
    audio = shown.facts.audio and not lost_sound(shown.facts, films)
    captioned = any(kind in {"captions", "subtitles"} for _, kind, _ in shown.tracks)
    return Video(
        id=item,
        page=layout.item_page(item),
        taken=when.taken,
        taken_precision=cast("Literal['second', 'day'] | None", when.precision),
        taken_basis=when.basis,
        day=when.day,
        title=_texts(shown.texts, "title") or _titles(event, languages),
        caption=_texts(shown.texts, "caption"),
        long=_texts(shown.texts, "long"),
        width=shown.facts.width,
        height=shown.facts.height,
        duration=round(shown.facts.duration or 0.0, 2),
        audio=audio,
        poster=Poster(
            alt=_texts(shown.texts, "alt"),
            color=shown.color,
            thumbhash=shown.thumbhash,
            sources=source_sets(item, stills),
        ),
        sources=[
            FilmSource(
                type=f'video/mp4; codecs="{blob.codecs}"' if blob.codecs else "video/mp4",
                url=address(item, blob),
                w=blob.width or 0,
                h=blob.height or 0,
                bytes=blob.bytes,
            )
            for blob in films
        ],
        tracks=_tracks(shown, languages),
        captions="provided" if captioned else "missing" if audio else "not-needed",
        stable=stable(item, stills),
        rights=rights(shown.credit, event, languages, shown.photographer),
        aliases=list(shown.asset.aliases),
        notes=[note for note in shown.facts.notes if note in _PUBLIC_NOTES],
    )


def document(shown: Shown, event: EventFacts, languages: Sequence[str]) -> Document:
    """A document's entry: the file as it came, for download, and a picture of its first page."""
    item = shown.asset.id
    blobs = [made.blob for made in shown.made]
    file = next(blob for blob in blobs if blob.role == "document")
    return Document(
        id=item,
        page=layout.item_page(item),
        title=_texts(shown.texts, "title") or _titles(event, languages),
        url=address(item, file),
        media_type=layout.content_type(f"x.{file.ext}"),
        bytes=file.bytes,
        pages=shown.facts.pages or None,
        cover=Poster(
            alt=_texts(shown.texts, "alt"),
            color=shown.color,
            thumbhash=shown.thumbhash,
            sources=source_sets(item, [blob for blob in blobs if blob.role.startswith("cover-")]),
        ),
        rights=rights(shown.credit, event, languages, shown.photographer),
        aliases=list(shown.asset.aliases),
    )


def _titles(event: EventFacts, languages: Sequence[str]) -> dict[str, LocalText]:
    """A film or a document that nobody named goes by its event's title, and says that it does."""
    texts = _named(event.title, languages) or {languages[0]: ""}
    return {lang: LocalText(text=text, state="placeholder", source="template") for lang, text in texts.items()}


def _tracks(shown: Shown, languages: Sequence[str]) -> list[Track]:
    tracks: list[Track] = []
    for lang, kind, blob in sorted(shown.tracks, key=lambda track: (_rank(track[0], languages), track[0], track[1])):
        name = language_name(lang)
        first = kind == "captions" and not any(track.default for track in tracks)
        tracks.append(
            Track(
                kind=cast("Literal['captions', 'subtitles', 'descriptions', 'chapters']", kind),
                srclang=lang,
                label=name,
                url=address(shown.asset.id, blob),
                default=first,
            )
        )
    return tracks


def _rank(lang: str, languages: Sequence[str]) -> int:
    return list(languages).index(lang) if lang in languages else len(languages)


def _texts(texts: Resolved, kind: str) -> dict[str, LocalText]:
    return {
        lang: LocalText.model_validate({"text": text.text, "state": text.state, "source": text.source})
        for lang, text in texts.get(kind, {}).items()
    }


def source_sets(item: str, blobs: Iterable[Blob]) -> list[SourceSet]:
    """Pictures by type, the best-compressed first, each with its sizes rising."""
    by_format: dict[str, list[Blob]] = {}
    for blob in blobs:
        by_format.setdefault(blob.ext, []).append(blob)
    return [
        SourceSet(
            type=layout.content_type(f"x.{ext}"),
            set=[_rendition(item, blob) for blob in sorted(by_format[ext], key=_edge)],
        )
        for ext in _FORMATS
        if ext in by_format
    ]


def _rendition(item: str, blob: Blob) -> Rendition:
    return Rendition(w=blob.width or 0, h=blob.height or 0, url=address(item, blob), bytes=blob.bytes)


def _edge(blob: Blob) -> int:
    return max(blob.width or 0, blob.height or 0)


def stable_blobs(blobs: Iterable[Blob]) -> dict[int, Blob]:
    """For each stable edge, the JPEG that stands there: the smallest that is large enough, else the largest (never upscaled)."""
    jpegs = sorted((blob for blob in blobs if blob.ext == "jpg" and blob.role not in ASIDE), key=_edge)
    return {
        edge: next((blob for blob in jpegs if _edge(blob) >= edge), jpegs[-1]) for edge in layout.STABLE_EDGES if jpegs
    }


def stable(item: str, blobs: Iterable[Blob]) -> dict[str, str]:
    """The addresses for pasted embeds, by edge."""
    return {str(edge): layout.stable_key(item, edge) for edge in stable_blobs(blobs)}


def tombstone(gone: Gone, contact: str) -> Tombstone:
    """What stays where an item was withdrawn."""
    was = cast("Literal['photo', 'video', 'document']", gone.was.value)
    return Tombstone(
        id=gone.item,
        was=was,
        page=layout.item_page(gone.item),
        removed=gone.day,
        reason=cast("Reason", gone.reason),
        text=tombstone_text(gone.reason, was, gone.day),
        contact=contact or None,
        aliases=list(gone.aliases),
    )


def item_manifest(item: Item, shown: Shown | None, events: Sequence[str]) -> ItemManifest:
    """media/<id>/item.json."""
    objects = []
    if shown:
        recipes = {address(shown.asset.id, made.blob): made.recipe for made in shown.made}
        objects = [
            Stored(url=key, sha256=blob.sha256, bytes=blob.bytes, recipe=recipes.get(key) or None)
            for key, blob in sorted(shown.objects().items())
        ]
    return ItemManifest.model_validate(
        {"$schema": f"../../{layout.SCHEMA_KEY}", "item": item, "events": list(events), "objects": objects}
    )
