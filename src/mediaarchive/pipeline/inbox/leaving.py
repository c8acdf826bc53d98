"""Leaving the inbox: what was taken goes away, what was refused goes aside with the reason, and what can't leave is told.

A folder that this user may not write keeps its files. That loses nothing, but whoever empties the inbox by hand would like to
know, and so would whoever wonders why `_rejected/` is empty: every run says it, and `status` and `doctor` do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from mediaarchive.catalog import Catalog
from mediaarchive.model import Problem
from mediaarchive.pipeline.inbox.scanning import REJECTED, Found, printable
from mediaarchive.site.saying import sentence
from mediaarchive.stages.source import file_stat

_NOTES, _NAME_BYTES = 100, 255
_SUFFIX = 16  # characters: what is longer is no file type
_STUCK = "inbox folders that files can't leave"


def stuck(catalog: Catalog) -> dict[str, int]:
    """How many files could not leave at the last look, by the folder they are in."""
    return dict(json.loads(catalog.noted(_STUCK) or "{}"))


def note_stuck(catalog: Catalog, found: Mapping[str, int], looked_at: Collection[str]) -> bool:
    """Remember which folders keep their files; whether one of them is new.

    Args:
        catalog: what remembers.
        found: how many files could not leave, by folder.
        looked_at: the folders of files that were looked at; what is known of others stays.
    """
    before = stuck(catalog)
    now = {folder: count for folder, count in before.items() if folder not in looked_at} | dict(found)
    if now != before:
        catalog.note(_STUCK, json.dumps(now, sort_keys=True))
    return not before.keys() >= found.keys()


def sentence_of(folder: str, count: int) -> str:
    """What to do about a folder that keeps its files."""
    files = "1 file" if count == 1 else f"{count} files"
    return (
        f"{printable(folder)}: {files} can't leave it, since this user (uid {os.getuid()}) may not write there; nothing is lost. "
        'Make it writable for that user (chown, chmod, or the share\'s settings), or set [ingest] mode = "keep".'
    )


def leave(file: Found) -> bool:
    """Remove a file whose copy is durable, unless it changed meanwhile: then it is a new file, for the next run.

    Whether it is gone, or changed; a share may be read-only.
    """
    try:
        if file_stat(file.path) == file.stat:
            file.path.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def set_aside(file: Found, inbox: Path, problem: Problem, lang: str) -> None:
    """Move a refused file below its event's `_rejected/`, with the reason beside it. Nothing there is overwritten.

    Raises:
        OSError: it can't be moved there; it stays where it is.
    """
    event, *below = file.path.relative_to(inbox).parts
    folder = inbox / event / REJECTED
    for part in ("", *below[:-1]):  # links that others put there lead nowhere
        folder = folder / part
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            raise NotADirectoryError(f"{folder} is a link")
    target, number = folder / below[-1], 1
    while os.path.lexists(target):
        number += 1
        suffix = file.path.suffix if len(file.path.suffix) <= _SUFFIX else ""
        name = _cut(os.fsencode(file.path.name.removesuffix(suffix)), os.fsencode(f" ({number}){suffix}"))
        target = folder / os.fsdecode(name)
    os.rename(file.path, target)  # noqa: PTH104 - surrogate-escaped names stay as they are
    text = f"{printable(file.path.name)}\n\n{sentence(problem, lang)}\n[{problem.code}]\n"
    _note(os.fsencode(target), text.encode())


def _note(beside: bytes, text: bytes) -> None:
    """Write a note beside a file, under a name that no file has yet."""
    folder, name = os.path.split(beside)
    for number in range(1, _NOTES):
        ending = b".txt" if number == 1 else b" (%d).txt" % number
        path = os.path.join(folder, _cut(name, ending))  # noqa: PTH118 - bytes
        try:
            with open(path, "xb") as note:  # noqa: PTH123 - bytes
                note.write(text)
        except FileExistsError:
            continue
        return


def _cut(stem: bytes, ending: bytes) -> bytes:
    """A name with this ending that a disk can hold: its beginning is shortened, never within a character."""
    room = max(_NAME_BYTES - len(ending), 0)
    if len(stem) > room:
        while room and stem[room] & 0xC0 == 0x80:
            room -= 1
    return stem[:room] + ending
