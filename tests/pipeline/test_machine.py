"""Whatever happens, and wherever it is cut off: a reader finds all that the manifest names, and nothing withdrawn.

A state machine drops, drops again, withdraws, restores, hides, moves, renames events, changes recipes and runs, kills commands
at any effect, and compares what a reader sees with a dictionary.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crashing import KILLED, call
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PIL import Image

from mediaarchive.model import Kind
from mediaarchive.pipeline.making.identifying import item_id

SALT = "a5" * 32
FOLDERS = ("fete", "atelier")  # of the inbox; an event is first named after its folder
CONFIG = """\
[ingest]
settle = 0
patience = 0
[[rendition]]
format = "jpeg"
edges = {edges}
[limits]
min_free = 1
[engine]
kind = "inline"
"""
EDGES = ((48, 96), (96,), (64, 96))
PHOTOS = 6  # the last has yet to come in; the last but one lies in the second folder
EXAMPLES = int(os.environ.get("MEDIAARCHIVE_MACHINE_EXAMPLES", "10"))
STEPS = 12


def home(number: int) -> str:
    """The folder that a photograph comes in with."""
    return FOLDERS[number == PHOTOS - 2]


def photo(number: int) -> bytes:
    """One of a few photographs that nobody would take for each other."""
    noise = np.random.default_rng(number)
    coarse = noise.integers(0, 256, (6, 9, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(coarse).resize((144, 96), Image.Resampling.BICUBIC).save(out, "JPEG", quality=90)
    return out.getvalue()


def item_of(data: bytes) -> str:
    return item_id(SALT, Kind.PHOTO, [hashlib.sha256(data).hexdigest()])


@dataclass
class Photo:
    """What ought to be true of a photograph: where it lies and has come in, where it was moved to, what was said of it."""

    data: bytes
    inbox: set[str] = field(default_factory=set)
    came: set[str] = field(default_factory=set)
    moved: str = ""
    published: bool = False
    withdrawn: bool = False
    hidden: bool = False


def shown(entry: Photo) -> bool:
    return entry.published and not entry.withdrawn and not entry.hidden


def configure(root: Path, edges: tuple[int, ...]) -> None:
    (root / "mediaarchive.toml").write_text(CONFIG.format(edges=list(edges)), encoding="utf-8")


ANY = st.integers(0, PHOTOS - 1)
STEP = st.sampled_from([None] * 25 + [*range(1, 76)])  # where a command dies: the longest takes some 76 steps


class Machine(RuleBasedStateMachine):
    """A workspace and its reader, beside a dictionary of what ought to be seen. All photographs but the last have come in."""

    template: Path

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="machine-")) / "ws"
        shutil.copytree(self.template, self.root)
        self.names = PHOTOS
        self.photos = {
            item_of(photo(number)): Photo(photo(number), came={home(number)}, published=True)
            for number in range(PHOTOS - 1)
        }
        self.photos[item_of(photo(PHOTOS - 1))] = Photo(photo(PHOTOS - 1))
        self.slugs = {folder: [folder] for folder in FOLDERS}
        self.items = list(self.photos)
        self.settled = True
        self.unproved = False

    def teardown(self) -> None:
        if hasattr(self, "root"):
            shutil.rmtree(self.root.parent)

    def among(self, which: int, wanted: Callable[[Photo], bool]) -> str:
        """One of the items that are as wanted."""
        found = [item for item, entry in self.photos.items() if wanted(entry)]
        return found[which % len(found)]

    # -- what happens ----------------------------------------------------------------------------------------------

    @rule(which=ANY, event=st.sampled_from(FOLDERS))
    def drop(self, which: int, event: str) -> None:
        """A file arrives, perhaps again, perhaps for another event, under a name of its own."""
        entry = self.photos[self.items[which]]
        self.names += 1
        folder = self.root / "inbox" / event / f"card {self.names % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"DSC_{self.names:04}.jpg").write_bytes(entry.data)
        entry.inbox.add(event)
        self.settled = False

    @rule(edges=st.sampled_from(EDGES), last=STEP)
    def run(self, edges: tuple[int, ...], last: int | None) -> None:
        """A run, perhaps with another recipe."""
        configure(self.root, edges)
        status, told = call(self.root, "run", "--json", last=last)
        assert status in {0, 3, KILLED}, told
        if status == KILLED:
            self.settled = False
            return
        for entry in self.photos.values():
            entry.came |= entry.inbox
            entry.inbox = set()
            entry.published |= bool(entry.came) and not entry.hidden
        self.settled = True
        self.unproved = False

    @precondition(lambda self: any(shown(entry) for entry in self.photos.values()))
    @rule(which=ANY, last=STEP)
    def withdraw(self, which: int, last: int | None) -> None:
        self.decide("takedown", self.among(which, shown), last, "--reason", "consent-withdrawn")

    @precondition(lambda self: any(entry.withdrawn for entry in self.photos.values()))
    @rule(which=ANY, last=STEP)
    def restore(self, which: int, last: int | None) -> None:
        self.decide("restore", self.among(which, lambda entry: entry.withdrawn), last)

    @precondition(lambda self: any(shown(entry) for entry in self.photos.values()))
    @rule(which=ANY, last=STEP)
    def hide(self, which: int, last: int | None) -> None:
        self.decide("hide", self.among(which, shown), last)

    @precondition(lambda self: any(entry.hidden for entry in self.photos.values()))
    @rule(which=ANY, last=STEP)
    def unhide(self, which: int, last: int | None) -> None:
        self.decide("unhide", self.among(which, lambda entry: entry.hidden), last)

    @precondition(lambda self: any(shown(entry) for entry in self.photos.values()))
    @rule(which=ANY, last=STEP, folder=st.sampled_from(FOLDERS))
    def move(self, which: int, last: int | None, folder: str) -> None:
        item = self.among(which, shown)
        if self.decided(last, "move", item, self.slugs[folder][-1]):
            self.photos[item].moved = folder

    @precondition(lambda self: max(map(len, self.slugs.values())) < 4)
    @rule(last=STEP, folder=st.sampled_from(FOLDERS))
    def rename(self, last: int | None, folder: str) -> None:
        new = f"{folder}-{len(self.slugs[folder])}"
        if self.decided(last, "event", "rename", self.slugs[folder][-1], new):
            self.slugs[folder].append(new)

    def decide(self, kind: str, item: str, last: int | None, *more: str) -> None:
        """A decision about an item."""
        if not self.decided(last, kind, item, *more):
            return
        entry = self.photos[item]
        if kind in {"takedown", "restore"}:
            entry.withdrawn = kind == "takedown"
        else:
            entry.hidden = kind == "hide"

    def decided(self, last: int | None, *command: str) -> bool:
        """Whether a decision that was perhaps killed holds: what is in the journal counts."""
        before = len(self.decisions())
        status, told = call(self.root, *command, last=last)
        # What was killed on its way is no secret: until a run has finished it, commands end with 5.
        assert status in {0, KILLED} or (status == 5 and self.unproved and "was withdrawn, but" in told), told
        self.unproved |= command[0] == "takedown" and status == KILLED
        self.settled = False
        durable = len(self.decisions()) > before
        assert durable or status == KILLED or command[0] == "move", "a decision that was carried out is in the journal"
        if command[0] == "takedown" and status == 0:
            self.nothing_left(command[1])
        return durable or status in {0, 5}

    # -- what a reader sees ----------------------------------------------------------------------------------------

    def journal(self, kind: str) -> list[tuple[int, Any]]:
        """Records of a kind, oldest first, each with the number of its segment."""
        segments = sorted((self.root / "archive" / "journal").glob("*.jsonl"))
        records = [(int(path.stem), json.loads(line)) for path in segments for line in path.read_text().splitlines()]
        return [(number, record) for number, record in records if record.get("kind") == kind]

    def decisions(self) -> list[Any]:
        return [record for _, record in self.journal("decision")]

    def ever_shown(self, item: str, entry: Photo, folder: str) -> bool:
        """Whether a withdrawn photograph had come into an event before it was withdrawn: else that event has no notice of it."""
        said = [n for n, one in self.journal("decision") if one["decision"] == "takedown" and item in one["subjects"]]
        digest, names = hashlib.sha256(entry.data).hexdigest(), self.slugs[folder]
        came = [n for n, one in self.journal("arrival") if one["sha256"] == digest and one["event"] in names]
        return bool(entry.moved) or came[0] < said[-1]

    def expected(self, folder: str) -> dict[str, str]:
        """What an event's page ought to list."""
        listed = {
            item: entry
            for item, entry in self.photos.items()
            if (folder == entry.moved if entry.moved else folder in entry.came)
        }
        return {
            item: "tombstone" if entry.withdrawn else "photo"
            for item, entry in listed.items()
            if (self.ever_shown(item, entry, folder) if entry.withdrawn else not entry.hidden)
        }

    def manifest(self, slug: str) -> dict[str, Any]:
        path = self.root / "site" / "events" / slug / "manifest.json"
        return read(path) if path.exists() else {"items": []}

    def nothing_left(self, item: str) -> None:
        folder = self.root / "site" / "media" / item
        left = [path.name for path in folder.iterdir() if "-" in path.name] if folder.is_dir() else []
        assert left == [], f"files of a withdrawn picture: {left}"
        bodies = (self.root / "site" / "events").glob("*/releases/" + "?" * 64 + ".json")
        told = [b.name for b in bodies if any(e["id"] == item and e["type"] != "tombstone" for e in read(b)["items"])]
        assert told == [], "releases that still show it"

    def going(self, entry: Photo) -> bool:
        """Whether a photograph is on its way off several events: a kill may leave one behind the other."""
        places = {*entry.came, *entry.inbox, *([entry.moved] if entry.moved else [])}
        return not self.settled and len(places) > 1 and (entry.withdrawn or entry.hidden)

    @invariant()
    def a_reader_finds_all_that_is_named(self) -> None:
        for pointer in (self.root / "site" / "events").glob("*/manifest.json") if hasattr(self, "root") else ():
            for entry in read(pointer)["items"]:
                if self.going(self.photos[entry["id"]]):
                    continue
                for one in (one for source in entry.get("sources", ()) for one in source["set"]):
                    path = self.root / "site" / one["url"]
                    assert path.is_file(), f"{one['url']} is named, and isn't there"
                    assert path.stat().st_size == one["bytes"]
                    digest = hashlib.sha256(path.read_bytes()).hexdigest()
                    assert digest[:8] == path.stem.rpartition("-")[2]

    @invariant()
    def nothing_is_lost(self) -> None:
        for entry in self.photos.values() if hasattr(self, "root") else ():
            if entry.came or entry.inbox:
                digest = hashlib.sha256(entry.data).hexdigest()
                kept = self.root / "archive" / "originals" / digest[:2] / f"{digest}.jpg"
                waiting = [p for p in (self.root / "inbox").rglob("*.jpg") if p.read_bytes() == entry.data]
                assert waiting or kept.read_bytes() == entry.data

    @invariant()
    def after_a_whole_run_the_site_is_what_the_dictionary_says(self) -> None:
        if not getattr(self, "settled", False):
            return
        for folder, slugs in self.slugs.items():
            expected = self.expected(folder)
            for slug in slugs:  # a former name goes on answering
                assert {entry["id"]: entry["type"] for entry in self.manifest(slug)["items"]} == expected, slug
        for item, entry in self.photos.items():
            if entry.withdrawn or entry.hidden:
                self.nothing_left(item)

    @precondition(lambda self: self.settled)
    @rule()
    def run_again(self) -> None:
        """A second run does nothing."""
        slugs = [slug for names in self.slugs.values() for slug in names]
        before = [self.manifest(slug) for slug in slugs]
        status, told = call(self.root, "run", "--json")
        assert status == 0, told
        assert json.loads(told[told.index("{") :])["jobs"]["planned"] == 0
        assert [self.manifest(slug) for slug in slugs] == before


def read(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_bytes())
    return value


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A workspace that has published all photographs but the last."""
    root = tmp_path / "template"
    status, told = call(root.parent, "init", str(root), "--salt", SALT)
    assert status == 0, told
    configure(root, EDGES[0])
    for folder in FOLDERS:
        (root / "inbox" / folder).mkdir()
    for number in range(PHOTOS - 1):
        (root / "inbox" / home(number) / f"DSC_{number:04}.jpg").write_bytes(photo(number))
    status, told = call(root, "run")
    assert status == 0, told
    return root


def test_a_reader_is_never_let_down(published: Path) -> None:
    Machine.template = published
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            phases=[
                Phase.generate
            ],  # a failure is told as it happened: what was cut off can't be replayed to the letter
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
