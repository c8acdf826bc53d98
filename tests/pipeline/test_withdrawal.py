"""A photograph that an officer withdraws is gone from every page, file and host, and no copy of it comes back by itself."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shlex
import shutil
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image, ImageDraw

from mediaarchive.site.server import make_server

from .album import SLUG, copies, done, files_of, item, space, told
from .conftest import ALBUM, Space, item_of

__all__ = ["item", "space"]


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
        assert not (space.root / "site" / "events" / "another-event").exists(), "nothing but a withdrawn photograph"
    assert not [name for name in files_of(space, item) if "-" in name]
    assert {hashlib.sha256(data).hexdigest() for data in made.values()} <= space.originals(), "nothing is lost"
    page = (space.root / "inbox" / folder / "_report.html").read_text(encoding="utf-8")
    assert f"mediaarchive restore {item}" in page
    events = json.loads(done(space, "status", "--json"))["events"]
    assert len([one for event in events for one in event["quarantined"] if "again/" in one["path"]]) == len(made)
    assert done(space, "status").count("withdrawn, and dropped again: again/") == min(len(made), 5)
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
    assert len(new) == len(ALBUM)
    assert space.items()[item]["type"] == "tombstone"


def test_no_page_tells_that_a_withdrawn_photograph_came_in_for_another_event_too(
    space: Space, item: str, sample: Path
) -> None:
    """Whoever asked for the takedown did not ask to be named, withdrawn, in the gallery of an event that never showed them."""
    data = (sample / SLUG / "DSCF0003.jpg").read_bytes()
    assert "tombstone" not in {entry["type"] for entry in space.items().values()}
    done(space, "takedown", item, "--reason", "consent-withdrawn")
    folder = space.root / "inbox" / "private party"
    folder.mkdir()
    (folder / "other.jpg").write_bytes((sample / SLUG / "AUR_0402.jpg").read_bytes())
    for name, copy in {"again.jpg": data, **copies(data)}.items():
        (folder / name).write_bytes(copy)
    report = space.run()
    told_ = {Path(e["path"]).name: (e["outcome"], e["code"]) for e in report["files"]}
    assert {told_[name] for name in ("again.jpg", *copies(data))} == {("withdrawn", "withdrawn")}
    assert {entry["type"] for entry in space.items("private-party").values()} == {"photo"}
    assert item in space.items(), "the notice is where the photograph was"
    for key, page in space.published().items():
        if item in key or item.encode() in page:
            assert b"private-party" not in page, key
    quarantined = {e["slug"]: e["quarantined"] for e in json.loads(done(space, "status", "--json"))["events"]}
    assert {one["path"] for one in quarantined["private-party"]} == {"again.jpg", *copies(data)}
    assert space.run()["jobs"]["planned"] == 0
    done(space, "restore", item)
    assert {slug for slug in (SLUG, "private-party") if item in space.items(slug)} == {SLUG, "private-party"}
    done(space, "takedown", item, "--reason", "consent-withdrawn")
    for slug in (SLUG, "private-party"):
        assert space.items(slug)[item]["type"] == "tombstone", "it was shown there meanwhile"
    for path in (space.root / "archive").glob("catalog.db*"):
        path.unlink()
    before = space.manifest("private-party")
    space.run()
    assert space.manifest("private-party") == before
