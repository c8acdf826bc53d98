"""What stands in the scenes: people, houses, trees, cups, laptops, notes."""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING

from sample.canvas import Canvas, Colour, Pen, Point, fade, mix, rgb

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from PIL import Image

SKIN = ("#f1c9a5", "#e0ac86", "#c68a5f", "#9a633d", "#6f452c", "#f4d3b8")
HAIR = ("#2a1d17", "#4a2f20", "#7a4f2c", "#b98a4e", "#1b1a1d", "#8d8782", "#a3452a", "#d9c9a8")
CLOTHES = (
    "#2f4a6d",
    "#8c2f39",
    "#3f6b52",
    "#d08c3a",
    "#5b4a78",
    "#314048",
    "#c9b79c",
    "#1f6f78",
    "#b5533c",
    "#e3ded2",
    "#7b8794",
)
NOTES = ("#f7d84a", "#f59fb0", "#8fd3e8", "#a9d86e", "#f7b267", "#c9b6f2")
LAMP = "#ffd28a"


def ellipse(x: float, y: float, rx: float, ry: float, count: int = 24) -> list[Point]:
    """The points of an ellipse."""
    return [(x + rx * math.cos(i * math.tau / count), y + ry * math.sin(i * math.tau / count)) for i in range(count)]


def turned(x: float, y: float, w: float, h: float, degrees: float) -> list[Point]:
    """A rectangle around its centre, turned."""
    a = math.radians(degrees)
    corners = ((-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2))
    return [(x + u * math.cos(a) - v * math.sin(a), y + u * math.sin(a) + v * math.cos(a)) for u, v in corners]


def standing(  # noqa: PLR0913 - a person has that many
    pen: Pen,
    x: float,
    feet: float,
    tall: float,
    rng: Random,
    *,
    stride: float = 0.0,
    tint: Colour | None = None,
    wave: bool = False,
    back: bool = False,
) -> None:
    """A person on their feet. `stride`: -1 to 1, the legs of a walk; `tint` darkens towards a colour (0.55)."""
    skin, hair, top = rng.choice(SKIN), rng.choice(HAIR), rng.choice(CLOTHES)
    trousers = rng.choice(("#2b2f3a", "#3d4a63", "#54504a", "#22252b", "#6a5d4d"))
    long_hair, skirt = rng.random() < 0.45, rng.random() < 0.2

    def dye(colour: Colour) -> tuple[int, ...]:
        return rgb(colour)[:3] if tint is None else mix(colour, tint, 0.72)

    u = tall / 100
    hip, shoulder, head = feet - 48 * u, feet - 81 * u, feet - 92.5 * u
    for side in (-1, 1):
        swing = side * stride * 11 * u
        knee = (x + side * 3.6 * u + swing * 0.7, feet - 25 * u)
        foot = (x + side * 4.2 * u + swing, feet - 2 * u - max(0, -side * stride) * 2 * u)
        pen.line([(x + side * 3.6 * u, hip), knee, foot], 6.6 * u, dye(trousers))
        pen.oval(foot[0] + 1.4 * u, foot[1] + 1 * u, 4 * u, 1.9 * u, dye("#1c1a1a"))
    if skirt:
        pen.blob(
            [
                (x - 7 * u, hip - 4 * u),
                (x + 7 * u, hip - 4 * u),
                (x + 10 * u, feet - 27 * u),
                (x - 10 * u, feet - 27 * u),
            ],
            dye(top),
        )
    if long_hair:
        pen.blob(
            [
                (x - 6 * u, head - 3 * u),
                (x + 6 * u, head - 3 * u),
                (x + 7 * u, shoulder + 8 * u),
                (x - 7 * u, shoulder + 8 * u),
            ],
            dye(hair),
        )
    for side in (-1, 1):
        up = wave and side == 1
        elbow = (x + side * 13 * u - stride * side * 3 * u, shoulder + (4 if up else 17) * u)
        hand = (x + side * (17 if up else 11) * u - stride * side * 8 * u, shoulder + (-14 if up else 32) * u)
        pen.line([(x + side * 8.4 * u, shoulder + 4 * u), elbow, hand], 5 * u, dye(mix(top, "#000000", 0.18)))
        pen.oval(*hand, 2.7 * u, fill=dye(skin))
    body = [(-8, 1), (0, -1.5), (8, 1), (10, 6), (8.2, 20), (8.6, 36), (0, 38), (-8.6, 36), (-8.2, 20), (-10, 6)]
    pen.blob(
        [(x + a * u, shoulder + b * u) for a, b in body],
        (dye(mix(top, "#ffffff", 0.12)), dye(mix(top, "#000000", 0.22))),
    )
    pen.line([(x, shoulder + 1 * u), (x, head + 5 * u)], 5 * u, dye(mix(skin, "#000000", 0.15)))
    pen.oval(x, head, 5.6 * u, 7 * u, (dye(mix(skin, "#ffffff", 0.1)), dye(mix(skin, "#000000", 0.14))))
    crown = [
        (-6.3, 1.5),
        (-6.4, -4),
        (-3, -8.4),
        (2.6, -8.6),
        (6.4, -4.4),
        (6.2, 1),
        (4.6, -2.6),
        (0, -4),
        (-4.4, -2.4),
    ]
    pen.blob([(x + a * u, head + b * u) for a, b in crown], dye(hair))
    if back:
        pen.oval(x, head - 1 * u, 6.2 * u, 7.4 * u, (dye(mix(hair, "#ffffff", 0.14)), dye(hair)))
        if long_hair:
            pen.blob(
                [
                    (x - 6 * u, head),
                    (x + 6 * u, head),
                    (x + 6.6 * u, shoulder + 9 * u),
                    (x, shoulder + 11 * u),
                    (x - 6.6 * u, shoulder + 9 * u),
                ],
                (dye(mix(hair, "#ffffff", 0.1)), dye(mix(hair, "#000000", 0.2))),
            )


