"""Which texts an event still lacks, and the sheet in which a person writes them: texts.csv as it is, with a row for each gap."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mediaarchive.catalog import Arrival
from mediaarchive.errors import UsageError
from mediaarchive.manifest.model import Manifest, Photo, Texts, Video, alt_of
from mediaarchive.media.sheet import COLUMNS, has_columns, places
from mediaarchive.media.sniff import sheet_name
from mediaarchive.media.tables import delimiter_of, inert, meant, read_table
from mediaarchive.pipeline.deciding.recording import event_named
from mediaarchive.pipeline.deciding.ruling import names_of
from mediaarchive.pipeline.making.describing import Names
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop

_SHEET = "texts"
_HELP = ("picture", "known")  # columns for whoever writes; reading passes over them
_STABLE = "640"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A picture that has no alternative text in a language. `picture`: its address; `known`: what is said of it otherwise."""

    path: str
    lang: str
    picture: str
    known: str


def coverage(shop: Shop, slug: str) -> dict[str, Any]:
    """How many pictures of a published event are described, by language: `{"slug", "pictures", "languages": {lang: n}}`.

    Raises:
        UsageError: there is no such event, or it isn't published.
    """
    manifest = published(shop, slug)
    texts = [alt_of(item) for item in pictures(manifest)]
    described = {lang: sum(is_said(alt, lang) for alt in texts) for lang in manifest.languages}
    return {"slug": manifest.slug, "pictures": len(texts), "languages": described}


def standing_sheet(shop: Shop, slug: str) -> Arrival | None:
    """The sheet of an event that counts, as it came in."""
    return next((a for a in reversed(shop.catalog.arrivals(slug)) if sheet_name(a.path) == _SHEET), None)


def sheet(shop: Shop, slug: str, languages: Collection[str] = ()) -> tuple[str, int]:
    """The text of a sheet (CSV) for an event: every row of its texts.csv as it was, then an empty one for each gap; how many.

    It can take the place of texts.csv: nothing that stands there now, such as who may be shown, is lost.

    Args:
        shop: the workspace.
        slug: the event's.
        languages: only gaps in these; none given: in all of the event's.

    Raises:
        UsageError: there is no such event, it isn't published, or not in such a language.
    """
    manifest = published(shop, slug)
    if unknown := set(languages) - {*manifest.languages}:
        raise UsageError(
            f'"{slug}" is not published in {", ".join(sorted(unknown))}',
            hint=f"it is in {', '.join(manifest.languages)}",
        )
    header, rows, delimiter = _standing(shop, manifest.slug)
    header += [column for column in COLUMNS if column not in places(header)]
    header += [column for column in _HELP if column not in _plain(header)]
    place = {name: index for index, name in enumerate(_plain(header))} | places(header)
    rows = [[*row, *[""] * (len(header) - len(row))] for row in rows]
    called = Names(arrival.path for arrival in shop.catalog.arrivals(manifest.slug))
    there: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        name, lang, kind = (meant(row[place[column]].strip()) for column in COLUMNS[:3])
        if kind.casefold() == "alt":
            there.setdefault((name.casefold(), lang.casefold()), []).append(name)
    gaps = [
        gap
        for gap in _gaps(shop, manifest, languages or manifest.languages)
        if not any(
            called.means(written, gap.path)
            for name in names_of(gap.path)
            for written in there.get((name, gap.lang.casefold()), ())
        )
    ]
    delimiter = delimiter or delimiter_of(manifest.languages[0])
    out = io.StringIO()
    table = csv.writer(out, delimiter=delimiter)
    table.writerow(header)
    table.writerows(rows)
    for gap in gaps:
        values = {"path": gap.path, "lang": gap.lang, "kind": "alt", "picture": gap.picture, "known": gap.known}
        line = [""] * len(header)
        for column, value in values.items():
            line[place[column]] = inert(value)
        table.writerow(line)
    return out.getvalue(), len(gaps)


def published(shop: Shop, slug: str) -> Manifest:
    """An event's manifest as it is published, by its name, or by a name it had.

    Raises:
        UsageError: there is no such event, or it isn't published.
    """
    slug = event_named(shop, slug).slug
    if (manifest := history.standing(shop, slug)) is None:
        raise UsageError(f'"{slug}" is not published yet', hint="mediaarchive run")
    return manifest


def _standing(shop: Shop, slug: str) -> tuple[list[str], list[list[str]], str]:
    """The event's texts.csv: its first line, the others, and what parts its columns. Empty, where it has none."""
    newest = standing_sheet(shop, slug)
    original = shop.catalog.original(newest.sha256) if newest else None
    if newest is None or original is None:
        return [], [], ""
    table = read_table((shop.workspace.archive / original.uri).read_bytes(), newest.path, has_columns)
    in_csv = original.uri.endswith(".csv")
    return list(table.header), [list(cells) for _, cells in table.rows], table.delimiter if in_csv else ""


def _plain(cells: Iterable[str]) -> list[str]:
    return [cell.strip().casefold() for cell in cells]


def _gaps(shop: Shop, manifest: Manifest, languages: Collection[str]) -> Iterator[Gap]:
    """In the gallery's order. What came in with another event only is described there."""
    for item in pictures(manifest):
        path = path_of(shop, manifest.slug, item.id)
        alt = alt_of(item)
        for lang in languages if path else ():
            if not is_said(alt, lang):
                yield Gap(path=path, lang=lang, picture=_picture(shop, item), known=_known(item, alt, lang))


def pictures(manifest: Manifest) -> list[Photo | Video]:
    """What can have an alternative text, in the gallery's order."""
    return [item for item in manifest.items if isinstance(item, Photo | Video)]


def is_said(alt: Texts, lang: str) -> bool:
    """Whether somebody described a picture in a language, or said that there is nothing to describe: it is decorative."""
    return lang in alt and alt[lang].state != "placeholder"


def is_written(alt: Texts, lang: str) -> bool:
    """Whether there is a text that somebody wrote."""
    return is_said(alt, lang) and alt[lang].state != "decorative"


def path_of(shop: Shop, slug: str, item: str) -> str:
    """Where the item's master came in with this event, else another of its files; empty: none did."""
    asset = shop.catalog.asset(item)
    if asset is None:
        return ""
    members = sorted((member.sha256 for member in asset.members), key=lambda sha256: (sha256 != asset.master, sha256))
    return next((a.path for sha256 in members for a in shop.catalog.paths(sha256) if a.event == slug), "")


def _picture(shop: Shop, item: Photo | Video) -> str:
    key = item.stable.get(_STABLE) or next(iter(item.stable.values()), "")
    return shop.stores[0].url(key)


def _known(item: Photo | Video, alt: Texts, lang: str) -> str:
    """What somebody said of it, for whoever describes or translates it: alternative texts, then captions and titles."""
    found: dict[str, None] = {}
    kinds: tuple[Mapping[str, Any], ...] = (alt, item.caption, item.title)
    for texts in kinds:
        for other, text in texts.items():
            if text.text and text.state != "placeholder" and (other != lang or texts is not alt):
                found[f"{other}: {text.text}"] = None
    return " | ".join(found)
