"""Senders' checksum lists: what they promise is checked, and what never came is named."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mediaarchive.errors import BadInput
from mediaarchive.media.checksums import read_checksums

from .conftest import SETTINGS, Space
from .files import jpeg, picture

Make = Callable[..., Space]
WAITING = SETTINGS.replace("patience = 0", "patience = 3600")
ONE, TWO, THREE = (jpeg(picture(seed, (300, 200))) for seed in (1, 2, 3))


def digest(data: bytes, algorithm: str = "sha256") -> str:
    return hashlib.new(algorithm, data).hexdigest()


def put(ws: Space, **files: bytes) -> Path:
    folder = ws.root / "inbox" / "fete"
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_jpg", ".jpg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def told(report: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    paths = [entry["path"] for entry in report["files"]]
    assert len(paths) == len(set(paths)), "every file stands exactly once"
    return {entry["path"].removeprefix("inbox/fete/"): (entry["outcome"], entry["code"]) for entry in report["files"]}


def reason(report: dict[str, Any], name: str) -> str:
    return str(next(entry["reason"] for entry in report["files"] if entry["path"].endswith(name)))


LISTS = {
    "gnu/SHA256SUMS": f"{digest(ONE)}  card/a b.jpg\n",
    "windows/SHA256SUMS": f"{digest(ONE).upper()} *./card/a b.jpg\r\n\r\n",
    "bsd/card.sha256": f"SHA256 (card/a b.jpg) = {digest(ONE)}\n",
    "comment/MD5SUMS": f"# made by hand\n{digest(ONE, 'md5')}  card/a b.jpg",
    "mark/card.md5": f"\ufeff; FastSum\r\n{digest(ONE, 'md5')} *card\\a b.jpg\r\n",
    "bsd5/checksums.txt": f"MD5 (card/a b.jpg) = {digest(ONE, 'md5')}\n",
    "bag/manifest-sha512.txt": f"{digest(ONE, 'sha512')} card/a b.jpg\n",
    "absolute/SHA1SUMS": f"{digest(ONE, 'sha1')}  /Volumes/EOS/absolute/card/a b.jpg\n",
}


def test_a_list_is_read_however_it_was_written(space: Make) -> None:
    ws = space()
    for name, text in LISTS.items():
        put(ws, **{name: text.encode(), f"{name.partition('/')[0]}/card/a b.jpg": ONE})
    report = ws.run()
    said = told(report)
    assert {name: said[name] for name in LISTS} == dict.fromkeys(LISTS, ("sidecar", "checksums-match"))
    assert "All 1 files" in reason(report, "MD5SUMS")
    assert {outcome for outcome, _ in said.values()} == {"sidecar", "published", "alternate"}
    assert not list((ws.root / "inbox" / "fete").rglob("*SUMS")), "kept to the letter, they left with their files"


def test_a_file_that_was_damaged_on_the_way_waits_and_is_then_refused(space: Make) -> None:
    ws = space(settings=WAITING)
    lists = f"{digest(ONE)}  one.jpg\n{digest(TWO)}  two.jpg\n{digest(THREE)}  three.jpg\n".encode()
    folder = put(ws, one_jpg=ONE, two_jpg=TWO[:-2000] + bytes(1998) + b"\xff\xd9", SHA256SUMS=lists)
    report = ws.run()
    assert told(report) == {
        "one.jpg": ("published", None),
        "two.jpg": ("waiting", "checksum-mismatch"),
        "SHA256SUMS": ("sidecar", "checksums-missing"),
    }
    assert reason(report, "SHA256SUMS").endswith("not whole here yet: two.jpg, three.jpg.")
    assert (folder / "two.jpg").exists()
    ws.config.write_text(SETTINGS)
    report = ws.run()
    assert told(report)["two.jpg"] == ("rejected", "checksum-mismatch")
    assert "damaged on the way; send it again" in (folder / "_rejected" / "two.jpg.txt").read_text()
    put(ws, two_jpg=TWO, three_jpg=THREE)
    assert told(ws.run()) == {
        "two.jpg": ("published", None),
        "three.jpg": ("published", None),
        "SHA256SUMS": ("sidecar", "checksums-match"),
    }


def test_a_list_of_everything_in_a_folder_is_kept_to_by_what_counts(space: Make) -> None:
    ws = space()
    everything = {"one.jpg": ONE, "page.jpg": b"<html>", ".DS_Store": b"x", "Thumbs.db": b"y", "SHA256SUMS": b""}
    lists = "".join(f"{digest(data)}  ./{name}\n" for name, data in everything.items()).encode()
    folder = put(ws, **(everything | {"SHA256SUMS": lists}))
    report = ws.run()
    assert told(report)["SHA256SUMS"] == ("sidecar", "checksums-match")
    assert told(report)["page.jpg"] == ("rejected", "web-page")
    assert "All 2 files" in reason(report, "SHA256SUMS")
    assert not (folder / "SHA256SUMS").exists()


def test_a_list_that_comes_later_is_compared_with_what_was_taken(space: Make) -> None:
    ws = space()
    put(ws, one_jpg=ONE, two_jpg=TWO)
    ws.run()
    lists = f"{digest(ONE, 'md5')}  one.jpg\n{digest(THREE, 'md5')}  two.jpg\n".encode()
    folder = put(ws, MD5SUMS=lists)
    report = ws.run()
    assert told(report) == {"MD5SUMS": ("sidecar", "checksums-differ")}
    assert "two.jpg" in reason(report, "MD5SUMS")
    assert (folder / "MD5SUMS").exists()


def test_names_match_whatever_their_unicode_form_case_or_folder(space: Make) -> None:
    ws = space()
    rows = [
        (ONE, "EOS/100CANON/Fête.jpg"),  # the list lies inside of what it names
        (TWO, "EOS/100CANON/two.JPG"),
        (THREE, "EOS/101CANON/two.JPG"),  # another folder's, which isn't here: says nothing of ours
    ]
    lists = "".join(f"{digest(data)}  {unicodedata.normalize('NFD', name)}\n" for data, name in rows).encode()
    put(ws, **{"100CANON__Fête_jpg": ONE, "100CANON__two_jpg": TWO, "sums.sha256": lists})
    report = ws.run()
    assert told(report)["sums.sha256"] == ("sidecar", "checksums-missing")
    assert reason(report, "sums.sha256").endswith("not whole here yet: EOS/101CANON/two.JPG.")
    assert told(report)["100CANON/two.jpg"] == ("published", None)


def test_a_read_only_inbox_keeps_its_list_and_hears_of_it_once(space: Make) -> None:
    ws = space(settings=SETTINGS.replace("[ingest]", '[ingest]\nmode = "keep"'))
    folder = put(ws, one_jpg=ONE, **{"one.jpg.md5": digest(ONE, "md5").encode()})
    for _ in range(2):
        assert told(ws.run()) == {"one.jpg": ("published", None), "one.jpg.md5": ("sidecar", "checksums-match")}
    assert {path.name for path in folder.iterdir()} == {"one.jpg", "one.jpg.md5"}


@pytest.mark.parametrize("text", ["", "hello\n", f"{'a' * 63}  x.jpg\n", "../../etc/passwd\n", "\0" * 50])
def test_what_is_no_list_is_refused_by_line(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_checksums(text.encode(), "MD5SUMS")
    assert caught.value.problem.code == "checksums-unreadable"


def test_a_name_of_two_lines_is_written_as_coreutils_does() -> None:
    assert read_checksums(b"\\" + b"a" * 32 + b"  two\\nlines\\\\.jpg\n", "x")[0][2] == "two\nlines\\.jpg"
