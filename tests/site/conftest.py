"""A small published event with real pictures: texts in every state, a tombstone, a film with tracks and a document."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageDraw

from mediaarchive import layout
from mediaarchive.manifest.model import (
    Counts,
    Document,
    Event,
    FilmSource,
    Links,
    LocalText,
    Manifest,
    Photo,
    Poster,
    Publisher,
    Rendition,
    Rights,
    SourceSet,
    Stack,
    Tombstone,
    Track,
    Video,
)
from mediaarchive.site import pages
from mediaarchive.site.server import make_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLUG = "wehubit-week-2022"
HOSTILE = "</textarea></script><script>document.title='owned'</script> & \"quoted\" 'x'"
# The items' ids, as tests name them too: a described photo, one without a text, one described in Spanish only…
DESCRIBED, BARE, ELSEWHERE, DRAFT, DECORATIVE, REMOVED = (f"p-{letter * 13}" for letter in "abcdef")
FILM, PAPER = f"v-{'g' * 13}", f"d-{'h' * 13}"


def said(text: str, state: str = "approved", source: str = "review") -> LocalText:
    """A text in one language."""
    return LocalText.model_validate({"text": text, "state": state, "source": source})


def write_sets(root: Path, item: str, size: tuple[int, int], colour: str) -> tuple[list[SourceSet], dict[str, str]]:
    """Real AVIF and JPEG renditions of a plain picture, and its stable addresses."""
    whole = Image.new("RGB", size, colour)
    ImageDraw.Draw(whole).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill="white")
    found: dict[str, list[Rendition]] = {"avif": [], "jpg": []}
    for edge in (160, 320, 640):
        small = whole.copy()
        small.thumbnail((edge, edge))
        for ext, files in found.items():
            key = f"media/{item}/{edge}-{edge:08x}.{ext}"
            _save(small, root / key)
            files.append(Rendition(w=small.width, h=small.height, url=key, bytes=(root / key).stat().st_size))
    stable = {str(edge): layout.stable_key(item, edge) for edge in layout.STABLE_EDGES}
    for key in stable.values():
        _save(whole, root / key)
    return [
        SourceSet(type="image/avif", set=found["avif"]),
        SourceSet(type="image/jpeg", set=found["jpg"]),
    ], stable


def photo(root: Path, item: str, day: str | None, size: tuple[int, int] = (640, 427), **values: object) -> Photo:
    """A photograph with its files."""
    sets, stable = write_sets(root, item, size, "#33667f")
    taken = f"{day}T10:00:01+01:00" if day else None
    fixed: dict[str, Any] = {
        "taken": taken,
        "day": day,
        "width": size[0],
        "height": size[1],
        "color": "#33667f",
        "alt": {},
        "rights": Rights(credit="A. Example / Enabel", licence="https://creativecommons.org/licenses/by/4.0/"),
    }
    return Photo(id=item, page=layout.item_page(item), sources=sets, stable=stable, **(fixed | values))


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is published."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="session")
def manifest(root: Path) -> Manifest:
    """The event's manifest, with all items."""
    items = [
        _film(root),
        photo(
            root,
            DESCRIBED,
            "2022-12-05",
            alt={"fr": said("Quatre participantes autour d'une table."), "en": said("Four participants at a table.")},
            caption={"fr": said(HOSTILE), "en": said(HOSTILE)},
            long={"fr": said("Une longue description.")},
            focus=(0.52, 0.38),
            stack=Stack(kind="burst", size=5),
            aliases=[f"p-{'z' * 13}"],
        ),
        photo(root, BARE, "2022-12-05", (427, 640), alt={"fr": said("Photo. À venir.", "placeholder", "template")}),
        Tombstone(
            id=REMOVED,
            was="photo",
            page=layout.item_page(REMOVED),
            removed="2026-11-20",
            reason="consent-withdrawn",
            text={"en": "Photo removed on 20 November 2026 at the request of a person shown."},
        ),
        photo(root, ELSEWHERE, "2022-12-06", alt={"es": said("Una sala llena.")}),
        photo(root, DRAFT, "2022-12-06", alt={"en": said("A speaker <b>.", "draft", "model")}, color="red;}</style>"),
        photo(root, DECORATIVE, None, alt={"fr": said("", "decorative")}),
        Document(
            id=PAPER,
            page=layout.item_page(PAPER),
            title={"fr": said("Le programme")},
            url=f"media/{PAPER}/original-00000001.pdf",
            media_type="application/pdf",
            bytes=1_300_000,
        ),
    ]
    return Manifest.model_validate(
        {
            "$schema": f"../../{layout.SCHEMA_KEY}",
            "slug": SLUG,
            "languages": ["fr", "en", "nl"],
            "event": Event(
                title={"fr": "Wehubit Week 2022", "en": "Wehubit Week 2022"},
                description={"fr": "Une semaine sur le numérique."},
                start="2022-12-05",
                end="2022-12-09",
                timezone="Europe/Brussels",
                place={"fr": "Bruxelles", "en": "Brussels"},
                homepage="https://www.example.org/week",
            ),
            "publisher": Publisher(name="Enabel", url="https://www.example.org/", contact="mailto:media@example.org"),
            "rights": Rights(licence="CC-BY-4.0"),
            "links": Links(
                page=layout.event_page(SLUG), languages={}, json_schema=layout.SCHEMA_KEY, types=layout.TYPES_KEY
            ),
            "counts": Counts(photo=5, video=1, document=1, tombstone=1),
            "items": items,
        }
    )


