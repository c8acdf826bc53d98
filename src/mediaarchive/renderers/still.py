"""Renditions of still pictures: one decode, one reduction to 2560 pixels, and from there to each size; the same bytes everywhere.

The bytes of one rendition depend on the source and its own parameters only. So every smaller size is made from the same
2560 pixels, whether or not those are asked for (they cost milliseconds, an encode hundreds), and AVIF is encoded by one
thread, since the number of threads changes its bytes. Resizing is done in whole numbers: no processor rounds otherwise.
"""

from __future__ import annotations

import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from mediaarchive.errors import BadInput
from mediaarchive.media.metadata.writing import tags
from mediaarchive.media.picture import Decoded, decode
from mediaarchive.model import Blob
from mediaarchive.renderers.card import cut
from mediaarchive.renderers.guard import Guard, encoder_failed
from mediaarchive.renderers.resample import reductions, shrunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mediaarchive.config.settings import Rendition

LADDER: Final = (2560, 1920, 1280, 960, 640, 320)  # the sizes that a photograph is brought to by default
_TOP: Final = LADDER[0]
# libwebp's and libjpeg's own limits; libavif takes more than settings allow.
_LARGEST: Final = {"webp": 16_383, "jpeg": 65_500, "avif": 65_536}
_WEBP_METHODS: Final = 6
_GUARD: Final = Guard()
_EXTENSIONS: Final = {"avif": "avif", "jpeg": "jpg", "webp": "webp"}


def still_params(renditions: Sequence[Rendition], width: int, height: int) -> list[dict[str, Any]]:
    """The parameter sets of all renditions of an original of this size.

    Args:
        renditions: the formats and sizes that are configured.
        width: of the original, upright, in pixels.
        height: likewise.

    Returns:
        For each format, as configured, its sizes, rising: every configured edge smaller than the original's long edge,
        and that long edge itself or the largest configured one, whichever is smaller. Each `{"format", "edge",
        "quality"}`, with `speed` but for jpeg, and `subsampling` but for webp (which knows only 4:2:0).
    """
    long = max(width, height)
    return [
        _params(rendition, edge)
        for rendition in renditions
        for edge in sorted(
            {
                *(edge for edge in rendition.edges if edge < long),
                min(long, rendition.edges[-1], _LARGEST[rendition.format]),
            }
        )
        if edge <= _LARGEST[rendition.format]
    ]


def download_params(width: int, height: int, quality: int, said: Mapping[str, Any]) -> dict[str, Any]:
    """The parameter set of a photograph in its own size with its texts; see `metadata.writing.tags` for `said`."""
    edge = min(max(width, height), _LARGEST["jpeg"])
    common = {"format": "jpeg", "role": "download", "edge": edge, "quality": quality, "subsampling": "4:2:0"}
    return common | {"said": dict(said)}


def _params(rendition: Rendition, edge: int) -> dict[str, Any]:
    params: dict[str, Any] = {"format": rendition.format, "edge": edge, "quality": rendition.at("quality", edge)}
    if rendition.format == "avif":
        params["speed"] = rendition.at("speed", edge)
    if rendition.format == "webp":
        params["speed"] = min(rendition.at("speed", edge), _WEBP_METHODS)
    else:
        params["subsampling"] = rendition.subsampling
    return params


@dataclass(frozen=True, slots=True)
class PillowStills:
    """`ports.StillRenderer` on Pillow. `pixels`: the largest original to accept; `guard`: looks at what encoders made.

    A parameter set is what `still_params` or `card_params` gives; the role of its blob is its edge, or what it says.
    """

    pixels: int = 250_000_000
    guard: Guard = _GUARD

    def render(self, source: Path, params: Sequence[Mapping[str, Any]], spool: Path) -> tuple[Blob, ...]:
        """One blob for each parameter set, in order, each a file `spool/<sha256>`; the folder exists.

        Raises:
            BadInput: the source can't be decoded to its end, or not within the memory of a worker.
            EncoderFault: an encoder made something else than it was asked for.
            ValueError: an edge is larger than the original's.
        """
        edges = {int(entry["edge"]) for entry in params}
        sizes = _sizes(
            decode(source, pixels=self.pixels, at_least=_TOP), lambda: decode(source, pixels=self.pixels), edges
        )
        return _encode_all(sizes, params, spool, self.guard)

    def render_image(self, image: Image.Image, params: Sequence[Mapping[str, Any]], spool: Path) -> tuple[Blob, ...]:
        """The same for a picture that is decoded already: upright, sRGB, mode RGB.

        Raises:
            ValueError: an edge is larger than the picture's.
        """
        decoded = Decoded(
            image=image, width=image.width, height=image.height, turn=None, profile=None, mime="", notes=()
        )
        edges = {int(entry["edge"]) for entry in params}
        return _encode_all(_sizes(decoded, lambda: decoded, edges), params, spool, self.guard)


