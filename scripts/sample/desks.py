"""Scenes at the tables and walls of the workshops: notes, posters, badges, a whiteboard, code, books."""

from __future__ import annotations

import math

from PIL import Image

from sample.canvas import Canvas, fade, mix
from sample.props import (
    CLOTHES,
    LAMP,
    NOTES,
    cup_from_above,
    laptop_from_above,
    note,
    standing,
    turned,
)


def _wood(c: Canvas, colour: str) -> None:
    c.sky(mix(colour, "#ffffff", 0.12), colour, mix(colour, "#000000", 0.15))
    c.grain_of(260, 3.2, 0.12)
    c.grain_of(700, 12, 0.09)
    for i in range(1, 6):
        c.rect(0, i * 172 + 8, c.w, 3, fade("#1d0f06", 0.4))
        c.rect(0, i * 172 + 11, c.w, 2, fade("#ffffff", 0.12))


def workshop(c: Canvas) -> Image.Image:
    """A workshop's table from above: notes, laptops, cups."""
    _wood(c, "#b98a5a")
    paper = turned(c.w * 0.5, 500, 760, 560, -4)
    c.shadow(paper, 6, 9, 9, 0.4)
    c.poly(paper, ("#fbf9f3", "#e9e5da"))
    laptop_from_above(c, c.w * 0.14, 300, 330, 14)
    laptop_from_above(c, c.w * 0.87, 710, 340, 188, "#5d6572")
    spots = [(c.w * 0.5 - 300 + (i % 6) * 120, 320.0 + (i // 6) * 122) for i in range(24)]
    spots = [
        (x + c.rng.uniform(-16, 16) + (y - 500) * 0.07, y + c.rng.uniform(-14, 14) - (x - c.w / 2) * 0.07)
        for x, y in spots
    ]
    for a, b in zip(spots, spots[5:], strict=False):
        if c.rng.random() < 0.35:
            c.line([a, b], 4, "#33475f")
    angles = [c.rng.uniform(-14, 10) for _ in spots]
    with c.layer(blur=6, opacity=0.42) as pen:
        for (x, y), turn in zip(spots, angles, strict=True):
            pen.poly(turned(x + 5, y + 8, 96, 96, turn), "#000000")
    for (x, y), turn in zip(spots, angles, strict=True):
        note(c, x, y, 96, turn)
    cup_from_above(c, c.w * 0.3, 860, 62)
    cup_from_above(c, c.w * 0.78, 190, 58, drink="#8a5a2c", art=False)
    for i, (x, y, turn) in enumerate(((0.7, 885, 25), (0.24, 590, -62), (0.62, 95, 8), (0.4, 105, -20))):
        pen_body = turned(c.w * x, y, 190, 13, turn)
        c.shadow(pen_body, 5, 7, 4, 0.5)
        c.poly(pen_body, ("#d6402b", "#2a6fb0", "#2e9a5b", "#22252c")[i])
        c.poly(
            turned(c.w * x + 84 * math.cos(math.radians(turn)), y + 84 * math.sin(math.radians(turn)), 34, 15, turn),
            "#f4f4f0",
        )
    with c.layer(blur=60, opacity=0.3, mode="screen") as light:
        light.poly([(0, 0), (c.w * 0.55, 0), (c.w * 0.1, 1000), (0, 1000)], "#ffe8c0")
    return c.finish(warmth=0.05, vignette=0.28)


def _poster(c: Canvas, i: int, x: float, palette: tuple[str, str, str], word: str) -> None:
    """The poster number `i`: rings, triangles, waves or discs, and a word."""
    a, b, ground = palette
    c.rect(x - 142, 158, 284, 404, "#fbfaf6")
    c.rect(x - 128, 172, 256, 376, ground)
    if i == 0:
        for k in range(6):
            c.ring(x, 330, 100 - k * 17, 10, a if k % 2 else b)
    elif i == 1:
        for k in range(16):
            c.poly(
                [
                    (x - 100 + (k % 4) * 50, 230 + (k // 4) * 50),
                    (x - 50 + (k % 4) * 50, 230 + (k // 4) * 50),
                    (x - 100 + (k % 4) * 50, 280 + (k // 4) * 50),
                ],
                (a, b)[(k + k // 4) % 2],
            )
    elif i == 2:
        for k in range(7):
            c.blob(
                [
                    (x - 110, 250 + k * 32),
                    (x - 40, 225 + k * 32),
                    (x + 30, 262 + k * 32),
                    (x + 110, 236 + k * 32),
                    (x + 110, 250 + k * 32),
                    (x + 30, 276 + k * 32),
                    (x - 40, 240 + k * 32),
                ],
                (a, b)[k % 2],
            )
    else:
        for k in range(5):
            c.oval(
                x + 60 * math.cos(k * 1.256),
                330 + 60 * math.sin(k * 1.256),
                46,
                fill=fade((a, b, ground, "#ffffff", a)[k], 0.9),
            )
    c.text(x, 500, word, 44, b if i != 3 else "#ffffff", bold=2)


def posters(c: Canvas) -> Image.Image:
    """Posters on a wall, and a visitor."""
    c.sky("#d9d4c9", "#e8e3d8", "#cfc8ba", y1=840)
    c.grain_of(5, 5, 0.02)
    c.sky("#8d7257", "#5d4835", y0=840)
    c.rect(0, 826, c.w, 16, "#f2eee6")
    palettes = (
        ("#e4572e", "#17324d", "#f2e8cf"),
        ("#f2b134", "#1f6f78", "#fdf6e3"),
        ("#58b09c", "#3b2e5a", "#f6e7e4"),
        ("#d1495b", "#edae49", "#00798c"),
    )
    words = ("PARTAGER", "SHARE", "RÉPARER", "OUVRIR")
    spots = [c.w * (0.135 + 0.242 * i) for i in range(4)]
    with c.layer(blur=10, opacity=0.4) as pen:
        for x in spots:
            pen.rect(x - 132, 178, 280, 404, "#000000")
    for i, x in enumerate(spots):
        _poster(c, i, x, palettes[i], words[i])
    for x in spots:
        with c.layer(blur=40, opacity=0.33, mode="screen") as pen:
            pen.poly([(x - 30, -40), (x + 30, -40), (x + 210, 640), (x - 210, 640)], "#fff0c8")
    with c.layer(blur=12, opacity=0.5) as pen:
        pen.oval(c.w * 0.62, 942, 120, 16, "#000000")
        pen.oval(c.w * 0.28, 952, 120, 16, "#000000")
    standing(c, c.w * 0.615, 940, 560, c.rng, stride=0.3, back=True)
    standing(c, c.w * 0.28, 955, 590, c.rng, stride=-0.2, back=True)
    return c.finish(warmth=0.04)


def badges(c: Canvas) -> Image.Image:
    """Name badges in rows on a table."""
    c.sky("#35506b", "#41617f", "#2c4258")
    c.grain_of(3, 3, 0.06)
    people = (
        "Maëlle Orban",
        "Tariq Benaïssa",
        "Joke Verlinden",
        "Ofelia Brasseur",
        "Nuno Caldas",
        "Awa Sembène",
        "Lior Hadad",
        "Ingrid Moens",
        "Pavel Novotny",
        "Zoé Delcourt",
        "Kwame Adjei",
        "Éloïse Servais",
        "Bram De Wolf",
        "Noor Haddou",
        "Aino Laakso",
    )
    spots = [
        (
            150 + (i % 5) * c.w * 0.2 + c.rng.uniform(-8, 8),
            205 + (i // 5) * 300 + c.rng.uniform(-8, 8),
            c.rng.uniform(-5, 5),
        )
        for i in range(15)
    ]
    with c.layer(blur=7, opacity=0.5) as pen:
        for x, y, turn in spots:
            pen.poly(turned(x + 8, y + 11, 240, 168, turn), "#000000")
    for i, (x, y, turn) in enumerate(spots):
        colour = ("#e4572e", "#f2b134", "#58b09c")[i % 3]
        for side in (-1, 1):
            c.line(
                [(x + side * 14, y - 84), (x + side * (26 + 10 * (i % 2)), y - 178)],
                13,
                mix(colour, "#000000", 0.15),
                caps=False,
            )
        card = Image.new("RGB", (480, 336), "#fdfcf8")
        face = Canvas(480, 336, f"badge{i}")
        face.sky("#fffefb", "#f1ede3")
        face.rect(0, 0, face.w, 250, colour)
        face.text(face.w / 2, 125, "FORUM DES COMMUNS", 112, "#ffffff", bold=3)
        first, _, last = people[i].partition(" ")
        face.text(face.w / 2, 470, first, 210, "#22252c", bold=6)
        face.text(face.w / 2, 680, last, 130, "#474b55")
        face.text(
            face.w / 2,
            880,
            ("atelier · workshop", "plénière", "bénévole · crew")[i % 3],
            84,
            mix(colour, "#000000", 0.25),
        )
        card = face.image
        c.hang(card, turned(x, y, 240, 168, turn))
        c.rounded(x - 22, y - 92, 44, 17, 6, "#b9bec6")
    with c.layer(blur=70, opacity=0.25, mode="screen") as pen:
        pen.poly([(c.w, 0), (c.w * 0.4, 0), (c.w, 900)], "#fff4da")
    return c.finish(vignette=0.35)


def whiteboard(c: Canvas) -> Image.Image:
    """A whiteboard after a session: a mind map and notes."""
    c.sky("#9aa5a0", "#b6bfb8")
    board = [(80, 70), (c.w - 80, 95), (c.w - 80, 900), (80, 925)]
    c.shadow(board, 10, 16, 16, 0.45)
    c.poly(board, ("#fdfefd", "#e6ebe9"))
    for a, b in zip(board, [*board[1:], board[0]], strict=True):
        c.line([a, b], 16, "#8b9196")
    words = ("soin", "données", "logiciel", "savoirs", "énergie", "quartier", "école", "règles")
    inks = ("#c8322b", "#2357a5", "#1e8449", "#2c2c34")
    mid = (c.w * 0.39, 490)
    for i, word in enumerate(words):
        turn = i * math.tau / 8 + 0.2
        x, y = mid[0] + 420 * math.cos(turn), mid[1] + 290 * math.sin(turn)
        bend = (mid[0] + 210 * math.cos(turn + 0.25), mid[1] + 150 * math.sin(turn + 0.25))
        ink = inks[i % 4]
        path = [
            (
                (1 - t) ** 2 * mid[0] + 2 * t * (1 - t) * bend[0] + t * t * x,
                (1 - t) ** 2 * mid[1] + 2 * t * (1 - t) * bend[1] + t * t * y,
            )
            for t in (k / 14 for k in range(15))
        ]
        c.line(path, 5, ink)
        c.oval(x, y, 96, 46, ink)
        c.oval(x, y, 91, 41, "#fbfcfb")
        c.text(x, y, word, 44, ink, bold=1)
        for k in range(3):
            side = turn - 0.5 + k * 0.5
            c.line(
                [
                    (x + 90 * math.cos(side), y + 48 * math.sin(side)),
                    (x + 150 * math.cos(side), y + 92 * math.sin(side)),
                ],
                4,
                ink,
            )
    c.oval(*mid, 166, 82, "#2c2c34")
    c.oval(*mid, 159, 75, "#fff7cf")
    c.text(*mid, "communs", 62, "#2c2c34", bold=2)
    spots = [(c.w * 0.8 + (i % 3) * 96, 240 + (i // 3) * 112) for i in range(15)]
    with c.layer(blur=5, opacity=0.35) as pen:
        for x, y in spots:
            pen.rect(x - 36, y - 34, 84, 84, "#000000")
    for x, y in spots:
        note(c, x, y, 84, c.rng.uniform(-9, 9))
    c.rect(c.w * 0.3, 914, 420, 20, "#7d8388")
    for i, ink in enumerate(inks):
        c.rounded(c.w * 0.32 + i * 100, 898, 84, 17, 8, ink)
    with c.layer(blur=30, opacity=0.5, mode="screen") as pen:
        pen.poly([(c.w * 0.55, 80), (c.w * 0.68, 80), (c.w * 0.5, 920), (c.w * 0.37, 920)], "#ffffff")
    return c.finish(contrast=0.06)


def laptop(c: Canvas) -> Image.Image:
    """A screen of code at a table by night, the room out of focus."""
    c.sky("#1b1a2a", "#33263a", "#4d3538", "#2a2025")
    c.bokeh(34, ("#ffb45c", "#ff7d5a", "#7fc4e8", "#ffd98f", "#c78bff"), (0, 40, c.w, 520), (18, 58))
    c.sky("#4f3a2c", "#2a1d17", y0=690)
    c.defocus(7)
    screen = [(c.w * 0.27, 190), (c.w * 0.76, 170), (c.w * 0.77, 690), (c.w * 0.28, 700)]
    c.glow(c.w * 0.52, 480, 700, "#4a7fa0", 0.5)
    with c.layer(blur=16, opacity=0.6) as pen:
        pen.poly([(c.w * 0.16, 900), (c.w * 0.86, 880), (c.w * 0.9, 930), (c.w * 0.14, 950)], "#000000")
    c.poly([(x + (14 if x > c.w / 2 else -14), y + (20 if y > 400 else -14)) for x, y in screen], "#15161a")
    page = Canvas(900, 900, "code")
    page.sky("#1a2330", "#141b26")
    inks = ("#7fd1c0", "#f2b134", "#e88aa0", "#cfd8e3", "#88b4f0", "#8f9aa8")
    indent = 0
    for row in range(21):
        indent = max(0, min(4, indent + page.rng.choice((-1, 0, 0, 1))))
        page.text(30, 50 + row * 45, f"{row + 1}", 22, "#4a5866", "lm")
        x = 100.0 + indent * 46
        for _ in range(page.rng.randint(2, 5)):
            long = page.rng.uniform(40, 190)
            page.rounded(x, 40 + row * 45, min(long, 940 - x), 18, 9, page.rng.choice(inks))
            x += long + 22
            if x > 820:
                break
    c.hang(page.image, screen)
    deck = [(c.w * 0.26, 716), (c.w * 0.79, 706), (c.w * 0.87, 880), (c.w * 0.17, 900)]
    c.poly(deck, ("#9aa1ab", "#5c626c"))
    for row in range(4):
        t = 0.12 + row * 0.14
        left = [deck[0][k] + (deck[3][k] - deck[0][k]) * t for k in (0, 1)]
        right = [deck[1][k] + (deck[2][k] - deck[1][k]) * t for k in (0, 1)]
        for key in range(14):
            f, g = 0.06 + key * 0.063, 0.06 + key * 0.063 + 0.05
            y0, y1 = (left[1] + (right[1] - left[1]) * s for s in (f, g))
            x0, x1 = (left[0] + (right[0] - left[0]) * s for s in (f, g))
            c.poly([(x0, y0), (x1, y1), (x1 + 2, y1 + 17), (x0 - 2, y0 + 17)], "#23262d")
    c.poly([(c.w * 0.42, 818), (c.w * 0.63, 815), (c.w * 0.645, 868), (c.w * 0.41, 872)], "#7b818b")
    c.glow(c.w * 0.52, 770, 480, "#5c93b8", 0.35)
    with c.layer(blur=14) as pen:
        pen.rounded(c.w * 0.88, 640, 190, 300, 30, ("#d9c3a0", "#7d6448"))
        pen.oval(c.w * 0.88 + 95, 652, 95, 24, "#5a3520")
    return c.finish(warmth=0.03, vignette=0.45, grain=5)


def microphone(c: Canvas) -> Image.Image:
    """A microphone, and the audience as lights behind it (portrait)."""
    c.sky("#241633", "#4a2350", "#7b3550", "#3b1d33")
    c.bokeh(60, ("#ffb45c", "#ff6f91", "#ffd98f", "#b983ff", LAMP), (0, 80, c.w, 820), (16, 62))
    c.defocus(5)
    x, y = c.w * 0.52, 390
    c.line([(x + 36, 560), (x + 70, 1010)], 30, "#17171d", caps=False)
    c.line([(x + 28, 560), (x + 60, 1010)], 6, "#5c5d6a", caps=False)
    c.poly([(x - 62, 470), (x + 72, 450), (x + 66, 690), (x + 8, 700)], ("#4a4c57", "#15151b"))
    c.poly([(x - 40, 480), (x - 22, 478), (x + 26, 690), (x + 16, 692)], fade("#ffffff", 0.22))
    c.ball(x, y, 118, "#8b8f9c", 0.3)
    for i in range(-8, 9):
        reach = math.sqrt(max(0.0, 118**2 - (i * 14) ** 2))
        c.line([(x - reach, y + i * 14), (x + reach, y + i * 14)], 3, fade("#17181e", 0.65), caps=False)
        c.line([(x + i * 14, y - reach), (x + i * 14, y + reach)], 3, fade("#17181e", 0.65), caps=False)
    c.line([(x - 116, y + 34), (x + 116, y + 20)], 26, "#2c2e38", caps=False)
    c.glow(x - 60, y - 70, 150, "#ffd9a0", 0.8)
    return c.finish(warmth=0.05, vignette=0.4, grain=4)


def library(c: Canvas) -> Image.Image:
    """Shelves of books and a reading lamp (portrait)."""
    c.sky("#4a3020", "#2e1c12")
    for shelf in range(5):
        y = 40 + shelf * 190
        c.rect(0, y, c.w, 158, ("#1e120b", "#38241a"))
        x = c.rng.uniform(0, 10)
        while x < c.w:
            wide, tall = c.rng.uniform(16, 42), c.rng.uniform(104, 148)
            colour = mix(c.rng.choice((*CLOTHES, *NOTES)), "#3a2414", c.rng.uniform(0.2, 0.5))
            lean = c.rng.choice((0, 0, 0, 0, 9))
            c.poly(
                [(x + lean, y + 158 - tall), (x + wide + lean, y + 158 - tall), (x + wide, y + 158), (x, y + 158)],
                (mix(colour, "#ffffff", 0.12), mix(colour, "#000000", 0.25)),
            )
            c.rect(x + 3, y + 176 - tall, wide - 6, 5, "#e3c77f")
            if wide > 26:
                c.rect(x + 6, y + 200 - tall, wide - 12, 26, mix(colour, "#ffffff", 0.5))
            x += wide + 1.5 + lean
        c.rect(0, y + 158, c.w, 32, ("#8f6236", "#553619"))
    c.defocus(1.6)
    c.sky("#7a4d2a", "#4b2c16", y0=880)
    c.glow(c.w * 0.62, 700, 560, "#ffb75e", 0.8)
    c.line([(c.w * 0.62, 890), (c.w * 0.62, 640)], 11, "#b08a3e")
    c.oval(c.w * 0.62, 894, 84, 16, ("#c9a04c", "#6b4d1c"))
    c.poly(
        [(c.w * 0.62 - 62, 540), (c.w * 0.62 + 62, 540), (c.w * 0.62 + 120, 672), (c.w * 0.62 - 120, 672)],
        ("#2e7d5b", "#8fd6a4"),
    )
    c.glow(c.w * 0.62, 690, 170, "#fff0c0", 1)
    for i, cover in enumerate(("#8c2f39", "#d9c9a8", "#2f4a6d")):
        c.rounded(c.w * 0.1 + i * 9, 868 - i * 30, 190 - i * 14, 28, 4, (mix(cover, "#ffffff", 0.15), cover))
    return c.finish(warmth=0.1, vignette=0.42, grain=4)
