"""A server that answers `/chat/completions` on a socket of its own, as real ones do and misbehave."""

from __future__ import annotations

import base64
import io
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PIL import Image

SAID = {
    "fr": "Quatre personnes discutent autour d'une table couverte de notes.",
    "nl": "Vier mensen praten rond een tafel vol aantekeningen.",
    "en": "Four people talk around a table covered in notes.",
    "es": "Cuatro personas hablan alrededor de una mesa llena de notas.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its JSON, its headers (lower case), the prompt and the picture in it."""

    value: dict[str, Any]
    headers: dict[str, str]

    @property
    def parts(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = self.value["messages"][0]["content"]
        return parts

    @property
    def prompt(self) -> str:
        return "".join(part["text"] for part in self.parts if part["type"] == "text")

    @property
    def jpegs(self) -> list[bytes]:
        urls = [part["image_url"] for part in self.parts if part["type"] == "image_url"]
        plain = [url["url"] if isinstance(url, dict) else url for url in urls]
        return [base64.b64decode(url.removeprefix("data:image/jpeg;base64,")) for url in plain]

    @property
    def image(self) -> Image.Image:
        return Image.open(io.BytesIO(self.jpegs[0]))

    @property
    def languages(self) -> list[str]:
        line = next(line for line in self.prompt.splitlines() if line.startswith("Languages: "))
        return [part.split(" ")[0] for part in line.removeprefix("Languages: ").rstrip(".").split(", ")]


@dataclass(frozen=True, slots=True)
class Say:
    """One answer. `hang`: seconds before it; `drip`: seconds between its bytes."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: float = 0
    drip: float = 0


Answer = Callable[[Asked], Say]


def completion(content: object, finish: str = "stop", **message: object) -> bytes:
    """The body of a chat completion."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content, **message}}
    usage = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}
    return json.dumps({"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage}).encode()


def described(asked: Asked) -> Say:
    """What was asked for, as it was asked for."""
    return Say(completion(json.dumps({"texts": {lang: SAID[lang] for lang in asked.languages}})))


class ChatServer:
    """Answers each request by the next of `then`, and when there is none left by `always`. With a `certificate` (PEM), by TLS."""

    def __init__(self, *then: Answer | Say, always: Answer = described, certificate: Path | None = None) -> None:
        self.asked: list[Asked] = []
        self.then = [*then]
        self.always = always
        self.at_once = 0  # the most requests that were open at the same time
        self._open = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Say:
        with self._lock:
            self.asked.append(asked)
            chosen = self.then.pop(0) if self.then else self.always
        return chosen if isinstance(chosen, Say) else chosen(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                with server._lock:
                    server._open += 1
                    server.at_once = max(server.at_once, server._open)
                try:
                    self._answer()
                except OSError:  # whoever asked is gone
                    self.close_connection = True
                finally:
                    with server._lock:
                        server._open -= 1

            def _answer(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                if self.path != "/v1/chat/completions":
                    self.send_error(404)
                    return
                say = server.answer(Asked(json.loads(data), headers))
                time.sleep(say.hang)
                self.send_response(say.status)
                for name, value in {"Content-Type": "application/json", **say.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(say.body)))
                self.end_headers()
                if not say.drip:
                    self.wfile.write(say.body)
                for index in range(len(say.body) if say.drip else 0):
                    self.wfile.write(say.body[index : index + 1])
                    self.wfile.flush()
                    time.sleep(say.drip)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
