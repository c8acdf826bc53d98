"""What looks like a photograph that was withdrawn or erased waits for a word, and the word ends it: away, or published."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from books import workbook
from crashing import CHANGES, KILLED, call, count
from office import saved
from PIL import Image, ImageDraw
from s3_buckets import client, new_bucket
from shares import EVERY, share

from mediaarchive.pipeline.workspace import Workspace

from .conftest import Space
from .files import jpeg, picture, raw

COPY = "fete/from a phone.jpg"
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt><rdf:li xml:lang="en">A name to
forget</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>"""


def drop(space: Space, path: str, image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=75)
    target = space.root / "inbox" / path
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(out.getvalue())
    return out.getvalue()


def reduced(seed: int) -> Image.Image:
    return picture(seed, (600, 400)).resize((420, 280))


def with_a_logo(seed: int) -> Image.Image:
    image = reduced(seed)
    ImageDraw.Draw(image).ellipse((20, 20, 75, 75), fill=(200, 30, 60))
    return image


def done(space: Space, *args: str) -> str:
    found = space.here(*args)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def typed(space: Space, command: str) -> str:
    """Type a command as it was printed."""
    return done(space, *shlex.split(command)[1:])


def outcomes(report: dict[str, object]) -> dict[str, tuple[str, str]]:
    files = report["files"]
    assert isinstance(files, list)
    return {Path(one["path"]).name: (one["outcome"], one["code"]) for one in files}


def waiting(space: Space) -> list[dict[str, str]]:
    events = json.loads(done(space, "status", "--json"))["events"]
    return [one for event in events for one in event["waiting"]]


def item_of(space: Space, path: str) -> str:
    return str(json.loads(done(space, "why", path, "--json"))["found"][0]["item"])


def holding(space: Space, data: bytes) -> list[str]:
    """Where in the archive and its mirror these bytes still are, in any file."""
    places = (space.root / "archive", space.root.parent / "mirror")
    files = (path for place in places for path in place.rglob("*") if path.is_file())
    return [str(path) for path in files if data in path.read_bytes()]


@pytest.fixture
def erased(small: Space) -> Space:
    """One of six photographs is erased."""
    done(small, "takedown", item_of(small, "3.jpg"), "--reason", "consent-withdrawn", "--erase", "--after", "0")
    small.run_here()
    return small


@pytest.fixture
def held(erased: Space) -> tuple[Space, bytes]:
    """A reduced copy of the erased photograph came in, with a sidecar."""
    data = drop(erased, COPY, reduced(3))
    (erased.root / "inbox" / "fete" / "from a phone.xmp").write_text(XMP, encoding="utf-8")
    assert outcomes(erased.run_here())["from a phone.jpg"] == ("held", "looks-withdrawn")
    assert len(holding(erased, data)) == 2
    return erased, data


def test_an_officer_sees_what_waits_since_when_and_which_command_answers(held: tuple[Space, bytes]) -> None:
    space, _ = held
    item = item_of(space, "3.jpg")
    (one,) = waiting(space)
    today = datetime.now(UTC).date().isoformat()
    assert (one["path"], one["like"], one["since"][:10], one["erased"]) == (COPY, item, today, True)
    said = f"mediaarchive dedupe same '{COPY}' {item} --erase"
    status = done(space, "status")
    assert "held since" in status
    assert "may be duplicates" not in status, "it is counted once"
    assert (one["same"], one["another"]) == (said, f"mediaarchive approve '{COPY}'")
    for verb in (("status",), ("why", COPY), ("dedupe", "list")):
        output = done(space, *verb)
        assert said in output
        assert one["another"] in output
        assert today in output
    page = (space.root / "inbox/fete/_report.html").read_text(encoding="utf-8")
    assert "dedupe same" in page
    refused = space.here("takedown", COPY, "--reason", "quality")
    assert refused.returncode == 2
    assert said in refused.stderr