def from_behind(pen: Pen, x: float, y: float, u: float, rng: Random, tint: Colour, share: float) -> None:
    """Somebody in an audience: head and shoulders from behind, `y` where the shoulders leave the picture."""
    skin, hair, top = (mix(rng.choice(c), tint, share) for c in (SKIN, HAIR, CLOTHES))
    wide = rng.uniform(17, 21)
    lean = rng.uniform(-1.5, 1.5)
    body = [(-wide, 30), (-wide, 8), (-wide * 0.7, 1), (-5, -3), (5, -3), (wide * 0.7, 1), (wide, 8), (wide, 30)]
    pen.blob([(x + a * u, y + (b - 20) * u) for a, b in body], (mix(top, "#ffffff", 0.1), mix(top, "#000000", 0.45)))
    cx, cy = x + lean * u, y - 34 * u
    pen.line([(x, y - 20 * u), (cx, cy + 6 * u)], 9 * u, mix(skin, "#000000", 0.25))
    for side in (-1, 1):
        pen.oval(cx + side * 9.6 * u, cy + 1.5 * u, 2 * u, 3 * u, skin)
    pen.oval(cx, cy, 10 * u, 12.4 * u, (mix(hair, "#ffffff", 0.16), mix(hair, "#000000", 0.25)))
    style = rng.random()
    if style < 0.3:
        fall = [(-10.4, -3), (10.4, -3), (12, 14), (8, 22), (-8, 22), (-12, 14)]
        pen.blob([(cx + a * u, cy + b * u) for a, b in fall], (mix(hair, "#ffffff", 0.12), mix(hair, "#000000", 0.2)))
    elif style < 0.45:
        pen.oval(cx, cy - 11 * u, 5.4 * u, 5 * u, (mix(hair, "#ffffff", 0.16), hair))
    elif style < 0.55:
        pen.oval(cx, cy - 2 * u, 8 * u, 9 * u, mix(hair, skin, 0.5))


