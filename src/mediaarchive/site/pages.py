"""The pages, as pure functions from manifest values to bytes by key: the list of events, galleries, items' own pages.

The same values give the same bytes: no path of a machine, no time of the run. Every page works from a web server, a bucket
without index documents, and a folder on a stick: each link is relative and names its file. Only what networks read when
somebody shares a page (Open Graph) names a host, where a public address is configured: they resolve nothing.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mediaarchive import layout
from mediaarchive.manifest.model import (
    BASE,
    Counts,
    Document,
    Item,
    Manifest,
    Photo,
    Publisher,
    Rights,
    Tombstone,
    Video,
)
from mediaarchive.site import gallery, structured, view
from mediaarchive.site.rights import contact_link, licence_link, merged, safe_href
from mediaarchive.site.texts import Reader
from mediaarchive.site.view import Root, Scene, localized
from mediaarchive.site.wording import language_name, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import jinja2

_HERE: Final = Path(__file__).parent
# Pages name these for years: a change of markup that needs another stylesheet takes the next number, a tweak doesn't.
CSS_KEY: Final = "assets/site-1.css"
JS_KEY: Final = "assets/site-1.js"
_PAGE_LANGUAGE: Final = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventCard:
    """What other pages say of an event. `languages`: the default first. `cover`: a photograph, or a film."""

    slug: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    place: Mapping[str, str]
    start: str | None
    end: str | None
    counts: Counts
    rights: Rights
    cover: Photo | Video | None = None
    retired: bool = False


def card(manifest: Manifest) -> EventCard:
    """An event's card, from its manifest (the first page is enough): the first wide photograph is its cover."""
    event = manifest.event
    photos = [item for item in manifest.items if isinstance(item, Photo)]
    wide = [item for item in photos if item.width > item.height]
    films = [item for item in manifest.items if isinstance(item, Video)]
    candidates: list[Photo | Video] = [*wide, *photos, *films]
    return EventCard(
        slug=manifest.slug,
        title=event.title,
        languages=tuple(manifest.languages),
        place=event.place,
        start=event.start,
        end=event.end,
        counts=manifest.counts,
        rights=manifest.rights,
        cover=candidates[0] if candidates else None,
        retired=manifest.retired is not None,
    )


def assets() -> dict[str, bytes]:
    """The files that all pages share, by key."""
    return {key: (_HERE / key).read_bytes() for key in (CSS_KEY, JS_KEY)}


def event_pages(manifest: Manifest, address: str = "") -> dict[str, bytes]:
    """An event's gallery in each of its languages.

    Args:
        manifest: with *all* items, not only the first page's.
        address: the public address of the store's root, if there is one.

    Returns:
        Pages by key: `events/<slug>/index.html` in the default language, `index.<lang>.html` beside it in the others.
    """
    key, languages = layout.event_page(manifest.slug), tuple(manifest.languages)
    return {
        localized(key, lang, languages[0]): _event_page(manifest, key, Reader(lang, languages), address)
        for lang in languages
    }


def moved_pages(manifest: Manifest, old: str) -> dict[str, bytes]:
    """What stands at a renamed event's former addresses: a page that leads on by itself, in each language.

    Args:
        manifest: the event, under its new name.
        old: the slug it had.
    """
    languages = tuple(manifest.languages)
    pages = {}
    for lang in languages:
        reader = Reader(lang, languages)
        target = manifest.base + localized(layout.event_page(manifest.slug), lang, languages[0])
        pages[localized(layout.event_page(old), lang, languages[0])] = _page(
            "moved.html",
            reader,
            manifest.base,
            alternates=_alternates(layout.event_page(old), lang, languages, languages[0]),
            target=target,
            title=reader.plain(manifest.event.title if any(manifest.event.title.values()) else {"und": manifest.slug}),
            publisher=_publisher(manifest.publisher),
            contact=contact_link(manifest.publisher.contact),
        )
    return pages


