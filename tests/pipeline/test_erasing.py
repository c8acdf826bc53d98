"""What is to go on its day goes on that day: originals that are erased, items and events that expire, embargoes."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .album import SLUG, Archived, answers, copies, done, event_toml, files_of, item, space
from .conftest import ALBUM, Space, item_of
from .files import jpeg, picture

__all__ = ["item", "space"]


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
    events = {path.name for path in (space.root / "site" / "events").iterdir()}
    assert events.isdisjoint({"yet-another", "and-again"}), "no page says that it came in there, too"


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


@pytest.mark.parametrize("days", [0, 1, 400])
def test_what_expired_before_somebody_said_so_goes_as_well(small: Space, days: int) -> None:
    """Of what had come in on that day, or after it, the page said nothing any more, and all its files went on answering."""
    item, day = next(iter(small.items("fete"))), datetime.now(UTC).date() - timedelta(days=days)
    done(small, "expire", item, str(day))
    stone = small.items("fete")[item]
    assert (stone["type"], stone["removed"]) == ("tombstone", str(day))
    assert not [name for name in files_of(small, item) if "-" in name]
    (small.root / "inbox" / "party").mkdir()
    for said in (str(day), str(day - timedelta(days=1))):  # saying it again doesn't make old what comes in after it
        for name in ("0.jpg", "1.jpg"):
            path = small.root / "inbox" / "party" / name
            path.write_bytes(jpeg(picture(int(name[0]), (600, 400)), at=None))
        small.run_here()
        (other,) = small.items("party").keys()
        assert other != item
        assert not [name for name in files_of(small, item) if "-" in name]
        done(small, "expire", item, said)


def test_an_event_that_expires_goes_as_a_whole_with_one_receipt(space: Space) -> None:
    path = space.root / "inbox" / SLUG / "event.toml"
    path.write_text("expires = 2098-01-01\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    space.run()
    shown = [item for item, entry in space.items().items() if entry["type"] != "tombstone"]
    assert len(shown) == len(ALBUM)
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