def test_a_copy_recognised_as_an_erased_photograph_is_destroyed_everywhere_with_a_receipt(
    held: tuple[Space, bytes],
) -> None:
    space, data = held
    manifest = space.items("fete")
    done(space, "dedupe", "show")
    assert (space.root / "archive/reports/duplicates.html").exists()
    output = typed(space, waiting(space)[0]["same"])
    assert f"destroyed, for good: {COPY}" in output
    assert holding(space, data) == []
    assert holding(space, b"A name to") == [], "nor the sidecar that describes it alone"
    assert not (space.root / "archive/reports/duplicates.html").exists(), "the page of comparisons showed it"
    page = Path(output.partition("receipt: ")[2].strip())
    receipt = json.loads(page.with_suffix("").with_suffix(".json").read_text(encoding="utf-8"))
    assert {(one["place"], one["gone"]) for one in receipt["originals"]} == {("archive", True), ("mirror", True)}
    assert "from a phone" not in page.read_text(encoding="utf-8"), "a file's name may be a person's"
    assert waiting(space) == []
    told = done(space, "why", COPY)
    assert "this file isn't kept" in told
    assert f"destroyed on {datetime.now(UTC).date().isoformat()}" in told
    assert "held" not in done(space, "status")
    assert space.items("fete") == manifest, "nothing was published"
    assert space.run_here()["jobs"]["planned"] == 0
    assert json.loads(done(space, "verify", "--json"))["problems"] == []
    # What it is known by stays: the same again isn't kept, a part of it waits.
    (space.root / "inbox/fete/again.jpg").write_bytes(data)
    assert outcomes(space.run_here())["again.jpg"][0] == "withdrawn"
    assert holding(space, data) == []
    for path in (space.root / "archive").glob("catalog.db*"):
        path.unlink()
    drop(space, "fete/part.jpg", with_a_logo(3).crop((0, 0, 380, 260)))
    assert outcomes(space.run_here())["part.jpg"] == ("held", "looks-withdrawn")
    assert space.here("rebuild").returncode == 0, "what was destroyed on purpose is not missing"


def test_the_raw_file_of_a_copy_is_destroyed_with_it(erased: Space) -> None:
    folder = erased.root / "inbox" / "later"
    folder.mkdir()
    originals = (jpeg(reduced(3)), raw(jpeg(reduced(3))))
    for name, data in zip(("IMG_1.JPG", "IMG_1.DNG"), originals, strict=True):
        (folder / name).write_bytes(data)
    erased.run_here()
    output = typed(erased, waiting(erased)[0]["same"])
    assert "destroyed, for good: later/IMG_1.DNG" in output
    assert [holding(erased, data) for data in originals] == [[], []]
    assert waiting(erased) == []
    assert erased.run_here()["jobs"]["planned"] == 0
    assert not (erased.root / "site" / "events" / "later").exists()


def test_what_destroys_has_to_be_said_and_only_of_what_was_never_published(held: tuple[Space, bytes]) -> None:
    space, data = held
    item = item_of(space, "3.jpg")
    last = len(list((space.root / "archive/journal").glob("*.jsonl")))
    for args, hint in (
        ((COPY, item), "--erase"),
        (("fete/1.jpg", item, "--erase"), "mediaarchive takedown p-"),
        ((COPY, "fete/1.jpg", "--erase"), "leave --erase out"),
    ):
        refused = space.here("dedupe", "same", *args)
        assert refused.returncode == 2
        assert "nothing was decided" in refused.stderr
        assert hint in refused.stderr
    assert len(list((space.root / "archive/journal").glob("*.jsonl"))) == last
    assert len(holding(space, data)) == 2
    typed(space, waiting(space)[0]["same"])
    refused = space.here("dedupe", "never", COPY, item)
    assert refused.returncode == 2
    assert "were destroyed" in refused.stderr


def test_another_photograph_is_published_after_a_word_and_waits_no_more(held: tuple[Space, bytes]) -> None:
    space, data = held
    typed(space, waiting(space)[0]["another"])
    assert sum(entry["type"] == "photo" for entry in space.items("fete").values()) == 6
    assert waiting(space) == []
    assert "held" not in done(space, "status"), "though no run has spoken of the file since"
    assert len(holding(space, data)) == 2


