"""The edits of the benchmark on duplicates: by name, with the family they are counted in, and who writes the file."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duplicates import apps, colours, lights
from duplicates import changes as do
from PIL import Image, ImageFilter


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit. `kind`: auto (should link by itself), review (an overlay: a human decides); `full`: made at the original's size."""

    family: str
    change: do.Change
    form: str = "pillow"
    quality: int = 85
    kind: str = "auto"
    full: bool = False


EDITS: Mapping[str, Edit] = {
    "messenger 1600, q70": Edit("re-encode", do.long_edge(1600), quality=70),
    "messenger 1280, q60, twice": Edit("re-encode", do.twice(1600, 1280), quality=60),
    "same size, q70": Edit("re-encode", do.same, quality=70, full=True),
    "same size, q92": Edit("re-encode", do.same, "vips", 92, full=True),
    "same size, q30": Edit("re-encode", do.same, "magick", 30, full=True),
    "three quarters": Edit("re-encode", do.scaled(0.75), "magick", 85),
    "half, bicubic": Edit("re-encode", do.scaled(0.5, Image.Resampling.BICUBIC), "ffmpeg", 5),
    "quarter, q40": Edit("re-encode", do.scaled(0.25), quality=40),
    "thumbnail 320": Edit("re-encode", do.long_edge(320), "cjpeg", 60),
    "progressive": Edit("re-encode", do.long_edge(1920), "cjpeg", 78),
    "WebP": Edit("format", do.scaled(0.7), "webp", 70),
    "WebP, same size": Edit("format", do.same, "webp", 80, full=True),
    "AVIF": Edit("format", do.scaled(0.7), "avif", 50),
    "PNG": Edit("format", do.scaled(0.6), "png"),
    "HEIC": Edit("format", do.scaled(0.8), "heic", 50),
    "rotated 90": Edit("turn", do.turned(Image.Transpose.ROTATE_90)),
    "rotated 180, half": Edit("turn", do.chain(do.scaled(0.5), do.turned(Image.Transpose.ROTATE_180))),
    "rotated 270, same size": Edit("turn", do.turned(Image.Transpose.ROTATE_270), full=True),
    "mirrored": Edit("turn", do.chain(do.scaled(0.7), do.turned(Image.Transpose.FLIP_LEFT_RIGHT)), "webp", 80),
    "mirrored, same size": Edit("turn", do.turned(Image.Transpose.FLIP_LEFT_RIGHT), full=True),
    "crop 2 %": Edit("crop to 20 %", do.crop(0.02)),
    "crop 5 %": Edit("crop to 20 %", do.crop(0.05), "cjpeg"),
    "crop 10 %, centred": Edit("crop to 20 %", do.crop(0.10, centred=True)),
    "crop 10 %": Edit("crop to 20 %", do.chain(do.crop(0.10), do.long_edge(1280)), quality=75),
    "crop 15 %": Edit("crop to 20 %", do.crop(0.15), "magick", 85),
    "crop 20 %": Edit("crop to 20 %", do.crop(0.20)),
    "crop 20 %, centred, half": Edit("crop to 20 %", do.chain(do.crop(0.20, centred=True), do.scaled(0.5)), "webp", 75),
    "crop 35 %": Edit("crop above 20 %", do.crop(0.35)),
    "square": Edit("crop above 20 %", do.chain(do.ratio(1.0), do.long_edge(1080)), quality=75),
    "16:9": Edit("crop above 20 %", do.ratio(16 / 9)),
    "straighten 1": Edit("straighten", do.straighten(1)),
    "straighten 2": Edit("straighten", do.straighten(2)),
    "straighten 3, half": Edit("straighten", do.chain(do.straighten(3), do.scaled(0.5))),
    "brighter": Edit("tone", do.tone(gamma=0.75, color=1.1)),
    "darker": Edit("tone", do.chain(do.tone(gamma=1.35), do.scaled(0.6))),
    "white balance": Edit("tone", do.tone(warm=0.12), full=True),
    "contrast": Edit("tone", do.tone(contrast=1.25, color=1.15)),
    "auto curve": Edit("tone", do.chain(do.curve, do.long_edge(1600)), quality=80),
    "tone and crop 5 %": Edit("tone", do.chain(do.crop(0.05), do.tone(gamma=0.85, contrast=1.1, color=1.1))),
    "black and white": Edit("filter", do.chain(do.grey, do.scaled(0.7))),
    "sepia": Edit("filter", do.sepia),
    "vintage": Edit("filter", do.chain(do.vintage, do.long_edge(1080)), quality=80),
    "sharpened": Edit("filter", lambda image, _: image.filter(ImageFilter.UnsharpMask(2, 90, 2))),
    "white border": Edit("border", do.border(0.05, "white")),
    "black border, half": Edit("border", do.chain(do.scaled(0.5), do.border(0.03, "black"))),
    "polaroid": Edit("border", do.chain(do.scaled(0.6), do.border(0.06, (245, 243, 238), 0.2))),
    "screenshot": Edit("screenshot", do.screenshot(dark=False), "png"),
    "screenshot, dark": Edit("screenshot", do.screenshot(dark=True), quality=80),
    "logo": Edit("overlay", do.chain(do.scaled(0.7), do.logo), kind="review"),
    "watermark": Edit("overlay", do.chain(do.scaled(0.7), do.watermark), kind="review"),
    "caption band": Edit("overlay", do.chain(do.scaled(0.7), do.caption_band), kind="review"),
    "crop 10 %, sent on": Edit("combination", do.chain(do.crop(0.10), do.twice(1280, 1024)), quality=65),
    "rotated, cropped, grey": Edit(
        "combination", do.chain(do.turned(Image.Transpose.ROTATE_90), do.crop(0.08), do.grey, do.scaled(0.6))
    ),
    "mirrored crop 10 %": Edit("combination", do.chain(do.turned(Image.Transpose.FLIP_LEFT_RIGHT), do.crop(0.10))),
    "border and tone": Edit(
        "combination", do.chain(do.tone(gamma=0.85), do.scaled(0.5), do.border(0.04, "white")), quality=75
    ),
}
"""Every edit by name; the families that are counted together."""

