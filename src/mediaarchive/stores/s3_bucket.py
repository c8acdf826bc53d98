"""A bucket as the rest of the S3 store sees it: one client, the calls it needs, and their failures in our own words."""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mediaarchive import layout
from mediaarchive.errors import ConfigError, Damaged, StoreError, StoreRefused
from mediaarchive.ports import Stat
from mediaarchive.stores import objects
from mediaarchive.stores.faults import Overloaded, Silent, Transient
from mediaarchive.stores.s3_direct import SILENT, TAKEN, Direct
from mediaarchive.stores.s3_lines import be_patient, timed_out

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_s3.client import S3Client

    from mediaarchive.config.settings import StoreSettings

T = TypeVar("T")
CONNECT: Final = 5.0  # seconds for a connection to come about
THREADS: Final = 32  # callers served at once without waiting for a connection
ATTEMPTS: Final = (
    3  # of boto3, in all; the wrapper above goes on, and waits less: a storm of 60 x 503 took 6 s, with 8 here 47 s
)
_URL = re.compile(r"s3://([A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])(?:/(.*))?")
ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchUpload"})
NOT_SUPPORTED: Final = frozenset({"NotImplemented", "MethodNotAllowed", "InvalidArgument", "501", "405"})
_LOST: Final = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
_BUSY = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestTimeout", "OperationAborted"}
) | {"InternalError", "ServiceUnavailable", "IncompleteBody"}
_DIGEST = frozenset({"BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest"})
_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "NoSuchBucket": ("does not exist", "create it, or correct [[store]] url"),
    "InvalidAccessKeyId": (
        "can't be used: the access key is unknown there",
        "check AWS_ACCESS_KEY_ID, or the profile in ~/.aws",
    ),
    "SignatureDoesNotMatch": ("can't be used: the secret key is wrong", "check AWS_SECRET_ACCESS_KEY, or ~/.aws"),
    "RequestTimeTooSkewed": ("refuses us: this machine's clock is wrong", "set the clock (timedatectl set-ntp true)"),
    "ExpiredToken": ("can't be used: the session's credentials have expired", "sign in again"),
    "PermanentRedirect": ("lies in another region", "set region in [[store]]"),
    "AuthorizationHeaderMalformed": ("lies in another region", "set region in [[store]]"),
    "IllegalLocationConstraintException": ("lies in another region", "set region in [[store]]"),
}
_FORBIDDEN = (
    "refuses us: these credentials may not do this",
    "compare the identity's policy with config/s3/publisher-policy.json",
)


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Where one store's objects are. `place` names it in errors; `prefix` is empty or ends with a slash.

    `direct`: the short way for small uploads.
    """

    client: S3Client
    bucket: str
    prefix: str
    place: str
    direct: Direct

    def head(self, key: str) -> Stat | None:
        """What the server says of an object, or None."""
        return self._unless_absent(key, self._head)

    def _head(self, key: str) -> Stat:
        reply = self.client.head_object(Bucket=self.bucket, Key=self.prefix + key)
        return Stat(
            key=key,
            bytes=reply["ContentLength"],
            version=self._version(key, reply),
            sha256=recorded_sha256(reply["Metadata"]),
        )

    def read(self, key: str) -> tuple[bytes, str] | None:
        """The bytes and their version, or None.

        Raises:
            Damaged: they are not those that the upload recorded, twice: a bit that flipped on the way doesn't flip again.
        """
        try:
            return self._unless_absent(key, self._read)
        except Damaged:
            return self._unless_absent(key, self._read)

    def _read(self, key: str) -> tuple[bytes, str]:
        reply = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)
        version = self._version(key, reply)
        data = reply["Body"].read()
        promised = recorded_sha256(reply["Metadata"])
        if len(data) != reply["ContentLength"]:
            raise Transient(f"{self.place}: {key} came incomplete")
        if promised is not None:
            objects.verify(hashlib.sha256(data).hexdigest(), promised, key)
        return data, version

    def _unless_absent(self, key: str, ask: Callable[[str], T]) -> T | None:
        """What is asked of an object, or None if it isn't there.

        Whoever may list below a prefix only, as our policies have it, is told 403 for what isn't there instead of 404. Then a
        list tells.
        """
        try:
            with self.translated(key):
                return ask(key)
        except Absent:
            return None
        except Forbidden:
            with self.translated(key):
                reply = self.client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix + key, MaxKeys=1)
            if any(found["Key"] == self.prefix + key for found in reply.get("Contents", ())):
                raise
            return None

    def _version(self, key: str, reply: Mapping[str, Any]) -> str:
        """The version of an answer that holds an object; an error sent as a success (status 200) has none."""
        if not (version := bare(reply.get("ETag", ""))):
            raise Transient(f"{self.place}: the answer for {key} is not that of an object")
        return version

    def write(self, key: str, data: bytes, *, disposition: str | None = None, **condition: str) -> Stat:
        """Upload in one request; `condition` is IfMatch or IfNoneMatch.

        The server is told MD5 and SHA-256 of the body, and its answer is compared: an ETag that is the MD5 proves that
        the bytes arrived. Another ETag (a provider's own way) proves nothing: then they are read back.

        Raises:
            Damaged: the server stored other bytes.
            ConditionFailed: there is something else than `condition` says.
            StoreError: as `translated` says.
        """
        digest = hashlib.sha256(data).hexdigest()
        md5 = hashlib.md5(data, usedforsecurity=False)
        parameters = headers(key, digest, disposition) | condition | {"ContentMD5": b64encode(md5.digest()).decode()}
        reply: Mapping[str, Any] | None = self.direct.put(self.prefix + key, data, digest, parameters)
        if reply is TAKEN:
            raise ConditionFailed(f"{self.place}: {key} is not as expected")
        if reply is SILENT:
            raise _silence(self.place)
        if reply is None:
            with self.translated(key):
                reply = self.client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=data, **parameters)
        version = bare(reply.get("ETag", ""))
        summed = version == md5.hexdigest()
        if not summed and not (version and opaque_etag(reply)):
            version = self._read_back(key, digest, version)
        return Stat(key=key, bytes=len(data), version=version, sha256=digest, sent=True, summed=summed)

    def _read_back(self, key: str, digest: str, version: str) -> str:
        """The version of what is there, if it is what we wrote."""
        with contextlib.suppress(Absent), self.translated(key):
            reply = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)
            found = self._version(key, reply)
            if found != version and version:
                return version  # somebody wrote after us: theirs is not ours to judge
            if hashlib.sha256(reply["Body"].read()).hexdigest() == digest:
                return found
            raise Damaged(f"{self.place} stored other bytes for {key} than it was given", hint="run again")
        raise Transient(f"{self.place}: {key} is not there right after it was written")

    def fetch(self, key: str, target: Path | None = None) -> str | None:
        """SHA-256 (hex) of what is there, read to its end (into the new file `target`, if one is given), or None."""
        with contextlib.suppress(Absent), self.translated(key):
            reply = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)
            self._version(key, reply)
            return objects.receive(reply["Body"].iter_chunks(objects.CHUNK), target)
        return None

    @contextlib.contextmanager
    def translated(self, key: str) -> Iterator[None]:
        """Turn the client library's errors into ours, in words; no header, key or URL of a request gets into them."""
        from botocore import exceptions as boto  # noqa: PLC0415
        from botocore.parsers import ResponseParserError  # noqa: PLC0415

        try:
            yield
        except boto.ClientError as error:
            raise self._answer(key, error) from error
        except (
            boto.NoCredentialsError,
            boto.PartialCredentialsError,
            boto.CredentialRetrievalError,
            boto.SSOError,
        ) as error:
            raise StoreRefused(
                f"no credentials for {self.place} were found",
                hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in ~/.aws (AWS_PROFILE)",
            ) from error
        except (boto.IncompleteReadError, boto.ResponseStreamingError, ResponseParserError) as error:
            raise Transient(f"{self.place}: {key} came incomplete or damaged") from error
        except (
            boto.HTTPClientError,
            boto.ConnectionError,
        ) as error:  # refused, timed out, broken off, no such host, TLS
            if timed_out(error):
                raise _silence(self.place) from error
            raise Transient(f"the connection to {self.place} failed ({type(error).__name__})") from error
        except boto.BotoCoreError as error:
            raise StoreError(f"{self.place}: {key}: {type(error).__name__}") from error

    def _answer(self, key: str, error: ClientError) -> StoreError | StoreRefused:
        """Our error for the server's."""
        code, status = code_of(error), status_of(error)
        if code in _REFUSALS:
            text, hint = _REFUSALS[code]
            return StoreRefused(f"{self.place} {text}", hint=hint)
        if code in _DIGEST:
            return Transient(f"{key} was damaged on the way to {self.place}, which refused it")
        if code in _LOST:
            return ConditionFailed(f"{self.place}: {key} is not as expected")
        if code in ABSENT:
            return Absent(f"{self.place}: {key} is not there")
        if code in NOT_SUPPORTED or status in {405, 501}:
            return NotSupported(f"{self.place} can't do this with {key} ({code})")
        if code in _BUSY or status >= 500 or status in {408, 429}:
            return Overloaded(f"{self.place} is busy or broken ({code})", retry_after=_retry_after(error))
        if status in {401, 403}:
            text, hint = _FORBIDDEN
            return Forbidden(f"{self.place} {text}: {key} ({code})", hint=hint)
        return StoreError(f"{self.place}: {key}: the server answered {status} {code}")


def _silence(place: str) -> Silent:
    return Silent(f"{place} doesn't answer", hint="see whether its server and the network are up, then run again")


class Absent(StoreError):
    """There is no such object."""


class Forbidden(StoreRefused):
    """These credentials may not do this."""


class NotSupported(StoreError):
    """The server doesn't know this request or header."""


class ConditionFailed(StoreError):
    """If-Match or If-None-Match didn't hold, or two writers met."""


def connect(settings: StoreSettings, attempts: int = ATTEMPTS) -> Bucket:
    """A bucket from its settings. Credentials come from boto3's own chain only.

    `when_required` leaves out checksums that several providers and older radosgw refuse. Signing the payload keeps its
    SHA-256 in the request over https too.

    Raises:
        ConfigError: the URL isn't `s3://bucket/prefix`, or holds a password.
    """
    import boto3.session  # noqa: PLC0415
    import botocore.session  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    bucket, prefix = parse_url(settings.url)
    config = Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=min(CONNECT, settings.timeout),
        read_timeout=settings.timeout,
        max_pool_connections=THREADS + 4,
        s3={"addressing_style": settings.addressing, "payload_signing_enabled": True},
    )
    try:
        session = botocore.session.get_session()
        session.register_component("data_loader", _descriptions())
        client = boto3.session.Session(botocore_session=session).client(
            "s3", endpoint_url=settings.endpoint or None, region_name=settings.region or None, config=config
        )
    except (BotoCoreError, ValueError) as error:
        raise StoreRefused(
            f"the store {settings.name} can't be used: {error}", hint="check [[store]] and ~/.aws"
        ) from error
    client.meta.events.register_last("before-call.s3", _send_at_once)  # after what adds it
    place = f"the bucket {bucket} at {settings.endpoint}" if settings.endpoint else f"the bucket {bucket}"
    be_patient(client, settings.timeout, lambda: _silence(place))
    direct = Direct(session, client, bucket, (min(CONNECT, settings.timeout), settings.timeout))
    return Bucket(client=client, bucket=bucket, prefix=prefix, place=place, direct=direct)


