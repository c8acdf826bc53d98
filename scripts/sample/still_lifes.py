"""Still lifes: coffee, fruit, waffles, a windowsill."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sample.canvas import Canvas, fade, mix
from sample.props import LAMP, crown_of_leaves, cup_from_above, standing, turned

if TYPE_CHECKING:
    from PIL import Image


def coffee(c: Canvas) -> Image.Image:
    """Two cups at the break, the room out of focus."""
    c.sky("#5b4334", "#8a6546", "#b98958", "#6b4a32")
    c.bokeh(40, (LAMP, "#ffb45c", "#fff0c8", "#e88a5a"), (0, 20, c.w, 500), (20, 64))
    for k in range(5):
        standing(c, c.w * (0.1 + 0.2 * k), 760, 560, c.rng, tint="#4a3426")
    c.sky("#a8754a", "#6f4526", "#4a2c18", y0=600)
    c.defocus(10)
    with c.layer(blur=2) as pen:
        for k in range(5):
            pen.rect(0, 660 + k * k * 16, c.w, 2 + k, fade("#2a1608", 0.4))
    for x, y, r, china in ((c.w * 0.68, 560, 118, "#d9e4e6"), (c.w * 0.36, 650, 170, "#f6f1e6")):
        with c.layer(blur=r * 0.12, opacity=0.6) as pen:
            pen.oval(x + r * 0.25, y + r * 1.06, r * 1.6, r * 0.42, "#1d0d04")
        c.oval(x, y + r * 0.95, r * 1.55, r * 0.46, (mix(china, "#ffffff", 0.4), mix(china, "#5a3a20", 0.3)))
        c.oval(x, y + r * 0.9, r * 0.9, r * 0.24, mix(china, "#3a2010", 0.3))
        c.line(
            [
                (x + r * 0.85, y + r * 0.1),
                (x + r * 1.42, y + r * 0.12),
                (x + r * 1.36, y + r * 0.58),
                (x + r * 0.7, y + r * 0.66),
            ],
            r * 0.16,
            mix(china, "#3a2010", 0.14),
        )
        body = [(-1, -0.05), (1, -0.05), (0.94, 0.4), (0.62, 0.9), (0, 1.0), (-0.62, 0.9), (-0.94, 0.4)]
        c.blob([(x + a * r, y + b * r) for a, b in body], (mix(china, "#ffffff", 0.25), mix(china, "#4a2c18", 0.36)))
        with c.layer(blur=r * 0.06, opacity=0.5) as pen:
            pen.blob(
                [
                    (x - r * 0.82, y + r * 0.15),
                    (x - r * 0.66, y + r * 0.12),
                    (x - r * 0.5, y + r * 0.75),
                    (x - r * 0.62, y + r * 0.7),
                ],
                "#ffffff",
            )
        c.oval(x, y, r, r * 0.3, mix(china, "#ffffff", 0.55))
        c.oval(x, y + r * 0.02, r * 0.92, r * 0.255, ("#3a2012", "#7d4f2c"))
        c.oval(x - r * 0.1, y + r * 0.03, r * 0.55, r * 0.14, "#c99a66")
        c.oval(x - r * 0.08, y + r * 0.03, r * 0.36, r * 0.085, "#efdcb8")
        with c.layer(blur=r * 0.09, opacity=0.42, mode="screen") as pen:
            for lean in (-0.3, 0.15):
                wisp = [(x + r * (lean + 0.16 * math.sin(t * 0.9 + lean * 9)), y - r * t * 0.24) for t in range(9)]
                pen.line(wisp, r * 0.13, "#fff6e6")
        if r < 130:
            c.defocus(2.4)
    c.poly(turned(c.w * 0.36, 862, 250, 12, -7), ("#eef0f2", "#8b9096"))
    c.oval(c.w * 0.36 + 132, 845, 36, 13, ("#f4f6f8", "#93989f"))
    for k in range(2):
        c.poly(turned(c.w * 0.14 + k * 36, 850 + k * 30, 120, 58, 14 - k * 26), ("#c98d4e", "#9a6430"))
        c.poly(turned(c.w * 0.14 + k * 36, 850 + k * 30, 98, 40, 14 - k * 26), "#b67a3e")
    return c.finish(warmth=0.08, vignette=0.38, grain=4)


def _bowl(c: Canvas, x: float, y: float, r: float, colour: str) -> None:
    with c.layer(blur=14, opacity=0.5) as pen:
        pen.oval(x + 18, y + 24, r * 1.05, fill="#000000")
    c.oval(x, y, r, fill=(mix(colour, "#ffffff", 0.35), mix(colour, "#000000", 0.2)))
    c.oval(x, y, r * 0.9, fill=(mix(colour, "#000000", 0.4), mix(colour, "#ffffff", 0.08)))


def buffet(c: Canvas) -> Image.Image:
    """The fruit buffet from above."""
    c.sky("#f1ece1", "#e6dfd0")
    for k in range(int(c.w / 50) + 1):
        c.rect(k * 50, 0, 24, 1000, fade("#b9473c", 0.14))
    for k in range(21):
        c.rect(0, k * 50, c.w, 24, fade("#b9473c", 0.14))
    c.grain_of(2.5, 2.5, 0.04)
    fruits = (
        (0.2, 290, 235, "#3f6b73", "orange"),
        (0.56, 250, 205, "#e9dfc9", "grape"),
        (0.86, 330, 225, "#7a4a34", "apple"),
        (0.36, 745, 225, "#d9b25a", "berry"),
        (0.72, 770, 215, "#5a6b4a", "lime"),
    )
    for f, y, r, china, kind in fruits:
        x = c.w * f
        _bowl(c, x, y, r, china)
        size, count = {"orange": (62, 14), "grape": (30, 56), "apple": (64, 13), "berry": (23, 90), "lime": (48, 22)}[
            kind
        ]
        tones = {
            "orange": ("#f28c1e", "#f5a13a", "#e87b16"),
            "grape": ("#5b2a6b", "#7a3b86", "#47205a"),
            "apple": ("#c8322b", "#d9503a", "#a9b83c"),
            "berry": ("#b5222f", "#3b3f7d", "#d1344a"),
            "lime": ("#8fb53a", "#e3cf4a", "#a9c64f"),
        }[kind]
        spots = sorted(
            ((math.sqrt(c.rng.random()) * (r * 0.88 - size), c.rng.random() * math.tau) for _ in range(count)),
            reverse=True,
        )
        for out, turn in spots:
            px, py = x + out * math.cos(turn), y + out * math.sin(turn)
            c.oval(px + size * 0.12, py + size * 0.18, size, fill=fade("#000000", 0.28))
            c.ball(px, py, size * c.rng.uniform(0.92, 1.04), c.rng.choice(tones), 0.7 if kind != "orange" else 0.4)
            if kind == "apple":
                c.line([(px, py - 4), (px + 8, py - 24)], 5, "#4a2f1a")
    for k in range(7):
        x, y, turn = c.w * (0.03 + 0.155 * k), (950 if k % 2 else 560) - 18 * (k % 3), c.rng.uniform(0, 360)
        leaf = [
            (
                math.cos(math.radians(turn)) * a - math.sin(math.radians(turn)) * b,
                math.sin(math.radians(turn)) * a + math.cos(math.radians(turn)) * b,
            )
            for a, b in ((-46, 0), (0, -19), (46, 0), (0, 19))
        ]
        with c.layer(blur=4, opacity=0.4) as pen:
            pen.blob([(x + a + 5, y + b + 8) for a, b in leaf], "#000000")
        c.blob([(x + a, y + b) for a, b in leaf], ("#6fa052", "#3b6b35"))
    with c.layer(blur=60, opacity=0.28, mode="screen") as pen:
        pen.poly([(0, 0), (c.w * 0.6, 0), (c.w * 0.1, 1000), (0, 1000)], "#fff3d0")
    return c.finish(warmth=0.04, vignette=0.25)


def waffles(c: Canvas) -> Image.Image:
    """Waffles and coffee, from above (square)."""
    c.sky("#2f4d55", "#3b5c63", "#27424a")
    c.grain_of(90, 3, 0.14)
    x, y, r = c.w * 0.46, 520, 330
    with c.layer(blur=18, opacity=0.55) as pen:
        pen.oval(x + 22, y + 30, r, fill="#000000")
    c.oval(x, y, r, fill=("#ffffff", "#d9d3c6"))
    c.ring(x, y, r * 0.82, 5, "#c9c2b2")
    for px, py, turn in ((x - 95, y - 70, -12), (x + 85, y + 70, 17)):
        a = math.radians(turn)
        outline = [
            (px + u * math.cos(a) - v * math.sin(a), py + u * math.sin(a) + v * math.cos(a))
            for u, v in ((-150, -100), (0, -112), (150, -100), (160, 0), (150, 100), (0, 112), (-150, 100), (-160, 0))
        ]
        c.shadow(outline, 8, 14, 9, 0.45)
        c.blob(outline, ("#e0a552", "#b87428"))
        for i in range(6):
            for j in range(4):
                u, v = -125 + i * 50, -75 + j * 50
                cx, cy = px + u * math.cos(a) - v * math.sin(a), py + u * math.sin(a) + v * math.cos(a)
                c.poly(turned(cx, cy, 37, 37, turn), ("#8a4f18", "#c98a3c"))
    for _ in range(9):
        way, out = c.rng.random() * math.tau, c.rng.uniform(20, 190)
        c.ball(x + out * math.cos(way), y + out * math.sin(way), 27, c.rng.choice(("#c8232f", "#d9384a")), 0.8)
    for _ in range(170):
        way, out = c.rng.random() * math.tau, math.sqrt(c.rng.random()) * 250
        c.oval(x + out * math.cos(way), y + out * math.sin(way), c.rng.uniform(1.5, 4), fill=fade("#ffffff", 0.75))
    cup_from_above(c, c.w * 0.87, 140, 92)
    for k, side in enumerate((-14, 16)):
        fork = turned(c.w * 0.9 + side * 1.4, 700, 17, 380, 6 - k * 4)
        c.shadow(fork, 7, 10, 6, 0.5)
        c.poly(fork, ("#f1f3f5", "#8e949b"))
    return c.finish(warmth=0.05, vignette=0.35)


def windowsill(c: Canvas) -> Image.Image:
    """Plants and books on a windowsill in the morning (portrait)."""
    c.sky("#cfe3ea", "#f5ecd4", "#f2d9a8", y1=790)
    for _ in range(14):
        crown_of_leaves(c, c.rng.uniform(0, c.w), c.rng.uniform(480, 700), 90, ("#9fb36a", "#c9b35a", "#7fa07a"), 50)
    c.defocus(12)
    for f in (0, 0.48, 0.96):
        c.rect(c.w * f, 0, 26, 770, ("#fbf8f0", "#e3dccb"))
    c.rect(0, 340, c.w, 18, "#f3eee2")
    c.sky("#fbf6ea", "#d9c9aa", "#b59c74", y0=770)
    with c.layer(blur=14, opacity=0.45) as pen:
        for x in (c.w * 0.25, c.w * 0.62):
            pen.poly([(x - 70, 846), (x + 90, 846), (x + 250, 960), (x + 60, 960)], "#6b4a22")
    for i, (x, colour) in enumerate(((c.w * 0.24, "#c9653f"), (c.w * 0.8, "#e3ded2"))):
        for k in range(15):
            turn = -math.pi * (0.08 + 0.84 * k / 14)
            long = c.rng.uniform(170, 290)
            tip = (x + long * math.cos(turn) * 0.72, 690 + long * math.sin(turn) * 1.15)
            side = 24 if i == 0 else 14
            mid = ((x + tip[0]) / 2, (690 + tip[1]) / 2)
            nx, ny = -math.sin(turn) * side, math.cos(turn) * side
            c.blob(
                [(x, 700), (mid[0] + nx, mid[1] + ny), tip, (mid[0] - nx, mid[1] - ny)],
                (mix("#7fb35a", "#fff2b0", c.rng.random() * 0.3), "#2f5f38"),
            )
        c.poly(
            [(x - 78, 690), (x + 78, 690), (x + 58, 852), (x - 58, 852)],
            (mix(colour, "#ffffff", 0.2), mix(colour, "#000000", 0.25)),
        )
        c.rounded(x - 88, 672, 176, 36, 8, (mix(colour, "#ffffff", 0.3), mix(colour, "#000000", 0.08)))
    for k, colour in enumerate(("#2f4a6d", "#d08c3a", "#8c2f39", "#3f6b52")):
        c.rounded(c.w * 0.38 + (k % 2) * 10, 822 - k * 34, 190 - k * 8, 33, 4, (mix(colour, "#ffffff", 0.2), colour))
        c.rect(c.w * 0.38 + 20 + (k % 2) * 10, 834 - k * 34, 84, 7, "#efe0b8")
    c.glow(c.w * 0.9, 60, 900, "#ffe9b0", 0.65)
    return c.finish(warmth=0.07, vignette=0.25)
