"""The latest hard negatives that are photographed: halls, groups, things and streets, taken once more from nearly one place."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from random import Random

import cv2
import numpy as np
from duplicates.changes import exposure, font
from duplicates.templates import name
from PIL import Image, ImageDraw, ImageFilter, ImageOps

Pictures = Sequence[Image.Image]
Family = Callable[[Pictures, Pictures, Random], Image.Image]

_WIDE, _TALL = 1600, 1067
_TITLES = (
    "Results of the survey",
    "Results of the surveys",
    "Open archives for everyone",
    "Open access for everyone",
    "Plans for the next year",
    "Plans for the past year",
    "Who keeps the minutes",
    "Who reads the minutes",
)


def _scene(picture: Image.Image) -> Image.Image:
    return ImageOps.fit(picture, (_WIDE, _TALL), Image.Resampling.LANCZOS)


def _taken(image: Image.Image, random: Random, sigma: float = 2.5) -> Image.Image:
    """With a sensor's noise, and a little other light. What was drawn is told: with other noise it's still drawn twice."""
    drawn = hashlib.sha256(image.tobytes()).hexdigest()
    numbers = np.random.default_rng(random.randrange(1 << 30))
    noise = numbers.normal(0, sigma, (image.height, image.width, 3))
    pixels = np.asarray(image, float) * random.uniform(0.95, 1.05) + noise
    result = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    result.info["drawn"] = drawn
    return result


def _person(scene: Image.Image, head: Image.Image, middle: tuple[int, int], tall: int, cloth: tuple[int, ...]) -> None:
    """Head and shoulders, so many pixels high."""
    x, y = middle
    wide = tall * 3 // 5
    draw = ImageDraw.Draw(scene)
    draw.rounded_rectangle((x - wide, y + tall // 3, x + wide, y + tall), tall // 5, fill=cloth)
    face = ImageOps.fit(head, (wide, wide * 5 // 4), Image.Resampling.LANCZOS)
    mask = Image.new("L", face.size)
    ImageDraw.Draw(mask).ellipse((1, 1, face.width - 2, face.height - 2), fill=255)
    scene.paste(face, (x - wide // 2, y - tall // 3), mask.filter(ImageFilter.GaussianBlur(1.5)))


def _cloth(random: Random) -> tuple[int, ...]:
    return tuple(random.randrange(25, 150) for _ in range(3))


def _in_perspective(ground: Image.Image, sheet: Image.Image, corners: Sequence[tuple[float, float]]) -> Image.Image:
    source = np.array([[0, 0], [sheet.width, 0], [sheet.width, sheet.height], [0, sheet.height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    twice = ground.size[0], ground.size[1]
    small = sheet.filter(ImageFilter.GaussianBlur(0.7))
    laid = cv2.warpPerspective(np.asarray(small), matrix, twice, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(
        np.full((sheet.height, sheet.width), 255, np.uint8), matrix, twice, flags=cv2.INTER_LINEAR
    )
    share = (mask / 255.0)[..., None]
    return Image.fromarray((laid * share + np.asarray(ground) * (1 - share)).round().astype(np.uint8))


def _speaker(tall: int, *, same_cloth: bool) -> Family:
    def made(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
        """A hall from one seat; another speaker at one of two places."""
        hall = _scene(pictures[0])
        x, y = random.choice(((520, 480), (1080, 520)))
        cloth = (40, 44, 60) if same_cloth else _cloth(random)
        _person(hall, random.choice(heads), (x, y), tall, cloth)
        return _taken(hall, random)

    return made


def _panel(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """Five people on one podium; one of them is another."""
    hall, fixed, other = _scene(pictures[1]), Random(5), random.randrange(5)
    for place in range(5):
        who, cloth = fixed.choice(heads), _cloth(fixed)
        _person(hall, random.choice(heads) if place == other else who, (240 + place * 280, 560), 170, cloth)
    return _taken(hall, random)


def _choir(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """Forty singers in black; one head is another's."""
    hall, fixed, other = _scene(pictures[2]), Random(6), random.randrange(40)
    for place in range(40):
        who = fixed.choice(heads)
        where = 160 + place % 10 * 142, 330 + place // 10 * 165
        _person(hall, random.choice(heads) if place == other else who, where, 110, (20, 20, 24))
    return _taken(hall, random)


