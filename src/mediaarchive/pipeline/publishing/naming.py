"""What a file is called when a visitor saves it: the event, what the picture is or when it was taken, and the size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mediaarchive.manifest.model import Manifest
from mediaarchive.stages.publish.shown import Shown

_LONGEST = 60  # characters of a title: the name stays within every file system's limit, in any script
_SHORT_ID = 6
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\\\:*?\"<>|]+")  # what some system refuses in names of files


def saved_names(manifest: Manifest, entries: Sequence[Shown]) -> dict[str, str]:
    """The name that a browser proposes for each file of an event, by key.

    "Commons Week 2025 - Opening speech - 1280.jpg"; without a title of its own, the time it was taken, and the beginning of
    its id. Names of original files aren't published: they may name people. A document keeps the name it was sent under, since
    its sender chose that for its readers.
    """
    language = manifest.languages[0]
    event = _clean(manifest.event.title.get(language) or manifest.slug)
    return dict(_names(event, language, entries))


def _names(event: str, language: str, entries: Sequence[Shown]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        about = _about(entry, language)
        for key, blob in entry.objects().items():
            if blob.role == "document" and entry.path:
                yield key, f"{_clean(PurePosixPath(entry.path).stem)}.{blob.ext}"
            else:
                yield key, f"{event} - {about} - {blob.role}.{blob.ext}"


def _about(entry: Shown, language: str) -> str:
    title = entry.texts.get("title", {}).get(language)
    if title is not None and title.state != "placeholder" and (cleaned := _clean(title.text)):
        return cleaned
    moment = entry.moment.taken or entry.moment.day or ""
    when = moment[:19].replace("T", " ").replace(":", ".")
    identity = entry.asset.id.partition("-")[2][:_SHORT_ID]
    return " ".join(part for part in (when, identity) if part)


def _clean(text: str) -> str:
    """A text as part of a file's name, in any language.

    >>> _clean("Opening / 10:00?")
    'Opening 10 00'
    """
    return " ".join(_UNSAFE.sub(" ", text).split())[:_LONGEST].strip(" .")
