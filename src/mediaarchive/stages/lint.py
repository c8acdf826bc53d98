"""What speaks against a text for those who can't see the picture: rules of form, since whether it is true only a person can tell.

Errors are what nobody could use (WCAG 2.2, failures F30 and F65 of 1.1.1: a file's name, a placeholder); warnings are habits
that the W3C's Web Accessibility Initiative advises against. No standard limits the length: 125 characters are where old screen
readers cut a text into pieces, and 250 is where the initiative's "one or two sentences" end for certain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from mediaarchive.media.metadata import says_nothing
from mediaarchive.media.sheet import is_decorative
from mediaarchive.stages.describe import can_tell, guess_language

_LONG, _TOO_LONG, _SHORT = 125, 250, 8
_WORDS: Final = 5  # fewer don't tell their language
_NOUNS: Final = {
    "en": r"image|photo|photograph|picture|pic",
    "fr": r"image|photo|photographie|cliché",
    "nl": r"afbeelding|foto|plaatje|beeld",
    "es": r"imagen|foto|fotografía",
}
_OF: Final = {
    "en": r"of|showing|depicting|shows",
    "fr": r"de|d['\u2019]|du|des|montrant|représentant|montre",
    "nl": r"van|met|waarop|toont",
    "es": r"de|del|que\s+muestra|mostrando|muestra",
}
_KIND: Final = r"(?:groupe|famille|classe|presse|grupo|familia|prensa)\b"  # "photo de groupe" names what it is
_CUT_OFF: Final = re.compile(
    r"(?:[,;:(\u2013-]|\b(?:the|a|an|of|and|with|le|la|les|un|une|des?|du|et|avec|het|een|de|van|en|met|el|los|las|una|y|con|del))\s*$",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(r"</?[a-z][^>]*>|&(?:[a-z]+|#\d+);|\[[^\]]+\]\([^)]+\)", re.IGNORECASE)
_CONTACT: Final = re.compile(r"https?://|www\.|[\w.+-]+@[\w-]+\.\w+|\+?\d[\d ./-]{8,}\d", re.IGNORECASE)
GUESSES: Final = re.compile(
    r"\b(?:probably|likely|apparently|seems? to|probablement|sans doute|semble|waarschijnlijk|blijkbaar|probablemente|parece)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that speaks against a text. `rule`: kebab-case and stable; `says`: a sentence for whoever wrote it."""

    rule: str
    level: Literal["error", "warning"]
    says: str


Guess = Callable[[str, Sequence[str]], str]  # a text and the event's languages → the one it is in


def lint(
    text: str, lang: str, languages: Sequence[str], *, caption: str = "", guess: Guess = guess_language
) -> list[Finding]:
    """What speaks against an alternative text, errors first.

    Args:
        text: as it is published.
        lang: the language it is said to be in (BCP 47).
        languages: the event's.
        caption: what stands beneath the picture in the same language.
        guess: who tells a text's language.
    """
    plain = " ".join(text.split())
    if is_decorative(plain):
        return [_error("decorative-word", "it would be read aloud; write decorative as its kind, and no text")]
    if says_nothing(plain) and _MARKUP.search(plain):
        return [_error("markup", "it is HTML, and passed over; write plain words")]
    if says_nothing(plain):
        return [
            _error("says-nothing", "it says nothing of the picture; write what somebody who can't see it should know")
        ]
    found = [
        *_broken(text, plain),
        *_wordy(plain, lang),
        *_foreign(plain, lang, languages, guess),
    ]
    if caption and _same(plain, caption):
        found.append(_warning("repeats-caption", "a screen reader says it twice: it is the caption's own words"))
    return sorted(found, key=lambda one: (one.level, one.rule))


def repeated(texts: Mapping[str, str], together: Mapping[str, str]) -> dict[str, Finding]:
    """The texts that another picture has, too, by what they were given under; those of one burst may be alike.

    Args:
        texts: one language's alternative texts, by item.
        together: the burst that an item belongs to, for those that belong to one.
    """
    seen: dict[str, set[str]] = {}
    for item, text in texts.items():
        seen.setdefault(_key(text), set()).add(together.get(item, item))
    return {
        item: _warning("same-as-another", "another picture has the very same text; say what is different here")
        for item, text in texts.items()
        if len(seen[_key(text)]) > 1
    }


def said_otherwise() -> Finding:
    """Of a row of a sheet after another one that speaks of the same file, in the same language and kind."""
    return _error("said-twice", "an earlier row says something else of it, and that one counts; keep one of them")


def half_silent() -> Finding:
    """Of a picture that is decorative in some languages, and described in this one."""
    return _warning(
        "decorative-elsewhere", "the picture is said to be decorative, too: describe it in every language, or in none"
    )


def _broken(text: str, plain: str) -> list[Finding]:
    found = []
    if _MARKUP.search(plain):
        found.append(_error("markup", "it holds HTML or Markdown, which is read aloud as it stands; write plain words"))
    if any(
        unicodedata.category(char) in {"Cc", "Cf", "Co"} or char == "\ufffd"
        for char in text
        if char not in "\n\t\r\u200d"
    ):
        found.append(
            _error("control-character", "it holds characters that nobody can see, or a broken one; type it anew")
        )
    if _CUT_OFF.search(plain):
        found.append(_error("cut-off", "it ends in the middle of a sentence"))
    if len(plain) > _TOO_LONG:
        found.append(
            _error("too-long", f"it has {len(plain)} characters; write two sentences here, the rest as kind long")
        )
    elif len(plain) > _LONG:
        found.append(_warning("long", f"it has {len(plain)} characters; one sentence is mostly enough"))
    elif len(plain) < _SHORT:
        found.append(_warning("short", "it is very short: is that all that one should know?"))
    return found


def _wordy(plain: str, lang: str) -> list[Finding]:
    base = lang.partition("-")[0].lower()
    found = []
    if base in _NOUNS and re.match(
        rf"(?:an?\s+|une?\s+|een\s+|una?\s+)?(?:{_NOUNS[base]})\s+(?:{_OF[base]})(?!\s+{_KIND})", plain, re.IGNORECASE
    ):
        found.append(
            _warning(
                "redundant-beginning", "a screen reader says by itself that it is a picture; begin with what it shows"
            )
        )
    if _CONTACT.search(plain):
        found.append(_warning("contact", "it holds an address or a number; is it meant to be read aloud to everybody?"))
    if GUESSES.search(plain):
        found.append(_warning("guess", "it guesses; say what can be seen"))
    letters = [char for char in plain if char.isalpha()]
    if len(letters) > _SHORT and all(char.isupper() for char in letters):
        found.append(
            _warning("capitals", "it is written in capitals, which some screen readers spell letter by letter")
        )
    return found


def _foreign(plain: str, lang: str, languages: Sequence[str], guess: Guess) -> list[Finding]:
    """Texts under the wrong language: a screen reader would read them with the wrong voice."""
    if len(re.findall(r"\w{2,}", plain)) < _WORDS or len(languages) < 2 or lang not in languages:
        return []
    guessed = guess(plain, languages)
    if guessed == lang or not can_tell(languages):
        return []
    return [_warning("other-language", f"it looks like {guessed}, but stands under {lang}")]


def _error(rule: str, says: str) -> Finding:
    return Finding(rule=rule, level="error", says=says)


def _warning(rule: str, says: str) -> Finding:
    return Finding(rule=rule, level="warning", says=says)


def _key(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


def _same(left: str, right: str) -> bool:
    return _key(left) == _key(right)
