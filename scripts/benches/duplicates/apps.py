"""What scanners, phones' editors and people with a pen do to a picture: further changes, to be chained with the others."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
from duplicates.changes import Change, font, resaved, screenshot
from PIL import Image, ImageDraw, ImageFilter, ImageOps


def stretched(wide: float) -> Change:
    """Wider by this factor, and as high."""
    return lambda image, _: image.resize((round(image.width * wide), image.height), Image.Resampling.BICUBIC)


def squeezed(image: Image.Image, _: Random) -> Image.Image:
    """Made square by pressing it together, as careless websites do."""
    side = min(image.size)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def askew(degrees: float, colour: str, *, whole: bool) -> Change:
    """Turned a little, with plain corners; `whole`: on a larger page, so that nothing is cut off."""

    def change(image: Image.Image, random: Random) -> Image.Image:
        angle = degrees * random.choice((-1, 1))
        return image.rotate(angle, Image.Resampling.BICUBIC, expand=whole, fillcolor=colour)

    return change


def corner(share: float) -> Change:
    """Less `share` of each side's length, cut off along two edges."""
    return lambda image, _: image.crop((0, 0, round(image.width * (1 - share)), round(image.height * (1 - share))))


def clahe(image: Image.Image, _: Random) -> Image.Image:
    """Contrast evened out place by place (CLAHE: K. Zuiderveld, 1994)."""
    lab = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(2.0, (8, 8)).apply(lab[..., 0])
    return Image.fromarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))


def auto(image: Image.Image, _: Random) -> Image.Image:
    """The "auto" button: each channel stretched to its darkest and lightest per cent."""
    return ImageOps.autocontrast(image, cutoff=1)


def dehazed(image: Image.Image, _: Random) -> Image.Image:
    """Less of the veil over what is far away (dark channel prior: K. He, J. Sun, X. Tang, 2009; without its refinement)."""
    pixels = np.asarray(image, np.float32) / 255
    dark = cv2.erode(pixels.min(axis=2), np.ones((15, 15)))
    dark = cv2.GaussianBlur(dark, (0, 0), max(image.size) / 60)[..., None]
    clear = (pixels - 0.6 * dark) / np.maximum(1 - 0.6 * dark, 0.3)
    return Image.fromarray((clear.clip(0, 1) * 255).astype(np.uint8))


def few_colours(image: Image.Image, _: Random) -> Image.Image:
    """In 32 colours."""
    return image.quantize(32)


def rounded(image: Image.Image, _: Random) -> Image.Image:
    """Round corners on white."""
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *image.size), round(min(image.size) * 0.06), fill=255)
    return Image.composite(image, Image.new("RGB", image.size, "white"), mask)


