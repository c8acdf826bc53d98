"""The edits of the benchmark on duplicates: what messengers, websites, phones and editors do to a photograph."""

from __future__ import annotations

import io
import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Change = Callable[[Image.Image, Random], Image.Image]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit. `kind`: auto (should link by itself), review (an overlay: a human decides); `full`: made at the original's size."""

    family: str
    change: Change
    form: str = "pillow"
    quality: int = 85
    kind: str = "auto"
    full: bool = False


def _long_edge(edge: int) -> Change:
    def change(image: Image.Image, _: Random) -> Image.Image:
        copy = image.copy()
        copy.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        return copy

    return change


def _share(share: float, resampling: Image.Resampling = Image.Resampling.LANCZOS) -> Change:
    return lambda image, _: image.resize(
        (max(1, round(image.width * share)), max(1, round(image.height * share))), resampling
    )


def _same(image: Image.Image, _: Random) -> Image.Image:
    return image


def _crop(share: float, *, centred: bool = False) -> Change:
    """Less `share` of each side's length."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
        x, y = (0.5, 0.5) if centred else (random.random(), random.random())
        left, top = round((image.width - width) * x), round((image.height - height) * y)
        return image.crop((left, top, left + width, top + height))

    return change


def _ratio(wide: float) -> Change:
    """The largest centred rectangle of this shape, as social networks cut it."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        width, height = min(image.width, image.height * wide), min(image.height, image.width / wide)
        return ImageOps.fit(image, (round(width), round(height)), Image.Resampling.LANCZOS)

    return change


def _straighten(degrees: float) -> Change:
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


def _turn(turn: Image.Transpose) -> Change:
    return lambda image, _: image.transpose(turn)


def _tone(*, bright: float = 1, contrast: float = 1, color: float = 1, gamma: float = 1, warm: float = 0) -> Change:
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


def _curve(image: Image.Image, _: Random) -> Image.Image:
    """Shadows lifted and highlights pulled down, as an "auto" button does."""
    values = np.arange(256) / 255
    table = (
        (255 * (0.06 + 0.88 * (values + 0.12 * np.sin(2 * np.pi * values) * -0.5))).clip(0, 255).astype(int).tolist()
    )
    return image.point(table * 3)


def _sepia(image: Image.Image, _: Random) -> Image.Image:
    grey = image.convert("L")
    return ImageOps.colorize(grey, (30, 18, 8), (255, 240, 205))


def _grey(image: Image.Image, _: Random) -> Image.Image:
    return image.convert("L").convert("RGB")


def _vintage(image: Image.Image, random: Random) -> Image.Image:
    """Faded, warm, darker corners."""
    image = _tone(contrast=0.85, color=0.7, warm=0.08)(image, random)
    mask = Image.radial_gradient("L").resize(image.size)
    return Image.composite(ImageEnhance.Brightness(image).enhance(0.75), image, mask.point(lambda v: max(0, v - 100)))


def _border(share: float, colour: str | tuple[int, int, int], below: float = 0.0) -> Change:
    def change(image: Image.Image, _: Random) -> Image.Image:
        edge = round(max(image.size) * share)
        framed = ImageOps.expand(image, edge, colour)
        if not below:
            return framed
        tall = Image.new("RGB", (framed.width, framed.height + round(image.height * below)), colour)
        tall.paste(framed, (0, 0))
        return tall

    return change


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(8, size))


