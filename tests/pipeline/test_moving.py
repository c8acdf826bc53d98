"""Hidden, moved to another event, or in an event that is renamed or retired: addresses and texts hold, nothing else is told."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from .album import SLUG, answers, done, files_of, item, space, told
from .conftest import Space

__all__ = ["item", "space"]


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
