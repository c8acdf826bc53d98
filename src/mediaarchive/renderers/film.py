"""Makes a film's renditions (H.264 and AAC in progressive MP4, one for each short side) with one run of ffmpeg.

The whole command is the recipe: the scaled outputs of one run differ in bytes from those of separate runs, and x264's
bytes depend on its thread count, which is therefore fixed. The same film, parameters and build of ffmpeg give the same
bytes on any number of cores.

An output counts only if ffmpeg ended well *and* the file is as long as the source and has the expected tracks: ffmpeg
answers a SIGTERM by closing its files properly, so a shorter film that plays proves nothing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.errors import BadInput
from mediaarchive.media import ffmpeg, mp4, probe
from mediaarchive.model import Blob
from mediaarchive.renderers import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PIL import Image

    from mediaarchive.config.settings import Film
    from mediaarchive.model import Facts

_MAXRATE: Final = ((240, 400), (360, 800), (480, 1400), (720, 3000), (1080, 6000), (1440, 10_000), (4320, 24_000))
_LENGTH_SLACK: Final = 0.25  # seconds
_LENGTH_FRAMES: Final = 2  # or so many pictures, where these are longer: the last one's length is a guess
# With two threads and a rate limit x264 gives other bytes under load (4 variants in 16 runs side by side), with one always the
# same. Three sizes are three encoders in one run, so two cores stay busy all the same.
ENCODER_THREADS: Final = 1
_TIDY: Final = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact")
_BITEXACT: Final = ("-flags:v", "+bitexact", "-flags:a", "+bitexact")
_BT709: Final = ("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv")


def film_params(settings: Film, width: int, height: int) -> dict[str, Any]:
    """The parameters of one film's renditions, for its upright size in pixels: JSON values, for a recipe.

    Sides are those configured that the source reaches; for a smaller source, its own short side made even.
    """
    short = min(width, height)
    sides = [side for side in sorted(settings.sides, reverse=True) if side <= short] or [_even(short)]
    return {
        "sides": sides,
        "maxrate": [_maxrate(side) for side in sides],
        "crf": settings.crf,
        "preset": settings.preset,
        "max_fps": settings.max_fps,
        "threads": ENCODER_THREADS,
        "keyframe_seconds": 2,
        "audio_kbit": 128,
    }


def lost_sound(facts: Facts, blobs: Sequence[Blob]) -> bool:
    """Whether the renditions are silent although the film isn't: its sound failed midway, and was left out."""
    return facts.audio and not any("mp4a" in (blob.codecs or "") for blob in blobs)


class FfmpegFilms:
    """Renders films with ffmpeg (`ports.FilmRenderer`)."""

    def render(
        self,
        source: Path,
        params: Mapping[str, Any],
        facts: Facts,
        spool: Path,
        *,
        timeout: float,
        memory: int,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Blob, ...]:
        """One blob for each short side, largest first, each a file `spool/<sha256>`.

        A film whose sound can't be decoded to its end is rendered without it (`lost_sound` tells).

        Args:
            source: The film.
            params: From `film_params`.
            facts: The film's; `width`, `height`, `duration`, `fps`, `audio` and `interlaced` are used.
            spool: A folder on the disk where the files are to stay.
            timeout: Seconds for one run of ffmpeg; a second one follows only where the sound fails.
            memory: Bytes of ffmpeg's address space.
            progress: Told the share done, 0 to 1.

        Raises:
            BadInput: `film-undecodable`, `film-cut-short`, `film-timeout`, `film-too-heavy`, `film-too-large`.
            DiskFull: the spool is full.
        """
        picture = probe.look(source)
        stream = probe.audio_stream(source) if facts.audio else None
        length = facts.duration or probe.read_packets(source).duration
        told = _share(progress, length)
        attempts = (stream, None) if stream is not None else (None,)
        with tempfile.TemporaryDirectory(dir=spool, prefix="film-", suffix=".part") as scratch:
            folder = Path(scratch)
            for audio in attempts:
                args = command(source, params, facts, picture, audio, folder)
                try:
                    ffmpeg.run(args, timeout=timeout, memory_bytes=memory, progress=told)
                    return self._accept(params, facts, folder, spool, length=length, sound=audio is not None)
                except BadInput as error:
                    if audio is None or error.problem.code != "film-undecodable":
                        raise
        raise AssertionError("the last attempt returns or raises")

    def poster(self, source: Path, facts: Facts, *, timeout: float) -> Image.Image:
        """The frame that stands for the film: upright, sRGB, mode RGB; the same one every time."""
        return frames.poster(source, facts, timeout=timeout)

    @staticmethod
    def _accept(
        params: Mapping[str, Any], facts: Facts, folder: Path, spool: Path, *, length: float, sound: bool
    ) -> tuple[Blob, ...]:
        """Check every output before moving any."""
        slack = max(_LENGTH_SLACK, _LENGTH_FRAMES / facts.fps if facts.fps else 0.0)
        names = [f"{side}p" for side in params["sides"]]
        movies = [_checked(folder / f"{name}.mp4", length, slack, sound=sound) for name in names]
        return tuple(
            _store(folder / f"{name}.mp4", name, movie, spool) for name, movie in zip(names, movies, strict=True)
        )


