"""The short way for small uploads: the request that boto3 would send, signed and sent by libcurl, in a fifth of the CPU.

One interpreter prepares the requests of all threads, and boto3 takes over a millisecond for each: more than the server. So
boto3 sends the first one, which shows where the bucket is and for which region one signs; the others go as it went. Whatever
isn't answered by plain success goes the long way again, through boto3, which knows retries, redirects and every error. So
nothing here raises: a server, a proxy or a certificate that libcurl can't handle costs an attempt in thirty seconds, and
where libcurl doesn't start, boto3 sends everything.
"""

from __future__ import annotations

import io
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from mediaarchive.stores.s3_lines import SLOW

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_s3.client import S3Client

LARGEST: Final = 256 * 1024  # bytes: beyond, the line is what takes time
_REST: Final = 30.0  # seconds without the short way after it failed
_PLAIN: Final = re.compile(r"[A-Za-z0-9/._-]+")  # keys that no two libraries quote differently
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/([^/]+)/s3/aws4_request")  # of a signature, version 4
TAKEN: Final = {"Status": "412"}  # the answer to If-None-Match where there is something
# There was no answer in time: by boto3 there would be none either, after the same time again.
SILENT: Final = {"Status": "0"}
_TIMED_OUT: Final = -1
_CONFLICT: Final = 409  # two writers met: no fault of this way
_NAMES: Final = {
    "ContentType": "Content-Type",
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentMD5": "Content-MD5",
    "IfNoneMatch": "If-None-Match",
}
_USUAL: Final = _NAMES.keys() | {"Metadata"}
_ANSWERS: Final = {
    "etag": "ETag",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
}


@dataclass(frozen=True, kw_only=True)
class _Way:
    """What all requests have in common. `curl`: the module pycurl; `base`: the URL that a key is added to."""

    curl: Any
    base: str
    region: str
    credentials: Any
    authorities: str


