"""What people say of pairs has to be possible together: what can't be so is refused, and never called done."""

from __future__ import annotations

import json
import re
import time
from itertools import permutations
from pathlib import Path

import pytest

from mediaarchive.pipeline.deciding.agreeing import chain

from .conftest import LEAN, Space
from .files import film, jpeg, picture

NAMES = ("a", "b", "c")


@pytest.fixture
def space(tmp_path: Path) -> Space:
    """Three photographs that have nothing in common."""
    found = Space(tmp_path / "ws")
    found.init(LEAN)
    (found.root / "inbox" / "fete").mkdir()
    for number, name in enumerate(NAMES, 1):
        data = jpeg(picture(number, (640, 480)), at=f"2025:10:07 1{number}:00:00")
        (found.root / "inbox" / "fete" / f"{name}.jpg").write_bytes(data)
    found.run_here()
    return found


def item(space: Space, name: str) -> str:
    return str(json.loads(space.here("why", f"fete/{name}.jpg", "--json").stdout)["found"][0]["item"])


def sha256(space: Space, name: str) -> str:
    return str(json.loads(space.here("why", f"fete/{name}.jpg", "--json").stdout)["found"][0]["sha256"])


def say(space: Space, word: str, *names: str) -> str:
    done = space.here("dedupe", word, *(f"fete/{name}.jpg" for name in names))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_can_t_be_one_photograph_is_refused_with_the_words_that_speak_against_it(space: Space) -> None:
    say(space, "same", "a", "b")
    say(space, "never", "a", "c")
    refused = space.here("dedupe", "same", "fete/b.jpg", "fete/c.jpg")
    assert refused.returncode == 2, "it would change nothing, so it isn't done"
    assert "fete/a.jpg and fete/c.jpg would be, too, and were said to be different" in refused.stderr
    assert "if all are one: mediaarchive dedupe same fete/b.jpg fete/c.jpg fete/a.jpg" in refused.stderr
    assert item(space, "a") == item(space, "b") != item(space, "c")
    say(space, "never", "b", "a")
    say(space, "same", "b", "c")
    assert item(space, "a") != item(space, "b") == item(space, "c")
    assert space.here("dedupe", "same", "fete/a.jpg", "fete/b.jpg").returncode == 2, (
        "c is one with b by now, and isn't a"
    )
    say(space, "same", "a", "c", "b")
    assert item(space, "a") == item(space, "b") == item(space, "c"), "of these themselves the last word counts"
    assert "it had been said before" in say(space, "same", "c", "b", "a")
    assert space.here("dedupe", "same", "fete/a.jpg").returncode == 2


def test_a_sheet_that_contradicts_itself_is_refused_with_its_rows(space: Space, tmp_path: Path) -> None:
    one, two, three = (sha256(space, name) for name in NAMES)
    sheet = tmp_path / "pairs.csv"
    rows = [("same", one, two), ("same", two, three), ("never", one, three)]
    sheet.write_text("\n".join(",".join(row) for row in [("decision", "left_sha256", "right_sha256"), *rows]))
    refused = space.here("dedupe", "import", str(sheet))
    assert refused.returncode == 2
    assert "rows 2, 3 say that these are one photograph, and row 4 that two of them aren't" in refused.stderr
    assert len({item(space, name) for name in NAMES}) == 3
    say(space, "same", "a", "b")
    rows = [("never", one, two), ("never", one, three), ("same", two, three)]
    sheet.write_text("\n".join(",".join(row) for row in [("decision", "left_sha256", "right_sha256"), *rows]))
    done = space.here("dedupe", "import", str(sheet))
    assert done.returncode == 0, done.stderr
    assert item(space, "a") != item(space, "b") == item(space, "c"), "what the sheet parts is in the way of nothing"


