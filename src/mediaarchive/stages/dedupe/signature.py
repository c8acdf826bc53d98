"""What a photograph is recognised by: perceptual hashes, encoder tables, sharpness and texture, as plain JSON.

A signature is kept for ever beside its original, so it names its version (`v`), holds strings and rounded numbers only,
and comes out the same in every process. All of it is made from one small decode: hashes of the full picture cost a
hundred times more and find the same copies.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from mediaarchive.stages.dedupe.screens import shown

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Grey = NDArray[np.uint8]

VERSION: Final = 1
HASH_SIDE: Final = 16  # 256 bits: the best of 16 hashes measured
TILE: Final = 16  # px, at a long edge of 256
TEXTURED: Final = 5.0  # standard deviation of grey levels: below, a tile is sky, wall or noise

_EDGE = 512
_SMALL_EDGE = 256
_HASHED_EDGE = 4 * HASH_SIDE  # what imagehash.phash resizes to
_BORDER_SPREAD = 4.0  # grey levels: JPEG noise on a plain border stays below
_BORDER_STEP = 6.0  # grey levels between the outermost line and the next ones of the same border
_BORDER_MOST = 0.45  # of a side: more is the picture itself, such as a night sky
_BORDER_LEAST = 0.02  # of both sides together: less changes no hash
_SCREEN = 0.9  # of what plain borders leave, at most, is what a screen with words on it shows
_MARKERS_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_MOST_SEGMENTS = 1_000


def sign(image: Image.Image, path: Path, mime: str, raw_digest: str, width: int, height: int) -> dict[str, Any]:
    """The signature of one picture, about 10 ms of CPU.

    Args:
        image: Upright sRGB in mode RGB; long edge at least 512, or the original's own if that is smaller.
        path: The original, read for its JPEG quantisation tables.
        mime: The original's content type.
        raw_digest: Digest (hex) of the original's decoded upright pixels.
        width: The original's upright width in pixels.
        height: Its upright height.

    Returns:
        `{"v": 1, "pixels": digest, prefixed by the size, "phash": 64 hex digits, "forms": [8 times 64 hex digits:
        `dihedral`'s order], "trim": 64 hex digits, or None where there is no plain border and no screen's, "inside": share
        of the area within that, "tables": 16 hex digits or None, "sharp": variance of the Laplacian at a long edge of 512,
        "texture": share (0 to 1) of 16-px tiles with texture at a long edge of 256}`.
    """
    grey = image.convert("L")
    forms = [_phash(form) for form in dihedral(_hashable(grey))]
    small = resized(grey, _EDGE)
    trimmed = trim(grey, small)
    return {
        "v": VERSION,
        "pixels": f"{width}x{height}:{raw_digest}",
        "phash": forms[0],
        "forms": forms,
        "trim": None if trimmed is None else _phash(_hashable(trimmed)),
        "inside": None if trimmed is None else round(trimmed.width * trimmed.height / (grey.width * grey.height), 3),
        "tables": tables(path) if mime in {"image/jpeg", "image/mpo"} else None,
        "sharp": _sharpness(small),
        "texture": _texture(grey),
    }


def dihedral(image: Image.Image) -> list[Image.Image]:
    """A picture turned by 0, 90, 180 and 270 degrees (anticlockwise), then each of these mirrored left to right."""
    from PIL import Image  # noqa: PLC0415

    turns = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    turned = [image if turn is None else image.transpose(turn) for turn in turns]
    return turned + [picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for picture in turned]


def trim(grey: Image.Image, small: Grey) -> Image.Image | None:
    """A greyscale picture without its plain borders (white frame, letterbox, polaroid) or what an app's screen has around it.

    None where it has none. `small`: the same with a long edge of `_EDGE`.
    """
    import numpy as np  # noqa: PLC0415

    pixels = np.asarray(grey, dtype=np.float32)
    height, width = pixels.shape
    top, bottom = _border(pixels), _border(pixels[::-1])
    inner = pixels[top : height - bottom]
    left, right = _border(inner.T), _border(inner.T[::-1])
    found = left, top, width - right, height - bottom
    if box := shown(small):
        across, down = width / small.shape[1], height / small.shape[0]
        screen = round(box[0] * across), round(box[1] * down), round(box[2] * across), round(box[3] * down)
        if _area(screen) < _SCREEN * _area(found):
            return grey.crop(screen)
    if (top + bottom) < _BORDER_LEAST * height and (left + right) < _BORDER_LEAST * width:
        return None
    return grey.crop(found)


def _area(box: tuple[int, int, int, int]) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def tables(path: Path) -> str | None:
    """Digest of a JPEG's quantisation tables, which tell the encoder and its quality; None where it can't be read.

    Read from the file itself, since a decoding library may change the order in which it lists coefficients.
    """
    try:
        with path.open("rb") as stream:
            segments = _quantisation(stream)
    except OSError:
        return None
    return hashlib.sha256(b"".join(segments)).hexdigest()[:16] if segments else None


def _quantisation(stream: BinaryIO) -> list[bytes]:
    """The bodies of the DQT segments before the first scan (ITU-T T.81, B.2.4.1)."""
    found: list[bytes] = []
    if stream.read(2) != b"\xff\xd8":
        return found
    for _ in range(_MOST_SEGMENTS):
        marker = stream.read(2)
        while marker == b"\xff\xff":  # fill bytes
            marker = marker[1:] + stream.read(1)
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] in {0xD9, 0xDA}:
            break
        if marker[1] in _MARKERS_WITHOUT_LENGTH:
            continue
        length = int.from_bytes(stream.read(2), "big") - 2
        if length < 0:
            break
        if marker[1] == 0xDB:
            found.append(stream.read(length))
        else:
            stream.seek(length, 1)
    return found


def _hashable(grey: Image.Image) -> Image.Image:
    """The 64-px square that all eight forms are hashed from: turning it is exact, and it is resized only once."""
    from PIL import Image  # noqa: PLC0415

    return grey.resize((_HASHED_EDGE, _HASHED_EDGE), Image.Resampling.LANCZOS)


def _phash(square: Image.Image) -> str:
    import imagehash  # noqa: PLC0415

    return str(imagehash.phash(square, hash_size=HASH_SIDE))


def _border(lines: NDArray[np.float32]) -> int:
    """How many lines from the first one on are one plain colour."""
    plain = (lines.std(axis=1) < _BORDER_SPREAD) & (abs(lines.mean(axis=1) - lines[0].mean()) < _BORDER_STEP)
    most = int(len(lines) * _BORDER_MOST)
    count = int(plain.argmin()) if not plain.all() else len(lines)
    return min(count, most)


def _sharpness(small: Grey) -> float:
    """The variance of the Laplacian, with edges mirrored: what OpenCV gives, and signatures must not need that."""
    import numpy as np  # noqa: PLC0415

    pixels = np.pad(small.astype(np.float32), 1, mode="reflect" if min(small.shape) > 1 else "edge")
    inner = pixels[1:-1, 1:-1]
    laplacian = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:] - 4 * inner
    return round(float(laplacian.var()), 1)


def _texture(grey: Image.Image) -> float:
    import numpy as np  # noqa: PLC0415

    pixels = resized(grey, _SMALL_EDGE).astype(np.float32)
    rows, columns = pixels.shape[0] // TILE, pixels.shape[1] // TILE
    if not rows or not columns:
        return 0.0
    tiles = pixels[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    return round(float((tiles.std(axis=(1, 3)) >= TEXTURED).mean()), 3)


def resized(grey: Image.Image, edge: int) -> Grey:
    """A greyscale picture as an array with a long edge of `edge` pixels, enlarged if need be: so measures compare."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    scale = edge / max(grey.size)
    size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
    return np.asarray(grey.resize(size, Image.Resampling.BICUBIC))
