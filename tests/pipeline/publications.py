"""Publications that are repeated many times: a workspace whose pictures were made once, open in this process, and new buckets."""

from __future__ import annotations

import dataclasses
import functools
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from reader import Reader
from s3_buckets import client

from mediaarchive.config import load_settings
from mediaarchive.config.settings import StoreSettings
from mediaarchive.engines.inline import InlineEngine
from mediaarchive.errors import StoreError
from mediaarchive.events import Fanout
from mediaarchive.pipeline.event import process
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.publishing.listing import Cards, list_events
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.workspace import Workspace
from mediaarchive.stores import open_store, s3, s3_bucket
from mediaarchive.stores.retrying import RetryingStore
from mediaarchive.stores.s3 import S3Store
from mediaarchive.stores.s3_direct import Direct

from .conftest import Space
from .files import jpeg, picture
from .test_s3 import public

SLUG = "fair"
SMALL = """\
[ingest]
settle = 0
patience = 0
[[rendition]]
format = "jpeg"
edges = [64]
[limits]
min_free = 1
"""


@dataclass
class Clients:
    """As `s3_bucket.connect`, whose clients cost 0.1 s each: one for each address, patience and timeout.

    `page`: how many keys a list gives at once, where it isn't the server's thousand.
    """

    made: dict[tuple[str, int, float], s3_bucket.Bucket] = field(default_factory=dict)
    impatient: set[str] = field(default_factory=set)
    page: int = 0
    directs: dict[tuple[str, int, float], Direct] = field(default_factory=dict)
    session: botocore.session.Session = field(default_factory=botocore.session.get_session)

    def connect(self, settings: StoreSettings, _attempts: int = 0) -> s3_bucket.Bucket:
        """A bucket with a client that may have been used before."""
        attempts = 1 if settings.name in self.impatient else s3_bucket.ATTEMPTS
        key = (settings.endpoint, attempts, settings.timeout)
        if key not in self.made:
            self.made[key] = s3_bucket.connect(settings, attempts)
            for call in ("ListObjectsV2", "ListObjectVersions") if self.page else ():
                self.made[key].client.meta.events.register(f"provide-client-params.s3.{call}", self._by_page)
        bucket, prefix = s3_bucket.parse_url(settings.url)
        if key in self.directs:  # or the shared client would keep each one's connections
            self.made[key].client.meta.events.unregister("before-send.s3.PutObject", self.directs[key]._learn)
        self.directs[key] = direct = Direct(
            self.session, self.made[key].client, bucket, (min(5, settings.timeout), settings.timeout)
        )
        return dataclasses.replace(self.made[key], bucket=bucket, prefix=prefix, direct=direct)

    def _by_page(self, params: dict[str, Any], **_event: object) -> dict[str, Any]:
        return {"MaxKeys": self.page} | params


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Clients that are shared by all stores of a test."""
    made = Clients()
    monkeypatch.setattr(s3, "connect", made.connect)
    return made


@dataclass(frozen=True)
class Place:
    """A bucket that anybody may read, and a visitor. `name`: of the store."""

    name: str
    bucket: str
    endpoint: str
    reader: Reader

    @classmethod
    def new(cls, endpoint: str, *, versioned: bool = False) -> Place:
        name = f"faults-{secrets.token_hex(6)}"
        public(endpoint, name)
        if versioned:
            client(endpoint).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return cls(f"s-{name}", name, endpoint, Reader(f"{endpoint}/{name}/public", SLUG))

    def settings(self, through: str, *, timeout: float = 60, single_writer: bool = False) -> StoreSettings:
        """The store's settings, reached `through` a proxy."""
        return StoreSettings(
            name=self.name,
            url=f"s3://{self.bucket}/public",
            endpoint=through,
            addressing="path",
            base_url=f"{self.endpoint}/{self.bucket}/public",
            timeout=timeout,
            single_writer=single_writer,
        )


@contextmanager
def opened(root: Path) -> Iterator[Shop]:
    """A workspace, open in this thread, with its own local store."""
    workspace = Workspace.at(root)
    settings = load_settings(workspace.config, {}, None).settings
    catalog = workspace.catalog()
    stores = (open_store(settings.store[0], workspace.root),)
    yield Shop(
        workspace=workspace, settings=settings, catalog=catalog, engine=InlineEngine(), stores=stores, sink=Fanout()
    )
    catalog.close()


def publish(shop: Shop, settings: StoreSettings, clients: Clients, *, patient: bool = True) -> list[Failure]:
    """One run's publication. Impatient: the first trouble ends it, as if the machine had stopped there."""
    (clients.impatient.discard if patient else clients.impatient.add)(settings.name)
    store = RetryingStore(S3Store(settings), 300 if patient else 0, sleep=lambda _: None)
    shop = dataclasses.replace(shop, stores=(store, shop.stores[-1]))
    try:
        store.check()
        store.sweep()
    except (StoreError, s3.StoreRefused) as error:
        return [Failure(store=store.name, event=SLUG, error=error)]
    cards = Cards(shop=shop)
    results = [process(shop, event, cards) for event in shop.catalog.events()]
    failures = [failure for result in results for failure in result.failures]
    return failures + list_events(shop, cards, {failure.store for failure in failures})


@functools.cache
def photograph(seed: int) -> bytes:
    """The same bytes for the same seed (its noise is drawn once)."""
    return jpeg(picture(seed, (300, 220)), at=f"2024:05:0{seed} 12:00:00")


def small_event(root: Path, seeds: tuple[int, ...] = (1, 2, 3), salt: str | None = None, name: str = "") -> Space:
    """A workspace with a few small pictures, published into its folder."""
    space = Space(root)
    space.init(f'[workspace]\nname = "{name}"\n{SMALL}', *([salt] if salt else []))
    folder = space.root / "inbox" / SLUG
    folder.mkdir()
    for seed in seeds:
        (folder / f"{seed}.jpg").write_bytes(photograph(seed))
    space.run()
    return space


def lose_catalog(space: Space) -> None:
    """As if the disk had been restored from the journal and the originals alone."""
    for path in (space.root / "archive").glob("catalog.db*"):
        path.unlink()
    shutil.rmtree(space.root / "archive" / "work" / "spool", ignore_errors=True)
