"""The published folder over HTTP: the addresses, content types and cache headers of production, on this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Final
from urllib.parse import unquote, urlsplit

from mediaarchive import layout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_METHODS: Final = "GET, HEAD, OPTIONS"
_CHUNK: Final = 1 << 18
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
# Drive letters, alternate streams, backslashes and control characters have no place in our keys.
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file: `start` and `stop` in bytes, `stop` excluded."""

    start: int
    stop: int


class Server(ThreadingHTTPServer):
    """Serves the folder `root`. `log` is told each request: method, path, status."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, root: Path, address: tuple[str, int], log: Callable[[str, str, int], None] | None = None
    ) -> None:
        self.root = root.resolve()
        self.log = log
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """Where it answers: `http://127.0.0.1:8000/`."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def make_server(
    root: Path, host: str = "127.0.0.1", port: int = 8000, *, log: Callable[[str, str, int], None] | None = None
) -> Server:
    """A server over the published folder `root`, bound and not yet running; port 0 takes a free one.

    Call `serve_forever`, and `shutdown` and `server_close` at the end.

    Raises:
        OSError: the port is taken.
    """
    return Server(root, (host, port), log)


def serve(
    root: Path, host: str = "127.0.0.1", port: int = 8000, *, log: Callable[[str, str, int], None] | None = None
) -> None:
    """Serve the published folder `root` until interrupted."""
    with make_server(root, host, port, log=log) as server:
        server.serve_forever()


def requested(header: str | None, size: int) -> Span | None:
    """What a Range header asks of a file of `size` bytes (RFC 9110, section 14): None for all of it.

    Several ranges at once, other units and nonsense are ignored, as the standard allows.

    Raises:
        ValueError: no byte of the file is in the range.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= size or start >= stop:
        raise ValueError("no byte of the file is in the range")
    return Span(start, stop)


class _Handler(BaseHTTPRequestHandler):
    """One connection. Only files below the root whose every name is one of ours: no dot files, no listing."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "mediaarchive"
    sys_version = ""
    timeout = 60
    _shared: ClassVar = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Content-Range, Content-Length, Accept-Ranges",
        "X-Content-Type-Options": "nosniff",
    }

    def do_GET(self) -> None:
        """Answer with the file."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        self._answer(with_body=False)

    def do_OPTIONS(self) -> None:
        """Answer a browser that asks before a cross-origin request."""
        allowed = {
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": "Range, If-None-Match, If-Range",
            "Access-Control-Max-Age": "86400",
        }
        self._head(HTTPStatus.NO_CONTENT, allowed)

    def do_POST(self) -> None:
        """Refuse: nothing is written here."""
        self.close_connection = True  # its body, if any, isn't read
        self._plain(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": _METHODS})

    do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815 - the base class asks for these names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: requests are told to the server's `log`."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 - the base class's names
        """Tell the server's `log`."""
        if self.server.log:
            self.server.log(self.command, self.path, int(code))

    def _answer(self, *, with_body: bool) -> None:
        path = _decoded(self.path)
        if path == "/":
            self._plain(HTTPStatus.FOUND, {"Location": f"/{layout.EVENTS_PAGE}"})
            return
        key = path.removeprefix("/")
        if key.endswith("/"):
            key += "index.html"
        file = self._file(key)
        if file is None and self._file(f"{key}/index.html"):
            self._plain(HTTPStatus.MOVED_PERMANENTLY, {"Location": f"/{key}/"})
        elif file is None:
            self._plain(HTTPStatus.NOT_FOUND, {})
        else:
            try:
                with file.open("rb") as stream:
                    self._send(key, stream, file, with_body=with_body)
            except FileNotFoundError:
                self._plain(HTTPStatus.NOT_FOUND, {})
            except (ConnectionError, TimeoutError):  # a browser that has seen enough of a film
                self.close_connection = True

    def _file(self, key: str) -> Path | None:
        """The file of a key, if it lies below the root: links that lead out of it don't count."""
        if not _KEY.fullmatch(key):
            return None
        try:
            file = (self.server.root / key).resolve(strict=True)
        except OSError:
            return None
        return file if file.is_relative_to(self.server.root) and file.is_file() else None

    def _send(self, key: str, stream: BinaryIO, file: Path, *, with_body: bool) -> None:
        found = file.stat()
        etag = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
        headers = {
            "ETag": etag,
            "Last-Modified": formatdate(found.st_mtime, usegmt=True),
            "Cache-Control": layout.cache_control(key),
            "Content-Type": layout.content_type(key),
            "Accept-Ranges": "bytes",
        }
        if layout.is_download(key):
            headers["Content-Disposition"] = "attachment"
        if _matches(self.headers.get("If-None-Match"), etag):
            self._head(HTTPStatus.NOT_MODIFIED, headers)
            return
        asked = self.headers.get("Range") if self.headers.get("If-Range", etag) == etag and with_body else None
        try:
            span = requested(asked, found.st_size)
        except ValueError:
            self._plain(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{found.st_size}"})
            return
        status = HTTPStatus.PARTIAL_CONTENT if span else HTTPStatus.OK
        if span:
            headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{found.st_size}"
        span = span or Span(0, found.st_size)
        self._head(status, headers | {"Content-Length": str(span.stop - span.start)})
        if with_body:
            self._copy(stream, span)

    def _copy(self, stream: BinaryIO, span: Span) -> None:
        stream.seek(span.start)
        left = span.stop - span.start
        while left > 0:
            chunk = stream.read(min(_CHUNK, left))
            if not chunk:  # the file was cut meanwhile: the promised length can't be kept
                self.close_connection = True
                return
            self.wfile.write(chunk)
            left -= len(chunk)

    def _plain(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        """A short answer in words, never from a cache."""
        body = f"{status.value} {status.phrase}\n".encode()
        fixed = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
        }
        self._head(status, fixed | headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (self._shared | headers).items():
            self.send_header(name, value)
        self.end_headers()


def _decoded(target: str) -> str:
    """The path that a request names, without its query; empty where it is no path at all."""
    try:
        return unquote(urlsplit(target).path, errors="strict")
    except ValueError:
        return ""


def _matches(header: str | None, etag: str) -> bool:
    """Whether If-None-Match names this version (weak comparison, RFC 9110, section 13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}
