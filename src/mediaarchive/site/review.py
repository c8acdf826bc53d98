"""A private page on which a person reads what a machine drafted, one picture at a time, with the keyboard alone.

It answers this machine only, at an address that nobody can guess: other programs of this machine, and pages of the web that
point a browser here, are refused. The page is whole without its script, which adds keys.
"""

from __future__ import annotations

import secrets
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlsplit

from mediaarchive.errors import MediaArchiveError
from mediaarchive.site.pages import CSS_KEY, environment
from mediaarchive.site.wording import Words

_HERE: Final = Path(__file__).parent
_NEAR: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LARGEST: Final = 1 << 16  # bytes of a form
_POLICY: Final = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_FILES: Final = {
    "site.css": (CSS_KEY, "text/css; charset=utf-8"),
    "review.css": ("assets/review.css", "text/css; charset=utf-8"),
    "review.js": ("assets/review.js", "text/javascript; charset=utf-8"),
}
WORDS: Final = ("ok", "no", "decorative", "skip")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One picture in one language: `path` of its file, `draft` (empty: none), `model` that wrote it, `known`: (language, text).

    `said`: what a person answered already, one of WORDS, or empty. `remarks`: what speaks against the draft's form.
    """

    path: str
    lang: str
    draft: str
    model: str
    known: Sequence[tuple[str, str]]
    said: str
    text: str
    remarks: Sequence[str] = ()


class Desk(Protocol):
    """What is to be read, and where answers go. Called by one thread at a time."""

    title: str
    lang: str  # of the title
    target: str  # the file that answers are written into, as people call it

    def __len__(self) -> int:
        """How many there are."""

    def show(self, number: int) -> Shown:
        """One of them, counted from 0."""

    def said(self, number: int) -> str:
        """What a person answered, as `Shown` has it."""

    def picture(self, number: int) -> bytes | None:
        """Its published JPEG; None if it was withdrawn meanwhile."""

    def answer(self, number: int, word: str, text: str, *, sure: bool) -> Sequence[str]:
        """Write a person's word down, durably; or say what speaks against the text, where they aren't `sure` of it yet.

        Raises:
            MediaArchiveError: it can't be written.
        """

    def undo(self) -> int | None:
        """Take the last answer back; which one it was.

        Raises:
            MediaArchiveError: it can't be written.
        """


class ReviewServer(ThreadingHTTPServer):
    """Shows a desk on a loopback address. `url`: where, with a token that is new each time.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, desk: Desk, words: Words, port: int = 0) -> None:
        self.desk, self.words = desk, words
        self.token = secrets.token_urlsafe(24)
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base class's
        """Say nothing of a browser that went on before it had all: who reads quickly does that at each picture."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One request: closed afterwards, so that a browser's idle connections cost nothing."""

    server: ReviewServer
    server_version = "mediaarchive"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        """Show a picture's page, its picture, or what pages share."""
        match self._asked():
            case None:
                pass
            case [""]:
                self._go(self._next(-1))
            case ["done"]:
                self._done()
            case [name] if name in _FILES:
                key, kind = _FILES[name]
                self._send(HTTPStatus.OK, (_HERE / key).read_bytes(), kind)
            case [number] if (found := self._number(number)) is not None:
                self._show(found)
            case ["picture", number] if (found := self._number(number)) is not None:
                jpeg = self.server.desk.picture(found)
                self._send(HTTPStatus.OK, jpeg, "image/jpeg") if jpeg else self._refuse(HTTPStatus.NOT_FOUND)
            case _:
                self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Take a person's word, and go on to the next picture."""
        parts, form = self._asked(), self._form()
        if parts is None:
            return
        origin = self.headers.get("Origin", "null" if self.headers.get("Sec-Fetch-Site") == "cross-site" else "")
        if origin and _host(origin) not in _NEAR:
            self._refuse(HTTPStatus.FORBIDDEN)
        elif parts == ["undo"]:
            self._undo()
        elif len(parts) == 1 and (number := self._number(parts[0])) is not None and form.get("word") in WORDS:
            self._take(number, form["word"], " ".join(form.get("text", "").split()), form.get("seen", ""))
        else:
            self._refuse(HTTPStatus.BAD_REQUEST)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the address is a secret."""

    def _asked(self) -> list[str] | None:
        """What is asked for, below the token; None: somebody asks who may not, and was told so."""
        host = _host(f"//{self.headers.get('Host', '')}")
        token, _, rest = self.path.partition("?")[0].removeprefix("/").partition("/")
        if host not in _NEAR or not secrets.compare_digest(token.encode(), self.server.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN)
            return None
        return rest.split("/")

    def _number(self, text: str) -> int | None:
        """A picture's number, as addresses count them: from 1."""
        known = text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= len(self.server.desk)
        return int(text) - 1 if known else None

    def _form(self) -> dict[str, str]:
        size = self.headers.get("Content-Length", "")
        if not (size.isascii() and size.isdigit()) or len(size) > 9 or int(size) > _LARGEST:
            return {}
        data = self.rfile.read(int(size)).decode("utf-8", "replace")
        return {name: values[-1] for name, values in parse_qs(data, keep_blank_values=True).items()}

    def _next(self, after: int) -> int | None:
        """The next that nobody has answered, else the first such; None: there is none, or none after what was skipped."""
        with self.server.lock:
            open_ = [n for n in range(len(self.server.desk)) if not self.server.desk.said(n)]
        return next((n for n in open_ if n > after), None)

    def _take(self, number: int, word: str, text: str, seen: str) -> None:
        remarks: Sequence[str] = ()
        if word == "ok" and not text:
            remarks = (self.server.words["review_empty"],)
        elif word != "skip":
            try:
                with self.server.lock:
                    remarks = self.server.desk.answer(number, word, text, sure=text == seen)
            except MediaArchiveError as error:
                self._show(number, text=text, problem=error.message)
                return
        if remarks:
            self._show(number, text=text, seen=text, remarks=remarks)
        else:
            self._go(self._next(number))

    def _undo(self) -> None:
        try:
            with self.server.lock:
                back = self.server.desk.undo()
        except MediaArchiveError as error:
            self._send(HTTPStatus.CONFLICT, error.message.encode(), "text/plain; charset=utf-8")
            return
        self._go(back if back is not None else self._next(-1))

    def _show(
        self, number: int, *, text: str | None = None, seen: str = "", remarks: Sequence[str] = (), problem: str = ""
    ) -> None:
        with self.server.lock:
            shown = self.server.desk.show(number)
        self._page(
            "review.html",
            shown=shown,
            number=number + 1,
            text=shown.text if text is None else text,
            seen=seen,
            remarks=remarks or (() if text is not None else shown.remarks),
            asked=bool(remarks) and seen != "",
            problem=problem,
        )

    def _done(self) -> None:
        with self.server.lock:
            said = Counter(self.server.desk.said(n) for n in range(len(self.server.desk)))
        self._page("review_done.html", said=said)

    def _page(self, template: str, **values: object) -> None:
        desk, say = self.server.desk, self.server.words
        page = environment().get_template(template).render(say=say, desk=desk, total=len(desk), **values)
        self._send(HTTPStatus.OK, page.encode(), "text/html; charset=utf-8")

    def _go(self, number: int | None) -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", f"/{self.server.token}/{'done' if number is None else number + 1}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(status, f"{status.value} {status.phrase}\n".encode(), "text/plain; charset=utf-8")

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "same-origin",  # the address is a secret; without any, a browser hides where a form comes from
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _host(address: str) -> str | None:
    """The host in an address; None where it is none."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