def _sizes(decoded: Decoded, whole: Callable[[], Decoded], edges: set[int]) -> Iterator[tuple[int, Image.Image]]:
    """The picture in every long edge asked for, each upright and in sRGB, the largest first.

    Args:
        decoded: the picture, its long edge at least 2560 or its own.
        whole: gives the picture in its full size, for edges beyond the ladder.
        edges: the long edges asked for, in pixels.
    """
    size = decoded.width, decoded.height
    if edges and max(edges) > max(size):
        raise ValueError(f"an edge of {max(edges)} px would enlarge a picture of {size[0]} x {size[1]}")
    beyond = sorted((edge for edge in edges if edge > _TOP), reverse=True)
    if beyond:
        full = whole() if decoded.reduced else decoded
        for edge in beyond:
            yield edge, _shrunk(full, edge)
        del full
    if len(beyond) < len(edges):
        top = _shrunk(decoded, min(_TOP, max(size)))
        del decoded  # an encoder needs the memory more
        start = max(top.size)
        below = sorted((edge for edge in edges if edge < start), reverse=True)
        smaller = reductions(top, [_scaled(size, edge) for edge in below])
        if start in edges:
            yield start, top
        del top
        yield from zip(below, smaller, strict=True)


def _shrunk(decoded: Decoded, edge: int) -> Image.Image:
    """`decoded` at a long edge of `edge`, then turned and converted: both cost less after shrinking than before."""
    width, height = _scaled((decoded.width, decoded.height), edge)
    size = (height, width) if decoded.sideways else (width, height)
    image = decoded.image
    return decoded.finish(image if image.size == size else shrunk(image, size))[0]


def _scaled(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """`size` with a long edge of `edge` pixels, the short one rounded to the nearest, at least one pixel."""
    long = max(size)
    width, height = (max(1, (2 * side * edge + long) // (2 * long)) for side in size)
    return width, height


def _encode_all(
    sizes: Iterable[tuple[int, Image.Image]], params: Sequence[Mapping[str, Any]], spool: Path, guard: Guard
) -> tuple[Blob, ...]:
    """The blobs of all parameter sets, in their order, from the pictures of all their edges, in any order.

    The smallest of each format is always looked at: it costs least to decode, and a broken encoder breaks it too.
    """
    blobs: dict[int, Blob] = {}
    smallest = {kind: min(p["edge"] for p in params if p["format"] == kind) for kind in {p["format"] for p in params}}
    try:
        for edge, image in sizes:
            for index, entry in enumerate(params):
                if entry["edge"] == edge:
                    wanted = cut(image, entry["focus"]) if entry.get("role") == "card" else image
                    data = _encoded(wanted, entry)
                    sha256 = guard.checked(data, wanted, entry, look=edge == smallest[entry["format"]])
                    blobs[index] = _keep(data, sha256, wanted.size, entry, spool)
    except MemoryError as error:
        raise BadInput(
            "too-large", "The picture needs more memory than a worker may use: please send a smaller version."
        ) from error
    return tuple(blobs[index] for index in range(len(params)))


def _encoded(image: Image.Image, params: Mapping[str, Any]) -> bytes:
    """`image` as a file, without any metadata but what `params` say. An untagged file is sRGB to every browser.

    Raises:
        EncoderFault: the encoder gave up; what it was given is a plain picture in memory, so that is no file's fault.
    """
    out = io.BytesIO()
    kind, options = _options(params)
    try:
        image.save(out, kind, **options)
    except MemoryError:
        raise
    except Exception as error:
        raise encoder_failed(kind.lower(), error) from error
    return out.getvalue()


def _options(params: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Pillow's name of the format, and what its encoder is told."""
    quality = {"quality": params["quality"]}
    if params["format"] == "avif":
        common = {"subsampling": params["subsampling"], "max_threads": 1, "autotiling": False}
        return "AVIF", quality | common | {"speed": params["speed"]}
    if params["format"] == "jpeg":
        said = tags(params["said"]) if "said" in params else {}
        return "JPEG", quality | {"subsampling": params["subsampling"], "progressive": True, "optimize": True} | said
    if params["format"] == "webp":
        return "WEBP", quality | {"method": params["speed"]}
    raise ValueError(f"no encoder for the format {params['format']!r}")


def _keep(data: bytes, sha256: str, size: tuple[int, int], params: Mapping[str, Any], spool: Path) -> Blob:
    """Write `data` to the spool under its hash: whole or not at all, and only once."""
    target = spool / sha256
    if not (target.exists() and target.stat().st_size == len(data)):
        _write(data, target)
    return Blob(
        role=str(params.get("role", params["edge"])),
        ext=_EXTENSIONS[params["format"]],
        sha256=sha256,
        bytes=len(data),
        width=size[0],
        height=size[1],
    )


def _write(data: bytes, target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
