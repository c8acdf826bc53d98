"""Everything that is known of one event, read at once: its arrivals, its originals, and what each says of itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from mediaarchive.catalog import Arrival, Catalog, Event
from mediaarchive.config import EventFacts
from mediaarchive.errors import Incomplete
from mediaarchive.media.sniff import sheet_name, sidecar_kind
from mediaarchive.model import Asset, Facts, Kind, Original, Problem, Recipe, Status, Work
from mediaarchive.pipeline.deciding.ruling import remembered, ruling
from mediaarchive.pipeline.inbox.scanning import slugs_of
from mediaarchive.pipeline.making.failures import outdated, stamped
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.worker import perform
from mediaarchive.recipes import from_json, key
from mediaarchive.stages.ingest import identifying, sidecar_recipe

ACCEPTED = "loss accepted"  # a note in the catalog: somebody knows that some originals are nowhere any more


def reading(path: str, original: Original) -> Recipe:
    """The recipe by which an original is read: media by their content, a sidecar as what its name says."""
    if original.kind is not Kind.SIDECAR:
        return identifying(original)
    return sidecar_recipe(sidecar_kind(PurePosixPath(path).name) or "xmp")


def read(catalog: Catalog, sha256: str) -> Facts | None:
    """What one original says of itself, as far as the catalog knows."""
    original = catalog.original(sha256)
    if original is None:
        return None
    derivation = key([sha256], identifying(original))
    outcome = catalog.outcomes([derivation]).get(derivation)
    return from_json(Facts, outcome.facts) if outcome and outcome.status is Status.OK else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """One event. `said`: facts by sha256. `silent`: why an original could not be read (it was, when it came in).

    `elsewhere`: facts of what came in with other events only, and belongs to the same items. `called`: the paths of all that came
    in, where `arrivals` are a part of it.
    """

    event: Event
    facts: EventFacts
    arrivals: tuple[Arrival, ...]
    originals: dict[str, Original]
    said: dict[str, Facts]
    silent: dict[str, Problem]
    elsewhere: Mapping[str, Facts] = field(default_factory=dict)
    called: tuple[str, ...] = ()

    def about(self, sha256: str) -> Facts | None:
        """What an original says of itself, with whichever event it came in."""
        return self.said.get(sha256) or self.elsewhere.get(sha256)

    def sidecars(self) -> Iterator[tuple[Arrival, str]]:
        """The sidecars that count, with their kind: of those under one path, the newest; a sheet is one in whatever format."""
        newest = {
            sheet_name(a.path) or a.path: a for a in self.arrivals if self.originals[a.sha256].kind is Kind.SIDECAR
        }
        for _, arrival in sorted(newest.items()):
            if (kind := sidecar_kind(PurePosixPath(arrival.path).name)) and arrival.sha256 in self.said:
                yield arrival, kind

    def media(self, kind: Kind) -> Iterator[str]:
        """The originals of a kind that could be read, by sha256."""
        # A RAW file is none of a photograph by its content, but may have one inside.
        yield from sorted(
            s for s, facts in self.said.items() if facts.kind is kind and self.originals[s].kind in {kind, Kind.OTHER}
        )

    def paths(self) -> dict[str, tuple[str, ...]]:
        """Where each original came in, by sha256, the oldest first."""
        found: dict[str, list[str]] = {}
        for arrival in self.arrivals:
            found.setdefault(arrival.sha256, []).append(arrival.path)
        return {sha256: tuple(paths) for sha256, paths in found.items()}


def facts_of(event: Event) -> EventFacts:
    """What event.toml says of an event. One without a title goes by its folder's name, as it was written; renamed, by its slug."""
    facts = EventFacts.model_validate(event.facts)
    written = " ".join(event.folder.replace("_", " ").split())
    if any(facts.title.values()) or written == event.slug or event.slug not in slugs_of(event.folder):
        return facts
    return facts.model_copy(update={"title": {"und": written}})


def load(shop: Shop, event: Event) -> Rows:
    """Read an event, after reading those originals again whose facts the catalog lost. Of erased ones little is known."""
    arrivals, originals = shop.catalog.arrivals(event.slug), shop.catalog.originals(event.slug)
    said, silent = _read(shop, arrivals, originals)
    rows = Rows(
        event=event,
        facts=facts_of(event),
        arrivals=tuple(arrivals),
        originals=originals,
        said=said,
        silent=silent,
    )
    items = sorted(set(shop.catalog.items_of(originals).values()))
    return with_elsewhere(shop, rows, (asset for item in items if (asset := shop.catalog.asset(item))))


