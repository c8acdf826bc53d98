"""Scenes of the forum's rooms: the hall, a panel, a talk in the dark, the group, the atrium, empty chairs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sample.canvas import Canvas, fade
from sample.props import (
    from_behind,
    seated,
    slide,
    standing,
)

if TYPE_CHECKING:
    from PIL import Image


def hall(c: Canvas) -> Image.Image:
    """The opening: a full hall, a speaker, a large screen."""
    mid = c.w / 2
    c.sky("#0d1020", "#1a2038", "#2a2b45", "#171827")
    for i in range(12):
        x = c.w * (i + 0.5) / 12
        c.rect(x - 40, 0, 64, 600, ("#191d31", "#2b2f4c"))
    c.rect(0, 560, c.w, 160, ("#4a3a33", "#2a2023"))
    c.rect(0, 560, c.w, 8, "#8a6b50")
    screen = [(mid - 410, 90), (mid + 410, 90), (mid + 410, 500), (mid - 410, 500)]
    c.glow(mid, 300, 900, "#4a78a8", 0.75)
    c.poly([(x + (8 if x > mid else -8), y + (8 if y > 300 else -8)) for x, y in screen], "#07080d")
    c.hang(slide("Les communs numériques", "hall"), screen)
    c.rect(mid + 470, 440, 96, 128, ("#6d4d35", "#3b281d"))
    c.text(mid + 518, 490, "FCN", 34, "#f3dfc0")
    standing(c, mid + 518, 590, 235, c.rng)
    c.rect(mid + 466, 478, 104, 96, ("#7a573c", "#402b1f"))
    c.text(mid + 518, 520, "FCN 2025", 20, "#f3dfc0")
    for side in (-1, 1):
        with c.layer(blur=14, opacity=0.28, mode="screen") as pen:
            top = mid + side * 620
            pen.poly([(top - 10, 0), (top + 10, 0), (mid + 518 + 120, 620), (mid + 518 - 160, 620)], "#ffe9b8")
        c.glow(mid + side * 620, 10, 90, "#fff2cc", 1.0)
    for row in range(4):
        y, u = 640 + row * 112, 1.55 + row * 0.75
        shade = 0.62 - row * 0.03
        count = int(c.w / (46 * u)) + 2
        for i in range(count):
            x = (i + (row % 2) * 0.5) * 46 * u + c.rng.uniform(-5, 5) * u - 30
            if c.rng.random() < 0.92:
                from_behind(c, x, y + 60, u, c.rng, "#0b0d18", shade)
    return c.finish(warmth=0.05, vignette=0.45, grain=4)


def panel(c: Canvas) -> Image.Image:
    """Four people on a stage discuss."""
    c.sky("#7a2f3d", "#a8443f", "#c8643f")
    for i in range(26):
        x = c.w * i / 26
        c.rect(x, 0, c.w / 52, 700, (fade("#000000", 0.05), fade("#000000", 0.22)))
    c.text(c.w / 2, 150, "Forum des communs numériques", 74, "#fff3e0", bold=1.5)
    c.text(c.w / 2, 235, "Digital Commons Forum · 2025", 42, "#ffd9b0")
    c.glow(c.w * 0.28, 380, 520, "#ffcf9a", 0.6)
    c.glow(c.w * 0.74, 380, 520, "#ffcf9a", 0.6)
    c.rect(0, 700, c.w, 300, ("#6b4a36", "#2d1f1a"))
    for i in range(11):
        c.line(
            [(c.w * (i - 0.5) / 10 + (i - 5) * 10, 700), (c.w * (i - 0.5) / 10 + (i - 5) * 110, 1000)],
            2,
            fade("#000000", 0.3),
            caps=False,
        )
    spots = [c.w * f for f in (0.19, 0.39, 0.61, 0.81)]
    with c.layer(blur=14, opacity=0.5) as pen:
        for x in spots:
            pen.oval(x, 838, 110, 20, "#000000")
    for i, x in enumerate(spots):
        seated(c, x, 690, 3.7, c.rng, 1 if i < 2 else -1)
    with c.layer(blur=10, opacity=0.5) as pen:
        pen.oval(c.w / 2, 850, 90, 16, "#000000")
    c.rect(c.w / 2 - 6, 730, 12, 110, "#2b211c")
    c.oval(c.w / 2, 728, 92, 20, ("#e7d7bd", "#a98c68"))
    for dx in (-40, 20, 48):
        c.rounded(c.w / 2 + dx - 10, 680, 20, 46, 4, fade("#dff0f5", 0.6))
    for side in (0.3, 0.72):
        with c.layer(blur=26, opacity=0.2, mode="screen") as pen:
            pen.poly(
                [(c.w * side - 40, 0), (c.w * side + 40, 0), (c.w * side + 300, 860), (c.w * side - 300, 860)],
                "#ffe2b0",
            )
    c.defocus(0.5)
    with c.layer(blur=9) as pen:
        for i in range(5):
            from_behind(pen, c.w * (i + 0.5) / 5 + c.rng.uniform(-60, 60), 1030, 4.2, c.rng, "#1a0e10", 0.75)
    return c.finish(warmth=0.04, vignette=0.4)


def projector(c: Canvas) -> Image.Image:
    """A dark room, a slide, somebody explaining."""
    c.sky("#11131a", "#1c1f2a", "#14151c")
    c.poly([(0, 0), (c.w * 0.14, 130), (c.w * 0.14, 760), (0, 1000)], ("#191b25", "#0c0d12"))
    c.sky("#241e1c", "#0e0b0b", y0=760)
    quad = [(c.w * 0.24, 150), (c.w * 0.9, 120), (c.w * 0.9, 640), (c.w * 0.24, 610)]
    c.glow(c.w * 0.57, 390, 1000, "#7fa8c9", 0.55)
    c.hang(slide("Qui partage quoi ?", "projector", ("#27557d", "#17324d"), "network"), quad)
    c.glow(c.w * 0.57, 800, 760, "#5c7f9c", 0.35)
    with c.layer(blur=34, opacity=0.22, mode="screen") as pen:
        pen.poly([(c.w * 0.5, 1000), (c.w * 0.56, 1000), quad[2], quad[3]], "#cfe4f7")
    standing(c, c.w * 0.17, 920, 620, c.rng, tint="#090a10", wave=True)
    for i in range(6):
        from_behind(
            c, c.w * (0.3 + 0.13 * i) + c.rng.uniform(-20, 20), 1010 - 20 * (i % 2), 3.4, c.rng, "#07080c", 0.86
        )
    return c.finish(vignette=0.4, grain=5)


def group(c: Canvas) -> Image.Image:
    """The group photograph, in front of tall windows."""
    c.sky("#e9e2d2", "#f3ede0", y1=760)
    for i in range(5):
        x = c.w * (0.1 + 0.2 * i)
        c.rounded(x - 105, 60, 210, 690, 100, ("#cfe4ee", "#f2ead2"))
        for k in range(1, 4):
            c.rect(x - 105, 60 + k * 172, 210, 7, "#f8f5ee")
        c.rect(x - 4, 60, 8, 690, "#f8f5ee")
        for _ in range(9):
            c.oval(
                x + c.rng.uniform(-80, 80),
                c.rng.uniform(520, 740),
                46,
                34,
                fade(c.rng.choice(("#c98f3c", "#8f9f58", "#b5653a")), 0.35),
            )
    c.sky("#b08d66", "#7a5c40", y0=760)
    for i in range(14):
        c.line(
            [(c.w * i / 13, 760), (c.w / 2 + (c.w * i / 13 - c.w / 2) * 1.9, 1000)],
            2,
            fade("#3a2413", 0.35),
            caps=False,
        )
    c.defocus(3.2)
    rows = ((0.14, 0.86, 7, 860, 610), (0.2, 0.8, 6, 950, 590))
    for left, right, count, feet, tall in rows:
        spots = [c.w * (left + (right - left) * i / (count - 1)) for i in range(count)]
        with c.layer(blur=12, opacity=0.45) as pen:
            for x in spots:
                pen.oval(x, feet + 4, 90, 16, "#2a1608")
        for i, x in enumerate(spots):
            standing(
                c,
                x + c.rng.uniform(-12, 12),
                feet,
                tall * c.rng.uniform(0.9, 1.03),
                c.rng,
                stride=c.rng.uniform(-0.2, 0.2),
                wave=i in {1, 4} and count == 7,
            )
    with c.layer(blur=60, opacity=0.25, mode="screen") as pen:
        pen.poly([(0, 0), (c.w * 0.5, 0), (c.w * 0.9, 1000), (c.w * 0.2, 1000)], "#fff0cc")
    return c.finish(warmth=0.06, vignette=0.22)


def corridor(c: Canvas, walk: float = 0.0) -> Image.Image:
    """A sunlit atrium that people cross; `walk` moves them, for the frames of a burst."""
    c.sky("#f0e6d2", "#e6d6b8", y1=640)
    horizon = 610.0
    for i in range(7):
        x = c.w * (0.04 + 0.153 * i)
        c.rect(x, 40, 165, 520, ("#bfdcec", "#f7edd0"))
        c.rect(x + 78, 40, 9, 520, "#fbf7ee")
        for k in (170, 340):
            c.rect(x, 40 + k, 165, 8, "#fbf7ee")
        for _ in range(12):
            c.oval(
                x + c.rng.uniform(10, 155),
                c.rng.uniform(420, 556),
                34,
                24,
                fade(c.rng.choice(("#a9b36a", "#cf9b47", "#7e9a68")), 0.5),
            )
        c.rect(x - 34, 0, 32, horizon, ("#d8c6a4", "#b79f78"))
    c.sky("#c9b08a", "#a68862", "#80654a", y0=horizon)
    for i in range(16):
        c.line(
            [(c.w * i / 15, horizon), (c.w / 2 + (c.w * i / 15 - c.w / 2) * 3, 1000)],
            2.4,
            fade("#5a4029", 0.4),
            caps=False,
        )
    for k in range(6):
        y = horizon + 14 * 1.95**k
        c.line([(0, y), (c.w, y)], 2.4, fade("#5a4029", 0.35), caps=False)
    with c.layer(blur=6, opacity=0.34, mode="screen") as pen:
        for i in range(7):
            x = c.w * (0.04 + 0.153 * i)
            pen.poly([(x, horizon + 20), (x + 165, horizon + 20), (x + 460, 1000), (x + 190, 1000)], "#fff0c4")
    crowd = [
        (c.rng.random(), c.rng.uniform(700, 960), c.rng.choice((-1, 1)), c.rng.randrange(1 << 30)) for _ in range(9)
    ]
    for start, feet, way, who in sorted(crowd, key=lambda p: p[1]):
        tall = 170 + (feet - 600) * 1.05
        x = ((start + way * walk * 0.055) % 1.0) * (c.w + 200) - 100
        with c.layer(blur=6, opacity=0.4) as pen:
            pen.poly(
                [
                    (x - 20, feet),
                    (x + 20, feet),
                    (x + 20 + tall * 0.5, feet + tall * 0.28),
                    (x - 8 + tall * 0.45, feet + tall * 0.28),
                ],
                "#3a2410",
            )
        standing(c, x, feet, tall, type(c.rng)(who), stride=math.sin(start * 20 + walk * 1.4))
    return c.finish(warmth=0.07, vignette=0.3)
