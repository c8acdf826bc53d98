"""Code to paste: WordPress's own filter keeps every byte of it, and Drupal's finds nothing in it to take away."""

from __future__ import annotations

import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mediaarchive.manifest.model import LocalText, Photo, Tombstone, Video
from mediaarchive.site import embed, pages
from mediaarchive.site.texts import Reader
from mediaarchive.site.view import Scene

if TYPE_CHECKING:
    from mediaarchive.manifest.model import Manifest

PHP = shutil.which("php")
WORDPRESS = os.environ.get("MEDIAARCHIVE_WORDPRESS", "/usr/share/wordpress")
KSES = """
define('ABSPATH', $argv[1] . '/'); define('WPINC', 'wp-includes');
$parts = ['plugin', 'load', 'functions', 'formatting', 'kses', 'l10n', 'compat'];
foreach ($parts as $part) require_once ABSPATH . "wp-includes/$part.php";
echo wp_kses_post(stream_get_contents(STDIN));
"""
# What Drupal 11's Basic HTML allows of what we use (filter.format.basic_html.yml); `lang` it allows on everything.
BASIC_HTML = {"p": {"lang"}, "a": {"href", "hreflang", "lang"}}


class Elements(HTMLParser):
    """The elements of a piece of HTML, with their attributes."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(code)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def scene(manifest: Manifest, lang: str = "fr") -> Scene:
    reader = Reader(lang, tuple(manifest.languages))
    title = reader.plain(manifest.event.title).text
    return Scene(reader=reader, default="fr", title=title, rights=manifest.rights, base="https://media.example.org/w/")


@pytest.fixture
def links(manifest: Manifest) -> list[str]:
    """A link to each item and to the event."""
    items = [item for item in manifest.items if not isinstance(item, Tombstone)]
    return [
        *(embed.link(item, scene(manifest, lang)) for item in items for lang in manifest.languages),
        embed.event_link(pages.card(manifest), scene(manifest)),
    ]


@pytest.fixture
def figures(manifest: Manifest) -> list[str]:
    """A figure of each picture and of the event."""
    items = [item for item in manifest.items if isinstance(item, Photo | Video)]
    return [
        *(embed.figure(item, scene(manifest, lang)) for item in items for lang in manifest.languages),
        embed.event_figure(pages.card(manifest), scene(manifest)),
    ]


@pytest.mark.skipif(
    not (PHP and Path(WORDPRESS, "wp-includes/kses.php").exists()),
    reason="no PHP or no WordPress on this machine: apt-get install php-cli, and export what scripts/wordpress prints",
)
def test_wordpress_keeps_every_byte_for_authors_who_may_not_write_any_html(
    figures: list[str], links: list[str]
) -> None:
    pasted = "\n".join([*figures, *links])
    done = subprocess.run(
        [str(PHP), "-r", KSES, "--", WORDPRESS], input=pasted, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == pasted.splitlines()


def test_drupals_basic_html_allows_everything_in_a_link(links: list[str]) -> None:
    for link in links:
        assert [tag for tag, _ in Elements(link).found] == ["p", "a"]
        for tag, attributes in Elements(link).found:
            assert attributes.keys() <= BASIC_HTML[tag]


def test_what_is_pasted_leads_to_the_page_in_its_language(
    manifest: Manifest, figures: list[str], links: list[str]
) -> None:
    photo = next(item for item in manifest.items if isinstance(item, Photo))
    english = embed.link(photo, scene(manifest, "en"))
    assert dict(Elements(english).found)["a"]["href"] == f"https://media.example.org/w/media/{photo.id}/index.en.html"
    for code in (*figures, *links):
        addresses = [value for _, each in Elements(code).found for key, value in each.items() if key in {"href", "src"}]
        assert addresses
        assert all(str(address).startswith("https://") for address in addresses)


def test_a_link_around_a_decorative_picture_has_a_name(manifest: Manifest) -> None:
    photo = next(item for item in manifest.items if isinstance(item, Photo))
    silent = photo.model_copy(update={"alt": {"fr": LocalText(text="", state="decorative", source="sheet")}})
    for code, name in (
        (embed.figure(silent, scene(manifest)), "Ouvrir la page de cette photo"),
        (embed.event_figure(pages.card(manifest.model_copy(update={"items": [silent]})), scene(manifest)), "Wehubit"),
    ):
        (_, link), (_, image) = Elements(code).found[1:3]
        assert image["alt"] == ""
        assert str(link["aria-label"]).startswith(name)
    assert "aria-label" not in embed.figure(photo, scene(manifest)), "the picture's own text names it"


def test_an_event_shows_its_cover_and_leads_to_its_gallery(manifest: Manifest) -> None:
    found = Elements(embed.event_figure(pages.card(manifest), scene(manifest))).found
    assert [tag for tag, _ in found] == ["figure", "a", "img", "figcaption"]
    assert found[1][1]["href"] == "https://media.example.org/w/events/wehubit-week-2022/index.html"
    assert found[2][1]["alt"]
    bare = manifest.model_copy(update={"items": []})
    assert [tag for tag, _ in Elements(embed.event_figure(pages.card(bare), scene(bare))).found] == ["p", "a"]
