"""What speaks against the texts of an event: those that are published, and those of its sheets that say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mediaarchive.manifest.model import Photo, alt_of
from mediaarchive.media.metadata import says_nothing
from mediaarchive.pipeline.answering.writing import is_written, path_of, pictures, published
from mediaarchive.pipeline.deciding.recording import event_named
from mediaarchive.pipeline.making.describing import beside
from mediaarchive.pipeline.making.rows import peek
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stages.lint import Finding, half_silent, lint, repeated


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
    found = [*_shown(shop, slug), *_unused(shop, slug)]
    return sorted(found, key=lambda one: (one.path, one.lang, one.finding.level, one.finding.rule))


def _shown(shop: Shop, slug: str) -> Iterator[Remark]:
    manifest = published(shop, slug)
    items = {item.id: item for item in pictures(manifest)}
    bursts = {
        key: one.stack.items[0]
        for key, one in items.items()
        if isinstance(one, Photo) and one.stack and one.stack.items
    }
    for lang in manifest.languages:
        texts = {key: alt_of(item)[lang].text for key, item in items.items() if is_written(alt_of(item), lang)}
        alike = repeated(texts, bursts)
        for key, text in texts.items():
            caption = items[key].caption.get(lang)
            findings = lint(text, lang, manifest.languages, caption=caption.text if caption else "")
            silent = any(one.state == "decorative" for one in alt_of(items[key]).values())
            for one in (*findings, *([alike[key]] if key in alike else []), *([half_silent()] if silent else [])):
                yield Remark(path=path_of(shop, manifest.slug, key) or key, lang=lang, text=text, finding=one)


def _unused(shop: Shop, slug: str) -> Iterator[Remark]:
    """Rows that are passed over, since they say nothing of the picture."""
    for name, texts in beside(peek(shop.catalog, event_named(shop, slug), ())).rows.items():
        for text in texts:
            if text.kind == "alt" and text.state != "decorative" and says_nothing(text.text):
                finding = lint(text.text, text.lang, ())[0]
                yield Remark(path=name, lang=text.lang, text=text.text, finding=finding)
