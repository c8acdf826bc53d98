"""The inbox as it is now: every file once, in a fixed order, and since when it has been unchanged.

Nothing is concluded from what is absent: a vanished file is as likely a share that was not mounted.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from anyascii import anyascii

from mediaarchive.catalog import Look
from mediaarchive.errors import Unwritable
from mediaarchive.media.sniff import is_ignorable, is_partial, sidecar_kind
from mediaarchive.stages.source import file_stat, is_refusal

REJECTED = "_rejected"
REPORT = "_report.html"
# Letters that Unicode doesn't decompose, as people type them; apostrophes that it calls letters.
_SPELLED = str.maketrans(
    dict(zip("œŒæÆßøØłŁ\u02bb\u02bc", ("oe", "oe", "ae", "ae", "ss", "o", "o", "l", "l", "-", "-"), strict=True))
)
_ACCENTS = ("\u0300", "\u036f")  # what Unicode parts from a letter
LIVING = frozenset({"event", "sheet"})  # sidecars that people go on editing: they stay in the inbox


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One file of the inbox.

    `folder` and `name` (its path below the event's folder, POSIX) are printable: bytes that are no UTF-8 are percent-encoded.
    `folder` is empty for a file that lies directly in the inbox. `sidecar`: its kind, by name, or None. `stat`: `file_stat`; of a
    folder that can't be opened, the code that says why.
    """

    folder: str
    name: str
    path: Path
    stat: str
    sidecar: str | None = None
    ignorable: bool = False
    partial: bool = False

    @property
    def key(self) -> str:
        """Its path below the inbox."""
        return f"{self.folder}/{self.name}" if self.folder else self.name


def printable(path: str) -> str:
    r"""A path in NFC, with bytes that are no UTF-8 percent-encoded.

    >>> printable("caf\udce9.jpg")
    'caf%E9.jpg'
    """
    return unicodedata.normalize("NFC", _encoded(path))


def _encoded(path: str) -> str:
    return "".join(f"%{ord(char) - 0xDC00:02X}" if "\udc80" <= char <= "\udcff" else char for char in path)


def folders(inbox: Path) -> dict[str, list[Path]]:
    """The inbox's folders by the names that events know them by (`printable`): a Mac's and a PC's "Été" are one event's.

    Raises:
        OSError: the inbox isn't there, or can't be read.
    """
    found: dict[str, list[Path]] = {}
    with os.scandir(inbox) as entries:
        for entry in sorted(entries, key=lambda entry: os.fsencode(entry.name)):
            if entry.is_dir(follow_symlinks=False):
                found.setdefault(printable(entry.name), []).append(Path(entry.path))
    return found


def aside(event: Iterable[Path]) -> frozenset[str]:
    """What lies in `_rejected/` of an event's folders: paths below it, printable, as answers name them."""
    return frozenset(
        printable(os.path.relpath(os.path.join(at, name), folder / REJECTED))  # noqa: PTH118 - names as they are
        for folder in event
        for at, below, names in os.walk(folder / REJECTED)
        for name in (*below, *names)
    )


def slug_of(folder: str) -> str:
    r"""An event's slug: the folder's name in ASCII, lower case, at most 80 characters. Any apostrophe parts words.

    Other scripts are transliterated, character by character.

    >>> slug_of("Été à Liège 2022"), slug_of("L\u2019été au cœur"), slug_of("Κρήτη 2024")
    ('ete-a-liege-2022', 'l-ete-au-coeur', 'kriti-2024')
    """
    return _slug("".join(map(_spelled, unicodedata.normalize("NFC", folder))), folder)


def slug_beside(folder: str, other: str) -> str | None:
    """The slug of a folder whose `slug_of` the folder `other` has; None if it may be the same event, spelt differently.

    It is another one if its name differs in letters that were transliterated: several are spelt alike in ASCII.
    """
    if _foreign(folder) == _foreign(other):
        return None
    return f"{slug_of(folder)[: 80 - 7].rstrip('-')}-{hashlib.sha256(_foreign(folder).encode()).hexdigest()[:6]}"


def slugs_of(folder: str) -> tuple[str, ...]:
    """Every slug that an event may have got for this folder, as it is done now and was done before: those keep theirs."""
    decomposed = unicodedata.normalize("NFKD", folder.translate(_SPELLED))
    parted = "".join("-" if _parts_words(char) else char for char in decomposed)
    beside = slug_beside(folder, "") or slug_of(folder)
    return slug_of(folder), beside, _slug(parted, folder), _slug(unicodedata.normalize("NFKD", folder), folder)


def _spelled(char: str) -> str:
    """A character of a name in ASCII: a Latin letter without its accents, another one transliterated, else a dash or nothing."""
    if _is_foreign(char):
        return "".join(filter(str.isalnum, anyascii(char)))
    plain = unicodedata.normalize("NFKD", char.translate(_SPELLED))
    return "".join("-" if _parts_words(one) else one for one in plain if one.isascii() or _parts_words(one))


