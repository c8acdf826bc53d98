"""Which text a visitor gets: the page's language first, then a real text in another language, marked as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediaarchive.site.wording import Words, otherwise_spoken, primary, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mediaarchive.manifest.model import LocalText, Texts

_UNREVIEWED = {"draft": "alt_draft", "translated": "alt_translated"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A text and its `lang` attribute: None where it is the page's own language, empty where nobody knows it.

    `note` is what must be said of it ("automatic, not reviewed"), in the page's language, or empty.
    """

    text: str
    lang: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alt:
    """An alternative text as an `alt` attribute takes it. `missing`: nobody has described this yet. Else as `Line`."""

    text: str
    lang: str | None
    missing: bool = False
    decorative: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page: `lang` is wanted; `fallbacks`, the page's languages in order, come next."""

    lang: str
    fallbacks: tuple[str, ...]

    @property
    def words(self) -> Words:
        """The interface in this reader's language, or the fallback."""
        return words(self.lang)

    def mark(self, lang: str) -> str | None:
        """The `lang` attribute for a text in `lang` on this page."""
        if lang == "und":
            return ""
        return None if lang.lower() == self.words.lang else lang

    def plain(self, texts: Mapping[str, str]) -> Line:
        """The best of an event's texts; an empty line if there is none."""
        for lang in self.order(texts):
            if texts[lang].strip():
                return Line(text=texts[lang], lang=self.mark(lang))
        return Line(text="")

    def line(self, texts: Texts) -> Line | None:
        """The best of an item's titles, captions or long descriptions; None if nobody has written one."""
        for lang in self.order(texts):
            if _written(texts[lang]):
                return self.entry(lang, texts[lang])
        return None

    def entry(self, lang: str, text: LocalText) -> Line:
        """One text with what must be said of it."""
        note = self.words[_UNREVIEWED[text.state]] if text.state in _UNREVIEWED else ""
        return Line(text=text.text, lang=self.mark(lang), note=note)

    def alt(self, texts: Texts, placeholder: str) -> Alt:
        """This language's alternative text, else a real one in another, else a placeholder that counts as missing.

        An unreviewed machine text says so in its own language, since a screen reader may read nothing but the picture.
        """
        for lang in self.order(texts):
            text = texts[lang]
            if text.state == "decorative":
                return Alt(text="", lang=None, decorative=True)
            if not _written(text):
                continue
            note = _UNREVIEWED.get(text.state)
            said = f"{text.text.rstrip()} ({words(lang)[note].lower()})" if note else text.text
            return Alt(text=said, lang=self.mark(lang), note=self.words[note] if note else "")
        for lang in self.order(texts):
            if primary(lang) == primary(self.lang) and texts[lang].text.strip():
                # A language without words of ours has a placeholder in another one: to be read with that one's voice.
                spoken = (otherwise_spoken(lang) if texts[lang].source == "template" else None) or lang
                return Alt(text=texts[lang].text, lang=self.mark(spoken), missing=True)
        return Alt(text=placeholder, lang=None, missing=True)

    def lines(self, texts: Texts) -> Sequence[tuple[str, Line]]:
        """Every written text by language tag, the reader's first: for an item's own page."""
        return [(lang, self.entry(lang, texts[lang])) for lang in self.order(texts) if _written(texts[lang])]

    def order(self, texts: Mapping[str, object]) -> Iterator[str]:
        """The languages of `texts`, the most useful first: this one, its relatives, the fallbacks, the others."""
        wanted = self.lang.lower()
        ranks = [lang.lower() for lang in self.fallbacks]

        def rank(lang: str) -> tuple[int, int, str]:
            low = lang.lower()
            if low == wanted:
                return 0, 0, low
            if primary(low) == primary(wanted):
                return 1, 0, low
            return (2, ranks.index(low), low) if low in ranks else (3, 0, low)

        return iter(sorted(texts, key=rank))


def _written(text: LocalText) -> bool:
    return text.state not in {"placeholder", "decorative"} and bool(text.text.strip())
