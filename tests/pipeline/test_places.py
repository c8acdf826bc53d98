"""Several stores, unchanged events, lost catalogs and secrets: what a publication asks of a server, and what it never tells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fault_proxy import Fault, FaultProxy
from moto.s3.models import s3_backends
from s3_buckets import client

from mediaarchive import layout
from mediaarchive.catalog import Published
from mediaarchive.model import Blob, Release
from mediaarchive.pipeline.publishing.publisher import Publisher
from mediaarchive.pipeline.shop import Shop
from mediaarchive.stores.s3 import S3Store

from .conftest import Space
from .publications import SLUG, Clients, Place, clients, lose_catalog, opened, publish, small_event

__all__ = ["clients"]
_ALWAYS = 1_000_000
_MANY = 5000
_SECRET = "wJalrXUtnFEMI-not-a-real-key"  # noqa: S105 - it is none


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """Three pictures, published into a folder."""
    return small_event(tmp_path_factory.mktemp("places") / "ws")


@pytest.fixture
def space(made: Space, tmp_path: Path) -> Space:
    return made.twin(tmp_path / "ws")


@pytest.fixture
def shop(space: Space) -> Iterator[Shop]:
    with opened(space.root) as found:
        yield found


def _also_into(space: Space, place: Place, endpoint: str) -> None:
    """Let a workspace publish into its folder and into a bucket."""
    settings = place.settings(endpoint).model_dump(exclude_defaults=True) | {"timeout": 5}
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    local = '[[store]]\nname = "site"\nurl = "site"\n[[store]]\n'
    with space.config.open("a", encoding="utf-8") as file:
        file.write(local + "\n".join(lines) + "\n")


def test_a_store_that_is_down_does_not_hold_back_the_other_and_catches_up(space: Space, proxy: FaultProxy) -> None:
    place = Place.new(proxy.upstream)
    _also_into(space, place, proxy.endpoint)
    (space.root / "inbox" / SLUG).mkdir(exist_ok=True)
    (space.root / "inbox" / SLUG / "event.toml").write_text('title = "Fair"\n', encoding="utf-8")
    proxy.faults = [Fault("answer", status=400, code="Broken", times=_ALWAYS)]
    done = space.here("run", "--json", "--engine", "inline")
    report = json.loads(done.stdout)
    assert done.returncode == 5
    assert [problem["store"] for problem in report["problems"]] == [place.name]
    assert b'"Fair"' in space.manifest(SLUG), "the folder has the new title"

    proxy.faults = []
    assert space.here("run", "--engine", "inline").returncode == 0
    place.reader.look(again=True)
    assert place.reader.wrong == []
    assert place.reader.manifest == space.manifest(SLUG)


def test_a_store_that_dies_midway_does_not_hold_back_the_other(
    shop: Shop, clients: Clients, proxy: FaultProxy, space: Space
) -> None:
    place = Place.new(proxy.upstream)
    proxy.faults = [Fault("answer", "PUT", "/media/", skip=2, times=_ALWAYS, status=400, code="Broken")]
    failures = publish(shop, place.settings(proxy.endpoint), clients)
    assert {failure.store for failure in failures} == {place.name}
    proxy.faults = []
    sent = len([line for line in proxy.log if line.startswith("PUT") and "/64-" in line])
    proxy.log.clear()
    assert publish(shop, place.settings(proxy.endpoint), clients) == []
    again = len([line for line in proxy.log if line.startswith("PUT") and "/64-" in line])
    assert again <= 3
    assert sent <= 4  # what is refused on the short way is tried on the long one
    place.reader.look(again=True)
    assert (place.reader.wrong, place.reader.manifest) == ([], space.manifest(SLUG))


def test_an_unchanged_event_asks_a_handful_and_writes_nothing(shop: Shop, clients: Clients, proxy: FaultProxy) -> None:
    place = Place.new(proxy.upstream)
    assert publish(shop, place.settings(proxy.endpoint), clients) == []
    proxy.log.clear()
    assert publish(shop, place.settings(proxy.endpoint), clients) == []
    assert {line.split()[0] for line in proxy.log} <= {"GET", "HEAD"}
    assert len(proxy.log) <= 6, proxy.log


def test_after_a_lost_catalog_nothing_is_sent_again(space: Space, clients: Clients, proxy: FaultProxy) -> None:
    place = Place.new(proxy.upstream)
    with opened(space.root) as shop:
        assert publish(shop, place.settings(proxy.endpoint), clients) == []
    place.reader.look(again=True)
    before = place.reader.manifest
    lose_catalog(space)
    proxy.log.clear()
    with opened(space.root) as shop:
        assert publish(shop, place.settings(proxy.endpoint), clients) == []
    written = {line.rpartition("/")[2] for line in proxy.log if line.startswith("PUT") and ".mediaarchive" not in line}
    place.reader.look(again=True)
    assert written <= {"index.html", "index.en.html"}, "only the list of events, which belongs to none"
    assert not any(f"/{SLUG}/" in line or "/media/" in line for line in proxy.log if line.startswith("PUT"))
    assert place.reader.manifest == before


def _many(shop: Shop) -> Release:
    """A release that names five thousand objects, which lie in the spool."""
    shop.workspace.spool.mkdir(parents=True, exist_ok=True)
    objects = {}
    for number in range(_MANY):
        data = f"picture {number}".encode()
        digest = hashlib.sha256(data).hexdigest()
        (shop.workspace.spool / digest).write_bytes(data)
        item = f"p-{''.join('abcdefghij'[int(digit)] for digit in f'{number // 24:013}')}"
        blob = Blob(role=f"{number % 24 + 100}", ext="jpg", sha256=digest, bytes=len(data))
        objects[layout.media_key(item, blob.role, digest, "jpg")] = blob
    return Release(event="large", body=b"{}", pages={}, objects=objects)


def test_five_thousand_objects_that_are_there_cost_a_handful_of_lists(
    shop: Shop, clients: Clients, proxy: FaultProxy
) -> None:
    """With what was recorded of them, and without: after a lost catalog they are listed, not asked for one by one."""
    place, release = Place.new(proxy.upstream), _many(shop)
    backend = s3_backends["123456789012"]["aws"]  # put there from inside: moto takes 8 ms for each request
    for key, blob in release.objects.items():
        data = (shop.workspace.spool / blob.sha256).read_bytes()
        backend.put_object(place.bucket, f"public/{key}", data)
    store = S3Store(place.settings(proxy.endpoint))
    shop = replace(shop, stores=(store,))
    shop.catalog.mark_stored(store.name, {key: blob.sha256 for key, blob in release.objects.items()})
    assert Publisher(shop, store, "large").release(release, {}, lambda: True).moved

    for lost in (False, True):
        if lost:
            recorded = shop.catalog.stored(store.name, ["media/", "events/large/"])
            shop.catalog.forget_store(store.name, "large", recorded)
        proxy.log.clear()
        publisher = Publisher(shop, store, "large")
        publisher.look({key.split("/")[1] for key in release.objects})
        change = publisher.release(release, {}, lambda: True)
        assert (change.objects, change.moved) == (0, False)
        assert not [line for line in proxy.log if line.startswith(("PUT", "POST"))]
        assert len(proxy.log) <= (14 if lost else 2), proxy.log
    assert isinstance(shop.catalog.published(store.name, "large"), Published)


def test_no_log_report_or_error_tells_a_secret(
    space: Space, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place.new(proxy.upstream)
    _also_into(space, place, proxy.endpoint)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", _SECRET)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA-not-real")
    proxy.faults = [Fault("answer", status=403, code="SignatureDoesNotMatch", times=_ALWAYS)]
    told = []
    for verb in (
        ("run", "--json", "--engine", "inline"),
        ("doctor", "--store", place.name),
        ("config", "show"),
        ("status",),
    ):
        done = space.call(*verb)
        told += [done.stdout, done.stderr]
    for path in (space.root / "archive").rglob("*"):
        if path.is_file() and "originals" not in path.parts and "spool" not in path.parts:
            told.append(path.read_bytes().decode(errors="replace"))
    assert any(place.name in text for text in told), "the failure itself is told"
    for secret in (_SECRET, "AKIA-not-real", "Signature=", "X-Amz-Credential"):
        assert not any(secret in text for text in told)


def test_a_saved_picture_has_a_name_that_people_understand(shop: Shop, clients: Clients, proxy: FaultProxy) -> None:
    place = Place.new(proxy.upstream)
    assert publish(shop, place.settings(proxy.endpoint), clients) == []
    s3, names, types = client(proxy.upstream), [], set()
    for entry in s3.list_objects_v2(Bucket=place.bucket, Prefix="public/media/")["Contents"]:
        head = s3.head_object(Bucket=place.bucket, Key=entry["Key"])
        types.add(head["ContentType"])
        if "/64-" in entry["Key"]:
            names.append(head["ContentDisposition"])
    assert all(name.startswith('inline; filename="fair - 2024-05-0') and name.endswith(' - 64.jpg"') for name in names)
    assert len(set(names)) == 3
    assert types <= {"image/jpeg", "text/html; charset=utf-8", "application/json"}
