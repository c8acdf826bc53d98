"""What was given to the archive can be taken out again: the same bytes, the same names, checked by somebody else's tool."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import bagit
import pytest

from .conftest import Space
from .files import jpeg, picture


@pytest.fixture
def space(small: Space) -> Space:
    """Six photographs and, from a second card, another one of the same name; texts; one that was withdrawn."""
    folder = small.root / "inbox" / "fete"
    folder.mkdir(exist_ok=True)
    (folder / "0.jpg").write_bytes(jpeg(picture(30, (600, 400)), at=None))
    (folder / "Anna").mkdir()
    (folder / "Anna" / "déjà vu.jpg").write_bytes(jpeg(picture(31, (600, 400)), at=None))
    (folder / "event.toml").write_text('title = "Fête"\n', encoding="utf-8")
    (folder / "texts.csv").write_text("path,lang,kind,text\n3.jpg,en,alt,Two people dance.\n", encoding="utf-8")
    (folder / "1.xmp").write_bytes(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    small.run_here()
    assert small.here("takedown", "fete/1.jpg", "--reason", "legal-request").returncode == 0
    return small


def call(space: Space, *args: str) -> Any:  # noqa: ANN401 - JSON
    done = space.here("export", *args, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_event_is_a_bag_that_the_library_of_congress_finds_valid(space: Space, tmp_path: Path) -> None:
    target = tmp_path / "bag"
    call(space, "fete", str(target), "--bagit")
    found = bagit.Bag(str(target))
    found.validate()
    assert found.info["External-Identifier"] == "fete"
    assert found.info["External-Description"] == "Fête"
    assert names(target / "data") >= {"0.jpg", "0 (2).jpg", "Anna/déjà vu.jpg", "2.jpg", "event.toml", "texts.csv"}
    assert not {"1.jpg", "1.xmp"} & names(target / "data"), "what was withdrawn is not given away by the way"
    (target / "data" / "2.jpg").write_bytes(b"altered")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(target)).validate()


def test_an_exported_event_dropped_again_is_known_file_by_file(space: Space, tmp_path: Path) -> None:
    call(space, "fete", str(tmp_path / "out"), "--withdrawn")
    files = list((tmp_path / "out").rglob("*.jpg"))
    assert len(files) == 8
    kept = {path.stem for path in (space.root / "archive" / "originals").rglob("*.jpg")}
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == kept
    assert "1.xmp" in names(tmp_path / "out")


def test_one_photograph_comes_back_with_its_name_and_texts(space: Space, tmp_path: Path) -> None:
    (tmp_path / "3.jpg").write_bytes(b"somebody's own")
    value = call(space, "fete/3.jpg", str(tmp_path))
    assert [file["path"] for file in value["files"]] == ["3 (2).jpg"]
    assert (tmp_path / "3.jpg").read_bytes() == b"somebody's own"
    with (tmp_path / "texts.csv").open(encoding="utf-8") as file:
        assert ["3 (2).jpg", "en", "alt", "Two people dance."] in list(csv.reader(file))


@pytest.mark.parametrize(
    ("subject", "more", "says"),
    [
        ("fete/1.jpg", (), "was withdrawn"),
        ("nothing.jpg", (), "is nothing that was published"),
        ("fete/3.jpg", ("--bagit",), "a bag holds an event"),
    ],
)
def test_what_cannot_be_exported_is_told(
    space: Space, tmp_path: Path, subject: str, more: tuple[str, ...], says: str
) -> None:
    done = space.here("export", subject, str(tmp_path / "out"), *more)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "out").exists()


def test_a_damaged_original_is_never_exported_as_if_it_were_whole(space: Space, tmp_path: Path) -> None:
    original = min((space.root / "archive" / "originals").rglob("*.jpg"))
    original.chmod(0o644)
    original.write_bytes(b"rotten")
    done = space.here("export", "fete", str(tmp_path / "out"))
    assert (done.returncode, "is damaged" in done.stderr) == (5, True)
    assert not (tmp_path / "out").exists()
    assert space.here("verify", "--repair").returncode == 0
    call(space, "fete", str(tmp_path / "out"))
    assert subprocess.run(["test", "-d", str(tmp_path / "out")], check=False).returncode == 0
