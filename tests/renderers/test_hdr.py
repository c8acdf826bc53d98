"""HDR photographs are shown as the SDR pictures they also are, and renditions claim nothing that vouches for the original."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mediaarchive.media.picture import open_picture
from mediaarchive.renderers.still import PillowStills

SETS: list[dict[str, Any]] = [
    {"format": "avif", "quality": 80, "speed": 9, "subsampling": "4:2:0"},
    {"format": "jpeg", "quality": 90, "subsampling": "4:2:0"},
    {"format": "webp", "quality": 90, "speed": 2},
]
CLAIMS = (b"c2pa", b"jumb", b"JUMB", b"C2PA", b"caBX", b"hdrgm", b"hdr-gain-map", b"MPF\0", b"hdrgainmap", b"tmap")


def ultra_hdr(path: Path) -> Path:
    """As a telephone writes it: an SDR picture, a gain map behind it, and content credentials."""
    x, y = np.meshgrid(np.arange(800), np.arange(600))
    shown = Image.fromarray(np.stack([x * 255 // 800, y * 255 // 600, (x + y) % 256], axis=-1).astype(np.uint8))
    gain = Image.new("L", (200, 150), 180)
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/></rdf:RDF></x:xmpmeta>'
    )
    shown.save(path, "MPO", save_all=True, append_images=[gain], quality=92, xmp=xmp)
    data = path.read_bytes()
    claim = b"JP\0\1\0\0\0\1" + b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa" + bytes(12)
    path.write_bytes(data[:2] + b"\xff\xeb" + (len(claim) + 2).to_bytes(2) + claim + data[2:])
    return path


def rendered(source: Path, spool: Path) -> list[bytes]:
    with Image.open(source) as image:
        edge = min(640, *image.size)
    blobs = PillowStills().render(source, [entry | {"edge": edge} for entry in SETS], spool)
    return [(spool / blob.sha256).read_bytes() for blob in blobs]


def test_renditions_claim_neither_credentials_nor_hdr(tmp_path: Path) -> None:
    source = ultra_hdr(tmp_path / "phone.jpg")
    before = source.read_bytes()
    assert all(claim in before for claim in (b"c2pa", b"jumb", b"hdr-gain-map", b"MPF\0"))
    assert {"gain-map", "c2pa"} <= set(open_picture(source, pixels=1_000_000).notes)
    for data in rendered(source, tmp_path):
        assert not [claim for claim in CLAIMS if claim in data]
    assert source.read_bytes() == before


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["sharp__gain-map.jpg", "exiftool__Google.jpg"])
def test_real_hdr_photographs_are_noted_and_claim_nothing(corpus: Path, tmp_path: Path, name: str) -> None:
    source = next(path for path in corpus.rglob(name))
    notes = set(open_picture(source, pixels=250_000_000, at_least=512).notes)
    assert notes & {"gain-map", "hdr"}
    for data in rendered(source, tmp_path):
        assert not [claim for claim in CLAIMS if claim in data]


@pytest.mark.corpus
def test_an_ultra_hdr_photograph_looks_as_it_does_where_nobody_knows_of_hdr(corpus: Path, tmp_path: Path) -> None:
    djpeg = shutil.which("djpeg")
    if djpeg is None:
        pytest.skip("no djpeg on this machine: apt-get install libjpeg-turbo-progs")
    source = corpus / "event-photos" / "sharp__gain-map.jpg"
    plain = tmp_path / "plain.ppm"
    subprocess.run([djpeg, "-outfile", str(plain), str(source)], check=True)
    with Image.open(plain) as image:
        reference = np.asarray(image.resize((640, 360), Image.Resampling.LANCZOS), dtype=float)
    (blob,) = PillowStills().render(source, [SETS[1] | {"edge": 640}], tmp_path)
    with Image.open(tmp_path / blob.sha256) as image:
        assert np.abs(np.asarray(image, dtype=float) - reference).mean() < 3
