"""A file that one workspace removes while another comes to use it again is there when the other has published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mediaarchive.events import Fanout
from mediaarchive.pipeline.event import process
from mediaarchive.pipeline.keeping.collecting import collect
from mediaarchive.pipeline.opening import open_shop
from mediaarchive.pipeline.publishing.listing import Cards
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stores.local import LocalStore

from .conftest import Space

OLD, NEW = "edges = [160]", "edges = [200]"
MOMENTS = ["before the envelope", "after the envelope", "before the pointer", "after the pointer"]


class Killed(BaseException):
    """As a SIGKILL ends a process: nothing cleans up."""


class Meeting:
    """A store in which, at a moment of a publication, somebody else does something."""

    def __init__(self, inner: LocalStore, moment: str, meet: Callable[[], None]) -> None:
        self.name, self.inner, self.moment, self.meet = inner.name, inner, moment, meet

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self.inner, name)

    def create(self, key: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the same
        envelope = "/releases/" in key and len(key) < 60
        self._meet("before the envelope", now=envelope)
        made = self.inner.create(key, *given, **named)
        self._meet("after the envelope", now=envelope)
        return made

    def swap(self, *given: Any) -> Any:  # noqa: ANN401 - the same
        self._meet("before the pointer")
        made = self.inner.swap(*given)
        self._meet("after the pointer")
        return made

    def _meet(self, moment: str, *, now: bool = True) -> None:
        if now and moment == self.moment:
            self.moment = ""
            self.meet()


@pytest.fixture
def pair(small: Space) -> tuple[Space, Space]:
    """A workspace whose site has unused files of an earlier release; and its twin, whose next release uses them again."""
    text = (
        small.config.read_text().replace("mirror = ", "# mirror = ")
        + f'[[store]]\nname = "site"\nurl = "{small.root}/site"\n'
    )
    small.config.write_text(text, encoding="utf-8")
    small.run_here()
    twin = small.twin(small.root.parent / "twin")
    small.config.write_text(text.replace(OLD, NEW) + "[gc]\nreleases = 1\n", encoding="utf-8")
    small.run_here()
    twin.config.write_text(text.replace(OLD, NEW), encoding="utf-8")
    twin.run_here()
    for chain in (small.root / "site" / "events" / "fete" / "releases").glob("?.json"):
        value = json.loads(chain.read_text())
        chain.write_text(chain.read_text().replace(value["at"], "2020-01-01T00:00:00+00:00"))
    twin.config.write_text(text, encoding="utf-8")
    return small, twin


def gc(space: Space) -> int:
    with open_shop(space.root, Fanout(), {"engine": {"kind": "inline"}}) as shop:
        return len(
            [key for key in collect(shop, shop.stores[0], grace=0, remove=True).removed if key.startswith("media/")]
        )


def publish(space: Space, moment: str, meet: Callable[[], None]) -> None:
    with open_shop(space.root, Fanout(), {"engine": {"kind": "inline"}}) as shop:
        inner = shop.stores[0]
        assert isinstance(inner, LocalStore)
        shop.stores = (Meeting(inner, moment, meet),)
        _process(shop)


def _process(shop: Shop) -> None:
    for event in shop.catalog.events():
        assert process(shop, event, Cards(shop=shop)).failures == ()


def named(site: Path) -> Iterator[str]:
    for item in json.loads((site / "events" / "fete" / "manifest.json").read_text())["items"]:
        for source in item["sources"]:
            yield from (one["url"] for one in source["set"])


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_a_gc_removes_meanwhile_is_there_in_the_end(pair: tuple[Space, Space], moment: str) -> None:
    keeper, publisher = pair
    removed: list[int] = []
    publish(publisher, moment, lambda: removed.append(gc(keeper)))
    files = list(named(keeper.root / "site"))
    assert all("/160-" in key for key in files)
    assert [key for key in files if not (keeper.root / "site" / key).exists()] == []
    expected = len(files) if moment == "before the envelope" else 0
    assert removed == [expected], "from the envelope on, gc knows that they are in use"
    pointer = (keeper.root / "site" / "events" / "fete" / "manifest.json").read_bytes()
    body = keeper.root / "site" / "events" / "fete" / "releases" / f"{hashlib.sha256(pointer).hexdigest()}.json"
    assert body.read_bytes() == pointer, "nor is the release itself lost, which was there before"


@pytest.mark.parametrize("moment", MOMENTS[1:])
def test_of_a_gc_that_looked_before_and_is_slow_no_file_is_missed_in_the_end(
    pair: tuple[Space, Space], moment: str
) -> None:
    """It looked before the release was there, and deletes now."""
    keeper, publisher = pair
    site = keeper.root / "site"
    doomed = sorted(site.glob("media/*/160-*"))
    assert doomed

    def late() -> None:
        for path in doomed:
            path.unlink()

    publish(publisher, moment, late)
    assert [key for key in named(site) if not (site / key).exists()] == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_publisher_killed_in_between_finishes_at_its_next_run(pair: tuple[Space, Space], moment: str) -> None:
    keeper, publisher = pair
    site = keeper.root / "site"

    def killed() -> None:
        for path in site.glob("media/*/160-*"):
            path.unlink()
        raise Killed

    with pytest.raises(Killed):
        publish(publisher, moment, killed)
    publisher.run_here()
    files = list(named(site))
    assert all("/160-" in key for key in files)
    assert [key for key in files if not (site / key).exists()] == []
