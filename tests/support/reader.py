"""A visitor of a published event, who reads the pointer and every address that it names, and notes what doesn't answer."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from mediaarchive import layout

_FILE = re.compile(
    rb"(?:media/[pvd]-[a-z2-7]{13}/[a-z0-9.-]+-[0-9a-f]{8}\.[a-z0-9]+|events/[a-z0-9-]+/releases/[0-9a-f]{64}\.json)"
)


def addresses(value: dict[str, Any]) -> Iterator[tuple[str, int | None]]:
    """Every address that a manifest names (its further pages are named by `next`), with its size where it says one."""
    for key in (value["links"]["page"], value["links"]["json_schema"], value["links"]["types"]):
        yield key, None
    for key in value["links"]["languages"].values():
        yield key, None
    for item in value["items"]:
        yield item["page"], None
        for key in item.get("stable", {}).values():
            yield key, None
        for source in [*item.get("sources", ()), *item.get("poster", {}).get("sources", ())]:
            for file in source.get("set", [source]):
                yield file["url"], file["bytes"]
        for track in item.get("tracks", ()):
            yield track["url"], None


class Reader:
    """Reads anonymously below `base`, one look at a time. `wrong`: what it was promised and didn't get.

    `peek`: a quicker way to read a key of a server that runs in this process: its status and its bytes.
    """

    def __init__(self, base: str, slug: str) -> None:
        self._where = urlsplit(base)
        self._slug = slug
        self._lock = threading.Lock()
        self._seen = b""
        self.wrong: list[str] = []
        self.looks = 0
        self.peek: Callable[[str], tuple[int, bytes]] | None = None
        self.manifest = b""

    def watch(self, method: str, path: str) -> None:
        """Look whenever it could matter: a manifest was written, or something removed. A new file takes nothing away."""
        if method in {"PUT", "POST", "DELETE"} and (method == "DELETE" or "?delete" in path or "/manifest." in path):
            self.look()
        if method == "DELETE" or "?delete" in path:
            self.miss()

    def miss(self) -> None:
        """Something was removed: see that nothing a visitor reads first (manifests and their pages, the gallery) names it."""
        with self._lock:
            for key in sorted(self._named()):
                if self._get(key)[0] != 200:
                    self.wrong.append(f"{key} was removed, and is still named")

    def _named(self) -> set[str]:
        """Every file and every further page that the manifests and the gallery name now."""
        status, body = self._get(layout.pointer_key(self._slug))
        named: set[str] = set()
        texts = [body] if status == 200 else []
        seen = {layout.pointer_key(self._slug)}
        if texts:
            links = json.loads(body)["links"]
            names = [layout.language_key(self._slug, lang) for lang in links["languages"]]
            texts += [found for key in (*names, links["page"]) for code, found in (self._get(key),) if code == 200]
        while texts:
            found = {key.decode() for key in _FILE.findall(texts.pop())}
            named |= found
            texts += [self._get(key)[1] for key in found - seen if key.endswith(".json")]
            seen |= found
        return named

    def look(self, *, again: bool = False) -> None:
        """Read the pointer and, if it is another one than before (or `again`), all that it names, in every language."""
        with self._lock:
            self.looks += 1
            status, body = self._get(layout.pointer_key(self._slug))
            if status in {403, 404} and not self.manifest:  # S3 tells strangers 403 for what is not there
                return
            if status != 200:
                self.wrong.append(f"the pointer answers {status}")
                return
            self.manifest = body
            if again or body != self._seen:
                self._seen = body
                try:
                    self._read_all(body)
                except (ValueError, KeyError, OSError) as error:
                    self.wrong.append(f"what was read can't be understood: {error!r}")

    def _read_all(self, body: bytes) -> None:
        pages, done = [body], set[str]()
        while pages:
            value = json.loads(pages.pop())
            further = [value["next"]] if value.get("next") else []
            for key in [*(layout.language_key(self._slug, lang) for lang in value["links"]["languages"]), *further]:
                if key not in done:
                    done.add(key)
                    status, data = self._get(key)
                    if status == 200:
                        pages.append(data)
                    else:
                        self.wrong.append(f"{key} answers {status}")
            for key, size in addresses(value):
                if key in done:
                    continue
                done.add(key)
                status, data = self._get(key)
                if status != 200 or size not in {None, len(data)}:
                    self.wrong.append(f"{key} answers {status} with {len(data)} bytes instead of {size}")

    def _get(self, key: str) -> tuple[int, bytes]:
        if self.peek:
            return self.peek(key)
        connection = http.client.HTTPConnection(self._where.netloc, timeout=60)
        try:
            connection.request("GET", f"{self._where.path}/{key}")
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()