# Added when the rules were there, to see what they had been made for and what not.
FURTHER: Mapping[str, Edit] = {
    "five generations": Edit("re-encode", do.chain(do.long_edge(1600), do.generations(5)), quality=70),
    "small and up again": Edit("resampled", do.up_again(320)),
    "twice as large": Edit("resampled", do.chain(do.long_edge(1000), do.scaled(2))),
    "progressive, grey": Edit("format", do.chain(do.scaled(0.7), lambda image, _: image.convert("L")), "cjpeg", 80),
    "PNG, 256 colours": Edit("format", do.chain(do.long_edge(1200), do.palette), "png"),
    "GIF": Edit("format", do.chain(do.long_edge(900), do.palette), "gif"),
    "rotated 90, mirrored": Edit("turn", do.chain(do.turned(Image.Transpose.TRANSPOSE), do.scaled(0.6)), "magick", 82),
    "top cut 20 %": Edit(
        "crop to 20 %",
        lambda image, _: image.crop((0, round(image.height * 0.2), image.width, image.height)),
        "vips",
        80,
    ),
    "crop 20 %, 1080, q60": Edit("crop to 20 %", do.chain(do.crop(0.20), do.long_edge(1080)), quality=60),
    "crop 12 %, same size again": Edit(
        "crop to 20 %", lambda image, random: do.crop(0.12)(image, random).resize(image.size, Image.Resampling.LANCZOS)
    ),
    "crop 50 %": Edit("crop above 20 %", do.crop(0.5)),
    "4:5, 1080": Edit("crop above 20 %", do.chain(do.ratio(0.8), do.long_edge(1350)), quality=80),
    "perspective": Edit("straighten", do.perspective),
    "one stop more": Edit("tone", do.exposure(1.0)),
    "one stop less": Edit("tone", do.chain(do.exposure(-1.0), do.long_edge(1600))),
    "colder": Edit("tone", do.chain(do.tone(warm=-0.12), do.scaled(0.8)), "webp", 80),
    "strong contrast": Edit("tone", do.tone(contrast=1.5)),
    "stronger colours": Edit("tone", do.tone(color=1.5), full=True),
    "HDR tone": Edit("filter", do.hdr),
    "vignette": Edit("filter", do.vignette),
    "app filter, 4:5": Edit("filter", do.chain(do.ratio(0.8), do.app_filter, do.long_edge(1350)), quality=78),
    "denoised": Edit("filter", do.denoised),
    "film grain": Edit("filter", do.chain(do.long_edge(1600), do.noisy)),
    "blurred a little": Edit("filter", lambda image, _: image.filter(ImageFilter.GaussianBlur(1.5))),
    "black bars": Edit("border", do.chain(do.scaled(0.6), do.letterbox(16 / 9))),
    "black bars, square": Edit("border", do.chain(do.letterbox(1.0), do.long_edge(1080)), quality=75),
    "story": Edit("story", do.story, quality=80),
    "collage": Edit("collage", do.collage, kind="review"),
    "sticker": Edit("overlay", do.chain(do.scaled(0.7), do.sticker), kind="review"),
    "crop 15 %, rotated 90": Edit("combination", do.chain(do.crop(0.15), do.turned(Image.Transpose.ROTATE_90))),
    "screenshot of a crop": Edit("screenshot", do.chain(do.crop(0.15), do.screenshot(dark=True)), "png"),
    "crop 10 %, one stop less": Edit("combination", do.chain(do.crop(0.10), do.exposure(-0.7), do.long_edge(1600))),
}
"""More edits, after those that the rules were found with."""

