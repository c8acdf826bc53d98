"""Ingest: a durable copy of one file, what it is by its content, and what it says of itself. Runs in a worker.

The copy is written, flushed to the disk, read again and hashed before anybody may take the file out of the inbox. What is
analysed is the copy, so the bytes that were judged are the bytes that are kept.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from mediaarchive.config import NotHere, load_event
from mediaarchive.durable import sync_folder
from mediaarchive.errors import BadInput, ConfigError
from mediaarchive.model import Facts, Kind, Original, Recipe
from mediaarchive.recipes import to_json
from mediaarchive.stages.source import open_source, read_some, still_is

if TYPE_CHECKING:
    from PIL import Image

    from mediaarchive.media.metadata.merge import Metadata
    from mediaarchive.media.picture import Picture

    _Looked = tuple[Facts, Mapping[str, Any] | None]

IDENTIFY = Recipe(stage="identify", version=4)
_LOOK_INSIDE = Recipe(stage="identify", version=2, params={"inside": 1})  # RAW files and documents
ANALYSIS_EDGE = 512  # long edge of the reduced decode: enough for hashes and alignment (research on duplicates)
_SIDECAR_BYTES = 5_000_000
_SIDECAR_TYPES = {
    "xmp": "application/rdf+xml",
    "captions": "text/vtt",
    "checksums": "text/plain",
    "event": "application/toml",
}
_SHEET_TYPES = {
    "csv": "text/csv",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """What came of taking one file.

    `facts` is None where the archive had these bytes already: they were analysed then. `digests`: by the algorithms of the
    sender's lists, all as listed. `details`: what `voting.describe` found in a photograph, if that was wanted.
    """

    sha256: str
    uri: str
    bytes: int
    mime: str
    kind: Kind
    facts: Mapping[str, Any] | None
    digests: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] | None = None


def take(
    path: Path,
    *,
    expected: str,
    archive: Path,
    sidecar: str | None,
    limits: Mapping[str, Any],
    sums: Mapping[str, str] | None = None,
    details: bool | None = None,
) -> Taking:
    """Copy `path` durably into `archive`, verify the copy, and analyse it.

    Args:
        path: the file in the inbox.
        expected: its `source.file_stat` at the last look.
        archive: the folder that holds `originals/` and `work/`.
        sidecar: which kind of sidecar its name makes it, or None.
        limits: `config.settings.Limits` as JSON values.
        sums: its digests by the sender's lists, by algorithm.
        details: whether its event needs the details of all its photographs. As far as is known it needn't: False; then one
            without a clock is looked at all the same, since with that all are needed. None: nobody looks for copies.

    Raises:
        BadInput: `changed` while it was copied, `unreadable`, `read-fault`, `checksum-mismatch`, `incomplete`, or a reason why
            it can't be used. Nothing was kept.
        OSError: the archive's disk failed.
    """
    with open_source(path) as source:
        if not still_is(path, expected):
            raise BadInput("changed", "It was still being written while we looked; it is taken once it rests.")
        temporary = archive / "work" / f"in-{os.getpid()}-{os.fstat(source.fileno()).st_ino}"
        try:
            digests = {name: hashlib.new(name, usedforsecurity=False) for name in sums or () if name != "sha256"}
            sha256, size = _copy(source, temporary, digests.values())
            if not still_is(path, expected):
                raise BadInput("changed", "It was still being written while we copied it; it is taken once it rests.")
            found = {name: digest.hexdigest() for name, digest in digests.items()}
            _compare(found | {"sha256": sha256}, sums or {})
            if _hash(temporary) != sha256:
                raise OSError(errno.EIO, "the archive's disk gave back other bytes than were written to it")
            taking = _keep(temporary, path.name, (sha256, size), archive, sidecar, (limits, details))
            return replace(taking, digests=found) if found else taking
        finally:
            temporary.unlink(missing_ok=True)


def _compare(found: Mapping[str, str], listed: Mapping[str, str]) -> None:
    wrong = next((name for name, digest in listed.items() if found[name] != digest), None)
    if wrong:
        raise BadInput(
            "checksum-mismatch",
            f"It isn't the file that the sender's checksum list names ({wrong}): it was damaged on the way; send it again.",
            algorithm=wrong,
        )


def _copy(source: IO[bytes], target: Path, digests: Collection[Any]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as copy:
        while chunk := read_some(source):
            digest.update(chunk)
            for other in digests:
                other.update(chunk)
            size += len(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), size


def _hash(path: Path) -> str:
    """Read a file back and hash it, from the disk where the system lets go of its cache."""
    with path.open("rb") as file:
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(
    copy: Path,
    name: str,
    content: tuple[str, int],
    archive: Path,
    sidecar: str | None,
    looking: tuple[Mapping[str, Any], bool | None],
) -> Taking:
    from mediaarchive.media.complete import check_complete  # noqa: PLC0415 - workers only
    from mediaarchive.media.sniff import sniff  # noqa: PLC0415 - workers only

    sha256, size = content
    if sidecar:
        kind, mime, ext = Kind.SIDECAR, _sidecar_type(sidecar, name), _sidecar_ext(sidecar, name)
    else:
        found = sniff(copy)
        kind, mime, ext = found.kind, found.mime, found.ext
    uri = f"originals/{sha256[:2]}/{sha256}.{ext}"
    original = archive / uri
    there = original.exists()
    facts, details = None, None
    if sidecar:
        facts = to_json(read_sidecar(copy, sidecar, name))
    elif not there:
        check_complete(copy, mime)
        looked, details = look(copy, mime, kind, looking[0], details=looking[1])
        facts = to_json(looked)
    if not there or not _is_right(original, sha256, size):
        original.parent.mkdir(parents=True, exist_ok=True)
        copy.chmod(0o444)
        copy.replace(original)
        sync_folder(original.parent)
    return Taking(sha256=sha256, uri=uri, bytes=size, mime=mime, kind=kind, facts=facts, details=details)


def _is_right(original: Path, sha256: str, size: int) -> bool:
    """Whether what the archive has under this name is what the name says: else the only good copy would leave the inbox."""
    try:
        return original.stat().st_size == size and _hash(original) == sha256
    except OSError:  # a disk that can't read it any more
        return False


def _sidecar_type(sidecar: str, name: str) -> str:
    return _SHEET_TYPES[_sidecar_ext(sidecar, name)] if sidecar == "sheet" else _SIDECAR_TYPES[sidecar]


def _sidecar_ext(sidecar: str, name: str) -> str:
    if sidecar == "sheet":
        return PurePosixPath(name).suffix[1:].lower()
    return {"xmp": "xmp", "captions": "vtt", "event": "toml", "checksums": "txt"}[sidecar]


def identifying(original: Original) -> Recipe:
    """The recipe by which an original is read: photographs and films as ever, the others by what they have inside."""
    return IDENTIFY if original.kind in {Kind.PHOTO, Kind.VIDEO} else _LOOK_INSIDE


def sidecar_recipe(kind: str) -> Recipe:
    """The recipe by which a sidecar of a kind (`sniff.sidecar_kind`) is read."""
    return Recipe(stage="sidecar", version=2 if kind == "sheet" else 1, params={"kind": kind})


def identify(path: Path, mime: str, kind: Kind, limits: Mapping[str, Any]) -> Facts:
    """What an original says of itself, after one reduced decode that reads it to its end.

    Raises:
        BadInput: it can't be decoded, or exceeds a limit.
    """
    return look(path, mime, kind, limits, details=None)[0]


def look(path: Path, mime: str, kind: Kind, limits: Mapping[str, Any], *, details: bool | None) -> _Looked:
    """`identify`, and of a photograph its details from the same decode, where they are wanted (as `take` says)."""
    from mediaarchive.media.raw import is_raw  # noqa: PLC0415 - workers only

    if kind is Kind.PHOTO:
        return _identify_photo(path, path, mime, limits, details)
    if kind is Kind.VIDEO:
        return _identify_film(path, limits), None
    if mime == "application/pdf":
        return _identify_document(path, mime), None
    return _identify_raw(path, mime, limits, details) if is_raw(mime) else (Facts(kind=kind, mime=mime), None)


def _identify_raw(path: Path, mime: str, limits: Mapping[str, Any], details: bool | None) -> _Looked:  # noqa: FBT001
    """A camera's RAW file: its metadata, and the picture it has inside, if that is worth showing."""
    from mediaarchive.media.metadata import read_metadata  # noqa: PLC0415 - workers only
    from mediaarchive.media.raw import displayable  # noqa: PLC0415 - workers only

    try:
        with displayable(path) as (picture, note):
            facts, found = _identify_photo(path, picture, mime, limits, details)
            return replace(facts, mime=mime, notes=tuple(sorted({*facts.notes, *([note] if note else [])}))), found
    except BadInput:
        said = read_metadata(path, mime, limit=limits["metadata"])
        return Facts(
            kind=Kind.OTHER, mime=mime, taken=said.taken, camera=said.camera, credit=said.credit, shot=said.shot
        ), None


