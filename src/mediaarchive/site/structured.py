"""Structured data for search engines: schema.org JSON-LD of an event, with addresses relative to the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mediaarchive import recipes
from mediaarchive.manifest.model import Manifest, Photo
from mediaarchive.site.rights import credits_of, safe_href

if TYPE_CHECKING:
    from mediaarchive.site.view import Scene

_PICTURES: Final = 24  # a sample: the whole is in manifest.json


def event(manifest: Manifest, scene: Scene) -> str:
    """The JSON-LD of an event in the reader's language, safe inside `<script>`: no `<`, no `>`, no `&`.

    Terms: https://schema.org/Event, https://schema.org/ImageObject.
    """
    facts = manifest.event
    value: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": scene.title,
        "startDate": facts.start,
        "endDate": facts.end,
        "url": safe_href(facts.homepage),
        "description": scene.reader.plain(facts.description).text,
        "location": {"@type": "Place", "name": scene.place, "address": facts.country} if scene.place else None,
        "organizer": {"@type": "Organization", "name": manifest.publisher.name} if manifest.publisher.name else None,
        "image": [_image(item, scene) for item in manifest.items if isinstance(item, Photo)][:_PICTURES],
    }
    text = recipes.canonical({name: entry for name, entry in value.items() if entry}).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _image(item: Photo, scene: Scene) -> dict[str, Any]:
    credit = credits_of(item.rights, scene.rights)
    described = scene.reader.line(item.alt)
    value = {
        "@type": "ImageObject",
        "contentUrl": scene.base + next(reversed(item.stable.values()), ""),
        "url": scene.href(item.page),
        "description": described.text if described and not described.note else None,  # no machine's word unmarked
        "creditText": credit.name,
        "license": credit.licence.href if credit.licence else None,
    }
    return {name: entry for name, entry in value.items() if entry}
