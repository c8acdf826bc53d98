"""Mirror and store in buckets: a workspace that lost everything but its settings has the same manifest again."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from s3_buckets import client

from .conftest import SMALL, Space
from .test_s3 import public


def settings(endpoint: str, name: str) -> str:
    """A store in the bucket NAME-store, and a mirror in NAME-mirror."""
    place = f'endpoint = "{endpoint}"\nregion = "us-east-1"\naddressing = "path"\n'
    text = SMALL.replace('mirror = "../mirror"\n', f'mirror = "s3://{name}-mirror/archive"\n{place}')
    return text + f'[[store]]\nname = "bucket"\nurl = "s3://{name}-store/public"\n{place}'


def everything_lost(space: Space, endpoint: str, name: str) -> None:
    store, mirror = f"{name}-store", f"{name}-mirror"
    public(endpoint, store)
    client(endpoint).create_bucket(Bucket=mirror)
    text = settings(endpoint, name)
    space.config.write_text(text, encoding="utf-8")
    assert space.run_here()["problems"] == []
    pointer = {"Bucket": store, "Key": "public/events/fete/manifest.json"}
    before = client(endpoint).get_object(**pointer)["Body"].read()
    originals = client(endpoint).list_objects_v2(Bucket=mirror, Prefix="archive/originals/")["Contents"]
    assert len(originals) == 6
    head = client(endpoint).head_object(Bucket=mirror, Key=originals[0]["Key"])
    assert (head["CacheControl"], head["ContentType"]) == ("private, no-store", "application/octet-stream")
    new = Space(space.root.parent / "new")
    new.root.mkdir()
    new.config.write_text(text, encoding="utf-8")
    done = new.here("rebuild", "--json")
    value = json.loads(done.stdout)
    assert (done.returncode, value["fetched"], value["made"], value["problems"]) == (0, 6, 0, [])
    assert client(endpoint).get_object(**pointer)["Body"].read() == before
    found = json.loads(new.here("verify", "--json").stdout)
    assert found["problems"] == []
    assert found["counts"]["declared"] > 10, "nobody downloaded it"
    assert json.loads(new.here("verify", "--deep", "--json").stdout)["counts"].keys() == {"proved"}
    key = client(endpoint).list_objects_v2(Bucket=store, Prefix="public/media/")["Contents"][0]["Key"]
    size = client(endpoint).head_object(Bucket=store, Key=key)["ContentLength"]
    client(endpoint).put_object(Bucket=store, Key=key, Body=bytes(size))
    found = json.loads(new.here("verify", "--sample", "0", "--json").stdout)
    assert [(one["key"], one["state"]) for one in found["problems"]] == [(key.removeprefix("public/"), "wrong")]
    assert new.here("verify", "--repair").returncode == 0, "somebody wrote there, which a list shows; it is made again"
    client(endpoint).delete_object(Bucket=mirror, Key=originals[0]["Key"])
    assert new.here("verify", "--repair").returncode == 0
    assert client(endpoint).head_object(Bucket=mirror, Key=originals[0]["Key"])["ContentLength"] > 0
    assert new.here("gc", "--yes", "--grace", "0").returncode == 0
    assert json.loads(new.here("verify", "--deep", "--json").stdout)["counts"].keys() == {"proved"}


def test_everything_is_lost_but_two_buckets_on_moto(small: Space, moto: str) -> None:
    everything_lost(small, moto, f"t{abs(hash(small.root)):x}"[:20])


@pytest.mark.ceph
def test_everything_is_lost_but_two_buckets_on_ceph(small: Space, ceph: str) -> None:
    name = f"t{abs(hash(small.root)):x}"[:20]
    everything_lost(small, ceph, name)
    key = client(ceph).list_objects_v2(Bucket=f"{name}-mirror", Prefix="archive/originals/")["Contents"][0]["Key"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{ceph}/{name}-mirror/{key}")  # noqa: S310 - the test server


def test_an_archive_moves_to_another_place_with_one_line_and_one_run(small: Space, tmp_path: Path) -> None:
    """Into an empty place everything is rendered again; beside a second store it is copied."""
    before = small.manifest("fete")
    small.config.write_text(small.config.read_text() + '[[store]]\nname = "site"\nurl = "moved"\n')
    report = small.run_here()
    assert report["jobs"]["done"] > 0
    assert (small.root / "moved" / "events" / "fete" / "manifest.json").read_bytes() == before
    small.config.write_text(small.config.read_text() + '[[store]]\nname = "next"\nurl = "next"\n')
    assert small.run_here()["jobs"]["planned"] == 0
    assert (small.root / "next" / "events" / "fete" / "manifest.json").read_bytes() == before
    small.config.write_text(
        small.config.read_text().replace('url = "next"', 'url = "next"\nbase_url = "https://media.example.org"')
    )
    report = small.run_here()
    assert report["jobs"]["planned"] == 0
    assert (small.root / "next" / "events" / "fete" / "manifest.json").read_bytes() == before
    assert small.here("verify").returncode == 0


def test_another_host_name_is_one_line_and_one_run(small: Space) -> None:
    """Manifests have relative addresses and stay, so both hosts may serve them; what networks read names the new one."""
    old, new = "https://old.example.net/archive", "https://new.example.net"
    item = next(iter(small.items("fete")))
    small.config.write_text(small.config.read_text() + f'[[store]]\nname = "site"\nurl = "site"\nbase_url = "{old}"\n')
    assert small.run_here()["events"][0]["manifest"] == f"{old}/events/fete/manifest.json"
    before = small.published()
    named = {key for key, data in before.items() if old.encode() in data}
    assert named, "cards that networks show need whole addresses"
    assert {key.rpartition(".")[2] for key in named} == {"html"}
    small.config.write_text(small.config.read_text().replace(old, new))
    report = small.run_here()
    assert (report["jobs"]["planned"], report["events"][0]["manifest"]) == (0, f"{new}/events/fete/manifest.json")
    after = small.published()
    assert {key for key, data in after.items() if old.encode() in data} == set()
    assert {key for key, data in after.items() if new.encode() in data} == named
    assert {key for key in after if after[key] != before.get(key)} == named
    maps = {path.name: path.read_text() for path in (small.root / "archive" / "maps").iterdir()}
    assert all(f"For {new}/media/" in text and old not in text for text in maps.values())
    assert f"include {small.root}/archive/maps/nginx.conf;" in maps["nginx.conf"]
    assert small.here("tombstones", "--for", "nginx").stdout == maps["nginx.conf"]
    going = json.loads(small.here("takedown", item, "--reason", "quality", "--dry-run", "--json").stdout)["items"][0][
        "addresses"
    ]
    assert going
    assert all(url.startswith(new) for url in going), "of the old host too, with also_at"
    small.config.write_text(
        small.config.read_text().replace(f'base_url = "{new}"', f'base_url = "{new}"\nalso_at = ["{old}"]')
    )
    both = json.loads(small.here("takedown", item, "--reason", "quality", "--dry-run", "--json").stdout)["items"][0][
        "addresses"
    ]
    assert {url.replace(old, new) for url in both} == {*going}
    assert len(both) == 2 * len(going)
