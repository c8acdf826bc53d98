"""Which file of a photograph is shown and which frame stands for a burst, chosen in a sheet; what a person chose stays for ever."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from office import saved

from .conftest import LEAN, Space
from .files import film, frame, jpeg, picture, raw

Row = dict[str, str]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """A photograph of three files, one with its RAW file, a film that came in twice, a burst of three, and one of a kind."""
    space = Space(tmp_path_factory.mktemp("choices") / "ws")
    space.init(LEAN + '[texts]\nlanguages = ["fr", "en"]\n')
    folder = space.root / "inbox" / "fete"
    folder.mkdir()
    (folder / "été.jpg").write_bytes(jpeg(picture(1, (900, 600))))
    (folder / "petit.jpg").write_bytes(jpeg(picture(1, (900, 600)).resize((630, 420)), at=None, model=None))
    (folder / "plus petit.jpg").write_bytes(jpeg(picture(1, (900, 600)).resize((450, 300)), at=None, model=None))
    (folder / "DSC1.jpg").write_bytes(jpeg(picture(2, (600, 400))))
    (folder / "DSC1.dng").write_bytes(raw(None))
    (folder / "seul.jpg").write_bytes(jpeg(picture(3, (600, 400)), at=None))
    film(folder / "film.mp4")
    (folder / "film (1).mp4").write_bytes((folder / "film.mp4").read_bytes() + b"\x00\x00\x00\x08free")
    for number in range(3):
        (folder / f"RAFALE{number}.jpg").write_bytes(frame(number))
    space.run_here()
    return space


@pytest.fixture
def space(once: Space, tmp_path: Path) -> Space:
    return once.twin(tmp_path / "ws")


def done(space: Space, *args: str) -> dict[str, Any]:
    found = space.here(*args, "--json")
    assert found.returncode == 0, found.stdout + found.stderr
    value: dict[str, Any] = json.loads(found.stdout)
    return value


def exported(space: Space, name: str = "sheet.csv", *args: str) -> list[Row]:
    """The rows of a new sheet of all that may be decided."""
    done(space, "dedupe", "export", "--groups", str(space.root / name), *args)
    return list(csv.DictReader(io.StringIO((space.root / name).read_text(encoding="utf-8-sig")), delimiter=";"))


def answered(rows: list[Row], answers: Mapping[str, str]) -> str:
    """A sheet in which files got a word: in the row in which they stand on the left."""
    out = io.StringIO()
    table = csv.DictWriter(out, rows[0], delimiter=";")
    table.writeheader()
    table.writerows(row | {"decision": answers.get(row["left"], "")} for row in rows)
    return out.getvalue()


def shown(space: Space, name: str) -> dict[str, Any]:
    item = done(space, "why", f"fete/{name}")["found"][0]["item"]
    return space.items("fete")[item]


def journal(space: Space) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((space.root / "archive" / "journal").glob("*.jsonl")))


def test_a_sheet_of_choices_says_what_is_shown_now_and_why(space: Space) -> None:
    rows = {row["left"]: row for row in exported(space)}
    assert set(rows) == {
        *(f"fete/{name}.jpg" for name in ("été", "petit", "plus petit", "RAFALE0", "RAFALE1", "RAFALE2")),
        *("fete/film.mp4", "fete/film (1).mp4"),
    }, "neither what is alone nor a RAW file without a picture"
    first, second = rows["fete/été.jpg"], rows["fete/petit.jpg"]
    assert (first["choices"], first["right"]) == ("master", "")
    assert first["because"] == "shown now: it says which camera took it"
    assert (second["choices"], second["right"]) == ("master, never", "fete/été.jpg")
    assert "630x420 re-encoded copy" in second["because"]
    (cover,) = (row for row in rows.values() if row["because"].startswith("the cover now"))
    frames = [row for row in rows.values() if row["right"] == cover["left"]]
    assert {row["choices"] for row in (cover, *frames)} == {"cover"}
    assert len(frames) == 2
    assert done(space, "dedupe", "export", str(space.root / "pairs.csv")) == {
        "schema": "pairs-sheet/1",
        "sheet": str(space.root / "pairs.csv"),
        "pairs": 0,
        "grouped": 0,
    }, "what is grouped already is in the way of whoever only answers questions"


@pytest.mark.parametrize(
    ("country", "formats"), [("fr-FR", ("windows-1252", "xlsx", "ods")), ("en-US", ("utf-8", "windows-1252"))]
)
def test_a_choice_goes_through_an_office_program_and_holds_for_ever(
    space: Space, country: str, formats: tuple[str, ...]
) -> None:
    rows = exported(space)
    ids = {name: shown(space, name)["id"] for name in ("petit.jpg", "RAFALE2.jpg")}
    cover = shown(space, "RAFALE2.jpg")["stack"]["cover"]
    other = next(row["left"] for row in rows if row["choices"] == "cover" and row["right"])
    text = answered(rows, {"fete/petit.jpg": "Master", other: " cover "})
    files = saved({"choices": text}, country, space.root / "office", formats, delimiter=";")
    before = journal(space)
    for place, path in enumerate(files.values()):
        told = done(space, "dedupe", "import", str(path), "--by", "A. Peeters")
        assert (told["decision"], told["stood"]) == (("2 decisions", 0) if place == 0 else ("0 decisions", 2)), path
    assert journal(space).startswith(before), "what was written stays as it was"
    said = [json.loads(line) for line in journal(space)[len(before) :].splitlines() if b'"decision"' in line]
    assert [(one["decision"], one["by"]) for one in said] == [("master", "A. Peeters"), ("cover", "A. Peeters")]
    assert said[0]["subjects"] == [next(row["left_sha256"] for row in rows if row["left"] == "fete/petit.jpg")]
    photo = shown(space, "petit.jpg")
    assert (photo["id"], photo["width"]) == (ids["petit.jpg"], 630), "the same address shows the other file"
    chosen = shown(space, Path(other).name)["id"]
    assert shown(space, "RAFALE2.jpg")["stack"]["cover"] == chosen != cover
    page = (space.root / "site" / "events" / "fete" / "index.html").read_text(encoding="utf-8")
    assert page.index(f'id="{chosen}"') < page.index(f'id="{cover}"')
    (space.root / "inbox" / "fete" / "plus grand.jpg").write_bytes(jpeg(picture(1, (900, 600)).resize((1200, 800))))
    (space.root / "inbox" / "fete" / "RAFALE3.jpg").write_bytes(frame(3))
    assert space.run_here()["counts"] == {"alternate": 1, "published": 1}
    assert shown(space, "plus grand.jpg")["width"] == 630, "a person beats whatever comes"
    assert shown(space, "RAFALE3.jpg")["stack"]["cover"] == chosen
    assert space.run_here()["jobs"]["planned"] == 0
    rows = exported(space, "again.csv")
    because = {row["left"]: row["because"] for row in rows}
    assert because["fete/petit.jpg"] == "shown now: a person chose it"
    assert because[other] == "the cover now: a person chose it"
    (space.root / "again.csv").write_text(answered(rows, {"fete/été.jpg": "master"}), encoding="utf-8")
    done(space, "dedupe", "import", str(space.root / "again.csv"))
    assert shown(space, "été.jpg")["width"] == 900, "the last word counts"
    assert done(space, "dedupe", "import", str(next(iter(files.values()))))["stood"] == 1, "and the sheet has it again"
    assert shown(space, "été.jpg")["width"] == 630


def test_of_what_is_no_copy_a_person_says_so_in_its_row(space: Space) -> None:
    sheet = space.root / "sheet.csv"
    rows = exported(space)
    sheet.write_text(answered(rows, {"fete/plus petit.jpg": "never", "fete/film (1).mp4": "master"}), encoding="utf-8")
    before = len(space.items("fete"))
    done(space, "dedupe", "import", str(sheet))
    assert len(space.items("fete")) == before + 1
    assert shown(space, "plus petit.jpg")["width"] == 450
    assert {row["left"] for row in exported(space, "later.csv")} == {row["left"] for row in rows} - {
        "fete/plus petit.jpg"
    }


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (
            {"fete/petit.jpg": "master", "fete/plus petit.jpg": "master"},
            "only one file of this photograph can be right",
        ),
        ({"fete/RAFALE1.jpg": "cover", "fete/RAFALE2.jpg": "cover", "fete/RAFALE0.jpg": "cover"}, "only one frame of"),
        ({"fete/petit.jpg": "cover"}, '"cover" says nothing here'),
        ({"fete/RAFALE1.jpg": "master"}, '"master" says nothing here'),
        ({"fete/été.jpg": "never"}, '"never" says nothing here'),
        ({"fete/petit.jpg": "oui"}, '"oui" is no decision'),
    ],
)
def test_a_choice_that_can_t_be_is_refused_with_its_row_and_nothing_is_decided(
    space: Space, answers: dict[str, str], sentence: str
) -> None:
    sheet, before = space.root / "sheet.csv", journal(space)
    sheet.write_text(answered(exported(space), answers | {"fete/film (1).mp4": "master"}), encoding="utf-8")
    refused = space.here("dedupe", "import", str(sheet))
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert f"{sheet}, row" in refused.stderr
    assert journal(space) == before


def test_a_choice_that_changes_nothing_yet_says_so(space: Space) -> None:
    told = done(space, "dedupe", "master", "seul.jpg")
    assert told["notes"] == ["fete/seul.jpg: it has no other file yet; should one come, this one stays shown"]
    assert done(space, "dedupe", "master", "seul.jpg")["stood"] == 1
    assert "should it be in one" in done(space, "dedupe", "cover", "seul.jpg")["notes"][0]
    refused = space.here("dedupe", "master", "DSC1.dng")
    assert refused.returncode == 2
    assert "fete/DSC1.dng can't be shown: it is kept behind fete/DSC1.jpg" in refused.stderr
