"""A published object as a visitor's browser gets it: address, type, cache, range, other origins. Without credentials."""

from __future__ import annotations

import email.utils
import http.client
import time
from collections.abc import Iterator, Mapping

from mediaarchive import layout
from mediaarchive.pipeline import visitor
from mediaarchive.pipeline.checking.check import Check, Place
from mediaarchive.pipeline.visitor import Answer

_ORIGIN = "https://www.example.org"
_SKEW_BAD, _SKEW_WARNING = 300.0, 30.0  # seconds; S3 refuses requests that are 15 minutes off
_POLICY = "apply config/s3/public-read-policy.json"


def ask(url: str, method: str = "GET", headers: Mapping[str, str] | None = None, data: bytes | None = None) -> Answer:
    """One anonymous request. Where nothing answers, the status is 0, and `body` says why."""
    try:
        return visitor.ask(url, method, headers, data)
    except (OSError, http.client.HTTPException) as error:
        return Answer(status=0, headers={}, body=str(getattr(error, "reason", error)).encode())


def visit(place: Place, url: str, key: str, data: bytes) -> Iterator[Check]:
    """Everything a visitor's browser relies on, for an object that was just published. Nothing more where it can't be read."""
    answer = ask(url)
    if answer.status != 200:
        said = f"answers {answer.status}" if answer.status else f"can't be reached ({answer.body.decode()})"
        yield place.bad("public read", f"{url} {said}", f"{_POLICY}; or correct base_url")
        return
    if answer.body != data:
        yield place.bad(
            "public read", f"{url} answers with something else than was just published", "correct base_url in [[store]]"
        )
        return
    yield place.ok("public read", f"{url} answers without credentials, with the bytes that were just published")
    yield _headers(place, key, answer)
    yield _range(place, url, data)
    yield from _origins(place, url)
    if "date" in answer.headers:
        yield clock(place, answer.headers["date"])


def _headers(place: Place, key: str, answer: Answer) -> Check:
    wanted = {"content-type": layout.content_type(key), "cache-control": layout.cache_control(key)}
    wrong = [f"{name} is {answer.headers.get(name)!r}, not {value!r}" for name, value in wanted.items()
             if answer.headers.get(name) != value]  # fmt: skip
    if not wrong:
        return place.ok("headers", f"{wanted['content-type']}, {wanted['cache-control']}")
    todo = "let the web server or CDN pass headers on, or set them as `mediaarchive serve` does"
    state = place.bad if answer.headers.get("content-type") != wanted["content-type"] else place.warning
    return state("headers", "; ".join(wrong), todo)


def _range(place: Place, url: str, data: bytes) -> Check:
    answer = ask(url, headers={"Range": "bytes=2-5"})
    if answer.status == 206 and answer.body == data[2:6]:
        return place.ok("ranges", "parts of a file are served: films start and seek")
    return place.warning(
        "ranges", f"a range is answered with {answer.status}", "films may not start on Apple devices: serve ranges"
    )


def _origins(place: Place, url: str) -> Iterator[Check]:
    """Web pages of other hosts read the manifest; a browser first asks whether they may."""
    todo = "apply config/s3/cors.json"
    answer = ask(url, headers={"Origin": _ORIGIN})
    if not answer.status:
        text = f"not known: no answer ({answer.body.decode()})"
        yield place.warning("other origins", text, "see whether server and network are well, then run doctor again")
        return
    allowed = answer.headers.get("access-control-allow-origin")
    if allowed in {"*", _ORIGIN}:
        yield place.ok("other origins", f"pages of other hosts may read it ({allowed})")
    else:
        yield place.bad("other origins", "pages of other hosts can't read the manifest", todo)
    asked = {"Origin": _ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    answer = ask(url, "OPTIONS", asked)
    if answer.status in {200, 204} and answer.headers.get("access-control-allow-origin") in {"*", _ORIGIN}:
        yield place.ok("preflight", "a browser that asks first is told yes")
    else:
        yield place.warning("preflight", f"a browser that asks first (ranges) is told {answer.status}", todo)


def clock(place: Place, date: str) -> Check:
    """How far this machine's clock is from the server's."""
    there = email.utils.parsedate_tz(date)
    skew = abs(time.time() - email.utils.mktime_tz(there)) if there else 0.0
    text = f"this machine's clock and the server's differ by {skew:.0f} s"
    if skew < _SKEW_WARNING:
        return place.ok("clock", text)
    state = place.bad if skew > _SKEW_BAD else place.warning
    return state("clock", text, "set the clock: timedatectl set-ntp true")
