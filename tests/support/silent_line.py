"""A line on loopback to a real server that can fall silent or stall, as lines do: bytes are kept, and nobody says goodbye."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Self
from urllib.parse import urlsplit


class SilentLine:
    """Forwards bytes to `upstream` (or to nobody, if that is empty) while used as a context manager.

    Once `silent` is set nothing passes any more, after `answer` was sent on each new connection; connections are accepted.
    `patience`: seconds after which a silent line says `answer` and hangs up, as a gateway does.
    `stall`: seconds for which the line takes nothing, once, from `after` bytes of a connection on.
    """

    def __init__(
        self, upstream: str = "", *, answer: bytes = b"", stall: float = 0, after: int = 0, patience: float = 0
    ) -> None:
        self._upstream = urlsplit(upstream)
        self._answer, self._stall, self._after, self._patience = answer, stall, after, patience
        self.silent = not upstream
        self.connections = 0

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.endpoint = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._server, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                self.connections += 1
                self._open.append(near)
                if self.silent:
                    threading.Thread(target=self._give_up, args=(near,), daemon=True).start()
                    continue
                far = socket.create_connection((str(self._upstream.hostname), self._upstream.port or 80))
                self._open.append(far)
                threading.Thread(target=self._forward, args=(near, far, self._stall), daemon=True).start()
                threading.Thread(target=self._forward, args=(far, near, 0), daemon=True).start()

    def _give_up(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            time.sleep(self._patience)
            near.sendall(self._answer)
            if self._patience:
                near.shutdown(socket.SHUT_RDWR)

    def _forward(self, source: socket.socket, target: socket.socket, stall: float) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := source.recv(16384):
                if self.silent:
                    if self._patience:
                        self._give_up(source)
                        return
                    continue
                passed += len(data)
                if stall and passed > self._after:
                    time.sleep(stall)
                    stall = 0
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
