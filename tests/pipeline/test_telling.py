"""The page that an event's people read after a run: in their language, whole, and harmless."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from .conftest import LEAN, SETTINGS, Space
from .files import jpeg, picture

Make = Callable[..., Space]
WAITING = SETTINGS.replace("patience = 0", "patience = 3600")
EVENT = b'title = { fr = "F\xc3\xaate" }\ntimezone = "Europe/Brussels"\nlanguages = ["fr", "en"]\n'


class Page(HTMLParser):
    """The page's rows by its headings, and its tags."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.rows: dict[str, dict[str, str]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.part = self.name = ""
        self.feed(data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)
        if tag == "h2":
            self.part = dict(attrs)["id"] or ""
            self.rows[self.part] = {}

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "bdi" in self.open:
            self.name = data
        elif "td" in self.open:
            self.rows[self.part][self.name] = self.rows[self.part].get(self.name, "") + data


def fill(ws: Space, files: dict[str, bytes]) -> Path:
    folder = ws.root / "inbox" / "fete"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_people_read_in_their_language_what_became_of_each_file(space: Make) -> None:
    ws = space(settings=WAITING)
    one = jpeg(picture(1, (400, 300)))
    odd = "<img src=x onerror=alert(1)>.jpg"
    folder = fill(ws, {"event.toml": EVENT, "one.jpg": one, "again.jpg": one, "half.jpg": one[:9000], odd: b"<html>"})
    report = ws.run()
    page = Page((folder / "_report.html").read_bytes())
    assert page.rows["refused"][odd].startswith("C\N{RIGHT SINGLE QUOTATION MARK}est une page web")
    assert "interrompu" in page.rows["waiting"]["half.jpg"]
    assert re.search(r"Attend jusqu.au \d+ \S+ 20\d\d, \d\d:\d\d", page.rows["waiting"]["half.jpg"])
    assert page.rows["copies"]["one.jpg"].strip() == "Le même fichier que again.jpg."
    assert page.rows["taken"]["again.jpg"].strip() == "Publié"
    names = [name for rows in page.rows.values() for name in rows]
    assert sorted(names) == sorted({*names}), "once each"
    assert ("html", {"lang": "fr"}) in page.tags
    assert not {"script", "img", "link"} & {tag for tag, _ in page.tags}
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")
    archived = ws.root / "archive" / "reports" / "fete" / f"{report['run']}.html"
    assert archived.read_bytes() == (folder / "_report.html").read_bytes()
    assert (folder / "_report.html").stat().st_mode & 0o044 == 0o044, "others who use the share can read it"
    note = (folder / "_rejected" / f"{odd}.txt").read_text(encoding="utf-8")
    assert "C\N{RIGHT SINGLE QUOTATION MARK}est une page web" in note

    (folder / "half.jpg").unlink()
    (folder / "_rejected" / odd).unlink()
    fill(ws, {"two.jpg": jpeg(picture(2, (400, 300))), "party (1).jpg": one})
    ws.run()
    page = Page((folder / "_report.html").read_bytes())
    assert set(page.rows["taken"]) == {"two.jpg"}
    assert page.rows["copies"]["party (1).jpg"].startswith(
        "L\N{RIGHT SINGLE QUOTATION MARK}archive a ce fichier depuis le "
    )
    assert set(page.rows["earlier"]) == {"one.jpg", "again.jpg"}
    assert "refused" not in page.rows
    assert "waiting" not in page.rows, "what was taken away is no news"


def test_a_read_only_inbox_gets_no_page_and_the_archive_does(space: Make) -> None:
    ws = space(settings=SETTINGS.replace("[ingest]", '[ingest]\nmode = "keep"'))
    folder = fill(ws, {"one.jpg": jpeg(picture(1, (400, 300))), "note.txt": b"hello"})
    before = sorted(path.name for path in folder.iterdir())
    report = ws.run()
    assert sorted(path.name for path in folder.iterdir()) == before
    page = Page((ws.root / "archive" / "reports" / "fete" / f"{report['run']}.html").read_bytes())
    assert ("html", {"lang": "en"}) in page.tags
    assert page.rows["refused"]["note.txt"].startswith("This is a text file")


