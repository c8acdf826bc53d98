"""Which files are one shot told twice: RAW and JPEG, a Live Photo and its film, an edited version, a copy by name.

Names say so, and cameras' clocks must not deny it. Nothing is linked on a name alone that two shots could share: what
stays in doubt is proposed, and both are kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any, Final

from mediaarchive.model import Decision, Facts, Kind, Member, Proposal

LIVE_SECONDS: Final = 6.0  # Apple's are 3 s, Samsung's and Google's up to 4; a film of one's own is rarely as short
_APART: Final = (
    60.0  # seconds between the clocks of two files of one shot, at most: a phone writes the second one later
)
_ZONES: Final = 900  # every time zone's offset is a multiple of a quarter of an hour
_LIVE_PHOTOS: Final = frozenset({"image/jpeg", "image/heic", "image/heif"})
_LIVE_FILMS: Final = frozenset({"video/quicktime", "video/mp4"})
_RAW: Final = "image/x-"

# What makers and programs add to the name of one shot's other file.
_MAKERS: Final = re.compile(
    r"\.RAW-\d\d(?=\.)|\.(?:ORIGINAL|COVER|MP|PORTRAIT|NIGHT|RAW)$|_{1,2}highres$",  # Pixel; Lumia
    re.IGNORECASE,
)
_EDITED: Final = re.compile(
    r"[-_ ](?:edit(?:ed)?|bearbeitet|modifi[eé]e?|editad[ao]|bewerkt|retouched)$", re.IGNORECASE
)
_COPY: Final = re.compile(
    r" ?\(\d{1,2}\)$|~\d$"
    r"|[-_ ]+(?:copy|copie|kopie|c[oó]pia|kopia|kopi|kopio)(?:[-_ ]\(?\d{1,2}\)?)?$"
    r"|^(?:copy of|copie de|kopie van|copia de) ",
    re.IGNORECASE,
)
_APPLE_EDIT: Final = re.compile(r"IMG_E(?=\d{4})", re.IGNORECASE)
# An underscore in front instead of inside: Adobe RGB, on Canon (_MG_1234), Nikon and Sony (_DSC1234).
_COUNTED: Final = re.compile(r"\d{4}$")  # a camera's counter: "Gala (1)" and "Gala (2)" are two shots, renamed together
_ADOBE_RGB: Final = ((re.compile(r"_MG_(?=\d{4})", re.IGNORECASE), "IMG_"), (re.compile(r"_DSC(?=\d{4})"), "DSC_"))

RAW, LIVE, EDITED, NAME = "raw", "live-photo", "edited", "name"
SENTENCES: Final = {
    RAW: "The raw file of a photograph that is shown; it is kept in the archive beside it.",
    LIVE: "The film of a Live Photo; the photograph is shown, the film is kept in the archive beside it.",
    EDITED: "The unedited version of a photograph that is shown; it is kept in the archive beside it.",
    NAME: "Another version of a photograph that is shown, by its name; it is kept in the archive beside it.",
}


@dataclass(frozen=True, slots=True)
class Name:
    """What a path says: the folder and the shot's base name, whether the file is an edited version; `copy`: as which copy."""

    folder: str
    base: str
    edited: bool
    copy: str

    @property
    def counted(self) -> bool:
        """Whether the base name ends with a camera's counter, or a phone's time: no other shot has it."""
        return bool(_COUNTED.search(self.base))


def name_of(path: str) -> Name:
    """Read a path, relative to its event.

    >>> name_of("day 1/IMG_E4120 (1).JPG")
    Name(folder='day 1', base='img_4120', edited=True, copy=' (1)')
    """
    parts = PurePosixPath(path)
    stem, edited, copy = parts.stem, False, ""
    while True:
        shorter = _MAKERS.sub("", stem)
        if (found := _COPY.sub("", shorter)) != shorter:
            shorter, copy = found, (shorter.removeprefix(found) or shorter).casefold() + copy
        if (found := _EDITED.sub("", shorter)) != shorter:
            shorter, edited = found, True
        if not shorter or shorter == stem:
            break
        stem = shorter
    if _APPLE_EDIT.match(stem):
        stem, edited = _APPLE_EDIT.sub("IMG_", stem), True
    for pattern, usual in _ADOBE_RGB:
        stem = pattern.sub(usual, stem) if pattern.match(stem) else stem
    return Name(str(parts.parent).casefold(), stem.casefold(), edited, copy)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """One original: `paths` relative to its event, all that it came in as; `raw`: a camera's RAW file."""

    sha256: str
    facts: Facts
    paths: tuple[str, ...]

    @property
    def raw(self) -> bool:
        """Whether it is a RAW file, with or without a preview."""
        return self.facts.mime.startswith(_RAW)

    @property
    def film(self) -> bool:
        """Whether it is a film."""
        return self.facts.kind is Kind.VIDEO