@lru_cache(maxsize=1)
def _descriptions() -> Any:  # noqa: ANN401 - botocore's own
    """What botocore knows of services, read once for all clients: 60 of the 70 ms of CPU that one costs."""
    import botocore.session  # noqa: PLC0415

    return botocore.session.get_session().get_component("data_loader")


def _send_at_once(model: Any, params: dict[str, Any], **_event: object) -> None:  # noqa: ANN401 - botocore's own
    """Don't ask whether a body may be sent: for the few bytes of one request, the answer costs more than the sending."""
    if model.name == "PutObject":
        params["headers"].pop("Expect", None)


def parse_url(url: str) -> tuple[str, str]:
    """Bucket and prefix (empty, or ending with a slash) of `s3://bucket/prefix`.

    Raises:
        ConfigError: it isn't one; the text doesn't repeat what may be a password.
    """
    if "@" in url:
        raise ConfigError(
            "the url of a store must not hold a key or password", hint="credentials belong in the environment or ~/.aws"
        )
    match = _URL.fullmatch(url)
    prefix = (match[2] or "").rstrip("/") if match else ""
    if not match or (prefix and not all(map(objects.is_part, prefix.split("/")))):
        raise ConfigError(f"{url} is not the address of a bucket", hint="write s3://bucket or s3://bucket/prefix")
    return match[1], f"{prefix}/" if prefix else ""


