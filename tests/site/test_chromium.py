"""The pages in a real browser: all pictures load, the pages' own policy blocks nothing, no stranger's text runs."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import axe_core_python
import pypdfium2
import pytest
from devtools import ask
from PIL import Image

from mediaarchive.config.settings import Workspace
from mediaarchive.manifest.model import Photo, Rights, Video
from mediaarchive.site import embed, pages
from mediaarchive.site.receipt import receipt_page
from mediaarchive.site.server import make_server
from mediaarchive.site.texts import Reader
from mediaarchive.site.view import Scene

from .conftest import FILM, said

if TYPE_CHECKING:
    from mediaarchive.manifest.model import Manifest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SLUG, DESCRIBED = "wehubit-week-2022", f"p-{'a' * 13}"
STILL = (0x80, 0x30, 0x30)  # the colour of the film
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--virtual-time-budget=5000",
]
AXE = """<!doctype html><pre id="told"></pre>FRAMES<script>
onload = async () => {
  const source = await (await fetch("axe.js")).text(), told = {};
  const options = {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]};
  for (const frame of document.querySelectorAll("iframe")) {
    frame.contentWindow.eval(source);
    const result = await frame.contentWindow.axe.run(frame.contentDocument, options);
    const violations = result.violations.map((one) => `${one.id}: ${one.nodes[0].html}`);
    told[frame.title] = {violations, passes: result.passes.length};
  }
  document.querySelector("pre").textContent = JSON.stringify(told);
};
</script>"""
MOVED = """<!doctype html><pre id="told"></pre>FRAMES<script>
const told = {};
for (const frame of document.querySelectorAll("iframe")) {
  told[frame.title] = 0;
  frame.onload = () => new frame.contentWindow.PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      // A frame may be laid out once before its stylesheet is there; that moves the whole body.
      if (one.sources.every((source) => source.node?.localName !== "body")) told[frame.title] += one.value;
    }
  }).observe({type: "layout-shift", buffered: true});
}
onload = () => setTimeout(() => { document.getElementById("told").textContent = JSON.stringify(told); }, 1500);
</script>"""
Served = tuple[str, list[tuple[str, str, int]]]

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]


def browse(folder: Path, url: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Open a page once in a fresh profile; fail if the page's policy blocked anything of its own."""
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={folder / 'profile'}", *flags, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "Content Security Policy" not in done.stderr
    return done


@pytest.mark.parametrize(("width", "density"), [(1280, 1), (500, 3)])
def test_every_picture_that_a_browser_chooses_is_there(
    tmp_path: Path, served: Served, width: int, density: int
) -> None:
    picture = tmp_path / "page.png"
    flags = [f"--window-size={width},4000", f"--force-device-scale-factor={density}", f"--screenshot={picture}"]
    browse(tmp_path, f"{served[0]}events/{SLUG}/index.html", *flags)
    asked = {path: status for _, path, status in served[1] if path != "/favicon.ico"}
    assert set(asked.values()) <= {200, 206}
    shown = [path for path in asked if path.endswith(".avif")]
    assert len({path.split("/")[2] for path in shown}) == 5
    assert Image.open(picture).width == width * density