def test_links_that_a_stranger_put_into_the_inbox_are_never_written_through(space: Make, tmp_path: Path) -> None:
    ws = space()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "precious.txt").write_text("precious")
    one = jpeg(picture(1, (400, 300)))
    for event in ("a", "b"):
        (ws.root / "inbox" / event).mkdir(parents=True)
        (ws.root / "inbox" / event / "page.jpg").write_bytes(b"<html>")
        (ws.root / "inbox" / event / "one.jpg").write_bytes(one)
        (ws.root / "inbox" / event / "_report.html").symlink_to(mine / "precious.txt")
    (ws.root / "inbox" / "a" / "_rejected").symlink_to(mine)
    (ws.root / "inbox" / "b" / "_rejected").mkdir()
    (ws.root / "inbox" / "b" / "_rejected" / "page.jpg.txt").symlink_to(mine / "precious.txt")
    report = ws.run()
    assert [entry["code"] for entry in report["files"] if entry["path"].endswith("page.jpg")] == ["web-page"] * 2
    assert [path.name for path in mine.iterdir()] == ["precious.txt"]
    assert (mine / "precious.txt").read_text() == "precious"
    assert (ws.root / "inbox" / "a" / "page.jpg").exists(), "it stays, rather than leave through a link"
    assert (ws.root / "inbox" / "b" / "_rejected" / "page.jpg (2).txt").exists()


def test_a_file_under_the_name_of_another_one_is_told_what_became_of_that(space: Make) -> None:
    ws = space("again")
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    (folder / "event.toml").write_bytes(EVENT)
    for seed in (1, 2):
        (folder / "IMG_1.jpg").write_bytes(jpeg(picture(seed, (600, 400)), at=None))
        report = ws.run()
    page = Page((folder / "_report.html").read_bytes())
    said = page.rows["taken"]["IMG_1.jpg"]
    assert "un autre fichier du même nom est arrivé le" in said
    assert [entry["code"] for entry in report["files"] if entry["path"].endswith("IMG_1.jpg")] == ["namesake"]
    command = re.search(r"mediaarchive (hide p-\w+)", said)
    assert command
    assert ws.here(*command[1].split()).returncode == 0
    (left,) = ws.items("fete")
    assert left == next(entry["item"] for entry in report["files"] if entry["path"].endswith("IMG_1.jpg"))


def test_a_folder_that_came_from_a_mac_gets_its_page_and_what_is_taken_away_is_told_no_more(space: Make) -> None:
    ws = space(settings=LEAN.replace("patience = 0", "patience = 3600"))
    folder = ws.root / "inbox" / unicodedata.normalize("NFD", "Été à Liège")
    folder.mkdir()
    bad = folder / unicodedata.normalize("NFD", "mauvaise é.jpg")
    bad.write_bytes(b"<html>")
    (folder / "half.jpg").write_bytes(jpeg(picture(1, (300, 200)))[:-900])
    (folder / "a.jpg").write_bytes(jpeg(picture(2, (300, 200))))

    def problems() -> list[tuple[str, str]]:
        (event,) = json.loads(ws.here("status", "--json").stdout)["events"]
        return [(one["path"], one["outcome"]) for one in event["problems"]]

    ws.run_here()
    assert "mauvaise é.jpg" in (folder / "_report.html").read_text(encoding="utf-8")
    assert problems() == [("half.jpg", "waiting"), ("mauvaise é.jpg", "rejected")]
    (folder / "b.jpg").write_bytes(jpeg(picture(3, (300, 200))))
    (folder / "half.jpg").unlink()
    ws.run_here()
    assert "mauvaise é.jpg" in (folder / "_report.html").read_text(encoding="utf-8"), "it lies there still"
    assert problems() == [("mauvaise é.jpg", "rejected")], "nothing waits that isn't there"
    (folder / "_rejected" / bad.name).unlink()
    (folder / "c.jpg").write_bytes(jpeg(picture(4, (300, 200))))
    ws.run_here()
    assert "mauvaise é.jpg" not in (folder / "_report.html").read_text(encoding="utf-8")
    assert problems() == []


