"""What a store has of an event, seen with few requests: lists instead of a question for each object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mediaarchive.ports import Stat, Store
from mediaarchive.stores.objects import md5_of, open_source

_OBJECTS = 24  # of an item, about
_PAGE = 1000  # keys that a bucket lists with one request


def listed(store: Store, items: Sequence[str], event: str, shared: Sequence[str], *, of: int) -> dict[str, Stat]:
    """What is there of these items, of the event, and of what events share, by key.

    `of`: how many items there are in all.
    """
    found = listed_items(store, items, of=of)
    return found | {stat.key: stat for prefix in (f"events/{event}/", *shared) for stat in store.list(prefix)}


def listed_items(store: Store, items: Sequence[str], *, of: int) -> dict[str, Stat]:
    """What is there of these items (`of`: so many in all), by key.

    Listing all media takes a request for every thousand objects, listing an item's folder takes one: whichever needs fewer.
    """
    folders = [f"media/{item}/" for item in items]
    wanted = set(items)
    alone = len(folders) <= max(1, of * _OBJECTS // _PAGE)
    return {
        stat.key: stat
        for prefix in (folders if alone else ["media/"])
        for stat in store.list(prefix)
        if stat.key.split("/")[1] in wanted
    }


def is_same(there: Stat, source: bytes | Path, sha256: str) -> Stat | None:
    """What a list showed, if it has the bytes of `source`.

    A store that knows its objects' SHA-256 says so. A bucket's version is the ETag, which is the MD5 of an object that was
    sent in one request (unless it was encrypted with a key of the user's): if it is that of our bytes, it can't be another's.
    None where a list can't tell, too.
    """
    if there.sha256 is not None:
        return there if there.sha256 == sha256 else None
    with open_source(source) as stream:
        same = md5_of(stream) == there.version
    return replace(there, sha256=sha256, summed=True) if same else None
