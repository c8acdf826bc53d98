"""The material of the benchmark on duplicates: originals, their copies and the hard negatives, made once and kept in a folder."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import imageio_ffmpeg
from duplicates.edits import ALL, encode, extension
from PIL import Image

from mediaarchive.config.settings import Limits
from mediaarchive.errors import BadInput
from mediaarchive.media.picture import open_picture
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind

LIMITS = Limits().model_dump()
LEAST_EDGE = 320
_MOST_EDGE = 2048  # of an edit's source, unless it is made at full size: messengers and websites reduce anyway
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


@dataclass(frozen=True, slots=True)
class Sample:
    """One file. `truth`: what it shows (samples of one truth are one photograph); `half`: tune or test.

    Of an original: its long `edge` in px, and whether it is a film's `still`.
    """

    path: Path
    truth: str
    half: str
    group: str
    name: str
    edge: int = 0
    still: bool = False


def half_of(scene: str) -> str:
    """Half of the photographs are to tune with and half to test on, by a digest of the scene's name: it never changes."""
    return "tune" if hashlib.sha256(scene.encode()).digest()[0] % 2 else "test"


def originals(corpus: Path, folder: Path) -> list[Sample]:
    """The corpus's photographs, one of each picture, and single frames of its films: real scenes that are no burst."""
    found: dict[str, Sample] = {}
    for path in sorted(
        (*corpus.glob("event-photos/*"), *corpus.glob("captioned/*"), *corpus.glob("near-duplicates/*"))
    ):
        if path.suffix.lower() in {".xmp", ".csv", ".svg"} or _spoiled(path.name):
            continue
        try:
            if sniff(path).kind is not Kind.PHOTO:
                continue
            picture = open_picture(path, pixels=LIMITS["pixels"], at_least=64)
        except (BadInput, OSError):
            continue
        edge = max(picture.width, picture.height)
        if edge < LEAST_EDGE:
            continue
        small = picture.image.convert("L").resize((16, 16), Image.Resampling.LANCZOS)
        look = "".join(str(value // 16) for value in small.tobytes())
        truth = f"{path.parent.name}/{path.name}"  # two folders of a corpus may use one name
        found.setdefault(look, Sample(path, truth, half_of(_scene(path.name)), "original", path.name, edge))
    films = list(_film_stills(corpus, folder))
    return [*found.values(), *films]


# Ready-made edits and second files of another photograph of the corpus, and drawings.
_VARIANTS = re.compile(
    r"threatexchange__(?!bridge-1-original|aaa-orig)|exif-orientation-e|andscape_[2-8]|ortrait_[2-8]|hdr_YES|pillow__rot|~2"
    r"|bio-grayscale|Alpha|Animation|animated|no_profile|xyb"
    r"|BlueSquare|Flag|HTC Desire\.webp|S30 \(2\)|orientation-6\.jpg|photos__IPTC|fogra"
)


def _spoiled(name: str) -> bool:
    """No originals."""
    return bool(_VARIANTS.search(name))


def _scene(name: str) -> str:
    """Neighbouring views of one place are tuned or tested together."""
    return re.sub(r"[_~-]?\d+(?=\.|~)", "", name.partition("__")[0] + name.partition("__")[2][:6])


def _film_stills(corpus: Path, folder: Path) -> Iterator[Sample]:
    for film in FILMS:
        for number, frame in enumerate(frames(corpus / "video" / film, folder, every=2.5)):
            yield Sample(frame, f"{film} {number}", half_of(film), "original", frame.name, still=True)


def places_of(base: Sequence[Sample], draw: str) -> list[Sample]:
    """Eight photographs of a half for scenes to take place in; the corpus has many of colour charts."""
    real = [one for one in base if one.path.suffix.lower() in {".jpg", ".jpeg"} and "digicam" not in one.name]
    return Random(f"{draw} places").sample(sorted(real, key=lambda one: one.truth), 8)


FILMS = (
    "decord__flipping_a_pancake.mkv",
    "torchcodec__nasa_13013.mp4",
    "moviepy__video_with_failing_audio.mp4",
    "metadata-extractor__with-gps.mov",
    "metadata-extractor__sample_mpeg4.mp4",
    "osxmetadata__test_video.mov",
    "torchcodec__av1_video.mkv",
)
BURSTS = (
    *FILMS,
    "decord__video_0.mov",
    "metadata-extractor__ftyp3gp5.mp4",
    "metadata-extractor__with-gps.mp4",
    "format-corpus__xdcam-ex-1080i60.mov",
    "photoprism__mp42-hvc1.mp4",
    "photoprism__quicktime-hvc1.mov",
    "photoprism__gopher-video.mp4",
    "photoprism__mp4v-avc1.mp4",
    "ffmpeg-python__in.mp4",
    "learning-area__rabbit320.mp4",
    "torchcodec__bt709_full_range.mp4",
    "torchcodec__h265_10bits.mp4",
)


def frames(film: Path, folder: Path, *, every: float, most: int = 12) -> list[Path]:
    """Frames of a film, `every` so many seconds, as JPEG of high quality."""
    target = folder / "frames" / f"{film.stem} {every}"
    if not target.is_dir():
        target.mkdir(parents=True)
        pattern = str(target / "%03d.jpg")
        rate = f"fps=1/{every}" if every > 1 else f"fps={1 / every:.4f}"
        command = [FFMPEG, "-v", "error", "-i", str(film), "-vf", rate, "-frames:v", str(most), "-q:v", "2", pattern]
        subprocess.run(command, check=False, capture_output=True)
    return sorted(target.glob("*.jpg"))


def copies(original: Sample, folder: Path, names: Sequence[str]) -> list[Sample]:
    """One original's copies, made where they aren't there yet. HEIC, which is slow, of every third."""
    made: list[Sample] = []
    digest = hashlib.sha256(original.name.encode() + str(original.path.parent.name).encode()).hexdigest()[:16]
    full: Image.Image | None = None
    base: Image.Image | None = None
    for name in names:
        edit = ALL[name]
        if edit.form == "heic" and int(digest, 16) % 3:
            continue
        target = folder / "copies" / re.sub(r"\W+", "-", name) / f"{digest}.{extension(edit.form)}"
        if not target.exists():
            if full is None:
                full = open_picture(original.path, pixels=LIMITS["pixels"]).image
            if base is None:
                base = full.copy()
                base.thumbnail((_MOST_EDGE, _MOST_EDGE), Image.Resampling.LANCZOS)
            random = Random(f"{original.name} {name}")
            data = encode(edit.change(full if edit.full else base, random), edit.form, edit.quality, FFMPEG)
            if data is None:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        made.append(Sample(target, original.truth, original.half, name, f"{name} of {original.name}"))
    return made
