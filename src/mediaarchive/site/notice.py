"""The picture at a withdrawn item's stable addresses: a sentence in each language, so that an embed explains itself."""

from __future__ import annotations

import io
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import Image, ImageDraw, ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_PAPER: Final = (240, 238, 233)
_INK: Final = (52, 58, 64)  # 10:1 on the paper
_FRAME: Final = (201, 196, 187)
_SCALE: Final = 2  # drawn larger, then reduced: smooth accents
_SMALLEST: Final = 10 * _SCALE
_PARAGRAPH: Final = 0.6  # of a line, between two languages
# Pillow's font has letters without accents only. Each accent: lines in parts of the font's size, from the middle of the
# letter's top (or foot, for the cedilla), x to the right and y downwards.
_ACCENTS: Final = {
    "\N{COMBINING ACUTE ACCENT}": [[(-0.04, -0.08), (0.09, -0.2)]],
    "\N{COMBINING GRAVE ACCENT}": [[(0.04, -0.08), (-0.09, -0.2)]],
    "\N{COMBINING CIRCUMFLEX ACCENT}": [[(-0.12, -0.08), (0, -0.19), (0.12, -0.08)]],
    "\N{COMBINING TILDE}": [[(-0.14, -0.09), (-0.06, -0.15), (0.06, -0.1), (0.14, -0.16)]],
    "\N{COMBINING DIAERESIS}": [[(-0.13, -0.13), (-0.07, -0.13)], [(0.07, -0.13), (0.13, -0.13)]],
    "\N{COMBINING CEDILLA}": [[(0, 0), (0.05, 0.09), (-0.07, 0.16)]],
}


def notice_jpeg(texts: Mapping[str, str], edge: int, ratio: float = 1.5) -> bytes:
    """A neutral picture with the tombstone's sentences, one paragraph for each language in the mapping's order.

    The letters are as large as they fit. Pillow's own font is Latin: texts in other scripts are left out, rather than
    shown as boxes (the page behind the picture has them).

    Args:
        texts: by language, the most important first.
        edge: the long edge, in pixels.
        ratio: width to height: that of the withdrawn picture, where it is known, so that no page stretches the notice.

    Returns:
        A JPEG. The same texts and edge give the same bytes from the same Pillow.
    """
    return _drawn(tuple(dict.fromkeys(" ".join(text.split()) for text in texts.values() if text.strip())), edge, ratio)


@lru_cache(maxsize=32)
def _drawn(paragraphs: tuple[str, ...], edge: int, ratio: float) -> bytes:
    """The picture with these sentences. What was withdrawn on one day for one reason has one, and it takes 70 ms of CPU."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - only a takedown pays for it

    ratio = min(max(ratio, 0.5), 2.0)
    size = (edge, round(edge / ratio)) if ratio >= 1 else (round(edge * ratio), edge)
    width, height = size[0] * _SCALE, size[1] * _SCALE
    image = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(image)
    inset = round(max(width, height) * 0.02)
    draw.rectangle((inset, inset, width - inset - 1, height - inset - 1), outline=_FRAME, width=max(2, width // 400))
    font, lines = _fit(draw, [text for text in paragraphs if _drawable(text)], width - 5 * inset, height - 5 * inset)
    top = (height - _height(font, lines)) / 2
    for line in lines:
        _write(draw, line, font, (width / 2, top))
        top += _height(font, [line])
    return _jpeg(image.resize(size, Image.Resampling.LANCZOS))


def _fit(draw: ImageDraw.ImageDraw, paragraphs: list[str], width: int, height: int) -> tuple[Font, list[str]]:
    """The largest font in which all lines fit, and the lines; an empty one between paragraphs."""
    size = max(_SMALLEST, round(width / 18))
    while True:
        font = _font(size)
        blocks = [_wrap(draw, paragraph, font, width) for paragraph in paragraphs]
        lines = [line for block in blocks for line in [*block, ""]][:-1]
        if size <= _SMALLEST or _height(font, lines) <= height:
            return font, lines
        size -= max(1, size // 16)


def _wrap(draw: ImageDraw.ImageDraw, text: str, font: Font, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and draw.textlength(_bare(longer), font=font) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _height(font: Font, lines: list[str]) -> float:
    pitch = 1.4 * float(getattr(font, "size", _SMALLEST))
    return sum(pitch if line else pitch * _PARAGRAPH for line in lines)


def _write(draw: ImageDraw.ImageDraw, line: str, font: Font, middle: tuple[float, float]) -> None:
    """Write a line below `middle` (pixels): its letters at once, for their kerning, then the accents over them."""
    bare = _bare(line)
    left, top = middle[0] - draw.textlength(bare, font=font) / 2, middle[1]
    draw.text((left, top), bare, font=font, fill=_INK)
    for place, char in enumerate(unicodedata.normalize("NFC", line)):
        letter, *accents = list(unicodedata.normalize("NFD", char))
        for accent in accents:
            _accent(draw, letter, accent, font, (left + draw.textlength(bare[:place], font=font), top))


def _accent(draw: ImageDraw.ImageDraw, letter: str, accent: str, font: Font, at: tuple[float, float]) -> None:
    size = float(getattr(font, "size", _SMALLEST))
    x1, top, x2, foot = draw.textbbox(at, letter, font=font)
    if accent == "\N{COMBINING CEDILLA}":
        top = foot
    elif letter in "ij":  # the accent stands in place of the dot
        dotless = draw.textbbox(at, "x", font=font)[1]
        draw.rectangle((x1, top, x2, dotless - 2), fill=_PAPER)
        top = dotless
    for line in _ACCENTS[accent]:
        points = [((x1 + x2) / 2 + x * size, top + y * size) for x, y in line]
        draw.line(points, fill=_INK, width=max(2, round(size * 0.075)), joint="curve")


def _bare(text: str) -> str:
    """The letters without their accents, one for each character of the text's composed form."""
    return "".join(unicodedata.normalize("NFD", char)[0] for char in unicodedata.normalize("NFC", text))


def _drawable(text: str) -> bool:
    """Whether the font has every letter, and we every accent."""
    parts = unicodedata.normalize("NFD", text)
    return all(char in _ACCENTS or char.isspace() or _has(char) for char in parts)


@cache
def _has(char: str) -> bool:
    """Whether the font has the letter, rather than the box for what it lacks."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    def drawn(letter: str) -> bytes:
        image = Image.new("L", (96, 96))
        ImageDraw.Draw(image).text((16, 16), letter, font=_font(48), fill=255)
        return image.tobytes()

    return drawn(char) != drawn("\uffff")


def _font(size: int) -> Font:
    from PIL import ImageFont  # noqa: PLC0415

    return ImageFont.load_default(size)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=78, optimize=True)
    return out.getvalue()
