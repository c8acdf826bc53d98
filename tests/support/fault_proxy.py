"""A proxy on loopback that stands between a client and an S3 server, and breaks chosen requests in chosen ways.

With `strict=True` it also refuses bodies that don't match their own `Content-MD5` or `x-amz-content-sha256`, as AWS does
and moto doesn't.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import http.server
import threading
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import urlsplit

_HOP = {"connection", "keep-alive", "transfer-encoding", "expect", "server", "date"}
Action = Literal["answer", "reset", "lost", "cut", "flip", "strip"]


@dataclass
class Fault:
    """What to do to the next `times` requests of this kind, after letting `skip` of them pass.

    `answer`: reply with `status` and `code` at once. `reset`: close without passing on. `lost`: pass on, then close without a
    reply. `cut`: reply with half of the body. `flip`: change one bit of the request's body. `strip`: remove `header`, as a
    server that doesn't know it would ignore it. `has`: only requests with this header. `path`: only those whose address has it.
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


@dataclass
class FaultProxy:
    """Listens on a port of its own while used as a context manager; `endpoint` is its address.

    `log` holds method and address of every request, in order of arrival.
    """

    upstream: str
    strict: bool = False
    faults: list[Fault] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    endpoint: str = ""

    def __enter__(self) -> Self:
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
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


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two packets: without this each reply takes 40 ms
    owner: FaultProxy

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
        """Say nothing."""

    def _handle(self) -> None:
        faults = {fault.action: fault for fault in self.owner.chosen(self.command, self.path, self.headers)}
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "reset" in faults:
            self._hang_up()
        elif "answer" in faults:
            fault = faults["answer"]
            self._refuse(fault.status, fault.code, fault.retry_after)
        else:
            if "flip" in faults and body:
                body = bytes([body[0] ^ 1]) + body[1:]
            if "strip" in faults:
                del self.headers[faults["strip"].header]
            if self.owner.strict and (code := self._mismatch(body)):
                self._refuse(400, code)
            else:
                self._pass_on(body, faults.keys())

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815 - the base class's own names

    def _mismatch(self, body: bytes) -> str:
        md5, sha256 = self.headers.get("content-md5"), self.headers.get("x-amz-content-sha256", "")
        if md5 and base64.b64decode(md5) != hashlib.md5(body, usedforsecurity=False).digest():
            return "BadDigest"
        if len(sha256) == 64 and sha256 != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        return ""

    def _pass_on(self, body: bytes, faults: AbstractSet[Action]) -> None:
        upstream = http.client.HTTPConnection(urlsplit(self.owner.upstream).netloc, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        upstream.request(self.command, self.path, body=body, headers=headers)
        reply = upstream.getresponse()
        data = reply.read()
        upstream.close()
        if "lost" in faults:
            self._hang_up()
            return
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in _HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", reply.getheader("content-length") or str(len(data)))
        self.end_headers()
        if "cut" in faults:
            self.wfile.write(data[: len(data) // 2])
            self._hang_up()
        elif self.command != "HEAD":
            self.wfile.write(data)

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

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
