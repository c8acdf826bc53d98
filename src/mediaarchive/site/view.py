"""What the templates print: frozen views of items for one reader, with every choice made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeGuard
from urllib.parse import quote

from mediaarchive.manifest.model import (
    BASE,
    Document,
    Photo,
    Poster,
    Rendition,
    Rights,
    SourceSet,
    Tombstone,
    Video,
)
from mediaarchive.site import pictures, wording
from mediaarchive.site.rights import Credits, Link, contact_link, credits_of
from mediaarchive.site.texts import Alt, Line, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mediaarchive.site.pictures import Picture, Stream, TextTrack

_FRAME_SIZES: Final = "8rem"
_FRAME_EDGE: Final = 640


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What a page's items share: who reads, the event's title and place in their language, its rights."""

    reader: Reader
    default: str
    title: str = ""
    place: str = ""
    rights: Rights = field(default_factory=Rights)
    contact: str | None = None
    base: str = BASE

    def href(self, page: str) -> str:
        """A page's address in the reader's language."""
        return self.base + localized(page, self.reader.lang, self.default)


@dataclass(frozen=True, kw_only=True, slots=True)
class Root:
    """The store's root: `base` leads there from a page, `address` from anywhere (empty where nobody said)."""

    base: str
    address: str = ""

    def link(self, key: str) -> str:
        """Where a key is, by its public address if there is one: for those who read a page but resolve nothing."""
        return f"{self.address.rstrip('/')}/{quote(key)}" if self.address else self.base + key


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """A photograph in the gallery. `position`: its place among all photographs, from 1."""

    id: str
    href: str
    position: int
    picture: Picture
    caption: Line | None
    repeats: bool
    long_href: str | None
    series: str
    credits: Credits
    frames: tuple[Frame, ...] = ()
    frames_label: str = ""
    kind: Literal["photo"] = "photo"


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A photograph behind the cover of its stack: small, and a link to its own page."""

    id: str
    href: str
    picture: Picture


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """The notice where something was withdrawn."""

    id: str
    href: str
    position: int
    text: Line
    contact: Link | None
    kind: Literal["tombstone"] = "tombstone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Film:
    """A film with its player."""

    id: str
    href: str
    title: Line
    caption: Line | None
    width: int
    height: int
    poster: str
    poster_alt: Alt
    streams: tuple[Stream, ...]
    tracks: tuple[TextTrack, ...]
    captions_missing: bool
    download: Link | None
    duration: str
    credits: Credits
    kind: Literal["video"] = "video"


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A document for download."""

    id: str
    href: str
    title: Line
    cover: Picture | None
    download: Link
    credits: Credits
    kind: Literal["document"] = "document"


View = Shot | Gone | Film | Paper


def localized(key: str, lang: str, default: str) -> str:
    """A page's key in `lang`: `…/index.html` in the default language, `…/index.fr.html` in others."""
    return key if lang == default else f"{key.removesuffix('.html')}.{lang}.html"


def shot(item: Photo, scene: Scene, position: int, *, eager: bool) -> Shot:
    """A photograph's view in the gallery."""
    alt = photo_alt(item, scene)
    caption = scene.reader.line(item.caption) or scene.reader.line(item.title)
    href = scene.href(item.page)
    return Shot(
        id=item.id,
        href=href,
        position=position,
        picture=pictures.picture(
            item.sources,
            alt,
            base=scene.base,
            sizes=pictures.gallery_sizes(item.width, item.height),
            largest=pictures.GALLERY_EDGE,
            eager=eager,
            stable=item.stable,
            size=(item.width, item.height),
        ),
        caption=caption,
        repeats=bool(caption and _same(caption.text, alt.text)),
        long_href=f"{href}#long" if scene.reader.line(item.long) else None,
        series=scene.reader.words.count("series", item.stack.size) if item.stack else "",
        credits=credits_of(item.rights, scene.rights),
    )


def frame(item: Photo, scene: Scene) -> Frame:
    """A frame of a burst, as it stands behind the cover."""
    picture = pictures.picture(
        item.sources,
        photo_alt(item, scene),
        base=scene.base,
        sizes=_FRAME_SIZES,
        largest=_FRAME_EDGE,
        stable=item.stable,
        size=(item.width, item.height),
    )
    return Frame(id=item.id, href=scene.href(item.page), picture=picture)


