"""Cleans the strings that metadata holds: mojibake, padding, control characters, language tags."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

UNDETERMINED: Final = "und"
_LONGEST: Final = 20_000
# C0 and C1 controls but tab and line feed; bidirectional controls (Photos.app wraps captions in U+2068/U+2069); byte
# order marks; noncharacters and lone surrogates. Joiners stay: Arabic and emoji need them.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def clean(text: str) -> str:
    """`text` as it should be shown: NFC, line feeds only, no padding, no control characters."""
    text = text[:_LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _UNWANTED.sub("", text).replace("\t", " ")
    lines = [line.strip() for line in text.split("\n")]
    return unicodedata.normalize("NFC", re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip())


def decode(data: bytes) -> str:
    """Bytes of unknown encoding: UTF-8 if they are, else Windows-1252 (which older tools write), else Latin-1."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def repair(text: str) -> str:
    """A string that was read as Latin-1 whatever it was (Pillow does): decoded again."""
    try:
        return decode(text.encode("latin-1"))
    except UnicodeEncodeError:
        return text


def language(tag: str | None) -> str:
    """A BCP 47 tag in its usual case, or `und` where the tag is missing, `x-default` or no language."""
    tag = (tag or "").strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        return UNDETERMINED
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *map(_subtag, rest)])


def _subtag(part: str) -> str:
    if part.isalpha() and len(part) == 2:
        return part.upper()
    return part.title() if part.isalpha() and len(part) == 4 else part.lower()


def fold(text: str) -> str:
    """What stays of a text that went through a field of ASCII letters: for telling whether two texts are the same."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "", plain.casefold()) or re.sub(r"\s+", "", text)
