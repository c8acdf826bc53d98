"""Removing an object so that nothing of it stays: every version and every delete marker."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mediaarchive.errors import StoreError, StoreRefused
from mediaarchive.stores.faults import Transient
from mediaarchive.stores.s3_bucket import Absent, Bucket, Forbidden, NotSupported

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_BATCH = 1000  # versions removed with one request: S3's limit
_TRIES = 2  # of removing the same versions


def remove(bucket: Bucket, key: str) -> None:
    """Remove all there is of exactly this key, and see that it is gone; where the server has no versions, the object.

    A listing isn't protected by a checksum: a version whose name was damaged on its way is still there in the next one.

    Raises:
        StoreRefused: the server refused some of it (an object lock, a missing right).
        StoreError: it is still there after that.
    """
    before: list[ObjectIdentifierTypeDef] = []
    tries = 0
    try:
        while versions := _versions(bucket, key):
            tries = tries + 1 if versions == before else 1
            if tries > _TRIES:
                raise _still_there(bucket, key)
            _remove_versions(bucket, key, versions)
            before = versions
    except NotSupported:
        with contextlib.suppress(Absent), bucket.translated(key):
            bucket.client.delete_object(Bucket=bucket.bucket, Key=bucket.prefix + key)
        if bucket.head(key) is not None:
            raise _still_there(bucket, key) from None


def _still_there(bucket: Bucket, key: str) -> StoreError:
    return StoreError(f"{bucket.place} still has {key} after removing it", hint="run again")


def prune(bucket: Bucket, prefix: str) -> int:
    """Remove all versions below `prefix` that no reader sees, and the delete markers above them; how many there were.

    Raises:
        StoreRefused: the server refused some of it (an object lock, a missing right).
    """
    name = bucket.prefix + prefix
    old: list[ObjectIdentifierTypeDef] = []
    markers: list[ObjectIdentifierTypeDef] = []
    try:
        with bucket.translated(prefix):
            pages = bucket.client.get_paginator("list_object_versions").paginate(Bucket=bucket.bucket, Prefix=name)
            for page in pages:
                old += [
                    {"Key": each["Key"], "VersionId": each["VersionId"]}
                    for each in page.get("Versions", ())
                    if not each["IsLatest"]
                ]
                markers += [
                    {"Key": each["Key"], "VersionId": each["VersionId"]} for each in page.get("DeleteMarkers", ())
                ]
    except NotSupported:
        return 0
    for hidden in (old, markers):  # in this order: what a marker hides must not come back for a moment
        for start in range(0, len(hidden), _BATCH):
            _remove_versions(bucket, prefix, hidden[start : start + _BATCH])
    return len(old) + len(markers)


def _versions(bucket: Bucket, key: str) -> list[ObjectIdentifierTypeDef]:
    """Up to a thousand versions and delete markers of exactly this key (the server lists all that begin with it)."""
    name = bucket.prefix + key
    versions: list[ObjectIdentifierTypeDef] = []
    with bucket.translated(key):
        pages = bucket.client.get_paginator("list_object_versions").paginate(Bucket=bucket.bucket, Prefix=name)
        for page in pages:
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if not all(each.get("Key", "").startswith(name) for each in found):
                raise Transient(f"{bucket.place} listed what isn't there: the answer was damaged on its way")
            versions += [{"Key": name, "VersionId": each["VersionId"]} for each in found if each["Key"] == name]
            if len(versions) >= _BATCH or any(each["Key"] > name for each in found):
                break
    return versions[:_BATCH]


def _remove_versions(bucket: Bucket, key: str, versions: list[ObjectIdentifierTypeDef]) -> None:
    """With one request, or one for each: radosgw 16 refuses the former to who may delete below a prefix only.

    `key` is for errors; each version names its own.
    """
    if len(versions) > 1:
        with contextlib.suppress(Forbidden, NotSupported), bucket.translated(key):
            reply = bucket.client.delete_objects(Bucket=bucket.bucket, Delete={"Objects": versions, "Quiet": True})
            failed = [error.get("Code", "") for error in reply.get("Errors", ())]
            if not failed:
                return
    for version in versions:
        try:
            with contextlib.suppress(Absent), bucket.translated(key):
                bucket.client.delete_object(
                    Bucket=bucket.bucket, Key=version["Key"], VersionId=version.get("VersionId", "null")
                )
        except Forbidden as error:
            raise StoreRefused(
                f"{bucket.place} refused to remove {key}: these credentials may not delete its versions",
                hint="an object lock or a missing right (s3:DeleteObjectVersion); see config/s3/takedown-policy.json",
            ) from error
