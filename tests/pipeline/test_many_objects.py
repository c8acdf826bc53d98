"""More objects and versions than a server lists or deletes at once, on a real one, while single requests fail."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from fault_proxy import Fault, FaultProxy
from s3_buckets import client, let_read, new_store

from mediaarchive import layout
from mediaarchive.ports import Store
from mediaarchive.stores import open_store

from .conftest import SMALL, Space
from .files import jpeg, picture

MANY = 1050  # a page of a list, and a batch of deletions, is 1,000


def seed(store: Store, kept: str, gone: str) -> None:
    """What years leave behind: files of one item that no release names, and as many versions of the other's stable picture."""

    def orphan(number: int) -> None:
        data = f"left by a crash {number}".encode()
        digest = hashlib.sha256(data).hexdigest()
        store.create(layout.media_key(kept, "160", digest, "jpg"), data, sha256=digest)
        store.put(f"media/{gone}/640.jpg", data)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(orphan, range(MANY)))


@pytest.mark.ceph
def test_pages_of_lists_and_batches_of_versions_are_followed_to_their_end(
    small: Space, ceph: str, no_waits: None
) -> None:
    """Published, updated, withdrawn and collected: each meets a list that breaks off and a deletion whose reply is lost."""
    with FaultProxy(ceph) as proxy:
        settings = new_store(ceph, through=proxy.endpoint, versioned=True, single_writer=True)
        bucket = settings.url.removeprefix("s3://").partition("/")[0]
        let_read(ceph, bucket)
        lines = [f"{key} = {json.dumps(value)}" for key, value in settings.model_dump(exclude_defaults=True).items()]
        small.config.write_text("\n".join([SMALL, "[[store]]", 'name = "bucket"', *lines, ""]), encoding="utf-8")
        small.run_here()
        store = open_store(settings.model_copy(update={"endpoint": ceph}), small.root)
        manifest = json.loads((store.get(layout.pointer_key("fete")) or (b"",))[0])
        gone, kept = sorted(item["id"] for item in manifest["items"])[:2]
        seed(store, kept, gone)

        def trouble() -> list[Fault]:
            """The second page of the next list is cut, the one after it is refused, and of a batch only the reply is lost."""
            return [
                Fault("cut", "GET", "continuation-token"),
                Fault("answer", "GET", "key-marker", times=2),
                Fault("lost", "POST", "?delete"),
            ]

        (small.root / "inbox" / "fete").mkdir(exist_ok=True)
        (small.root / "inbox" / "fete" / "30.jpg").write_bytes(jpeg(picture(30, (600, 400)), at=None))
        proxy.faults = trouble()
        assert small.run_here()["counts"] == {"published": 1}
        assert sum(stat.key.startswith("media/") for stat in store.list("")) > MANY
        proxy.faults = trouble()
        done = small.here("takedown", gone, "--reason", "quality", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["receipts"][0]["complete"]
        assert proxy.count("POST", "?delete") > 1, "more than one batch"
        left = client(ceph).get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"site/media/{gone}/")
        versions = [
            entry["Key"] for page in left for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]
        assert not any("-" in key.rpartition("/")[2] for key in versions), "not one version of a file of it"
        assert versions.count(f"site/media/{gone}/640.jpg") == 1, "of what stood at its address, the notice alone"
        proxy.faults = trouble()
        done = small.here("gc", "--yes", "--grace", "0", "--json")
        assert done.returncode == 0, done.stderr
        assert len([stat for stat in store.list(f"media/{kept}/") if layout.write_once(stat.key)]) == 3
        assert not any(fault.times for fault in proxy.faults if fault.path == "continuation-token"), (
            "the list had pages"
        )
        assert small.run_here()["jobs"]["planned"] == 0
