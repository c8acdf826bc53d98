"""Which text wins, what becomes of texts without a language, and what time it really was."""

from __future__ import annotations

import pytest

from mediaarchive.captioners import EmbeddedCaptioner, SheetCaptioner, SidecarCaptioner, TemplateCaptioner
from mediaarchive.config import EventFacts
from mediaarchive.model import Camera, Facts, Kind, Subject, Taken, Text
from mediaarchive.site.wording import placeholder_alt
from mediaarchive.stages.describe import Moment, guess_language, moment, order, resolve

ALL = (SheetCaptioner(), SidecarCaptioner(), EmbeddedCaptioner(), TemplateCaptioner(placeholder_alt, "2022-12-06"))


def text(value: str, lang: str = "fr", kind: str = "alt", source: str = "embedded") -> Text:
    return Text(kind=kind, lang=lang, text=value, state="provided", source=source)


def subject(**found: tuple[Text, ...]) -> Subject:
    facts = Facts(kind=Kind.PHOTO, mime="image/jpeg", width=3, height=2)
    event = {"title": {"fr": "Semaine"}, "place": {"fr": "Bruxelles"}}
    return Subject(item="p-a", kind=Kind.PHOTO, facts=facts, languages=("fr", "en"), event=event, **found)


def test_the_sheet_beats_the_sidecar_beats_the_file() -> None:
    found = subject(embedded=(text("file"),), sidecar=(text("sidecar"),), sheet=(text("sheet"),))
    assert resolve(found, ALL)["alt"]["fr"].text == "sheet"
    assert resolve(subject(embedded=(text("file"),), sidecar=(text("sidecar"),)), ALL)["alt"]["fr"].text == "sidecar"


def test_each_language_that_nobody_wrote_gets_an_honest_placeholder() -> None:
    alt = resolve(subject(embedded=(text("Un pont"),)), ALL)["alt"]
    assert (alt["fr"].text, alt["fr"].state) == ("Un pont", "provided")
    assert (alt["en"].state, alt["en"].source) == ("placeholder", "template")
    assert "Semaine" in alt["en"].text
    assert "6 December 2022" in alt["en"].text


def test_a_caption_never_becomes_an_alternative_text() -> None:
    texts = resolve(subject(embedded=(text("Atelier sur la santé", kind="caption"),)), ALL)
    assert texts["caption"]["fr"].text == "Atelier sur la santé"
    assert {entry.state for entry in texts["alt"].values()} == {"placeholder"}


def test_a_text_that_names_its_language_is_not_displaced_by_one_that_does_not() -> None:
    found = subject(embedded=(text("Sans langue", "und", "caption"), text("Avec langue", "fr", "caption")))
    assert resolve(found, ALL)["caption"]["fr"].text == "Avec langue"


@pytest.mark.parametrize(
    ("value", "lang"),
    [
        ("Quatre participantes discutent autour d'une table couverte de notes", "fr"),
        ("Four participants talk around a table that is covered in notes", "en"),
        ("Brussels", "fr"),
    ],
)
def test_a_text_without_a_language_gets_the_likeliest_of_the_event(value: str, lang: str) -> None:
    assert guess_language(value, ("fr", "en")) == lang


def test_a_regional_language_is_the_events_own() -> None:
    assert resolve(subject(embedded=(text("Un pont", "fr-BE"),)), ALL)["alt"]["fr"].text == "Un pont"


EVENT = EventFacts.model_validate(
    {
        "timezone": "Europe/Brussels",
        "camera": [{"model": "London", "offset": "+00:00"}, {"serial": "42", "clock_error": "+7m"}],
    }
)


def exif(local: str, offset: str | None = None) -> Taken:
    return Taken(local=local, offset=offset, precision="second", basis="exif+offset" if offset else "exif")


@pytest.mark.parametrize(
    ("taken", "camera", "shown", "basis"),
    [
        (exif("2022-12-06T10:00:00"), Camera(), "2022-12-06T10:00:00+01:00", "exif+event-zone"),
        (exif("2022-12-06T09:00:00"), Camera(model="London"), "2022-12-06T10:00:00+01:00", "exif+camera-rule"),
        (exif("2022-12-06T10:07:00"), Camera(serial="42"), "2022-12-06T10:00:00+01:00", "exif+event-zone+camera-rule"),
        (exif("2022-12-06T11:00:00", "+02:00"), Camera(), "2022-12-06T10:00:00+01:00", "exif+offset"),
        (exif("2022-07-06T10:00:00.25"), Camera(), "2022-07-06T10:00:00+02:00", "exif+event-zone"),
    ],
)
def test_different_clocks_tell_the_same_instant(taken: Taken, camera: Camera, shown: str, basis: str) -> None:
    found = moment(taken, camera, EVENT)
    assert (found.taken, found.basis, found.day) == (shown, basis, shown[:10])


def test_a_day_from_a_file_name_never_pretends_to_be_a_time() -> None:
    found = moment(Taken(local="2022-12-06T00:00:00", offset=None, precision="day", basis="file-name"), Camera(), EVENT)
    assert found == Moment(taken="2022-12-06", day="2022-12-06", precision="day", basis="file-name")


def test_photos_stand_in_the_order_of_their_instants_those_without_time_last() -> None:
    times = {"b": "2022-12-06T10:00:00.5", "a": "2022-12-06T10:00:00.1", "c": "2022-12-05T23:59:00"}
    moments = [(name, moment(exif(local), Camera(), EVENT), f"{name}.jpg") for name, local in times.items()]
    moments += [("z", Moment(), "1.jpg"), ("y", Moment(), "2.jpg"), ("d", Moment(day="2022-12-05"), "9.jpg")]
    assert order(moments) == ["c", "d", "a", "b", "z", "y"]
    assert order(reversed(moments)) == order(moments)
