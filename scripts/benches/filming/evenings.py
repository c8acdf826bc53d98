"""Films of an evening, made of photographs: pans, the same filmed again, talks on one stage, slideshows, two with one intro."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mediaarchive.media.ffmpeg import find_ffmpeg

SIZE, RATE, SECONDS, SHOT = (1280, 720), 25, 24, 3.0  # pixels, frames a second, seconds, seconds of one scene
SOUND_RATE, PIECE = 16_000, 0.25  # samples, seconds of one tone
GRAIN, NOISES = 2.5, 8  # grey levels, and how many different pictures of it
Picture = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Filmed:
    """One film: which photographs it shows, how the camera moves, what is heard. Other numbers, other movement, other sound."""

    photographs: Sequence[Picture]
    movement: int
    sound: int | None
    head: Picture | None = None  # somebody who speaks before each of them


def film(target: Path, one: Filmed) -> Path:
    """Write a film as a camera would: 20 Mb/s and less."""
    if target.exists():
        return target
    command = [
        str(find_ffmpeg()),
        "-v",
        "error",
        "-y",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "bgr24",
        "-s",
        f"{SIZE[0]}x{SIZE[1]}",
    ]
    command += ["-r", str(RATE), "-i", "pipe:0"]
    heard = target.with_suffix(".pcm")
    if one.sound is not None:
        heard.write_bytes(music(one.sound))
        command += ["-f", "s16le", "-ar", str(SOUND_RATE), "-ac", "1", "-i", str(heard), "-c:a", "aac", "-b:a", "160k"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p", str(target)]
    subprocess.run(command, input=b"".join(frames(one)), check=True)
    heard.unlink(missing_ok=True)
    return target


def frames(one: Filmed) -> Iterator[bytes]:
    """All pictures of a film, each with a grain of its own."""
    random = np.random.default_rng(one.movement)
    noises = [cv2.resize(random.normal(0, GRAIN, (360, 640)), SIZE)[..., None] for _ in range(NOISES)]
    paths = [random.uniform(0, 1, 6) for _ in range(int(SECONDS / SHOT))]
    for number in range(SECONDS * RATE):
        shot, at = divmod(number / RATE / SHOT, 1)
        photograph = one.photographs[int(shot) % len(one.photographs)]
        picture = _panned(photograph, paths[int(shot)], at) if one.movement else cv2.resize(photograph, SIZE)
        if one.head is not None:
            _placed(picture, one.head, paths[int(shot)], at)
        yield (picture + noises[number % NOISES]).clip(0, 255).astype(np.uint8).tobytes()


def _panned(photograph: Picture, path: NDArray[np.float64], at: float) -> Picture:
    """A part of a photograph, from 85 to 65 per cent of it, whose middle goes its way."""
    height, width = photograph.shape[:2]
    share = 0.85 - 0.2 * abs(path[4] - at)
    scale = share * min(width / SIZE[0], height / SIZE[1])
    free = width - scale * SIZE[0], height - scale * SIZE[1]
    x, y = (free[axis] * (path[axis] * (1 - at) + path[axis + 2] * at) for axis in range(2))
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(photograph, matrix, SIZE, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _placed(picture: Picture, head: Picture, path: NDArray[np.float64], at: float) -> None:
    """A head over a picture, which sways."""
    x = int(SIZE[0] * (0.45 + 0.06 * np.sin(6 * (at + path[0])) + 0.05 * path[1]))
    y = int(SIZE[1] * (0.45 + 0.02 * np.sin(9 * (at + path[2]))))
    picture[y : y + head.shape[0], x : x + head.shape[1]] = head


def music(seed: int) -> bytes:
    """Tones and strokes as loud as it comes, for as long as a film."""
    random = np.random.default_rng(1000 + seed)
    time = np.arange(int(SOUND_RATE * PIECE)) / SOUND_RATE
    pieces = []
    for _ in range(int(SECONDS / PIECE)):
        loud, pitch, stroke = random.uniform(0.05, 1), random.choice([220, 262, 330, 392, 440]), random.uniform(0, 0.6)
        tone = sum(np.sin(2 * np.pi * pitch * part * time) / part for part in (1, 2, 3))
        pieces.append(loud * (tone + stroke * random.normal(0, 1, len(time))) * np.exp(-3 * time))
    return (np.concatenate(pieces) * 9000).clip(-32767, 32767).astype("<i2").tobytes()


def evening(photographs: Sequence[Picture], heads: Sequence[Picture], seed: int) -> dict[str, Filmed]:
    """Films of one evening that nobody should take for each other. Eight photographs, two heads."""
    eight, two = list(photographs[:8]), list(photographs[8:10])
    move = 10 * seed + 1
    return {
        "aftermovie": Filmed(eight, move, move),
        "the same scenes, filmed again": Filmed(eight, move + 1, move + 1),
        "filmed again to the same music": Filmed(eight, move + 2, move),
        "slideshow": Filmed(eight, 0, move + 3),
        "slideshow in another order": Filmed(eight[::-1], 0, move + 3),
        "slideshow with one other slide": Filmed([*eight[:5], two[0], *eight[6:]], 0, move + 3),
        "mute slideshow with one other slide": Filmed([*eight[:5], two[1], *eight[6:]], 0, None),
        "another film with the same intro": Filmed([*eight[:2], *two * 3], move, move + 4),
        "a talk": Filmed([two[0]], 0, move + 5, heads[0]),
        "the next talk": Filmed([two[0]], 0, move + 6, heads[1]),
        "the next talk to the same music": Filmed([two[0]], 0, move + 5, heads[1]),
    }


def loaded(paths: Sequence[Path], read: Callable[[Path], Picture], count: int) -> list[Picture]:
    """So many photographs that are broad and large enough."""
    found: list[Picture] = []
    for path in paths:
        picture = read(path)
        if picture.shape[1] >= 1.2 * picture.shape[0] >= 720:
            found.append(picture)
        if len(found) == count:
            break
    return found