def seated(pen: Pen, x: float, seat: float, u: float, rng: Random, side: int = 1) -> None:
    """A person on a chair, three quarters towards `side`."""
    skin, hair, top = rng.choice(SKIN), rng.choice(HAIR), rng.choice(CLOTHES)
    legs = rng.choice(("#2b2f3a", "#3d4a63", "#22252b", "#5a5148"))
    for dx in (-12, 14):
        pen.line([(x + dx * u, seat), (x + dx * 1.2 * u, seat + 40 * u)], 2 * u, "#8a6a45", caps=False)
    pen.rounded(x - 17 * u, seat - 3 * u, 34 * u, 6 * u, 3 * u, "#a87f50")
    pen.rounded(x - side * 17 * u - 2.5 * u, seat - 34 * u, 5 * u, 34 * u, 2 * u, "#9a7447")
    for lag in (5, -2):
        knee = (x + side * (17 + lag) * u, seat - 3 * u)
        pen.line(
            [(x - side * 3 * u, seat - 4 * u), knee, (knee[0] + side * 1.5 * u, seat + 37 * u)],
            8 * u,
            mix(legs, "#000000", 0.2 if lag > 0 else 0),
        )
        pen.oval(knee[0] + side * 5 * u, seat + 38.5 * u, 6 * u, 2.6 * u, "#191718")
    body = [(-9, -36), (0, -39), (9, -36), (11, -28), (9, 0), (-9, 0), (-11, -28)]
    pen.blob([(x + a * u, seat + b * u) for a, b in body], (mix(top, "#ffffff", 0.14), mix(top, "#000000", 0.25)))
    pen.line(
        [(x + side * 5 * u, seat - 31 * u), (x + side * 10 * u, seat - 16 * u), (x + side * 19 * u, seat - 15 * u)],
        5.4 * u,
        mix(top, "#000000", 0.15),
    )
    pen.oval(x + side * 20 * u, seat - 15 * u, 3 * u, fill=skin)
    pen.line([(x, seat - 37 * u), (x, seat - 44 * u)], 6 * u, mix(skin, "#000000", 0.2))
    pen.oval(x, seat - 50 * u, 6.4 * u, 8 * u, (mix(skin, "#ffffff", 0.1), mix(skin, "#000000", 0.12)))
    crown = [(-7.2, 2), (-7.2, -5), (-3, -9.6), (3, -9.6), (7.2, -5), (6.8, 1), (5, -3.4), (0, -4.6), (-5, -3)]
    pen.blob([(x + a * u - side * u, seat + (b - 50) * u) for a, b in crown], hair)


def house(  # noqa: PLR0913 - a house has that many
    c: Canvas, x: float, ground: float, w: float, h: float, *, wall: Colour, lit: float = 0.0, steps: bool = True
) -> list[Point]:
    """A narrow town house with a stepped or pointed gable; returns where its lit windows are."""
    rng, gable = c.rng, w * 0.62
    top = ground - h
    count = 5
    if steps:
        left = [(x + w / 2 * i / count, top - gable * i / count) for i in range(count + 1)]
        outline = [(x, top)]
        for a, b in itertools.pairwise(left):
            outline += [(a[0], b[1]), (b[0], b[1])]
        outline += [(2 * x + w - px, py) for px, py in reversed(outline)]
    else:
        outline = [(x, top), (x + w / 2, top - gable), (x + w, top)]
    c.poly([*outline, (x + w, ground), (x, ground)], (mix(wall, "#ffffff", 0.07), mix(wall, "#000000", 0.25)))
    c.line(outline, w * 0.022, mix(wall, "#ffffff", 0.3), caps=False)
    columns, floors = max(2, round(w / 62)), max(2, round(h / 105))
    pitch, storey = w / columns, (h * 0.78) / floors
    found = []
    places = [(x + pitch * (i + 0.5), top + h * 0.05 + storey * j) for j in range(floors) for i in range(columns)]
    for cx, y in [*places, (x + w / 2, top - gable * 0.38)]:
        on, ww, wh = rng.random() < lit, pitch * 0.46, min(storey * 0.62, gable * 0.5)
        glass: tuple[Colour, Colour] = (
            ("#ffe6ab", "#f0a850") if on else (mix(wall, "#10182c", 0.72), mix(wall, "#2a3850", 0.6))
        )
        c.rect(cx - ww / 2 - 3, y - 3, ww + 6, wh + 6, mix(wall, "#ffffff", 0.42 if lit < 0.1 else 0.2))
        c.rect(cx - ww / 2, y, ww, wh, glass)
        c.rect(cx - 1.2, y, 2.4, wh, mix(wall, "#ffffff", 0.3))
        c.rect(cx - ww / 2, y + wh * 0.4, ww, 2.4, mix(wall, "#ffffff", 0.3))
        if on:
            found.append((cx, y + wh / 2))
    return found


