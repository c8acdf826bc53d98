"""The sheet that communication officers write: points of pictures among its rows."""

from __future__ import annotations

import pytest

from mediaarchive.errors import BadInput
from mediaarchive.media.sheet import read_sheet
from mediaarchive.site.saying import sentence


@pytest.mark.parametrize("written", ['"0.3, 0.6"', '"0.3,0.6"', "0.3 0.6", '"0,3 0,6"', '"0,3; 0,6"', "0.30 .6"])
def test_a_point_may_be_written_as_people_write_numbers(written: str) -> None:
    assert read_sheet(f"path,lang,kind,text\na.jpg,,focus,{written}\n".encode()).rows == [
        ("a.jpg", "", "focus", "0.3 0.6")
    ]


@pytest.mark.parametrize("written", ["left", "0.3", "1.2 0.3", "-0.1 0", "nan 0", '"0,3,0,6"', "0.1 0.2 0.3"])
def test_a_point_that_is_none_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(BadInput, match="line 3") as caught:
        read_sheet(f"path,lang,kind,text\nb.jpg,en,alt,A dog\na.jpg,,focus,{written}\n".encode())
    assert caught.value.problem.code == "sheet-focus"


@pytest.mark.parametrize("word", ["decorative", "Décoratif", "décorative", "Decoratief", "DECORATIVO"])
def test_a_picture_may_be_said_to_decorate_in_each_language_and_without_a_text(word: str) -> None:
    assert read_sheet(f"path,lang,kind,text\na.jpg,fr,{word},\n".encode()).rows == [("a.jpg", "", "decorative", "")]
    with pytest.raises(BadInput, match='line 2, column "text": a decorative picture has no text') as caught:
        read_sheet(f"path,lang,kind,text\na.jpg,fr,{word},Un motif\n".encode())
    assert caught.value.problem.code == "sheet-decorative"


# -- what a machine drafted ----------------------------------------------------------------------------------------

HEAD = "path,lang,kind,text,draft,ok\n"


def drafted(*cells: str, head: str = HEAD) -> list[tuple[str, str, str, str]]:
    return read_sheet(f"{head}a.jpg,fr,alt,{','.join(cells)}\n".encode()).rows


@pytest.mark.parametrize("word", ["", " ", "-", "0", "FALSE", "FAUX", "onwaar", "Falso"])
def test_a_draft_that_nobody_said_ok_to_is_nothing(word: str) -> None:
    """A box that isn't ticked says nothing: that is how it comes."""
    assert drafted("", "Une table.", word) == []


@pytest.mark.parametrize("word", ["ok", "OK", "Ok.", "x", "oui", "Ja", "sí", "yes", "1", "TRUE", "VRAI", "✓", "ok!"])
def test_a_draft_is_a_text_once_a_person_says_ok(word: str) -> None:
    assert drafted("", "Une table.", word) == [("a.jpg", "fr", "alt", "Une table.")]


@pytest.mark.parametrize("word", ["no", "Non", "nee", "N"])
def test_a_draft_may_be_refused(word: str) -> None:
    assert drafted("", "Une table.", word) == [("a.jpg", "fr", "refused", "")]


def test_a_person_s_own_words_count_whatever_stands_beside_them() -> None:
    for word in ("", "ok", "no", "to be seen"):
        assert drafted("Une chaise.", "Une table.", word) == [("a.jpg", "fr", "alt", "Une chaise.")]


