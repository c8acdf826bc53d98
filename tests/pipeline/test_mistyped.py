"""What a sysadmin mistypes, mounts wrongly or loses the line to: one sentence, the right status, and nothing done by the way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediaarchive.errors import StoreError
from mediaarchive.ports import Stat
from mediaarchive.stores.local import LocalStore

from .album import done
from .conftest import Space
from .test_adopting import SLUG, office

DOWN = 'url = "s3://bucket/x"\nendpoint = "http://127.0.0.1:9"'


@pytest.fixture
def red(tmp_path: Path) -> Space:
    """Two photographs in two stores, `site` and `copy`."""
    space = office(tmp_path, "red", (1, 2))
    assert space.run_here()["counts"] == {"published": 2}
    return space


def write(space: Space, *changes: tuple[str, str], more: str = "") -> None:
    text = space.config.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    space.config.write_text(text + more, encoding="utf-8")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("archive/mirror", "[originals] mirror: archive/mirror lies in the archive"),
        (".", "[originals] mirror: . is the workspace itself"),
        ("inbox/mirror", "[originals] mirror: inbox/mirror lies in the inbox"),
        ("s3:/bucket", "[originals] mirror is neither a folder nor a bucket"),
        ("https://key:secret@host/bucket", "[originals] mirror is neither a folder nor a bucket"),
    ],
)
def test_a_mirror_that_could_not_be_one_is_refused_before_anything_is_written(red: Space, url: str, says: str) -> None:
    """In the archive it was called whole, and would have been lost with it; a mistyped bucket became a folder."""
    before = sorted(red.root.rglob("*"))
    write(red, more=f'[originals]\nmirror = "{url}"\n')
    answer = red.here("run")
    assert answer.returncode == 2
    assert says in answer.stderr
    assert "secret" not in answer.stderr
    assert sorted(red.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (".", "[[store]] copy url: . has the archive in it, and is published"),
        ("..", "[[store]] copy url: .. has the archive in it, and is published"),
        ("archive", "[[store]] copy url: archive lies in the archive"),
        ("inbox/public", "[[store]] copy url: inbox/public lies in the inbox"),
        ("ftp://host/site", "[[store]] copy url is neither a folder nor a bucket"),
    ],
)
def test_a_store_that_would_publish_the_archive_is_refused(red: Space, url: str, says: str) -> None:
    write(red, ('url = "../copy"', f'url = "{url}"'))
    answer = red.here("status")
    assert answer.returncode == 2
    assert says in answer.stderr


@pytest.mark.parametrize(
    ("subject", "folder", "says"),
    [
        (SLUG, "../public/originals", "lies in what [[store]] site publishes: originals are private"),
        (f"{SLUG}/1.jpg", "../public", "lies in what [[store]] site publishes: originals are private"),
        (SLUG, "archive/originals/out", "lies in the archive"),
        (SLUG, "/proc/out", "can't be made"),
        ("nothing", "../out", "is nothing that was published, nor an event"),
    ],
)
def test_originals_are_not_exported_to_where_they_must_not_be(red: Space, subject: str, folder: str, says: str) -> None:
    """They would have been published, with the names and places in them; where no folder could be made, a traceback was shown."""
    before = sorted(red.root.parent.rglob("*"))
    answer = red.here("export", subject, str(red.root / folder))
    assert answer.returncode == 2
    assert says in answer.stderr
    assert sorted(red.root.parent.rglob("*")) == before


def test_an_event_is_exported_by_the_name_it_had_too_and_into_the_folder_one_is_in(
    red: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(red, "event", "rename", SLUG, "party")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    done(red, "export", SLUG, ".")
    assert {path.name for path in (tmp_path / "here").iterdir()} == {"1.jpg", "2.jpg"}


def test_a_folder_that_is_no_mirror_is_told_and_not_made_one(red: Space, tmp_path: Path) -> None:
    """A rebuild from a mistyped folder looked done, and had written a whole mirror there."""
    answer = red.here("rebuild", "--from", str(tmp_path / "mirorr"))
    assert answer.returncode == 2
    assert "mirorr is no mirror: there is no journal" in answer.stderr
    assert not (tmp_path / "mirorr").exists()
    assert red.run_here()["status"] == 0, "nothing was changed"


def test_a_store_that_fails_does_not_keep_verify_from_the_others(red: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was looked at any more, not even the originals."""
    listing = LocalStore.list
    original = min((red.root / "archive" / "originals").rglob("*.jpg"))
    original.chmod(0o644)
    original.write_bytes(original.read_bytes()[:-1] + b"!")

    def failing(store: LocalStore, prefix: str) -> Iterator[Stat]:
        if store.name == "site":
            raise StoreError("the line is broken", hint="mend it")
        yield from listing(store, prefix)

    monkeypatch.setattr(LocalStore, "list", failing)
    answer = red.here("verify", "--json")
    assert answer.returncode == 5
    assert "site could not be looked at: the line is broken\n  → mend it" in answer.stderr
    value = json.loads(answer.stdout)
    assert value["failures"] == {"site": "the line is broken"}
    assert [(one["where"], one["state"]) for one in value["problems"]] == [("archive", "wrong")]
    assert value["counts"]["proved"] > 20, "the other store's"
    assert "wrong: archive: originals/" in red.here("verify").stdout


