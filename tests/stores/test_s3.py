"""What a publisher meets at a bucket: refusals in words, secrets kept, versions removed."""

from __future__ import annotations

import socket
import traceback
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fault_proxy import Fault, FaultProxy
from s3_buckets import client, new_store

from mediaarchive.config.settings import StoreSettings
from mediaarchive.errors import ConfigError, Exists, StoreError, StoreRefused
from mediaarchive.stores.s3 import S3Store
from mediaarchive.testing.stores import POINTER, digest, media


def _settings(**given: str) -> StoreSettings:
    return StoreSettings.model_validate({"url": "s3://bucket/site", "addressing": "path"} | given)


def test_a_bucket_that_is_missing_is_named(moto: str) -> None:
    with pytest.raises(StoreRefused, match=r"the bucket nobodys-bucket at http.* does not exist") as refusal:
        S3Store(_settings(url="s3://nobodys-bucket/site", endpoint=moto)).check()
    assert "create it" in str(refusal.value.hint)


def test_missing_credentials_are_named(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = new_store(moto)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(StoreRefused, match="no credentials") as refusal:
        S3Store(settings).check()
    assert "AWS_ACCESS_KEY_ID" in str(refusal.value.hint)


def test_a_server_that_does_not_answer_is_refused(keys: None, no_waits: None) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(StoreRefused, match=r"can't be used: the connection to .* failed") as refusal:
            S3Store(_settings(endpoint=endpoint)).check()
    assert endpoint in str(refusal.value)


@pytest.mark.parametrize(
    ("status", "code", "text"),
    [
        (403, "AccessDenied", "these credentials may not do this"),
        (403, "InvalidAccessKeyId", "access key is unknown"),
        (403, "SignatureDoesNotMatch", "secret key is wrong"),
        (403, "RequestTimeTooSkewed", "clock is wrong"),
        (400, "ExpiredToken", "have expired"),
        (301, "PermanentRedirect", "another region"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(proxy: FaultProxy, status: int, code: str, text: str) -> None:
    settings = new_store(proxy.upstream, through=proxy.endpoint)
    proxy.faults = [Fault("answer", "GET", status=status, code=code, times=100)]
    with pytest.raises(StoreRefused, match=text) as refusal:
        S3Store(settings).check()
    assert refusal.value.hint


def test_no_error_tells_a_secret(proxy: FaultProxy) -> None:
    settings = new_store(proxy.upstream, through=proxy.endpoint)
    proxy.faults = [Fault("answer", status=403, code="SignatureDoesNotMatch", times=100)]
    with pytest.raises(StoreRefused) as refusal:
        S3Store(settings).put(POINTER, b"x")
    told = "".join(traceback.format_exception(refusal.value)) + repr(refusal.value)
    assert "testing-secret" not in told
    assert "Signature=" not in told


@pytest.mark.parametrize("url", ["s3://KEY:SECRET@bucket/x", "s3://", "s3://b", "s3://bucket/a//b", "s3://bucket/../x"])
def test_an_address_that_is_none_is_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        S3Store(_settings(url=url))
    assert "SECRET" not in str(refusal.value)


def test_a_takedown_removes_every_version(moto: str) -> None:
    settings = new_store(moto, versioned=True)
    store = S3Store(settings)
    for data in (b"one", b"two", b"three"):
        store.put("media/a.jpg", data)
    store.put("media/a.jpg.txt", b"another")
    bucket, _, key = urlsplit(store.url("media/a.jpg")).path[1:].partition("/")
    client(moto).delete_object(Bucket=bucket, Key=key)
    store.delete("media/a.jpg")
    left = client(moto).list_object_versions(Bucket=bucket, Prefix=key)
    assert [version["Key"] for version in left["Versions"]] == [f"{key}.txt"]
    assert "DeleteMarkers" not in left


def test_objects_of_other_tools_are_compared_by_their_bytes(moto: str) -> None:
    """Somebody restored the bucket with a program that keeps no metadata."""
    store = S3Store(new_store(moto))
    bucket, _, key = urlsplit(store.url(media(b"photo"))).path[1:].partition("/")
    client(moto).put_object(Bucket=bucket, Key=key, Body=b"photo")
    assert store.create(media(b"photo"), b"photo", sha256=digest(b"photo")).sha256 == digest(b"photo")
    client(moto).put_object(Bucket=bucket, Key=key, Body=b"ph0to")
    with pytest.raises(Exists):
        store.create(media(b"photo"), b"photo", sha256=digest(b"photo"))


def test_neither_probes_nor_odd_names_of_others_are_listed(moto: str) -> None:
    store = S3Store(new_store(moto))
    store.check()
    bucket, _, prefix = urlsplit(store.url("x")).path[1:-1].partition("/")
    for odd in (".mediaarchive/conditions-1", "folder/", "größe.txt", "a//b"):
        client(moto).put_object(Bucket=bucket, Key=prefix + odd, Body=b"x")
    store.put("a.txt", b"x")
    assert [stat.key for stat in store.list("")] == ["a.txt"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "https://bucket.s3.amazonaws.com/site/media/a.jpg"),
        ({"endpoint": "https://s3.example.org"}, "https://s3.example.org/bucket/site/media/a.jpg"),
        ({"base_url": "https://media.example.org/"}, "https://media.example.org/media/a.jpg"),
    ],
)
def test_a_reader_is_sent_to_the_public_address(given: dict[str, str], url: str) -> None:
    assert S3Store(_settings(**given)).url("media/a.jpg") == url


@pytest.mark.ceph
def test_a_real_server_refuses_a_wrong_secret(ceph: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = new_store(ceph)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StoreRefused, match="secret key is wrong"):
        S3Store(settings).check()


@pytest.mark.ceph
def test_a_real_server_is_found_out_by_what_it_does(ceph: str) -> None:
    """Plain buckets of radosgw 16 have compare-and-swap with bare ETags, versioned ones have none."""
    plain = S3Store(new_store(ceph))
    plain.check()
    assert plain._conditions().match in {"bare", "quoted"}
    with pytest.raises(StoreRefused, match="compare-and-swap"):
        S3Store(new_store(ceph, versioned=True)).check()


@pytest.mark.ceph
def test_a_real_server_refuses_damaged_bytes(ceph: str, no_waits: None) -> None:
    with FaultProxy(ceph) as between:
        store = S3Store(new_store(ceph, through=between.endpoint))
        store.check()
        between.faults = [Fault("flip", "PUT", times=2)]  # on the short way, and again on the long one
        with pytest.raises(Exception, match="damaged on the way"):
            store.put(POINTER, b"manifest")
        assert store.get(POINTER) is None
        between.faults = [Fault("lost", "PUT")]
        assert store.swap(POINTER, b"manifest", None).sha256 == digest(b"manifest")


@pytest.mark.ceph
def test_a_film_arrives_at_a_real_server_in_spite_of_everything(ceph: str, no_waits: None, tmp_path: Path) -> None:
    """It breaks off, goes on where it stopped (a young upload isn't swept), and the reply of its completion is lost."""
    data = b"film" * (10 * 1024 * 1024)
    film = tmp_path / "film"
    film.write_bytes(data)
    key = media(data, "1080p", "mp4")
    with FaultProxy(ceph) as between:
        store = S3Store(new_store(ceph, through=between.endpoint))
        between.faults = [Fault("answer", "PUT", path="partNumber=3", times=3)]
        with pytest.raises(StoreError):
            store.create(key, film, sha256=digest(data))
        assert store.sweep() == 0
        between.log.clear()
        between.faults = [Fault("lost", "POST", path="uploadId")]
        store.create(key, film, sha256=digest(data))
        assert (between.count("PUT"), between.count("POST")) == (1, 2)
        assert digest((store.get(key) or (b"",))[0]) == digest(data)


def _summed(store: S3Store, tmp_path: Path) -> None:
    """Small and large objects and projections: the version that a list gives is the checksum that was computed here."""
    film = tmp_path / "film"
    film.write_bytes(bytes(range(256)) * (20 * 4096))
    whole = digest(film.read_bytes())
    made = [
        store.create(media(b"photo"), b"photo", sha256=digest(b"photo")),
        store.create(media(film.read_bytes(), "1080p", "mp4"), film, sha256=whole),
        store.put(POINTER, b"{}"),
    ]
    assert all(stat.summed for stat in made)
    assert {stat.key: stat.version for stat in store.list("")} == {stat.key: stat.version for stat in made}


def test_an_object_s_checksum_is_known_without_asking_for_it(moto: str, tmp_path: Path) -> None:
    _summed(S3Store(new_store(moto)), tmp_path)


@pytest.mark.ceph
@pytest.mark.parametrize("versioned", [False, True])
def test_a_real_server_gives_the_same_checksums(ceph: str, tmp_path: Path, *, versioned: bool) -> None:
    _summed(S3Store(new_store(ceph, versioned=versioned, single_writer=versioned)), tmp_path)


def test_an_etag_that_is_no_checksum_is_never_taken_for_one(moto: str) -> None:
    """As AWS answers where a bucket encrypts with KMS: 32 hexadecimal digits that are nobody's MD5."""
    store = S3Store(new_store(moto))

    def encrypted(parsed: dict[str, str], **_event: object) -> None:
        parsed |= {"ETag": f'"{"0" * 32}"', "ServerSideEncryption": "aws:kms"}

    store._bucket.client.meta.events.register("after-call.s3.PutObject", encrypted)
    photo = b"photo" * 100_000  # too large for the short way
    made = store.create(media(photo), photo, sha256=digest(photo))
    assert made.sent
    assert not made.summed
