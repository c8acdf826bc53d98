"""Scenes of the city: the square at dusk, the canal, the skyline, a tram."""

from __future__ import annotations

import math

from PIL import Image, ImageOps

from sample.canvas import Canvas, Colour, fade, mix
from sample.props import LAMP, crown_of_leaves, house, standing, trunk

WALLS = ("#b06a4c", "#d8b98a", "#9c5545", "#e0cfa8", "#8a6f5c", "#c98f62", "#a9a08e")


def _reflect(c: Canvas, waterline: float, tint: Colour, share: float, ripple: float = 5) -> None:
    """Mirror what is above the waterline below it, with ripples and the water's colour."""
    row = round(waterline * c.k)
    deep = c.image.height - row
    up = c.image.crop((0, max(0, row - deep), c.image.width, row))
    mirror = ImageOps.flip(up).resize((c.image.width, deep))
    water = Image.blend(mirror, Image.new("RGB", mirror.size, tint), share)
    band = max(2, round(2.2 * c.k))
    for y in range(0, deep, band):
        far = y / deep
        shift = round(
            ripple * c.k * (0.25 + far) * math.sin(y / (7 + 26 * far) / c.k * 1.9 + 3 * math.sin(y / 31 / c.k))
        )
        strip = water.crop((0, y, c.image.width, min(deep, y + band)))
        c.image.paste(strip, (shift, row + y))
        if shift:
            edge = (
                strip.crop((0, 0, abs(shift), strip.height))
                if shift > 0
                else strip.crop((strip.width + shift, 0, strip.width, strip.height))
            )
            c.image.paste(ImageOps.mirror(edge), (0 if shift > 0 else strip.width + shift, row + y))


def square(c: Canvas) -> Image.Image:
    """The square at dusk: gabled houses, lit windows, wet cobbles."""
    c.sky("#16254a", "#3a4a7c", "#8a6a8f", "#e39a72", y1=700)
    for _ in range(7):
        x, y = c.rng.uniform(0, c.w), c.rng.uniform(60, 330)
        with c.layer(blur=22, opacity=0.4) as pen:
            pen.blob([(x - 190, y), (x - 60, y - 18), (x + 90, y - 6), (x + 210, y + 6), (x + 60, y + 20)], "#d98f83")
    lights, x, turn = [], -30.0, 0
    while x < c.w:
        wide = c.rng.uniform(140, 190)
        wall = mix(WALLS[turn % 7], "#2a2746", 0.5)
        lights += house(c, x, 690, wide, c.rng.uniform(270, 360), wall=wall, lit=0.5, steps=turn % 3 != 2)
        c.rect(x + 8, 640, wide - 16, 50, ("#ffd694", "#d98b45") if turn % 2 else ("#3b3046", "#251f30"))
        if turn % 2:
            c.poly(
                [(x + 4, 622), (x + wide - 4, 622), (x + wide + 6, 650), (x - 6, 650)],
                ("#a33d3a", "#2f6b62", "#c9a24a")[turn % 3],
            )
        x, turn = x + wide + 2, turn + 1
    for lx, ly in lights:
        c.glow(lx, ly, 74, "#ffb04e", 0.55)
    _reflect(c, 690, "#2b2a44", 0.52, 3)
    for k in range(22):
        y = 690 + 4 * 1.22**k
        if y < 1000:
            c.line([(0, y), (c.w, y)], 1.6 + k * 0.1, fade("#0e0f1f", 0.34), caps=False)
    for i in range(44):
        c.line(
            [(c.w * i / 43, 692), (c.w / 2 + (c.w * i / 43 - c.w / 2) * 3.4, 1000)],
            1.8,
            fade("#0e0f1f", 0.28),
            caps=False,
        )
    for f in (0.16, 0.5, 0.86):
        c.line([(c.w * f, 760), (c.w * f, 420)], 9, "#15141f")
        c.oval(c.w * f, 402, 20, 26, "#fff1c9")
        c.glow(c.w * f, 402, 260, LAMP, 0.95)
        c.glow(c.w * f, 900, 190, "#c97f3a", 0.6)
    for f, feet, way in (
        (0.27, 800, 0.6),
        (0.31, 806, -0.5),
        (0.62, 850, 0.7),
        (0.72, 770, -0.6),
        (0.42, 760, 0.4),
        (0.92, 905, 0.6),
        (0.08, 900, -0.4),
        (0.12, 908, 0.5),
    ):
        with c.layer(blur=5, opacity=0.5) as pen:
            pen.oval(c.w * f, feet + 26, 34, 26, "#06060f")
        standing(c, c.w * f, feet, 120 + (feet - 700) * 0.85, c.rng, stride=way, tint="#131326")
    return c.finish(warmth=0.05, vignette=0.4, grain=4)


