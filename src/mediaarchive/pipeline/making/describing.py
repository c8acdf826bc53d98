"""Which texts, captions, times and credits belong to which item: sidecars and sheet rows meet their files by path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from mediaarchive.captioners import (
    EmbeddedCaptioner,
    ModelCaptioner,
    SheetCaptioner,
    SidecarCaptioner,
    TemplateCaptioner,
)
from mediaarchive.catalog import Arrival
from mediaarchive.media.metadata import taken_from_name
from mediaarchive.media.sheet import DECORATIVE, FOCUS, REFUSED, read_point
from mediaarchive.media.vtt import parse_name
from mediaarchive.model import Asset, Camera, Credit, Facts, Subject, Taken, Text
from mediaarchive.pipeline.deciding.ruling import names_of
from mediaarchive.pipeline.making.rows import Rows
from mediaarchive.site.wording import placeholder_alt
from mediaarchive.stages.describe import Moment, Resolved, closest, moment, resolve


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """What is said of one item. `tracks`: (sha256 of the sidecar, language, kind, name)."""

    texts: Resolved
    moment: Moment
    credit: Credit
    tracks: tuple[tuple[str, str, str, str], ...]
    focus: tuple[float, float] | None
    path: str
    photographer: str | None = None


class Names:
    """Which of an event's files a sheet or event.toml means by a name: a path, or a file's name alone, in whatever case.

    The closest counts: where there is a `photo.jpg`, it isn't `PHOTO.JPG` or `day 2/photo.jpg` that is meant.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        every = [*paths]
        names = [PurePosixPath(path).name for path in every]
        self._known = [{*every}, {path.casefold() for path in every}, {*names}, {name.casefold() for name in names}]

    def means(self, written: str, path: str) -> bool:
        """Whether this file is meant, or one of several that are.

        >>> names = Names(["photo.jpg", "PHOTO.JPG", "day 2/photo.jpg"])
        >>> [names.means("photo.jpg", path) for path in ("photo.jpg", "PHOTO.JPG", "day 2/photo.jpg")]
        [True, False, False]
        """
        folded, name = written.casefold(), PurePosixPath(path).name
        forms = (written, folded, written, folded)
        closest = next((rank for rank, known in enumerate(self._known) if forms[rank] in known), len(forms))
        bare = folded in {path.strip().casefold(), name.strip().casefold()}  # nobody sees a blank at a cell's end
        return (written == path, folded == path.casefold(), written == name, folded == name.casefold(), bare)[closest]


Shows = Callable[[Asset], Iterable[Text]]  # which drafts of an item are published


def _none(_asset: Asset) -> tuple[Text, ...]:
    return ()


@dataclass
class Beside:
    """What lies beside the files of an event, by the lower-cased path (or the path without its extension) it speaks of.

    Points and rows have the name as it was written, for `names` to tell which file is meant.

    `refused`: in which languages a person said no to a machine's draft. `drafts`: those that are published.
    `arrivals`: where each original came in, by sha256. `xmp`: with the sidecar's own path. `points`: by path or name, of
    event.toml, and before these of texts.csv. `rows`: what the sheets say, and event.toml of what is decorative.
    """

    arrivals: dict[str, list[Arrival]] = field(default_factory=dict)
    points: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    xmp: dict[str, tuple[str, Facts]] = field(default_factory=dict)
    rows: dict[str, list[tuple[str, Text]]] = field(default_factory=dict)
    refused: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    tracks: dict[str, list[tuple[str, str, str, str]]] = field(default_factory=dict)
    drafts: Shows = _none
    names: Names = field(default_factory=lambda: Names(()))

    def add_row(self, name: str, text: Text) -> None:
        """What is said under a name."""
        self.rows.setdefault(name.casefold(), []).append((name, text))

    def add_point(self, name: str, point: tuple[float, float]) -> None:
        """What crops keep of it; a later word counts."""
        self.points.setdefault(name.casefold(), {})[name] = point

    def texts(self, path: str) -> Iterator[Text]:
        """What is said of a file."""
        said = (one for name in names_of(path) for one in self.rows.get(name, ()))
        yield from (text for written, text in said if self.names.means(written, path))

    def refuses(self, path: str) -> Iterator[str]:
        """The languages in which a person doesn't want what a machine wrote of a file."""
        said = (one for name in names_of(path) for one in self.refused.get(name, ()))
        yield from (lang for written, lang in said if self.names.means(written, path))

    def point(self, path: str) -> tuple[float, float] | None:
        """What crops keep of a file."""
        said = (one for name in names_of(path) for one in reversed(self.points.get(name, {}).items()))
        return next((point for written, point in said if self.names.means(written, path)), None)


def beside(rows: Rows, drafts: Shows = _none) -> Beside:
    """Sort an event's sidecars by what they describe."""
    found = Beside(names=Names(rows.called or (arrival.path for arrival in rows.arrivals)), drafts=drafts)
    for name, point in rows.facts.focus.items():
        found.add_point(name, point)
    for name in rows.facts.decorative:
        found.add_row(name, _decorative("event"))
    for arrival in rows.arrivals:
        found.arrivals.setdefault(arrival.sha256, []).append(arrival)
    for arrival, kind in rows.sidecars():
        facts, path = rows.said[arrival.sha256], PurePosixPath(arrival.path)
        if kind == "xmp":
            found.xmp[str(path.with_suffix("")).casefold()] = arrival.path, facts
        elif kind == "captions":
            stem, lang, track = parse_name(path.name)
            where = str(path.with_name(stem)).casefold()
            found.tracks.setdefault(where, []).append((arrival.sha256, lang, track, path.name))
        elif kind == "sheet":
            _add_rows(found, facts)
    return found


