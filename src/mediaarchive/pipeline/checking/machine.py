"""This machine, checked by what it does: it decodes and encodes what the product needs, and links and writes where it must."""

from __future__ import annotations

import base64
import importlib.metadata
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from mediaarchive.config import Settings
from mediaarchive.errors import MediaArchiveError, Unwritable
from mediaarchive.media import ffmpeg, mp4, pdf
from mediaarchive.media.picture import open_picture
from mediaarchive.pipeline.checking.check import Check, Place
from mediaarchive.pipeline.inbox.scanning import scan
from mediaarchive.pipeline.workspace import Workspace
from mediaarchive.renderers.still import PillowStills

_EDGE = 64
_MIB = 1 << 20
_PATIENCE = 60.0  # seconds for half a second of film
# A square of 64 pixels, red above blue, drawn for this purpose; nothing here can write HEIC.
_HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "AA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAAAJgAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEA"
    "AGh2YzEAAAAAwmlwcnAAAACkaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABRpc3Bl"
    "AAAAAAAAAEAAAABAAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAAAubWRhdAAAACIoAa8ZgAaJR79V//5c"
    "Pv+YZpe2dqsP/9kv6+4Cb/obrxrA"
)
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 64 64]>>endobj trailer<</Root 1 0 R>>\n%%EOF\n"
)


def check_machine() -> Iterator[Check]:
    """Every format the product reads or writes, tried; and which optional extras are there."""
    place = Place(name="machine")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for what, trial in (
            *((name, lambda f, n=name: _still(n, f)) for name in ("jpeg", "avif", "webp")),
            ("heic", _heic),
            ("pdf", _pdf),
            ("film", _film),
        ):
            yield _tried(place, what, trial, folder)
    yield from _extras(place)


def _tried(place: Place, what: str, trial: Callable[[Path], str], folder: Path) -> Check:
    try:
        return place.ok(what, trial(folder))
    except MediaArchiveError as error:
        return place.bad(
            what, error.message, error.hint or "install the product again: pip install --force-reinstall mediaarchive"
        )
    except Exception as error:  # noqa: BLE001 - whatever a broken library raises is the finding
        return place.bad(what, f"{type(error).__name__}: {error}", "pip install --force-reinstall mediaarchive")


def _still(kind: str, folder: Path) -> str:
    """Reduce a picture, encode it, and decode it again."""
    from PIL import Image  # noqa: PLC0415 - heavy

    params = {"format": kind, "edge": _EDGE, "quality": 70, "speed": 6, "subsampling": "4:2:0"}
    (blob,) = PillowStills().render_image(Image.new("RGB", (2 * _EDGE, 2 * _EDGE), (200, 40, 40)), [params], folder)
    _expect_red(folder / blob.sha256)
    return f"reduced, encoded and decoded ({blob.bytes} bytes)"


def _heic(folder: Path) -> str:
    (folder / "two.heic").write_bytes(base64.b64decode(_HEIC))
    _expect_red(folder / "two.heic")
    return "decoded"


