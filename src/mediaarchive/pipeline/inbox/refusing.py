"""Refusing: what can't be taken is answered and set aside, or waits where it may be an upload that is still under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mediaarchive.catalog import Answer, Look
from mediaarchive.model import Outcome, Status, Verdict
from mediaarchive.pipeline.inbox.intake import MAYBE_UNFINISHED, PASSES, Intake
from mediaarchive.pipeline.inbox.leaving import set_aside
from mediaarchive.pipeline.inbox.scanning import LIVING, Found, Settled
from mediaarchive.pipeline.shop import language


def refuse_all(intake: Intake, refused: Sequence[tuple[Found, Outcome]], settled: Settled) -> None:
    """Answer what was not taken: at the end, when it is known which language the event speaks."""
    catalog = intake.shop.catalog
    spoken = {event.folder: language(event, intake.shop.settings) for event in catalog.events()}
    answers, looks = [], []
    for file, outcome in refused:
        look, problem = settled.looks[file.key], outcome.problem
        assert problem is not None
        catalog.phrase([problem])
        answers.append(_refuse(intake, file, outcome, look))
        if outcome.status is not Status.RETRY:
            looks.append(replace(look, code=problem.code, reason=problem.reason))
        else:
            intake.unfinished[problem.code, problem.reason] += 1
    catalog.answer(answers)
    for (file, outcome), answer in zip(refused, answers, strict=True):
        if answer.verdict == Verdict.REJECTED and intake.moves and file.sidecar not in LIVING and outcome.problem:
            try:
                set_aside(file, intake.inbox, outcome.problem, spoken[file.folder])
            except OSError:  # it stays, and the report says what is wrong with it all the same
                intake.stuck[str(file.path.parent)] += 1
    catalog.save_looks(looks)  # last: a refused file that a kill left in the inbox is looked at again, and moved


def _refuse(intake: Intake, file: Found, outcome: Outcome, look: Look) -> Answer:
    """Wait, if it may be an upload under way or the machine is at fault; else refuse."""
    problem = outcome.problem
    assert problem is not None
    waited = intake.shop.clock() - look.since >= intake.shop.settings.ingest.patience
    if outcome.status is Status.RETRY or problem.code in PASSES or (problem.code in MAYBE_UNFINISHED and not waited):
        return intake.answer(file, Verdict.WAITING, problem.code, problem.reason, fresh=look.code != problem.code)
    fresh = look.code != problem.code or (problem.code in MAYBE_UNFINISHED and not _was_refused(intake, file))
    return intake.answer(file, Verdict.REJECTED, problem.code, problem.reason, fresh=fresh)


def _was_refused(intake: Intake, file: Found) -> bool:
    """Whether it was refused before: an upload that only waited until now is news."""
    told = intake.shop.catalog.problems(intake.event(file), (Verdict.REJECTED,))
    return any(path == file.name for path, *_ in told)