def crown_of_leaves(c: Canvas, x: float, y: float, r: float, colours: Sequence[Colour], count: int = 260) -> None:
    """The crown of a tree: clouds of leaves, darker below."""
    rng = c.rng
    for i in range(count):
        turn, out = rng.random() * math.tau, math.sqrt(rng.random()) * r
        px, py = x + out * math.cos(turn), y + out * 0.85 * math.sin(turn)
        depth = (py - y) / r * 0.5 + 0.5
        colour = mix(mix(rng.choice(colours), "#14201a", 0.55 * depth), "#fff2c0", 0.18 * (1 - depth) * i / count)
        c.oval(px, py, r * rng.uniform(0.06, 0.15), r * rng.uniform(0.05, 0.1), fade(colour, 0.85))


def trunk(c: Canvas, x: float, ground: float, h: float, w: float, colour: Colour = "#4b3a2e") -> None:
    """A tree's trunk with two branches."""
    c.poly(
        [(x - w, ground), (x + w, ground), (x + w * 0.45, ground - h), (x - w * 0.45, ground - h)],
        (mix(colour, "#ffffff", 0.1), mix(colour, "#000000", 0.3)),
    )
    for side in (-1, 1):
        c.line([(x, ground - h * 0.75), (x + side * h * 0.22, ground - h * 1.1)], w * 0.55, colour)


def cup_from_above(
    c: Canvas, x: float, y: float, r: float, *, drink: Colour = "#5a3520", china: Colour = "#f4f0e8", art: bool = True
) -> None:
    """A cup on its saucer, seen from above."""
    with c.layer(blur=r * 0.12, opacity=0.5) as pen:
        pen.oval(x + r * 0.2, y + r * 0.28, r * 1.5, fill="#000000")
    c.oval(x, y, r * 1.5, fill=(mix(china, "#ffffff", 0.5), mix(china, "#000000", 0.14)))
    c.ring(x, y, r * 1.08, r * 0.05, mix(china, "#000000", 0.13))
    c.line([(x + r * 0.8, y - r * 0.35), (x + r * 1.42, y - r * 0.62)], r * 0.26, mix(china, "#000000", 0.08))
    with c.layer(blur=r * 0.07, opacity=0.4) as pen:
        pen.oval(x + r * 0.1, y + r * 0.14, r, fill="#000000")
    c.oval(x, y, r, fill=(mix(china, "#ffffff", 0.7), mix(china, "#000000", 0.08)))
    c.oval(x, y, r * 0.87, fill=(mix(drink, "#000000", 0.35), mix(drink, "#ffffff", 0.12)))
    if art:
        for i, scale in enumerate((0.62, 0.46, 0.3)):
            heart = [(0, 0.9), (-0.95, 0), (-0.55, -0.8), (0, -0.45), (0.55, -0.8), (0.95, 0)]
            c.blob([(x + a * r * scale, y + b * r * scale) for a, b in heart], ("#ecd3ac", "#a8764a", "#f3e2c4")[i])


