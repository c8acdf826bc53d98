"""Sheets that went through a real office program and came back: LibreOffice opens them and saves them, in every format."""

from __future__ import annotations

import csv
import io

import pytest
from books import changed, workbook
from office import FORMATS, saved

from mediaarchive.errors import BadInput
from mediaarchive.media.sheet import Sheet, read_sheet
from mediaarchive.media.tables import inert, read_table

TEXTS = [
    ("Path", "Lang", "Kind", "Text", "Consent", "Expires", ""),
    ("été/Noël.jpg", "fr", "alt", "Une femme à l’été ; cœur « joie », 5 €", "donné", "2027-12-31", ""),  # noqa: RUF001 - an apostrophe as it is typed in French
    ("b.jpg", "nl", "alt", "'t Is koud, d'accord", "refused", "", ""),
    ("c.jpg", "en", "caption", 'Two lines:\nthe second, with "marks"', "true", "", ""),
    ("=1+1.jpg", "en", "alt", "=SUM(A1:A3)", "FALSE", "", ""),
    ("+32.jpg", "en", "alt", "+32 475 12 34 56", "", "", ""),
    ("-1.jpg", "en", "alt", "-1 degrees", "", "", ""),
    ("@home.jpg", "en", "alt", "@home", "", "", ""),
    ("12345678901234.jpg", "en", "alt", "12345678901", "", "", ""),
    ("d.jpg", "", "focus", "0.3 0.6", "", "", ""),
    ("", "", "", "", "", "", ""),
]
DATES = [("path", "consent", "expires"), ("a.jpg", "given", "2027-12-31")]
MADE = [("path", "lang", "kind", "text"), ("a.jpg", "en", "title", "12345678901234"), ("b.jpg", "en", "alt", "3/4")]
DRAFTS = [
    ("path", "lang", "kind", "text", "draft", "ok"),
    ("a.jpg", "fr", "alt", "", "Une affiche « Été » ; des gens, 5 €.", "ok"),
    ("b.jpg", "fr", "alt", "", "-5 °C sur un panneau.", "TRUE"),
    ("c.jpg", "fr", "alt", "", "Une table.", "FALSE"),
    ("d.jpg", "fr", "alt", "", "Une chaise.", ""),
    ("e.jpg", "fr", "alt", "", "Une porte.", "non"),
    ("f.jpg", "fr", "alt", "Un pont.", "Une route.", "x"),
]


def written(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([[inert(cell) for cell in row] for row in rows])
    return out.getvalue()


SHEETS = {
    "texts": written(TEXTS),
    "en-US": written([*DATES, ("b.jpg", "given", "12/31/2027")]),
    "fr-FR": written([*DATES, ("b.jpg", "given", "31/12/2027")]),
    "number": written(MADE[:2]),
    "made": written(MADE),
    "drafts": written(DRAFTS),
}
Office = dict[tuple[str, str], bytes]


@pytest.fixture(scope="module", params=["en-US", "fr-FR"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """What an office of a country makes of each sheet (CSV) that it opens and saves, by sheet and format."""
    found = saved(SHEETS, request.param, tmp_path_factory.mktemp("office"))
    return {key: path.read_bytes() for key, path in found.items()}


def read(data: bytes) -> Sheet:
    return read_sheet(data, "texts.xlsx")


def test_what_is_saved_is_read_as_it_was_written(office: Office) -> None:
    expected = read_sheet(SHEETS["texts"].encode())
    assert ("=1+1.jpg", "en", "alt", "=SUM(A1:A3)") in expected.rows
    assert expected.consents["=1+1.jpg"] == ["asked", ""]
    for name in FORMATS:
        found = read(office["texts", name])
        assert found.rows == expected.rows, name
        assert found.consents == expected.consents, name


def test_dates_that_the_program_rewrites_are_understood_or_asked_back(
    office: Office, request: pytest.FixtureRequest
) -> None:
    country = "fr-FR" if "fr-FR" in request.node.name else "en-US"
    for name in FORMATS:
        data = office[country, name]
        if name == "utf-8" or (name == "windows-1252" and country == "en-US"):
            with pytest.raises(BadInput, match=r'column "expires": "\d\d/\d\d/27" has a year of two digits'):
                read(data)
        else:
            assert {day for _, day in read(data).consents.values()} == {"2027-12-31"}, name
    if country == "fr-FR":
        assert b";31/12/27" in office[country, "windows-1252"], "or the test would prove nothing"


def test_answers_to_drafts_come_back_as_they_were_given(office: Office) -> None:
    for name in FORMATS:
        assert read(office["drafts", name]).rows == [
            ("a.jpg", "fr", "alt", "Une affiche « Été » ; des gens, 5 €."),
            ("b.jpg", "fr", "alt", "-5 °C sur un panneau."),
            ("e.jpg", "fr", "refused", ""),
            ("f.jpg", "fr", "alt", "Un pont."),
        ], name


def test_what_the_program_made_of_a_text_is_told(office: Office) -> None:
    for name in ("xlsx", "ods"):
        with pytest.raises(
            BadInput, match=r'texts.xlsx \(\w+\), line 3, column "text": the program made the'
        ) as caught:
            read(office["made", name])
        assert caught.value.problem.code == "sheet-cell"
        said = read(office["number", name]).rows
        assert said == [("a.jpg", "en", "title", "12345678901234")], "and no 1.2E+13"


# -- workbooks from strangers ---------------------------------------------------------------------------------------

BOOK = workbook([("path", "consent"), ("a.jpg", "refused")])


def test_a_workbook_that_would_fill_the_memory_is_refused_and_the_run_goes_on() -> None:
    assert read(BOOK).consents == {"a.jpg": ["refused", ""]}
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    hostile = {
        "one cell at the far end": changed(BOOK, b"</sheetData>", far),
        "spaces for ever": changed(BOOK, b"</sheetData>", b" " * 100_000_000 + b"</sheetData>"),
        "entities": changed(BOOK, b"a.jpg", b"&lol;"),
        "cut": BOOK[: len(BOOK) // 2],
        "no workbook": b"PK\x03\x04 and nothing of a workbook",
        "an old one": b"\xd0\xcf\x11\xe0" + bytes(600),
    }
    for name, data in hostile.items():
        with pytest.raises(BadInput, match=r"texts.xlsx can't be read as a table") as caught:
            read(data)
        assert caught.value.problem.params["consents"] == 1, f"{name}: it may say who may not be shown"


def test_of_a_workbook_s_sheets_the_one_with_the_columns_counts_and_is_named() -> None:
    two = changed(BOOK, b"</sheets>", b'<sheet name="Texts" sheetId="2" r:id="a"/></sheets>')
    found = read_table(two, "texts.xlsx", lambda header: "consent" in header)
    assert found.name == "texts.xlsx (List)"
    with pytest.raises(BadInput, match=r'texts.xlsx \(List\), line 2, column "consent": "perhaps"'):
        read(changed(BOOK, b"refused", b"perhaps"))