def canal(c: Canvas) -> Image.Image:
    """The canal in the morning: an arched bridge, houses, trees."""
    c.sky("#9cc4de", "#cfe0e4", "#f6e6cb", y1=560)
    x, turn = -20.0, 1
    while x < c.w:
        wide = c.rng.uniform(110, 150)
        house(c, x, 520, wide, c.rng.uniform(180, 260), wall=mix(WALLS[turn % 7], "#f1dcc0", 0.25), steps=turn % 2 == 0)
        x, turn = x + wide, turn + 1
    for f in (0.05, 0.13, 0.8, 0.9, 0.98):
        trunk(c, c.w * f, 540, 130, 9)
        crown_of_leaves(c, c.w * f, 360, 105, ("#7e9a52", "#a8a24a", "#c98f3c", "#5f8050"))
    c.defocus(1.2)
    c.rect(0, 516, c.w, 64, ("#a5937b", "#6e6152"))
    for i in range(60):
        c.rect(c.w * i / 60, 516 + 20 * (i % 3), c.w / 60 - 2, 18, fade("#4a4036", 0.12))
    mid = c.w * 0.47
    arch = [(mid + 300 * math.cos(a), 590 - 150 * math.sin(a)) for a in (k * math.pi / 30 for k in range(31))]
    deck = [(mid - 470, 520), (mid - 220, 412), (mid, 384), (mid + 220, 412), (mid + 470, 520)]
    back = c.image.copy()
    c.poly([*deck, (mid + 470, 590), (mid - 470, 590)], ("#c7ab8a", "#7d6750"))
    hole = Image.new("L", c.image.size)
    type(c).__mro__[1](hole, c.k).poly(arch, 255)
    c.image.paste(Image.blend(back, Image.new("RGB", back.size, "#5f6a66"), 0.25), (0, 0), hole)
    c.line(arch, 15, "#dcc6a4", caps=False)
    for k in range(1, 15):
        a = k * math.pi / 15
        c.line(
            [(mid + 293 * math.cos(a), 590 - 146 * math.sin(a)), (mid + 322 * math.cos(a), 590 - 174 * math.sin(a))],
            3,
            "#8a7358",
            caps=False,
        )
    c.line([(px, py - 40) for px, py in deck], 7, "#3c4a44")
    for k in range(33):
        t = k / 32
        px = mid - 460 + 920 * t
        py = 520 - 136 * math.sin(math.pi * t) ** 0.85
        c.line([(px, py - 38), (px, py)], 3.4, "#3c4a44", caps=False)
    for f, way in ((0.42, 0.6), (0.5, -0.5), (0.55, 0.4)):
        standing(c, c.w * f, 396, 96, c.rng, stride=way)
    _reflect(c, 588, "#54707a", 0.3)
    c.rect(0, 586, c.w, 6, fade("#1e2a2c", 0.6))
    boat = [(c.w * 0.72, 770), (c.w * 0.96, 762), (c.w * 0.93, 826), (c.w * 0.75, 830)]
    with c.layer(blur=9, opacity=0.5) as pen:
        pen.poly([(px + 6, py + 44) for px, py in boat], "#0f1d22")
    c.poly(boat, ("#2f6b62", "#173a38"))
    c.line([boat[0], boat[1]], 9, "#e9dcc0")
    c.rounded(c.w * 0.79, 706, 150, 62, 10, ("#f2ead8", "#b9a98c"))
    for k in range(3):
        c.rounded(c.w * 0.79 + 14 + k * 44, 720, 34, 26, 5, "#4f7686")
    return c.finish(warmth=0.05, vignette=0.25)