def test_a_copy_recognised_as_a_withdrawn_photograph_is_withdrawn_like_it_and_kept(small: Space) -> None:
    item = item_of(small, "3.jpg")
    done(small, "takedown", item, "--reason", "rights-expired")
    data = drop(small, "other/from a phone.jpg", with_a_logo(3))
    small.run_here()
    (one,) = waiting(small)
    assert one["same"] == f"mediaarchive dedupe same 'other/from a phone.jpg' {item}"
    typed(small, one["same"])
    day = datetime.now(UTC).date().isoformat()
    told = done(small, "why", "other/from a phone.jpg")
    assert f"withdrawn on {day} (rights expired)" in told
    status = done(small, "status")
    assert f"withdrawn, and dropped again: from a phone.jpg: This was withdrawn on {day} (rights expired)" in status
    assert "held" not in status
    assert len(holding(small, data)) == 2, "what can be undone is kept"
    done(small, "restore", item)
    assert small.items("fete")[item]["type"] == "photo"


def test_what_waits_is_answered_by_sheet_too(held: tuple[Space, bytes], tmp_path: Path) -> None:
    space, data = held
    drop(space, "fete/another.jpg", with_a_logo(3).rotate(180))
    space.run_here()
    assert len(waiting(space)) == 2
    sheet = tmp_path / "pairs.csv"
    done(space, "dedupe", "export", str(sheet))
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    assert all("erase destroys it" in row["because"] for row in rows if "held" in row["because"])
    answers = {"fete/from a phone.jpg": "erase", "fete/another.jpg": "never"}
    for row in rows:
        names = {row["left"], row["right"]}
        row["decision"] = next((a for name, a in answers.items() if names == {name, "fete/3.jpg"}), "")
    assert {row["decision"] for row in rows} >= {"erase", "never"}
    for wrong in ("same", "erase"):
        with sheet.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0])
            table.writeheader()
            table.writerows({**row, "decision": row["decision"].replace("erase", wrong)} for row in rows)
        found = space.here("dedupe", "import", str(sheet))
        assert found.returncode == (2 if wrong == "same" else 0), found.stderr
        assert found.returncode == 0 or f"{sheet}, row " in found.stderr
    done(space, "dedupe", "import", str(sheet))  # the same sheet again does no harm
    assert holding(space, data) == []
    assert waiting(space) == []
    assert sum(entry["type"] == "photo" for entry in space.items("fete").values()) == 6


def test_a_sheet_of_pairs_comes_back_from_an_office_program(held: tuple[Space, bytes], tmp_path: Path) -> None:
    space, _ = held
    sheet = tmp_path / "pairs.csv"
    done(space, "dedupe", "export", str(sheet))
    text = sheet.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    held_row = next(number for number, row in enumerate(rows, 1) if "held" in row["because"])
    lines = text.splitlines()
    lines[held_row] = "Never" + lines[held_row]
    files = saved({"pairs": "\n".join(lines)}, "fr-FR", tmp_path, ("windows-1252", "xlsx", "ods")).values()
    for place, path in enumerate(files):
        told = json.loads(done(space, "dedupe", "import", str(path), "--json"))
        assert (told["decision"], told["stood"]) == (("0 decisions", 1) if place else ("1 decision", 0)), path
    assert waiting(space) == []
    books = workbook([("Decision", "left_sha256", "right_sha256"), ("", "", ""), ("perhaps", "a", "b")])
    (tmp_path / "wrong.xlsx").write_bytes(books)
    assert "pairs.csv" in space.here("dedupe", "export", str(tmp_path / "pairs.xlsx")).stderr
    refused = space.here("dedupe", "import", str(tmp_path / "wrong.xlsx"))
    assert refused.returncode == 2
    assert 'wrong.xlsx (List), row 3, column "decision": "perhaps" is no decision' in refused.stderr


@contextmanager
def busy(space: Space) -> Iterator[None]:
    with Workspace.at(space.root).lock(datetime.now(UTC)):
        yield


def test_while_a_run_is_on_the_word_stands_and_a_later_one_takes_it_back(held: tuple[Space, bytes]) -> None:
    space, data = held
    item, same = item_of(space, "3.jpg"), waiting(space)[0]["same"]
    with busy(space):
        assert "will be destroyed" in typed(space, same)
        assert len(holding(space, data)) == 2
        done(space, "dedupe", "never", COPY, item)
    space.run_here()
    assert len(holding(space, data)) == 2
    assert sum(entry["type"] == "photo" for entry in space.items("fete").values()) == 6


