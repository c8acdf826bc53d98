"""Admitting: which files may come in now. Each one of the inbox is work, or has its answer without being opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mediaarchive import events
from mediaarchive.catalog import Answer, Look
from mediaarchive.model import Problem, Verdict, Work
from mediaarchive.pipeline.deciding.ruling import current_name, ruling
from mediaarchive.pipeline.inbox import consenting
from mediaarchive.pipeline.inbox.intake import MAYBE_UNFINISHED, PASSES, Intake
from mediaarchive.pipeline.inbox.scanning import Found, Settled, slug_beside, slug_of
from mediaarchive.pipeline.worker import TAKE
from mediaarchive.recipes import key
from mediaarchive.stages.source import UNREAD

_SLOWEST = 4e6  # bytes per second: a film of 50 GB from a slow share gets hours, and is told from a stuck one
_CLOSED = {
    "unreadable": "This folder can't be opened; check its permissions.",
    "read-fault": "The disk or share that this folder lies on fails; nothing of it was taken, and the next run tries again.",
}
_LOOSE = "Put it into a folder named after its event; files directly in the inbox are not taken."
_SETTLING = "It was still changing, or is new; it is taken once it has rested."
_PARTIAL = "Its name says that it is still being uploaded."


def open_events(intake: Intake, settled: Settled) -> dict[str, str | None]:
    """The slug of each folder; None for one whose slug belongs to another folder."""
    slugs: dict[str, str | None] = {event.folder: event.slug for event in intake.shop.catalog.events()}
    former = ruling(intake.shop).former
    taken = {name: f for f, slug in slugs.items() for name in (slug, *former.get(str(slug), ()))}
    records: list[dict[str, Any]] = []
    for folder in dict.fromkeys(file.folder for file in settled.files if file.folder and not file.ignorable):
        slug = slug_of(folder)
        if slug in taken:
            slug = slug_beside(folder, taken[slug]) or slug
        if folder in slugs or (intake.only and slug != intake.only):
            continue
        if slug in taken:
            slugs[folder] = None
            continue
        slugs[folder], taken[slug] = slug, folder
        records.append({"kind": "event", "slug": slug, "folder": folder, "at": intake.shop.stamp()})
    intake.shop.catalog.append(records)
    return slugs


def admit(intake: Intake, file: Found, settled: Settled, *, again: bool) -> Work | Answer | None:
    """The work that takes a file, or its answer; None for a file of an event that this run isn't about.

    `again`: whether what was refused before is looked at again.
    """
    if not intake.concerns(file):
        return None
    intake.shop.sink(events.FileSeen(event=intake.event(file), path=file.key))
    look = settled.looks[file.key]
    if waiting := _waiting(intake, file, settled):
        return _wait(intake, file, look, *waiting)
    if file.sidecar == "sheet" and (problem := consenting.rival(file, settled.files, settled.looks)):
        return _refuse_rival(intake, file, look, problem)
    if look.sha256:
        if intake.may_leave(file):
            intake.leave(file)  # its copy is durable, but it could not be removed then
        return intake.answer(file, Verdict.SIDECAR if file.sidecar else None, sha256=look.sha256, fresh=False)
    if (
        look.code
        and look.code not in MAYBE_UNFINISHED | PASSES | {"sheet-twice"}
        and not again
        and not intake.may_go_aside(file)
    ):
        return intake.answer(file, Verdict.REJECTED, look.code, look.reason, fresh=False)
    return _work(intake, file)


def _refuse_rival(intake: Intake, file: Found, look: Look, problem: Problem) -> Answer:
    """Let a sheet lie beside the one that counts; it is looked at again when it is alone."""
    intake.shop.catalog.phrase([problem])
    intake.shop.catalog.save_looks([replace(look, code=problem.code, reason=problem.reason)])
    return intake.answer(file, Verdict.REJECTED, problem.code, problem.reason, fresh=look.code != problem.code)


def _wait(intake: Intake, file: Found, look: Look, verdict: Verdict, code: str | None, reason: str | None) -> Answer:
    """Let a file or folder lie. That it can't be opened is news only once."""
    fresh = code not in PASSES or look.code != code
    if code in PASSES and fresh:
        intake.shop.catalog.save_looks([replace(look, code=code, reason=reason)])
    return intake.answer(file, verdict, code, reason, fresh=fresh)


def _waiting(intake: Intake, file: Found, settled: Settled) -> tuple[Verdict, str | None, str | None] | None:
    """Why a file is not even opened: (verdict, code, reason), or None."""
    if file.ignorable:
        return Verdict.IGNORED, None, None
    if not file.folder:
        return Verdict.WAITING, "no-event", _LOOSE
    if intake.slugs.get(file.folder) is None:
        return Verdict.WAITING, "slug-collision", _taken_name(intake, file.folder)
    if file.stat in UNREAD:
        return Verdict.WAITING, file.stat, _CLOSED[file.stat]
    if file.partial:
        return Verdict.WAITING, "partial-upload", _PARTIAL
    if file.key not in settled.ready:
        return Verdict.WAITING, "settling", _SETTLING
    return None


def _taken_name(intake: Intake, folder: str) -> str:
    """What to tell of a folder whose name, written as an address, another folder has."""
    slug = slug_of(folder)
    current = {event.slug: event.folder for event in intake.shop.catalog.events()}
    other = current.get(current_name(intake.shop, slug), slug)
    reason = (
        f'The event of the folder "{other}" has the address "{slug}" already. If this is another event, rename this folder; '
        f'if it is the same, put its files into a folder called "{other}".'
    )
    intake.shop.catalog.phrase([Problem(code="slug-collision", reason=reason, params={"slug": slug, "folder": other})])
    return reason


def _work(intake: Intake, file: Found) -> Work:
    context = {
        "stat": file.stat,
        "archive": str(intake.shop.workspace.archive),
        "sidecar": file.sidecar,
        "limits": intake.shop.limits,
        "timeout": intake.shop.settings.limits.seconds + _size(file) / _SLOWEST,
    }
    return Work(
        id=file.key,
        stage="take",
        sources=(str(file.path),),
        recipes=(TAKE,),
        keys=(key([file.key.encode().hex(), file.stat], TAKE),),
        context=context,
    )


def _size(file: Found) -> int:
    return int(file.stat.partition(":")[0])
