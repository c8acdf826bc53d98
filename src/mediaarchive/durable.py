"""What a crash must not undo: making a new name durable."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def write_new(path: Path, data: bytes) -> None:
    """Write a file whose name is there only once all its bytes are; its folders are made.

    Raises:
        OSError: the disk failed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's names to its disk, so that a file just named in it is found there after a power cut.

    A folder that is gone needs none, and some file systems know none.

    Raises:
        OSError: the disk failed.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)
