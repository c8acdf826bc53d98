"""Duplicates over several days: what comes later takes over or is known, what was decided holds, no original is ever lost.

Numbers are those of the promises in `test_duplicates`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from mediaarchive.pipeline import worker

from .conftest import LEAN
from .edits import scene, sent, shot
from .evening import Kept, tidy, workspace

SHOWN = ("published", None)
COPY = ("alternate", "copy")


@pytest.fixture
def ws(tmp_path: Path) -> Kept:
    return workspace(tmp_path / "ws")


def test_16_two_crops_that_are_published_stay_two_when_the_whole_arrives(ws: Kept) -> None:
    """Each is a part of it, and neither is a part of the other: no machine makes one item of two."""
    whole = scene(16)
    ws.drop("e", {"left.jpg": sent(whole.crop((0, 0, 640, 800))), "right.jpg": sent(whole.crop((560, 0, 1200, 800)))})
    ws.run_here()
    before = set(ws.items("e"))
    assert len(before) == 2
    ws.drop("e", {"whole.jpg": shot(whole)})
    ws.run_here()
    assert set(ws.items("e")) == before
    assert len(ws.pairs("e")) == 1


def test_4_the_original_that_comes_a_day_after_the_messenger_s_copy_takes_over(ws: Kept) -> None:
    """Id, page and stable addresses stay; what people linked to lives until gc; what a person wrote stays on the page."""
    sheet = "path,lang,kind,text\nIMG-WA0004.jpg,en,caption,The mayor opens the forum\n"
    ws.drop("e", {"IMG-WA0004.jpg": sent(scene(4)), "texts.csv": sheet.encode()})
    ws.run_here()
    (before,) = ws.items("e").values()
    said = {"caption": {"en": "Opening, by Anna"}, "creator": "Anna Peeters", "copyright": "(c) Anna Peeters"}
    ws.drop("e", {"DSC_4.jpg": shot(scene(4), **said)})
    assert ws.told(ws.run_here(), "e")["DSC_4.jpg"] == SHOWN
    (after,) = ws.items("e").values()
    assert {name: after[name] for name in ("id", "page", "stable")} == {
        name: before[name] for name in ("id", "page", "stable")
    }
    assert (after["width"], after["rights"]["creator"]) == (1200, "Anna Peeters")
    assert after["caption"]["en"]["text"] == "The mayor opens the forum"
    old = ws.root / "site" / before["sources"][0]["set"][0]["url"]
    assert old.exists()
    ws.here("gc", "--yes", "--grace", "0")
    said_by = {(one["kind"], one["source"], one["from"]) for one in ws.why(after["id"])[0]["said"]}
    assert said_by >= {("caption", "sheet", "texts.csv"), ("creator", "embedded", "DSC_4.jpg")}


def test_an_export_from_lightroom_gives_its_caption_and_credit_to_the_camera_s_original(ws: Kept) -> None:
    """Both days' orders: the export is a copy, and what it says is shown, with where it comes from."""
    said = {
        "caption": {"en": "Anna laughs"},
        "alt": {"en": "A woman with short hair laughs"},
        "creator": "Piet Claes",
        "copyright": "(c) Piet Claes",
    }
    export = shot(scene(30).resize((1024, 683)), quality=80, **said)
    ws.drop("e", {"DSC_30.jpg": shot(scene(30), quality=95), "DSC_30-export.jpg": export})
    report = ws.run_here()
    assert ws.told(report, "e") == {"DSC_30.jpg": SHOWN, "DSC_30-export.jpg": COPY}
    reason = next(entry["reason"] for entry in report["files"] if entry["outcome"] == "alternate")
    assert reason.endswith("From it come: alt, caption, credit.")
    assert "the caption" in (ws.root / "inbox/e/_report.html").read_text(encoding="utf-8")
    (item,) = ws.items("e").values()
    assert (item["width"], item["rights"]["creator"]) == (1200, "Piet Claes")
    assert (item["caption"]["en"]["text"], item["caption"]["en"]["source"]) == ("Anna laughs", "embedded")
    assert item["alt"]["en"]["text"] == "A woman with short hair laughs"
    assert {one["from"] for one in ws.why(item["id"])[0]["said"]} == {"DSC_30-export.jpg"}
    assert "Anna laughs [embedded, from e/DSC_30-export.jpg]" in ws.here("why", item["id"]).stdout
    assert b"export" not in ws.manifest("e"), "what a file is called is nobody's business"


def test_13_a_file_that_the_archive_has_is_reported_and_changes_nothing(ws: Kept) -> None:
    data = shot(scene(13))
    ws.drop("e", {"DSC_13.jpg": data})
    ws.run_here()
    before, originals = ws.manifest("e"), ws.originals()
    ws.drop("e", {"again.jpg": data})
    report = ws.run_here()
    assert ws.told(report, "e") == {"again.jpg": ("known", "known")}
    assert (ws.manifest("e"), ws.originals(), report["jobs"]["planned"]) == (before, originals, 0)


def test_15_what_a_person_keeps_apart_stays_apart_under_a_new_algorithm(
    ws: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.drop("e", {"DSC_15.jpg": shot(scene(15)), "IMG-WA0015.jpg": sent(scene(15))})
    ws.run_here()
    assert len(ws.items("e")) == 1
    assert ws.here("dedupe", "never", "DSC_15.jpg", "IMG-WA0015.jpg").returncode == 0
    assert len(ws.items("e")) == 2
    newer = replace(worker.PROVE, version=worker.PROVE.version + 1)
    monkeypatch.setattr("mediaarchive.pipeline.making.proving.PROVE", newer)
    monkeypatch.setattr("mediaarchive.pipeline.worker.PROVE", newer)
    ws.run_here()
    assert len(ws.items("e")) == 2
    assert ws.pairs("e") == set(), "nor is it proposed again"


@pytest.mark.parametrize("seed", [1, 2])
def test_17_the_order_of_the_files_and_the_number_of_workers_decide_nothing(tmp_path: Path, seed: int) -> None:
    """The same contents under shuffled names; in one process, and by two workers."""
    files = tidy(60)
    names = [f"{place:02}.jpg" for place in range(len(files))]
    Random(seed).shuffle(names)
    one, two = workspace(tmp_path / "one"), workspace(tmp_path / "two", LEAN.replace('kind = "inline"', "workers = 2"))
    one.drop("e", files)
    two.drop("e", dict(zip(names, files.values(), strict=True)))
    one.run_here()
    two.run_here()
    assert len(one.decided()) > 5
    assert two.decided() == one.decided()


def test_19_no_run_no_decision_and_no_withdrawal_loses_an_original(ws: Kept) -> None:
    """Every command of these tests is looked at by `Kept.here`; this is a month of them."""
    ws.drop("e", tidy(70))
    ws.run_here()
    came = ws.originals()
    assert len(came) == len(tidy(70)) - 1, "all but the broken one, which lies in _rejected"
    first, second, *_ = ws.items("e")
    for command in (
        ("dedupe", "never", "a.jpg", "a again.jpg"),
        ("dedupe", "same", "a.jpg", "a again.jpg"),
        ("dedupe", "master", "a grey.jpg"),
        ("takedown", first, "--reason", "quality"),
        ("hide", second),
        ("gc", "--yes", "--grace", "0"),
        ("restore", first),
        ("run",),
    ):
        assert ws.here(*command).returncode in {0, 2, 3}, command
    ws.drop("e", tidy(70))
    ws.run_here()
    assert ws.originals() == came
