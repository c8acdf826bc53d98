"""Asks a public address as a visitor does: without credentials, and without a word of caches, which visitors see too."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message

PATIENCE = 30.0  # seconds for one answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an address answered; headers in lower case. `body`: of a success, else empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(url: str, method: str = "GET", headers: Mapping[str, str] | None = None, data: bytes | None = None) -> Answer:
    """One anonymous request.

    Raises:
        OSError: nobody can be reached, or nobody answers.
        http.client.HTTPException: an answer breaks off, or is none.
    """
    request = urllib.request.Request(url, data, dict(headers or {}), method=method)  # noqa: S310 - a store's own address
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:  # noqa: S310 - the same
            return Answer(status=reply.status, headers=_lower(reply.headers), body=reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(status=error.code, headers=_lower(error.headers), body=b"")


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items()}
