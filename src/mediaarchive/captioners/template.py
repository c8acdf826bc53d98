"""The honest placeholder: it says what is known (event, place, day) and that nobody has described the picture yet."""

from __future__ import annotations

from collections.abc import Callable

from mediaarchive.model import Subject, Text

Sentence = Callable[[str, str, str, str, str | None], str]


class TemplateCaptioner:
    """One placeholder for each of the event's languages. Its state counts as missing, everywhere.

    Args:
        sentence: (language, kind, event's title, place, ISO day) → the text; `site.wording` has it.
        day: the item's local day, ISO 8601, if it is known.
    """

    name = "template"

    def __init__(self, sentence: Sentence, day: str | None) -> None:
        self._sentence = sentence
        self._day = day

    def describe(self, subject: Subject) -> tuple[Text, ...]:
        """An `alt` in state `placeholder` for each language."""
        title, place = subject.event.get("title", {}), subject.event.get("place", {})
        return tuple(
            Text(
                kind="alt",
                lang=lang,
                text=self._sentence(
                    lang, subject.kind.value, _in(title, lang, subject), _in(place, lang, subject), self._day
                ),
                state="placeholder",
                source=self.name,
            )
            for lang in subject.languages
        )


def _in(texts: object, lang: str, subject: Subject) -> str:
    """A text in `lang`, else in the event's default language, else in any."""
    if not isinstance(texts, dict) or not texts:
        return ""
    for name in (lang, *subject.languages, "und"):
        if name in texts:
            return str(texts[name])
    return str(next(iter(texts.values())))
