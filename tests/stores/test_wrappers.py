"""The wrapper that tries again, the choice of a store, and the name for saving."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediaarchive.config.settings import StoreSettings
from mediaarchive.errors import ConfigError, Conflict, Damaged, Exists, MediaArchiveError, StoreError, StoreRefused
from mediaarchive.ports import Stat, Store
from mediaarchive.stores import open_store
from mediaarchive.stores.faults import Transient
from mediaarchive.stores.local import LocalStore
from mediaarchive.stores.memory import MemoryStore
from mediaarchive.stores.objects import disposition_header
from mediaarchive.stores.retrying import RetryingStore
from mediaarchive.testing.stores import POINTER, StoreContract


class Flaky(MemoryStore):
    """A store that raises the given errors first, one for each call; a listing breaks off after its first object."""

    def __init__(self, *errors: MediaArchiveError) -> None:
        super().__init__()
        self.errors = list(errors)

    def put(self, key: str, data: bytes) -> Stat:
        """Write, when the errors are used up."""
        if self.errors:
            raise self.errors.pop(0)
        return super().put(key, data)

    def list(self, prefix: str) -> Iterator[Stat]:
        """List, and break off while there are errors."""
        for stat in super().list(prefix):
            yield stat
            if self.errors:
                raise self.errors.pop(0)


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(seconds)
        self.now += seconds

    def wrap(self, store: Store, budget: float = 300) -> RetryingStore:
        """The store with this clock, and waits as long as they may be."""
        return RetryingStore(store, budget, sleep=self.sleep, clock=lambda: self.now, random=lambda: 1.0)


class TestRetryingStore(StoreContract):
    """The wrapper keeps the contract of what it wraps."""

    @pytest.fixture
    def store(self) -> Store:
        """A new one."""
        return RetryingStore(MemoryStore())


def test_trouble_that_passes_is_waited_out_with_longer_and_longer_pauses() -> None:
    clock = Clock()
    clock.wrap(Flaky(*[Transient("busy")] * 9)).put(POINTER, b"x")
    assert clock.waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_server_that_asks_for_patience_gets_it() -> None:
    clock = Clock()
    clock.wrap(Flaky(Transient("busy", retry_after=60))).put(POINTER, b"x")
    assert clock.waits == [60.5]


def test_patience_ends_with_the_budget_and_the_last_trouble_is_told() -> None:
    clock = Clock()
    with pytest.raises(Transient, match="busy"):
        clock.wrap(Flaky(*[Transient("busy")] * 100), budget=100).put(POINTER, b"x")
    assert 60 < clock.now - 1000 <= 100


@pytest.mark.parametrize("error", [Exists, Conflict, Damaged, StoreRefused, StoreError])
def test_an_answer_is_never_asked_for_twice(error: type[MediaArchiveError]) -> None:
    clock = Clock()
    with pytest.raises(error):
        clock.wrap(Flaky(error("no"))).put(POINTER, b"x")
    assert clock.waits == []


def test_a_listing_that_breaks_off_goes_on_without_gaps_or_repetitions() -> None:
    clock = Clock()
    store = Flaky()
    for number in range(5):
        store.put(f"media/{number}.jpg", b"x")
    store.errors = [Transient("busy")] * 3
    assert [stat.key for stat in clock.wrap(store).list("media/")] == [f"media/{number}.jpg" for number in range(5)]
    assert len(clock.waits) == 3


def test_a_folder_starts_at_the_workspace(tmp_path: Path) -> None:
    store = open_store(StoreSettings(), tmp_path)
    assert isinstance(store, LocalStore)
    assert store.root == tmp_path / "site"
    absolute = open_store(StoreSettings(url=str(tmp_path / "elsewhere")), tmp_path / "ws")
    assert isinstance(absolute, LocalStore)
    assert absolute.root == tmp_path / "elsewhere"


def test_a_bucket_is_opened_without_a_request(tmp_path: Path) -> None:
    store = open_store(StoreSettings(url="s3://bucket/site", name="cloud"), tmp_path)
    assert isinstance(store, Store)
    assert store.name == "cloud"


def test_an_unknown_kind_of_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown kind"):
        open_store(StoreSettings(url="ftp://example.org/x"), tmp_path)


def test_boto3_is_loaded_only_for_buckets_that_are_used(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from mediaarchive.stores import open_store;"
        "from mediaarchive.config.settings import StoreSettings as S;"
        "open_store(S(), pathlib.Path('.')); open_store(S(url='s3://bucket/x'), pathlib.Path('.'));"
        "assert 'boto3' not in sys.modules and 'botocore' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


@pytest.mark.parametrize(
    ("key", "name", "header"),
    [
        ("a.jpg", None, None),
        ("a.jpg", "Fair 2024.jpg", 'inline; filename="Fair 2024.jpg"'),
        ("a.jpg", "Fête.jpg", "inline; filename=\"F_te.jpg\"; filename*=UTF-8''F%C3%AAte.jpg"),
        ("a.jpg", "100%.jpg", "inline; filename=\"100_.jpg\"; filename*=UTF-8''100%25.jpg"),
        ("a.jpg", 'x"\r\nSet-Cookie: y', 'inline; filename="xSet-Cookie: y"'),
        ("a.jpg", "../../etc/passwd", 'inline; filename="passwd"'),
        ("a.jpg", "C:\\fakepath\\x.jpg", 'inline; filename="x.jpg"'),
        ("a.exe", None, "attachment"),
        ("a.exe", "x.exe", 'attachment; filename="x.exe"'),
    ],
)
def test_the_name_for_saving_is_safe_in_every_browser(key: str, name: str | None, header: str | None) -> None:
    assert disposition_header(key, name) == header
