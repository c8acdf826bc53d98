"""What is missing of an event's items, as works: planned from what is wished, made by the engine, recorded in the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mediaarchive import events
from mediaarchive.model import Asset, Blob, Facts, Kind, Outcome, Problem, Recipe, Status, Work
from mediaarchive.pipeline.making.describing import Described
from mediaarchive.pipeline.making.failures import outdated, stamped
from mediaarchive.pipeline.making.rows import Rows
from mediaarchive.pipeline.shop import Shop, languages
from mediaarchive.pipeline.worker import perform
from mediaarchive.recipes import fingerprint, key, to_json
from mediaarchive.stages.publish.files import ASIDE, address
from mediaarchive.stages.publish.rights import rights
from mediaarchive.stages.publish.shown import Made
from mediaarchive.stages.render import CAPTIONS, wished

_WRITTEN = frozenset({"translated", "provided", "approved"})  # no placeholders, and no model's drafts


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What one item wants: (derivation key, recipe, sha256 of its source) in a fixed order; `tracks` name their language."""

    asset: Asset
    recipes: tuple[tuple[str, Recipe, str], ...]
    tracks: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The works that are missing, and what is there already, by derivation key.

    `lost`: keys whose files are nowhere any more, and of failures that may end otherwise now.
    """

    works: tuple[Work, ...]
    outcomes: Mapping[str, Outcome]
    lost: frozenset[str]


def wish(shop: Shop, rows: Rows, asset: Asset, described: Described) -> Wish:
    """All that an item wants."""
    settings = shop.settings
    recipes = [
        (key([asset.master], recipe), recipe, asset.master)
        for recipe in wished(_facts(rows, asset), settings, described.focus, _said(rows, described, shop))
    ]
    tracks = {}
    for sha256, lang, kind, name in described.tracks if asset.kind is Kind.VIDEO else ():
        recipe = replace(CAPTIONS, params={"lang": lang, "kind": kind})
        recipes.append((key([sha256], recipe), recipe, sha256))
        tracks[recipes[-1][0]] = (lang, kind, name)
    return Wish(asset=asset, recipes=tuple(recipes), tracks=tracks)


def _facts(rows: Rows, asset: Asset) -> Facts:
    facts = rows.about(asset.master)
    assert facts is not None
    return facts


def _said(rows: Rows, described: Described, shop: Shop) -> dict[str, object]:
    """What a file for download carries: what is published of the item anyway; a placeholder is no text."""
    langs = languages(rows.facts, shop.settings)
    held = rights(described.credit, rows.facts, langs, described.photographer)
    texts: dict[str, object] = {
        kind: {lang: found[lang].text for lang in (*langs, *found) if lang in found and found[lang].state in _WRITTEN}
        for kind, found in described.texts.items()
    }
    named = {"creator": held.creator, "credit": held.credit, "copyright": held.copyright, "licence": held.licence}
    terms = next(iter((held.usage_terms or {}).values()), None)
    return {name: value for name, value in (texts | named | {"usage_terms": terms}).items() if value}


def plan(shop: Shop, rows: Rows, wishes: Sequence[Wish]) -> Plan:
    """Wished minus there. A file is there if a store was seen to have it, or the spool still does."""
    outcomes = shop.catalog.outcomes(derivation for entry in wishes for derivation, _, _ in entry.recipes)
    prefixes = [f"media/{entry.asset.id}/" for entry in wishes]
    stored = {name for store in shop.stores for name in shop.catalog.stored(store.name, prefixes)}
    lost = frozenset(
        derivation
        for entry in wishes
        for derivation, _, _ in entry.recipes
        if derivation in outcomes
        and (
            outdated(shop, outcomes[derivation])
            or not all(_there(shop, entry.asset.id, blob, stored) for blob in outcomes[derivation].blobs)
        )
    )
    there = {derivation: outcome for derivation, outcome in outcomes.items() if derivation not in lost}
    works = [work for entry in wishes for work in _works(shop, rows, entry, there)]
    works.sort(key=lambda work: work.context["rank"])  # films first: the longest job decides when all are done
    return Plan(works=tuple(works), outcomes=there, lost=lost)


def _there(shop: Shop, item: str, blob: Blob, stored: set[str]) -> bool:
    return address(item, blob) in stored or (shop.workspace.spool / blob.sha256).exists()


def _works(shop: Shop, rows: Rows, entry: Wish, there: Mapping[str, Outcome]) -> Iterator[Work]:
    missing = [wanted for wanted in entry.recipes if wanted[0] not in there]
    if not missing:
        return
    tracks = [wanted for wanted in missing if wanted[0] in entry.tracks]
    pictures = [wanted for wanted in missing if wanted[0] not in entry.tracks]
    film = entry.asset.kind is Kind.VIDEO
    limits = shop.settings.limits
    common = {
        "spool": str(shop.workspace.spool),
        "limits": shop.limits,
        "guard": shop.settings.guard.model_dump(mode="json"),
        "timeout": limits.film_seconds + limits.seconds if film else limits.seconds,
        "rank": 0 if film else 1,
    }
    if pictures:
        context = common | {"facts": to_json(_facts(rows, entry.asset))}
        yield _work(shop, rows, "render", pictures, context)
    for wanted in tracks:
        lang, kind, name = entry.tracks[wanted[0]]
        yield _work(shop, rows, "captions", [wanted], common | {"lang": lang, "kind": kind, "name": name})


def _work(
    shop: Shop, rows: Rows, stage: str, wanted: Sequence[tuple[str, Recipe, str]], context: Mapping[str, object]
) -> Work:
    source = wanted[0][2]
    original = rows.originals.get(source) or shop.catalog.original(source)
    assert original is not None
    return Work(
        id=source,
        stage=stage,
        sources=(str(shop.workspace.archive / original.uri),),
        recipes=tuple(recipe for _, recipe, _ in wanted),
        keys=tuple(derivation for derivation, _, _ in wanted),
        context=context,
    )


def carry_out(shop: Shop, event: str, planned: Plan) -> dict[str, Outcome]:
    """Make what is missing; every outcome, old and new, by derivation key."""
    shop.catalog.forget(planned.lost)
    outcomes = dict(planned.outcomes)
    count = sum(len(work.recipes) for work in planned.works)
    shop.jobs["planned"] += count
    shop.jobs["cached"] += len(outcomes)
    shop.sink(events.StageStarted(event=event, stage="render", total=len(planned.works)))
    for work, made in shop.engine.run(perform, planned.works):
        shop.catalog.record(stamped(shop, made), work.id)
        outcomes |= {outcome.key: outcome for outcome in made}
        worst = next((o.status for o in made if o.status is not Status.OK), Status.OK)
        shop.sink(events.WorkDone(event=event, stage="render", id=work.id, status=worst))
        shop.jobs["done"] += sum(outcome.status is Status.OK for outcome in made)
        shop.jobs["failed"] += sum(outcome.status is not Status.OK for outcome in made)
    shop.sink(events.StageEnded(event=event, stage="render"))
    return outcomes


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What one item got. A `problem` means that it can't be shown; captions that failed are only left out.

    `passing`: the problem is the machine's, and the next run tries again.
    """

    made: tuple[Made, ...] = ()
    tracks: tuple[tuple[str, str, Blob], ...] = ()
    seen: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None
    passing: bool = False