def test_no_text_of_a_stranger_runs_and_the_code_to_paste_becomes_complete(tmp_path: Path, served: Served) -> None:
    page = browse(tmp_path, f"{served[0]}media/{DESCRIBED}/index.html", "--dump-dom").stdout
    title = re.search("<title>(.*?)</title>", page)
    assert title
    assert title[1] != "owned"
    assert re.search(r'id="code-note" hidden', page)
    assert "Copier le code" in re.sub("<textarea.*?</textarea>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("width", [320, 1280])
def test_nobody_scrolls_sideways_however_long_a_word_is(
    tmp_path: Path, served: Served, root: Path, manifest: Manifest, width: int
) -> None:
    """WCAG 2.2, 1.4.10: the pages at 320 px, with an address for a credit and words without an end."""
    endless = {lang: said("Donaudampfschifffahrtsgesellschaft" * 6) for lang in manifest.languages}
    rights = Rights(
        credit="www.example.org/" + "verschiedenes/" * 20, usage_terms={"fr": "x" * 300}, copyright="y" * 200
    )
    long = {
        "event": manifest.event.model_copy(update={"title": {"fr": "T" * 90}, "place": {"fr": "P" * 200}}),
        "items": [
            item.model_copy(update={"title": endless, "caption": endless, "long": endless, "rights": rights})
            if isinstance(item, Photo | Video)
            else item
            for item in manifest.items
        ],
    }
    changed = manifest.model_copy(update=long)
    made = pages.event_pages(changed)
    for item in changed.items:
        made |= pages.item_pages(item, events=[pages.card(changed)], publisher=changed.publisher)
    shown = [key for key in made if key.endswith("index.html")]
    frames = "".join(f'<iframe width="{width}" height="900" src="wide/{key}"></iframe>' for key in shown)
    look = "[...document.querySelectorAll('iframe')].map(f => f.contentDocument.documentElement.scrollWidth).join(' ')"
    measure = (
        f"<pre></pre>{frames}<script>onload = () => {{ document.querySelector('pre').textContent = {look} }}</script>"
    )
    (root / "measure.html").write_text(measure, encoding="utf-8")
    for key, data in (made | pages.assets()).items():
        (root / "wide" / key).parent.mkdir(parents=True, exist_ok=True)
        (root / "wide" / key).write_bytes(data)
    page = browse(tmp_path, f"{served[0]}measure.html", "--dump-dom").stdout
    found = re.search("<pre>(.*?)</pre>", page)
    assert found
    assert dict(zip(shown, map(int, found[1].split()), strict=True)) == dict.fromkeys(shown, width)


def test_a_receipt_can_be_read_on_a_phone(tmp_path: Path, served: Served, root: Path) -> None:
    at = "2026-11-26T11:12:23+00:00"
    gone = {"url": f"https://media.example.org/media/{DESCRIBED}/1280-0b5f0c2a.avif", "was": "file", "at": at}
    kept = gone | {"url": f"https://media.example.org/media/{DESCRIBED}/1280.jpg", "was": "stable"}
    value = {
        "item": DESCRIBED,
        "was": "photo",
        "reason": "consent-withdrawn",
        "decided": at,
        "done": at,
        "complete": True,
        "addresses": [gone | {"status": "404", "ok": True}, kept | {"status": "200 notice", "ok": True}],
        "originals": [{"sha256": "5a" * 32, "place": "archive", "at": at, "gone": True}],
    }
    langs = ["en", "es", "fr", "nl"]
    for lang in langs:
        (root / f"receipt-{lang}.html").write_bytes(receipt_page(value, lang, Workspace(publisher="The Commons")))
    frames = "".join(f'<iframe width="360" height="900" src="receipt-{lang}.html"></iframe>' for lang in langs)
    look = "[...document.querySelectorAll('iframe')].map(f => f.contentDocument.documentElement.scrollWidth).join(' ')"
    (root / "receipts.html").write_text(
        f"<pre></pre>{frames}<script>onload = () => {{ document.querySelector('pre').textContent = {look} }}</script>"
    )
    page = browse(tmp_path, f"{served[0]}receipts.html", "--dump-dom").stdout
    found = re.search("<pre>(.*?)</pre>", page)
    assert found
    assert [int(width) for width in found[1].split()] == [360] * len(langs), "nobody scrolls sideways"


def test_axe_finds_no_barrier_on_any_page(
    tmp_path: Path, served: Served, root: Path, manifest: Manifest, site: dict[str, bytes]
) -> None:
    """axe-core's rules for WCAG 2.1 A and AA and its best practices: gallery, photo, film, document, notice, list; moved."""
    made = {key: data for key, data in (site | pages.moved_pages(manifest, "before")).items() if key.endswith(".html")}
    policy = re.compile(rb'<meta http-equiv="Content-Security-Policy"[^>]*>')
    for key, data in made.items():
        (root / "axe" / key).parent.mkdir(parents=True, exist_ok=True)
        (root / "axe" / key).write_bytes(policy.sub(b"", data).replace(b'http-equiv="refresh"', b'name="refresh"'))
    for key, data in pages.assets().items():
        (root / "axe" / key).parent.mkdir(parents=True, exist_ok=True)
        (root / "axe" / key).write_bytes(data)
    (root / "axe.js").write_bytes(Path(axe_core_python.__file__).with_name("axe.min.js").read_bytes())
    frames = "".join(f'<iframe width="1000" height="800" title="{key}" src="axe/{key}"></iframe>' for key in made)
    (root / "axe.html").write_text(AXE.replace("FRAMES", frames), encoding="utf-8")
    page = browse(tmp_path, f"{served[0]}axe.html", "--dump-dom", "--virtual-time-budget=60000").stdout
    found = re.search('<pre id="told">(.*?)</pre>', page)
    assert found
    told = json.loads(html.unescape(found[1]))
    assert told.keys() == made.keys()
    assert all(entry["passes"] > 15 for entry in told.values())
    assert {key: entry["violations"] for key, entry in told.items() if entry["violations"]} == {}


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_moves_when_pictures_come_late(tmp_path: Path, root: Path, site: dict[str, bytes], width: int) -> None:
    """The browser's own measure (layout-shift): a line that is being read stays where it is."""
    shown = sorted(key for key in site if key.endswith("index.html"))
    assert {Path(key).parts[0] for key in shown} == {"events", "media"}
    frames = "".join(f'<iframe width="{width}" height="700" title="{key}" src="{key}"></iframe>' for key in shown)
    (root / "moved.html").write_text(MOVED.replace("FRAMES", frames), encoding="utf-8")
    late = 0

    def wait(_method: str, path: str, _status: int) -> None:
        nonlocal late
        if path.endswith((".avif", ".jpg")):
            late += 1
            time.sleep(0.7)

    with make_server(root, port=0, log=wait) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        page = browse(tmp_path, f"{server.url}moved.html", "--dump-dom", "--virtual-time-budget=20000").stdout
        server.shutdown()
    found = re.search('<pre id="told">(.*?)</pre>', page)
    assert found
    assert late > 5
    told = json.loads(html.unescape(found[1]))
    assert sorted(told) == shown
    assert {key: moved for key, moved in told.items() if moved > 0.02} == {}


def test_a_small_picture_is_shown_as_small_as_it_is(tmp_path: Path, served: Served, root: Path) -> None:
    look = (
        "onload = () => { const it = document.querySelector('iframe').contentDocument.querySelector('.large img');"
        "document.querySelector('pre').textContent = it.getBoundingClientRect().width + ' ' + it.naturalWidth; }"
    )
    frame = f'<iframe width="1280" height="900" src="media/{DESCRIBED}/index.html"></iframe>'
    (root / "small.html").write_text(f"<pre></pre>{frame}<script>{look}</script>", encoding="utf-8")
    page = browse(tmp_path, f"{served[0]}small.html", "--dump-dom").stdout
    assert "<pre>640 640</pre>" in page


@pytest.mark.parametrize(("allowed", "seen"), [("http:", "640 pixels"), ("'self'", "0 pixels")])
def test_pasted_code_needs_no_more_of_a_strict_page_than_pictures_from_our_host(
    tmp_path: Path, served: Served, root: Path, manifest: Manifest, allowed: str, seen: str
) -> None:
    """A host page that allows nothing inline and no script; where it allows no picture of ours, the words and the link are left."""
    (item,) = (one for one in manifest.items if one.id == DESCRIBED)
    scene = Scene(reader=Reader("en", manifest.languages), default="fr", title="", place="", base=served[0])
    policy = f"default-src 'none'; script-src 'sha256-{{}}'; img-src {allowed}"
    look = "onload = () => { document.title = document.images[0].naturalWidth + ' pixels'; }"
    digest = base64.b64encode(hashlib.sha256(look.encode()).digest()).decode()
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy.format(digest)}">'
    host = tmp_path / "host"
    host.mkdir()
    (host / "page.html").write_text(
        f"<!doctype html>{meta}<title></title>{embed.figure(item, scene)}<script>{look}</script>"
    )
    with make_server(host, port=0) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        command = [str(CHROMIUM), *QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
        done = subprocess.run(
            [*command, f"{server.url}page.html"], capture_output=True, text=True, timeout=60, check=True
        )
        server.shutdown()
    blocked = [line for line in done.stderr.splitlines() if "Content Security Policy" in line]
    assert [line for line in blocked if "img-src" not in line and "favicon" not in line] == []
    assert f"<title>{seen}</title>" in done.stdout
    assert 'alt="Four participants at a table."' in done.stdout
    assert f'href="{served[0]}media/{DESCRIBED}/index' in done.stdout


def on_paper(folder: Path, url: str) -> list[Image.Image]:
    """A page's sheets of A4 as they are printed by default, without backgrounds, at 72 dots per inch."""
    flags = [*QUIET[:-1], f"--user-data-dir={folder / 'profile'}", "--force-dark-mode"]
    answer = ask([str(CHROMIUM), *flags], url, "Page.printToPDF", paperWidth=8.27, paperHeight=11.69)
    with pypdfium2.PdfDocument(base64.b64decode(answer["data"])) as document:
        return [sheet.render(scale=1).to_pil().convert("RGB") for sheet in document]


def test_on_paper_a_film_is_its_still(tmp_path: Path, served: Served) -> None:
    """Without backgrounds, Chromium prints an empty box for a film that nobody has started."""
    for page in (f"media/{FILM}/index.html", f"events/{SLUG}/index.html"):
        sheet = on_paper(tmp_path, f"{served[0]}{page}")[0]
        assert sheet.getpixel((3, 3)) == (255, 255, 255)
        counts = {colour: count for count, colour in sheet.getcolors(1 << 24) or []}
        still = sum(count for colour, count in counts.items() if max(map(abs, map(int.__sub__, colour, STILL))) < 16)
        assert still > 0.1 * sheet.width * sheet.height, page


def test_the_folder_works_from_a_stick_without_any_server(tmp_path: Path, root: Path, site: dict[str, bytes]) -> None:
    picture = tmp_path / "page.png"
    browse(tmp_path, (root / f"events/{SLUG}/index.html").as_uri(), "--window-size=800,600", f"--screenshot={picture}")
    assert Image.open(picture).convert("RGB").getpixel((2, 590)) == (250, 249, 246)  # the stylesheet's paper
