"""How an event's items stand on its page (films, then days, then documents), and what an item's own page shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from mediaarchive import layout
from mediaarchive.manifest.model import Document, Item, Photo, Rendition, Tombstone, Video
from mediaarchive.site import embed, pictures, view, wording
from mediaarchive.site.rights import Link, licence_link, merged
from mediaarchive.site.texts import Line, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mediaarchive.site.pictures import Picture
    from mediaarchive.site.view import Scene, View

_EAGER: Final = 3  # what a window shows at once; the others load near it
_OWN: Final = ".fitted"  # the picture or film that a page is about
_SHARED_WIDTH: Final = 1280  # px: networks show 1200, and give up on large files
_DAY, _MONTH, _YEAR = len("2022-12-06"), len("2022-12"), len("2022")
_HEADINGS: Final = 24  # of days, then of months: a festival of three weeks has one for each day
_COVER_SIZES: Final = "(max-width: 40rem) 100vw, 24rem"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A section of the gallery with its heading: films, one day, or documents."""

    id: str
    kind: str
    heading: str
    entries: tuple[View, ...]
    day: str | None = None


def arrange(items: Sequence[Item], scene: Scene) -> tuple[list[Group], str]:
    """Films first, photographs by the event's day, documents last; each tombstone where its item was.

    Returns:
        The groups, and the page's style rules: one for each photograph and film.
    """
    say = scene.reader.words
    films: list[View] = []
    papers: list[View] = []
    days: dict[str, list[View]] = {}
    rules: list[str] = []
    behind = _behind_covers(items)
    position, day = 0, _first_day(items)
    for item in items:
        if isinstance(item, Video):
            films.append(view.film(item, scene))
            rules.append(_film_style(f"#{item.id}", item))
        elif isinstance(item, Document):
            papers.append(view.paper(item, scene))
        elif isinstance(item, Photo):
            if item.id in behind:
                continue
            day, position = item.day or "", position + 1
            shot = view.shot(item, scene, position, eager=position <= _EAGER)
            frames = [one for one in items if isinstance(one, Photo) and behind.get(one.id) == item.id]
            days.setdefault(day, []).append(_with_frames(shot, frames, scene))
            rules.append(pictures.cell_style(item.id, item.width, item.height, item.color, item.focus))
        elif item.was == "photo":
            position += 1
            days.setdefault(day, []).append(view.gone(item, scene, position))
        else:
            (films if item.was == "video" else papers).append(view.gone(item, scene, 0))
    groups = [
        Group(id="films", kind="films", heading=say["films_heading"], entries=tuple(films)),
        *(_dated_group(one, entries, scene.reader, alone=len(days) == 1) for one, entries in _dated(days)),
        Group(id="documents", kind="documents", heading=say["documents_heading"], entries=tuple(papers)),
    ]
    return [group for group in groups if group.entries], "".join(rules)


def _film_style(selector: str, film: Video) -> str:
    return pictures.fitted_style(
        selector, film.width, film.height, max((one.w for one in film.sources), default=film.width)
    )


def _behind_covers(items: Sequence[Item]) -> dict[str, str]:
    """The frames that stand behind another, and which; a cover that isn't here hides nobody."""
    photos = {item.id: item for item in items if isinstance(item, Photo)}
    return {
        item.id: item.stack.cover
        for item in photos.values()
        if item.stack and item.stack.cover and item.stack.cover != item.id and item.stack.cover in photos
    }


def _with_frames(shot: view.Shot, frames: Sequence[Photo], scene: Scene) -> view.Shot:
    if not frames:
        return shot
    label = scene.reader.words.count("frames", len(frames))
    return replace(shot, frames=tuple(view.frame(one, scene) for one in frames), frames_label=label)


