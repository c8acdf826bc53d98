"""A folder that visitors reach by HTTP: withdrawals are proved and places checked there, whatever stands before it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from silent_line import SilentLine

from mediaarchive.pipeline import visitor
from mediaarchive.site.server import Server, make_server

from .conftest import LEAN, Space
from .files import jpeg, picture

SLUG = "fete"


class Host:
    """The folder's web server with a cache before it. `held`: addresses that it goes on answering; `broken`: how it fails."""

    def __init__(self, space: Space) -> None:
        self.held: dict[str, bytes] = {}
        self.broken = ""
        self.server: Server = make_server(space.root / "site", port=0)
        plain = self.server.RequestHandlerClass
        host = self

        class Handler(plain):  # type: ignore[misg, valid-type, misc]
            def do_GET(self) -> None:  # noqa: N802 - http.server's name
                if host.broken == "everything is a page":
                    self._say(b"<!doctype html><title>Welcome</title>", 37)
                elif host.broken == "cut":
                    self._say(b"half", 4000)
                elif self.path in host.held:
                    self._say(host.held[self.path], len(host.held[self.path]))
                else:
                    super().do_GET()

            def _say(self, data: bytes, length: int) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(data)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server.RequestHandlerClass = Handler
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def cache(self, space: Space, item: str) -> None:
        """Hold what is there of an item now."""
        folder = space.root / "site"
        self.held = {f"/{p.relative_to(folder)}": p.read_bytes() for p in (folder / "media" / item).iterdir()}


@pytest.fixture
def space(tmp_path: Path) -> Space:
    """Two photographs in a folder that has a public address."""
    found = Space(tmp_path / "ws")
    found.init(LEAN)
    (found.root / "inbox" / SLUG).mkdir()
    for seed in (1, 2):
        (found.root / "inbox" / SLUG / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (300, 200))))
    return found


@pytest.fixture
def host(space: Space) -> Iterator[Host]:
    made = Host(space)
    store = f'[[store]]\nname = "site"\nurl = "site"\nbase_url = "{made.server.url}"\n'
    space.config.write_text(LEAN + store, encoding="utf-8")
    space.run_here()
    yield made
    made.server.shutdown()
    made.server.server_close()


def taken_down(space: Space, item: str, status: int) -> dict[str, Any]:
    done = space.here("takedown", item, "--reason", "quality", "--json")
    assert done.returncode == status, done.stdout + done.stderr
    (receipt,) = json.loads(done.stdout)["receipts"]
    return dict(receipt)


def looked(space: Space) -> dict[str, dict[str, str]]:
    """What `doctor` says of the store."""
    checks = json.loads(space.here("doctor", "--json").stdout)["checks"]
    return {one["what"]: one for one in checks if one["where"] == "site"}


def test_a_withdrawal_is_proved_at_the_public_address(space: Space, host: Host) -> None:
    item = min(space.items(SLUG))
    value = taken_down(space, item, 0)
    assert value["complete"]
    assert {one["url"].startswith(host.server.url) for one in value["addresses"]} == {True}
    answers = {one["was"]: one["status"] for one in value["addresses"]}
    assert answers == {
        "file": "404",
        "release": "404",
        "list": "200 without",
        "page": "200 notice",
        "stable": "200 notice",
    }


def test_what_a_cache_still_shows_is_not_proved_until_it_has_forgotten(space: Space, host: Host) -> None:
    item = min(space.items(SLUG))
    host.cache(space, item)
    value = taken_down(space, item, 5)
    wrong = {one["was"] for one in value["addresses"] if not one["ok"]}
    assert (value["complete"], wrong) == (False, {"file", "stable", "page"})
    again = space.here("run")
    assert again.returncode == 5
    assert "a cache may hold it" in again.stderr
    assert item in space.here("status").stdout, "status says what is not proved"
    host.held = {}
    assert space.here("run").returncode == 0
    assert not list((space.root / "archive" / "receipts" / "open").glob("*"))


@pytest.mark.parametrize("broken", ["everything is a page", "cut"])
def test_a_host_that_answers_nonsense_proves_nothing_and_crashes_nothing(space: Space, host: Host, broken: str) -> None:
    item = min(space.items(SLUG))
    host.broken = broken
    done = space.here("takedown", item, "--reason", "quality", "--json")
    assert done.returncode == 5, done.stderr
    assert space.items(SLUG)[item]["type"] == "tombstone", "it is withdrawn all the same"
    again = space.here("run")
    assert again.returncode == 5, again.stderr
    assert looked(space)["public read"]["state"] == "bad"
    host.broken = ""
    assert space.here("run").returncode == 0


def test_a_host_that_is_silent_is_waited_for_once_in_a_run(
    space: Space, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "PATIENCE", 1.0)
    plain = space.config.read_text()
    with SilentLine() as line:
        space.config.write_text(plain.replace(host.server.url, f"{line.endpoint}/"))
        asked = []
        for item in space.items(SLUG):
            asked.append(line.connections)
            assert space.here("takedown", item, "--reason", "quality").returncode == 5
        before, started = line.connections, time.monotonic()
        done = space.here("run")
        assert (done.returncode, done.stderr.count("can't be fetched to prove that it is gone") >= 2) == (5, True)
        assert line.connections - before <= asked[1] - asked[0], "those that were asked at once, of one withdrawal"
        assert time.monotonic() - started < 10
    space.config.write_text(plain)
    assert space.here("run").returncode == 0
    assert not list((space.root / "archive" / "receipts" / "open").glob("*"))


def test_doctor_and_verify_look_at_the_public_address(space: Space, host: Host) -> None:
    found = looked(space)
    names = ("public read", "headers", "ranges", "other origins", "preflight")
    assert [found[name]["state"] for name in names] == ["ok"] * 5
    assert host.server.url in found["public read"]["text"]
    assert space.here("verify").returncode == 0
    space.config.write_text(space.config.read_text().replace(host.server.url, f"{host.server.url}elsewhere"))
    found = looked(space)
    assert (found["public read"]["state"], "base_url" in found["public read"]["todo"]) == ("bad", True)
