"""The aftermovie: slow pans and zooms over drawn scenes with cross-fades, a title and soft chords."""

from __future__ import annotations

import subprocess
import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

import imageio_ffmpeg
import numpy as np
from PIL import Image

from sample import plan, records
from sample.canvas import Canvas, fade
from sample.scenes import draw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FPS, RATE = 25, 44_100
_CHORDS = (
    (220.0, 261.63, 329.63, 493.88),
    (174.61, 220.0, 261.63, 392.0),
    (196.0, 261.63, 329.63, 440.0),
    (196.0, 246.94, 293.66, 440.0),
)
_MOVES = (
    (0.0, 0.2, 1.0, 0.82),
    (1.0, 0.6, 0.84, 0.84),
    (0.5, 0.5, 0.78, 1.0),
    (0.2, 0.5, 1.0, 0.8),
    (0.8, 0.3, 0.82, 1.0),
)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A picture from `start` to `end` (s), seen through a window that goes from `zoom[0]` to `zoom[1]` of its size."""

    image: Image.Image
    start: float
    end: float
    at: tuple[float, float]
    zoom: tuple[float, float]

    def frame(self, time: float, size: tuple[int, int]) -> Image.Image:
        share = min(1.0, max(0.0, (time - self.start) / (self.end - self.start)))
        eased = share * share * (3 - 2 * share)
        zoom = self.zoom[0] + (self.zoom[1] - self.zoom[0]) * eased
        width, height = self.image.size
        across = self.at[0] + (0.5 - self.at[0]) * 0.6 * eased
        left, top = width * (1 - zoom) * across, height * (1 - zoom) * self.at[1]
        box = (left, top, left + width * zoom, top + height * zoom)
        return self.image.resize(size, Image.Resampling.BILINEAR, box=box)


def make(target: Path, inbox: plan.Inbox, seed: int) -> None:
    """Draw, compose and encode the film into `target` (MP4, H.264 and AAC, with a place in its metadata)."""
    sound = target.with_suffix(".wav")
    width, height = inbox.film_size
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-v", "error", "-nostdin", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FPS), "-i", "pipe:0"),
        *("-i", str(sound), "-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p"),
        *("-threads", "2", "-c:a", "aac", "-b:a", "128k", "-shortest", "-movflags", "+faststart"),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
        *("-metadata", "title=Aftermovie 2025", "-metadata", f"location=+{records.GPS[0]:.4f}+{records.GPS[1]:08.4f}/"),
        *("-metadata", f"creation_time={records.taken(plan.FILM_AT):%Y-%m-%dT%H:%M:%SZ}", str(target)),
    ]
    try:
        _write_sound(sound, inbox.film_seconds)
        with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
            assert encoder.stdin is not None
            for frame in _frames(_parts(inbox, seed), inbox):
                encoder.stdin.write(frame.tobytes())
            encoder.stdin.close()
        if encoder.returncode:
            raise SystemExit(f"sample_inbox: ffmpeg failed with status {encoder.returncode}")
    finally:
        sound.unlink(missing_ok=True)


def _parts(inbox: plan.Inbox, seed: int) -> list[_Part]:
    size = (round(inbox.film_size[0] * 1.2), round(inbox.film_size[1] * 1.2))
    title = inbox.film_seconds * 0.17
    each = (inbox.film_seconds - title) / len(inbox.film_scenes)
    parts = [_Part(image=_title(size), start=0.0, end=title, at=(0.5, 0.5), zoom=(1.0, 0.94))]
    for i, scene in enumerate(inbox.film_scenes):
        x, y, first, last = _MOVES[i]
        start = title + i * each
        parts.append(_Part(image=draw(scene, size, seed), start=start, end=start + each, at=(x, y), zoom=(first, last)))
    return parts


def _frames(parts: list[_Part], inbox: plan.Inbox) -> Iterator[Image.Image]:
    """All frames: from black, with a cross-fade into every part, to black."""
    overlap = inbox.film_seconds / 24
    black = Image.new("RGB", inbox.film_size)
    for number in range(round(inbox.film_seconds * FPS)):
        time = number / FPS
        now = max(i for i, part in enumerate(parts) if part.start <= time)
        frame = parts[now].frame(time, inbox.film_size)
        entered = (time - parts[now].start) / overlap
        if entered < 1:
            before = parts[now - 1].frame(time, inbox.film_size) if now else black
            frame = Image.blend(before, frame, entered)
        left = (inbox.film_seconds - 1 / FPS - time) / overlap
        yield Image.blend(black, frame, left) if left < 1 else frame


def _title(size: tuple[int, int]) -> Image.Image:
    c = Canvas(*size, "title")
    c.sky("#0f2f3d", "#1f6f78", "#123a4d")
    for i in range(9):
        c.oval(
            c.w * (0.06 + 0.11 * i),
            860 - 30 * (i % 3),
            70 + 14 * (i % 4),
            fill=fade(("#f2b134", "#e4572e", "#58b09c")[i % 3], 0.8),
        )
    c.glow(c.w / 2, 400, 800, "#58b09c", 0.5)
    c.text(c.w / 2, 360, "Forum des communs numériques", 100, "#fdf6e3", bold=2)
    c.text(c.w / 2, 500, "Bruxelles · 6 - 8 octobre 2025", 54, "#f2d9a0")
    return c.finish(grain=2)


def _write_sound(target: Path, seconds: float) -> None:
    """Four soft chords and slow plucked notes, as 16-bit stereo WAV."""
    time = np.arange(round(seconds * RATE)) / RATE
    long = seconds / len(_CHORDS)
    left, right = np.zeros_like(time), np.zeros_like(time)
    for i, chord in enumerate(_CHORDS):
        since = time - i * long
        swell = np.clip(since / (long * 0.25), 0, 1) * np.clip((long * 1.2 - since) / (long * 0.35), 0, 1)
        for j, pitch in enumerate((chord[0] / 2, *chord)):
            left += swell * np.sin(2 * np.pi * pitch * 0.999 * time) / (2 + j)
            right += swell * np.sin(2 * np.pi * pitch * 1.001 * time) / (2 + j)
        for j in range(8):
            after = time - i * long - j * long / 8
            pluck = np.where(after > 0, np.exp(-np.clip(after, 0, None) * 5), 0)
            note = pluck * np.sin(2 * np.pi * chord[(j * 3) % 4] * 2 * after) * 0.35
            left += note * (j % 2)
            right += note * (1 - j % 2)
    envelope = np.clip(time / (seconds * 0.05), 0, 1) * np.clip((seconds - time) / (seconds * 0.1), 0, 1)
    both = np.stack([left, right], -1) * envelope[:, None]
    both *= 0.45 / np.abs(both).max()
    with wave.open(str(target), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((both * 32_767).round().astype("<i2").tobytes())
