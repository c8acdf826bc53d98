#!/usr/bin/env python3
"""Measure which films of an evening are taken for one: what people make of theirs and send, and what only looks alike.

    scripts/bench evenings PHOTOGRAPHS [--evenings 2] [--first 0] [--work DIR]

Films of 24 s are made of photographs (`filming.evenings`): pans over scenes, the same filmed again, slideshows, talks, two with one
intro. Printed: which of all pairs are not simply apart, and what became of the edits of an aftermovie and a slideshow: those that
should link, those that a person should see, and those that are films of their own.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from filming.evenings import evening, film, loaded
from films import LIMITS, X264, answer, converted, looked_at, named
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mediaarchive.errors import BadInput
from mediaarchive.media.picture import open_picture
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind

SENT = [*X264, "-crf", "30", "-c:a", "aac", "-b:a", "64k", "-map_metadata", "-1"]
AGAIN = [*X264, "-crf", "20", "-c:a", "copy"]
MADE = {
    "link": {
        "messenger, 848 px": ["-vf", "scale=848:-2", *SENT],
        "messenger, 480 px, mute": ["-vf", "scale=480:-2", *SENT[:-6], "-an"],
        "at 24 frames": ["-vf", "fps=24", *AGAIN],
        "at 60 frames": ["-vf", "fps=60", *AGAIN],
        "at 15 frames, 640 px": ["-vf", "scale=640:-2,fps=15", *SENT],
        "VP8": ["-vf", "scale=960:-2", "-c:v", "libvpx", "-b:v", "1500k", "-c:a", "libopus"],
        "brighter": ["-vf", "eq=brightness=0.05:contrast=1.1:saturation=1.2", *AGAIN],
    },
    "review": {
        "a title for 3 s": ["TITLE", "0.5,0.5,0,3", *AGAIN],
        "a name for 2 s": ["TITLE", "0.25,0.85,8.1,10.1", *AGAIN],
        "a small name for 1.5 s": ["TITLE", "0.2,0.9,14.2,15.7,26", *AGAIN],
        "a small name for 1.5 s, sent": ["TITLE", "0.2,0.9,14.2,15.7,26", *SENT],
        "a logo": ["TITLE", "0.9,0.08,0,99", *AGAIN],
        "letterboxed": ["-vf", "pad=1280:960:0:120", *AGAIN],
        "for a phone, cut upright": ["-vf", "crop=406:720:437:0", *AGAIN],
        "mirrored": ["-vf", "hflip", *AGAIN],
        "without colours": ["-vf", "hue=s=0", *AGAIN],
        "the first half": ["-t", "12", *AGAIN],
        "another sound": ["-af", "areverse", *X264, "-crf", "20", "-c:a", "aac"],
    },
    "apart": {
        "a trailer with its own sound": [
            "-vf",
            "select=lt(mod(t\\,6)\\,2),setpts=N/25/TB",
            "-af",
            "areverse",
            "-t",
            "8",
            *X264,
            "-crf",
            "20",
        ],
        "a quarter faster": ["-vf", "setpts=0.8*PTS", "-af", "atempo=1.25", *X264, "-crf", "20", "-c:a", "aac"],
    },
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--evenings", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="skip so many: other photographs, other movement")
    parser.add_argument("--work", type=Path, help="where the films are made; kept, and used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = given.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        evenings(given.folder, work, range(given.first, given.first + given.evenings))


def evenings(folder: Path, work: Path, seeds: range) -> None:
    """Films of evenings, each with each, and what is made of two of them."""
    paths = sorted(path for path in folder.iterdir() if sniffed(path))
    random.Random(1).shuffle(paths)
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for seed in seeds:
        photographs = loaded(paths[seed::4], read, 12)
        heads = [cv2.resize(one, (220, 300)) for one in photographs[10:]]
        made = evening(photographs, heads, seed)
        seen = {name: looked_at(film(work / f"{seed} {name}.mp4", one)) for name, one in made.items()}
        for (name, one), (other_name, other) in combinations(seen.items(), 2):
            said = named(one, other) if one and other else "not made"
            told[f"apart: {min(name, other_name)} / {max(name, other_name)}"][said] += 1
        for base in ("aftermovie", "slideshow"):
            for wished, edits in MADE.items():
                for name, arguments in edits.items():
                    ending = ".webm" if name == "VP8" else ".mp4"
                    copy = converted(
                        work / f"{seed} {base}.mp4", titled(arguments, work), work / f"{seed} {base} {name}{ending}"
                    )
                    whole = seen[base]
                    told[f"{wished}: {base}, {name}"][answer(whole, copy) if whole and copy else "not made"] += 1
    for what, answers in sorted(told.items()):
        if not what.startswith("apart") or set(answers) != {"nothing"}:
            print(f"{what:<70} {dict(answers)}", flush=True)


def sniffed(path: Path) -> bool:
    """Whether it is a photograph."""
    try:
        return sniff(path).kind is Kind.PHOTO
    except BadInput:
        return False


def read(path: Path) -> NDArray[Any]:
    """A photograph (h, w, 3), BGR, or one black pixel for what can't be decoded."""
    try:
        return np.asarray(open_picture(path, pixels=LIMITS["pixels"]).image.convert("RGB"))[..., ::-1].copy()
    except BadInput:
        return np.zeros((1, 1, 3), np.uint8)


def titled(arguments: list[str], work: Path) -> list[str]:
    """The arguments of an edit; `TITLE` with `x,y,from,to[,size]` is a text over the film."""
    if arguments[0] != "TITLE":
        return arguments
    x, y, start, end, *size = arguments[1].split(",")
    text = work / f"title {arguments[1]}.png"
    picture = Image.new("RGBA", (1280, 720))
    place, font = (float(x) * 1280, float(y) * 720), ImageFont.load_default(float(*(size or ["54"])))
    ImageDraw.Draw(picture).text(place, "Ada Example", "white", font, "mm", stroke_width=1, stroke_fill="black")
    picture.save(text)
    laid = f"[0:v][1:v]overlay=enable='between(t,{start},{end})'[v]"
    return ["-i", str(text), "-filter_complex", laid, "-map", "[v]", "-map", "0:a?", *arguments[2:]]


if __name__ == "__main__":
    main()
