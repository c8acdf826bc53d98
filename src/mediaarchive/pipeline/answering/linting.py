"""What speaks against the texts of an event: those that are published, and those of its sheets that say nothing.

A run tells how many there are. What costs time is to tell a text's language, 0.5 ms: each is remembered, and so is the number,
under a digest of what it follows from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mediaarchive.manifest.model import Manifest, Photo, alt_of
from mediaarchive.media.metadata import says_nothing
from mediaarchive.media.sniff import sheet_name
from mediaarchive.model import Outcome, Recipe, Status
from mediaarchive.pipeline.answering.gaps import is_written, path_of, pictures, published
from mediaarchive.pipeline.deciding.recording import event_named
from mediaarchive.pipeline.making.describing import beside
from mediaarchive.pipeline.making.rows import peek
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop
from mediaarchive.recipes import canonical, key
from mediaarchive.stages.describe import guess_language
from mediaarchive.stages.lint import Finding, Guess, half_silent, lint, repeated, said_otherwise

LINT = Recipe(stage="lint", version=2)
GUESSES = Recipe(stage="guesses", version=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A finding and where it is: the file's path (or the name that a sheet gives it), the language, and the text."""

    path: str
    lang: str
    text: str
    finding: Finding


def remarks(shop: Shop, slug: str) -> list[Remark]:
    """All that speaks against an event's alternative texts, by path.

    Raises:
        UsageError: there is no such event, or it isn't published.
    """
    return _remarks(shop, published(shop, slug))


def doubtful(shop: Shop, slug: str) -> int:
    """How many texts of an event somebody should look at again: those with remarks. 0 where nothing is published."""
    there = shop.catalog.published(shop.stores[0].name, slug)
    if there is None:
        return 0
    sheets = sorted({arrival.sha256 for arrival in shop.catalog.arrivals(slug) if sheet_name(arrival.path)})
    digest = hashlib.sha256(canonical([there.sha256, sheets])).hexdigest()
    place = key([slug], LINT)
    last = shop.catalog.outcomes([place]).get(place)
    if last and last.facts["of"] == digest:
        return int(last.facts["texts"])
    if (manifest := history.standing(shop, slug)) is None:
        return 0
    known = key([slug], GUESSES)
    before = shop.catalog.outcomes([known]).get(known)
    guesses = _Guesses(before.facts["guesses"] if before else {})
    found = len({(one.path, one.lang, one.text) for one in _remarks(shop, manifest, guesses)})
    shop.catalog.forget([place, known])
    for name, recipe, facts in (
        (place, LINT, {"of": digest, "texts": found}),
        (known, GUESSES, {"guesses": guesses.used}),
    ):
        shop.catalog.record([Outcome(key=name, work_id=slug, recipe=recipe, status=Status.OK, facts=facts)], slug)
    return found


class _Guesses:
    """The languages of texts: told once, then remembered, as long as there is such a text."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known
        self.used: dict[str, str] = {}

    def __call__(self, text: str, languages: Sequence[str]) -> str:
        name = hashlib.sha256(canonical([text, list(languages)])).hexdigest()[:16]
        self.used[name] = self.known.get(name) or guess_language(text, languages)
        return self.used[name]


def _remarks(shop: Shop, manifest: Manifest, guess: Guess = guess_language) -> list[Remark]:
    found = [*_shown(shop, manifest, guess), *_unused(shop, manifest.slug)]
    return sorted(found, key=lambda one: (one.path, one.lang, one.finding.level, one.finding.rule))


def _shown(shop: Shop, manifest: Manifest, guess: Guess) -> Iterator[Remark]:
    items = {item.id: item for item in pictures(manifest)}
    bursts = {
        name: one.stack.items[0]
        for name, one in items.items()
        if isinstance(one, Photo) and one.stack and one.stack.items
    }
    for lang in manifest.languages:
        texts = {name: alt_of(item)[lang].text for name, item in items.items() if is_written(alt_of(item), lang)}
        alike = repeated(texts, bursts)
        for name, text in texts.items():
            caption = items[name].caption.get(lang)
            findings = lint(text, lang, manifest.languages, caption=caption.text if caption else "", guess=guess)
            silent = any(one.state == "decorative" for one in alt_of(items[name]).values())
            for one in (*findings, *([alike[name]] if name in alike else []), *([half_silent()] if silent else [])):
                yield Remark(path=path_of(shop, manifest.slug, name) or name, lang=lang, text=text, finding=one)


def _unused(shop: Shop, slug: str) -> Iterator[Remark]:
    """Rows that are passed over, since they say nothing of the picture, or another one speaks of it, too."""
    for said in beside(peek(shop.catalog, event_named(shop, slug), ())).rows.values():
        first: dict[tuple[str, str], str] = {}
        for name, text in said:
            if (
                text.state != "decorative"
                and first.setdefault((text.kind, text.lang.casefold()), text.text) != text.text
            ):
                yield Remark(path=name, lang=text.lang, text=text.text, finding=said_otherwise())
                continue
            if text.kind == "alt" and text.state != "decorative" and says_nothing(text.text):
                finding = lint(text.text, text.lang, ())[0]
                yield Remark(path=name, lang=text.lang, text=text.text, finding=finding)
