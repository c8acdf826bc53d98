"""A store in an S3-compatible bucket: AWS, Ceph, R2, MinIO and others, by what each of them really does.

`version` is the ETag without its quotes. Every object carries its SHA-256 as metadata, recorded when it was uploaded and
proved then (by the ETag, or by reading back): `stat` repeats that record, and `get` compares it with the bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from mediaarchive.errors import Damaged, Exists, StoreError, StoreRefused
from mediaarchive.ports import Stat
from mediaarchive.stores import objects, s3_conditions, s3_upload, s3_versions
from mediaarchive.stores.faults import Overloaded, Silent, Transient
from mediaarchive.stores.s3_bucket import ATTEMPTS, Bucket, ConditionFailed, bare, connect, parse_url

if TYPE_CHECKING:
    from mediaarchive.config.settings import StoreSettings

_CHECK_ATTEMPTS = 3  # a refusal should come within seconds, unlike an upload that waits for better times
_CHECKING = 30.0  # seconds of silence after which a run is refused
_ANSWER = 15.0  # seconds in which a living server answers a small question, though the line may be full
_HASTY = 5.0  # seconds of silence after which somebody who waits is told that the server doesn't answer


class S3Store:
    """Objects in the bucket and below the prefix of `settings.url`. Nothing is sent before the first call.

    Args:
        settings: of the store.
        attempts: how often the client library tries a request, in all.
    """

    def __init__(self, settings: StoreSettings, attempts: int = ATTEMPTS) -> None:
        self.name = settings.name
        self._settings = settings
        self._attempts = attempts
        self._address = parse_url(settings.url)
        self._lock = threading.RLock()
        self._connected: Bucket | None = None
        self._probed: s3_conditions.Conditions | None = None

    def check(self) -> None:
        """List, and see that the server honours conditional writes: by trying, or as was tried here within 30 days.

        Where nothing has to be published, this is all that is asked of the server: one list, no write.

        Raises:
            StoreRefused: it can't be used.
        """
        quick = connect(self._within(_CHECKING), min(_CHECK_ATTEMPTS, self._attempts))
        try:
            try:
                swaps = self._known_to_swap(quick)
            except Silent:
                raise
            except Transient:  # damaged on the way, busy for a moment: asked once more, since a refusal ends the run
                swaps = self._known_to_swap(quick)
        except StoreError as error:
            raise StoreRefused(
                f"{quick.place} can't be used: {error}", hint="check endpoint and region in [[store]], and the network"
            ) from error
        if not swaps and not self._settings.single_writer:
            raise self._no_swap()

    def _known_to_swap(self, quick: Bucket) -> bool:
        """Whether the server has compare-and-swap: by the newest witness that an earlier trial left, or by a trial."""
        witness = s3_conditions.witness(quick)
        if witness is True or (witness is False and self._settings.single_writer):
            return witness
        swaps = self._conditions().swaps
        s3_conditions.leave_witness(self._bucket, swaps=swaps)
        return swaps

    def stat(self, key: str) -> Stat | None:
        """What is there, or None. `sha256` is what the upload recorded."""
        return self._bucket.head(objects.checked(key))

    def get(self, key: str) -> tuple[bytes, str] | None:
        """The bytes and their version, or None. Raises `Damaged` if they aren't those that were uploaded."""
        return self._bucket.read(objects.checked(key))

    def fetch(self, key: str, target: Path | None = None) -> str | None:
        """Read an object to its end; its SHA-256, or None."""
        return self._bucket.fetch(objects.checked(key), target)

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects whose key starts with `prefix`, in order of key; a bucket's list has no `sha256`."""
        objects.checked_prefix(prefix)
        here = self._bucket
        with here.translated(f"the list of {prefix or 'everything'}"):
            pages = here.client.get_paginator("list_objects_v2").paginate(
                Bucket=here.bucket, Prefix=here.prefix + prefix
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(here.prefix)
                    if all(map(objects.is_part, key.split("/"))):  # neither our probes nor somebody else's odd names
                        yield Stat(key=key, bytes=found["Size"], version=bare(found["ETag"]))

    def create(self, key: str, source: bytes | Path, *, sha256: str, disposition: str | None = None) -> Stat:
        """Write an object whose name is written once; from 16 MiB on in parts, going on where an earlier run stopped."""
        objects.checked(key)
        with objects.open_source(source) as stream:
            size = stream.seek(0, 2)
            if size >= s3_upload.PART:
                return self._create_large(key, source, size, sha256, disposition)
            stream.seek(0)
            data = stream.read()
        objects.verify(hashlib.sha256(data).hexdigest(), sha256, key)
        return self._create_small(key, data, sha256, disposition)

    def put(self, key: str, data: bytes) -> Stat:
        """Write or overwrite a projection."""
        return self._bucket.write(objects.checked(key), data)

    def swap(self, key: str, data: bytes, expected: str | None) -> Stat:
        """Write `key` only if its version is `expected` (None: only if there is nothing).

        When the version is another one but the bytes are already `data`, that is success: the reply of the write that
        won may have been lost.
        """
        objects.checked(key)
        conditions = self._conditions()
        if conditions.swaps:
            return s3_conditions.swap(self._bucket, conditions, key, data, expected)
        if not self._settings.single_writer:
            raise self._no_swap()
        return s3_conditions.swap_alone(self._bucket, key, data, expected)

    def delete(self, key: str) -> None:
        """Remove an object and every version of it, and see that it is gone; nothing there is no error."""
        s3_versions.remove(self._bucket, objects.checked(key))

    def prune(self, prefix: str) -> int:
        """Remove older versions, and what delete markers hide, of all names that start with `prefix`; how many there were."""
        objects.checked_prefix(prefix)
        return s3_versions.prune(self._bucket, prefix)

    def url(self, key: str) -> str:
        """Where a reader finds it: below `base_url`, else at the endpoint, in the path or, on AWS, the host."""
        objects.checked(key)
        bucket, prefix = self._address
        if self._settings.base_url:
            return objects.public_url(self._settings.base_url, key)
        if self._settings.endpoint:
            return objects.public_url(f"{self._settings.endpoint.rstrip('/')}/{bucket}", prefix + key)
        return objects.public_url(f"https://{quote(bucket)}.s3.amazonaws.com", prefix + key)

    def sweep(self) -> int:
        """Abort uploads in parts that were begun over a day ago and never finished. Returns how many."""
        return s3_upload.sweep(self._bucket)

    def hasty(self) -> S3Store:
        """The same store, which gives a silent server up within seconds and asks nothing twice."""
        return S3Store(self._within(_HASTY), attempts=1)

    def silence(self) -> Transient | None:
        """What a small write meets: None if the server says anything, be it no. A full cluster is mute to writes, and reads on."""
        here = connect(self._within(_ANSWER), 1)
        try:
            with here.translated("anything"):
                here.client.put_object(Bucket=here.bucket, Key=f"{here.prefix}{s3_conditions.PROBES}alive", Body=b"")
        except (Overloaded, StoreRefused):
            return None
        except StoreError as error:
            return error if isinstance(error, Transient) else None
        return None

    def _within(self, seconds: float) -> StoreSettings:
        """The settings, with no more patience than this."""
        return self._settings.model_copy(update={"timeout": min(seconds, self._settings.timeout)})

    @property
    def _bucket(self) -> Bucket:
        with self._lock:
            if self._connected is None:
                self._connected = connect(self._settings, self._attempts)
            return self._connected

    def _conditions(self) -> s3_conditions.Conditions:
        with self._lock:
            if self._probed is None:
                self._probed = s3_conditions.probe(self._bucket)
            return self._probed

    def _no_swap(self) -> StoreRefused:
        return StoreRefused(
            f"{self._bucket.place} has no compare-and-swap: two publishers could overwrite each other",
            hint="set single_writer = true in [[store]] if only this workspace publishes there",
        )

    def _create_small(self, key: str, data: bytes, sha256: str, disposition: str | None) -> Stat:
        exclusive = self._conditions().exclusive
        if not exclusive and (found := self._bucket.head(key)) is not None:
            return self._same(found, len(data), sha256, _md5(data))
        try:
            return self._bucket.write(key, data, disposition=disposition, **({"IfNoneMatch": "*"} if exclusive else {}))
        except ConditionFailed:  # taken, or our own write whose reply was lost
            return self._same(self._found(key), len(data), sha256, _md5(data))
        except Damaged:
            self.delete(key)
            raise

    def _create_large(self, key: str, source: bytes | Path, size: int, sha256: str, disposition: str | None) -> Stat:
        if (found := self._bucket.head(key)) is not None:
            with objects.open_source(source) as stream:
                objects.verify(objects.sha256_of(stream), sha256, key)
            return self._same(found, size, sha256)
        made: s3_upload.Uploaded | None = None
        with contextlib.suppress(ConditionFailed):  # taken meanwhile, perhaps by ourselves: look
            made = s3_upload.upload(self._bucket, key, source, sha256, disposition)
        stat = self._same(self._found(key), size, sha256, made.etag if made else "", sent=made is not None)
        if made and not made.proven and self._bucket.fetch(key) != sha256:
            self.delete(key)
            raise Damaged(f"{self._bucket.place} stored other bytes for {key} than it was given", hint="run again")
        return stat

    def _found(self, key: str) -> Stat:
        found = self._bucket.head(key)
        if found is None:
            raise Transient(f"{self._bucket.place}: {key} was there and is gone")
        return found

    def _same(self, found: Stat, size: int, sha256: str, checksum: str = "", *, sent: bool = False) -> Stat:
        """`found`, if it has these bytes: by its record, or where somebody else's tool left none, by reading it.

        `checksum`: the version that it has where that is a checksum.
        """
        recorded = found.sha256 or (self._bucket.fetch(found.key) if found.bytes == size else None)
        if found.bytes != size or recorded != sha256:
            raise Exists(f"{found.key} is already in {self._bucket.place} with other bytes")
        summed = found.version == checksum
        return Stat(key=found.key, bytes=size, version=found.version, sha256=sha256, sent=sent, summed=summed)


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
