"""A headless Chromium asked over its DevTools pipe for what its command line has no flag for."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Any

_PAGE = "Page.loadEventFired"


def ask(chromium: Sequence[str], url: str, command: str, **params: object) -> dict[str, Any]:
    """Open a page, wait until it has loaded, and send it one command (such as `Page.printToPDF`); the answer.

    Args:
        chromium: the program and its flags, headless.
        url: the page.
        command: of the DevTools protocol.
        params: its parameters.
    """
    theirs, ours = os.pipe(), os.pipe()  # they read descriptor 3 and write 4
    shell = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
    line = ["bash", "-c", shell, "bash", str(theirs[0]), str(ours[1]), *chromium, "--remote-debugging-pipe"]
    browser = subprocess.Popen(
        line, pass_fds=(theirs[0], ours[1]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for end in (theirs[0], ours[1]):
        os.close(end)
    try:
        with os.fdopen(theirs[1], "wb", buffering=0) as to, os.fdopen(ours[0], "rb", buffering=0) as back:
            return _talk(_Pipe(to, back), url, command, params)
    finally:
        browser.kill()
        browser.wait()


def _talk(pipe: _Pipe, url: str, command: str, params: dict[str, object]) -> dict[str, Any]:
    target = pipe.call("Target.createTarget", url="about:blank")["targetId"]
    session = pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    pipe.call("Page.enable", session)
    pipe.call("Page.navigate", session, url=url)
    while _PAGE not in pipe.heard:
        pipe.next()
    return pipe.call(command, session, **params)


class _Pipe:
    """Messages as JSON, each ended by a zero byte."""

    def __init__(self, to: Any, back: Any) -> None:  # noqa: ANN401 - raw files
        self.to, self.back, self.rest = to, back, b""
        self.number = 0
        self.heard: list[str] = []

    def call(self, method: str, session: str | None = None, **params: object) -> dict[str, Any]:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        self.to.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while (answer := self.next()).get("id") != self.number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def next(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            if not (read := self.back.read(1 << 20)):
                raise EOFError("Chromium ended")
            self.rest += read
        message, _, self.rest = self.rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        self.heard.append(str(found.get("method", "")))
        return found
