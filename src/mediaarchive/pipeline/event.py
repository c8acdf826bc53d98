"""One event through the verbs: dedupe → describe → render → publish, again whenever a decision comes in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from mediaarchive import events, layout
from mediaarchive.catalog import Event
from mediaarchive.errors import MediaArchiveError, StoreError
from mediaarchive.manifest.model import Photo, Tombstone, Video
from mediaarchive.model import Asset, Problem
from mediaarchive.pipeline.deciding import withdrawing
from mediaarchive.pipeline.deciding.dockets import Docket, docket_of
from mediaarchive.pipeline.deciding.ruling import listed_in, ruling
from mediaarchive.pipeline.inbox.report import EventResult, Failure
from mediaarchive.pipeline.inbox.verdicts import by_content, gifts, kept_away
from mediaarchive.pipeline.keeping import restoring
from mediaarchive.pipeline.making import rendering
from mediaarchive.pipeline.making.describing import beside, describe
from mediaarchive.pipeline.making.giving import from_copies
from mediaarchive.pipeline.making.grouping import group, membership_records
from mediaarchive.pipeline.making.guests import invited
from mediaarchive.pipeline.making.rows import Rows, load, with_elsewhere
from mediaarchive.pipeline.making.stacking import in_stacks
from mediaarchive.pipeline.publishing import adopting, pinning, releasing
from mediaarchive.pipeline.publishing.forwarding import forward, tidy
from mediaarchive.pipeline.publishing.listing import Cards
from mediaarchive.pipeline.publishing.publisher import Publisher, Stale
from mediaarchive.pipeline.publishing.sorting import sort_out
from mediaarchive.pipeline.shop import Shop, languages
from mediaarchive.site.pages import EventCard, card
from mediaarchive.stages.decide import Ruling, Withdrawal
from mediaarchive.stages.publish import Gone, Shown

_ROUNDS = 5
_ROLLED_BACK = Problem(
    code="rolled-back", reason="The event was rolled back to an earlier release, which doesn't have it."
)
_PROJECTED = "events/{}/ projected from"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """An event before its release: what is shown, what is held and why, what was withdrawn and on which day.

    `names`: the event's, and those it had before. `off`: items (with their aliases) that are off the page without a
    notice. `away`: the events that items were moved to. `gives`: what copies give to their items, by sha256. `stuck`: items
    that are published already, and that this machine could not bring up to date this time.
    """

    rows: Rows
    names: tuple[str, ...]
    assets: tuple[Asset, ...]
    shown: tuple[Shown, ...]
    gone: tuple[Gone, ...]
    withdrawals: Mapping[str, Withdrawal]
    held: Mapping[str, Problem]
    off: Mapping[str, tuple[str, ...]]
    away: Mapping[str, str]
    gives: Mapping[str, tuple[str, ...]]
    retired: Withdrawal | None = None
    stuck: tuple[tuple[str, Problem], ...] = ()


def process(shop: Shop, event: Event, cards: Cards) -> EventResult:
    """Bring one event up to date in every store. A store that fails doesn't hold back the others."""
    before = dict(shop.jobs)
    failures: dict[str, Failure] = {}
    moved = False
    publishers = [Publisher(shop, store, event.slug) for store in shop.stores]
    try:
        rows = load(shop, event)
        publishers = [publisher for publisher in publishers if _looked(publisher, rows, failures)]
        usable = [publisher.store for publisher in publishers]
        restoring.recall(shop, usable, event)
    except MediaArchiveError as error:
        return _left(shop, event, error)
    for rounds in range(_ROUNDS):
        heard = len(shop.catalog.decisions())
        gathered = gather(shop, rows)
        present = releasing.edition(shop, gathered.rows, gathered.shown, gathered.gone, gathered.retired)
        try:
            edition = present if gathered.retired else pinning.pinned(shop, gathered.names, present, _absent(gathered))
        except StoreError as error:
            return _left(shop, event, error)
        if not edition.items and not _was_published(shop, event.slug):
            break
        if not gathered.shown and any(problem.code == "adopted" for problem in gathered.held.values()):
            break  # it stays as its last owner published it, rather than show nothing
        if gathered.stuck:  # what is published stays as it is, rather than lose an item for a full disk
            item, problem = gathered.stuck[0]
            text = f"{event.slug} stays as it is: {item} could not be brought up to date. {problem.reason}"
            failures["*"] = Failure(store="*", event=event.slug, error=StoreError(text, hint="run again"))
            break
        covers = {entry.stack[0] for entry in gathered.shown if entry.stack}
        shop.catalog.append(membership_records(shop, _to_mint(gathered), covers))
        cards.known[event.slug] = card(edition.manifest)
        current = partial(_silence, shop, heard)
        if rounds:  # another process may have written what is recorded here as ours, or the other way round
            withdrawing.distrust(shop, usable, [entry.item for entry in gathered.gone])
        try:
            moved |= _publish(shop, publishers, edition, gathered.names, cards, failures, current)
            # A store whose pointer didn't move still names those pictures: there, what it names must not go.
            moving = [store for store in usable if store.name not in failures]
            withdrawing.scrub_all(shop, moving, gathered.names, _dockets(gathered, present), failures)
            withdrawing.hide_all(shop, moving, gathered.names, gathered.off, failures)
        except Stale:
            continue
        if _silence(shop, heard):
            break
    else:
        failures["*"] = Failure(store="*", event=event.slug, error=Stale("decisions keep coming in; run again"))
    withdrawn = kept_away(gathered.rows, gathered.assets, gathered.withdrawals, ruling(shop))
    shop.catalog.phrase([*gathered.held.values(), *withdrawn.values()])
    published = {entry.asset.id: entry.asset.id for entry in gathered.shown if entry.asset.id in edition.items}
    held = {**gathered.held, **{item: _ROLLED_BACK for item in present.shown if item not in edition.items}}
    contents = by_content(gathered.rows, gathered.assets, published, held, withdrawn, gathered.away, gathered.gives)
    shop.catalog.phrase(gifts(contents, gathered.gives))
    return EventResult(
        slug=event.slug,
        manifest=shop.stores[0].url(f"events/{event.slug}/manifest.json") if event.slug in cards.known else None,
        counts=edition.manifest.counts.model_dump(),
        jobs={name: count - before[name] for name, count in shop.jobs.items()},
        contents=contents,
        missing_alt=sum(_lacks_alt(item) for item in edition.manifest.items),
        changed=moved,
        failures=tuple(failures.values()),
    )


