"""What nothing names any more goes, after a time of grace; what anything names stays, whoever came to name it meanwhile."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from crashing import killed

from mediaarchive import layout
from mediaarchive.events import Fanout
from mediaarchive.pipeline.keeping.collecting import collect
from mediaarchive.pipeline.opening import open_shop
from mediaarchive.ports import Stat, Store

from .conftest import Space

FOLDER = "edges = [160]"


def gc(space: Space, *more: str) -> dict[str, Any]:
    done = space.here("gc", "--json", *more)
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)["stores"][0]
    return value


def items(space: Space) -> list[str]:
    return [item["id"] for item in json.loads(space.manifest("fete"))["items"]]


def plant(space: Space, item: str, data: bytes = b"left by a crash") -> str:
    """A file that no release names, as a killed run leaves it."""
    key = layout.media_key(item, "160", hashlib.sha256(data).hexdigest(), "jpg")
    path = space.root / "site" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return key


@pytest.fixture
def orphan(small: Space) -> str:
    return plant(small, items(small)[0])


def test_by_itself_it_removes_nothing_and_says_what_it_would(small: Space, orphan: str) -> None:
    before = small.published()
    assert gc(small)["waiting"].keys() == {orphan}
    value = gc(small, "--grace", "0")
    assert (value["unused"], value["removed"]) == ({orphan: 15}, [])
    assert orphan in small.here("gc", "--grace", "0").stdout
    assert small.published() == before


def test_what_nothing_names_goes_and_nothing_else(small: Space, orphan: str) -> None:
    before = small.published()
    assert gc(small, "--yes")["removed"] == [], "within the time of grace"
    assert gc(small, "--yes", "--grace", "0")["removed"] == [orphan]
    assert small.published() == {name: data for name, data in before.items() if name != orphan}
    assert small.run_here()["jobs"]["planned"] == 0


def test_what_is_not_ours_is_never_touched(small: Space) -> None:
    strangers = [plant(small, "p-2222222222222"), "media/readme-12345678.txt", "notes/old-12345678.jpg"]
    for key in strangers[1:]:
        (small.root / "site" / key).parent.mkdir(exist_ok=True)
        (small.root / "site" / key).write_bytes(b"somebody else's")
    assert gc(small, "--yes", "--grace", "0")["removed"] == []
    assert all((small.root / "site" / key).exists() for key in strangers)


def test_old_releases_and_their_files_are_kept_until_the_settings_say_otherwise(small: Space) -> None:
    first = json.loads(small.manifest("fete"))
    small.config.write_text(small.config.read_text().replace(FOLDER, "edges = [200]"))
    small.run_here()
    assert gc(small, "--yes", "--grace", "0")["removed"] == []
    small.config.write_text(small.config.read_text() + "[gc]\nreleases = 1\n")
    assert gc(small, "--yes", "--grace", "0")["removed"] == [], "it was followed by another only now"
    chain = small.root / "site" / "events" / "fete" / "releases" / "2.json"
    chain.write_text(chain.read_text().replace(json.loads(chain.read_text())["at"], "2020-01-01T00:00:00+00:00"))
    before = small.manifest("fete")
    removed = gc(small, "--yes", "--grace", "0")["removed"]
    named = {one["url"] for item in first["items"] for sources in item["sources"] for one in sources["set"]}
    assert {key for key in removed if key.startswith("media/")} == named
    assert len([key for key in removed if "/releases/" in key]) == 1
    assert small.manifest("fete") == before
    assert (chain.parent / "1.json").exists(), "the chain of envelopes holds"
    small.config.write_text(small.config.read_text().replace("edges = [200]", FOLDER))
    small.run_here()
    assert json.loads(small.manifest("fete")) == first, "what went can be made again"


class Reusing:
    """A store into which somebody else publishes a release that names an old file, between the look and the removal."""

    def __init__(self, inner: Store, folder: Path, key: str) -> None:
        self.inner, self.folder, self.key, self.lists = inner, folder, key, 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self.inner, name)

    def list(self, prefix: str) -> list[Stat]:
        self.lists += 1
        if self.lists == 3:
            body = json.dumps({"items": [{"sources": [{"set": [{"url": self.key}]}]}]}).encode()
            other = self.folder / "events" / "other"
            (other / "releases").mkdir(parents=True)
            (other / "releases" / f"{hashlib.sha256(body).hexdigest()}.json").write_bytes(body)
            (other / "manifest.json").write_bytes(body)
        return list(self.inner.list(prefix))


def test_an_old_file_that_somebody_publishes_again_meanwhile_stays(small: Space, orphan: str) -> None:
    """The other publisher has the same salt and the same photograph, and found the file there already."""
    second = plant(small, items(small)[1])
    with open_shop(small.root, Fanout(), {"engine": {"kind": "inline"}}) as shop:
        store = Reusing(shop.stores[0], small.root / "site", orphan)
        assert isinstance(store, Store)
        found = collect(shop, store, grace=0, remove=True)
    assert (found.removed, sorted(found.doomed)) == ((second,), sorted([orphan, second]))
    assert (small.root / "site" / orphan).exists()


def test_a_store_that_does_not_show_what_was_published_is_not_swept(small: Space, orphan: str) -> None:
    (small.root / "site" / "events" / "fete" / "manifest.json").unlink()
    done = small.here("gc", "--yes", "--grace", "0", "--json")
    assert done.returncode == 5
    assert "nothing was removed" in json.loads(done.stdout)["problems"][0]["reason"]
    assert (small.root / "site" / orphan).exists()


@pytest.mark.parametrize("when", ["before", "after"])
def test_gc_killed_at_each_removal_is_finished_by_the_next(small: Space, when: str) -> None:
    orphans = {plant(small, item, item.encode()) for item in items(small)}
    before = small.published()
    for _ in range(3):
        assert killed(small.root, 1, when, "gc", "--yes", "--grace", "0")
    small.run_here()
    assert gc(small, "--yes", "--grace", "0")["kept"] > 0
    assert small.published() == {name: data for name, data in before.items() if name not in orphans}
