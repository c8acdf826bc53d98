"""Which originals are one photograph: groups and proposals, folded from proofs, capture facts and what humans decided.

A group is a star: every copy is proved against the photograph that is shown, never against another copy, so one mistake
can't chain an evening into one picture. The result is the same in whatever order the originals come, and when it is
folded again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mediaarchive.model import Decision, Facts, Kind, Member, Proposal
from mediaarchive.stages.dedupe.films import explain_film
from mediaarchive.stages.dedupe.linking import Book, Link, Tie
from mediaarchive.stages.siblings import SENTENCES

if TYPE_CHECKING:
    from mediaarchive.stages.dedupe.originals import Entry

Proofs = Mapping[tuple[str, str], Mapping[str, Any]]

_ASKED = 2  # pairs that a person is asked for at once because of one photograph: its nearest ones


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One photograph or film. `key`: the published item it is, or None; `members`: the master first.

    `aliases`: other published items that a human said are this one (the caller, who knows their ages, chooses which
    address stays). `evidence`: `{"v": 1, "master": why this one is shown}`.
    """

    key: str | None
    members: tuple[Member, ...]
    master: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """All groups, ordered by their master's sha256, and what a human should look at, ordered by left and right."""

    groups: tuple[Group, ...]
    proposals: tuple[Proposal, ...]


@dataclass(slots=True, eq=False)
class _Unit:
    """Originals that stay together whatever is proved: the same pixels, a human's word, or published as one item."""

    shas: list[str]  # best first
    keys: list[str]
    anchors: list[str] = field(default_factory=list)  # what a copy must be proved against


@dataclass(slots=True, eq=False)
class _Star:
    """A group in the making.

    `founders`: the published or best unit, and a newcomer that is better; `copies`: those proved against them.
    """

    founders: list[_Unit]
    copies: list[_Unit] = field(default_factory=list)

    def shas(self) -> list[str]:
        return [sha for unit in (*self.founders, *self.copies) for sha in unit.shas]

    def anchors(self) -> list[str]:
        return [sha for unit in self.founders for sha in unit.anchors]


def fold(
    entries: Iterable[Entry],
    proofs: Proofs,
    decisions: Sequence[Decision],
    standing: Mapping[str, str],
    withdrawn: AbstractSet[str] = frozenset(),
    shown: AbstractSet[str] = frozenset(),
    stay: AbstractSet[str] = frozenset(),
) -> Folded:
    """Group the originals of one event. Pure; independent of the order of `entries`.

    Args:
        entries: All originals; the same sha256 counts once.
        proofs: Evidence of `proof.prove` by (smaller sha256, larger sha256), for the pairs of `candidates.pairs`.
        decisions: What humans said, oldest first: `never` and `same` (of two sha256s or more) and `master` count here.
        standing: The item of every original that is published already. Published items are not merged, split or
            moved by proofs: these become proposals. New originals may join them. Only `same` merges, and `never` splits.
        withdrawn: Originals of which every look-alike must be known, however many there are.
        shown: The masters of published items. What visitors would see no difference in never takes their place by itself:
            every file would be made again for nothing.
        stay: Of an item that a human parts, those that keep its id, however good the others are: what was withdrawn under it.
    """
    book = Book.of(entries, proofs, decisions)
    units = _units(book, standing, stay)
    stars = _stars(book, units)
    founders = frozenset(unit.shas[0] for star in stars for unit in star.founders)
    groups = sorted((_group(book, star, founders, shown) for star in stars), key=lambda group: group.master)
    return Folded(groups=tuple(groups), proposals=tuple(_proposals(book, stars, withdrawn)))


def _units(book: Book, standing: Mapping[str, str], stay: AbstractSet[str]) -> list[_Unit]:
    """What stays together: published items, then what humans and equal pixels join unless a human forbids it."""
    units = [_Unit(shas=[sha], keys=[]) for sha in sorted(book.entries) if sha not in standing]
    units += _published(book, standing, stay)
    home = {sha: unit for unit in units for sha in unit.shas}
    for tie in (Tie.HUMAN, Tie.PIXELS):
        for left, right in book.tied(tie):
            one, other = home[left], home[right]
            merges_items = tie is Tie.PIXELS and one.keys and other.keys
            if one is other or merges_items or book.apart(one.shas, other.shas):
                continue
            one.shas, one.keys = book.ordered([*one.shas, *other.shas]), sorted({*one.keys, *other.keys})
            home.update(dict.fromkeys(other.shas, one))
    kept = sorted({id(unit): unit for unit in home.values()}.values(), key=lambda unit: book.rank(unit.shas[0]))
    for unit in kept:
        unit.anchors = [sha for sha in unit.shas if sha == unit.shas[0] or book.inseparable(sha, unit.shas[0])]
    return kept


