"""What only buckets have: conditional writes, versions and locks, and strangers who may list, write, or read what is private."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from mediaarchive.config.settings import StoreSettings
from mediaarchive.errors import StoreError, StoreRefused
from mediaarchive.pipeline.checking.check import Check, Place
from mediaarchive.pipeline.checking.visiting import ask
from mediaarchive.pipeline.visitor import Answer
from mediaarchive.stores import s3_conditions
from mediaarchive.stores.faults import Transient
from mediaarchive.stores.s3_bucket import Bucket, connect, parse_url

_REFUSED = frozenset({400, 401, 403, 404, 405, 409, 501})
_STRANGER = "assets/doctor-stranger.txt"
_QUICK = 3  # attempts


def examine(place: Place, settings: StoreSettings) -> Iterator[Check]:
    """A bucket that can be written already."""
    bucket = connect(settings, _QUICK)
    yield _swaps(place, settings, bucket)
    yield _versions(place, bucket)
    yield _lock(place, bucket)
    yield from _strangers(place, settings)


def _swaps(place: Place, settings: StoreSettings, bucket: Bucket) -> Check:
    try:
        found = s3_conditions.probe(bucket)
    except (StoreError, StoreRefused) as error:
        return place.bad("compare-and-swap", error.message, error.hint or "")
    if found.swaps:
        return place.ok("compare-and-swap", f"If-Match is honoured, with the ETag {found.match}")
    if settings.single_writer:
        return place.ok("compare-and-swap", "none; single_writer = true promises one publisher")
    return place.bad(
        "compare-and-swap",
        "none: two publishers could overwrite each other",
        "set single_writer = true in [[store]] if only this workspace publishes there",
    )


def _versions(place: Place, bucket: Bucket) -> Check:
    try:
        with bucket.translated("its versioning"):
            state: str = bucket.client.get_bucket_versioning(Bucket=bucket.bucket).get("Status", "")
    except StoreRefused:
        return place.ok("versions", "this identity may not ask; a takedown removes every version it sees")
    except Transient as error:
        return _unknown(place, "versions", str(error))
    except StoreError:
        return place.ok("versions", "the server has none")
    if state:
        return place.ok("versions", f"versioning is {state.lower()}: a takedown removes every version")
    return place.ok("versions", "versioning is off")


def _lock(place: Place, bucket: Bucket) -> Check:
    try:
        with bucket.translated("its object lock"):
            reply = bucket.client.get_object_lock_configuration(Bucket=bucket.bucket)
    except StoreRefused:
        return place.warning("object lock", "this identity may not ask", "run doctor once as the set-up identity")
    except Transient as error:
        return _unknown(place, "object lock", str(error))
    except StoreError:  # none, or a server that doesn't know it
        return place.ok("object lock", "none")
    rule = reply.get("ObjectLockConfiguration", {})
    mode = rule.get("Rule", {}).get("DefaultRetention", {}).get("Mode")
    if mode:
        return place.bad(
            "object lock",
            f"every object is locked ({mode}): nothing could be withdrawn",
            "publish to a bucket without a default retention",
        )
    if rule.get("ObjectLockEnabled"):
        return place.warning(
            "object lock", "possible, without a default", "lock no published object: it can't be withdrawn"
        )
    return place.ok("object lock", "none")


def private(place: Place, settings: StoreSettings, key: str) -> Iterator[Check]:
    """A mirror: nobody without credentials may read `key`, which is there, nor list, nor write."""
    root, prefix = _address(settings)
    todo = (
        "block public access to this bucket (aws s3api put-public-access-block), and remove its public policy and ACLs"
    )
    yield _refused(
        place, "strangers: read", ask(f"{root}/{quote(prefix + key)}"), "anybody can read originals and journal", todo
    )
    yield from _list_and_write(place, root, prefix, todo)


def _address(settings: StoreSettings) -> tuple[str, str]:
    """Where the server itself answers for the bucket, and the store's prefix."""
    name, prefix = parse_url(settings.url)
    endpoint = settings.endpoint.rstrip("/")
    return f"{endpoint}/{quote(name)}" if endpoint else f"https://{quote(name)}.s3.amazonaws.com", prefix


def _strangers(place: Place, settings: StoreSettings) -> Iterator[Check]:
    """What somebody without credentials must not be able to do."""
    root, prefix = _address(settings)
    todo = "apply config/s3/public-read-policy.json alone, and remove public ACLs"
    yield from _list_and_write(place, root, prefix, todo)
    rest = ask(f"{root}/{quote(prefix + s3_conditions.PROBES)}compare-and-swap-yes")
    found = _refused(place, "strangers: the rest", rest, "anybody can read what isn't published too", todo)
    yield replace(found, state="warning") if found.state == "bad" else found


def _list_and_write(place: Place, root: str, prefix: str, todo: str) -> Iterator[Check]:
    listing = ask(f"{root}/?list-type=2&prefix={quote(prefix)}&max-keys=1")
    yield _refused(place, "strangers: list", listing, "anybody can list what is there", todo)
    writing = ask(f"{root}/{quote(prefix + _STRANGER)}", "PUT", {"Content-Type": "text/plain"}, b"stranger")
    if writing.status not in _REFUSED:  # it may be there, though no answer came
        ask(f"{root}/{quote(prefix + _STRANGER)}", "DELETE")
    yield _refused(place, "strangers: write", writing, "anybody can write", todo)


def _refused(place: Place, what: str, answer: Answer, otherwise: str, todo: str) -> Check:
    """Whether a stranger was refused: bad only if it was done, and ok only if the server said no. All else tells nothing."""
    if answer.status in _REFUSED:
        return place.ok(what, f"refused ({answer.status})")
    if 200 <= answer.status < 300:
        return place.bad(what, f"{otherwise} (status {answer.status})", todo)
    said = f"a request without credentials is answered with {answer.status}"
    return _unknown(place, what, said if answer.status else f"no answer without credentials: {answer.body.decode()}")


def _unknown(place: Place, what: str, why: str) -> Check:
    return place.warning(what, f"not known: {why}", "see whether server and network are well, then run doctor again")
