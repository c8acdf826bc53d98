"""XMP packets with captions and alternative text by language: embedded in a file, or as its sidecar."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">
"""
_TAIL = "</rdf:Description></rdf:RDF></x:xmpmeta>"


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What a photographer wrote, each by language; `creator` and `rights` are plain."""

    caption: Mapping[str, str] = field(default_factory=dict)
    alt: Mapping[str, str] = field(default_factory=dict)
    long: Mapping[str, str] = field(default_factory=dict)
    creator: str = ""
    rights: str = ""


def packet(texts: Texts) -> bytes:
    """An XMP packet, in UTF-8."""
    parts = [
        _by_language("dc:description", texts.caption),
        _by_language("Iptc4xmpCore:AltTextAccessibility", texts.alt),
        _by_language("Iptc4xmpCore:ExtDescrAccessibility", texts.long),
        _by_language("dc:rights", {"x-default": texts.rights} if texts.rights else {}),
    ]
    if texts.creator:
        parts.append(f"<dc:creator><rdf:Seq><rdf:li>{escape(texts.creator)}</rdf:li></rdf:Seq></dc:creator>\n")
    body = _HEAD + "".join(parts) + _TAIL
    return f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{body}\n<?xpacket end="w"?>\n'.encode()


def _by_language(name: str, texts: Mapping[str, str]) -> str:
    """A language alternative; the first language stands as the default too, as the standard asks."""
    if not texts:
        return ""
    first = next(iter(texts.values()))
    rows = dict(texts) if "x-default" in texts else {"x-default": first, **texts}
    items = "".join(f"<rdf:li xml:lang={quoteattr(lang)}>{escape(text)}</rdf:li>" for lang, text in rows.items())
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>\n"
