"""The main job, end to end, on the sample: every file is answered, and a second run has nothing to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image

from mediaarchive.model import Problem
from mediaarchive.site.saying import sentence

from .conftest import ROOT, SETTINGS, Space

SLUG = "forum-des-communs-2025"
Archived = tuple[Space, dict[str, Any]]
Make = Callable[..., Space]


def expected() -> dict[str, str]:
    """What the sample's own script says that each file becomes."""
    script = ROOT / "scripts" / "sample_inbox.py"
    done = subprocess.run([sys.executable, script, "--small", "--describe"], check=True, capture_output=True, text=True)
    return {f"{SLUG}/{entry['path']}": entry["outcomes"][0] for entry in json.loads(done.stdout)["files"]}


def test_every_file_of_the_inbox_gets_the_answer_it_deserves(archived: Archived) -> None:
    _, report = archived
    answers = {entry["path"].removeprefix("inbox/"): entry["outcome"] for entry in report["files"]}
    assert len(answers) == len(report["files"]), "each file exactly once"
    assert answers == expected()


def test_what_is_refused_says_why_and_lies_aside_with_the_reason(archived: Archived) -> None:
    space, report = archived
    refused = [entry for entry in report["files"] if entry["outcome"] == "rejected"]
    assert {entry["code"] for entry in refused} >= {"empty", "web-page"}
    for entry in refused:
        name = Path(entry["path"]).relative_to(f"inbox/{SLUG}")
        aside = space.root / "inbox" / SLUG / "_rejected" / name
        assert aside.exists()
        problem = Problem(code=entry["code"], reason=entry["reason"])
        assert sentence(problem, "fr") in aside.with_name(aside.name + ".txt").read_text(encoding="utf-8")
        assert len(entry["reason"].split()) >= 4


def test_the_inbox_keeps_only_what_people_go_on_editing(archived: Archived) -> None:
    space, _ = archived
    left = {path.name for path in (space.root / "inbox" / SLUG).iterdir()}
    assert left == {"event.toml", "texts.csv", ".DS_Store", "Thumbs.db", "_rejected", "_report.html", "web"} - (
        set() if (space.root / "inbox" / SLUG / "web").exists() else {"web"}
    )


