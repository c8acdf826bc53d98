"""How often a photograph is opened until it is known what it is a copy of: once as it comes in, and once for all its proofs."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from mediaarchive.engines import inline
from mediaarchive.engines.attempt import attempt, unanswered, worker_died
from mediaarchive.media import picture
from mediaarchive.model import Outcome, Status, Work
from mediaarchive.pipeline import worker
from mediaarchive.pipeline.inbox import taking
from mediaarchive.pipeline.making import proving
from mediaarchive.stages.dedupe.features import FINE
from mediaarchive.stages.ingest import ANALYSIS_EDGE

from .edits import frame, scene, sent, shot
from .evening import Kept, workspace


def evening() -> dict[str, bytes]:
    """Three scenes with what messengers made of each, and a burst of one second of which a frame was sent on."""
    files = {}
    for number in range(3):
        whole = scene(60 + number)
        files |= {
            f"DSC_{number}.jpg": shot(whole, 60 * number),
            f"IMG-WA{number}.jpg": sent(whole),
            f"again {number}.jpg": sent(whole, 640),
        }
    return files | {f"burst {number}.jpg": shot(frame(number), 400) for number in range(3)} | {"x.jpg": sent(frame(1))}


@dataclass
class Opened:
    """How often each file was decoded, by its name and the edge that was asked for."""

    times: Counter[tuple[str, int | None]] = field(default_factory=Counter)

    def at(self, edge: int) -> list[int]:
        return [times for (_, asked), times in self.times.items() if asked == edge]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    worker._proof_features.cache_clear()
    seen, decode = Opened(), picture.decode

    def counted(path: Path, *, pixels: int, at_least: int | None = None) -> picture.Decoded:
        seen.times[path.name, at_least] += 1
        return decode(path, pixels=pixels, at_least=at_least)

    monkeypatch.setattr(picture, "decode", counted)
    yield seen
    worker._proof_features.cache_clear()


@pytest.fixture
def ws(tmp_path: Path) -> Callable[[str], Kept]:
    return lambda name: workspace(tmp_path / name)


def test_an_event_with_messengers_copies_is_decoded_once_for_its_details_and_once_for_its_proofs(
    ws: Callable[[str], Kept], opened: Opened
) -> None:
    party, files = ws("ws"), evening()
    party.drop("e", files)
    party.run_here()
    assert opened.at(ANALYSIS_EDGE) == [1] * len(files)
    assert set(opened.at(FINE)) == {1}
    assert len(opened.at(FINE)) <= len(files)


def test_what_comes_to_such_an_event_another_day_is_looked_at_for_details_as_it_is_read(
    ws: Callable[[str], Kept], opened: Opened
) -> None:
    party = ws("ws")
    party.drop("e", {"DSC_0.jpg": shot(scene(60)), "IMG-WA0.jpg": sent(scene(60))})
    party.run_here()
    opened.times.clear()
    party.drop("e", {f"DSC_{number}.jpg": shot(scene(80 + number), 60 * number) for number in range(1, 4)})
    party.run_here()
    assert opened.at(ANALYSIS_EDGE) == [1] * 3


def test_photographs_of_which_every_clock_tells_another_second_are_not_looked_at_for_details(
    ws: Callable[[str], Kept], opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mediaarchive.stages.dedupe.voting.describe", lambda _: pytest.fail("nobody needs them"))
    party = ws("ws")
    party.drop("e", {f"DSC_{number}.jpg": shot(scene(70 + number), 60 * number) for number in range(3)})
    party.run_here()
    assert opened.at(ANALYSIS_EDGE) == [1] * 3
    assert opened.at(FINE) == []


def test_what_is_known_of_an_event_is_the_same_however_often_its_pictures_are_opened(
    ws: Callable[[str], Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    thrifty, lavish = ws("thrifty"), ws("lavish")
    thrifty.drop("e", evening())
    thrifty.run_here()
    monkeypatch.setattr(taking, "_with_details", lambda _intake, work, _needed: work)
    monkeypatch.setattr(taking, "_telling_first", list)
    monkeypatch.setattr(proving, "batches", lambda pairs, _: [[pair] for pair in sorted(pairs, reverse=True)])
    monkeypatch.setattr(worker, "_proof_features", lru_cache(maxsize=0)(worker._proof_features.__wrapped__))
    lavish.drop("e", evening())
    lavish.run_here()
    assert thrifty.items("e") == lavish.items("e")
    assert thrifty.pairs("e") == lavish.pairs("e")
    assert known(thrifty) == known(lavish)
    assert {stage for stage, _ in known(thrifty)} >= {"features", "prove"}


def known(party: Kept) -> dict[tuple[str, str], dict[str, Any]]:
    """What was found in pictures and between them, by stage and derivation key."""
    with sqlite3.connect(party.root / "archive" / "catalog.db") as catalog:
        rows = catalog.execute(
            "SELECT stage, key, outcome FROM derivation WHERE stage IN ('identify', 'features', 'prove')"
        ).fetchall()
    return {(stage, key): json.loads(outcome)["facts"] for stage, key, outcome in rows}


def test_a_pair_that_ends_its_worker_costs_the_others_of_its_batch_nothing(
    ws: Callable[[str], Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: Counter[str] = Counter()

    def deadly(task: Callable[[Work], tuple[Outcome, ...]], work: Work) -> tuple[Outcome, ...]:
        parts = worker.parts_of(work) or ([work] if work.stage == "prove" else [])
        done.update(part.id for part in parts)
        if min(done, default="") in {part.id for part in parts}:
            return unanswered(work, Status.FAILED, worker_died(4096))
        return attempt(task, work)

    monkeypatch.setattr(inline, "attempt", deadly)
    party = ws("ws")
    party.drop("e", evening())
    party.run_here()
    with sqlite3.connect(party.root / "archive" / "catalog.db") as catalog:
        told = Counter(status for (status,) in catalog.execute("SELECT status FROM derivation WHERE stage = 'prove'"))
    assert told["failed"] == 1
    assert told["ok"] == len(done) - 1 > 10
    assert max(done.values()) == 2, "once with its batch, once alone"
