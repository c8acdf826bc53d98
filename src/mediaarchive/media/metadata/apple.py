"""Apple's maker note, for one thing: which film belongs to a Live Photo."""

from __future__ import annotations

import re
import struct
from typing import Final

_HEADER: Final = b"Apple iOS\x00"
_DIRECTORY: Final = 14  # after the header, a version and the byte order
# MediaGroupUUID to exiftool. The film has the same under com.apple.quicktime.content.identifier.
_GROUP: Final = 17
_MOST_ENTRIES, _MOST_BYTES = 500, 64
_IDENTIFIER: Final = re.compile(r"[0-9A-Fa-f-]{16,64}")


def live_photo(note: object) -> str:
    """The identifier that a Live Photo shares with its film, upper case; empty where the maker note has none.

    The note is a TIFF directory, big-endian, whose offsets count from the note's own beginning.
    """
    if not isinstance(note, bytes) or not note.startswith(_HEADER) or note[12:14] != b"MM":
        return ""
    try:
        (count,) = struct.unpack_from(">H", note, _DIRECTORY)
        for number in range(min(count, _MOST_ENTRIES)):
            tag, kind, length, place = struct.unpack_from(">HHII", note, _DIRECTORY + 2 + 12 * number)
            if (tag, kind) == (_GROUP, 2):
                text = note[place : place + min(length, _MOST_BYTES)].rstrip(b"\x00").decode("ascii", "replace")
                return identifier(text)
    except struct.error:
        pass
    return ""


def identifier(text: str) -> str:
    """An identifier as it is compared; empty where the text is none."""
    return text.upper() if _IDENTIFIER.fullmatch(text) else ""
