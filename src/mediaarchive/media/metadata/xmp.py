"""XMP packets (ISO 16684-1), read by one walker whatever shape their RDF has: attributes, elements, lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mediaarchive.media.metadata.words import decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMESPACES: Final = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "core",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "ext",
    "http://ns.adobe.com/xap/1.0/rights/": "rights",
    "http://creativecommons.org/ns#": "cc",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
}
_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?(?:xmpmeta|xapmeta|RDF)\b")
_ROOT_END: Final = re.compile(r"</(?:[\w.-]+:)?(?:xmpmeta|xapmeta|RDF)\s*>")
# XML 1.0 forbids these, and a single one would cost the whole packet.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MOST_VALUES: Final = 2_000

_Values = dict[str, list[tuple[str | None, str]]]


class Xmp:
    """The properties of a packet, by `prefix:Name`: each a list of (language or None, text)."""

    def __init__(self, values: _Values | None = None) -> None:
        self._values = values or {}

    def all(self, name: str) -> list[tuple[str | None, str]]:
        """Every value with its language, in the packet's order."""
        return self._values.get(name, [])

    def get(self, name: str) -> str:
        """The default value: that of `x-default`, else the first; an empty string if there is none."""
        values = self.all(name)
        return next((text for lang, text in values if lang == "x-default"), values[0][1] if values else "")


def parse(packet: bytes) -> Xmp:
    """Read a packet, or a sidecar's content; several packets in one are read together.

    Raises:
        ValueError: it is no XMP, or not well-formed (`xml.etree.ElementTree.ParseError` and defusedxml's refusals of
            entities and DTDs come through as what they are).
    """
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    text = _NOT_XML.sub("", _decode(packet))
    start = _ROOT.search(text)
    ends = list(_ROOT_END.finditer(text))
    if start is None or not ends:
        raise ValueError("there is no XMP in it")
    body = text[start.start() : ends[-1].end()]
    # Several packets, one after the other, have several roots.
    body = re.sub(r"<\?xpacket.*?\?>", "", body, flags=re.DOTALL)
    root = fromstring(f"<packets>{body}</packets>", forbid_dtd=True)
    values: _Values = {}
    for rdf in root.iter(f"{_RDF}RDF"):
        for node in rdf:
            for name, found in _properties(node):
                known = values.setdefault(name, [])
                known.extend(value for value in found if value not in known and len(known) < _MOST_VALUES)
    return Xmp(values)


def _decode(packet: bytes) -> str:
    """UTF-8 but for what says otherwise: by a byte order mark, or by the zeros between ASCII letters."""
    if packet.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return packet.decode("utf-32", "replace")
    if packet.startswith((b"\xff\xfe", b"\xfe\xff")):
        return packet.decode("utf-16", "replace")
    start = packet[:64]
    for first, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        if start[first::2].count(0) > len(start) // 4:
            return packet.decode(encoding, "replace")
    return decode(packet.strip(b"\x00"))


def _name(tag: str) -> str | None:
    namespace, _, local = tag[1:].rpartition("}")
    prefix = _NAMESPACES.get(namespace)
    return f"{prefix}:{local}" if prefix else None


def _properties(node: Element) -> Iterator[tuple[str, list[tuple[str | None, str]]]]:
    """The properties of one description: simple ones may be its attributes."""
    for tag, text in node.attrib.items():
        if (name := _name(tag)) and text.strip():
            yield name, [(None, text)]
    for child in node:
        if isinstance(child.tag, str) and (name := _name(child.tag)):
            yield name, [(lang, text) for lang, text in _values(child) if text.strip()]


def _values(element: Element) -> Iterator[tuple[str | None, str]]:
    """A property's values: the items of its list, or what it says itself."""
    items = [item for container in element for item in container if item.tag == f"{_RDF}li"]
    items = items or [item for item in element if item.tag == f"{_RDF}li"]
    for item in items or [element]:
        yield item.get(_LANG), _value(item)


def _value(element: Element) -> str:
    """An element's text, its reference, or the `rdf:value` of a qualified one (which may be an attribute)."""
    for described in (element, *element.findall(f"{_RDF}Description")):
        for value in (
            described.get(f"{_RDF}resource"),
            described.get(f"{_RDF}value"),
            described.findtext(f"{_RDF}value"),
        ):
            if value:
                return value
    return element.text or ""
