"""Stacks: frames of a burst stand behind one of them, whatever their order, and a latecomer parts nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mediaarchive.model import Asset, Camera, Decision, Facts, Kind, Member, Taken
from mediaarchive.stages.dedupe.stacks import ALIKE, Frame, stacks


def frame(name: str, at: str, *, bits: int = 0, model: str = "D90", sharp: float = 100.0, **more: bool) -> Frame:
    taken = Taken(local=f"2024-05-01T{at}", offset=None, precision="second", basis="exif")
    signature = {"phash": f"{(1 << bits) - 1:064x}", "sharp": sharp}
    facts = Facts(
        kind=Kind.PHOTO,
        mime="image/jpeg",
        width=4000,
        height=3000,
        taken=taken,
        camera=Camera(model=model),
        signature=signature,
    )
    return Frame(item=f"p-{name}", facts=facts, sha256=name, members=frozenset({name}), **more)


BURST = [frame("a", "10:00:00"), frame("b", "10:00:01", sharp=300.0), frame("c", "10:00:02", bits=40)]


def test_frames_within_seconds_that_look_alike_are_a_stack_with_the_sharpest_in_front() -> None:
    assert stacks(BURST, ()) == (("p-b", "p-a", "p-c"),)


def test_another_camera_another_scene_or_another_minute_is_no_frame_of_it() -> None:
    others = [
        frame("x", "10:00:01", model="X100"),
        frame("y", "10:00:01", bits=ALIKE + 45),
        frame("z", "10:01:00"),
    ]
    assert stacks([*BURST, *others], ()) == (("p-b", "p-a", "p-c"),)
    assert stacks(others, ()) == ()


@settings(max_examples=30, deadline=None)
@given(st.permutations(BURST))
def test_the_order_of_arrival_changes_nothing(shuffled: list[Frame]) -> None:
    assert stacks(shuffled, ()) == stacks(BURST, ())


def test_a_latecomer_joins_and_does_not_take_over_what_was_published() -> None:
    published = [frame("a", "10:00:00", known=True, covered=True), frame("b", "10:00:01", known=True)]
    late = frame("late", "10:00:00", sharp=9_000.0)
    assert stacks([*published, late], ()) == (("p-a", "p-b", "p-late"),)
    stranger = frame("s", "10:00:00", bits=200, sharp=9_000.0)
    assert stacks([*published, stranger], ()) == (("p-a", "p-b"),), "a frame between two others parts no stack"


def test_the_cover_is_what_a_person_chose() -> None:
    said = Decision(kind="cover", at="2024-05-02T10:00:00+00:00", subjects=("c",))
    assert stacks(BURST, [said])[0][0] == "p-c"
    again = Decision(kind="cover", at="2024-05-03T10:00:00+00:00", subjects=("a",))
    assert stacks(BURST, [said, again])[0][0] == "p-a", "the last word counts"


def test_without_its_cover_a_stack_has_the_next_one() -> None:
    assert stacks([one for one in BURST if one.item != "p-b"], ()) == (("p-a", "p-c"),)
    assert stacks(BURST[:1], ()) == ()


def test_what_was_published_as_a_cover_is_known_again() -> None:
    member = Member(sha256="a", relation="master", evidence={"v": 1, "cover": 1})
    asset = Asset(id="p-a", kind=Kind.PHOTO, master="a", members=(member,))
    assert Frame.of(asset, BURST[0].facts, asset).covered
    assert not Frame.of(asset, BURST[0].facts, None).known