def command(
    source: Path, params: Mapping[str, Any], facts: Facts, picture: probe.Picture, audio: int | None, folder: Path
) -> list[str]:
    """The arguments for one run that writes `folder/<side>p.mp4` for each side. `audio`: which sound stream, or none."""
    sides: Sequence[int] = params["sides"]
    args = ["-v", "error", *ffmpeg.source(source), "-filter_complex", _graph(params, facts, picture)]
    for index, (side, maxrate) in enumerate(zip(sides, params["maxrate"], strict=True)):
        args += ["-map", f"[v{index}]", *_video(params, maxrate)]
        if audio is not None:
            args += ["-map", f"0:a:{audio}", *_sound(params)]
        args += [*_TIDY, *_BITEXACT, "-movflags", "+faststart", "-f", "mp4", f"file:{folder.absolute()}/{side}p.mp4"]
    return args


def _graph(params: Mapping[str, Any], facts: Facts, picture: probe.Picture) -> str:
    """Upright square pixels at the largest side, deinterlaced, slowed, in BT.709; the smaller sides from that."""
    sizes = [frames.fit(facts.width, facts.height, side) for side in params["sides"]]
    steps = ["bwdif=mode=send_frame:deint=interlaced"] if facts.interlaced else []
    if facts.fps and facts.fps > params["max_fps"] + 0.01:
        steps.append(f"fps={params['max_fps']}")
    steps += frames.to_bt709(picture, *sizes[0])
    heads = "".join(f"[s{index}]" for index in range(len(sizes)))
    graph = [f"[{probe.VIDEO}]{','.join(steps)},split={len(sizes)}{heads}", "[s0]null[v0]"]
    for index, (width, height) in enumerate(sizes[1:], start=1):
        graph.append(f"[s{index}]scale={width}:{height}:flags={frames.SCALER},setsar=1[v{index}]")
    return ";".join(graph)


def _video(params: Mapping[str, Any], maxrate: int) -> list[str]:
    """x264, closed groups of fixed length in seconds (so that frame rates and rungs align), decodable everywhere."""
    keyframes = f"expr:gte(t,n_forced*{params['keyframe_seconds']})"
    return [
        *("-c:v", "libx264", "-preset", params["preset"], "-crf", str(params["crf"]), "-profile:v", "high"),
        *("-maxrate", f"{maxrate}k", "-bufsize", f"{2 * maxrate}k", "-pix_fmt", "yuv420p", *_BT709),
        *("-force_key_frames", keyframes, "-g", "600", "-sc_threshold", "0", "-threads", str(params["threads"])),
    ]


def _sound(params: Mapping[str, Any]) -> list[str]:
    """AAC stereo; late starts and gaps become silence, so that sound stays with the pictures."""
    filters = "aresample=async=1:first_pts=0"
    return ["-c:a", "aac", "-b:a", f"{params['audio_kbit']}k", "-ac", "2", "-ar", "48000", "-af", filters]


def _checked(path: Path, length: float, slack: float, *, sound: bool) -> mp4.Movie:
    """What ffmpeg wrote, if it is whole: `length` seconds within `slack`, index first, pictures, and sound as wanted.

    Raises:
        BadInput: it isn't; ffmpeg ended well, so the source is at fault.
    """
    try:
        movie = mp4.describe(path)
    except (ValueError, IndexError) as error:
        raise BadInput("film-undecodable", "This film can't be converted; export it again as MP4.") from error
    video = movie.first("vide")
    if video is None or not movie.faststart or (movie.first("soun") is not None) != sound:
        raise BadInput("film-undecodable", "This film's pictures or sound can't be converted; export it again as MP4.")
    if abs(video.duration - length) > slack:
        text = f"Only {video.duration:.1f} of this film's {length:.1f} seconds can be decoded; copy it again."
        raise BadInput("film-cut-short", text)
    return movie


def _store(path: Path, role: str, movie: mp4.Movie, spool: Path) -> Blob:
    """Make a file durable, and move it to its name in the spool."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = os.fstat(file.fileno()).st_size
        os.fsync(file.fileno())
    path.replace(spool / sha256)
    video = movie.first("vide")
    assert video is not None
    return Blob(
        role=role,
        ext="mp4",
        sha256=sha256,
        bytes=size,
        width=video.width,
        height=video.height,
        codecs=movie.codecs,
    )


def _share(progress: Callable[[float], None] | None, length: float) -> Callable[[float], None] | None:
    """Seconds done become a share of `length`."""
    if progress is None:
        return None
    return lambda seconds: progress(min(1.0, seconds / length))


def _even(value: int) -> int:
    return max(2, value // 2 * 2)


def _maxrate(side: int) -> int:
    """The cap in kbit/s for a short side: that of the smallest tabled side not below it."""
    return next((rate for known, rate in _MAXRATE if side <= known), _MAXRATE[-1][1])
