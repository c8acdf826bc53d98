"""Further hard negatives that are drawn: papers, tickets, screens and signs of one design, each with something else on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random

import numpy as np
from duplicates.changes import font
from duplicates.templates import name
from PIL import Image, ImageDraw, ImageFilter, ImageOps

Pictures = Sequence[Image.Image]
Family = Callable[[Pictures, Pictures, Random], Image.Image]

_WORDS = [
    "archive",
    "budget",
    "harbour",
    "library",
    "meeting",
    "minutes",
    "museum",
    "network",
    "partner",
    "plenary",
    "project",
    "public",
    "region",
    "report",
    "review",
    "science",
    "session",
    "summary",
    "village",
    "workshop",
]
_MONTHS = tuple("JFMAMJJASOND")


def _page(
    size: tuple[int, int], ground: str | tuple[int, int, int] = "white"
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", size, ground)
    return page, ImageDraw.Draw(page)


def _line(random: Random, words: int) -> str:
    return " ".join(random.choice(_WORDS) for _ in range(words)).capitalize()


def certificate(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One diploma, another name on it."""
    page, draw = _page((1600, 1130), (252, 249, 240))
    for inset in (30, 44, 52):
        draw.rectangle((inset, inset, 1600 - inset, 1130 - inset), outline=(150, 120, 50), width=4)
    draw.text((430, 150), "Certificate of attendance", (60, 50, 20), font(64))
    draw.text((520, 330), "This is to certify that", "black", font(40))
    draw.text((480, 450), name(random), (20, 40, 110), font(80))
    draw.text((330, 620), "has taken part in the Commons Week, five days of", "black", font(40))
    draw.text((330, 680), "lectures and workshops on open archives.", "black", font(40))
    draw.ellipse((1200, 800, 1400, 1000), fill=(170, 40, 40), outline=(120, 20, 20), width=8)
    draw.line((200, 960, 620, 960), fill="black", width=3)
    return page


