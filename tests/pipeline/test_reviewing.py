"""`texts review`: one key for each answer, into the event's own sheet, on a page that answers nobody else."""

from __future__ import annotations

import csv
import http.client
import io
import re
import shutil
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from chat_server import SAID, ChatServer
from devtools import session

from mediaarchive.errors import StoreRefused, UsageError
from mediaarchive.pipeline.opening import open_beside
from mediaarchive.pipeline.reviewing import ReviewDesk
from mediaarchive.site.review import ReviewServer
from mediaarchive.site.wording import words

from .conftest import LEAN, Space
from .files import jpeg, picture

SLUG, FOLDER = "semaine-2025", "Semaine 2025"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHEET = "Path;Consent;lang;kind;text;note\none.jpg;given;fr;alt;Une salle comble à l'été;\ntwo.jpg;;;;;à voir\n"


@pytest.fixture
def week(space: Callable[..., Space]) -> Iterator[Space]:
    """Three photographs in French and English, one of them described in French; all others have drafts."""
    with ChatServer() as server:
        engine = f'[texts.engine]\nkind = "chat"\nmodel = "eyes"\nurl = "{server.url}"\n'
        ws = space("week", settings=LEAN + engine)
        folder = ws.root / "inbox" / FOLDER
        folder.mkdir(parents=True)
        (folder / "event.toml").write_text('languages = ["fr", "en"]\ntitle = {fr = "Semaine"}\n', encoding="utf-8")
        for number, name in enumerate(("one", "two", "three"), 1):
            (folder / f"{name}.jpg").write_bytes(jpeg(picture(number), at=f"2024:05:01 1{number}:00:00"))
        (folder / "texts.csv").write_bytes(SHEET.encode("cp1252"))
        ws.run_here()
        assert ws.here("texts", "draft", SLUG).returncode == 0
        yield ws


@pytest.fixture
def server(week: Space) -> Iterator[ReviewServer]:
    with open_beside(week.root) as shop:
        running = ReviewServer(ReviewDesk(shop, SLUG), words("fr"))
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield running
        running.shutdown()
        running.server_close()


