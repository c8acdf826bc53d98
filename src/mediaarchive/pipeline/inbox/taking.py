"""Taking files in: works for what has settled, durable records of what was taken, a sentence for what was not.

For each file: its original is durable → its arrival is in the journal → it leaves the inbox. A crash between any two of
these steps is repaired by the next run, which finds the file still there and the original already kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from mediaarchive import events
from mediaarchive.catalog import Answer, Look
from mediaarchive.model import Kind, Original, Outcome, Problem, Status, Verdict, Work
from mediaarchive.pipeline.inbox import checksums, consenting
from mediaarchive.pipeline.inbox.accounting import account_lists, match_sheets
from mediaarchive.pipeline.inbox.admitting import admit, open_events
from mediaarchive.pipeline.inbox.intake import Intake
from mediaarchive.pipeline.inbox.leaving import note_stuck
from mediaarchive.pipeline.inbox.refusing import refuse_all
from mediaarchive.pipeline.inbox.scanning import Found, Settled, two_looks
from mediaarchive.pipeline.making.rows import reading
from mediaarchive.pipeline.shop import Shop
from mediaarchive.pipeline.worker import FEATURES, perform
from mediaarchive.recipes import from_json, key
from mediaarchive.stages.ingest import Taking

_FIRST = frozenset({"event", checksums.CHECKSUMS})
_CONDITIONS = "inbox judged under"
_BATCH = 50
_TELLING, _ASKED = 4, 16


def take_in(shop: Shop, only: str | None = None) -> Intake:
    """One run's ingest: look, wait, look again, take what has settled. Every file of the inbox is answered.

    `only`: the slug of the one event that this run is about.
    """
    intake, ingest, catalog = Intake(shop, only), shop.settings.ingest, shop.catalog
    known = catalog.looks()
    settled = two_looks(intake.inbox, known, ingest.settle, shop.clock, shop.sleep)
    catalog.save_looks(settled.looks.values(), set(known) - set(settled.looks))
    intake.slugs = open_events(intake, settled)
    again = catalog.noted(_CONDITIONS) != shop.conditions
    decided = [admit(intake, file, settled, again=again) for file in settled.files]
    catalog.answer([answer for answer in decided if isinstance(answer, Answer)])
    works = [work for work in decided if isinstance(work, Work)]
    # What says something of the event or of the other files comes first.
    refused = _take(intake, [work for work in works if work.context["sidecar"] in _FIRST], settled)
    lists = checksums.lists(shop, settled.files, intake.slugs)
    sums = checksums.promised(lists, settled.files)
    others = [work for work in works if work.context["sidecar"] not in _FIRST]
    others = [replace(work, context={**work.context, "sums": sums.get(work.id)}) for work in _telling_first(others)]
    refused += _take(intake, others, settled)
    refuse_all(intake, refused, settled)
    account_lists(intake, lists, settled)
    match_sheets(intake, settled)
    folders = {str(file.path.parent) for file in settled.files if intake.concerns(file)}
    intake.stuck = +intake.stuck
    intake.newly_stuck = note_stuck(catalog, intake.stuck, folders)
    catalog.note(_CONDITIONS, shop.conditions)
    return intake


def _take(intake: Intake, works: Sequence[Work], settled: Settled) -> list[tuple[Found, Outcome]]:
    """Take files in, batch by batch; those that can't be taken, with the reason."""
    if not works:
        return []
    sink, files = intake.shop.sink, {file.key: file for file in settled.files}
    sink(events.StageStarted(event="", stage="ingest", total=len(works)))
    refused: list[tuple[Found, Outcome]] = []
    batch: list[tuple[Found, Outcome]] = []
    detailed = {slug: _has_details(intake, slug) for slug in {intake.event(files[work.id]) for work in works}}
    given = (_with_details(intake, work, detailed[intake.event(files[work.id])]) for work in works)
    for work, outcomes in intake.shop.engine.run(perform, given):
        if outcomes[0].facts.get("details"):
            detailed[intake.event(files[work.id])] = True
        batch.append((files[work.id], outcomes[0]))
        refused += batch[-1:] if outcomes[0].problem else []
        sink(events.WorkDone(event="", stage="ingest", id=work.id, status=outcomes[0].status))
        if len(batch) >= _BATCH:
            _commit(intake, batch, settled)
            batch = []
    _commit(intake, batch, settled)
    sink(events.StageEnded(event="", stage="ingest"))
    return refused