def test_the_log_says_of_which_event_a_file_is(space: Make) -> None:
    ws = space(settings=LEAN)
    for event in ("fete", "bal"):
        (ws.root / "inbox" / event).mkdir()
        (ws.root / "inbox" / event / "IMG_1.jpg").write_bytes(b"<html>")
    said = ws.call("run").stderr
    assert "fete/IMG_1.jpg: rejected" in said
    assert "bal/IMG_1.jpg: rejected" in said


@pytest.mark.parametrize("catalog", ["of now", "of before"])
def test_what_is_said_of_published_files_has_a_code_each_and_is_told_where_a_catalog_of_before_has_none(
    space: Make, catalog: str
) -> None:
    """A name that lies, a name that was taken, and a photograph that was moved to another event."""
    ws = space(settings=LEAN)
    poster = io.BytesIO()
    picture(9, (600, 400)).save(poster, "PNG")
    files = {"event.toml": EVENT, "poster.jpg": poster.getvalue(), "IMG_1.jpg": jpeg(picture(1, (600, 400)))}
    folder = fill(ws, files | {"away.jpg": jpeg(picture(3, (600, 400)))})
    codes = {Path(one["path"]).name: one["code"] for one in ws.run_here()["files"]}
    assert codes["poster.jpg"] == "misnamed"
    fill(ws, {"../other/x.jpg": jpeg(picture(4, (600, 400))), "IMG_1.jpg": jpeg(picture(2, (600, 400)))})
    codes = {Path(one["path"]).name: one["code"] for one in ws.run_here()["files"]}
    assert codes["IMG_1.jpg"] == "namesake"
    assert ws.here("move", "fete/away.jpg", "other").returncode == 0
    ws.run_here()
    told = Page((folder / "_report.html").read_bytes()).rows
    assert [said for rows in told.values() for name, said in rows.items() if name == "away.jpg"] == [
        "Publié dans « other », où il a été déplacé."
    ]
    fill(ws, {"away again.jpg": jpeg(picture(3, (600, 400)), model="Other")})
    ws.run_here()
    with sqlite3.connect(ws.root / "archive" / "catalog.db") as connection:
        if catalog == "of before":
            connection.execute("UPDATE history SET code = NULL WHERE verdict = 'published'")
    fill(ws, {"new.jpg": jpeg(picture(5, (600, 400)))})
    ws.run_here()
    told = {
        name: said for rows in Page((folder / "_report.html").read_bytes()).rows.values() for name, said in rows.items()
    }
    assert "son nom dit autre chose" in told["poster.jpg"]
    assert "un autre fichier du même nom est arrivé le" in told["IMG_1.jpg"]
    assert told["away again.jpg"].startswith("Publié dans « other », où il a été déplacé.")


def test_a_page_never_says_shown_of_what_was_withdrawn_since(space: Make) -> None:
    ws = space(settings=LEAN)
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    for seed in (1, 2):
        (folder / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (300, 200))))
    ws.run_here()
    item = json.loads(ws.here("why", "1.jpg", "--json").stdout)["found"][0]["item"]
    assert ws.here("takedown", item, "--reason", "consent-withdrawn").returncode == 0
    ws.run_here()
    told = (folder / "_report.html").read_text(encoding="utf-8")
    assert f"mediaarchive restore {item}" in told, "the newest page tells it, though nothing came in"
    assert told.count("Shown</td>") == 1
    assert "nothing of it was published" not in told
    assert json.loads(ws.here("why", "1.jpg", "--json").stdout)["found"][0]["answer"]["code"] == "withdrawn-since"
    assert "dropped again" not in ws.here("status").stdout
    (folder / "1.jpg").write_bytes(jpeg(picture(1, (300, 200))))
    assert [entry["code"] for entry in ws.run_here()["files"]] == ["withdrawn"]
    assert "dropped again: 1.jpg" in ws.here("status").stdout
    assert ws.here("restore", item).returncode == 0
    ws.run_here()
    assert (folder / "_report.html").read_text(encoding="utf-8").count("Shown</td>") == 2


