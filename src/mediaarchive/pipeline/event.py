"""One event through the verbs: dedupe → describe → render → publish, again whenever a decision comes in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from mediaarchive import events, layout
from mediaarchive.catalog import Event
from mediaarchive.errors import EventOwned, MediaArchiveError, StoreError
from mediaarchive.manifest.model import Item, Manifest, Tombstone, alt_of, is_said
from mediaarchive.model import Asset, Problem
from mediaarchive.pipeline.deciding import departing, withdrawing
from mediaarchive.pipeline.deciding.dockets import Docket, docket_of
from mediaarchive.pipeline.deciding.ruling import listed_in, ruling
from mediaarchive.pipeline.gathering import Gathered, gather
from mediaarchive.pipeline.inbox.report import TOLD_OTHERWISE, EventResult, Failure
from mediaarchive.pipeline.inbox.verdicts import by_content, gifts, kept_away, moved
from mediaarchive.pipeline.keeping import restoring
from mediaarchive.pipeline.making.grouping import membership_records
from mediaarchive.pipeline.making.rows import Rows, load
from mediaarchive.pipeline.publishing import history, pinning, releasing
from mediaarchive.pipeline.publishing.forwarding import forward, tidy
from mediaarchive.pipeline.publishing.listing import Cards
from mediaarchive.pipeline.publishing.publisher import Content, Publisher, Stale
from mediaarchive.pipeline.publishing.sorting import gone_since
from mediaarchive.pipeline.shop import Shop
from mediaarchive.site.pages import EventCard, card

_ROUNDS = 5
_ROLLED_BACK = Problem(
    code="rolled-back", reason="The event was rolled back to an earlier release, which doesn't have it."
)
_UNPUBLISHED = Problem(
    code="not-published",
    reason="It is kept in the archive, but a store failed before it could be shown. Nothing to do: the next run goes on.",
)
_ELSEWHERE = Problem(
    code="owned-elsewhere",
    reason="Another workspace publishes its event now, so nothing of it is shown from here. `mediaarchive adopt` takes it back.",
)
_PROJECTED = "events/{}/ projected from"


def process(shop: Shop, event: Event, cards: Cards) -> EventResult:
    """Bring one event up to date in every store. A store that fails doesn't hold back the others."""
    passing = _Passing(shop, event, cards)
    try:
        rows = passing.load()
    except MediaArchiveError as error:
        return _left(shop, event, error)
    for number in range(_ROUNDS):
        heard = len(shop.catalog.decisions())
        try:
            state = passing.wanted(rows)
        except StoreError as error:
            return _left(shop, event, error)
        passing.quarantine(state.gathered)
        if not passing.publishable(state) or passing.publish(state, heard, again=number > 0):
            break
    else:
        passing.fail("*", Stale("decisions keep coming in; run again"))
    return passing.result(state)


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    """What an event should be: `present` by its items as they are, `edition` that or, rolled back, an earlier release."""

    gathered: Gathered
    present: releasing.Edition
    edition: releasing.Edition


