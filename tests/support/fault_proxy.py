"""A proxy on loopback that stands between a client and an S3 server, and breaks chosen requests in chosen ways.

With `strict=True` it also refuses bodies that don't match their own `Content-MD5` or `x-amz-content-sha256`, as AWS does
and moto doesn't.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import http.server
import select
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Self
from urllib.parse import urlsplit

_HOP = {"connection", "keep-alive", "transfer-encoding", "expect", "server", "date"}
Action = Literal["answer", "reset", "lost", "cut", "flip", "hang", "strip"]
When = Literal["before", "after"]
_USUALLY: dict[str, When] = {"lost": "after", "cut": "after"}
_LONGEST = 30.0  # seconds that a request hangs at most


@dataclass
class Fault:
    """What to do to the next `times` requests of this kind, after letting `skip` of them pass.

    `when`: before, the server never hears of the request as it was; after, it does what it is asked, and the reply suffers.
    `answer`: reply with `status` (200 too) and an error of this `code`. `reset`: the connection is reset (RST). `lost`: it is
    closed without a reply (usually after). `cut`: half of the request, or of the reply (usually), is let through. `flip`: one
    bit of the body changes. `hang`: silence until the client gives up. `strip`: `header` is removed, as a server that doesn't
    know it would ignore it. `has`: only requests with this header. `path`: only those whose address has it.
    """

    action: Action
    method: str = ""
    path: str = ""
    has: str = ""
    header: str = ""
    times: int = 1
    skip: int = 0
    status: int = 503
    code: str = "SlowDown"
    retry_after: str = ""
    when: When | None = None

    @property
    def late(self) -> bool:
        """Whether the server does what it is asked, and only the reply suffers."""
        return (self.when or _USUALLY.get(self.action, "before")) == "after"


@dataclass
class FaultProxy:
    """Listens on a port of its own while used as a context manager; `endpoint` is its address.

    `log` holds method and address of every request, in order of arrival. `watch` is called with them once the
    server has answered, before the client is told.
    """

    upstream: str
    strict: bool = False
    faults: list[Fault] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    endpoint: str = ""
    watch: Callable[[str, str], None] = lambda _method, _path: None

    def __enter__(self) -> Self:
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, start: str, part: str = "") -> int:
        """How many requests began with `start` (such as `PUT`) and had `part` in their address."""
        return sum(line.startswith(start) and part in line for line in self.log)

    def chosen(self, method: str, path: str, headers: http.client.HTTPMessage) -> list[Fault]:
        """The faults of this request; they are used up by it."""
        with self._lock:
            self.log.append(f"{method} {path}")
            hits = [
                f
                for f in self.faults
                if f.method in {"", method} and f.path in path and (not f.has or f.has in headers)
            ]
            active = []
            for fault in hits:
                if fault.skip:
                    fault.skip -= 1
                elif fault.times:
                    fault.times -= 1
                    active.append(fault)
            return active


class _Server(http.server.ThreadingHTTPServer):
    """Closes a connection that is to be reset without saying goodbye first."""

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        assert isinstance(request, socket.socket)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)[:4] != bytes(4):
            request.close()
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base class's own types
        """Clients that give up are no news."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two packets: without this each reply takes 40 ms
    owner: FaultProxy

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
        """Say nothing."""

    def _handle(self) -> None:
        faults = self.owner.chosen(self.command, self.path, self.headers)
        for fault in faults:
            if fault.action == "strip":
                del self.headers[fault.header]
        fault = next((fault for fault in faults if fault.action != "strip"), None)
        early = fault if fault and not fault.late else None
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length // 2 if early and early.action == "cut" else length)
        if early and early.action == "flip":
            body = _flipped(body)
        elif early:
            self._break(early)
            return
        if self.owner.strict and (code := self._mismatch(body)):
            self._refuse(400, code)
        else:
            self._pass_on(body, fault if fault and fault.late else None)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815 - the base class's own names

    def _mismatch(self, body: bytes) -> str:
        md5, sha256 = self.headers.get("content-md5"), self.headers.get("x-amz-content-sha256", "")
        if md5 and base64.b64decode(md5) != hashlib.md5(body, usedforsecurity=False).digest():
            return "BadDigest"
        if len(sha256) == 64 and sha256 != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        return ""

    def _break(self, fault: Fault) -> None:
        """Everything that ends without the server's own reply."""
        if fault.action == "answer":
            self._refuse(fault.status, fault.code, fault.retry_after)
            return
        if fault.action == "hang":
            select.select([self.connection], [], [], _LONGEST)  # readable: the client has closed
        if fault.action == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.flush()
        self.close_connection = True

    def _pass_on(self, body: bytes, fault: Fault | None) -> None:
        upstream = http.client.HTTPConnection(urlsplit(self.owner.upstream).netloc, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        upstream.request(self.command, self.path, body=body, headers=headers)
        reply = upstream.getresponse()
        data = reply.read()
        upstream.close()
        self.owner.watch(self.command, self.path)
        if fault and fault.action not in {"cut", "flip"}:
            self._break(fault)
            return
        cut = fault is not None and fault.action == "cut"
        if fault and fault.action == "flip":
            data = _flipped(data)
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in _HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", reply.getheader("content-length") or str(len(data)))
        if not (cut and not data):  # of a reply without a body, half of the headers is what comes
            self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.wfile.flush()
            self.close_connection = True

    def _refuse(self, status: int, code: str, retry_after: str = "") -> None:
        data = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _flipped(body: bytes) -> bytes:
    """The body with one bit changed, in its middle."""
    at = len(body) // 2
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] if body else body
