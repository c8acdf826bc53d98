"""What is shown of RAW files, Live Photos, edited versions and documents: one item each, and nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from PIL import Image

from .conftest import Space
from .files import film, jpeg, pdf, picture, raw

Make = Callable[..., Space]


def manifest(ws: Space, slug: str = "fete") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ws.manifest(slug))
    return found


def answers(report: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {entry["path"].rpartition("/")[2]: (entry["outcome"], entry["code"]) for entry in report["files"]}


def drop(ws: Space, **files: bytes) -> None:
    folder = ws.root / "inbox" / "fete"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def test_every_file_of_a_shot_becomes_one_item_and_is_kept(space: Make) -> None:
    ws = space("shots")
    one, two, three = picture(1), picture(2), picture(3)
    drop(
        ws,
        **{
            "DSC_0001.JPG": jpeg(one, at="2024:05:01 12:00:00"),
            "DSC_0001.DNG": raw(jpeg(one), at="2024:05:01 12:00:01"),
            "IMG_4120.JPG": jpeg(two, at="2024:05:01 13:00:00"),
            "IMG_E4120.JPG": jpeg(two.convert("L").convert("RGB").rotate(9), at="2024:05:01 13:00:00"),
            "IMG_0003.JPG": jpeg(three, at=None, model=None),
        },
    )
    film(ws.root / "inbox" / "fete" / "IMG_0003.MOV")
    report = ws.run()
    said = answers(report)
    assert said == {
        "DSC_0001.JPG": ("published", None),
        "DSC_0001.DNG": ("alternate", "sibling"),
        "IMG_4120.JPG": ("alternate", "sibling"),
        "IMG_E4120.JPG": ("published", None),
        "IMG_0003.JPG": ("published", None),
        "IMG_0003.MOV": ("alternate", "sibling"),
    }
    assert all(entry["reason"] for entry in report["files"] if entry["outcome"] == "alternate")
    assert manifest(ws)["counts"] == {"photo": 3, "video": 0, "document": 0, "tombstone": 0}
    assert len(ws.originals()) == 6
    before = ws.manifest("fete")
    assert ws.run()["files"] == []
    assert ws.manifest("fete") == before


def test_a_raw_file_alone_is_shown_by_its_preview_the_right_way_up(space: Make) -> None:
    ws = space("raw")
    drop(ws, **{"DSC_0002.DNG": raw(jpeg(picture(4), at=None, model=None), turn=6)})
    assert answers(ws.run()) == {"DSC_0002.DNG": ("published", None)}
    item = manifest(ws)["items"][0]
    assert (item["width"], item["height"]) == (800, 1200)
    assert item["taken"].startswith("2024-05-01T12:00:00")
    small = next(s for s in item["sources"] if s["type"] == "image/jpeg")["set"][0]
    with Image.open(ws.root / "site" / small["url"]) as shown:
        assert shown.height > shown.width
    drop(ws, **{"DSC_0002.JPG": jpeg(picture(4), turn=6)})
    assert answers(ws.run()) == {"DSC_0002.JPG": ("published", None)}
    again = manifest(ws)["items"]
    assert [entry["id"] for entry in again] == [item["id"]], "the address stays, the better picture is shown"


def test_a_raw_file_without_a_large_preview_is_kept(space: Make) -> None:
    ws = space("small")
    drop(ws, **{"DSC_0003.DNG": raw(jpeg(picture(5, (640, 480)))), "DSC_0004.DNG": raw(None)})
    assert answers(ws.run()) == {"DSC_0003.DNG": ("kept", "raw"), "DSC_0004.DNG": ("kept", "raw")}
    assert len(ws.originals()) == 2


def test_a_programme_is_published_as_it_is_with_a_cover_and_its_title(space: Make) -> None:
    ws = space("papers")
    named, unnamed = pdf(), pdf("Microsoft Word - prog_v3 final.docx", 1)
    drop(ws, **{"Le programme.pdf": named, "b.pdf": unnamed, "event.toml": b'title = { en = "The feast" }\n'})
    assert {outcome for outcome, _ in answers(ws.run()).values()} == {"published", "sidecar"}
    papers = {item["bytes"]: item for item in manifest(ws)["items"]}
    first, second = papers[len(named)], papers[len(unnamed)]
    assert [text["text"] for text in first["title"].values()] == ["Programme du forum"]
    assert first["pages"] == 2
    assert (ws.root / "site" / first["url"]).read_bytes() == named
    assert first["url"].rpartition("/")[2].startswith("document-")
    assert {text["state"] for text in second["title"].values()} == {"placeholder"}
    assert all(".pdf" not in text["text"] for item in papers.values() for text in item["cover"]["alt"].values())
    with Image.open(ws.root / "site" / first["cover"]["sources"][-1]["set"][-1]["url"]) as cover:
        assert cover.height > cover.width
        assert len(cover.convert("RGB").getcolors(1 << 24) or []) > 10
    page = (ws.root / "site" / first["page"]).read_text(encoding="utf-8")
    assert "Programme du forum" in page
    gallery = (ws.root / "site" / "events" / "fete" / "index.html").read_text(encoding="utf-8")
    assert first["url"] in gallery


def test_a_locked_or_damaged_programme_is_refused_with_what_to_do(space: Make) -> None:
    ws = space("locked")
    drop(ws, **{"locked.pdf": pdf(locked=True), "broken.pdf": b"%PDF-1.4\nnothing\n%%EOF\n"})
    report = ws.run()
    assert answers(report) == {"locked.pdf": ("rejected", "pdf-locked"), "broken.pdf": ("rejected", "pdf-damaged")}
    assert (ws.root / "inbox" / "fete" / "_rejected" / "locked.pdf").exists()


def test_a_photographer_s_folder_gives_the_credit_where_file_and_event_are_silent(space: Make) -> None:
    ws = space("credit")
    folder = ws.root / "inbox" / "fete"
    (folder / "Anna" / "day 2").mkdir(parents=True)
    (folder / "event.toml").write_text('[photographers]\nanna = "Anna Peeters"\n', encoding="utf-8")
    (folder / "Anna" / "day 2" / "a.jpg").write_bytes(jpeg(picture(6), at=None))
    (folder / "b.jpg").write_bytes(jpeg(picture(7), at="2024:05:01 12:00:00"))
    ws.run()
    rights = [item["rights"] for item in manifest(ws)["items"]]
    assert {(r.get("creator"), r.get("credit")) for r in rights} == {("Anna Peeters", "Anna Peeters"), (None, None)}
