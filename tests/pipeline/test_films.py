"""Films that come twice: a messenger's copy stands behind the original, an edit waits for a person, others are left alone."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from mediaarchive.config.settings import Settings
from mediaarchive.model import Kind
from mediaarchive.stages.dedupe.films import film_pairs, judge_films, prove_films, sign_film
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.ingest import identify

from .conftest import LEAN, Space

SETTINGS = LEAN + '[film]\nsides = [240]\npreset = "ultrafast"\n'
SECONDS, RATE, SIZE = 10.0, 12, (480, 270)
SMALL = (
    "-vf",
    "scale=400:226,fps=15",
    "-c:v",
    "libx264",
    "-crf",
    "32",
    "-preset",
    "veryfast",
    "-c:a",
    "aac",
    "-b:a",
    "64k",
)


def encode(*arguments: str, data: bytes | None = None) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, input=data)


def film(target: Path, seed: int, *, sound: bool = True) -> Path:
    """A room in which things move, and a voice that comes and goes."""
    random = Random(seed)
    room = Image.new("RGB", SIZE, (random.randrange(90, 160), 120, 140))
    draw = ImageDraw.Draw(room)
    for _ in range(150):
        x, y, side = random.randrange(SIZE[0]), random.randrange(SIZE[1]), random.randrange(10, 70)
        draw.rectangle((x, y, x + side, y + side // 2), fill=tuple(random.randrange(256) for _ in range(3)))
    room = room.filter(ImageFilter.GaussianBlur(1))
    paths = [(random.random(), random.random(), random.uniform(0.1, 0.4)) for _ in range(5)]
    frames = bytearray()
    for number in range(int(SECONDS * RATE)):
        image, at = room.copy(), number / RATE
        for start, height, speed in paths:
            x, y = SIZE[0] * ((start + speed * at) % 1), SIZE[1] * 0.8 * height
            ImageDraw.Draw(image).ellipse((x, y, x + 70, y + 70), fill=(250, 220, 190), outline="black", width=4)
        frames += image.tobytes()
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(RATE), "-i", "pipe:0"]
    if sound:
        level = np.repeat(np.random.default_rng(seed).uniform(0, 1, int(SECONDS / 0.4)), int(8000 * 0.4))
        tone = np.sin(np.arange(len(level)) * 0.3) * level * 20_000
        voice = target.with_suffix(".pcm")
        voice.write_bytes(tone.astype("<i2").tobytes())
        raw += ["-f", "s16le", "-ar", "8000", "-ac", "1", "-i", str(voice), "-c:a", "aac"]
    coded = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", str(target))
    encode(*raw, *coded, data=bytes(frames))
    return target


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A film, another one of the same length, and what people make of the first."""
    folder = tmp_path_factory.mktemp("films")
    first, other = film(folder / "first.mp4", 1), film(folder / "other.mp4", 2)
    made = {
        "sent.mp4": SMALL,
        "again.mov": ("-c", "copy", "-map_metadata", "-1"),
        "mute.mp4": (*SMALL[:-4], "-an"),
        "silent.mp4": ("-c", "copy", "-an"),
        "logo.mp4": ("-vf", "drawbox=x=370:y=16:w=84:h=46:color=red:t=fill", "-c:v", "libx264", "-c:a", "copy"),
        "cut.mp4": ("-ss", "0.8", "-c:v", "libx264", "-crf", "24", "-c:a", "aac"),
    }
    for name, arguments in made.items():
        before = arguments[:2] if arguments[0] == "-ss" else ()
        encode(*before, "-i", str(first), *arguments[len(before) :], str(folder / name))
    dubbed = ("-map", "0:v", "-map", "1:a", "-c", "copy", str(folder / "dubbed.mp4"))
    encode("-i", str(folder / "sent.mp4"), "-i", str(other), *dubbed)
    return {path.name: path for path in folder.iterdir() if path.suffix != ".pcm"}


@pytest.fixture
def ws(tmp_path: Path) -> Space:
    found = Space(tmp_path / "ws")
    found.init(SETTINGS)
    return found


