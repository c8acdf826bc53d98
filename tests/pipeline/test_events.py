"""Events: what they are called, and that one photograph in several of them is one item."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable

import pytest
from PIL import Image

from mediaarchive.pipeline.inbox import admitting
from mediaarchive.pipeline.inbox.scanning import slugs_of

from .conftest import LEAN, Space
from .files import jpeg, picture

Make = Callable[..., Space]


def small(data: bytes) -> bytes:
    """The photograph as a messenger sends it: half its size, without metadata."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS).save(out, "JPEG", quality=75)
    return out.getvalue()


def drop(ws: Space, **files: bytes) -> None:
    for path, data in files.items():
        event, _, name = path.partition("__")
        (ws.root / "inbox" / event).mkdir(parents=True, exist_ok=True)
        (ws.root / "inbox" / event / f"{name}.jpg").write_bytes(data)


def test_a_published_photograph_s_better_file_that_came_in_with_another_event_is_shown(space: Make) -> None:
    ws = space("better")
    large = jpeg(picture(7))
    drop(ws, alpha__copy=small(large))
    ws.run()
    drop(ws, alpha__copy2=small(large) + b"\0", beta__one=large, beta__again=small(large))
    ws.run()
    drop(ws, alpha__other=jpeg(picture(9), at="2024:05:01 13:00:00"))
    report = ws.run()
    assert report["status"] == 0, report
    items = [json.loads(ws.manifest(event))["items"] for event in ("alpha", "beta")]
    assert [len(found) for found in items] == [2, 1]
    assert items[1][0]["id"] in {item["id"] for item in items[0]}
    lost = ws.twin(ws.root.parent / "lost")
    (lost.root / "archive" / "catalog.db").unlink()
    lost.run()
    assert [lost.manifest(event) for event in ("alpha", "beta")] == [ws.manifest(event) for event in ("alpha", "beta")]


def test_an_event_that_nobody_named_goes_by_its_folder_s_name(space: Make) -> None:
    ws = space("named")
    drop(ws, **{"Été_à Liège 2022__one": jpeg(picture(3))})
    ws.run()
    event = json.loads(ws.manifest("ete-a-liege-2022"))["event"]
    assert set(event["title"].values()) == {"Été à Liège 2022"}
    (ws.root / "inbox" / "Été_à Liège 2022" / "event.toml").write_text('title = { fr = "La fête" }', encoding="utf-8")
    ws.run()
    assert json.loads(ws.manifest("ete-a-liege-2022"))["event"]["title"] == {"fr": "La fête"}


def test_events_whose_names_are_of_any_script_have_addresses_of_their_own(space: Make) -> None:
    """Of two in Arabic, or in Greek, whose names had a year in common, the second was refused."""
    names = {
        "القاهرة ٢٠٢٤": "lqhrh-2024",  # Arabic, with its own digits
        "بيروت 2024": "byrwt-2024",
        "Αθήνα 2024": "athina-2024",
        unicodedata.normalize("NFD", "Львовский съезд 2024"): "lvovskiy-sezd-2024",
        "北京 2024": "beijing-2024",
        "አዲስ አበባ 2024": "adis-abeba-2024",
        "Đà Nẵng 2024": "da-nang-2024",
    }
    ws = space("scripts", settings=LEAN)
    drop(ws, **{f"{name}__{n}": jpeg(picture(n, (300, 200))) for n, name in enumerate(names)})
    assert {event["slug"] for event in ws.run()["events"]} == set(names.values())
    for name, slug in names.items():
        event = json.loads(ws.manifest(slug))["event"]
        assert set(event["title"].values()) == {unicodedata.normalize("NFC", name)}, "people read it as it was written"


def test_names_that_are_spelt_alike_in_ascii_are_two_events_unless_they_only_differ_in_accents(space: Make) -> None:
    stone, poem, greek, shouted = "石", "诗", "Αθήνα", "ΑΘΗΝΑ"  # shi, shi, Athina
    ws = space("alike", settings=LEAN)
    drop(ws, **{f"{stone}__1": jpeg(picture(1, (300, 200))), f"{greek}__2": jpeg(picture(2, (300, 200)))})
    ws.run()
    drop(ws, **{f"{poem}__3": jpeg(picture(3, (300, 200))), f"{shouted}__4": jpeg(picture(4, (300, 200)))})
    report = ws.run()
    slugs = {event["slug"] for event in report["events"]}
    (own,) = slugs - {"shi", "athina"}
    assert re.fullmatch("shi-[0-9a-f]{6}", own)
    assert set(json.loads(ws.manifest(own))["event"]["title"].values()) == {poem}
    assert [one["code"] for one in report["files"] if one["path"].endswith("4.jpg")] == ["slug-collision"]
    (ws.root / "archive" / "catalog.db").unlink()
    assert {event["slug"] for event in ws.run()["events"]} == slugs, "recorded once, whoever comes first the next time"


def test_an_event_keeps_the_address_that_it_got_when_other_scripts_were_left_out(
    space: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    greek, other = "Αθήνα 2024", "Κρήτη 2024"
    ws = space("before", settings=LEAN)
    drop(ws, **{f"{greek}__1": jpeg(picture(1, (300, 200)))})
    with monkeypatch.context() as before:
        before.setattr(admitting, "slug_of", lambda folder: slugs_of(folder)[2])
        ws.run()
    drop(ws, **{f"{greek}__2": jpeg(picture(2, (300, 200))), f"{other}__3": jpeg(picture(3, (300, 200)))})
    assert {event["slug"] for event in ws.run()["events"]} == {"2024", "kriti-2024"}
    kept = json.loads(ws.manifest("2024"))
    assert len(kept["items"]) == 2
    assert set(kept["event"]["title"].values()) == {greek}


def test_an_apostrophe_parts_words_whichever_it_is_and_events_of_before_keep_their_address(
    space: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = space("apostrophes", settings=LEAN)
    drop(ws, **{"L\u2019hiver au cœur__one": jpeg(picture(3, (300, 200)))})
    with monkeypatch.context() as before:
        before.setattr(admitting, "slug_of", lambda folder: slugs_of(folder)[3])
        ws.run()
    drop(
        ws,
        **{
            f"{name}__{n}": jpeg(picture(n, (300, 200)))
            for n, name in enumerate(("L\u2019hiver au cœur", "L\u2019été"), 4)
        },
    )
    drop(ws, **{"L'automne__8": jpeg(picture(8, (300, 200)))})
    assert {event["slug"] for event in ws.run()["events"]} == {"lhiver-au-cur", "l-ete", "l-automne"}
    old = json.loads(ws.manifest("lhiver-au-cur"))
    assert len(old["items"]) == 2
    assert set(old["event"]["title"].values()) == {"L\u2019hiver au cœur"}, "it was not renamed by anybody"
    assert slugs_of("Straße \u2013 Fête…")[0] == "strasse-fete"
