"""A folder as a store: durable, readable by a web server, and clear about trouble."""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from mediaarchive.errors import DiskFull, StoreError, Unwritable
from mediaarchive.stores.local import LocalStore
from mediaarchive.testing.stores import POINTER, digest, media


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """An empty folder."""
    return LocalStore("site", tmp_path / "site")


def _full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_files_have_the_names_that_a_web_server_serves(store: LocalStore) -> None:
    store.put("events/index.html", b"page")
    assert (store.root / "events" / "index.html").read_bytes() == b"page"


def test_a_web_server_of_another_user_can_read_everything(store: LocalStore) -> None:
    before = os.umask(0o022)
    try:
        store.create(media(b"x"), b"x", sha256=digest(b"x"))
        store.put(POINTER, b"x")
    finally:
        os.umask(before)
    for key in (media(b"x"), POINTER):
        assert (store.root / key).stat().st_mode & 0o777 == 0o644
        assert (store.root / key).parent.stat().st_mode & 0o777 == 0o755


def test_a_stricter_umask_is_respected(store: LocalStore) -> None:
    before = os.umask(0o077)
    try:
        store.put(POINTER, b"x")
    finally:
        os.umask(before)
    assert (store.root / POINTER).stat().st_mode & 0o777 == 0o600


def test_a_published_file_is_no_link_to_the_spool(store: LocalStore, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.write_bytes(b"x")
    store.create(media(b"x"), spool, sha256=digest(b"x"))
    published = (store.root / media(b"x")).stat()
    assert published.st_ino != spool.stat().st_ino
    assert (published.st_nlink, spool.stat().st_nlink) == (1, 1)


def test_a_full_disk_is_said_in_words_and_leaves_nothing(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put(POINTER, b"before")
    monkeypatch.setattr("os.write", _full)
    for call in (
        lambda: store.put(POINTER, b"after"),
        lambda: store.create(media(b"x"), b"x", sha256=digest(b"x")),
    ):
        with pytest.raises(StoreError, match=f"the disk of {store.root} is full"):
            call()
    with pytest.raises(DiskFull):
        store.check()
    assert [path.name for path in store.root.rglob("*") if path.is_file() and path.name != ".lock"] == ["manifest.json"]
    assert (store.get(POINTER) or (b"",))[0] == b"before"


def test_a_folder_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file")
    with pytest.raises(Unwritable, match="can't be written") as refusal:
        LocalStore("site", tmp_path / "site").check()
    assert str(tmp_path / "site") in str(refusal.value)


def test_a_folder_without_permission_is_refused() -> None:
    with pytest.raises(Unwritable):
        LocalStore("site", Path("/proc/site")).check()  # where not even root may write


def test_an_object_altered_by_hand_is_noticed(store: LocalStore) -> None:
    made = store.create(media(b"photo"), b"photo", sha256=digest(b"photo"))
    (store.root / made.key).write_bytes(b"ph0to")
    found = store.stat(made.key)
    assert found is not None
    assert found.sha256 == digest(b"ph0to")


def test_what_others_put_into_the_folder_is_left_alone(store: LocalStore) -> None:
    store.put("a.txt", b"x")
    (store.root / ".htaccess").write_text("x")
    (store.root / "my notes.txt").write_text("x")
    (store.root / ".well-known").mkdir()
    (store.root / ".well-known" / "x").write_text("x")
    assert [stat.key for stat in store.list("")] == ["a.txt"]
    store.delete("a.txt")
    assert (store.root / "my notes.txt").exists()


def test_a_takedown_leaves_no_empty_folder_behind(store: LocalStore) -> None:
    store.put("media/p-a/640.jpg", b"x")
    store.put("media/p-b/640.jpg", b"x")
    store.delete("media/p-a/640.jpg")
    assert sorted(path.name for path in (store.root / "media").iterdir()) == ["p-b"]


def test_creating_while_folders_are_tidied_away_always_succeeds(store: LocalStore) -> None:
    done = threading.Event()

    def tidy() -> None:
        while not done.is_set():
            store.delete("media/p-a/1.jpg")

    thread = threading.Thread(target=tidy)
    thread.start()
    try:
        for number in range(60):
            key = f"media/p-a/{number % 2 + 1}.jpg"
            assert store.create(key, b"x", sha256=digest(b"x")).bytes == 1
            if key.endswith("2.jpg"):
                assert store.get(key) is not None
                store.delete(key)
    finally:
        done.set()
        thread.join()


def test_leftovers_of_a_crash_are_swept_after_a_day(store: LocalStore) -> None:
    store.check()
    old, young = store.root / ".tmp-1-old", store.root / ".tmp-1-young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    assert list(store.list("")) == []
    assert store.sweep() == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_a_listing_does_not_read_films(store: LocalStore) -> None:
    store.create(media(b"film", "1080p", "mp4"), b"film", sha256=digest(b"film"))
    store.put(POINTER, b"manifest")
    assert {stat.key: stat.sha256 for stat in store.list("")} == {
        media(b"film", "1080p", "mp4"): None,
        POINTER: digest(b"manifest"),
    }


def test_an_address_is_a_file_or_below_the_public_one(tmp_path: Path) -> None:
    assert LocalStore("site", tmp_path).url("a.txt") == (tmp_path / "a.txt").as_uri()
    assert LocalStore("site", tmp_path, "https://example.org/media/").url("a.txt") == "https://example.org/media/a.txt"