@pytest.fixture(scope="module")
def seen(films: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Space:
    """A workspace after a run over the first film. Read only."""
    found = Space(tmp_path_factory.mktemp("seen") / "ws")
    found.init(SETTINGS)
    assert drop(found, films, "first.mp4") == {"first.mp4": ("published", None)}
    return found


@pytest.fixture
def later(seen: Space, tmp_path: Path) -> Space:
    """The same, to go on with."""
    return seen.twin(tmp_path / "ws")


def drop(ws: Space, films: dict[str, Path], *names: str, event: str = "e") -> dict[str, tuple[str, str | None]]:
    """Drop films, run, and say what became of them."""
    folder = ws.root / "inbox" / event
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(films[name].read_bytes())
    files = ws.run_here()["files"]
    return {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in files}


def waiting(ws: Space) -> dict[frozenset[str], str]:
    pairs: list[dict[str, Any]] = json.loads(ws.here("dedupe", "list", "--json").stdout)["pairs"]
    return {frozenset(Path(pair[side]["path"]).name for side in ("left", "right")): pair["because"] for pair in pairs}


def test_copies_stand_behind_the_film_and_the_original_that_comes_later_keeps_the_address(
    ws: Space, films: dict[str, Path]
) -> None:
    drop(ws, films, "sent.mp4")
    (before,) = ws.items("e").values()
    told = drop(ws, films, "first.mp4", "mute.mp4", "other.mp4")
    assert told == {
        "first.mp4": ("published", None),
        "mute.mp4": ("alternate", "copy"),
        "other.mp4": ("published", None),
    }
    after = ws.items("e")[before["id"]]
    assert (before["width"], after["width"], after["page"]) == (400, 480, before["page"])
    assert len(ws.items("e")) == 2
    assert waiting(ws) == {}
    assert "it shows the same at 8 of 8 moments, and sounds the same" in ws.here("why", "sent.mp4").stdout
    drop(ws, films, "again.mov", event="second")
    assert set(ws.items("second")) == {before["id"]}, "the same film in two events is one item"
    ws.run_here()  # the first event's films are compared with the one that came in elsewhere
    assert ws.items("e")[before["id"]] == after, "the other container shows nothing new, and isn't encoded again"
    again = ws.run_here()
    assert (again["jobs"]["planned"], again["files"]) == (0, [])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("logo.mp4", "edited version"),
        ("cut.mp4", "a part of the other film"),
        ("dubbed.mp4", "sound different"),
        ("silent.mp4", "sound different"),
    ],
)
def test_a_logo_a_cut_and_another_sound_wait_for_a_person(
    later: Space, films: dict[str, Path], name: str, why: str
) -> None:
    ws = later
    assert drop(ws, films, name) == {name: ("published", None)}
    ((pair, reason),) = waiting(ws).items()
    assert pair == {"first.mp4", name}
    assert why in reason
    page = json.loads(ws.here("dedupe", "show", "first.mp4", name, "--json").stdout)["page"]
    assert Path(page).stat().st_size > 20_000, "a picture of each is on the page"
    assert ws.here("dedupe", "same", "first.mp4", name).returncode == 0
    assert sum(item["type"] == "video" for item in ws.items("e").values()) == 1


def test_a_withdrawn_film_does_not_come_back_as_a_copy_nor_when_it_is_erased(
    later: Space, films: dict[str, Path]
) -> None:
    ws = later
    (item,) = ws.items("e")
    assert ws.here("takedown", item, "--reason", "consent-withdrawn").returncode == 0
    told = drop(ws, films, "sent.mp4", "other.mp4", event="later")
    assert told == {"sent.mp4": ("withdrawn", "withdrawn"), "other.mp4": ("published", None)}
    done = ws.here("takedown", item, "--reason", "consent-withdrawn", "--erase", "--after", "0")
    assert done.returncode == 0, done.stderr
    ws.run_here()
    assert len(ws.originals()) == 1, "only the other film is left"
    assert drop(ws, films, "mute.mp4", event="last") == {"mute.mp4": ("held", "looks-withdrawn")}
    before = ws.originals()
    assert drop(ws, films, "again.mov", event="other") == {"again.mov": ("withdrawn", "withdrawn")}
    assert ws.originals() == before, "the same pictures in another container aren't kept"
    assert ws.here("dedupe", "same", "last/mute.mp4", item, "--erase").returncode == 0
    assert len(ws.originals()) == 1, "what a person recognises isn't kept either"


# -- what two films are to each other, without a run ----------------------------------------------------------------


@cache
def entry(path: Path) -> Entry:
    """A film as dedupe sees it; each is read once."""
    facts = identify(path, "video/mp4", Kind.VIDEO, Settings().limits.model_dump(mode="json"))
    return Entry(
        sha256=str(path), facts=replace(facts, signature=sign_film(path, facts, 60)), bytes=path.stat().st_size
    )


