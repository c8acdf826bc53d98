"""The contract of a store as a suite: subclass `StoreContract`, give it a `store` fixture, and pytest does the rest."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from mediaarchive import layout
from mediaarchive.errors import Conflict, Damaged, Exists, UsageError
from mediaarchive.ports import Stat, Store

T = TypeVar("T")
ITEM = "p-abcdefghijklm"
POINTER = layout.pointer_key("summer-fair")
LARGE = 20 * 1024 * 1024  # bytes: more than one part of an upload in parts

BAD_KEYS = ("", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "a/.hidden", "a\\b", "a\nb", "größe.jpg", "a b")


def digest(data: bytes) -> str:
    """SHA-256 (hex)."""
    return hashlib.sha256(data).hexdigest()


def media(data: bytes, role: str = "1280", ext: str = "jpg") -> str:
    """The content-addressed key of a rendition with these bytes."""
    return layout.media_key(ITEM, role, digest(data), ext)


def at_once(calls: list[Callable[[], T]]) -> list[T | Exception]:
    """What each call returned or raised, when all of them start at the same moment."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        gate.wait()
        try:
            return call()
        except (Conflict, Exists) as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


class StoreContract:
    """One test for each sentence of `ports.Store`. The fixture `store` gives an empty store for each test.

    `single_writer`: the store was told so, since its server has no conditional writes; then no races are run.
    """

    single_writer = False

    @pytest.fixture
    def store(self) -> Store:
        """An empty store; the subclass must give one."""
        raise NotImplementedError

    def headers(self, store: Store, key: str) -> Mapping[str, str] | None:  # noqa: ARG002
        """The HTTP headers a reader gets (lower-case names), or None where nothing answers by HTTP."""
        return None

    def test_it_is_a_store_and_can_be_used(self, store: Store) -> None:
        """`check` accepts a store that works, also twice, and publishes nothing."""
        assert isinstance(store, Store)
        store.check()
        store.check()
        assert list(store.list("")) == []

    def test_an_object_of_any_size_is_read_into_a_file_and_hashed(self, store: Store, tmp_path: Path) -> None:
        """`fetch` needs no memory for it, and without a target only hashes."""
        data = bytes(range(256)) * (LARGE // 256)
        store.create(media(data), data, sha256=digest(data))
        assert store.fetch(media(data), tmp_path / "copy") == digest(data)
        assert (tmp_path / "copy").read_bytes() == data
        assert store.fetch(media(data)) == digest(data)

    def test_nothing_there_is_none_and_no_error(self, store: Store) -> None:
        """Reading, listing and deleting what isn't there."""
        assert store.stat("media/none.jpg") is None
        assert store.get("media/none.jpg") is None
        assert list(store.list("media/")) == []
        assert store.fetch("media/none.jpg") is None
        store.delete("media/none.jpg")

    def test_what_was_created_can_be_read(self, store: Store) -> None:
        """The bytes, their number, their digest; and one version everywhere."""
        data = b"a photograph"
        made = store.create(media(data), data, sha256=digest(data))
        assert (made.key, made.bytes, made.sha256) == (media(data), len(data), digest(data))
        assert store.get(made.key) == (data, made.version)
        found = store.stat(made.key)
        assert found is not None
        assert (found.bytes, found.version) == (made.bytes, made.version)
        assert found.sha256 in {None, digest(data)}

    def test_creating_the_same_again_is_success(self, store: Store) -> None:
        """Every step can be repeated after a crash."""
        data = b"a photograph"
        first = store.create(media(data), data, sha256=digest(data))
        again = store.create(media(data), data, sha256=digest(data))
        assert again == first
        assert (first.sent, again.sent) == (True, False), "what was sent is counted, and nothing else"

    def test_a_name_that_is_written_once_never_gets_other_bytes(self, store: Store) -> None:
        """`Exists`, and what was there is still there."""
        key = layout.envelope_key("summer-fair", 7)
        store.create(key, b"ours", sha256=digest(b"ours"))
        with pytest.raises(Exists):
            store.create(key, b"theirs", sha256=digest(b"theirs"))
        assert store.get(key) == (b"ours", _version(store, key))

    @pytest.mark.parametrize("size", [1000, LARGE], ids=["small", "large"])
    def test_a_source_that_is_not_what_was_promised_leaves_nothing(
        self, store: Store, tmp_path: Path, size: int
    ) -> None:
        """A bit that flipped in the spool is found before anybody can read it."""
        source = tmp_path / "spool"
        source.write_bytes(b"x" * size)
        with pytest.raises(Damaged):
            store.create("media/damaged.jpg", source, sha256=digest(b"y" * size))
        assert store.stat("media/damaged.jpg") is None
        assert list(store.list("")) == []

    def test_promising_other_bytes_for_a_name_that_is_taken_is_damage_too(self, store: Store) -> None:
        """A wrong source isn't waved through because the right object is there already."""
        store.create(media(b"right"), b"right", sha256=digest(b"right"))
        with pytest.raises(Damaged):
            store.create(media(b"right"), b"wrong", sha256=digest(b"right"))

    def test_a_film_comes_back_whole(self, store: Store, tmp_path: Path) -> None:
        """A large file, given as a path; publishing it again sends nothing else."""
        data = b"".join(digest(str(n).encode()).encode() for n in range(LARGE // 64))
        source = tmp_path / "spool"
        source.write_bytes(data)
        key = media(data, "1080p", "mp4")
        made = store.create(key, source, sha256=digest(data), disposition="Sommerfest.mp4")
        assert made.bytes == len(data)
        found = store.get(key)
        assert found is not None
        assert digest(found[0]) == digest(data)
        again = store.create(key, source, sha256=digest(data))
        assert again.version == made.version == found[1]
        assert (made.sent, again.sent) == (True, False)
        with pytest.raises(Exists):
            store.create(key, b"short", sha256=digest(b"short"))

    def test_the_published_film_does_not_change_with_the_file_it_came_from(self, store: Store, tmp_path: Path) -> None:
        """The spool may be altered or removed afterwards."""
        source = tmp_path / "spool"
        source.write_bytes(b"as published")
        key = media(b"as published")
        store.create(key, source, sha256=digest(b"as published"))
        source.write_bytes(b"written over")
        source.unlink()
        assert store.get(key) == (b"as published", _version(store, key))

    def test_an_empty_object_is_an_object(self, store: Store) -> None:
        """Zero bytes are not nothing."""
        store.create("media/empty.txt", b"", sha256=digest(b""))
        store.put("media/also-empty.txt", b"")
        assert [stat.bytes for stat in store.list("media/")] == [0, 0]
        assert store.get("media/empty.txt") == (b"", _version(store, "media/empty.txt"))

    def test_a_projection_can_be_written_over(self, store: Store) -> None:
        """`put` writes whether or not something is there, and the version follows the bytes."""
        first = store.put("events/index.html", b"one")
        second = store.put("events/index.html", b"two")
        assert store.get("events/index.html") == (b"two", second.version)
        assert first.version != second.version
        assert (second.bytes, second.sha256) == (3, digest(b"two"))

    def test_equal_versions_mean_equal_bytes(self, store: Store) -> None:
        """Contents of one length, written one after the other, never share a version."""
        seen: dict[str, bytes] = {}
        for number in range(30):
            data = f"{number % 5:04}".encode()
            version = store.put(POINTER, data).version
            assert seen.setdefault(version, data) == data
        assert len(seen) >= 5

    def test_a_swap_needs_the_version_that_is_there(self, store: Store) -> None:
        """From nothing, then from the right version; from a wrong one nothing is written."""
        first = store.swap(POINTER, b"one", None)
        second = store.swap(POINTER, b"two", first.version)
        for stale in (None, first.version, digest(b"never")):
            with pytest.raises(Conflict):
                store.swap(POINTER, b"three", stale)
        assert store.get(POINTER) == (b"two", second.version)

    def test_a_swap_of_what_is_gone_is_a_conflict(self, store: Store) -> None:
        """A version is expected, and there is nothing."""
        version = store.swap(POINTER, b"one", None).version
        store.delete(POINTER)
        with pytest.raises(Conflict):
            store.swap(POINTER, b"two", version)
        assert store.get(POINTER) is None

    def test_a_swap_takes_the_version_that_a_list_gave(self, store: Store) -> None:
        """The same version from `put`, `stat`, `get` and `list`."""
        store.put(POINTER, b"one")
        (listed,) = store.list("events/")
        assert store.swap(POINTER, b"two", listed.version).bytes == 3

    @pytest.mark.parametrize("before", [None, b"before"], ids=["from nothing", "from a version"])
    def test_of_eight_publishers_exactly_one_moves_the_pointer(self, store: Store, before: bytes | None) -> None:
        """Compare-and-swap under a race: one winner, and its bytes are there."""
        if self.single_writer:
            pytest.skip("does not apply: this store was promised a single writer")
        store.check()
        version = store.put(POINTER, before).version if before else None
        mine = [f"publisher {number}".encode() for number in range(8)]
        results = at_once([lambda data=data: store.swap(POINTER, data, version) for data in mine])  # type: ignore[misc]
        winners = [data for data, result in zip(mine, results, strict=True) if isinstance(result, Stat)]
        found = store.get(POINTER)
        assert found is not None
        assert winners == [found[0]]
        assert sum(isinstance(result, Conflict) for result in results) == 7

    def test_of_eight_creators_exactly_one_gets_the_name(self, store: Store) -> None:
        """A name that is written once, under a race."""
        if self.single_writer:
            pytest.skip("does not apply: this store was promised a single writer")
        store.check()
        key = layout.envelope_key("summer-fair", 1)
        mine = [f"creator {number}".encode() for number in range(8)]
        results = at_once([lambda data=data: store.create(key, data, sha256=digest(data)) for data in mine])  # type: ignore[misc]
        winners = [data for data, result in zip(mine, results, strict=True) if isinstance(result, Stat)]
        found = store.get(key)
        assert found is not None
        assert winners == [found[0]]

    def test_eight_workers_may_create_the_same(self, store: Store) -> None:
        """The same bytes under a race: success for all."""
        store.check()
        data = b"a photograph"
        results = at_once([lambda: store.create(media(data), data, sha256=digest(data))] * 8)
        assert [result.bytes for result in results if isinstance(result, Stat)] == [len(data)] * 8

    def test_a_reader_never_sees_half_an_object(self, store: Store) -> None:
        """While a page is written over again and again, every read is one of the two pages."""
        pages = {bytes([letter]) * 200_000 for letter in b"ab"}
        store.put("events/index.html", next(iter(pages)))
        done = threading.Event()
        seen: list[bytes] = []

        def read() -> None:
            while not done.is_set():
                found = store.get("events/index.html")
                seen.append(found[0] if found else b"nothing")

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for page in [*pages] * 10:
                store.put("events/index.html", page)
        finally:
            done.set()
            reader.join()
        assert seen
        assert set(seen) <= pages

    def test_a_list_is_in_order_of_key(self, store: Store) -> None:
        """By the whole key, so a folder stands where its slash sorts."""
        keys = ["a/b/c.txt", "a-b/c.txt", "a.txt", "a0/x.txt", "a/b.txt", "a/b0.txt", "b.txt", "A.txt"]
        for key in keys:
            store.put(key, key.encode())
        listed = list(store.list(""))
        assert [stat.key for stat in listed] == sorted(keys)
        assert [stat.bytes for stat in listed] == [len(key) for key in sorted(keys)]

    def test_a_prefix_may_end_anywhere_in_a_key(self, store: Store) -> None:
        """A prefix is text, not a folder."""
        for key in ("media/p-a/1.jpg", "media/p-a/2.jpg", "media/p-ab/1.jpg", "media/v-a/1.jpg"):
            store.put(key, b"x")
        expected = {"media/p-a/": 2, "media/p-a": 3, "media/p": 3, "media/p-a/1": 1, "media": 4, "": 4, "media/x": 0}
        assert {prefix: len(list(store.list(prefix))) for prefix in expected} == expected

    def test_a_takedown_can_be_done_by_prefix(self, store: Store) -> None:
        """Deleting while listing; afterwards nothing is left, and deleting again is no error."""
        for number in range(12):
            store.put(f"media/{ITEM}/{number}.jpg", b"x")
        store.put("media/p-other/1.jpg", b"x")
        for stat in store.list(f"media/{ITEM}/"):
            store.delete(stat.key)
        assert [stat.key for stat in store.list("")] == ["media/p-other/1.jpg"]
        store.delete(f"media/{ITEM}/1.jpg")

    def test_pruning_leaves_what_readers_see(self, store: Store) -> None:
        """Whatever versions there were: each name answers as before, and there is nothing left to prune."""
        for data in (b"the picture", b"the notice"):
            store.put(f"media/{ITEM}/640.jpg", data)
        store.put(f"media/{ITEM}/1280.jpg", b"x")
        store.delete(f"media/{ITEM}/1280.jpg")
        store.prune(f"media/{ITEM}/")
        assert store.prune(f"media/{ITEM}/") == 0
        assert (store.get(f"media/{ITEM}/640.jpg") or (b"", ""))[0] == b"the notice"
        assert [stat.key for stat in store.list("media/")] == [f"media/{ITEM}/640.jpg"]

    def test_deleting_one_object_spares_those_whose_names_go_on(self, store: Store) -> None:
        """`a.jpg` and `a.jpg.txt` are two objects."""
        for key in ("media/a.jpg", "media/a.jpg.txt", "media/a.jpg-2"):
            store.put(key, b"x")
        store.delete("media/a.jpg")
        assert [stat.key for stat in store.list("media/")] == ["media/a.jpg-2", "media/a.jpg.txt"]

    def test_a_deleted_name_can_be_written_again(self, store: Store) -> None:
        """A withdrawal that was restored."""
        data = b"a photograph"
        store.create(media(data), data, sha256=digest(data))
        store.delete(media(data))
        assert store.get(media(data)) is None
        assert store.create(media(data), data, sha256=digest(data)).bytes == len(data)

    def test_a_key_that_is_no_key_is_refused(self, store: Store) -> None:
        """Nothing escapes from the store's root, and a folder and a bucket allow the same."""
        calls: list[Callable[[str], object]] = [store.stat, store.get, store.delete, store.url]
        calls += [
            lambda key: store.put(key, b"x"),
            lambda key: store.swap(key, b"x", None),
            lambda key: store.create(key, b"x", sha256=digest(b"x")),
        ]
        for key in BAD_KEYS:
            for call in calls:
                with pytest.raises(UsageError):
                    call(key)

    def test_a_url_ends_with_its_key(self, store: Store) -> None:
        """A key has an address that a reader can open."""
        url = store.url(f"media/{ITEM}/640.jpg")
        assert "://" in url
        assert url.endswith(f"/media/{ITEM}/640.jpg")

    def test_many_threads_may_write_at_once(self, store: Store) -> None:
        """Thirty-two objects from eight threads."""
        datas = [f"photograph {number}".encode() for number in range(32)]
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda data: store.create(media(data), data, sha256=digest(data)), datas))
        assert {stat.key: stat.bytes for stat in store.list("media/")} == {stat.key: stat.bytes for stat in made}

    def test_headers_follow_from_the_name(self, store: Store, tmp_path: Path) -> None:
        """Content type, caching and the name for saving, for small and large objects alike."""
        photo, film = b"photo", b"film" * (LARGE // 4)
        spool = tmp_path / "spool"
        spool.write_bytes(film)
        keys = [media(photo), media(film, "1080p", "mp4"), POINTER]
        store.create(keys[0], photo, sha256=digest(photo), disposition='Fête "A" 100 %.jpg')
        store.create(keys[1], spool, sha256=digest(film), disposition="summer.mp4")
        store.swap(keys[2], b"{}", None)
        for key in keys:
            headers = self.headers(store, key)
            if headers is None:
                pytest.skip("does not apply: nothing answers by HTTP here")
            assert headers["content-type"] == layout.content_type(key)
            assert headers["cache-control"] == layout.cache_control(key)
        shown = [(self.headers(store, key) or {}).get("content-disposition") for key in keys]
        assert shown == [
            "inline; filename=\"F_te A 100 _.jpg\"; filename*=UTF-8''F%C3%AAte%20A%20100%20%25.jpg",
            'inline; filename="summer.mp4"',
            None,
        ]


def _version(store: Store, key: str) -> str:
    found = store.stat(key)
    assert found is not None
    return found.version