def _expect_red(path: Path) -> None:
    """Raise ValueError unless the picture is red at its top."""
    picture = open_picture(path, pixels=_MIB)
    red, green, blue = picture.image.convert("RGB").getpixel((_EDGE // 2, _EDGE // 8))  # type: ignore[misc]
    if picture.width != _EDGE or red < 150 or max(green, blue) > 100:
        raise ValueError(f"decoded wrongly: {picture.width} pixels, colour {red},{green},{blue}")


def _pdf(folder: Path) -> str:
    (folder / "one.pdf").write_bytes(_PDF)
    cover = pdf.cover(folder / "one.pdf")
    return f"a cover of {cover.width} by {cover.height} pixels drawn"


def _film(folder: Path) -> str:
    """Encode half a second as the product does: H.264, AAC, MP4."""
    target = folder / "film.mp4"
    pictures = ["-f", "lavfi", "-i", f"testsrc2=size={_EDGE}x{_EDGE}:rate=10:duration=0.5"]
    sound = ["-f", "lavfi", "-i", "sine=duration=0.5"]
    codecs = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    done = ffmpeg.run([*pictures, *sound, *codecs, str(target)], timeout=_PATIENCE)
    mp4.describe(target)
    return f"ffmpeg {ffmpeg.version()}: half a second encoded in {done.seconds:.1f} s"


def _extras(place: Place) -> Iterator[Check]:
    """The optional packages of each extra but `dev`: there, or how to get them."""
    for requirement in importlib.metadata.requires("mediaarchive") or ():
        wanted, _, marker = requirement.partition(";")
        extra = marker.partition("extra ==")[2].strip(" \"'")
        if not extra or extra == "dev":
            continue
        package = wanted.split(">")[0].split("=")[0].split("[")[0].strip()
        what = f"extra {extra}: {package}"
        try:
            yield place.ok(what, f"{importlib.metadata.version(package)} is installed")
        except importlib.metadata.PackageNotFoundError:
            yield place.warning(
                what, "not installed; needed only if you use it", f'pip install "mediaarchive[{extra}]"'
            )


def check_workspace(workspace: Workspace, settings: Settings) -> Iterator[Check]:
    """The archive: its catalog, room on its disk, hard links (the journal needs them), and an inbox that is read and left."""
    place = Place(name="workspace")
    try:
        workspace.catalog().close()
    except MediaArchiveError as error:  # why everything else refuses to start is what doctor is asked
        yield place.bad("catalog", error.message, error.hint or "")
    else:
        yield place.ok("catalog", "it can be opened, and agrees with the journal")
    free = shutil.disk_usage(workspace.archive if workspace.archive.is_dir() else workspace.root).free // _MIB
    if free < settings.limits.min_free:
        text = f"{free} MiB free, less than the {settings.limits.min_free} MiB that a run wants"
        yield place.bad("room", text, "make room, or lower [limits] min_free")
    else:
        yield place.ok("room", f"{free} MiB free at {workspace.archive}")
    yield _links(place, workspace.archive)
    inbox = workspace.root / settings.ingest.inbox
    if not inbox.is_dir():
        yield place.bad("inbox", f"{inbox} is not there", "make it, or correct [ingest] inbox")
    elif settings.ingest.mode == "move" and (closed := _closed(inbox)):
        text = f"files can't leave {closed[0]}" + (f", nor {len(closed) - 1} more folders" if closed[1:] else "")
        yield place.bad("inbox", text, 'correct its permissions, or set [ingest] mode = "keep"')
    elif unread := _unread(inbox):
        text = f"this user may not read {unread[0]}" + (f", nor {len(unread) - 1} more" if unread[1:] else "")
        yield place.bad("inbox", text, "correct its permissions: it waits there until it can be read")
    else:
        yield place.ok("inbox", f"{inbox} can be read" + (" and emptied" if settings.ingest.mode == "move" else ""))


def _closed(inbox: Path) -> list[Path]:
    """The inbox and the events' folders that this user may not write."""
    folders = [inbox, *sorted(path for path in inbox.iterdir() if path.is_dir() and path.name[0] != ".")]
    return [folder for folder in folders if not os.access(folder, os.W_OK | os.X_OK)]


def _unread(inbox: Path) -> list[Path]:
    """The inbox's files and folders that this user may not read."""
    try:
        files = [one.path for one in scan(inbox) if not (one.ignorable or one.path.is_symlink())]
        return [path for path in files if not os.access(path, os.R_OK)]
    except Unwritable:
        return [inbox]


def _links(place: Place, archive: Path) -> Check:
    first, second = (archive / f".doctor-{secrets.token_hex(4)}" for _ in range(2))
    try:
        first.write_bytes(b"")
        os.link(first, second)
    except OSError as error:
        return place.bad(
            "hard links",
            f"{archive}: {error.strerror}",
            "make it writable, and keep the archive on a local file system (ext4, XFS, APFS, ZFS)",
        )
    finally:
        for path in (first, second):
            with suppress(OSError):
                path.unlink()
    return place.ok("hard links", "the journal's file system has them")
