"""`texts`: what nobody has described yet is counted, and comes as a sheet that can take the place of the one that is there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from mediaarchive.media.sheet import read_sheet

from .conftest import LEAN, Space
from .files import jpeg, picture

OLD = """\
Path;Consent;expires;lang;kind;text;note
one.jpg;given;31/12/2099;fr;alt;Une salle comble à l'été;
four.jpg;asked;;fr;alt;;à voir
three.jpg;refused;;;;;
"""


@pytest.fixture
def week(space: Callable[..., Space]) -> Space:
    """Two photographs shown of three, in French and English; the sheet was saved by a French spreadsheet."""
    ws = space("week", settings=LEAN)
    folder = ws.root / "inbox" / "Semaine 2025"
    folder.mkdir(parents=True)
    (folder / "event.toml").write_text('languages = ["fr", "en"]\n')
    for number, name in enumerate(("one", "=two", "three"), 1):
        (folder / f"{name}.jpg").write_bytes(jpeg(picture(number), at=f"2024:05:01 1{number}:00:00"))
    (folder / "texts.csv").write_bytes(OLD.encode("cp1252"))
    ws.run_here()
    return ws


def exported(ws: Space, target: Path, *arguments: str) -> list[dict[str, str]]:
    done = ws.here("texts", "export", "semaine-2025", str(target), *arguments)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"), newline=""), delimiter=";"))


def test_a_sheet_keeps_every_word_of_the_old_one_and_asks_for_what_is_missing(week: Space, tmp_path: Path) -> None:
    rows = exported(week, tmp_path / "new.csv")
    before, after = read_sheet(OLD.encode("cp1252")), read_sheet((tmp_path / "new.csv").read_bytes())
    assert (after.rows, after.consents) == (before.rows, before.consents)
    assert rows[1]["note"] == "à voir"
    asked = [(row["Path"], row["lang"], row["kind"], row["text"]) for row in rows[3:]]
    assert asked == [("one.jpg", "en", "alt", ""), ("'=two.jpg", "fr", "alt", ""), ("'=two.jpg", "en", "alt", "")]
    assert rows[3]["known"] == "fr: Une salle comble à l'été"
    assert Path(rows[3]["picture"].removeprefix("file://")).exists()
    assert [row["lang"] for row in exported(week, tmp_path / "english.csv", "--lang", "en")[3:]] == ["en", "en"]


def test_what_is_written_into_it_is_published_and_nothing_is_asked_twice(week: Space, tmp_path: Path) -> None:
    rows = exported(week, tmp_path / "new.csv")
    for row in rows[3:]:
        row["text"] = f"{row['Path']} {row['lang']}"
    with (week.root / "inbox" / "Semaine 2025" / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=";")
        table.writeheader()
        table.writerows(rows)
    week.run_here()
    [one, two] = week.items("semaine-2025").values()
    assert one["alt"]["en"]["text"] == "one.jpg en"
    assert {lang: text["text"] for lang, text in one["alt"].items()} == {
        "fr": "Une salle comble à l'été",
        "en": "one.jpg en",
    }
    assert two["alt"]["fr"]["state"] != "placeholder"
    assert json.loads(week.here("texts", "status", "--json").stdout)["events"] == [
        {"slug": "semaine-2025", "pictures": 2, "languages": {"fr": 2, "en": 2}, "drafts": {"fr": 0, "en": 0}}
    ]
    assert exported(week, tmp_path / "again.csv") == [
        {**row, "known": row["known"], "picture": row["picture"]} for row in rows
    ]


@pytest.mark.parametrize(("told", "parted"), [("", ";"), ("sep=|\n", "|")])
def test_words_beyond_the_last_heading_stay_and_what_is_written_can_be_read_again(
    week: Space, tmp_path: Path, told: str, parted: str
) -> None:
    old = f"{told}path;lang;kind;text\none.jpg;fr;alt;Deux personnes; une table;;\n".replace(";", parted)
    (week.root / "inbox" / "Semaine 2025" / "texts.csv").write_text(old, encoding="utf-8")
    assert week.run_here()["status"] == 0
    rows = exported(week, tmp_path / "new.csv")
    assert (rows[0]["text"], rows[0][""]) == ("Deux personnes", " une table")
    assert list(rows[0]) == ["path", "lang", "kind", "text", "", "picture", "known"], "empty columns don't grow"
    assert read_sheet((tmp_path / "new.csv").read_bytes()).rows == read_sheet(old.encode()).rows


def test_a_sheet_is_never_written_over(week: Space, tmp_path: Path) -> None:
    target = tmp_path / "texts.csv"
    target.write_text("mine")
    done = week.here("texts", "export", "semaine-2025", str(target))
    assert (done.returncode, target.read_text()) == (2, "mine")
    assert "is there already" in done.stderr


@pytest.mark.parametrize("arguments", [("nowhere",), ("semaine-2025", "--lang", "nl")])
def test_what_is_not_there_is_said_with_what_there_is(week: Space, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = week.here("texts", "export", arguments[0], str(tmp_path / "x.csv"), *arguments[1:])
    assert done.returncode == 2
    assert "→" in done.stderr
    assert not (tmp_path / "x.csv").exists()


def test_a_film_is_described_by_a_row_of_the_sheet_too(
    archived: tuple[Space, dict[str, object]], tmp_path: Path
) -> None:
    ws = archived[0].twin(tmp_path / "films")
    slug = "forum-des-communs-2025"
    ws.call("texts", "export", slug, str(tmp_path / "x.csv"))
    film = next(entry for entry in ws.items().values() if entry["type"] == "video")
    text = (tmp_path / "x.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.partition("\n")[0] else ","))
    wanted = [row for row in rows if film["id"] in row["picture"]]
    missing = {lang for lang, alt in film["poster"]["alt"].items() if alt["state"] == "placeholder"}
    assert {row["lang"] for row in wanted} == missing
    assert all(row["path"].endswith((".mp4", ".mov")) for row in wanted)


def test_lint_names_what_nobody_can_use_and_what_is_only_awkward(week: Space) -> None:
    assert week.here("texts", "lint").stdout == "Nothing speaks against the texts.\n"
    sheet = week.root / "inbox" / "Semaine 2025" / "texts.csv"
    rows = "one.jpg,fr,alt,Photo d'une salle comble\none.jpg,en,alt,IMG_0001.jpg\n'=two.jpg,en,alt,A full hall.\n"
    sheet.write_text(f"path,lang,kind,text\n{rows}three.jpg,en,alt,A full hall\n", encoding="utf-8")
    told = week.here("run").stdout
    assert "4 descriptions to look at again: mediaarchive texts lint semaine-2025" in told
    page = (sheet.parent / "_report.html").read_text(encoding="utf-8")
    assert "4 descriptions sont à relire : mediaarchive texts lint semaine-2025 dit lesquelles, et pourquoi." in page
    with mock.patch("mediaarchive.pipeline.answering.linting.lint", side_effect=AssertionError("known already")):
        assert week.run_here()["events"][0]["doubtful_texts"] == 4
    done = week.here("texts", "lint", "semaine-2025", "--json")
    assert done.returncode == 3
    [event] = json.loads(done.stdout)["events"]
    found = {(one["path"], one["lang"], one["finding"]["rule"]) for one in event["remarks"]}
    assert found == {
        ("one.jpg", "fr", "redundant-beginning"),
        ("one.jpg", "en", "says-nothing"),
        ("=two.jpg", "en", "same-as-another"),
        ("three.jpg", "en", "same-as-another"),
    }
    assert "one.jpg (en): error: it says nothing" in week.here("texts", "lint").stdout
    first = next(iter(week.items("semaine-2025").values()))
    assert first["alt"]["en"]["state"] == "placeholder"


def test_a_row_that_another_one_contradicts_is_named(week: Space) -> None:
    sheet = week.root / "inbox" / "Semaine 2025" / "texts.csv"
    rows = [
        ("one.jpg", "fr", "Une salle comble"),
        ("One.jpg", "FR", "Une salle vide"),
        ("one.jpg", "en", "A full hall"),
    ]
    lines = [f"{path},{lang},alt,{text}" for path, lang, text in (*rows, rows[2])]
    sheet.write_text("\n".join(["path,lang,kind,text", *lines, ""]), encoding="utf-8")
    week.run_here()
    [event] = json.loads(week.here("texts", "lint", "semaine-2025", "--json").stdout)["events"]
    said = [(one["text"], one["finding"]["rule"]) for one in event["remarks"] if one["finding"]["level"] == "error"]
    assert said == [("Une salle vide", "said-twice")], "the same words twice are no contradiction"
    assert any(entry["alt"]["fr"]["text"] == "Une salle comble" for entry in week.items("semaine-2025").values())


def test_a_name_that_promises_a_workbook_is_refused_and_an_old_name_of_the_event_is_understood(
    week: Space, tmp_path: Path
) -> None:
    done = week.here("texts", "export", "semaine-2025", str(tmp_path / "texts.xlsx"))
    assert (done.returncode, (tmp_path / "texts.xlsx").exists()) == (2, False)
    assert "texts.csv" in done.stderr
    week.here("event", "rename", "semaine-2025", "week-2025")
    [found] = json.loads(week.here("texts", "status", "semaine-2025", "--json").stdout)["events"]
    assert (found["slug"], found["pictures"]) == ("week-2025", 2)
    assert len(exported(week, tmp_path / "new.csv")) == 6


def test_a_picture_that_only_decorates_counts_as_described_and_is_silent_everywhere(
    week: Space, tmp_path: Path
) -> None:
    folder = week.root / "inbox" / "Semaine 2025"
    (folder / "four.jpg").write_bytes(jpeg(picture(4), at="2024:05:01 18:00:00"))
    (folder / "event.toml").write_text('languages = ["fr", "en"]\ndecorative = ["FOUR.jpg"]\n', encoding="utf-8")
    old = OLD.replace(
        "four.jpg;asked;;fr;alt;;à voir\n", "=two.jpg;;;fr;Décorative;;un motif\none.jpg;;;;decorative;;\n"
    )
    (folder / "texts.csv").write_text(old, encoding="utf-8")
    week.config.write_text(LEAN + '[[store]]\nname = "site"\nurl = "site"\nbase_url = "https://m.example.org"\n')
    week.run_here()
    one, two, four = week.items("semaine-2025").values()
    silent = {lang: {"text": "", "state": "decorative", "source": "sheet"} for lang in ("fr", "en")}
    assert two["alt"] == silent
    assert one["alt"] == silent | {"fr": {"text": "Une salle comble à l'été", "state": "provided", "source": "sheet"}}
    assert {text["source"] for text in four["alt"].values()} == {"event"}
    status = json.loads(week.here("texts", "status", "--json").stdout)["events"]
    assert status == [
        {"slug": "semaine-2025", "pictures": 3, "languages": {"fr": 3, "en": 3}, "drafts": {"fr": 0, "en": 0}}
    ]
    rows = exported(week, tmp_path / "new.csv")
    assert [row["kind"] for row in rows] == ["alt", "Décorative", "decorative", ""], (
        "kept, and nothing more is asked for"
    )
    lint = week.here("texts", "lint")
    assert "one.jpg (fr): warning: the picture is said to be decorative, too" in lint.stdout
    assert lint.stdout.count("[") == 1, lint.stdout
    page = (week.root / "site" / "events" / "semaine-2025" / "index.html").read_text(encoding="utf-8")
    assert page.count('alt=""') == 2
    assert page.count('aria-label="Ouvrir la page de cette photo"') == 2
    assert "Image décorative" in (week.root / "site" / two["page"]).read_text(encoding="utf-8")
    code = week.here("embed", two["id"]).stdout
    assert 'aria-label="Ouvrir la page de cette photo"><img' in code
    assert 'alt=""' in code
    assert (
        "alt (fr): (none: it is decorative) [sheet, from semaine-2025/texts.csv]" in week.here("why", two["id"]).stdout
    )
    assert week.here("export", two["id"], str(tmp_path / "out")).returncode == 0
    assert read_sheet((tmp_path / "out" / "texts.csv").read_bytes()).rows == [("=two.jpg", "", "decorative", "")]
    assert week.run_here()["jobs"]["planned"] == 0


def test_a_row_speaks_of_the_file_that_is_called_just_so_and_of_others_only_where_there_is_none(
    space: Callable[..., Space], tmp_path: Path
) -> None:
    ws = space("names", settings=LEAN)
    folder = ws.root / "inbox" / "fete"
    (folder / "day 2").mkdir(parents=True)
    names = ("photo.jpg", "PHOTO.JPG", "day 2/photo.jpg", "day 2/Other.JPG")
    for number, name in enumerate(names):
        (folder / name).write_bytes(jpeg(picture(number), at=f"2024:05:01 1{number}:00:00"))
    rows = "photo.jpg,en,alt,A dog\nother.jpg,en,alt,A cat\nphoto.jpg,,focus,0.1 0.2\nlost.jpg,en,alt,A bird\n"
    (folder / "texts.csv").write_text(f"path,lang,kind,text\n{rows}", encoding="utf-8")
    report = ws.run_here()
    shown = dict(zip(names, ws.items("fete").values(), strict=True))
    said = {name: one["alt"]["en"]["text"] for name, one in shown.items() if one["alt"]["en"]["state"] == "provided"}
    assert said == {"photo.jpg": "A dog", "day 2/Other.JPG": "A cat"}
    assert [name for name, one in shown.items() if one["focus"] == [0.1, 0.2]] == ["photo.jpg"]
    assert [
        one["from"] for one in json.loads(ws.here("why", shown["PHOTO.JPG"]["id"], "--json").stdout)["found"][0]["said"]
    ] == []
    sheet = next(one for one in report["files"] if one["path"].endswith("texts.csv"))
    assert (sheet["code"], report["status"]) == ("sheet-names", 0)
    assert "It describes files that this event doesn't have: lost.jpg." in sheet["reason"]
    assert ws.here("texts", "export", "fete", str(tmp_path / "new.csv")).returncode == 0
    asked = list(csv.DictReader(io.StringIO((tmp_path / "new.csv").read_text(encoding="utf-8-sig"))))[4:]
    assert {row["path"] for row in asked} == {"PHOTO.JPG", "day 2/photo.jpg"}


def test_a_placeholder_in_a_language_without_words_of_ours_says_which_language_it_is_in(
    space: Callable[..., Space],
) -> None:
    """A website would read English with an Arabic voice; what a person wrote in Arabic needs no such word."""
    ws = space(settings=LEAN)
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    (folder / "event.toml").write_text(
        'languages = ["ar", "fr-BE"]\ntitle = { ar = "معرض الربيع" }\n', encoding="utf-8"
    )
    for seed in (1, 2):
        (folder / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (300, 200))))
    (folder / "texts.csv").write_text("path,lang,kind,text\n1.jpg,ar,alt,أربعة أشخاص حول طاولة\n", encoding="utf-8")
    ws.run_here()
    said, unsaid = sorted(
        (entry["alt"] for entry in ws.items("fete").values()), key=lambda alt: alt["ar"]["state"] == "placeholder"
    )
    assert said["ar"] == {"text": "أربعة أشخاص حول طاولة", "state": "provided", "source": "sheet"}
    assert (unsaid["ar"]["lang"], unsaid["ar"]["state"]) == ("en", "placeholder")
    assert "Description to come." in unsaid["ar"]["text"]
    assert "lang" not in unsaid["fr-BE"], "French is French"
    one_language = json.loads((ws.root / "site/events/fete/manifest.ar.json").read_bytes())
    assert "en" in {text.get("lang") for item in one_language["items"] for text in _alts(item)}
    page = (ws.root / "site/events/fete/index.html").read_text(encoding="utf-8")
    assert 'lang="ar"' in page


def _alts(item: dict[str, Any]) -> list[dict[str, Any]]:
    return [item["alt"]] if "text" in item["alt"] else list(item["alt"].values())