LATER: Mapping[str, Edit] = {
    "messenger HD, 1280": Edit("re-encode", do.twice(4096, 1280), quality=75),
    "800 px, q87": Edit("re-encode", do.long_edge(800), quality=87),
    "network, 2048, q71": Edit("re-encode", apps.network(2048), quality=71, full=True),
    "network, 1080": Edit("re-encode", apps.network(1080), "magick", 75),
    "q10": Edit("hardest", do.long_edge(1280), quality=10),
    "q5": Edit("hardest", do.long_edge(1280), quality=5),
    "quarter the colours": Edit("re-encode", do.chain(apps.pale_chroma, do.long_edge(1280)), "cjpeg", 75),
    "thumbnail 160": Edit("thumbnail", do.long_edge(160), quality=70),
    "thumbnail 100": Edit("thumbnail", do.long_edge(100), quality=60),
    "thumbnail 64": Edit("thumbnail", do.long_edge(64), quality=70),
    "16-bit PNG": Edit("format", do.long_edge(1200), "png16"),
    "16-bit TIFF": Edit("format", do.long_edge(1200), "tiff16"),
    "TIFF, LZW": Edit("format", do.long_edge(1200), "tiff"),
    "CMYK JPEG": Edit("format", do.scaled(0.7), "cmyk", 85),
    "Display P3": Edit("format", do.scaled(0.7), "p3", 85),
    "JPEG 2000": Edit("format", do.scaled(0.7), "jp2"),
    "BMP": Edit("format", do.scaled(0.5), "bmp"),
    "32 colours": Edit("few colours", do.chain(do.long_edge(1000), apps.few_colours), "png"),
    "stretched 3 %": Edit("stretched", apps.stretched(1.03)),
    "stretched 6 %": Edit("stretched", do.chain(apps.stretched(0.94), do.scaled(0.8))),
    "pressed square": Edit("stretched", do.chain(apps.squeezed, do.long_edge(800))),
    "askew 5, white": Edit("askew", apps.askew(5, "white", whole=True)),
    "askew 8, black, cut off": Edit("askew", apps.askew(8, "black", whole=False)),
    "straighten 6": Edit("askew", do.straighten(6)),
    "straighten 10, half": Edit("askew", do.chain(do.straighten(10), do.scaled(0.5))),
    "CLAHE": Edit("local tone", apps.clahe),
    "auto button": Edit("tone", do.chain(apps.auto, do.long_edge(1600))),
    "dehazed": Edit("local tone", apps.dehazed),
    "mirrored, brighter": Edit(
        "tone", do.chain(do.turned(Image.Transpose.FLIP_LEFT_RIGHT), do.tone(gamma=0.8, warm=0.06))
    ),
    "corner cut 20 %, q40": Edit("crop to 20 %", apps.corner(0.2), quality=40),
    "crop 18 %, network": Edit("crop to 20 %", do.chain(do.crop(0.18), apps.network(1080)), quality=71),
    "round corners": Edit("border", do.chain(do.scaled(0.7), apps.rounded), "png"),
    "red frame": Edit("border", do.border(0.04, (170, 30, 40))),
    "shadow": Edit("border", do.chain(do.scaled(0.6), apps.shadowed)),
    "screenshot of a screenshot": Edit("screenshot", apps.double_screenshot, quality=80),
    "date stamp": Edit("overlay", do.chain(do.scaled(0.8), apps.date_stamp), kind="review"),
    "tiny logo": Edit("overlay", do.chain(do.scaled(0.8), apps.tiny_logo), kind="review"),
    "tiny logo, 480": Edit("overlay", do.chain(apps.tiny_logo, do.long_edge(480)), quality=70, kind="review"),
    "signature": Edit("overlay", do.chain(do.scaled(0.8), apps.signature), kind="review"),
    "blurred face": Edit("overlay", do.chain(do.scaled(0.8), apps.blurred_face), kind="review"),
    "pixelated face": Edit("overlay", do.chain(do.scaled(0.8), apps.pixelated_face), kind="review"),
    "retouched": Edit("overlay", do.chain(do.scaled(0.8), apps.retouched), kind="review"),
    "emoji": Edit("overlay", do.chain(do.scaled(0.8), apps.emoji), kind="review"),
    "watermark, 480": Edit("overlay", do.chain(do.watermark, do.long_edge(480)), kind="review"),
}
"""More again, by somebody who did not look at the rules."""

