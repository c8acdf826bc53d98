"""Broken files of every kind, through the real pipeline: scripts/fuzz does the same at length, on real files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import ROOT
from .files import film, jpeg, pdf, picture, raw


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz", ROOT / "scripts" / "fuzz.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz"] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small file of each format."""
    folder = tmp_path_factory.mktemp("whole")
    image = picture(3, (400, 300))
    for ext in ("png", "webp", "avif", "tiff", "gif", "bmp", "jp2"):
        image.save(folder / f"picture.{ext}")
    image.save(folder / "progressive.jpg", progressive=True)
    image.convert("CMYK").save(folder / "cmyk.jpg")
    for name, data in {
        "photo.jpg": jpeg(image),
        "raw.dng": raw(jpeg(picture(4, (1200, 800)))),
        "programme.pdf": pdf(),
        "film.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n",
        "photo.xmp": b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>',
        "SHA256SUMS": b"%s  photo.jpg\n" % (b"a" * 64),
    }.items():
        (folder / name).write_bytes(data)
    film(folder / "film.mp4", 0.6)
    return folder


@pytest.mark.parametrize("seed", [1, 2])
def test_broken_files_crash_nothing_and_none_is_lost(fuzz: ModuleType, whole: Path, tmp_path: Path, seed: int) -> None:
    run = fuzz.Fuzz(tmp_path / "ws", "--engine", "local" if seed == 1 else "inline")
    run.batch("event", list(fuzz.mutations(fuzz.sources(whole), 40, seed)))
    assert run.tally.wrong == []
    assert sum(run.tally.outcomes.values()) == 40
    outcomes = {outcome for _, outcome, _ in run.tally.outcomes}
    assert {"published", "rejected"} <= outcomes, "some survive, some don't"


def test_the_same_seed_breaks_the_same_files_and_every_way_is_used(fuzz: ModuleType, whole: Path) -> None:
    files = fuzz.sources(whole)
    once, again = (list(fuzz.mutations(files, 200, 5)) for _ in range(2))
    assert once == again
    assert {name.split("-")[1].partition(".")[0] for name, _ in once} == set(fuzz.MUTATIONS)
