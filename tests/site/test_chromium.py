"""The pages in a real browser: all pictures load, the pages' own policy blocks nothing, no stranger's text runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

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
    assert re.search(r'id="snippet-note" hidden', page)
    assert "Copier le code" in re.sub("<textarea.*?</textarea>", "", page, flags=re.DOTALL)


def test_the_folder_works_from_a_stick_without_any_server(tmp_path: Path, root: Path, site: dict[str, bytes]) -> None:
    picture = tmp_path / "page.png"
    browse(tmp_path, (root / f"events/{SLUG}/index.html").as_uri(), "--window-size=800,600", f"--screenshot={picture}")
    assert Image.open(picture).convert("RGB").getpixel((2, 590)) == (250, 249, 246)  # the stylesheet's paper