def item_pages(
    item: Item,
    *,
    events: Sequence[EventCard],
    publisher: Publisher | None = None,
    base: str = BASE,
    address: str = "",
) -> dict[str, bytes]:
    """An item's own page, or its tombstone, in every language of its events; the same at its aliases' addresses.

    Args:
        item: as in the manifest.
        events: the events that list it; the first one's default language is that of `index.html`.
        publisher: who answers for it.
        base: from the item's folder to the store's root.
        address: that root's public address, if there is one.

    Returns:
        Pages by key: `media/<id>/index.html` and `media/<id>/index.<lang>.html`.
    """
    default = events[0].languages[0] if events else _PAGE_LANGUAGE
    languages = tuple(dict.fromkeys([default, *(lang for event in events for lang in event.languages)]))
    # An event with another default links to index.<lang>.html of what is the default here: that file must be there too.
    extra = default if any(default in event.languages[1:] for event in events) else None
    pages: dict[str, bytes] = {}
    for lang in languages:
        root = Root(base=base, address=address)
        data = _item_page(item, events, publisher or Publisher(), Reader(lang, languages), root)
        for name in (item.id, *item.aliases):
            key = layout.item_page(name)
            pages[localized(key, lang, default)] = data
            if lang == extra:
                pages[localized(key, lang, "")] = data
    return pages


def events_pages(
    events: Iterable[EventCard], *, languages: Sequence[str], publisher: Publisher | None = None
) -> dict[str, bytes]:
    """The list of all events, newest first, in `languages` (the default first) and in every language that an event has.

    Returns:
        Pages by key: `events/index.html` in the default language, and `events/index.<lang>.html` in each.
    """
    cards = sorted(sorted(events, key=lambda one: one.slug), key=lambda one: one.start or "", reverse=True)
    spoken = tuple(dict.fromkeys([*languages, *(lang for one in cards for lang in one.languages)])) or (_PAGE_LANGUAGE,)
    pages: dict[str, bytes] = {}
    for lang in spoken:
        data = _list_page(cards, publisher or Publisher(), Reader(lang, spoken))
        pages[localized(layout.EVENTS_PAGE, lang, "")] = data
        if lang == spoken[0]:
            pages[layout.EVENTS_PAGE] = data
    return pages


def _event_page(manifest: Manifest, key: str, reader: Reader, address: str) -> bytes:
    root = Root(base=manifest.base, address=address)
    say, event, base = reader.words, manifest.event, manifest.base
    scene = Scene(
        reader=reader,
        default=manifest.languages[0],
        title=reader.plain(event.title).text or manifest.slug,
        place=reader.plain(event.place).text,
        rights=manifest.rights,
        contact=manifest.publisher.contact,
        base=base,
    )
    groups, style = gallery.arrange(manifest.items, scene)
    shots = [entry for group in groups for entry in group.entries if isinstance(entry, view.Shot)]
    seen = [picture for entry in shots for picture in (entry.picture, *(frame.picture for frame in entry.frames))]
    missing = sum(picture.alt.missing for picture in seen)
    return _page(
        "event.html",
        reader,
        base,
        style=style,
        alternates=_alternates(key, reader.lang, manifest.languages, manifest.languages[0]),
        title=reader.plain(event.title if any(event.title.values()) else {"und": manifest.slug}),
        place=reader.plain(event.place),
        dates=say.span(event.start, event.end),
        description=reader.plain(event.description),
        homepage=safe_href(event.homepage),
        counts=_counts(manifest.items, reader),
        missing=say.count("missing", missing, total=len(seen)) if missing else "",
        groups=groups,
        days=[group for group in groups if group.day],
        total=max((entry.position for group in groups for entry in group.entries if view.placed(entry)), default=0),
        publisher=_publisher(manifest.publisher),
        contact=contact_link(manifest.publisher.contact),
        list_href=f"{base}{localized(layout.EVENTS_PAGE, reader.lang, '')}",
        manifest_href=base + layout.pointer_key(manifest.slug),
        schema_href=base + layout.SCHEMA_KEY,
        licence=licence_link(manifest.rights.licence),
        json_ld=structured.event(manifest, scene),
        retired=reader.plain(manifest.retired.text) if manifest.retired else None,
        page=root.link(localized(key, reader.lang, manifest.languages[0])),
        site_name=manifest.publisher.name or "",
        card=next(filter(None, (gallery.card(item, scene, root) for item in manifest.items)), None),
    )


