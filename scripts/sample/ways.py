"""Scenes on the way and in the evening: a train, a park, rain, a bicycle, a garden."""

from __future__ import annotations

import math

from PIL import Image

from sample.canvas import Canvas, fade, mix
from sample.city import tower_blocks
from sample.props import crown_of_leaves, standing, trunk, turned

AUTUMN = ("#c9682b", "#dd9a35", "#b8452a", "#8f8a3a", "#e2b54b")


def train(c: Canvas) -> Image.Image:
    """Out of a train's window: fields fly by."""
    c.sky("#8fbbe0", "#c9dfe9", "#f3e9cf", y1=560)
    for _ in range(9):
        x, y = c.rng.uniform(100, c.w), c.rng.uniform(130, 330)
        with c.layer(blur=12, opacity=0.75) as pen:
            for k in range(6):
                pen.oval(x + k * 36, y - 18 * math.sin(k), 50, 24, "#ffffff")
    for band, (y, colour) in enumerate(
        ((455, "#7f9f8e"), (500, "#8fae5d"), (560, "#c9b65a"), (625, "#6f9a4a"), (700, "#a8a04b"))
    ):
        hills = [(c.w * k / 12, y + 26 * math.sin(k * 1.1 + band * 2) - 8 * band) for k in range(13)]
        c.poly([*hills, (c.w, 1000), (0, 1000)], (mix(colour, "#ffffff", 0.15), colour))
    for _ in range(16):
        x = c.rng.uniform(0, c.w)
        crown_of_leaves(c, x, c.rng.uniform(470, 520), c.rng.uniform(20, 46), ("#4f7a48", "#6d8a45", "#a8783a"), 50)
    for f in (0.2, 0.62):
        c.line([(c.w * f, 560), (c.w * f, 330)], 6, "#f5f2ea", caps=False)
        for k in range(3):
            a = k * 2.094 + f * 5
            c.line([(c.w * f, 330), (c.w * f + 88 * math.cos(a), 330 + 88 * math.sin(a))], 6, "#ffffff", caps=False)
    near = round(690 * c.k)
    rush = c.image.crop((0, near, c.image.width, c.image.height))
    c.image.paste(rush.resize((24, rush.height)).resize(rush.size, Image.Resampling.BICUBIC), (0, near))
    for _ in range(46):
        y, x = c.rng.uniform(700, 900), c.rng.uniform(-200, c.w)
        c.line(
            [(x, y), (x + c.rng.uniform(160, 520), y)],
            c.rng.uniform(2, 7),
            fade(c.rng.choice(("#e2d27a", "#4f7a3a", "#c9a24a", "#86a04f")), 0.5),
        )
    c.defocus(1.4)
    frame = "#3a4048"
    for x, w, h in ((0.0, c.w, 92), (0.0, 118.0, 1000), (c.w - 84, 84.0, 1000)):
        c.rect(x, 0, w, h, ("#525a64", frame))
    c.sky("#6c737c", "#2e333a", y0=778)
    c.rect(0, 770, c.w, 16, "#8a929b")
    c.line([(118, 92), (c.w - 84, 92), (c.w - 84, 772), (118, 772), (118, 92)], 12, "#23272d")
    table = [(c.w * 0.1, 870), (c.w * 0.93, 850), (c.w, 1000), (0, 1000)]
    c.poly(table, ("#d9c3a0", "#a3855c"))
    c.shadow([(c.w * 0.2, 930), (c.w * 0.36, 930), (c.w * 0.36, 950), (c.w * 0.2, 950)], 10, 10, 14, 0.4)
    c.poly([(c.w * 0.22, 700), (c.w * 0.275, 700), (c.w * 0.266, 940), (c.w * 0.229, 940)], ("#f6f2ea", "#cbbfa9"))
    c.rect(c.w * 0.2235, 770, c.w * 0.048, 80, "#58916b")
    c.rounded(c.w * 0.213, 680, c.w * 0.069, 30, 8, "#3b3230")
    book = [(c.w * 0.56, 900), (c.w * 0.78, 890), (c.w * 0.83, 965), (c.w * 0.58, 980)]
    c.shadow(book, 6, 10, 8, 0.45)
    c.poly(book, ("#fbf7ec", "#e0d7c2"))
    for k in range(6):
        y = 906 + k * 12
        c.line([(c.w * (0.575 + k * 0.003), y), (c.w * (0.665 + k * 0.004), y - 4)], 2, "#8a8478")
        c.line([(c.w * (0.69 + k * 0.004), y - 5), (c.w * (0.77 + k * 0.006), y - 9)], 2, "#8a8478")
    with c.layer(blur=8, opacity=0.16, mode="screen") as pen:
        pen.poly([(c.w * 0.5, 92), (c.w * 0.66, 92), (c.w * 0.44, 772), (c.w * 0.28, 772)], "#ffffff")
    return c.finish(warmth=0.03, vignette=0.35)


