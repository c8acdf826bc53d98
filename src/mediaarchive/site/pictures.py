"""Pictures and films as HTML attributes: srcset, sizes, sources and tracks, made from the manifest's sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mediaarchive.site.wording import primary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mediaarchive.manifest.model import FilmSource, Rendition, SourceSet, Track, Video
    from mediaarchive.site.texts import Alt

# What a gallery's cell can need: 390 CSS pixels at a density of three. Larger files are on the item's own page.
GALLERY_EDGE: Final = 1280
# Rows are this tall, in CSS pixels, before they are stretched to the line's end (in site-1.css: --row, in rem).
ROW_HEIGHT: Final = 240
_STRETCH: Final = 1.35
_NARROWEST, _WIDEST = 0.66, 2.6
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One `<source>` of a picture."""

    type: str
    srcset: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A `<picture>`: `sources` in order of preference, then the `<img>`. `width`, `height`: pixels of `src`."""

    sources: tuple[Source, ...]
    src: str
    srcset: str
    sizes: str
    width: int
    height: int
    alt: Alt
    eager: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """One `<source>` of a film; `media` empty: for every window."""

    src: str
    type: str
    media: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTrack:
    """One `<track>`."""

    kind: str
    srclang: str
    label: str
    src: str
    default: bool


def picture(  # noqa: PLR0913 - an <img> has as many attributes
    sets: Sequence[SourceSet],
    alt: Alt,
    *,
    base: str,
    sizes: str,
    largest: int | None = None,
    eager: bool = False,
    stable: Mapping[str, str] | None = None,
    size: tuple[int, int] = (3, 2),
) -> Picture:
    """A picture from its source sets.

    Args:
        sets: as in the manifest; the JPEG set becomes the `<img>`, the others `<source>`s before it.
        alt: its alternative text.
        base: what stands before every url.
        sizes: the `sizes` attribute.
        largest: leave out renditions whose long edge is above this, in pixels (the smallest stays).
        eager: load at once rather than near the window.
        stable: addresses by edge, the last resort where there are no sets.
        size: width and height for that case, in pixels.
    """
    by_type = {entry.type: _fitting(entry.set, largest) for entry in sets if entry.set}
    if not by_type:
        address = next(reversed([*(stable or {}).values()]), "")
        return Picture(
            sources=(), src=base + address, srcset="", sizes="", width=size[0], height=size[1], alt=alt, eager=eager
        )
    plain = "image/jpeg" if "image/jpeg" in by_type else list(by_type)[-1]
    shown = by_type.pop(plain)
    middle = min(shown, key=lambda one: abs(max(one.w, one.h) - 960))
    return Picture(
        sources=tuple(Source(type=kind, srcset=_srcset(files, base)) for kind, files in by_type.items()),
        src=base + middle.url,
        srcset=_srcset(shown, base),
        sizes=sizes,
        width=middle.w,
        height=middle.h,
        alt=alt,
        eager=eager,
    )


def gallery_sizes(width: int, height: int) -> str:
    """`sizes` in the gallery: the whole line on a phone, else about what the row's height gives."""
    return f"(max-width: 40rem) 100vw, {round(cell_ratio(width, height) * ROW_HEIGHT * _STRETCH)}px"


def item_sizes(width: int, height: int, widest: int) -> str:
    """`sizes` on the item's own page: as wide as the page, as tall as the window allows (site-1.css: 88vh), never enlarged.

    `widest`: the pixels of its largest file.
    """
    return f"min(100vw, 75rem, {round(88 * width / max(height, 1))}vh, {widest}px)"


def fitted_style(selector: str, width: int, height: int, widest: int) -> str:
    """The CSS rule that tells the size of a picture or film before it has loaded (site-1.css: `.fitted img`, `.film video`)."""
    return f"{selector}{{--r:{width / max(height, 1):.4g};--w:{widest}px}}"


def cell_ratio(width: int, height: int) -> float:
    """A cell's width to height in the gallery: the picture's own, but the tallest and widest are cropped."""
    return min(max(width / max(height, 1), _NARROWEST), _WIDEST)


def cell_style(item: str, width: int, height: int, color: str | None, focus: tuple[float, float] | None) -> str:
    """The CSS rule that gives one cell its shape, its colour while loading, and the point that a crop keeps."""
    rules = [f"--r:{cell_ratio(width, height):.3g}"]
    if color and _COLOUR.fullmatch(color):
        rules.append(f"--c:{color}")
    if focus:
        rules.append(f"--f:{100 * focus[0]:.0f}% {100 * focus[1]:.0f}%")
    return f"#{item}{{{';'.join(rules)}}}"


def streams(sources: Sequence[FilmSource], base: str) -> tuple[Stream, ...]:
    """A film's sources, the largest first, each but the smallest only for windows at least half as wide.

    Browsers take the first they can play; those that ignore `media` get the largest.
    """
    falling = sorted(sources, key=lambda one: one.w * one.h, reverse=True)
    return tuple(
        Stream(
            src=base + one.url,
            type=one.type,
            media="" if one is falling[-1] else f"(min-width: {one.w // 2}px)",
        )
        for one in falling
    )


def text_tracks(film: Video, lang: str, base: str) -> tuple[TextTrack, ...]:
    """A film's tracks with one default: the page's language, else the manifest's choice, else the first captions."""
    chosen = _default_track(film.tracks, lang)
    return tuple(
        TextTrack(
            kind=track.kind,
            srclang=track.srclang,
            label=track.label,
            src=base + track.url,
            default=track is chosen,
        )
        for track in film.tracks
    )


def _default_track(tracks: Sequence[Track], lang: str) -> Track | None:
    readable = [track for track in tracks if track.kind in {"captions", "subtitles"}]
    here = [track for track in readable if primary(track.srclang) == primary(lang)]
    marked = [track for track in readable if track.default]
    captions = [track for track in readable if track.kind == "captions"]
    return next(iter([*sorted(here, key=lambda track: track.kind), *marked, *captions]), None)


def _fitting(files: Sequence[Rendition], largest: int | None) -> list[Rendition]:
    rising = sorted(files, key=lambda one: one.w)
    return [one for one in rising if largest is None or max(one.w, one.h) <= largest] or rising[:1]


def _srcset(files: Sequence[Rendition], base: str) -> str:
    return ", ".join(f"{base}{one.url} {one.w}w" for one in files)
