"""One place that is another makes another photograph: a digit, a face, a mark, however alike all the rest is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mediaarchive.model import Facts, Kind
from mediaarchive.stages.dedupe.doubting import doubt
from mediaarchive.stages.dedupe.features import features
from mediaarchive.stages.dedupe.judging import LEAST_TEXTURE
from mediaarchive.stages.dedupe.oddities import left_over
from mediaarchive.stages.dedupe.palettes import palette_of
from mediaarchive.stages.dedupe.proof import compare, differences, prove
from mediaarchive.stages.dedupe.repeating import REPEATS, repeats
from mediaarchive.stages.dedupe.tones import drawn

from .test_dedupe_pictures import scene, sent


def noisy(image: Image.Image, seed: int) -> Image.Image:
    """As a sensor takes it once more."""
    noise = np.random.default_rng(seed).normal(0, 2.5, (image.height, image.width, 3))
    return Image.fromarray((np.asarray(image, float) + noise).clip(0, 255).astype(np.uint8))


def screen(number: int) -> Image.Image:
    """A room with a slide on its wall, which has a number of 16 pixels."""
    room = scene(21)
    draw = ImageDraw.Draw(room)
    draw.rectangle((420, 60, 700, 220), fill=(248, 248, 246))
    draw.rectangle((420, 60, 700, 84), fill=(20, 70, 130))
    draw.text((660, 64), str(number), "white", ImageFont.load_default(size=16))
    return room


@pytest.mark.parametrize("edge", [768, 400])
def test_another_number_on_a_screen_in_the_room_is_another_photograph(edge: int) -> None:
    first, later = noisy(screen(287), 1), noisy(screen(812), 2)
    own, other = prove(first, sent(first, edge=edge)), prove(later, sent(first, edge=edge))
    assert own["verdict"] == "copy", own
    assert other["verdict"] == "variant", other


def numbered(number: str) -> Image.Image:
    """A scene with a number of 9 pixels in it."""
    page = scene(24)
    ImageDraw.Draw(page).text((600, 400), number, (200,) * 3, ImageFont.load_default(size=12))
    return page


def test_another_light_hides_no_other_number() -> None:
    darker = {name: numbered(name).point(lambda level: 255 * (level / 255) ** 1.25) for name in ("12", "19")}
    own, other = (prove(numbered("12"), sent(darker[name], edge=700)) for name in ("12", "19"))
    assert own["verdict"] == "copy", own
    assert own["fine"]["toned"]
    assert other["verdict"] == "variant", other
    marked = differences(features(numbered("12")), features(sent(darker["19"], edge=700)))
    assert marked is not None
    assert any(abs(x + wide / 2 - 610 / 768) < 0.03 for x, _, wide, _ in marked.boxes), marked


def floor(first: int) -> Image.Image:
    """Forty tiles of one pattern, from the row `first` on; each is worn a little otherwise."""
    tile, worn = np.asarray(scene(23).resize((120, 120)), float), np.random.default_rng(5).uniform(0.92, 1.06, (12, 8))
    rows = [np.hstack([tile * worn[row, column] for column in range(8)]) for row in range(first, first + 5)]
    return Image.fromarray(np.vstack(rows).clip(0, 255).astype(np.uint8))


def test_a_floor_of_equal_tiles_is_for_a_person_since_it_lies_on_any_other_piece_of_it() -> None:
    assert repeats(np.asarray(floor(0).convert("L"))) >= REPEATS
    assert repeats(np.asarray(scene(23).convert("L"))) < 0.8
    assert repeats(np.full((300, 400), 90, np.uint8)) == 0
    assert prove(floor(0), sent(floor(3), edge=700))["verdict"] == "variant"


def lecture(title: str) -> Image.Image:
    """A room with a slide on its wall, under a title of 14 pixels; its lines are the same."""
    room = scene(22)
    draw = ImageDraw.Draw(room)
    draw.rectangle((380, 60, 740, 280), fill=(246, 246, 250))
    draw.rectangle((380, 60, 740, 92), fill=(120, 30, 60))
    draw.text((396, 68), title, "white", ImageFont.load_default(size=16))
    for row in range(5):
        draw.text((400, 108 + row * 32), "Minutes of the open archive", (35, 35, 40), ImageFont.load_default(size=18))
    return room


@pytest.mark.parametrize("edge", [768, 450])
def test_other_words_on_a_slide_in_the_room_are_another_photograph(edge: int) -> None:
    first, later = noisy(lecture("Results of the survey"), 1), noisy(lecture("Plans for the next year"), 2)
    own, other = prove(first, sent(first, edge=edge)), prove(later, sent(first, edge=edge))
    assert own["verdict"] == "copy", own
    assert own["fine"]["strange"] < 3
    assert other["verdict"] == "variant", other
    assert other["fine"]["strange"] > 6


def page(first: str) -> Image.Image:
    """A page of small print whose last line begins with another word."""
    words = ["archive", "budget", "meeting", "village", "region", "partner", "library", "network", "minutes"]
    sheet = Image.new("RGB", (850, 1200), "white")
    draw, order = ImageDraw.Draw(sheet), np.random.default_rng(3)
    for row in range(37):
        line = " ".join(order.choice(words, 6))
        written = f"{first} {line}" if row == 36 else line
        draw.text((90, 90 + row * 27), written, (20, 20, 20), ImageFont.load_default(size=22))
    return sheet


@pytest.mark.parametrize("small", [480, 320])
def test_a_page_that_is_too_small_to_be_read_is_for_a_person(small: int) -> None:
    sheet, other = page("Village"), page("Council")
    assert prove(sheet, sent(sheet, edge=900))["verdict"] == "copy"
    for reduced in (sent(sheet, edge=small), sent(other, edge=small)):
        assert prove(sent(sheet, edge=small + 40), reduced)["verdict"] == "variant"


def wheel(ink: tuple[int, int, int]) -> Image.Image:
    """A club's emblem."""
    sheet = Image.new("RGB", (1000, 1000), "white")
    draw = ImageDraw.Draw(sheet)
    draw.ellipse((150, 150, 850, 850), fill=ink)
    for arm in range(9):
        x, y = 500 + 300 * np.cos(arm * 0.698), 500 + 300 * np.sin(arm * 0.698)
        draw.line((500, 500, x, y), fill="white", width=26)
        draw.ellipse((x - 34, y - 34, x + 34, y + 34), fill=(240, 190, 40))
    draw.text((340, 880), "NINE ARMS", (30, 90, 160), ImageFont.load_default(size=70))
    return sheet


