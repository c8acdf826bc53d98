"""The local server answers as production does, and gives nothing that isn't published."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from mediaarchive import layout
from mediaarchive.site.server import Span, requested

if TYPE_CHECKING:
    from pathlib import Path

SLUG, DESCRIBED, FILM = "wehubit-week-2022", f"p-{'a' * 13}", f"v-{'g' * 13}"
Served = tuple[str, list[tuple[str, str, int]]]
MOVIE = f"/media/{FILM}/1080p-00000001.mp4"
SIZE = 2048


def ask(served: Served, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body; header names are written with underscores. Redirects are not followed."""
    connection = http.client.HTTPConnection(urlsplit(served[0]).netloc, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, body


def test_the_first_address_leads_to_the_events(served: Served) -> None:
    status, headers, _ = ask(served, "/")
    assert (status, headers["location"]) == (302, "/events/index.html")


@pytest.mark.parametrize(
    "key", [f"events/{SLUG}/index.html", f"media/{DESCRIBED}/640.jpg", "assets/site-1.css", MOVIE[1:]]
)
def test_types_and_cache_headers_are_those_of_production(served: Served, root: Path, key: str) -> None:
    status, headers, body = ask(served, f"/{key}")
    assert status == 200
    assert body == (root / key).read_bytes()
    assert headers["content-type"] == layout.content_type(key)
    assert headers["cache-control"] == layout.cache_control(key)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["access-control-allow-origin"] == "*"
    assert {"ETag", "Content-Range"} <= set(headers["access-control-expose-headers"].split(", "))


def test_a_folder_shows_its_page_and_never_a_listing(served: Served) -> None:
    assert ask(served, f"/events/{SLUG}/")[0] == 200
    status, headers, _ = ask(served, f"/events/{SLUG}")
    assert (status, headers["location"]) == (301, f"/events/{SLUG}/")
    assert ask(served, "/media/")[0] == 404


def test_a_page_that_has_not_changed_is_not_sent_again(served: Served) -> None:
    _, headers, _ = ask(served, "/events/index.html")
    status, again, body = ask(served, "/events/index.html", If_None_Match=f'"other", W/{headers["etag"]}')
    assert (status, body, again["etag"]) == (304, b"", headers["etag"])
    assert ask(served, "/events/index.html", If_None_Match='"other"')[0] == 200


def test_a_film_can_be_started_in_the_middle(served: Served, root: Path) -> None:
    whole = (root / MOVIE[1:]).read_bytes()
    status, headers, body = ask(served, MOVIE, Range="bytes=100-199")
    assert (status, body) == (206, whole[100:200])
    assert headers["content-range"] == f"bytes 100-199/{SIZE}"
    assert ask(served, MOVIE, Range="bytes=2000-")[2] == whole[2000:]
    assert ask(served, MOVIE, Range="bytes=-48")[2] == whole[-48:]
    status, headers, _ = ask(served, MOVIE, Range=f"bytes={SIZE}-")
    assert (status, headers["content-range"]) == (416, f"bytes */{SIZE}")


def test_a_part_of_an_older_version_is_not_mixed_with_the_new_one(served: Served) -> None:
    status, _, body = ask(served, MOVIE, Range="bytes=0-9", If_Range='"older"')
    assert (status, len(body)) == (200, SIZE)


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=90-200", Span(90, 100)),
        ("bytes=-500", Span(0, 100)),
        ("bytes=-", None),
        ("bytes=9-1", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
    ],
)
def test_ranges_are_read_as_the_standard_says(header: str | None, span: Span | None) -> None:
    assert requested(header, 100) == span


def test_the_head_of_a_file_is_told_without_its_body(served: Served) -> None:
    status, headers, body = ask(served, MOVIE, "HEAD", Range="bytes=0-9")
    assert (status, headers["content-length"], body) == (200, str(SIZE), b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/events/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/events/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//secret.txt",
        "/..%5csecret.txt",
        "/.env",
        "/media/.hidden/x.jpg",
        "/leak.txt",
        "/%00",
        "/%ff",
        "/nothing",
    ],
)
def test_nothing_outside_the_published_folder_is_ever_given(served: Served, root: Path, path: str) -> None:
    (root.parent / "secret.txt").write_text("secret")
    (root / ".env").write_text("secret")
    (root / "media" / ".hidden").mkdir(exist_ok=True)
    (root / "media" / ".hidden" / "x.jpg").write_text("secret")
    if not (root / "leak.txt").is_symlink():
        (root / "leak.txt").symlink_to(root.parent / "secret.txt")
    status, _, body = ask(served, path)
    assert status == 404
    assert b"secret" not in body


def test_other_sites_may_read_but_nobody_may_write(served: Served) -> None:
    status, headers, _ = ask(served, MOVIE, "OPTIONS", Origin="https://www.example.org")
    assert (status, headers["access-control-allow-methods"]) == (204, "GET, HEAD, OPTIONS")
    assert [ask(served, MOVIE, method)[0] for method in ("POST", "PUT", "DELETE")] == [405, 405, 405]


def test_requests_are_told_to_whoever_wants_to_know(served: Served) -> None:
    ask(served, "/events/index.html?from=mail")
    assert ("GET", "/events/index.html?from=mail", 200) in served[1]