@pytest.mark.parametrize(
    ("head", "lang", "words"),
    [
        ("chemin,langue,genre,texte,Brouillon,OK", "fr", "n’est pas une réponse"),  # noqa: RUF001 - as French has it
        ("bestand,taal,soort,tekst,Ontwerp,Akkoord", "nl", "is geen antwoord"),
        ("archivo,idioma,tipo,texto,Borrador,Aprobado", "es", "no es una respuesta"),
    ],
)
def test_a_word_that_is_no_answer_is_asked_back_in_the_officer_s_language(head: str, lang: str, words: str) -> None:
    assert drafted("", "Une table.", "ok", head=f"{head}\n") == [("a.jpg", "fr", "alt", "Une table.")]
    with pytest.raises(BadInput, match=r'line 2, column "\w+": "to be seen" is unknown') as caught:
        drafted("", "Une table.", "to be seen", head=f"{head}\n")
    assert caught.value.problem.code == "sheet-draft"
    assert words in sentence(caught.value.problem, lang)


def test_columns_of_one_s_own_that_are_called_so_mean_nothing_one_without_the_other() -> None:
    for head in ("path,lang,kind,text,draft,note\n", "path,lang,kind,text,note,ok\n"):
        assert drafted("", "something", "to be seen", head=head) == []
    assert drafted("", "", "to be seen") == [], "nothing is drafted here"


def test_a_draft_that_looks_like_a_formula_comes_back_as_it_was_written() -> None:
    assert drafted("", "'-5 °C sur un panneau.", "ok") == [("a.jpg", "fr", "alt", "-5 °C sur un panneau.")]


# -- who may be shown ----------------------------------------------------------------------------------------------


def said(text: str, encoding: str = "utf-8") -> dict[str, list[str]]:
    return read_sheet(text.encode(encoding)).consents


@pytest.mark.parametrize(
    ("header", "words", "meant"),
    [
        ("path,lang,kind,text,consent", ("given", "Yes", "GRANTED", "n/a"), "given"),
        ("path,lang,kind,text,Consentement", ("donné", "Accordée", "oui", "donnés"), "given"),
        ("path,lang,kind,text,Toestemming (ja/nee)", ("gegeven", "Ja", "n.v.t."), "given"),
        ("path,lang,kind,text,consentimiento", ("dado", "Dada", "sí", "concedidas"), "given"),
        ("path,consent", ("TRUE", "VRAI", "Waar", "VERDADERO"), "given"),
        ("path,consent", ("FALSE", "FAUX", "Onwaar", "FALSO"), "asked"),
        ("Chemin,Consentement", ("oui",), "given"),
        ("BESTAND,Toestemming", ("ja",), "given"),
        ("path,consent", ("asked", "pending", "unknown", "?", "en attente", "Demandée", "gevraagd", "pedidas"), "asked"),
        ("path,consent", ("refused", "NO", "withdrawn", "refusée", "Retiré", "nee", "ingetrokken", "denegada"), "refused"),
    ],
)  # fmt: skip
def test_consent_is_understood_as_officers_write_it(header: str, words: tuple[str, ...], meant: str) -> None:
    empty = "," * (header.count(",") - 1)
    for word in words:
        assert said(f"{header}\na.jpg{empty},{word}\n") == {"a.jpg": [meant, ""]}, word


@pytest.mark.parametrize(
    ("delimiter", "dates", "days"),
    [
        (",", ("2027-05-01", "2027/5/1", "1.5.2027", "2027-05-01 00:00:00"), {"2027-05-01"}),
        (";", ("01/05/2027", "1-5-2027"), {"2027-05-01"}),  # as Excel saves it in France, Belgium, Spain
        (";", ("31/12/27", "31-12-27", "31.12.27"), {"2027-12-31"}),  # as LibreOffice does, whatever was typed
        (",", ("31/12/2027", "01/05/2027"), {"2027-12-31", "2027-05-01"}),  # the first tells how the second is meant
        (",", ("12/31/2027", "05/01/2027"), {"2027-12-31", "2027-05-01"}),
        (",", ("05/05/2027",), {"2027-05-05"}),
    ],
)
def test_days_are_read_as_spreadsheets_save_them(delimiter: str, dates: tuple[str, ...], days: set[str]) -> None:
    rows = "".join(f"{number}.jpg{delimiter}{typed}\n" for number, typed in enumerate(dates))
    assert {day for _, day in said(f"path{delimiter}expires\n{rows}").values()} == days


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("01/05/2027", "may be 2027-01-05 or 2027-05-01"),
        ("31/02/2027", "is no date"),
        ("next year", "is no date"),
        ("46508", "is no date"),
        ("01/05/27", "has a year of two digits, so it may be several days"),
        ("12/31/27", "has a year of two digits, so it may be several days"),
    ],
)
def test_a_day_that_is_none_or_could_be_two_is_refused_with_its_line(typed: str, told: str) -> None:
    with pytest.raises(BadInput, match="line 3") as caught:
        said(f"path,expires\nb.jpg,2027-05-01\na.jpg,{typed}\n")
    assert told in caught.value.problem.reason
    assert (caught.value.problem.code, caught.value.problem.params["consents"]) == ("sheet-date", 1)


