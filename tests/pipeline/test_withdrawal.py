"""What an officer decides about photographs and events holds everywhere, for as long as it was meant to."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw, ImageOps

from mediaarchive.cli.main import cli
from mediaarchive.site.server import make_server

from .conftest import SALT, SETTINGS, Space

SLUG = "forum-des-communs-2025"
Archived = tuple[Space, dict[str, Any]]


def item_of(report: dict[str, Any], name: str) -> str:
    return str(next(entry["item"] for entry in report["files"] if entry["path"].endswith(f"/{name}")))


def answers(report: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in report["files"]}


def done(space: Space, *args: str) -> str:
    result = space.here(*args)
    assert result.returncode == 0, result.stderr
    return result.stdout


def files_of(space: Space, item: str) -> set[str]:
    folder = space.root / "site" / "media" / item
    return {path.name for path in folder.iterdir() if path.name[0] != "."} if folder.is_dir() else set()


def event_toml(space: Space, text: str) -> None:
    path = space.root / "inbox" / SLUG / "event.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


PHOTOS = ("DSCF0003.jpg", "DSCF0009.jpg", "AUR_0402.jpg", "AUR_0470.jpg")
SMALL = SETTINGS.replace("edges = [160, 320, 640]", "edges = [160, 640]")


@pytest.fixture(scope="module")
def album(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Archived:
    """Four photographs with texts in two languages, after one run. Read only: tests take a `twin`."""
    found = Space(tmp_path_factory.mktemp("album") / "ws")
    CliRunner().invoke(cli, ["init", str(found.root), "--salt", SALT])
    found.config.write_text(SMALL, encoding="utf-8")
    folder = found.root / "inbox" / SLUG
    folder.mkdir()
    for name in (*PHOTOS, "event.toml"):
        (folder / name).write_bytes((sample / SLUG / name).read_bytes())
    return found, found.run()


@pytest.fixture
def space(album: Archived, tmp_path: Path) -> Space:
    return album[0].twin(tmp_path / "ws")


@pytest.fixture
def item(album: Archived) -> str:
    return item_of(album[1], "DSCF0003.jpg")


def told(entry: dict[str, Any]) -> Iterator[bytes]:
    """What a manifest says of an item and of nothing else."""
    for kind in ("alt", "caption", "title", "long"):
        yield from (text["text"].encode() for text in entry.get(kind, {}).values() if text["state"] != "placeholder")
    for source in entry["sources"]:
        yield from (file["url"].rpartition("/")[2].encode() for file in source["set"])
    if "thumbhash" in entry:
        yield entry["thumbhash"].encode()


# -- gone everywhere -----------------------------------------------------------------------------------------------


def test_no_published_byte_tells_of_it_any_more(space: Space, item: str) -> None:
    """Pages in every language, manifests, further pages, releases, structured data, the list of events, item.json."""
    (space.root / "inbox" / SLUG / "texts.csv").write_text(
        "path,lang,kind,text\nDSCF0003.jpg,fr,alt,Une femme rit au soleil\nDSCF0003.jpg,en,alt,A woman laughs in the sun\n"
        "DSCF0003.jpg,en,caption,Marie Exemple at the opening\n",
        encoding="utf-8",
    )
    space.run()
    pictures = {path.read_bytes() for path in (space.root / "site" / "media" / item).glob("*.jpg")}
    words = {*told(space.items()[item]), b"Marie Exemple", b"DSCF0003"}
    before = [key for key, data in space.published().items() if any(word in data for word in words)]
    assert {Path(key).suffix for key in before} >= {".html", ".json"}, "or the test would prove nothing"
    done(space, "takedown", item, "--reason", "consent-withdrawn")
    for key, data in space.published().items():
        assert data not in pictures, key
        assert [word for word in words if word in data or word in key.encode()] == [], key
    space.run()
    for key, data in space.published().items():
        assert [word for word in words if word in data] == [], key


def test_a_language_that_was_given_up_leaves_no_page_behind(space: Space, item: str) -> None:
    path = space.root / "inbox" / SLUG / "event.toml"
    text = path.read_text(encoding="utf-8")
    languages = json.loads(space.manifest())["languages"]
    assert len(languages) > 1
    path.write_text(re.sub(r"languages = .*", f'languages = ["{languages[0]}"]', text), encoding="utf-8")
    space.run()
    assert not [key for key in space.published() if key.startswith(f"events/{SLUG}/index.{languages[1]}")]
    done(space, "takedown", item, "--reason", "quality")
    assert files_of(space, item) <= {"640.jpg", "1280.jpg", "index.html", "item.json", f"index.{languages[0]}.html"}


def test_every_host_is_purged_and_looked_at(space: Space, item: str) -> None:
    """A second host that still has the files is found out, and the withdrawal stays open until it hasn't."""
    mirror = space.root / "mirror"
    kept = next(name for name in files_of(space, item) if name.startswith("640-"))
    purged = space.root / "purged.txt"
    script = space.root / "purge.sh"
    script.write_text(f"#!/bin/sh\ncat >> {purged}\n", encoding="utf-8")
    script.chmod(0o755)
    (mirror / "media" / item).mkdir(parents=True)
    (mirror / "media" / item / kept).write_bytes(b"still cached")
    with make_server(mirror, port=0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        store = f'[takedown]\npurge = ["{script}"]\n[[store]]\nurl = "site"\nalso_at = ["{server.url.rstrip("/")}"]\n'
        space.config.write_text(space.config.read_text() + store, encoding="utf-8")
        result = space.here("takedown", item, "--reason", "legal-request")
        assert result.returncode == 5
        assert f"still there: {server.url}media/{item}/{kept} (200)" in result.stdout + result.stderr
        status = done(space, "status")
        assert f"{item} was withdrawn on" in status
        assert f"{server.url}media/{item}/{kept} doesn't answer as it should (200)" in status
        assert "`mediaarchive run` looks again" in status
        asked = purged.read_text(encoding="utf-8").splitlines()
        assert f"{server.url}media/{item}/{kept}" in asked
        assert any(line.startswith("file:") and line.endswith(kept) for line in asked)
        assert any(line.endswith(f"events/{SLUG}/manifest.json") for line in asked)
        assert space.here("run", "--engine", "inline").returncode == 5, "every run looks again, and says so"
        shutil.rmtree(mirror)
        shutil.copytree(space.root / "site", mirror)
        assert space.here("run", "--engine", "inline").returncode in {0, 3}
        server.shutdown()
    assert json.loads(done(space, "status", "--json"))["unproved"] == []
    receipts = [json.loads(path.read_text()) for path in sorted((space.root / "archive/receipts").glob("*.json"))]
    assert receipts[-1]["complete"]
    assert not list((space.root / "archive/receipts/open").glob("*.json"))


def test_the_receipt_speaks_the_language_that_is_asked_for(space: Space, item: str) -> None:
    value = json.loads(done(space, "takedown", item, "--reason", "consent-withdrawn", "--lang", "nl", "--json"))
    page = Path(value["receipts"][0]["file"]).read_text(encoding="utf-8")
    assert '<html lang="nl">' in page
    assert "Bewijs van verwijdering" in page
    assert {Path(name).suffixes[-2] for name in value["receipts"][0]["files"] if name.endswith("html")} == {
        ".nl",
        ".fr",
        ".en",
    }


def test_frames_of_the_same_burst_go_with_it_on_demand(space: Space) -> None:
    for second in (1, 2):
        exif = Image.Exif()
        exif[0x010F], exif[0x0110] = "Maker", "Model"
        exif.get_ifd(0x8769)[0x9003] = f"2025:10:07 03:00:0{second}"
        picture = Image.effect_noise((600, 400), 40 * second).convert("RGB")
        picture.save(space.root / "inbox" / SLUG / f"frame-{second}.jpg", exif=exif)
    report = space.run()
    one, other = item_of(report, "frame-1.jpg"), item_of(report, "frame-2.jpg")
    output = done(space, "takedown", one, "--reason", "quality", "--dry-run")
    assert re.search(rf"mediaarchive takedown \S+{other}\S+ --reason quality", output)
    done(space, "takedown", one, "--reason", "quality", "--with-neighbours")
    assert {space.items()[item]["type"] for item in (one, other)} == {"tombstone"}


def test_what_looks_like_it_and_stays_published_is_listed_in_whatever_event(
    space: Space, item: str, sample: Path
) -> None:
    """An edited version of it in the same event, and the copy that somebody sent to another event."""
    data = (sample / SLUG / "DSCF0003.jpg").read_bytes()
    made = copies(data)
    (space.root / "inbox" / "another event").mkdir()
    (space.root / "inbox" / "another event" / "sent.jpg").write_bytes(made["resized.jpg"])
    with Image.open(io.BytesIO(data)) as opened:
        edited = opened.convert("RGB")
    ImageDraw.Draw(edited).rectangle((0, edited.height * 4 // 5, *edited.size), fill=(20, 20, 80))
    edited.save(space.root / "inbox" / SLUG / "with a caption.jpg", quality=88)
    report = space.run()
    others = {item_of(report, "sent.jpg"), item_of(report, "with a caption.jpg")}
    assert item not in others
    for args in (("--dry-run", "--json"), ("--json",)):
        told_ = json.loads(space.here("takedown", item, "--reason", "legal-request", *args).stdout)["look_alikes"]
        assert {page.split("/")[-2] for page in told_[item]} >= others
    assert {entry["type"] for name, entry in space.items("another-event").items() if name in others} == {"photo"}
    output = done(space, "dedupe", "same", f"{SLUG}/with a caption.jpg", f"{SLUG}/DSCF0003.jpg")
    assert "so this is withdrawn like it" in output
    assert not [name for other in others & space.items().keys() for name in files_of(space, other) if "-" in name]
    output = done(space, "takedown", "another event/sent.jpg", "--reason", "legal-request")
    assert "still published" not in output


# -- it doesn't come back ------------------------------------------------------------------------------------------


def copies(data: bytes) -> dict[str, bytes]:
    """A photograph as it comes back: the same file, its pixels, other encoders and sizes, mirrored, cut."""
    made: dict[str, bytes] = {"exact.jpg": data}
    with Image.open(io.BytesIO(data)) as opened:
        plain = ImageOps.exif_transpose(opened).convert("RGB")
    width, height = plain.size
    variants = {
        "pixels.png": (plain, {}),
        "re-encoded.jpg": (plain, {"quality": 60}),
        "resized.jpg": (plain.resize((round(width * 0.7), round(height * 0.7))), {"quality": 80}),
        "mirrored.jpg": (ImageOps.mirror(plain).resize((round(width * 0.8), round(height * 0.8))), {"quality": 88}),
        "cut by 5.jpg": (plain.crop((0, 0, round(width * 0.95), round(height * 0.95))), {"quality": 80}),
        "cut by 20.jpg": (plain.crop((round(width * 0.2), round(height * 0.2), width, height)), {"quality": 85}),
    }
    for name, (picture, options) in variants.items():
        out = io.BytesIO()
        picture.save(out, "PNG" if name.endswith("png") else "JPEG", **options)
        made[name] = out.getvalue()
    return made


@pytest.mark.parametrize("folder", [SLUG, "another event"])
def test_no_copy_of_it_is_published_again_by_itself(space: Space, item: str, sample: Path, folder: str) -> None:
    """The photographer reads since when and why; the copies are kept beside it, and `restore` brings one item back."""
    done(space, "takedown", item, "--reason", "consent-withdrawn")
    made = copies((sample / SLUG / "DSCF0003.jpg").read_bytes())
    inbox = space.root / "inbox" / folder / "again"
    inbox.mkdir(parents=True)
    for name, data in made.items():
        (inbox / name).write_bytes(data)
    report = space.run()
    told_ = {Path(e["path"]).name: e for e in report["files"] if "again/" in e["path"]}
    assert {(e["outcome"], e["code"], e["item"]) for e in told_.values()} == {("withdrawn", "withdrawn", item)}
    assert told_.keys() == made.keys()
    day = space.items()[item]["removed"]
    for name, entry in told_.items():
        assert f"withdrawn on {day} (consent withdrawn); nothing of it was published." in entry["reason"]
        assert f"mediaarchive restore {item}." in entry["reason"]
        assert ("mediaarchive dedupe never" in entry["reason"]) == (name not in {"exact.jpg", "pixels.png"})
    if folder != SLUG:
        assert not [e for e in space.items("another-event").values() if e["type"] != "tombstone"]
    assert not [name for name in files_of(space, item) if "-" in name]
    assert {hashlib.sha256(data).hexdigest() for data in made.values()} <= space.originals(), "nothing is lost"
    page = (space.root / "inbox" / folder / "_report.html").read_text(encoding="utf-8")
    assert f"mediaarchive restore {item}" in page
    assert done(space, "status").count("withdrawn, and dropped again: again/") == len(made)
    assert space.run()["jobs"]["planned"] == 0
    done(space, "restore", item)
    shown = [e for e in space.items().values() if e["id"] == item or e["page"].startswith(f"media/{item}/")]
    assert [e["type"] for e in shown] == ["photo"]


def test_a_copy_that_was_taken_for_a_withdrawn_one_by_mistake_is_published_after_a_word(
    space: Space, item: str, sample: Path
) -> None:
    done(space, "takedown", item, "--reason", "quality")
    made = copies((sample / SLUG / "DSCF0003.jpg").read_bytes())
    (space.root / "inbox" / SLUG / "my own.jpg").write_bytes(made["resized.jpg"])
    told_ = next(e for e in space.run()["files"] if e["path"].endswith("my own.jpg"))
    command = re.search(r"mediaarchive (dedupe never .+?)\.$", told_["reason"])
    assert command
    done(space, *shlex.split(command[1]))
    new = [e for e in space.items().values() if e["type"] == "photo" and e["id"] != item]
    assert len(new) == len(PHOTOS)
    assert space.items()[item]["type"] == "tombstone"


# -- erased --------------------------------------------------------------------------------------------------------


def test_what_is_erased_is_destroyed_on_its_day_and_known_again(space: Space, item: str, sample: Path) -> None:
    data = (sample / SLUG / "DSCF0003.jpg").read_bytes()
    order = list(space.items())
    alt = space.items()[item]["alt"]["fr"]["text"]
    original = next(p for p in (space.root / "archive/originals").rglob("*") if p.is_file() and p.read_bytes() == data)
    output = done(space, "takedown", item, "--reason", "consent-withdrawn", "--erase", "--after", "7")
    assert "destroyed by the first run" in output
    status = json.loads(done(space, "status", "--json"))
    assert [(one["what"], one["subject"]) for one in status["coming"]] == [("erased", item)]
    day = status["coming"][0]["day"]
    space.run()
    assert original.exists(), "until the day, it can be restored"
    space.run_on(day)
    assert not original.exists()
    assert list(space.items()) == order, "its tombstone stays in its place"
    with sqlite3.connect(space.root / "archive/catalog.db") as catalog:
        rows = catalog.execute("SELECT outcome FROM derivation").fetchall()
    assert not [row for row in rows if alt in row[0]]
    assert alt.encode() not in (space.root / "archive/catalog.db").read_bytes(), (
        "not in the database's free pages either"
    )
    assert json.loads(done(space, "verify", "--json"))["problems"] == []
    assert f"destroyed on {day}" in done(space, "why", "DSCF0003.jpg")
    refused = space.here("restore", item)
    assert refused.returncode == 2
    assert f"its original was destroyed on {day}" in refused.stdout + refused.stderr
    same = ("exact.jpg", "pixels.png")
    for folder, wanted in (("yet another", False), ("and again", True)):
        inbox = space.root / "inbox" / folder
        inbox.mkdir()
        made = {name: copy for name, copy in copies(data).items() if (name in same) == wanted}
        for name, copy in made.items():
            (inbox / name).write_bytes(copy)
        told_ = {name: code for name, (_, code) in answers(space.run()).items() if name in made}
        assert told_ == dict.fromkeys(made, "withdrawn" if wanted else "looks-withdrawn")
        kept = {path.read_bytes() for path in (space.root / "archive/originals").rglob("*") if path.is_file()}
        assert [name for name, copy in made.items() if copy in kept] == ([] if wanted else list(made))
    assert not original.exists(), "dropped again, it isn't kept"
    assert space.here("run", "--engine", "inline").returncode == 0, "and nobody misses it"
    assert json.loads(done(space, "verify", "--json"))["problems"] == []
    assert [e for e in space.items("yet-another").values() if e["type"] != "tombstone"] == []


def test_an_erasure_survives_the_loss_of_the_catalog(space: Space, item: str, sample: Path) -> None:
    done(space, "takedown", item, "--reason", "consent-withdrawn", "--erase", "--after", "0")
    space.run()
    before = space.manifest()
    for path in (space.root / "archive").glob("catalog.db*"):
        path.unlink()
    space.run()
    assert space.manifest() == before
    cut = copies((sample / SLUG / "DSCF0003.jpg").read_bytes())["cut by 20.jpg"]
    (space.root / "inbox" / SLUG / "cut.jpg").write_bytes(cut)
    assert answers(space.run())["cut.jpg"] == ("held", "looks-withdrawn"), "the journal knows its details"


def test_files_of_an_erased_item_that_lie_in_the_inbox_are_named(space: Space, item: str, sample: Path) -> None:
    space.config.write_text(space.config.read_text().replace("[ingest]", '[ingest]\nmode = "keep"'), encoding="utf-8")
    (space.root / "inbox" / SLUG / "DSCF0003.jpg").write_bytes((sample / SLUG / "DSCF0003.jpg").read_bytes())
    space.run()
    output = done(space, "takedown", item, "--reason", "consent-withdrawn", "--erase", "--after", "0")
    assert f"delete {SLUG}/DSCF0003.jpg yourself" in output
    result = space.call("run", "--engine", "inline")
    assert f"still in the inbox, where only you can delete them: {SLUG}/DSCF0003.jpg" in result.stderr


def test_an_erased_original_leaves_the_mirror_too_and_nobody_misses_it(space: Space, item: str, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    space.config.write_text(space.config.read_text() + f'[originals]\nmirror = "{mirror}"\n', encoding="utf-8")
    space.run()
    before = {path.name for path in (mirror / "originals").rglob("*") if path.is_file()}
    done(space, "takedown", item, "--reason", "consent-withdrawn", "--erase", "--after", "0")
    space.run()
    after = {path.name for path in (mirror / "originals").rglob("*") if path.is_file()}
    assert len(before - after) == 1
    manifest = space.manifest()
    rebuilt = space.here("rebuild")
    assert rebuilt.returncode == 0, f"what was destroyed on purpose is not missing: {rebuilt.stderr}"
    assert space.manifest() == manifest
    assert {path.name for path in (space.root / "archive/originals").rglob("*.*")} == after


def test_restoring_in_time_cancels_the_erasure(space: Space, item: str) -> None:
    before, originals = space.manifest(), space.originals()
    done(space, "takedown", item, "--reason", "quality", "--erase")
    done(space, "restore", item)
    assert space.manifest() == before
    assert json.loads(done(space, "status", "--json"))["coming"] == []
    space.run_on("2099-01-01")
    assert space.originals() == originals
    assert space.manifest() == before


# -- on its day ----------------------------------------------------------------------------------------------------


def test_what_expires_withdraws_itself_and_is_announced(space: Space, item: str) -> None:
    before = space.manifest()
    done(space, "expire", item, "2099-06-01", "--reason", "consent-withdrawn")
    assert space.manifest() == before
    assert json.loads(done(space, "status", "--json"))["coming"] == [], "a day that is far away is not announced"
    space.run_on("2099-05-31")
    assert space.manifest() == before
    report = space.run_on("2099-06-01")
    assert report.status == 0
    stone = space.items()[item]
    assert (stone["type"], stone["removed"], stone["reason"]) == ("tombstone", "2099-06-01", "consent-withdrawn")
    assert not [name for name in files_of(space, item) if "-" in name]
    assert list((space.root / "archive/receipts").glob("*.html")), "with a receipt"


def test_an_event_that_expires_goes_as_a_whole_with_one_receipt(space: Space) -> None:
    path = space.root / "inbox" / SLUG / "event.toml"
    path.write_text("expires = 2098-01-01\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    space.run()
    shown = [item for item, entry in space.items().items() if entry["type"] != "tombstone"]
    assert len(shown) == len(PHOTOS)
    coming = json.loads(done(space, "status", "--json"))
    assert coming["coming"] == []
    space.run_on("2098-01-01")
    assert {entry["type"] for entry in space.items().values()} == {"tombstone"}
    receipts = list((space.root / "archive/receipts").glob("*.json"))
    assert len(receipts) == 1
    assert json.loads(receipts[0].read_text())["complete"]


def test_single_files_have_dates_in_event_toml(space: Space, item: str, album: Archived) -> None:
    other = item_of(album[1], "AUR_0402.jpg")
    event_toml(
        space,
        '[[item]]\nfiles = ["dscf0003.JPG"]\nexpires = 2020-01-01\nreason = "consent-withdrawn"\n'
        '[[item]]\nfiles = ["AUR_0402.jpg"]\nembargo = 2099-01-01\n',
    )
    space.run()
    assert space.items()[item]["type"] == "tombstone"
    assert space.items()[item]["removed"] == "2020-01-01"
    assert other not in space.items()
    assert files_of(space, other) == set(), "under embargo, nothing of it can be reached"
    space.run_on("2099-01-01")
    assert space.items()[other]["type"] == "photo"
    done(space, "restore", item)
    assert space.items()[item]["type"] == "photo", "a person's word beats a date"


# -- off the page, elsewhere, under another name -------------------------------------------------------------------


def test_nothing_of_a_hidden_item_can_be_reached_and_it_comes_back(space: Space, item: str) -> None:
    before, files = space.manifest(), space.published()
    words = set(told(space.items()[item]))
    done(space, "hide", item)
    assert files_of(space, item) == set()
    for key, data in space.published().items():
        assert [word for word in words if word in data] == [], key
    done(space, "unhide", item)
    assert space.manifest() == before
    assert {key: data for key, data in space.published().items() if "/releases/" not in key} == {
        key: data for key, data in files.items() if "/releases/" not in key
    }


def test_a_moved_item_keeps_its_address_and_its_texts(space: Space, item: str, sample: Path) -> None:
    folder = space.root / "inbox" / "Other Event"
    folder.mkdir()
    Image.effect_noise((600, 400), 90).convert("RGB").save(folder / "DSCF0003.jpg")  # a name that the other has, too
    space.run()
    entry = space.items()[item]
    done(space, "move", item, "other-event")
    assert item not in space.items()
    there = space.items("other-event")
    assert len(there) == 2
    same = ("id", "page", "alt", "stable", "sources")
    assert {name: there[item][name] for name in same} == {name: entry[name] for name in same}
    own = json.loads((space.root / "site" / "media" / item / "item.json").read_text())
    assert own["events"] == ["other-event"]
    assert space.run()["jobs"]["planned"] == 0
    for path in (space.root / "archive").glob("catalog.db*"):
        path.unlink()
    space.run()
    assert item in space.items("other-event")
    assert item not in space.items()
    done(space, "takedown", item, "--reason", "quality")
    assert space.items("other-event")[item]["type"] == "tombstone"
    words = set(told(entry))
    for key, data in space.published().items():
        assert [word for word in words if word in data] == [], f"{key}: the event it came from has forgotten it, too"
    done(space, "restore", item)
    done(space, "move", item, SLUG)
    assert space.items()[item] == entry


def test_websites_that_embed_a_renamed_event_notice_nothing(space: Space, item: str) -> None:
    before = json.loads(space.manifest())
    done(space, "event", "rename", SLUG, "communs-2025")
    assert space.manifest() == space.manifest("communs-2025")
    after = json.loads(space.manifest())
    assert [entry["id"] for entry in after["items"]] == [entry["id"] for entry in before["items"]]
    assert after["slug"] == "communs-2025"
    page = (space.root / "site" / "events" / SLUG / "index.html").read_text(encoding="utf-8")
    assert 'http-equiv="refresh" content="0; url=../../events/communs-2025/index.html"' in page
    listed = (space.root / "site" / "events" / "index.html").read_text(encoding="utf-8")
    assert "events/communs-2025/" in listed or "../events/communs-2025" in listed
    assert f"{SLUG}/" not in listed
    words = set(told(space.items("communs-2025")[item]))
    done(space, "takedown", item, "--reason", "quality")
    assert space.manifest() == space.manifest("communs-2025"), "a takedown reaches the former address"
    for key, data in space.published().items():
        assert [word for word in words if word in data] == [], key
    with Image.new("RGB", (640, 400), "teal") as picture:
        picture.save(space.root / "inbox" / SLUG / "new.jpg")
    space.run()
    assert space.manifest() == space.manifest("communs-2025"), "its folder goes on being its folder"
    (space.root / "inbox" / "Communs 2025").mkdir()
    picture.save(space.root / "inbox" / "Communs 2025" / "x.jpg")
    assert answers(space.run())["x.jpg"] == ("waiting", "slug-collision")
    assert space.here("event", "rename", "communs-2025", "Not A Slug").returncode == 2


def test_a_retired_event_says_so_and_shows_nothing(space: Space, item: str, sample: Path) -> None:
    before = space.manifest()
    published = {key: data for key, data in space.published().items() if "/releases/" not in key}
    shared = space.root / "inbox" / "second"
    shared.mkdir()
    (shared / "also here.jpg").write_bytes((sample / SLUG / "AUR_0402.jpg").read_bytes())
    space.run()
    both = next(iter(space.items("second")))
    done(space, "event", "retire", SLUG, "--reason", "rights-expired")
    value = json.loads(space.manifest())
    assert value["items"] == []
    assert value["retired"]["reason"] == "rights-expired"
    page = (space.root / "site" / "events" / SLUG / "index.html").read_text(encoding="utf-8")
    assert value["retired"]["text"]["fr"] in page
    assert f"{SLUG}/" not in (space.root / "site" / "events" / "index.html").read_text(encoding="utf-8")
    assert not [name for name in files_of(space, item) if "-" in name]
    assert space.items("second")[both]["type"] == "photo", "what another event lists stays there"
    assert [name for name in files_of(space, both) if "-" in name]
    receipts = [json.loads(p.read_text()) for p in (space.root / "archive/receipts").glob("*.json")]
    assert [one["complete"] for one in receipts] == [True]
    assert space.run()["jobs"]["planned"] == 0
    done(space, "event", "restore", SLUG)
    assert space.manifest() == before
    after = space.published()
    assert {key for key in published if after.get(key) != published[key] and both not in key} <= {
        key for key in published if key.startswith(("events/index", f"media/{both}"))
    }
