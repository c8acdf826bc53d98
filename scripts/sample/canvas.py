"""A supersampled canvas with what makes a drawing look like a photograph: soft light, blur, perspective, grain.

Coordinates are units of a thousandth of the picture's height: (0, 0) is the top left, (c.w, 1000) the bottom
right. So one scene can be drawn in any size.
"""

from __future__ import annotations

import functools
import math
import random
import unicodedata
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Point = tuple[float, float]
Colour = str | tuple[int, ...]
Fill = Colour | tuple[Colour, Colour]  # two colours: a gradient from top to bottom

OVERSAMPLING = 1.5
_ACCENTS: dict[str, tuple[tuple[Point, ...], ...]] = {  # strokes in ems around the middle of the accent
    "\u0300": (((-0.1, -0.07), (0.06, 0.05)),),
    "\u0301": (((0.1, -0.07), (-0.06, 0.05)),),
    "\u0302": (((-0.13, 0.05), (0.0, -0.07), (0.13, 0.05)),),
    "\u0308": (((-0.14, 0.0), (-0.055, 0.0)), ((0.055, 0.0), (0.14, 0.0))),
}


def rgb(colour: Colour) -> tuple[int, ...]:
    """A colour as numbers: 3, or 4 with alpha."""
    return ImageColor.getrgb(colour) if isinstance(colour, str) else colour


def mix(first: Colour, second: Colour, share: float) -> tuple[int, ...]:
    """Between two colours: 0 is the first, 1 the second."""
    return tuple(round(a + (b - a) * share) for a, b in zip(rgb(first)[:3], rgb(second)[:3], strict=True))


def fade(colour: Colour, alpha: float) -> tuple[int, ...]:
    """The colour with an alpha of 0 to 1."""
    return (*rgb(colour)[:3], round(255 * max(0.0, min(1.0, alpha))))


def smooth(points: Sequence[Point], steps: int = 10) -> list[Point]:
    """A closed Catmull-Rom curve through the points."""
    p1 = np.array(points, dtype=float)
    p0, p2, p3 = np.roll(p1, 1, 0), np.roll(p1, -1, 0), np.roll(p1, -2, 0)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (p[:, None, :] for p in (p0, p1, p2, p3))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return [(float(x), float(y)) for x, y in curve.reshape(-1, 2)]


@functools.lru_cache(maxsize=64)
def font(pixels: int) -> ImageFont.FreeTypeFont:
    """The typeface that Pillow brings: the same on every machine."""
    face = ImageFont.load_default(max(4, pixels))
    if not isinstance(face, ImageFont.FreeTypeFont):
        raise SystemExit("sample_inbox: this Pillow has no FreeType; install the wheel from the package index")
    return face


@functools.cache
def _disc(power: float) -> Image.Image:
    """A soft disc of 256 pixels: 255 in the middle, 0 at the rim."""
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    value = np.clip(1 - np.hypot(x, y), 0, 1) ** power
    return Image.fromarray((value * 255).astype(np.uint8))


def _shrink(radius: float) -> int:
    """By how much a picture may be scaled down before a blur of `radius` pixels without anybody seeing it."""
    return next(factor for factor, limit in ((1, 2), (2, 5), (4, 12), (8, 40), (16, math.inf)) if radius < limit)


