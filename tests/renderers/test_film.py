"""Films: whole, upright, in every size that the source reaches, the same bytes each time, and nothing private in them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mediaarchive.config.settings import Film
from mediaarchive.errors import BadInput, MediaArchiveError
from mediaarchive.media import ffmpeg, mp4, probe
from mediaarchive.model import Blob, Facts, Kind
from mediaarchive.renderers.film import FfmpegFilms, film_params, lost_sound

PICTURES = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1")
SOUND = ("-f", "lavfi", "-i", "sine=d=1")
H264 = ("-c:v", "libx264", "-preset", "ultrafast")
SMALL = Film(sides=(144, 120))
MEMORY = 4 << 30


def make(path: Path, *args: str) -> Path:
    ffmpeg.run(["-v", "error", *args, f"file:{path}"], timeout=60)
    return path


def facts_of(path: Path) -> Facts:
    found = probe.probe(path, max_side=8192, max_hours=4)
    names = ("mime", "width", "height", "duration", "fps", "codec", "audio", "rotation", "hdr", "interlaced")
    return Facts(kind=Kind.VIDEO, **{name: getattr(found, name) for name in names})


def render(path: Path, spool: Path, settings: Film = SMALL, facts: Facts | None = None) -> tuple[Blob, ...]:
    facts = facts or facts_of(path)
    params = film_params(settings, facts.width, facts.height)
    return FfmpegFilms().render(path, params, facts, spool, timeout=60, memory=MEMORY)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tags = ("-metadata", "title=canary-7d1f4b", "-metadata", "location=+48.8577+002.2950/")
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return make(path, *PICTURES, *SOUND, *H264, "-c:a", "aac", *tags)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


def test_a_film_is_published_in_each_size_it_reaches(clip: Path, spool: Path) -> None:
    blobs = render(clip, spool)
    assert [(blob.role, blob.ext, blob.width, blob.height) for blob in blobs] == [
        ("144p", "mp4", 256, 144),
        ("120p", "mp4", 214, 120),
    ]
    assert sorted(path.name for path in spool.iterdir()) == sorted(blob.sha256 for blob in blobs)
    for blob in blobs:
        data = (spool / blob.sha256).read_bytes()
        assert hashlib.sha256(data).hexdigest() == blob.sha256
        assert len(data) == blob.bytes
        assert blob.codecs == "avc1.64000c, mp4a.40.2"
        movie = mp4.describe(spool / blob.sha256)
        assert movie.faststart
        assert [track.kind for track in movie.tracks] == ["vide", "soun"]
        assert movie.tracks[0].duration == pytest.approx(1.0)
        assert b"canary-7d1f4b" not in data
        assert b"+48.8577" not in data


def test_rendering_again_in_another_process_on_one_core_gives_the_same_bytes(clip: Path, spool: Path) -> None:
    here = {blob.sha256 for blob in render(clip, spool, Film(sides=(180, 120)))}
    script = (
        "import os, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\nfrom test_film import Film, render\n"
        f"print(*(b.sha256 for b in render(Path({str(clip)!r}), Path({str(spool)!r}), Film(sides=(180, 120)))))"
    )
    there = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60, text=True)
    assert set(there.stdout.split()) == here
    assert len(here) == 2


def test_sizes_are_those_configured_that_the_source_reaches() -> None:
    def sides(width: int, height: int) -> object:
        return film_params(Film(), width, height)["sides"]

    assert sides(1920, 1080) == [1080, 720, 480]
    assert sides(720, 1280) == [720, 480]
    assert sides(853, 479) == [478]
    assert sides(1, 1) == [2]


def test_the_recipe_of_the_default_settings_is_stable() -> None:
    assert film_params(Film(), 1920, 1080) == {
        "sides": [1080, 720, 480],
        "maxrate": [6000, 3000, 1400],
        "crf": 23,
        "preset": "veryfast",
        "max_fps": 60,
        "threads": 1,
        "keyframe_seconds": 2,
        "audio_kbit": 128,
    }


def test_a_portrait_film_of_a_phone_is_upright(clip: Path, tmp_path: Path, spool: Path) -> None:
    turned = make(tmp_path / "turned.mp4", "-display_rotation", "-90", "-i", str(clip), "-c", "copy")
    (blob,) = render(turned, spool, Film(sides=(180,), preset="ultrafast"))
    assert (blob.width, blob.height) == (180, 320)
    again = facts_of(shutil.copy(spool / blob.sha256, tmp_path / "out.mp4"))
    assert (again.rotation, again.width, again.height) == (0, 180, 320)
    upright = FfmpegFilms().poster(clip, facts_of(clip), timeout=60).rotate(-90, expand=True)
    poster = FfmpegFilms().poster(turned, facts_of(turned), timeout=60)
    assert np.abs(np.asarray(poster, int) - np.asarray(upright, int)).mean() < 6


def test_odd_sizes_and_full_chroma_play_everywhere(tmp_path: Path, spool: Path) -> None:
    odd = make(tmp_path / "odd.mkv", "-f", "lavfi", "-i", "testsrc2=s=213x119:d=0.2,format=yuv444p", *H264)
    (blob,) = render(odd, spool)
    assert (blob.role, blob.width, blob.height) == ("118p", 212, 118)
    picture = probe.look(shutil.copy(spool / blob.sha256, tmp_path / "out.mp4"))
    assert (picture.format, picture.range, picture.matrix, picture.transfer) == ("yuv420p", "tv", "bt709", "bt709")


def test_a_silent_film_stays_silent(tmp_path: Path, spool: Path) -> None:
    silent = make(tmp_path / "silent.mp4", *PICTURES, *H264)
    facts = facts_of(silent)
    blobs = render(silent, spool, facts=facts)
    assert {blob.codecs for blob in blobs} == {"avc1.64000c"}
    assert not lost_sound(facts, blobs)


def test_a_film_whose_sound_breaks_midway_keeps_its_pictures(
    clip: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ffmpeg.run

    def breaking(args: list[str], **limits: object) -> ffmpeg.Result:
        if "aac" in args:
            raise ffmpeg.failure(187, "Error while decoding")
        return run(args, **limits)

    monkeypatch.setattr(ffmpeg, "run", breaking)
    facts = facts_of(clip)
    blobs = render(clip, spool, facts=facts)
    assert len(blobs) == 2
    assert lost_sound(facts, blobs)


def test_fast_films_are_slowed_to_the_cap(tmp_path: Path, spool: Path) -> None:
    fast = make(tmp_path / "fast.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=120:d=0.5", *H264)
    (blob,) = render(fast, spool, Film(sides=(120,), preset="ultrafast", max_fps=30))
    assert probe.read_packets(shutil.copy(spool / blob.sha256, tmp_path / "o.mp4")).count == 15


def test_keyframes_come_every_two_seconds(tmp_path: Path, spool: Path) -> None:
    long = make(tmp_path / "long.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x120:r=24:d=5", *H264, "-g", "500")
    (blob,) = render(long, spool, Film(sides=(120,), preset="ultrafast"))
    key = ["-v", "error", *ffmpeg.source(spool / blob.sha256, "-skip_frame", "nokey"), "-fps_mode", "passthrough"]
    lines = ffmpeg.run([*key, "-f", "framecrc", "pipe:1"], timeout=30).stdout.decode().splitlines()
    assert [int(line.split(",")[2]) / 24 for line in lines if not line.startswith("#")] == pytest.approx([0, 2, 4])


def test_hdr_becomes_colours_that_every_screen_shows(tmp_path: Path, spool: Path) -> None:
    tagged = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    bars = f"smptehdbars=s=320x180:r=25:d=0.2,format=yuv420p,{tagged}"
    sdr = make(tmp_path / "sdr.mp4", "-f", "lavfi", "-i", bars, *H264)
    linear = "zscale=pin=bt709:tin=bt709:min=bt709:t=linear:npl=203,format=gbrpf32le"
    tags = ("-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc")
    chain = f"{linear},zscale=p=bt2020:t=arib-std-b67:m=bt2020nc:r=tv:npl=203,format=yuv420p10le"
    hlg = make(tmp_path / "hlg.mp4", "-i", str(sdr), "-vf", chain, *H264, *tags)
    facts = facts_of(hlg)
    assert facts.hdr
    wanted = np.asarray(FfmpegFilms().poster(sdr, facts_of(sdr), timeout=60).convert("HSV"), float)[..., 1].mean()
    (blob,) = render(hlg, spool, Film(sides=(180,), preset="ultrafast"), facts)
    out = shutil.copy(spool / blob.sha256, tmp_path / "out.mp4")
    assert probe.look(out).transfer == "bt709"
    for film in (hlg, out):
        shown = np.asarray(FfmpegFilms().poster(film, facts_of(film), timeout=60).convert("HSV"), float)[..., 1].mean()
        assert shown == pytest.approx(wanted, rel=0.35)


def test_combed_films_become_progressive(tmp_path: Path, spool: Path) -> None:
    combed = ("-vf", "interlace", "-c:v", "mpeg2video", "-flags", "+ilme+ildct")
    path = make(tmp_path / "i.mpg", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=50:d=1", *combed)
    facts = facts_of(path)
    assert facts.interlaced
    (blob,) = render(path, spool, Film(sides=(180,), preset="ultrafast"), facts)
    assert not probe.look(shutil.copy(spool / blob.sha256, tmp_path / "o.mp4")).interlaced


def test_a_film_shorter_than_it_says_is_never_published(clip: Path, spool: Path) -> None:
    facts = facts_of(clip)
    longer = Facts(**{name: getattr(facts, name) for name in Facts.__slots__} | {"duration": 2.0})
    with pytest.raises(BadInput) as caught:
        render(clip, spool, facts=longer)
    assert caught.value.problem.code == "film-cut-short"
    assert list(spool.iterdir()) == []


def test_stopping_ffmpeg_midway_publishes_nothing(tmp_path: Path, spool: Path) -> None:
    """On SIGTERM it writes a valid, shorter film."""
    path = make(tmp_path / "long.mp4", "-f", "lavfi", "-i", "testsrc2=s=640x480:r=25:d=4", *H264)
    facts = facts_of(path)
    params = film_params(Film(sides=(480,), preset="slow"), 640, 480)
    stopped: list[float] = []

    def stop(share: float) -> None:
        if not stopped:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            os.kill(int(children[-1]), 15)
            stopped.append(share)

    with pytest.raises(MediaArchiveError):
        FfmpegFilms().render(path, params, facts, spool, timeout=60, memory=MEMORY, progress=stop)
    assert stopped
    assert stopped[0] < 1
    assert list(spool.iterdir()) == []


def test_a_film_that_takes_too_long_leaves_nothing(clip: Path, spool: Path) -> None:
    facts = facts_of(clip)
    params = film_params(SMALL, facts.width, facts.height)
    with pytest.raises(BadInput) as caught:
        FfmpegFilms().render(clip, params, facts, spool, timeout=0.01, memory=MEMORY)
    assert caught.value.problem.code == "film-timeout"
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("name", ["-y.mp4", "http:x.mp4"])
def test_odd_names_are_only_names(
    clip: Path, tmp_path: Path, spool: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shutil.copy(clip, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(render(Path(name), spool)) == 2


def test_the_poster_is_no_black_frame(tmp_path: Path) -> None:
    graph = "color=black:s=320x180:r=25:d=0.6[a];testsrc2=s=320x180:r=25:d=1.4[b];[a][b]concat"
    args = ("-filter_complex", graph, *H264)
    few = make(tmp_path / "few.mp4", *args, "-g", "500", "-sc_threshold", "0")  # its one keyframe is black
    many = make(tmp_path / "many.mp4", *args, "-g", "5")
    for path in (few, many):
        poster = FfmpegFilms().poster(path, facts_of(path), timeout=60)
        assert (poster.mode, poster.size) == ("RGB", (320, 180))
        assert np.asarray(poster.convert("L")).mean() > 40
        again = FfmpegFilms().poster(path, facts_of(path), timeout=60)
        assert poster.tobytes() == again.tobytes()


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m"])
def test_colours_are_those_of_the_source(tmp_path: Path, matrix: str) -> None:
    """A red in either matrix is the same red; mixing them up would shift it by 20 or so."""
    colour = f"color=0xC03020:s=160x120:d=0.2,format=rgb24,scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p"
    path = make(tmp_path / "red.mp4", "-f", "lavfi", "-i", colour, *H264, "-colorspace", matrix, "-color_range", "tv")
    pixel = np.asarray(FfmpegFilms().poster(path, facts_of(path), timeout=60))[60, 80]
    assert np.abs(pixel.astype(int) - [0xC0, 0x30, 0x20]).max() <= 4


@pytest.mark.corpus
def test_films_of_real_phones_and_cameras_are_published(corpus: Path, spool: Path) -> None:
    names = ("decord__video_90.mov", "metadata-extractor__sample.3gp", "small__webm.webm", "photoprism__mp4v-avc1.mp4")
    for name in names:
        path = corpus / "video" / name
        facts = facts_of(path)
        blobs = render(path, spool, facts=facts)
        assert blobs, name
        assert not lost_sound(facts, blobs), name
