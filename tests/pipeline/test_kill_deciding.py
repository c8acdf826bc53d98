"""`kill -9` at each effect of what a person says of duplicates, in a real bucket: the next run ends where it would have ended.

Whatever a manifest names is there, right after the kill and after the next run. A few effects of each verb are tried, or with
MEDIAARCHIVE_TEST_EVERY_FAULT every one or a share of them (see `shares`). Before each the bucket is made again as it was.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from crashing import KILLED, call, count
from PIL import Image
from reader import Reader
from s3_buckets import client, let_read, new_store
from shares import EVERY

from .conftest import LEAN, Space
from .files import jpeg, picture
from .test_choices import frame
from .test_kill_keeping import EFFECTS, done, published, tried

SLUG = "fete"
SAID = {
    "same": ("one.jpg", "other.jpg"),
    "never": ("shown.jpg", "sent.jpg"),
    "master": ("sent.jpg",),
    "cover": ("burst1.jpg",),
}


@dataclass(frozen=True)
class Bucket:
    """A bucket that visitors read, and what was in it at first, kept in another."""

    endpoint: str
    name: str
    first: str

    def _listed(self, bucket: str) -> Mapping[str, str]:
        found = client(self.endpoint).list_objects_v2(Bucket=bucket).get("Contents", [])
        return {entry["Key"]: entry["ETag"] for entry in found}

    def copy(self, source: str, target: str) -> None:
        """Make `target` hold what `source` holds, and nothing else."""
        wanted, there = self._listed(source), self._listed(target)
        assert len(wanted) < 1000, "one page of a list"
        for key in there.keys() - wanted.keys():
            client(self.endpoint).delete_object(Bucket=target, Key=key)
        for key in (key for key, etag in wanted.items() if there.get(key) != etag):
            client(self.endpoint).copy_object(Bucket=target, Key=key, CopySource={"Bucket": source, "Key": key})

    def must_be_whole(self, when: str) -> None:
        """A visitor finds all that the manifests name."""
        reader = Reader(f"{self.endpoint}/{self.name}/site", SLUG)
        reader.look(again=True)
        assert reader.manifest, when
        assert reader.wrong == [], when


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs that are to be published: two of a kind, one of two files, and a burst of two."""
    folder = tmp_path_factory.mktemp("deciding") / SLUG
    folder.mkdir()
    (folder / "one.jpg").write_bytes(jpeg(picture(1, (300, 200)), at=None))
    (folder / "other.jpg").write_bytes(jpeg(picture(2, (300, 200)), at=None))
    (folder / "shown.jpg").write_bytes(jpeg(picture(3, (600, 400))))
    (folder / "sent.jpg").write_bytes(
        jpeg(picture(3, (600, 400)).resize((420, 280), Image.Resampling.LANCZOS), at=None)
    )
    for number in range(2):
        (folder / f"burst{number}.jpg").write_bytes(frame(number))
    return folder.parent


@pytest.fixture
def bucket(ceph: str) -> Bucket:
    one, other = (new_store(ceph).url.removeprefix("s3://").partition("/")[0] for _ in range(2))
    let_read(ceph, one)
    return Bucket(ceph, one, other)


def _made(root: Path, files: Path, bucket: Bucket) -> Space:
    store = f'[[store]]\nurl = "s3://{bucket.name}/site"\nendpoint = "{bucket.endpoint}"\naddressing = "path"\n'
    space = Space(root)
    space.init(LEAN + store)
    shutil.copytree(files, space.root / "inbox", dirs_exist_ok=True)
    assert space.run_here()["counts"] == {"published": 5, "alternate": 1}
    return space


def _said(space: Space, verb: str) -> bool:
    """Whether the decision is durable."""
    lines = [line for path in (space.root / "archive" / "journal").glob("*.jsonl") for line in path.open()]
    return any(json.loads(line).get("decision") == verb for line in lines)


@pytest.mark.ceph
@pytest.mark.timeout(0)
@pytest.mark.parametrize("verb", SAID)
def test_whichever_effect_a_choice_is_killed_at_the_next_run_finishes_it(
    verb: str, bucket: Bucket, taken_in: Path, tmp_path: Path
) -> None:
    base = _made(tmp_path / "base", taken_in, bucket)
    bucket.copy(bucket.name, bucket.first)
    before, calm = published(base), base.twin(tmp_path / "calm")
    effects = count(calm.root, "dedupe", verb, *SAID[verb], effects=EFFECTS)
    done(calm, "run", "--json")
    expected = published(calm)
    assert expected != before
    for number in tried(effects, 3)[0 if EVERY else 1 :]:  # before the first, nothing has happened
        bucket.copy(bucket.first, bucket.name)
        shaken = base.twin(tmp_path / f"shaken-{number}")
        assert call(shaken.root, "dedupe", verb, *SAID[verb], last=2 * number - 1, effects=EFFECTS)[0] == KILLED
        bucket.must_be_whole(f"killed before effect {number} of {effects}")
        said = _said(shaken, verb)
        done(shaken, "run", "--json")
        bucket.must_be_whole(f"finished after effect {number} of {effects}")
        assert published(shaken) == (expected if said else before), f"killed before effect {number} of {effects}"
        shutil.rmtree(shaken.root)


@pytest.mark.parametrize("last", [1, 2, 6, 12])
def test_a_takedown_after_a_rename_that_was_killed_leaves_nothing_under_the_former_name(
    small: Space, last: int
) -> None:
    """It said that the photograph was gone; under the only name the event had so far, its texts stood in page and manifest."""
    item = next(iter(small.items(SLUG)))
    assert call(small.root, "event", "rename", SLUG, "party", last=last)[0] == KILLED
    gone = small.here("takedown", item, "--reason", "quality")
    assert gone.returncode == 0, gone.stdout
    names = [name for name in (SLUG, "party") if (small.root / "site" / "events" / name / "manifest.json").exists()]
    assert [small.items(name)[item]["type"] for name in names] == ["tombstone"] * len(names) != []
    (receipt,) = (small.root / "archive" / "receipts").glob("*.json")
    looked_at = {one["url"].partition("/site/")[2] for one in json.loads(receipt.read_text())["addresses"]}
    assert {f"events/{names[-1]}/manifest.json", f"events/{names[-1]}/index.html"} <= looked_at
    small.run_here()
    for name in (SLUG, "party") if last > 1 else (SLUG,):
        assert small.items(name)[item]["type"] == "tombstone"