def _foreign(folder: str) -> str:
    """The letters and digits of a name that are of another script than Latin, in small letters and without accents."""
    plain = unicodedata.normalize("NFKD", folder.casefold())
    letters = (char for char in plain if unicodedata.category(char)[0] in "LN" and not char.isascii())
    return "".join(char for char in letters if not unicodedata.name(char, "").startswith("LATIN"))


def _is_foreign(char: str) -> bool:
    """Whether this letter, mark or digit of any script says nothing in ASCII without its accents."""
    if char.isascii() or _ACCENTS[0] <= char <= _ACCENTS[1]:
        return False
    plain = unicodedata.normalize("NFKD", char.translate(_SPELLED))
    return any(not one.isascii() and not _parts_words(one) and not _ACCENTS[0] <= one <= _ACCENTS[1] for one in plain)


def _slug(text: str, folder: str) -> str:
    plain = text.encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:80].strip("-")
    return slug or f"event-{hashlib.sha256(folder.encode()).hexdigest()[:8]}"


def _parts_words(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char)[0] in "PSZ"


def scan(inbox: Path) -> list[Found]:
    """Every file below the inbox, sorted by its printable path.

    Raises:
        Unwritable: the inbox isn't there, or can't be read.
    """
    try:
        found = list(_walk(inbox, inbox, ""))
    except OSError as error:
        raise Unwritable(
            f"the inbox {inbox} can't be read: {error.strerror}", hint="mount it, or set [ingest] inbox"
        ) from error
    return sorted(_told_apart(found, inbox), key=lambda file: file.key)


def _told_apart(found: list[Found], inbox: Path) -> Iterator[Found]:
    """Files whose names differ by their Unicode form only keep that form: under one key, one could leave for the other."""
    counts = Counter(file.key for file in found)
    for file in found:
        if counts[file.key] == 1:
            yield file
            continue
        folder, *below = file.path.relative_to(inbox).parts
        named = [_encoded(part) for part in (below or [folder])]
        yield replace(file, folder=_encoded(folder) if below else "", name="/".join(named))


def _walk(folder: Path, inbox: Path, event: str) -> Iterator[Found]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            top = folder.parent == inbox and folder != inbox
            if entry.is_dir(follow_symlinks=False):
                if not (top and entry.name == REJECTED):
                    yield from _folder(path, inbox, event or printable(entry.name))
            elif not ((top or folder == inbox) and entry.name == REPORT):
                yield _found(path, inbox, event, top=top)


def _folder(path: Path, inbox: Path, event: str) -> Iterator[Found]:
    try:
        yield from _walk(path, inbox, event)
    except OSError as error:
        # Say so for the folder itself: whatever lies in it is neither taken nor lost.
        below = path.relative_to(inbox).parts[1:] or (".",)
        code = "unreadable" if is_refusal(error) else "read-fault"
        yield Found(folder=event, name=printable("/".join(below)), path=path, stat=code)


def _found(path: Path, inbox: Path, event: str, *, top: bool) -> Found:
    below = path.relative_to(inbox).parts
    name = printable("/".join(below[1:] if event else below))
    sidecar = sidecar_kind(path.name)
    if sidecar in LIVING and not top:
        sidecar = None
    hidden = any(part.startswith(".") for part in below)
    try:
        seen = file_stat(path)
    except OSError:
        seen = "vanished"
    ignorable = hidden or is_ignorable(path.name)
    return Found(
        folder=event,
        name=name,
        path=path,
        stat=seen,
        sidecar=sidecar,
        ignorable=ignorable,
        partial=is_partial(path.name) and not ignorable,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """The inbox after two looks: every file, and the look at each by its key. Unsettled files have no entry in `ready`."""

    files: tuple[Found, ...]
    looks: Mapping[str, Look]
    ready: frozenset[str]


def two_looks(
    inbox: Path, known: Mapping[str, Look], settle: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Settled:
    """Look twice, at least `settle` seconds apart. An earlier run's look counts as the first if nothing changed since.

    Args:
        inbox: the folder.
        known: looks of earlier runs, by key.
        settle: seconds.
        clock: seconds since the epoch.
        sleep: waits that many seconds.
    """
    first = _look(scan(inbox), known, clock())
    pending = [look for key, look in first.items() if not _same(known.get(key), look) or clock() - look.since < settle]
    if pending:
        sleep(max(0.0, settle - (clock() - max(look.since for look in pending))))
    files = scan(inbox)
    now = clock()
    looks = _look(files, first, now)
    ready = {
        key
        for key, look in looks.items()
        if key in first and first[key].stat == look.stat and now - look.since >= settle
    }
    return Settled(files=tuple(files), looks=looks, ready=frozenset(ready))


def _look(files: list[Found], known: Mapping[str, Look], now: float) -> dict[str, Look]:
    looks = {}
    for file in files:
        before = known.get(file.key)
        same = before is not None and before.stat == file.stat
        looks[file.key] = replace(before) if before and same else Look(path=file.key, stat=file.stat, since=now)
    return looks


def _same(before: Look | None, now: Look) -> bool:
    return before is not None and before.stat == now.stat
