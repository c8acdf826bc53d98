"""What messengers, websites, phones and editors do to a picture: changes from one picture to another, to be chained."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Change = Callable[[Image.Image, Random], Image.Image]


def long_edge(edge: int) -> Change:
    """No longer edge than this; smaller pictures stay."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        copy = image.copy()
        copy.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        return copy

    return change


def scaled(share: float, resampling: Image.Resampling = Image.Resampling.LANCZOS) -> Change:
    """This share of both sides."""
    return lambda image, _: image.resize(
        (max(1, round(image.width * share)), max(1, round(image.height * share))), resampling
    )


def same(image: Image.Image, _: Random) -> Image.Image:
    """Only encoded again."""
    return image


def crop(share: float, *, centred: bool = False) -> Change:
    """Less `share` of each side's length."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
        x, y = (0.5, 0.5) if centred else (random.random(), random.random())
        left, top = round((image.width - width) * x), round((image.height - height) * y)
        return image.crop((left, top, left + width, top + height))

    return change


def ratio(wide: float) -> Change:
    """The largest centred rectangle of this shape, as social networks cut it."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        width, height = min(image.width, image.height * wide), min(image.height, image.width / wide)
        return ImageOps.fit(image, (round(width), round(height)), Image.Resampling.LANCZOS)

    return change


def straighten(degrees: float) -> Change:
    """Turned a little, then cut to the largest rectangle of the same shape without empty corners."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        angle = degrees * random.choice((-1, 1))
        turned = image.rotate(angle, Image.Resampling.BICUBIC)
        width, height = image.size
        slope, long = math.radians(abs(angle)), max(width / height, height / width)
        shrink = 1 / (math.cos(slope) + long * math.sin(slope))
        box = round(width * shrink), round(height * shrink)
        left, top = (width - box[0]) // 2, (height - box[1]) // 2
        return turned.crop((left, top, left + box[0], top + box[1]))

    return change


def turned(turn: Image.Transpose) -> Change:
    """Turned by quarters, or mirrored."""
    return lambda image, _: image.transpose(turn)


def tone(*, bright: float = 1, contrast: float = 1, color: float = 1, gamma: float = 1, warm: float = 0) -> Change:
    """A developer's sliders: exposure as gamma, contrast, saturation, white balance."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        table = [round(255 * (value / 255) ** gamma) for value in range(256)]
        image = image.point(table * 3)
        for enhance, amount in (
            (ImageEnhance.Brightness, bright),
            (ImageEnhance.Contrast, contrast),
            (ImageEnhance.Color, color),
        ):
            image = enhance(image).enhance(amount)
        if warm:
            red, green, blue = image.split()
            image = Image.merge(
                "RGB", (red.point(lambda v: v * (1 + warm)), green, blue.point(lambda v: v * (1 - warm)))
            )
        return image

    return change


def curve(image: Image.Image, _: Random) -> Image.Image:
    """Shadows lifted and highlights pulled down, as an "auto" button does."""
    values = np.arange(256) / 255
    table = (
        (255 * (0.06 + 0.88 * (values + 0.12 * np.sin(2 * np.pi * values) * -0.5))).clip(0, 255).astype(int).tolist()
    )
    return image.point(table * 3)


def sepia(image: Image.Image, _: Random) -> Image.Image:
    """Brown and cream."""
    grey = image.convert("L")
    return ImageOps.colorize(grey, (30, 18, 8), (255, 240, 205))


def grey(image: Image.Image, _: Random) -> Image.Image:
    """Without colours."""
    return image.convert("L").convert("RGB")


def vintage(image: Image.Image, random: Random) -> Image.Image:
    """Faded, warm, darker corners."""
    image = tone(contrast=0.85, color=0.7, warm=0.08)(image, random)
    mask = Image.radial_gradient("L").resize(image.size)
    return Image.composite(ImageEnhance.Brightness(image).enhance(0.75), image, mask.point(lambda v: max(0, v - 100)))


def border(share: float, colour: str | tuple[int, int, int], below: float = 0.0) -> Change:
    """A plain frame, `share` of the long edge wide, and `below` of the height more under it."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        edge = round(max(image.size) * share)
        framed = ImageOps.expand(image, edge, colour)
        if not below:
            return framed
        tall = Image.new("RGB", (framed.width, framed.height + round(image.height * below)), colour)
        tall.paste(framed, (0, 0))
        return tall

    return change


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own, at a size in pixels."""
    return ImageFont.load_default(size=max(8, size))