def _left(shop: Shop, event: Event, error: MediaArchiveError) -> EventResult:
    """An event that stays as it is, since too little is known of it to publish it."""
    failure = Failure(store="*", event=event.slug, error=error)
    manifest = shop.stores[0].url(layout.pointer_key(event.slug))
    return EventResult(slug=event.slug, manifest=manifest, counts={}, jobs={}, contents={}, failures=(failure,))


def _silence(shop: Shop, heard: int) -> bool:
    """Whether no decision has come in since `heard` of them were known."""
    shop.catalog.catch_up()
    return len(shop.catalog.decisions()) == heard


def _looked(publisher: Publisher, rows: Rows, failures: dict[str, Failure]) -> bool:
    """Whether a store may be published into, after comparing it with what was recorded of it."""
    catalog, name = publisher.shop.catalog, publisher.store.name
    assets = [catalog.asset(item) for item in set(catalog.items_of(rows.originals).values())]
    try:
        publisher.look({item for asset in assets if asset for item in (asset.id, *asset.aliases)})
    except MediaArchiveError as error:
        failures[name] = Failure(store=name, event=publisher.event, error=error)
        return False
    return True


def gather(shop: Shop, rows: Rows) -> Gathered:
    """Group, describe and render an event's items: all that its release follows from."""
    holds, langs = ruling(shop), languages(rows.facts, shop.settings)
    assets = group(shop, rows)
    rows = with_elsewhere(shop, rows, assets)
    around = beside(rows)
    described = {asset.id: describe(asset, rows, langs, around) for asset in assets}
    rows, visiting = invited(shop, rows, holds, langs)
    described |= {asset.id: found for asset, found in visiting}
    assets = tuple(sorted((*assets, *(asset for asset, _ in visiting)), key=lambda asset: asset.id))
    sorted_ = sort_out(shop, rows, assets, holds)
    wishes = [rendering.wish(shop, rows, asset, described[asset.id]) for asset in sorted_.shown]
    restoring.take_up(shop, rows, wishes)
    outcomes = rendering.carry_out(shop, rows.event.slug, rendering.plan(shop, rows, wishes))
    held = dict(sorted_.held)
    standing = shop.catalog.items_of(asset.master for asset in assets)
    shown, stuck = [], []
    for entry in wishes:
        result = rendering.result(entry, outcomes)
        if result.problem:
            held[entry.asset.id] = result.problem
            if result.passing and entry.asset.master in standing:
                stuck.append((entry.asset.id, result.problem))
        else:
            shown.append(releasing.shown(entry.asset, rows, described[entry.asset.id], result))
    shown = in_stacks(shop, shown)
    gone = [releasing.gone(asset, withdrawal, described[asset.id]) for asset, withdrawal in sorted_.gone]
    gone += adopting.inherited(shop, rows.event.slug, [asset.id for asset in assets])
    if adopting.recognise(shop, rows.event.slug, shown):
        return gather(shop, rows)  # items have older names now
    waiting = adopting.doubtful(shop, rows.event.slug, shown, holds)
    shown, held = [entry for entry in shown if entry.asset.id not in waiting], held | waiting
    return Gathered(
        rows=rows,
        names=(rows.event.slug, *holds.former.get(rows.event.slug, ())),
        assets=assets,
        shown=tuple(shown),
        gone=tuple(gone),
        withdrawals={asset.id: withdrawal for asset, withdrawal in sorted_.gone},
        held=held,
        off=_off(shop, holds, assets, held),
        away=sorted_.away,
        gives={
            sha256: kinds
            for entry in shown
            for sha256, kinds in from_copies(entry.asset, rows, around, described[entry.asset.id]).items()
        },
        retired=holds.retired.get(rows.event.slug),
        stuck=tuple(stuck),
    )


