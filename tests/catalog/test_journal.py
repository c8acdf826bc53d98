"""The journal: appended by many at once, never half, and it shows when it was tampered with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mediaarchive.catalog import Journal
from mediaarchive.errors import Damaged


def record(text: str) -> dict[str, object]:
    return {"kind": "event", "slug": text, "folder": text, "at": "2025-10-06T10:00:00+00:00"}


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([record("a"), record("b")])
    journal.append([record("c")])
    assert [(number, entry["slug"]) for number, entry in journal.read()] == [(1, "a"), (1, "b"), (2, "c")]
    assert [entry["slug"] for _, entry in journal.read(after=1)] == ["c"]


def test_writers_at_the_same_time_lose_nothing_and_the_chain_holds(tmp_path: Path) -> None:
    names = [f"{worker}-{turn}" for worker in range(8) for turn in range(10)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: Journal(tmp_path).append([record(name)]), names))
    entries = list(Journal(tmp_path).read())
    assert [number for number, _ in entries] == list(range(1, 81))
    assert sorted(str(entry["slug"]) for _, entry in entries) == sorted(names)


def test_a_half_written_segment_of_a_crash_is_no_segment(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([record("a")])
    (tmp_path / ".123-abcd.tmp").write_bytes(b'{"journal":1')
    assert len(list(journal.read())) == 1
    assert journal.append([record("b")]) == 2


def test_an_altered_segment_is_noticed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([record("a")])
    journal.append([record("b")])
    first = tmp_path / "0000000001.jsonl"
    first.write_bytes(first.read_bytes().replace(b'"a"', b'"x"'))
    with pytest.raises(Damaged, match="does not follow"):
        list(journal.read())


def test_a_lost_segment_is_noticed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for name in "abc":
        journal.append([record(name)])
    (tmp_path / "0000000002.jsonl").unlink()
    with pytest.raises(Damaged, match=r"0000000002\.jsonl is missing"):
        list(journal.read())


def test_a_record_of_an_unknown_kind_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Journal(tmp_path).append([{"kind": "nonsense"}])
    assert Journal(tmp_path).last() == 0
