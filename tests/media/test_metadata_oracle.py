"""Texts and credits of the captioned corpus, compared with exiftool: every difference is explained in docs/metadata.md."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mediaarchive.errors import BadInput
from mediaarchive.media.metadata import Metadata, read_metadata, read_xmp_sidecar
from mediaarchive.media.metadata.words import clean
from mediaarchive.media.sniff import sniff

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "metadata.md"
# Where each answer stands, in the Working Group's order; exiftool's own MWG tags know that order for the first three.
FIELDS = {
    "caption": ("MWG:Description",),
    "creator": ("MWG:Creator",),
    "copyright": ("MWG:Copyright",),
    "title": ("XMP-dc:Title", "XMP-photoshop:Headline", "IPTC:Headline"),
    "alt": ("XMP-iptcCore:AltTextAccessibility",),
    "long": ("XMP-iptcCore:ExtDescrAccessibility",),
    "credit": ("XMP-photoshop:Credit", "IPTC:Credit"),
    "usage terms": ("XMP-xmpRights:UsageTerms",),
}
pytestmark = pytest.mark.corpus


def ours(path: Path) -> dict[str, set[str]]:
    """What we read: a text may be there in several languages."""
    said = _read(path)
    texts = {
        kind: {text.text for text in said.texts if text.kind == kind} for kind in ("caption", "title", "alt", "long")
    }
    credit = said.credit
    words = {"creator": credit.creator, "copyright": credit.copyright, "credit": credit.credit}
    return texts | {name: {text} - {""} for name, text in _strings(words | {"usage terms": credit.usage_terms})}


def _read(path: Path) -> Metadata:
    try:
        return read_metadata(path, sniff(path).mime, limit=1 << 24)
    except BadInput:  # a sidecar
        return read_xmp_sidecar(path.read_bytes())


def _strings(words: dict[str, str | None]) -> list[tuple[str, str]]:
    return [(name, text or "") for name, text in words.items()]


def theirs(files: list[Path]) -> dict[str, dict[str, str]]:
    """What exiftool reads, by file name and field."""
    program = shutil.which("exiftool")
    if program is None:
        pytest.skip("exiftool is not installed (Debian: libimage-exiftool-perl)")
    tags = [f"-{tag}" for names in FIELDS.values() for tag in names]
    done = subprocess.run(
        [program, "-use", "MWG", "-j", "-G1", "-struct", *tags, *map(str, files)], capture_output=True, check=False
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.decode("utf-8", "replace"))
    return {
        Path(entry["SourceFile"]).name: {
            name: next((text for tag in names if (text := _joined(entry.get(tag)))), "")
            for name, names in FIELDS.items()
        }
        for entry in found
    }


def _joined(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else clean(str(value or ""))


def explained() -> dict[tuple[str, str], str]:
    """The rows of the document's table: (file, field) and the reason."""
    rows = re.findall(
        r"^\| `([^`]+)` \| ([a-z ]+) \| .* \| (.+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {(file, field): why for file, field, why in rows}


def test_every_difference_from_exiftool_is_explained(corpus: Path) -> None:
    files = sorted(path for path in (corpus / "captioned").iterdir() if path.is_file())
    assert len(files) > 100
    oracle, different, same = theirs(files), set(), 0
    for path in files:
        mine = ours(path)
        for field, text in oracle.get(path.name, {}).items():
            if text in mine[field] or (not text and not mine[field]):
                same += bool(text)
            else:
                different.add((path.name, field))
    assert different == explained().keys()
    assert same > 170, "most of what exiftool reads, we read"
    assert all(len(why.split()) >= 3 for why in explained().values())
