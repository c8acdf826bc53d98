"""Large objects in parts, going on where an earlier upload of the same file stopped, and the tidying of what was left.

Parts are all 16 MiB (some providers insist on equal ones). Four travel at once, so an upload holds at most 80 MiB. Every
part carries its MD5, and the server's answer is compared with it; an earlier part is reused only if size and MD5 agree.
Only names that are written once are resumed: their name holds the hash, so the digest that the upload recorded when it
began is still the right one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from base64 import b64encode
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mediaarchive import layout
from mediaarchive.errors import Damaged
from mediaarchive.stores import objects
from mediaarchive.stores.s3_bucket import (
    Absent,
    Bucket,
    ConditionFailed,
    Forbidden,
    NotSupported,
    bare,
    headers,
    opaque_etag,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, MultipartUploadTypeDef

PART: Final = 16 * 1024 * 1024  # bytes; also the size from which parts are used
_AT_ONCE = 4
_ORPHAN = dt.timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A part on the server. `proven`: its ETag showed that our bytes arrived, or can't show it (encryption).

    `md5`: of our bytes.
    """

    number: int
    bytes: int
    etag: str
    md5: str
    proven: bool = True


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """What came of an upload. `proven`: the server's answers prove that it got our bytes; if not, they must be read back.

    `etag`: what the object's ETag is where it is a checksum: the MD5 of its parts' MD5s, and how many there are.
    """

    proven: bool
    etag: str


@dataclass(frozen=True, kw_only=True)
class _Upload:
    """An upload that is under way on the server."""

    bucket: Bucket
    key: str
    id: str

    def send(self, number: int, data: bytes) -> _Part:
        """Upload one part."""
        md5 = hashlib.md5(data, usedforsecurity=False)
        with self.bucket.translated(self.key):
            reply = self.bucket.client.upload_part(
                Bucket=self.bucket.bucket,
                Key=self.bucket.prefix + self.key,
                UploadId=self.id,
                PartNumber=number,
                Body=data,
                ContentMD5=b64encode(md5.digest()).decode(),
            )
        etag, own = bare(reply["ETag"]), md5.hexdigest()
        return _Part(number=number, bytes=len(data), etag=etag, md5=own, proven=etag == own or opaque_etag(reply))

    def parts(self) -> Mapping[int, _Part]:
        """The parts that arrived earlier, by number; none where the server can't list them."""
        found: dict[int, _Part] = {}
        with contextlib.suppress(NotSupported, Absent), self.bucket.translated(self.key):
            pages = self.bucket.client.get_paginator("list_parts").paginate(
                Bucket=self.bucket.bucket, Key=self.bucket.prefix + self.key, UploadId=self.id
            )
            for page in pages:
                for part in page.get("Parts", ()):
                    number, etag = part["PartNumber"], bare(part["ETag"])
                    found[number] = _Part(number=number, bytes=part["Size"], etag=etag, md5=etag)
        return found

    def complete(self, parts: list[_Part], condition: Mapping[str, str]) -> None:
        """Make the parts one object. The server may ignore `condition`."""
        listed: list[CompletedPartTypeDef] = [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]
        with self.bucket.translated(self.key):
            self.bucket.client.complete_multipart_upload(
                Bucket=self.bucket.bucket,
                Key=self.bucket.prefix + self.key,
                UploadId=self.id,
                MultipartUpload={"Parts": listed},
                **condition,  # type: ignore[arg-type]
            )

    def abort(self) -> None:
        """Forget the upload and its parts; gone already is no error."""
        with contextlib.suppress(Absent), self.bucket.translated(self.key):
            self.bucket.client.abort_multipart_upload(
                Bucket=self.bucket.bucket, Key=self.bucket.prefix + self.key, UploadId=self.id
            )


