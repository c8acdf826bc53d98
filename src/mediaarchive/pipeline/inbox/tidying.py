"""Sub-folders that were emptied by taking their files, and stayed empty for days, leave the inbox. Events' own folders never do."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from mediaarchive import events
from mediaarchive.pipeline.inbox.intake import Intake
from mediaarchive.pipeline.inbox.scanning import REJECTED, folders, printable

_DAY = 86_400


def tidy(intake: Intake) -> int:
    """Remove what is empty, was filled once, and has rested for `[ingest] tidy_after` days; how many folders.

    Somebody may be about to copy into a folder that is new, or was just emptied, so only days without any change count: of the
    folder, and of those below it. A file that arrives in the last moment keeps its folder, since only empty ones can be removed.
    """
    shop = intake.shop
    days = shop.settings.ingest.tidy_after
    if not intake.moves or not days:
        return 0
    removed = 0
    places = folders(intake.inbox)
    for event in shop.catalog.events():
        if intake.only and event.slug != intake.only:
            continue
        below = [(folder, place) for place in places.get(event.folder, ()) for folder in _folders(place)]
        if not below:
            continue
        arrived = (PurePosixPath(arrival.path).parents for arrival in shop.catalog.arrivals(event.slug))
        used = {str(parent) for parents in arrived for parent in parents}
        removed += sum(_remove(folder, place, used, shop.clock() - days * _DAY)[1] for folder, place in below)
    if removed:
        what = "1 empty sub-folder" if removed == 1 else f"{removed} empty sub-folders"
        text = f"{what} left the inbox: their files were taken, and nothing came in there for {days} days."
        shop.sink(events.Notice(level="info", text=text))
    return removed


def _folders(place: Path) -> list[Path]:
    """The folders in an event's own folder, but for what was set aside."""
    try:
        with os.scandir(place) as entries:
            found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(folder for folder in found if folder.name != REJECTED)


def _remove(folder: Path, place: Path, used: Collection[str], before: float) -> tuple[bool, int]:
    """Remove a folder if all below it can be; whether it is gone, and how many are.

    Args:
        folder: to be looked at.
        place: the event's folder.
        used: paths below that, printable, of folders from which something was taken.
        before: nothing may have changed since then, in seconds since the epoch.
    """
    removed = 0
    try:
        seen = folder.stat()  # before anything below goes, which would count as a change
        with os.scandir(folder) as entries:
            inside = [(Path(entry.path), entry.is_dir(follow_symlinks=False)) for entry in entries]
        alone = True
        for path, is_folder in inside:
            gone, count = _remove(path, place, used, before) if is_folder else (False, 0)
            alone, removed = alone and gone, removed + count
        # rsync and cp -a give a new folder an old date, but no old ctime.
        rested = max(seen.st_mtime, seen.st_ctime) < before
        if alone and rested and printable(folder.relative_to(place).as_posix()) in used:
            folder.rmdir()
            return True, removed + 1
    except OSError:  # not empty any more, or not ours to remove
        pass
    return False, removed