def judged(*films: Path) -> tuple[str, object] | None:
    """How surely two films are one, and why a person is asked; None: nothing that anybody should see."""
    left, right = sorted((entry(path) for path in films), key=lambda film: film.sha256)
    proof = None
    for pair in film_pairs([left, right]):
        sides = [(Path(film.sha256), replace(film.facts, signature={})) for film in (left, right)]
        proof = prove_films(sides[0], sides[1], pair.shift, 60)
    found = judge_films(left.facts, right.facts, proof)
    return found and (found[0], found[2].get("held"))


@pytest.mark.parametrize("edit", ["hflip", "pad=480:360:0:45", "crop=400:230:40:20", "eq=brightness=0.05,hflip"])
def test_what_was_mirrored_cropped_or_has_bars_is_for_a_person(
    films: dict[str, Path], tmp_path: Path, edit: str
) -> None:
    encode("-i", str(films["first.mp4"]), "-vf", edit, "-c:v", "libx264", "-c:a", "copy", str(tmp_path / "made.mp4"))
    assert judged(films["first.mp4"], tmp_path / "made.mp4") == ("HELD", "edited")


def test_a_name_that_stands_there_between_the_moments_that_are_proved_is_for_a_person_who_is_told_when(
    ws: Space, films: dict[str, Path], tmp_path: Path
) -> None:
    name = "drawbox=x=150:y=236:w=120:h=12:color=white:t=fill:enable='between(t,3.3,4.25)'"
    encode("-i", str(films["first.mp4"]), "-vf", name, *SMALL[2:], str(tmp_path / "named.mp4"))
    drop(ws, films | {"named.mp4": tmp_path / "named.mp4"}, "first.mp4", "named.mp4")
    (reason,) = waiting(ws).values()
    assert reason == "one of the films shows something at 0:03 that the other doesn't"
    page = Path(json.loads(ws.here("dedupe", "show", "first.mp4", "named.mp4", "--json").stdout)["page"]).read_text()
    assert "Something else" in page
    shown = [Image.open(io.BytesIO(base64.b64decode(part))) for part in re.findall(r"base64,([^\"]+)", page)]
    bright = sorted(min(np.asarray(picture.convert("L").crop(_at(picture, BOX))).ravel()) for picture in shown)
    assert bright[-1] > 200 > bright[0], "the pictures are of that moment: one has the name's white box, one hasn't"


BOX = (170 / 480, 239 / 270, 250 / 480, 245 / 270)


def _at(picture: Image.Image, box: tuple[float, ...]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return (
        round(left * picture.width),
        round(top * picture.height),
        round(right * picture.width),
        round(bottom * picture.height),
    )


def test_where_little_is_to_be_seen_a_messenger_s_copy_is_one_all_the_same(corpus: Path, tmp_path: Path) -> None:
    drawn = corpus / "video" / "moviepy__video_with_failing_audio.mp4"
    hard = ("-vf", "scale=640:-2", "-c:v", "libx264", "-preset", "veryfast", "-crf", "32", "-c:a", "aac")
    encode("-i", str(drawn), *hard, str(tmp_path / "sent.mp4"))
    assert judged(drawn, tmp_path / "sent.mp4") == ("PROOF", None)


@pytest.mark.parametrize(
    ("card", "talk"), [(3, "null"), (6, "null"), (3, "eq=brightness=-0.3:contrast=0.15"), (6, "boxblur=40")]
)
def test_two_talks_between_the_same_cards_never_link_however_little_is_seen_of_them(
    films: dict[str, Path], tmp_path: Path, card: int, talk: str
) -> None:
    made = []
    for name in ("first.mp4", "other.mp4"):
        graph = (
            f"[0:v]split[a][b];[1:v]trim=0:4,{talk},setsar=1[t];[a][t][b]concat=n=3:v=1:a=0[v];"
            "[2:a]atrim=0:{card},asplit[c][d];[1:a]atrim=0:4,volume=0.05[s];[c][s][d]concat=n=3:v=0:a=1[x]"
        ).replace("{card}", str(card))
        source = f"smptehdbars=s=480x270:r={RATE}:d={card}"
        tone = "sine=f=330:r=8000:d=9,tremolo=f=0.7:d=0.9"
        inputs = ["-f", "lavfi", "-i", source, "-i", str(films[name]), "-f", "lavfi", "-i", tone]
        maps = ["-map", "[v]", "-map", "[x]", "-c:v", "libx264", "-crf", "24", "-c:a", "aac"]
        encode(*inputs, "-filter_complex", graph, *maps, str(tmp_path / name))
        made.append(tmp_path / name)
    found = judged(*made)
    assert found is None or found[0] == "HELD"