def test_a_word_that_says_nothing_of_consent_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput, match='line 2, column "consent": "perhaps"') as caught:
        said("path,lang,kind,text,consent\na.jpg,en,alt,A dog,perhaps\n")
    assert caught.value.problem.code == "sheet-consent"


def test_of_several_rows_on_one_photograph_the_strictest_word_and_the_earliest_day_count() -> None:
    text = (
        "path;lang;kind;text;consent;expires\n"
        "a.jpg;fr;alt;Un chien;refusé;\na.jpg;en;alt;A dog;given;2028-01-01\na.jpg;en;title;Dog;;2027-01-01\n"
        "été.jpg;fr;alt;Une chatte;donné;\nb.jpg;;;;;\n"
    )
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        assert said(text, encoding) == {"a.jpg": ["refused", "2027-01-01"], "été.jpg": ["given", ""]}
    assert len(read_sheet(text.encode()).rows) == 4


def test_a_sheet_without_these_columns_says_nothing_of_consent() -> None:
    assert said("path,lang,kind,text,note\na.jpg,en,alt,A dog,refused?\n") == {}


def test_columns_are_found_whatever_they_are_called_and_in_whatever_order() -> None:
    for header in (
        "Texte;TYPE;Langue;Chemin",
        "Tekst;Soort;Taal;Pad",
        "texto;tipo;idioma;ruta",
        "sep=;\nText;Kind;Lang;Path",
    ):
        sheet = read_sheet(f"{header};note;;\nUn chien;Alt;fr;a.jpg;vu;;\n;;;;;;\n\n".encode())
        assert sheet.rows == [("a.jpg", "fr", "alt", "Un chien")], header


def test_a_line_that_speaks_of_no_file_is_told_since_it_may_be_a_refusal() -> None:
    with pytest.raises(BadInput, match=r'line 3, column "path": it doesn.t say which file') as caught:
        read_sheet(b"path,consent\na.jpg,given\n,refused\n")
    assert caught.value.problem.params["consents"] == 1


def test_lines_are_counted_as_a_spreadsheet_counts_its_rows() -> None:
    with pytest.raises(BadInput, match=r"line 5, "):
        read_sheet(b'path,lang,kind,text\na.jpg,en,alt,"two\nlines"\n\nb.jpg,en,alt,one\nc.jpg,en,poem,none\n')


def test_every_line_with_a_mistake_is_named_at_once() -> None:
    """Each was told by the run after the one before it was corrected: an evening for a sheet with six."""
    rows = "a.jpg,english,alt,A dog\nb.jpg,en,alt,A cat\nc.jpg,en,alt text,A cow\n,en,alt,A bird\n"
    with pytest.raises(BadInput, match=r'line 2, column "lang": "english" is no language') as caught:
        read_sheet(f"path,lang,kind,text\n{rows}".encode())
    problem = caught.value.problem
    assert problem.reason.endswith(" Look at these lines, too: 4, 5.")
    assert sentence(problem, "fr").endswith("fr, en, nl ou es. Regardez aussi ces lignes : 4, 5.")
