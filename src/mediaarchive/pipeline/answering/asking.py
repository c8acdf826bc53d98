"""Answers to "what became of this?": where a file or an item is now, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mediaarchive.catalog import Catalog, Event
from mediaarchive.config import EventFacts, Settings
from mediaarchive.errors import Unwritable, UsageError
from mediaarchive.model import Asset, Kind, Proposal, Verdict
from mediaarchive.pipeline.answering.speaking import said
from mediaarchive.pipeline.deciding.likening import Waiting, waiting
from mediaarchive.pipeline.deciding.ruling import expiries, ruled
from mediaarchive.pipeline.inbox.leaving import stuck
from mediaarchive.pipeline.inbox.scanning import aside, folders, printable, scan
from mediaarchive.pipeline.keeping.mirroring import behind
from mediaarchive.pipeline.making.rows import read
from mediaarchive.pipeline.publishing.pinning import pin
from mediaarchive.site.wording import duration
from mediaarchive.stages.decide import Ruling, rule
from mediaarchive.stages.dedupe.grouping import explain
from mediaarchive.stages.siblings import LIVE, RAW

_NOTICE_DAYS = 30
_LYING = frozenset(
    {Verdict.WAITING, Verdict.REJECTED, Verdict.IGNORED}
)  # said of what lies in the inbox, and of nothing else


def why(catalog: Catalog, settings: Settings, subject: str, today: str, inbox: Path) -> list[dict[str, Any]]:
    """All that is known of a path, an item id or a sha256: one entry for each thing it may mean.

    Args:
        catalog: the workspace's.
        settings: the workspace's.
        today: ISO 8601.
        subject: an item id (`p-…`), a SHA-256 or its beginning (8 digits at least), or the end of a path in the inbox.
        inbox: what waited or was refused is looked for there: people take such files away.
    """
    holds = ruled(catalog, settings.workspace.timezone, lambda _: today)
    if asset := catalog.asset(subject):
        return [_item(catalog, asset, holds) | {"said": said(catalog, settings, asset)}]
    found = [_content(catalog, sha256, holds) for sha256 in catalog.find(subject)] if is_digest(subject) else []
    path = printable(subject)
    while not found and path:
        found = list(_paths(catalog, path, holds, inbox))
        path = path.partition("/")[2]  # a report's path begins with the inbox's own name
    return found


def contents(catalog: Catalog, path: str) -> set[str]:
    """The newest contents under the paths that end like this (SHA-256s), as people type them and as reports write them."""
    path = printable(path)
    while path:
        arrived = catalog.find_paths(path)
        if found := {there[-1] for event, name in arrived if (there := catalog.find_path(event, name))}:
            return found
        path = path.partition("/")[2]  # a report's path begins with the inbox's own name
    return set()


def content(catalog: Catalog, subject: str) -> str:
    """The SHA-256 that a person means: of the newest file under a path, of an item's master, or by its beginning.

    Raises:
        UsageError: nothing, or more than one content, answers to it.
    """
    if asset := catalog.asset(subject):
        return asset.master
    found = set(catalog.find(subject)) if is_digest(subject) else set()
    found = found or contents(catalog, subject)
    if len(found) != 1:
        if found:
            raise UsageError(f'"{subject}" is more than one file', hint="give a longer path, from the event's name on")
        raise UsageError(
            f'"{subject}" is nothing that came in',
            hint="write the file's name as it lay in the inbox, or the item's id; the report of a run has both",
        )
    return found.pop()


def is_digest(subject: str) -> bool:
    """Whether a text may be the beginning of a SHA-256."""
    return len(subject) >= 8 and all(char in "0123456789abcdef" for char in subject)


def _paths(catalog: Catalog, path: str, holds: Ruling, inbox: Path) -> Iterator[dict[str, Any]]:
    for event, name in catalog.find_paths(path):
        told = catalog.history(event, name)
        taken_away = told is not None and told["verdict"] in _LYING and not _lies(catalog, inbox, event, name)
        entry: dict[str, Any] = {"event": event, "path": name, "answer": told, "taken_away": taken_away}
        if sha256 := next(reversed(catalog.find_path(event, name)), None):
            entry |= _content(catalog, sha256, holds)
        yield entry


def _lies(catalog: Catalog, inbox: Path, event: str, name: str) -> bool:
    """Whether a file that was not taken is still in the inbox or, refused, set aside there; so too where nobody can look."""
    folder = next((one.folder for one in catalog.events() if one.slug == event), "")
    try:
        places = folders(inbox).get(folder, [])
        return name in aside(places) or (f"{folder}/{name}" if folder else name) in {file.key for file in scan(inbox)}
    except (OSError, Unwritable):  # not mounted: then nobody took anything away
        return True


def _content(catalog: Catalog, sha256: str, holds: Ruling) -> dict[str, Any]:
    original = catalog.original(sha256)
    entry: dict[str, Any] = {
        "sha256": sha256,
        "original": original.uri if original and sha256 not in holds.remembered else None,
        "came_in_as": [{"event": a.event, "path": a.path, "at": a.at} for a in catalog.paths(sha256)],
        "waiting": _waiting(catalog, sha256, holds),
    }
    item = catalog.items_of([sha256]).get(sha256)
    asset = catalog.asset(item) if item else None
    if asset:
        member = next(member for member in asset.members if member.sha256 == sha256)
        master, mine = read(catalog, asset.master), read(catalog, sha256)
        entry |= {
            "item": asset.id,
            "relation": member.relation,
            "because": explain(member, master, mine) if master and mine else None,
            "evidence": dict(member.evidence),
            "withdrawn": _withdrawn(holds, asset),
            "erased": holds.erased.get(asset.id),
        }
    return entry


def _waiting(catalog: Catalog, sha256: str, holds: Ruling) -> dict[str, Any] | None:
    """What to decide of a file that is held since it may be a withdrawn photograph."""
    slugs = dict.fromkeys(arrival.event for arrival in catalog.paths(sha256))
    return next((w.value() for slug in slugs for w in waiting(catalog, slug, holds) if w.sha256 == sha256), None)


def _withdrawn(holds: Ruling, asset: Asset) -> dict[str, str] | None:
    withdrawal = holds.withdrawal(asset)
    return {"day": withdrawal.day, "reason": withdrawal.reason} if withdrawal else None


def _item(catalog: Catalog, asset: Asset, holds: Ruling) -> dict[str, Any]:
    return {
        "item": asset.id,
        "kind": asset.kind.value,
        "withdrawn": _withdrawn(holds, asset),
        "erased": holds.erased.get(asset.id),
        "events": catalog.events_of([asset.id]).get(asset.id, []),
        "members": [_content(catalog, member.sha256, holds) for member in asset.members],
    }


def overview(catalog: Catalog, settings: Settings, inbox: Path, now: datetime) -> dict[str, Any]:
    """What is archived and published, event by event, and what needs a human; `coming`: what happens by itself soon.

    `loose`: what lies in the inbox and belongs to no event. Of an event, `waiting` are the files that may be a withdrawn
    photograph: which one, since when, and what to type.
    """
    holds = ruled(catalog, settings.workspace.timezone, lambda zone: now.astimezone(ZoneInfo(zone)).date().isoformat())
    problems = _problems(catalog, inbox)
    return {
        "schema": "status/1",
        "workspace": catalog.meta("workspace"),
        "last_run": catalog.last_run(),
        "mirror": lag.value() if (lag := behind(catalog, settings)) else None,
        "loose": _loose(catalog),
        "stuck": [{"folder": folder, "files": count} for folder, count in sorted(stuck(catalog).items())],
        "coming": coming(catalog, settings, now),
        "events": [
            _event(catalog, settings, event, holds) | {"problems": problems(event)} for event in catalog.events()
        ],
    }


def _problems(catalog: Catalog, inbox: Path) -> Callable[[Event], list[dict[str, Any]]]:
    """What asks for a human in an event. Of files that wait or were refused, those that still lie there: people take them away."""
    looks = catalog.looks()
    try:
        places = folders(inbox)
    except OSError:  # not mounted: then nobody took anything away
        places = None

    def of(event: Event) -> list[dict[str, Any]]:
        lying = aside(places.get(event.folder, ())) if places is not None else None
        return [
            {"path": path, "outcome": verdict, "code": code, "reason": reason}
            for path, verdict, code, reason in catalog.problems(event.slug)
            if lying is None
            or f"{event.folder}/{path}" in looks
            or verdict == Verdict.HELD
            or (verdict == Verdict.REJECTED and (path in lying or catalog.find_path(event.slug, path)))
        ]

    return of


def _loose(catalog: Catalog) -> list[dict[str, Any]]:
    """What lies in the inbox and belongs to no event: by folder and reason, how many files."""
    there = catalog.looks()
    found = Counter(
        (path.partition("/")[0] if code == "slug-collision" else path.rpartition("/")[0], code, reason)
        for path, _, code, reason in catalog.problems("")
        if path in there
    )
    return [
        {"folder": folder, "files": count, "code": code, "reason": reason}
        for (folder, code, reason), count in sorted(found.items(), key=lambda one: str(one[0]))
    ]


def coming(catalog: Catalog, settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """What happens by itself: items that expire or come back within 30 days, and every erasure, by day.

    Each has `day`, `what` (expires, returns, erased), `subject` (an item, an event, or a file's path) and `reason`.
    """
    zone = ZoneInfo(settings.workspace.timezone)
    today = now.astimezone(zone).date()
    soon = (today + timedelta(days=_NOTICE_DAYS)).isoformat()
    holds = rule(catalog.decisions(), today.isoformat(), zone)
    found = [
        ("erased", day, item, holds.withdrawn[item].reason)
        for item, day in holds.erase.items()
        if item in holds.withdrawn
    ]
    found += [("expires", one.day, item, one.reason) for item, one in holds.expires.items() if one.day <= soon]
    found += [
        ("returns", one.until, item, one.reason)
        for item, one in holds.withdrawn.items()
        if one.until and one.until <= soon
    ]
    for event in catalog.events():
        facts = EventFacts.model_validate(event.facts)
        due = expiries(catalog, event, facts, holds.consents.get(event.slug, {}))
        days = {(w.day, f"{event.slug}/{a.path}" if w.sheet else event.slug, w.reason) for a, w in due}
        found += [("expires", day, subject, reason) for day, subject, reason in days if today.isoformat() < day <= soon]
    return [
        {"day": day, "what": what, "subject": subject, "reason": reason}
        for what, day, subject, reason in sorted(found, key=lambda one: (one[1], one[0], one[2]))
    ]


def _event(catalog: Catalog, settings: Settings, event: Event, holds: Ruling) -> dict[str, Any]:
    releases = {store.name: catalog.published(store.name, event.slug) for store in settings.store}
    told = catalog.last_report(event.slug) or {}
    waits = waiting(catalog, event.slug, holds)
    uncertain = {one.sha256 for one in waits}
    originals = [o for o in catalog.originals(event.slug).values() if o.kind is not Kind.SIDECAR]
    return {
        "slug": event.slug,
        "folder": event.folder,
        "rolled_back_to": (held := pin(catalog.decisions(), [event.slug])) and held.number,
        "originals": len(originals),
        "items": len(set(catalog.items_of(original.sha256 for original in originals).values())),
        "counts": told.get("counts", {}),
        "missing_alt": told.get("missing_alt", 0),
        "doubtful_texts": told.get("doubtful_texts", 0),
        "stores": [
            {
                "name": name,
                "release": found.number if found else None,
                "manifest_sha256": found.sha256 if found else None,
            }
            for name, found in releases.items()
        ],
        "quarantined": [
            {"path": path, "reason": reason}
            for path, _, code, reason in catalog.problems(event.slug, ("withdrawn",))
            if code != "withdrawn-since"
        ],
        "proposals": sum(uncertain.isdisjoint({pair.left, pair.right}) for pair in catalog.proposals(event.slug)),
        "waiting": [one.value() for one in waits],
    }


def proposals(catalog: Catalog, settings: Settings, today: str) -> list[dict[str, Any]]:
    """The pairs that wait for a human, on a day (ISO 8601), with a path for each and the reason in a sentence.

    `held`: where one of the two isn't published, since it may be the other, which was withdrawn: `likening.Waiting`.
    """
    holds = ruled(catalog, settings.workspace.timezone, lambda _: today)
    found: list[dict[str, Any]] = []
    for event in catalog.events():
        pairs: list[dict[str, Any]] = []
        held = {one.sha256: one for one in waiting(catalog, event.slug, holds)}
        for pair in catalog.proposals(event.slug):
            one = held.get(pair.left) or held.get(pair.right)
            pairs.append(
                {
                    "event": event.slug,
                    "relation": pair.relation,
                    "because": _because_of(pair, one),
                    "left": {"sha256": pair.left, "path": catalog.a_path(pair.left)},
                    "right": {"sha256": pair.right, "path": catalog.a_path(pair.right)},
                    "evidence": dict(pair.evidence),
                    "held": one.value() if one else None,
                }
            )
        found += _together(catalog, pairs)
    return found


def _together(catalog: Catalog, pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pairs of an event in the order in which people answer them: what has an item in common one after the other, by path."""
    sides = [[pair[side] for side in ("left", "right")] for pair in pairs]
    items = catalog.items_of(side["sha256"] for both in sides for side in both)
    ends = [sorted({items.get(side["sha256"], side["sha256"]) for side in both}) for both in sides]
    paths = [sorted(side["path"] for side in both) for both in sides]
    head: dict[str, str] = {}  # of each item, another one that it hangs together with; of the last one, itself

    def last(name: str) -> str:
        while (above := head.setdefault(name, name)) != name:
            head[name] = name = head.setdefault(above, above)
        return name

    for names in ends:
        head[last(names[0])] = last(names[-1])
    first: dict[str, str] = {}  # the first path of all that hang together
    for names, (path, _) in zip(ends, paths, strict=True):
        first[last(names[0])] = min(path, first.get(last(names[0]), path))
    order = sorted(range(len(pairs)), key=lambda at: (first[last(ends[at][0])], paths[at], at))
    return [pairs[at] for at in order]


def _because_of(pair: Proposal, held: Waiting | None) -> str:
    if held is None:
        return because(pair.evidence)
    return f"one is held, since it looks like the other, which {'was erased' if held.like.erased else 'is withdrawn'}"


def because(evidence: Mapping[str, Any]) -> str:
    """Why a pair waits for a human."""
    if seconds := evidence.get("otherwise"):
        return f"one of the films shows something at {duration(int(seconds[0]))} that the other doesn't"
    if why := evidence.get("sibling"):
        return _SIBLINGS.get(str(why), _NAMESAKES)
    return _HELD_BACK.get(str(evidence.get("held")), "they look alike")


_NAMESAKES = "their names say that they are one shot"
_SIBLINGS = {
    LIVE: "the one looks like the film of the other, a Live Photo: `same` shows the photograph, and keeps the film behind it",
    RAW: "the one looks like the raw file of the other, by its name",
}


_HELD_BACK = {
    "same-size": "the same size, so they may be two frames of a burst",
    "same-encoder": "written by the same program, so they may be two frames of a burst",
    "other-detail": "alike in outline but not in detail, so they may be two photographs of the same thing",
    "edited": "one looks like an edited version of the other",
    "cut": "one looks like a part of the other film, or like the same with another beginning or end",
    "ends": "they show the same at the beginning and the end, but too little can be seen between",
    "other-sound": "they show the same, but sound different",
    "still": "they show the same, but nothing moves and nothing is heard, so one may be cut",
    "unproved": "they look alike, and without opencv-python-headless nothing can be proved",
}