def certificate_again(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """The same, lying on one table and photographed by hand, in another light each time."""
    return _photographed(certificate(pictures, heads, random), pictures[2], random, 0.7)


def receipt(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One shop's receipts: mostly the same goods, other sums and times."""
    page, draw = _page((700, 1500), (250, 250, 248))
    draw.text((180, 60), "CORNER SHOP", "black", font(48))
    draw.text((150, 130), "Harbour Street 5, Openhaven", (40,) * 3, font(26))
    for row in range(16):
        draw.text((60, 240 + row * 56), f"Item {row + 1:02} groceries", (30,) * 3, font(28))
        price = random.choice((2, 3)) if row == 5 else row + 1
        draw.text((540, 240 + row * 56), f"{price}.49", (30,) * 3, font(28))
    draw.text((60, 1180), f"TOTAL {random.randrange(20, 99)}.{random.randrange(10, 99)}", "black", font(44))
    draw.text(
        (60, 1300),
        f"2025-11-{random.randrange(10, 29)} 1{random.randrange(10)}:{random.randrange(10, 59)}",
        (50,) * 3,
        font(28),
    )
    return page


def ticket(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One concert's tickets: another seat and another code."""
    page, draw = _page((1500, 620), (30, 40, 90))
    draw.text((60, 60), "SPRING CONCERT", "white", font(110))
    draw.text((60, 220), "Town hall, 14 May, 19:30", (255, 220, 90), font(54))
    draw.text((60, 420), f"Row {random.randrange(1, 30)}  Seat {random.randrange(1, 40)}", "white", font(60))
    draw.rectangle((1000, 60, 1440, 560), fill="white")
    for row in range(25):
        for column in range(25):
            corner = (min(row, 24 - row) < 7 and column < 7) or (row < 7 and column > 17)
            dark = (max(abs(row % 18 - 3), abs(column % 18 - 3)) != 2) if corner else random.random() < 0.5
            if dark:
                draw.rectangle((1020 + column * 16, 110 + row * 16, 1035 + column * 16, 125 + row * 16), fill="black")
    return page


def barcode(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """Labels with a line code, as on parcels."""
    page, draw = _page((1200, 800))
    draw.rectangle((40, 40, 1160, 760), outline="black", width=6)
    draw.text((80, 80), "Parcel to Openhaven, 2 kg, fragile", "black", font(44))
    digits = f"{random.randrange(10**11, 10**12)}"
    x, bars = 120.0, Random(digits)
    while x < 1080:
        wide = bars.choice((4, 4, 8, 12))
        draw.rectangle((x, 220, x + wide, 580), fill="black")
        x += wide + bars.choice((4, 8, 12))
    draw.text((330, 620), digits, "black", font(60))
    return page


def chat(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A chat in one app: the same people, other words in some lines."""
    page, draw = _page((1080, 1920), (229, 221, 213))
    draw.rectangle((0, 0, 1080, 190), fill=(7, 94, 84))
    draw.text((150, 80), "Team commons", "white", font(50))
    fixed = Random(4)
    for row in range(9):
        left, words = fixed.choice((40, 340)), _line(fixed, 4)
        if row == 6:
            words = _line(random, 4)
        draw.rounded_rectangle(
            (left, 250 + row * 175, left + 700, 380 + row * 175), 24, fill="white" if left < 100 else (220, 248, 198)
        )
        draw.text((left + 30, 280 + row * 175), words, "black", font(34))
        draw.text((left + 570, 338 + row * 175), f"12:{10 + row}", (130,) * 3, font(24))
    return page


def street_map(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One map; the pin stands elsewhere."""
    page, draw = _page((1200, 900), (236, 232, 224))
    fixed = Random(12)
    for _time in range(14):
        x, y = fixed.randrange(1200), fixed.randrange(900)
        draw.rectangle((x, y, x + fixed.randrange(60, 220), y + fixed.randrange(60, 180)), fill=(205, 225, 190))
    for _time in range(26):
        points = [(fixed.randrange(1200), fixed.randrange(900)) for _ in range(2)]
        draw.line(points, fill="white", width=fixed.choice((6, 12, 20)))
    for _time in range(30):
        draw.text((fixed.randrange(1100), fixed.randrange(860)), _line(fixed, 1), (110,) * 3, font(22))
    x, y = random.randrange(60, 1140), random.randrange(80, 860)
    draw.polygon([(x, y), (x - 18, y - 44), (x + 18, y - 44)], fill=(210, 40, 40))
    draw.ellipse((x - 22, y - 72, x + 22, y - 28), fill=(210, 40, 40))
    return page


def calendar(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A wall calendar's months, and one appointment each."""
    page, draw = _page((1400, 1000))
    month, first = random.randrange(12), random.randrange(7)
    draw.text(
        (80, 50),
        f"{_MONTHS[month]} {month + 1}/2026",
        (160, 30, 40),
        font(80),
    )
    for day in range(31):
        x, y = 80 + (day + first) % 7 * 180, 200 + (day + first) // 7 * 130
        draw.rectangle((x, y, x + 180, y + 130), outline=(170,) * 3, width=2)
        draw.text((x + 12, y + 8), str(day + 1), "black", font(36))
    x, y = 80 + random.randrange(7) * 180, 330 + random.randrange(3) * 130
    draw.rectangle((x + 10, y + 60, x + 170, y + 115), fill=(250, 220, 120))
    return page


def social_card(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """One template of announcements: the same photograph behind it, another sentence."""
    page = ImageOps.fit(pictures[1], (1200, 630)).filter(ImageFilter.GaussianBlur(3)).point(lambda value: value // 2)
    draw = ImageDraw.Draw(page)
    draw.text((60, 60), "COMMONS WEEK", (255, 220, 90), font(40))
    for row in range(2):
        draw.text((60, 240 + row * 90), _line(random, 3), "white", font(70))
    return page


def drawing(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """Pencil on white paper, faint: one plan, one line of it elsewhere."""
    page, draw = _page((1400, 1000), (250, 250, 250))
    fixed = Random(21)
    for _time in range(60):
        x, y = fixed.randrange(1300), fixed.randrange(900)
        draw.line((x, y, x + fixed.randrange(-200, 200), y + fixed.randrange(-200, 200)), fill=(205, 205, 208), width=3)
    for _time in range(2):
        x, y = random.randrange(200, 1200), random.randrange(200, 800)
        draw.line(
            (x, y, x + random.randrange(-150, 150), y + random.randrange(-150, 150)), fill=(205, 205, 208), width=3
        )
    return page


def emblem(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A logo's drafts: one stroke is another, or one ink a little."""
    page, draw = _page((1000, 1000))
    shade, other = random.randrange(-40, 41, 20), random.randrange(9)
    draw.ellipse((150, 150, 850, 850), fill=(30, 90 + shade, 160))
    for arm in range(9):
        turn = arm * 2 * math.pi / 9 + (random.choice((-0.15, -0.08, 0.08, 0.15)) if arm == other else 0)
        end = 500 + 300 * math.cos(turn), 500 + 300 * math.sin(turn)
        draw.line((500, 500, *end), fill="white", width=26)
        draw.ellipse((end[0] - 34, end[1] - 34, end[0] + 34, end[1] + 34), fill=(240, 190, 40))
    draw.text((340, 880), "NINE ARMS", (30, 90, 160), font(70))
    return page


def chess(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A game, two moves later."""
    page, draw = _page((1000, 1000), (60, 50, 40))
    fixed = Random(2)
    pieces = {fixed.randrange(64): fixed.choice("KQRBNP") + fixed.choice("wb") for _ in range(22)}
    for moved in random.sample(sorted(pieces), 2):
        pieces[random.choice([square for square in range(64) if square not in pieces])] = pieces.pop(moved)
    for square in range(64):
        x, y = 60 + square % 8 * 110, 60 + square // 8 * 110
        draw.rectangle((x, y, x + 110, y + 110), fill=((240, 217, 181), (181, 136, 99))[(square + square // 8) % 2])
        if square in pieces:
            piece, side = tuple(pieces[square])
            draw.ellipse((x + 18, y + 18, x + 92, y + 92), fill="white" if side == "w" else (40, 40, 40))
            draw.text((x + 36, y + 26), piece, (120,) * 3, font(52))
    return page


def scoreboard(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """A broadcast's still behind its board: another score."""
    page = ImageOps.fit(pictures[5], (1600, 900))
    draw = ImageDraw.Draw(page)
    draw.rectangle((80, 60, 520, 130), fill=(20, 30, 60))
    draw.text(
        (100, 72),
        f"RIV {random.randrange(6)} - {random.randrange(6)} HAR  {random.randrange(10, 90)}:{random.randrange(10, 59)}",
        "white",
        font(40),
    )
    return page


def meme(pictures: Pictures, _: Pictures, random: Random) -> Image.Image:
    """One photograph under other words."""
    page = ImageOps.fit(pictures[3], (1200, 900))
    draw = ImageDraw.Draw(page)
    for y in (30, 780):
        draw.text((80, y), _line(random, 3).upper(), "white", font(76), stroke_width=4, stroke_fill="black")
    return page


def book_page(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A scanned book: the head of the page and its frame are the same, the text is not."""
    page, draw = _page((1240, 1754), (244, 238, 224))
    draw.text((420, 90), "A HISTORY OF THE ARCHIVE", (40, 30, 20), font(34))
    draw.line((140, 150, 1100, 150), fill=(40, 30, 20), width=3)
    for row in range(36):
        draw.text((140, 200 + row * 40), _line(random, 9), (45, 35, 25), font(28))
    draw.text((600, 1680), str(random.randrange(10, 400)), (40, 30, 20), font(30))
    numbers = np.random.default_rng(random.randrange(1 << 30))
    scanned = np.asarray(page, float) + numbers.normal(0, 3, (1754, 1240, 1))
    return Image.fromarray(scanned.clip(0, 255).astype(np.uint8))


def form_line(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A page of text of which one word is another, as in a second version of a contract."""
    page, draw = _page((1240, 1754))
    fixed, where = Random(31), random.randrange(36)
    for row in range(36):
        draw.text((140, 160 + row * 42), _line(fixed, 8), (20,) * 3, font(30))
        if row == where:
            draw.rectangle((140, 160 + row * 42, 300, 198 + row * 42), fill="white")
            draw.text((140, 160 + row * 42), _line(random, 1), (20,) * 3, font(30))
    return page


def clock(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """One clock on one wall, at another time."""
    page, draw = _page((1000, 1000), (196, 176, 150))
    fixed = Random(6)
    for _time in range(300):
        x, y = fixed.randrange(1000), fixed.randrange(1000)
        draw.line((x, y, x + 30, y + fixed.randrange(-8, 8)), fill=(186, 166, 138), width=3)
    draw.ellipse((200, 200, 800, 800), fill=(250, 250, 245), outline=(40,) * 3, width=18)
    for hour in range(12):
        turn = hour * math.pi / 6
        draw.text((480 + 245 * math.sin(turn), 475 - 245 * math.cos(turn)), str(hour or 12), "black", font(44))
    minutes = random.randrange(720)
    for turn, long, wide in ((minutes * math.pi / 360, 150, 16), (minutes % 60 * math.pi / 30, 220, 9)):
        draw.line((500, 500, 500 + long * math.sin(turn), 500 - long * math.cos(turn)), fill="black", width=wide)
    return page


def whiteboard(_: Pictures, __: Pictures, random: Random) -> Image.Image:
    """A whiteboard photographed from one place: a note more, a note less."""
    y, x = np.mgrid[0:1000, 0:1500]
    numbers = np.random.default_rng(random.randrange(1 << 30))
    light = 215 + 20 * np.sin(x / 900 + 0.4) - 12 * (y / 1000)
    board = np.repeat((light + numbers.normal(0, 2.5, light.shape))[..., None], 3, axis=2)
    page = Image.fromarray(board.clip(0, 255).astype(np.uint8))
    draw, fixed = ImageDraw.Draw(page), Random(17)
    shown = random.randrange(1, 1 << 9)
    for row in range(9):
        words, ink = _line(fixed, 3), fixed.choice(((30, 40, 150), (170, 40, 40), (30, 110, 60)))
        if shown >> row & 1:
            draw.text((120 + row % 2 * 640, 120 + row * 85), words, ink, font(54))
    return page.filter(ImageFilter.GaussianBlur(0.8))


def _photographed(paper: Image.Image, table: Image.Image, random: Random, share: float) -> Image.Image:
    """A paper on a table, by hand: a little turned and shifted, in another light."""
    ground = ImageOps.fit(table, (1600, 1200))
    size = round(1600 * share), round(1600 * share * paper.height / paper.width)
    small = (
        paper.resize(size, Image.Resampling.LANCZOS)
        .convert("RGBA")
        .rotate(random.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, expand=True)
    )
    where = (
        round((1600 - size[0]) / 2) + random.randrange(-25, 25),
        round((1200 - size[1]) / 2) + random.randrange(-25, 25),
    )
    ground.paste(small, where, small)
    numbers = np.random.default_rng(random.randrange(1 << 30))
    pixels = np.asarray(ground, float) * random.uniform(0.85, 1.1) + numbers.normal(0, 3, (1200, 1600, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


PAPERS: Mapping[str, Family] = {
    "certificates": certificate,
    "certificates on a table": certificate_again,
    "receipts": receipt,
    "tickets": ticket,
    "line codes": barcode,
    "chats": chat,
    "maps, another pin": street_map,
    "calendars": calendar,
    "cards of one template": social_card,
    "faint drawings": drawing,
    "emblems, one stroke": emblem,
    "chess, two moves": chess,
    "another score": scoreboard,
    "memes": meme,
    "book pages": book_page,
    "text, one word": form_line,
    "clocks": clock,
    "whiteboards": whiteboard,
}
"""By name."""
