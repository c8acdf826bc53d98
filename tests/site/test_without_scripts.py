"""Pages and pasted code in a real browser that runs no scripts: pictures, texts, links and descriptions are all there."""

from __future__ import annotations

import html
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mediaarchive import layout
from mediaarchive.manifest.model import Photo, Video
from mediaarchive.site import embed, pages

from .conftest import DESCRIBED, FILM, HOSTILE, PAPER, REMOVED, SLUG
from .test_chromium import CHROMIUM, browse
from .test_embed import scene

if TYPE_CHECKING:
    from mediaarchive.manifest.model import Manifest

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]
Served = tuple[str, list[tuple[str, str, int]]]
# A sandbox without `allow-scripts` is a browser without scripts; its maker may look into it all the same.
LOOK = """<!doctype html><pre id="told"></pre>FRAMES<script>
onload = () => {
  const told = {};
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument;
    told[frame.title] = {
      pictures: [...page.images].map((one) => [one.getAttribute("alt"), one.complete && one.naturalWidth > 0, one.currentSrc]),
      links: [...page.querySelectorAll("a[href]")].map((one) => [one.href, one.textContent.trim() || one.ariaLabel
        || one.querySelector("img")?.alt]),
      text: page.body.innerText.replace(/\\s+/g, " "),
      buttons: page.querySelectorAll("button").length,
      tracks: page.querySelectorAll("video track").length,
    };
  }
  document.querySelector("#told").textContent = JSON.stringify(told);
};
</script>"""


def looked(tmp_path: Path, served: Served, root: Path, shown: list[str], sandbox: str) -> dict[str, dict[str, Any]]:
    """What a browser has made of pages, by key."""
    name = f"look-{len(shown)}.html"
    frames = "".join(
        f'<iframe width="1000" height="6000" title="{key}" src="{key}" {sandbox}></iframe>' for key in shown
    )
    (root / name).write_text(LOOK.replace("FRAMES", frames), encoding="utf-8")
    page = browse(tmp_path, f"{served[0]}{name}", "--dump-dom", "--virtual-time-budget=20000").stdout
    found = re.search('<pre id="told">(.*?)</pre>', page, re.DOTALL)
    assert found
    told: dict[str, dict[str, Any]] = json.loads(html.unescape(found[1]))
    return told


def answers(link: str) -> bool:
    """Whether a link of our own leads somewhere."""
    try:
        with urllib.request.urlopen(link) as answer:  # noqa: S310 - our own server
            return int(answer.status) == 200
    except urllib.error.HTTPError:
        return False


def pasted(manifest: Manifest, base: str) -> str:
    """A stranger's page with the code for a photograph, a film and the whole event."""
    seen = scene(manifest)
    seen = type(seen)(reader=seen.reader, default=seen.default, title=seen.title, rights=seen.rights, base=base)
    items = [item for item in manifest.items if isinstance(item, Photo | Video) and item.id in {DESCRIBED, FILM}]
    code = [embed.figure(item, seen) for item in items] + [embed.event_figure(pages.card(manifest), seen)]
    return f'<!doctype html><html lang="fr"><title>A page</title><body>{"".join(code)}</body></html>'


def test_nothing_is_lost_where_no_script_runs(
    tmp_path: Path, served: Served, root: Path, manifest: Manifest, site: dict[str, bytes]
) -> None:
    (root / "pasted.html").write_text(pasted(manifest, served[0]), encoding="utf-8")
    (root / f"media/{PAPER}").mkdir(exist_ok=True)
    (root / f"media/{PAPER}/original-00000001.pdf").write_bytes(b"%PDF-1.4\n")
    gallery, item, film = layout.event_page(SLUG), layout.item_page(DESCRIBED), layout.item_page(FILM)
    shown = [gallery, item, film, layout.item_page(REMOVED), "pasted.html"]
    assert site.keys() >= set(shown[:4])
    with_scripts = looked(tmp_path, served, root, [item], "")
    assert with_scripts[item]["buttons"] > 0, "where scripts run, there is a button to copy the code"
    told = looked(tmp_path, served, root, shown, 'sandbox="allow-same-origin"')
    assert {name: page["buttons"] for name, page in told.items()} == dict.fromkeys(shown, 0), "no script ran"
    described = "Quatre participantes autour d'une table."
    for name, page in told.items():
        assert all(alt is not None and loaded for alt, loaded, _ in page["pictures"]), (name, page["pictures"])
        assert all(words for _, words in page["links"]), f"{name}: a link that says nothing"
    links = {link for page in told.values() for link, _ in page["links"] if link.startswith(served[0])}
    beside = {served[0] + key for key in (layout.pointer_key(SLUG), layout.checksums_key(SLUG), layout.SCHEMA_KEY)}
    assert {link for link in links if not answers(link)} <= beside, (
        "what a publication writes beside the pages isn't here"
    )
    for name in (gallery, item, "pasted.html"):
        alts = [alt for alt, _, _ in told[name]["pictures"]]
        assert described in alts, name
        assert HOSTILE in told[name]["text"], f"{name}: the caption"
    assert len(told[gallery]["pictures"]) >= 5
    assert {source.rpartition(".")[2] for _, _, source in told[gallery]["pictures"]} >= {"avif"}
    assert "Le programme" in told[gallery]["text"]
    assert told[film]["tracks"] == 2
    assert "Une longue description." in told[item]["text"]
    assert len(told["pasted.html"]["pictures"]) == 3
    assert any(link.endswith(item) for link, _ in told["pasted.html"]["links"])