def test_who_takes_back_that_two_are_one_has_both_addresses_as_they_were(space: Space) -> None:
    before, pages = {name: item(space, name) for name in NAMES}, space.published()
    assert len({*before.values()}) == 3
    for _ in range(2):
        say(space, "same", "a", "b", "c")
        assert len({item(space, name) for name in NAMES}) == 1
        say(space, "never", "a", "b")
        say(space, "never", "a", "c")
        say(space, "never", "b", "c")
        assert {name: item(space, name) for name in NAMES} == before, "no id is left over, and none leads elsewhere"
        assert all(not entry.get("aliases") for entry in space.items("fete").values())
    after = space.published()
    lasting = [name for name in pages if name.startswith("media/")]
    assert {name: after.get(name) for name in lasting} == {name: pages[name] for name in lasting}
    assert space.run_here()["jobs"]["planned"] == 0


def test_a_picture_is_in_the_gallery_whatever_is_parted_and_joined_at_once(space: Space, tmp_path: Path) -> None:
    """A sheet parted a from b and joined b to c: the id of a went to both, and a was gone from the page and from `why`."""
    before = {name: item(space, name) for name in NAMES}
    sums = {name: sha256(space, name) for name in NAMES}
    for one, two, three in permutations(NAMES):
        again = space.twin(tmp_path / f"{one}{two}{three}")
        say(again, "same", one, two)
        rows = [("never", one, two), ("same", two, three)]
        sheet = "\n".join(f"{word},{sums[left]},{sums[right]}" for word, left, right in rows)
        (again.root / "pairs.csv").write_text(f"decision,left_sha256,right_sha256\n{sheet}\n", encoding="utf-8")
        done = again.here("dedupe", "import", str(again.root / "pairs.csv"))
        assert done.returncode == 0, done.stderr
        assert item(again, one) == before[one]
        assert item(again, two) == item(again, three) in {before[two], before[three]}
        assert {*again.items("fete")} == {item(again, name) for name in NAMES}


@pytest.mark.parametrize("withdrawn", ["a", "b"])
def test_what_was_withdrawn_stays_so_when_a_mistaken_same_is_taken_back(space: Space, withdrawn: str) -> None:
    before = {name: item(space, name) for name in NAMES}
    done = space.here("takedown", before[withdrawn], "--reason", "consent-withdrawn")
    assert done.returncode == 0, done.stderr
    say(space, "same", "a", "b")
    assert [entry["type"] for entry in space.items("fete").values()].count("tombstone") == 1
    say(space, "never", "a", "b")
    (gone,) = (name for name, entry in space.items("fete").items() if entry["type"] == "tombstone")
    assert gone == before[withdrawn] == item(space, withdrawn)
    other = "ab".replace(withdrawn, "")
    assert space.items("fete")[item(space, other)]["type"] == "photo"


@pytest.mark.parametrize("said_of", ["item", "small", "smaller"])
def test_what_came_after_a_takedown_and_is_another_photograph_is_published_and_nothing_else(
    tmp_path: Path, said_of: str
) -> None:
    """The file of a withdrawn photograph that had been on the page was published again, and the newcomer was withdrawn for it."""
    space = Space(tmp_path / "ws")
    space.init(LEAN)
    folder = space.root / "inbox" / "fete"
    folder.mkdir()
    whole = picture(1, (900, 600))
    (folder / "small.jpg").write_bytes(jpeg(whole.resize((630, 420)), at=None, model=None))
    (folder / "smaller.jpg").write_bytes(jpeg(whole.resize((450, 300)), at=None, model=None))
    space.run_here()
    gone = item(space, "small")
    assert item(space, "smaller") == gone
    assert space.here("takedown", gone, "--reason", "consent-withdrawn").returncode == 0
    time.sleep(1.1)  # the journal counts seconds
    (folder / "big.jpg").write_bytes(jpeg(whole))
    space.run_here()
    assert item(space, "big") == gone
    done = space.here("dedupe", "never", "fete/big.jpg", gone if said_of == "item" else f"fete/{said_of}.jpg")
    assert done.returncode == 0, done.stderr
    assert item(space, "small") == item(space, "smaller") == gone
    items = {name: (entry["type"], entry.get("width")) for name, entry in space.items("fete").items()}
    assert items == {gone: ("tombstone", None), item(space, "big"): ("photo", 900)}


