"""An item's files in a manifest: their addresses, the sizes and types a browser chooses from, what stands at stable addresses."""

from __future__ import annotations

from collections.abc import Iterable

from mediaarchive import layout
from mediaarchive.manifest.model import (
    Rendition,
    SourceSet,
)
from mediaarchive.model import Blob

ASIDE = frozenset({"card", "download"})  # roles that are no size to choose from

_FORMATS = ("avif", "webp", "jpg")  # a browser takes the first type it knows


def address(item: str, blob: Blob) -> str:
    """The published key of an item's file."""
    return layout.media_key(item, blob.role, blob.sha256, blob.ext)


def source_sets(item: str, blobs: Iterable[Blob]) -> list[SourceSet]:
    """Pictures by type, the best-compressed first, each with its sizes rising."""
    by_format: dict[str, list[Blob]] = {}
    for blob in blobs:
        by_format.setdefault(blob.ext, []).append(blob)
    return [
        SourceSet(
            type=layout.content_type(f"x.{ext}"),
            set=[rendition(item, blob) for blob in sorted(by_format[ext], key=_edge)],
        )
        for ext in _FORMATS
        if ext in by_format
    ]


def rendition(item: str, blob: Blob) -> Rendition:
    """One picture in one size."""
    return Rendition(w=blob.width or 0, h=blob.height or 0, url=address(item, blob), bytes=blob.bytes)


def _edge(blob: Blob) -> int:
    return max(blob.width or 0, blob.height or 0)


def stable_blobs(blobs: Iterable[Blob]) -> dict[int, Blob]:
    """For each stable edge, the JPEG that stands there: the smallest that is large enough, else the largest (never upscaled)."""
    jpegs = sorted((blob for blob in blobs if blob.ext == "jpg" and blob.role not in ASIDE), key=_edge)
    return {
        edge: next((blob for blob in jpegs if _edge(blob) >= edge), jpegs[-1]) for edge in layout.STABLE_EDGES if jpegs
    }


def stable(item: str, blobs: Iterable[Blob]) -> dict[str, str]:
    """The addresses for pasted embeds, by edge."""
    return {str(edge): layout.stable_key(item, edge) for edge in stable_blobs(blobs)}