def tower_blocks(c: Canvas, ground: float, tone: Colour, tall: tuple[float, float], lit: float) -> None:
    """A row of buildings with windows, up to `tall` units above the ground."""
    x = -20.0
    while x < c.w:
        wide, high = c.rng.uniform(46, 130), c.rng.uniform(*tall)
        c.rect(x, ground - high, wide, high + 4, (mix(tone, "#ffffff", 0.05), mix(tone, "#000000", 0.2)))
        if c.rng.random() < 0.25:
            c.line([(x + wide / 2, ground - high - 46), (x + wide / 2, ground - high)], 3, tone)
        if lit:
            for row in range(int(high // 17) - 1):
                for col in range(int(wide // 13) - 1):
                    if c.rng.random() < lit:
                        c.rect(
                            x + 8 + col * 13,
                            ground - high + 9 + row * 17,
                            6,
                            9,
                            fade(c.rng.choice(("#ffdf9a", "#ffc169", "#fff1cf")), c.rng.uniform(0.5, 1)),
                        )
        x += wide + c.rng.uniform(-2, 12)


def skyline(c: Canvas) -> Image.Image:
    """The city in the evening, from a roof (panorama)."""
    c.sky("#1c1f4a", "#4d3a75", "#b4577a", "#f08a5d", "#ffd08a", y1=760)
    c.sky("#5c3f6e", "#1b1833", y0=760)
    sun = c.w * 0.68
    c.glow(sun, 700, 720, "#ffb45a", 0.9)
    c.oval(sun, 690, 62, fill="#fff1c4")
    for _ in range(16):
        x, y = c.rng.uniform(0, c.w), c.rng.uniform(120, 560)
        with c.layer(blur=10, opacity=0.4) as pen:
            pen.blob(
                [(x - 240, y), (x - 60, y - 12), (x + 120, y - 4), (x + 260, y + 3), (x + 60, y + 12)],
                mix("#ff9a76", "#5d3a78", 1 - y / 600),
            )
    tower_blocks(c, 790, mix("#8f5a7d", "#f0956c", 0.35), (60, 190), 0)
    tower_blocks(c, 840, "#5c3f6e", (60, 230), 0.12)
    spire = c.w * 0.3
    c.poly(
        [
            (spire - 30, 860),
            (spire - 26, 560),
            (spire - 12, 430),
            (spire, 300),
            (spire + 12, 430),
            (spire + 26, 560),
            (spire + 30, 860),
        ],
        "#43305c",
    )
    c.rect(spire - 70, 640, 140, 240, "#43305c")
    tower_blocks(c, 920, "#33284f", (70, 230), 0.2)
    tower_blocks(c, 1010, "#1b1833", (60, 190), 0.28)
    for _ in range(9):
        x, y = c.rng.uniform(c.w * 0.35, c.w * 0.62), c.rng.uniform(240, 420)
        c.line([(x - 16, y - 7), (x, y), (x + 16, y - 8)], 3, "#2b2342")
    return c.finish(warmth=0.05, vignette=0.3)


def tram(c: Canvas) -> Image.Image:
    """A yellow tram in a street of shops."""
    c.sky("#bcd3df", "#e4e8e2", y1=600)
    vanish = (c.w * 0.2, 520.0)
    for i in range(6):
        near, far = c.w * (1.16 - i * 0.15), c.w * (1.0 - i * 0.13)
        wall = mix(WALLS[i], "#ffffff", 0.1)
        top_n, top_f = 40 + i * 62, 80 + i * 62
        c.poly(
            [(near, top_n - 20), (far, top_f), (far, 720 - i * 26), (near, 760 - i * 26)],
            (mix(wall, "#ffffff", 0.12), wall),
        )
        for row in range(4):
            for col in range(2):
                t0, t1 = 0.14 + col * 0.42, 0.42 + col * 0.42
                xs = (near + (far - near) * t0, near + (far - near) * t1)
                y0 = top_n + 40 + row * (600 - i * 80) / 4.4
                c.poly(
                    [(xs[0], y0), (xs[1], y0 + 8), (xs[1], y0 + 78 - i * 9), (xs[0], y0 + 76 - i * 9)],
                    ("#51697a", "#91a9b4"),
                )
        c.poly(
            [(near, 640 - i * 20), (far, 628 - i * 20), (far, 712 - i * 26), (near, 748 - i * 26)],
            ("#b8563f", "#2f6b62", "#3b4a6b")[i % 3],
        )
    x = -40.0
    while x < c.w * 0.2:
        house(c, x, 610, 90, 300 - x, wall=mix(WALLS[int(x) % 7], "#ffffff", 0.15), steps=False)
        x += 92
    c.poly([(0, 600), (c.w * 0.3, 560), (c.w, 690), (c.w, 1000), (0, 1000)], ("#9c9a96", "#6a6866"))
    c.defocus(1.5)
    for dx in (40, 330, 640, 930):
        c.line([(vanish[0] + dx * 0.12, 570), (c.w * 0.1 + dx * 1.2, 1000)], 8, "#4a4a4c", caps=False)
        c.line([(vanish[0] + dx * 0.12 + 1, 570), (c.w * 0.1 + dx * 1.2 + 5, 1000)], 2, "#c9cbd0", caps=False)
    left, right, roof, floor = c.w * 0.27, c.w * 0.52, 300.0, 830.0
    with c.layer(blur=16, opacity=0.6) as pen:
        pen.poly(
            [
                (left - 20, floor - 10),
                (right, floor + 10),
                (c.w * 0.9, 745),
                (c.w * 0.9, 770),
                (right, floor + 46),
                (left - 10, floor + 40),
            ],
            "#000000",
        )
    side = [(right, roof + 6), (c.w * 0.88, 380), (c.w * 0.88, 742), (right, floor - 4)]
    c.poly(side, ("#f6c945", "#c98a1c"))
    c.poly([(right, 620), (c.w * 0.88, 600), (c.w * 0.88, 650), (right, 690)], "#2b4f7c")
    for k in range(6):
        t0, t1 = 0.05 + k * 0.158, 0.17 + k * 0.158
        xs = (right + (c.w * 0.88 - right) * t0, right + (c.w * 0.88 - right) * t1)
        tops = [roof + 74 + 56 * t for t in (t0, t1)]
        lows = [600 - 16 * t for t in (t0, t1)]
        c.poly([(xs[0], tops[0]), (xs[1], tops[1]), (xs[1], lows[1]), (xs[0], lows[0])], ("#8fb3c4", "#3d5866"))
    c.rounded(left, roof, right - left, floor - roof, 46, ("#ffd75c", "#dda02a"))
    c.rounded(left + 26, roof + 92, right - left - 52, 238, 26, ("#a9c9d6", "#3a5361"))
    c.rounded(left + 60, roof + 24, right - left - 120, 50, 10, "#1c2026")
    c.text((left + right) / 2, roof + 49, "8  FORUM", 42, "#ffb347", bold=1)
    c.rect(left + 6, 640, right - left - 12, 52, "#2b4f7c")
    for f in (0.16, 0.84):
        c.oval(left + (right - left) * f, 745, 26, fill="#fff8de")
        c.glow(left + (right - left) * f, 745, 110, "#fff0c0", 0.8)
    c.rounded(left + 26, 790, right - left - 52, 34, 10, "#3c3f45")
    c.line([(left + 190, roof), (left + 150, 210), (left + 240, 170)], 6, "#3a3d44")
    c.line([(0, 186), (c.w, 130)], 3, "#3a3d44", caps=False)
    for f, feet, way in ((0.06, 860, 0.6), (0.13, 900, -0.5), (0.94, 860, 0.3)):
        with c.layer(blur=7, opacity=0.45) as pen:
            pen.oval(c.w * f, feet + 4, 66, 12, "#000000")
        standing(c, c.w * f, feet, 330 + (feet - 860) * 0.8, c.rng, stride=way)
    return c.finish(warmth=0.03, vignette=0.28)
