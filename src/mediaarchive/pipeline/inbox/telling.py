"""Tells an event's people what became of their files: `_report.html` in the event's folder, in its first language.

The page has the event as it stands: the newest answer of every file, those of this run first.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from mediaarchive import layout
from mediaarchive.catalog import Event, Given, Look
from mediaarchive.config import EventFacts
from mediaarchive.media.sniff import sheet_name
from mediaarchive.model import Problem, Verdict
from mediaarchive.pipeline.inbox.intake import MAYBE_UNFINISHED
from mediaarchive.pipeline.inbox.scanning import REPORT, aside, folders, printable
from mediaarchive.pipeline.making.rows import facts_of
from mediaarchive.pipeline.shop import Shop, language
from mediaarchive.site.account import Account, Line, Part, account_page, fate, gifts
from mediaarchive.site.saying import sentence
from mediaarchive.site.wording import Words, words

_PARTS = {
    Verdict.REJECTED: "refused",
    Verdict.WAITING: "waiting",
    Verdict.HELD: "held",
    Verdict.WITHDRAWN: "held",
    Verdict.PUBLISHED: "taken",
    Verdict.KEPT: "taken",
    Verdict.ALTERNATE: "copies",
    Verdict.KNOWN: "copies",
    Verdict.IGNORED: "ignored",
}
_ORDER = ("refused", "waiting", "held", "lists", "taken", "copies", "earlier", "ignored")
_FILLED = {"misnamed": "mime", "namesake": "command", "moved": "event"}  # what only this one's sentence is filled with
_LOOSE = frozenset({"no-event", "slug-collision"})  # what no event takes
_PASSING = frozenset({Verdict.WAITING, Verdict.IGNORED})  # says nothing of a file that isn't there any more


@dataclass(frozen=True, kw_only=True, slots=True)
class _Telling:
    """What the lines of one event's page are written with."""

    shop: Shop
    event: Event
    say: Words
    lang: str
    params: Mapping[str, Mapping[str, str | int | float]]
    shown: Mapping[str, str]
    looks: Mapping[str, Look]

    def line(self, given: Given) -> Line:
        """A file's line."""
        params = dict(self.params.get(given.reason or "", {}))
        shown = self.shown.get(given.item or "")
        if shown and shown != given.path:
            params.setdefault("of", shown)
        if sheet_name(given.path):
            params.setdefault("file", PurePosixPath(given.path).name)
        said = fate(self.say, shown=given.verdict != Verdict.KEPT)
        if given.code or given.reason:
            said = sentence(Problem(code=_code(given, params), reason=given.reason or "", params=params), self.lang)
        elif given.verdict in {Verdict.SIDECAR, Verdict.IGNORED}:
            said = ""
        if kinds := str(params.get("gives", "")).split():
            said += " " + gifts(self.say, kinds)
        return Line(path=given.path, said=said, until=self._until(given), href=self._href(given))

    def _until(self, given: Given) -> str | None:
        """When an unfinished file is refused."""
        look = self.looks.get(f"{self.event.folder}/{given.path}")
        if given.verdict != Verdict.WAITING or given.code not in MAYBE_UNFINISHED or not look:
            return None
        moment = datetime.fromtimestamp(look.since + self.shop.settings.ingest.patience, UTC)
        return _moment(moment, self.event, self.say)

    def _href(self, given: Given) -> str | None:
        """The item's page, where it has an address that works from a share."""
        if not given.item or given.verdict not in {Verdict.PUBLISHED, Verdict.ALTERNATE}:
            return None
        url = self.shop.stores[0].url(layout.item_page(given.item))
        return url if url.startswith(("https://", "http://")) else None


def account(shop: Shop, event: Event, run: str, fresh: Iterable[Given], doubtful: int = 0) -> Account:
    """An event as it stands after a run; `fresh` are the answers of this run, which outdate what was said before.

    `doubtful`: how many of its texts somebody should look at again.
    """
    new = {given.path: given for given in fresh}
    told = [*new.values(), *(old for old in shop.catalog.standing(event.slug, run) if old.path not in new)]
    lying = aside(_places(shop, event))
    told = [given for given in told if given.path in new or _still(given, lying)]
    lang = language(event, shop.settings)
    say = words(lang)
    telling = _Telling(
        shop=shop,
        event=event,
        say=say,
        lang=lang,
        params=shop.catalog.params(given.reason for given in told if given.reason),
        shown=_shown(shop, told),
        looks=shop.catalog.looks(),
    )
    parts: dict[str, list[Line]] = {name: [] for name in _ORDER}
    for given in sorted(told, key=lambda given: given.path):
        if part := _part(given, given.path in new):
            parts[part].append(telling.line(given))
    titles = facts_of(event).title
    return Account(
        title=titles.get(lang) or next(iter(titles.values()), event.slug),
        lang=lang,
        moment=_moment(shop.now(), event, say),
        parts=[Part(name=name, lines=lines) for name, lines in parts.items()],
        moves=shop.settings.ingest.mode == "move",
        doubtful=doubtful,
        lint=f"mediaarchive texts lint {event.slug}",
    )