def ask(
    server: ReviewServer, path: str, form: dict[str, str] | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an address below the token; header names are written with underscores."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = urlencode(form) if form is not None else None
    connection.request("GET" if form is None else "POST", f"{urlsplit(server.url).path}{path}", body, named)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, data.decode("latin-1")


def say(server: ReviewServer, number: int, word: str, text: str = "", seen: str = "") -> str:
    """Answer; where that leads to, or the page that says what is wrong."""
    status, headers, body = ask(server, str(number), {"word": word, "text": text, "seen": seen})
    return headers["location"].rpartition("/")[2] if status == 303 else body.encode("latin-1").decode()


def rows(ws: Space) -> list[dict[str, str]]:
    data = (ws.root / "inbox" / FOLDER / "texts.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(data, newline=""), delimiter=";"))


def test_every_answer_goes_into_the_sheet_at_once_and_the_next_run_publishes_it(
    week: Space, server: ReviewServer
) -> None:
    assert len(server.desk) == 5
    assert ask(server, "")[1]["location"].endswith("/1")
    assert say(server, 1, "ok", SAID["en"]) == "2"
    assert [(row["Path"], row["lang"], row["draft"], row["ok"]) for row in rows(week)[2:]] == [
        ("one.jpg", "en", SAID["en"], "ok")
    ]
    assert rows(week)[0]["text"] == "Une salle comble à l'été"
    assert (rows(week)[0]["Consent"], rows(week)[1]["note"]) == ("given", "à voir"), "all else stays"
    assert say(server, 2, "ok", "Deux  personnes attendent\r\n un train.") == "3"
    assert say(server, 3, "no", SAID["en"]) == "4"
    assert say(server, 4, "skip") == "5"
    assert say(server, 5, "decorative") == "done"
    assert "Toutes ont une réponse." in ask(server, "done")[2].encode("latin-1").decode()
    report = week.run_here()
    assert report["status"] == 0
    one, two, three = (entry["alt"] for entry in week.items(SLUG).values())
    assert one["en"] == {"text": SAID["en"], "state": "provided", "source": "sheet"}
    assert two["fr"]["text"] == "Deux personnes attendent un train."
    assert two["en"]["state"] == "placeholder"
    assert {text["state"] for text in three.values()} == {"decorative"}


def test_what_the_sheet_answers_already_is_not_asked_when_it_is_opened_again(week: Space, server: ReviewServer) -> None:
    say(server, 1, "ok", SAID["en"])
    say(server, 2, "no", SAID["fr"])
    with open_beside(week.root) as shop:
        again = ReviewDesk(shop, SLUG)
        assert [(again.show(n).path, again.show(n).lang) for n in range(len(again))] == [
            ("two.jpg", "en"),
            ("three.jpg", "fr"),
            ("three.jpg", "en"),
        ]
        assert len(ReviewDesk(shop, SLUG, ["fr"])) == 1


def test_an_answer_can_be_taken_back_but_nobody_else_s(week: Space, server: ReviewServer) -> None:
    sheet = week.root / "inbox" / FOLDER / "texts.csv"
    before = sheet.read_bytes()
    say(server, 2, "ok", "Une gare.")
    status, headers, _ = ask(server, "undo", {})
    assert (status, headers["location"].rpartition("/")[2]) == (303, "2")
    assert sheet.read_bytes() == before
    assert SAID["fr"] in ask(server, "2")[2].encode("latin-1").decode().replace("&#39;", "'")
    say(server, 2, "ok", "Une gare.")
    theirs = sheet.read_bytes() + b"three.jpg;;fr;alt;Un pont;;;;;\r\n"
    sheet.write_bytes(theirs)
    status, _, body = ask(server, "undo", {})
    assert (status, "changed by somebody else" in body) == (409, True)
    assert sheet.read_bytes() == theirs
    say(server, 1, "ok", SAID["en"])
    assert {(row["Path"], row["text"]) for row in rows(week)} >= {("two.jpg", "Une gare."), ("three.jpg", "Un pont")}


def test_what_speaks_against_a_text_is_said_before_it_is_kept(week: Space, server: ReviewServer) -> None:
    page = say(server, 2, "ok", "")
    assert "Écrivez d’abord un texte" in page  # noqa: RUF001 - as French has it
    page = say(server, 2, "ok", "IMG_4711.jpg")
    assert "it says nothing of the picture" in page
    assert "Encore une fois" in page
    seen = re.search('name="seen" value="(.*?)"', page)
    assert seen
    assert (week.root / "inbox" / FOLDER / "texts.csv").read_bytes() == SHEET.encode("cp1252"), "nothing is written yet"
    assert say(server, 2, "ok", "IMG_4711.jpg", seen[1]) == "3", "a person has the last word"


def test_nobody_else_is_answered(week: Space, server: ReviewServer) -> None:
    before = (week.root / "inbox" / FOLDER / "texts.csv").read_bytes()
    assert ask(server, "1")[0] == 200
    assert ask(server, "1", Host="localhost:9000")[0] == 200, "through a tunnel"
    assert ask(server, "1", Host="rebound.example.org")[0] == 403
    word = {"word": "ok", "text": "x y z"}
    assert ask(server, "1", word, Origin="https://example.org")[0] == 403
    assert ask(server, "1", word, Origin="null")[0] == 403
    assert ask(server, "1", word, Sec_Fetch_Site="cross-site")[0] == 403
    right = server.url
    for wrong in ("/", "//", f"/{server.token[:-1]}/", f"/{server.token}x/", "/%00/"):
        server.url = right.replace(f"/{server.token}/", wrong)
        assert ask(server, "1")[0] == 403
        assert ask(server, "1", word)[0] == 403
    server.url = right
    for path, form in (("0", None), ("6", None), ("x", None), ("picture/9", None), ("review.html", None)):
        assert ask(server, path, form)[0] == 404
    assert ask(server, "1", {"word": "publish"})[0] == 400
    assert (week.root / "inbox" / FOLDER / "texts.csv").read_bytes() == before
    status, headers, _ = ask(server, "picture/1")
    assert (status, headers["content-type"], headers["cache-control"]) == (200, "image/jpeg", "no-store")
    assert headers["referrer-policy"] == "same-origin"


def test_where_answers_can_t_go_it_is_said_before_anything_is_shown(week: Space) -> None:
    folder = week.root / "inbox" / FOLDER
    (folder / "texts.csv").rename(folder / "texts.xlsx")
    done = week.here("texts", "review", SLUG)
    assert (done.returncode, "is a workbook" in done.stderr) == (2, True)
    (folder / "texts.xlsx").unlink()
    (folder / "texts.csv").write_text("path,lang,kind,text\none.jpg,fr,sonnet,Une salle\n", encoding="utf-8")
    done = week.here("texts", "review", SLUG)
    assert (done.returncode, '"sonnet" is unknown' in done.stderr) == (2, True)
    (folder / "texts.csv").unlink()
    with open_beside(week.root) as shop:
        desk = ReviewDesk(shop, SLUG)
        desk.answer(0, "ok", SAID["en"], sure=False)
        assert rows(week)[0]["text"] == "Une salle comble à l'été", "the sheet that came in last is where it begins"
        (folder / "texts.csv").write_text("lang\n")
        with pytest.raises(UsageError):
            desk.undo()


def test_nothing_to_do_is_said(week: Space) -> None:
    with open_beside(week.root) as shop:
        desk = ReviewDesk(shop, SLUG)
        for number in range(len(desk)):
            desk.answer(number, "ok", desk.show(number).draft, sure=True)
    assert "Nothing waits for a text" in week.here("texts", "review", SLUG).stdout


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_the_keyboard_alone_is_enough_in_a_real_browser(week: Space, server: ReviewServer, tmp_path: Path) -> None:
    """Enter, E and words and Enter, N, U, D: five texts, nothing clicked; and axe finds nothing to say."""
    import axe_core_python  # noqa: PLC0415 - where a browser is

    axe = next(Path(axe_core_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={tmp_path / 'profile'}"]
    with session([str(CHROMIUM), *flags], server.url) as tab:

        def at() -> str:
            return str(tab.evaluate("location.pathname.split('/').pop()"))

        assert at() == "1"
        assert tab.evaluate("document.querySelector('img').naturalWidth > 0")
        found = tab.evaluate(f"(async () => {{ {axe}; return (await axe.run()).violations.map((v) => v.id) }})()")
        assert found == []
        tab.press("Enter", expect_load=True)
        assert at() == "2"
        tab.press("e")
        assert tab.evaluate("document.activeElement.id") == "text"
        for letter in " n d":
            tab.press(letter)
        assert str(tab.evaluate("document.activeElement.value")).endswith(" n d"), "in the text, letters are letters"
        tab.press("Enter", expect_load=True)
        assert at() == "3"
        tab.press("n", expect_load=True)
        assert at() == "4"
        tab.press("u", expect_load=True)
        assert at() == "3"
        tab.press("s", expect_load=True)
        tab.press("d", expect_load=True)
        assert at() == "done"
        assert tab.evaluate("document.body.innerText.includes('1 sur 5')")
    said = [(row["Path"], row["kind"], row["text"], row["ok"]) for row in rows(week)[2:]]
    assert said == [
        ("one.jpg", "alt", "", "ok"),
        ("two.jpg", "alt", f"{SAID['fr']} n d", ""),
        ("three.jpg", "decorative", "", ""),
    ]


def test_who_answers_in_the_sheet_meanwhile_is_not_written_over(week: Space, server: ReviewServer) -> None:
    sheet = week.root / "inbox" / FOLDER / "texts.csv"
    say(server, 1, "ok", SAID["en"])
    head = "Path;Consent;lang;kind;text;note;draft;ok\r\n"
    for theirs in (
        "two.jpg;;fr;alt;Un quai;;;",
        f'two.jpg;;fr;alt;;;"{SAID["fr"]} Hier.";oui',
        "two.jpg;;;décorative;;;;",
    ):
        sheet.write_bytes((head + theirs).encode())
        before = sheet.read_bytes()
        for word in ("ok", "no", "decorative"):
            assert "somebody has answered this meanwhile" in say(server, 2, word, SAID["fr"])
            assert sheet.read_bytes() == before
    sheet.write_bytes((head + f"two.jpg;;fr;alt;;;{SAID['fr']};FALSE").encode())
    assert say(server, 2, "no", SAID["fr"]) == "3", "an empty box is no answer"
    assert say(server, 2, "ok", "Une gare.") == "3", "one may think better of one's own answer"
    assert [(row["text"], row["ok"]) for row in rows(week)] == [("Une gare.", "")]


@pytest.mark.parametrize(
    ("left", "sentence"), [(None, "is gone"), (b"", "is being saved"), (b"Path;Cons", "is being saved")]
)
def test_a_sheet_that_is_just_being_saved_is_left_alone(
    week: Space, server: ReviewServer, left: bytes | None, sentence: str
) -> None:
    sheet = week.root / "inbox" / FOLDER / "texts.csv"
    say(server, 1, "ok", SAID["en"])
    sheet.unlink() if left is None else sheet.write_bytes(left)
    assert sentence in say(server, 2, "ok", "Une gare.")
    assert (sheet.read_bytes() if sheet.exists() else None) == left


def test_a_sheet_that_is_open_in_an_office_program_is_left_alone(week: Space, server: ReviewServer) -> None:
    lock = week.root / "inbox" / FOLDER / ".~lock.texts.csv#"
    lock.write_text(",ana,desk,01.05.2024 11:00,file:///home/ana/.config/libreoffice/4;")
    assert "is open in LibreOffice" in say(server, 2, "ok", "Une gare.")
    lock.unlink()
    assert say(server, 2, "ok", "Une gare.") == "3"


def test_who_thinks_better_of_decorative_leaves_no_such_row(week: Space, server: ReviewServer) -> None:
    say(server, 2, "ok", "Une gare.")
    say(server, 3, "decorative")
    assert server.desk.said(1) == "ok", "what is described stays so"
    ask(server, "undo", {})
    ask(server, "undo", {})
    say(server, 3, "decorative")
    assert [server.desk.said(n) for n in (1, 2)] == ["decorative"] * 2
    say(server, 3, "no", SAID["en"])
    assert [(row["lang"], row["kind"], row["ok"]) for row in rows(week) if row["Path"] == "two.jpg"][1:] == [
        ("en", "alt", "no")
    ]
    assert server.desk.said(1) == "", "it decorates in no language any more"


def test_nothing_that_a_browser_does_ends_in_a_traceback(
    week: Space, server: ReviewServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, gone = threading.Event(), threading.Event()

    def picture(_number: int) -> bytes:
        asked.set()
        gone.wait(10)
        return bytes(32 << 20)

    monkeypatch.setattr(server.desk, "picture", picture)
    place = urlsplit(server.url)
    browser = socket.create_connection((place.hostname, place.port))
    browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # gone at once
    browser.sendall(f"GET {place.path}picture/1 HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
    assert asked.wait(10)
    browser.close()
    gone.set()
    assert ask(server, "1", Host="[")[0] == 403
    assert ask(server, "1", {"word": "skip"}, Origin="http://[")[0] == 403
    assert ask(server, "1", {"word": "skip"}, Content_Length="\u00b2")[0] == 400
    assert ask(server, "1")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_picture_that_can_t_be_had_is_missing_and_its_text_can_be_written_all_the_same(
    week: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_beside(week.root) as shop:
        desk = ReviewDesk(shop, SLUG)
        assert desk.picture(0)

        def refuse(_key: str) -> None:
            raise StoreRefused("this identity may not read any more")

        monkeypatch.setattr(shop.stores[0], "get", refuse)
        assert desk.picture(0) is None