def photo_alt(item: Photo, scene: Scene) -> Alt:
    """A photograph's alternative text, or the sentence that stands in for it."""
    lang = scene.reader.words.lang
    return scene.reader.alt(
        item.alt, wording.placeholder_alt(lang, "photo", scene.title, scene.place, item.day or _day(item.taken))
    )


def alt_of(item: Photo | Video, scene: Scene) -> Alt:
    """A photograph's alternative text, or that of a film's still."""
    return photo_alt(item, scene) if isinstance(item, Photo) else poster_alt(item.poster, scene, "video", item.day)


def gone(item: Tombstone, scene: Scene, position: int) -> Gone:
    """A tombstone's view: its own sentence in the reader's language, else ours."""
    sentences = wording.tombstone_text(item.reason, item.was, item.removed) | item.text
    return Gone(
        id=item.id,
        href=scene.href(item.page),
        position=position,
        text=scene.reader.plain(sentences),
        contact=contact_link(item.contact or scene.contact, item.id),
    )


def film(item: Video, scene: Scene) -> Film:
    """A film's view, with its player."""
    say = scene.reader.words
    best = max(item.sources, key=lambda one: one.w * one.h, default=None)
    size = f"MP4, {say.size(best.bytes)}" if best else ""
    title = scene.reader.line(item.title) or Line(text=_named(say["kind_video"], scene))
    return Film(
        id=item.id,
        href=scene.href(item.page),
        title=title,
        caption=scene.reader.line(item.caption),
        width=item.width,
        height=item.height,
        poster=_poster(item.poster, scene),
        poster_alt=poster_alt(item.poster, scene, "video", item.day),
        streams=pictures.streams(item.sources, scene.base),
        tracks=pictures.text_tracks(item, scene.reader.lang, scene.base),
        captions_missing=item.captions == "missing",
        download=Link(name=say["download_film"].format(what=size), href=scene.base + best.url) if best else None,
        duration=wording.duration(item.duration),
        credits=credits_of(item.rights, scene.rights),
    )


def poster_alt(poster: Poster, scene: Scene, kind: str, day: str | None) -> Alt:
    """The alternative text of a film's still or a document's cover."""
    lang = scene.reader.words.lang
    return scene.reader.alt(poster.alt, wording.placeholder_alt(lang, kind, scene.title, scene.place, day))


def paper(item: Document, scene: Scene) -> Paper:
    """A document's view."""
    say = scene.reader.words
    what = f"{item.media_type.rpartition('/')[2].upper()}, {say.size(item.bytes)}"
    cover = None
    if item.cover and item.cover.sources:
        alt = poster_alt(item.cover, scene, "document", None)
        cover = pictures.picture(item.cover.sources, alt, base=scene.base, sizes="10rem", largest=640)
    return Paper(
        id=item.id,
        href=scene.href(item.page),
        title=scene.reader.line(item.title) or Line(text=_named(say["kind_document"], scene)),
        cover=cover,
        download=Link(name=say["download_document"].format(what=what), href=scene.base + item.url),
        credits=credits_of(item.rights, scene.rights),
    )


def downloads(sets: Iterable[SourceSet], scene: Scene, whole: Rendition | None = None) -> list[Link]:
    """The JPEG files of a picture, smallest first, named by pixels and bytes; `whole`: the one to take away, last."""
    say = scene.reader.words
    files = sorted((one for entry in sets if entry.type == "image/jpeg" for one in entry.set), key=lambda one: one.w)
    return [
        Link(name=f"{say['pixels'].format(w=one.w, h=one.h)}, {say.size(one.bytes)}", href=scene.base + one.url)
        for one in (*files, *([whole] if whole else []))
    ]


def placed(entry: View) -> TypeGuard[Shot | Gone]:
    """Whether a tile counts in "12 of 312": photographs (a burst once), and the notices where photographs were."""
    return isinstance(entry, Shot | Gone)


def _poster(poster: Poster, scene: Scene) -> str:
    shown = pictures.picture(poster.sources, Alt(text="", lang=None), base=scene.base, sizes="", largest=1280)
    return shown.src if poster.sources else ""


def _named(kind: str, scene: Scene) -> str:
    return f"{kind}, {scene.title}" if scene.title else kind


def _day(taken: str | None) -> str | None:
    return taken[:10] if taken else None


def _same(left: str, right: str) -> bool:
    return left.strip().rstrip(".").casefold() == right.strip().rstrip(".").casefold()
