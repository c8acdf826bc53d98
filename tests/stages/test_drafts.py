"""A machine's text before anybody sees it: held to more than a person's; and the picture that it is shown."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from mediaarchive.stages.drafts import EDGE, reduced, unfit
from mediaarchive.stages.lint import lint

LANGUAGES = ("fr", "en", "nl", "es")
KNOWN = {"event": "Commons Week 2025", "place": "Bruxelles", "caption, by a person": "fr: Ana Ruiz au micro"}

FIT = [
    ("fr", "Quatre personnes discutent autour d'une table couverte de notes."),
    ("fr", "Ana Ruiz parle dans un micro devant une salle comble."),
    ("fr", "Un chat noir dort sur une chaise blanche."),
    ("fr", "Une affiche « Bienvenue à Liège Expo » au-dessus d'une scène vide."),
    ("en", "The European flag hangs behind a speaker on a stage."),
    ("en", 'A banner reads "Welcome to Brussels Expo" above a stage.'),
    ("en", "Two people in black jackets wait beside a white van."),
    ("en", "A crowd applauds at Commons Week 2025."),
    ("nl", "Vier mensen praten rond een tafel vol aantekeningen."),
    ("fr", "Une carte des universités africaines et asiatiques sur un écran."),
    ("en", "Jars of African honey stand on a white table."),
    ("en", 'A slide reads "Old people are probably right" above a chart.'),
    ("nl", "De burgemeester staat naast een zwarte auto."),
    ("en", "Two EU flags hang behind a UNESCO speaker."),
    ("es", "Cuatro personas hablan alrededor de una mesa redonda."),
]
UNFIT = [
    ("en", "I'm sorry, but I can't help with this picture.", "refusal"),
    ("en", "As an AI language model, I cannot identify people.", "refusal"),
    ("en", "The provided image shows a stage with three people.", "refusal"),
    ("fr", "Je suis désolé, je ne peux pas décrire cette photo.", "refusal"),
    ("nl", "Het spijt me, ik kan deze afbeelding niet beschrijven.", "refusal"),
    ("es", "Lo siento, no puedo describir esta imagen ahora.", "refusal"),
    ("en", "Two people are probably discussing a budget.", "guess"),
    ("en", "Two people appear to be discussing a budget.", "guess"),
    ("fr", "Deux personnes semblent, peut-être, attendre un train.", "guess"),
    ("nl", "Twee mensen wachten mogelijk op een trein.", "guess"),
    ("es", "Dos personas posiblemente esperan un tren en la estación.", "guess"),
    ("en", "Marie Dupont speaks into a microphone.", "name-not-given"),
    ("en", "A woman, Ana Maria de la Cruz, speaks into a microphone.", "name-not-given"),
    ("fr", "Une femme parle devant la Tour Eiffel illuminée.", "name-not-given"),
    ("fr", "Jean DUPONT parle dans un micro devant une salle.", "name-not-given"),
    ("en", "A Black woman speaks into a microphone.", "attribute"),
    ("fr", "Une femme musulmane parle dans un micro.", "attribute"),
    ("nl", "Een bejaarde man leest een krant op een bank.", "attribute"),
    ("es", "Una mujer asiática habla en un micrófono.", "attribute"),
    ("en", "A man and a man and a man and a man and a man", "repetition"),
    ("en", "table chair table chair lamp table chair lamp table lamp chair table", "repetition"),
    ("fr", "Quatre personnes discutent autour d'une", "cut-off"),
    ("en", "A long table " + "with many people around it and plates " * 8, "too-long"),
    ("fr", "Four people talk around a table covered in notes.", "other-language"),
    ("nl", "Quatre personnes discutent autour d'une table.", "other-language"),
    ("en", "**Four people** talk around <b>a table</b>.", "markup"),
    ("en", "A poster: see https://example.org for the programme.", "contact"),
    ("en", "image", "says-nothing"),
    ("en", "IMG_4711.jpg", "says-nothing"),
    ("en", "FOUR PEOPLE TALK AROUND A TABLE", "capitals"),
]


@pytest.mark.parametrize(("lang", "text"), FIT)
def test_what_a_person_could_have_written_is_offered(lang: str, text: str) -> None:
    assert unfit(text, lang, languages=LANGUAGES, known=KNOWN) == []


@pytest.mark.parametrize(("lang", "text", "rule"), UNFIT)
def test_what_only_machines_do_is_not_offered(lang: str, text: str, rule: str) -> None:
    assert rule in {one.rule for one in unfit(text, lang, languages=LANGUAGES, known=KNOWN)}


def test_a_person_is_forgiven_what_a_machine_is_not() -> None:
    text = "Marie Dupont, probably the oldest of us, an elderly Asian lady."
    assert [one.level for one in lint(text, "en", LANGUAGES)] == ["warning"]
    assert {one.rule for one in unfit(text, "en", languages=LANGUAGES, known={})} >= {"guess", "name-not-given"}


def test_english_is_found_out_in_an_event_of_one_language_and_a_language_nobody_can_tell_is_left_alone() -> None:
    english = "Four people talk around a table covered in notes."
    assert [one.rule for one in unfit(english, "fr", languages=("fr",), known={})] == ["other-language"]
    assert unfit("Abantu bane bariko baraganira ku meza.", "rn", languages=("fr", "rn"), known={}) == []
    assert lint("Abantu bane bariko baraganira ku meza.", "rn", ("fr", "rn")) == []


@pytest.mark.parametrize(
    ("lang", "text"),
    [("cs", "Na podiu čtyři ženy sedí u stolu."), ("fr", "Une œuvre œcuménique est posée sur un mur.")],
)
def test_small_letters_beyond_latin_1_are_no_capitals(lang: str, text: str) -> None:
    assert unfit(text, lang, languages=(lang,), known={}, guess=lambda _text, _languages: lang) == []


def test_the_caption_s_own_words_are_no_description() -> None:
    caption = "Le débat du soir, salle Bleue, avec le public."
    found = unfit(caption, "fr", languages=LANGUAGES, known={"caption": caption}, caption=caption)
    assert [one.rule for one in found] == ["repeats-caption"]


def test_a_picture_is_made_small_and_bare_and_one_that_is_small_is_sent_as_it_is() -> None:
    out, small = io.BytesIO(), io.BytesIO()
    exif = Image.Exif()
    exif[271] = "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    icc = b"\0" * 128
    Image.radial_gradient("L").resize((1920, 1280)).convert("RGB").save(
        out, "JPEG", exif=exif, icc_profile=icc, comment=b"secret"
    )
    Image.new("RGB", (EDGE, 600), "red").save(small, "JPEG")
    sent = reduced(out.getvalue())
    with Image.open(io.BytesIO(sent)) as image:
        assert image.size == (1024, 683)
        assert "icc_profile" not in image.info
        assert "comment" not in image.info
        assert not image.getexif()
    assert reduced(out.getvalue()) == sent, "the same bytes each time"
    assert reduced(small.getvalue()) == small.getvalue()