def test_an_emblem_in_a_shade_next_to_its_own_is_for_a_person_however_soft_its_edges_are(tmp_path: Path) -> None:
    both = []
    for name, ink in (("own", (30, 90, 160)), ("other", (30, 110, 160))):
        wheel(ink).resize((480, 480), Image.Resampling.LANCZOS).save(tmp_path / f"{name}.webp", quality=75)
        both.append(Image.open(tmp_path / f"{name}.webp").convert("RGB"))
    assert not drawn(np.asarray(both[1].resize((512, 512), Image.Resampling.BICUBIC))), "its edges have many colours"
    assert prove(*both)["verdict"] == "variant"


def before_a_white_wall() -> Image.Image:
    """Much of it one light colour, as a page has; but what stands before the wall hides it."""
    wall = Image.new("RGB", (900, 700), (246, 246, 244))
    wall.paste(scene(4).resize((420, 560)), (240, 140))
    return wall


def test_what_stands_before_a_white_wall_is_no_page() -> None:
    assert prove(before_a_white_wall(), sent(before_a_white_wall(), edge=480))["verdict"] == "copy"


def small_before_white(seed: int) -> Image.Image:
    """A thing on a white table, as shops show it: less than a fifth of the picture has any texture."""
    table = Image.new("RGB", (1200, 900), "white")
    table.paste(scene(seed).resize((330, 320)), (440, 290))
    return table


def test_a_thing_before_white_is_a_copy_where_it_can_be_seen_closely_and_no_other_thing() -> None:
    thing = small_before_white(41)
    evidence = prove(thing, sent(thing, edge=1000, quality=80))
    assert (evidence["verdict"], evidence["texture"] < LEAST_TEXTURE) == ("copy", True), evidence
    assert prove(thing, sent(thing, edge=480, quality=80))["verdict"] != "copy", "too small to tell"
    other = thing.copy()
    ImageDraw.Draw(other).rectangle((560, 400, 584, 416), fill=(120, 90, 60))
    assert prove(thing, sent(other, edge=1000, quality=80))["verdict"] != "copy"