def upload(bucket: Bucket, key: str, source: bytes | Path, sha256: str, disposition: str | None) -> Uploaded:
    """Upload `source` in parts. An upload that fails stays on the server, to be resumed.

    Raises:
        Damaged: the bytes read aren't those of `sha256`; the upload is removed.
        ConditionFailed: the name was taken meanwhile (where the server looks).
    """
    under_way = _resume(bucket, key) or _begin(bucket, key, sha256, disposition)
    try:
        parts = _send_all(under_way, source, sha256)
        try:
            under_way.complete(parts, {"IfNoneMatch": "*"})
        except NotSupported:
            under_way.complete(parts, {})
    except (Damaged, ConditionFailed):
        under_way.abort()
        raise
    except Absent as error:
        # The reply of a completion that succeeded was lost, or somebody tidied the upload away: the caller looks.
        raise ConditionFailed(f"{bucket.place}: the upload of {key} is gone") from error
    together = hashlib.md5(b"".join(bytes.fromhex(part.md5) for part in parts), usedforsecurity=False).hexdigest()
    return Uploaded(proven=all(part.proven for part in parts), etag=f"{together}-{len(parts)}")


def sweep(bucket: Bucket) -> int:
    """Abort uploads below the store's prefix that were begun over a day ago. Returns how many."""
    oldest = dt.datetime.now(dt.UTC) - _ORPHAN
    orphans = [each for each in _uploads(bucket, "") if each["Initiated"] < oldest]
    for orphan in orphans:
        _Upload(bucket=bucket, key=orphan["Key"].removeprefix(bucket.prefix), id=orphan["UploadId"]).abort()
    return len(orphans)


def _begin(bucket: Bucket, key: str, sha256: str, disposition: str | None) -> _Upload:
    with bucket.translated(key):
        reply = bucket.client.create_multipart_upload(
            Bucket=bucket.bucket, Key=bucket.prefix + key, **headers(key, sha256, disposition)
        )
    return _Upload(bucket=bucket, key=key, id=reply["UploadId"])


def _resume(bucket: Bucket, key: str) -> _Upload | None:
    """The newest upload of exactly this key that is still there."""
    if not layout.write_once(key):
        return None
    mine = [each for each in _uploads(bucket, key) if each["Key"] == bucket.prefix + key]
    newest = max(mine, key=lambda each: each["Initiated"], default=None)
    return None if newest is None else _Upload(bucket=bucket, key=key, id=newest["UploadId"])


def _uploads(bucket: Bucket, key: str) -> Iterator[MultipartUploadTypeDef]:
    """Uploads under way whose key starts with `key`; none where they can't or may not be listed, or (rclone) none is said to be."""
    with contextlib.suppress(NotSupported, Absent, Forbidden), bucket.translated(key):
        pages = bucket.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=bucket.bucket, Prefix=bucket.prefix + key
        )
        for page in pages:
            yield from page.get("Uploads", ())


def _send_all(under_way: _Upload, source: bytes | Path, sha256: str) -> list[_Part]:
    """Every part of `source`, sent or found there, in order.

    Raises:
        Damaged: what was read isn't what was promised.
    """
    earlier = under_way.parts()
    digest = hashlib.sha256()
    done: list[_Part] = []
    waiting: deque[Future[_Part]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="upload") as pool, objects.open_source(source) as stream:
        for number, piece in enumerate(objects.chunks(stream, PART), start=1):
            digest.update(piece)
            found = earlier.get(number)
            if found is not None and _same(found, piece):
                done.append(found)
                continue
            if len(waiting) == _AT_ONCE:
                done.append(waiting.popleft().result())
            waiting.append(pool.submit(under_way.send, number, piece))
        done.extend(future.result() for future in waiting)
    objects.verify(digest.hexdigest(), sha256, under_way.key)
    return sorted(done, key=lambda part: part.number)


def _same(part: _Part, piece: bytes) -> bool:
    return part.bytes == len(piece) and part.etag == hashlib.md5(piece, usedforsecurity=False).hexdigest()