def screenshot(*, dark: bool) -> Change:
    """A phone's screen in portrait: a status bar, a title, the picture across it, buttons below."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        width, height = random.choice(((1080, 2340), (1170, 2532), (750, 1334)))
        ground, ink = ((17, 27, 33), (230, 230, 230)) if dark else ((250, 250, 250), (30, 30, 30))
        screen = Image.new("RGB", (width, height), ground)
        draw = ImageDraw.Draw(screen)
        draw.text(
            (width * 0.05, height * 0.012),
            f"{random.randrange(24)}:{random.randrange(10, 60)}",
            ink,
            font(width // 26),
        )
        draw.rectangle((width * 0.88, height * 0.014, width * 0.95, height * 0.024), outline=ink, width=3)
        draw.ellipse((width * 0.05, height * 0.05, width * 0.13, height * 0.05 + width * 0.08), fill=(90, 140, 200))
        draw.text((width * 0.16, height * 0.055), "Forum des communs", ink, font(width // 24))
        shown = image.copy()
        shown.thumbnail((width, round(height * 0.72)), Image.Resampling.LANCZOS)
        if image.width < width and image.height < height * 0.72:
            scale = min(width / image.width, height * 0.72 / image.height)
            shown = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
        screen.paste(shown, ((width - shown.width) // 2, round(height * 0.12 + (height * 0.72 - shown.height) / 2)))
        for place in range(4):
            x = width * (0.14 + 0.24 * place)
            draw.ellipse((x - 26, height * 0.92, x + 26, height * 0.92 + 52), outline=ink, width=4)
        return screen

    return change


def logo(image: Image.Image, random: Random) -> Image.Image:
    """A round mark in a lower corner."""
    copy, size = image.copy(), round(min(image.size) * 0.13)
    draw = ImageDraw.Draw(copy)
    left = round(size * 0.3) if random.random() < 0.5 else image.width - round(size * 1.3)
    top = image.height - round(size * 1.3)
    draw.ellipse((left, top, left + size, top + size), fill=(200, 30, 60))
    draw.rectangle((left + size * 0.3, top + size * 0.3, left + size * 0.7, top + size * 0.7), fill="white")
    return copy


def watermark(image: Image.Image, _: Random) -> Image.Image:
    """Half-transparent words across the middle."""
    layer = Image.new("RGBA", image.size)
    text, size = "© Example Agency", max(12, image.width // 14)
    ImageDraw.Draw(layer).text((image.width * 0.15, image.height * 0.45), text, (255, 255, 255, 110), font(size))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def caption_band(image: Image.Image, _: Random) -> Image.Image:
    """A dark band along the lower edge, with words."""
    copy, tall = image.copy(), round(image.height * 0.16)
    draw = ImageDraw.Draw(copy)
    draw.rectangle((0, image.height - tall, image.width, image.height), fill=(15, 15, 15))
    draw.text((image.width * 0.03, image.height - tall * 0.75), "Plenary session, second day", "white", font(tall // 2))
    return copy


def chain(*changes: Change) -> Change:
    """One change after the other."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        for one in changes:
            image = one(image, random)
        return image

    return change


def resaved(image: Image.Image, quality: int) -> Image.Image:
    """What is left of a picture after it was saved as JPEG by Pillow."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def twice(first: int, second: int) -> Change:
    """Sent through two messengers: two lossy generations."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        for edge, quality in ((first, 75), (second, 70)):
            image = resaved(long_edge(edge)(image, random), quality)
        return image

    return change