def test_the_manifest_is_valid_and_every_file_it_names_is_there(archived: Archived) -> None:
    space, _ = archived
    value = json.loads(space.manifest())
    schema = json.loads((space.root / "site" / "schema" / "manifest-1.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(value)
    for item in value["items"]:
        for source in [*item["sources"], *item.get("poster", {}).get("sources", ())]:
            for file in source.get("set", [source]):
                path = space.root / "site" / file["url"]
                assert path.stat().st_size == file["bytes"]
                if file["url"].endswith(("avif", "jpg")):
                    with Image.open(path) as image:
                        assert image.size == (file["w"], file["h"])
        for address in [item["page"], *item["stable"].values()]:
            assert (space.root / "site" / address).is_file()
    for address in [value["links"]["page"], *value["links"]["languages"].values()]:
        assert (space.root / "site" / address).is_file()


def test_an_item_s_own_manifest_is_valid_by_the_schema_that_it_names(archived: Archived) -> None:
    space, _ = archived
    pages = [*(space.root / "site" / "media").glob("*/item.json")]
    assert len(pages) > 5
    for page in pages:
        value = json.loads(page.read_text(encoding="utf-8"))
        schema = json.loads((page.parent / value["$schema"]).read_bytes())
        validator = jsonschema.Draft202012Validator(schema)
        validator.validate(value)
        del value["item"]["type"]
        assert not validator.is_valid(value), "nor is everything"


def test_texts_come_from_where_people_wrote_them(archived: Archived) -> None:
    space, _ = archived
    items = json.loads(space.manifest())["items"]
    photos = [item for item in items if item["type"] == "photo"]
    states = {(text["state"], text["source"]) for item in photos for text in item["alt"].values()}
    assert {("provided", "embedded"), ("provided", "sidecar"), ("placeholder", "template")} <= states
    for item in photos:
        captions = {text["text"] for text in item["caption"].values()}
        assert not captions & {text["text"] for text in item["alt"].values()}
        assert "OLYMPUS DIGITAL CAMERA" not in json.dumps(item)
    film = next(item for item in items if item["type"] == "video")
    assert film["title"]["fr"]["source"] == "sheet"
    assert film["captions"] == "provided"
    assert [(track["srclang"], track["kind"]) for track in film["tracks"]] == [("fr", "captions")]


def test_nothing_private_is_published(archived: Archived) -> None:
    space, _ = archived
    for name, data in space.published().items():
        for secret in (b"GPSLatitude", b"Exif\0\0", b"SerialNumber", str(space.root).encode(), b"+50.8", b"DSCF00"):
            assert secret not in data, (name, secret)


def test_a_name_that_lies_is_told_and_the_picture_is_shown_for_what_it_is(archived: Archived) -> None:
    _, report = archived
    poster = next(entry for entry in report["files"] if entry["path"].endswith("affiche.jpg"))
    assert (poster["outcome"], poster["code"]) == ("published", "misnamed")
    assert poster["reason"] == "Its name says otherwise, but it is image/png."


def test_copies_are_alternates_of_one_item_and_say_why(archived: Archived) -> None:
    space, report = archived
    copies = [entry for entry in report["files"] if entry["outcome"] == "alternate"]
    assert {entry["code"] for entry in copies} >= {"exact", "copy"}
    assert all(entry["item"] for entry in copies)
    told = space.call("why", "IMG-20251007-WA0003.jpg").stdout
    assert "Same photograph" in told or "same" in told


def test_a_second_run_does_nothing_and_changes_nothing(archived: Archived, tmp_path: Path) -> None:
    space = archived[0].twin(tmp_path / "again")
    before = space.published()
    report = space.run()
    assert report["jobs"]["planned"] == 0
    assert report["status"] == 0
    assert {entry["outcome"] for entry in report["files"]} <= {"sidecar", "ignored"}
    assert space.published() == before


def test_one_new_size_makes_exactly_the_new_files_and_going_back_gives_back_the_old_manifest(
    archived: Archived, tmp_path: Path
) -> None:
    space = archived[0].twin(tmp_path / "sizes")
    old, before = space.manifest(), space.published()
    photos = json.loads(old)["counts"]["photo"]
    space.config.write_text(
        SETTINGS.replace('"jpeg"\nedges = [160, 320', '"jpeg"\nedges = [160, 240, 320'), encoding="utf-8"
    )
    report = space.run()
    assert report["jobs"]["planned"] == photos + 1, "one for each photograph, one for the film's poster"
    new = {name for name in set(space.published()) - set(before) if name.startswith("media/")}
    assert len(new) == photos + 1
    assert {Path(name).name.removeprefix("poster-").partition("-")[0] for name in new} == {"240"}
    space.config.write_text(SETTINGS, encoding="utf-8")
    report = space.run()
    assert report["jobs"]["planned"] == 0
    assert space.manifest() == old


def test_the_same_files_in_another_order_and_with_workers_give_the_same_manifest(
    archived: Archived, sample: Path, space: Make
) -> None:
    other = space("other")
    files = sorted((sample / SLUG).rglob("*"), reverse=True)
    for file in files:  # created backwards: other inodes, another order of the directory
        if file.is_file():
            target = other.root / "inbox" / SLUG / file.relative_to(sample / SLUG)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    other.run("--workers", "2", engine="local")
    assert other.manifest() == archived[0].manifest()


def test_a_card_that_is_dropped_again_brings_nothing_new(archived: Archived, sample: Path, tmp_path: Path) -> None:
    space = archived[0].twin(tmp_path / "twice")
    old, originals = space.manifest(), space.originals()
    again = space.root / "inbox" / SLUG / "card 2"
    again.mkdir()
    for name in ("DSCF0003.jpg", "AUR_0402.jpg"):
        (again / f"other {name}").write_bytes((sample / SLUG / name).read_bytes())
    report = space.run()
    known = [entry for entry in report["files"] if entry["outcome"] == "known"]
    assert len(known) == 2
    assert all(entry["item"] and "has had this file since" in entry["reason"] for entry in known)
    assert space.manifest() == old
    assert space.originals() == originals
    assert not list(again.iterdir())


def test_a_text_written_later_changes_the_manifest_and_no_file(archived: Archived, tmp_path: Path) -> None:
    space = archived[0].twin(tmp_path / "texts")
    before = {name for name in space.published() if name.startswith("media/")}
    sheet = space.root / "inbox" / SLUG / "texts.csv"
    sheet.write_text("path,lang,kind,text\nAUR_0402.jpg,fr,alt,Une salle pleine.\n", encoding="utf-8")
    report = space.run()
    assert report["jobs"]["planned"] == 0
    assert "Une salle pleine." in space.manifest().decode()
    assert {name for name in space.published() if name.startswith("media/")} == before


def test_a_mistake_in_the_sheet_is_told_once_and_the_run_goes_on(archived: Archived, tmp_path: Path) -> None:
    space = archived[0].twin(tmp_path / "mistake")
    old = space.manifest()
    sheet = space.root / "inbox" / SLUG / "texts.csv"
    sheet.write_text("path,lang,kind,text\nAUR_0402.jpg,fr,legend,x\n", encoding="utf-8")
    report = space.run()
    entry = next(entry for entry in report["files"] if entry["path"].endswith("texts.csv"))
    assert (entry["outcome"], report["status"]) == ("rejected", 3)
    assert "line 2" in entry["reason"]
    assert sheet.exists(), "the officer corrects it where it is"
    assert space.manifest() == old
    assert space.run()["status"] == 0, "nobody is alarmed twice for the same mistake"


def test_a_read_only_inbox_is_only_read(sample: Path, space: Make, archived: Archived) -> None:
    keep = space("keep", sample, SETTINGS.replace("[ingest]", '[ingest]\nmode = "keep"'))
    before = sorted(str(path) for path in (keep.root / "inbox").rglob("*"))
    first = keep.run()
    assert sorted(str(path) for path in (keep.root / "inbox").rglob("*")) == before
    assert keep.manifest() == archived[0].manifest()
    second = keep.run()
    assert second["status"] == 0
    assert second["jobs"]["planned"] == 0
    answers = {entry["path"]: entry["outcome"] for entry in first["files"]}
    assert {entry["path"]: entry["outcome"] for entry in second["files"]} == answers


def test_a_deleted_site_is_published_again_as_it_was(archived: Archived, tmp_path: Path) -> None:
    space = archived[0].twin(tmp_path / "deleted")
    before = space.published()
    subprocess.run(["rm", "-rf", str(space.root / "site")], check=True)
    space.run()
    after = space.published()
    envelopes = {name for name in before if name.rpartition("/")[2].removesuffix(".json").isdigit()}
    assert {name: after.get(name) for name in set(before) - envelopes} == {
        n: before[n] for n in set(before) - envelopes
    }


def test_a_lost_catalog_gives_the_same_manifest(archived: Archived, tmp_path: Path) -> None:
    space = archived[0].twin(tmp_path / "lost")
    old = space.manifest()
    for path in (space.root / "archive").glob("catalog.db*"):
        path.unlink()
    space.run()
    assert space.manifest() == old


@pytest.mark.parametrize("verb", ["status", "plan", "why"])
def test_the_other_verbs_answer_for_people_and_for_programs(archived: Archived, verb: str) -> None:
    space, _ = archived
    args = (verb, "DSCF0021.jpg") if verb == "why" else (verb,)
    people, programs = space.here(*args), space.here(*args, "--json")
    assert (people.returncode, programs.returncode) == (0, 0), people.stderr + programs.stderr
    assert SLUG in people.stdout
    assert json.loads(programs.stdout)["schema"] == f"{verb}/1"