def before_a_plain_sky() -> Image.Image:
    """Half of it is a sky that is blue on one side and violet on the other, and equally bright all over."""
    across = np.linspace(0, 1, 900)[None, :, None]
    sky = (1 - across) * np.array([110, 175, 230]) + across * np.array([185, 140, 200])
    view = Image.fromarray(np.broadcast_to(sky, (700, 900, 3)).astype(np.uint8))
    view.paste(scene(4).resize((900, 300)), (0, 400))
    return view


def test_a_photograph_without_its_colours_is_no_page_and_no_drawing() -> None:
    """Of a grey copy much is plain, and has few colours; whether a page is to be read is told by the original."""
    grey = sent(before_a_plain_sky().convert("L").convert("RGB"), edge=480)
    assert prove(before_a_plain_sky(), grey)["verdict"] == "copy"


def dated(image: Image.Image) -> Image.Image:
    copy = image.copy()
    ImageDraw.Draw(copy).text((650, 480), "14.11.2025", (255, 140, 30), ImageFont.load_default(size=16))
    return copy


def signed(image: Image.Image) -> Image.Image:
    layer = Image.new("RGBA", image.size)
    ImageDraw.Draw(layer).text((30, 470), "Ines Moreau", (255, 255, 255, 140), ImageFont.load_default(size=22))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def blurred(image: Image.Image) -> Image.Image:
    copy, box = image.copy(), (310, 215, 355, 260)
    copy.paste(copy.crop(box).filter(ImageFilter.GaussianBlur(8)), box)
    return copy


@pytest.mark.parametrize("overlay", [dated, signed, blurred])
def test_a_date_a_signature_and_a_blurred_face_are_for_a_person_to_see(overlay) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    evidence = prove(scene(22), sent(overlay(scene(22)), edge=640))
    assert evidence["verdict"] == "variant", evidence


@pytest.mark.parametrize("turn", [None, Image.Transpose.FLIP_LEFT_RIGHT])
def test_the_page_that_asks_marks_the_number_that_is_another(turn: Image.Transpose | None) -> None:
    later = sent(screen(812), edge=640)
    marked = differences(features(screen(287)), features(later.transpose(turn) if turn else later))
    assert marked is not None
    x, y, wide, tall = marked.boxes[-1]
    middle = x + wide / 2 if marked.inner == "left" or not turn else 1 - x - wide / 2
    assert (middle, y + tall / 2) == (pytest.approx(674 / 768, abs=0.03), pytest.approx(73 / 512, abs=0.03))


def as_gif(image: Image.Image, path: Path) -> Path:
    image.quantize(256).save(path)
    return path


def of_palette(path: Path) -> dict[str, object]:
    with Image.open(path) as image:
        return {"image": image.convert("RGB"), "palette": palette_of(path)}


