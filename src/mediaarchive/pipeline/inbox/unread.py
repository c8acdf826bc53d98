"""What waits in the inbox for somebody else than its sender: files that can't be read, and those that this machine could not take.

The first are told by every run until somebody has seen to them, and are an exit status when they are new. The second are this
machine's trouble, perhaps only for now: every run in which it lasts fails with it.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mediaarchive.catalog import Given
from mediaarchive.errors import MediaArchiveError, StoreError
from mediaarchive.model import Verdict
from mediaarchive.pipeline.inbox.intake import Intake
from mediaarchive.stages.source import UNREAD

_NAMED = 3


def is_unread(given: Given) -> bool:
    """Whether this is a file, or a folder, that could not be read."""
    return given.verdict == Verdict.WAITING and given.code in UNREAD


def sentences(files: Iterable[Given], folders: Mapping[str, str], inbox: str) -> Iterator[str]:
    """What to do about files that can't be read: one sentence for each folder and cause.

    Args:
        files: what became of the inbox's files.
        folders: each event's folder in the inbox, by slug.
        inbox: what people call the inbox.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for given in filter(is_unread, files):
        below, _, name = given.path.rpartition("/")
        where = "/".join(part for part in (inbox, folders.get(given.event, ""), below) if part)
        found[where, str(given.code)].append(name)
    for (where, code), names in sorted(found.items()):
        listed = ", ".join(names[:_NAMED]) + (f" (+ {len(names) - _NAMED})" if len(names) > _NAMED else "")
        if code == "unreadable":
            yield (
                f"{where}: this user (uid {os.getuid()}) may not read {listed}, so it waits there. "
                "Make it readable for that user (chmod, chown, or the share's settings)."
            )
        else:
            yield (
                f"{where}: the disk or share fails at {listed}, so it waits there. "
                "See what the system says of that disk (dmesg), or have it sent again."
            )


def failures(intake: Intake) -> Iterator[MediaArchiveError]:
    """What kept this machine from taking files: an error for each cause."""
    for (code, reason), count in sorted(intake.unfinished.items()):
        files = "1 file waits" if count == 1 else f"{count} files wait"
        kind = StoreError if code == "machine" else MediaArchiveError
        yield kind(
            f"{files} in the inbox: {reason}", hint="see what the system says of its disks (dmesg), then run again"
        )