class _Passing:
    """One event on its way through the verbs."""

    def __init__(self, shop: Shop, event: Event, cards: Cards) -> None:
        self.shop, self.event, self.cards = shop, event, cards
        self.failures: dict[str, Failure] = {}
        self.moved = False
        self._jobs = dict(shop.jobs)
        self._publishers = [Publisher(shop, store, event.slug) for store in shop.stores]

    def fail(self, store: str, error: MediaArchiveError) -> None:
        """Note what went wrong in a store (`*`: in none of them more than in others)."""
        self.failures[store] = Failure(store=store, event=self.event.slug, error=error)

    def load(self) -> Rows:
        """Read the event, compare the stores with what is recorded of them, and take back what is there already."""
        rows = load(self.shop, self.event)
        self._publishers = [one for one in self._publishers if _looked(one, rows, self.failures)]
        restoring.recall(self.shop, [one.store for one in self._publishers], self.event)
        return rows

    def wanted(self, rows: Rows) -> _State:
        """What follows from the decisions that are known now."""
        shop, found = self.shop, gather(self.shop, rows)
        present = releasing.edition(shop, found.rows, found.shown, found.gone, found.retired)
        edition = present if found.retired else pinning.pinned(shop, found.names, present, _absent(found))
        return _State(gathered=found, present=present, edition=edition)

    def quarantine(self, gathered: Gathered) -> None:
        """Let what came in of items that were withdrawn before be theirs, so that it comes back or is erased with them.

        That needs no publication: it may be all that the event has.
        """
        assets = tuple(asset for asset in gathered.assets if asset.id in gathered.quarantined)
        self.shop.catalog.append(membership_records(self.shop, assets))

    def publishable(self, state: _State) -> bool:
        """Whether this state may take the place of what is published."""
        gathered, slug = state.gathered, self.event.slug
        if not state.edition.items and not any(self.shop.catalog.published(s.name, slug) for s in self.shop.stores):
            return False
        if not gathered.shown and any(problem.code == "adopted" for problem in gathered.held.values()):
            return False  # it stays as its last owner published it, rather than show nothing
        if gathered.stuck:  # what is published stays as it is, rather than lose an item for a full disk
            item, problem = gathered.stuck[0]
            text = f"{slug} stays as it is: {item} could not be brought up to date. {problem.reason}"
            self.fail("*", StoreError(text, hint="run again"))
            return False
        return True

    def publish(self, state: _State, heard: int, *, again: bool) -> bool:
        """Publish a state, and take away what it doesn't show; False if a decision came in since `heard` of them were known."""
        shop, gathered = self.shop, state.gathered
        stores = [publisher.store for publisher in self._publishers]
        covers = {entry.stack[0] for entry in gathered.shown if entry.stack}
        shop.catalog.append(membership_records(shop, _to_mint(gathered), covers))
        self.cards.known[self.event.slug] = card(state.edition.manifest)
        current = partial(_silence, shop, heard)
        if again:  # another process may have written what is recorded here as ours, or the other way round
            withdrawing.distrust(shop, stores, [entry.item for entry in gathered.gone])
        try:
            self.moved |= _publish(
                shop, self._publishers, state.edition, gathered.names, self.cards, self.failures, current
            )
            # A store whose pointer didn't move still names those pictures: there, what it names must not go.
            moving = [store for store in stores if store.name not in self.failures]
            dockets = _dockets(shop, gathered, state.present)
            left = departing.take_away(shop, moving, gathered.names, dockets, gathered.off, self.cards)
            self.failures |= {failure.store: failure for failure in left}
        except Stale:
            return False
        return current()

    def result(self, state: _State) -> EventResult:
        """What became of the event and of everything that came in with it."""
        shop, gathered, items, slug = self.shop, state.gathered, state.edition.items, self.event.slug
        away = {**gathered.withdrawals, **gathered.quarantined}
        withdrawn = kept_away(gathered.rows, gathered.assets, away, ruling(shop))
        arrived = self._arrived(state)
        elsewhere = not self._publishers and all(isinstance(one.error, EventOwned) for one in self.failures.values())
        standing = None if arrived or elsewhere else _standing(shop, slug)
        manifest = state.edition.manifest if arrived else standing
        public = set(items) if arrived else {item.id for item in manifest.items} if manifest else set()
        wanted = {entry.asset.id for entry in gathered.shown if entry.asset.id in items}
        held = {**gathered.held, **{item: _ROLLED_BACK for item in state.present.shown if item not in items}}
        held |= dict.fromkeys(wanted - public, _ELSEWHERE if elsewhere else _UNPUBLISHED)
        shop.catalog.phrase([*held.values(), *withdrawn.values(), *map(moved, set(gathered.away.values()))])
        published = {item: item for item in wanted & public}
        contents = by_content(gathered.rows, gathered.assets, published, held, withdrawn, gathered.away, gathered.gives)
        shop.catalog.phrase(gifts(contents, gathered.gives))
        since = {sha256: gone_since(problem) for sha256, problem in withdrawn.items()}
        shop.catalog.phrase(since.values())
        if shop.catalog.correct(slug, contents, since):
            shop.catalog.note(TOLD_OTHERWISE.format(slug), "1")
        return EventResult(
            slug=slug,
            manifest=None if elsewhere else _address(shop, slug),
            counts=manifest.counts.model_dump() if manifest else {},
            jobs={name: count - self._jobs[name] for name, count in shop.jobs.items()},
            contents=contents,
            missing_alt=sum(_lacks_alt(item) for item in manifest.items) if manifest else 0,
            changed=self.moved,
            failures=tuple(self.failures.values()),
        )

    def _arrived(self, state: _State) -> bool:
        """Whether some store shows the event as it should be, or there is nothing to show."""
        if not state.edition.items:
            return True
        return "*" not in self.failures and any(one.store.name not in self.failures for one in self._publishers)


