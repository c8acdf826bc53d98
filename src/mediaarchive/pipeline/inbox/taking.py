"""Taking files in: works for what has settled, durable records of what was taken, a sentence for what was not.

For each file: its original is durable → its arrival is in the journal → it leaves the inbox. A crash between any two of
these steps is repaired by the next run, which finds the file still there and the original already kept.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from mediaarchive import events
from mediaarchive.catalog import Answer, Look
from mediaarchive.media.complete import UNFINISHED
from mediaarchive.model import Original, Outcome, Problem, Status, Verdict, Work
from mediaarchive.pipeline.deciding.ruling import current_name, ruling
from mediaarchive.pipeline.inbox import checksums, consenting
from mediaarchive.pipeline.inbox.leaving import leave, note_stuck, set_aside
from mediaarchive.pipeline.inbox.scanning import LIVING, Found, Settled, slug_of, two_looks
from mediaarchive.pipeline.making.rows import reading
from mediaarchive.pipeline.shop import Shop, language
from mediaarchive.pipeline.worker import TAKE, perform
from mediaarchive.recipes import from_json, key
from mediaarchive.stages.ingest import Taking

MAYBE_UNFINISHED = UNFINISHED | {
    "truncated",
    "no-end-marker",
    "checksum-mismatch",
}  # may be an upload that is still under way
_PASSES = frozenset({"changed", "unreadable"})  # no fault of the bytes: the file waits where it is, however long
_FIRST = frozenset({"event", checksums.CHECKSUMS})
_STAYING = LIVING | {checksums.CHECKSUMS}  # a list stays until all that it names has come
_CONDITIONS = "inbox judged under"
_BATCH = 50
_SLOWEST = 4e6  # bytes per second: a film of 50 GB from a slow share gets hours, and is told from a stuck one
_LOOSE = "Put it into a folder named after its event; files directly in the inbox are not taken."
_SETTLING = "It was still changing, or is new; it is taken once it has rested."
_PARTIAL = "Its name says that it is still being uploaded."


class Taker:
    """One run's ingest. `run` answers every file of the inbox; `fresh` counts problems that were not known before."""

    def __init__(self, shop: Shop, only: str | None = None) -> None:
        self.shop = shop
        self.only = only
        self.inbox = shop.workspace.root / shop.settings.ingest.inbox
        self.moves = shop.settings.ingest.mode == "move"
        self.slugs: dict[str, str | None] = {}
        self.again = False  # whether what was refused before is looked at again
        self.refused: list[tuple[Found, Outcome]] = []
        self.stuck: Counter[str] = Counter()  # files that can't leave, by folder
        self.newly_stuck = False

    def run(self) -> None:
        """Look, wait, look again, and take what has settled."""
        ingest, catalog = self.shop.settings.ingest, self.shop.catalog
        known = catalog.looks()
        settled = two_looks(self.inbox, known, ingest.settle, self.shop.clock, self.shop.sleep)
        catalog.save_looks(settled.looks.values(), set(known) - set(settled.looks))
        self.slugs = self._open_events(settled)
        self.again = catalog.noted(_CONDITIONS) != self.shop.conditions
        decided = [self._decide(file, settled) for file in settled.files]
        catalog.answer([answer for answer in decided if isinstance(answer, Answer)])
        works = [work for work in decided if isinstance(work, Work)]
        # What says something of the event or of the other files comes first.
        self._take([work for work in works if work.context["sidecar"] in _FIRST], settled)
        lists = checksums.lists(self.shop, settled.files, self.slugs)
        sums = checksums.promised(lists, settled.files)
        others = [work for work in works if work.context["sidecar"] not in _FIRST]
        self._take([replace(w, context={**w.context, "sums": sums.get(w.id)}) for w in others], settled)
        self._refuse_all(settled)
        self._account(lists, settled)
        self._match_sheets(settled)
        folders = {
            str(file.path.parent) for file in settled.files if not self.only or self.slugs.get(file.folder) == self.only
        }
        self.stuck = +self.stuck
        self.newly_stuck = note_stuck(catalog, self.stuck, folders)
        catalog.note(_CONDITIONS, self.shop.conditions)

    def _open_events(self, settled: Settled) -> dict[str, str | None]:
        """The slug of each folder; None for one whose slug belongs to another folder."""
        slugs: dict[str, str | None] = {event.folder: event.slug for event in self.shop.catalog.events()}
        former = ruling(self.shop).former
        taken = {name: f for f, slug in slugs.items() for name in (slug, *former.get(str(slug), ()))}
        records: list[dict[str, Any]] = []
        for folder in dict.fromkeys(file.folder for file in settled.files if file.folder and not file.ignorable):
            slug = slug_of(folder)
            if folder in slugs or (self.only and slug != self.only):
                continue
            if slug in taken:
                slugs[folder] = None
                continue
            slugs[folder], taken[slug] = slug, folder
            records.append({"kind": "event", "slug": slug, "folder": folder, "at": self.shop.stamp()})
        self.shop.catalog.append(records)
        return slugs

    def _decide(self, file: Found, settled: Settled) -> Work | Answer | None:
        """The work that takes a file, or its answer; None for a file of an event that this run isn't about."""
        slug = self.slugs.get(file.folder)
        if self.only and slug != self.only:
            return None
        self.shop.sink(events.FileSeen(event=slug or "", path=file.key))
        look = settled.looks[file.key]
        if waiting := self._waiting(file, settled):
            return self._wait(file, look, *waiting)
        if file.sidecar == "sheet" and (problem := consenting.rival(file, settled.files, settled.looks)):
            return self._refuse_rival(file, look, problem)
        if look.sha256:
            if self._may_leave(file):
                self._leave(file)  # its copy is durable, but it could not be removed then
            return self._answer(file, Verdict.SIDECAR if file.sidecar else None, sha256=look.sha256, fresh=False)
        if (
            look.code
            and look.code not in MAYBE_UNFINISHED | _PASSES | {"sheet-twice"}
            and not self.again
            and not self._may_go_aside(file)
        ):
            return self._answer(file, Verdict.REJECTED, look.code, look.reason, fresh=False)
        return self._work(file)

    def _refuse_rival(self, file: Found, look: Look, problem: Problem) -> Answer:
        """Let a sheet lie beside the one that counts; it is looked at again when it is alone."""
        self.shop.catalog.phrase([problem])
        self.shop.catalog.save_looks([replace(look, code=problem.code, reason=problem.reason)])
        return self._answer(file, Verdict.REJECTED, problem.code, problem.reason, fresh=look.code != problem.code)

    def _wait(self, file: Found, look: Look, verdict: Verdict, code: str | None, reason: str | None) -> Answer:
        """Let a file or folder lie. That it can't be opened is news only once."""
        fresh = code not in _PASSES or look.code != code
        if code in _PASSES and fresh:
            self.shop.catalog.save_looks([replace(look, code=code, reason=reason)])
        return self._answer(file, verdict, code, reason, fresh=fresh)

    def _waiting(self, file: Found, settled: Settled) -> tuple[Verdict, str | None, str | None] | None:
        """Why a file is not even opened: (verdict, code, reason), or None."""
        if file.ignorable:
            return Verdict.IGNORED, None, None
        if not file.folder:
            return Verdict.WAITING, "no-event", _LOOSE
        if self.slugs.get(file.folder) is None:
            return Verdict.WAITING, "slug-collision", self._taken_name(file.folder)
        if file.stat == "unreadable":
            return Verdict.WAITING, "unreadable", "This folder can't be opened; check its permissions."
        if file.partial:
            return Verdict.WAITING, "partial-upload", _PARTIAL
        if file.key not in settled.ready:
            return Verdict.WAITING, "settling", _SETTLING
        return None

    def _taken_name(self, folder: str) -> str:
        """What to tell of a folder whose name, written as an address, another folder has."""
        slug = slug_of(folder)
        current = {event.slug: event.folder for event in self.shop.catalog.events()}
        other = current.get(current_name(self.shop, slug), slug)
        reason = (
            f'The event of the folder "{other}" has the address "{slug}" already. If this is another event, rename this folder; '
            f'if it is the same, put its files into a folder called "{other}".'
        )
        self.shop.catalog.phrase(
            [Problem(code="slug-collision", reason=reason, params={"slug": slug, "folder": other})]
        )
        return reason

    def _work(self, file: Found) -> Work:
        context = {
            "stat": file.stat,
            "archive": str(self.shop.workspace.archive),
            "sidecar": file.sidecar,
            "limits": self.shop.limits,
            "timeout": self.shop.settings.limits.seconds + _size(file) / _SLOWEST,
        }
        return Work(
            id=file.key,
            stage="take",
            sources=(str(file.path),),
            recipes=(TAKE,),
            keys=(key([file.key.encode().hex(), file.stat], TAKE),),
            context=context,
        )

    def _may_leave(self, file: Found) -> bool:
        return self.moves and file.sidecar not in _STAYING

    def _answer(
        self,
        file: Found,
        verdict: Verdict | None,
        code: str | None = None,
        reason: str | None = None,
        *,
        sha256: str | None = None,
        fresh: bool = True,
    ) -> Answer:
        event = self.slugs.get(file.folder) or ""
        name = file.name if event else file.key
        return Answer(event=event, path=name, verdict=verdict, code=code, reason=reason, sha256=sha256, fresh=fresh)

    def _take(self, works: Sequence[Work], settled: Settled) -> None:
        if not works:
            return
        sink, files = self.shop.sink, {file.key: file for file in settled.files}
        sink(events.StageStarted(event="", stage="ingest", total=len(works)))
        batch: list[tuple[Found, Outcome]] = []
        for work, outcomes in self.shop.engine.run(perform, works):
            batch.append((files[work.id], outcomes[0]))
            sink(events.WorkDone(event="", stage="ingest", id=work.id, status=outcomes[0].status))
            if len(batch) >= _BATCH:
                self._commit(batch, settled)
                batch = []
        self._commit(batch, settled)
        sink(events.StageEnded(event="", stage="ingest"))

    def _commit(self, batch: Sequence[tuple[Found, Outcome]], settled: Settled) -> None:
        """Make a batch and its answers durable, then let its files leave the inbox: what left would not be asked about again."""
        taken = [(file, from_json(Taking, o.facts)) for file, o in batch if o.status is Status.OK]
        pending = {(answer.event, answer.path) for answer in self.shop.catalog.answers()} if taken else set()
        answers = [self._taken(file, taking, pending) for file, taking in taken]
        self.shop.catalog.append(list(self._records(taken)))
        for file, taking in taken:
            self._record_facts(file, taking)
        self.shop.catalog.answer(answers)
        looks: list[Look] = []
        for file, taking in taken:
            if taking.digests:
                self.shop.catalog.save_digests(taking.sha256, taking.digests)
            if not (self._may_leave(file) and self._leave(file)):
                looks.append(replace(settled.looks[file.key], sha256=taking.sha256, code=None, reason=None))
        self.refused += [(file, outcome) for file, outcome in batch if outcome.problem]
        self.shop.catalog.save_looks(looks)

    def _refuse_all(self, settled: Settled) -> None:
        """Answer what was not taken: at the end, when it is known which language the event speaks."""
        catalog = self.shop.catalog
        spoken = {event.folder: language(event, self.shop.settings) for event in catalog.events()}
        answers, looks = [], []
        for file, outcome in self.refused:
            look, problem = settled.looks[file.key], outcome.problem
            assert problem is not None
            catalog.phrase([problem])
            answers.append(self._refuse(file, outcome, look))
            if outcome.status is not Status.RETRY:
                looks.append(replace(look, code=problem.code, reason=problem.reason))
        catalog.answer(answers)
        for (file, outcome), answer in zip(self.refused, answers, strict=True):
            if answer.verdict == Verdict.REJECTED and self.moves and file.sidecar not in LIVING and outcome.problem:
                try:
                    set_aside(file, self.inbox, outcome.problem, spoken[file.folder])
                except OSError:  # it stays, and the report says what is wrong with it all the same
                    self.stuck[str(file.path.parent)] += 1
        catalog.save_looks(looks)  # last: a refused file that a kill left in the inbox is looked at again, and moved

    def _account(self, lists: Sequence[checksums.SumList], settled: Settled) -> None:
        """Say of each list whether all that it names came; one that was kept to the letter may leave."""
        for listed in lists:
            if self.only and listed.event != self.only:
                continue
            file, look = listed.file, listed.look
            present = {other.name for other in settled.files if other.folder == file.folder}
            said = checksums.account(self.shop, listed, present, self._refused_whole(listed.event))
            self.shop.catalog.phrase([said])
            fresh = look.reason != said.reason
            self.shop.catalog.answer(
                [self._answer(file, Verdict.SIDECAR, said.code, said.reason, sha256=look.sha256, fresh=fresh)]
            )
            self.shop.catalog.save_looks([replace(look, code=said.code, reason=said.reason)])
            if self.moves and said.code == "checksums-match":
                self._leave(file)

    def _match_sheets(self, settled: Settled) -> None:
        """Say of each sheet that was read which of the names it speaks of no file has: known when all files were taken."""
        sheets = [f for f in settled.files if f.sidecar == "sheet" and self.slugs.get(f.folder)]
        looks = self.shop.catalog.looks() if sheets else {}
        for file in sheets:
            look, event = looks.get(file.key), self.slugs[file.folder] or ""
            if look is None or not look.sha256 or (self.only and event != self.only):
                continue
            said = consenting.nameless(self.shop, event, file.name, look.sha256, self.shop.catalog.arrivals(event))
            code, reason = (said.code, said.reason) if said else (None, None)
            if look.reason == reason and not said:
                continue
            self.shop.catalog.phrase([said] if said else [])
            fresh = look.reason != reason
            self.shop.catalog.answer(
                [self._answer(file, Verdict.SIDECAR, code, reason, sha256=look.sha256, fresh=fresh)]
            )
            self.shop.catalog.save_looks([replace(look, code=code, reason=reason)])

    def _taken(self, file: Found, taking: Taking, pending: set[tuple[str, str]]) -> Answer:
        if file.sidecar:
            return self._answer(file, Verdict.SIDECAR, sha256=taking.sha256)
        event = self.slugs[file.folder] or ""
        earlier = [a for a in self.shop.catalog.paths(taking.sha256) if a.event == event]
        if earlier and not any(
            (a.event, a.path) in pending or (a.path == file.name and not self.moves) for a in earlier
        ):
            day, path = earlier[0].at[:10], earlier[0].path
            reason = f"The archive has had this file since {day}, as {path}."
            self.shop.catalog.phrase([Problem(code="known", reason=reason, params={"day": day, "of": path})])
            return self._answer(file, Verdict.KNOWN, "known", reason, sha256=taking.sha256)
        return self._answer(file, None, sha256=taking.sha256)

    def _records(self, taken: Sequence[tuple[Found, Taking]]) -> Iterator[dict[str, Any]]:
        for file, taking in taken:
            event = self.slugs[file.folder]
            yield {
                "kind": "arrival",
                "event": event,
                "path": file.name,
                "sha256": taking.sha256,
                "bytes": taking.bytes,
                "mime": taking.mime,
                "media": taking.kind.value,
                "uri": taking.uri,
                "at": self.shop.stamp(),
            }
            if file.sidecar == "sheet" and taking.facts:
                said = taking.facts["signature"].get("consents", {})
                if record := consenting.changed(self.shop, event or "", file.name, said):
                    yield record
            if file.sidecar == "event" and taking.facts:
                facts = taking.facts["signature"]
                yield {
                    "kind": "snapshot",
                    "event": event,
                    "sha256": taking.sha256,
                    "facts": facts,
                    "at": self.shop.stamp(),
                }

    def _record_facts(self, file: Found, taking: Taking) -> None:
        if taking.facts is None:
            return
        original = Original(
            sha256=taking.sha256, uri=taking.uri, bytes=taking.bytes, mime=taking.mime, kind=taking.kind
        )
        recipe = reading(file.name, original)
        outcome = Outcome(
            key=key([taking.sha256], recipe),
            work_id=taking.sha256,
            recipe=recipe,
            status=Status.OK,
            facts=taking.facts,
        )
        self.shop.catalog.record([outcome], taking.sha256)
        if pixels := taking.facts["signature"].get("pixels"):
            self.shop.catalog.index_pixels({taking.sha256: pixels})

    def _refused_whole(self, event: str) -> set[str]:
        """What came whole, and was refused in this run or an earlier one."""
        answers = [(a.path, a.verdict, a.code) for a in self.shop.catalog.answers() if a.event == event]
        told = [(path, verdict, code) for path, verdict, code, _ in self.shop.catalog.problems(event)]
        return {
            p for p, verdict, code in (*told, *answers) if verdict == Verdict.REJECTED and code not in MAYBE_UNFINISHED
        }

    def _refuse(self, file: Found, outcome: Outcome, look: Look) -> Answer:
        """Wait, if it may be an upload under way or the machine is at fault; else refuse."""
        problem = outcome.problem
        assert problem is not None
        waited = self.shop.clock() - look.since >= self.shop.settings.ingest.patience
        if (
            outcome.status is Status.RETRY
            or problem.code in _PASSES
            or (problem.code in MAYBE_UNFINISHED and not waited)
        ):
            return self._answer(file, Verdict.WAITING, problem.code, problem.reason, fresh=look.code != problem.code)
        fresh = look.code != problem.code or (problem.code in MAYBE_UNFINISHED and not self._was_refused(file))
        return self._answer(file, Verdict.REJECTED, problem.code, problem.reason, fresh=fresh)

    def _was_refused(self, file: Found) -> bool:
        """Whether it was refused before: an upload that only waited until now is news."""
        told = self.shop.catalog.problems(self.slugs[file.folder] or "", (Verdict.REJECTED,))
        return any(path == file.name for path, *_ in told)

    def _may_go_aside(self, file: Found) -> bool:
        """Whether a refused file could be set aside now: it couldn't when it was refused."""
        if not self.moves or file.sidecar in LIVING:
            return False
        if os.access(file.path.parent, os.W_OK | os.X_OK):
            return True
        self.stuck[str(file.path.parent)] += 1
        return False

    def _leave(self, file: Found) -> bool:
        gone = leave(file)
        self.stuck[str(file.path.parent)] += not gone
        return gone


def _size(file: Found) -> int:
    return int(file.stat.partition(":")[0])