def _published(book: Book, standing: Mapping[str, str], stay: AbstractSet[str]) -> Iterator[_Unit]:
    """One unit for each published item, less the members that a human has set apart from a better one, or one that stays."""
    items: dict[str, list[str]] = defaultdict(list)
    for sha in book.entries:
        if sha in standing:
            items[standing[sha]].append(sha)
    for key, shas in sorted(items.items()):
        kept: list[str] = []
        for sha in sorted(book.ordered(shas), key=lambda sha: sha not in stay):
            if book.apart([sha], kept):
                yield _Unit(shas=[sha], keys=[])
            else:
                kept.append(sha)
        yield _Unit(shas=book.ordered(kept), keys=[key])


def _stars(book: Book, units: Sequence[_Unit]) -> list[_Star]:
    """Found the groups, then give every other unit to the one it matches best; one that all refuse founds its own."""
    sky = _Sky(book)
    for unit in units:
        if unit.keys:
            sky.found(unit)
    waiting: list[_Unit] = []
    for unit in (unit for unit in units if not unit.keys):  # best first: no founder is worse than what links to it
        _, nearest = sky.best(unit)
        if nearest is None:
            sky.found(unit)
        elif all(book.rank(unit.shas[0]) < book.rank(founder.shas[0]) for founder in nearest.founders):
            sky.found(unit, nearest)
        else:
            waiting.append(unit)
    while (refused := sky.assign(waiting)) is not None:
        waiting.remove(refused)
        sky.found(refused)
    return sky.stars


