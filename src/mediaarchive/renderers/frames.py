"""A film's pictures: how they become upright BT.709 at a size, and which of them stands for the film."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mediaarchive.errors import BadInput
from mediaarchive.media import ffmpeg, probe

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from mediaarchive.model import Facts

    Pixels = NDArray[np.uint8]

# Exact arithmetic, so that the same picture comes out whatever the processor's vector unit.
SCALER: Final = "bicubic+accurate_rnd+full_chroma_int+bitexact"

_HD_SIDE: Final = 720  # untagged films from this short side up are BT.709, below BT.601 (what players assume)
_MATRICES: Final = {"bt709", "smpte170m", "bt470bg", "fcc", "smpte240m", "bt2020nc"}
_WIDE: Final = {"bt2020", "smpte432", "smpte431"}
_NITS: Final = 203  # HDR reference white (ITU-R BT.2408)
_MAX_SAMPLES: Final = 120
_FEW: Final = 6
_THUMB: Final = 192
_EARLY: Final = 0.05
_TIME: Final = re.compile(r"showinfo.* pts_time:([\d.]+)")


def fit(width: int, height: int, side: int) -> tuple[int, int]:
    """The even size whose short side is `side`, in the proportions of `width` and `height`."""
    scale = side / min(width, height)
    return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))


def to_bt709(picture: probe.Picture, width: int, height: int) -> list[str]:
    """The filters that scale to `width` and `height` and turn any colours into limited BT.709, 8 bit 4:2:0.

    PQ and HLG are tone-mapped; wide gamuts are clipped to BT.709. Scaling comes first: mapping costs more than it.
    """
    matrix = _matrix(picture)
    to_709 = "zscale=t=bt709:m=bt709:p=bt709:r=tv,format=yuv420p"
    if picture.transfer in probe.HDR_TRANSFERS:
        tagged = f"zscale=min={matrix}:pin={_primaries(picture)}:tin={picture.transfer}"
        linear = f"{tagged}:t=linear:npl={_NITS},format=gbrpf32le,zscale=p=bt709"
        steps = [f"scale={width}:{height}:flags={SCALER}", linear, "tonemap=tonemap=mobius:desat=0", to_709]
    elif picture.primaries in _WIDE and picture.matrix != "gbr":
        tagged = f"zscale=min={matrix}:pin={picture.primaries}:tin=bt709"
        steps = [f"scale={width}:{height}:flags={SCALER}", f"{tagged}:t=bt709:m=bt709:p=bt709:r=tv", "format=yuv420p"]
    else:
        matrices = f"in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
        steps = [f"scale={width}:{height}:{matrices}:flags={SCALER}", "format=yuv420p"]
    return [*steps, "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv", "setsar=1"]


def _matrix(picture: probe.Picture) -> str:
    """The matrix that the film's colours are in; what players assume, where it isn't said."""
    if picture.matrix in _MATRICES:
        return picture.matrix
    if picture.transfer in probe.HDR_TRANSFERS:
        return "bt2020nc"
    return "bt709" if min(picture.width, picture.height) >= _HD_SIDE else "smpte170m"


def _primaries(picture: probe.Picture) -> str:
    return picture.primaries if picture.primaries in _WIDE | {"bt709"} else "bt2020"


def poster(source: Path, facts: Facts, *, timeout: float) -> Image.Image:
    """The best frame by contrast, sharpness and brightness, at the film's full upright size: sRGB, mode RGB.

    Keyframes are looked at, since decoding all would cost a fifth of an encode; a film with few of them is decoded in
    full. Frames of the first 5 % count less: films fade in.

    Raises:
        BadInput: `film-undecodable`, when there is no frame.
    """
    from PIL import Image  # noqa: PLC0415 - only where posters are made

    picture = probe.look(source)
    length = facts.duration or 0.0
    times, thumbs = _samples(source, facts, picture, timeout, "-skip_frame", "nokey")
    if len(times) < _FEW:
        times, thumbs = _samples(source, facts, picture, timeout)
    if not times:
        raise BadInput("film-undecodable", "None of this film's pictures can be decoded; export it again as MP4.")
    scores = [_score(thumb) - (at < _EARLY * length) for at, thumb in zip(times, thumbs, strict=True)]
    at = times[scores.index(max(scores))]
    size = (facts.width, facts.height)
    data = _frame(source, facts, picture, at, timeout)
    return Image.frombytes("RGB", size, data)


def _samples(
    source: Path, facts: Facts, picture: probe.Picture, timeout: float, *options: str
) -> tuple[list[float], list[Pixels]]:
    """Times in seconds, and small grey pictures, of frames at least a fixed step apart."""
    import numpy as np  # noqa: PLC0415 - only where posters are made

    short, long = sorted((facts.width, facts.height))
    width, height = fit(facts.width, facts.height, max(2, _THUMB * short // long))
    step = (facts.duration or 0.0) / _MAX_SAMPLES
    chosen = f"select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,{step:.6f})"
    chain = [chosen, "showinfo=checksum=0", *_shown(facts, picture, width, height), "format=gray"]
    args = ["-v", "info", *ffmpeg.source(source, *options), "-map", probe.VIDEO, "-vf", ",".join(chain)]
    args += ["-fps_mode", "passthrough", "-frames:v", str(2 * _MAX_SAMPLES), "-f", "rawvideo", "pipe:1"]
    result = ffmpeg.run(args, timeout=timeout)
    times = [float(found) for found in _TIME.findall(result.stderr)]
    count = min(len(times), len(result.stdout) // (width * height))
    pixels = np.frombuffer(result.stdout, np.uint8, count * width * height).reshape(count, height, width)
    return times[:count], list(pixels)


def _shown(facts: Facts, picture: probe.Picture, width: int, height: int) -> list[str]:
    deinterlace = ["bwdif=mode=send_frame:deint=interlaced"] if facts.interlaced else []
    return [*deinterlace, *to_bt709(picture, width, height)]


def _frame(source: Path, facts: Facts, picture: probe.Picture, at: float, timeout: float) -> bytes:
    """The pixels (RGB, row by row) of the frame at `at` seconds: by seeking, else, where that fails, by reading on."""
    matrix = "scale=in_color_matrix=bt709:in_range=tv:out_range=pc"
    shown = [*_shown(facts, picture, *_even_up(facts)), f"{matrix}:w={facts.width}:h={facts.height}:flags={SCALER}"]
    tail = ["-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]
    earlier = max(0.0, at - 0.001)  # times are printed rounded
    for seek, select in ((["-ss", f"{earlier:.6f}"], []), ([], [f"select=gte(t\\,{earlier:.6f})"])):
        args = ["-v", "error", *ffmpeg.source(source, *seek), "-map", probe.VIDEO]
        result = ffmpeg.run([*args, "-vf", ",".join([*select, *shown]), *tail], timeout=timeout)
        if len(result.stdout) == facts.width * facts.height * 3:
            return result.stdout
    raise BadInput("film-undecodable", "This film's pictures can't be decoded; export it again as MP4.")


def _even_up(facts: Facts) -> tuple[int, int]:
    return facts.width + facts.width % 2, facts.height + facts.height % 2


def _score(grey: Pixels) -> float:
    """Contrast + sharpness + closeness to mid-grey, each 0 to 1."""
    import numpy as np  # noqa: PLC0415 - only where posters are made

    values = grey.astype(np.float64)
    contrast = min(1.0, float(values.std()) / 64)
    edges = (
        np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean() if min(values.shape) > 1 else 0
    )
    sharpness = min(1.0, float(edges) / 32)
    brightness = 1 - abs(float(values.mean()) - 118) / 137  # 118: 18 % grey in sRGB
    return contrast + sharpness + brightness
