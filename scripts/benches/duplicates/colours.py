"""What is done to a picture's colours, perspective and lens: changes, to be chained with the others."""

from __future__ import annotations

import colorsys
from random import Random

import cv2
import numpy as np
from duplicates.changes import Change
from PIL import Image, ImageEnhance


def keystone(share: float) -> Change:
    """Falling lines made upright, as a projection does it: one side pulled apart by this share, then cut."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        width, height = image.size
        inset = share * width / 2
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        pulled = corners + np.array([(inset, 0), (-inset, 0), (0, 0), (0, 0)], np.float32)
        if random.random() < 0.5:
            pulled = pulled[[3, 2, 1, 0]] * (1, -1) + (0, height)
        matrix = cv2.getPerspectiveTransform(pulled.astype(np.float32), corners)
        return Image.fromarray(cv2.warpPerspective(np.asarray(image), matrix, image.size, flags=cv2.INTER_CUBIC))

    return change


def lens(strength: float) -> Change:
    """A lens's barrel (below 0: pincushion) corrected by so much of the half diagonal in the corners, then cut."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        pixels = np.asarray(image)
        height, width = pixels.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        x, y = x - (width - 1) / 2, y - (height - 1) / 2
        far = (x * x + y * y) / (width * width + height * height) * 4
        by = (1 + strength * (far - 1)) if strength > 0 else (1 + strength * far)
        onto = x * by + (width - 1) / 2, y * by + (height - 1) / 2
        return Image.fromarray(cv2.remap(pixels, *onto, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))

    return change


def hue(degrees: float) -> Change:
    """All hues turned."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        hues, *rest = image.convert("HSV").split()
        turned = hues.point([(level + round(degrees / 360 * 256)) % 256 for level in range(256)])
        return Image.merge("HSV", (turned, *rest)).convert("RGB")

    return change


def colourful(times: float) -> Change:
    """So many times as colourful."""
    return lambda image, _: ImageEnhance.Color(image).enhance(times)


def filtered(red: float, green: float, blue: float) -> Change:
    """Black and white, as through a coloured filter."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        grey = (np.asarray(image, np.float32) @ np.array([red, green, blue], np.float32)).clip(0, 255)
        return Image.fromarray(grey.round().astype(np.uint8)).convert("RGB")

    return change


def stops(more: float, warm: float = 0.0) -> Change:
    """So many stops more light, clipped (IEC 61966-2-1's curve, by its power of 2.2), and warmer."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        light = (np.asarray(image, np.float32) / 255) ** 2.2
        light *= 2**more * np.array([1 + warm, 1, 1 - warm], np.float32)
        return Image.fromarray((light.clip(0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8))

    return change


def graded(image: Image.Image, _: Random) -> Image.Image:
    """Shadows in teal, lights in orange, as trailers are."""
    pixels = np.asarray(image, np.float32) / 255
    light = pixels.mean(axis=2, keepdims=True)
    teal, orange = (np.array(colorsys.hls_to_rgb(hue / 360, 0.5, 0.6), np.float32) - 0.5 for hue in (190, 30))
    made = pixels + 0.25 * ((1 - light) * teal + light * orange)
    return Image.fromarray((made.clip(0, 1) * 255).round().astype(np.uint8))


def crossed(image: Image.Image, _: Random) -> Image.Image:
    """Cross-processed: an S-curve for red and green, a flat one for blue."""
    pixels = np.asarray(image, np.float32) / 255
    steep = 0.5 - 0.5 * np.cos(np.pi * pixels)
    made = np.dstack([steep[..., 0], 0.4 * pixels[..., 1] + 0.6 * steep[..., 1], 0.12 + 0.72 * pixels[..., 2]])
    return Image.fromarray((made.clip(0, 1) * 255).round().astype(np.uint8))
