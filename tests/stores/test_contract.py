"""Every store keeps the contract of `ports.Store`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from s3_buckets import client, new_store

from mediaarchive.ports import Store
from mediaarchive.stores.local import LocalStore
from mediaarchive.stores.memory import MemoryStore
from mediaarchive.stores.retrying import RetryingStore
from mediaarchive.stores.s3 import S3Store
from mediaarchive.testing.stores import StoreContract


class TestMemoryStore(StoreContract):
    """In memory."""

    @pytest.fixture
    def store(self) -> Store:
        """A new one."""
        return MemoryStore()


class TestLocalStore(StoreContract):
    """In a folder that doesn't exist yet."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        """Below folders that are made when they are needed."""
        return LocalStore("site", tmp_path / "new" / "site")


class TestLocalStoreWithoutLinks(StoreContract):
    """In a folder whose file system has no hard links (FAT, some network shares)."""

    @pytest.fixture
    def store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
        """A folder where the system refuses links as FAT does."""

        def no_links(source: Path, target: Path) -> None:
            raise PermissionError(1, "Operation not permitted", str(source), None, str(target))

        monkeypatch.setattr("os.link", no_links)
        return LocalStore("site", tmp_path / "site")


class S3Contract(StoreContract):
    """In a bucket; headers are asked for with a plain client."""

    def headers(self, store: Store, key: str) -> Mapping[str, str] | None:
        """What the server says of the object."""
        url = urlsplit(store.url(key))
        _, bucket, name = url.path.split("/", 2)
        reply = client(f"{url.scheme}://{url.netloc}").head_object(Bucket=bucket, Key=name)
        return reply["ResponseMetadata"]["HTTPHeaders"]


class TestS3StoreOnMoto(S3Contract):
    """S3 as AWS documents it, behind the wrapper that runs use."""

    @pytest.fixture
    def store(self, moto: str) -> Store:
        """A new bucket."""
        return RetryingStore(S3Store(new_store(moto)))


class TestS3StoreOnRclone(S3Contract):
    """`rclone serve s3`, a folder as buckets: it ignores conditions, so it is for a single publisher only."""

    single_writer = True

    @pytest.fixture
    def store(self, rclone: str) -> Store:
        """A new bucket."""
        return RetryingStore(S3Store(new_store(rclone, single_writer=True)))


@pytest.mark.ceph
class TestS3StoreOnCeph(S3Contract):
    """A real server that verifies signatures and bytes, and takes If-Match only without quotes."""

    @pytest.fixture
    def store(self, ceph: str) -> Store:
        """A new bucket."""
        return S3Store(new_store(ceph))


@pytest.mark.ceph
class TestS3StoreOnVersionedCeph(S3Contract):
    """With versions, radosgw 16 ignores If-None-Match and refuses every If-Match: for a single publisher only."""

    single_writer = True

    @pytest.fixture
    def store(self, ceph: str) -> Store:
        """A new bucket that keeps old versions."""
        return S3Store(new_store(ceph, versioned=True, single_writer=True))
