"""What speaks against an alternative text: nothing against good ones, and each bad habit by its name."""

from __future__ import annotations

import pytest

from mediaarchive.captioners import SheetCaptioner
from mediaarchive.media.metadata import says_nothing
from mediaarchive.model import Facts, Kind, Subject, Text
from mediaarchive.stages.describe import resolve
from mediaarchive.stages.lint import lint, repeated

FOUR = ("en", "fr", "nl", "es")
LONG = (
    "A speaker before a wall with the names of all twelve countries smiles at the first rows of a hall"
    + ", which is full" * 2
    + "."
)
GOOD = [
    ("en", "Four participants talk around a table covered in notes."),
    ("en", "Group photo of the 27 project teams on the stairs of the town hall."),
    ("en", "Logo of the city of Liège."),
    ("fr", "Quatre participantes discutent autour d'une table couverte de notes."),
    ("fr", "Photo de groupe des 27 équipes devant l'hôtel de ville."),
    ("nl", "Vier deelnemers praten rond een tafel vol notities."),
    ("nl", "'t Stadhuis van Luik bij avond."),
    ("es", "Cuatro participantes conversan alrededor de una mesa llena de notas."),
    ("es", "Una oradora señala un mapa proyectado."),
]
BAD = [
    ("en", "IMG_4711.jpg", "says-nothing"),
    ("en", "Photo 12", "says-nothing"),
    ("fr", "image retirée", "says-nothing"),
    ("fr", "à compléter", "says-nothing"),
    ("nl", "foto", "says-nothing"),
    ("es", "PENDIENTE", "says-nothing"),
    ("fr", "décorative", "decorative-word"),
    ("en", "WhatsApp Image 2025-10-07 at 12.00.00.jpeg", "says-nothing"),
    ("en", "A photo of a speaker at a lectern.", "redundant-beginning"),
    ("fr", "Photo d'une oratrice à la tribune.", "redundant-beginning"),
    ("fr", "Image montrant une salle comble.", "redundant-beginning"),
    ("nl", "Foto van een volle zaal.", "redundant-beginning"),
    ("es", "Imagen de una sala llena.", "redundant-beginning"),
    ("en", "A speaker <b>smiles</b> at the audience.", "markup"),
    ("fr", "<p>Une oratrice <b>sourit</b> &amp; parle.</p>", "markup"),
    ("en", "A speaker smiles at the", "cut-off"),
    ("fr", "Une oratrice sourit à la salle et", "cut-off"),
    ("en", "A speaker at a lectern. " * 12, "too-long"),
    ("en", LONG, "long"),
    ("en", "A hall.", "short"),
    ("en", "THE MINISTER OPENS THE WEEK", "capitals"),
    ("en", "The minister, minister@example.org, opens the week.", "contact"),
    ("en", "The woman is probably the minister.", "guess"),
    ("en", "A speaker\u202e smiles.", "control-character"),
    ("en", "Quatre participantes discutent autour d'une table couverte de notes.", "other-language"),
    ("fr", "Four participants talk around a table covered in notes.", "other-language"),
]


@pytest.mark.parametrize(("lang", "text"), GOOD)
def test_nothing_is_said_against_a_good_text(lang: str, text: str) -> None:
    assert lint(text, lang, FOUR, caption="The opening") == []


@pytest.mark.parametrize(("lang", "text", "rule"), BAD)
def test_each_bad_habit_is_named(lang: str, text: str, rule: str) -> None:
    found = lint(text, lang, FOUR)
    assert rule in {one.rule for one in found}
    assert all(one.says for one in found)


def test_words_that_stand_beneath_the_picture_too_are_said_twice() -> None:
    assert [one.rule for one in lint("The opening speech.", "en", FOUR, caption="the opening  speech")] == [
        "repeats-caption"
    ]


def test_two_pictures_with_one_text_are_told_but_not_frames_of_one_burst() -> None:
    texts = {"a": "A full hall.", "b": "a full hall", "c": "An empty hall."}
    assert repeated(texts, {}).keys() == {"a", "b"}
    assert repeated(texts, {"a": "burst", "b": "burst"}) == {}


@pytest.mark.parametrize("text", ["DSC_0042.JPG", "Photo.", "n/a"])
def test_an_alternative_text_that_says_nothing_counts_as_missing(text: str) -> None:
    rows = tuple(
        Text(kind="alt", lang="en", text=one, state="provided", source="sheet") for one in (text, "A full hall.")
    )
    for sheet, expected in ((rows, "A full hall."), (rows[:1], None)):
        subject = Subject(
            item="p", kind=Kind.PHOTO, facts=Facts(kind=Kind.PHOTO, mime=""), languages=("en",), sheet=sheet
        )
        found = resolve(subject, (SheetCaptioner(),)).get("alt", {}).get("en")
        assert (found and found.text) == expected
    assert says_nothing(text)
