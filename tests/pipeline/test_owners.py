"""One workspace owns an event: a second one is told, whatever the server can do, until it takes the event over on purpose."""

from __future__ import annotations

import dataclasses
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from fault_proxy import Fault, FaultProxy
from s3_buckets import client

from mediaarchive import layout
from mediaarchive.errors import EventOwned, StoreRefused
from mediaarchive.pipeline.inbox.report import Failure

from .conftest import Space
from .publications import SLUG, Clients, Place, clients, lose_catalog, opened, publish, small_event

__all__ = ["clients"]
_ALWAYS = 1_000_000
_OTHER = "0f" * 32
MOMENTS = {
    "before it claims a release": ("HEAD", "/releases/1.json"),
    "when it has claimed a release": ("PUT", "/releases/1.json"),
    "before it moves the pointer": ("HEAD", "/manifest.json"),
    "when it has moved the pointer": ("PUT", "/manifest.json"),
}


@pytest.fixture(scope="module")
def owners(tmp_path_factory: pytest.TempPathFactory) -> tuple[Space, Space]:
    """Two workspaces with the same event, with other salts: the second has one more picture, and lacks one."""
    folder = tmp_path_factory.mktemp("owners")
    first = small_event(folder / "first", (1, 2, 3), name="Red house")
    return first, small_event(folder / "second", (2, 3, 4), _OTHER, name="Blue house")


@pytest.fixture
def first(owners: tuple[Space, Space], tmp_path: Path) -> Space:
    return owners[0].twin(tmp_path / "first")


@pytest.fixture
def second(owners: tuple[Space, Space], tmp_path: Path) -> Space:
    return owners[1].twin(tmp_path / "second")


def _without_conditions() -> list[Fault]:
    return [Fault("strip", header=name, has=name, times=_ALWAYS) for name in ("If-None-Match", "If-Match")]


def _told(failures: list[Failure]) -> bool:
    return any(isinstance(failure.error, EventOwned) for failure in failures)


