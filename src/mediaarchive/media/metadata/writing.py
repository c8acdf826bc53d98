"""Texts for a file that people take away: caption, credit and rights as EXIF, IPTC-IIM and XMP, and nothing else.

The three say the same, as the Metadata Working Group asks (Guidelines 2.0, 5): programs read one or another.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final

from PIL import ExifTags, Image

_SPACES: Final = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
}
_LANGUAGES: Final = {
    "title": "dc:title",
    "caption": "dc:description",
    "alt": "Iptc4xmpCore:AltTextAccessibility",
    "long": "Iptc4xmpCore:ExtDescrAccessibility",
}
_IPTC_BYTES: Final = {120: 2000, 105: 256, 80: 32, 110: 32, 116: 128}  # IIM 4.2: the most that each dataset may hold
_SEGMENT: Final = 65_000  # a JPEG segment holds 65,533 bytes


def tags(said: Mapping[str, Any]) -> dict[str, Any]:
    """What Pillow's JPEG encoder is to write: `exif`, `xmp`, and IPTC as `extra`.

    Args:
        said: `title`, `caption`, `alt`, `long`: texts by language, the default language first; `creator`, `credit`,
            `copyright`, `usage_terms`, `licence`: strings. Each may be absent.
    """
    texts = {kind: dict(said.get(kind) or {}) for kind in _LANGUAGES}
    first = {kind: next(iter(found.values()), "") for kind, found in texts.items()}
    exif = Image.Exif()
    named = {
        ExifTags.Base.ImageDescription: first["caption"],
        ExifTags.Base.Artist: said.get("creator"),
        ExifTags.Base.Copyright: said.get("copyright"),
    }
    for tag, text in named.items():
        if text:
            exif[tag] = text.encode()  # EXIF 3.0: UTF-8, which all readers take for ASCII where it is that
    packet = _xmp(texts, said)
    found: dict[str, Any] = {"extra": _iptc(first, said)}
    if len(exif):
        found["exif"] = exif.tobytes()
    return found | ({"xmp": packet} if len(packet) < _SEGMENT else {})


def _xmp(texts: Mapping[str, Mapping[str, str]], said: Mapping[str, Any]) -> bytes:
    from xml.sax.saxutils import escape, quoteattr  # noqa: PLC0415 - it brings urllib and ssl, which no worker needs

    parts = [_alternatives(_LANGUAGES[kind], found) for kind, found in texts.items() if found]
    if creator := said.get("creator"):
        parts.append(f"<dc:creator><rdf:Seq><rdf:li>{escape(creator)}</rdf:li></rdf:Seq></dc:creator>")
    if rights := said.get("copyright"):
        parts.append(_alternatives("dc:rights", {"": rights}))
    if terms := said.get("usage_terms"):
        parts.append(_alternatives("xmpRights:UsageTerms", {"": terms}))
    plain = {"photoshop:Credit": said.get("credit"), "xmpRights:WebStatement": said.get("licence")}
    attributes = "".join(f" {name}={quoteattr(text)}" for name, text in plain.items() if text)
    spaces = "".join(f' xmlns:{name}="{uri}"' for name, uri in _SPACES.items() if name not in {"x", "rdf"})
    body = f'<rdf:Description rdf:about=""{spaces}{attributes}>{"".join(parts)}</rdf:Description>'
    return (
        f'<x:xmpmeta xmlns:x="{_SPACES["x"]}"><rdf:RDF xmlns:rdf="{_SPACES["rdf"]}">{body}</rdf:RDF></x:xmpmeta>'
    ).encode()


def _alternatives(name: str, texts: Mapping[str, str]) -> str:
    """A text in languages; the first one is what a reader shows who asks for none (ISO 16684-1, 8.2.2.4)."""
    from xml.sax.saxutils import escape, quoteattr  # noqa: PLC0415 - as above

    languages = {"x-default": next(iter(texts.values()))} | {lang: text for lang, text in texts.items() if lang}
    items = "".join(f"<rdf:li xml:lang={quoteattr(lang)}>{escape(text)}</rdf:li>" for lang, text in languages.items())
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>"


def _iptc(first: Mapping[str, str], said: Mapping[str, Any]) -> bytes:
    """An APP13 segment with Photoshop's resource 0x0404, its texts in UTF-8."""
    texts = {
        105: first["title"],
        120: first["caption"],
        80: said.get("creator"),
        110: said.get("credit"),
        116: said.get("copyright"),
    }
    records = [b"\x1c\x01\x5a\0\x03\x1b%G", b"\x1c\x02\0\0\x02\0\x04"]
    for number, text in texts.items():
        if text:
            data = text.encode()[: _IPTC_BYTES[number]].decode(errors="ignore").encode()
            records.append(struct.pack(">BBBH", 0x1C, 2, number, len(data)) + data)
    body = b"".join(records)
    resource = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(body)) + body + bytes(len(body) % 2)
    return b"\xff\xed" + struct.pack(">H", len(resource) + 2) + resource
