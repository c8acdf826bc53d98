"""The same run into S3-compatible storage: the same manifest, and every address in it answers as it should."""

from __future__ import annotations

import json
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from s3_buckets import client

from mediaarchive import layout

from .conftest import SETTINGS, Space

SLUG = "forum-des-communs-2025"
Make = Callable[..., Space]
Archived = tuple[Space, dict[str, Any]]


def settings(endpoint: str, bucket: str, more: str = "") -> str:
    store = f"""
[[store]]
name = "bucket"
url = "s3://{bucket}/public"
endpoint = "{endpoint}"
region = "us-east-1"
addressing = "path"
base_url = "{endpoint}/{bucket}/public"
{more}
"""
    return SETTINGS + store


def public(endpoint: str, bucket: str) -> None:
    """A bucket whose `public/` anybody may read."""
    s3 = client(endpoint)
    s3.create_bucket(Bucket=bucket)
    allow = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/public/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))


def addresses(value: dict[str, Any]) -> Iterator[tuple[str, int | None]]:
    """Every address that a manifest names, with its size where it says one."""
    yield layout.pointer_key(value["slug"]), None
    for key in [value["links"]["page"], value["links"]["json_schema"], *value["links"]["languages"].values()]:
        yield key, None
    for item in value["items"]:
        yield item["page"], None
        for key in item["stable"].values():
            yield key, None
        for source in [*item["sources"], *item.get("poster", {}).get("sources", ())]:
            for file in source.get("set", [source]):
                yield file["url"], file["bytes"]
        for track in item.get("tracks", ()):
            yield track["url"], None


def check_every_address(base: str, body: bytes) -> int:
    """Fetch each address anonymously, and compare type, size and cache header; how many there were."""
    count = 0
    for key, size in addresses(json.loads(body)):
        with urllib.request.urlopen(f"{base}/{key}") as answer:  # noqa: S310 - a server of this test
            data = answer.read()
            assert answer.headers["Content-Type"] == layout.content_type(key), key
            assert answer.headers["Cache-Control"] == layout.cache_control(key), key
        assert size in {None, len(data)}, key
        count += 1
    return count


def publish_twice(make: Make, sample: Path, endpoint: str, bucket: str, archived: Archived) -> None:
    public(endpoint, bucket)
    space = make("s3", sample, settings(endpoint, bucket))
    space.run()
    base = f"{endpoint}/{bucket}/public"
    with urllib.request.urlopen(f"{base}/{layout.pointer_key(SLUG)}") as answer:  # noqa: S310 - a server of this test
        body = answer.read()
    assert body == archived[0].manifest()
    assert check_every_address(base, body) > 60
    s3 = client(endpoint)
    before = {e["Key"]: e["LastModified"] for e in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert space.run()["jobs"]["planned"] == 0
    after = {e["Key"]: e["LastModified"] for e in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert after == before, "what was seen in the store is not sent again"


def test_the_same_manifest_and_every_address_answers_on_moto(
    moto: str, space: Make, sample: Path, archived: Archived
) -> None:
    publish_twice(space, sample, moto, "pipeline", archived)


@pytest.mark.ceph
def test_the_same_manifest_and_every_address_answers_on_a_real_server(
    ceph: str, space: Make, sample: Path, archived: Archived
) -> None:
    publish_twice(space, sample, ceph, f"pipeline-{uuid.uuid4().hex[:12]}", archived)


def test_a_missing_bucket_is_told_before_anything_is_done(moto: str, space: Make, sample: Path) -> None:
    ws = space("missing", sample, settings(moto, "no-such-bucket"))
    before = sorted(path.name for path in (ws.root / "inbox").rglob("*"))
    done = ws.call("run")
    assert done.returncode == 4
    assert "no-such-bucket" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in (ws.root / "inbox").rglob("*")) == before


def test_two_stores_get_the_same_and_a_second_workspace_is_told_who_owns_the_event(
    moto: str, space: Make, sample: Path, archived: Archived
) -> None:
    public(moto, "shared")
    local = '[[store]]\nname = "site"\nurl = "site"\n'
    first = space("first", sample, settings(moto, "shared", local))
    first.run()
    assert first.manifest() == archived[0].manifest()
    second = space("second", sample, settings(moto, "shared", local))
    done = second.call("run", "--engine", "inline")
    assert done.returncode == 4
    assert "one workspace owns an event" in done.stderr
    assert second.manifest() == archived[0].manifest(), "the other store isn't held back"
    assert len(second.originals()) > 10, "and nothing is lost"