def _off(shop: Shop, holds: Ruling, assets: Sequence[Asset], held: Mapping[str, Problem]) -> dict[str, tuple[str, ...]]:
    """Items that were public, and that no event may show now: nothing of them stays reachable."""
    codes = {"hidden", "embargo", "consent-asked"}
    wanted = [a for a in assets if a.id in held and held[a.id].code in codes and shop.catalog.asset(a.id)]
    places = listed_in(shop, holds, [asset.id for asset in wanted])
    return {
        asset.id: asset.aliases
        for asset in wanted
        if held[asset.id].code != "embargo" or holds.embargo(asset) or len(places.get(asset.id, ())) < 2
    }


def _absent(gathered: Gathered) -> frozenset[str]:
    """Items that a decision or a date keeps off this event's page, whatever an earlier release showed."""
    held = {item for item, problem in gathered.held.items() if problem.code in {"hidden", "embargo", "consent-asked"}}
    return frozenset(held | gathered.off.keys() | gathered.away.keys())


def _dockets(gathered: Gathered, edition: releasing.Edition) -> list[tuple[Tombstone, Docket]]:
    """Where each withdrawal is written down: a person's in a docket of its own, those of a day together."""
    slug, found = gathered.rows.event.slug, []
    for item, withdrawal in gathered.withdrawals.items():
        stone = edition.items[item]
        assert isinstance(stone, Tombstone)
        alone = withdrawal.decided and withdrawal is not gathered.retired
        case = "" if alone else f"{slug}-{withdrawal.day}"
        found.append((stone, docket_of(stone, (slug,), withdrawal, case=case)))
    return found


def _to_mint(gathered: Gathered) -> tuple[Asset, ...]:
    """The items whose ids and members become lasting: those that are shown, and copies that joined a withdrawn one."""
    gone = {entry.item for entry in gathered.gone}
    return (*(entry.asset for entry in gathered.shown), *(asset for asset in gathered.assets if asset.id in gone))


