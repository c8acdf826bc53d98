"""The latest hard negatives that are drawn: forms, tables, cards, signs and screens of one design, with something else on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random

from duplicates.changes import font
from duplicates.templates import name
from PIL import Image, ImageDraw, ImageOps

Pictures = Sequence[Image.Image]
Family = Callable[[Pictures, Pictures, Random], Image.Image]
Draw = ImageDraw.ImageDraw
Ink = tuple[int, ...] | str

_WORDS = (
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
    "region",
    "report",
    "review",
    "science",
    "session",
    "summary",
    "village",
    "workshop",
    "garden",
    "river",
    "bridge",
)


def _words(random: Random, count: int) -> str:
    return " ".join(random.choice(_WORDS) for _ in range(count))


def _sheet(size: tuple[int, int], ground: Ink, draw_on: Callable[[Draw, Random], None]) -> Family:
    """Pictures of one size and ground, drawn by a function."""

    def made(_: Pictures, __: Pictures, random: Random) -> Image.Image:
        page = Image.new("RGB", size, ground)
        draw_on(ImageDraw.Draw(page), random)
        return page

    return made


def _form(draw: Draw, random: Random) -> None:
    draw.text((90, 70), "Application for membership", "black", font(46))
    for row in range(14):
        y = 190 + row * 90
        draw.text((90, y), f"{row + 1}. {_words(Random(row), 3)}", (60,) * 3, font(24))
        draw.rectangle((420, y - 12, 1140, y + 46), outline=(120,) * 3, width=2)
        filled = _words(Random(row + 50), 2) if row != 4 else name(random)
        draw.text((436, y - 4), filled, (20, 30, 120), font(32))


def _ticks(draw: Draw, random: Random) -> None:
    draw.text((90, 70), "Questionnaire", "black", font(46))
    fixed, other = Random(3), random.randrange(20)
    for row in range(20):
        draw.text((90, 180 + row * 70), _words(Random(row), 5).capitalize(), (40,) * 3, font(26))
        ticked = fixed.randrange(5)
        ticked = random.randrange(5) if row == other else ticked
        for box in range(5):
            x, y = 800 + box * 70, 180 + row * 70
            draw.rectangle((x, y, x + 32, y + 32), outline="black", width=3)
            if box == ticked:
                draw.line((x + 4, y + 4, x + 28, y + 28), fill=(20, 30, 120), width=5)
                draw.line((x + 4, y + 28, x + 28, y + 4), fill=(20, 30, 120), width=5)


def _music(draw: Draw, random: Random) -> None:
    draw.text((420, 60), "Evening song", "black", font(48))
    fixed = Random(8)
    others = {random.randrange(8 * 24) for _ in range(3)}
    for staff in range(8):
        top = 190 + staff * 180
        for line in range(5):
            draw.line((90, top + line * 16, 1150, top + line * 16), fill="black", width=2)
        for note in range(24):
            tone = fixed.randrange(-2, 11)
            tone = random.randrange(-2, 11) if staff * 24 + note in others else tone
            x, y = 150 + note * 41, top + 64 - tone * 8
            draw.ellipse((x, y - 7, x + 19, y + 8), fill="black")
            draw.line((x + 18, y, x + 18, y - 54), fill="black", width=3)


def _spreadsheet(draw: Draw, random: Random) -> None:
    draw.rectangle((0, 0, 1500, 90), fill=(33, 115, 70))
    draw.text((30, 25), "Accounts", "white", font(36))
    fixed, other = Random(12), random.randrange(22 * 8)
    for row in range(22):
        for column in range(9):
            x, y = column * 166, 110 + row * 40
            draw.rectangle((x, y, x + 166, y + 40), outline=(210,) * 3)
            value = f"{fixed.randrange(100, 9999)}.{fixed.randrange(10, 99)}"
            if column and row * 8 + column - 1 == other:
                value = f"{random.randrange(100, 9999)}.{random.randrange(10, 99)}"
            draw.text((x + 10, y + 8), value if column else _words(Random(row), 1), (30,) * 3, font(22))


def _code(draw: Draw, random: Random) -> None:
    fixed, other = Random(4), random.randrange(30)
    for row in range(30):
        indent = fixed.randrange(4) * 40
        ink = fixed.choice(((220, 220, 170), (156, 220, 254), (197, 134, 192), (206, 145, 120)))
        words = "_".join(fixed.choice(_WORDS) for _ in range(4))
        if row == other:
            words = "_".join(random.choice(_WORDS) for _ in range(4))
        draw.text((20, 20 + row * 30), str(row + 1), (110,) * 3, font(22))
        draw.text((90 + indent, 20 + row * 30), f"{words}()", ink, font(22))


def _identity(_: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """A library's card: another face and another name."""
    page = Image.new("RGB", (1010, 640), (224, 234, 244))
    draw = ImageDraw.Draw(page)
    for wave in range(24):
        draw.arc((-200 + wave * 30, 60, 700 + wave * 30, 700), 200, 330, fill=(190, 210, 230), width=3)
    draw.rectangle((0, 0, 1010, 100), fill=(20, 70, 130))
    draw.text((40, 24), "LIBRARY CARD", "white", font(54))
    page.paste(ImageOps.fit(random.choice(heads), (260, 340)), (50, 160))
    draw.text((360, 180), name(random), "black", font(50))
    draw.text((360, 280), f"No. {random.randrange(100_000, 999_999)}", "black", font(40))
    draw.text((360, 380), "valid until 12/2027", "black", font(36))
    return page


