"""The pages: every visitor gets a description or is told that there is none, and no text of a stranger becomes code."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from mediaarchive.manifest.model import Counts, Photo, Rights, Tombstone, Video
from mediaarchive.site import pages

if TYPE_CHECKING:
    from pathlib import Path

    from mediaarchive.manifest.model import Manifest

SLUG = "wehubit-week-2022"
HOSTILE = "</textarea></script><script>document.title='owned'</script> & \"quoted\" 'x'"
DESCRIBED, BARE, ELSEWHERE, DRAFT, DECORATIVE, REMOVED = (f"p-{letter * 13}" for letter in "abcdef")
FILM, PAPER = f"v-{'g' * 13}", f"d-{'h' * 13}"
VOID = {"meta", "link", "img", "source", "track", "br", "input"}
Attributes = dict[str, str | None]


class Page(HTMLParser):
    """A page's elements in order, its text, and whether every element is closed."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.open: list[str] = []
        self.text = ""
        self.scripts: list[str] = []
        self.feed(data.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        """Collect what a visitor reads, and scripts apart."""
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif not self.open or self.open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[Attributes]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def image(self, item: str) -> Attributes:
        """An item's picture."""
        return next(one for one in self.all("img") if item in str(one["src"]))


@pytest.fixture
def gallery(site: dict[str, bytes]) -> Page:
    return Page(site[f"events/{SLUG}/index.html"])


def html(site: dict[str, bytes]) -> dict[str, Page]:
    return {key: Page(data) for key, data in site.items() if key.endswith(".html")}


def test_every_page_is_well_formed_and_accessible_in_its_bones(site: dict[str, bytes]) -> None:
    for key, page in html(site).items():
        assert not page.open, key
        ids = [str(one["id"]) for _, one in page.elements if one.get("id")]
        assert len(ids) == len(set(ids)), key
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1, key
        assert levels[0] == 1, key
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), key
        assert (
            page.all("html")[0]["lang"]
            == (re.search(r"index\.(\w\w)\.html", key) or ["", page.all("html")[0]["lang"]])[1]
        )
        assert all("alt" in one and one["width"] and one["height"] for one in page.all("img")), key
        assert len(page.all("main")) == 1, key
        for _, one in page.elements:
            for reference in (one.get("aria-labelledby"), one.get("aria-describedby"), one.get("for")):
                assert reference is None or reference in ids, (key, reference)


def test_every_address_on_a_page_leads_to_something_published(site: dict[str, bytes], root: Path) -> None:
    made_elsewhere = {f"events/{SLUG}/{name}" for name in ("manifest.json", "checksums.sha256")}
    made_elsewhere |= {"schema/manifest-1.json", f"media/{PAPER}/original-00000001.pdf"}
    for key, page in html(site).items():
        for tag, one in page.elements:
            found = [one.get("href"), one.get("src"), one.get("poster")]
            found += [part.split()[0] for part in str(one.get("srcset") or "").split(", ") if part]
            for address in filter(None, found):
                if re.match(r"(https?|mailto):", address):
                    assert tag == "a"
                    continue
                path = (root / key).parent / address.partition("#")[0] if address[0] != "#" else root / key
                name = path.resolve().relative_to(root).as_posix()
                assert name in made_elsewhere or path.resolve().is_file(), (key, address)


def test_pages_hold_no_address_of_this_machine_and_are_the_same_each_time(
    site: dict[str, bytes], manifest: Manifest, root: Path
) -> None:
    assert pages.event_pages(manifest) == {key: site[key] for key in pages.event_pages(manifest)}
    for data in site.values():
        assert str(root).encode() not in data
        assert b"127.0.0.1" not in data


def test_a_photo_is_described_in_the_pages_language(site: dict[str, bytes], gallery: Page) -> None:
    assert gallery.image(DESCRIBED)["alt"] == "Quatre participantes autour d'une table."
    assert Page(site[f"events/{SLUG}/index.en.html"]).image(DESCRIBED)["alt"] == "Four participants at a table."


def test_a_description_in_another_language_is_marked_as_such(gallery: Page) -> None:
    assert gallery.image(ELSEWHERE)["alt"] == "Una sala llena."
    assert gallery.image(ELSEWHERE)["lang"] == "es"
    assert "lang" not in gallery.image(DESCRIBED)


