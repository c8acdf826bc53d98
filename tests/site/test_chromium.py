"""The pages in a real browser: all pictures load, the pages' own policy blocks nothing, no stranger's text runs."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import axe_core_python
import pytest
from PIL import Image

from mediaarchive.config.settings import Workspace
from mediaarchive.manifest.model import Photo, Rights, Video
from mediaarchive.site import pages
from mediaarchive.site.receipt import receipt_page

from .conftest import said

if TYPE_CHECKING:
    from mediaarchive.manifest.model import Manifest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SLUG, DESCRIBED = "wehubit-week-2022", f"p-{'a' * 13}"
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


def test_the_folder_works_from_a_stick_without_any_server(tmp_path: Path, root: Path, site: dict[str, bytes]) -> None:
    picture = tmp_path / "page.png"
    browse(tmp_path, (root / f"events/{SLUG}/index.html").as_uri(), "--window-size=800,600", f"--screenshot={picture}")
    assert Image.open(picture).convert("RGB").getpixel((2, 590)) == (250, 249, 246)  # the stylesheet's paper