def _releases(endpoint: str, bucket: str) -> tuple[set[str], dict[str, dict[str, Any]]]:
    """The digests of a bucket's release bodies, and its envelopes by name."""
    s3, prefix = client(endpoint), f"public/events/{SLUG}/releases/"
    names = [e["Key"] for e in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    bodies = {name.removeprefix(prefix)[:-5] for name in names if len(name.removeprefix(prefix)) > 60}
    envelopes = [name for name in names if len(name.removeprefix(prefix)) < 60]
    return bodies, {name: json.loads(s3.get_object(Bucket=bucket, Key=name)["Body"].read()) for name in envelopes}


@pytest.mark.parametrize("server", ["with compare-and-swap", "without"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_of_two_publishers_at_once_one_is_told_and_nothing_is_lost(
    moment: str, server: str, first: Space, second: Space, clients: Clients, proxy: FaultProxy
) -> None:
    """The whole publication of the second falls between two requests of the first."""
    conditions = server != "without"
    if conditions and MOMENTS[moment][0] == "HEAD":
        pytest.skip("does not apply: with compare-and-swap nobody looks before writing")
    proxy.faults = [] if conditions else _without_conditions()
    _two_at_once(Place.new(proxy.upstream), proxy, moment, (first, second), clients, conditions=conditions)


@pytest.mark.ceph
@pytest.mark.parametrize("moment", MOMENTS)
def test_of_two_publishers_into_a_real_bucket_that_keeps_versions_one_is_told(
    moment: str, first: Space, second: Space, clients: Clients, ceph: str, no_waits: None
) -> None:
    """It has no compare-and-swap, so both had to promise that nobody else publishes there."""
    place = Place.new(ceph, versioned=True)
    with opened(first.root) as shop:
        (refused,) = publish(shop, place.settings(ceph), clients)
    assert isinstance(refused.error, StoreRefused)
    assert "single_writer = true" in str(refused.error.hint)
    with FaultProxy(ceph, strict=True) as proxy:
        _two_at_once(place, proxy, moment, (first, second), clients, conditions=False)


def _two_at_once(
    place: Place, proxy: FaultProxy, moment: str, spaces: tuple[Space, Space], clients: Clients, *, conditions: bool
) -> None:
    (first, second), started, others = spaces, list[str](), list[Failure]()
    with FaultProxy(proxy.upstream, strict=True) as other:
        other.faults = [dataclasses.replace(fault) for fault in proxy.faults]

        def interrupt(method: str, path: str) -> None:
            place.reader.watch(method, path)
            where = MOMENTS[moment]
            if not started and method == where[0] and path.endswith(where[1]) and "/public/events" in path:
                started.append(path)
                with opened(second.root) as shop:
                    settings = place.settings(other.endpoint, single_writer=not conditions)
                    others.extend(publish(shop, settings, clients))

        proxy.watch, other.watch = interrupt, place.reader.watch
        settings = place.settings(proxy.endpoint, single_writer=not conditions)
        with opened(first.root) as shop:
            failures = publish(shop, settings, clients)
        assert started
        told = [_told(failures), _told(others)]
        with opened(second.root) as shop:  # without compare-and-swap, who was written over learns it at the next run
            told[1] |= _told(publish(shop, place.settings(other.endpoint, single_writer=not conditions), clients))
        with opened(first.root) as shop:
            told[0] |= _told(publish(shop, settings, clients))
    assert told.count(True) == 1, f"exactly one of the two publishes: {told}"
    place.reader.look(again=True)
    assert place.reader.wrong == []
    owner = (first, second)[told.index(False)]
    assert place.reader.manifest == owner.manifest(SLUG)


def _bucket(place: Place, space: Space) -> None:
    """Let a workspace publish into a bucket, and nowhere else."""
    settings = place.settings(place.endpoint).model_dump(exclude_defaults=True)
    lines = [f'{key} = "{value}"' for key, value in settings.items()]
    text = space.config.read_text(encoding="utf-8").partition("[[store]]")[0]
    space.config.write_text("\n".join([text, "[[store]]", *lines, ""]), encoding="utf-8")


def test_a_second_workspace_is_told_and_takes_the_event_over_on_purpose(moto: str, first: Space, second: Space) -> None:
    place = Place.new(moto)
    for space in (first, second):
        _bucket(place, space)
    first.run()
    gone, kept = _items(place)[0]["id"], _items(place)[1:]
    assert first.here("takedown", gone, "--reason", "consent-withdrawn").returncode == 0

    refused = second.here("run", "--engine", "inline")
    assert refused.returncode == 4
    assert "published by Red house" in refused.stderr
    assert f"mediaarchive adopt {SLUG}" in refused.stderr
    assert second.here("adopt", "nothing").returncode == 2
    taken = json.loads(second.here("adopt", SLUG, "--json").stdout)["stores"][0]
    assert (taken["listed"], taken["withdrawn"]) == (2, 1)
    assert taken["previous"].startswith("Red house")

    told = first.here("run", "--engine", "inline")
    assert told.returncode == 4
    assert "was taken over by Blue house" in told.stderr

    report = second.run()
    held = [entry for entry in report["files"] if entry["outcome"] == "held"]
    assert not report["problems"]
    listed = {item["id"]: item for item in _items(place)}
    assert listed[gone]["type"] == "tombstone", "what was withdrawn stays withdrawn"
    by_old = {alias: item for item in listed.values() for alias in item.get("aliases", ())}
    assert sorted(by_old) == sorted(item["id"] for item in kept), "old ids are aliases of the same pictures"
    place.reader.look(again=True)
    assert place.reader.wrong == []
    for item in kept:
        for key in [item["page"], *item["stable"].values(), *(f["url"] for s in item["sources"] for f in s["set"])]:
            with urllib.request.urlopen(f"{moto}/{place.bucket}/public/{key}") as answer:  # noqa: S310 - of this test
                assert answer.status == 200
    assert not held or all(entry["code"] == "adopted" for entry in held)
    envelopes = _releases(moto, place.bucket)[1]
    chain = sorted(envelopes.values(), key=lambda envelope: envelope["n"])
    assert chain[-1]["parent"] == chain[-2]["manifest_sha256"] == chain[-2]["parent"], "chained to the old one"
    assert [envelope["workspace"]["name"] for envelope in chain[-3:]] == ["Red house", "Blue house", "Blue house"]

    assert len(listed) == 3, "the new picture may be the withdrawn one: it waits"
    assert second.here("approve", f"{SLUG}/4.jpg").returncode == 0
    after = place.reader.manifest and _items(place)
    assert len(after) == 4
    lose_catalog(second)
    second.run()
    assert _items(place) == after, "an adoption survives a lost catalog"


def _items(place: Place) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{place.endpoint}/{place.bucket}/public/{layout.pointer_key(SLUG)}") as answer:  # noqa: S310
        found: list[dict[str, Any]] = json.loads(answer.read())["items"]
    return found