@pytest.fixture(scope="session")
def site(root: Path, manifest: Manifest) -> dict[str, bytes]:
    """All pages and assets by key, written below the root too."""
    card = pages.card(manifest)
    made = pages.assets() | pages.event_pages(manifest)
    made |= pages.events_pages([card], languages=["en"], publisher=manifest.publisher)
    for item in manifest.items:
        made |= pages.item_pages(item, events=[card], publisher=manifest.publisher)
    for key, data in made.items():
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_bytes(data)
    return made


@pytest.fixture
def served(root: Path, site: dict[str, bytes]) -> Iterator[tuple[str, list[tuple[str, str, int]]]]:
    """The site's address, and what it is asked: method, path, status."""
    asked: list[tuple[str, str, int]] = []
    with make_server(root, port=0, log=lambda *request: asked.append(request)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.url, asked
        server.shutdown()


def _film(root: Path) -> Video:
    sets, stable = write_sets(root, FILM, (640, 360), "#803030")
    address = f"media/{FILM}/{{}}-00000001.{{}}"
    for name, ext in (("1080p", "mp4"), ("480p", "mp4"), ("captions.en", "vtt"), ("subtitles.fr", "vtt")):
        (root / address.format(name, ext)).write_bytes(bytes(range(256)) * 8 if ext == "mp4" else b"WEBVTT\n")
    kind = 'video/mp4; codecs="avc1.64001f, mp4a.40.2"'
    return Video(
        id=FILM,
        page=layout.item_page(FILM),
        day="2022-12-09",
        title={"fr": said("Le film de la semaine"), "en": said("The aftermovie")},
        width=1920,
        height=1080,
        duration=187.4,
        audio=True,
        poster=Poster(alt={"fr": said("Un titre devant une salle.")}, sources=sets),
        sources=[
            FilmSource(type=kind, url=address.format("480p", "mp4"), w=854, h=480, bytes=21_900_000),
            FilmSource(type=kind, url=address.format("1080p", "mp4"), w=1920, h=1080, bytes=84_200_000),
        ],
        tracks=[
            Track(
                kind="captions", srclang="en", label="English", url=address.format("captions.en", "vtt"), default=True
            ),
            Track(kind="subtitles", srclang="fr", label="Français", url=address.format("subtitles.fr", "vtt")),
        ],
        captions="provided",
        stable=stable,
    )


def _save(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=50)
