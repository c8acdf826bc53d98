"""Shared details: crops and screenshots are found where hashes see nothing, and the finer proof tells frames from copies."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageFilter

from mediaarchive.model import Facts, Kind
from mediaarchive.stages.dedupe.candidates import pairs, undecided
from mediaarchive.stages.dedupe.features import features
from mediaarchive.stages.dedupe.grouping import fold
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.dedupe.proof import compare, differences
from mediaarchive.stages.dedupe.signature import sign
from mediaarchive.stages.dedupe.voting import LEAST_VOTES, describe, votes

SIZE = (900, 600)


def scene(seed: int) -> Image.Image:
    """A picture with texture everywhere and with noise of its own, as a sensor gives it."""
    random = Random(seed)
    image = Image.new("RGB", SIZE, (random.randrange(90, 160), 120, 140))
    draw = ImageDraw.Draw(image)
    for _ in range(160):
        x, y, size = random.randrange(SIZE[0]), random.randrange(SIZE[1]), random.randrange(12, 90)
        colour = tuple(random.randrange(256) for _ in range(3))
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape((x, y, x + size, y + random.randrange(10, 80)), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(0.8))


def sent(image: Image.Image, quality: int = 75) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def cropped(image: Image.Image, share: float) -> Image.Image:
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    left, top = image.width - width, 0
    return image.crop((left, top, left + width, top + height))


def on_a_phone(image: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (720, 1560), (20, 24, 28))
    draw = ImageDraw.Draw(screen)
    draw.text((40, 40), "12:03   Messages", "white")
    draw.ellipse((60, 1400, 120, 1460), outline="white", width=4)
    screen.paste(image.resize((720, 480)), (0, 520))
    return screen


EDITS = {
    "a crop of a tenth": lambda image: cropped(image, 0.10),
    "a crop of a fifth": lambda image: cropped(image, 0.20),
    "a screenshot": on_a_phone,
    "a mirrored crop": lambda image: cropped(image, 0.12).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "a turned crop": lambda image: cropped(image, 0.12).transpose(Image.Transpose.ROTATE_90),
}


def entry(name: str, image: Image.Image, **more: object) -> Entry:
    signature = sign(image, Path("none"), "image/png", name, *image.size)
    facts = Facts(kind=Kind.PHOTO, mime="image/jpeg", width=image.width, height=image.height, signature=signature)
    return Entry(sha256=name, facts=facts, bytes=1000)


@pytest.mark.parametrize("edit", EDITS)
def test_a_part_of_a_photograph_is_found_among_others_and_linked(edit: str) -> None:
    others = {f"other {seed}": scene(100 + seed) for seed in range(4)}
    pictures = {"original": scene(1), "copy": sent(EDITS[edit](scene(1))), **others}
    details = {name: describe(picture) for name, picture in pictures.items()}
    entries = [entry(name, picture) for name, picture in pictures.items()]
    found = {(pair.left, pair.right) for pair in pairs(entries, distance=72, features=details)}
    assert ("copy", "original") in found
    kept = {name: features(picture) for name, picture in pictures.items()}
    folded = fold(entries, {pair: compare(kept[pair[0]], kept[pair[1]]) for pair in found}, (), {})
    groups = [{member.sha256 for member in group.members} for group in folded.groups]
    assert {"original", "copy"} in groups
    assert len(groups) == 1 + len(others)
    master = next(group.master for group in folded.groups if len(group.members) > 1)
    assert master == "original", "what shows more is shown, and a screen isn't more"


def test_strangers_share_fewer_details_than_parts() -> None:
    pictures = [*(scene(seed) for seed in range(8)), cropped(scene(0), 0.2)]
    counted = votes([describe(picture) for picture in pictures])
    strangers = max(count for pair, count in counted.items() if pair != (0, 8))
    assert counted[0, 8] > 2 * strangers, "all of these are made of the same corners"


def test_details_are_plain_json_and_the_same_whoever_asks() -> None:
    described = describe(scene(2))
    assert json.loads(json.dumps(described)) == described == describe(scene(2))
    both = [described, describe(sent(cropped(scene(2), 0.2)))]
    assert votes(both)[0, 1] >= 3 * LEAST_VOTES
    assert votes(both) == votes(both[::-1])
    assert votes([]) == votes([describe(Image.new("RGB", SIZE))] * 2) == {}


def test_nothing_is_looked_at_where_cameras_have_told_all_photographs_apart() -> None:
    from dataclasses import replace  # noqa: PLC0415

    from mediaarchive.model import Taken  # noqa: PLC0415

    def at(one: Entry, second: int) -> Entry:
        taken = Taken(local=f"2024-05-01T10:00:{second:02}", offset=None, precision="second", basis="exif")
        return replace(one, facts=replace(one.facts, taken=taken))

    plain = [entry(name, scene(seed)) for seed, name in enumerate("abc")]
    timed = [at(one, second) for second, one in enumerate(plain)]
    assert undecided(timed) == []
    assert undecided([at(plain[0], 1), at(plain[1], 1), at(plain[2], 5)]) == ["a", "b"]
    assert undecided([*timed[:2], plain[2]]) == ["a", "b", "c"]


def noisy(image: Image.Image, seed: int) -> Image.Image:
    noise = Image.effect_noise(SIZE, 24 + seed)
    return Image.blend(image, Image.merge("RGB", [noise] * 3), 0.12)


def test_a_copy_keeps_its_own_exposures_noise() -> None:
    first, second = noisy(scene(5), 1), noisy(scene(5), 2)
    copy = features(sent(second, 80))
    own, other = (compare(features(one), copy) for one in (second, first))
    assert own["fine"]["grain"] > other["fine"]["grain"] + 0.2


def test_what_moved_by_a_hair_is_no_copy() -> None:
    first, second = scene(6), scene(6)
    for picture, left in ((first, 400), (second, 412)):
        ImageDraw.Draw(picture).rectangle((left, 250, left + 40, 330), fill="black")
    evidence = compare(features(first), features(second.resize((720, 480))))
    assert evidence["verdict"] != "copy"
    marked = differences(features(first), features(second.resize((720, 480))))
    assert marked is not None
    assert any(0.35 < x < 0.55 and 0.35 < y < 0.6 for x, y, _, _ in marked.boxes)


def test_what_matches_at_a_scale_that_no_picture_has_is_not_laid_over_the_other() -> None:
    """A dozen corners of two colour charts fitted at a scale of 1 : 1,000, and the page that shows pairs took 24 GB."""
    mine = features(scene(6))
    theirs = replace(mine, points=mine.points / 8)
    assert compare(mine, theirs)["verdict"] == "different"
    assert differences(mine, theirs) is None


def black(seed: int) -> Image.Image:
    return Image.effect_noise(SIZE, 3 + seed).point(lambda value: max(0, value - 118)).convert("RGB")


def sky(seed: int) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(SIZE).point(lambda value: 110 + value // 3 + seed)
    return Image.blend(ramp.convert("RGB"), Image.effect_noise(SIZE, 20).convert("RGB"), 0.05)


def document(seed: int) -> Image.Image:
    random, page = Random(seed), Image.new("RGB", (640, 900), "white")
    draw = ImageDraw.Draw(page)
    for line in range(38):
        words = " ".join("".join(random.choices("aeinorstul", k=random.randrange(2, 9))) for _ in range(11))
        draw.text((40, 40 + 22 * line), words, "black")
    return page


def slide(seed: int) -> Image.Image:
    random, page = Random(seed), Image.new("RGB", (800, 450), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 800, 70), fill=(20, 70, 130))
    for line in range(5):
        draw.text((70, 120 + 60 * line), "".join(random.choices("aeinorstul ", k=34)), "black", font_size=24)
    return page


@pytest.mark.parametrize("kind", [black, sky, document, slide])
def test_pictures_of_one_kind_are_no_copies_of_each_other(kind: Callable[[int], Image.Image]) -> None:
    drawn = [kind(seed) for seed in range(6)]
    sizes = (1.0, 0.9, 0.8, 0.75, 0.6, 0.5)  # so that no rule about equal sizes keeps them apart
    pictures = {
        f"{seed}": sent(image.resize((round(image.width * share), round(image.height * share))), 70 + 4 * seed)
        for seed, (image, share) in enumerate(zip(drawn, sizes, strict=True))
    }
    details = {name: describe(picture) for name, picture in pictures.items()}
    entries = [entry(name, picture) for name, picture in pictures.items()]
    found = [(pair.left, pair.right) for pair in pairs(entries, distance=72, features=details)]
    kept = {name: features(picture) for name, picture in pictures.items()}
    folded = fold(entries, {pair: compare(kept[pair[0]], kept[pair[1]]) for pair in found}, (), {})
    assert [len(group.members) for group in folded.groups] == [1] * 6