@dataclass(frozen=True, slots=True)
class Link:
    """`other` belongs to `main`, which is shown; `why`: raw, live-photo, edited or name. Not `sure`: for a human."""

    main: str
    other: str
    why: str
    sure: bool


def links(shots: Iterable[Shot]) -> tuple[Link, ...]:
    """What names, and what phones write into Live Photos, tie together, in order. Pure; the order of `shots` doesn't matter."""
    shots = sorted(shots, key=lambda shot: shot.sha256)
    together: dict[tuple[str, str], dict[str, tuple[Shot, Name]]] = defaultdict(dict)
    for shot in shots:
        for name in sorted({name_of(path) for path in shot.paths}, key=repr):
            together[name.folder, name.base].setdefault(shot.sha256, (shot, name))
    found: dict[tuple[str, str], Link] = {}
    by_name = (link for _, namesakes in sorted(together.items()) for link in _among(list(namesakes.values())))
    for link in (*by_name, *_by_content(shots)):
        pair = min(link.main, link.other), max(link.main, link.other)
        if pair not in found or (link.sure and not found[pair].sure):
            found[pair] = link
    return tuple(link for _, link in sorted(found.items()))


def _by_content(shots: Sequence[Shot]) -> Iterator[Link]:
    """Tie the film of a Live Photo to the photograph with the same identifier, whatever both are called.

    Of several such photographs (an edited version, an export), to the phone's own.
    """
    photos: dict[str, list[Shot]] = defaultdict(list)
    for shot in shots:
        if (content := shot.facts.shot.get("content")) and not shot.film:
            photos[content].append(shot)
    for shot in shots:
        if shot.film and (own := photos.get(shot.facts.shot.get("content", ""))):
            main = min(own, key=lambda photo: (photo.facts.mime == "image/jpeg", photo.sha256))
            yield Link(main.sha256, shot.sha256, LIVE, sure=True)


def _among(namesakes: Sequence[tuple[Shot, Name]]) -> Iterator[Link]:
    photos = [entry for entry in namesakes if not entry[0].raw and not entry[0].film]
    for left, right in combinations(photos, 2):
        yield from _versions(left, right)
    for other, name in namesakes:
        if other.raw:
            fitting = [entry for entry in photos if _one_shot(entry[0].facts, other.facts)]
            yield from _beside(other, name, fitting, RAW)
        elif (
            other.film
            and other.facts.mime in _LIVE_FILMS
            and (other.facts.duration or LIVE_SECONDS + 1) <= LIVE_SECONDS
        ):
            fitting = [e for e in photos if e[0].facts.mime in _LIVE_PHOTOS and _one_shot(e[0].facts, other.facts)]
            yield from _beside(other, name, fitting, LIVE)


def _beside(other: Shot, name: Name, fitting: Sequence[tuple[Shot, Name]], why: str) -> Iterator[Link]:
    """Tie a RAW file or a film to the photograph with its very name, else to the plain one of its base name, else to any.

    Several with its very name are of several formats: the camera's own (HEIC) before what was exported.
    """
    candidates = [shot for shot, its in fitting if its == name]
    if name.counted:
        candidates = candidates or [shot for shot, its in fitting if not (its.copy or its.edited)]
        candidates = candidates or [shot for shot, _ in fitting]
    if not candidates:
        return
    ranked = sorted(candidates, key=lambda shot: (shot.facts.mime == "image/jpeg", shot.sha256))
    alone = len(ranked) == 1 or ranked[0].facts.mime != ranked[1].facts.mime
    for shot in ranked[:1] if alone else ranked:
        yield Link(shot.sha256, other.sha256, why, alone)


