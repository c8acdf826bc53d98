"""Further hard negatives that are photographed: one view again, with another sky, another face, another number."""

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

_SIZE = (1600, 1067)


def _scene(picture: Image.Image) -> Image.Image:
    return ImageOps.fit(picture, _SIZE, Image.Resampling.LANCZOS)


def _noisy(image: Image.Image, random: Random, sigma: float = 3.0) -> Image.Image:
    """With a sensor's noise. What was drawn is told: with other noise it's still drawn twice."""
    drawn = hashlib.sha256(image.tobytes()).hexdigest()
    numbers = np.random.default_rng(random.randrange(1 << 30))
    pixels = np.asarray(image, float) + numbers.normal(0, sigma, (image.height, image.width, 3))
    result = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    result.info["drawn"] = drawn
    return result


def _pasted(scene: Image.Image, what: Image.Image, where: tuple[int, int]) -> None:
    mask = Image.new("L", what.size)
    ImageDraw.Draw(mask).ellipse((2, 2, what.width - 2, what.height - 2), fill=255)
    scene.paste(what, where, mask.filter(ImageFilter.GaussianBlur(2)))


def _window(head: Image.Image, random: Random) -> Image.Image:
    """Three quarters of it, from anywhere in it."""
    wide, tall = head.width * 3 // 4, head.height * 3 // 4
    left, top = random.randrange(head.width - wide), random.randrange(head.height - tall)
    return head.crop((left, top, left + wide, top + tall))


