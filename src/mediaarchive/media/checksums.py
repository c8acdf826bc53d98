"""Checksum lists that senders put beside their files: as sha256sum and md5sum write them, or BSD's, or one bare digest."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from mediaarchive.errors import BadInput

Sum = tuple[str, str, str]
"""Algorithm (as hashlib names it), digest (hex, lower case), and the file's path as the list gives it (NFC, `/`)."""

_ROWS: Final = 100_000
_ALGORITHMS: Final = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_NAMES: Final = re.compile(
    r"(?:manifest-)?(?:md5|sha-?(?:1|224|256|384|512))(?:sums?)?(?:\.txt)?"
    r"|(?:checksums?|hashes|checksum)(?:[-_.](?:md5|sha-?(?:1|224|256|384|512)))?(?:\.txt)?"
    r"|.+\.(?:md5|sha(?:1|224|256|384|512))(?:sums?)?(?:\.txt)?",
    re.IGNORECASE | re.DOTALL,
)
# `<digest>  name` or `<digest> *name`; a backslash before the digest: names are escaped (coreutils).
_GNU: Final = re.compile(r"(\\?)([0-9a-fA-F]{32,128})[ \t]+\*?(.+)")
_BSD: Final = re.compile(r"(\\?)(MD5|SHA-?(?:1|224|256|384|512)) ?\((.+)\) ?= ?([0-9a-fA-F]{32,128})", re.IGNORECASE)
_BARE: Final = re.compile(r"[0-9a-fA-F]{32,128}")


def is_checksum_list(name: str) -> bool:
    """Whether a file of this name lists others' checksums: SHA256SUMS, card.md5, checksums.txt, IMG_1.JPG.sha256."""
    return _NAMES.fullmatch(name) is not None


def read_checksums(data: bytes, name: str) -> list[Sum]:
    """What a list says. `name`: the list's own; a bare digest in `IMG_1.JPG.sha256` is that of `IMG_1.JPG`.

    Raises:
        BadInput: `checksums-unreadable`: a line is no checksum, or there is none; the sentence names the line.
    """
    rows: list[Sum] = []
    for number, line in enumerate(_text(data).splitlines(), 1):
        written = line.strip("\r\n\f\v\x1a ")
        if not written or written.startswith(("#", ";", "//", "-----")):
            continue
        found = _row(written, name)
        if found is None:
            raise BadInput(
                "checksums-unreadable",
                f"Line {number} of this list is no checksum and file name as sha256sum or md5sum write them; "
                "make the list again, or leave it out.",
                line=number,
            )
        rows.append(found)
        if len(rows) > _ROWS:
            break
    if not rows or len(rows) > _ROWS:
        what = f"has more than {_ROWS} lines" if rows else "is empty"
        raise BadInput("checksums-unreadable", f"This list of checksums {what}; make it again, or leave it out.")
    return rows


def _text(data: bytes) -> str:
    """UTF-8, UTF-16 (as PowerShell writes), or what old Windows programs write."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _row(line: str, name: str) -> Sum | None:
    if found := _BSD.fullmatch(line):
        return _sum(found[4], found[3], escaped=bool(found[1]))
    if found := _GNU.fullmatch(line):
        return _sum(found[2], found[3], escaped=bool(found[1]))
    if _BARE.fullmatch(line):
        return _sum(line, re.sub(r"\.(md5|sha\d+)(sums?)?(\.txt)?$", "", name, flags=re.IGNORECASE))
    return None


def _sum(digest: str, path: str, *, escaped: bool = False) -> Sum | None:
    algorithm = _ALGORITHMS.get(len(digest))
    if algorithm is None:
        return None
    if escaped:
        path = re.sub(r"\\([\\nr])", lambda found: {"n": "\n", "r": "\r"}.get(found[1], "\\"), path)
    else:
        path = path.replace("\\", "/")
    path = re.sub(r"^(\./)+", "", path.strip())
    return algorithm, digest.lower(), unicodedata.normalize("NFC", path)