def _standing(shop: Shop, slug: str) -> Manifest | None:
    """What visitors see of an event that could not be brought up to date, as far as this can be told."""
    try:
        return history.standing(shop, slug)
    except MediaArchiveError:
        return None


def _address(shop: Shop, slug: str) -> str | None:
    """Where the event's manifest is, if it was published."""
    store = shop.stores[0]
    return store.url(layout.pointer_key(slug)) if shop.catalog.published(store.name, slug) else None


def _left(shop: Shop, event: Event, error: MediaArchiveError) -> EventResult:
    """An event that stays as it is, since too little is known of it to publish it."""
    failure = Failure(store="*", event=event.slug, error=error)
    found = _standing(shop, event.slug)
    return EventResult(
        slug=event.slug,
        manifest=_address(shop, event.slug),
        counts=found.counts.model_dump() if found else {},
        jobs={},
        contents={},
        failures=(failure,),
    )


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


def _absent(gathered: Gathered) -> frozenset[str]:
    """Items that a decision or a date keeps off this event's page, whatever an earlier release showed."""
    held = {item for item, problem in gathered.held.items() if problem.code in {"hidden", "embargo", "consent-asked"}}
    return frozenset(held | gathered.off.keys() | gathered.away.keys())


def _dockets(shop: Shop, gathered: Gathered, edition: releasing.Edition) -> list[tuple[Tombstone, Docket]]:
    """Where each withdrawal is written down: a person's in a docket of its own, those of a day, or of an event, together."""
    slug, found, retired = gathered.rows.event.slug, [], [*ruling(shop).retired.values()]
    for item, withdrawal in gathered.withdrawals.items():
        stone = edition.items[item]
        assert isinstance(stone, Tombstone)
        alone = withdrawal.decided and withdrawal not in retired
        case = "" if alone else f"{slug}-{withdrawal.day}"
        found.append((stone, docket_of(stone, (slug,), withdrawal, case=case)))
    return found


def _to_mint(gathered: Gathered) -> tuple[Asset, ...]:
    """The items whose ids and members become lasting: those that are shown, and copies that joined a withdrawn one."""
    gone = {entry.item for entry in gathered.gone}
    return (*(entry.asset for entry in gathered.shown), *(asset for asset in gathered.assets if asset.id in gone))


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
    made: dict[str, Content] | None = None
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


def _pictures(shop: Shop, edition: releasing.Edition) -> dict[str, Content]:
    """What stands at the stable addresses: what the published JPEG is, or the notice that it was removed.

    Raises:
        Stale: some have to be sent and are in no store any more, though they were seen there: they are forgotten, and have to
            be made again.
    """
    pictures = releasing.stable_pictures(edition)
    there = [
        shop.catalog.stored(store.name, {key.rpartition("/")[0] + "/" for key in pictures}) for store in shop.stores
    ]
    sent = {one for key, one in pictures.items() if any(known.get(key) != one.blob.sha256 for known in there)}
    lost = [
        one.key
        for one in sorted(sent, key=lambda one: one.key)
        if not (shop.workspace.spool / one.blob.sha256).exists()
        and all(store.stat(one.key) is None for store in shop.stores)
    ]
    if lost:
        for store in shop.stores:
            shop.catalog.unmark_stored(store.name, lost)
        raise Stale(f"{lost[0]} is in no store any more", hint="run again: it is made again")
    return {**pictures, **releasing.notices(edition)}


def _clear_spool(shop: Shop, edition: releasing.Edition) -> None:
    """Every store has these files now."""
    spool = shop.workspace.spool
    there = {entry.name for entry in spool.iterdir()} if spool.is_dir() else set()
    for sha256 in there.intersection(blob.sha256 for blob in edition.release.objects.values()):
        (spool / sha256).unlink(missing_ok=True)


def _lacks_alt(item: Item) -> bool:
    """Whether a picture has no description in some language of its event."""
    return not all(is_said(text) for text in alt_of(item).values())
