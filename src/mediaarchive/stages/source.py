"""A file in the inbox as it is read: a regular file and nothing else, and whose fault it is where that can't be done."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from mediaarchive.errors import BadInput

UNREAD = frozenset({"unreadable", "read-fault"})
"""Codes of files that lie there whole, perhaps, and can't be read: somebody should see to it, and it isn't who sent them."""

_CHUNK = 1 << 20


def file_stat(path: Path) -> str:
    """What two looks compare: size, modification time and inode. Raises OSError where there is no such file."""
    found = os.lstat(path)
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"


def open_source(path: Path) -> IO[bytes]:
    """Open a regular file: no link that leads elsewhere, no pipe that never ends.

    Raises:
        BadInput: `not-a-file`, `changed` (it is gone), `unreadable`, `read-fault`.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise BadInput("not-a-file", "This is a link or a special file, not a photo; put the photo itself here.")
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except OSError as error:
        raise _fault(error) from error


def still_is(path: Path, expected: str) -> bool:
    """Whether its `file_stat` is as it was. Raises BadInput as `open_source` does."""
    try:
        return file_stat(path) == expected
    except OSError as error:
        raise _fault(error) from error


def read_some(source: IO[bytes]) -> bytes:
    """The next bytes, 1 MiB at most; none at the end. Raises BadInput as `open_source` does."""
    try:
        return source.read(_CHUNK)
    except OSError as error:
        raise _fault(error) from error


def is_refusal(error: OSError) -> bool:
    """Whether permissions are the reason, and not a disk or a share that fails."""
    return isinstance(error, PermissionError)


def _fault(error: OSError) -> BadInput:
    if isinstance(error, FileNotFoundError):
        return BadInput("changed", "It vanished while we looked; nothing was taken.")
    if is_refusal(error):
        return BadInput("unreadable", f"It can't be read ({error.strerror}); check its permissions.")
    what = f"The disk or share that it lies on fails ({error.strerror})"
    return BadInput("read-fault", f"{what}; nothing of it was taken, and the next run tries again.")