def item_values(item: Item, scene: Scene) -> dict[str, Any]:
    """What an item's own page prints, beside what all pages do."""
    if isinstance(item, Tombstone):
        return {"gone": view.gone(item, scene, 0), "heading": Line(text=scene.reader.words[f"gone_heading_{item.was}"])}
    shared: dict[str, Any] = {
        "item": item,
        "heading": _heading(item, scene),
        "credits_licence": licence_link(merged(item.rights, scene.rights).licence),
        "usage_terms": scene.reader.plain(merged(item.rights, scene.rights).usage_terms or {}),
        "texts": _texts(item, scene.reader),
    }
    say = scene.reader.words
    if isinstance(item, Document):
        return shared | {"paper": view.paper(item, scene), "paste": [(say["embed_label"], embed.link(item, scene))]}
    taken = item.taken or item.day
    shared |= {
        "taken": say.moment(taken, item.taken_precision) if taken else "",
        "paste": [(say["embed_label"], embed.figure(item, scene)), (say["embed_link_label"], embed.link(item, scene))],
    }
    if isinstance(item, Video):
        return shared | {"film": view.film(item, scene), "style": _film_style(_OWN, item)}
    widest = max((one.w for entry in item.sources for one in entry.set), default=item.width)
    sizes = pictures.item_sizes(item.width, item.height, widest)
    large = pictures.picture(
        item.sources,
        view.photo_alt(item, scene),
        base=scene.base,
        sizes=sizes,
        eager=True,
        stable=item.stable,
        size=(item.width, item.height),
    )
    return shared | {
        "shot": view.shot(item, scene, 0, eager=True),
        "picture": large,
        "style": pictures.fitted_style(_OWN, item.width, item.height, widest),
        "frames": _other_frames(item, scene),
        "downloads": view.downloads(item.sources, scene, item.download),
    }


def card(item: Item, scene: Scene, root: view.Root) -> dict[str, Any] | None:
    """What networks show when somebody shares an item's page, or that of its event: a photograph's card, a film's still."""
    if isinstance(item, Photo) and item.card:
        found: Rendition = item.card
    elif isinstance(item, Video):
        stills = [one for sources in item.poster.sources if sources.type == "image/jpeg" for one in sources.set]
        fit = [one for one in stills if one.w <= _SHARED_WIDTH] or stills[:1]
        if not fit:
            return None
        found = fit[-1]
    else:
        return None
    return {"src": root.link(found.url), "width": found.w, "height": found.h, "alt": view.alt_of(item, scene).text}


def _other_frames(item: Photo, scene: Scene) -> list[Link]:
    """The other frames of a burst, by their place in it."""
    if not item.stack:
        return []
    say, listed = scene.reader.words, sorted(item.stack.items)
    return [
        Link(name=say["frame"].format(n=place, total=len(listed)), href=scene.href(layout.item_page(other)))
        for place, other in enumerate(listed, 1)
        if other != item.id
    ]


def cover(item: Photo | Video, scene: Scene, *, eager: bool) -> Picture:
    """An event's cover on the list of events."""
    sets = item.sources if isinstance(item, Photo) else item.poster.sources
    size, alt = (item.width, item.height), view.alt_of(item, scene)
    return pictures.picture(
        sets, alt, base=scene.base, sizes=_COVER_SIZES, largest=960, eager=eager, stable=item.stable, size=size
    )


def _dated_group(date: str, entries: Sequence[View], reader: Reader, *, alone: bool) -> Group:
    say = reader.words
    if not date:
        heading = say["photos_heading"] if alone else say["undated_heading"]
        return Group(id="undated", kind="photos", heading=heading, entries=tuple(entries))
    heading = say.weekday_date(date) if len(date) == _DAY else say.month(date)
    return Group(id=f"day-{date}", kind="photos", heading=heading, entries=tuple(entries), day=date)


def _dated(days: dict[str, list[View]]) -> list[tuple[str, list[View]]]:
    """By day, in order, or by month or year where headings of days would be most of the page; what has no day comes last."""
    for length in (_DAY, _MONTH, _YEAR):
        dated: dict[str, list[View]] = {}
        for day, entries in sorted(days.items(), key=lambda pair: (not pair[0], pair[0])):
            dated.setdefault(day[:length], []).extend(entries)
        if len(dated) <= _HEADINGS:
            break
    return list(dated.items())


def _first_day(items: Sequence[Item]) -> str:
    return next((item.day or "" for item in items if isinstance(item, Photo)), "")


def _heading(item: Photo | Video | Document, scene: Scene) -> Line:
    title = scene.reader.line(item.title)
    if title:
        return title
    kind = scene.reader.words[f"kind_{item.type}"]
    return Line(text=f"{kind}, {scene.title}" if scene.title else kind)


def _texts(item: Photo | Video | Document, reader: Reader) -> list[dict[str, Any]]:
    """All texts of all languages, by kind."""
    if isinstance(item, Document):
        found = {"title": item.title}
    elif isinstance(item, Photo):
        found = {"title": item.title, "alt": item.alt, "caption": item.caption, "long": item.long}
    else:
        found = {"title": item.title, "alt": item.poster.alt, "caption": item.caption, "long": item.long}
    kinds = [(kind, reader.lines(texts)) for kind, texts in found.items()]
    return [
        {
            "kind": kind,
            "lines": [(wording.language_name(lang) if lang != "und" else "", line) for lang, line in lines],
        }
        for kind, lines in kinds
        if lines
    ]