def _identify_document(path: Path, mime: str) -> Facts:
    from mediaarchive.media.pdf import read_pdf  # noqa: PLC0415 - workers only

    found = read_pdf(path)
    return Facts(
        kind=Kind.DOCUMENT, mime=mime, width=found.width, height=found.height, texts=found.texts, pages=found.pages
    )


def _identify_photo(
    path: Path,
    shown: Path,
    mime: str,
    limits: Mapping[str, Any],
    details: bool | None,  # noqa: FBT001
) -> _Looked:
    from mediaarchive.media.focus import focus  # noqa: PLC0415 - workers only
    from mediaarchive.media.metadata import read_metadata  # noqa: PLC0415 - workers only
    from mediaarchive.media.picture import open_picture  # noqa: PLC0415 - workers only
    from mediaarchive.media.thumbhash import dominant_color, thumbhash  # noqa: PLC0415 - workers only
    from mediaarchive.stages.dedupe.originals import has_clock  # noqa: PLC0415 - workers only
    from mediaarchive.stages.dedupe.signature import sign  # noqa: PLC0415 - workers only

    picture = open_picture(shown, pixels=limits["pixels"], at_least=ANALYSIS_EDGE)
    said = read_metadata(path, mime, limit=limits["metadata"])
    found = _describe(picture.image) if details or (details is False and not has_clock(said.taken)) else None
    small = picture.image
    small.thumbnail((ANALYSIS_EDGE, ANALYSIS_EDGE), reducing_gap=2.0)
    facts = Facts(
        kind=Kind.PHOTO,
        mime=picture.mime,
        width=picture.width,
        height=picture.height,
        taken=said.taken,
        camera=said.camera,
        credit=said.credit,
        texts=said.texts,
        keywords=said.keywords,
        shot=said.shot,
        signature=sign(small, shown, picture.mime, picture.raw_digest, picture.width, picture.height),
        color=dominant_color(small),
        thumbhash=thumbhash(small),
        focus=focus(small),
        notes=tuple(sorted({*picture.notes, *said.notes, *_derived(said, path == shown, picture)})),
    )
    return facts, found