def test_a_missing_description_is_said_and_counted(site: dict[str, bytes], gallery: Page) -> None:
    assert gallery.image(BARE)["alt"] == "Photo. À venir."
    assert gallery.text.count("Description manquante") == 1
    assert "1 photo sur 5 n’a pas encore de description." in gallery.text  # noqa: RUF001
    dutch = Page(site[f"events/{SLUG}/index.nl.html"])
    assert dutch.image(BARE)["alt"] == "Foto, Wehubit Week 2022, Bruxelles, 5 december 2022. Beschrijving volgt."


def test_a_machine_draft_says_so_to_eyes_and_ears(site: dict[str, bytes], gallery: Page) -> None:
    assert gallery.image(DRAFT)["alt"] == "A speaker <b>. (automatic description, not reviewed, may be wrong)"
    assert "Description automatique, non relue" in gallery.text
    assert "Automatic description, not reviewed" in Page(site[f"media/{DRAFT}/index.en.html"]).text


def test_a_decorative_picture_is_silent_but_its_link_has_a_name(gallery: Page) -> None:
    assert gallery.image(DECORATIVE)["alt"] == ""
    link = next(one for one in gallery.all("a") if DECORATIVE in str(one.get("href")) and one.get("class") == "frame")
    assert link["aria-label"] == "Ouvrir la page de cette photo"


def test_texts_of_strangers_are_never_code(site: dict[str, bytes]) -> None:
    for key, page in html(site).items():
        for one in page.all("script"):
            assert one.get("type") == "application/ld+json" or str(one.get("src", "")).endswith(pages.JS_KEY), key
        assert not any("owned" in script and "<" in script for script in page.scripts), key
        assert not [name for _, one in page.elements for name in one if name.startswith("on") or name == "style"], key
        assert all("red;" not in style for style in re.findall("<style>(.*?)</style>", site[key].decode())), key
    assert HOSTILE in Page(site[f"events/{SLUG}/index.html"]).text


def test_a_hostile_link_is_not_made(manifest: Manifest, root: Path) -> None:
    photo = next(item for item in manifest.items if isinstance(item, Photo))
    bad = photo.model_copy(update={"rights": Rights(credit="x", licence="javascript:alert(1)")})
    made = pages.item_pages(bad, events=[pages.card(manifest)])
    assert not any("javascript:" in str(one.get("href")) for data in made.values() for one in Page(data).all("a"))


