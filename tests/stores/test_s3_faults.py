"""No fault of a network or server makes the S3 store report something wrong."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fault_proxy import Action, Fault, FaultProxy
from s3_buckets import client, new_store

from mediaarchive import layout
from mediaarchive.errors import Conflict, Damaged, Exists, StoreError, StoreRefused
from mediaarchive.ports import Stat
from mediaarchive.stores.faults import Transient
from mediaarchive.stores.retrying import RetryingStore
from mediaarchive.stores.s3 import S3Store
from mediaarchive.testing.stores import POINTER, digest, media

FILM = b"".join(digest(str(n).encode()).encode() for n in range(40 * 16384))  # 40 MiB: three parts
FILM_KEY = media(FILM, "1080p", "mp4")
ALWAYS = 1_000_000


@pytest.fixture
def store(proxy: FaultProxy) -> S3Store:
    """An empty store behind the proxy that has looked at its server already."""
    made = S3Store(new_store(proxy.upstream, through=proxy.endpoint))
    made._conditions()
    return made


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film in the spool."""
    path = tmp_path / "film"
    path.write_bytes(FILM)
    return path


def test_a_write_whose_reply_is_lost_is_still_a_success(store: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = [Fault("lost", "PUT", has="if-none-match", times=2)]
    made = store.create(media(b"photo"), b"photo", sha256=digest(b"photo"))
    assert proxy.count("PUT", media(b"photo")) == 3
    assert store.get(made.key) == (b"photo", made.version)


def test_a_small_object_is_sent_without_asking_first(store: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = [Fault("answer", "PUT", has="expect", status=417, code="ExpectationFailed", times=ALWAYS)]
    store.create(media(b"photo"), b"photo", sha256=digest(b"photo"))
    store.swap(POINTER, b"first", None)
    assert proxy.count("PUT", media(b"photo")) == proxy.count("PUT", POINTER) == 1


@pytest.mark.parametrize("before", [None, b"before"])
def test_a_swap_whose_reply_is_lost_is_known_as_our_own(
    store: S3Store, proxy: FaultProxy, before: bytes | None
) -> None:
    version = store.put(POINTER, before).version if before else None
    proxy.faults = [Fault("lost", "PUT")]
    moved = store.swap(POINTER, b"after", version)
    assert store.get(POINTER) == (b"after", moved.version)


def test_a_lost_reply_does_not_hide_that_somebody_else_was_first(store: S3Store, proxy: FaultProxy) -> None:
    store.put(POINTER, b"theirs")
    store.create(layout.envelope_key("fair", 1), b"theirs", sha256=digest(b"theirs"))
    proxy.faults = [Fault("lost", "PUT", times=2)]
    with pytest.raises(Conflict):
        store.swap(POINTER, b"ours", None)
    with pytest.raises(Exists):
        store.create(layout.envelope_key("fair", 1), b"ours", sha256=digest(b"ours"))
    assert (store.get(POINTER) or (b"",))[0] == b"theirs"


@pytest.mark.parametrize("action", ["reset", "lost"])
def test_a_fault_at_any_request_leaves_the_right_objects_and_the_right_report(
    proxy: FaultProxy, action: Action
) -> None:
    """Each request of a small publication is broken once; the outcome is always the same."""
    settings = new_store(proxy.upstream, through=proxy.endpoint)
    whole = S3Store(settings)._bucket
    for position in range(30):
        store = S3Store(settings)
        store._connected = dataclasses.replace(whole, prefix=f"{position:02}/")  # a client costs 0.1 s
        proxy.faults = [Fault(action, skip=position)]
        made = store.create(media(b"photo"), b"photo", sha256=digest(b"photo"))
        moved = store.swap(POINTER, b"two", store.swap(POINTER, b"one", None).version)
        listed = {stat.key: stat.version for stat in store.list("")}
        store.delete(made.key)
        broken = not proxy.faults[0].times
        proxy.faults = []
        assert listed == {POINTER: moved.version, made.key: made.version}
        assert store.get(POINTER) == (b"two", moved.version)
        assert store.get(made.key) is None
        if not broken:
            assert position > 10
            return
    pytest.fail("a small publication takes too many requests")


def test_bytes_damaged_on_the_way_are_refused_and_sent_again(store: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = [Fault("flip", "PUT", times=2)]  # on the short way, and again on the long one
    with pytest.raises(Transient, match="damaged on the way"):
        store.put(POINTER, b"manifest")
    assert store.get(POINTER) is None
    proxy.faults = [Fault("flip", "PUT")]
    RetryingStore(store, sleep=lambda _: None).put(POINTER, b"manifest")
    assert (store.get(POINTER) or (b"",))[0] == b"manifest"


def test_a_server_that_stores_damaged_bytes_is_found_out_and_they_do_not_stay(
    store: S3Store, proxy: FaultProxy, film: Path
) -> None:
    proxy.strict = False
    proxy.faults = [Fault("flip", "PUT")]
    with pytest.raises(Damaged):
        store.create(media(b"photo"), b"photo", sha256=digest(b"photo"))
    proxy.faults = [Fault("flip", "PUT", path="partNumber=2")]
    with pytest.raises(Damaged):
        store.create(FILM_KEY, film, sha256=digest(FILM))
    assert list(store.list("")) == []


def test_a_download_that_breaks_off_never_passes_for_the_object(store: S3Store, proxy: FaultProxy) -> None:
    store.put(POINTER, b"manifest" * 1000)
    proxy.faults = [Fault("cut", "GET")]
    with pytest.raises(Transient):
        store.get(POINTER)
    proxy.faults = [Fault("cut", "GET", times=2)]
    found = RetryingStore(store, sleep=lambda _: None).get(POINTER)
    assert found is not None
    assert found[0] == b"manifest" * 1000


def test_an_object_that_changed_in_the_bucket_is_noticed_when_it_is_read(store: S3Store, proxy: FaultProxy) -> None:
    store.put(POINTER, b"manifest")
    bucket, _, key = urlsplit(store.url(POINTER)).path[1:].partition("/")
    client(proxy.upstream).put_object(
        Bucket=bucket, Key=key, Body=b"mbnifest", Metadata={"sha256": digest(b"manifest")}
    )
    with pytest.raises(Damaged):
        store.get(POINTER)


def test_the_server_is_given_the_time_it_asks_for(store: S3Store, proxy: FaultProxy) -> None:
    waits: list[float] = []
    proxy.faults = [
        Fault("answer", "PUT", times=4, retry_after="7")
    ]  # the short way, and three attempts of the long one
    RetryingStore(store, sleep=waits.append, random=lambda: 0.5).put(POINTER, b"manifest")
    assert waits == [7.25]
    assert (store.get(POINTER) or (b"",))[0] == b"manifest"


def test_a_storm_of_refusals_loses_nothing_and_is_over_soon(moto: str) -> None:
    """With the waits as they are: 60 times 503 while eight threads send 80 objects."""
    with FaultProxy(moto, strict=True) as proxy:
        store = S3Store(new_store(proxy.upstream, through=proxy.endpoint))
        store._conditions()
        proxy.faults = [Fault("answer", "PUT", times=60)]
        started = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: RetryingStore(store).put(f"media/{n}.jpg", b"x"), range(80)))
        assert proxy.faults[0].times == 0
        assert len(list(store.list(""))) == 80
        assert time.monotonic() - started < 60


def test_an_upload_that_broke_off_goes_on_where_it_stopped(store: S3Store, proxy: FaultProxy, film: Path) -> None:
    proxy.faults = [Fault("answer", "PUT", path="partNumber=3", times=3)]
    with pytest.raises(StoreError):
        store.create(FILM_KEY, film, sha256=digest(FILM))
    assert store.stat(FILM_KEY) is None
    proxy.log.clear()
    made = store.create(FILM_KEY, film, sha256=digest(FILM))
    assert (proxy.count("PUT"), proxy.count("POST", "uploads")) == (1, 0)
    assert digest((store.get(FILM_KEY) or (b"",))[0]) == digest(FILM)
    assert made.sha256 == digest(FILM)


def test_a_part_that_was_stored_damaged_is_not_built_upon(store: S3Store, proxy: FaultProxy, film: Path) -> None:
    proxy.strict = False
    proxy.faults = [
        Fault("flip", "PUT", path="partNumber=1"),
        Fault("answer", "PUT", path="partNumber=3", times=3),
    ]
    with pytest.raises(StoreError):
        store.create(FILM_KEY, film, sha256=digest(FILM))
    proxy.log.clear()
    store.create(FILM_KEY, film, sha256=digest(FILM))
    assert (proxy.count("PUT", "partNumber=1"), proxy.count("PUT", "partNumber=2")) == (1, 0)
    assert digest((store.get(FILM_KEY) or (b"",))[0]) == digest(FILM)


def test_a_completed_upload_whose_reply_is_lost_is_a_success(store: S3Store, proxy: FaultProxy, film: Path) -> None:
    proxy.faults = [Fault("lost", "POST", path="uploadId")]
    assert store.create(FILM_KEY, film, sha256=digest(FILM)).bytes == len(FILM)


def test_uploads_that_nobody_finished_are_swept(store: S3Store, proxy: FaultProxy, film: Path) -> None:
    """Moto says of every upload that it was begun in 2010."""
    proxy.faults = [Fault("answer", "PUT", path="partNumber=1", times=3)]
    with pytest.raises(StoreError):
        store.create(FILM_KEY, film, sha256=digest(FILM))
    assert (store.sweep(), store.sweep()) == (1, 0)


def _ignoring() -> list[Fault]:
    return [Fault("strip", header=name, has=name, times=ALWAYS) for name in ("If-None-Match", "If-Match")]


def _refusing() -> list[Fault]:
    return [
        Fault("answer", "PUT", has=name, times=ALWAYS, status=501, code="NotImplemented")
        for name in ("If-None-Match", "If-Match")
    ]


@pytest.mark.parametrize("poor", [_ignoring, _refusing])
def test_a_server_without_conditions_is_refused_unless_there_is_one_writer(
    proxy: FaultProxy, poor: Callable[[], list[Fault]]
) -> None:
    proxy.faults = poor()
    settings = new_store(proxy.upstream, through=proxy.endpoint)
    for call in (S3Store(settings).check, lambda: S3Store(settings).swap(POINTER, b"x", None)):
        with pytest.raises(StoreRefused, match="compare-and-swap") as refusal:
            call()
        assert "single_writer = true" in str(refusal.value.hint)
    alone = S3Store(settings.model_copy(update={"single_writer": True}))
    alone.check()
    first = alone.swap(POINTER, b"one", None)
    with pytest.raises(Conflict):
        alone.swap(POINTER, b"two", None)
    assert alone.swap(POINTER, b"two", first.version).sha256 == digest(b"two")
    key = layout.envelope_key("fair", 1)
    assert isinstance(alone.create(key, b"ours", sha256=digest(b"ours")), Stat)
    with pytest.raises(Exists):
        alone.create(key, b"theirs", sha256=digest(b"theirs"))
    assert (alone.get(key) or (b"",))[0] == b"ours"
