"""A headless Chromium asked over its DevTools pipe for what its command line has no flag for."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
    with _browser(chromium) as pipe:
        return pipe.call(command, _opened(pipe, url), **params)


@contextmanager
def session(chromium: Sequence[str], url: str) -> Iterator[Tab]:
    """A page that is open in a browser, for a conversation. `chromium`, `url`: as `ask` has them."""
    with _browser(chromium) as pipe:
        yield Tab(pipe, _opened(pipe, url))


class Tab:
    """An open page: keys are pressed in it, and expressions evaluated."""

    def __init__(self, pipe: _Pipe, name: str) -> None:
        self._pipe, self._name = pipe, name

    def evaluate(self, expression: str) -> object:
        """What an expression (or the promise that it is) comes to, as JSON has it."""
        params = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer = self._pipe.call("Runtime.evaluate", self._name, **params)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, *, expect_load: bool = False) -> None:
        """Press a key and let it go, as a keyboard does; wait for the page that it leads to."""
        text = "\r" if key == "Enter" else key
        code = 13 if key == "Enter" else ord(key.upper())
        seen = self._pipe.heard.count(_PAGE)
        common = {"key": key, "windowsVirtualKeyCode": code}
        self._pipe.call("Input.dispatchKeyEvent", self._name, type="keyDown", text=text, **common)
        self._pipe.call("Input.dispatchKeyEvent", self._name, type="keyUp", **common)
        while expect_load and self._pipe.heard.count(_PAGE) == seen:
            self._pipe.next()


@contextmanager
def _browser(chromium: Sequence[str]) -> Iterator[_Pipe]:
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
            yield _Pipe(to, back)
    finally:
        browser.kill()
        browser.wait()


def _opened(pipe: _Pipe, url: str) -> str:
    """The session of a page that has loaded."""
    target = pipe.call("Target.createTarget", url="about:blank")["targetId"]
    name = str(pipe.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
    pipe.call("Page.enable", name)
    pipe.call("Page.navigate", name, url=url)
    while _PAGE not in pipe.heard:
        pipe.next()
    return name


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