@pytest.mark.parametrize("mode", ["move", "keep"])
def test_what_is_held_is_told_once_and_then_only_counted(tmp_path: Path, mode: str) -> None:
    space = Space(tmp_path / "ws")
    space.init(LEAN.replace("settle = 0", f'settle = 0\nmode = "{mode}"') + '[publish]\nmode = "hold"\n')
    folder = space.root / "inbox" / "fete"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg(picture(1, (300, 200))))
    (folder / "b.jpg").write_bytes(jpeg(picture(2, (300, 200))))
    first = space.here("run").stderr
    assert [name in first for name in ("fete/a.jpg: held", "fete/b.jpg: held", "As before")] == [True, True, False]
    (folder / "c.jpg").write_bytes(jpeg(picture(3, (300, 200))))
    second = space.here("run").stderr
    assert [name in second for name in ("a.jpg", "b.jpg", "fete/c.jpg: held")] == [False, False, True]
    assert "As before: 2 held. `mediaarchive status` lists them" in second
    assert space.here("run", "--json").stderr.count("warning") == 0
    assert space.here("run").returncode == 0
    assert space.here("status").stdout.count("  held: ") == 3
    if mode == "keep":
        assert space.run_here()["counts"] == {"held": 3}, "the report has every file, as ever"
    assert space.here("approve", "fete").returncode == 0
    assert "As before" not in space.here("run").stderr


def test_status_tells_the_first_of_many_files_how_many_more_there_are_and_where_all_of_them_are(
    space: Callable[..., Space],
) -> None:
    ws = space(settings=LEAN)
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    texts, pages = [f"{n:02}.jpg" for n in range(12)], [f"page {n}.jpg" for n in range(5)]
    for name in texts:
        (folder / name).write_text("a letter, not a photograph", encoding="utf-8")
    for name in pages:
        (folder / name).write_text("<!doctype html><title>Not found</title>", encoding="utf-8")
    ws.run_here()
    lines = ws.here("status").stdout.splitlines()
    assert [name for name in texts if any(f"rejected: {name}:" in line for line in lines)] == texts[:5]
    assert [name for name in pages if any(f"rejected: {name}:" in line for line in lines)] == pages
    assert "  rejected: 7 more with the code text" in lines
    assert not [line for line in lines if "more with the code web-page" in line]
    where = next(line for line in lines if "each of them" in line)
    folder = ws.root / "archive" / "reports" / "fete"
    assert "archive/reports/fete/" in where
    newest = max(folder.glob("*.html")).read_text(encoding="utf-8")
    whole = json.loads(ws.here("status", "--json").stdout)["events"][0]["problems"]
    assert {one["path"] for one in whole} == {*texts, *pages}
    assert all(name in newest for name in (*texts, *pages))


def test_status_tells_of_many_files_that_end_on_one_day_in_a_few_lines(space: Callable[..., Space]) -> None:
    ws = space(settings=LEAN)
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    for seed in range(8):
        (folder / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (300, 200))))
    rows = [f"{seed}.jpg,,,,given,{day}" for seed in range(8)]
    (folder / "texts.csv").write_text("\n".join(["path,lang,kind,text,consent,expires", *rows]), encoding="utf-8")
    ws.run_here()
    lines = [line for line in ws.here("status").stdout.splitlines() if line.startswith(f"{day}: ")]
    assert len(lines) == 6
    assert lines[-1] == f"{day}: 3 more like these: mediaarchive status --json"
    assert len(json.loads(ws.here("status", "--json").stdout)["coming"]) == 8
