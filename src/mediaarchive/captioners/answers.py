"""Reading what a machine answered: JSON as it was asked for, or as it comes (in a fence, after its thoughts, among words)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mediaarchive.errors import Unusable

_THOUGHTS_END: Final = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_FENCE: Final = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_READ = 100_000  # characters of an answer that are looked at
_SHOWN = 80  # characters of an answer that a sentence quotes
_OBJECTS = 200  # places where an object may begin that are tried


def read_texts(answer: str, languages: Sequence[str]) -> dict[str, str]:
    """The texts of an answer, by language, as they were asked for; a language that it leaves out is left out here.

    Args:
        answer: what was said, whatever stands around its JSON.
        languages: what was asked for (BCP 47); an answer under `fr` serves `fr-BE`.

    Raises:
        Unusable: there is no text in any of the languages.

    >>> read_texts('Sure! {"texts": {"FR": " Deux  personnes. "}}', ["fr-BE", "nl"])
    {'fr-BE': 'Deux personnes.'}
    """
    plain = _THOUGHTS_END.split(whole(answer[:_READ]))[-1].strip()
    for value in _objects(plain):
        if found := _texts(value, languages):
            return found
    said = " ".join(plain.split())
    quoted = f'"{said[:_SHOWN]}{"…" if len(said) > _SHOWN else ""}"' if said else "nothing"
    raise Unusable(f"it answered {quoted} instead of texts in {', '.join(languages)}")


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """The JSON objects of a text, the likeliest first."""
    for part in (text, *_FENCE.findall(text)):
        try:
            value = json.loads(part)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value
    decoder = json.JSONDecoder()
    start = -1
    for _ in range(_OBJECTS):
        if (start := text.find("{", start + 1)) < 0:
            return
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        yield value


def _texts(value: Mapping[str, Any], languages: Sequence[str]) -> dict[str, str]:
    inner = next((value[name] for name in ("texts", "languages") if isinstance(value.get(name), dict)), value)
    said = {str(lang).casefold(): text for lang, entry in inner.items() if (text := _text(entry))}
    found = {}
    for lang in languages:
        names = (lang.casefold(), lang.casefold().partition("-")[0])
        if text := next((said[name] for name in names if name in said), ""):
            found[lang] = text
    return found


def _text(entry: object) -> str:
    """One text, however deep it lies; blanks put in order."""
    if isinstance(entry, dict):
        entry = next((entry[name] for name in ("alt", "text") if name in entry), "")
    return unicodedata.normalize("NFC", " ".join(whole(entry).split())) if isinstance(entry, str) else ""


def whole(text: str) -> str:
    """Without halves of characters, which JSON may hold and no file can: a mark stands for each."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
