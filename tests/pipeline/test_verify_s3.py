"""Verify proves what lies in buckets by the servers' own checksums, downloads nothing for that, and misses no alteration."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from fault_proxy import FaultProxy
from s3_buckets import client

from .conftest import Space
from .test_rebuild_s3 import settings
from .test_s3 import public


def verified(space: Space, *more: str, status: int = 0) -> dict[str, Any]:
    done = space.here("verify", "--json", "--sample", "0", *more)
    assert done.returncode == status, done.stdout + done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def proved_without_downloading(small: Space, server: str, through: FaultProxy, name: str) -> None:
    public(server, f"{name}-store")
    client(server).create_bucket(Bucket=f"{name}-mirror")
    small.config.write_text(settings(through.endpoint, name), encoding="utf-8")
    small.run_here()
    through.log.clear()
    value = verified(small)
    assert value["counts"].keys() == {"proved"}
    assert value["by_checksum"] > 20
    read = [
        line for line in through.log if line.startswith("GET") and any(p in line for p in ("/media/", "/originals/"))
    ]
    assert read == [], "no file was downloaded"
    s3 = client(server)
    keys = [e["Key"] for e in s3.list_objects_v2(Bucket=f"{name}-store", Prefix="public/media/")["Contents"]]
    key = next(key for key in keys if "/160-" in key)
    data = s3.get_object(Bucket=f"{name}-store", Key=key)["Body"].read()
    s3.put_object(Bucket=f"{name}-store", Key=key, Body=bytes([*data[:-1], data[-1] ^ 1]))
    (problem,) = verified(small, status=3)["problems"]
    assert (problem["key"], problem["state"]) == (key.removeprefix("public/"), "wrong")
    verified(small, "--repair")
    assert verified(small)["counts"].keys() == {"proved"}


def test_a_bucket_s_files_are_proved_by_their_checksums(small: Space, moto: str) -> None:
    with FaultProxy(moto) as through:
        proved_without_downloading(small, moto, through, "checksums")


@pytest.mark.ceph
def test_a_real_bucket_s_files_are_proved_by_their_checksums(small: Space, ceph: str) -> None:
    with FaultProxy(ceph) as through:
        proved_without_downloading(small, ceph, through, f"checksums-{uuid.uuid4().hex[:12]}")


def test_files_that_were_read_once_are_proved_by_their_checksums_from_then_on(small: Space, moto: str) -> None:
    """A new catalog knows no checksum; whoever reads a file learns it again."""
    public(moto, "learned-store")
    client(moto).create_bucket(Bucket="learned-mirror")
    small.config.write_text(settings(moto, "learned"), encoding="utf-8")
    small.run_here()
    for path in (small.root / "archive").glob("catalog.db*"):
        path.unlink()
    small.run_here()
    before = verified(small)["counts"]
    assert before["declared"] > 6, "nothing is known of their bytes, and nothing is claimed"
    assert verified(small, "--deep")["counts"].keys() == {"proved"}
    assert verified(small)["counts"].keys() == {"proved"}