def test_a_colour_that_a_gif_has_no_room_for_is_no_other_photograph_but_a_mark_in_it_is(tmp_path: Path) -> None:
    park = Image.fromarray(np.random.default_rng(5).integers(0, 255, (64, 96), dtype=np.uint8)).resize((768, 512))
    park = Image.merge("RGB", (park.point(lambda v: v // 3), park, park.point(lambda v: v // 4)))
    draw = ImageDraw.Draw(park)
    draw.ellipse((400, 200, 408, 208), fill=(230, 20, 200))
    seen = features(park)
    gif = features(**of_palette(as_gif(park, tmp_path / "park.gif")))  # type: ignore[arg-type]
    marked = features(**of_palette(as_gif(dated(park), tmp_path / "marked.gif")))  # type: ignore[arg-type]
    assert compare(seen, gif)["verdict"] == "copy", compare(seen, gif)
    assert compare(seen, marked)["verdict"] == "variant", compare(seen, marked)


def street() -> Image.Image:
    """Finely patterned and pale, warmer here and colder there."""
    rng = np.random.default_rng(6)
    fine, broad = (
        np.asarray(Image.fromarray(rng.integers(0, 255, size, dtype=np.uint8)).resize((768, 512)), float) / 255
        for size in ((48, 72), (6, 9))
    )
    colours = (60 + 120 * fine + 40 * broad, 70 + 110 * fine + 10 * broad, 60 + 100 * fine + 60 * (1 - broad))
    return Image.fromarray(np.stack(colours, axis=2).clip(0, 255).astype(np.uint8))


def test_lamps_that_a_palette_has_no_colour_for_are_no_other_lamps(tmp_path: Path) -> None:
    lit = street()
    for x in range(100, 700, 120):
        ImageDraw.Draw(lit).rectangle((x, 200, x + 16, 216), fill=(230, 60, 60))
    lit.quantize(palette=street().quantize(256), dither=Image.Dither.NONE).save(tmp_path / "street.gif")
    gif = features(**of_palette(tmp_path / "street.gif"))  # type: ignore[arg-type]
    assert compare(features(lit), gif)["verdict"] == "copy", compare(features(lit), gif)
    assert compare(features(lit), replace(gif, palette=None))["verdict"] == "variant", "nothing else excuses it"


def test_only_files_with_a_palette_have_one(tmp_path: Path) -> None:
    scene(1).save(tmp_path / "photograph.png")
    assert palette_of(tmp_path / "photograph.png") is None
    assert palette_of(tmp_path / "absent.gif") is None
    assert len(palette_of(as_gif(scene(1), tmp_path / "some.png")) or ()) >= 3 * 128


def test_what_is_usual_in_a_picture_is_odd_nowhere_and_one_place_is() -> None:
    grey = np.asarray(scene(23).convert("L"), np.float32)
    everywhere = np.ones(grey.shape, bool)
    again = np.asarray(noisy(scene(23), 3).convert("L"), np.float32)
    assert left_over(grey, again, everywhere).most().times < 3
    marked = again.copy()
    marked[300:308, 500:508] += 40
    odd = left_over(grey, marked, everywhere).most()
    assert odd.times > 8
    assert (round(odd.x * 768) // 16, round(odd.y * 512) // 16) == (504 // 16, 304 // 16)
    assert left_over(grey, marked, np.zeros(grey.shape, bool)).most().times == 0
    assert left_over(grey, marked, everywhere, np.abs(marked - again)).most().times < 4, (
        "where a palette lets it differ"
    )


def test_of_a_thumbnail_in_which_no_face_can_be_known_a_person_decides() -> None:
    evidence = prove(scene(24), sent(scene(24), edge=100, quality=90))
    assert evidence["verdict"] == "variant", evidence


def test_a_picture_that_a_page_has_pressed_together_is_a_copy_and_a_slanted_one_is_not_taken_for_one() -> None:
    original = scene(25)
    pressed = prove(original, sent(original.resize((512, 512)), edge=480))
    assert pressed["verdict"] == "copy", pressed
    assert pressed["contains"] == "both"
    slanted = original.transform(
        original.size, Image.Transform.AFFINE, (1.3, 0.25, -120, 0.0, 1.0, 0), Image.Resampling.BICUBIC
    )
    assert prove(original, sent(slanted))["verdict"] != "copy"


def test_a_grey_copy_of_a_pale_photograph_is_no_drawing() -> None:
    pale = scene(26).point(lambda value: 70 + value // 5)
    grey = sent(pale.convert("L").convert("RGB"), edge=448, quality=85)
    assert prove(pale, grey)["verdict"] == "copy", prove(pale, grey)


def test_a_smooth_scene_without_a_trace_of_the_same_noise_and_with_an_odd_place_is_for_a_person() -> None:
    left, right = (Facts(kind=Kind.PHOTO, mime="image/jpeg", width=side, height=side // 2) for side in (1520, 760))
    fine = {"edge": 760, "worst": 0.927, "p1": 0.968, "p5": 0.99, "rest": 2.5, "grain": 0.028, "moved": 0, "odd": 4.5}
    assert doubt(left, right, {"fine": fine}) == "other-detail"
    assert doubt(left, right, {"fine": {**fine, "grain": 0.2}}) is None
    assert doubt(left, right, {"fine": {**fine, "odd": 3.5}}) is None
