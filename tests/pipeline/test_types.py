"""The published TypeScript types say what the published manifest is: TypeScript's own compiler judges, in its strict mode."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Space

TSC = shutil.which("tsc")
SLUG = "forum-des-communs-2025"
Value = dict[str, Any]

pytestmark = pytest.mark.skipif(TSC is None, reason="no TypeScript on this machine: apt-get install node-typescript")

READER = """
import type { Item, Manifest } from "./manifest-1";

export function show(manifest: Manifest, manifestUrl: string, lang: string): string[] {
  const base = new URL(manifest.base, manifestUrl);
  return manifest.items.map((item: Item): string => {
    switch (item.type) {
      case "photo": return item.sources.flatMap((source) => source.set.map((file) => new URL(file.url, base).href)).join(" ")
        + (item.alt[lang]?.text ?? "") + (item.focus ? item.focus[0] : "");
      case "video": return (item.tracks ?? []).map((track) => track.url).join(" ") + item.sources[0]?.type;
      case "document": return item.media_type;
      case "tombstone": return item.reason;
    }
  });
}
"""


def errors(folder: Path, files: dict[str, str], types: bytes) -> dict[str, list[str]]:
    """What the compiler says of each file, beside the types."""
    (folder / "manifest-1.d.ts").write_bytes(types)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    options = ["--strict", "--noEmit", "--noUncheckedIndexedAccess", "--target", "es2020", "--lib", "es2020,dom"]
    done = subprocess.run(
        [str(TSC), *options, "--pretty", "false", *files],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    said = {name: [line for line in lines if line.startswith(f"{name}(")] for name in files}
    assert sum(map(len, said.values())) == len(lines), done.stdout  # neither the types nor the options are wrong
    return said


def typed(value: Value) -> str:
    """A manifest as a constant of the type: the compiler looks for what is missing, wrong, and unknown."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    return f'import type {{ Manifest }} from "./manifest-1";\nexport const value: Manifest = {text};\n'


def _first(value: Value, kind: str) -> Value:
    return next(item for item in value["items"] if item["type"] == kind)


WRONG: dict[str, Callable[[Value], object]] = {
    "unknown-field": lambda m: m.update(extra=1),
    "without-items": lambda m: m.pop("items"),
    "another-type": lambda m: _first(m, "photo").update(type="picture"),
    "bytes-as-text": lambda m: _first(m, "photo")["sources"][0]["set"][0].update(bytes="12"),
    "a-state-of-no-text": lambda m: _first(m, "photo").update(
        alt={"fr": {"text": "x", "state": "maybe", "source": "y"}}
    ),
    "a-focus-of-three": lambda m: _first(m, "photo").update(focus=[0.1, 0.2, 0.3]),
    "null-for-nothing": lambda m: _first(m, "video").update(taken=None),
    "a-film-without-length": lambda m: _first(m, "video").pop("duration"),
    "a-tombstone-with-pictures": lambda m: _first(m, "tombstone").update(sources=[]),
}


def test_a_published_manifest_is_what_its_types_say_and_nothing_else_is(
    archived: tuple[Space, object], tmp_path: Path
) -> None:
    space = archived[0].twin(tmp_path / "ws")
    item = next(one["id"] for one in space.items().values() if one["type"] == "photo")
    assert space.here("takedown", item, "--reason", "quality").returncode == 0
    right: Value = json.loads(space.manifest())
    assert {one["type"] for one in right["items"]} == {"photo", "video", "tombstone"}
    types = (space.root / "site" / "schema" / "manifest-1.d.ts").read_bytes()
    files = {"right.ts": typed(right), "reader.ts": READER}
    for name, damage in WRONG.items():
        value = copy.deepcopy(right)
        damage(value)
        files[f"{name}.ts"] = typed(value)
    found = errors(tmp_path, files, types)
    assert (found.pop("right.ts"), found.pop("reader.ts")) == ([], [])
    assert [name for name, said in found.items() if not said] == [], "wrong, and nothing was said"