def _versions(left: tuple[Shot, Name], right: tuple[Shot, Name]) -> Iterator[Link]:
    """Two photographs of one base name: an edited version goes before, a copy behind what it was made from."""
    (one, its), (two, others) = sorted((left, right), key=_leading)
    if not its.counted or not _one_shot(one.facts, two.facts):
        return
    same = _same_second(one.facts, two.facts)
    if its.edited and not others.edited:
        yield Link(one.sha256, two.sha256, EDITED, same or its.copy == others.copy)
    elif not its.copy and (same or not (one.facts.taken and two.facts.taken)):
        yield Link(one.sha256, two.sha256, NAME, same)


def _leading(entry: tuple[Shot, Name]) -> tuple[bool, str, int, str]:
    shot, name = entry
    return not name.edited, name.copy, -shot.facts.width * shot.facts.height, shot.sha256


def _one_shot(left: Facts, right: Facts) -> bool:
    """Whether nothing speaks against it: one camera, one Live Photo, clocks at most a minute apart, as far as both tell."""
    contents = {left.shot.get("content"), right.shot.get("content")} - {None}
    if len(contents) > 1:
        return False
    mine, theirs = left.camera, right.camera
    for one, other in ((mine.model, theirs.model), (mine.serial, theirs.serial)):
        if one and other and one.casefold() != other.casefold():
            return False
    apart = _seconds_apart(left, right)
    return apart is None or apart <= _APART


def _same_second(left: Facts, right: Facts) -> bool:
    """Whether one camera wrote the same moment into both: with one name, that is one shot."""
    model = left.camera.model
    if any(right.shot.get(name, value) != value for name, value in left.shot.items()):
        return False
    return bool(model and model == right.camera.model) and _seconds_apart(left, right) == 0.0


def _seconds_apart(left: Facts, right: Facts) -> float | None:
    """Seconds between the two clocks; None where one doesn't tell.

    Where only one knows its time zone, whole quarters of an hour are the zone's.
    """
    if not left.taken or not right.taken or "day" in {left.taken.precision, right.taken.precision}:
        return None
    one, two = (datetime.fromisoformat(taken.local[:19]) for taken in (left.taken, right.taken))
    offsets = [taken.offset for taken in (left.taken, right.taken)]
    if offsets[0] and offsets[1]:
        one, two = (
            datetime.fromisoformat(f"{at.isoformat()}{offset}") for at, offset in zip((one, two), offsets, strict=True)
        )
    apart = abs((one - two).total_seconds())
    if bool(offsets[0]) != bool(offsets[1]) and apart <= 14 * 3600 + _APART:
        apart = min(apart % _ZONES, _ZONES - apart % _ZONES)
    return apart


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """An item in the making: `key`: the published item it is, or None; `members`: the master first."""

    key: str | None
    kind: Kind
    members: tuple[Member, ...]

    @property
    def master(self) -> str:
        """The sha256 of what is shown."""
        return self.members[0].sha256


def join(
    clusters: Sequence[Cluster],
    tied: Sequence[Link],
    decisions: Sequence[Decision],
    behind: Mapping[str, str],
) -> tuple[tuple[Cluster, ...], tuple[Proposal, ...]]:
    """Join what is tied; list what is in doubt. Two published items stay two, whatever their names say, until a human says `same`.

    Args:
        clusters: what duplicates and standing items left: every original once.
        tied: of `links`.
        decisions: what humans said: `never` keeps two apart, `same` ends a doubt, `master` chooses who is shown.
        behind: originals that are published as siblings of another, by sha256, and why: they stay behind it.
    """
    home = {member.sha256: cluster for cluster in clusters for member in cluster.members}
    parts: dict[int, list[Cluster]] = {id(cluster): [cluster] for cluster in clusters}
    said = _words(decisions)
    apart = frozenset(pair for pair, kind in said.items() if kind == "never")
    because: dict[str, tuple[str, str]] = {}
    proposals = []
    for link in tied:
        if link.main not in home or link.other not in home:
            continue
        mine, theirs = parts[id(home[link.main])], parts[id(home[link.other])]
        agreed = said.get(frozenset((link.main, link.other))) == "same"
        if mine is not theirs:
            if _kept_apart(mine, theirs, apart):
                continue
            if not agreed and (not link.sure or _both_published(mine, theirs)):
                proposals.append(_proposal(link))
                continue
            mine += theirs
            parts.update(dict.fromkeys((id(part) for part in mine), mine))
        elif link.why is not EDITED:
            continue  # duplicates already, and the better one is shown
        if link.sure or agreed:
            because[link.other] = (link.why, link.main)
    chosen = {
        decision.params.get("master"): place for place, decision in enumerate(decisions, 1) if decision.kind == "master"
    }
    unique = {id(group): group for group in parts.values()}.values()
    joined = [_joined(group, because, behind, chosen) for group in unique]
    return tuple(sorted(joined, key=lambda cluster: cluster.master)), tuple(proposals)


