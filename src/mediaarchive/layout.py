"""Where everything is published: keys, content types and cache headers, as pure functions of names.

A key is a `/`-separated ASCII path below a store's root, the same in a folder and in a bucket. Headers follow from the key
alone, so every store and `mediaarchive serve` answer alike, and nothing from an inbox can choose its own content type.
"""

from __future__ import annotations

import re
from typing import Final

SCHEMA_KEY: Final = "schema/manifest-1.json"
TYPES_KEY: Final = "schema/manifest-1.d.ts"
EVENTS_PAGE: Final = "events/index.html"
STABLE_EDGES: Final = (640, 1280)

_UNKNOWN: Final = "application/octet-stream"
_TYPES: Final = {
    "avif": "image/avif",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "png": "image/png",
    "mp4": "video/mp4",
    "vtt": "text/vtt; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "ts": "text/plain; charset=utf-8",
    "sha256": "text/plain; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml",
    "pdf": "application/pdf",
}
# People must be removable: a browser forgets within a day, a CDN (which can be purged) may keep a copy for a year.
_MEDIA_CACHE: Final = "public, max-age=86400, s-maxage=31536000"
_RELEASE_CACHE: Final = "public, max-age=86400, s-maxage=31536000"
_POINTER_CACHE: Final = "public, max-age=60, stale-if-error=86400"
_STABLE_CACHE: Final = "public, max-age=300, stale-if-error=86400"

_ADDRESSED = re.compile(r"media/[pvd]-[a-z2-7]{13}/[a-z0-9.]+(?:-[a-z0-9]+)*-[0-9a-f]{8}\.[a-z0-9]+")
# The mirror of an archive uses the same seam, but nothing of it is for the public.
_KEPT = re.compile(r"originals/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]+|journal/[0-9]{10}\.jsonl")
_PRIVATE = re.compile(r"(originals|journal|receipts|releases)/.+|mediaarchive\.toml")
_RELEASE = re.compile(r"events/[a-z0-9-]+/releases/[0-9a-f]{64}\.json|events/[a-z0-9-]+/releases/[0-9]+\.json")


def segment_key(number: int) -> str:
    """A segment of the journal, in the archive and in its mirror: written once."""
    return f"journal/{number:010d}.jsonl"


def media_key(item: str, role: str, sha256: str, ext: str) -> str:
    """The content-addressed name of a rendition: `media/<id>/<role>-<hash8>.<ext>`."""
    return f"media/{item}/{role}-{sha256[:8]}.{ext}"


def stable_key(item: str, edge: int, ext: str = "jpg") -> str:
    """The address for pasted embeds, for ever: `media/<id>/640.jpg`."""
    return f"media/{item}/{edge}.{ext}"


def item_page(item: str) -> str:
    """The item's own page."""
    return f"media/{item}/index.html"


def item_json(item: str) -> str:
    """The item's own manifest."""
    return f"media/{item}/item.json"


def event_page(slug: str) -> str:
    """The event's gallery."""
    return f"events/{slug}/index.html"


def pointer_key(slug: str) -> str:
    """The URL that websites embed."""
    return f"events/{slug}/manifest.json"


def language_key(slug: str, lang: str) -> str:
    """The manifest in one language only."""
    return f"events/{slug}/manifest.{lang}.json"


def checksums_key(slug: str) -> str:
    """The digests of all files of an event, as `sha256sum -c` reads them in its folder."""
    return f"events/{slug}/checksums.sha256"


def body_key(slug: str, sha256: str) -> str:
    """A release's body, or a further page of it: written once."""
    return f"events/{slug}/releases/{sha256}.json"


def envelope_key(slug: str, number: int) -> str:
    """A release's envelope: written once."""
    return f"events/{slug}/releases/{number}.json"


def write_once(key: str) -> bool:
    """Whether this name, once written, is never written again (the others are projections of the pointer)."""
    return bool(_ADDRESSED.fullmatch(key) or _RELEASE.fullmatch(key) or _KEPT.fullmatch(key))


def content_type(key: str) -> str:
    """The content type, from our own table; unknown extensions are never guessed."""
    if _PRIVATE.fullmatch(key):
        return _UNKNOWN
    return _TYPES.get(key.rpartition(".")[2], _UNKNOWN)


def is_download(key: str) -> bool:
    """Whether a browser saves it instead of showing it: what we don't know, and documents, which may carry scripts."""
    return content_type(key) in {_UNKNOWN, "application/pdf"}


def cache_control(key: str) -> str:
    """The Cache-Control of a key: long for what is written once, short for what moves; never `immutable` (ADR 3)."""
    if _PRIVATE.fullmatch(key):
        return "private, no-store"
    if _ADDRESSED.fullmatch(key):
        return _MEDIA_CACHE
    if _RELEASE.fullmatch(key):
        return _RELEASE_CACHE
    if re.fullmatch(r"events/[a-z0-9-]+/manifest(\.[A-Za-z0-9-]+)?\.json", key):
        return _POINTER_CACHE
    return _STABLE_CACHE
