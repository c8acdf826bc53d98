"""What a person says of duplicates beats what was proved, for ever; addresses that were published keep working."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .conftest import Space

SLUG = "forum-des-communs-2025"
Archived = tuple[Space, dict[str, Any]]


@pytest.fixture
def space(archived: Archived, tmp_path: Path) -> Space:
    return archived[0].twin(tmp_path / "ws")


def items(space: Space) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in json.loads(space.manifest())["items"]}


def item_of(report: dict[str, Any], name: str) -> str:
    return str(next(entry["item"] for entry in report["files"] if entry["path"].endswith(f"/{name}")))


def test_never_parts_what_was_linked_and_it_stays_parted(space: Space, archived: Archived) -> None:
    before = items(space)
    item = item_of(archived[1], "IMG-20251007-WA0003.jpg")
    original = next(e["path"] for e in archived[1]["files"] if e["item"] == item and e["outcome"] == "published")
    done = space.call("dedupe", "never", "IMG-20251007-WA0003.jpg", Path(original).name)
    assert done.returncode == 0, done.stderr
    after = items(space)
    assert set(before) < set(after), "what was published keeps its id; the other gets one"
    assert len(after) == len(before) + 1
    assert space.run()["jobs"]["planned"] == 0
    assert set(items(space)) == set(after)


def test_same_makes_one_item_of_two_and_both_addresses_go_on(space: Space, archived: Archived) -> None:
    one, other = (item_of(archived[1], name) for name in ("AUR_0402.jpg", "AUR_0412.jpg"))
    before = len(items(space))
    assert one in items(space)
    done = space.call("dedupe", "same", "AUR_0402.jpg", "AUR_0412.jpg", "--by", "Me")
    assert done.returncode == 0, done.stderr
    after = items(space)
    assert len(after) == before - 1
    kept = next(iter({one, other} & set(after)))
    gone = next(iter({one, other} - {kept}))
    assert after[kept]["aliases"] == [gone]
    media = space.root / "site" / "media"
    assert (media / gone / "640.jpg").read_bytes() == (media / kept / "640.jpg").read_bytes()
    assert json.loads((media / gone / "item.json").read_text(encoding="utf-8"))["alias_of"] == kept
    assert (media / gone / "index.html").read_bytes() == (media / kept / "index.html").read_bytes()
    assert json.loads(space.call("why", gone, "--json").stdout)["found"][0]["item"] == kept
    done = space.call("takedown", gone, "--reason", "quality", "--json")
    assert done.returncode == 0, done.stderr
    for name in (kept, gone):
        assert not [path for path in (media / name).iterdir() if "-" in path.name], "a takedown follows the alias"
        assert "quality" in (media / name / "item.json").read_text(encoding="utf-8")


def test_what_is_the_same_file_needs_no_decision(space: Space) -> None:
    done = space.call("dedupe", "same", "DSCF0014.jpg", "copie de DSCF0014.jpg")
    assert done.returncode == 2
    assert "the same bytes" in done.stderr


def test_pairs_that_wait_are_listed_with_what_to_type(space: Space, sample: Path) -> None:
    with Image.open(sample / SLUG / "AUR_0402.jpg") as picture:
        picture.convert("RGB").save(space.root / "inbox" / SLUG / "same size.jpg", quality=60)
    space.run()
    value = json.loads(space.call("dedupe", "list", "--json").stdout)
    paths = [{pair["left"]["path"], pair["right"]["path"]} for pair in value["pairs"]]
    assert {f"{SLUG}/AUR_0402.jpg", f"{SLUG}/same size.jpg"} in paths
    text = space.call("dedupe", "list").stdout
    assert "mediaarchive dedupe same" in text


def test_the_film_of_a_live_photo_is_no_film_of_its_own(space: Space, sample: Path) -> None:
    before = items(space)
    folder = space.root / "inbox" / SLUG / "phone"
    folder.mkdir()
    with Image.open(sample / SLUG / "AUR_0402.jpg") as picture:
        picture.convert("RGB").rotate(180).crop((100, 60, 700, 460)).save(folder / "IMG_3589.JPG", quality=90)
    film = (sample / SLUG / "aftermovie.mp4").read_bytes()
    (folder / "img_3589.mov").write_bytes(film + b"\x00\x00\x00\x08free")  # other bytes than the film that is published
    report = space.run()
    answers = {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in report["files"]}
    assert answers["img_3589.mov"] == ("alternate", "sibling")
    after = items(space)
    assert sum(entry["type"] == "video" for entry in after.values()) == 1
    assert len(after) - len(before) <= 1
    assert space.run()["jobs"]["planned"] == 0
    assert items(space) == after
