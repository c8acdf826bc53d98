"""What an event's pictures still lack: alternative texts that a person answers for; and what a machine drafted meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mediaarchive.catalog.drafts import FIT
from mediaarchive.errors import UsageError
from mediaarchive.manifest.model import Manifest, Photo, Texts, Video, alt_of, is_said
from mediaarchive.model import Asset, Draft
from mediaarchive.pipeline.deciding.recording import event_named
from mediaarchive.pipeline.making.describing import Beside, Names, beside
from mediaarchive.pipeline.making.drafted import drafts_of
from mediaarchive.pipeline.making.rows import peek
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.describe import closest

_STABLE = "640"
Picture = Photo | Video


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A picture that has no alternative text of a person's in a language.

    `item`: its id; `picture`: its address; `known`: what people say of it otherwise; `draft`: what a machine wrote, empty where it
    didn't or where a person has refused it.
    """

    item: str
    path: str
    lang: str
    picture: str
    known: str
    draft: str = ""


class Gaps:
    """The gaps of one published event.

    Raises:
        UsageError: there is no such event, or it isn't published.
    """

    def __init__(self, shop: Shop, slug: str) -> None:
        self.shop = shop
        self.manifest = published(shop, slug)
        self._drafts = shop.workspace.drafts()

    @cached_property
    def _around(self) -> Beside:
        event = event_named(self.shop, self.manifest.slug)
        return beside(peek(self.shop.catalog, event, ()))

    def must_be_in(self, languages: Collection[str]) -> None:
        """Raise `UsageError` if the event isn't published in one of these languages."""
        if unknown := {*languages} - {*self.manifest.languages}:
            raise UsageError(
                f'"{self.manifest.slug}" is not published in {", ".join(sorted(unknown))}',
                hint=f"it is in {', '.join(self.manifest.languages)}",
            )

    def missing(self, languages: Collection[str] = ()) -> Iterator[tuple[Picture, list[str]]]:
        """Each picture with the languages in which nobody described it, in the gallery's order."""
        for item in pictures(self.manifest):
            alt = alt_of(item)
            if gone := [lang for lang in languages or self.manifest.languages if not is_said(alt.get(lang))]:
                yield item, gone

    def drafts(self, asset: Asset) -> dict[str, Draft]:
        """What machines wrote of an item, by language, whatever it is worth."""
        return drafts_of(self._drafts, asset)

    def refused(self, asset: Asset) -> set[str]:
        """The event's languages in which a person said no to what a machine wrote of an item."""
        paths = (
            a.path for m in asset.members for a in self.shop.catalog.paths(m.sha256) if a.event == self.manifest.slug
        )
        return {closest(lang, self.manifest.languages) for path in paths for lang in self._around.refuses(path)}

    def called(self) -> Names:
        """What the event's files are called."""
        return Names(arrival.path for arrival in self.shop.catalog.arrivals(self.manifest.slug))

    def offered(self, item: str) -> dict[str, str]:
        """The drafts of an item that a person may read, by language."""
        asset = self.shop.catalog.asset(item)
        fit = {lang: one.text for lang, one in self.drafts(asset).items() if one.state == FIT} if asset else {}
        refused = self.refused(asset) if asset and fit else set()
        return {lang: text for lang, text in fit.items() if lang not in refused}

    def rows(self, languages: Collection[str] = ()) -> Iterator[Gap]:
        """In the gallery's order. What came in with another event only is described there."""
        for item, gone in self.missing(languages):
            if not (path := path_of(self.shop, self.manifest.slug, item.id)):
                continue
            drafts = self.offered(item.id)
            for lang in gone:
                yield Gap(
                    item=item.id,
                    path=path,
                    lang=lang,
                    picture=_address(self.shop, item),
                    known=" | ".join(f"{other}: {text}" for other, text in known(item, lang)),
                    draft=drafts.get(lang, ""),
                )


def coverage(shop: Shop, slug: str) -> dict[str, Any]:
    """How many pictures of a published event people described, by language, and for how many others there is a draft to read.

    `{"slug", "pictures", "languages": {lang: n}, "drafts": {lang: n}}`.

    Raises:
        UsageError: there is no such event, or it isn't published.
    """
    gaps = Gaps(shop, slug)
    languages = gaps.manifest.languages
    texts = [alt_of(item) for item in pictures(gaps.manifest)]
    drafted = Counter(lang for item, gone in gaps.missing() for lang in gaps.offered(item.id) if lang in gone)
    return {
        "slug": gaps.manifest.slug,
        "pictures": len(texts),
        "languages": {lang: sum(is_said(alt.get(lang)) for alt in texts) for lang in languages},
        "drafts": {lang: drafted[lang] for lang in languages},
    }


def published(shop: Shop, slug: str) -> Manifest:
    """An event's manifest as it is published, by its name, or by a name it had.

    Raises:
        UsageError: there is no such event, or it isn't published.
    """
    slug = event_named(shop, slug).slug
    if (manifest := history.standing(shop, slug)) is None:
        raise UsageError(f'"{slug}" is not published yet', hint="mediaarchive run")
    return manifest


def pictures(manifest: Manifest) -> list[Picture]:
    """What can have an alternative text, in the gallery's order."""
    return [item for item in manifest.items if isinstance(item, Photo | Video)]


def is_written(alt: Texts, lang: str) -> bool:
    """Whether there is a text that can be read, whoever wrote it."""
    return lang in alt and alt[lang].state not in {"placeholder", "decorative"}


def path_of(shop: Shop, slug: str, item: str) -> str:
    """Where the item's master came in with this event, else another of its files; empty: none did."""
    asset = shop.catalog.asset(item)
    if asset is None:
        return ""
    members = sorted((member.sha256 for member in asset.members), key=lambda sha256: (sha256 != asset.master, sha256))
    return next((a.path for sha256 in members for a in shop.catalog.paths(sha256) if a.event == slug), "")


def known(item: Picture, lang: str) -> list[tuple[str, str]]:
    """What people say of a picture, but its alternative text in a language: other ones first, then captions and titles."""
    alt, found = alt_of(item), dict[tuple[str, str], None]()
    kinds: tuple[Mapping[str, Any], ...] = (alt, item.caption, item.title)
    for texts in kinds:
        for other, text in texts.items():
            if text.text and is_said(text) and (other != lang or texts is not alt):
                found[other, text.text] = None
    return [*found]


def jpeg_of(item: Picture, edge: int) -> str:
    """The key of the smallest published JPEG with a long edge of so many pixels, else of the largest; empty where there is none."""
    sets = item.sources if isinstance(item, Photo) else item.poster.sources
    files = sorted((one for found in sets if found.type == "image/jpeg" for one in found.set), key=lambda one: one.w)
    return next((one.url for one in files if max(one.w, one.h) >= edge), files[-1].url if files else "")


def _address(shop: Shop, item: Picture) -> str:
    key = item.stable.get(_STABLE) or next(iter(item.stable.values()), "")
    return shop.stores[0].url(key)