def shadowed(image: Image.Image, _: Random) -> Image.Image:
    """On a light page, with a soft shadow below."""
    edge = round(max(image.size) * 0.05)
    page = Image.new("RGB", (image.width + 3 * edge, image.height + 3 * edge), (245, 245, 245))
    page.paste(
        (120, 120, 120), (edge * 3 // 2, edge * 3 // 2, edge * 3 // 2 + image.width, edge * 3 // 2 + image.height)
    )
    page = page.filter(ImageFilter.GaussianBlur(edge / 3))
    page.paste(image, (edge, edge))
    return page


def pale_chroma(image: Image.Image, _: Random) -> Image.Image:
    """Colours at a quarter of the size both ways, as cheap cameras store them (4:1:0)."""
    y, *chroma = image.convert("YCbCr").split()
    small = (
        plane.resize((max(1, image.width // 4), max(1, image.height // 4)), Image.Resampling.BOX) for plane in chroma
    )
    return Image.merge("YCbCr", (y, *(plane.resize(image.size, Image.Resampling.BILINEAR) for plane in small))).convert(
        "RGB"
    )


def double_screenshot(image: Image.Image, random: Random) -> Image.Image:
    """The screenshot of somebody's screenshot."""
    return screenshot(dark=False)(resaved(screenshot(dark=True)(image, random), 80), random)


def network(edge: int) -> Change:
    """As social networks serve it: smaller, and sharpened a little for that."""

    def change(image: Image.Image, _: Random) -> Image.Image:
        copy = image.copy()
        copy.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        return copy.filter(ImageFilter.UnsharpMask(0.7, 60, 2))

    return change


def date_stamp(image: Image.Image, random: Random) -> Image.Image:
    """A date in a lower corner, in the orange of old cameras."""
    copy, size = image.copy(), max(10, image.width // 32)
    where = round(image.width * 0.78), round(image.height * 0.93)
    ImageDraw.Draw(copy).text(where, f"{random.randrange(1, 29)}.11.2025", (255, 140, 30), font(size))
    return copy


def tiny_logo(image: Image.Image, _: Random) -> Image.Image:
    """A mark of four per cent in an upper corner."""
    copy, size = image.copy(), max(8, round(min(image.size) * 0.04))
    left = image.width - 2 * size
    draw = ImageDraw.Draw(copy)
    draw.rectangle((left, size, left + size, 2 * size), fill="white")
    draw.ellipse((left + size * 0.2, size * 1.2, left + size * 0.8, size * 1.8), fill=(20, 90, 160))
    return copy


def signature(image: Image.Image, random: Random) -> Image.Image:
    """A thin, half-transparent name in a corner, as photographers sign."""
    layer = Image.new("RGBA", image.size)
    draw, size = ImageDraw.Draw(layer), max(10, image.width // 30)
    at = image.width * 0.05, image.height * 0.92
    draw.text(at, "Ines Moreau", (255, 255, 255, 150), font(size))
    points = [(at[0] + step * size * 0.5, at[1] + size * 1.2 + random.uniform(-0.2, 0.2) * size) for step in range(12)]
    draw.line(points, (255, 255, 255, 150), max(1, size // 12))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _somewhere(image: Image.Image, random: Random, share: float) -> tuple[int, int, int, int]:
    """A square where there is something to be seen."""
    side = round(min(image.size) * share)
    grey = image.convert("L")
    boxes = []
    for _ in range(12):
        left, top = random.randrange(image.width - side), random.randrange(image.height - side)
        box = left, top, left + side, top + side
        boxes.append((float(np.asarray(grey.crop(box), float).std()), box))
    return max(boxes)[1]


def blurred_face(image: Image.Image, random: Random) -> Image.Image:
    """A place as large as a face (a tenth of the height), made unrecognisable by blurring."""
    copy, box = image.copy(), _somewhere(image, random, 0.1)
    copy.paste(copy.crop(box).filter(ImageFilter.GaussianBlur((box[2] - box[0]) / 6)), box)
    return copy


def pixelated_face(image: Image.Image, random: Random) -> Image.Image:
    """The same by large pixels."""
    copy, box = image.copy(), _somewhere(image, random, 0.1)
    side = box[2] - box[0]
    copy.paste(copy.crop(box).resize((6, 6), Image.Resampling.BOX).resize((side, side), Image.Resampling.NEAREST), box)
    return copy


def retouched(image: Image.Image, random: Random) -> Image.Image:
    """A thing of six per cent of the height taken away, and its ground continued."""
    left, top, right, bottom = _somewhere(image, random, 0.06)
    mask = np.zeros((image.height, image.width), np.uint8)
    mask[top:bottom, left:right] = 255
    return Image.fromarray(cv2.inpaint(np.asarray(image), mask, 3, cv2.INPAINT_TELEA))


def emoji(image: Image.Image, random: Random) -> Image.Image:
    """A round yellow face over something."""
    copy, box = image.copy(), _somewhere(image, random, 0.1)
    draw, side = ImageDraw.Draw(copy), box[2] - box[0]
    draw.ellipse(box, fill=(255, 205, 60))
    for x in (0.3, 0.6):
        draw.ellipse(
            (box[0] + side * x, box[1] + side * 0.3, box[0] + side * (x + 0.1), box[1] + side * 0.45), fill=(70, 40, 10)
        )
    draw.arc(
        (box[0] + side * 0.25, box[1] + side * 0.35, box[0] + side * 0.75, box[1] + side * 0.8),
        20,
        160,
        (70, 40, 10),
        max(1, side // 20),
    )
    return copy
