"""The event's sheet in the format of whoever keeps it: CSV, XLSX or ODS, one of them, and beside an office program that is open."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from books import workbook

from .conftest import LEAN
from .files import jpeg, picture
from .test_consent import SLUG, Album, outcomes

HEADER = ("Chemin", "Langue", "Type", "Texte", "Consentement")


@pytest.fixture
def album(tmp_path: Path) -> Album:
    found = Album(tmp_path / "ws")
    found.here("init", str(found.root))
    found.config.write_text(LEAN + '[texts]\nlanguages = ["fr", "en"]\n', encoding="utf-8")
    found.drop()
    return found


def save(album: Album, rows: list[tuple[str, ...]], name: str = "texts.xlsx") -> dict[str, Any]:
    """Save a workbook, and run."""
    (album.folder / name).write_bytes(workbook(rows))
    return album.run_here()


def alt(album: Album, name: str) -> str:
    item = json.loads(album.here("why", f"{SLUG}/{name}.jpg", "--json").stdout)["found"][0]["item"]
    return str(album.items(SLUG)[item]["alt"]["fr"]["text"])


def test_a_workbook_is_read_like_texts_csv_and_its_mistakes_are_told_with_sheet_line_and_column(album: Album) -> None:
    report = save(album, [HEADER, ("a.jpg", "fr", "Alt", "Un chien", "oui"), ("b.jpg", "", "", "", "non")])
    assert outcomes(report)["b.jpg"] == ("held", "consent-refused")
    assert outcomes(report)["texts.xlsx"][0] == "sidecar"
    assert alt(album, "a") == "Un chien"
    assert (album.folder / "texts.xlsx").exists(), "people go on writing in it"
    kept = next((album.root / "archive" / "originals").rglob("*.xlsx"))
    assert kept.read_bytes() == (album.folder / "texts.xlsx").read_bytes()
    report = save(album, [HEADER, ("a.jpg", "fr", "alt", "Un chat", "peut-être")])
    told = next(entry for entry in report["files"] if entry["path"].endswith("texts.xlsx"))
    assert (told["outcome"], told["code"]) == ("rejected", "sheet-consent")
    assert 'texts.xlsx (List), line 2, column "Consentement": "peut-être"' in told["reason"]
    page = (album.folder / "_report.html").read_text(encoding="utf-8")
    assert "ligne 2, colonne" in page
    assert alt(album, "a") == "Un chien", "what it said before still holds"


def test_of_two_sheets_in_a_folder_the_one_that_was_read_counts_until_one_is_taken_away(album: Album) -> None:
    album.write("path,lang,kind,text,consent\na.jpg,fr,alt,Un chien,given\nb.jpg,,,,refused\n")
    album.drop(("d",))
    (album.folder / "e.jpg").write_bytes(jpeg(picture(7, (600, 400)), at=None))
    rows = [HEADER, ("a.jpg", "fr", "alt", "Un chat", "oui")]
    told = outcomes(report := save(album, rows))
    assert told["texts.xlsx"] == ("rejected", "sheet-twice")
    assert "texts.csv lies beside it" in str(report["files"])
    assert told["e.jpg"] == ("held", "sheet-unread"), "the sheet that isn't read may refuse it"
    page = (album.folder / "_report.html").read_text(encoding="utf-8")
    assert "texts.xlsx dit qui peut être montré, mais " in page
    assert alt(album, "a") == "Un chien"
    assert sorted(album.shown().values()) == ["photo"] * 3, "b.jpg is refused, e.jpg waits"
    (album.folder / "texts.csv").unlink()
    album.run_here()
    assert alt(album, "a") == "Un chat", "the workbook is the sheet now, and what the other said is over"
    assert sorted(album.shown().values()) == ["photo"] * 5
    exported = album.root.parent / "exported"
    assert album.here("export", SLUG, str(exported)).returncode == 0
    assert sorted(path.name for path in exported.glob("texts*")) == ["texts (2).csv", "texts.xlsx"], (
        "only one would count"
    )
    (album.folder / "texts.xlsx").unlink()
    album.write("path,lang,kind,text,consent\na.jpg,fr,alt,Un chien,given\nb.jpg,,,,refused\n")
    assert alt(album, "a") == "Un chien", "and back again"
    assert sorted(album.shown().values()) == ["photo"] * 4 + ["tombstone"]


def test_what_an_open_office_program_leaves_beside_a_sheet_is_ignored(album: Album) -> None:
    names = ("~$texts.xlsx", ".~lock.texts.csv#", ".~lock.texts.xlsx#")
    for name in names:
        (album.folder / name).write_bytes(b"officer, machine, 26.11.2026")
    told = outcomes(save(album, [HEADER, ("a.jpg", "fr", "alt", "Un chien", "oui")]))
    assert {told[name][0] for name in names} == {"ignored"}
    assert told["texts.xlsx"][0] == "sidecar"


def test_a_workbook_from_a_stranger_stops_nothing(album: Album) -> None:
    (album.folder / "texts.xlsx").write_bytes(b"PK\x03\x04" + bytes(5000))
    report = album.run_here()
    assert outcomes(report)["texts.xlsx"] == ("rejected", "sheet-unreadable")
    page = (album.folder / "_report.html").read_text(encoding="utf-8")
    assert re.search("texts.xlsx n.est pas lisible comme tableau", page)
    assert "texts.csv" not in page
    assert {outcomes(report)[f"{name}.jpg"] for name in "abcd"} == {("held", "sheet-unread")}
    (album.folder / "texts.xlsx").unlink()
    album.run_here()
    assert sorted(album.shown().values()) == ["photo"] * 4


def test_a_sheet_of_gaps_is_made_of_a_workbook_and_safe_to_open(album: Album, tmp_path: Path) -> None:
    formula = "=HYPERLINK(1).jpg"
    (album.folder / formula).write_bytes(jpeg(picture(9, (600, 400)), at=None))
    save(album, [HEADER, ("a.jpg", "fr", "alt", "Un chien", "oui"), ("b.jpg", "", "", "", "non")])
    target = tmp_path / "gaps.csv"
    done = album.here("texts", "export", SLUG, str(target), "--lang", "fr")
    assert "texts.xlsx is there: save it under that name and format" in done.stdout
    text = target.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert rows[0]["Texte"] == "Un chien"
    assert rows[1]["Consentement"] == "non"
    assert f"'{formula}" in {row["Chemin"] for row in rows}
    (album.folder / "texts.xlsx").unlink()
    written = text.replace(f"'{formula};fr;alt;", f"'{formula};fr;alt;Un lien")
    assert written != text
    album.write(written)
    found = json.loads(album.here("why", f"{SLUG}/{formula}", "--json").stdout)["found"][0]["item"]
    assert album.items(SLUG)[found]["alt"]["fr"]["text"] == "Un lien"


def test_a_file_whose_name_begins_with_a_blank_is_described_and_refused_by_it(album: Album, tmp_path: Path) -> None:
    for number, name in enumerate((" x.jpg", " b.jpg")):
        (album.folder / name).write_bytes(jpeg(picture(number), at=f"2024:05:01 1{number}:00:00"))
    album.run_here()
    sheet = tmp_path / "new.csv"
    album.here("texts", "export", SLUG, str(sheet))
    rows = [*csv.reader(io.StringIO(sheet.read_text(encoding="utf-8-sig"), newline=""), delimiter=";")]
    written = [
        [*row[:3], f"Une salle comble, vue de la porte {row[0][:-4]}", *row[4:]]
        for row in rows[1:]
        if row[0] != " b.jpg"
    ]
    text = "\n".join(";".join(cells) for cells in [rows[0], *written])
    (album.folder / "texts.csv").write_text(text, encoding="utf-8")
    report = album.run_here()
    assert "sheet-names" not in {entry["code"] for entry in report["files"]}, "its own sheet names what is there"
    assert alt(album, " x").endswith("porte  x")
    assert alt(album, "b").endswith("porte b")
    assert alt(album, " b").startswith("Photo, "), "where there is a b.jpg, that one is meant"
    album.write("path,consent\n x.jpg,refused\n")
    assert [*album.shown().values()].count("tombstone") == 1
