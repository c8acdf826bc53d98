"""A manifest's entries: a photograph, a film, a document, and what stays where one of them was withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, cast

from mediaarchive import layout
from mediaarchive.config import EventFacts
from mediaarchive.manifest.model import (
    Document,
    FilmSource,
    Item,
    LocalText,
    Photo,
    Poster,
    Reason,
    Stack,
    Tombstone,
    Track,
    Video,
)
from mediaarchive.renderers.film import lost_sound
from mediaarchive.site.wording import language_name, otherwise_spoken, tombstone_text
from mediaarchive.stages.describe import Resolved
from mediaarchive.stages.publish.files import ASIDE, address, rendition, source_sets, stable
from mediaarchive.stages.publish.rights import named, rights
from mediaarchive.stages.publish.shown import Gone, Shown

_PUBLIC_NOTES = frozenset({"gain-map", "hdr", "c2pa", "animated"})


def photo(shown: Shown, event: EventFacts, languages: Sequence[str]) -> Photo:
    """A photograph's entry."""
    item, when = shown.asset.id, shown.moment
    blobs = [made.blob for made in shown.made if made.blob.role.isdecimal()]
    aside = {made.blob.role: rendition(item, made.blob) for made in shown.made if made.blob.role in ASIDE}
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
    texts = named(event.title, languages) or {languages[0]: ""}
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
        lang: LocalText.model_validate(
            {
                "text": text.text,
                "state": text.state,
                "source": text.source,
                "lang": otherwise_spoken(lang) if text.source == "template" else None,
            }
        )
        for lang, text in texts.get(kind, {}).items()
    }


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
