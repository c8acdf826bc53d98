"""Doctor finds out by doing what works, and says what to do where it doesn't."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3.session
import pytest
from botocore.exceptions import ClientError
from fault_proxy import Action, Fault, FaultProxy
from s3_buckets import client, new_store
from s3_rights import CONFIG, new_user, policy, set_up

from mediaarchive.config.settings import StoreSettings
from mediaarchive.errors import StoreRefused
from mediaarchive.pipeline import visitor
from mediaarchive.pipeline.checking.check import Check
from mediaarchive.pipeline.checking.places import KEY, check_mirror, check_store
from mediaarchive.stores import open_store
from mediaarchive.stores.s3 import S3Store
from mediaarchive.testing.stores import POINTER, digest, media

from .conftest import MIRRORED, Space

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
    for extra, package in (("raw", "rawpy"), ("faiss", "faiss-cpu")):
        check = checks["machine", f"extra {extra}: {package}"]
        try:
            importlib.metadata.version(package)
            assert check["state"] == "ok"
        except importlib.metadata.PackageNotFoundError:
            assert check["todo"] == f'pip install "mediaarchive[{extra}]"'


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


_ANONYMOUS = {
    "strangers: list": Fault("reset", "GET", "max-keys=1", times=_ALWAYS),
    "strangers: write": Fault("reset", "PUT", "doctor-stranger", times=_ALWAYS),
    "strangers: the rest": Fault("reset", "GET", "compare-and-swap-yes", times=_ALWAYS),
    "versions": Fault("reset", "GET", "?versioning", times=_ALWAYS),
    "object lock": Fault("reset", "GET", "?object-lock", times=_ALWAYS),
}


@pytest.mark.parametrize(("action", "status"), [("reset", 0), ("hang", 0), ("answer", 503), ("answer", 429)])
def test_a_question_without_an_answer_is_neither_well_nor_a_hole(
    proxy: FaultProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Action, status: int
) -> None:
    """A line that broke was told as "anybody can list what is there (status 0)", and a lock that couldn't be asked for as none."""
    monkeypatch.setattr(visitor, "PATIENCE", 1.0)
    settings = new_store(proxy.upstream, through=proxy.endpoint).model_copy(update={"timeout": 1.0})
    proxy.faults = [dataclasses.replace(fault, action=action, status=status) for fault in _ANONYMOUS.values()]
    checks = _checked(settings, tmp_path)
    proxy.faults = []
    for what in _ANONYMOUS:
        assert (checks[what].state, checks[what].text[:9]) == ("warning", "not known"), checks[what]
        assert "run doctor again" in checks[what].todo
    found = {check.what: check for check in check_mirror(settings, open_store(settings, tmp_path))}
    assert found["strangers: list"].state == "bad", "and when it answers again, it is told as before"


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


def _mirror(endpoint: str) -> tuple[StoreSettings, str]:
    settings = new_store(endpoint).model_copy(update={"name": "mirror", "single_writer": True})
    return settings, _bucket(settings)[0]


@pytest.mark.ceph
def test_a_mirror_that_anybody_may_read_is_bad(ceph: str, tmp_path: Path) -> None:
    settings, bucket = _mirror(ceph)
    checks = {check.what: check for check in check_mirror(settings, open_store(settings, tmp_path))}
    assert {check.state for check in checks.values()} == {"ok"}
    assert {"strangers: read", "strangers: list", "strangers: write"} <= checks.keys()
    allow = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{bucket}/*"}
    document = {"Version": "2012-10-17", "Statement": [allow]}
    client(ceph).put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    checks = {check.what: check for check in check_mirror(settings, open_store(settings, tmp_path))}
    assert checks["strangers: read"].state == "bad"
    assert "public-access-block" in checks["strangers: read"].todo
    allow["Action"], allow["Resource"] = ["s3:ListBucket"], f"arn:aws:s3:::{bucket}"
    client(ceph).put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    checks = {check.what: check for check in check_mirror(settings, open_store(settings, tmp_path))}
    assert (checks["strangers: read"].state, checks["strangers: list"].state) == ("ok", "bad")
    assert list(open_store(settings, tmp_path).list("")) == [], "nothing of it stays"


def test_a_mirror_in_a_folder_is_looked_at_too(space: Callable[..., Space]) -> None:
    made = space(settings=MIRRORED)
    report = json.loads(made.call("doctor", "--store", "mirror", "--json").stdout)
    assert {(check["where"], check["what"]) for check in report["checks"]} >= {
        ("mirror", "write and read"),
        ("mirror", "private"),
    }
    assert report["ok"]


@pytest.mark.ceph
def test_the_set_up_identity_sets_up_and_touches_nothing_that_is_in_it(
    ceph: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The lines of config/s3/README.md, as a user who has this policy alone."""
    settings = _with_base(new_store(ceph))
    bucket, prefix = _bucket(settings)
    S3Store(settings).put(KEY, b"published")
    user, key, secret = new_user("setup")
    document = {"Version": "2012-10-17", "Statement": policy("setup-policy", bucket, prefix, user)}
    client(ceph).put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    setup = boto3.session.Session(key, secret).client("s3", endpoint_url=ceph, region_name="us-east-1")
    for refused in (
        lambda: setup.get_object(Bucket=bucket, Key=f"{prefix}/{KEY}"),
        lambda: setup.put_object(Bucket=bucket, Key=f"{prefix}/{KEY}", Body=b"another"),
        lambda: setup.delete_object(Bucket=bucket, Key=f"{prefix}/{KEY}"),
        lambda: setup.list_objects_v2(Bucket=bucket),
        lambda: setup.delete_bucket(Bucket=bucket),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()
    setup.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert setup.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    setup.put_bucket_cors(Bucket=bucket, CORSConfiguration=json.loads((CONFIG / "cors.json").read_text()))
    lifecycle = json.loads((CONFIG / "lifecycle.json").read_text().replace("PREFIX", prefix))
    setup.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=lifecycle)
    assert setup.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    document["Statement"] = [*policy("public-read-policy", bucket, prefix), *document["Statement"]]
    setup.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    checks = _checked(settings.model_copy(update={"single_writer": True}), tmp_path)
    assert {what: check.text for what, check in checks.items() if check.state == "bad"} == {}