COLOURS: Mapping[str, Edit] = {
    "keystone corrected": Edit("bent", do.chain(do.scaled(0.8), colours.keystone(0.06))),
    "keystone, across": Edit(
        "bent", do.chain(do.turned(Image.Transpose.ROTATE_90), colours.keystone(0.04)), "webp", 80
    ),
    "lens corrected": Edit("bent", colours.lens(0.03)),
    "lens corrected, half": Edit("bent", do.chain(colours.lens(-0.05), do.scaled(0.5)), quality=75),
    "hues turned 15": Edit("colours", do.chain(do.scaled(0.8), colours.hue(15))),
    "hues turned 40": Edit("colours", do.chain(do.scaled(0.8), colours.hue(40))),
    "twice as colourful": Edit("colours", do.chain(do.scaled(0.8), colours.colourful(2))),
    "red filter": Edit("colours", do.chain(do.scaled(0.8), colours.filtered(0.9, 0.2, -0.1))),
    "blue filter": Edit("colours", do.chain(do.scaled(0.8), colours.filtered(0.0, 0.2, 0.8))),
    "one stop more, warmer": Edit("colours", do.chain(do.scaled(0.8), colours.stops(1, warm=0.12))),
    "two thirds of a stop more": Edit("colours", colours.stops(0.67)),
    "teal and orange": Edit("colours", do.chain(do.scaled(0.8), colours.graded)),
    "crossed": Edit("colours", do.chain(do.scaled(0.8), colours.crossed), "webp", 75),
}
"""What is done to colours and perspective, drawn before the rules on them were measured with it."""

LIGHTS: Mapping[str, Edit] = {
    "clarity": Edit("light", do.chain(do.scaled(0.8), lights.clarity(0.5))),
    "less clarity": Edit("light", do.chain(do.scaled(0.8), lights.clarity(-0.5))),
    "shadows and highlights": Edit("light", do.chain(do.scaled(0.8), lights.lifted(1.0, 0.7))),
    "strong shadows": Edit("light", do.chain(do.scaled(0.8), lights.lifted(1.8, 1.0))),
    "graduated filter": Edit("light", do.chain(do.scaled(0.8), lights.graduated)),
    "picked out": Edit("light", do.chain(do.scaled(0.8), lights.picked_out)),
    "split toning": Edit("light", do.chain(do.scaled(0.8), lights.split_toned)),
    "matte": Edit("light", do.chain(do.scaled(0.8), lights.matte)),
    "vibrance": Edit("light", do.chain(do.scaled(0.8), lights.vibrance(0.45))),
    "skin and sky": Edit("light", do.chain(do.scaled(0.8), lights.skin_and_sky)),
    "developed for print": Edit(
        "light",
        do.chain(do.crop(0.12), lights.lifted(0.7, 0.5), lights.clarity(0.3), lights.vibrance(0.4), do.long_edge(1600)),
        quality=90,
    ),
    "developed for a network": Edit(
        "light",
        do.chain(do.straighten(1), do.tone(warm=0.1), lights.clarity(0.4), lights.graduated, apps.network(1080)),
        quality=80,
    ),
    "a messenger's bubble": Edit("shown", lights.bubble, "png"),
    "a bubble, a piece": Edit("shown", do.chain(do.crop(0.2), lights.bubble), quality=85),
    "avatar": Edit("shown", do.chain(lights.avatar, do.long_edge(600))),
}
"""What is done to the light of parts, and what phones put a picture in, drawn when the rules on them were there."""