def _number_alone(_: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """One person's card, renewed: the number alone is another."""
    page = _identity((), heads[:1], Random(1))
    draw = ImageDraw.Draw(page)
    draw.rectangle((355, 275, 1000, 335), fill=(224, 234, 244))
    draw.text((360, 280), f"No. {random.randrange(100_000, 999_999)}", "black", font(40))
    return page


def _codes(draw: Draw, random: Random) -> None:
    for row in range(33):
        for column in range(33):
            near = [(row, column), (row, 32 - column), (32 - row, column)]
            in_corner = next(((a, b) for a, b in near if a < 8 and b < 8), None)
            dark = random.random() < 0.5
            if in_corner:
                a, b = in_corner
                dark = a < 7 and b < 7 and max(abs(a - 3), abs(b - 3)) != 2
            if dark:
                draw.rectangle((70 + column * 26, 70 + row * 26, 95 + column * 26, 95 + row * 26), fill="black")


def _seats(draw: Draw, random: Random) -> None:
    draw.rectangle((350, 40, 1050, 110), fill=(60, 60, 66))
    draw.text((620, 52), "STAGE", "white", font(40))
    fixed, others = Random(5), {random.randrange(16 * 24) for _ in range(3)}
    for seat in range(16 * 24):
        taken = (random if seat in others else fixed).random() < 0.4
        x, y = 90 + seat % 24 * 52, 170 + seat // 24 * 50
        draw.rounded_rectangle((x, y, x + 38, y + 38), 8, fill=(200, 60, 60) if taken else (90, 170, 100))


def _flag(draw: Draw, random: Random) -> None:
    inks = [
        random.choice(((200, 30, 40), (20, 60, 150), (250, 250, 250), (250, 200, 40), (20, 120, 60))) for _ in range(3)
    ]
    for stripe, ink in enumerate(inks):
        draw.rectangle((stripe * 400, 0, stripe * 400 + 400, 800), fill=ink)
    points = [
        (600 + long * math.sin(turn * math.pi / 5), 400 - long * math.cos(turn * math.pi / 5))
        for turn, long in ((turn, 110 if turn % 2 == 0 else 44) for turn in range(10))
    ]
    draw.polygon(points, fill=random.choice(((30, 30, 30), (250, 250, 250))))


def _icon(draw: Draw, random: Random) -> None:
    draw.rounded_rectangle((40, 40, 984, 984), 200, fill=(50, 110, 220))
    draw.ellipse((252, 252, 772, 772), fill="white")
    turn = random.randrange(12) * math.pi / 6
    draw.line((512, 512, 512 + 220 * math.sin(turn), 512 - 220 * math.cos(turn)), fill=(50, 110, 220), width=50)
    count = random.randrange(1, 40)
    draw.ellipse((760, 20, 1000, 260), fill=(220, 40, 40))
    draw.text((820, 70), str(count), "white", font(120))


def _letter(draw: Draw, random: Random) -> None:
    draw.ellipse((100, 150, 400, 450), fill=(190, 40, 60))
    draw.rectangle((180, 230, 320, 370), fill="white")
    letters = list("COMMONS")
    letters[random.randrange(7)] = random.choice("ABDEFGHKLPRSTUVX")
    draw.text((450, 190), "".join(letters), (40,) * 3, font(190))


def _timetable(draw: Draw, random: Random) -> None:
    draw.rectangle((0, 0, 1400, 110), fill=(250, 200, 0))
    draw.text((40, 20), "Departures", "black", font(64))
    fixed, other = Random(9), random.randrange(14)
    for row in range(14):
        source = random if row == other else fixed
        y = 140 + row * 60
        at, to, track = f"{10 + row // 2}:{fixed.randrange(10, 59)}", fixed.choice(_WORDS), fixed.randrange(1, 20)
        if source is random:
            track = random.randrange(1, 20)
        draw.text((40, y), at, (250, 220, 120), font(40))
        draw.text((260, y), to.capitalize(), "white", font(40))
        draw.text((1240, y), str(track), (250, 220, 120), font(40))


def _results(draw: Draw, random: Random) -> None:
    draw.text((80, 60), "Results, 10 km", (150, 30, 30), font(54))
    fixed = Random(7)
    names = [name(fixed) for _ in range(16)]
    first, second = random.sample(range(16), 2)
    names[first], names[second] = names[second], names[first]
    for row, who in enumerate(names):
        draw.text((80, 170 + row * 55), f"{row + 1}.", "black", font(34))
        draw.text((180, 170 + row * 55), who, "black", font(34))
        draw.text((900, 170 + row * 55), f"{32 + row}:{fixed.randrange(10, 59)}", "black", font(34))


def _letterhead(draw: Draw, random: Random) -> None:
    draw.rectangle((100, 80, 200, 180), fill=(20, 90, 160))
    draw.text((230, 100), "Commons Society · Openhaven", (20, 90, 160), font(38))
    fixed, where = Random(14), random.randrange(2, 22)
    for row in range(26):
        source = random if row == where else fixed
        draw.text((110, 330 + row * 46), _words(source, 8), (30,) * 3, font(26))


def _menu(draw: Draw, random: Random) -> None:
    draw.text((360, 70), "Menu of the day", (90, 50, 20), font(58))
    fixed, other = Random(15), random.randrange(12)
    for row in range(12):
        dish, price = _words(fixed, 3), f"{fixed.randrange(4, 20)}.{fixed.randrange(10, 99)}"
        if row == other:
            price = f"{random.randrange(4, 20)}.{random.randrange(10, 99)}"
        draw.text((120, 210 + row * 90), dish.capitalize(), (70, 50, 30), font(36))
        draw.text((930, 210 + row * 90), price, (70, 50, 30), font(36))


def _plate(draw: Draw, random: Random) -> None:
    draw.rounded_rectangle((100, 200, 1300, 500), 30, fill="white", outline="black", width=10)
    draw.rectangle((110, 212, 200, 488), fill=(20, 60, 160))
    letters = "".join(random.choice("ABCDEFGHKLMNPRSTUVXY") for _ in range(2))
    draw.text((260, 235), f"OH {letters} {random.randrange(100, 999)}", "black", font(200))


def _cards(draw: Draw, random: Random) -> None:
    for card in range(5):
        x, suit = 60 + card * 290, random.randrange(4)
        ink = (190, 20, 30) if suit % 2 else (20, 20, 20)
        draw.rounded_rectangle((x, 120, x + 260, 520), 20, fill="white", outline=(120,) * 3, width=3)
        draw.text((x + 20, 135), random.choice("23456789XBDKA"), ink, font(80))
        shape = [(x + 130, 250), (x + 190, 330), (x + 130, 410), (x + 70, 330)]
        (draw.polygon if suit < 2 else draw.ellipse)(shape if suit < 2 else (x + 70, 260, x + 190, 400), fill=ink)


def _home_screen(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """A phone's first page: one photograph behind equal icons, other counts and another time."""
    page = ImageOps.fit(pictures[2], (1080, 1920))
    draw, fixed, kinds = ImageDraw.Draw(page), Random(2), [ImageOps.fit(one, (150, 150)) for one in heads]
    draw.text((40, 20), f"{random.randrange(10, 24)}:{random.randrange(10, 60)}", "white", font(44))
    other = random.randrange(24)
    for place in range(24):
        x, y = 90 + place % 4 * 250, 260 + place // 4 * 260
        page.paste(fixed.choice(kinds), (x, y))
        if place == other:
            draw.ellipse((x + 115, y - 30, x + 175, y + 30), fill=(220, 40, 40))
            draw.text((x + 130, y - 22), str(random.randrange(1, 10)), "white", font(38))
    return page


def _video_call(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """A call of nine: one of them is another, or talks (a frame around it)."""
    page = Image.new("RGB", (1600, 900), (30, 30, 34))
    draw, fixed = ImageDraw.Draw(page), Random(6)
    other, talks = random.randrange(9), random.randrange(9)
    for place in range(9):
        source = random if place == other else fixed
        x, y = 20 + place % 3 * 525, 20 + place // 3 * 292
        who, label = ImageOps.fit(source.choice((*heads, *pictures)), (510, 276)), name(source)
        page.paste(who, (x, y))
        draw.rectangle((x, y + 246, x + 220, y + 276), fill=(0, 0, 0))
        draw.text((x + 10, y + 249), label, "white", font(22))
        if place == talks:
            draw.rectangle((x, y, x + 509, y + 275), outline=(90, 200, 90), width=6)
    return page


def _thumbnail_of_a_film(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """A series' covers: one room, one guest each, a number in the corner."""
    page = ImageOps.fit(pictures[6], (1280, 720)).point(lambda value: value * 2 // 3)
    page.paste(ImageOps.fit(heads[0], (360, 480)), (820, 180))
    draw = ImageDraw.Draw(page)
    draw.rectangle((40, 40, 260, 150), fill=(220, 40, 60))
    draw.text((60, 50), f"#{random.randrange(1, 200)}", "white", font(80))
    draw.text((50, 540), "The archive podcast", "white", font(64))
    return page


def _contact_sheet(pictures: Pictures, heads: Pictures, random: Random) -> Image.Image:
    """Thirty small pictures on a white page; two have changed places."""
    page, order = Image.new("RGB", (1500, 1250), "white"), list(range(30))
    first, second = random.sample(order, 2)
    order[first], order[second] = order[second], order[first]
    whole = (*pictures, *heads)
    for place, which in enumerate(order):
        one = whole[which % len(whole)]
        piece = one.crop((0, 0, one.width * (30 + which) // 60, one.height * (60 - which) // 60))
        page.paste(ImageOps.fit(piece, (220, 220)), (30 + place % 6 * 245, 20 + place // 6 * 245))
    return page


def _crossword(draw: Draw, random: Random) -> None:
    fixed, shown = Random(3), random.randrange(1 << 30)
    for square in range(15 * 15):
        x, y = 50 + square % 15 * 60, 50 + square // 15 * 60
        dark, letter = fixed.random() < 0.2, fixed.choice("AEINRSTLO")
        draw.rectangle((x, y, x + 60, y + 60), fill="black" if dark else "white", outline="black", width=2)
        if not dark and square % 30 < 30 and shown >> square % 30 & 1:
            draw.text((x + 16, y + 8), letter, (30, 30, 120), font(38))


def _weather(draw: Draw, random: Random) -> None:
    fixed = Random(10)
    for _ in range(9):
        x, y = fixed.randrange(900), fixed.randrange(700)
        draw.polygon([(x + fixed.randrange(400), y + fixed.randrange(300)) for _ in range(6)], fill=(150, 190, 130))
    for _ in range(14):
        x, y = fixed.randrange(60, 1100), fixed.randrange(60, 820)
        draw.ellipse((x, y, x + 90, y + 70), fill=(255, 255, 255))
        draw.text((x + 18, y + 12), f"{random.randrange(-4, 24)}°", (20, 40, 120), font(40))


def _organisation(draw: Draw, random: Random) -> None:
    fixed, other = Random(16), random.randrange(13)
    for box in range(13):
        level = 0 if box == 0 else 1 if box < 4 else 2
        x = (620, 180 + (box - 1) * 440, 30 + (box - 4) * 150)[level]
        wide, y = (160 if level < 2 else 135), 80 + level * 260
        draw.line((x + wide / 2, y, 700, y - 90), fill=(120,) * 3, width=3)
        draw.rectangle((x, y, x + wide, y + 110), fill=(230, 238, 248), outline=(60, 90, 140), width=3)
        who = name(random if box == other else fixed).replace(" ", "\n")
        draw.text((x + 10, y + 20), who, "black", font(24))


_A4 = (1240, 1754)
SHEETS: Mapping[str, Family] = {
    "forms, another name": _sheet(_A4, "white", _form),
    "questionnaires, one answer": _sheet(_A4, "white", _ticks),
    "music, three notes": _sheet(_A4, (252, 250, 244), _music),
    "spreadsheet, one number": _sheet((1500, 1000), "white", _spreadsheet),
    "code, one line": _sheet((1400, 940), (30, 30, 30), _code),
    "library cards": _identity,
    "library card, renewed": _number_alone,
    "square codes": _sheet((1000, 1000), "white", _codes),
    "seat plans": _sheet((1400, 1000), (250, 250, 252), _seats),
    "flags": _sheet((1200, 800), "white", _flag),
    "app icons": _sheet((1024, 1024), (236, 236, 240), _icon),
    "logo, one letter": _sheet((1400, 600), "white", _letter),
    "departures, one track": _sheet((1400, 1000), (20, 22, 30), _timetable),
    "results, two places": _sheet((1240, 1120), "white", _results),
    "letters, one line": _sheet(_A4, "white", _letterhead),
    "menus, one price": _sheet((1200, 1400), (250, 242, 226), _menu),
    "number plates": _sheet((1400, 700), (110, 110, 116), _plate),
    "playing cards": _sheet((1520, 640), (20, 100, 60), _cards),
    "phone's first page": _home_screen,
    "video calls": _video_call,
    "covers of a series": _thumbnail_of_a_film,
    "contact sheets, two changed": _contact_sheet,
    "crosswords": _sheet((1000, 1000), (240, 238, 230), _crossword),
    "weather maps": _sheet((1200, 900), (140, 180, 220), _weather),
    "organisation charts": _sheet((1400, 800), "white", _organisation),
}
"""By name."""