def _screenshot(*, dark: bool) -> Change:
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
            _font(width // 26),
        )
        draw.rectangle((width * 0.88, height * 0.014, width * 0.95, height * 0.024), outline=ink, width=3)
        draw.ellipse((width * 0.05, height * 0.05, width * 0.13, height * 0.05 + width * 0.08), fill=(90, 140, 200))
        draw.text((width * 0.16, height * 0.055), "Forum des communs", ink, _font(width // 24))
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


def _logo(image: Image.Image, random: Random) -> Image.Image:
    copy, size = image.copy(), round(min(image.size) * 0.13)
    draw = ImageDraw.Draw(copy)
    left = round(size * 0.3) if random.random() < 0.5 else image.width - round(size * 1.3)
    top = image.height - round(size * 1.3)
    draw.ellipse((left, top, left + size, top + size), fill=(200, 30, 60))
    draw.rectangle((left + size * 0.3, top + size * 0.3, left + size * 0.7, top + size * 0.7), fill="white")
    return copy


def _watermark(image: Image.Image, _: Random) -> Image.Image:
    layer = Image.new("RGBA", image.size)
    text, size = "© Example Agency", max(12, image.width // 14)
    ImageDraw.Draw(layer).text((image.width * 0.15, image.height * 0.45), text, (255, 255, 255, 110), _font(size))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _caption_band(image: Image.Image, _: Random) -> Image.Image:
    copy, tall = image.copy(), round(image.height * 0.16)
    draw = ImageDraw.Draw(copy)
    draw.rectangle((0, image.height - tall, image.width, image.height), fill=(15, 15, 15))
    draw.text(
        (image.width * 0.03, image.height - tall * 0.75), "Plenary session, second day", "white", _font(tall // 2)
    )
    return copy


def _chain(*changes: Change) -> Change:
    def change(image: Image.Image, random: Random) -> Image.Image:
        for one in changes:
            image = one(image, random)
        return image

    return change


def _twice(first: int, second: int) -> Change:
    """Sent through two messengers: two lossy generations."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        for edge, quality in ((first, 75), (second, 70)):
            stream = io.BytesIO()
            _long_edge(edge)(image, random).save(stream, "JPEG", quality=quality)
            image = Image.open(stream).convert("RGB")
        return image

    return change


EDITS: Mapping[str, Edit] = {
    "messenger 1600, q70": Edit("re-encode", _long_edge(1600), quality=70),
    "messenger 1280, q60, twice": Edit("re-encode", _twice(1600, 1280), quality=60),
    "same size, q70": Edit("re-encode", _same, quality=70, full=True),
    "same size, q92": Edit("re-encode", _same, "vips", 92, full=True),
    "same size, q30": Edit("re-encode", _same, "magick", 30, full=True),
    "three quarters": Edit("re-encode", _share(0.75), "magick", 85),
    "half, bicubic": Edit("re-encode", _share(0.5, Image.Resampling.BICUBIC), "ffmpeg", 5),
    "quarter, q40": Edit("re-encode", _share(0.25), quality=40),
    "thumbnail 320": Edit("re-encode", _long_edge(320), "cjpeg", 60),
    "progressive": Edit("re-encode", _long_edge(1920), "cjpeg", 78),
    "WebP": Edit("format", _share(0.7), "webp", 70),
    "WebP, same size": Edit("format", _same, "webp", 80, full=True),
    "AVIF": Edit("format", _share(0.7), "avif", 50),
    "PNG": Edit("format", _share(0.6), "png"),
    "HEIC": Edit("format", _share(0.8), "heic", 50),
    "rotated 90": Edit("turn", _turn(Image.Transpose.ROTATE_90)),
    "rotated 180, half": Edit("turn", _chain(_share(0.5), _turn(Image.Transpose.ROTATE_180))),
    "rotated 270, same size": Edit("turn", _turn(Image.Transpose.ROTATE_270), full=True),
    "mirrored": Edit("turn", _chain(_share(0.7), _turn(Image.Transpose.FLIP_LEFT_RIGHT)), "webp", 80),
    "mirrored, same size": Edit("turn", _turn(Image.Transpose.FLIP_LEFT_RIGHT), full=True),
    "crop 2 %": Edit("crop to 20 %", _crop(0.02)),
    "crop 5 %": Edit("crop to 20 %", _crop(0.05), "cjpeg"),
    "crop 10 %, centred": Edit("crop to 20 %", _crop(0.10, centred=True)),
    "crop 10 %": Edit("crop to 20 %", _chain(_crop(0.10), _long_edge(1280)), quality=75),
    "crop 15 %": Edit("crop to 20 %", _crop(0.15), "magick", 85),
    "crop 20 %": Edit("crop to 20 %", _crop(0.20)),
    "crop 20 %, centred, half": Edit("crop to 20 %", _chain(_crop(0.20, centred=True), _share(0.5)), "webp", 75),
    "crop 35 %": Edit("crop above 20 %", _crop(0.35)),
    "square": Edit("crop above 20 %", _chain(_ratio(1.0), _long_edge(1080)), quality=75),
    "16:9": Edit("crop above 20 %", _ratio(16 / 9)),
    "straighten 1": Edit("straighten", _straighten(1)),
    "straighten 2": Edit("straighten", _straighten(2)),
    "straighten 3, half": Edit("straighten", _chain(_straighten(3), _share(0.5))),
    "brighter": Edit("tone", _tone(gamma=0.75, color=1.1)),
    "darker": Edit("tone", _chain(_tone(gamma=1.35), _share(0.6))),
    "white balance": Edit("tone", _tone(warm=0.12), full=True),
    "contrast": Edit("tone", _tone(contrast=1.25, color=1.15)),
    "auto curve": Edit("tone", _chain(_curve, _long_edge(1600)), quality=80),
    "tone and crop 5 %": Edit("tone", _chain(_crop(0.05), _tone(gamma=0.85, contrast=1.1, color=1.1))),
    "black and white": Edit("filter", _chain(_grey, _share(0.7))),
    "sepia": Edit("filter", _sepia),
    "vintage": Edit("filter", _chain(_vintage, _long_edge(1080)), quality=80),
    "sharpened": Edit("filter", lambda image, _: image.filter(ImageFilter.UnsharpMask(2, 90, 2))),
    "white border": Edit("border", _border(0.05, "white")),
    "black border, half": Edit("border", _chain(_share(0.5), _border(0.03, "black"))),
    "polaroid": Edit("border", _chain(_share(0.6), _border(0.06, (245, 243, 238), 0.2))),
    "screenshot": Edit("screenshot", _screenshot(dark=False), "png"),
    "screenshot, dark": Edit("screenshot", _screenshot(dark=True), quality=80),
    "logo": Edit("overlay", _chain(_share(0.7), _logo), kind="review"),
    "watermark": Edit("overlay", _chain(_share(0.7), _watermark), kind="review"),
    "caption band": Edit("overlay", _chain(_share(0.7), _caption_band), kind="review"),
    "crop 10 %, sent on": Edit("combination", _chain(_crop(0.10), _twice(1280, 1024)), quality=65),
    "rotated, cropped, grey": Edit(
        "combination", _chain(_turn(Image.Transpose.ROTATE_90), _crop(0.08), _grey, _share(0.6))
    ),
    "mirrored crop 10 %": Edit("combination", _chain(_turn(Image.Transpose.FLIP_LEFT_RIGHT), _crop(0.10))),
    "border and tone": Edit("combination", _chain(_tone(gamma=0.85), _share(0.5), _border(0.04, "white")), quality=75),
}
"""Every edit by name; the families that are counted together."""

_FORMATS = {"pillow": "jpg", "cjpeg": "jpg", "magick": "jpg", "ffmpeg": "jpg", "vips": "jpg", "heic": "heic"}


def extension(form: str) -> str:
    """The extension of what an encoder writes."""
    return _FORMATS.get(form, form)


def encode(image: Image.Image, form: str, quality: int, ffmpeg: str) -> bytes | None:
    """A picture as one encoder writes it; None where that program isn't installed."""
    if form in {"pillow", "webp", "avif", "png"}:
        stream = io.BytesIO()
        image.save(stream, "JPEG" if form == "pillow" else form, quality=quality)
        return stream.getvalue()
    commands = {
        "cjpeg": (
            "cjpeg",
            ["cjpeg", "-progressive", "-optimize", "-quality", str(quality), "-outfile", "OUT", "IN.ppm"],
        ),
        "magick": ("convert-im6.q16", ["convert-im6.q16", "IN.ppm", "-quality", str(quality), "OUT"]),
        "vips": ("vips", ["vips", "copy", "IN.ppm", f"OUT[Q={quality},optimize_coding]"]),
        "ffmpeg": (ffmpeg, [ffmpeg, "-v", "error", "-y", "-i", "IN.ppm", "-q:v", str(quality), "OUT"]),
        "heic": ("heif-enc", ["heif-enc", "-q", str(quality), "-o", "OUT", "IN.png"]),
    }
    program, command = commands[form]
    if shutil.which(program) is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, f"out.{extension(form)}")
        suffix = "png" if form == "heic" else "ppm"
        image.save(Path(folder, f"in.{suffix}"))
        filled = [
            part.replace(f"IN.{suffix}", str(Path(folder, f"in.{suffix}"))).replace("OUT", str(out)) for part in command
        ]
        done = subprocess.run(filled, capture_output=True, check=False)
        return out.read_bytes() if done.returncode == 0 and out.exists() else None
