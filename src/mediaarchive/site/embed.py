"""Code to paste into somebody else's page: only what content management systems let through, with addresses that last.

WordPress (`wp_kses_post`) keeps `figure > a > img` for authors who may not write any HTML they like, but no `srcset` and no
`<picture>`. Drupal's Basic HTML puts an "image removed" icon where a picture of another site stood (its filter "Restrict images
to this site") and knows neither `figure` nor `span`; a link passes. So there are both, and neither needs a script.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from mediaarchive import layout
from mediaarchive.site.rights import credits_of
from mediaarchive.site.texts import Line
from mediaarchive.site.view import alt_of

if TYPE_CHECKING:
    from mediaarchive.manifest.model import Document, Photo, Video
    from mediaarchive.site.pages import EventCard
    from mediaarchive.site.view import Scene

_STABLE: Final = "1280"


def figure(item: Photo | Video, scene: Scene) -> str:
    """A picture with its alternative text, caption, credit and licence, which leads to the item's own page."""
    credit = credits_of(item.rights, scene.rights)
    licence = ""
    if credit.licence:
        licence = escape(credit.licence.name)
        if credit.licence.href:
            licence = f'<a href="{escape(credit.licence.href)}">{licence}</a>'
    words = _words(item, scene)
    said = f"<span{_lang(words.lang)}>{escape(words.text)}</span>" if words else ""
    below = " · ".join(part for part in (said, escape(credit.name), licence) if part)
    return _figure(item, scene, scene.href(item.page), below, scene.reader.words["open_item"])


def link(item: Photo | Video | Document, scene: Scene) -> str:
    """A paragraph with a link to the item's own page, named by what is said of it. No element but `p` and `a`."""
    words, event = _words(item, scene), escape(scene.title)
    if words is None:
        kind = scene.reader.words[f"kind_{item.type}"]
        return _paragraph(scene, scene.href(item.page), ", ".join(part for part in (kind, event) if part))
    return _paragraph(scene, scene.href(item.page), escape(words.text), words.lang, f" ({event})" if event else "")


def event_figure(card: EventCard, scene: Scene) -> str:
    """An event's cover with its title and dates, which leads to the gallery; its link where it has no picture."""
    if card.cover is None:
        return event_link(card, scene)
    name = _event_name(card, scene)
    return _figure(card.cover, scene, scene.href(layout.event_page(card.slug)), name, name)


def event_link(card: EventCard, scene: Scene) -> str:
    """A paragraph with a link to an event's gallery."""
    return _paragraph(scene, scene.href(layout.event_page(card.slug)), _event_name(card, scene))


def _figure(item: Photo | Video, scene: Scene, href: str, below: str, name: str) -> str:
    """`name`: of the link, as HTML, where the picture gives it none, since it is decorative."""
    alt = alt_of(item, scene)
    named = f' aria-label="{name}"' if alt.decorative else ""
    address = item.stable.get(_STABLE) or next(iter(item.stable.values()), "")
    width, height = _size(item)
    caption = f"<figcaption>{below}</figcaption>" if below else ""
    return (
        f'<figure lang="{escape(scene.reader.words.lang)}"><a href="{escape(href)}"{named}>'
        f'<img src="{escape(scene.base + address)}" width="{width}"'
        f' height="{height}" alt="{escape(alt.text)}"{_lang(alt.lang)}></a>{caption}</figure>'
    )


def _size(item: Photo | Video) -> tuple[int, int]:
    """How large the picture is shown: as the file at the stable address is, or what its name says if that is less.

    There stands the smallest JPEG that is large enough, or else the largest.
    """
    sources = item.sources if item.type == "photo" else item.poster.sources
    jpegs = (one for sizes in sources if sizes.type == "image/jpeg" for one in sizes.set)
    sizes = sorted(((one.w, one.h) for one in jpegs), key=max) or [(item.width, item.height)]
    width, height = next((size for size in sizes if max(size) >= int(_STABLE)), sizes[-1])
    scale = min(1.0, int(_STABLE) / max(width, height, 1))
    return round(width * scale), round(height * scale)


def _paragraph(scene: Scene, href: str, name: str, lang: str | None = None, after: str = "") -> str:
    return f'<p lang="{escape(scene.reader.words.lang)}"><a href="{escape(href)}"{_lang(lang)}>{name}</a>{after}</p>'


def _event_name(card: EventCard, scene: Scene) -> str:
    say = scene.reader.words
    return ", ".join(
        part for part in (escape(scene.title or card.slug), escape(say.span(card.start, card.end))) if part
    )


def _words(item: Photo | Video | Document, scene: Scene) -> Line | None:
    caption = None if item.type == "document" else scene.reader.line(item.caption)
    return caption or scene.reader.line(item.title)


def _lang(lang: str | None) -> str:
    return "" if lang is None else f' lang="{escape(lang)}"'