def note(c: Canvas, x: float, y: float, side: float, degrees: float, words: str = "") -> None:
    """A sticky note with scribbles, or a word."""
    quad, colour = turned(x, y, side, side, degrees), c.rng.choice(NOTES)
    c.poly(quad, (mix(colour, "#ffffff", 0.12), mix(colour, "#000000", 0.1)))
    if words:
        c.text(x, y, words, side * 0.22, "#2c2a33")
        return
    a = math.radians(degrees)
    for row in range(c.rng.randint(2, 4)):
        long = side * c.rng.uniform(0.3, 0.7)
        u0, v = -side * 0.37, -side * 0.25 + row * side * 0.19
        wiggle = [(u0 + long * t / 8, v + c.rng.uniform(-1, 1) * side * 0.022) for t in range(9)]
        c.line(
            [(x + u * math.cos(a) - w * math.sin(a), y + u * math.sin(a) + w * math.cos(a)) for u, w in wiggle],
            side * 0.022,
            "#3a3844",
        )


def laptop_from_above(c: Canvas, x: float, y: float, w: float, degrees: float, body: Colour = "#b9bec6") -> None:
    """An open laptop seen from above: keyboard and the lid's upper edge."""
    a = math.radians(degrees)

    def place(u: float, v: float) -> Point:
        return (x + (u * math.cos(a) - v * math.sin(a)) * w, y + (u * math.sin(a) + v * math.cos(a)) * w)

    deck = [place(*p) for p in ((-0.5, -0.32), (0.5, -0.32), (0.5, 0.36), (-0.5, 0.36))]
    c.shadow(deck, 10, 14, 14, 0.5)
    c.poly(deck, (mix(body, "#ffffff", 0.2), mix(body, "#000000", 0.12)))
    for row in range(5):
        for key in range(13):
            u, v = -0.44 + key * 0.0675, -0.24 + row * 0.068
            c.poly([place(u + du, v + dv) for du, dv in ((0, 0), (0.058, 0), (0.058, 0.056), (0, 0.056))], "#31353d")
    c.poly([place(*p) for p in ((-0.16, 0.14), (0.16, 0.14), (0.16, 0.32), (-0.16, 0.32))], mix(body, "#000000", 0.08))
    c.poly([place(*p) for p in ((-0.5, -0.4), (0.5, -0.4), (0.5, -0.31), (-0.5, -0.31))], ("#20242c", "#4a5260"))
    c.poly(
        [place(*p) for p in ((-0.48, -0.385), (0.48, -0.385), (0.48, -0.345), (-0.48, -0.345))], ("#7fb4d6", "#3c6d93")
    )


def slide(
    title: str, seed: str, colours: tuple[Colour, Colour] = ("#16324f", "#0e1f33"), kind: str = "bars"
) -> Image.Image:
    """A slide of a talk: a title and bars, a curve or a network."""
    c = Canvas(800, 450, seed)
    c.sky(*colours)
    c.rect(70, 200, 90, 12, "#f2b134")
    c.text(70, 130, title, 92, "#ffffff", "lm", 2)
    accents = ("#f2b134", "#58b09c", "#e4572e", "#76b5e8", "#c6d75b")
    if kind == "bars":
        for i in range(9):
            tall = 120 + 420 * (i / 9) ** 1.2 + c.rng.uniform(-40, 60)
            c.rounded(150 + i * 165, 900 - tall, 105, tall, 14, mix(accents[i % 5], "#ffffff", 0.05))
        c.line([(110, 905), (1660, 905)], 6, "#d6dee8")
    elif kind == "curve":
        for j, colour in enumerate(accents[:3]):
            points = [
                (140 + i * 48, 880 - (90 + j * 60) * math.exp(i / (20 - 3 * j)) + 18 * math.sin(i + j))
                for i in range(32)
            ]
            c.line([p for p in points if p[1] > 260], 12, colour)
        c.line([(120, 300), (120, 900), (1660, 900)], 6, "#d6dee8")
    else:
        nodes = [
            (230 + (i % 6) * 262 + c.rng.uniform(-80, 80), 390 + (i // 6) * 220 + c.rng.uniform(-70, 70))
            for i in range(18)
        ]
        for i, a in enumerate(nodes):
            for b in sorted(nodes, key=functools.partial(math.dist, a))[1:4]:
                c.line([a, b], 5, "#8aa4bd")
            c.oval(*a, 18 + 10 * (i % 4), fill=accents[i % 5])
    return c.image
