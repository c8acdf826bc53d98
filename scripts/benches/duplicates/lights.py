"""What a photographer's program does to the light of parts, and what phones put a picture in: changes, to be chained."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
from duplicates.changes import Change
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Array = NDArray[np.floating]


def _levels(image: Image.Image) -> Array:
    return np.asarray(image.convert("RGB"), np.float32) / 255


def _picture(levels: Array) -> Image.Image:
    return Image.fromarray((levels.clip(0, 1) * 255 + 0.5).astype(np.uint8))


def _grey(levels: Array) -> Array:
    return levels @ np.array([0.2126, 0.7152, 0.0722], np.float32)


def clarity(amount: float) -> Change:
    """Local contrast of the middle tones, over a fortieth of the picture."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        levels = _levels(image)
        grey = _grey(levels)
        around = cv2.GaussianBlur(grey, (0, 0), max(image.size) / 40)
        return _picture(levels + (amount * (grey - around) * (1 - (2 * grey - 1) ** 2))[..., None])

    return change


def lifted(up: float, down: float) -> Change:
    """Shadows lifted and highlights drawn down, by so many stops, by how bright it is around each place."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        levels = _levels(image)
        around = cv2.GaussianBlur(_grey(levels), (0, 0), max(image.size) / 60)
        stops = up * np.clip(1 - 2 * around, 0, 1) - down * np.clip(2 * around - 1, 0, 1)
        return _picture(levels * (2**stops)[..., None])

    return change


def graduated(image: Image.Image, _: Random) -> Image.Image:
    """A stop less light towards the top."""
    stops = -np.clip(np.linspace(1, -1, image.height), 0, 1)[:, None, None]
    return _picture(_levels(image) * 2**stops)


def picked_out(image: Image.Image, random: Random) -> Image.Image:
    """Two thirds of a stop more light on one place."""
    y, x = np.mgrid[0 : image.height, 0 : image.width]
    across, down = random.uniform(0.3, 0.7), random.uniform(0.3, 0.7)
    away = np.hypot(x / image.width - across, y / image.height - down) / 0.25
    return _picture(_levels(image) * (2 ** (0.67 * np.exp(-(away**2))))[..., None])


def split_toned(image: Image.Image, _: Random) -> Image.Image:
    """Warm lights and cold shadows."""
    levels = _levels(image)
    grey = _grey(levels)[..., None]
    return _picture(levels + np.array([0.06, 0.02, -0.05]) * grey + np.array([-0.04, 0.0, 0.06]) * (1 - grey))


def matte(image: Image.Image, _: Random) -> Image.Image:
    """No black and no white."""
    return _picture(0.12 + 0.82 * _levels(image))


def vibrance(amount: float) -> Change:
    """Pale colours stronger, strong ones left."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        colours = np.asarray(image.convert("HSV")).copy()
        saturation = colours[..., 1].astype(np.float32) / 255
        colours[..., 1] = ((saturation + amount * saturation * (1 - saturation)).clip(0, 1) * 255).astype(np.uint8)
        return Image.fromarray(colours, "HSV").convert("RGB")

    return change


def skin_and_sky(image: Image.Image, _: Random) -> Image.Image:
    """Orange more colourful, blue darker: hue by hue."""
    colours = np.asarray(image.convert("HSV")).astype(np.float32)
    hue = colours[..., 0]
    colours[..., 1] *= 1 + 0.4 * np.exp(-(((hue - 25) / 18) ** 2))
    colours[..., 2] *= 1 - 0.25 * np.exp(-(((hue - 150) / 22) ** 2))
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8), "HSV").convert("RGB")


def bubble(image: Image.Image, random: Random) -> Image.Image:
    """In a messenger's bubble with round corners, on a phone's screen."""
    width, height, ground = 1170, 2532, random.choice(((17, 27, 33), (239, 234, 226)))
    screen = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(screen)
    draw.text((90, 150), "Ines", tuple(255 - level for level in ground), font_size=44)
    scale = min(0.78 * width / image.width, 0.6 * height / image.height)
    shown = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    mask = Image.new("L", shown.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, shown.width - 1, shown.height - 1), 36, fill=255)
    screen.paste(shown, (width - shown.width - 40, 420), mask)
    draw.rounded_rectangle((40, height - 190, width - 40, height - 90), 50, outline=(120, 120, 120), width=3)
    return screen


def avatar(image: Image.Image, _: Random) -> Image.Image:
    """The middle, in a circle on white."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    mask = Image.new("L", square.size)
    ImageDraw.Draw(mask).ellipse((0, 0, side - 1, side - 1), fill=255)
    return Image.composite(square, Image.new("RGB", square.size, "white"), mask)
