"""Photographs full of things, and what cameras, messengers, phones and people make of them."""

from __future__ import annotations

import io
from random import Random
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from mediaarchive.media.metadata import writing

SIZE, DAY = (1200, 800), "2025:10:07"


def noise(seed: int, size: tuple[int, int], spread: float) -> Image.Image:
    levels = np.random.default_rng(seed).normal(128, spread, size[::-1])
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def scene(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture full of things, with the noise of a sensor."""
    random = Random(seed)
    image = Image.new("RGB", size, (random.randrange(90, 160), 120, 140))
    draw = ImageDraw.Draw(image)
    for _ in range(200):
        x, y, side = random.randrange(size[0]), random.randrange(size[1]), random.randrange(15, 110)
        colour = tuple(random.randrange(256) for _ in range(3))
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape((x, y, x + side, y + random.randrange(12, 100)), fill=colour)
    return Image.blend(image.filter(ImageFilter.GaussianBlur(1)), noise(seed, size, 40).convert("RGB"), 0.06)


def shot(
    image: Image.Image,
    second: int = 0,
    fraction: str = "",
    *,
    quality: int = 92,
    day: str = DAY,
    **said: Any,  # noqa: ANN401
) -> bytes:
    """A camera's JPEG; `said`: texts and credit as Lightroom embeds them (`writing.tags`)."""
    options = writing.tags(said) if said else {}
    exif = Image.Exif()
    exif.load(options.pop("exif", b""))
    exif[271], exif[272] = "Maker", "X100"
    details = exif.get_ifd(0x8769)
    details[36867] = f"{day} 10:{second // 60:02}:{second % 60:02}"
    if fraction:
        details[37521] = fraction
    return encoded(image, quality=quality, exif=exif, **options)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401
    out = io.BytesIO()
    image.save(out, kind, **{"quality": 88} | options)
    return out.getvalue()


def sent(image: Image.Image, long: int = 800) -> bytes:
    """What a messenger makes of it: smaller, quality 70, no metadata."""
    small = image.copy()
    small.thumbnail((long, long))
    return encoded(small, quality=70)


def bare(data: bytes) -> bytes:
    """The same JPEG without its APP segments: not a pixel is encoded again."""
    out, place = bytearray(data[:2]), 2
    while data[place + 1] != 0xDA:
        length = 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if not 0xE1 <= data[place + 1] <= 0xEF:
            out += data[place : place + length]
        place += length
    return bytes(out) + data[place:]


def turned(flag: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = flag
    return exif


def cropped(image: Image.Image, share: float) -> Image.Image:
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    return image.crop((image.width - width, 0, image.width, height))


def on_a_phone(image: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (720, 1560), (20, 24, 28))
    ImageDraw.Draw(screen).text((40, 40), "12:03   Messages", "white")
    screen.paste(image.resize((720, 480)), (0, 520))
    return screen


def in_a_chat(image: Image.Image, width: int) -> Image.Image:
    """The same, larger than the photograph, and with much to be seen around it."""
    screen = on_a_phone(image).resize((width, width * 13 // 6))
    draw, random = ImageDraw.Draw(screen), Random(width)
    top, bottom = screen.height // 3, screen.height * 2 // 3
    for y in (*range(90, top - 40, 40), *range(bottom, screen.height - 40, 40)):
        draw.text((30, y), "".join(random.choices("aeinorstul ", k=60)), "white", font_size=34)
    return screen


def frame(number: int) -> Image.Image:
    """One of a burst: somebody walks by."""
    image = scene(40)
    ImageDraw.Draw(image).ellipse((300 + 25 * number, 250, 380 + 25 * number, 420), fill=(250, 220, 190))
    return image


def speaker(number: int) -> Image.Image:
    """The same stage: another person at the lectern, in other clothes."""
    image, random = scene(50), Random(number)
    draw = ImageDraw.Draw(image)
    x = 500 + random.randrange(60)
    clothes = tuple(random.randrange(256) for _ in range(3))
    draw.rectangle((x - 60, 420, x + 140, 800), fill=clothes)
    draw.ellipse((x, 290 + 5 * number, x + 90, 420), fill=(230 - 60 * number, 190 - 50 * number, 160 - 40 * number))
    return image


def branded(image: Image.Image, what: str) -> Image.Image:
    edited = image.copy()
    draw = ImageDraw.Draw(edited)
    width, height = image.size
    if what == "logo":
        draw.rectangle((round(width * 0.8), round(height * 0.8), width - 20, height - 20), fill="white")
        draw.ellipse((round(width * 0.83), round(height * 0.83), width - 60, height - 40), fill="red")
    else:
        draw.rectangle((0, round(height * 0.86), width, height), fill="black")
        draw.text((30, round(height * 0.89)), "The evening in the old theatre", "white", font_size=40)
    return edited


def look_alikes(kind: str, seed: int) -> Image.Image:
    random = Random(seed)
    if kind == "black":
        return noise(seed, SIZE, 3 + seed).point(lambda value: max(0, value - 118)).convert("RGB")
    if kind == "sky":
        ramp = Image.linear_gradient("L").resize(SIZE).point(lambda value: 110 + value // 3 + seed)
        return Image.blend(ramp.convert("RGB"), noise(seed, SIZE, 20).convert("RGB"), 0.05)
    page = Image.new("RGB", (1280, 720) if kind == "slide" else (900, 1200), "white")
    draw = ImageDraw.Draw(page)
    if kind == "logo":
        colour = tuple(random.randrange(200) for _ in range(3))
        draw.ellipse((250, 300, 650, 700), fill=colour)
        draw.text((300, 780), "".join(random.choices("AEINORST", k=5)), colour, font_size=120)
        return page
    if kind == "slide":
        draw.rectangle((0, 0, 1280, 110), fill=(20, 70, 130))
    for line in range(5 if kind == "slide" else 36):
        text = "".join(random.choices("aeinorstul ", k=34 if kind == "slide" else 60))
        step, size = (100, 40) if kind == "slide" else (30, 20)
        draw.text((90, 160 + step * line), text, "black", font_size=size)
    return page
