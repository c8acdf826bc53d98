"""Decide: what humans said, folded. The last word on an item counts; a withdrawal holds until it is restored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from mediaarchive.model import Asset, Decision


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawal:
    """Since which day (ISO 8601), and why (one of the manifest's reasons).

    `decided`: when a person said so (ISO 8601 with offset), empty where a date brought it about. `until`: the day on
    which it is over by itself. `sheet`: the path of the texts.csv that says so, if one does. `since`: the journal segment with
    which it began, as long as it has lasted since.
    """

    day: str
    reason: str
    decided: str = ""
    until: str | None = None
    sheet: str = ""
    since: int = 0

    def began_before(self, number: int, day: str) -> bool:
        """Whether a file that came in with a journal segment, on a day (ISO 8601), came after it had begun: nobody was shown it."""
        return number > self.since and (bool(self.decided) or day >= self.day)


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """What a sheet says of one name: `word` (given, asked, refused, or empty), `expires` (ISO 8601, or empty).

    `day`, `at` and `number` (of the journal segment): since when it has said this. `sheet`: its path.
    """

    word: str
    expires: str
    day: str
    at: str
    sheet: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What holds now. By item id, unless said otherwise.

    `withdrawn`; `hidden`: off the page without a tombstone; `approved`: for publication (items and events); `moved`: the
    one event that lists the item; `retired`: events that are over; `former`: what an event was called before, by slug.
    `expires`: withdrawals to come; `erase`: the day on which the originals are destroyed; `erased`: the day on which they
    were. `remembered`: by sha256, what is still known of an erased original, or None. `doomed`: by sha256, the erased item that
    a person said a file is: it is destroyed, too. `restored`: day and moment.
    `consents`: by event and name, what each sheet says. Of originals, by sha256: `dated` and `embargoed`, what the dates in
    event.toml and sheets withdraw now, and hold back until which day; `asked`: whose consent isn't given yet, and the sheet
    that says so.
    """

    withdrawn: Mapping[str, Withdrawal] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    approved: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    retired: Mapping[str, Withdrawal] = field(default_factory=dict)
    former: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expires: Mapping[str, Withdrawal] = field(default_factory=dict)
    erase: Mapping[str, str] = field(default_factory=dict)
    erased: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    doomed: Mapping[str, str] = field(default_factory=dict)
    restored: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    consents: Mapping[str, Mapping[str, tuple[Consent, ...]]] = field(default_factory=dict)
    dated: Mapping[str, tuple[Withdrawal, ...]] = field(default_factory=dict)
    embargoed: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)

    def withdrawal(self, asset: Asset) -> Withdrawal | None:
        """The withdrawal of an item: under its id, an alias of it, or by what event.toml or a sheet says of its files."""
        names = _names(asset)
        if found := next((self.withdrawn[name] for name in names if name in self.withdrawn), None):
            return found
        due = [one for member in asset.members for one in self.dated.get(member.sha256, ())]
        day, at = max((self.restored[name] for name in names if name in self.restored), default=("", ""))
        due = [one for one in due if (one.decided > at if one.decided else one.day > day)]
        return min(due, key=lambda one: one.day, default=None)

    def is_hidden(self, asset: Asset) -> bool:
        """Whether an item is off the page."""
        return not self.hidden.isdisjoint(_names(asset))

    def is_approved(self, asset: Asset, event: str) -> bool:
        """Whether an item, or its whole event, may be published although the workspace holds everything."""
        return event in self.approved or self.is_chosen(asset)

    def is_chosen(self, asset: Asset) -> bool:
        """Whether a person said of this very item that it may be published."""
        return not self.approved.isdisjoint(_names(asset))

    def home(self, asset: Asset) -> str | None:
        """The one event that an item was moved to, or None."""
        return next((self.moved[name] for name in _names(asset) if name in self.moved), None)

    def embargo(self, asset: Asset) -> str | None:
        """The day before which an item may not be published, by its files' own dates."""
        return max((self.embargoed[m.sha256] for m in asset.members if m.sha256 in self.embargoed), default=None)

    def asking(self, asset: Asset) -> str | None:
        """The sheet that says of one of an item's files that consent isn't given yet."""
        return next((self.asked[member.sha256] for member in asset.members if member.sha256 in self.asked), None)

    def is_erased(self, asset: Asset) -> bool:
        """Whether an item's originals were destroyed."""
        return not self.erased.keys().isdisjoint(_names(asset))