MARKED: Mapping[str, Edit] = {
    "darker, watermark": Edit("overlay, toned", do.chain(do.tone(gamma=1.3), do.watermark), kind="review"),
    "brighter, signature": Edit("overlay, toned", do.chain(do.tone(gamma=0.8), apps.signature), kind="review"),
    "contrast, tiny logo": Edit("overlay, toned", do.chain(do.tone(contrast=1.2), apps.tiny_logo), kind="review"),
    "warmer, date stamp": Edit("overlay, toned", do.chain(do.tone(warm=0.12), apps.date_stamp), kind="review"),
    "paler, date stamp, 800": Edit(
        "overlay, toned", do.chain(do.tone(color=0.6, gamma=0.9), apps.date_stamp, do.long_edge(800)), kind="review"
    ),
}
"""What is developed, and written on then."""

ALL: Mapping[str, Edit] = {**EDITS, **FURTHER, **LATER, **COLOURS, **LIGHTS, **MARKED}


_FORMATS = {"pillow": "jpg", "cjpeg": "jpg", "magick": "jpg", "ffmpeg": "jpg", "vips": "jpg", "heic": "heic"}
_FORMATS |= {"cmyk": "jpg", "p3": "jpg", "png16": "png", "tiff16": "tiff"}


_PILLOW: Mapping[str, Mapping[str, Any]] = {
    "pillow": {"format": "JPEG"},
    **{form: {"format": form} for form in ("webp", "avif", "png", "gif", "bmp")},
    "tiff": {"format": "tiff", "compression": "tiff_lzw"},
    "jp2": {"format": "JPEG2000", "quality_mode": "rates", "quality_layers": [14], "irreversible": True},
}


def extension(form: str) -> str:
    """The extension of what an encoder writes."""
    return _FORMATS.get(form, form)


def encode(image: Image.Image, form: str, quality: int, ffmpeg: str) -> bytes | None:
    """A picture as one encoder writes it; None where that program isn't installed."""
    if form in _PILLOW:
        stream = io.BytesIO()
        lossy: dict[str, Any] = {} if form == "tiff" else {"quality": quality}
        image.save(stream, **{**lossy, **_PILLOW[form]})
        return stream.getvalue()
    commands = {
        "cjpeg": (
            "cjpeg",
            ["cjpeg", "-progressive", "-optimize", "-quality", str(quality), "-outfile", "OUT", "IN.ppm"],
        ),
        "magick": ("convert-im6.q16", ["convert-im6.q16", "IN.ppm", "-quality", str(quality), "OUT"]),
        "vips": ("vips", ["vips", "copy", "IN.ppm", f"OUT[Q={quality},optimize_coding]"]),
        "png16": ("convert-im6.q16", ["convert-im6.q16", "IN.ppm", "-depth", "16", "PNG48:OUT"]),
        "tiff16": ("convert-im6.q16", ["convert-im6.q16", "IN.ppm", "-depth", "16", "-compress", "LZW", "OUT"]),
        "cmyk": ("vips", _through_vips("cmyk", quality)),
        "p3": ("vips", _through_vips("p3", quality)),
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


def _through_vips(profile: str, quality: int) -> list[str]:
    """Into a colour space that libvips has a profile of."""
    return ["vips", "icc_transform", "IN.ppm", f"OUT[Q={quality}]", profile, "--input-profile", "srgb"]
