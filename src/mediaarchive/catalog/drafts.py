"""Machines' drafts: archive/drafts/, one small file for each answer, written once, named after the original that it is about.

They are not in the catalog, which may be lost at any time, since asking again costs money and gives other words; nor in the
journal, which never forgets: what was said of an erased picture goes with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from mediaarchive.durable import sync_folder, write_new
from mediaarchive.model import Draft
from mediaarchive.recipes import canonical, from_json, to_json

FOLDER: Final = "drafts"
# States: what may be offered to a person, what not even that, and that there was no answer (without a time: every answer is newer).
FIT, UNFIT, SILENT = "draft", "unfit", "unanswered"
_SCHEMA: Final = "drafts/1"


class Drafts:
    """The drafts in one archive."""

    def __init__(self, archive: Path) -> None:
        self._folder = archive / FOLDER

    def keep(self, sha256: str, drafts: Sequence[Draft]) -> None:
        """Write down what a machine answered about an original; durable when this returns.

        Raises:
            OSError: the disk failed.
        """
        data = canonical({"schema": _SCHEMA, "drafts": [to_json(draft) for draft in drafts]})
        name = f"{sha256}-{hashlib.sha256(data).hexdigest()[:12]}.json"
        path = self._folder / sha256[:2] / name
        if not path.exists():
            write_new(path, data)

    def of(self, sha256s: Iterable[str]) -> dict[str, Draft]:
        """One draft in each language: the newest that is fit, else the newest; of the first of these originals that has any."""
        found: dict[str, Draft] = {}
        for sha256 in sha256s:
            every = sorted(self._read(sha256), key=lambda draft: (draft.state == FIT, draft.at))
            found = {**{draft.lang: draft for draft in every}, **found}
        return found

    def forget(self, sha256s: Iterable[str]) -> None:
        """Destroy all that was drafted about these originals."""
        for sha256 in sha256s:
            for path in self._paths(sha256):
                path.unlink(missing_ok=True)
                sync_folder(path.parent)

    def _paths(self, sha256: str) -> Iterator[Path]:
        yield from sorted((self._folder / sha256[:2]).glob(f"{sha256}-*.json"))

    def _read(self, sha256: str) -> Iterator[Draft]:
        for path in self._paths(sha256):
            try:
                value = json.loads(path.read_bytes())
                yield from [from_json(Draft, draft) for draft in value["drafts"]]
            except (ValueError, LookupError, TypeError, OSError):  # pydantic's errors are ValueErrors
                continue  # damaged, or of a newer version: as if it weren't there


def about(name: str) -> str:
    """The original (SHA-256) that a draft's file is about, by its name or key."""
    return name.rpartition("/")[2].partition("-")[0]