def _names(asset: Asset) -> tuple[str, ...]:
    return (asset.id, *asset.aliases)


def rule(decisions: Iterable[Decision], today: str, zone: tzinfo = UTC) -> Ruling:
    """Fold decisions, oldest first.

    Args:
        decisions: of the whole workspace.
        today: ISO 8601, in `zone`. A withdrawal `until` a day is over on that day; what expires on a day is gone on it.
        zone: whose days count.
    """
    folded = _Folded(today=today, zone=zone)
    for decision in decisions:
        if fold := _FOLDS.get(decision.kind):
            for subject in decision.subjects:
                fold(folded, decision, subject)
    return folded.ruling()


@dataclass(kw_only=True)
class _Folded:
    """A ruling in the making."""

    today: str
    zone: tzinfo
    withdrawn: dict[str, Withdrawal] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    retired: dict[str, Withdrawal] = field(default_factory=dict)
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)
    expires: dict[str, Withdrawal] = field(default_factory=dict)
    erase: dict[str, str] = field(default_factory=dict)
    erased: dict[str, str] = field(default_factory=dict)
    remembered: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    doomed: dict[str, Decision] = field(default_factory=dict)
    restored: dict[str, tuple[str, str]] = field(default_factory=dict)
    consents: dict[str, dict[tuple[str, str], Consent]] = field(default_factory=dict)

    def day(self, decision: Decision) -> str:
        return datetime.fromisoformat(decision.at).astimezone(self.zone).date().isoformat()

    def ruling(self) -> Ruling:
        active = {name: one for name, one in self.withdrawn.items() if not one.until or self.today < one.until}
        active |= {name: one for name, one in self.expires.items() if one.day <= self.today and name not in active}
        return Ruling(
            withdrawn=active,
            hidden=frozenset(self.hidden),
            approved=frozenset(self.approved),
            moved=self.moved,
            retired=self.retired,
            former=self.former,
            expires={name: one for name, one in self.expires.items() if one.day > self.today},
            erase=self.erase,
            erased=self.erased,
            remembered=self.remembered,
            doomed={s: str(said.params["erase"]) for s, said in self.doomed.items() if s not in self.remembered},
            restored=self.restored,
            consents={event: _by_name(said) for event, said in self.consents.items()},
        )


def _takedown(folded: _Folded, decision: Decision, subject: str) -> None:
    """The newest word counts; the day stays that of the first, as long as the withdrawal lasted since."""
    day = folded.day(decision)
    earlier = folded.withdrawn.get(subject)
    lasted = earlier is not None and (not earlier.until or day < earlier.until)
    folded.withdrawn[subject] = Withdrawal(
        day=earlier.day if earlier and lasted else day,
        reason=str(decision.params.get("reason", "unspecified")),
        decided=decision.at,
        until=decision.params.get("until") or None,
        since=earlier.since if earlier and lasted else decision.number,
    )


def _restore(folded: _Folded, decision: Decision, subject: str) -> None:
    """Undo withdrawals of every kind; what was erased stays away, since there is nothing left to show."""
    day = folded.day(decision)
    if subject in folded.erased:
        return
    folded.withdrawn.pop(subject, None)
    folded.retired.pop(subject, None)
    folded.erase.pop(subject, None)
    if (coming := folded.expires.get(subject)) and coming.day <= day:
        del folded.expires[subject]
    folded.restored[subject] = day, _moment(decision)


def _expire(folded: _Folded, decision: Decision, subject: str) -> None:
    """What came in before the decision was shown, whatever the day; what comes in once it is withdrawn never was."""
    if day := decision.params.get("day"):
        reason = str(decision.params.get("reason", "rights-expired"))
        earlier = folded.expires.get(subject)
        lasted = earlier is not None and earlier.day <= folded.day(decision)
        since = earlier.since if earlier and lasted else decision.number
        folded.expires[subject] = Withdrawal(day=str(day), reason=reason, since=since)
    else:
        folded.expires.pop(subject, None)