def _was_published(shop: Shop, slug: str) -> bool:
    return any(shop.catalog.published(store.name, slug) for store in shop.stores)


def _publish(
    shop: Shop,
    publishers: Sequence[Publisher],
    edition: releasing.Edition,
    names: Sequence[str],
    cards: Cards,
    failures: dict[str, Failure],
    current: Callable[[], bool],
) -> bool:
    """Publish an edition into every store; whether anything changed in any of them."""
    slug, changed = edition.manifest.slug, False
    listed = _cards_of(shop, edition, cards)
    source = releasing.projected_from(edition, listed, shop.address)
    shop.sink(events.StageStarted(event=slug, stage="publish", total=len(publishers)))
    made: dict[str, bytes] | None = None
    for publisher in publishers:
        store = publisher.store
        failures.pop(store.name, None)
        mark = _PROJECTED.format(slug)
        fresh = shop.catalog.stored(store.name, [mark]).get(mark) != source
        try:
            if fresh or not publisher.is_current(edition.release):
                made = made or releasing.projections(edition, listed, _pictures(shop, edition), shop.address)
            change = publisher.release(edition.release, edition.names, current, made)
            if made is not None and (fresh or change.moved):
                publisher.project(made)
                tidy(shop, store, slug, made)
            for old in names[1:]:
                forward(shop, store, old, edition)
            if fresh or change.moved:
                shop.catalog.mark_stored(store.name, {mark: source})
        except Stale:
            raise
        except MediaArchiveError as error:
            failures[store.name] = Failure(store=store.name, event=slug, error=error)
            continue
        changed |= change.moved or fresh
        shop.sink(events.Published(event=slug, store=store.name, objects=change.objects, changed=change.moved))
        shop.sink(events.WorkDone(event=slug, stage="publish", id=store.name, status="ok"))
    shop.sink(events.StageEnded(event=slug, stage="publish"))
    if not failures:
        _clear_spool(shop, edition)
    return changed


def _cards_of(shop: Shop, edition: releasing.Edition, cards: Cards) -> dict[str, list[EventCard]]:
    slugs = listed_in(shop, ruling(shop), edition.items)
    own = edition.manifest.slug
    return {
        item: [found for slug in slugs.get(item, [own]) if (found := cards.get(slug)) is not None]
        for item in edition.items
    }


def _pictures(shop: Shop, edition: releasing.Edition) -> dict[str, bytes]:
    """What stands at the stable addresses: the bytes of the published JPEG, or the notice that it was removed.

    Raises:
        Stale: some are in no store any more, though they were seen there: they are forgotten, and have to be made again.
    """
    pictures, lost = {}, []
    for key, (published, blob) in releasing.stable_sources(edition).items():
        spooled = shop.workspace.spool / blob.sha256
        if spooled.exists():
            pictures[key] = spooled.read_bytes()
            continue
        found = next((got for store in shop.stores if (got := store.get(published)) is not None), None)
        if found is None:
            lost.append(published)
        else:
            pictures[key] = found[0]
    if lost:
        for store in shop.stores:
            shop.catalog.unmark_stored(store.name, lost)
        raise Stale(f"{lost[0]} is in no store any more", hint="run again: it is made again")
    return pictures | releasing.notices(edition)


def _clear_spool(shop: Shop, edition: releasing.Edition) -> None:
    """Every store has these files now."""
    spool = shop.workspace.spool
    there = {entry.name for entry in spool.iterdir()} if spool.is_dir() else set()
    for sha256 in there.intersection(blob.sha256 for blob in edition.release.objects.values()):
        (spool / sha256).unlink(missing_ok=True)


def _lacks_alt(item: object) -> bool:
    """Whether a picture has no description in some language of its event."""
    if isinstance(item, Photo):
        return any(text.state == "placeholder" for text in item.alt.values())
    if isinstance(item, Video):
        return any(text.state == "placeholder" for text in item.poster.alt.values())
    return False
