"""The sender's checksum lists: what they promise of the files around them, and whether all of it came."""

from __future__ import annotations

import hashlib
import posixpath
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mediaarchive.catalog import Look
from mediaarchive.media.checksums import Sum
from mediaarchive.media.sniff import is_ignorable
from mediaarchive.model import Problem, Status
from mediaarchive.pipeline.inbox.scanning import Found
from mediaarchive.pipeline.shop import Shop
from mediaarchive.recipes import key
from mediaarchive.stages.ingest import sidecar_recipe

CHECKSUMS = "checksums"
_NAMED = 10  # names in one sentence, at most


@dataclass(frozen=True, kw_only=True, slots=True)
class SumList:
    """One list in the inbox: its file, its event's slug, its look, and what it says."""

    file: Found
    event: str
    look: Look
    rows: tuple[Sum, ...]


def lists(shop: Shop, files: Iterable[Found], slugs: Mapping[str, str | None]) -> tuple[SumList, ...]:
    """The lists of the inbox that could be read."""
    looks, found = shop.catalog.looks(), []
    for file in files:
        look, event = looks.get(file.key), slugs.get(file.folder)
        if file.sidecar != CHECKSUMS or not event or not look or not look.sha256:
            continue
        derivation = key([look.sha256], sidecar_recipe(CHECKSUMS))
        outcome = shop.catalog.outcomes([derivation]).get(derivation)
        if outcome and outcome.status is Status.OK:
            rows = tuple((str(a), str(d), str(p)) for a, d, p in outcome.facts["signature"]["sums"])
            found.append(SumList(file=file, event=event, look=look, rows=rows))
    return tuple(found)


def promised(found: Iterable[SumList], files: Sequence[Found]) -> dict[str, dict[str, str]]:
    """The digests that lists give to files of the inbox: by the file's key, then by algorithm."""
    digests: dict[str, dict[str, str]] = defaultdict(dict)
    for listed in found:
        around = {f.name: f.key for f in files if f.folder == listed.file.folder and f.sidecar != CHECKSUMS}
        for (algorithm, digest, _), name in zip(listed.rows, _match(listed, around), strict=True):
            if name is not None:
                digests[around[name]].setdefault(algorithm, digest)
    return dict(digests)


def _match(listed: SumList, names: Iterable[str]) -> Iterator[str | None]:
    """For each row of a list the name (a path below the event's folder) that it speaks of, or None.

    A list may have been moved with its files, or stand beside a part of what it lists: then the longest common end of
    the two paths decides, where only one fits.
    """
    exact: dict[str, str] = {}
    ends: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        exact.setdefault(_folded(name), name)
        ends[_folded(PurePosixPath(name).name)].append(name)
    base = posixpath.dirname(listed.file.name)
    full = [_folded(posixpath.normpath(posixpath.join(base, path))) for _, _, path in listed.rows]
    spoken = {exact[path] for path in full if path in exact}
    claims: dict[str, int] = defaultdict(int)
    loose: list[str | None] = []
    for path, (_, _, written) in zip(full, listed.rows, strict=True):
        fitting = []
        if path not in exact:
            fitting = [n for n in ends[PurePosixPath(_folded(written)).name] if n not in spoken and _fits(n, written)]
        loose.append(fitting[0] if len(fitting) == 1 else None)
        if loose[-1]:
            claims[fitting[0]] += 1
    for path, other in zip(full, loose, strict=True):
        yield exact.get(path) or (other if other and claims[other] == 1 else None)


def _fits(name: str, written: str) -> bool:
    mine, theirs = f"/{_folded(name)}", f"/{_folded(written).lstrip('/')}"
    return mine.endswith(theirs) or theirs.endswith(mine)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def account(shop: Shop, listed: SumList, present: Iterable[str], refused: Container[str]) -> Problem:
    """Whether all that a list names came, and as it should: a code and a sentence.

    `present`: names in the inbox now. `refused`: names of what came whole, and was refused for what it is: their own
    entries say so.
    """
    arrived: dict[str, list[str]] = defaultdict(list)
    for arrival in shop.catalog.arrivals(listed.event):
        arrived[arrival.path].append(arrival.sha256)
    differ, missing, total = [], [], len(listed.rows)
    matches = _match(listed, {*arrived, *present})
    for (algorithm, digest, path), name in zip(listed.rows, matches, strict=True):
        if name == listed.file.name or is_ignorable(PurePosixPath(path).name):
            total -= 1  # `sha256sum *` lists its own beginning, and what systems leave in folders
        elif name in arrived:
            if not any(_digest(shop, sha256, algorithm) == digest for sha256 in arrived[name]):
                differ.append(path)
        elif (name or path) in refused:
            continue
        elif algorithm != "sha256" or not shop.catalog.paths(digest):  # it may have come under another name
            missing.append(path)
    if differ:
        reason = (
            f"{len(differ)} of the {total} files of this list came, but are not the ones that it lists: "
            f"{_names(differ)}; send them again."
        )
        return Problem(
            code="checksums-differ", reason=reason, params={"n": len(differ), "total": total, "names": _names(differ)}
        )
    if missing:
        here = total - len(missing)
        reason = f"{here} of the {total} files of this list are here, and are as it says; not whole here yet: {_names(missing)}."
        return Problem(
            code="checksums-missing", reason=reason, params={"n": here, "total": total, "names": _names(missing)}
        )
    reason = f"All {total} files of this list are here, and are as it says."
    return Problem(code="checksums-match", reason=reason, params={"total": total})


def _names(paths: Sequence[str]) -> str:
    more = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" (+ {more})" if more > 0 else "")


def _digest(shop: Shop, sha256: str, algorithm: str) -> str | None:
    """An original's digest: remembered, or computed once."""
    if algorithm == "sha256":
        return sha256
    known = shop.catalog.digests(sha256).get(algorithm)
    original = None if known else shop.catalog.original(sha256)
    if original:
        with Path(shop.workspace.archive / original.uri).open("rb") as file:
            known = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
        shop.catalog.save_digests(sha256, {algorithm: known})
    return known