def _consent(folded: _Folded, decision: Decision, subject: str) -> None:
    """What changed in a sheet: by name, word and day; None where it says nothing any more."""
    said, path = folded.consents.setdefault(subject, {}), str(decision.params["sheet"])
    sheet = path.rpartition(".")[0].casefold()  # one sheet, whatever its format
    for name, now in decision.params["said"].items():
        if now is None:
            said.pop((sheet, name), None)
        else:
            day, at = folded.day(decision), _moment(decision)
            said[sheet, name] = Consent(word=now[0], expires=now[1], day=day, at=at, sheet=path, number=decision.number)


def _by_name(said: Mapping[tuple[str, str], Consent]) -> dict[str, tuple[Consent, ...]]:
    found: dict[str, tuple[Consent, ...]] = {}
    for (_, name), consent in sorted(said.items(), key=lambda one: one[0]):
        found[name] = (*found.get(name, ()), consent)
    return found


def _moment(decision: Decision) -> str:
    """When, in UTC, so that moments compare as strings."""
    return datetime.fromisoformat(decision.at).astimezone(UTC).isoformat(timespec="seconds")


def _erased(folded: _Folded, decision: Decision, subject: str) -> None:
    """Destroyed, if no `restore` came in between the decision and its day; so is what came again later."""
    if folded.erase.pop(subject, None) is not None:
        folded.erased[subject] = folded.day(decision)
    if subject in folded.erased:
        folded.remembered.update(decision.params.get("originals", {}))


def _same(folded: _Folded, decision: Decision, subject: str) -> None:
    """Files of which a person said that they are an erased item, and that they be destroyed like it (`erase`: its id)."""
    if decision.params.get("erase") and subject in decision.params["files"]:
        folded.doomed[subject] = decision


def _never(folded: _Folded, decision: Decision, subject: str) -> None:
    """They are two photographs after all: what wasn't destroyed yet stays."""
    if (said := folded.doomed.get(subject)) and len({*decision.subjects} & {*said.subjects}) > 1:
        del folded.doomed[subject]


def _retire(folded: _Folded, decision: Decision, subject: str) -> None:
    reason = str(decision.params.get("reason", "unspecified"))
    folded.retired.setdefault(subject, Withdrawal(day=folded.day(decision), reason=reason, decided=decision.at))


def _rename(folded: _Folded, decision: Decision, subject: str) -> None:
    """All that was said of the event under its old name holds under the new one."""
    new = str(decision.params["slug"])
    if subject in folded.approved:
        folded.approved.add(new)
    if withdrawal := folded.retired.pop(subject, None):
        folded.retired[new] = withdrawal
    if consents := folded.consents.pop(subject, None):
        folded.consents[new] = consents
    folded.moved = {item: new if event == subject else event for item, event in folded.moved.items()}
    names = (*folded.former.pop(subject, ()), subject)
    folded.former[new] = tuple(dict.fromkeys(name for name in names if name != new))


_FOLDS: dict[str, Callable[[_Folded, Decision, str], None]] = {
    "takedown": _takedown,
    "restore": _restore,
    "hide": lambda folded, _, subject: folded.hidden.add(subject),
    "unhide": lambda folded, _, subject: folded.hidden.discard(subject),
    "approve": lambda folded, _, subject: folded.approved.add(subject),
    "move": lambda folded, decision, subject: folded.moved.update({subject: str(decision.params["event"])}),
    "expire": _expire,
    "consent": _consent,
    "erase": lambda folded, decision, subject: folded.erase.update({subject: str(decision.params["due"])}),
    "erased": _erased,
    "same": _same,
    "never": _never,
    "retire": _retire,
    "rename": _rename,
}


def with_files(
    ruling: Ruling, dated: Mapping[str, tuple[Withdrawal, ...]], embargoed: Mapping[str, str], asked: Mapping[str, str]
) -> Ruling:
    """The ruling, with what event.toml's dates and the sheets say of files (by sha256)."""
    return replace(ruling, dated=dated, embargoed=embargoed, asked=asked)