class Direct:
    """Small uploads into one bucket, with the credentials, the address and the certificates of a boto3 client.

    Args:
        session: botocore's, whose credentials and whose `ca_bundle` hold.
        client: of that session, with signature version 4.
        bucket: its name.
        timeouts: seconds to connect, and without any progress.
    """

    def __init__(self, session: Session, client: S3Client, bucket: str, timeouts: tuple[float, float]) -> None:
        self._session, self._bucket, self._timeouts = session, bucket, timeouts
        self._rooted = urlsplit(client.meta.endpoint_url).path in {"", "/"}
        self._way: _Way | None = None
        self._idle: list[Any] = []  # handles, each with a connection that is still open
        self._rests_until = 0.0
        client.meta.events.register("before-send.s3.PutObject", self._learn)

    def put(self, key: str, data: bytes, sha256: str, parameters: Mapping[str, Any]) -> Mapping[str, str] | None:
        """Upload `data`, if it can be done this way.

        Args:
            key: in the bucket.
            data: the body.
            sha256: its digest (hex).
            parameters: of boto3's `put_object`.

        Returns:
            What boto3's reply would say of ETag and encryption, or `TAKEN`, or `SILENT`; None: send it by boto3.
        """
        usual = len(data) <= LARGEST and _PLAIN.fullmatch(key) and parameters.keys() <= _USUAL
        way = self._way
        if not usual or way is None or time.monotonic() < self._rests_until:
            return None
        started = time.monotonic()
        status, answer = self._sent(way, key, data, sha256, parameters)
        if status == 200 and answer.get("ETag"):
            return answer
        if status == 412 and "IfNoneMatch" in parameters:
            return TAKEN
        if status != _CONFLICT:
            self._rests_until = time.monotonic() + _REST
        slow = time.monotonic() - started >= SLOW and not 200 <= status < 500
        return SILENT if slow or status == _TIMED_OUT else None

    def _sent(
        self, way: _Way, key: str, data: bytes, sha256: str, parameters: Mapping[str, Any]
    ) -> tuple[int, dict[str, str]]:
        """Status (0: there was no answer, -1: nor could be waited for) and what the answer's headers say."""
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

        pycurl = way.curl
        lines: list[bytes] = []
        try:
            handle = self._idle_handle() or pycurl.Curl()
            self._prepare(handle, way, key, sha256, parameters)
            handle.setopt(pycurl.INFILESIZE, len(data))
            body = io.BytesIO(data)
            handle.setopt(pycurl.READFUNCTION, body.read)
            handle.setopt(pycurl.SEEKFUNCTION, lambda offset, _: body.seek(offset) and pycurl.SEEKFUNC_OK)
            handle.setopt(pycurl.HEADERFUNCTION, lines.append)
            handle.setopt(pycurl.WRITEFUNCTION, lambda _body: None)
            handle.perform()
            status = int(handle.getinfo(pycurl.RESPONSE_CODE))
        except (pycurl.error, BotoCoreError, ValueError) as error:
            late = isinstance(error, pycurl.error) and error.args[0] == pycurl.E_OPERATION_TIMEDOUT
            return _TIMED_OUT if late else 0, {}
        self._idle.append(handle)
        pairs = (line.decode("latin-1").partition(":") for line in lines)
        said = {name.strip().lower(): value.strip() for name, _, value in pairs}
        return status, {_ANSWERS[name]: value for name, value in said.items() if name in _ANSWERS}

    def _idle_handle(self) -> Any | None:  # noqa: ANN401 - pycurl has no types
        try:
            return self._idle.pop()
        except IndexError:  # asking first whether there is one would be a race
            return None

    def _prepare(self, handle: Any, way: _Way, key: str, sha256: str, parameters: Mapping[str, Any]) -> None:  # noqa: ANN401
        """Everything but the body. A handle keeps its connection through a reset."""
        pycurl, keys = way.curl, way.credentials.get_frozen_credentials()
        headers = {_NAMES[name]: value for name, value in parameters.items() if name in _NAMES}
        headers |= {f"x-amz-meta-{name}": value for name, value in parameters.get("Metadata", {}).items()}
        headers |= {"x-amz-content-sha256": sha256} | ({"x-amz-security-token": keys.token} if keys.token else {})
        handle.reset()
        handle.setopt(pycurl.URL, way.base + key)
        handle.setopt(pycurl.UPLOAD, 1)
        handle.setopt(pycurl.NOSIGNAL, 1)  # or its timeouts would interrupt other threads
        handle.setopt(pycurl.UPLOAD_BUFFERSIZE, LARGEST)
        handle.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        handle.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in headers.items()] + ["Expect:"])
        handle.setopt(pycurl.AWS_SIGV4, f"aws:amz:{way.region}:s3")
        handle.setopt(pycurl.USERNAME, keys.access_key)
        handle.setopt(pycurl.PASSWORD, keys.secret_key)
        handle.setopt(pycurl.CAINFO, way.authorities)
        handle.setopt(pycurl.CONNECTTIMEOUT_MS, round(1000 * self._timeouts[0]))
        handle.setopt(pycurl.LOW_SPEED_LIMIT, 1)
        handle.setopt(pycurl.LOW_SPEED_TIME, math.ceil(self._timeouts[1]))

    def _learn(self, request: Any, **_event: object) -> None:  # noqa: ANN401 - botocore's own
        """Go as this request of boto3 goes, unless it goes in an unusual way."""
        from botocore.httpsession import get_cert_path  # noqa: PLC0415

        where = urlsplit(request.url)
        before, named, _ = where.path.partition(f"/{self._bucket}/")
        own_host = where.netloc.startswith(f"{self._bucket}.")
        signature = request.headers.get("Authorization", "")
        scope = _SCOPE.search(signature.decode("ascii") if isinstance(signature, bytes) else signature)
        credentials = self._session.get_credentials()
        curl = _curl()
        if curl and scope and credentials and ((own_host and self._rooted) or (named and not own_host)):
            self._way = _Way(
                curl=curl,
                base=f"{where.scheme}://{where.netloc}{'/' if own_host else before + named}",
                region=scope[1],
                credentials=credentials,
                authorities=str(self._session.get_config_variable("ca_bundle") or get_cert_path(True)),
            )


@cache
def _curl() -> Any | None:  # noqa: ANN401 - pycurl has no types
    """libcurl, or None where it doesn't start: it is particular about the TLS library that it finds."""
    try:
        import pycurl  # noqa: PLC0415 - publishers only
    except ImportError:
        return None
    return pycurl
