"""The catalog can be lost: the journal makes it again. What was made first stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mediaarchive.catalog import Answer, Catalog, Given, Journal, Look, database, journal
from mediaarchive.errors import NewerArchive, Unwritable
from mediaarchive.model import Decision, Kind, Outcome, Problem, Recipe, Status

SHA_A, SHA_B = "a" * 64, "b" * 64
AT = "2025-10-06T10:00:00+00:00"
RECIPE = Recipe(stage="still", version=1, params={"edge": 320})


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog.db", Journal(tmp_path / "journal"))


def arrival(sha256: str, path: str) -> dict[str, object]:
    return {
        "kind": "arrival",
        "event": "forum",
        "path": path,
        "sha256": sha256,
        "bytes": 10,
        "mime": "image/jpeg",
        "media": "photo",
        "uri": f"originals/{sha256[:2]}/{sha256}.jpg",
        "at": AT,
    }


def mint(*sha256s: str) -> dict[str, object]:
    members = [
        {"sha256": s, "relation": "copy" if position else "master", "evidence": {}}
        for position, s in enumerate(sha256s)
    ]
    return {
        "kind": "mint",
        "item": "p-aaaaaaaaaaaaa",
        "media": "photo",
        "master": sha256s[0],
        "members": members,
        "at": AT,
    }


def story(catalog: Catalog) -> None:
    catalog.append([{"kind": "workspace", "id": "ws-1", "salt": "00", "at": AT}])
    catalog.append([{"kind": "event", "slug": "forum", "folder": "Forum", "at": AT}, arrival(SHA_A, "a.jpg")])
    catalog.append([arrival(SHA_B, "b.jpg"), mint(SHA_A, SHA_B)])
    decision = {"kind": "decision", "decision": "takedown", "subjects": ["p-aaaaaaaaaaaaa"], "by": "me", "at": AT}
    catalog.append([decision | {"params": {"reason": "quality"}}])


def test_a_lost_catalog_is_made_again_from_the_journal(catalog: Catalog) -> None:
    story(catalog)
    before = list(catalog.connection.iterdump())
    catalog.close()
    catalog.path.unlink()
    again = Catalog(catalog.path, catalog.journal)
    assert list(again.connection.iterdump()) == before
    assert again.decisions() == (
        Decision(
            kind="takedown", at=AT, subjects=("p-aaaaaaaaaaaaa",), params={"reason": "quality"}, by="me", number=4
        ),
    )
    asset = again.asset("p-aaaaaaaaaaaaa")
    assert asset
    assert (asset.kind, asset.master, [m.relation for m in asset.members]) == (Kind.PHOTO, SHA_A, ["master", "copy"])


def test_a_broken_catalog_is_set_aside_and_made_again(catalog: Catalog) -> None:
    story(catalog)
    catalog.close()
    catalog.path.write_bytes(b"this is no database" * 100)
    for suffix in ("-wal", "-shm"):
        catalog.path.with_name(catalog.path.name + suffix).unlink(missing_ok=True)
    again = Catalog(catalog.path, catalog.journal)
    assert again.items_of([SHA_A, SHA_B]) == {SHA_A: "p-aaaaaaaaaaaaa", SHA_B: "p-aaaaaaaaaaaaa"}
    assert catalog.path.with_name("catalog.db.unreadable").exists()


def test_a_decision_appended_by_another_process_is_seen(catalog: Catalog) -> None:
    story(catalog)
    other = Journal(catalog.journal.folder)
    other.append([{"kind": "decision", "decision": "hide", "subjects": ["x"], "params": {}, "by": "", "at": AT}])
    assert len(catalog.decisions()) == 1
    catalog.catch_up()
    assert [decision.kind for decision in catalog.decisions()] == ["takedown", "hide"]


def test_an_alias_takes_over_the_members_and_answers_for_the_old_id(catalog: Catalog) -> None:
    story(catalog)
    young = mint("c" * 64) | {"item": "p-bbbbbbbbbbbbb"}
    catalog.append([young, {"kind": "alias", "item": "p-bbbbbbbbbbbbb", "of": "p-aaaaaaaaaaaaa", "at": AT}])
    asset = catalog.asset("p-bbbbbbbbbbbbb")
    assert asset
    assert asset.id == "p-aaaaaaaaaaaaa"
    assert asset.aliases == ("p-bbbbbbbbbbbbb",)
    assert {m.sha256 for m in asset.members} == {SHA_A, SHA_B, "c" * 64}


def test_an_item_is_read_again_after_anybody_wrote(catalog: Catalog) -> None:
    """Items are remembered between writes: our own, and those of another process that folded the journal first."""
    assert catalog.asset("p-aaaaaaaaaaaaa") is None
    catalog.append([mint(SHA_A)])
    first = catalog.asset("p-aaaaaaaaaaaaa")
    assert first
    assert first is catalog.asset("p-aaaaaaaaaaaaa")
    Catalog(catalog.path, Journal(catalog.journal.folder)).append(
        [
            mint(SHA_B) | {"item": "p-bbbbbbbbbbbbb"},
            {"kind": "alias", "item": "p-bbbbbbbbbbbbb", "of": "p-aaaaaaaaaaaaa", "at": AT},
        ]
    )
    second = catalog.asset("p-aaaaaaaaaaaaa")
    assert second
    assert second.aliases == ("p-bbbbbbbbbbbbb",)


def test_the_first_result_of_a_key_wins_and_what_is_to_be_retried_is_not_kept(catalog: Catalog) -> None:
    first = Outcome(key="k1", work_id="w", recipe=RECIPE, status=Status.OK, facts={"n": 1})
    second = Outcome(key="k1", work_id="w", recipe=RECIPE, status=Status.OK, facts={"n": 2})
    problem = Problem(code="machine", reason="The disk was full.")
    retry = Outcome(key="k2", work_id="w", recipe=RECIPE, status=Status.RETRY, problem=problem)
    catalog.record([first, retry], SHA_A)
    catalog.record([second], SHA_A)
    assert catalog.outcomes(["k1", "k2"]) == {"k1": first}


def test_answers_wait_until_a_report_has_given_them(catalog: Catalog) -> None:
    catalog.answer([Answer(event="forum", path="a.jpg", verdict="rejected", code="empty", reason="It is empty.")])
    assert [answer.path for answer in catalog.answers()] == ["a.jpg"]
    catalog.start_run("r1", AT)
    said = Given(event="forum", path="a.jpg", verdict="rejected", code="empty", reason="It is empty.")
    catalog.end_run("r1", AT, 3, {"events": [], "files": []}, [said])
    assert catalog.answers() == []
    told = catalog.history("forum", "a.jpg")
    assert told
    assert (told["run"], told["verdict"], told["reason"]) == ("r1", "rejected", "It is empty.")


def test_a_path_is_found_by_its_end(catalog: Catalog) -> None:
    story(catalog)
    assert catalog.find_paths("b.jpg") == [("forum", "b.jpg")]
    assert catalog.find_paths("Forum/b.jpg") == [("forum", "b.jpg")]
    assert catalog.find_paths("_.jpg") == []


def test_looks_forget_what_is_gone(catalog: Catalog) -> None:
    catalog.save_looks([Look(path="x/a.jpg", stat="1", since=1.0), Look(path="x/b.jpg", stat="1", since=1.0)])
    catalog.save_looks([], gone=["x/a.jpg"])
    assert set(catalog.looks()) == {"x/b.jpg"}


def ran(catalog: Catalog, run: str, *slugs: str, at: str = AT) -> None:
    catalog.start_run(run, at)
    catalog.end_run(run, at, 0, {"events": [{"slug": slug, "run": run} for slug in slugs], "files": []}, [])


def newest(catalog: Catalog) -> tuple[str, str]:
    """The ids of the newest run and of the one whose report is the newest that tells of the event."""
    run, told = catalog.last_run(), catalog.last_report("forum")
    assert run
    assert told
    return str(run["id"]), str(told["run"])


def test_of_runs_within_one_second_or_after_a_clock_was_set_back_the_last_is_the_last(catalog: Catalog) -> None:
    for run in ("r-7", "r-9", "r-1", "r-3"):
        ran(catalog, run, "forum")
        assert newest(catalog) == (run, run)
    ran(catalog, "r-0", "another")
    assert newest(catalog) == ("r-0", "r-3")
    ran(catalog, "r-2", "forum", at="2025-10-05T10:00:00+00:00")
    assert newest(catalog) == ("r-2", "r-2")
    again = Catalog(catalog.path, catalog.journal)
    assert newest(again) == ("r-2", "r-2")


def test_a_catalog_of_before_keeps_its_runs_and_goes_on(catalog: Catalog) -> None:
    """Version 5 had no order of runs but their seconds."""
    story(catalog)
    for run, at in (("r-2", "2025-10-05T10:00:00+00:00"), ("r-1", AT)):
        ran(catalog, run, "forum", at=at)
    catalog.connection.executescript("DROP TABLE run_order; PRAGMA user_version = 5;")
    catalog.close()
    again = Catalog(catalog.path, catalog.journal)
    assert not catalog.path.with_name("catalog.db.unreadable").exists()
    assert newest(again) == ("r-1", "r-1")
    ran(again, "r-0", "forum")
    assert newest(again) == ("r-0", "r-0")


def test_a_catalog_of_a_newer_version_is_left_as_it_is(catalog: Catalog) -> None:
    story(catalog)
    catalog.connection.executescript("CREATE TABLE later (what TEXT); PRAGMA user_version = 999;")
    catalog.close()
    before = catalog.path.read_bytes()
    with pytest.raises(NewerArchive, match="version 999") as refused:
        Catalog(catalog.path, catalog.journal)
    assert "install that version again" in str(refused.value.hint)
    assert catalog.path.read_bytes() == before
    assert not catalog.path.with_name("catalog.db.unreadable").exists()


BLUR = {"kind": "decision", "decision": "blur", "subjects": ["p-x"], "params": {}, "by": "", "at": AT}
LICENCE = {"kind": "licence", "item": "p-x", "at": AT}


@pytest.mark.parametrize(
    ("record", "kind", "folded"), [(BLUR, "blur", False), (BLUR, "blur", True), (LICENCE, "licence", False)]
)
def test_what_a_newer_version_decided_is_never_passed_over(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, record: dict[str, object], kind: str, *, folded: bool
) -> None:
    """Whether this version reads it first, or the newer one had folded it into the catalog already."""
    story(catalog)
    with monkeypatch.context() as newer:
        newer.setattr(journal, "KINDS", journal.KINDS | {kind})
        newer.setattr(journal, "DECISIONS", journal.DECISIONS | {kind})
        newer.setattr(database, "DECISIONS", journal.DECISIONS)
        Journal(catalog.journal.folder).append([record])
        if folded:
            catalog.catch_up()
    with pytest.raises(NewerArchive, match=f'"{kind}"'):
        catalog.catch_up()
    catalog.close()
    with pytest.raises(NewerArchive, match=f'"{kind}"'):
        Catalog(catalog.path, catalog.journal)
    with pytest.raises(ValueError, match=kind):
        catalog.journal.append([record])


def test_a_catalog_that_somebody_else_holds_or_that_may_not_be_read_is_not_taken_for_a_broken_one(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    story(catalog)
    catalog.close()
    connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.connect", lambda path, **given: connect(path, **(given | {"timeout": 0.1})))
    with closing(connect(catalog.path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unwritable, match="locked"):
            Catalog(catalog.path, catalog.journal)
        other.execute("ROLLBACK")
    assert not catalog.path.with_name("catalog.db.unreadable").exists()
    assert Catalog(catalog.path, catalog.journal).items_of([SHA_A]) == {SHA_A: "p-aaaaaaaaaaaaa"}