def park(c: Canvas) -> Image.Image:
    """A path in an autumn park, participants walking."""
    c.sky("#dfe7e6", "#f6e9c6", "#f0c98a", y1=640)
    for k in range(16):
        x = c.w * (k + 0.5) / 16
        crown_of_leaves(
            c, x, c.rng.uniform(330, 430), c.rng.uniform(90, 130), [mix(a, "#f3dcae", 0.45) for a in AUTUMN], 130
        )
        c.line([(x, 440), (x, 600)], 9, "#9a7f66", caps=False)
    c.defocus(5)
    c.sky("#9c9a4a", "#7d7a35", "#57571f", y0=590)
    c.blob(
        [
            (c.w * 0.5 - 30, 590),
            (c.w * 0.5 + 40, 590),
            (c.w * 0.62, 720),
            (c.w * 0.86, 1060),
            (c.w * 0.1, 1060),
            (c.w * 0.4, 720),
        ],
        ("#dcc79c", "#b59a6c"),
    )
    for side in (-1, 1):
        for k in range(4):
            x, r = c.w * 0.5 + side * (150 + k * 190), 110 + k * 62
            ground = 620 + k * 78
            trunk(c, x, ground, 190 + k * 70, 9 + k * 5)
            crown_of_leaves(c, x, ground - 250 - k * 96, r, AUTUMN, 240)
    for _ in range(520):
        y = 600 + 400 * c.rng.random() ** 0.8
        size = 2 + (y - 600) / 60
        x = c.rng.uniform(0, c.w)
        c.poly(turned(x, y, size * 2.2, size, c.rng.uniform(0, 180)), fade(c.rng.choice(AUTUMN), 0.9))
    with c.layer(blur=30, opacity=0.26, mode="screen") as pen:
        for k in range(6):
            pen.poly(
                [
                    (c.w * 0.1 + k * 170, -20),
                    (c.w * 0.14 + k * 170, -20),
                    (c.w * 0.42 + k * 200, 900),
                    (c.w * 0.3 + k * 200, 900),
                ],
                "#ffe2a0",
            )
    for f, feet, way in ((0.46, 745, 0.5), (0.53, 750, -0.6), (0.58, 820, 0.6), (0.4, 900, -0.5), (0.49, 915, 0.5)):
        tall = 90 + (feet - 640) * 0.98
        with c.layer(blur=7, opacity=0.45) as pen:
            pen.oval(c.w * f + tall * 0.2, feet + 4, tall * 0.3, tall * 0.04, "#2a1c06")
        standing(c, c.w * f, feet, tall, c.rng, stride=way)
    return c.finish(warmth=0.07, vignette=0.3)


def rain(c: Canvas) -> Image.Image:
    """City lights through a wet window (portrait)."""
    c.sky("#10162a", "#232a4a", "#3d3350", "#1a1626")
    c.bokeh(60, ("#ff9d4d", "#ffcf70", "#ff5d5d", "#6fb7ff", "#7df0c0", "#ffe9b0"), (0, 330, c.w, 520), (16, 56))
    tower_blocks(c, 1000, "#141526", (160, 380), 0.3)
    c.defocus(9)
    for _ in range(210):
        x, y, r = c.rng.uniform(0, c.w), c.rng.uniform(0, 1000), c.rng.choice((3, 4, 5, 7, 9, 12))
        c.oval(x, y, r, r * 1.15, fade("#0a0d18", 0.45))
        c.oval(x, y + r * 0.2, r * 0.8, r * 0.9, fade("#8fa4c8", 0.35))
        c.oval(x - r * 0.28, y + r * 0.5, r * 0.3, r * 0.22, fade("#ffd9a0", 0.85))
        c.oval(x + r * 0.3, y - r * 0.4, r * 0.2, r * 0.2, fade("#ffffff", 0.8))
        if r > 8:
            c.line([(x, y - r), (x + c.rng.uniform(-6, 6), y - c.rng.uniform(60, 210))], r * 0.7, fade("#b9c8e8", 0.14))
    return c.finish(vignette=0.4, grain=5)


