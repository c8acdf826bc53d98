"""`kill -9` at each effect of takedown, gc, rollback and rebuild, in a folder and in a real bucket: the next run finishes it.

Effects are writes and removals in stores and mirror, fetches from it, and what is appended to the journal. A few of each verb are
tried, or with MEDIAARCHIVE_TEST_EVERY_FAULT every one or a share of them (see `shares`): in a folder each on a fresh copy, in a
bucket each undone before the next.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from crashing import CHANGES, KILLED, call, count
from s3_buckets import let_read, new_store
from shares import EVERY, share

from mediaarchive import layout
from mediaarchive.config import load_settings
from mediaarchive.pipeline.workspace import Workspace
from mediaarchive.ports import Store
from mediaarchive.stores import open_store

from .conftest import SMALL, Space
from .files import jpeg, picture

EFFECTS = CHANGES | {"append"}


def store_of(space: Space) -> Store:
    return open_store(load_settings(Workspace.at(space.root).config, {}, None).settings.store[0], space.root)


def published(space: Space) -> dict[str, bytes]:
    """All that visitors can read, but for the history of releases."""
    store = store_of(space)
    keys = [stat.key for stat in store.list("") if "/releases/" not in stat.key]
    return {key: found[0] for key in keys if (found := store.get(key))}


def done(space: Space, *args: str) -> None:
    found = space.here(*args)
    assert found.returncode in {0, 3}, found.stdout + found.stderr


@dataclass(frozen=True)
class Verb:
    """What is killed, what comes before it, how it is finished, and how it is undone."""

    args: tuple[str, ...]
    prepare: Callable[[Space], None]
    finish: tuple[tuple[str, ...], ...]
    undo: tuple[tuple[str, ...], ...] = ()


def nothing(_space: Space) -> None:
    """It needs no preparation."""


def plant(space: Space) -> None:
    """Files that no release names, as killed runs leave them."""
    store = store_of(space)
    for number, item in enumerate(sorted(space_items(space))[:3]):
        data = f"left by a crash {number}".encode()
        digest = hashlib.sha256(data).hexdigest()
        store.create(layout.media_key(item, "160", digest, "jpg"), data, sha256=digest)


def lose(space: Space) -> None:
    """The archive's disk is lost."""
    shutil.rmtree(space.root / "archive")


def space_items(space: Space) -> dict[str, str]:
    found = store_of(space).get(layout.pointer_key("fete"))
    assert found
    return {item["id"]: item["type"] for item in json.loads(found[0])["items"]}


def verbs(item: str) -> dict[str, Verb]:
    run = ("run", "--json")
    gc = ("gc", "--yes", "--grace", "0")
    return {
        "takedown": Verb(("takedown", item, "--reason", "quality"), nothing, (run,), (("restore", item),)),
        "gc": Verb(gc, plant, (run, gc)),
        "rollback": Verb(("rollback", "fete", "1"), nothing, (run,), (("rollback", "fete", "--end"),)),
        "rebuild": Verb(("rebuild",), lose, (("rebuild",), run)),
    }


def two_releases(space: Space) -> str:
    """Two releases; the id of the item that is to be withdrawn."""
    done(space, "run", "--json")
    folder = space.root / "inbox" / "fete"
    folder.mkdir(exist_ok=True)
    (folder / "30.jpg").write_bytes(jpeg(picture(30, (600, 400)), at=None))
    done(space, "run", "--json")
    return min(space_items(space))


def decided(space: Space, verb: Verb) -> bool:
    """Whether the verb's decision was durable when it was killed; before that, nothing may have changed."""
    if not verb.undo:
        return True
    last = max((space.root / "archive" / "journal").glob("*.jsonl"))
    record = json.loads(last.read_text().splitlines()[-1])
    return record.get("decision") == verb.args[0] and record["params"].get("release", 1) is not None


def finish(space: Space, verb: Verb) -> None:
    for args in verb.finish:
        done(space, *args)


def tried(effects: int, few: int) -> list[int]:
    """The numbers of the effects before which it is killed: all of them, or a few, the first and the last among them."""
    assert effects >= 3
    if not EVERY:
        return sorted({1 + round(n * (effects - 1) / (few - 1)) for n in range(few)})
    chosen = [*share(range(1, effects + 1))]
    sys.stdout.write(f"{len(chosen)} of {effects} effects\n")
    return chosen


@pytest.mark.parametrize(("name", "few"), [("gc", 3), ("rollback", 12), ("rebuild", 12), ("takedown", 6)])
def test_whichever_effect_it_is_killed_at_the_next_run_finishes_it_in_a_folder(
    small: Space, tmp_path: Path, name: str, few: int
) -> None:
    verb = verbs(two_releases(small))[name]
    before, calm = published(small), _copy(small, tmp_path / "calm")
    verb.prepare(calm)
    effects = count(calm.root, *verb.args, effects=EFFECTS)
    finish(calm, verb)
    expected = published(calm)
    for number in tried(effects, few):
        shaken = _copy(small, tmp_path / f"copy-{number}")
        verb.prepare(shaken)
        assert call(shaken.root, *verb.args, last=2 * number - 1, effects=EFFECTS)[0] == KILLED
        finish(shaken, verb)
        assert published(shaken) == (expected if decided(shaken, verb) else before), f"killed before effect {number}"


def _copy(space: Space, folder: Path) -> Space:
    shutil.copytree(space.root.parent, folder)
    return Space(folder / "ws")


@pytest.mark.ceph
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", ["gc", "rollback", "rebuild", "takedown"])
def test_whichever_effect_it_is_killed_at_the_next_run_finishes_it_in_a_bucket(
    small: Space, ceph: str, name: str
) -> None:
    settings = new_store(ceph)
    let_read(ceph, settings.url.removeprefix("s3://").partition("/")[0])
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.model_dump(exclude_defaults=True).items()]
    small.config.write_text("\n".join([SMALL, "[[store]]", 'name = "bucket"', *lines, ""]), encoding="utf-8")
    verb = verbs(two_releases(small))[name]
    before = published(small)
    verb.prepare(small)
    effects = count(small.root, *verb.args, effects=EFFECTS)
    finish(small, verb)
    expected = published(small)
    for number in tried(effects, 3):
        for args in verb.undo:
            done(small, *args)
        verb.prepare(small)
        assert call(small.root, *verb.args, last=2 * number - 1, effects=EFFECTS)[0] == KILLED
        finish(small, verb)
        assert published(small) == (expected if decided(small, verb) else before), f"killed before effect {number}"
