"""Places to publish to: a folder, an S3-compatible bucket, memory; and wrappers that retry or only pretend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mediaarchive.errors import ConfigError

if TYPE_CHECKING:
    from mediaarchive.config.settings import StoreSettings
    from mediaarchive.ports import Store
    from mediaarchive.stores.retrying import Line


def open_store(settings: StoreSettings, workspace: Path, lines: dict[str, Line] | None = None) -> Store:
    """The store that `settings` describe; a relative folder starts at `workspace`. Nothing is read, written or sent yet.

    `lines`: what is known of each server, by endpoint, for those who open several stores: one that is silent is found out once.

    Raises:
        ConfigError: the url is neither a folder nor `s3://bucket/prefix`.
    """
    if settings.url.startswith("s3://"):
        from mediaarchive.stores.retrying import Line, RetryingStore  # noqa: PLC0415
        from mediaarchive.stores.s3 import S3Store  # noqa: PLC0415

        # Without an endpoint each bucket has a host of its own.
        line = None if lines is None or not settings.endpoint else lines.setdefault(settings.endpoint, Line())
        return RetryingStore(S3Store(settings), silence_seconds=settings.timeout, line=line)
    if "://" in settings.url:
        raise ConfigError(
            f"the store {settings.name} has an unknown kind of url", hint="use a folder, or s3://bucket/prefix"
        )
    from mediaarchive.stores.local import LocalStore  # noqa: PLC0415

    return LocalStore(settings.name, workspace / Path(settings.url).expanduser(), settings.base_url)


def hasty(store: Store) -> Store:
    """The same store for somebody who waits: a server that is silent is given up within seconds, and asked only once."""
    inner: Store = getattr(store, "inner", store)
    quick = getattr(inner, "hasty", None)
    return quick() if quick else inner
