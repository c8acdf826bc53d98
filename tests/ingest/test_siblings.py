"""Two files of one shot are one item; two shots never are, whatever they are called."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from mediaarchive.model import Camera, Decision, Facts, Kind, Member, Taken
from mediaarchive.stages.siblings import Cluster, Link, Shot, join, links, name_of

NOON = "2024-05-01T12:00:00"


def shot(sha256: str, *paths: str, mime: str = "image/jpeg", at: str | None = NOON, model: str | None = "X") -> Shot:
    kind = Kind.VIDEO if mime.startswith("video/") else Kind.OTHER if mime.startswith("image/x-") else Kind.PHOTO
    taken = Taken(local=at[:19], offset=at[19:] or None, precision="second", basis="exif") if at else None
    facts = Facts(kind=kind, mime=mime, taken=taken, camera=Camera(model=model), width=40, height=30)
    return Shot(sha256=sha256, facts=facts, paths=paths)


def film(sha256: str, path: str, seconds: float = 3.0, at: str | None = None) -> Shot:
    found = shot(sha256, path, mime="video/quicktime", at=at, model=None)
    return replace(found, facts=replace(found.facts, duration=seconds))


def raw(sha256: str, path: str, at: str | None = NOON, model: str | None = "X") -> Shot:
    return shot(sha256, path, mime="image/x-nikon-nef", at=at, model=model)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("DSC_1234.NEF", "DSC_1234.jpg"),
        ("a/_MG_1234.CR2", "a/IMG_1234.JPG"),
        ("_DSC1234.ARW", "DSC_1234.jpg"),
        ("PXL_20220101_101010123.RAW-02.ORIGINAL.dng", "PXL_20220101_101010123.RAW-01.COVER.jpg"),
        ("WP_20140101_10_10_1010_Pro__highres.dng", "WP_20140101_10_10_1010_Pro.jpg"),
        ("IMG_1234.CR3", "IMG_1234-Edit.jpg"),
        ("IMG_1234 (1).CR3", "IMG_1234.jpg"),
    ],
)
def test_a_raw_file_and_its_jpeg_are_one_photograph(left: str, right: str) -> None:
    assert links([raw("r", left), shot("j", right)]) == (Link("j", "r", "raw", sure=True),)


@pytest.mark.parametrize(
    "other",
    [
        raw("r", "b/IMG_1234.NEF"),
        raw("r", "a/IMG_1234.NEF", at="2024-05-01T12:01:01"),
        raw("r", "a/IMG_1234.NEF", model="Y"),
        raw("r", "a/IMG_1235.NEF"),
    ],
    ids=["another folder", "a minute later", "another camera", "another number"],
)
def test_two_shots_stay_two(other: Shot) -> None:
    assert links([shot("j", "a/IMG_1234.jpg"), other]) == ()


def test_a_batch_that_was_renamed_together_keeps_every_shot() -> None:
    batch = [shot(f"j{n}", f"Gala ({n}).jpg") for n in range(1, 6)]
    assert links(batch) == ()
    pairs = links([*batch, *(raw(f"r{n}", f"Gala ({n}).NEF") for n in range(1, 6))])
    assert [(link.main, link.other) for link in pairs] == [(f"j{n}", f"r{n}") for n in range(1, 6)]


def test_a_live_photo_is_one_photograph() -> None:
    photo = shot("p", "IMG_3589.HEIC", mime="image/heic", at=f"{NOON}-06:00")
    assert links([photo, film("f", "IMG_3589.mov", at="2024-05-01T18:00:01+00:00")]) == (
        Link("p", "f", "live-photo", sure=True),
    )


@pytest.mark.parametrize("seconds", [6.1, 40.0])
def test_a_film_of_ones_own_is_no_live_photo(seconds: float) -> None:
    assert links([shot("p", "IMG_1.jpg"), film("f", "IMG_1.mov", seconds)]) == ()


def test_a_clock_without_its_zone_denies_only_the_odd_minutes() -> None:
    photo = shot("p", "IMG_0001.jpg")
    assert links([photo, film("f", "IMG_0001.mov", at="2024-05-01T10:00:20+00:00")])
    assert not links([photo, film("f", "IMG_0001.mov", at="2024-05-01T10:05:00+00:00")])


def test_the_edited_version_goes_before_the_unedited_one() -> None:
    edited, plain = shot("e", "IMG_E4120.JPG"), shot("p", "IMG_4120.JPG")
    tied = links([plain, edited])
    assert tied == (Link("e", "p", "edited", sure=True),)
    found, proposals = join([alone("p"), alone("e")], tied, (), {})
    assert [(c.master, [m.relation for m in c.members]) for c in found] == [("e", ["master", "sibling"])]
    assert proposals == ()


def test_a_copy_by_name_needs_the_camera_s_word() -> None:
    plain, copy = shot("p", "IMG_4120.JPG"), shot("c", "IMG_4120 copy.JPG")
    assert links([plain, copy]) == (Link("p", "c", "name", sure=True),)
    silent = shot("c", "IMG_4120 (1).JPG", at=None, model=None)
    assert links([plain, silent]) == (Link("p", "c", "name", sure=False),)
    later = shot("c", "IMG_4120 (1).JPG", at="2024-05-01T12:00:07")
    assert links([plain, later]) == ()


def alone(sha256: str, kind: Kind = Kind.PHOTO, key: str | None = None) -> Cluster:
    return Cluster(key=key, kind=kind, members=(Member(sha256=sha256, relation="master"),))


def test_what_is_in_doubt_is_proposed_and_both_are_kept() -> None:
    found, proposals = join([alone("a"), alone("b")], [Link("a", "b", "name", sure=False)], (), {})
    assert [c.master for c in found] == ["a", "b"]
    assert [(p.left, p.right, p.relation) for p in proposals] == [("a", "b", "sibling")]


def test_two_published_items_are_never_joined_by_their_names() -> None:
    link = Link("a", "b", "edited", sure=True)
    found, proposals = join([alone("a", key="p-a"), alone("b", key="p-b")], [link], (), {})
    assert len(found) == 2
    assert len(proposals) == 1


def test_a_published_film_keeps_its_address_when_the_photograph_comes_later() -> None:
    link = Link("p", "f", "live-photo", sure=True)
    found, proposals = join([alone("p"), alone("f", Kind.VIDEO, "v-f")], [link], (), {})
    assert len(found) == 2
    assert len(proposals) == 1


def test_what_is_in_doubt_is_joined_when_a_person_says_that_it_is_one() -> None:
    link = Link("p", "f", "live-photo", sure=True)
    said = Decision(kind="same", at=NOON, subjects=("f", "p"), params={}, by="")
    found, proposals = join([alone("p", key="p-p"), alone("f", Kind.VIDEO, "v-f")], [link], [said], {})
    assert [(one.key, one.master, len(one.members)) for one in found] == [("p-p", "p", 2)]
    assert proposals == ()


def test_a_newcomer_joins_the_published_item_and_may_be_shown_instead() -> None:
    found, _ = join([alone("j"), alone("r", key="p-r")], [Link("j", "r", "raw", sure=True)], (), {})
    assert [(c.key, c.master) for c in found] == [("p-r", "j")]


def test_a_published_sibling_stays_behind_even_where_its_name_is_not_known() -> None:
    together = Cluster(
        key="p-1", kind=Kind.PHOTO, members=(Member(sha256="u", relation="master"), Member(sha256="e", relation="copy"))
    )
    found, _ = join([together], [], (), {"u": "edited"})
    assert [(c.master, c.members[1].relation) for c in found] == [("e", "sibling")]


def test_a_human_who_keeps_two_apart_or_chooses_is_heard() -> None:
    link = [Link("e", "p", "edited", sure=True)]
    never = Decision(kind="never", at=NOON, subjects=("e", "p"))
    found, proposals = join([alone("p"), alone("e")], link, (never,), {})
    assert len(found) == 2
    assert proposals == ()
    master = Decision(kind="master", at=NOON, subjects=("p-1",), params={"master": "p"})
    found, _ = join([alone("p"), alone("e")], link, (master,), {})
    assert [c.master for c in found] == ["p"]


def test_the_order_of_arrival_changes_nothing() -> None:
    shots = [shot("e", "IMG_E0001.JPG"), shot("p", "IMG_0001.JPG"), raw("r", "IMG_0001.DNG"), film("f", "IMG_0001.MOV")]
    clusters = [alone("e"), alone("p"), alone("r", Kind.OTHER), alone("f", Kind.VIDEO)]
    results = {
        repr(join([clusters[shots.index(s)] for s in order], links(order), (), {})) for order in permutations(shots)
    }
    assert len(results) == 1


@pytest.mark.parametrize("path", [".jpg", "(1).jpg", "copy.jpg", "-edited.jpg", "IMG_E.JPG", "a/b/ (1) copy (2).x"])
def test_odd_names_are_names(path: str) -> None:
    assert name_of(path).base