def bicycle(c: Canvas) -> Image.Image:
    """A bicycle against a brick wall."""
    c.sky("#9c5a44", "#b06a4e", "#8a4c3a", y1=800)
    for row in range(27):
        for k in range(int(c.w / 74) + 2):
            x = k * 74 - (row % 2) * 37
            c.rect(
                x,
                row * 30,
                70,
                26,
                mix(c.rng.choice(("#a8604a", "#b8715a", "#945040", "#c27e62")), "#8d4a38", c.rng.random() * 0.6),
            )
    c.grain_of(5, 4, 0.09, (0, 0, c.w, 800))
    c.sky("#a39c92", "#7d766c", y0=800)
    for i in range(9):
        c.line(
            [(c.w * i / 8, 800), (c.w / 2 + (c.w * i / 8 - c.w / 2) * 1.7, 1000)], 3, fade("#3a352f", 0.5), caps=False
        )
    c.rounded(c.w * 0.7, 90, 330, 400, 6, "#e9e2d0")
    c.rounded(c.w * 0.7 + 14, 104, 302, 372, 4, ("#5f8ea6", "#2f5468"))
    c.rect(c.w * 0.7 + 160, 104, 10, 372, "#e9e2d0")
    c.rect(c.w * 0.7 + 14, 280, 302, 10, "#e9e2d0")
    for k in range(9):
        crown_of_leaves(c, c.w * 0.7 + 30 + k * 36, 500, 34, ("#4f8a4a", "#7aa84f", "#d1495b", "#f2b134"), 50)
    c.rect(c.w * 0.7 - 10, 516, 352, 44, ("#8a6242", "#5a3d28"))
    _bicycle_itself(c)
    with c.layer(blur=50, opacity=0.3, mode="screen") as pen:
        pen.poly([(0, 0), (c.w * 0.5, 0), (c.w * 0.2, 1000), (0, 1000)], "#ffdca8")
    return c.finish(warmth=0.06, vignette=0.3)


def _bicycle_itself(c: Canvas) -> None:
    back, front, hub = (c.w * 0.25, 740.0), (c.w * 0.57, 740.0), (c.w * 0.385, 748.0)
    saddle, head = (c.w * 0.335, 500.0), (c.w * 0.52, 490.0)
    with c.layer(blur=8, opacity=0.35) as pen:
        for hx, hy in (back, front):
            pen.ring(hx + 26, hy - 8, 164, 16, (0, 0, 0, 255))
        pen.line([(hx + 26, hy) for hx, hy in (back, hub, head, saddle, hub)], 16, "#000000")
    with c.layer(blur=7, opacity=0.55) as pen:
        pen.oval(c.w * 0.41, 908, 460, 12, "#000000")
    for x, y in (back, front):
        c.ring(x, y, 168, 15, "#1e1c1c")
        c.ring(x, y, 152, 5, "#c9ccd1")
        for k in range(18):
            a = k * math.tau / 18
            c.line([(x, y), (x + 150 * math.cos(a), y + 150 * math.sin(a))], 1.4, fade("#dfe2e6", 0.8), caps=False)
        c.oval(x, y, 13, fill="#8a8d93")
    for path in ([back, hub, head, saddle, hub], [saddle, back], [(c.w * 0.515, 460), head, front]):
        c.line(path, 15, "#1f6f78")
        c.line([(x - 3, y - 3) for x, y in path], 4, fade("#ffffff", 0.3))
    c.line([saddle, (c.w * 0.328, 462)], 9, "#b9bec6")
    c.blob([(c.w * 0.29, 450), (c.w * 0.33, 438), (c.w * 0.365, 452), (c.w * 0.33, 470)], ("#7a4a2a", "#3d2314"))
    c.line([(c.w * 0.515, 462), (c.w * 0.51, 420), (c.w * 0.475, 405)], 11, "#b9bec6")
    c.line([(c.w * 0.475, 405), (c.w * 0.45, 412)], 17, "#7a4a2a")
    c.oval(*hub, 38, fill="#4a4d54")
    c.oval(*hub, 26, fill="#b9bec6")
    c.line([hub, (hub[0] + 40, hub[1] + 70)], 9, "#777b82")
    c.rounded(hub[0] + 18, hub[1] + 66, 54, 14, 5, "#22252c")
    c.line([head, (c.w * 0.56, 520)], 9, "#5c6068")
    basket = [(c.w * 0.522, 420), (c.w * 0.625, 420), (c.w * 0.61, 545), (c.w * 0.537, 545)]
    c.poly(basket, ("#c99f63", "#8a6434"))
    for k in range(6):
        c.line(
            [(c.w * (0.525 + k * 0.002), 432 + k * 20), (c.w * (0.622 - k * 0.002), 432 + k * 20)],
            3,
            "#6b4a22",
            caps=False,
        )
    for k, colour in enumerate(("#f2b134", "#d1495b", "#f7e8d0", "#e4572e")):
        crown_of_leaves(c, c.w * 0.537 + k * 36, 405, 22, (colour, "#5f8a4a"), 40)


