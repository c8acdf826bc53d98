"""A machine's text before anybody may see it: what a person is forgiven, a machine isn't; and the picture that it is shown.

The rules are those of `lint`, most of its warnings taken as errors, and what only machines do: refusing, stammering, naming
people. They look at form alone: whether a text is true, a person has to see.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mediaarchive.stages.describe import guess_language
from mediaarchive.stages.lint import GUESSES, Finding, Guess, lint
from mediaarchive.stages.suspicions import ATTRIBUTE, FIRST, GUESS, REFUSAL

EDGE: Final = 1024  # pixels: enough to read a slide, a fifth of what a model may charge for the whole
_QUALITY: Final = 80
# A person may know better; of a machine, these are reasons to throw the text away.
_STRICT: Final = frozenset({"contact", "other-language", "capitals", "repeats-caption", "short"})
_SPOKEN: Final = "en"  # what machines answer in when they don't do as they are told
_NOUNS_IN_CAPITALS: Final = frozenset({"de", "lb"})
_QUOTED: Final = re.compile(r"[\"\u201c\u201d\u201e\u00ab].*?[\"\u201c\u201d\u00bb]|\u2018[^\u2019]*\u2019")
_LINKS: Final = r"(?:de|du|des|d['\u2019]|la|le|van|der|den|ter|von|del|los|y|e|da|dos|of|the|and)"
_CAPITAL: Final = r"(?:[^\W\d_a-zà-öø-ÿ][\w'\u2019-]*[a-zà-öø-ÿ][\w'\u2019-]*|[A-ZÀ-ÖØ-Þ]{4,}\b)"  # shorter: EU, NGO
_NAME: Final = re.compile(rf"(?<![\w]){_CAPITAL}(?:\s+(?:{_LINKS}\s+){{0,2}}{_CAPITAL})+")
_STAMMER: Final = re.compile(r"\b(\w+(?:\W+\w+){0,5}?)(?:\W+\1\b){2,}", re.IGNORECASE)
_LOOKED_AT: Final = 1_000  # characters; so long a text is unfit in any case
_WORDS: Final = 12  # from here on, a text of which most words come again says nothing


def unfit(
    text: str,
    lang: str,
    *,
    languages: Sequence[str],
    known: Mapping[str, str],
    caption: str = "",
    guess: Guess = guess_language,
) -> list[Finding]:
    """Why a machine's text may not even be offered; nothing, where it may.

    Args:
        text: the draft.
        lang: the language it was asked for in (BCP 47).
        languages: the event's.
        known: what the machine was told; names that stand in it may stand in the text.
        caption: what stands beneath the picture in that language.
        guess: who tells a text's language.

    >>> [one.rule for one in unfit("Ana Ruiz sits at a desk.", "en", languages=["en"], known={})]
    ['name-not-given']
    >>> unfit("Ana Ruiz sits at a desk.", "en", languages=["en"], known={"caption": "en: Ana Ruiz, at work"})
    []
    """
    text = text[:_LOOKED_AT]
    spoken = {name.partition("-")[0].lower() for name in languages}
    every = [*languages] if _SPOKEN in spoken else [*languages, _SPOKEN]
    found = [*lint(text, lang, every, caption=caption, guess=guess)]
    held = [one for one in found if one.level == "error" or one.rule in _STRICT]
    rules = {one.rule for one in held}
    return [*held, *(one for one in _of_machines(text, lang, known) if one.rule not in rules)]


def _of_machines(text: str, lang: str, known: Mapping[str, str]) -> Iterator[Finding]:
    plain = " ".join(text.split())
    if REFUSAL.search(plain):
        yield _error("refusal", "the machine speaks of itself or of its task, not of the picture")
    own = _QUOTED.sub(" , ", plain)  # what is quoted was read in the picture
    if GUESSES.search(own) or GUESS.search(own):
        yield _error("guess", "it guesses; what can be seen was asked for")
    if found := ATTRIBUTE.search(own):
        yield _error("attribute", f'it says something of people that nobody asked for: "{found[0]}"')
    base = lang.partition("-")[0].lower()
    if base not in _NOUNS_IN_CAPITALS and (name := _name_in(own, known)):
        yield _error("name-not-given", f'it names "{name}", which nobody told it')
    words = re.findall(r"\w+", plain.casefold())
    if _STAMMER.search(plain) or (len(words) >= _WORDS and len({*words}) < len(words) / 2):
        yield _error("repetition", "it says the same again and again")


def _name_in(text: str, known: Mapping[str, str]) -> str:
    """A name of two words or more that wasn't given."""
    given = _folded(" ".join(known.values()))
    for found in _NAME.finditer(text):
        words = [word for word in re.findall(r"[\w'\u2019-]+", found[0]) if word[0].isupper()]
        second = found[0].split()[1]
        begins = not text[: found.start()].strip() or text[: found.start()].rstrip()[-1:] in {".", "!", "?", ":"}
        if not words:  # letters such as œ and č, which are no capitals
            continue
        if words[0].casefold() in FIRST or (begins and second[0].islower()):  # it has its capital from where it stands
            words = words[1:]
        if len(words) > 1 and any(_folded(word) not in given for word in words):
            return found[0]
    return ""


def _folded(text: str) -> str:
    """Without accents and case."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def _error(rule: str, says: str) -> Finding:
    return Finding(rule=rule, level="error", says=says)


def reduced(jpeg: bytes) -> bytes:
    """A published JPEG as it is shown to a machine: EDGE pixels at most, and none of its metadata.

    One that is small enough is sent as it is published, byte for byte; what is published has no metadata.
    """
    from PIL import Image  # noqa: PLC0415 - heavy

    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        if max(image.size) <= EDGE:
            return jpeg
        image.draft("RGB", (EDGE, EDGE))
        small = image.convert("RGB")
        small.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    bare = Image.frombytes("RGB", small.size, small.tobytes())  # what hangs on a picture stays with it
    bare.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
