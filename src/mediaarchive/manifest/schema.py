"""JSON Schema and TypeScript types of the manifests (an event's, an item's), generated from their model: they can't drift apart."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from mediaarchive.manifest.model import ItemManifest, Manifest

_HEADER = """\
// The manifest of mediaarchive, version 1.x: fields are only added. Generated from the JSON Schema beside this file.
// Paths are relative to `base`, which is relative to the manifest's own address:
//   new URL(rendition.url, new URL(manifest.base, manifestUrl))
"""
_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


@cache
def schema() -> bytes:
    """The JSON Schema (draft 2020-12) of manifest.json, as it is published, and of item.json, which names it, too."""
    value = TypeAdapter(Manifest | ItemManifest).json_schema(by_alias=True, mode="serialization")
    _optional_where_null(value)
    value = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Manifest"} | value
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _optional_where_null(node: Any) -> None:  # noqa: ANN401 - JSON
    """Null values are left out of the JSON, so a field that may be null is one that may be absent."""
    if isinstance(node, list):
        for entry in node:
            _optional_where_null(entry)
    if not isinstance(node, dict):
        return
    for name, field in node.get("properties", {}).items():
        options = field.get("anyOf", [])
        if {"type": "null"} in options and name in node.get("required", []):
            node["required"].remove(name)
    for child in node.values():
        _optional_where_null(child)


@cache
def types() -> bytes:
    """TypeScript declarations of manifest.json and item.json: `Item` is a union that `switch (item.type)` exhausts."""
    definitions = dict(sorted(json.loads(schema())["$defs"].items()))
    blocks = [_HEADER, *(_declaration(name, node) for name, node in definitions.items())]
    blocks.append("export type Item = Photo | Video | Document | Tombstone;\n")
    return "\n".join(blocks).encode()


def _declaration(name: str, node: dict[str, Any]) -> str:
    required = set(node.get("required", []))
    lines = [f"/** {' '.join(node['description'].split())} */"] if node.get("description") else []
    lines.append(f"export interface {name} {{")
    for key, field in node["properties"].items():
        if field.get("description"):
            lines.append(f"  /** {field['description']} */")
        quoted = key if key.isidentifier() else json.dumps(key)
        lines.append(f"  {quoted}{'' if key in required else '?'}: {_type(field)};")
    return "\n".join([*lines, "}", ""])


def _type(node: dict[str, Any]) -> str:
    if "$ref" in node:
        return str(node["$ref"]).rpartition("/")[2]
    if "const" in node:
        return json.dumps(node["const"])
    if "enum" in node:
        return " | ".join(json.dumps(value) for value in node["enum"])
    for union in ("anyOf", "oneOf"):
        if union in node:
            return " | ".join(_type(option) for option in node[union] if option != {"type": "null"})
    if node.get("type") == "array":
        if "prefixItems" in node:
            return f"[{', '.join(_type(entry) for entry in node['prefixItems'])}]"
        inner = _type(node["items"])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if node.get("type") == "object":
        values = node.get("additionalProperties")
        return f"Record<string, {_type(values)}>" if isinstance(values, dict) else "Record<string, unknown>"
    return _SCALARS.get(str(node.get("type")), "unknown")