def _speaker(tall: int) -> Family:
    def made(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
        """A stage seen from the back: another speaker, so many pixels high with the shoulders, of 1067."""
        scene, wide = _scene(pictures[0]), tall * 3 // 4
        x, y = 760 + random.randrange(-8, 8), 520 + random.randrange(-6, 6)
        draw = ImageDraw.Draw(scene)
        cloth = tuple(random.randrange(25, 130) for _ in range(3))
        draw.rounded_rectangle((x - wide // 3, y + tall * 2 // 3, x + wide * 4 // 3, y + tall * 2), 12, fill=cloth)
        _pasted(scene, _window(random.choice(heads), random).resize((wide, tall), Image.Resampling.LANCZOS), (x, y))
        return _noisy(scene, random)

    return made


def _dim(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """The same stage in the dark: a tenth of the light, and the sensor's noise."""
    scene = _speaker(130)(pictures, heads, random)
    return _noisy(scene.point(lambda value: value * 0.14 + 3), random, 2.5)


def _screen(change: Callable[[ImageDraw.ImageDraw, Random], None]) -> Family:
    def made(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
        """A slide on the wall of a room, from one seat: one thing on it is another."""
        slide = Image.new("RGB", (1200, 675), (250, 250, 248))
        draw, fixed = ImageDraw.Draw(slide), Random(9)
        draw.rectangle((0, 0, 1200, 90), fill=(20, 70, 130))
        draw.text((40, 20), "Visitors of the archive", "white", font(44))
        for month in range(8):
            tall = fixed.randrange(80, 400)
            draw.rectangle((90 + month * 80, 600 - tall, 140 + month * 80, 600), fill=(40, 110, 170))
        for row in range(5):
            draw.text((760, 150 + row * 80), f"{name(fixed)}, {fixed.randrange(10, 99)}", (30,) * 3, font(34))
        change(draw, random)
        room = _scene(pictures[1])
        room.paste(slide.resize((640, 360), Image.Resampling.LANCZOS), (480, 180))
        return _noisy(room, random)

    return made


def _one_word(draw: ImageDraw.ImageDraw, random: Random) -> None:
    draw.rectangle((750, 225, 1190, 280), fill=(250, 250, 248))
    draw.text((760, 230), f"{name(random)}, 47", (30,) * 3, font(34))


def _one_number(draw: ImageDraw.ImageDraw, random: Random) -> None:
    draw.text((1100, 20), str(random.randrange(100, 999)), "white", font(44))


def _one_bar(draw: ImageDraw.ImageDraw, random: Random) -> None:
    for left in (330, 410):
        draw.rectangle((left, 110, left + 50, 600), fill=(250, 250, 248))
        draw.rectangle((left, 600 - random.randrange(40, 460, 20), left + 50, 600), fill=(40, 110, 170))


def _swapped(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """A row of people in one place, some of whom have changed places."""
    scene = _scene(pictures[4])
    for place, who in enumerate(random.sample(range(6), 6)):
        _pasted(scene, heads[who].resize((120, 150), Image.Resampling.LANCZOS), (280 + place * 175, 470))
    return _noisy(scene, random)


def _blink(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """The same row, again from a tripod: of six people's eyes some are closed, which is a line each."""
    scene = _scene(pictures[4])
    for place in range(6):
        _pasted(scene, heads[place].resize((150, 190), Image.Resampling.LANCZOS), (200 + place * 200, 450))
    draw, closed = ImageDraw.Draw(scene), random.randrange(1 << 12)
    for place in range(6):
        for eye in (0, 1):
            x, y = 240 + place * 200 + eye * 45, 520
            if closed >> 2 * place + eye & 1:
                draw.rectangle((x - 14, y - 9, x + 14, y + 9), fill=(200, 160, 140))
                draw.line((x - 13, y + 3, x + 13, y + 3), fill=(60, 40, 30), width=3)
            else:
                draw.ellipse((x - 14, y - 9, x + 14, y + 9), fill="white")
                draw.ellipse((x - 7, y - 8, x + 7, y + 8), fill=(50, 40, 30))
    return _noisy(scene, random)


def _bib(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """A finish line from one place: the runner's number is another (and the noise)."""
    scene = _scene(pictures[5])
    draw = ImageDraw.Draw(scene)
    draw.rounded_rectangle((700, 400, 900, 800), 40, fill=(40, 60, 140))
    draw.rectangle((730, 480, 870, 580), fill="white")
    draw.text((752, 500), str(random.randrange(100, 999)), "black", font(60))
    return _noisy(scene, random)


def _name_plate(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """A table with one person; the plate before them names another."""
    scene = _scene(pictures[2])
    _pasted(scene, heads[0].resize((220, 280), Image.Resampling.LANCZOS), (690, 330))
    draw = ImageDraw.Draw(scene)
    draw.rectangle((640, 760, 980, 840), fill=(245, 245, 240))
    draw.text((660, 775), name(random), "black", font(40))
    return _noisy(scene, random)


def _clouds(random: Random, size: tuple[int, int]) -> np.ndarray:
    numbers = np.random.default_rng(random.randrange(1 << 30))
    whole = np.zeros(size[::-1])
    for cells, weight in ((6, 1.0), (14, 0.5), (30, 0.25)):
        field = Image.fromarray((numbers.random((cells, cells * 2)) * 255).astype(np.uint8))
        whole += weight * np.asarray(field.resize(size, Image.Resampling.BICUBIC), float)
    return whole / 1.75


def _other_sky(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """One skyline: the clouds have moved on."""
    clouds = (_clouds(random, _SIZE)[..., None] / 255 - 0.35).clip(0, 0.6)
    sky = np.array([95, 145, 210]) * (1 - clouds) + 245 * clouds
    scene = Image.fromarray(sky.clip(0, 255).astype(np.uint8))
    scene.paste(_scene(pictures[6]).crop((0, 500, 1600, 1067)), (0, 500))
    return _noisy(scene, random)


def _sea(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """One shore: the waves are others."""
    waves = _clouds(random, (1600, 3000))[:, :, None]
    sea = np.asarray(Image.fromarray(waves[..., 0].astype(np.uint8)).resize((1600, 500)), float)[..., None] / 255
    water = np.array([40, 80, 110]) + sea * np.array([60, 70, 70])
    scene = _scene(pictures[7])
    scene.paste(Image.fromarray(water.clip(0, 255).astype(np.uint8)), (0, 567))
    return _noisy(scene, random)


def _fireworks(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A night sky, other rockets over the same roofs."""
    scene = Image.new("RGB", _SIZE, (8, 8, 18))
    draw, fixed = ImageDraw.Draw(scene), Random(3)
    for place in range(16):
        top = fixed.randrange(800, 980)
        draw.rectangle((place * 100, top, place * 100 + 99, 1067), fill=(3, 3, 6))
        for _time in range(5):
            x, y = place * 100 + fixed.randrange(80), fixed.randrange(top, 1060)
            draw.rectangle((x, y, x + 9, y + 12), fill=(190, 160, 80))
    for _time in range(random.randrange(2, 5)):
        x, y, ink = (
            random.randrange(200, 1400),
            random.randrange(150, 600),
            tuple(random.randrange(80, 255) for _ in range(3)),
        )
        for spark in range(40):
            turn, long = spark * math.pi / 20, random.randrange(60, 160)
            draw.line((x, y, x + long * math.cos(turn), y + long * math.sin(turn)), fill=ink, width=2)
    return _noisy(scene.filter(ImageFilter.GaussianBlur(1)), random, 2)


def _windows(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A block of flats at night: other windows are lit."""
    scene = Image.new("RGB", _SIZE, (16, 18, 26))
    draw = ImageDraw.Draw(scene)
    draw.rectangle((200, 120, 1400, 1067), fill=(34, 34, 40))
    fixed = Random(14)
    for row in range(12):
        for column in range(20):
            lit = (fixed if random.random() < 0.9 else random).random() < 0.4
            x, y = 230 + column * 58, 150 + row * 74
            draw.rectangle((x, y, x + 34, y + 46), fill=(230, 190, 110) if lit else (46, 48, 56))
    return _noisy(scene, random)


def _stars(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """Stars: another field of them."""
    scene = Image.new("RGB", _SIZE, (6, 6, 14))
    draw = ImageDraw.Draw(scene)
    for _time in range(700):
        x, y, wide, light = (
            random.randrange(1600),
            random.randrange(1067),
            random.choice((1, 1, 1, 2, 3)),
            random.randrange(60, 255),
        )
        draw.ellipse((x, y, x + wide, y + wide), fill=(light, light, light))
    return _noisy(scene, random, 2)


def _bricks(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A wall of bricks that repeats itself, from somewhere else."""
    scene = Image.new("RGB", (2400, 1700), (170, 165, 158))
    draw, fixed = ImageDraw.Draw(scene), Random(8)
    for row in range(30):
        for column in range(-1, 20):
            x, y, tone = column * 130 + row % 2 * 65, row * 60, fixed.randrange(-14, 14)
            draw.rectangle((x, y, x + 122, y + 52), fill=(150 + tone, 80 + tone, 62 + tone))
    x, y = random.randrange(6) * 130 + random.randrange(130), random.randrange(5) * 120 + random.randrange(120)
    return _noisy(scene.crop((x, y, x + 1600, y + 1067)), random, 4)


def _texture(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """Carpet: a tile of it laid again and again, from elsewhere, by the light of elsewhere."""
    tile = np.asarray(ImageOps.fit(pictures[3], (160, 160)), float)
    whole = np.tile(tile, (11, 16, 1))
    x, y = random.randrange(160), random.randrange(160)
    light = 0.8 + 0.4 * _clouds(random, _SIZE)[..., None] / 255
    cut = whole[y : y + 1067, x : x + 1600] * light
    return _noisy(Image.fromarray(cut.clip(0, 255).astype(np.uint8)), random, 4)


def _leaves(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """Neighbouring pieces of one large picture, which overlap by two thirds."""
    wide = ImageOps.fit(pictures[6], (2400, 1600), Image.Resampling.LANCZOS)
    x, y = random.randrange(0, 800, 50), random.randrange(0, 530, 50)
    return _noisy(wide.crop((x, y, x + 1600, y + 1067)), random)


def _poster_again(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """One poster printed often, on another wall each time, and not quite from the front."""
    poster = ImageOps.fit(pictures[5], (900, 1200)).point(lambda value: 60 + value * 2 // 3)
    draw = ImageDraw.Draw(poster)
    draw.text((60, 60), "OPEN EVENING", "white", font(110))
    wall = ImageOps.fit(random.choice((*pictures, *heads)), (1400, 1600)).point(lambda value: 90 + value // 3)
    corner = [random.uniform(0, 45) for _ in range(8)]
    source = np.array([[0, 0], [900, 0], [900, 1200], [0, 1200]], np.float32)
    target = np.array(
        [
            [200 + corner[0], 150 + corner[1]],
            [1180 - corner[2], 150 + corner[3]],
            [1180 - corner[4], 1440 - corner[5]],
            [200 + corner[6], 1440 - corner[7]],
        ],
        np.float32,
    )
    matrix = cv2.getPerspectiveTransform(source, target)
    laid = cv2.warpPerspective(np.asarray(poster), matrix, wall.size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((1200, 900), 255, np.uint8), matrix, wall.size) > 127
    both = np.where(mask[..., None], laid, np.asarray(wall))
    return _noisy(exposure(random.uniform(-0.4, 0.3))(Image.fromarray(both), random), random)


def _plate(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """One plate on one table, another dish."""
    scene = _scene(pictures[2])
    draw = ImageDraw.Draw(scene)
    draw.ellipse((450, 230, 1150, 930), fill=(240, 238, 232), outline=(180, 60, 50), width=10)
    for _ in range(random.randrange(8, 16)):
        turn, away, wide = random.uniform(0, 6.28), random.uniform(0, 210), random.randrange(40, 90)
        dish = random.choice(heads).resize((wide, wide))
        _pasted(
            scene, dish, (round(800 + away * math.cos(turn) - wide / 2), round(580 + away * math.sin(turn) - wide / 2))
        )
    return _noisy(scene, random)


def _before_after(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """One room, some of its things elsewhere."""
    scene = _scene(pictures[7])
    chair = ImageOps.fit(pictures[0], (110, 140))
    for place in range(3):
        scene.paste(chair, (150 + place * 460 + random.randrange(-70, 70), 700 + random.randrange(-20, 20)))
    return _noisy(scene, random)


def _stamped(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """A camera above a door: nothing has moved, and the clock in the corner went on."""
    scene = _noisy(_scene(pictures[6]), random)
    draw = ImageDraw.Draw(scene)
    draw.text(
        (40, 30),
        f"2025-11-{random.randrange(10, 29)} {random.randrange(10, 24)}:{random.randrange(10, 60)}:{random.randrange(10, 60)}",
        "white",
        font(34),
        stroke_width=2,
        stroke_fill="black",
    )
    return scene


def _passport(_: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """Portraits in one studio: the same ground, another head, much of the picture."""
    scene = Image.new("RGB", (900, 1150), (205, 212, 220))
    draw = ImageDraw.Draw(scene)
    draw.ellipse((80, 800, 820, 1500), fill=(50, 55, 70))
    _pasted(scene, ImageOps.fit(_window(random.choice(heads), random), (520, 680)), (190, 180))
    return _noisy(scene, random)


def _warped(pictures: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A portrait, a moment later: the mouth and the eyes have moved by a few pixels, the noise is another."""
    scene = np.asarray(ImageOps.fit(pictures[4], (1200, 1200)))
    boxes = [
        (float(scene[top : top + 150, left : left + 150].std()), left + 75.0, top + 75.0)
        for top in range(150, 900, 150)
        for left in range(150, 900, 150)
    ]
    y, x = np.mgrid[0:1200, 0:1200].astype(np.float32)
    for _, cx, cy in sorted(boxes)[-3:]:  # where there is something to be seen
        weight = np.exp(-(((x - cx) / 70) ** 2 + ((y - cy) / 45) ** 2))
        x = x + weight * np.float32(random.uniform(-7, 7))
        y = y + weight * np.float32(random.uniform(-9, 9))
    moved = cv2.remap(scene, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return _noisy(Image.fromarray(moved), random, 2.5)


SCENES: Mapping[str, Family] = {
    "stage, speaker 8 % high": _speaker(85),
    "stage, speaker 5 % high": _speaker(53),
    "dim stage": _dim,
    "screen in a room, one word": _screen(_one_word),
    "screen in a room, one number": _screen(_one_number),
    "screen in a room, one bar": _screen(_one_bar),
    "two changed places": _swapped,
    "eyes closed": _blink,
    "another number to wear": _bib,
    "another name on the table": _name_plate,
    "other clouds": _other_sky,
    "other waves": _sea,
    "fireworks": _fireworks,
    "lit windows": _windows,
    "stars": _stars,
    "bricks": _bricks,
    "carpet": _texture,
    "neighbouring pieces": _leaves,
    "one poster, other walls": _poster_again,
    "dishes": _plate,
    "moved chairs": _before_after,
    "another time in the corner": _stamped,
    "studio portraits": _passport,
    "another look": _warped,
}
"""By name."""