def test_the_pages_own_style_is_the_one_the_policy_allows(site: dict[str, bytes]) -> None:
    text = site[f"events/{SLUG}/index.html"].decode()
    style = re.search("<style>(.*?)</style>", text)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(one for one in Page(text.encode()).all("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert f"'sha256-{digest}'" in str(policy["content"])
    assert f"#{DESCRIBED}{{--r:1.5;--c:#33667f;--f:52% 38%}}" in style[1]


def test_a_removal_is_told_in_its_place_and_keeps_the_count(gallery: Page) -> None:
    items = [one for one in gallery.all("li") if one.get("aria-setsize")]
    assert [one["id"] for one in items] == [DESCRIBED, BARE, REMOVED, ELSEWHERE, DRAFT, DECORATIVE]
    assert [(one["aria-posinset"], one["aria-setsize"]) for one in items] == [(str(n), "6") for n in range(1, 7)]
    assert "Photo retirée le 20 novembre 2026 à la demande d’une personne photographiée." in gallery.text  # noqa: RUF001


def test_a_removed_photos_page_says_why_and_whom_to_ask_and_shows_nothing(site: dict[str, bytes]) -> None:
    page = Page(site[f"media/{REMOVED}/index.en.html"])
    assert "Photo removed on 20 November 2026 at the request of a person shown." in page.text
    assert not page.all("img")
    assert any(one["href"] == f"mailto:media@example.org?subject={REMOVED}" for one in page.all("a"))
    assert {"name": "robots", "content": "noindex"} in page.all("meta")


def test_days_have_headings_in_the_pages_language(site: dict[str, bytes], gallery: Page) -> None:
    assert "lundi 5 décembre 2022" in gallery.text
    assert "maandag 5 december 2022" in Page(site[f"events/{SLUG}/index.nl.html"]).text


@pytest.mark.parametrize(
    ("step", "headings", "first"),
    [(0.5, 18, "vendredi 4 mars 2022"), (10, 12, "mars 2022"), (40, 5, "2022")],
    ids=["the days of three weeks", "the months of a year's walks", "the years of an archive"],
)
def test_headings_never_crowd_out_the_photographs(manifest: Manifest, step: float, headings: int, first: str) -> None:
    model = next(item for item in manifest.items if isinstance(item, Photo))
    days = [dt.date(2022, 3, 4) + dt.timedelta(days=int(step * number)) for number in range(36)]
    shots = [
        model.model_copy(update={"id": f"p-{number:a>13}", "day": day.isoformat()}) for number, day in enumerate(days)
    ]
    page = Page(pages.event_pages(manifest.model_copy(update={"items": shots}))[f"events/{SLUG}/index.html"])
    assert len(page.all("h2")) == headings
    assert len(page.all("section")) == headings
    assert sum(one.get("href", "").startswith("#day-") for one in page.all("a")) == headings
    assert [one["id"] for one in page.all("li") if one.get("id")] == [shot.id for shot in shots]
    assert re.findall(r"\n((?:vendredi 4 )?(?:mars )?2022)\n", page.text)[0] == first


def test_the_languages_know_each_other(gallery: Page) -> None:
    others = {one["hreflang"]: one["href"] for one in gallery.all("link") if one.get("hreflang")}
    assert others == {"fr": "index.html", "en": "index.en.html", "nl": "index.nl.html"}
    assert [one["lang"] for one in gallery.all("a") if one.get("aria-current")] == ["fr"]


def test_a_photo_can_be_chosen_by_format_and_width(gallery: Page) -> None:
    sources = [one for one in gallery.all("source") if DESCRIBED in str(one.get("srcset"))]
    assert [one["type"] for one in sources] == ["image/avif"]
    assert re.findall(r"(\d+)w", str(gallery.image(DESCRIBED)["srcset"])) == ["160", "320", "640"]
    assert "loading" not in gallery.image(DESCRIBED)
    assert gallery.image(DRAFT)["loading"] == "lazy"


def test_a_film_waits_to_be_played_with_text_in_the_visitors_language(site: dict[str, bytes], gallery: Page) -> None:
    film = gallery.all("video")[0]
    assert film["preload"] == "none"
    assert "autoplay" not in film
    sources = [one for one in gallery.all("source") if one.get("src")]
    assert [("1080p" in str(one["src"]), one.get("media")) for one in sources] == [
        (True, "(min-width: 960px)"),
        (False, None),
    ]
    assert [one["srclang"] for one in gallery.all("track") if "default" in one] == ["fr"]
    dutch = Page(site[f"events/{SLUG}/index.nl.html"])
    assert [one["srclang"] for one in dutch.all("track") if "default" in one] == ["en"]
    assert "84\u00a0Mo" in gallery.text


def test_a_film_without_captions_says_so(manifest: Manifest) -> None:
    items = [
        one.model_copy(update={"captions": "missing", "tracks": []}) if one.id == FILM else one
        for one in manifest.items
    ]
    made = pages.event_pages(manifest.model_copy(update={"items": items}))
    assert "Pas encore de sous-titres" in Page(made[f"events/{SLUG}/index.html"]).text


def test_credit_and_licence_stand_under_every_photo(gallery: Page) -> None:
    licences = [one["href"] for one in gallery.all("a") if one.get("rel") == "license"]
    assert licences.count("https://creativecommons.org/licenses/by/4.0/") >= 5
    assert gallery.text.count("A. Example / Enabel") == 5
    assert "CC BY 4.0" in gallery.text


def test_the_code_to_paste_is_one_figure_with_a_stable_address(site: dict[str, bytes]) -> None:
    text = site[f"media/{DESCRIBED}/index.html"].decode()
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)
    assert found
    page = Page(Page(found[0].encode()).text.encode())
    assert [tag for tag, _ in page.elements] == ["figure", "a", "img", "figcaption", "span", "a"]
    image = page.all("img")[0]
    assert image["src"] == f"../../media/{DESCRIBED}/1280.jpg"
    assert image["alt"] == "Quatre participantes autour d'une table."
    assert (image["width"], image["height"]) == ("640", "427")
    assert HOSTILE in page.text


def test_an_old_id_of_a_photo_shows_the_same_page(site: dict[str, bytes]) -> None:
    assert site[f"media/p-{'z' * 13}/index.html"] == site[f"media/{DESCRIBED}/index.html"]


def test_an_item_of_two_events_has_every_page_that_they_link_to(manifest: Manifest) -> None:
    other = manifest.model_copy(update={"slug": "other", "languages": ["en", "fr"]})
    item = manifest.items[1]
    made = pages.item_pages(item, events=[pages.card(manifest), pages.card(other)])
    for one in (manifest, other):
        for data in pages.event_pages(one).values():
            links = [str(link["href"]) for link in Page(data).all("a") if item.id in str(link.get("href"))]
            assert links
            assert {link.removeprefix("../../").partition("#")[0] for link in links} <= set(made)


def test_the_newest_event_comes_first_with_its_cover_and_counts(manifest: Manifest) -> None:
    card = pages.card(manifest)
    old = pages.EventCard(
        slug="old", title={}, languages=("es",), place={}, start=None, end=None, counts=Counts(), rights=Rights()
    )
    made = pages.events_pages([old, card], languages=["en"])
    assert set(made) == {"events/index.html", *(f"events/index.{lang}.html" for lang in ("en", "fr", "nl", "es"))}
    page = Page(made["events/index.html"])
    assert page.text.index("Wehubit Week 2022") < page.text.index("old")
    assert "5 photos · 1 film · 1 document" in page.text
    assert len(page.all("img")) == 1


def test_an_event_without_anything_still_has_a_page(manifest: Manifest) -> None:
    event = manifest.event.model_copy(update={"title": {"fr": "Semaine"}})
    bare = manifest.model_copy(update={"items": [], "languages": ["de"], "event": event})
    page = Page(pages.event_pages(bare)[f"events/{SLUG}/index.html"])
    assert "Nothing has been published of this event yet." in page.text
    assert page.all("html")[0]["lang"] == "en"  # the language that the page really speaks
    assert page.all("h1")[0]["lang"] == "fr"


def test_structured_data_describes_the_event(gallery: Page) -> None:
    value = json.loads(gallery.scripts[0])
    assert value["@type"] == "Event"
    assert value["startDate"] == "2022-12-05"
    assert len(value["image"]) == 5


def test_a_tombstone_without_a_sentence_in_the_visitors_language_gets_ours(manifest: Manifest) -> None:
    gone = next(item for item in manifest.items if isinstance(item, Tombstone))
    bare = gone.model_copy(update={"text": {}, "reason": "rights-expired"})
    made = pages.item_pages(bare, events=[pages.card(manifest)])
    assert "omdat het recht op publicatie is verlopen" in Page(made[f"media/{REMOVED}/index.nl.html"]).text


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_its_paper(dark: bool) -> None:  # noqa: FBT001 - a parameter of the test
    css = pages.assets()[pages.CSS_KEY].decode()
    palettes = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    palette = palettes[0] | (palettes[1] if dark else {})
    pairs = [(ink, paper) for ink in ("ink", "quiet", "accent", "warn") for paper in ("page", "card")]
    for ink, paper in [*pairs, ("warn", "warn-page")]:
        light, deep = sorted((luminance(palette[ink]), luminance(palette[paper])), reverse=True)
        assert (light + 0.05) / (deep + 0.05) >= 4.5, (ink, paper)  # WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    """Relative luminance of a hex colour, as WCAG defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(char * 2 for char in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_films_page_shares_its_still(manifest: Manifest) -> None:
    film = next(item for item in manifest.items if isinstance(item, Video))
    made = pages.item_pages(film, events=[pages.card(manifest)], address="https://media.example.org")
    shown = {meta["property"]: meta["content"] for meta in Page(made[film.page]).all("meta") if "property" in meta}
    stills = {one.url: one for entry in film.poster.sources if entry.type == "image/jpeg" for one in entry.set}
    still = stills[shown["og:image"].removeprefix("https://media.example.org/")]
    assert shown["og:image:width"] == str(still.w)
    assert still.w <= 1280
    assert shown["og:url"] == f"https://media.example.org/{film.page}"


def test_a_heading_of_rights_stands_over_rights_only(site: dict[str, bytes], manifest: Manifest) -> None:
    for item in manifest.items:
        text = site[f"media/{item.id}/index.html"].decode()
        if '<dl class="short">' in text:
            below = text.partition('<dl class="short">')[2].partition("</dl>")[0]
            assert "<dt>" in below, item.id
            said = any(f"<dt>{word}" in below for word in ("Crédit", "Auteur", "Copyright", "Licence", "Conditions"))
            assert (">Droits<" in text) is said, item.id