def _blink(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """Three people from a tripod; eyes are open or closed, in real faces."""
    hall, closed = _scene(pictures[3]), random.randrange(1 << 6)
    for place in range(3):
        face = ImageOps.fit(heads[place % len(heads)], (300, 375))
        draw = ImageDraw.Draw(face)
        for eye in range(2):
            if closed >> 2 * place + eye & 1:
                x, y = 100 + eye * 100, 150
                draw.ellipse((x - 30, y - 13, x + 30, y + 13), fill=face.getpixel((150, 210)))
                draw.arc((x - 26, y - 8, x + 26, y + 12), 10, 170, fill=(60, 40, 35), width=4)
        _person(hall, face, (380 + place * 420, 480), 330, (60, 50 + 20 * place, 80))
    return _taken(hall, random)


def _slide(title: str, lines: Sequence[str]) -> Image.Image:
    page = Image.new("RGB", (1280, 720), (246, 246, 250))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1280, 110), fill=(120, 30, 60))
    draw.text((50, 25), title, "white", font(56))
    for row, line in enumerate(lines):
        draw.rectangle((70, 196 + row * 100, 92, 218 + row * 100), fill=(120, 30, 60))
        draw.text((120, 180 + row * 100), line, (35, 35, 40), font(44))
    return page


_LINES = ("Budget was kept", "Nine new partners", "Access for all", "Minutes in public", "Archive stays open")