def _both_published(mine: Sequence[Cluster], theirs: Sequence[Cluster]) -> bool:
    """Whether joining would take away an address: of two published items, or of a published film."""
    if len({part.key for part in (*mine, *theirs)} - {None}) > 1:
        return True
    kinds = {part.kind for part in (*mine, *theirs)}
    return len(kinds) > 1 and any(part.key and part.kind is Kind.VIDEO for part in (*mine, *theirs))


def _words(decisions: Sequence[Decision]) -> Mapping[frozenset[str], str]:
    """The last word on each pair: `same` or `never`."""
    said: dict[frozenset[str], str] = {}
    for decision in decisions:
        if decision.kind in {"same", "never"}:
            said.update((frozenset(pair), decision.kind) for pair in combinations(set(decision.subjects), 2))
    return said


def _kept_apart(mine: Sequence[Cluster], theirs: Sequence[Cluster], apart: frozenset[frozenset[str]]) -> bool:
    if not apart:
        return False
    left, right = ([m.sha256 for part in parts for m in part.members] for parts in (mine, theirs))
    return any(frozenset((one, other)) in apart for one in left for other in right)


def _proposal(link: Link) -> Proposal:
    left, right = sorted((link.main, link.other))
    return Proposal(left=left, right=right, relation="sibling", evidence={"v": 1, "by": "name", "sibling": link.why})


def _joined(
    group: Sequence[Cluster],
    because: Mapping[str, tuple[str, str]],
    behind: Mapping[str, str],
    chosen: Mapping[Any, int],
) -> Cluster:
    """One item of several: shown is what a human chose, else the first that stands behind no other, photographs first."""
    members = [
        (part, place, member)
        for part in sorted(group, key=lambda part: (part.kind is not Kind.PHOTO, part.key is None, part.master))
        for place, member in enumerate(part.members)
    ]
    if len(members) == 1:
        return group[0]
    hidden = {**behind, **{sha: why for sha, (why, _) in because.items()}}
    _, _, master = min(
        members,
        key=lambda entry: (
            entry[0].kind is not Kind.PHOTO,
            -chosen.get(entry[2].sha256, 0),
            entry[2].sha256 in hidden,
            entry[1],
        ),
    )
    rest = [
        _member(part, member, master.sha256, because, hidden) for part, _, member in members if member is not master
    ]
    return Cluster(
        key=next((part.key for part in group if part.key), None),
        kind=Kind.PHOTO if any(part.kind is Kind.PHOTO for part in group) else group[0].kind,
        members=(replace(master, relation="master", evidence={"v": 1}), *rest),
    )


def _member(
    part: Cluster, member: Member, master: str, because: Mapping[str, tuple[str, str]], hidden: Mapping[str, str]
) -> Member:
    """A member behind the master: what it was among its duplicates, else a sibling by its name."""
    inside = any(other.sha256 == master for other in part.members)
    if member.relation not in {"master", "sibling"} and (inside or member.sha256 not in hidden):
        return member
    why, main = because.get(member.sha256, (hidden.get(member.sha256, EDITED if inside else NAME), master))
    evidence = {"v": 1, "by": "name", "sibling": why, "with": main}
    return Member(sha256=member.sha256, relation="sibling", evidence=evidence)