def peek(catalog: Catalog, event: Event, sha256s: Collection[str]) -> Rows:
    """A part of an event as the catalog knows it: some originals, and all sidecars. Nothing is read again."""
    originals = catalog.originals(event.slug)
    wanted = {s: original for s, original in originals.items() if s in sha256s or original.kind is Kind.SIDECAR}
    every = catalog.arrivals(event.slug)
    arrivals = tuple(arrival for arrival in every if arrival.sha256 in wanted)
    keys = {a.sha256: key([a.sha256], reading(a.path, wanted[a.sha256])) for a in arrivals}
    outcomes = catalog.outcomes(keys.values())
    found = {sha256: outcomes.get(derivation) for sha256, derivation in keys.items()}
    elsewhere = {s: facts for s in sha256s if s not in wanted and (facts := read(catalog, s))}
    return Rows(
        event=event,
        facts=facts_of(event),
        arrivals=arrivals,
        originals=wanted,
        said={s: from_json(Facts, one.facts) for s, one in found.items() if one and one.status is Status.OK},
        silent={},
        elsewhere=elsewhere,
        called=tuple(arrival.path for arrival in every),
    )


def with_elsewhere(shop: Shop, rows: Rows, assets: Iterable[Asset]) -> Rows:
    """The event with the facts of those members of its items that came in with other events only."""
    wanted = sorted({member.sha256 for asset in assets for member in asset.members if not rows.about(member.sha256)})
    originals = {sha256: original for sha256 in wanted if (original := shop.catalog.original(sha256))}
    arrivals = [next(iter(shop.catalog.paths(sha256))) for sha256 in originals if sha256 not in rows.originals]
    return replace(rows, elsewhere={**rows.elsewhere, **_read(shop, arrivals, originals)[0]}) if arrivals else rows


def _read(
    shop: Shop, arrivals: Sequence[Arrival], originals: dict[str, Original]
) -> tuple[dict[str, Facts], dict[str, Problem]]:
    """What originals say of themselves, and why some say nothing, by sha256."""
    holds = ruling(shop)
    left = [arrival for arrival in arrivals if arrival.sha256 not in holds.remembered]
    wanted = {a.sha256: key([a.sha256], reading(a.path, originals[a.sha256])) for a in left}
    outcomes = shop.catalog.outcomes(wanted.values())
    shop.catalog.forget(stale := [name for name, outcome in outcomes.items() if outdated(shop, outcome)])
    missing = [a for a in left if wanted[a.sha256] not in outcomes or wanted[a.sha256] in stale]
    if missing:
        here = [a for a in missing if (shop.workspace.archive / originals[a.sha256].uri).exists()]
        if len(here) < len(missing) and not shop.catalog.noted(ACCEPTED):
            gone = len(missing) - len(here)
            raise Incomplete(
                f"{missing[0].event}: {gone} originals are missing from the archive, and nothing is known of them; "
                "the event stays as it is",
                hint="`mediaarchive rebuild` brings them back from the mirror",
            )
        _read_again(shop, {a.sha256: a for a in here}.values(), originals)
        outcomes = shop.catalog.outcomes(wanted.values())
    said, silent = {}, {}
    for sha256, derivation in wanted.items():
        outcome = outcomes.get(derivation)
        if outcome and outcome.status is Status.OK:
            said[sha256] = from_json(Facts, outcome.facts)
        elif outcome and outcome.problem:
            silent[sha256] = outcome.problem
    said |= {sha256: facts for sha256, facts in remembered(holds).items() if sha256 in originals}
    return said, silent


def _read_again(shop: Shop, arrivals: Iterable[Arrival], originals: dict[str, Original]) -> None:
    works = []
    for arrival in arrivals:
        original = originals[arrival.sha256]
        recipe = reading(arrival.path, original)
        context = {
            "kind": original.kind.value,
            "mime": original.mime,
            "name": PurePosixPath(arrival.path).name,
            "limits": shop.limits,
            "timeout": shop.settings.limits.seconds,
        }
        works.append(
            Work(
                id=arrival.sha256,
                stage=recipe.stage,
                sources=(str(shop.workspace.archive / original.uri),),
                recipes=(recipe,),
                keys=(key([arrival.sha256], recipe),),
                context=context,
            )
        )
    for work, outcomes in shop.engine.run(perform, works):
        shop.catalog.record(stamped(shop, outcomes), work.id)
        for outcome in outcomes:
            if pixels := outcome.facts.get("signature", {}).get("pixels"):
                shop.catalog.index_pixels({work.id: pixels})
