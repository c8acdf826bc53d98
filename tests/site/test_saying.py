"""What is said of a file that could not be taken: in every language, for every code, with what the problem holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mediaarchive.errors import BadInput
from mediaarchive.model import Problem
from mediaarchive.site import saying
from mediaarchive.site.saying import sentence
from mediaarchive.stages.ingest import read_sidecar

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(saying.__file__).parent / "sentences"
LANGUAGES = ("fr", "nl", "es")


def codes_of_files() -> set[str]:
    """Every code that docs/errors.md gives to files; a test of the documents keeps that list whole."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").partition("## What becomes of files")[2]
    tables = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`([a-z0-9-]+)`", " ".join(tables) + text.partition("### Others")[2]))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_a_sentence(lang: str) -> None:
    known = json.loads((FOLDER / f"{lang}.json").read_text(encoding="utf-8"))
    assert len(codes_of_files()) > 60
    assert codes_of_files() - known.keys() == set()
    assert known.keys() - codes_of_files() <= {"internal"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_languages_fill_the_same_blanks_and_say_something_without_any(lang: str) -> None:
    french, here = (json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in ("fr", lang))
    for code, templates in here.items():
        blanks = [set(re.findall(r"\{(\w+)\}", template)) for template in templates]
        assert blanks == [set(re.findall(r"\{(\w+)\}", template)) for template in french[code]], code
        always = code in {
            "checksum-mismatch",
            "checksums-match",
            "checksums-missing",
            "checksums-differ",
            "misnamed",
            "namesake",
            "moved",
        }
        assert always or not blanks[-1], f"{code}: the last one needs nothing"
        assert all(len(template.split()) >= 2 for template in templates)


def test_the_most_telling_sentence_that_can_be_filled_is_said() -> None:
    plain = Problem(code="too-large", reason="Too large.")
    telling = Problem(code="too-large", reason="Too large.", params={"megapixels": 400, "limit": 250})
    assert "400 mégapixels" in sentence(telling, "fr-BE")
    assert "plus grande que ce qui est accepté" in sentence(plain, "fr")
    assert sentence(telling, "en") == sentence(plain, "sw") == "Too large."


def test_numbers_and_days_are_written_as_the_language_writes_them() -> None:
    film = Problem(code="film-too-long", reason="x", params={"hours": 4.5, "limit": 4.0})
    assert "4,5 heures" in sentence(film, "fr")
    embargo = Problem(code="embargo", reason="x", params={"day": "2026-03-01"})
    assert "1er mars 2026" in sentence(embargo, "fr")


def test_an_english_page_names_the_photograph_that_a_copy_is_of() -> None:
    evidence = "Same photograph as the one that is shown (800x533): 640x426 re-encoded copy; worst tile 0.99."
    assert sentence(Problem(code="copy", reason=evidence), "en") == evidence
    assert sentence(Problem(code="copy", reason=evidence, params={"of": "a.jpg"}), "en").startswith("A copy of a.jpg ")


def test_braces_in_what_a_stranger_wrote_are_only_characters() -> None:
    problem = Problem(
        code="sheet-kind", reason="x", params={"kind": "{0.__class__} {kind}", "file": "a", "line": 2, "column": "b"}
    )
    assert "{0.__class__} {kind}" in sentence(problem, "fr")


def test_a_code_without_words_is_said_in_english() -> None:
    assert sentence(Problem(code="brand-new", reason="Something new."), "fr") == "Something new."


def test_an_event_toml_that_reaches_for_the_machine_is_refused_by_key_and_told_why(tmp_path: Path) -> None:
    for text, key in (
        ("[limits]\npixels = 1\n", "limits"),
        ('[[store]]\nurl = "s3://x"\n', "store"),
        ('command = "x"\n', "command"),
    ):
        path = tmp_path / "event.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BadInput) as caught:
            read_sidecar(path, "event", "event.toml")
        problem = caught.value.problem
        assert f'must not set "{key}"' in problem.reason
        assert f"«\u00a0{key}\u00a0»" in sentence(problem, "fr")
        assert "mediaarchive.toml" in sentence(problem, "nl")
