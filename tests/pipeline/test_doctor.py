"""Doctor finds out by doing what works, and says what to do where it doesn't."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fault_proxy import Fault, FaultProxy
from s3_buckets import client, new_store
from s3_rights import new_user, policy, set_up

from mediaarchive.config.settings import StoreSettings
from mediaarchive.errors import StoreRefused
from mediaarchive.pipeline.checking.check import Check
from mediaarchive.pipeline.checking.places import KEY, check_store
from mediaarchive.stores import open_store
from mediaarchive.stores.s3 import S3Store
from mediaarchive.testing.stores import POINTER, digest, media

from .conftest import Space

_ALWAYS = 1_000_000


def _checked(settings: StoreSettings, folder: Path) -> dict[str, Check]:
    return {check.what: check for check in check_store(settings, open_store(settings, folder))}


def _with_base(settings: StoreSettings) -> StoreSettings:
    bucket, _, prefix = settings.url.removeprefix("s3://").partition("/")
    return settings.model_copy(update={"base_url": f"{settings.endpoint}/{bucket}/{prefix}"})


def _bucket(settings: StoreSettings) -> tuple[str, str]:
    bucket, _, prefix = settings.url.removeprefix("s3://").partition("/")
    return bucket, prefix


def test_it_tries_the_machine_and_a_folder(space: Callable[..., Space]) -> None:
    made = space()
    done = made.call("doctor", "--json")
    report: dict[str, Any] = json.loads(done.stdout)
    checks = {(check["where"], check["what"]): check for check in report["checks"]}
    for what in ("jpeg", "avif", "webp", "heic", "pdf", "film"):
        assert checks["machine", what]["state"] == "ok", checks["machine", what]
    for where, what in (
        ("workspace", "hard links"),
        ("workspace", "room"),
        ("site", "write and read"),
        ("site", "delete"),
    ):
        assert checks[where, what]["state"] == "ok"
    assert done.returncode == 0
    assert not list((made.root / "site").rglob("*.txt")), "nothing of it stays"
    raw = checks["machine", "extra raw: rawpy"]
    assert raw["state"] == "ok" or raw["todo"] == 'pip install "mediaarchive[raw]"'


def test_what_is_bad_is_said_with_what_to_do_and_in_the_exit_status(space: Callable[..., Space]) -> None:
    made = space()
    (made.root / "site").write_bytes(b"a file where the folder should be")
    done = made.call("doctor", "--store", "site")
    assert done.returncode == 4
    assert "BAD" in done.stdout
    assert "→ " in done.stdout
    assert made.call("doctor", "--store", "nowhere").returncode == 2


def test_a_server_that_lets_strangers_list_and_write_is_bad(moto: str, tmp_path: Path) -> None:
    settings = _with_base(new_store(moto))
    set_up(moto, *_bucket(settings))
    checks = _checked(settings, tmp_path)
    assert checks["public read"].state == "ok"
    assert checks["compare-and-swap"].state == "ok"
    assert checks["strangers: list"].state == "bad"
    assert "public-read-policy.json" in checks["strangers: list"].todo


def test_a_bucket_that_nobody_may_read_is_bad(moto: str, tmp_path: Path) -> None:
    settings = _with_base(new_store(moto))
    assert _checked(settings, tmp_path)["public read"].state == "bad"


def test_a_base_url_that_leads_elsewhere_is_bad(moto: str, tmp_path: Path) -> None:
    settings, other = _with_base(new_store(moto)), _with_base(new_store(moto))
    for one in (settings, other):
        set_up(moto, *_bucket(one))
    S3Store(other).put(KEY, b"somebody else's")
    found = _checked(settings.model_copy(update={"base_url": other.base_url}), tmp_path)["public read"]
    assert (found.state, "base_url" in found.todo) == ("bad", True)


def test_a_bucket_that_locks_its_objects_is_bad(moto: str, tmp_path: Path) -> None:
    settings = _with_base(new_store(moto))
    bucket, _ = _bucket(settings)
    client(moto).delete_bucket(Bucket=bucket)
    client(moto).create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    client(moto).put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
        },
    )
    found = _checked(settings, tmp_path)
    assert found["object lock"].state == "bad"
    assert "withdrawn" in found["object lock"].text


def test_a_server_without_compare_and_swap_is_bad_until_one_writer_is_promised(
    proxy: FaultProxy, tmp_path: Path
) -> None:
    names = ("If-None-Match", "If-Match")
    proxy.faults = [Fault("strip", header=name, has=name, times=_ALWAYS) for name in names]
    settings = new_store(proxy.upstream, through=proxy.endpoint)
    assert _checked(settings, tmp_path)["compare-and-swap"].state == "bad"
    alone = settings.model_copy(update={"single_writer": True})
    assert _checked(alone, tmp_path)["compare-and-swap"].state == "ok"


@pytest.mark.ceph
def test_a_real_server_with_our_policies_is_well(ceph: str, tmp_path: Path) -> None:
    settings = _with_base(new_store(ceph))
    set_up(ceph, *_bucket(settings))
    checks = _checked(settings, tmp_path)
    assert {what: check.text for what, check in checks.items() if check.state != "ok"} == {}
    assert len(checks) > 12


@pytest.mark.ceph
def test_the_publisher_cannot_delete_and_the_takedown_identity_leaves_no_version(
    ceph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = new_store(ceph, versioned=True, single_writer=True)
    bucket, prefix = _bucket(settings)
    publisher, remover = new_user("publisher"), new_user("takedown")
    statements = policy("publisher-policy", bucket, prefix, publisher[0])
    statements += policy("takedown-policy", bucket, prefix, remover[0])
    set_up(ceph, bucket, prefix, *statements)

    def store_of(user: tuple[str, str, str]) -> S3Store:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", user[1])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", user[2])
        return S3Store(settings)

    store = store_of(publisher)
    store.check()
    photo = store.create(media(b"photo"), b"photo", sha256=digest(b"photo"))
    moved = store.swap(POINTER, b"two", store.swap(POINTER, b"one", None).version)
    assert store.get(POINTER) == (b"two", moved.version)
    assert {stat.key for stat in store.list("")} == {POINTER, photo.key}
    assert store.sweep() == 0
    with pytest.raises(StoreRefused, match="may not do this"):
        store.delete(photo.key)
    assert store.get(photo.key)
    url = urlsplit(store.url("x"))

    store = store_of(remover)
    store.check()
    store.swap(POINTER, b"three", moved.version)
    store.delete(photo.key)
    store.delete(POINTER)
    left = client(f"{url.scheme}://{url.netloc}").list_object_versions(Bucket=bucket, Prefix=f"{prefix}/media")
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")
