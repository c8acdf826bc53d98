"""A withdrawn photograph is gone everywhere, says so, and doesn't come back by itself."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .conftest import Space, item_of

SLUG = "forum-des-communs-2025"
Archived = tuple[Space, dict[str, Any]]
Make = Callable[..., Space]


def items(space: Space) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(space.manifest())["items"]
    return found


def take_down(space: Space, subject: str, *more: str) -> dict[str, Any]:
    done = space.here("takedown", subject, "--reason", "consent-withdrawn", "--json", *more)
    assert done.returncode == 0, done.stderr + done.stdout
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def files_of(space: Space, item: str) -> set[str]:
    folder = space.root / "site" / "media" / item
    return {path.name for path in folder.iterdir() if path.name[0] != "."}


def bodies(space: Space) -> dict[str, str]:
    folder = space.root / "site" / "events" / SLUG / "releases"
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if len(path.stem) == 64}


@pytest.fixture
def space_and_item(archived: Archived, tmp_path: Path) -> tuple[Space, str]:
    return archived[0].twin(tmp_path / "ws"), item_of(archived[1], "DSCF0003.jpg")


def test_nothing_of_the_picture_is_left_and_its_addresses_say_so(space_and_item: tuple[Space, str]) -> None:
    space, item = space_and_item
    before = next(entry for entry in items(space) if entry["id"] == item)
    place = [entry["id"] for entry in items(space)].index(item)
    stable = (space.root / "site" / before["stable"]["640"]).read_bytes()
    value = take_down(space, item, "--by", "Somebody", "--note", "They wrote on Monday")
    stone = items(space)[place]
    assert (stone["id"], stone["type"], stone["reason"]) == (item, "tombstone", "consent-withdrawn")
    assert files_of(space, item) == {"640.jpg", "1280.jpg", "index.html", "index.en.html", "item.json"} & files_of(
        space, item
    )
    notice = (space.root / "site" / before["stable"]["640"]).read_bytes()
    assert notice != stable
    with Image.open(io.BytesIO(notice)) as picture:
        assert max(picture.size) == 640
    for name, body in bodies(space).items():
        shown = [entry for entry in json.loads(body)["items"] if entry["id"] == item and entry["type"] != "tombstone"]
        assert shown == [], name
    page = (space.root / "site" / "media" / item / "index.html").read_text(encoding="utf-8")
    assert stone["text"]["fr"] in page
    own = (space.root / "site" / "media" / item / "item.json").read_text(encoding="utf-8")
    alt = before["alt"]["fr"]["text"]
    assert alt not in page + own
    receipt = value["receipts"][0]
    assert receipt["complete"]
    assert {one["was"] for one in receipt["addresses"]} == {"file", "release", "stable", "page", "list"}
    told = Path(receipt["file"]).read_text(encoding="utf-8") + json.dumps(receipt)
    assert "Somebody" not in told
    assert "Monday" not in told


def test_a_takedown_loads_nothing_that_only_many_photographs_are_worth(space_and_item: tuple[Space, str]) -> None:
    """It takes what is loaded for it: faiss cost 0.2 s and 30 MB, to look through four hashes."""
    space, item = space_and_item
    command = [sys.executable, "-X", "importtime", *space.command("takedown", item, "--reason", "quality")[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "mediaarchive.stages.dedupe.index" in loaded, "what looks like it was looked for"
    assert loaded.isdisjoint({"faiss", "cv2", "scipy", "pyvips", "imagehash", "boto3"})


def test_the_next_run_agrees_and_has_nothing_to_do(space_and_item: tuple[Space, str]) -> None:
    space, item = space_and_item
    take_down(space, item)
    after, published = space.manifest(), space.published()
    report = space.run()
    assert space.manifest() == after
    assert report["jobs"]["planned"] == 0
    assert {name: data for name, data in space.published().items() if name.startswith("media/")} == {
        name: data for name, data in published.items() if name.startswith("media/")
    }


def test_a_withdrawn_photograph_and_its_copies_stay_away(space_and_item: tuple[Space, str], sample: Path) -> None:
    space, item = space_and_item
    take_down(space, item)
    data = (sample / SLUG / "DSCF0003.jpg").read_bytes()
    folder = space.root / "inbox" / SLUG / "again"
    other = space.root / "inbox" / "another event"
    folder.mkdir()
    other.mkdir()
    (folder / "renamed.jpg").write_bytes(data)
    (other / "elsewhere.jpg").write_bytes(data)
    with Image.open(io.BytesIO(data)) as picture:
        picture.convert("RGB").resize((480, 320)).save(folder / "IMG-20251007-WA0099.jpg", quality=70)
    report = space.run()
    answers = {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in report["files"]}
    assert answers["renamed.jpg"] == ("withdrawn", "withdrawn")
    assert answers["elsewhere.jpg"] == ("withdrawn", "withdrawn")
    assert answers["IMG-20251007-WA0099.jpg"] == ("withdrawn", "withdrawn")
    assert all(entry["type"] == "tombstone" for entry in items(space) if entry["id"] == item)
    assert not [name for name in files_of(space, item) if "-" in name]


def test_restore_gives_back_the_manifest_as_it_was(space_and_item: tuple[Space, str]) -> None:
    space, item = space_and_item
    before = space.manifest()
    stable = (space.root / "site" / "media" / item / "640.jpg").read_bytes()
    take_down(space, item)
    assert space.manifest() != before
    done = space.here("restore", item)
    assert done.returncode == 0, done.stderr
    assert space.manifest() == before
    assert (space.root / "site" / "media" / item / "640.jpg").read_bytes() == stable
    take_down(space, item)
    assert not [name for name in files_of(space, item) if "-" in name], "and it can be withdrawn again"


def test_a_withdrawal_for_a_time_ends_by_itself(space_and_item: tuple[Space, str]) -> None:
    space, item = space_and_item
    before = space.manifest()
    receipt = take_down(space, item, "--until", "2099-05-01")["receipts"][0]
    assert receipt["until"] == "2099-05-01"
    assert "1 May 2099" in Path(receipt["files"][-1]).read_text(encoding="utf-8")
    space.run_on("2099-04-30")
    assert space.items()[item]["type"] == "tombstone", "as long as it lasts, the notice stands"
    space.run_on("2099-05-01")
    assert space.manifest() == before


def test_a_day_that_is_over_is_no_day_to_come_back(space_and_item: tuple[Space, str]) -> None:
    space, item = space_and_item
    done = space.here("takedown", item, "--reason", "quality", "--until", "2020-01-01")
    assert done.returncode == 2
    assert "is not after today" in done.stdout + done.stderr
    assert space.items()[item]["type"] == "photo"


@pytest.mark.parametrize("how", ["path", "report", "file", "url"])
def test_an_item_is_found_by_whatever_people_have_in_hand(
    archived: Archived, tmp_path: Path, sample: Path, how: str
) -> None:
    space, item = archived[0].twin(tmp_path / "ws"), item_of(archived[1], "DSCF0003.jpg")
    subject = {
        "path": "DSCF0003.jpg",
        "report": f"inbox/{SLUG}/DSCF0003.jpg",
        "file": str(sample / SLUG / "DSCF0003.jpg"),
        "url": f"https://media.example.org/media/{item}/1280.jpg",
    }[how]
    value = json.loads(space.here("takedown", subject, "--reason", "quality", "--dry-run", "--json").stdout)
    assert [(one["item"], one["events"]) for one in value["items"]] == [(item, [SLUG])]
    names = {Path(url).name for url in value["items"][0]["addresses"] if f"/media/{item}/" in url}
    assert names == {name for name in files_of(space, item) if "-" in name}
    assert next(entry for entry in items(space) if entry["id"] == item)["type"] == "photo", "a dry run removes nothing"


def test_what_is_not_published_is_told(archived: Archived, tmp_path: Path) -> None:
    done = archived[0].twin(tmp_path / "ws").call("takedown", "nothing.jpg", "--reason", "quality")
    assert done.returncode == 2
    assert '"nothing.jpg" is nothing that was published' in done.stderr


def test_hidden_items_leave_no_notice_and_come_back(space_and_item: tuple[Space, str]) -> None:
    space, item = space_and_item
    before = space.manifest()
    assert space.here("hide", item).returncode == 0
    assert item not in [entry["id"] for entry in items(space)]
    assert space.here("unhide", item).returncode == 0
    assert space.manifest() == before


def test_what_waits_for_approval_is_published_when_it_is_approved(space: Make, sample: Path) -> None:
    ws = space("hold", sample)
    ws.config.write_text(ws.config.read_text() + '[publish]\nmode = "hold"\n', encoding="utf-8")
    report = ws.run()
    assert {entry["code"] for entry in report["files"] if entry["outcome"] == "held"} == {"approval"}
    assert all(
        f"mediaarchive approve {SLUG}" in entry["reason"] for entry in report["files"] if entry["outcome"] == "held"
    )
    assert report["status"] in {0, 3}
    assert not (ws.root / "site" / "events").exists()
    assert ws.here("approve", "DSCF0003.jpg").returncode == 0
    assert len(items(ws)) == 1
    assert ws.here("approve", SLUG).returncode == 0
    assert len(items(ws)) > 5
