"""Writes the inbox: draws each photograph once, makes its copies from it, and sets every file's time to its capture."""

from __future__ import annotations

import io
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from sample import film, iptc, plan, records, sidecars, xmp
from sample.exif import exif
from sample.photographs import IPTC_AUTHOR
from sample.props import slide
from sample.scenes import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WORKERS = 2
_TURNED = {
    1: None,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}  # how pixels lie when a flag turns them
_PAGE = b"<!DOCTYPE html>\n<html><head><title>403</title></head><body><h1>This link has expired</h1></body></html>\n"


def make(folder: Path, inbox: plan.Inbox, seed: int) -> None:
    """Fill the event's folder. Every file's bytes depend on the seed alone (on one machine)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "web").mkdir(exist_ok=True)
    for name, (data, at) in sidecars.files(inbox).items():
        _write(folder / name, data, at)
    with ProcessPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(job) for job in _jobs(folder, inbox, seed)]:
            done.result()


def _jobs(folder: Path, inbox: plan.Inbox, seed: int) -> Iterator[Callable[[], None]]:
    """The longest first, so that no worker ends alone."""
    yield partial(_film, folder, inbox, seed)
    for shot in sorted(inbox.shots, key=lambda shot: -shot.size[0] * shot.size[1]):
        yield partial(_shot, folder, shot, inbox, seed)
    for trouble in inbox.troubles:
        yield partial(_trouble, folder, trouble, inbox, seed)


def _film(folder: Path, inbox: plan.Inbox, seed: int) -> None:
    film.make(folder / plan.FILM, inbox, seed)
    _set_time(folder / plan.FILM, plan.FILM_AT)


def _shot(folder: Path, shot: records.Shot, inbox: plan.Inbox, seed: int) -> None:
    """One photograph and its copies."""
    picture = draw(shot.scene, _size(shot.size, inbox.edge), seed)
    data = _photograph(picture, shot)
    _write(folder / shot.name, data, shot.at)
    for copy in inbox.copies:
        if copy.of == shot.name:
            _write(folder / copy.name, _copied(copy.how, data), copy.at)


def _size(size: tuple[int, int], edge: int | None) -> tuple[int, int]:
    if edge is None:
        return size
    return round(size[0] * edge / max(size)), round(size[1] * edge / max(size))


def _photograph(picture: Image.Image, shot: records.Shot) -> bytes:
    """The JPEG as the camera and the photographer's software left it."""
    turn = _TURNED[shot.orientation]
    stored = picture.transpose(turn) if turn is not None else picture
    block = exif(
        shot.camera,
        datetime.fromisoformat(shot.at),
        subsec=shot.subsec,
        orientation=shot.orientation,
        place=records.GPS if shot.gps else None,
        description=records.SUMMER_COMMENT if shot.junk else "",
    )
    data = _jpeg(stored, 86, exif=block, packet=xmp.packet(shot.xmp) if shot.xmp else b"")
    if shot.iptc:
        author = shot.xmp.creator if shot.xmp else IPTC_AUTHOR
        datasets = iptc.iim({iptc.BY_LINE: author, iptc.HEADLINE: shot.headline, iptc.CAPTION: shot.iptc})
        data = iptc.with_segment(data, iptc.app13(datasets))
    return data


def _jpeg(picture: Image.Image, quality: int, *, exif: bytes = b"", packet: bytes = b"") -> bytes:
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=quality, exif=exif, xmp=packet)
    return sink.getvalue()


def _copied(how: str, data: bytes) -> bytes:
    """What happened to a photograph on its way: see `records.Copy`."""
    if how == "exact":
        return data
    if how == "stripped":
        return iptc.without_metadata(data)
    with Image.open(io.BytesIO(data)) as opened:
        block = opened.info.get("exif", b"")
        picture = ImageOps.exif_transpose(opened)
    picture.info = {}  # Pillow would write the original's XMP into the copy
    if how == "smaller-file":
        return _jpeg(picture, 60, exif=block)
    # Smaller than the original: of the same size, without its time, it might as well be the next frame of a burst.
    if how == "whatsapp":
        return _jpeg(_within(picture, 1600), 70)
    if how == "webp":
        sink = io.BytesIO()
        _within(picture, 2048).save(sink, "WEBP", quality=80, method=2)
        return sink.getvalue()
    return _jpeg(ImageOps.mirror(_within(picture, 1800)), 88)


def _within(picture: Image.Image, edge: int) -> Image.Image:
    share = min(edge / max(picture.size), 0.8)
    return picture.resize((round(picture.width * share), round(picture.height * share)))


def _trouble(folder: Path, trouble: records.Trouble, inbox: plan.Inbox, seed: int) -> None:
    """One file that is not what its name says."""
    _write(folder / trouble.name, _damaged(trouble, inbox, seed), trouble.at)


def _damaged(trouble: records.Trouble, inbox: plan.Inbox, seed: int) -> bytes:
    if trouble.how == "page":
        return _PAGE
    if trouble.how == "empty":
        return b""
    if trouble.how == "clutter":
        return b"\x00\x00\x00\x01Bud1" + bytes(4088)
    if trouble.how == "png":
        sink = io.BytesIO()
        slide("Appel à projets", "poster", ("#7a2f3d", "#c8643f"), "network").save(sink, "PNG")
        return sink.getvalue()
    whole = _jpeg(draw(trouble.scene, _size((1500, 1000), inbox.edge), seed + 1), 86)
    return (
        whole[: len(whole) * 6 // 10]
        if trouble.how == "cut"
        else whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2)
    )


def _write(path: Path, data: bytes, at: str) -> None:
    path.write_bytes(data)
    _set_time(path, at)


def _set_time(path: Path, at: str) -> None:
    seconds = int(records.taken(at).timestamp())
    os.utime(path, (seconds, seconds))