def _on_the_wall(change: str, *, moves: float) -> Family:
    def made(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
        """A slide in a room, seen a little from the side: another title, bullet or page number."""
        title, lines = "Results of the survey", list(_LINES)
        if change == "title":
            title = random.choice(_TITLES)
        if change == "bullet":
            lines[random.randrange(5)] = random.choice(("Nobody was late", "Rooms are free", f"Join {name(random)}"))
        slide = _slide(title, lines)
        if change == "number":
            ImageDraw.Draw(slide).text((1180, 660), str(random.randrange(1, 99)), (90,) * 3, font(34))
        corners = ((430, 150), (1130, 190), (1120, 570), (440, 610))
        jitter = [(x + random.uniform(-moves, moves), y + random.uniform(-moves, moves)) for x, y in corners]
        return _taken(_in_perspective(_scene(pictures[4]), slide, jitter), random)

    return made


def _far(shape: tuple[int, int], random: Random, cells: int) -> np.ndarray:
    """How near each place is, 0 to 1, smoothly."""
    numbers = np.random.default_rng(random.randrange(1 << 30))
    field = numbers.random((cells, cells + 2)).astype(np.float32)
    return cv2.resize(field, shape[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)


def _moved_camera(least: float, most: float) -> Family:
    def made(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
        """One scene in depth from a camera that has moved: what is near moved by so many pixels, and the horizon turned."""
        scene = np.asarray(_scene(pictures[5]))
        near = _far((_TALL, _WIDE), Random(11), 6)
        way, far = random.uniform(0, 6.28), random.uniform(least, most)
        y, x = np.mgrid[0:_TALL, 0:_WIDE].astype(np.float32)
        maps = x + near * far * np.float32(math.cos(way)), y + near * far * np.float32(math.sin(way))
        shifted = cv2.remap(scene, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        by = most * 0.6
        corners = [
            (cx + random.uniform(-by, by), cy + random.uniform(-by, by))
            for cx, cy in ((0, 0), (_WIDE, 0), (_WIDE, _TALL), (0, _TALL))
        ]
        whole = np.array([[0, 0], [_WIDE, 0], [_WIDE, _TALL], [0, _TALL]], np.float32)
        matrix = cv2.getPerspectiveTransform(whole, np.array(corners, np.float32))
        turned = cv2.warpPerspective(
            shifted, matrix, (_WIDE, _TALL), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        cut = Image.fromarray(turned).crop((40, 40, _WIDE - 40, _TALL - 40))
        return _taken(exposure(random.uniform(-0.2, 0.2))(cut, random), random)

    return made


def _thing(turn: float, lean: float) -> Family:
    def made(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
        """A book on a table, turned on it or seen from elsewhere; the table is the same. 640 by 480, as old sets have them."""
        table = ImageOps.fit(pictures[6], (960, 720)).point(lambda value: 60 + value // 3)
        cover = ImageOps.fit(pictures[7], (420, 560))
        angle, centre = math.radians(random.uniform(-turn, turn)), (480, 360)
        corners = []
        for x, y in ((-210, -280), (210, -280), (210, 280), (-210, 280)):
            tall = 1 + random.uniform(-lean, lean)
            corners.append(
                (
                    centre[0] + (x * math.cos(angle) - y * math.sin(angle)) * tall,
                    centre[1] + (x * math.sin(angle) + y * math.cos(angle)) * tall * 0.9,
                )
            )
        return _taken(_in_perspective(table, cover, corners).resize((640, 480), Image.Resampling.LANCZOS), random)

    return made


def _in_the_sky(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """One plain sky over one roof, with a bird or two elsewhere in it."""
    ramp = np.linspace(0, 1, _TALL)[:, None, None]
    sky = np.broadcast_to(np.array([88, 138, 205]) * (1 - ramp) + np.array([200, 218, 238]) * ramp, (_TALL, _WIDE, 3))
    scene = Image.fromarray(sky.astype(np.uint8))
    scene.paste(_scene(pictures[0]).crop((0, 640, _WIDE, _TALL)), (0, 640))
    draw = ImageDraw.Draw(scene)
    for _time in range(random.randrange(1, 4)):
        x, y, wide = random.randrange(100, 1500), random.randrange(60, 560), random.randrange(8, 26)
        draw.arc((x - wide, y, x, y + wide), 200, 340, fill=(40, 40, 50), width=3)
        draw.arc((x, y, x + wide, y + wide), 200, 340, fill=(40, 40, 50), width=3)
    return _taken(scene, random)


def _snow(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """It snows before one house."""
    scene = _scene(pictures[1]).point(lambda value: value * 2 // 3 + 30)
    draw = ImageDraw.Draw(scene)
    for _time in range(260):
        x, y, wide = random.randrange(_WIDE), random.randrange(_TALL), random.randrange(2, 9)
        draw.ellipse((x, y, x + wide, y + wide), fill=(245, 245, 250))
    return _taken(scene.filter(ImageFilter.GaussianBlur(0.8)), random)


def _blades(colour: tuple[int, int, int], *, long: float) -> Family:
    def made(_: Pictures, __: Pictures, random: Random) -> Image.Image:
        """Grass, fur, gravel: the same kind of ground, another piece."""
        numbers = np.random.default_rng(random.randrange(1 << 30))
        field = numbers.normal(0, 1, (_TALL, _WIDE)).astype(np.float32)
        streaks = cv2.GaussianBlur(field, (0, 0), sigmaX=1.3, sigmaY=1.3 * long)
        pixels = np.array(colour) + (streaks / streaks.std())[..., None] * 26
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))

    return made


def _facade(step: int) -> Family:
    def made(_: Pictures, __: Pictures, random: Random) -> Image.Image:
        """A house of equal windows, some with a blind or a flower, from one window further along."""
        whole = Image.new("RGB", (3200, 2200), (196, 186, 170))
        draw, fixed = ImageDraw.Draw(whole), Random(19)
        for row in range(11):
            for column in range(20):
                x, y = column * 160 + 40, row * 200 + 40
                draw.rectangle((x, y, x + 84, y + 124), fill=(70, 84, 100), outline=(240, 240, 236), width=8)
                draw.line((x + 42, y, x + 42, y + 124), fill=(240, 240, 236), width=6)
                kind = fixed.random()
                if kind < 0.2:
                    draw.rectangle((x + 8, y + 8, x + 76, y + 8 + fixed.randrange(20, 80)), fill=(225, 215, 190))
                elif kind < 0.3:
                    draw.ellipse((x + 20, y + 90, x + 50, y + 116), fill=(170, 40, 60))
        x, y = random.randrange(8) * 160, random.randrange(4) * 200
        jitter = (0, 0) if step else (random.randrange(160), random.randrange(200))
        return _taken(whole.crop((x + jitter[0], y + jitter[1], x + jitter[0] + 1440, y + jitter[1] + 1000)), random)

    return made


def _tiles(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """A floor of one patterned tile, whole tiles further on; each tile is worn in its own way."""
    pattern, fixed = np.asarray(ImageOps.fit(pictures[2], (200, 200)), float), np.random.default_rng(4)
    wear = fixed.uniform(0.9, 1.08, (12, 16))
    rows, columns = random.randrange(6), random.randrange(7)
    floor = np.vstack(
        [np.hstack([pattern * wear[rows + row, columns + column] for column in range(8)]) for row in range(5)]
    )
    return _taken(Image.fromarray(floor.clip(0, 255).astype(np.uint8)), random)


def _shelf(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """A shop's shelf: packets in rows, of which one or two are others."""
    scene, fixed = Image.new("RGB", (_WIDE, _TALL), (120, 96, 70)), Random(23)
    kinds = [ImageOps.fit(one, (110, 180)) for one in (*pictures, *heads)]
    others = {random.randrange(48) for _ in range(2)}
    for place in range(48):
        kind = fixed.choice(kinds)
        scene.paste(random.choice(kinds) if place in others else kind, (30 + place % 12 * 130, 40 + place // 12 * 250))
    return _taken(scene, random)


def _on_the_pitch(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """A football pitch from the stands: the players, 40 pixels tall, stand elsewhere."""
    scene = Image.new("RGB", (_WIDE, _TALL), (60, 120, 56))
    draw = ImageDraw.Draw(scene)
    for stripe in range(0, 16, 2):
        draw.rectangle((stripe * 100, 320, stripe * 100 + 100, _TALL), fill=(72, 134, 66))
    scene.paste(_scene(pictures[4]).crop((0, 0, _WIDE, 320)), (0, 0))
    draw.rectangle((80, 380, 1520, 1020), outline="white", width=5)
    draw.ellipse((680, 580, 920, 820), outline="white", width=5)
    for player in range(22):
        x, y, shirt = (
            random.randrange(120, 1480),
            random.randrange(400, 980),
            ((200, 40, 40), (40, 60, 190))[player % 2],
        )
        draw.rectangle((x, y, x + 12, y + 22), fill=shirt)
        draw.rectangle((x + 1, y + 22, x + 11, y + 38), fill=(240, 240, 240))
        draw.ellipse((x + 1, y - 10, x + 11, y), fill=(190, 150, 120))
    return _taken(scene, random)


def _small_change(paint: Callable[[ImageDraw.ImageDraw, Random], None], which: int) -> Family:
    def made(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
        """A room from one place, with one small thing in it."""
        scene = _scene(pictures[which])
        paint(ImageDraw.Draw(scene), random)
        return _taken(scene, random)

    return made


def _wall_clock(draw: ImageDraw.ImageDraw, random: Random) -> None:
    draw.ellipse((760, 120, 860, 220), fill=(245, 245, 240), outline=(30,) * 3, width=6)
    minutes = random.randrange(720)
    for turn, long in ((minutes * math.pi / 360, 24), (minutes % 60 * math.pi / 30, 38)):
        draw.line((810, 170, 810 + long * math.sin(turn), 170 - long * math.cos(turn)), fill=(20,) * 3, width=5)


def _name_tag(draw: ImageDraw.ImageDraw, random: Random) -> None:
    draw.rectangle((700, 620, 860, 690), fill="white", outline=(30, 60, 140), width=5)
    draw.text((712, 640), name(random).split()[0], "black", font(34))


def _price(draw: ImageDraw.ImageDraw, random: Random) -> None:
    draw.rectangle((900, 700, 1010, 760), fill=(250, 220, 60))
    draw.text((912, 710), f"{random.randrange(1, 9)}.{random.randrange(10, 99)}", (160, 20, 20), font(38))


def _street_poster(draw: ImageDraw.ImageDraw, random: Random) -> None:
    draw.rectangle((240, 380, 390, 600), fill=(250, 246, 230), outline=(60,) * 3, width=4)
    draw.text((256, 400), "CONCERT", (150, 30, 30), font(28))
    draw.text((256, 460), f"{random.randrange(1, 29)} May", "black", font(34))
    draw.text((256, 530), name(random).split()[1], "black", font(28))


def _raised_hand(draw: ImageDraw.ImageDraw, random: Random) -> None:
    x = random.randrange(100, 1480)
    draw.rounded_rectangle((x, 760, x + 18, 860), 8, fill=(190, 150, 125))
    draw.ellipse((x - 4, 738, x + 22, 770), fill=(196, 156, 132))


def _car(draw: ImageDraw.ImageDraw, random: Random) -> None:
    x, ink = random.randrange(60, 1300), tuple(random.randrange(20, 220) for _ in range(3))
    draw.rounded_rectangle((x, 860, x + 200, 930), 18, fill=ink)
    draw.rounded_rectangle((x + 40, 815, x + 150, 880), 20, fill=ink)
    for wheel in (40, 150):
        draw.ellipse((x + wheel - 24, 905, x + wheel + 24, 953), fill=(25, 25, 25))


def _lamps(draw: ImageDraw.ImageDraw, random: Random) -> None:
    lit = random.randrange(1, 1 << 6)
    for lamp in range(6):
        ink = (255, 240, 190) if lit >> lamp & 1 else (70, 66, 60)
        draw.ellipse((180 + lamp * 240, 60, 214 + lamp * 240, 94), fill=ink)


VIEWS: Mapping[str, Family] = {
    "hall, another speaker 25 % high": _speaker(270, same_cloth=False),
    "hall, another speaker 12 % high": _speaker(130, same_cloth=False),
    "hall, another head, as dressed": _speaker(170, same_cloth=True),
    "hall, another head 6 % high": _speaker(64, same_cloth=True),
    "podium, one of five another": _panel,
    "choir, one head another": _choir,
    "real faces, eyes closed": _blink,
    "slide from the side, another title": _on_the_wall("title", moves=0.0),
    "slide from the side, another bullet": _on_the_wall("bullet", moves=0.0),
    "slide from the side, another page": _on_the_wall("number", moves=0.0),
    "slide from other seats": _on_the_wall("title", moves=14.0),
    "camera moved by a hand": _moved_camera(18, 40),
    "camera moved by a finger": _moved_camera(6, 14),
    "book turned on its table": _thing(50, 0.04),
    "book from elsewhere": _thing(6, 0.10),
    "birds in one sky": _in_the_sky,
    "snowfall": _snow,
    "grass": _blades((70, 120, 50), long=5),
    "gravel": _blades((128, 122, 116), long=1),
    "facade, one window on": _facade(1),
    "facade, elsewhere": _facade(0),
    "tiles, one tile on": _tiles,
    "shelf, other packets": _shelf,
    "football pitch": _on_the_pitch,
    "clock on a room's wall": _small_change(_wall_clock, 5),
    "name tag": _small_change(_name_tag, 6),
    "price tag": _small_change(_price, 7),
    "poster in a street": _small_change(_street_poster, 0),
    "raised hand": _small_change(_raised_hand, 1),
    "car passing": _small_change(_car, 2),
    "lamps on and off": _small_change(_lamps, 3),
}
"""By name."""
