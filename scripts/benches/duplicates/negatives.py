"""Hard negatives of the benchmark on duplicates: pictures that look alike and are not one photograph, in families."""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
from duplicates import changes as do
from duplicates import templates
from duplicates.edits import encode, extension
from duplicates.material import FFMPEG, LIMITS, Sample
from duplicates.papers import PAPERS
from duplicates.scenes import SCENES
from duplicates.sheets import SHEETS
from duplicates.views import VIEWS
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mediaarchive.media.picture import open_picture

_TOPICS = """commons week plenary session budget access public archive review members report open data network
proposal minutes workshop partner region city museum library science project summary annual people"""
WORDS = tuple(_TOPICS.split())
Pair = tuple[str, str]


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(8, size))


def _sentence(random: Random, words: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(words)).capitalize()


def _stage(backgrounds: Sequence[Image.Image], heads: Sequence[Image.Image], random: Random) -> Image.Image:
    """One room, from one seat; another speaker at the same lectern."""
    room = backgrounds[0].resize((1600, 1067), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(room)
    draw.rectangle((700, 640, 900, 1067), fill=(60, 40, 30))
    head = random.choice(heads).resize((150, 190), Image.Resampling.LANCZOS)
    mask = Image.new("L", head.size)
    ImageDraw.Draw(mask).ellipse((4, 4, head.width - 4, head.height - 4), fill=255)
    where = 725 + random.randrange(-12, 12), 440 + random.randrange(-12, 12)
    draw.rectangle(
        (where[0] - 40, where[1] + 170, where[0] + 190, 700), fill=tuple(random.randrange(30, 160) for _ in range(3))
    )
    room.paste(head, where, mask.filter(ImageFilter.GaussianBlur(2)))
    return room


def _slide(_: Sequence[Image.Image], __: Sequence[Image.Image], random: Random) -> Image.Image:
    page = Image.new("RGB", (1600, 900), (252, 252, 250))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1600, 120), fill=(20, 70, 130))
    draw.text((50, 30), _sentence(random, 4), "white", _font(52))
    for line in range(random.randrange(3, 6)):
        draw.ellipse((80, 214 + line * 110, 100, 234 + line * 110), fill=(20, 70, 130))
        draw.text((130, 195 + line * 110), _sentence(random, random.randrange(3, 7)), (30, 30, 30), _font(40))
    draw.text((1350, 840), f"Commons Week · {random.randrange(1, 60)}", (120, 120, 120), _font(22))
    return page


def _slide_in_room(backgrounds: Sequence[Image.Image], heads: Sequence[Image.Image], random: Random) -> Image.Image:
    room = backgrounds[1].resize((1600, 1067), Image.Resampling.LANCZOS)
    room.paste(_slide(backgrounds, heads, random).resize((720, 405), Image.Resampling.LANCZOS), (440, 130))
    return room


def _document(_: Sequence[Image.Image], __: Sequence[Image.Image], random: Random) -> Image.Image:
    page = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(page)
    draw.text((120, 100), _sentence(random, 5), "black", _font(44))
    for line in range(44):
        draw.text((120, 200 + 32 * line), _sentence(random, random.randrange(9, 12)), (20, 20, 20), _font(22))
    return page


def _sky(_: Sequence[Image.Image], __: Sequence[Image.Image], random: Random) -> Image.Image:
    numbers = np.random.default_rng(random.randrange(1 << 30))
    top, bottom = np.array([70, 120, 200]), np.array([190, 210, 235])
    ramp = np.linspace(0, 1, 1000)[:, None, None]
    sky = np.broadcast_to(top + (bottom - top) * ramp, (1000, 1500, 3)).copy()
    clouds = Image.fromarray((numbers.random((10, 15)) * 255).astype(np.uint8)).resize(
        (1500, 1000), Image.Resampling.BICUBIC
    )
    share = np.clip((np.asarray(clouds, float) - 140) / 160, 0, 0.5)[:, :, None]
    sky = sky * (1 - share) + 245 * share + numbers.normal(0, 2.5, sky.shape)
    return Image.fromarray(sky.clip(0, 255).astype(np.uint8))


def _black(_: Sequence[Image.Image], __: Sequence[Image.Image], random: Random) -> Image.Image:
    numbers = np.random.default_rng(random.randrange(1 << 30))
    noise = numbers.normal(8, random.choice((1, 3, 6)), (900, 1350, 3))
    return Image.fromarray(noise.clip(0, 255).astype(np.uint8))


def _logo(_: Sequence[Image.Image], __: Sequence[Image.Image], random: Random) -> Image.Image:
    page = Image.new("RGB", (1200, 900), "white")
    draw = ImageDraw.Draw(page)
    ink = random.choice(((200, 30, 60), (20, 90, 160), (20, 20, 20)))
    draw.ellipse((380, 180, 820, 620), fill=ink)
    draw.polygon(
        [(600 + random.randrange(-120, 120), 260 + random.randrange(0, 260)) for _ in range(random.randrange(3, 6))],
        fill="white",
    )
    draw.text((420, 680), _sentence(random, 2), ink, _font(70))
    return page


