"""Manifests as bytes: canonical, in pages of at most a hundred items, and in one language only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from mediaarchive import layout
from mediaarchive.manifest.model import PAGE_ITEMS, Manifest

_TEXTS = ("title", "alt", "long", "caption")


def encode(model: BaseModel) -> bytes:
    """The model as JSON: UTF-8, the model's own order of fields, one line, nothing that is null. Equal models, equal bytes."""
    return _bytes(_value(model))


def paged(manifest: Manifest, lang: str | None = None) -> tuple[bytes, dict[str, bytes]]:
    """The manifest's first page, and its further pages by key.

    Pages are chained from the last to the first, so the first page's hash covers all of them. Each is made by itself: an event's
    items as plain values take more memory than all else that is known of it.

    Args:
        manifest: with all its items.
        lang: one of its languages: texts are in that one only. A text that lacks it keeps the default language's, under that
            language's own name.
    """
    items = manifest.items
    starts = range(0, max(len(items), 1), PAGE_ITEMS)
    pages: dict[str, bytes] = {}
    following: str | None = None
    body = b""
    for start in reversed(starts):
        value = _value(manifest.model_copy(update={"items": items[start : start + PAGE_ITEMS], "next": following}))
        body = _bytes(_in_language(value, lang, manifest.languages[0]) if lang else value)
        if start:
            following = layout.body_key(manifest.slug, hashlib.sha256(body).hexdigest())
            pages[following] = body
    return body, pages


def _value(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _in_language(value: dict[str, Any], lang: str, fallback: str) -> dict[str, Any]:
    value["languages"] = [lang]
    for name in ("title", "description", "place"):
        value["event"][name] = _one(value["event"][name], lang, fallback)
    for item in value["items"]:
        for part in (item, item.get("poster") or {}):
            for name in _TEXTS:
                if name in part:
                    part[name] = _one(part[name], lang, fallback)
        if item["type"] == "tombstone":
            item["text"] = _one(item["text"], lang, fallback)
    if retired := value.get("retired"):
        retired["text"] = _one(retired["text"], lang, fallback)
    return value


def _one(texts: Mapping[str, Any], lang: str, fallback: str) -> dict[str, Any]:
    for name in (lang, fallback):
        if name in texts:
            return {name: texts[name]}
    return dict(texts)
