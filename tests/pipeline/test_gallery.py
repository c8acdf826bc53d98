"""The gallery that a run publishes, opened in a real browser: pictures load, and each has its text or says that it is missing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from mediaarchive.site.server import make_server

from .conftest import Space

SLUG = "forum-des-communs-2025"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,6000"),
    "--virtual-time-budget=8000",
)

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]


class Images(HTMLParser):
    """Every <img> of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


def test_pictures_load_and_each_has_its_text_or_says_that_it_is_missing(
    archived: tuple[Space, dict[str, Any]], tmp_path: Path
) -> None:
    space, _ = archived
    asked: list[tuple[str, int]] = []
    server = make_server(space.root / "site", port=0, log=lambda _method, path, status: asked.append((path, status)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        picture = tmp_path / "page.png"
        for flag in (f"--screenshot={picture}", "--dump-dom"):
            command = [str(CHROMIUM), *QUIET, f"--user-data-dir={tmp_path / flag[2:8]}", flag]
            page = subprocess.run(
                [*command, f"{server.url}events/{SLUG}/index.html"],
                capture_output=True,
                text=True,
                check=True,
                timeout=90,
            ).stdout
    finally:
        server.shutdown()
        server.server_close()
    photos = [item for item in json.loads(space.manifest())["items"] if item["type"] == "photo"]
    loaded = {path.split("/")[2] for path, status in asked if path.endswith(".avif") and status == 200}
    assert loaded >= {photo["id"] for photo in photos}
    assert {status for path, status in asked if path != "/favicon.ico"} <= {200, 206}
    images = Images()
    images.feed(page)
    stills = set(re.findall('poster="([^"]+)"', page))  # a film's still is for paper only
    assert len([image for image in images.found if image["src"] in stills]) == len(stills) == 1
    shown = [image["alt"] for image in images.found if image["src"] not in stills]
    assert len(shown) == len(photos)
    assert all(shown)
    missing = [photo for photo in photos if all(text["state"] == "placeholder" for text in photo["alt"].values())]
    assert missing, "the sample has photographs that nobody described"
    assert len(re.findall("Description manquante", page)) == len(missing)
    for photo in photos:
        if photo not in missing:
            written = [text["text"] for text in photo["alt"].values() if text["state"] != "placeholder"]
            assert set(written) & set(shown)
    assert picture.stat().st_size > 100_000
