"""A server that is silent is found out in about the time that the settings give it, and one that is only slow is not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from fault_proxy import Fault, FaultProxy
from s3_buckets import new_store
from silent_line import SilentLine

from mediaarchive.config.settings import StoreSettings
from mediaarchive.errors import StoreError, StoreRefused
from mediaarchive.ports import Stat
from mediaarchive.stores import open_store, retrying, s3_bucket, s3_direct, s3_lines
from mediaarchive.stores.faults import Silent
from mediaarchive.stores.memory import MemoryStore
from mediaarchive.stores.retrying import Line, RetryingStore
from mediaarchive.stores.s3 import S3Store
from mediaarchive.testing.stores import POINTER, digest, media

HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\nETag: "


@pytest.mark.timeout(60)
@pytest.mark.parametrize("answer", [b"", b"H", HALF, HALF + b'"0"\r\n\r\n<?xml version'])
def test_a_server_that_accepts_and_says_no_more_refuses_a_run_within_its_time(
    keys: None, tmp_path: Path, answer: bytes
) -> None:
    with SilentLine(answer=answer) as line:
        settings = StoreSettings(url="s3://bucket/site", endpoint=line.endpoint, addressing="path", timeout=1)
        store = open_store(settings, tmp_path)
        started = time.monotonic()
        with pytest.raises(StoreRefused, match="doesn't answer"):
            store.check()
        assert time.monotonic() - started < 20  # it is a second; machines may be busy
        assert line.connections == 1, "it is asked once"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kilobytes", [1, 900, 20_000])
def test_a_server_that_falls_silent_is_given_up_in_about_its_time_and_then_left_alone(
    moto: str, tmp_path: Path, kilobytes: int
) -> None:
    """On the short way (1), by boto3 (900), and in parts (20,000)."""
    with SilentLine(moto) as line:
        store = open_store(new_store(moto, through=line.endpoint).model_copy(update={"timeout": 1}), tmp_path)
        store.create(media(b"before"), b"before", sha256=digest(b"before"))
        line.silent = True
        data = b"x" * kilobytes * 1024
        started = time.monotonic()
        with pytest.raises(StoreError, match="doesn't answer"):
            store.create(media(data), data, sha256=digest(data))
        assert time.monotonic() - started < 30  # it was 5 minutes; libcurl measures speed over six seconds
        asked, started = line.connections, time.monotonic()
        for call in (lambda: store.stat(POINTER), lambda: next(store.list("")), lambda: store.put(POINTER, b"after")):
            with pytest.raises(StoreError, match="doesn't answer"):
                call()
        assert line.connections == asked
        assert time.monotonic() - started < 1


@pytest.mark.timeout(60)
def test_a_server_that_reads_on_and_is_mute_to_writes_is_silent(proxy: FaultProxy, tmp_path: Path) -> None:
    """As a cluster whose disks are full."""
    settings = new_store(proxy.upstream, through=proxy.endpoint).model_copy(update={"timeout": 1})
    store = open_store(settings, tmp_path)
    store.create(media(b"before"), b"before", sha256=digest(b"before"))
    proxy.faults = [Fault("hang", "PUT", times=1_000_000)]
    started = time.monotonic()
    with pytest.raises(StoreError, match="doesn't answer"):
        store.create(media(b"after"), b"after", sha256=digest(b"after"))
    assert time.monotonic() - started < 30
    asked = len(proxy.log)
    with pytest.raises(StoreError, match="doesn't answer"):
        store.put(POINTER, b"after")
    assert len(proxy.log) == asked


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"]
)
@pytest.mark.parametrize("kilobytes", [1, 900])
def test_a_gateway_that_gives_up_for_a_silent_server_is_not_asked_again_and_again(
    moto: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, kilobytes: int
) -> None:
    """It waits for a while, then hangs up or says 504: time and again that would be minutes."""
    for module in (s3_direct, s3_lines):
        monkeypatch.setattr(module, "SLOW", 0.8)
    monkeypatch.setattr(retrying, "_QUICK", 0.8)
    with SilentLine(moto, answer=answer, patience=1) as line:
        settings = new_store(moto, through=line.endpoint)
        store = RetryingStore(S3Store(settings), silence_seconds=1)
        store.create(media(b"before"), b"before", sha256=digest(b"before"))
        line.silent = True
        data, asked = b"x" * kilobytes * 1024, line.connections
        with pytest.raises(StoreError, match="doesn't answer"):
            store.create(media(data), data, sha256=digest(data))
        assert line.connections - asked <= 2, "once, and once more whether anybody is there"


@pytest.mark.timeout(60)
def test_a_thin_line_that_takes_nothing_for_a_while_does_not_lose_what_was_sent(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_bucket, "CONNECT", 0.2)
    data = b"x" * (12 << 20)
    with SilentLine(moto, stall=1.0, after=1 << 20) as line:
        store = S3Store(new_store(moto, through=line.endpoint).model_copy(update={"timeout": 8}), attempts=1)
        assert store.create(media(data), data, sha256=digest(data)).bytes == len(data)


class Mute(MemoryStore):
    """A store of which a call hears nothing for a minute while `mute` is set; `reachable`: it answers small questions."""

    def __init__(self, *, reachable: bool) -> None:
        super().__init__()
        self.mute, self.reachable, self.now = 0, reachable, 1000.0
        self.asked = 0

    def put(self, key: str, data: bytes) -> Stat:
        """Write, once it is mute no more."""
        self.now += 60
        if self.mute:
            self.mute -= 1
            raise Silent("it doesn't answer")
        return super().put(key, data)

    def silence(self) -> Silent | None:
        """What is heard on a small question."""
        self.asked += 1
        self.now += 15
        return None if self.reachable else Silent("it doesn't answer anything")


def wrap(store: Mute, line: Line | None = None) -> RetryingStore:
    """With time that passes only in the store."""
    return RetryingStore(store, sleep=lambda _: None, clock=lambda: store.now, line=line)


def test_a_request_that_takes_longer_than_its_time_is_sent_again_while_the_server_answers_others() -> None:
    store = Mute(reachable=True)
    store.mute = 3
    assert wrap(store).put(POINTER, b"film").bytes == 4


def test_a_silent_server_is_asked_again_after_some_minutes_and_serves_when_it_is_back() -> None:
    store = Mute(reachable=False)
    store.mute = 1
    wrapped = wrap(store)
    begun = store.now
    with pytest.raises(Silent):
        wrapped.put(POINTER, b"x")
    assert store.now - begun == 75
    for _ in range(50):
        with pytest.raises(Silent):
            wrapped.put(POINTER, b"x")
    assert (store.now - begun, store.asked) == (75, 1)
    store.now += 400
    store.reachable = True
    assert wrapped.put(POINTER, b"x").bytes == 1


@pytest.mark.parametrize("reachable", [False, True])
def test_who_is_told_that_the_line_is_silent_asks_for_itself_once_and_doesn_t_wait_as_long_again(
    reachable: bool,  # noqa: FBT001 - a parameter of a test
) -> None:
    """Beside a silent store: the mirror in the same cluster is silent, too; another bucket's owner answers."""
    line = Line()
    silent, other = Mute(reachable=False), Mute(reachable=reachable)
    silent.mute, other.mute = 1, 0 if reachable else 9
    first, second = wrap(silent, line), wrap(other, line)
    with pytest.raises(Silent):
        first.put(POINTER, b"x")
    begun = other.now
    for _ in range(3):
        if reachable:
            assert second.put(POINTER, b"x").bytes == 1
        else:
            with pytest.raises(Silent, match="anything"):
                second.put(POINTER, b"x")
            with pytest.raises(StoreRefused, match="anything"):
                second.check()
    assert (other.asked, other.now - begun) == (1, 15 + 3 * 60 if reachable else 15)
    silent.now, silent.reachable = silent.now + 400, True
    assert first.put(POINTER, b"x").bytes == 1
    other.now, other.reachable, other.mute = other.now + 400, True, 0
    assert second.put(POINTER, b"x").bytes == 1
    assert (silent.asked, other.asked) == (2, 1 if reachable else 2)


def test_stores_at_one_endpoint_share_a_line_and_buckets_with_hosts_of_their_own_don_t(tmp_path: Path) -> None:
    lines: dict[str, Line] = {}
    here = StoreSettings(url="s3://bucket/site", endpoint="https://s3.example.org")
    for url, endpoint in (("s3://other", here.endpoint), ("s3://aaa", "https://s3.example.net"), ("s3://bbb", "")):
        open_store(here.model_copy(update={"url": url, "endpoint": endpoint}), tmp_path, lines)
    assert sorted(lines) == ["https://s3.example.net", "https://s3.example.org"]


def test_the_bucket_says_whether_anybody_is_there(moto: str) -> None:
    with SilentLine(moto) as line:
        settings = new_store(moto, through=line.endpoint).model_copy(update={"timeout": 0.5})
        assert S3Store(settings).silence() is None
        absent = settings.model_copy(update={"url": settings.url.replace("test-", "none-")})
        assert S3Store(absent).silence() is None, "a no is an answer"
        line.silent = True
        assert S3Store(settings).silence() is not None
    assert S3Store(settings).silence() is not None
