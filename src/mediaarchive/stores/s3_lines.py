"""How long boto3 waits on a line: for any sign of life as long as the settings say, whichever way the bytes go, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def be_patient(client: S3Client, seconds: float) -> None:
    """Wait `seconds` for the server to take more of a body, and send nothing again by boto3 that wasn't answered in time.

    urllib3 gives up sending after the few seconds that a connection may take to come about: a film on a thin line, where
    four parts share a full buffer, was broken off while it lived. And boto3 would wait for a silent server three times.
    """
    from botocore.awsrequest import (  # noqa: PLC0415 - publishers only
        AWSHTTPConnection,
        AWSHTTPConnectionPool,
        AWSHTTPSConnection,
        AWSHTTPSConnectionPool,
    )

    class Plain(AWSHTTPConnection):
        def send(self, data: Any) -> Any:  # noqa: ANN401 - botocore's own
            _allow(self, seconds)
            return super().send(data)

    class Secure(AWSHTTPSConnection):
        def send(self, data: Any) -> Any:  # noqa: ANN401 - botocore's own
            _allow(self, seconds)
            return super().send(data)

    class PlainPool(AWSHTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(AWSHTTPSConnectionPool):
        ConnectionCls = Secure

    # There is no public way; The test of a thin line fails when this one is gone.
    session = client._endpoint.http_session  # type: ignore[attr-defined] # noqa: SLF001
    session._pool_classes_by_scheme.update(http=PlainPool, https=SecurePool)  # noqa: SLF001
    client.meta.events.register_first("needs-retry.s3", _ask_once)


def _allow(connection: Any, seconds: float) -> None:  # noqa: ANN401 - botocore's own
    if connection.sock is not None:  # None before the first bytes, which are few
        connection.sock.settimeout(seconds)


def _ask_once(caught_exception: BaseException | None = None, **_event: object) -> None:
    """Raise what took all our patience; every other failure is left to boto3's own judgement."""
    if caught_exception is not None and timed_out(caught_exception):
        raise caught_exception


def timed_out(error: BaseException) -> bool:
    """Whether a request failed because nothing happened for too long, rather than because the line broke."""
    from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError  # noqa: PLC0415 - publishers only

    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return True
    hidden = error.__context__  # botocore calls what took too long to send a closed connection
    return hidden is not None and any(isinstance(part, TimeoutError) for part in (hidden, *hidden.args))