def write(shop: Shop, event: Event, run: str, fresh: Sequence[Given], doubtful: int = 0) -> None:
    """Write an event's page beside the report of the run, and into its folder in the inbox where that may be written."""
    page = account_page(account(shop, event, run, fresh, doubtful))
    kept = shop.workspace.reports / event.slug
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"{run}.html").write_bytes(page)
    for folder in _places(shop, event) if shop.settings.ingest.mode == "move" else ():
        with contextlib.suppress(OSError):  # a read-only inbox: the page is in the archive all the same
            _replace(folder / REPORT, page)


def write_loose(shop: Shop, told: Sequence[Given]) -> None:
    """Tell of files that no event takes, where they lie: in the inbox itself, or in a folder whose name another one has.

    Args:
        shop: the workspace.
        told: all that a run over every event was told of such files; a page that tells of none any more goes away.
    """
    inbox = shop.workspace.root / shop.settings.ingest.inbox
    if shop.settings.ingest.mode != "move":
        return
    lines: dict[str, list[Line]] = {}
    lang = shop.settings.texts.languages[0]
    params = shop.catalog.params(given.reason for given in told if given.reason)
    for given in sorted(told, key=lambda given: given.path):
        if given.code in _LOOSE:
            folder, _, name = given.path.rpartition("/") if given.code == "no-event" else given.path.partition("/")
            said = Problem(code=given.code, reason=given.reason or "", params=params.get(given.reason or "", {}))
            lines.setdefault(folder, []).append(Line(path=name, said=sentence(said, lang)))
    events = {event.folder for event in shop.catalog.events()}
    moment = words(lang).moment(
        shop.now().astimezone(ZoneInfo(shop.settings.workspace.timezone)).isoformat(timespec="seconds"), None
    )
    with contextlib.suppress(OSError):  # a read-only inbox
        for name in ["", *sorted(entry.name for entry in os.scandir(inbox) if entry.is_dir(follow_symlinks=False))]:
            page, folder = inbox / name / REPORT, printable(name)
            if found := lines.get(folder):
                parts = [Part(name="waiting", lines=found)]
                _replace(page, account_page(Account(title=folder or inbox.name, lang=lang, moment=moment, parts=parts)))
            elif folder not in events:
                page.unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    """Write a file that others may be reading; a link under its name is replaced, not followed."""
    handle, name = tempfile.mkstemp(prefix="._report", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), 0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _code(given: Given, params: Mapping[str, str | int | float]) -> str:
    """The code of what is said; catalogs of before have none for published files, but what their sentences were filled with."""
    return given.code or next((code for code, param in _FILLED.items() if param in params), "")


def _places(shop: Shop, event: Event) -> list[Path]:
    """The folders of the inbox that are this event's."""
    try:
        return folders(shop.workspace.root / shop.settings.ingest.inbox).get(event.folder, [])
    except OSError:
        return []


def _still(given: Given, lying: AbstractSet[str]) -> bool:
    """Whether an answer of an earlier run is still true: a refused file (`lying`: those set aside) may have been taken away."""
    if given.verdict in _PASSING:
        return False
    return given.verdict != Verdict.REJECTED or given.path in lying


def _part(given: Given, fresh: bool) -> str | None:  # noqa: FBT001 - an answer's second half
    if given.verdict == Verdict.SIDECAR:
        return "lists" if given.code and fresh else None
    part = _PARTS[Verdict(given.verdict)]
    return part if fresh or part in {"refused", "held"} else "earlier"


def _shown(shop: Shop, told: Iterable[Given]) -> dict[str, str]:
    """The path of the file that each item shows."""
    shown = {}
    for given in told:
        if given.item and given.verdict == Verdict.PUBLISHED:
            shown[given.item] = given.path
    for item in {given.item for given in told if given.item} - shown.keys():
        asset = shop.catalog.asset(item)
        arrivals = shop.catalog.paths(asset.master) if asset else []
        if arrivals:
            shown[item] = arrivals[0].path
    return shown


def _moment(moment: datetime, event: Event, say: Words) -> str:
    local = moment.astimezone(ZoneInfo(EventFacts.model_validate(event.facts).timezone))
    return say.moment(local.isoformat(timespec="seconds"), None)
