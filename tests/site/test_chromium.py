"""The pages in a real browser: all pictures load, the pages' own policy blocks nothing, no stranger's text runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from mediaarchive.manifest.model import Photo, Rights, Video
from mediaarchive.site import pages

from .conftest import said

if TYPE_CHECKING:
    from pathlib import Path

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


def test_the_folder_works_from_a_stick_without_any_server(tmp_path: Path, root: Path, site: dict[str, bytes]) -> None:
    picture = tmp_path / "page.png"
    browse(tmp_path, (root / f"events/{SLUG}/index.html").as_uri(), "--window-size=800,600", f"--screenshot={picture}")
    assert Image.open(picture).convert("RGB").getpixel((2, 590)) == (250, 249, 246)  # the stylesheet's paper
