"""A few pictures of a film, how loud it is, and the digest of its packets: what it is compared by, without decoding it all."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.media import ffmpeg, probe

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

STEP: Final = 0.1  # seconds of sound in one value
SPAN_RATE: Final = 30  # pictures a second that a film is watched at, from beginning to end
EVERY: Final = 0.5  # seconds between two of them that are kept
_RATE: Final = 8000
_TOGETHER: Final = 4  # decoders at once: sixteen of a 4K film would need more memory than one film may have
_SECONDS: Final = 900.0
_LOUDEST: Final = 1 << 15
_FIELDS: Final = 6  # of framecrc: stream, dts, pts, duration, size, checksum


def packets_digest(path: Path) -> str:
    """The digest of all compressed pictures and sounds: the same in another container, with other metadata.

    Of each packet its size and checksum (Adler-32) go into it, so it costs little more than reading the file.
    """
    digests: dict[bytes, Any] = {}  # by stream: containers interleave them differently

    def line(text: bytes) -> None:
        fields = text.split(b",")
        if not text.startswith(b"#") and len(fields) >= _FIELDS:
            digest = digests.setdefault(fields[0].strip(), hashlib.sha256())
            digest.update(b"%b:%b\n" % (fields[4].strip(), fields[5].strip()))

    args = ["-v", "error", *ffmpeg.source(path), "-map", probe.VIDEO, "-map", "0:a?", "-c", "copy", "-f", "framecrc"]
    ffmpeg.run([*args, "pipe:1"], timeout=_SECONDS, sink=ffmpeg.Lines(line))
    return hashlib.sha256(b"".join(digest.digest() for _, digest in sorted(digests.items()))).hexdigest()


def pictures(path: Path, times: Sequence[float], size: tuple[int, int], timeout: float) -> list[Image.Image | None]:
    """The pictures shown at these seconds, upright, RGB, resized to `size`; None where there is none.

    Each is sought: from the keyframe before it a few pictures are decoded, and not the film.
    """
    sought = _sought(path, [(at, 0.0) for at in times], size, timeout)
    return [next(iter(shown), None) for shown in sought]


def around(
    path: Path, times: Sequence[float], size: tuple[int, int], timeout: float, *, reach: float
) -> list[list[tuple[float, Image.Image]]]:
    """All pictures shown within `reach` seconds of each of these, upright, RGB, resized to `size`.

    Each comes with its second, as if all were shown equally long.
    """
    windows = [(max(0.0, at - reach), min(at, reach) + reach) for at in times]
    found = []
    for (start, length), shown in zip(windows, _sought(path, windows, size, timeout), strict=True):
        every = length / max(1, len(shown))
        found.append([(start + number * every, picture) for number, picture in enumerate(shown)])
    return found


def spans(path: Path, size: tuple[int, int], timeout: float, *, reach: int) -> NDArray[np.uint8]:
    """A film from beginning to end, every half second: (n, 3, h, w) grey, the darkest, the picture itself, the brightest about it.

    `size`: (width, height); `reach`: how many pictures of `SPAN_RATE` a second to either side are about it.
    """
    import numpy as np  # noqa: PLC0415 - only where films are compared

    width, height = size
    about: deque[NDArray[np.uint8]] = deque(maxlen=2 * reach + 1)
    found: list[NDArray[np.uint8]] = []
    step, shown, rest = int(SPAN_RATE * EVERY), 0, b""

    def see(piece: bytes) -> None:
        nonlocal rest, shown
        rest += piece
        whole = len(rest) // (width * height)
        pictures = np.frombuffer(rest, np.uint8, whole * width * height).reshape(whole, height, width)
        for picture in pictures:
            about.append(picture)
            shown += 1
            if len(about) == 2 * reach + 1 and (shown - 1 - reach) % step == 0:
                found.append(np.stack([np.min(about, axis=0), about[reach], np.max(about, axis=0)]))
        rest = rest[whole * width * height :]

    small = f"fps={SPAN_RATE},scale={width}:{height}:flags=area+accurate_rnd+bitexact,format=gray"
    args = ["-v", "error", *ffmpeg.source(path), "-map", probe.VIDEO, "-vf", small, "-f", "rawvideo", "pipe:1"]
    ffmpeg.run(args, timeout=timeout, sink=see)
    return np.stack(found) if found else np.zeros((0, 3, height, width), np.uint8)


def _sought(
    path: Path, windows: Sequence[tuple[float, float]], size: tuple[int, int], timeout: float
) -> list[list[Image.Image]]:
    """The pictures of each window (start and length in seconds; of length 0: one picture)."""
    found: list[list[Image.Image]] = []
    with tempfile.TemporaryDirectory(prefix="film-") as folder:
        for first in range(0, len(windows), _TOGETHER):
            some = list(enumerate(windows[first : first + _TOGETHER]))
            args = ["-v", "error"]
            for _, (start, length) in some:
                args += ffmpeg.source(path, "-ss", f"{start:.3f}", *(("-t", f"{length:.3f}") if length else ()))
            for number, (_, length) in some:
                only = () if length else ("-frames:v", "1")
                args += ["-map", f"{number}:V:0", *only, *_raw(size), f"file:{folder}/{first + number}"]
            ffmpeg.run(args, timeout=timeout)
        for number in range(len(windows)):
            written = Path(folder) / str(number)
            found.append(_images(written.read_bytes() if written.exists() else b"", size))
    return found


def _raw(size: tuple[int, int]) -> list[str]:
    shown = f"scale={size[0]}:{size[1]}:flags=bicubic+accurate_rnd+full_chroma_int+bitexact"
    return ["-fps_mode", "passthrough", "-vf", shown, "-pix_fmt", "rgb24", "-f", "rawvideo"]


def _images(data: bytes, size: tuple[int, int]) -> list[Image.Image]:
    from PIL import Image  # noqa: PLC0415 - only where films are compared

    length = 3 * size[0] * size[1]
    whole = range(0, len(data) - length + 1, length)
    return [Image.frombytes("RGB", size, data[place : place + length]) for place in whole]


def loudness(path: Path, stream: int, timeout: float) -> str:
    """How loud a film is, one value for each `STEP`: base64 of bytes, 0 (silence) to 255, by the logarithm of the level."""
    import numpy as np  # noqa: PLC0415 - only where films are compared

    levels, rest = bytearray(), b""
    length = 2 * int(_RATE * STEP)

    def hear(piece: bytes) -> None:
        nonlocal rest
        rest += piece
        whole = len(rest) // length * length
        samples = np.frombuffer(rest[:whole], "<i2").reshape(-1, length // 2).astype(np.float64)
        level = np.sqrt((samples**2).mean(axis=1))
        levels.extend(np.round(255 * np.log1p(level) / np.log1p(_LOUDEST)).astype(np.uint8).tobytes())
        rest = rest[whole:]

    filters = "aresample=async=1:first_pts=0"
    args = ["-v", "error", *ffmpeg.source(path), "-map", f"0:a:{stream}", "-af", filters, "-ac", "1", "-ar", str(_RATE)]
    ffmpeg.run([*args, "-f", "s16le", "pipe:1"], timeout=timeout, sink=hear)
    return base64.b64encode(bytes(levels)).decode()