def _add_rows(found: Beside, sheet: Facts) -> None:
    for name, lang, kind, text in sheet.signature.get("rows", ()):
        if kind == DECORATIVE:
            found.add_row(name, _decorative("sheet"))
        elif kind == REFUSED:
            found.refused.setdefault(name.casefold(), []).append((name, lang))
        elif kind != FOCUS:
            found.add_row(name, Text(kind=kind, lang=lang, text=text, state="provided", source="sheet"))
        elif point := read_point(text):
            found.add_point(name, point)


def _decorative(source: str) -> Text:
    return Text(kind="alt", lang="und", text="", state="decorative", source=source)


def describe(asset: Asset, rows: Rows, languages: Sequence[str], around: Beside) -> Described:
    """All that is said of one item, by its files, by what lies beside them, and by event.toml."""
    arrivals = list(_arrivals(asset, around))
    facts = [fact for _, fact in members_of(asset, rows)]
    sidecars = [said for _, said in sidecars_of(asset, around)]
    sheet = [text for a in arrivals for text in around.texts(a.path)]
    when = _moment([*facts, *sidecars], rows, arrivals)
    subject = Subject(
        item=asset.id,
        kind=asset.kind,
        facts=rows.about(asset.master) or facts[0],
        languages=tuple(languages),
        embedded=tuple(text for fact in facts for text in fact.texts),
        sidecar=tuple(text for fact in sidecars for text in fact.texts),
        sheet=tuple(dict.fromkeys(sheet)),
        drafts=tuple(_drafts(asset, languages, around)),
        event={"title": rows.facts.title, "place": rows.facts.place},
    )
    template = TemplateCaptioner(placeholder_alt, when.day)
    people = (SheetCaptioner(), SidecarCaptioner(), EmbeddedCaptioner())
    texts = resolve(subject, (*people, ModelCaptioner(), template))
    tracks = {track: None for a in arrivals for track in around.tracks.get(_names(a.path)[0], ())}
    return Described(
        texts=texts,
        moment=when,
        credit=_credit([*(fact.credit for fact in sidecars), *(fact.credit for fact in facts)]),
        tracks=tuple(tracks),
        focus=next((point for a in arrivals if (point := around.point(a.path))), None),
        path=min((a.path for a in arrivals), default=""),
        photographer=next((who for a in arrivals if (who := photographer(a.path, rows.facts.photographers))), None),
    )


def _drafts(asset: Asset, languages: Sequence[str], around: Beside) -> Iterator[Text]:
    """What is published of a machine's words, but what a person refused."""
    refused = refused_of(asset, languages, around)
    yield from (text for text in around.drafts(asset) if text.lang in languages and text.lang not in refused)


def refused_of(asset: Asset, languages: Sequence[str], around: Beside) -> set[str]:
    """The event's languages in which a person said no to a machine's draft of an item."""
    said = (lang for arrival in _arrivals(asset, around) for lang in around.refuses(arrival.path))
    return {closest(lang, languages) for lang in said}


def photographer(path: str, folders: Mapping[str, str]) -> str | None:
    """Whose folder a file lay in, by event.toml: the innermost of its folders that is named there.

    >>> photographer("Day 1/anna/x.jpg", {"day 1": "The team", "day 1/Anna": "Anna Peeters"})
    'Anna Peeters'
    """
    named = {str(PurePosixPath(folder)).casefold(): who for folder, who in folders.items() if who}
    return next((who for above in PurePosixPath(path).parents if (who := named.get(str(above).casefold()))), None)


def members_of(asset: Asset, rows: Rows) -> Iterator[tuple[str, Facts]]:
    """What each of an item's files says of itself, by sha256: of the master first, then of the largest."""
    known = ((member.sha256, rows.about(member.sha256)) for member in asset.members)
    said = [(sha256, facts) for sha256, facts in known if facts]
    yield from sorted(said, key=lambda one: (one[0] != asset.master, -one[1].width * one[1].height, one[0]))


def sidecars_of(asset: Asset, around: Beside) -> Iterator[tuple[str, Facts]]:
    """The `.xmp` files beside an item's files, by path, the master's first."""
    for arrival in _arrivals(asset, around):
        yield from (around.xmp[name] for name in _names(arrival.path) if name in around.xmp)


def _arrivals(asset: Asset, around: Beside) -> Iterator[Arrival]:
    """Where the item's files came in, the master's first."""
    for member in asset.members:
        yield from sorted(around.arrivals.get(member.sha256, ()), key=lambda arrival: arrival.path)


def _names(path: str) -> tuple[str, str]:
    """What a sidecar may call a file: without its extension, or with it."""
    return str(PurePosixPath(path).with_suffix("")).casefold(), path.casefold()


def _moment(said: Sequence[Facts], rows: Rows, arrivals: Sequence[Arrival]) -> Moment:
    """By the master's clock, else another member's, a sidecar's, or a telling file name; a day never beats a second."""
    names = [PurePosixPath(arrival.path).name for arrival in arrivals]
    found: list[tuple[Taken, Camera]] = [
        *((facts.taken, facts.camera) for facts in said if facts.taken),
        *((taken, Camera()) for name in names if (taken := taken_from_name(name))),
    ]
    best = min(found, key=lambda entry: entry[0].precision != "second", default=None)
    return moment(best[0], best[1], rows.facts) if best else Moment()


def _credit(credits_: Sequence[Credit]) -> Credit:
    """For each field the first that says something."""

    def first(name: str) -> str | None:
        return next((value for credit in credits_ if (value := getattr(credit, name))), None)

    return Credit(
        creator=first("creator"),
        credit=first("credit"),
        copyright=first("copyright"),
        usage_terms=first("usage_terms"),
        licence_url=first("licence_url"),
    )
