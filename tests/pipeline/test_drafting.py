"""Drafts of alternative texts, from a server on a socket to the page: nothing of a machine counts before a person says so."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from books import workbook
from chat_server import SAID, Asked, ChatServer, Say, completion, described

from .conftest import LEAN, Space
from .files import film, frame, jpeg, picture

SLUG, FOLDER = "semaine-2025", "Semaine 2025"
KEY = "sk-abcdefghijklmnop"  # nobody's
EVENT = (
    'languages = ["fr", "en"]\ntitle = {fr = "Semaine des communs", en = "Commons Week"}\nplace = {fr = "Bruxelles"}\n'
)
ENGINE = """\
[texts]
drafts = "hold"
[texts.engine]
kind = "chat"
model = "eyes"
api_key_env = "EYES_KEY"
timeout = 5
url = """


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as running:
        yield running


@pytest.fixture
def week(space: Callable[..., Space], server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> Space:
    """Three photographs in French and English, of which a person described one in French."""
    monkeypatch.setenv("EYES_KEY", KEY)
    ws = space("week", settings=LEAN.replace("[160]", "[160, 1280]") + f'{ENGINE}"{server.url}"\n')
    folder = ws.root / "inbox" / FOLDER
    folder.mkdir(parents=True)
    (folder / "event.toml").write_text(EVENT, encoding="utf-8")
    for number, name in enumerate(("one", "two", "three"), 1):
        (folder / f"{name}.jpg").write_bytes(jpeg(picture(number, (1600, 1000)), at=f"2024:05:01 1{number}:00:00"))
    (folder / "texts.csv").write_text("path;lang;kind;text\none.jpg;fr;alt;Une salle comble\n", encoding="utf-8")
    ws.run_here()
    return ws


def flag(ws: Space) -> None:
    ws.config.write_text(ws.config.read_text().replace('drafts = "hold"', 'drafts = "flag"'), encoding="utf-8")


def drafted(ws: Space, *arguments: str, status: int = 0) -> dict[str, Any]:
    done = ws.here("texts", "draft", SLUG, "--json", *arguments)
    assert done.returncode == status, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def exported(ws: Space, target: Path) -> list[dict[str, str]]:
    done = ws.here("texts", "export", SLUG, str(target))
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"), newline=""), delimiter=";"))


def put_back(ws: Space, rows: list[dict[str, str]]) -> None:
    """Save a sheet into the inbox, and run."""
    with (ws.root / "inbox" / FOLDER / "texts.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=";")
        table.writeheader()
        table.writerows(rows)
    report = ws.run_here()
    assert report["status"] == 0, report


def alts(ws: Space) -> list[dict[str, dict[str, str]]]:
    """The alternative texts of the photographs one, two, three."""
    return [entry["alt"] for entry in ws.items(SLUG).values()]


def files(ws: Space) -> set[str]:
    """The addresses of all renditions."""
    return {key for key in ws.published() if re.fullmatch(r"media/[^/]+/[\w-]+-[0-9a-f]{8}\.\w+", key)}


def page(ws: Space) -> str:
    return (ws.root / "site" / "events" / SLUG / "index.html").read_text(encoding="utf-8")


def test_from_the_machine_to_the_sheet_to_the_page_and_only_by_a_person_s_word(
    week: Space, server: ChatServer, tmp_path: Path
) -> None:
    before, addresses = week.published(), files(week)
    done = drafted(week)
    [event] = done["events"]
    assert (event["pictures"], event["drafts"], event["unfit"], event["failed"]) == (3, {"fr": 2, "en": 3}, [], [])
    assert (done["calls"], done["tokens"], done["stopped"]) == (3, 3000, None)
    assert [asked.languages for asked in server.asked] == [["en"], ["fr", "en"], ["fr", "en"]]
    for asked in server.asked:
        assert len(asked.jpegs) == 1
        with asked.image as image:
            assert image.size == (1024, 640)
            assert not image.getexif()
        assert "Maker" not in asked.prompt
        assert '- event: "Semaine des communs"' in asked.prompt
        assert '- place: "Bruxelles"' in asked.prompt
        assert '- day: "2024-05-01"' in asked.prompt
    assert "fr: Une salle comble" in server.asked[0].prompt, "what a person said in another language helps"
    week.run_here()
    assert week.published() == before, "nothing is published of it"
    status = week.here("texts", "status").stdout
    assert "fr: 1 described, 2 not yet (2 drafts to read)" in status
    assert "en: 0 described, 3 not yet (3 drafts to read)" in status

    rows = exported(week, tmp_path / "new.csv")
    shown = [(row["path"], row["lang"], row["text"], row["draft"], row["ok"]) for row in rows]
    assert shown == [
        ("one.jpg", "fr", "Une salle comble", "", ""),
        ("one.jpg", "en", "", SAID["en"], ""),
        ("two.jpg", "fr", "", SAID["fr"], ""),
        ("two.jpg", "en", "", SAID["en"], ""),
        ("three.jpg", "fr", "", SAID["fr"], ""),
        ("three.jpg", "en", "", SAID["en"], ""),
    ]
    put_back(week, rows)
    assert [alt["fr"]["state"] for alt in alts(week)] == ["provided", "placeholder", "placeholder"]
    assert SAID["fr"] not in page(week), "a sheet that goes back unread publishes nothing"

    rows[2]["ok"] = "ok"
    rows[3]["ok"], rows[3]["draft"] = "OK", "Four people sit at a table."
    rows[4]["text"] = "Une table vide."
    rows[5]["ok"] = "no"
    put_back(week, rows)
    one, two, three = alts(week)
    said = {"state": "provided", "source": "sheet"}
    assert one["en"]["state"] == "placeholder"
    assert two == {"fr": {"text": SAID["fr"], **said}, "en": {"text": "Four people sit at a table.", **said}}
    assert three["fr"] == {"text": "Une table vide.", **said}
    assert three["en"]["state"] == "placeholder"
    assert f'alt="{SAID["fr"]}"'.replace("'", "&#39;") in page(week)
    assert files(week) == addresses, "no picture has another address for it"
    assert "en: 1 described, 2 not yet (1 draft to read)" in week.here("texts", "status").stdout
    assert exported(week, tmp_path / "again.csv") == rows, "every answer stays as it was given"
    asked = len(server.asked)
    drafted(week, "--again")
    assert [one.languages for one in server.asked[asked:]] == [["en"]], "a no is not asked about again"


def test_what_was_asked_is_not_asked_again_until_somebody_wants_it(week: Space, server: ChatServer) -> None:
    drafted(week, "--limit", "1")
    assert len(server.asked) == 1
    drafted(week, "--lang", "en")
    assert [asked.languages for asked in server.asked[1:]] == [["en"], ["en"]]
    drafted(week)
    assert [asked.languages for asked in server.asked[3:]] == [["fr"], ["fr"]]
    assert drafted(week)["calls"] == 0
    assert len(server.asked) == 5
    drafted(week, "--again")
    assert [asked.languages for asked in server.asked[5:]] == [["en"], ["fr", "en"], ["fr", "en"]]


def test_what_is_unfit_is_never_shown_and_another_model_gets_a_chance(
    week: Space, server: ChatServer, tmp_path: Path
) -> None:
    texts = {"fr": "Marie Dupont parle au public.", "en": "Two people are probably waiting for a train."}
    server.then = [
        Say(completion(json.dumps({"texts": texts}))),
        Say(completion(json.dumps({"texts": {"fr": SAID["en"]}}))),
        Say(completion("I'm sorry, I can't.")),
        Say(completion("I'm sorry, I can't.")),
    ]
    [event] = drafted(week)["events"]
    assert event["drafts"] == {}
    assert [(one["path"], one["lang"], one["rule"]) for one in event["unfit"]] == [
        ("one.jpg", "en", "guess"),
        ("two.jpg", "fr", "other-language"),
        ("two.jpg", "en", "no-text"),
        ("three.jpg", "fr", "no-text"),
        ("three.jpg", "en", "no-text"),
    ]
    flag(week)
    week.run_here()
    assert {alt["en"]["state"] for alt in alts(week)} == {"placeholder"}
    assert "draft" not in exported(week, tmp_path / "new.csv")[0], "nothing is there to be read"
    assert drafted(week)["calls"] == 0, "the same machine would say the same"
    week.config.write_text(week.config.read_text().replace('"eyes"', '"better eyes"'), encoding="utf-8")
    assert drafted(week)["events"][0]["drafts"] == {"fr": 2, "en": 3}
    week.config.write_text(week.config.read_text().replace('"better eyes"', '"best eyes"'), encoding="utf-8")
    assert drafted(week)["calls"] == 0, "what may be read is there, whoever wrote it"


def test_flagged_drafts_are_published_as_what_they_are_and_give_way_to_every_person(
    week: Space, tmp_path: Path
) -> None:
    addresses = files(week)
    week.config.write_text(week.config.read_text() + "[download]\nmake = true\n", encoding="utf-8")
    flag(week)
    week.run_here()
    with_downloads = files(week)
    assert with_downloads > addresses
    drafted(week)
    told = week.here("run").stdout
    assert "3 without a full description" in told, "a draft is nobody's word"
    assert files(week) == with_downloads, "no rendition carries a draft"
    one, two, _ = alts(week)
    assert one["fr"] == {"text": "Une salle comble", "state": "provided", "source": "sheet"}
    assert two["fr"] == {"text": SAID["fr"], "state": "draft", "source": "model"}
    shown = page(week)
    assert "(description automatique, non relue, peut-être fausse)" in shown
    assert shown.count("Description automatique, non relue, peut-être fausse") == 2
    english = (week.root / "site" / "events" / SLUG / "index.en.html").read_text(encoding="utf-8")
    assert f"{SAID['en']} (automatic description, not reviewed, may be wrong)" in english
    linked = re.findall(r'<script type="application/ld\+json">(.*?)</script>', shown, re.DOTALL)
    assert linked
    assert not any(SAID["fr"][:20] in one for one in linked), "search engines are told people's words alone"
    status = json.loads(week.here("texts", "status", "--json").stdout)["events"]
    assert status == [{"slug": SLUG, "pictures": 3, "languages": {"fr": 1, "en": 0}, "drafts": {"fr": 2, "en": 3}}]
    second = list(week.items(SLUG))[1]
    assert f"alt (fr): {SAID['fr']} [model]" in week.here("why", second).stdout
    week.here("export", second, str(tmp_path / "out"))
    assert SAID["fr"] not in "".join(path.read_text() for path in (tmp_path / "out").glob("*.csv"))

    before = week.manifest(SLUG)
    for path in (week.root / "archive").glob("catalog.db*"):
        path.unlink()
    week.run_here()
    assert week.manifest(SLUG) == before, "they aren't in the catalog, which may be lost"

    rows = exported(week, tmp_path / "new.csv")
    assert [row["draft"] for row in rows[1:]] == [SAID["en"], SAID["fr"], SAID["en"], SAID["fr"], SAID["en"]]
    rows[2]["ok"], rows[4]["ok"] = "no", "ok"
    put_back(week, rows)
    _, two, three = alts(week)
    assert two["fr"]["state"] == "placeholder", "what a person refuses is off the page"
    assert three["fr"] == {"text": SAID["fr"], "state": "provided", "source": "sheet"}
    assert files(week) >= addresses


def test_drafts_go_with_the_picture_in_the_archive_and_in_the_mirror(week: Space) -> None:
    mirror = week.root.parent / "mirror"
    week.config.write_text(week.config.read_text() + f'[originals]\nmirror = "{mirror}"\n', encoding="utf-8")
    drafted(week)
    week.run_here()
    kept = {path.name for path in (week.root / "archive" / "drafts").rglob("*.json")}
    assert len(kept) == 3
    assert {path.name for path in (mirror / "drafts").rglob("*.json")} == kept
    second = list(week.items(SLUG))[1]
    week.here("takedown", second, "--reason", "consent-withdrawn", "--erase", "--after", "0")
    week.run_here()
    left = {path.name for path in (week.root / "archive" / "drafts").rglob("*.json")}
    assert len(left) == 2
    assert {path.name for path in (mirror / "drafts").rglob("*.json")} == left
    for folder in (week.root / "archive" / "drafts", week.root / "inbox"):
        for path in folder.rglob("*"):
            path.unlink() if path.is_file() and "drafts" in str(path) else None
    assert week.here("rebuild").returncode == 0
    assert {path.name for path in (week.root / "archive" / "drafts").rglob("*.json")} == left, "asking costs money"


def test_a_picture_that_is_withdrawn_while_a_machine_looks_at_it_leaves_no_word(
    week: Space, server: ChatServer
) -> None:
    second = list(week.items(SLUG))[1]

    def meanwhile(asked: Asked) -> Say:
        week.call("takedown", second, "--reason", "consent-withdrawn")
        return described(asked)

    server.then = [described, meanwhile]
    assert drafted(week)["events"][0]["pictures"] == 2
    assert len(list((week.root / "archive" / "drafts").rglob("*.json"))) == 2


def test_a_server_that_stops_answering_ends_it_and_the_same_command_goes_on(week: Space, server: ChatServer) -> None:
    server.then = [Say(status=400, body=b"{}"), Say(status=400, body=b"{}")]
    done = drafted(week, status=3)
    assert [one["path"] for one in done["events"][0]["failed"]] == ["one.jpg"]
    assert done["events"][0]["pictures"] == 2
    assert drafted(week)["events"][0]["pictures"] == 1, "only that one is asked about again"
    server.always = lambda _: Say(status=400, body=b'{"error": "no eyes today"}')
    stopped = week.here("texts", "draft", SLUG, "--again")
    assert stopped.returncode == 5
    assert (
        "3 pictures in a row had no answer, the last: 127.0.0.1 refuses the request (400): no eyes today"
        in stopped.stderr
    )
    assert drafted(week)["calls"] == 0, "what was there is still there"


def test_what_was_not_answered_is_asked_about_last_and_in_nobodys_way(week: Space, server: ChatServer) -> None:
    server.always = lambda _: Say(status=400, body=b'{"error": "too dark for me"}')
    assert drafted(week, "--limit", "1", status=3)["events"][0]["failed"]
    server.always = described
    first = server.asked[-1].jpegs[0]
    before = len(server.asked)
    for _ in range(3):
        assert drafted(week, "--limit", "1")["events"][0]["pictures"] == 1
    assert [asked.jpegs[0] == first for asked in server.asked[before:]] == [False, False, True]
    assert drafted(week)["calls"] == 0


def test_a_budget_is_no_failure_and_the_same_command_goes_on(week: Space, server: ChatServer) -> None:
    week.config.write_text(week.config.read_text() + "max_calls = 2\n", encoding="utf-8")
    done = drafted(week)
    assert (done["events"][0]["pictures"], done["stopped"]) == (2, "the budget of 2 requests is used up")
    assert drafted(week)["events"][0]["pictures"] == 1
    assert len(server.asked) == 3


def test_a_wrong_key_is_refused_at_once_and_stands_nowhere(week: Space, server: ChatServer) -> None:
    said = json.dumps({"error": {"message": f"Incorrect API key: {KEY}"}}).encode()
    server.then = [Say(status=401, body=said)]
    done = week.here("texts", "draft", SLUG)
    assert (done.returncode, len(server.asked)) == (4, 1)
    assert "api_key_env" in done.stderr
    drafted(week)
    told = done.stdout + done.stderr + week.here("config", "show").stdout + week.here("doctor").stdout
    assert KEY not in told
    assert "EYES_KEY" in told
    for path in week.root.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_several_pictures_are_asked_about_at_once_where_that_is_wished(week: Space, server: ChatServer) -> None:
    week.config.write_text(week.config.read_text() + "parallel = 3\n", encoding="utf-8")
    server.always = lambda asked: Say(described(asked).body, hang=0.5)
    assert drafted(week)["events"][0]["pictures"] == 3
    assert server.at_once == 3


def test_a_sheet_saved_as_a_workbook_and_its_boxes_are_understood(week: Space, tmp_path: Path) -> None:
    drafted(week)
    rows = exported(week, tmp_path / "new.csv")
    for row in rows[1:3]:
        row["ok"] = "VRAI"
    (week.root / "inbox" / FOLDER / "texts.csv").unlink()
    book = workbook([list(rows[0]), *(list(row.values()) for row in rows)])
    (week.root / "inbox" / FOLDER / "texts.xlsx").write_bytes(book)
    week.run_here()
    one, two, _ = alts(week)
    assert (one["fr"]["text"], one["en"]["text"], two["fr"]["text"]) == ("Une salle comble", SAID["en"], SAID["fr"])
    assert two["en"]["state"] == "placeholder"


def test_an_empty_row_that_was_there_before_gets_the_draft_and_a_person_s_words_there_are_left_alone(
    week: Space, tmp_path: Path
) -> None:
    rows = exported(week, tmp_path / "empty.csv")
    put_back(week, rows)
    drafted(week)
    filled = exported(week, tmp_path / "filled.csv")
    assert [row["draft"] for row in filled] == ["", SAID["en"], SAID["fr"], SAID["en"], SAID["fr"], SAID["en"]]
    filled[1]["draft"] = "Many people, perhaps; I'll see."
    put_back(week, filled)
    drafted(week, "--again")
    assert exported(week, tmp_path / "again.csv") == filled


def test_an_ok_that_stood_there_before_a_draft_did_says_nothing_of_it(week: Space, tmp_path: Path) -> None:
    drafted(week, "--lang", "fr")
    put_back(week, [row | {"ok": "ok"} for row in exported(week, tmp_path / "filled-down.csv")])
    drafted(week)
    offered = [row for row in exported(week, tmp_path / "again.csv") if row["lang"] == "en"]
    assert [(row["draft"], row["ok"]) for row in offered] == [(SAID["en"], "")] * 3
    put_back(week, offered)
    assert {alt["en"]["state"] for alt in alts(week)} == {"placeholder"}, "nobody has read it"


def test_nobody_is_asked_unless_the_operator_says_whom(week: Space, server: ChatServer) -> None:
    toml = week.root / "inbox" / FOLDER / "event.toml"
    toml.write_text(EVENT + f'[texts.engine]\nkind = "chat"\nurl = "{server.url}"\n', encoding="utf-8")
    report = week.run_here()
    assert next(one for one in report["files"] if one["path"].endswith("event.toml"))["code"] == "event-toml"
    week.config.write_text(LEAN, encoding="utf-8")
    done = week.here("texts", "draft", SLUG)
    assert done.returncode == 2
    assert "[texts.engine]" in done.stderr
    week.here("run")
    assert server.asked == []


@pytest.mark.parametrize("arguments", [("nowhere",), (SLUG, "--lang", "nl"), ()])
def test_what_can_t_be_asked_for_is_said(week: Space, server: ChatServer, arguments: tuple[str, ...]) -> None:
    assert week.here("texts", "draft", *arguments).returncode == 2
    assert server.asked == []


def test_two_don_t_ask_the_same_at_the_same_time(week: Space, server: ChatServer) -> None:
    codes = []

    def meanwhile(asked: Asked) -> Say:
        codes.append(week.call("texts", "draft", SLUG).returncode)
        codes.append(week.call("run").returncode)
        return described(asked)

    server.then = [meanwhile]
    drafted(week)
    assert codes == [75, 0], "a run isn't held up by it"
    assert len(server.asked) == 3


def test_doctor_says_who_is_asked_and_what_came_back(week: Space, server: ChatServer) -> None:
    def told() -> dict[str, str]:
        checks = json.loads(week.here("doctor", "--json").stdout)["checks"]
        [found] = [check for check in checks if check["where"] == "texts"]
        return dict(found)

    one = told()
    assert (one["what"], one["state"]) == ("engine chat", "ok")
    assert "eyes answers in" in one["text"]
    assert SAID["en"] in one["text"]
    server.then = [Say(status=404, body=b'{"error": {"message": "no model eyes"}}')]
    two = told()
    assert (two["state"], "no model eyes" in two["text"], bool(two["todo"])) == ("bad", True, True)
    week.config.write_text(LEAN, encoding="utf-8")
    assert (told()["what"], told()["state"]) == ("engine none", "ok")


def test_a_run_asks_for_some_drafts_at_its_end_where_that_is_wished_and_is_none_the_worse_for_it(
    week: Space, server: ChatServer
) -> None:
    week.here("run")
    assert server.asked == [], "never by itself"
    week.config.write_text(week.config.read_text() + "in_run = 2\n", encoding="utf-8")
    done = week.here("run", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, 0)
    assert "3 drafts for 2 pictures" in done.stderr
    assert "2 drafts for 1 picture" in week.here("run").stderr
    assert week.here("run").returncode == 0
    assert len(server.asked) == 3
    week.config.write_text(week.config.read_text().replace("EYES_KEY", "NO_KEY"), encoding="utf-8")
    done = week.here("run")
    assert done.returncode == 0
    assert "no drafts: [texts.engine] api_key_env" in done.stderr


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_is_in_a_hurry_is_let_go_and_what_was_had_is_kept(
    week: Space, server: ChatServer, number: int, status: int
) -> None:
    hanging = threading.Event()

    def hang(asked: Asked) -> Say:
        hanging.set()
        return Say(hang=30)

    server.then = [described, hang]
    config = week.config.read_text().replace("timeout = 5", "timeout = 60")
    week.config.write_text(config, encoding="utf-8")
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job ignores it, and so do its children
    running = subprocess.Popen(week.command("texts", "draft", SLUG), stderr=subprocess.PIPE, text=True)
    try:
        assert hanging.wait(30)
        started = time.monotonic()
        running.send_signal(number)
        _, told = running.communicate(timeout=20)
    finally:
        running.kill()
    assert time.monotonic() - started < 5
    assert (running.returncode, "Traceback" in told) == (status, False), told
    assert drafted(week)["events"][0]["pictures"] == 2, "the first was kept"


def test_a_burst_is_asked_about_once_and_what_is_said_of_it_is_said_of_each_frame(
    week: Space, server: ChatServer, tmp_path: Path
) -> None:
    for number in range(3):
        (week.root / "inbox" / FOLDER / f"burst{number}.jpg").write_bytes(frame(number))
    week.run_here()
    [stack] = {tuple(entry["stack"]["items"]) for entry in week.items(SLUG).values() if entry.get("stack")}
    assert len(stack) == 3
    done = drafted(week)
    assert (done["calls"], done["events"][0]["pictures"]) == (4, 6)
    assert done["events"][0]["drafts"] == {"fr": 5, "en": 6}
    rows = exported(week, tmp_path / "new.csv")
    assert {row["draft"] for row in rows if row["path"].startswith("burst") and row["lang"] == "fr"} == {SAID["fr"]}
    assert drafted(week)["calls"] == 0


def test_what_was_said_of_a_frame_that_is_withdrawn_meanwhile_is_said_of_no_other(
    week: Space, server: ChatServer
) -> None:
    for number in range(3):
        (week.root / "inbox" / FOLDER / f"burst{number}.jpg").write_bytes(frame(number))
    week.run_here()
    drafted(week, "--limit", "3")
    before = set((week.root / "archive" / "drafts").rglob("*.json"))
    looked_at = list(week.items(SLUG))[3]  # the burst's first: it was taken after all others

    def meanwhile(asked: Asked) -> Say:
        week.call("takedown", looked_at, "--reason", "consent-withdrawn")
        return described(asked)

    server.then = [meanwhile]
    assert drafted(week)["events"][0]["pictures"] == 0
    assert set((week.root / "archive" / "drafts").rglob("*.json")) == before
    assert drafted(week)["events"][0]["pictures"] == 2, "they are asked about by themselves"


def test_of_a_film_its_still_is_shown_and_said_to_be_one(space: Callable[..., Space]) -> None:
    with ChatServer() as server:
        engine = f'[texts.engine]\nkind = "chat"\nmodel = "eyes"\nurl = "{server.url}"\n'
        ws = space(
            "films", settings=LEAN + '[film]\nsides = [240]\n[texts]\ndrafts = "flag"\nlanguages = ["nl"]\n' + engine
        )
        (ws.root / "inbox" / "fete").mkdir()
        film(ws.root / "inbox" / "fete" / "film.mp4")
        ws.run_here()
        assert json.loads(ws.here("texts", "draft", "fete", "--json").stdout)["events"][0]["drafts"] == {"nl": 1}
        [asked] = server.asked
        assert "a film, of which this is one picture" in asked.prompt
        with asked.image as image:
            assert image.width > image.height
        ws.run_here()
    [entry] = ws.items("fete").values()
    assert entry["poster"]["alt"]["nl"] == {"text": SAID["nl"], "state": "draft", "source": "model"}
