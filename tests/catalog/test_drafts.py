"""Machines' drafts are kept outside the catalog, and destroyed with what they are about."""

from __future__ import annotations

from pathlib import Path

from mediaarchive.catalog import Drafts
from mediaarchive.catalog.drafts import about
from mediaarchive.model import Draft

ONE, OTHER = "a" * 64, "ab" * 32


def draft(lang: str, text: str, at: str = "2026-01-01T00:00:00.000+00:00", state: str = "draft") -> Draft:
    why = (("guess", "it guesses"),) if state == "unfit" else ()
    return Draft(
        lang=lang, text=text, state=state, engine="chat", model="eyes", prompt=1, sent="0" * 64, at=at, why=why
    )


def test_the_newest_word_counts_in_each_language_and_the_first_original_s_before_others(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    drafts.keep(ONE, [draft("fr", "une"), draft("nl", "een", state="unfit")])
    drafts.keep(ONE, [draft("fr", "une autre", "2026-01-02T00:00:00.000+00:00")])
    drafts.keep(OTHER, [draft("fr", "fremde"), draft("es", "una")])
    found = drafts.of([ONE, OTHER])
    assert {lang: one.text for lang, one in found.items()} == {"fr": "une autre", "nl": "een", "es": "una"}
    assert found["nl"].why == (("guess", "it guesses"),)
    assert drafts.of(["c" * 64]) == {}
    drafts.keep(ONE, [draft("fr", "rien", "2026-01-03T00:00:00.000+00:00", state="unfit")])
    assert drafts.of([ONE])["fr"].text == "une autre", "what may be read isn't lost to an answer that may not"


def test_what_is_forgotten_is_gone_and_a_damaged_file_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    drafts.keep(ONE, [draft("fr", "une")])
    drafts.keep(OTHER, [draft("fr", "autre")])
    files = {about(path.name): path for path in tmp_path.rglob("*.json")}
    assert files.keys() == {ONE, OTHER}
    files[OTHER].write_text('{"drafts": [{"lang": 1}]}')
    assert drafts.of([OTHER]) == {}
    drafts.forget([ONE])
    assert not files[ONE].exists()
    assert files[OTHER].exists()