def test_a_store_that_fails_while_it_is_read_does_not_either(red: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    fetching = LocalStore.fetch

    def failing(store: LocalStore, key: str, to: Path | None = None) -> str | None:
        if store.name == "site" and key.startswith("media/"):
            raise StoreError("the disk is dying")
        return fetching(store, key, to)

    monkeypatch.setattr(LocalStore, "fetch", failing)
    answer = red.here("verify", "--deep", "--json")
    assert answer.returncode == 5
    value = json.loads(answer.stdout)
    assert [*value["failures"]] == ["site"]
    assert "the disk is dying" in value["failures"]["site"]
    assert value["problems"] == []
    assert value["counts"]["proved"] > 20


def test_of_many_findings_of_a_kind_a_person_is_told_the_first(red: Space) -> None:
    for path in (red.root.parent / "copy" / "media").rglob("*.*"):
        path.unlink()
    told = red.here("verify").stdout.splitlines()
    assert len([line for line in told if line.startswith("missing: copy: media/")]) <= 40
    write(red, more='[originals]\nmirror = "../mirror"\n')
    for number in range(30):
        done(red, "expire", f"{SLUG}/1.jpg", f"2031-01-{number % 28 + 1:02}")
    red.run_here()
    for path in (red.root.parent / "mirror" / "journal").iterdir():
        path.unlink()
    told = red.here("verify").stdout.splitlines()
    journal = [line for line in told if line.startswith("missing: mirror: journal/")]
    assert len(journal) == 20
    assert any(line.endswith(" more like these: mediaarchive verify --json") for line in told)


def test_who_looks_does_not_wait_for_minutes(red: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that refuses connections was asked again for five minutes."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    item = next(iter(red.root.parent.glob("public/media/p-*"))).name
    write(red, ('url = "../copy"', DOWN))
    for words in (
        ("log", SLUG, "--store", "copy"),
        ("diff", SLUG, "1", "--store", "copy"),
        ("rollback", SLUG, "1"),
        ("takedown", item, "--reason", "quality", "--dry-run"),
    ):
        started = time.monotonic()
        answer = red.here(*words)
        assert (answer.returncode, time.monotonic() - started < 15) == (5, True), words
        assert "http://127.0.0.1:9 failed" in answer.stderr, words
    assert done(red, "log", SLUG).count("\n") == 1, "nothing was decided"


def test_a_release_that_shows_nothing_is_not_one_that_was_removed(red: Space) -> None:
    done(red, "event", "retire", SLUG, "--reason", "quality")
    told = done(red, "log", SLUG).splitlines()
    assert [line.rpartition("  ")[2] for line in told] == ["2 photos", "nothing"]
    answer = red.here("rollback", SLUG, "99")
    assert answer.returncode == 2
    assert "there are: 1 to 2" in answer.stderr


def test_the_log_says_which_event_a_run_is_about(red: Space) -> None:
    """It said "all events" of one that was mistyped."""
    for words, started in (((), "all events"), (("--event", SLUG), SLUG), (("--event", "fte"), "fte")):
        log = red.here("run", *words).stderr
        assert f" started: {started}." in log, words
    assert 'there is no event "fte"' in log