def _award(_: Sequence[Image.Image], heads: Sequence[Image.Image], random: Random) -> Image.Image:
    """The same backdrop of logos and the same two people; another winner between them."""
    wall = Image.new("RGB", (1500, 1000), (235, 238, 242))
    draw = ImageDraw.Draw(wall)
    for row in range(6):
        for column in range(6):
            x, y = 60 + column * 250 + (row % 2) * 110, 40 + row * 160
            draw.ellipse((x, y, x + 44, y + 44), fill=(20, 90, 160))
            draw.text((x + 52, y + 6), "Commons", (60, 60, 60), _font(28))
    people = (heads[0], random.choice(heads[2:]), heads[1])
    for place, head in enumerate(people):
        x = 350 + place * 300 + random.randrange(-10, 10)
        draw.rectangle((x - 60, 560, x + 240, 1000), fill=((40, 40, 60), (120, 60, 60), (60, 90, 60))[place])
        wall.paste(head.resize((180, 220), Image.Resampling.LANCZOS), (x, 350))
    return wall


FAMILIES: Mapping[str, Callable[[Sequence[Image.Image], Sequence[Image.Image], Random], Image.Image]] = {
    "same stage, other speaker": _stage,
    "award, other winner": _award,
    "slides": _slide,
    "slides in a room": _slide_in_room,
    "documents": _document,
    "skies": _sky,
    "black frames": _black,
    "logos": _logo,
    "slides, one bullet more": templates.one_bullet_more,
    "invoices": templates.invoice,
    "badges": templates.badge,
    "charts": templates.chart,
    "products": templates.product,
    "colour variants": templates.colour_variant,
    "screens of one app": templates.one_app,
    "posters": templates.poster,
    "groups, taken again": templates.retake,
    "groups, again by hand": templates.retake_by_hand,
    "webcam": templates.webcam,
    "brackets": templates.bracket,
    "slides, another number": templates.another_number,
    "same stage, half of them small": _stage,
    "award, half of them small": _award,
    "slides, half of them small": templates.one_bullet_more,
    "webcam, half of them small": templates.webcam,
    **PAPERS,
    **SCENES,
    **VIEWS,
    **SHEETS,
}
# Every other picture with a long edge of so many pixels, compressed hard: what is another may be no more than a block.
_SMALL = "half of them small"
_SMALL_EDGES, _SMALL_QUALITY = (80, 160), 40
# Later families: each picture in a size of its own, some turned, mirrored or cropped, as a folder has them after years.
_VARIED = {*PAPERS, *SCENES, *VIEWS, *SHEETS}
_EDGES = (None, None, None, 960, 960, 480, 320, 160, 80)
# The latest: heads are those of people in the corpus, and sizes what people send.
LATEST = {*VIEWS, *SHEETS}
_LATEST_EDGES = (None, None, 960, 960, 640, 480, 320, 160)
# What a camera writes: one size, one encoder. Copies of such frames, in which nothing moved, are measured as bursts.
_AS_WRITTEN = {"brackets"}
_TRIES = 50
_ENCODERS = (("pillow", 85), ("pillow", 72), ("cjpeg", 80), ("magick", 88), ("webp", 75), ("ffmpeg", 4), ("vips", 75))
# What can be seen: a dot of 3 x 3 px, as they are written, that is a tenth of the range another, and not on the very edge.
_SEEN_LEVELS, _SEEN_PIXELS, _SEEN_RIM = 25.0, 9, 4


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture of one family, before it is written: how large, by what, and what chance does with it besides."""

    image: Image.Image
    chance: Any
    scale: float
    form: str
    quality: int
    edges: Sequence[int | None] | None

    def cut(self, image: Image.Image, *, whole: bool = False) -> tuple[Image.Image, float]:
        """A picture, cropped (or `whole`) and turned as this one is, and how much of its size is left."""
        random = Random()
        random.setstate(self.chance)
        return _varied(image, random, self.scale, self.edges, whole=whole) if self.edges else (image, self.scale)

    def written(self, image: Image.Image) -> Image.Image:
        """A picture, cropped, turned and reduced as this one is."""
        return _reduced(*self.cut(image))

    def found_in(self, image: Image.Image) -> Image.Image:
        """The same of another picture, from where it looks most like this one: two pieces of one wall may show the same bricks."""
        (mine, scale), (whole, _) = self.cut(self.image), self.cut(image, whole=True)
        there, this = (np.asarray(one.convert("L")) for one in (whole, mine))
        left, top = cv2.minMaxLoc(cv2.matchTemplate(there, this, cv2.TM_SQDIFF))[2]
        return _reduced(whole.crop((left, top, left + mine.width, top + mine.height)), scale)


def _reduced(image: Image.Image, scale: float) -> Image.Image:
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


def family(
    name: str, rooms: Sequence[Sample], count: int, folder: Path, draw: str, people: Sequence[Image.Image] = ()
) -> tuple[list[Sample], set[Pair]]:
    """Pictures of one family, each of another truth, in varied sizes and encodings: only pixels tell them apart.

    And the pairs of truths that nobody can tell apart, as one of the two is written: what differs is cut away or too small.

    `people`: heads for the latest families, at least two.
    """
    target = folder / "negatives" / name.replace(" ", "-").replace(",", "")
    half = rooms[0].half
    hidden = target / f"{draw}-{count}.json"
    if not hidden.exists():
        target.mkdir(parents=True, exist_ok=True)
        pictures = [open_picture(one.path, pixels=LIMITS["pixels"], at_least=1600).image for one in rooms]
        drawn = _drawn(name, pictures, people, count, draw)
        for number, one in enumerate(drawn):
            path = target / f"{draw}-{number}.{extension(one.form)}"
            if not path.exists() and (data := encode(one.written(one.image), one.form, one.quality, FFMPEG)):
                path.write_bytes(data)
        hidden.write_text(json.dumps([pair for pair in combinations(range(count), 2) if not _tell(drawn, *pair)]))
    truth = f"{name} {draw} {{}}".format
    written = [path for path in target.glob(f"{glob.escape(draw)}-*") if path.suffix != hidden.suffix]
    numbered = sorted((int(path.stem.rpartition("-")[2]), path) for path in written)
    made = [Sample(path, truth(number), half, name, f"{name} {number}") for number, path in numbered if number < count]
    return made, {(truth(left), truth(right)) for left, right in json.loads(hidden.read_text())}


def _drawn(
    name: str, pictures: Sequence[Image.Image], people: Sequence[Image.Image], count: int, draw: str
) -> list[_Drawn]:
    heads = people if name in LATEST and len(people) > 1 else [_middle(picture) for picture in pictures]
    random = Random(f"{name} {draw}")
    seen: set[str] = set()
    found = []
    for number in range(count):
        form, quality = random.choice(_ENCODERS)
        scale = random.choice((1.0, 0.8, 0.65, 0.5))
        if name in _AS_WRITTEN:
            (form, quality), scale = _ENCODERS[0], 1.0
        drawn = Random(f"{name} {draw} {number}")
        image = _another(name, (pictures, heads), drawn, seen)
        if name.endswith(_SMALL) and number % 2:
            form, quality = "pillow", _SMALL_QUALITY
            scale = drawn.randrange(*_SMALL_EDGES) / max(image.size)
        edges = (_LATEST_EDGES if name in LATEST else _EDGES) if name in _VARIED else None
        found.append(_Drawn(image, drawn.getstate(), scale, form, quality, edges))
    return found


def _tell(drawn: Sequence[_Drawn], left: int, right: int) -> bool:
    """Whether the two can be told apart, however either is written."""
    return all(
        _differ(mine.written(mine.image), shown)
        for mine, other in ((drawn[left], drawn[right]), (drawn[right], drawn[left]))
        for shown in (mine.written(other.image), mine.found_in(other.image))
    )


def _differ(left: Image.Image, right: Image.Image) -> bool:
    if left.size != right.size:
        return True
    mine, theirs = (
        cv2.GaussianBlur(np.asarray(one.convert("RGB"), np.float32), (3, 3), 0)[
            _SEEN_RIM:-_SEEN_RIM, _SEEN_RIM:-_SEEN_RIM
        ]
        for one in (left, right)
    )
    return int((abs(mine - theirs).max(axis=2) > _SEEN_LEVELS).sum()) >= _SEEN_PIXELS


def _another(
    name: str, from_: tuple[Sequence[Image.Image], Sequence[Image.Image]], random: Random, seen: set[str]
) -> Image.Image:
    """A picture that wasn't drawn yet: by chance two boxes have one label, and two boards one position."""
    for _ in range(_TRIES):
        image = FAMILIES[name](*from_, random)
        digest = str(image.info.get("drawn") or hashlib.sha256(image.tobytes()).hexdigest())
        if digest not in seen:
            break
    seen.add(digest)
    return image


def _varied(
    image: Image.Image, random: Random, scale: float, edges: Sequence[int | None], *, whole: bool
) -> tuple[Image.Image, float]:
    """Cropped (unless it is to stay `whole`), turned or mirrored, or as it is; and how much of its size is left."""
    if random.random() < 0.3:
        cropped = do.crop(random.choice((0.03, 0.08)))(image, random)
        image = image if whole else cropped
    if random.random() < 0.25:
        image = image.transpose(random.choice((Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90)))
    edge = random.choice(edges)
    return image, min(1.0, edge / max(image.size)) if edge else scale


def _middle(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.crop((round(width * 0.3), round(height * 0.25), round(width * 0.6), round(height * 0.7)))
