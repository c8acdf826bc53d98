"""The short way for small uploads: the request that boto3 would send, and boto3 itself wherever anything is unusual."""

from __future__ import annotations

import datetime as dt
import hashlib
import http.server
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from mediaarchive.config.settings import StoreSettings
from mediaarchive.stores import s3_direct
from mediaarchive.stores.s3_bucket import Bucket, ConditionFailed, connect

SIGNED = ("cache-control", "content-md5", "content-type", "host", "if-none-match", "x-amz-content-sha256", "x-amz-date")
KEY = "media/p-1/320-abcdef01.jpg"


class Server(http.server.ThreadingHTTPServer):
    """Keeps what it was sent. `answers`: (status, headers) of the next requests; then 200 and the MD5."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.connections: set[tuple[str, int]] = set()
        self.silently_closes = False


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers an upload."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.server.connections.add(self.client_address)
        etag = {"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'}
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, etag)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = self.server.silently_closes

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret/with+signs=")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token-of-the-hour")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


def settings(server: Server, scheme: str = "http") -> StoreSettings:
    endpoint = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    return StoreSettings(name="web", url="s3://bucket/site", endpoint=endpoint, region="eu-west-3", addressing="path")


def opened(server: Server, scheme: str = "http") -> Bucket:
    """A bucket whose way is known: boto3 sends the first upload."""
    bucket = connect(settings(server, scheme))
    bucket.write("first.txt", b"first")
    assert "Boto3" in agent(server.seen.pop()[1])
    server.connections.clear()
    return bucket


def agent(headers: dict[str, str]) -> str:
    return headers.get("user-agent", "")


def test_a_small_upload_is_signed_as_boto3_signs_it(server: Server) -> None:
    """The signature is computed again by botocore, of what arrived: headers, session token, body, date, region."""
    bucket = opened(server)
    bucket.write(KEY, b"photo", disposition="Wehubit - 1.jpg", IfNoneMatch="*")
    ((path, headers, body),) = server.seen
    assert path == f"/bucket/site/{KEY}"
    assert "Boto3" not in agent(headers)
    assert body == b"photo"
    assert headers["x-amz-security-token"] == "a-token-of-the-hour"
    assert headers["x-amz-meta-sha256"] == headers["x-amz-content-sha256"] == hashlib.sha256(b"photo").hexdigest()
    names = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert set(SIGNED) | {"x-amz-security-token", "x-amz-meta-sha256", "content-disposition"} <= set(names)

    request = AWSRequest("PUT", f"http://{headers['host']}{path}", {name: headers[name] for name in names}, body)
    signer = S3SigV4Auth(Credentials("someone", "secret/with+signs=", "a-token-of-the-hour"), "s3", "eu-west-3")
    request.context["timestamp"] = headers["x-amz-date"]
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert headers["authorization"].endswith(f"Signature={signature}")
    moment = dt.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    assert abs(dt.datetime.now(dt.UTC) - moment) < dt.timedelta(minutes=1)


def test_both_ways_say_the_same(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = opened(server)
    bucket.write(KEY, b"photo", disposition="Été.jpg", IfNoneMatch="*")
    monkeypatch.setattr(s3_direct, "LARGEST", 1)
    bucket.write(KEY, b"photo", disposition="Été.jpg", IfNoneMatch="*")
    (short_path, short, short_body), (long_path, long, long_body) = server.seen
    assert "Boto3" not in agent(short)
    assert "Boto3" in agent(long)
    assert (short_path, short_body) == (long_path, long_body)
    own = {"authorization", "x-amz-date", "user-agent", "accept-encoding", "accept"} | {
        name for name in long if name.startswith("amz-sdk")
    }
    assert {k: v for k, v in short.items() if k not in own} == {k: v for k, v in long.items() if k not in own}


def test_uploads_share_connections(server: Server) -> None:
    bucket = opened(server)
    for number in range(5):
        bucket.write(KEY, str(number).encode())
    assert len(server.seen) == 5
    assert len(server.connections) == 1


def test_a_connection_that_the_server_gave_up_is_made_anew(server: Server) -> None:
    bucket = opened(server)
    server.silently_closes = True
    for number in range(4):
        bucket.write(KEY, str(number).encode() * 50_000)
    assert ["Boto3" in agent(headers) for _, headers, _ in server.seen] == [False] * 4
    assert len(server.connections) == 4


def test_many_threads_upload_at_once(server: Server) -> None:
    bucket = opened(server)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: bucket.write(f"media/p-1/{number}.jpg", b"x" * number), range(1, 200)))
    assert sorted(len(body) for _, _, body in server.seen) == list(range(1, 200))
    assert not any("Boto3" in agent(headers) for _, headers, _ in server.seen)
    assert len(server.connections) <= 16


@pytest.mark.parametrize(
    "answer",
    [(503, {}), (200, {}), (307, {"Location": "http://127.0.0.1:1/elsewhere"}), (403, {})],
    ids=["busy", "an error as a success", "moved", "forbidden"],
)
def test_what_is_no_plain_success_is_sent_by_boto3(server: Server, answer: tuple[int, dict[str, str]]) -> None:
    bucket = opened(server)
    server.answers = [answer]
    written = bucket.write(KEY, b"photo")
    assert written.version == hashlib.md5(b"photo", usedforsecurity=False).hexdigest()
    assert ["Boto3" in agent(headers) for _, headers, _ in server.seen] == [False, True]
    bucket.write(KEY, b"another")
    assert "Boto3" in agent(server.seen[-1][1])  # the short way rests
    bucket.direct._rests_until = 0.0
    bucket.write(KEY, b"a third")
    assert "Boto3" not in agent(server.seen[-1][1])


def test_a_name_that_is_taken_is_asked_for_once(server: Server) -> None:
    bucket = opened(server)
    server.answers = [(412, {})]
    with pytest.raises(ConditionFailed):
        bucket.write(KEY, b"photo", IfNoneMatch="*")
    bucket.write(KEY, b"photo")
    assert ["Boto3" in agent(headers) for _, headers, _ in server.seen] == [False, False]


def test_an_encrypting_server_is_heard(server: Server) -> None:
    """AWS KMS: its ETag is no MD5, and says nothing about the bytes."""
    bucket = opened(server)
    server.answers = [(200, {"ETag": f'"{"0" * 32}"', "x-amz-server-side-encryption": "aws:kms"})]
    written = bucket.write(KEY, b"photo")
    assert not written.summed
    assert len(server.seen) == 1


def test_a_pointer_goes_the_long_way(server: Server) -> None:
    bucket = opened(server)
    bucket.write(KEY, b"pointer", IfMatch="0" * 32)
    assert "Boto3" in agent(server.seen[-1][1])


def test_where_libcurl_does_not_start_boto3_sends_everything(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycurl", None)
    s3_direct._curl.cache_clear()
    bucket = opened(server)
    bucket.write(KEY, b"photo")
    s3_direct._curl.cache_clear()
    assert "Boto3" in agent(server.seen[-1][1])


def test_without_credentials_boto3_says_so(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Exception, match="no credentials"):
        connect(settings(server)).write(KEY, b"photo")
    assert server.seen == []


def test_a_certificate_of_ones_own_is_trusted_as_boto3_trusts_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_CA_BUNDLE names it; without that neither way sends anything."""
    pem = tmp_path / "own.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(pem), "-out", str(tmp_path / "cert.pem")]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with pytest.raises(Exception, match="connection to"):
        connect(settings(server, "https")).write(KEY, b"photo")
    assert server.seen == []
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "cert.pem"))
    opened(server, "https").write(KEY, b"photo")
    assert ["Boto3" in agent(headers) for _, headers, _ in server.seen] == [False]


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://wehubit.s3.eu-west-3.amazonaws.com/site/k", "https://wehubit.s3.eu-west-3.amazonaws.com/"),
        ("https://s3.example.org/wehubit/site/k", "https://s3.example.org/wehubit/"),
        ("https://example.org/s3/wehubit/site/k", "https://example.org/s3/wehubit/"),
        ("https://wehubit.example.org/wehubit/k", "https://wehubit.example.org/"),
        ("https://other.example.org/site/k", None),
    ],
)
def test_a_bucket_is_addressed_as_boto3_addresses_it(server: Server, url: str, known: str | None) -> None:
    bucket = connect(settings(server).model_copy(update={"url": "s3://wehubit/site"}))
    signature = (
        "AWS4-HMAC-SHA256 Credential=someone/20261125/eu-west-3/s3/aws4_request, SignedHeaders=host, Signature=0"
    )
    bucket.direct._learn(AWSRequest("PUT", url, {"Authorization": signature}))
    way = bucket.direct._way
    assert (way.base if way else None) == known
    bucket.direct._way = None
    bucket.direct._learn(AWSRequest("PUT", url, {"Authorization": signature.replace("/s3/", "/s3express/")}))
    assert bucket.direct._way is None