class Pen:
    """Draws on one image. `k` is pixels per unit."""

    def __init__(self, image: Image.Image, k: float) -> None:
        self.image, self.k = image, k
        self._draw = ImageDraw.Draw(image, "RGBA" if image.mode == "RGB" else None)

    def _px(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.k, y * self.k) for x, y in points]

    def poly(self, points: Sequence[Point], fill: Fill) -> None:
        """A filled polygon."""
        if isinstance(fill, tuple) and isinstance(fill[0], (str, tuple)):
            self._graded(points, fill[0], fill[1])
        else:
            self._draw.polygon(self._px(points), fill=fill)

    def _graded(self, points: Sequence[Point], top: Colour, bottom: Colour) -> None:
        px = np.array(self._px(points))
        x0, y0 = (math.floor(v) for v in px.min(0))
        x1, y1 = (math.ceil(v) + 1 for v in px.max(0))
        x0, x1 = max(x0, 0), min(x1, self.image.width)
        if x1 <= x0 or y1 <= y0:
            return
        mask = Image.new("L", (x1 - x0, y1 - y0))
        ImageDraw.Draw(mask).polygon([(x - x0, y - y0) for x, y in px], fill=255)
        strip = np.linspace(rgb(top), rgb(bottom), y1 - y0).round().astype(np.uint8)[:, None, :]
        bands = Image.fromarray(np.broadcast_to(strip, (y1 - y0, x1 - x0, strip.shape[2])).copy())
        if bands.mode == "RGBA":
            mask = ImageChops.multiply(mask, bands.getchannel("A"))
        if self.image.mode == "RGB":
            bands = bands.convert("RGB")
        self.image.paste(bands, (x0, y0), mask)

    def blob(self, points: Sequence[Point], fill: Fill) -> None:
        """A closed smooth curve through the points, filled."""
        self.poly(smooth(points), fill)

    def rect(self, x: float, y: float, w: float, h: float, fill: Fill) -> None:
        """A rectangle by its top left corner."""
        self.poly([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], fill)

    def rounded(self, x: float, y: float, w: float, h: float, radius: float, fill: Fill) -> None:
        """A rectangle with round corners."""
        r = min(radius, w / 2, h / 2)
        corners = [(x + w - r, y + r, -90), (x + w - r, y + h - r, 0), (x + r, y + h - r, 90), (x + r, y + r, 180)]
        points = [
            (cx + r * math.cos(math.radians(a + d)), cy + r * math.sin(math.radians(a + d)))
            for cx, cy, a in corners
            for d in range(0, 91, 15)
        ]
        self.poly(points, fill)

    def oval(self, x: float, y: float, rx: float, ry: float | None = None, fill: Fill = "#000") -> None:
        """An ellipse by its centre."""
        ry = rx if ry is None else ry
        if isinstance(fill, tuple) and isinstance(fill[0], (str, tuple)):
            turn = np.linspace(0, 2 * math.pi, 72, endpoint=False)
            self.poly([(x + rx * math.cos(a), y + ry * math.sin(a)) for a in turn], fill)
        else:
            box = self._px([(x - rx, y - ry), (x + rx, y + ry)])
            self._draw.ellipse([*box[0], *box[1]], fill=fill)

    def ring(self, x: float, y: float, r: float, width: float, fill: Colour) -> None:
        """A circle's outline."""
        box = self._px([(x - r, y - r), (x + r, y + r)])
        self._draw.ellipse([*box[0], *box[1]], outline=fill, width=max(1, round(width * self.k)))

    def line(self, points: Sequence[Point], width: float, fill: Colour, *, caps: bool = True) -> None:
        """A line with round joints and ends."""
        px = self._px(points)
        wide = max(1, round(width * self.k))
        self._draw.line(px, fill=fill, width=wide, joint="curve")
        if caps and wide > 3:
            for x, y in (px[0], px[-1]):
                self._draw.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill=fill)

    def text(
        self, x: float, y: float, words: str, size: float, fill: Colour, anchor: str = "mm", bold: float = 0
    ) -> None:
        """Words of a height of `size` units; `bold` is a stroke's width in units."""
        face, stroke = font(round(size * self.k)), round(bold * self.k)
        plain = "".join(letter for letter in unicodedata.normalize("NFD", words) if not unicodedata.combining(letter))
        self._draw.text((x * self.k, y * self.k), plain, font=face, fill=fill, anchor=anchor, stroke_width=stroke)
        left = x * self.k - (face.getlength(plain) / 2 if anchor[0] == "m" else 0)
        middle = y * self.k + round(size * self.k) * 0.015
        pixels = round(size * self.k)
        for place, letter in enumerate(unicodedata.normalize("NFC", words)):
            for mark in unicodedata.normalize("NFD", letter)[1:]:
                centre = left + face.getlength(plain[:place]) + face.getlength(plain[place]) / 2
                self._accent(mark, (centre, middle - pixels * (0.52 if letter.isupper() else 0.4)), pixels, fill)

    def _accent(self, mark: str, at: Point, pixels: int, fill: Colour) -> None:
        """An accent above a letter: Pillow's own typeface has none."""
        x, y = at
        for path in _ACCENTS[mark]:
            points = [(x + u * pixels, y + v * pixels) for u, v in path]
            self._draw.line(points, fill=fill, width=max(1, round(pixels * 0.085)), joint="curve")

    def ball(self, x: float, y: float, r: float, colour: Colour, shine: float = 0.55) -> None:
        """A lit sphere: light from the top left."""
        side = max(8, round(2 * r * self.k))
        yy, xx = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
        rim = np.hypot(xx, yy)
        light = 1.12 - 0.62 * np.clip(np.hypot(xx + 0.35, yy + 0.4) / 1.5, 0, 1) ** 1.3
        glint = shine * np.exp(-((xx + 0.36) ** 2 + (yy + 0.42) ** 2) / 0.05)
        body = np.array(rgb(colour)[:3])[None, None] * light[..., None] + 255 * glint[..., None]
        mask = np.clip((1 - rim) * side / 2, 0, 1)
        sprite = Image.fromarray(np.clip(body, 0, 255).astype(np.uint8))
        at = (round((x - r) * self.k), round((y - r) * self.k))
        self.image.paste(sprite, at, Image.fromarray((mask * 255).astype(np.uint8)))


