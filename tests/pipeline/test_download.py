"""A photograph to take away: full size, with its texts, credit and rights as every program reads them, and nothing else."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mediaarchive.media.metadata import read_metadata

from .conftest import SETTINGS, Space
from .files import jpeg, picture

EXIFTOOL = shutil.which("exiftool")
SHEET = (
    'path,lang,kind,text\na.jpg,en,caption,"Salt & bread, by the ""lake"""\na.jpg,fr,caption,"Sel et pain, près du lac"\n'
    "a.jpg,en,alt,Two people at a table.\n"
)
EVENT = (
    'languages = ["en", "fr"]\ncredit = "Anna Peeters / Enabel"\ncopyright = "© Enabel"\n'
    'licence = "CC-BY-4.0"\nusage_terms = "Name the author."\n'
)


def private(size: tuple[int, int] = (1200, 800)) -> bytes:
    """A photograph with a place and a serial number inside."""
    exif = Image.Exif()
    exif[271], exif[272] = "Maker", "X100"
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-77"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (50.0, 51.0, 3.0)
    out = io.BytesIO()
    picture(5, size).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


@pytest.fixture
def published(space: Callable[..., Space], tmp_path: Path) -> tuple[Space, dict[str, Any]]:
    inbox = tmp_path / "inbox" / "evening"
    inbox.mkdir(parents=True)
    (inbox / "a.jpg").write_bytes(private())
    (inbox / "texts.csv").write_text(SHEET, encoding="utf-8")
    (inbox / "event.toml").write_text(EVENT, encoding="utf-8")
    ws = space(files=tmp_path / "inbox", settings=SETTINGS + "[download]\nmake = true\n")
    ws.run()
    (item,) = json.loads(ws.manifest("evening"))["items"]
    return ws, item


@pytest.mark.skipif(EXIFTOOL is None, reason="no exiftool on this machine: apt-get install libimage-exiftool-perl")
def test_what_is_taken_away_says_whose_it_is_and_not_where_it_was(published: tuple[Space, dict[str, Any]]) -> None:
    ws, item = published
    file = ws.root / "site" / item["download"]["url"]
    assert (item["download"]["w"], item["download"]["h"]) == (1200, 800)
    assert f'href="../../{item["download"]["url"]}"' in (ws.root / "site" / item["page"]).read_text(encoding="utf-8")
    command = [str(EXIFTOOL), "-G1", "-json", "-charset", "exif=utf8", "-charset", "iptc=utf8", str(file)]
    (found,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    caption = 'Salt & bread, by the "lake"'
    assert found["IFD0:ImageDescription"] == found["IPTC:Caption-Abstract"] == found["XMP-dc:Description"] == caption
    assert found["XMP-dc:Description-fr"] == "Sel et pain, près du lac"
    assert found["XMP-iptcCore:AltTextAccessibility"] == "Two people at a table."
    assert found["IFD0:Copyright"] == found["IPTC:CopyrightNotice"] == found["XMP-dc:Rights"] == "© Enabel"
    assert found["IPTC:Credit"] == found["XMP-photoshop:Credit"] == "Anna Peeters / Enabel"
    assert found["XMP-xmpRights:WebStatement"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["XMP-xmpRights:UsageTerms"] == "Name the author."
    assert not [tag for tag in found if "GPS" in tag or "Serial" in tag or "Model" in tag or "Make" in tag]
    assert "SERIAL" not in str(found)


def test_our_own_reader_understands_what_we_write(published: tuple[Space, dict[str, Any]]) -> None:
    ws, item = published
    said = read_metadata(ws.root / "site" / item["download"]["url"], "image/jpeg", limit=1 << 20)
    captions = {text.lang: text.text for text in said.texts if text.kind == "caption"}
    assert captions["fr"] == "Sel et pain, près du lac"
    assert said.credit.copyright == "© Enabel"


def test_nobody_gets_it_who_did_not_ask(space: Callable[..., Space], tmp_path: Path) -> None:
    inbox = tmp_path / "inbox" / "evening"
    inbox.mkdir(parents=True)
    (inbox / "a.jpg").write_bytes(jpeg(picture(1)))
    ws = space(files=tmp_path / "inbox")
    ws.run()
    (item,) = json.loads(ws.manifest("evening"))["items"]
    assert "download" not in item
