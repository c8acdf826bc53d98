"""Whoever may not delete is told so before a decision is made, with what to do; and nothing has changed."""

from __future__ import annotations

import json
import time
import urllib.request

import pytest
from fault_proxy import Fault, FaultProxy
from s3_buckets import let_read, new_store
from s3_rights import new_user, policy, set_up

from mediaarchive.events import Fanout
from mediaarchive.pipeline.deciding.permitting import must_remove
from mediaarchive.pipeline.opening import open_shop
from mediaarchive.stores import s3

from .conftest import SMALL, Space

VERBS = {
    "takedown": ("takedown", "{}", "--reason", "quality"),
    "hide": ("hide", "{}"),
    "expire": ("expire", "{}", "2020-01-01"),
    "event retire": ("event", "retire", "fete", "--reason", "quality"),
}


def decisions(space: Space) -> list[str]:
    folder = space.root / "archive" / "journal"
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [record["decision"] for record in map(json.loads, lines) if record.get("kind") == "decision"]


def bucket_of(space: Space, endpoint: str, **more: str | bool) -> tuple[str, str]:
    """Let a workspace publish into a new bucket below `site/`; the bucket, and the address of its manifest."""
    settings = new_store(endpoint, **more)
    bucket = settings.url.removeprefix("s3://").partition("/")[0]
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.model_dump(exclude_defaults=True).items()]
    text = SMALL.replace('[originals]\nmirror = "../mirror"\n', "")
    space.config.write_text("\n".join([text, "[[store]]", 'name = "bucket"', *lines, ""]), encoding="utf-8")
    return bucket, f"{endpoint}/{bucket}/site/events/fete/manifest.json"


def told(space: Space, verb: str, item: str) -> None:
    done = space.here(*(part.format(item) for part in VERBS[verb]))
    assert done.returncode == 4, done.stdout + done.stderr
    assert "nothing was decided or changed" in str(done.stderr)
    assert f"AWS_PROFILE=takedown mediaarchive {verb}" in str(done.stderr)
    assert decisions(space) == []


@pytest.mark.ceph
def test_with_the_publisher_s_rights_nothing_is_decided_and_with_the_other_s_it_is(
    small: Space, ceph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, address = bucket_of(small, ceph)
    publisher, remover = new_user("publisher"), new_user("takedown")
    statements = policy("publisher-policy", bucket, "site", publisher[0])
    set_up(ceph, bucket, "site", *statements, *policy("takedown-policy", bucket, "site", remover[0]))

    def become(user: tuple[str, str, str]) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", user[1])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", user[2])

    def manifest() -> bytes:
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - the test server
            return bytes(answer.read())

    become(publisher)
    small.run_here()
    before = manifest()
    item = json.loads(before)["items"][0]["id"]
    for verb in VERBS:
        told(small, verb, item)
    assert manifest() == before
    become(remover)
    assert small.here("hide", item).returncode == 0
    assert item not in [entry["id"] for entry in json.loads(manifest())["items"]]
    assert decisions(small) == ["hide"]


def test_a_store_that_refuses_to_delete_is_told_of_whatever_it_is(small: Space, moto: str) -> None:
    """It lists versions, and refuses the deletion alone."""
    with FaultProxy(moto) as through:
        bucket_of(small, moto)
        small.config.write_text(small.config.read_text().replace(moto, through.endpoint), encoding="utf-8")
        small.run_here()
        item = json.loads(small.here("takedown", "--dry-run", "--json", "--reason", "quality", first(small)).stdout)
        through.faults = [Fault("answer", "DELETE", "assets/", status=403, code="AccessDenied", times=1000)]
        for verb in VERBS:
            told(small, verb, item["items"][0]["item"])


def first(space: Space) -> str:
    reports = (json.loads(path.read_text()) for path in (space.root / "archive" / "reports" / "fete").glob("*.json"))
    return str(next(report["files"] for report in reports if report["files"])[0]["item"])


def test_a_store_that_is_down_holds_no_decision_up(small: Space, moto: str, no_waits: None) -> None:
    """Nothing is known of its rights, so the decision is made; the next run finishes it there."""
    with FaultProxy(moto) as through:
        bucket_of(small, moto)
        small.config.write_text(small.config.read_text().replace(moto, through.endpoint), encoding="utf-8")
        small.run_here()
    started = time.monotonic()
    with open_shop(small.root, Fanout(), {"engine": {"kind": "inline"}}) as shop:
        must_remove(shop, "takedown")
    assert time.monotonic() - started < 10, "nor does it wait for it"


def test_a_server_that_hangs_holds_up_neither_the_decision_nor_the_other_store(
    small: Space, moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision is durable within seconds, the folder is rid of the picture, and the run that comes sees to the bucket."""
    monkeypatch.setattr(s3, "_HASTY", 1.0)
    with FaultProxy(moto) as through:
        let_read(moto, bucket_of(small, moto)[0])
        folder = '[[store]]\nname = "folder"\nurl = "site"\n'
        small.config.write_text(small.config.read_text().replace(moto, through.endpoint) + folder, encoding="utf-8")
        small.run_here()
        item = first(small)
        other = next(found for found in small.items("fete") if found != item)
        through.faults = [Fault("hang", times=1000)]
        started = time.monotonic()
        done = small.here("takedown", item, "--reason", "quality", "--json")
        assert time.monotonic() - started < 10, "nobody waits for minutes"
        assert done.returncode == 5
        assert "the decision is made; the store bucket doesn't answer" in done.stderr
        assert "finishes it in the store bucket" in done.stderr
        assert decisions(small) == ["takedown"]
        said = json.loads(done.stdout)
        assert not said["receipts"][0]["complete"], "what the bucket shows isn't known"
        assert all(one["ok"] and one["store"] == "folder" for one in said["receipts"][0]["addresses"])
        assert not [path for path in (small.root / "site" / "media" / item).iterdir() if "-" in path.name]
        started = time.monotonic()
        done = small.here("hide", other)
        assert time.monotonic() - started < 10, "nor does anybody wait for what is only taken off the page"
        assert done.returncode == 5
        assert "the decision is made, and stands; the next run finishes it there" in done.stderr
        assert other not in small.items("fete")
        through.faults = []
        small.run_here()
    receipts = [json.loads(path.read_text()) for path in sorted((small.root / "archive" / "receipts").glob("*.json"))]
    assert receipts[-1]["complete"]
    assert {one["store"] for one in receipts[-1]["addresses"]} == {"bucket", "folder"}