def _telling_first(works: Sequence[Work]) -> list[Work]:
    """Each folder's smallest files before the others: a messenger's copies, which say nothing of when they were taken.

    With one of these in it, an event needs the details of all photographs, and each is opened once for all that is asked of it.
    """
    folders: dict[str, list[Work]] = defaultdict(list)
    for work in sorted(works, key=lambda work: int(work.context["stat"].partition(":")[0])):
        folders[work.id.partition("/")[0]].append(work)
    first = {work.id for smallest in folders.values() for work in smallest[:_TELLING]}
    return sorted(works, key=lambda work: work.id not in first)


def _has_details(intake: Intake, slug: str) -> bool:
    """Whether an event has needed the details of its photographs before: of all, or of several of one second."""
    originals = intake.shop.catalog.originals(slug).values()
    photographs = sorted(original.sha256 for original in originals if original.kind is Kind.PHOTO)[:_ASKED]
    return bool(intake.shop.catalog.outcomes(key([sha256], FEATURES) for sha256 in photographs))


def _with_details(intake: Intake, work: Work, needed: bool) -> Work:  # noqa: FBT001 - what is known of its event
    looked_for = intake.shop.settings.dedupe.near and find_spec("cv2") is not None
    return replace(work, context={**work.context, "details": needed if looked_for else None})


def _commit(intake: Intake, batch: Sequence[tuple[Found, Outcome]], settled: Settled) -> None:
    """Make a batch and its answers durable, then let its files leave the inbox: what left would not be asked about again."""
    taken = [(file, from_json(Taking, o.facts)) for file, o in batch if o.status is Status.OK]
    pending = {(answer.event, answer.path) for answer in intake.shop.catalog.answers()} if taken else set()
    answers = [_taken(intake, file, taking, pending) for file, taking in taken]
    intake.shop.catalog.append(list(_records(intake, taken)))
    for file, taking in taken:
        _record_facts(intake, file, taking)
    intake.shop.catalog.answer(answers)
    looks: list[Look] = []
    for file, taking in taken:
        if taking.digests:
            intake.shop.catalog.save_digests(taking.sha256, taking.digests)
        if not (intake.may_leave(file) and intake.leave(file)):
            looks.append(replace(settled.looks[file.key], sha256=taking.sha256, code=None, reason=None))
    intake.shop.catalog.save_looks(looks)


def _taken(intake: Intake, file: Found, taking: Taking, pending: set[tuple[str, str]]) -> Answer:
    if file.sidecar:
        return intake.answer(file, Verdict.SIDECAR, sha256=taking.sha256)
    event = intake.event(file)
    earlier = [a for a in intake.shop.catalog.paths(taking.sha256) if a.event == event]
    if earlier and not any((a.event, a.path) in pending or (a.path == file.name and not intake.moves) for a in earlier):
        day, path = earlier[0].at[:10], earlier[0].path
        reason = f"The archive has had this file since {day}, as {path}."
        intake.shop.catalog.phrase([Problem(code="known", reason=reason, params={"day": day, "of": path})])
        return intake.answer(file, Verdict.KNOWN, "known", reason, sha256=taking.sha256)
    return intake.answer(file, None, sha256=taking.sha256)


def _records(intake: Intake, taken: Sequence[tuple[Found, Taking]]) -> Iterator[dict[str, Any]]:
    for file, taking in taken:
        event = intake.slugs[file.folder]
        yield {
            "kind": "arrival",
            "event": event,
            "path": file.name,
            "sha256": taking.sha256,
            "bytes": taking.bytes,
            "mime": taking.mime,
            "media": taking.kind.value,
            "uri": taking.uri,
            "at": intake.shop.stamp(),
        }
        if file.sidecar == "sheet" and taking.facts:
            said = taking.facts["signature"].get("consents", {})
            if record := consenting.changed(intake.shop, event or "", file.name, said):
                yield record
        if file.sidecar == "event" and taking.facts:
            facts = taking.facts["signature"]
            yield {
                "kind": "snapshot",
                "event": event,
                "sha256": taking.sha256,
                "facts": facts,
                "at": intake.shop.stamp(),
            }


def _record_facts(intake: Intake, file: Found, taking: Taking) -> None:
    if taking.facts is None:
        return
    original = Original(sha256=taking.sha256, uri=taking.uri, bytes=taking.bytes, mime=taking.mime, kind=taking.kind)
    recipe = reading(file.name, original)
    outcome = Outcome(
        key=key([taking.sha256], recipe),
        work_id=taking.sha256,
        recipe=recipe,
        status=Status.OK,
        facts=taking.facts,
    )
    outcomes = [outcome]
    if taking.details:
        named, facts = key([taking.sha256], FEATURES), taking.details
        outcomes.append(replace(outcome, key=named, recipe=FEATURES, facts=facts))
    intake.shop.catalog.record(outcomes, taking.sha256)
    if pixels := taking.facts["signature"].get("pixels"):
        intake.shop.catalog.index_pixels({taking.sha256: pixels})