def test_the_next_run_destroys_what_was_said_while_another_was_on(held: tuple[Space, bytes]) -> None:
    space, data = held
    with busy(space):
        typed(space, waiting(space)[0]["same"])
    space.run_here()
    assert holding(space, data) == []
    assert len(list((space.root / "archive/receipts").glob("*-erased*.json"))) == 2


def test_a_mirror_that_is_away_is_told_and_loses_it_as_soon_as_it_is_back(held: tuple[Space, bytes]) -> None:
    space, data = held
    mirror = space.root.parent / "mirror"
    mirror.rename(mirror.with_name("unmounted"))
    mirror.mkdir()
    found = space.here(*shlex.split(waiting(space)[0]["same"])[1:])
    receipts = len(list((space.root / "archive/receipts").glob("*-erased*.json")))
    assert found.returncode == 5
    assert "is its disk mounted?" in found.stderr
    assert holding(space, data) == []
    status = done(space, "status")
    assert "2 of its originals are not proved to be destroyed" in status
    assert "the mirror, which could not be asked" in status
    shutil.rmtree(mirror)
    mirror.with_name("unmounted").rename(mirror)
    space.run_here()
    assert holding(space, data) == []
    assert json.loads(done(space, "status", "--json"))["unproved"] == []
    assert receipts == 1
    assert len(list((space.root / "archive/receipts").glob("*-erased*.json"))) == 2


@pytest.mark.parametrize("server", ["moto", pytest.param("ceph", marks=pytest.mark.ceph)])
def test_no_version_of_it_stays_in_a_mirror_in_a_bucket(
    small: Space, server: str, request: pytest.FixtureRequest
) -> None:
    endpoint = request.getfixturevalue(server)
    bucket = new_bucket(endpoint, versioned=True)
    place = f's3://{bucket}/archive"\nendpoint = "{endpoint}"\nregion = "us-east-1"\naddressing = "path"'
    small.config.write_text(small.config.read_text().replace('../mirror"', place), encoding="utf-8")
    small.run_here()
    done(small, "takedown", item_of(small, "3.jpg"), "--reason", "consent-withdrawn", "--erase", "--after", "0")
    digest = hashlib.sha256(drop(small, COPY, reduced(3))).hexdigest()
    small.run_here()
    assert digest in versions(endpoint, bucket)
    assert "receipt: " in typed(small, waiting(small)[0]["same"])
    assert digest not in versions(endpoint, bucket)
    assert len([key for key in versions(endpoint, bucket).split() if "/originals/" in key]) == 5


def versions(endpoint: str, bucket: str) -> str:
    """The keys of everything in a bucket that somebody could still fetch, in any version."""
    pages = client(endpoint).get_paginator("list_object_versions").paginate(Bucket=bucket)
    return " ".join(one["Key"] for page in pages for one in page.get("Versions", []))


def test_whichever_effect_it_is_killed_at_the_next_run_destroys_it_or_it_still_waits(
    held: tuple[Space, bytes], tmp_path: Path
) -> None:
    space, data = held
    args = shlex.split(waiting(space)[0]["same"])[1:]
    effects = CHANGES | {"append"}

    def copied(name: str) -> Space:
        shutil.copytree(space.root.parent, tmp_path / name)
        return Space(tmp_path / name / "ws")

    total = count(copied("calm").root, *args, effects=effects)
    steps = range(1, 2 * total + 1)
    for last in share(steps) if EVERY else steps[:: max(1, len(steps) // 7)]:
        shaken = copied(f"killed-{last}")
        assert call(shaken.root, *args, last=last, effects=effects)[0] == KILLED
        shaken.run_here()
        if waiting(shaken):
            assert len(holding(shaken, data)) == 2, f"killed at {last}: not decided, not touched"
            continue
        assert holding(shaken, data) == [], f"killed at {last}"
        assert len(list((shaken.root / "archive/receipts").glob("*-erased*.json"))) == 2, f"killed at {last}"
        assert not list((shaken.root / "archive/receipts/open").glob("*")), f"killed at {last}"
        shutil.rmtree(shaken.root.parent)
