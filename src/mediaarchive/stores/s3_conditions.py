"""Which conditional writes a server really honours, found by trying them, and compare-and-swap on top of that.

Servers differ, and say nothing: some ignore If-None-Match or If-Match and overwrite, radosgw 16 takes If-Match only
without the ETag's quotes, others answer 501. So the effect is tried once on a key of our own, never concluded from a name.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from mediaarchive.errors import Conflict, StoreError, StoreRefused
from mediaarchive.ports import Stat
from mediaarchive.stores.faults import Silent
from mediaarchive.stores.s3_bucket import Absent, Bucket, ConditionFailed, NotSupported

PROBES = ".mediaarchive/"
_NOBODY = "0" * 32  # an ETag that no object has
_WITNESS = f"{PROBES}compare-and-swap-"
_TRUSTED = dt.timedelta(
    days=30
)  # a witness only spares a run that publishes nothing its trial; writes always try first
_STYLES: tuple[Literal["quoted", "bare"], ...] = ("quoted", "bare")


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What holds: `exclusive` is If-None-Match: *, `match` how If-Match wants its ETag (None: it isn't honoured)."""

    exclusive: bool
    match: Literal["quoted", "bare"] | None

    def only_over(self, version: str | None) -> dict[str, str]:
        """The condition for a write over `version`, or over nothing."""
        if version is None:
            return {"IfNoneMatch": "*"}
        return {"IfMatch": f'"{version}"' if self.match == "quoted" else version}

    @property
    def swaps(self) -> bool:
        """Whether compare-and-swap is possible."""
        return self.exclusive and self.match is not None


def witness(bucket: Bucket) -> bool | None:
    """What the newest trial whose witness is still in the bucket found: has it compare-and-swap? None: nobody tried lately."""
    with bucket.translated("its list of objects"):
        reply = bucket.client.list_objects_v2(Bucket=bucket.bucket, Prefix=bucket.prefix + _WITNESS)
    oldest = dt.datetime.now(dt.UTC) - _TRUSTED
    found = [each for each in reply.get("Contents", ()) if each["LastModified"] > oldest]
    newest = max(found, key=lambda each: each["LastModified"], default=None)
    return None if newest is None else newest["Key"].endswith("yes")


def leave_witness(bucket: Bucket, *, swaps: bool) -> None:
    """Note in the bucket what a trial found."""
    bucket.write(f"{_WITNESS}{'yes' if swaps else 'no'}", b"mediaarchive tried whether If-Match is honoured here.\n")


def probe(bucket: Bucket) -> Conditions:
    """Try both conditions on a new key below `.mediaarchive/`, which is removed again. Five to eight requests."""
    key = f"{PROBES}conditions-{secrets.token_hex(8)}"
    try:
        exclusive = _honours_none_match(bucket, key)
        styles = (
            style for style in _STYLES if _honours_match(bucket, key, Conditions(exclusive=exclusive, match=style))
        )
        found = Conditions(exclusive=exclusive, match=next(styles, None))
    except Silent:  # whoever didn't answer once would be waited for once more
        raise
    except BaseException:
        _tidy(bucket, key)
        raise
    _tidy(bucket, key)
    return found


def _tidy(bucket: Bucket, key: str) -> None:
    """Remove the trial's object. A publisher may not be allowed to delete: then a few bytes stay, and harm nobody."""
    with contextlib.suppress(StoreError, StoreRefused), bucket.translated(key):
        bucket.client.delete_object(Bucket=bucket.bucket, Key=bucket.prefix + key)


def _honours_none_match(bucket: Bucket, key: str) -> bool:
    try:
        with contextlib.suppress(ConditionFailed):  # on a new key: our own write, whose reply was lost
            bucket.write(key, b"first", IfNoneMatch="*")
        bucket.write(key, b"second", IfNoneMatch="*")
    except ConditionFailed:
        return True
    except NotSupported:
        bucket.write(key, b"first")
    return False


def _honours_match(bucket: Bucket, key: str, conditions: Conditions) -> bool:
    """Whether the right ETag is let through and a wrong one refused."""
    before = bucket.head(key)
    data = f"match {conditions.match}".encode()
    if before is None:
        return False
    try:
        _write_or_recognise(bucket, key, data, conditions.only_over(before.version))
        bucket.write(key, b"wrong", **conditions.only_over(_NOBODY))
    except (Conflict, NotSupported, Absent):
        return False
    except ConditionFailed:
        return True
    return False


def swap(bucket: Bucket, conditions: Conditions, key: str, data: bytes, expected: str | None) -> Stat:
    """Write over `expected` only, where the server can: one request, and two when it is refused.

    Raises:
        Conflict: something else is there.
    """
    return _write_or_recognise(bucket, key, data, conditions.only_over(expected))


def swap_alone(bucket: Bucket, key: str, data: bytes, expected: str | None) -> Stat:
    """Look, then write: right as long as nobody else writes, which `single_writer = true` promises.

    Raises:
        Conflict: something else is there.
    """
    found = bucket.head(key)
    if (found.version if found else None) != expected:
        raise Conflict(f"somebody else changed {key} in {bucket.place}")
    return bucket.write(key, data)


def _write_or_recognise(bucket: Bucket, key: str, data: bytes, condition: dict[str, str]) -> Stat:
    """Write under a condition, and know our own success when it is refused.

    The reply of an attempt that won may have been lost, and the client library tried again. Then our bytes are there.

    Raises:
        Conflict: other bytes are there, or nothing where something was expected.
    """
    try:
        return bucket.write(key, data, **condition)
    except (ConditionFailed, Absent) as refusal:
        found = bucket.read(key)
        if found is not None and found[0] == data:
            return Stat(key=key, bytes=len(data), version=found[1], sha256=hashlib.sha256(data).hexdigest())
        raise Conflict(f"somebody else changed {key} in {bucket.place}") from refusal