def generations(count: int) -> Change:
    """Saved again and again, a little worse and a pixel smaller each time, so that no grid of blocks stays where it was."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        for _ in range(count):
            smaller = image.resize((image.width - 1, image.height - 1), Image.Resampling.BICUBIC)
            image = resaved(smaller, random.randrange(65, 85))
        return image

    return change


def up_again(edge: int) -> Change:
    """Made small, and as large as before: what was between the pixels is lost."""
    return lambda image, random: long_edge(edge)(image, random).resize(image.size, Image.Resampling.BICUBIC)


def exposure(stops: float) -> Change:
    """More or less light, counted in light and not in grey levels: what leaves the range is clipped (sRGB's curve as 2.2)."""
    table = [min(255, round(255 * ((value / 255) ** 2.2 * 2**stops) ** (1 / 2.2))) for value in range(256)]
    return lambda image, _: image.point(table * 3)


def hdr(image: Image.Image, _: Random) -> Image.Image:
    """Local contrast: shadows opened, highlights held, detail brought out, colours stronger."""
    radius = max(image.size) // 40
    pixels = np.asarray(image, float)
    base = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(radius)), float)[..., None]
    opened = pixels - base + 128 + 0.6 * (base - 128)
    return ImageEnhance.Color(Image.fromarray(opened.clip(0, 255).astype(np.uint8))).enhance(1.2)


def vignette(image: Image.Image, _: Random) -> Image.Image:
    """Corners a third as bright."""
    mask = Image.radial_gradient("L").resize(image.size)
    return Image.composite(ImageEnhance.Brightness(image).enhance(0.33), image, mask)


def app_filter(image: Image.Image, _: Random) -> Image.Image:
    """As photo apps name after cities: lifted blacks, a blue cast in the shadows and a warm one in the lights, corners darker."""
    values = np.arange(256) / 255
    curves = (values**0.9 * 0.9 + 0.08, values * 0.88 + 0.07, values**1.1 * 0.78 + 0.14)
    table = [round(255 * float(value)) for curve_ in curves for value in curve_.clip(0, 1)]
    mask = Image.radial_gradient("L").resize(image.size).point(lambda v: max(0, v - 120))
    toned = image.point(table)
    return Image.composite(ImageEnhance.Brightness(toned).enhance(0.7), toned, mask)


def perspective(image: Image.Image, _: Random) -> Image.Image:
    """Falling lines made upright: the top pulled apart by 4 %, then cut."""
    width, height = image.size
    inset = 0.02 * width
    corners = (inset, 0, 0, height, width, height, width - inset, 0)
    return image.transform(image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)


def denoised(image: Image.Image, _: Random) -> Image.Image:
    """As a phone's night mode smooths."""
    return image.filter(ImageFilter.MedianFilter(5))


def noisy(image: Image.Image, random: Random) -> Image.Image:
    """Film grain put on."""
    numbers = np.random.default_rng(random.randrange(1 << 30))
    grain = numbers.normal(0, 9, (image.height, image.width, 1))
    return Image.fromarray((np.asarray(image, float) + grain).clip(0, 255).astype(np.uint8))


def letterbox(wide: float) -> Change:
    """Black bars that make another shape of it."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        size = max(image.width, round(image.height * wide)), max(image.height, round(image.width / wide))
        return ImageOps.pad(image, size, color="black")

    return change


def story(image: Image.Image, _: Random) -> Image.Image:
    """A phone's full screen: the picture across it, and around that itself, enlarged and blurred."""
    width, height = 1080, 1920
    ground = ImageOps.fit(image, (width, height)).filter(ImageFilter.GaussianBlur(40))
    shown = ImageOps.contain(image, (width, height), Image.Resampling.LANCZOS)
    ground.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
    return ground


def collage(image: Image.Image, _: Random) -> Image.Image:
    """Beside a mirrored, brighter part of itself: two pictures on one, for a person to decide."""
    other = ImageOps.mirror(ImageOps.fit(image, (800, 1000))).point(lambda value: min(255, value + 40))
    both = Image.new("RGB", (1640, 1000), "white")
    both.paste(ImageOps.fit(image, (800, 1000), Image.Resampling.LANCZOS), (0, 0))
    both.paste(other, (840, 0))
    return both


def sticker(image: Image.Image, random: Random) -> Image.Image:
    """A word on a coloured label, turned a little."""
    size = max(24, image.width // 12)
    label = Image.new("RGBA", (size * 5, round(size * 1.6)), (255, 220, 40, 255))
    ImageDraw.Draw(label).text((size * 0.4, size * 0.15), "SOLD OUT", "black", font(size))
    label = label.rotate(8, expand=True)
    copy = image.copy()
    copy.paste(label, (round(image.width * 0.3), round(image.height * random.uniform(0.2, 0.7))), label)
    return copy


def palette(image: Image.Image, _: Random) -> Image.Image:
    """In 256 colours, dithered."""
    return image.quantize(256)