class _Sky:
    """The stars so far, and which of them an anchor belongs to."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.stars: list[_Star] = []
        self.anchored: dict[str, _Star] = {}

    def found(self, unit: _Unit, star: _Star | None = None) -> None:
        """Make a unit the founder of a star of its own, or one more founder of `star`."""
        if star is None:
            star = _Star([])
            self.stars.append(star)
        star.founders.append(unit)
        self.anchored.update(dict.fromkeys(unit.anchors, star))

    def assign(self, waiting: Sequence[_Unit]) -> _Unit | None:
        """Give each unit to its best star, the surest matches first; stop at one that no star takes, and return it."""
        for star in self.stars:
            star.copies.clear()
        for unit in sorted(waiting, key=self._surest):
            _, nearest = self.best(unit)
            if nearest is None:
                return unit
            nearest.copies.append(unit)
        return None

    def best(self, unit: _Unit) -> tuple[Link | None, _Star | None]:
        """The star that a unit matches best, and by what: proved against an anchor, and kept out by no member."""
        options = [
            ((link.score[0], self.book.may_come_of(sha, other), link.score[1]), other, link)
            for sha in unit.shas
            for other, link in self.book.links.get(sha, {}).items()
            if other in self.anchored and not (self.book.better_held(sha, other) or self.book.of_either(sha, other))
        ]
        # Between equals the sha256 decides: any rule will do that is the same in every run.
        for _, other, link in sorted(options, key=lambda option: (tuple(-value for value in option[0]), option[1])):
            if not _kept_out(self.book, unit, self.anchored[other]):
                return link, self.anchored[other]
        return None, None

    def _surest(self, unit: _Unit) -> tuple[tuple[float, ...], tuple[Any, ...]]:
        link, _ = self.best(unit)
        return tuple(-value for value in link.score) if link else (), self.book.rank(unit.shas[0])


def _kept_out(book: Book, unit: _Unit, star: _Star) -> bool:
    members, anchors = star.shas(), star.anchors()
    return book.apart(unit.shas, members) or any(
        book.vetoed(sha, other)
        or book.twins(sha, other)
        or any(book.differ_beyond(sha, other, anchor) for anchor in anchors)
        for sha in unit.shas
        for other in members
    )


def _group(book: Book, star: _Star, founders: AbstractSet[str], shown: AbstractSet[str]) -> Group:
    ordered = book.ordered(star.shas())
    stays = next((sha for sha in ordered if sha in shown and book.keeps_its_place(sha, ordered[0])), ordered[0])
    shas = [stays, *(sha for sha in ordered if sha != stays)]
    keys = sorted({key for unit in star.founders for key in unit.keys})
    members = [Member(sha256=shas[0], relation="master", evidence={"v": 1})]
    members += [_member(book, sha, shas, founders) for sha in shas[1:]]
    return Group(
        key=keys[0] if keys else None,
        members=tuple(members),
        master=shas[0],
        evidence={"v": 1, "master": _why(book, ordered, stays)},
        aliases=tuple(keys[1:]),
    )


def _why(book: Book, ordered: Sequence[str], master: str) -> str:
    """Why this one is shown."""
    if master != ordered[0]:
        return "standing"
    return book.why(*ordered[:2]) if len(ordered) > 1 else "only"


def _member(book: Book, sha: str, shas: Sequence[str], founders: AbstractSet[str]) -> Member:
    """An alternate, with the evidence that ties it to the master, or to the member through which it belongs here."""
    master = shas[0]
    links = book.links.get(sha, {})
    link = links.get(master)
    evidence: dict[str, Any] = {"v": 1}
    if link is None:
        inside = [other for other in shas if other in links]
        via = max(inside, key=lambda other: (links[other].score, other), default=None)
        link = links[via] if via else None
        evidence |= {"via": via} if via else {"by": "standing"}
    if link is not None:
        evidence |= link.evidence
        rivals = [(links[other].score, other) for other in links if other in founders and other not in shas]
        if rivals:
            _, other = max(rivals)
            evidence |= {"runner_up": other, "margin": round(link.match - book.links[sha][other].match, 5)}
    return Member(sha256=sha, relation=book.relation(sha, master), evidence=evidence)


def _proposals(book: Book, stars: Sequence[_Star], withdrawn: AbstractSet[str]) -> list[Proposal]:
    """What looked close and was not joined: the closest pair of two groups that nothing keeps apart, if it is near for either.

    Of twenty slides in one room all 190 pairs look alike, and nobody reads such a list: the next ones come when a person has
    answered for these.
    """
    home = {sha: star for star in stars for sha in star.shas()}
    closest: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for (left, right), link in book.close():
        one, other = home[left], home[right]
        if one is other or _explained(book, (left, right), link, one) or _explained(book, (right, left), link, other):
            continue
        if _only_a_piece(book, left, right, other) or _only_a_piece(book, right, left, one):
            continue
        heads = sorted(book.ordered(star.shas())[0] for star in (one, other))
        if not book.apart(one.shas(), other.shas()) and not book.vetoed(heads[0], heads[1]):
            closest[heads[0], heads[1]].append((link.tie.value, link.score, left, right, link))
    best = {heads: max(pairs, key=lambda pair: pair[:4]) for heads, pairs in closest.items()}
    beside: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in best:
        for head in pair:
            beside[head].append(pair)
    near = {
        pair
        for others in beside.values()
        for pair in sorted(others, key=lambda pair: best[pair][:4], reverse=True)[:_ASKED]
    }
    return [
        Proposal(left=left, right=right, relation=link.relation, evidence=link.evidence)
        for heads, (_, _, left, right, link) in sorted(best.items(), key=lambda item: item[1][2:4])
        if heads in near or not withdrawn.isdisjoint((*heads, left, right))
    ]


def _only_a_piece(book: Book, sha: str, piece: str, star: _Star) -> bool:
    """Whether a pair says less than another one: what differs is beyond the piece that both show."""
    return any(book.differ_beyond(sha, other, piece) for other in star.shas())


def _explained(book: Book, pair: tuple[str, str], link: Link, star: _Star) -> bool:
    """Whether the first of a pair has found a better match than the second, among those it could be a copy of."""
    sha, other = pair
    if book.rank(sha) < book.rank(other):
        return False
    if link.tie is Tie.PROOF and book.better_held(sha, other):
        return True
    links = book.links.get(sha, {})
    placed = any(sha in unit.shas for unit in star.copies)
    return placed and any(links[anchor].score >= link.score for anchor in star.anchors() if anchor in links)


def explain(member: Member, master_facts: Facts, member_facts: Facts) -> str:
    """One sentence for a human: what this original is to the photograph that is shown, and how that is known."""
    if member_facts.kind is master_facts.kind is Kind.VIDEO:
        return explain_film(member, master_facts, member_facts)
    size = f"{member_facts.width}x{member_facts.height}"
    shown = f"{master_facts.width}x{master_facts.height}"
    evidence = member.evidence
    if member.relation == "master":
        return f"This is the photograph that is shown, {size}."
    if member.relation == "sibling":
        return SENTENCES.get(str(evidence.get("sibling")), "Another file of the same shot.")
    if member.relation == "pixel-identical":
        return f"The same pixels as the photograph that is shown ({shown}); only the metadata or the container differ."
    if evidence.get("by") == "human":
        return f"Same photograph as the one that is shown ({shown}), {size}: a person said so."
    if "containment" not in evidence:
        return f"Same photograph as the one that is shown ({shown}), {size}: published together before."
    copy = f"{size} {_how(member_facts, master_facts)} copy{_turned(evidence)}"
    inside, worst = 100 * evidence["containment"], evidence["worst"]
    seen = "what its screen or frame shows" if "cut" in evidence else "it"
    aligned = f"aligned, {inside:.1f} % of {seen} lies inside, worst tile {worst:.2f}"
    return f"Same photograph as the one that is shown ({shown}): {copy}; {aligned}."


def _how(member: Facts, master: Facts) -> str:
    if member.mime != master.mime:
        return member.mime.partition("/")[2].upper()
    return "re-encoded"


def _turned(evidence: Mapping[str, Any]) -> str:
    angle = round(evidence.get("angle", 0))
    parts = [f"turned by {angle} degrees"] if angle % 360 else []
    parts += ["mirrored"] if evidence.get("mirror") else []
    return f", {' and '.join(parts)}" if parts else ""