def garden_party(c: Canvas) -> Image.Image:
    """The last evening: strings of lights in a garden."""
    c.sky("#0e1730", "#1f2b4d", "#3d3a5c", "#5f4a5c", y1=620)
    for _ in range(60):
        c.oval(c.rng.uniform(0, c.w), c.rng.uniform(0, 300), c.rng.uniform(0.8, 1.8), fill="#dfe6ff")
    for k in range(12):
        crown_of_leaves(
            c,
            c.w * (k + 0.3) / 11.5,
            c.rng.uniform(420, 520),
            c.rng.uniform(90, 140),
            ("#16241f", "#22352b", "#1b2a30"),
            110,
        )
    c.sky("#2b3a2b", "#1a241c", "#0d120e", y0=600)
    c.glow(c.w * 0.5, 640, 900, "#8a5a2c", 0.6)
    c.defocus(3)
    bulbs = []
    for row in range(5):
        y0, sag = 60 + row * 62, 120 + row * 22
        count = 17 - row
        wire = [
            (c.w * (k / (count - 1)) * 1.1 - c.w * 0.05, y0 + sag * (1 - (2 * k / (count - 1) - 1) ** 2) + row * 14)
            for k in range(count)
        ]
        c.line(wire, 2, "#0a0a10", caps=False)
        bulbs += [(x, y + 10, 9 + row * 1.3) for x, y in wire]
    for x, y, r in bulbs:
        c.glow(x, y, r * 8, "#ffb35a", 0.7)
        c.oval(x, y, r, r * 1.15, "#fff0c8")
    table = [(c.w * 0.34, 760), (c.w * 0.72, 752), (c.w * 0.76, 806), (c.w * 0.32, 816)]
    for f, feet, way in (
        (0.1, 860, 0.2),
        (0.18, 850, -0.2),
        (0.27, 830, 0.2),
        (0.82, 850, -0.2),
        (0.9, 866, 0.3),
        (0.4, 760, 0.0),
        (0.5, 748, 0.1),
        (0.6, 756, 0.0),
        (0.68, 750, -0.1),
    ):
        with c.layer(blur=9, opacity=0.5) as pen:
            pen.oval(c.w * f, feet + 5, 80, 12, "#000000")
        standing(c, c.w * f, feet, 400 - (880 - feet) * 0.5, c.rng, stride=way, wave=f in {0.27, 0.6})
    c.poly(table, ("#e9dcc6", "#a8906c"))
    c.poly([table[3], table[2], (c.w * 0.755, 900), (c.w * 0.33, 915)], ("#b59c78", "#5d4a34"))
    for k in range(9):
        x = c.w * (0.36 + k * 0.043)
        c.rounded(x, 728 + (k % 3) * 8, 20, 46, 5, (fade("#ffe2a0", 0.9), fade("#c97f2a", 0.9)))
        if k % 3 == 0:
            c.glow(x + 10, 735, 90, "#ffcf80", 0.9)
    for x, y, r in bulbs[::5]:
        c.glow(x, y, r * 16, "#ffb35a", 0.35)
    return c.finish(warmth=0.08, vignette=0.42, grain=5)
