"""Consent and expiry as a communication officer keeps them, in the columns of texts.csv: what that does to each photograph."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .conftest import LEAN, Space
from .files import jpeg, picture

SLUG, NAMES = "fete", tuple("abcd")


class Album(Space):
    """An event of four photographs, `a.jpg` to `d.jpg`, and its sheet."""

    @property
    def folder(self) -> Path:
        return self.root / "inbox" / SLUG

    def drop(self, names: tuple[str, ...] = NAMES) -> None:
        self.folder.mkdir(exist_ok=True)
        for name in names:
            (self.folder / f"{name}.jpg").write_bytes(jpeg(picture(ord(name), (600, 400)), at=None))

    def write(self, text: str) -> dict[str, Any]:
        """Save the sheet, and run."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "texts.csv").write_text(text, encoding="utf-8")
        return self.run_here()

    def ids(self) -> dict[str, str]:
        """The published items, by the names of their files."""
        return {
            name: json.loads(self.here("why", f"{SLUG}/{name}.jpg", "--json").stdout)["found"][0]["item"]
            for name in NAMES
        }

    def shown(self) -> dict[str, str]:
        return {item: entry["type"] for item, entry in self.items(SLUG).items()}


def outcomes(report: Mapping[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in report["files"]}


@pytest.fixture
def album(tmp_path: Path) -> Album:
    found = Album(tmp_path / "ws")
    found.here("init", str(found.root))
    found.config.write_text(LEAN + '[texts]\nlanguages = ["fr", "en"]\n', encoding="utf-8")
    return found


def test_what_is_refused_or_asked_for_is_never_published_and_the_report_says_so(album: Album) -> None:
    album.drop()
    report = album.write("path;consent\na.jpg;refusé\nb.jpg;demandé\nC.JPG;donné\n")
    told = outcomes(report)
    assert (told["a.jpg"], told["b.jpg"]) == (("held", "consent-refused"), ("held", "consent-asked"))
    assert told["c.jpg"][0] == told["d.jpg"][0] == "published"
    assert report["status"] == 0, "it is what was asked for, no problem to be alarmed by"
    assert sorted(album.shown().values()) == ["photo", "photo"]
    page = (album.folder / "_report.html").read_text(encoding="utf-8")
    assert "accord a été refusé" in page
    assert "consent-refused" in album.here("status", "--json").stdout
    album.write("path;consent\na.jpg;donné\nb.jpg;donné\n")
    assert sorted(album.shown().values()) == ["photo"] * 4


def test_a_refusal_after_publication_withdraws_with_a_notice_and_a_receipt_and_stays_the_same_day(album: Album) -> None:
    album.drop()
    album.run_here()
    ids = album.ids()
    before = album.manifest(SLUG)
    album.write("path,lang,kind,text,consent\na.jpg,en,alt,A square,withdrawn\n")
    stone = album.items(SLUG)[ids["a"]]
    assert (stone["type"], stone["reason"]) == ("tombstone", "consent-withdrawn")
    assert not list((album.root / "site" / "media" / ids["a"]).glob("*-*")), "none of its files is left"
    receipts = list((album.root / "archive" / "receipts").glob("*.json"))
    assert len(receipts) == 1
    assert json.loads(receipts[0].read_text())["complete"]
    after = album.manifest(SLUG)
    later = "path,lang,kind,text,consent\na.jpg,en,alt,A square,refused\nb.jpg,,,,given\n"
    (album.folder / "texts.csv").write_text(later, encoding="utf-8")
    album.run_on("2099-01-01")
    assert album.items(SLUG)[ids["a"]]["removed"] == stone["removed"], "it was withdrawn when it was first refused"
    assert json.loads(after)["items"] == json.loads(album.manifest(SLUG))["items"]
    album.write("path,lang,kind,text,consent\na.jpg,en,alt,,given\n")
    assert album.manifest(SLUG) == before, "consent was given after all: the same page as before"


def test_what_was_refused_comes_back_by_no_copy_in_any_event(album: Album) -> None:
    album.drop()
    album.write("path,consent\na.jpg,refused\n")
    other = album.root / "inbox" / "other"
    other.mkdir()
    small = Image.open(io.BytesIO(jpeg(picture(ord("a"), (600, 400))))).resize((480, 320))
    small.save(other / "IMG-WA1.jpg", quality=70)
    report = album.run_here()
    assert outcomes(report)["IMG-WA1.jpg"] == ("held", "consent-refused")
    assert not (album.root / "site" / "events" / "other" / "manifest.json").exists() or not album.items("other")


def test_consent_asked_for_later_takes_off_the_page_without_a_notice_until_it_is_given(album: Album) -> None:
    album.drop()
    album.run_here()
    ids, before = album.ids(), album.manifest(SLUG)
    album.write("path,consent\nb.jpg,pending\n")
    assert ids["b"] not in album.shown()
    assert not [p for p in (album.root / "site" / "media" / ids["b"]).glob("*") if p.is_file()]
    album.write("path,consent\nb.jpg,given\n")
    assert album.manifest(SLUG) == before


def test_a_date_in_the_sheet_withdraws_on_its_day_and_status_tells_before(album: Album) -> None:
    album.drop()
    album.write("path;expires\na.jpg;01/06/2098\n")
    ids, before = album.ids(), album.manifest(SLUG)
    album.run_on("2098-05-31")
    assert album.manifest(SLUG) == before
    album.run_on("2098-06-01")
    stone = album.items(SLUG)[ids["a"]]
    assert (stone["type"], stone["removed"], stone["reason"]) == ("tombstone", "2098-06-01", "rights-expired")
    assert [kind for item, kind in album.shown().items() if item != ids["a"]] == ["photo"] * 3


def test_a_person_s_restore_beats_an_earlier_refusal_and_a_later_refusal_beats_it(album: Album) -> None:
    album.drop()
    album.write("path,consent,expires\na.jpg,,2020-01-01\n")
    assert sorted(album.shown().values()) == ["photo"] * 3, "what was never shown has no notice"
    album.write("path,consent,expires\na.jpg,,\n")
    ids = album.ids()
    album.write("path,consent,expires\na.jpg,refused,2020-01-01\n")
    assert album.shown()[ids["a"]] == "tombstone"
    assert album.here("restore", ids["a"]).returncode == 0
    assert album.shown()[ids["a"]] == "photo"
    album.write("path,consent,expires\na.jpg,asked,2020-01-01\n")
    assert ids["a"] not in album.shown()
    album.run_on("2098-01-01")
    (album.folder / "texts.csv").write_text("path,consent,expires\na.jpg,refused,2020-01-01\n", encoding="utf-8")
    album.run_on("2098-01-02")
    assert album.shown()[ids["a"]] == "tombstone", "the older date is over by the restore; the new refusal isn't"


def test_while_a_sheet_that_says_who_may_be_shown_cannot_be_read_nothing_new_is_published(album: Album) -> None:
    album.drop(("a", "b"))
    report = album.write("path,consent,expires\nb.jpg,given,\na.jpg,refused,soon\n")
    told = outcomes(report)
    assert told["texts.csv"] == ("rejected", "sheet-date")
    assert told["a.jpg"] == told["b.jpg"] == ("held", "sheet-unread")
    assert report["status"] == 3
    album.write("path,consent,expires\nb.jpg,given,\na.jpg,refused,\n")
    assert list(album.shown().values()) == ["photo"]
    album.drop(("c",))
    album.write("path,lang,kind,text\nb.jpg,en,legend,x\n")
    assert list(album.shown().values()) == ["photo"] * 2, "a sheet of texts alone holds nothing back"


def test_a_name_that_no_file_has_is_told_until_it_has_one(album: Album) -> None:
    album.drop(("a",))
    report = album.write("path,consent\nIMG_1.jpg,refused\na.jpg,given\n")
    told = next(entry for entry in report["files"] if entry["path"].endswith("texts.csv"))
    assert (told["outcome"], told["code"]) == ("sidecar", "sheet-names")
    assert "img_1.jpg" in told["reason"]
    album.drop(("b",))
    (album.folder / "b.jpg").rename(album.folder / "IMG_1.JPG")
    report = album.run_here()
    assert outcomes(report)["IMG_1.JPG"] == ("held", "consent-refused")
    assert outcomes(report)["texts.csv"] == ("sidecar", None)


def test_what_the_sheet_says_is_exported_with_the_photograph_and_holds_where_it_is_dropped_again(
    album: Album, tmp_path: Path
) -> None:
    album.drop()
    album.write("path,lang,kind,text,consent,expires\na.jpg,en,alt,A square,given,2097-05-01\n")
    assert album.here("export", album.ids()["a"], str(tmp_path / "out")).returncode == 0
    with (tmp_path / "out" / "texts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["kind"], row["text"]) for row in rows} == {("alt", "A square"), ("", "")}
    assert [(row["consent"], row["expires"]) for row in rows if row["consent"]] == [("given", "2097-05-01")]
    twin = Album(tmp_path / "twin")
    twin.here("init", str(twin.root))
    twin.config.write_text(LEAN, encoding="utf-8")
    (tmp_path / "out").rename(twin.folder)
    twin.run_here()
    twin.run_on("2097-05-01")
    assert [entry["type"] for entry in twin.items(SLUG).values()] == ["tombstone"]


def test_an_event_under_another_name_and_a_new_catalog_know_what_the_sheet_said(album: Album) -> None:
    album.drop()
    album.write("path,consent\na.jpg,refused\n")
    assert album.here("event", "rename", SLUG, "party").returncode == 0
    for path in (album.root / "archive").glob("catalog.db*"):
        path.unlink()
    album.run_here()
    assert sorted(entry["type"] for entry in album.items("party").values()) == ["photo"] * 3
