"""What becomes of copies, crops, bursts and look-alikes that people drop into an event: twenty promises, each through a whole run.

Here are those that one run shows. What comes over several days (4, 13, 15, 17, 19) is in `test_duplicates_later`, 14 (what
was withdrawn) in `test_withdrawal`, 20 (without OpenCV) in `test_decisions`. More shots of several files (12) are in
`test_formats`, more look-alikes (10) in `scripts/bench dedupe`, films in `test_films`.
"""

from __future__ import annotations

from typing import Any

import pytest

from .edits import SIZE
from .evening import Kept, cases, workspace


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> tuple[Kept, dict[str, Any]]:
    """All cases in one workspace, each an event, after one run. Read only."""
    found = workspace(tmp_path_factory.mktemp("evening") / "ws")
    for event, files in cases().items():
        found.drop(event, files)
    return found, found.run_here()


Evening = tuple[Kept, dict[str, Any]]
SHOWN = ("published", None)
COPY = ("alternate", "copy")


def test_1_the_same_bytes_under_two_names_are_one_original_with_two_paths(evening: Evening) -> None:
    ws, report = evening
    assert sorted(ws.told(report, "1").values()) == [("alternate", "exact"), SHOWN]
    (item,) = ws.items("1")
    (member,) = ws.why(item)[0]["members"]
    assert len(member["came_in_as"]) == 2


def test_2_without_its_metadata_it_is_the_same_picture_and_the_file_that_knows_more_is_shown(evening: Evening) -> None:
    ws, report = evening
    assert ws.told(report, "2") == {"with.jpg": SHOWN, "without.jpg": ("alternate", "pixel-identical")}
    assert next(iter(ws.items("2").values()))["taken"].startswith("2025-10-07T10:00:00")


def test_3_what_a_messenger_made_of_it_stands_behind_the_original(evening: Evening) -> None:
    ws, report = evening
    assert ws.told(report, "3") == {"DSC_3.jpg": SHOWN, "IMG-WA0003.jpg": COPY}
    assert next(iter(ws.items("3").values()))["width"] == 2400


def test_5_turned_or_mirrored_it_is_a_copy(evening: Evening) -> None:
    ws, report = evening
    told = ws.told(report, "5")
    assert told.pop("DSC_5.jpg") == SHOWN
    assert told == dict.fromkeys(told, COPY)


def test_6_the_whole_picture_is_shown_before_its_crop_and_the_screenshot_of_it(evening: Evening) -> None:
    ws, report = evening
    assert ws.told(report, "6") == {"DSC_6.jpg": SHOWN, "crop.jpg": COPY, "Screenshot_1.png": COPY}


def test_6_of_a_photograph_and_its_forty_edits_the_photograph_is_shown_once(evening: Evening) -> None:
    """Larger ones among them, in a frame and on screens; and what one program wrote in one size isn't torn from it."""
    ws, report = evening
    told = ws.told(report, "6-many")
    assert told.pop("original.jpg") == SHOWN
    assert told == dict.fromkeys(told, COPY)
    (item,) = ws.items("6-many").values()
    assert (item["width"], item["height"]) == SIZE


def test_6_exports_of_one_size_by_one_program_in_colours_and_without_are_one_photograph(evening: Evening) -> None:
    ws, report = evening
    told = ws.told(report, "6-exports")
    assert told.pop("original.jpg") == SHOWN
    assert told == dict.fromkeys(told, COPY)


def test_7_a_burst_is_a_stack_of_five_and_nothing_is_linked(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "7").values()) == {SHOWN}
    assert [item["stack"]["size"] for item in ws.items("7").values()] == [5] * 5
    assert ws.pairs("7") == set()


def test_8_the_same_burst_without_its_metadata_links_nothing_either(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "8").values()) == {SHOWN}
    assert len(ws.items("8")) == 5


def test_9_another_speaker_on_the_same_stage_is_another_picture(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "9").values()) == {SHOWN}


def test_10_black_frames_skies_documents_slides_and_logos_link_nothing(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "10").values()) == {SHOWN}
    assert len(ws.items("10")) == 20


def test_11_with_a_logo_or_a_caption_it_is_a_variant_and_both_stay_in_sight(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "11").values()) == {SHOWN}
    assert ws.pairs("11") == {frozenset({"DSC_11.jpg", "logo.jpg"}), frozenset({"DSC_12.jpg", "band.jpg"})}


def test_12_the_files_of_one_shot_are_one_item_and_a_name_alone_joins_nothing(evening: Evening) -> None:
    _, report = evening
    told = [(entry["path"].partition("/12/")[2], entry["outcome"]) for entry in report["files"]]
    assert sorted(entry for entry in told if entry[0]) == [
        ("DSC_0001.DNG", "alternate"),
        ("DSC_0001.JPG", "published"),
        ("new/IMG_4120.JPG", "published"),
        ("old/IMG_4120.JPG", "published"),
    ]


def test_16_two_crops_hang_on_the_whole_and_not_on_each_other(evening: Evening) -> None:
    ws, report = evening
    assert ws.told(report, "16") == {"whole.jpg": SHOWN, "left.jpg": COPY, "right.jpg": COPY}
    (item,) = ws.items("16")
    evidence = [member["evidence"] for member in ws.why(item)[0]["members"] if member["relation"] == "copy"]
    assert all(one["containment"] > 0.97 and "via" not in one for one in evidence)


def test_18_broken_files_are_nobodys_copies(evening: Evening) -> None:
    ws, report = evening
    assert {outcome for outcome, _ in ws.told(report, "18").values()} == {"rejected"}
    assert "18" not in {event["slug"] for event in report["events"] if event["manifest"]}


def test_a_second_run_over_all_of_it_changes_nothing(evening: Evening) -> None:
    ws, _ = evening
    before = ws.decided()
    again = ws.run_here()
    assert (again["jobs"]["planned"], again["files"]) == (0, [])
    assert ws.decided() == before
