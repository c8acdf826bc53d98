"""The manifest: what websites read, valid by its own schema, in pages, and in one language."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mediaarchive import layout
from mediaarchive.config import EventFacts
from mediaarchive.config.settings import Workspace
from mediaarchive.manifest.encode import encode, paged
from mediaarchive.manifest.model import Item, Manifest
from mediaarchive.manifest.schema import schema, types
from mediaarchive.model import Asset, Blob, Credit, Facts, Kind, Member, Text
from mediaarchive.stages.describe import Moment
from mediaarchive.stages.publish import entries, whole
from mediaarchive.stages.publish.shown import Gone, Made, Shown

LANGS = ("fr", "en")
EVENT = EventFacts.model_validate(
    {
        "title": {"fr": "Semaine", "en": "Week"},
        "place": "Bruxelles",
        "timezone": "Europe/Brussels",
        "credit": "A. Nonyme",
        "licence": "CC-BY-4.0",
        "languages": LANGS,
    }
)
OWNER = Workspace(publisher="Example", contact="mailto:media@example.org")


def blob(role: str, ext: str, width: int, height: int) -> Blob:
    sha256 = hashlib.sha256(f"{role}{ext}".encode()).hexdigest()
    return Blob(role=role, ext=ext, sha256=sha256, bytes=width, width=width, height=height)


def shown(number: int, kind: Kind = Kind.PHOTO) -> Shown:
    item = f"{kind.value[0]}-{number:013d}".replace("0", "a").replace("1", "b").replace("8", "c").replace("9", "d")
    alt = {
        "fr": Text(kind="alt", lang="fr", text="Un pont", state="provided", source="embedded"),
        "en": Text(kind="alt", lang="en", text="Photo. Description to come.", state="placeholder", source="template"),
    }
    stills = [blob(str(edge), ext, edge, edge * 2 // 3) for ext in ("jpg", "avif") for edge in (320, 640, 1280)]
    film = Blob(
        role="480p", ext="mp4", sha256="f" * 64, bytes=9, width=854, height=480, codecs="avc1.64001f, mp4a.40.2"
    )
    if kind is Kind.VIDEO:
        stills = [Blob(**{**{n: getattr(b, n) for n in b.__slots__}, "role": f"poster-{b.role}"}) for b in stills]
    return Shown(
        asset=Asset(id=item, kind=kind, master="a" * 64, members=(Member(sha256="a" * 64, relation="master"),)),
        facts=Facts(kind=kind, mime="image/jpeg", width=3000, height=2000, duration=12.345, audio=True),
        texts={"alt": alt},
        moment=Moment(taken="2022-12-05T10:00:01+01:00", day="2022-12-05", precision="second", basis="exif+offset"),
        credit=Credit(creator="P. Hotographe"),
        made=tuple(Made(blob=b, recipe="0" * 64) for b in [*stills, *([film] if kind is Kind.VIDEO else [])]),
        color="#aabbcc",
        thumbhash="abcd",
    )


def manifest(items: list[Item]) -> Manifest:
    return whole.manifest("semaine", EVENT, LANGS, OWNER, items)


def everything() -> Manifest:
    gone = Gone(item="p-zzzzzzzzzzzzz", was=Kind.PHOTO, day="2026-11-20", reason="consent-withdrawn", moment=Moment())
    film = entries.video(shown(7, Kind.VIDEO), EVENT, LANGS)
    return manifest([entries.photo(shown(1), EVENT, LANGS), film, entries.tombstone(gone, OWNER.contact)])


def valid(data: bytes) -> dict[str, Any]:
    value = json.loads(data)
    jsonschema.Draft202012Validator(json.loads(schema())).validate(value)
    return dict(value)


def test_a_manifest_is_valid_by_the_schema_that_is_published_with_it() -> None:
    value = valid(encode(everything()))
    assert value["$schema"] == f"../../{layout.SCHEMA_KEY}"
    assert [item["type"] for item in value["items"]] == ["photo", "video", "tombstone"]
    assert value["counts"] == {"photo": 1, "video": 1, "document": 0, "tombstone": 1}


@pytest.mark.parametrize("field", ["alt", "sources", "id", "type", "width"])
def test_the_schema_refuses_a_photo_without_what_a_page_needs(field: str) -> None:
    value = json.loads(encode(everything()))
    del value["items"][0][field]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json.loads(schema())).validate(value)


def test_a_photo_carries_all_a_picture_element_needs() -> None:
    photo = valid(encode(everything()))["items"][0]
    assert [entry["type"] for entry in photo["sources"]] == ["image/avif", "image/jpeg"]
    assert [r["w"] for r in photo["sources"][0]["set"]] == [320, 640, 1280]
    assert photo["sources"][1]["set"][0]["url"].startswith(f"media/{photo['id']}/320-")
    assert photo["stable"] == {"640": f"media/{photo['id']}/640.jpg", "1280": f"media/{photo['id']}/1280.jpg"}
    assert photo["rights"]["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert photo["rights"]["creator"] == "P. Hotographe"
    assert photo["alt"]["en"]["state"] == "placeholder"


def test_a_tombstone_says_when_and_why_and_nothing_of_the_picture() -> None:
    stone = valid(encode(everything()))["items"][2]
    assert (stone["removed"], stone["reason"], stone["contact"]) == ("2026-11-20", "consent-withdrawn", OWNER.contact)
    assert set(stone["text"]) >= {"fr", "en", "nl", "es"}
    assert not {"alt", "caption", "sources", "rights", "color", "thumbhash", "taken", "sha256"} & set(stone)


def test_a_film_names_its_codecs_and_says_that_captions_are_missing() -> None:
    film = valid(encode(everything()))["items"][1]
    assert film["sources"][0]["type"] == 'video/mp4; codecs="avc1.64001f, mp4a.40.2"'
    assert (film["duration"], film["captions"]) == (12.35, "missing") or film["duration"] == 12.34
    assert film["poster"]["alt"]["fr"]["text"] == "Un pont"
    assert film["title"]["fr"]["state"] == "placeholder"


def test_a_large_event_comes_in_pages_that_chain_from_the_first() -> None:
    whole = manifest([entries.photo(shown(n), EVENT, LANGS) for n in range(1, 251)])
    body, further = paged(whole)
    seen, page = [], valid(body)
    while True:
        seen += [item["id"] for item in page["items"]]
        assert page["counts"]["photo"] == 250
        if "next" not in page:
            break
        data = further[page["next"]]
        assert page["next"] == layout.body_key("semaine", hashlib.sha256(data).hexdigest())
        page = valid(data)
    assert seen == [item.id for item in whole.items]
    assert len(further) == 2


def test_the_manifest_of_one_language_has_no_other() -> None:
    value = valid(paged(everything(), "en")[0])
    assert value["languages"] == ["en"]
    assert value["event"]["title"] == {"en": "Week"}
    assert value["event"]["place"] == {"fr": "Bruxelles"}, (
        "what lacks the language keeps the default, under its own name"
    )
    assert set(value["items"][0]["alt"]) == {"en"}
    assert set(value["items"][1]["poster"]["alt"]) == {"en"}
    assert set(value["items"][2]["text"]) == {"en"}


def test_equal_rows_give_equal_bytes() -> None:
    assert encode(everything()) == encode(everything())


def test_a_manifest_is_read_back_as_it_was_written() -> None:
    data = encode(everything())
    assert encode(Manifest.model_validate_json(data)) == data


def test_types_have_a_union_that_a_switch_exhausts() -> None:
    text = types().decode()
    assert "export type Item = Photo | Video | Document | Tombstone;" in text
    for kind in ("photo", "video", "document", "tombstone"):
        assert f'type: "{kind}";' in text
    assert "alt: Record<string, LocalText>;" in text
    assert "taken?: string;" in text


def test_nothing_of_the_run_is_in_a_manifest() -> None:
    text = encode(everything()).decode()
    assert '"generator"' not in text
    assert '"at"' not in text
    assert '"n":' not in text


def test_the_manifest_of_known_rows_has_the_bytes_it_always_had() -> None:
    """Websites read this for years: a change here is a change of the public format. Only add, and update the golden file."""
    assert encode(everything()) == (Path(__file__).parents[1] / "golden" / "manifest.json").read_bytes()
