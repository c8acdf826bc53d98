"""Corners of the house: a server rack, the welcome banner, a cork board, stairs, empty chairs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sample.canvas import Canvas, fade, mix
from sample.props import crown_of_leaves, ellipse, standing, turned

if TYPE_CHECKING:
    from PIL import Image


def cables(c: Canvas) -> Image.Image:
    """A small server rack at the workshop on hosting together."""
    c.sky("#0d1117", "#151b24", "#0b0e13")
    c.rect(c.w * 0.1, 0, c.w * 0.8, 1000, ("#1d232c", "#12161c"))
    for x in (c.w * 0.1, c.w * 0.875):
        c.rect(x, 0, c.w * 0.025, 1000, ("#3b434e", "#242a32"))
        for k in range(26):
            c.oval(x + c.w * 0.0125, 20 + k * 39, 6, fill="#0a0c10")
    ports = []
    for unit in range(7):
        y = 22 + unit * 140
        c.rounded(c.w * 0.13, y, c.w * 0.74, 124, 6, ("#39424e", "#1f262f"))
        c.rect(c.w * 0.13, y, c.w * 0.74, 3, "#566170")
        c.text(
            c.w * 0.15,
            y + 22,
            ("commun-1", "commun-2", "archive", "miroir", "wiki", "vidéo", "nuage")[unit],
            20,
            "#9fb0c0",
            "lm",
        )
        if unit % 2 == 0:
            for k in range(16):
                x = c.w * 0.25 + k * c.w * 0.036
                c.rounded(x, y + 52, 34, 32, 4, "#07090c")
                ports.append((x + 17, y + 70))
        else:
            for k in range(12):
                c.rounded(c.w * 0.3 + k * c.w * 0.044, y + 16, 54, 92, 4, ("#2b333d", "#171c23"))
                c.rect(c.w * 0.3 + k * c.w * 0.044 + 8, y + 24, 38, 3, "#4f5b69")
        for k in range(14):
            colour = c.rng.choice(("#5dff9b", "#5dff9b", "#ffb347", "#4ab8ff"))
            lx, ly = c.w * 0.15 + (k % 7) * 15, y + 48 + (k // 7) * 24
            c.oval(lx, ly, 4, fill=colour)
            c.glow(lx, ly, 26, colour, 0.8)
    for k in range(20):
        a, b = c.rng.choice(ports), c.rng.choice(ports)
        colour = ("#e4572e", "#f2b134", "#3aa0d8", "#58b09c", "#d9dde2", "#9b5de5")[k % 6]
        sag = c.rng.uniform(60, 190)
        path = [
            (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + sag * 4 * t * (1 - t))
            for t in (i / 20 for i in range(21))
        ]
        c.line([(x + 5, y + 9) for x, y in path], 13, fade("#000000", 0.35))
        c.line(path, 11, colour)
        c.line([(x - 2, y - 3) for x, y in path], 3, fade("#ffffff", 0.3))
        for x, y in (a, b):
            c.rounded(x - 13, y - 12, 26, 26, 4, mix(colour, "#ffffff", 0.3))
    c.glow(c.w * 0.5, 200, 900, "#2a6fb0", 0.35)
    return c.finish(vignette=0.45, grain=5)


def welcome(c: Canvas) -> Image.Image:
    """The banner at the entrance (portrait)."""
    c.sky("#dfe6e4", "#c9d3d0", "#aab6b2", y1=830)
    for k in range(4):
        c.rect(c.w * (0.02 + 0.26 * k), 60, c.w * 0.2, 620, ("#a9cbd9", "#e7efe6"))
        for _ in range(8):
            c.oval(
                c.w * (0.12 + 0.26 * k) + c.rng.uniform(-60, 60), c.rng.uniform(500, 670), 34, 26, fade("#7fa06a", 0.6)
            )
    c.sky("#b8ac98", "#8d806c", y0=830)
    for k in range(3):
        standing(c, c.w * (0.12 + 0.4 * k), 850, 330, c.rng, stride=0.5)
    c.defocus(6)
    left, wide = c.w * 0.2, c.w * 0.54
    with c.layer(blur=16, opacity=0.5) as pen:
        pen.poly([(left, 930), (left + wide, 930), (left + wide + 120, 975), (left + 80, 975)], "#000000")
    c.rect(left, 110, wide, 812, ("#1f6f78", "#143f52"))
    for k in range(7):
        turn = k * math.tau / 7
        c.oval(
            left + wide / 2 + 88 * math.cos(turn),
            300 + 88 * math.sin(turn),
            44,
            fill=fade(("#f2b134", "#e4572e", "#58b09c")[k % 3], 0.88),
        )
    c.oval(left + wide / 2, 300, 46, fill="#fdf6e3")
    for y, words, size, ink in (
        (500, "FORUM DES", 58, "#fdf6e3"),
        (566, "COMMUNS", 66, "#f2b134"),
        (636, "NUMÉRIQUES", 50, "#fdf6e3"),
        (716, "Digital Commons Forum", 29, "#c9e4e0"),
        (775, "Bruxelles · 6 - 8.10.2025", 27, "#c9e4e0"),
    ):
        c.text(left + wide / 2, y, words, size, ink, bold=1.2)
    c.text(left + wide / 2, 860, "BIENVENUE · WELCOME", 25, "#fdf6e3")
    arrow = left + wide * 0.5
    c.line([(arrow - 60, 893), (arrow + 60, 893), (arrow + 44, 882)], 4, "#f2b134")
    c.line([(arrow + 60, 893), (arrow + 44, 904)], 4, "#f2b134")
    c.rounded(left - 16, 916, wide + 32, 28, 8, ("#d5d8dc", "#7d8288"))
    with c.layer(blur=10, opacity=0.2, mode="screen") as pen:
        pen.poly([(left, 110), (left + wide * 0.4, 110), (left + wide * 0.1, 920), (left, 920)], "#ffffff")
    c.line([(c.w * 0.88, 930), (c.w * 0.88, 560)], 10, "#5a4028")
    crown_of_leaves(c, c.w * 0.88, 470, 120, ("#4f8a4a", "#7aa84f", "#3b6b45"), 260)
    c.poly(
        [(c.w * 0.88 - 52, 850), (c.w * 0.88 + 52, 850), (c.w * 0.88 + 38, 950), (c.w * 0.88 - 38, 950)],
        ("#e9e2d6", "#b0a48e"),
    )
    return c.finish(warmth=0.03, vignette=0.25)


def network_map(c: Canvas) -> Image.Image:
    """A cork board with pins and threads between projects."""
    c.sky("#c79a62", "#b5854e")
    c.grain_of(4, 4, 0.16)
    c.grain_of(9, 9, 0.1)
    for bx, by, w, h in ((0.0, 0, c.w, 26), (0.0, 974, c.w, 26), (0.0, 0, 26.0, 1000), (c.w - 26, 0, 26.0, 1000)):
        c.rect(bx, by, w, h, ("#6b4526", "#4a2e17"))
    names = (
        "Semences",
        "Cartes",
        "Wiki",
        "Atelier vélo",
        "Radio",
        "Coop Wi-Fi",
        "Archives",
        "Jardin",
        "Musique",
        "Cuisine",
        "Outils",
        "Langues",
    )
    spots = [
        (c.w * (0.14 + 0.24 * (i % 4)) + c.rng.uniform(-50, 50), 190 + 300 * (i // 4) + c.rng.uniform(-50, 50))
        for i in range(12)
    ]
    cards = [turned(x, y + 50, 210, 150, c.rng.uniform(-9, 9)) for x, y in spots]
    with c.layer(blur=7, opacity=0.5) as pen:
        for card in cards:
            pen.poly([(x + 7, y + 11) for x, y in card], "#000000")
    for i, (card, name) in enumerate(zip(cards, names, strict=True)):
        face = Canvas(420, 300, f"card{i}")
        tone = ("#58b09c", "#e4572e", "#f2b134", "#3b6ea5")[i % 4]
        face.sky("#fffdf6", "#f1ead9")
        face.rect(60, 70, face.w - 120, 560, (mix(tone, "#ffffff", 0.35), mix(tone, "#000000", 0.15)))
        for _ in range(7):
            face.oval(
                face.rng.uniform(150, face.w - 150),
                face.rng.uniform(180, 540),
                face.rng.uniform(40, 110),
                fill=fade(face.rng.choice(("#ffffff", "#17324d", "#f7e8d0")), 0.55),
            )
        face.text(face.w / 2, 800, name, 150, "#2c2a33")
        c.hang(face.image, card)
    links = [
        (a, b)
        for a in range(12)
        for b in range(a + 1, 12)
        if math.dist(spots[a], spots[b]) < 470 and c.rng.random() < 0.62
    ]
    for a, b in links:
        c.line([(spots[a][0] + 4, spots[a][1] + 9), (spots[b][0] + 4, spots[b][1] + 9)], 4, fade("#000000", 0.3))
        c.line([spots[a], spots[b]], 3.4, "#c8232f")
    for i, (x, y) in enumerate(spots):
        c.oval(x + 7, y + 12, 15, fill=fade("#000000", 0.35))
        c.ball(x, y, 16, ("#d6402b", "#2a6fb0", "#2e9a5b", "#f2b134")[i % 4], 0.9)
    return c.finish(warmth=0.04, vignette=0.32)


def stairs(c: Canvas) -> Image.Image:
    """A spiral staircase from above (portrait)."""
    c.sky("#e6dfd2", "#cfc4b0")
    x, y = c.w * 0.5, 500.0
    for level in range(5, -1, -1):
        pass_r = 90 + level * 92
        shade = mix("#2b2a33", "#efe6d6", level / 6)
        c.oval(x, y, pass_r + 92, fill=shade)
        for k in range(36):
            a0, a1 = (k + level * 0.9) * math.tau / 36, (k + 0.86 + level * 0.9) * math.tau / 36
            ring = [
                (x + r * math.cos(a), y + r * math.sin(a))
                for r, a in ((pass_r, a0), (pass_r + 84, a0), (pass_r + 84, a1), (pass_r, a1))
            ]
            light = 0.5 + 0.5 * math.cos(a0 - 3.9)
            c.poly(
                ring,
                mix(
                    mix("#5d4632", "#d9b98a", level / 5.5),
                    "#fff3d6" if light > 0.5 else "#1d1712",
                    abs(light - 0.5) * 0.8,
                ),
            )
        c.ring(x, y, pass_r + 4, 9, mix("#1c1a20", "#5a4a3a", level / 6))
        with c.layer(blur=9, opacity=0.4) as pen:
            pen.ring(x + 6, y + 8, pass_r + 2, 14, (0, 0, 0, 255))
    c.poly(ellipse(x, y, 90, 90, 60), ("#3a4a5c", "#1a2028"))
    c.glow(x, y, 170, "#ffd9a0", 0.7)
    return c.finish(warmth=0.05, vignette=0.4)


def chairs(c: Canvas) -> Image.Image:
    """Rows of empty chairs before the opening."""
    c.sky("#efe9dc", "#ded3bf", y1=520)
    for k in range(5):
        x = c.w * (0.06 + 0.2 * k)
        c.rect(x, 60, c.w * 0.13, 380, ("#fdfbf2", "#d9e8ee"))
        c.rect(x + c.w * 0.062, 60, 8, 380, "#cbbfa8")
        c.glow(x + c.w * 0.065, 240, 330, "#fff6dc", 0.5)
    c.sky("#b3946c", "#8b6a45", "#5d4229", y0=520)
    c.defocus(2)
    with c.layer(blur=10, opacity=0.35, mode="screen") as pen:
        for k in range(5):
            x = c.w * (0.06 + 0.2 * k)
            pen.poly([(x, 560), (x + c.w * 0.13, 560), (x + c.w * 0.26, 1000), (x + c.w * 0.04, 1000)], "#ffeab8")
    for row in range(6):
        t = row / 5
        base, u = 585 + 400 * t**1.35, 0.5 + 1.5 * t**1.2
        count = int(13 - row * 1.2)
        for i in range(count):
            x = c.w / 2 + (i - (count - 1) / 2) * 118 * (0.72 + u * 0.62)
            colour = mix(("#1f6f78", "#d08c3a", "#b5533c")[(i * 7 + row * 3) % 3], "#ffffff", 0.06)
            c.oval(x + 14 * u, base + 6 * u, 54 * u, 9 * u, fade("#1d0f04", 0.4))
            for dx in (-36, 36):
                c.line([(x + dx * u, base - 66 * u), (x + dx * 1.12 * u, base)], 5 * u, "#2b2826", caps=False)
            c.rounded(
                x - 44 * u,
                base - 78 * u,
                88 * u,
                20 * u,
                8 * u,
                (mix(colour, "#ffffff", 0.2), mix(colour, "#000000", 0.3)),
            )
            c.rounded(
                x - 42 * u,
                base - 172 * u,
                84 * u,
                80 * u,
                16 * u,
                (mix(colour, "#ffffff", 0.22), mix(colour, "#000000", 0.2)),
            )
    return c.finish(warmth=0.06, vignette=0.32)
