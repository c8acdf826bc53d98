"""Harder negatives of the benchmark on duplicates: one template with other words, and one scene taken again."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import cv2
import numpy as np
from duplicates.changes import exposure, font, screenshot
from PIL import Image, ImageDraw, ImageOps, ImageStat

Pictures = Sequence[Image.Image]

_NAMES = "Anna Marek Ines Tomas Lucia Pavel Noor Yusuf Freya Olu Chen Priya Mateo Aiko Bram Zofia Femi Ilse"
_SURNAMES = "Novak Silva Janssen Okafor Lindqvist Haddad Moreau Kim Rossi Petrov Adeyemi Larsen Wolff Costa"
NAMES = tuple(_NAMES.split())
SURNAMES = tuple(_SURNAMES.split())


def name(random: Random) -> str:
    """Of a person who doesn't exist."""
    return f"{random.choice(NAMES)} {random.choice(SURNAMES)}"


def one_bullet_more(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A slide that is built up line by line: the same words, one to eight of its lines."""
    page = Image.new("RGB", (1600, 900), (252, 252, 250))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1600, 120), fill=(20, 70, 130))
    draw.text((50, 30), "What we learned this year", "white", font(52))
    lines = ("Budget was kept", "Nine new partners", "Access for everybody", "Archive is open", "Minutes are public")
    shown = random.randrange(32)  # which of the lines
    for place, line in enumerate(lines):
        if shown >> place & 1:
            draw.ellipse((80, 214 + place * 120, 100, 234 + place * 120), fill=(20, 70, 130))
            draw.text((130, 195 + place * 120), line, (30, 30, 30), font(44))
    draw.text((1450, 840), str(random.randrange(1, 999)), (120, 120, 120), font(24))
    return page


def another_number(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One slide; only the small number at its foot is another."""
    page = one_bullet_more((), (), Random(8))
    draw = ImageDraw.Draw(page)
    draw.rectangle((1400, 830, 1600, 900), fill=(252, 252, 250))
    draw.text((1420, 840), str(random.randrange(10_000, 99_999)), (120, 120, 120), font(24))
    return page


def invoice(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One form, another customer, another number, another sum."""
    page = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((100, 90, 330, 170), fill=(30, 110, 90))
    draw.text((120, 105), "COMMONS", "white", font(44))
    draw.text((100, 220), "Invoice", "black", font(54))
    draw.text((760, 230), f"No. 2025-{random.randrange(1000, 1999)}", "black", font(28))
    draw.text((100, 330), f"{name(random)}\n{random.randrange(1, 99)} Harbour Street\nOpenhaven", "black", font(26))
    for row in range(12):
        y = 560 + row * 62
        draw.line((100, y + 46, 1140, y + 46), fill=(180, 180, 180))
        draw.text((110, y), f"Item {row + 1}: workshop materials, as agreed", "black", font(24))
        draw.text((980, y), f"{random.randrange(10, 99)}.00", "black", font(24))
    for row in range(9):
        draw.text(
            (100, 1360 + row * 36),
            "Payable within thirty days to the account that is named below.",
            (90,) * 3,
            font(20),
        )
    return page


def badge(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A conference's badge: one design, another name and another code."""
    page = Image.new("RGB", (900, 1300), (248, 248, 250))
    draw = ImageDraw.Draw(page)
    fixed = Random(7)
    for _time in range(60):
        x, y = fixed.randrange(900), fixed.randrange(420)
        draw.rectangle((x, y, x + 90, y + 60), fill=tuple(fixed.randrange(60, 240) for _ in range(3)))
    draw.text((60, 470), "COMMONS WEEK 2025", (20, 40, 90), font(70))
    draw.text((60, 620), name(random), "black", font(76))
    draw.text((60, 740), random.choice(("Speaker", "Visitor", "Press", "Team")), (120, 30, 60), font(48))
    for row in range(21):
        for column in range(21):
            if random.random() < 0.5:
                draw.rectangle((290 + column * 16, 880 + row * 16, 305 + column * 16, 895 + row * 16), fill="black")
    return page


def chart(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One chart, other values."""
    page = Image.new("RGB", (1400, 900), "white")
    draw = ImageDraw.Draw(page)
    draw.text((80, 40), "Visitors of the archive, by month", "black", font(46))
    for line in range(7):
        y = 780 - line * 100
        draw.line((120, y, 1340, y), fill=(200, 200, 200), width=2)
        draw.text((50, y - 16), str(line * 20), (90,) * 3, font(24))
    for month in range(12):
        tall = random.randrange(100, 600)
        draw.rectangle((150 + month * 100, 780 - tall, 210 + month * 100, 780), fill=(40, 110, 170))
        draw.text((155 + month * 100, 800), "JFMAMJJASOND"[month], "black", font(28))
    return page


def product(_: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """One box on one table; another picture on its label."""
    page = Image.new("RGB", (1200, 1200), (236, 234, 230))
    draw = ImageDraw.Draw(page)
    fixed = Random(3)
    for _time in range(250):
        x, y = fixed.randrange(1200), fixed.randrange(850, 1200)
        draw.line((x, y, x + 120, y + fixed.randrange(-3, 3)), fill=(150 + fixed.randrange(40), 120, 90), width=3)
    draw.rectangle((320, 260, 880, 980), fill=(180, 150, 60), outline=(90, 70, 20), width=6)
    draw.text((380, 290), "MATERIALS", (40, 30, 10), font(84))
    page.paste(_window(random.choice(heads), random, (300, 300)), (450, 440))
    for row in range(5):
        draw.text((380, 780 + row * 34), "Made of what the archive keeps, by hand", (60, 45, 10), font(26))
    return page


def colour_variant(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One emblem in a team's colours: only the ink is another."""
    page = Image.new("RGB", (1200, 1200), "white")
    draw = ImageDraw.Draw(page)
    inks = [tuple(random.choice((20, 125, 230)) for _ in range(3)) for _ in range(3)]
    fixed = Random(5)
    for _time in range(70):
        x, y, wide = fixed.randrange(1100), fixed.randrange(1100), fixed.randrange(40, 180)
        fill = inks[fixed.randrange(3)]
        draw.polygon([(x + fixed.randrange(wide), y + fixed.randrange(wide)) for _ in range(4)], fill=fill)
    draw.text((300, 540), "RIVER CLUB", "black", font(110))
    return page


def one_app(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """Screens of one app, each with another picture."""
    return screenshot(dark=True)(_window(random.choice((*pictures, *heads)), random, (1080, 900)), Random(1))


def poster(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """A series of announcements: one design, another guest."""
    page = ImageOps.fit(pictures[2], (1080, 1350)).point(lambda value: value // 2)
    draw = ImageDraw.Draw(page)
    draw.text((70, 70), "OPEN EVENING", "white", font(110))
    draw.text((70, 1130), name(random), (255, 220, 90), font(90))
    draw.text((70, 1240), f"{random.randrange(1, 28)} November, 19:00", "white", font(48))
    page.paste(_window(random.choice(heads), random, (420, 560)), (330, 400))
    return page


def retake(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """A group, taken again from a tripod: some have moved a little, the sensor's noise is another."""
    return _noise(_moved(_scene(pictures[3]), random, (3.0, 9.0)), random)


def retake_by_hand(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """The same by hand: the frame moves, too."""
    scene = _moved(_scene(pictures[4]), random, (3.0, 9.0))
    dx, dy, turn = random.uniform(-20, 20), random.uniform(-20, 20), random.uniform(-0.6, 0.6)
    turned = scene.rotate(turn, Image.Resampling.BICUBIC, translate=(dx, dy))  # type: ignore[arg-type]  # fractions are taken
    return _noise(turned.crop((40, 40, turned.width - 40, turned.height - 40)), random)


def bracket(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """Three exposures of a scene in which nothing moved, as a camera on a tripod takes them: only the noise is another."""
    stops = random.choice((-1.5, -0.7, 0.0, 0.7, 1.5))
    return _noise(exposure(stops)(_scene(pictures[5]), random), random)


def webcam(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """One view through the day: other light, and somebody walks by, as high as a tenth of the picture."""
    scene = _scene(pictures[6])
    who = random.choice(heads).resize((70, 105), Image.Resampling.LANCZOS)
    scene.paste(who, (random.randrange(1450), random.randrange(500, 900)))
    return _noise(exposure(random.uniform(-0.6, 0.6))(scene, random), random)


def _window(picture: Image.Image, random: Random, size: tuple[int, int]) -> Image.Image:
    """Half of a picture, from anywhere in it where there is something to be seen: no two are the same."""
    wide, tall = picture.width // 2, picture.height // 2
    for _ in range(30):
        left, top = random.randrange(picture.width - wide), random.randrange(picture.height - tall)
        shown = picture.crop((left, top, left + wide, top + tall)).resize(size, Image.Resampling.LANCZOS)
        if ImageStat.Stat(shown.convert("L")).stddev[0] >= 25:
            break
    return shown


def _scene(picture: Image.Image) -> Image.Image:
    return ImageOps.fit(picture, (1600, 1067), Image.Resampling.LANCZOS)


cv2.setNumThreads(1)  # a pool is forked later: threads of ours would be missing there


def _moved(scene: Image.Image, random: Random, pixels: tuple[float, float]) -> Image.Image:
    """Four places, as large as a person, shifted within a soft edge."""
    height, width = scene.height, scene.width
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shift_x, shift_y = np.zeros_like(x), np.zeros_like(y)
    for _ in range(4):
        cx, cy = random.uniform(0.15, 0.85) * width, random.uniform(0.3, 0.8) * height
        weight = np.exp(-(((x - cx) / 90) ** 2 + ((y - cy) / 130) ** 2))
        far, angle = random.uniform(*pixels), random.uniform(0, 6.28)
        shift_x += weight * np.float32(far * np.cos(angle))
        shift_y += weight * np.float32(far * np.sin(angle))
    moved = cv2.remap(np.asarray(scene), x + shift_x, y + shift_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return Image.fromarray(moved)


def _noise(image: Image.Image, random: Random) -> Image.Image:
    numbers = np.random.default_rng(random.randrange(1 << 30))
    pixels = np.asarray(image, float) + numbers.normal(0, 3.0, (image.height, image.width, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