class Canvas(Pen):
    """A photograph in the making."""

    def __init__(self, width: int, height: int, seed: str) -> None:
        size = (round(width * OVERSAMPLING), round(height * OVERSAMPLING))
        super().__init__(Image.new("RGB", size), size[1] / 1000)
        self.final = (width, height)
        self.w = 1000 * width / height
        self.rng = random.Random(seed)
        self._noise = np.random.default_rng(zlib.crc32(seed.encode()))

    def _reset(self, image: Image.Image) -> None:
        super().__init__(image, self.k)

    def sky(self, *stops: Colour, y0: float = 0, y1: float = 1000) -> None:
        """Bands of colour from y0 to y1 over the whole width, evenly spaced."""
        values = np.array([rgb(stop)[:3] for stop in stops], dtype=float)
        rows = round((y1 - y0) * self.k)
        at = np.linspace(0, len(stops) - 1, rows)
        strip = np.stack([np.interp(at, np.arange(len(stops)), values[:, i]) for i in range(3)], -1)
        strip += self._noise.uniform(-0.5, 0.5, strip.shape)  # else the bands show
        small = Image.fromarray(np.clip(strip, 0, 255).round().astype(np.uint8)[:, None, :])
        self.image.paste(small.resize((self.image.width, rows)), (0, round(y0 * self.k)))

    @contextmanager
    def layer(self, blur: float = 0, opacity: float = 1, mode: str = "normal") -> Iterator[Pen]:
        """A transparent sheet, blurred by `blur` units and laid on: normal or screen."""
        radius = blur * self.k
        shrink = _shrink(radius)
        width, height = self.image.size
        sheet = Image.new("RGBA", (-(-width // shrink), -(-height // shrink)))
        yield Pen(sheet, self.k / shrink)
        used = sheet.getchannel("A").getbbox()
        if used is None:
            return
        # Only the part that was drawn on is blurred and laid on: most layers are small.
        edge = math.ceil(3 * radius / shrink) + 1
        x0, y0 = max(0, used[0] - edge), max(0, used[1] - edge)
        x1, y1 = min(sheet.width, used[2] + edge), min(sheet.height, used[3] + edge)
        sheet = sheet.crop((x0, y0, x1, y1)).convert("RGBa")  # premultiplied: no dark rims
        if radius:
            sheet = sheet.filter(ImageFilter.GaussianBlur(radius / shrink))
        bands = [band.point(lambda value: round(value * opacity)) for band in sheet.split()]
        size = (min(x1 * shrink, width) - x0 * shrink, min(y1 * shrink, height) - y0 * shrink)
        part = (0, 0, size[0] / shrink, size[1] / shrink)
        light = Image.merge("RGB", bands[:3])
        light = light.resize(size, Image.Resampling.BILINEAR, box=part) if shrink > 1 else light
        box = (x0 * shrink, y0 * shrink, x0 * shrink + size[0], y0 * shrink + size[1])
        ground = self.image.crop(box)
        if mode == "screen":
            self.image.paste(ImageChops.screen(ground, light), box)
            return
        rest = ImageChops.invert(bands[3])
        rest = rest.resize(size, Image.Resampling.BILINEAR, box=part) if shrink > 1 else rest
        ground = ImageChops.multiply(ground, Image.merge("RGB", (rest,) * 3))
        self.image.paste(ImageChops.add(ground, light), box)

    def shadow(
        self, points: Sequence[Point], dx: float = 8, dy: float = 12, blur: float = 12, opacity: float = 0.45
    ) -> None:
        """The soft shadow of a polygon. For many shapes at once, draw them in one `layer`."""
        with self.layer(blur=blur, opacity=opacity) as pen:
            pen.poly([(x + dx, y + dy) for x, y in points], (0, 0, 0, 255))

    def glow(self, x: float, y: float, r: float, colour: Colour, strength: float = 1, power: float = 2) -> None:
        """Light added around a point."""
        side = max(2, round(2 * r * self.k))
        left, top = round((x - r) * self.k), round((y - r) * self.k)
        box = (max(left, 0), max(top, 0), min(left + side, self.image.width), min(top + side, self.image.height))
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        scale = 256 / side
        part = ((box[0] - left) * scale, (box[1] - top) * scale, (box[2] - left) * scale, (box[3] - top) * scale)
        size = (box[2] - box[0], box[3] - box[1])
        disc = _disc(power)
        bands = [
            disc.point(lambda value, full=full: round(min(255, value * strength) * full / 255)) for full in rgb(colour)
        ]
        light = Image.merge("RGB", bands).resize(size, Image.Resampling.BILINEAR, box=part)
        self.image.paste(ImageChops.screen(self.image.crop(box), light), box[:2])

    def defocus(self, blur: float) -> None:
        """Put all that is drawn so far out of focus."""
        radius = blur * self.k
        shrink = _shrink(radius)
        small = self.image.reduce(shrink) if shrink > 1 else self.image
        small = small.filter(ImageFilter.GaussianBlur(radius / shrink))
        self._reset(small.resize(self.image.size, Image.Resampling.BILINEAR) if shrink > 1 else small)

    def grain_of(
        self, across: float, along: float, strength: float, box: tuple[float, float, float, float] | None = None
    ) -> None:
        """Texture: noise with spots of `across` by `along` units, multiplied over a box (x, y, w, h) or all."""
        x, y, w, h = box or (0, 0, self.w, 1000)
        size = (round(w * self.k), round(h * self.k))
        cells = (max(2, round(h / along)), max(2, round(w / across)))
        noise = self._noise.normal(0, strength * 255, cells)
        spots = Image.fromarray(np.clip(255 - np.abs(noise), 0, 255).astype(np.uint8))
        spots = spots.resize(size, Image.Resampling.BICUBIC)
        at = (round(x * self.k), round(y * self.k))
        part = self.image.crop((*at, at[0] + size[0], at[1] + size[1]))
        self.image.paste(ImageChops.multiply(part, Image.merge("RGB", (spots,) * 3)), at)

    def hang(self, picture: Image.Image, quad: Sequence[Point]) -> None:
        """Put a picture into a quadrilateral: top left, top right, bottom right, bottom left."""
        px = np.array(self._px(quad))
        x0, y0 = (math.floor(v) for v in px.min(0))
        x1, y1 = (math.ceil(v) + 1 for v in px.max(0))
        width, height = picture.size
        rows, wanted = [], []
        for (x, y), (u, v) in zip(px - (x0, y0), ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
            rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            wanted += [u, v]
        matrix = tuple(float(v) for v in np.linalg.solve(np.array(rows), np.array(wanted)))
        size = (x1 - x0, y1 - y0)
        warped = picture.convert("RGB").transform(size, Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([(x - x0, y - y0) for x, y in px], fill=255)
        self.image.paste(warped, (x0, y0), mask)

    def bokeh(
        self, count: int, colours: Sequence[Colour], box: tuple[float, float, float, float], radius: Point = (14, 40)
    ) -> None:
        """Lights out of focus, in a box (x, y, w, h)."""
        x, y, w, h = box
        with self.layer(blur=1.2, mode="screen") as pen:
            for _ in range(count):
                cx, cy, r = x + self.rng.random() * w, y + self.rng.random() * h, self.rng.uniform(*radius)
                colour = self.rng.choice(colours)
                pen.oval(cx, cy, r, fill=fade(colour, 0.75))
                pen.oval(cx, cy, r * 0.9, fill=fade(colour, self.rng.uniform(0.3, 0.6)))

    def finish(
        self, *, warmth: float = 0.0, contrast: float = 0.12, vignette: float = 0.3, grain: float = 3.0
    ) -> Image.Image:
        """The photograph: scaled down, with a soft curve, a vignette and film grain."""
        image = self.image.resize(self.final, Image.Resampling.HAMMING)
        image = image.point(_curve(contrast, warmth) + _curve(contrast, 0) + _curve(contrast, -warmth))
        y, x = np.mgrid[-1:1:96j, -1:1:96j]
        shade = 255 * (1 - vignette * np.clip((np.hypot(x, y) - 0.55) / 0.86, 0, 1) ** 1.7)
        mask = Image.fromarray(shade.round().astype(np.uint8)).resize(image.size, Image.Resampling.BICUBIC)
        pixels = np.asarray(ImageChops.multiply(image, Image.merge("RGB", (mask,) * 3))).astype(np.int16)
        tile = self._noise.normal(0, grain, (641, 773)).round().astype(np.int16)
        height, width = pixels.shape[:2]
        noise = np.tile(tile, (-(-height // 641), -(-width // 773)))[:height, :width]
        pixels += noise[..., None]
        return Image.fromarray(np.clip(pixels, 0, 255, out=pixels).astype(np.uint8))


def _curve(contrast: float, warmth: float) -> list[int]:
    """A tone curve: an S around the middle, raised by `warmth` (of the middle tones)."""
    x = np.linspace(0, 1, 256)
    y = x + contrast * (x * x * (3 - 2 * x) - x) * 1.6 + warmth * x * (1 - x)
    return [int(v) for v in np.clip(y * 255, 0, 255).round()]