_NOT_MADE = Problem(code="not-made", reason="It could not be made this time; the next run tries again.")


def result(entry: Wish, outcomes: Mapping[str, Outcome]) -> Result:
    """Gather an item's files from the outcomes.

    A recipe that fails for good (a new size of a film that takes too long, say) costs an item that file, and not its place:
    it is shown with what it has, as long as every browser can show that.
    """
    made: list[Made] = []
    tracks: list[tuple[str, str, Blob]] = []
    seen: dict[str, str] = {}
    problem: Problem | None = None
    for derivation, recipe, _ in entry.recipes:
        outcome = outcomes.get(derivation)
        if derivation in entry.tracks:
            lang, kind, _ = entry.tracks[derivation]
            tracks += [(lang, kind, blob) for blob in (outcome.blobs if outcome else ())]
        elif outcome is None or outcome.status is Status.RETRY:
            return Result(problem=(outcome.problem if outcome else None) or _NOT_MADE, passing=True)
        elif outcome.status is Status.FAILED:
            problem = problem or outcome.problem or _NOT_MADE
        else:
            made += [Made(blob=blob, recipe=fingerprint(recipe)) for blob in outcome.blobs]
            seen |= {name: str(value) for name, value in outcome.facts.items()}
    needed = {"jpg", "mp4"} if entry.asset.kind is Kind.VIDEO else {"jpg"}
    enough = needed <= {one.blob.ext for one in made if one.blob.role not in ASIDE}
    return Result(made=tuple(made), tracks=tuple(tracks), seen=seen, problem=None if enough else problem or _NOT_MADE)
