"""Every file that a manifest names for an item, wherever in the entry it stands: so a new kind of file is never forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mediaarchive import layout
from mediaarchive.manifest.model import Item


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What a manifest says of a file; None where it doesn't say."""

    bytes: int | None = None
    width: int | None = None
    height: int | None = None
    codecs: str | None = None


def files(item: Item) -> dict[str, Named]:
    """An item's content-addressed files, by key."""
    return dict(_found(item.model_dump(mode="json")))


def _found(value: Any) -> Iterator[tuple[str, Named]]:  # noqa: ANN401 - any JSON value
    if isinstance(value, list):
        for entry in value:
            yield from _found(entry)
    if not isinstance(value, dict):
        return
    url = value.get("url")
    if isinstance(url, str) and layout.write_once(url):
        codecs = str(value.get("type") or "").partition('codecs="')[2].rstrip('"') or None
        yield url, Named(bytes=value.get("bytes"), width=value.get("w"), height=value.get("h"), codecs=codecs)
    for entry in value.values():
        yield from _found(entry)
