"""How long boto3 waits on a line: for any sign of life as long as the settings say, whichever way the bytes go, and once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stores.faults import Silent

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SLOW: Final = 10.0  # seconds after which a failure says no more than silence: a gateway waited, and gave up, for us
_SENT: Final = "mediaarchive-sent-at"


def be_patient(client: S3Client, seconds: float, silent: Callable[[], Silent]) -> None:
    """Wait `seconds` for the server to take more of a body, and send nothing again by boto3 that wasn't answered in time.

    urllib3 gives up sending after the few seconds that a connection may take to come about: a film on a thin line, where
    four parts share a full buffer, was broken off while it lived. And boto3 would wait for a silent server three times: for
    what was slow to fail, `silent` makes the error.
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

    # There is no public way. Where a later botocore has none like this, thin lines have its patience; a test tells us then.
    session = getattr(getattr(client, "_endpoint", None), "http_session", None)
    getattr(session, "_pool_classes_by_scheme", {}).update(http=PlainPool, https=SecurePool)

    def note(request: Any, **_event: object) -> None:  # noqa: ANN401 - botocore's own
        request.context[_SENT] = time.monotonic()

    def ask_once(
        response: Any = None,  # noqa: ANN401 - the same
        caught_exception: BaseException | None = None,
        request_dict: Any = None,  # noqa: ANN401 - the same
        **_event: object,
    ) -> None:
        took = time.monotonic() - request_dict["context"].get(_SENT, time.monotonic())
        failed = caught_exception is not None or (response is not None and response[0].status_code >= 500)
        if failed and (took >= SLOW or (caught_exception is not None and timed_out(caught_exception))):
            raise silent() from caught_exception

    client.meta.events.register("request-created.s3", note)
    client.meta.events.register_first("needs-retry.s3", ask_once)


def _allow(connection: Any, seconds: float) -> None:  # noqa: ANN401 - botocore's own
    if connection.sock is not None:  # None before the first bytes, which are few
        connection.sock.settimeout(seconds)


def timed_out(error: BaseException) -> bool:
    """Whether a request failed because nothing happened for too long, rather than because the line broke."""
    from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError  # noqa: PLC0415 - publishers only

    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return True
    hidden = error.__context__  # botocore calls what took too long to send a closed connection
    return hidden is not None and any(isinstance(part, TimeoutError) for part in (hidden, *hidden.args))
