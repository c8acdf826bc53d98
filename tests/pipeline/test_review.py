"""The page on which a person works off pairs: what can't be shown stops nothing, and the answers are saved as a sheet."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import axe_core_python
import pytest

from mediaarchive.pipeline.answering import showing

from .conftest import LEAN, Space
from .files import jpeg, picture
from .test_held import drop, with_a_logo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ODD = 'fete/b "le beau", été.jpg'
ANSWER = """<script>
const [one, two] = document.querySelectorAll("fieldset");
for (const [pair, word] of [[one, "same"], [two, "never"]]) pair.querySelector(`[value=${word}]`).click();
HTMLAnchorElement.prototype.click = async function () {
  const told = document.createElement("pre");
  told.id = "told";
  told.textContent = await (await fetch(this.href)).text();
  document.body.append(told);
};
document.querySelector("button").click();
</script>"""
AXE = """<script src="axe.js"></script><script>
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then(({violations, passes}) => {
  const told = document.createElement("pre");
  told.id = "told";
  told.textContent = JSON.stringify([passes.length, violations.map((one) => `${one.id}: ${one.nodes[0].html}`)]);
  document.body.append(told);
});
</script>"""


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """Three photographs, each with a copy that somebody put a logo on."""
    space = Space(tmp_path_factory.mktemp("review") / "ws")
    space.init(LEAN)
    (space.root / "inbox" / "fete").mkdir()
    for number, name in enumerate(("a.jpg", ODD.partition("/")[2], "c.jpg"), 1):
        (space.root / "inbox" / "fete" / name).write_bytes(jpeg(picture(number, (600, 400)), at=None))
        drop(space, f"fete/{name.partition('.')[0]} logo.jpg", with_a_logo(number))
    space.run_here()
    return space


@pytest.fixture
def space(once: Space, tmp_path: Path) -> Space:
    return once.twin(tmp_path / "ws")


def told(space: Space, *args: str) -> dict[str, Any]:
    done = space.here("dedupe", *args, "--json")
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def browsed(page: Path, script: str, folder: Path) -> str:
    """What a script leaves in `#told` of a page."""
    altered = page.with_name("altered.html")
    altered.write_text(page.read_text(encoding="utf-8") + script, encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", f"--user-data-dir={folder}"]
    command = [str(CHROMIUM), *flags, "--dump-dom", altered.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found = re.search('<pre id="told">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[-2000:]
    return html.unescape(found[1])


def test_pairs_come_in_an_order_in_which_people_can_answer_them(space: Space) -> None:
    pairs = [{pair["left"]["path"], pair["right"]["path"]} for pair in told(space, "list")["pairs"]]
    logos = [ODD.replace(".jpg", " logo.jpg"), "fete/a logo.jpg", "fete/c logo.jpg"]
    assert pairs == [{"fete/a.jpg", logos[1]}, {ODD, logos[0]}, {"fete/c.jpg", logos[2]}], "by name, not by content"


def test_a_page_says_how_many_pairs_it_leaves_out(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "_MOST", 2)
    assert told(space, "show")["shown"] == 2
    said = space.here("dedupe", "show").stdout
    assert said.startswith("2 pairs of 3: ")
    page = Path(said.partition(": ")[2].strip()).read_text(encoding="utf-8")
    assert page.count("<article") == 2
    assert "1 more wait" in page


def test_an_original_that_is_missing_stops_no_other_pair(space: Space) -> None:
    found = json.loads(space.here("why", "fete/a.jpg", "--json").stdout)["found"][0]
    (space.root / "archive" / found["original"]).unlink()
    page = Path(told(space, "show")["page"]).read_text(encoding="utf-8")
    assert page.count("<article") == 3
    assert page.count("<image") == 5
    assert page.count("is missing in the archive. To bring it back from the mirror: mediaarchive verify --repair") == 1


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_what_is_answered_on_the_page_is_saved_as_a_sheet_and_decided_at_once(space: Space, tmp_path: Path) -> None:
    page = Path(told(space, "show")["page"])
    sheet = browsed(page, ANSWER, tmp_path / "profile")
    rows = list(csv.DictReader(io.StringIO(sheet.lstrip("\ufeff"))))
    assert [row["decision"] for row in rows] == ["same", "never"], "what is left for later isn't in it"
    assert ODD in rows[1].values()
    (tmp_path / "answers.csv").write_text(sheet, encoding="utf-8")
    assert told(space, "import", str(tmp_path / "answers.csv"))["decision"] == "2 decisions"
    assert len(told(space, "list")["pairs"]) == 1
    assert len(space.items("fete")) == 5


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_a_screen_reader_can_work_off_the_page(space: Space, tmp_path: Path) -> None:
    page = Path(told(space, "show")["page"])
    source = Path(axe_core_python.__file__).parent / "axe.min.js"
    shutil.copyfile(source, page.with_name("axe.js"))
    passes, violations = json.loads(browsed(page, AXE, tmp_path / "profile"))
    assert passes > 10
    assert violations == []