def headers(key: str, sha256: str, disposition: str | None) -> dict[str, Any]:
    """What is stored with an object, from its name alone but for the proposed file name."""
    shown = objects.disposition_header(key, disposition)
    return {
        "ContentType": layout.content_type(key),
        "CacheControl": layout.cache_control(key),
        "Metadata": {"sha256": sha256},
    } | ({"ContentDisposition": shown} if shown else {})


def recorded_sha256(metadata: Mapping[str, str]) -> str | None:
    """The digest recorded at upload: a claim, checked then. Some servers change the case of the name."""
    return next((value.lower() for name, value in metadata.items() if name.lower() == "sha256"), None)


def bare(etag: str) -> str:
    """An ETag without its quotes."""
    return etag.removeprefix("W/").strip('"')


def opaque_etag(reply: Mapping[str, Any]) -> bool:
    """Whether the server encrypted with keys that make its ETags no MD5: AWS, which verifies what it receives itself."""
    return str(reply.get("ServerSideEncryption", "")).startswith("aws:kms") or "SSECustomerAlgorithm" in reply


def code_of(error: ClientError) -> str:
    """The server's own code, or the status where a reply has no body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _retry_after(error: ClientError) -> float | None:
    """Seconds that the server asked us to wait: a number, or an HTTP date."""
    value = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after", "")
    if value.isdigit():
        return float(value)
    moment = email.utils.parsedate_tz(value) if value else None
    return max(0.0, email.utils.mktime_tz(moment) - time.time()) if moment else None