def _describe(image: Image.Image) -> Mapping[str, Any] | None:
    """What `voting.describe` finds. No file is refused for it: where it fails, the event's own look at it says so."""
    from mediaarchive.stages.dedupe.voting import describe  # noqa: PLC0415 - workers only

    try:
        return describe(image)
    except Exception:  # noqa: BLE001 - OpenCV's errors are of one class, and it may be missing
        return None


def _derived(said: Metadata, itself: bool, picture: Picture) -> tuple[str, ...]:  # noqa: FBT001 - not the picture inside a RAW
    """The note that a program wrote this after its camera did."""
    from mediaarchive.media.metadata.derived import DERIVED, is_derived  # noqa: PLC0415 - workers only

    size = (picture.width, picture.height)
    camera = itself and bool(said.camera.model)
    return (DERIVED,) if camera and is_derived(said.software, said.stated, size, jfif=said.jfif) else ()


def _identify_film(path: Path, limits: Mapping[str, Any]) -> Facts:
    from mediaarchive.media.probe import probe  # noqa: PLC0415 - workers only

    found = probe(path, max_side=limits["film_side"], max_hours=limits["film_hours"])
    return Facts(
        kind=Kind.VIDEO,
        mime=found.mime,
        width=found.width,
        height=found.height,
        taken=found.taken,
        shot={"content": found.content} if found.content else {},
        duration=found.duration,
        fps=found.fps,
        codec=found.codec,
        audio=found.audio,
        rotation=found.rotation,
        hdr=found.hdr,
        interlaced=found.interlaced,
        notes=found.notes,
    )


def read_sidecar(path: Path, kind: str, name: str) -> Facts:
    """What a sidecar of this name says: texts.

    A sheet's stand in `signature["rows"]`, and who may be shown in `signature["consents"]`; an event's facts in `signature`.

    Raises:
        BadInput: it is too large, or not what its name says.
    """
    from mediaarchive.media.checksums import read_checksums  # noqa: PLC0415 - workers only
    from mediaarchive.media.metadata import read_xmp_sidecar  # noqa: PLC0415 - workers only
    from mediaarchive.media.sheet import read_sheet  # noqa: PLC0415 - workers only
    from mediaarchive.media.vtt import captions  # noqa: PLC0415 - workers only

    if path.stat().st_size > _SIDECAR_BYTES:
        raise BadInput("sidecar-too-large", "A file that describes others may have 5 MB at most.")
    data, mime = path.read_bytes(), _sidecar_type(kind, name)
    if kind == "xmp":
        said = read_xmp_sidecar(data)
        return Facts(kind=Kind.SIDECAR, mime=mime, texts=said.texts, credit=said.credit, taken=said.taken)
    if kind == "sheet":
        sheet = read_sheet(data, PurePosixPath(name).name)
        consents = {"consents": sheet.consents} if sheet.consents else {}
        return Facts(kind=Kind.SIDECAR, mime=mime, signature={"rows": [list(row) for row in sheet.rows], **consents})
    if kind == "event":
        return Facts(kind=Kind.SIDECAR, mime=mime, signature=_read_event(data))
    if kind == "checksums":
        return Facts(
            kind=Kind.SIDECAR, mime=mime, signature={"sums": [list(row) for row in read_checksums(data, name)]}
        )
    if kind == "captions":
        captions(data, name)
    return Facts(kind=Kind.SIDECAR, mime=mime)


def _read_event(data: bytes) -> Mapping[str, Any]:
    try:
        return load_event(data, "event.toml").model_dump(mode="json")
    except ConfigError as error:
        params = {"key": error.key} if isinstance(error, NotHere) else {"detail": str(error)}
        raise BadInput("event-toml", f"{error}. Correct it; until then the event stays as it was.", **params) from error