def test_what_was_taken_down_as_one_does_not_come_back_at_an_address_that_its_receipt_names(space: Space) -> None:
    before = {name: item(space, name) for name in NAMES}
    say(space, "same", "a", "b")
    assert space.here("takedown", before["b"], "--reason", "consent-withdrawn").returncode == 0
    say(space, "never", "a", "b")
    items = {name: entry["type"] for name, entry in space.items("fete").items()}
    assert sorted(items.values()) == ["photo", "photo", "tombstone"]
    assert {items.get(before[name], "tombstone") for name in "ab"} == {"tombstone"}
    for name in "ab":
        assert not [path for path in (space.root / "site" / "media" / before[name]).iterdir() if "-" in path.name]


@pytest.mark.parametrize("withdrawn", ["a", "b"])
def test_restore_brings_back_what_was_withdrawn_before_it_became_one_with_another(space: Space, withdrawn: str) -> None:
    gone = item(space, withdrawn)
    assert space.here("takedown", gone, "--reason", "quality").returncode == 0
    said = say(space, "same", "a", "b")
    assert f"`mediaarchive restore {gone}` brings it back" in said
    assert space.here("restore", gone).returncode == 0
    assert [entry["type"] for entry in space.items("fete").values()] == ["photo", "photo"]


def test_who_joins_a_file_to_one_that_will_be_destroyed_reads_that_it_goes_with_it(space: Space) -> None:
    gone = item(space, "b")
    assert space.here("takedown", gone, "--reason", "legal-request", "--erase").returncode == 0
    assert re.search(
        r"brings it back, until \d{4}-\d\d-\d\d: then the originals of both are", say(space, "same", "a", "b")
    )


def test_who_joins_a_photograph_to_a_hidden_one_reads_that_it_leaves_the_page(space: Space) -> None:
    assert space.here("hide", item(space, "b")).returncode == 0
    said = say(space, "same", "a", "b")
    assert f"{item(space, 'b')} is hidden, so this is off the page like it: fete/a.jpg" in said
    assert len(space.items("fete")) == 1
    assert space.here("unhide", item(space, "b")).returncode == 0
    assert len(space.items("fete")) == 2, "one for both"


def test_what_has_no_pictures_is_nobody_s_copy_and_that_is_said(space: Space) -> None:
    folder = space.root / "inbox" / "fete"
    (folder / "texts.csv").write_text(
        "path,lang,kind,text\na.jpg,en,alt,Coloured shapes before a wall\n", encoding="utf-8"
    )
    film(folder / "film.mp4")
    space.run_here()
    for args in (["same", "fete/a.jpg"], ["never", "fete/a.jpg"], ["master"], ["cover"]):
        refused = space.here("dedupe", *args, "fete/texts.csv")
        assert (refused.returncode, "neither a photograph nor a film; nothing was decided" in refused.stderr) == (
            2,
            True,
        )
    journal = space.root / "archive" / "journal"
    for said_before in (False, True):
        if said_before:  # that they are two doesn't make them a pair that could be one
            assert space.here("dedupe", "never", "fete/a.jpg", "fete/film.mp4").returncode == 0
        before = len(list(journal.iterdir()))
        refused = space.here("dedupe", "same", "fete/a.jpg", "fete/film.mp4")
        assert (refused.returncode, "one only as a Live Photo" in refused.stderr) == (2, True)
        assert len(list(journal.iterdir())) == before


def test_an_event_that_isn_t_there_has_no_empty_list(space: Space) -> None:
    refused = space.here("dedupe", "list", "--event", "fête")
    assert (refused.returncode, "known: fete" in refused.stderr) == (2, True)


def test_a_chain_is_the_shortest_one() -> None:
    pairs = [frozenset(pair) for pair in ("ab", "bc", "cd", "ad", "xy")]
    assert chain(pairs, "a", "d") == (frozenset("ad"),)
    assert chain(pairs, "a", "c") in {(frozenset("ab"), frozenset("bc")), (frozenset("ad"), frozenset("cd"))}
    assert chain(pairs, "a", "y") == ()
