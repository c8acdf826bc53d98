"""What visitors read: complete in every language, with dates, numbers and sentences as each language writes them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from mediaarchive.manifest.model import LocalText, Reason
from mediaarchive.site import wording
from mediaarchive.site.texts import Reader
from mediaarchive.site.wording import placeholder_alt, words

SITE = Path(wording.__file__).parent
LANGUAGES = wording.languages()


def placeholders(value: object) -> set[str]:
    """The `{names}` in a string."""
    return set(re.findall(r"\{(\w+)\}", str(value)))


def test_the_pages_speak_english_french_dutch_and_spanish() -> None:
    assert {"en", "fr", "nl", "es"} <= set(LANGUAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_string_exists_in_every_language_with_the_same_holes(lang: str) -> None:
    english, here = words("en").table, words(lang).table
    assert set(here) == set(english)
    for key, value in english.items():
        assert (
            len(here[key]) == len(value) if isinstance(value, list) else placeholders(here[key]) == placeholders(value)
        )
        assert here[key] or not value, key


def test_no_string_is_left_that_no_page_says() -> None:
    code = "".join(file.read_text("utf-8") for file in [*SITE.glob("*.py"), *SITE.glob("templates/*.html")])
    prefixes = (
        "why_",
        "gone_",
        "kind_",
        "text_",
        "track_",
        "range_",
        "receipt_",
        "review_said_",
    )  # asked for by what they are about
    for key in json.loads((SITE / "words" / "en.json").read_text("utf-8")):
        stem = re.sub(r"_(one|other)$", "", key)
        known = key.startswith(prefixes) or stem in {"photos", "videos", "documents", "tombstones"}
        assert known or f'"{stem}"' in code, key


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "mardi 6 décembre 2022"),
        ("en", "Tuesday 6 December 2022"),
        ("nl", "dinsdag 6 december 2022"),
        ("es", "martes, 6 de diciembre de 2022"),
        ("fr-BE", "mardi 6 décembre 2022"),
        ("sw", "Tuesday 6 December 2022"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it(lang: str, said: str) -> None:
    assert words(lang).weekday_date("2022-12-06") == said


def test_dates_that_are_none_are_left_alone() -> None:
    assert words("fr").date("2022-12-01") == "1er décembre 2022"
    assert words("fr").date("bientôt") == "bientôt"
    assert words("en").moment("2022-12-06T10:00:01+01:00", "second") == "6 December 2022, 10:00"
    assert words("en").moment("2022-12-06T10:00:01", "day") == "6 December 2022"
    assert words("en").moment("2022-12-06", None) == "6 December 2022"


def test_an_events_dates_repeat_nothing() -> None:
    assert words("en").span("2022-12-05", "2022-12-09") == "5–9 December 2022"  # noqa: RUF001
    assert words("fr").span("2022-11-30", "2022-12-01") == "du 30 novembre au 1er décembre 2022"
    assert words("es").span("2022-12-30", "2023-01-02") == "del 30 de diciembre de 2022 al 2 de enero de 2023"
    assert words("nl").span("2022-12-05", "2022-12-05") == "5 december 2022"
    assert words("nl").span(None, None) == ""


def test_sizes_and_counts_follow_the_language() -> None:
    assert words("en").size(84_200_000) == "84\u00a0MB"
    assert words("fr").size(1_300_000) == "1,3\u00a0Mo"
    assert words("en").size(999_600) == "1.0\u00a0MB"
    assert words("fr").count("photos", 0) == "0 photo"
    assert words("en").count("missing", 3, total=40) == "3 of 40 photos have no description yet."


def test_a_placeholder_identifies_the_photo_and_says_that_a_description_is_to_come() -> None:
    said = wording.placeholder_alt("fr", "photo", "Wehubit Week 2022", "Bruxelles", "2022-12-06")
    assert said == "Photo, Wehubit Week 2022, Bruxelles, 6 décembre 2022. Description à venir."
    assert wording.placeholder_alt("en", "video") == "Film. Description to come."


def test_a_removal_is_told_with_its_day_and_reason() -> None:
    said = wording.tombstone_text("consent-withdrawn", "photo", "2026-11-20")
    assert said["en"] == "Photo removed on 20 November 2026 at the request of a person shown."
    assert said["fr"] == "Photo retirée le 20 novembre 2026 à la demande d’une personne photographiée."  # noqa: RUF001


@pytest.mark.parametrize("reason", get_args(Reason))
@pytest.mark.parametrize("kind", ["photo", "video", "document"])
def test_every_reason_has_a_sentence_in_every_language(reason: str, kind: str) -> None:
    said = wording.tombstone_text(reason, kind, "2026-11-20")
    assert set(said) == set(LANGUAGES)
    assert all("2026" in text and text.endswith(".") and "{" not in text for text in said.values())


def test_languages_are_named_in_their_own_language() -> None:
    assert wording.language_name("fr") == "Français"
    assert wording.language_name("fr-BE") == "Français (fr-BE)"
    assert wording.language_name("de") == "Deutsch"
    assert wording.language_name("xx") == "xx"


def test_a_placeholder_is_read_with_the_voice_of_the_language_it_is_in() -> None:
    """Of Arabic there are no words of ours: the page is in English, and so is its placeholder, which was called Arabic."""
    alt = {
        lang: LocalText(text=placeholder_alt(lang, "photo"), state="placeholder", source="template")
        for lang in ("ar", "fr")
    }
    arabic, french = (Reader(lang, ("en", lang)).alt(alt, "") for lang in ("ar", "fr"))
    assert (arabic.text, arabic.lang, arabic.missing) == (placeholder_alt("en", "photo"), None, True)
    assert (french.text, french.lang) == (placeholder_alt("fr", "photo"), None)
    written = {"ar": LocalText(text="شخصان يضحكان", state="provided", source="sheet")}
    assert Reader("ar", ("en", "ar")).alt(written, "").lang == "ar"