def _item_page(item: Item, events: Sequence[EventCard], publisher: Publisher, reader: Reader, root: Root) -> bytes:
    base = root.base
    default = reader.fallbacks[0]
    first = events[0] if events else None
    scene = Scene(
        reader=reader,
        default=default,
        title=reader.plain(first.title).text if first else "",
        place=reader.plain(first.place).text if first else "",
        rights=first.rights if first else Rights(),
        contact=publisher.contact,
        base=base,
    )
    names = {Photo: "photo", Video: "video", Document: "document", Tombstone: "tombstone"}
    key = layout.item_page(item.id)
    return _page(
        f"{names[type(item)]}.html",
        reader,
        base,
        alternates=_alternates(key, reader.lang, reader.fallbacks, default),
        page=root.link(localized(key, reader.lang, default)),
        site_name=publisher.name or "",
        card=gallery.card(item, scene, root),
        **gallery.item_values(item, scene),
        events=[
            {"href": base + _localized_event(one, reader.lang), "title": reader.plain(one.title), "slug": one.slug}
            for one in events
        ],
        rights=None if isinstance(item, Tombstone) else merged(item.rights, scene.rights),
        publisher=_publisher(publisher),
        contact=contact_link(publisher.contact, item.id),
        list_href=base + localized(layout.EVENTS_PAGE, reader.lang, "") if events else None,
    )


def _list_page(cards: Sequence[EventCard], publisher: Publisher, reader: Reader) -> bytes:
    base = "../"
    return _page(
        "events.html",
        reader,
        base,
        alternates=_alternates(layout.EVENTS_PAGE, reader.lang, reader.fallbacks, ""),
        cards=[_card_values(one, reader, base, eager=number < 2) for number, one in enumerate(cards)],
        publisher=_publisher(publisher),
        contact=contact_link(publisher.contact),
    )


def _card_values(one: EventCard, reader: Reader, base: str, *, eager: bool) -> dict[str, Any]:
    scene = Scene(
        reader=reader,
        default=one.languages[0],
        title=reader.plain(one.title).text,
        place="",
        rights=one.rights,
        base=base,
    )
    say, counts = reader.words, one.counts
    return {
        "href": base + _localized_event(one, reader.lang),
        "title": reader.plain(one.title) if any(one.title.values()) else reader.plain({"und": one.slug}),
        "place": reader.plain(one.place),
        "dates": say.span(one.start, one.end),
        "counts": [say.count(f"{name}s", n) for name, n in counts if isinstance(n, int) and n and name != "tombstone"],
        "cover": gallery.cover(one.cover, scene, eager=eager) if one.cover else None,
    }


def _localized_event(one: EventCard, lang: str) -> str:
    """The event's page in `lang` if it has one, else in its default language."""
    key = layout.event_page(one.slug)
    return localized(key, lang, one.languages[0]) if lang in one.languages else key


def _counts(items: Sequence[Item], reader: Reader) -> list[str]:
    found = [(kind, sum(item.type == kind for item in items)) for kind in ("photo", "video", "document", "tombstone")]
    return [reader.words.count(f"{kind}s", n) for kind, n in found if n]


def _publisher(publisher: Publisher) -> dict[str, str | None]:
    return {"name": publisher.name, "href": safe_href(publisher.url)}


def _alternates(key: str, lang: str, languages: Sequence[str], default: str) -> list[dict[str, Any]]:
    """The page's language versions, as addresses relative to it."""
    return [
        {
            "lang": other,
            "name": language_name(other),
            "href": localized(key, other, default).rpartition("/")[2],
            "current": other == lang,
        }
        for other in languages
    ]


def _page(template: str, reader: Reader, base: str, *, style: str = "", **values: Any) -> bytes:  # noqa: ANN401 - what a template prints
    import markupsafe  # noqa: PLC0415 - jinja2's own, loaded when a page is made

    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    allowed = f"'self' 'sha256-{digest}'" if style else "'self'"
    text = (
        environment()
        .get_template(template)
        .render(
            say=reader.words,
            reader=reader,
            base=base,
            css=base + CSS_KEY,
            js=base + JS_KEY,
            style=markupsafe.Markup(style),  # noqa: S704 - made of numbers, hex colours and item ids only
            policy=f"default-src 'self'; style-src {allowed}; object-src 'none'; base-uri 'none'; form-action 'none'",
            **values,
        )
    )
    return text.encode()


@cache
def environment() -> jinja2.Environment:
    """Where templates are found, and how strict they are."""
    import jinja2  # noqa: PLC0415 - only who makes pages pays for it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_printable,
    )
    environment.globals["language_name"] = language_name
    environment.globals["words"] = words
    return environment


def _printable(value: object) -> object:
    if value is None:
        raise TypeError("a template printed None: a page would show the word to its visitors")
    return value
