"""One request to a server that may hang, drip, redirect or be somebody else's: an answer within a time, or an error.

Names are resolved once, and what was checked is what is connected to: a name that answers otherwise a moment later changes nothing.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util.ssl_match_hostname import CertificateError

from mediaarchive.errors import EngineFault, EngineRefused

_LARGEST: Final = 4 << 20  # bytes of an answer
_CONNECT: Final = 10.0  # seconds
_CHUNK: Final = 1 << 16
_FAILURES: Final = (
    OSError,
    HTTPError,
    HTTPException,
    ValueError,
)  # what an answer that is none raises, in one layer or another


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A server's answer, whatever its status. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Host:
    """Where a URL leads, looked at before anything is sent.

    Args:
        url: http: or https:.
        allow_remote: whether it may lead outside this machine and private networks (RFC 1918, RFC 4193, link-local).
    """

    def __init__(self, url: str, *, allow_remote: bool) -> None:
        try:
            parts = urlsplit(url)
            self.tls = parts.scheme == "https"
            self.port = parts.port or (443 if self.tls else 80)
        except ValueError as error:
            raise EngineRefused(f"{url} has no host or port that is one", hint="correct [texts.engine] url") from error
        self.name = parts.hostname or ""
        self.path = parts.path.rstrip("/")
        self._remote = allow_remote
        self._open: set[HTTPConnection] = set()

    def addresses(self) -> list[str]:
        """The addresses to connect to, the likeliest first.

        Raises:
            EngineRefused: one of its addresses is public, and it may not be; or what is sent would not be encrypted.
            EngineFault: the name is unknown now.
        """
        try:
            found = socket.getaddrinfo(self.name, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no name of a host"
            raise EngineFault(f"the name {self.name} can't be resolved: {why}", stop=True) from error
        addresses = [*dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)]
        if public := next((one for one in addresses if not _is_near(one)), None):
            if not self._remote:
                raise EngineRefused(
                    f"{self.name} ({public}) is not on this machine or a private network; nothing was sent",
                    hint="[texts.engine] allow_remote = true, if published pictures may be sent there",
                )
            if not self.tls:
                raise EngineRefused(
                    f"{self.name} is not on a private network, and would be sent to unencrypted; nothing was sent",
                    hint="write https:// in [texts.engine] url",
                )
        return addresses

    def post(self, path: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Answered:
        """Send, and read the whole answer, in so many seconds. Nothing is followed or tried again, and no proxy is used.

        Raises:
            EngineRefused: see `addresses`.
            EngineFault: no answer in time, or none at all.
        """
        end = time.monotonic() + seconds
        connection = self._connected(end)
        left = max(end - time.monotonic(), 0)
        cut = threading.Timer(left, _cut, (connection,))  # a server that drips resets every other clock
        cut.daemon = True
        self._open.add(connection)
        try:
            cut.start()
            connection.timeout = seconds  # urllib3 gives the socket this, before it sends and before it waits
            named = {"Host": self._header, **headers}
            connection.request("POST", self.path + path, body=body, headers=named, preload_content=False)
            response = connection.getresponse()
            answer = Answered(
                status=response.status,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=_read(response),
            )
        except _FAILURES as error:
            if time.monotonic() >= end:
                raise EngineFault(f"{self.name} has not answered in {seconds:g} s") from error
            raise self._fault(error) from error
        else:
            if time.monotonic() >= end:  # what was cut may look like an end
                raise EngineFault(f"{self.name} has not answered in {seconds:g} s")
            return answer
        finally:
            cut.cancel()
            self._open.discard(connection)
            connection.close()

    def _connected(self, end: float) -> HTTPConnection:
        """A connection to the first of the addresses that takes one: `localhost` is two, and a server may listen at either."""
        failure: Exception | None = None
        for address in self.addresses():
            connection = self._connection(address, max(min(end - time.monotonic(), _CONNECT), 0.1))
            try:
                connection.connect()
            except _FAILURES as error:
                connection.close()
                failure = error
                continue
            return connection
        assert failure is not None
        raise self._fault(failure) from failure

    def _fault(self, error: Exception) -> EngineFault:
        return EngineFault(f"{self.name}:{self.port} doesn't answer: {_words(error)}")

    def _connection(self, address: str, seconds: float) -> HTTPConnection:
        if not self.tls:
            return HTTPConnection(address, self.port, timeout=seconds)
        return HTTPSConnection(
            address, self.port, timeout=seconds, server_hostname=self.name, assert_hostname=self.name
        )

    @property
    def _header(self) -> str:
        """What the header `Host` says: the name, though its address is connected to."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port == (443 if self.tls else 80) else f"{name}:{self.port}"

    def close(self) -> None:
        """Cut what is open: whoever waits for an answer gets an error."""
        for connection in [*self._open]:
            _cut(connection)


def _read(response: BaseHTTPResponse) -> bytes:
    parts, size = [], 0
    while chunk := response.read(_CHUNK, decode_content=True):
        parts.append(chunk)
        if (size := size + len(chunk)) > _LARGEST:
            raise EngineFault(f"an answer of more than {_LARGEST >> 20} MiB is none")
    return b"".join(parts)


def _cut(connection: HTTPConnection) -> None:
    with contextlib.suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _is_near(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found  # ::ffff:8.8.8.8 is as public as 8.8.8.8
    return found.is_loopback or found.is_private or found.is_link_local


def _words(error: Exception) -> str:
    """The system's own words: urllib3's name objects and addresses of memory."""
    reason = error.__cause__ if isinstance(error.__cause__, Exception) else error
    if isinstance(reason, CertificateError):
        return f"its certificate is another's: {reason}"
    for name in ("verify_message", "strerror", "reason"):
        if said := getattr(reason, name, None):
            return f"certificate: {said}" if name == "verify_message" else str(said)
    return type(reason).__name__
