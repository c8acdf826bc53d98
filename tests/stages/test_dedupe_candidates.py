"""Candidates: what may be a copy, and what two cameras or two moments rule out."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaarchive.model import Camera, Facts, Kind, Taken
from mediaarchive.stages.dedupe.candidates import NEAREST, pairs
from mediaarchive.stages.dedupe.originals import Entry, exposures

BITS = 256


def facts(phash: int = 0, *, at: str | None = None, model: str | None = None, **more: Any) -> Facts:  # noqa: ANN401
    signature = {"v": 1, "pixels": more.pop("pixels", str(phash)), "phash": f"{phash:064x}", "texture": 0.8}
    signature |= more.pop("signature", {})
    taken = (
        Taken(local=at, offset=more.pop("offset", None), precision="second", basis=more.pop("basis", "exif"))
        if at
        else None
    )
    camera = Camera(model=model, serial=more.pop("serial", None))
    sized = {"width": 4000, "height": 3000} | more
    return Facts(kind=Kind.PHOTO, mime="image/jpeg", taken=taken, camera=camera, signature=signature, **sized)


def entry(sha256: str, what: Facts) -> Entry:
    return Entry(sha256=sha256, facts=what, bytes=1000)


def found(*entries: Entry, distance: int = 72) -> list[tuple[str, str, int, str]]:
    return [(pair.left, pair.right, pair.distance, pair.reason) for pair in pairs(entries, distance=distance)]


def test_hashes_within_the_distance_make_a_pair() -> None:
    near, far = (1 << 72) - 1, (1 << 73) - 1
    assert found(entry("b", facts(0)), entry("a", facts(near))) == [("a", "b", 72, "hash")]
    assert found(entry("b", facts(0)), entry("a", facts(far))) == []


def test_a_turned_or_framed_copy_makes_a_pair_too() -> None:
    turned, inside, noise = 0b1011, (1 << 200) - 1, int("5" * 64, 16)
    forms = [f"{form:064x}" for form in (noise, noise, turned, noise, noise, noise, noise, noise)]
    one = facts(noise, signature={"forms": forms})
    assert found(entry("a", facts(turned)), entry("b", one)) == [("a", "b", 0, "hash")]
    framed = facts(noise, pixels="framed", signature={"trim": f"{inside:064x}"})
    assert found(entry("a", facts(inside)), entry("b", framed)) == [("a", "b", 0, "hash")]


def test_frames_of_a_burst_are_never_proved() -> None:
    burst = [
        facts(0, at="2024-05-01T10:00:00", model="D90", shot={"subsec": digits}, pixels=digits)
        for digits in ("10", "30")
    ]
    later = facts(0, at="2024-05-01T10:00:01", model="D90", pixels="later")
    assert found(entry("a", burst[0]), entry("b", burst[1]), entry("c", later)) == []


def test_equal_pixels_need_no_proof() -> None:
    assert found(entry("a", facts(0, pixels="p")), entry("b", facts(0, pixels="p"))) == []


def test_one_exposure_by_its_facts_is_proved_however_it_looks() -> None:
    raw = {"at": "2024-05-01T10:00:00", "model": "D90", "shot": {"subsec": "37"}}
    assert found(entry("a", facts(0, **raw)), entry("b", facts((1 << BITS) - 1, **raw))) == [("a", "b", 256, "facts")]


def test_black_frames_and_films_make_no_pairs() -> None:
    black = [entry(name, facts(0, pixels=name, signature={"texture": 0.0})) for name in "abc"]
    film = Entry(sha256="f", facts=Facts(kind=Kind.VIDEO, mime="video/mp4"), bytes=5)
    assert found(*black, film, entry("d", facts(0))) == []


def test_look_alikes_are_bounded() -> None:
    deck = [entry(f"{place:03}", facts(place, pixels=str(place))) for place in range(120)]
    assert len(pairs(deck, distance=72)) <= NEAREST * len(deck)


@settings(deadline=None, max_examples=12)
@given(st.permutations(range(40)), st.integers(0, 100))
def test_the_order_of_arrival_changes_nothing(order: list[int], distance: int) -> None:
    rng = random.Random(7)
    photos = [entry(f"{place:03}", facts(rng.getrandbits(40) << 60, pixels=str(place))) for place in range(40)]
    assert pairs([photos[place] for place in order], distance=distance) == pairs(photos, distance=distance)


def test_five_thousand_photographs_take_seconds() -> None:
    rng = random.Random(1)
    hashes = [rng.getrandbits(BITS) for _ in range(5_000)]
    photos = [entry(f"{place:05}", facts(phash, pixels=str(place))) for place, phash in enumerate(hashes)]
    start = time.process_time()
    assert pairs(photos, distance=72) == []
    assert time.process_time() - start < 60


D90 = {"at": "2024-05-01T10:00:00", "model": "NIKON D90"}


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (D90 | {"shot": {"subsec": "37"}}, D90 | {"shot": {"subsec": "370"}}, "same"),
        (D90 | {"shot": {"subsec": "37"}}, D90 | {"shot": {"subsec": "38"}}, "other"),
        (D90 | {"at": "2024-05-01T10:00:00.37"}, D90 | {"shot": {"subsec": "37"}}, "same"),
        (D90 | {"shot": {"subsec": "00"}}, D90 | {"shot": {"subsec": "00"}}, "unknown"),
        (D90, D90, "unknown"),
        (D90 | {"shot": {"shutter_count": "512"}}, D90 | {"shot": {"shutter_count": "512"}}, "same"),
        (D90 | {"shot": {"shutter_count": "512"}}, D90 | {"shot": {"shutter_count": "513"}}, "other"),
        (D90 | {"shot": {"sequence": "1"}}, D90 | {"shot": {"sequence": "1"}}, "unknown"),
        (D90 | {"shot": {"image_id": "A16LSIA00VM"}}, D90 | {"shot": {"image_id": "A16LSIA00VM"}}, "unknown"),
        (
            D90 | {"shot": {"image_id": "54e8b2b55393473488"}},
            D90 | {"shot": {"image_id": "54E8B2B55393473488"}},
            "same",
        ),
        (D90, D90 | {"at": "2024-05-01T10:00:01"}, "other"),
        (D90, D90 | {"at": "2024-05-01T10:00:01", "basis": "file-name"}, "unknown"),
        (D90, D90 | {"model": "D90"}, "unknown"),
        (D90, D90 | {"model": "Canon EOS 5D"}, "other"),
        (D90 | {"serial": "1"}, D90 | {"serial": "2"}, "other"),
        (D90 | {"offset": "+02:00"}, D90 | {"at": "2024-05-01T08:00:00", "offset": "+00:00"}, "unknown"),
        (D90, {}, "unknown"),
    ],
)
def test_capture_facts_tell_one_exposure_from_another(left: dict[str, Any], right: dict[str, Any], answer: str) -> None:
    assert exposures(facts(**left), facts(**right)) == answer
    assert exposures(facts(**right), facts(**left)) == answer
