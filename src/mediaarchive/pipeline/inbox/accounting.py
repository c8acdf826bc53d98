"""Accounting: whether all came that checksum lists name, and which names in sheets no file has. Known when all were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mediaarchive.model import Verdict
from mediaarchive.pipeline.inbox import checksums, consenting
from mediaarchive.pipeline.inbox.intake import MAYBE_UNFINISHED, Intake
from mediaarchive.pipeline.inbox.scanning import Settled


def account_lists(intake: Intake, lists: Sequence[checksums.SumList], settled: Settled) -> None:
    """Say of each list whether all that it names came; one that was kept to the letter may leave."""
    for listed in lists:
        if not intake.concerns(listed.file):
            continue
        file, look = listed.file, listed.look
        present = {other.name for other in settled.files if other.folder == file.folder}
        said = checksums.account(intake.shop, listed, present, _refused_whole(intake, listed.event))
        intake.shop.catalog.phrase([said])
        fresh = look.reason != said.reason
        intake.shop.catalog.answer(
            [intake.answer(file, Verdict.SIDECAR, said.code, said.reason, sha256=look.sha256, fresh=fresh)]
        )
        intake.shop.catalog.save_looks([replace(look, code=said.code, reason=said.reason)])
        if intake.moves and said.code == "checksums-match":
            intake.leave(file)


def match_sheets(intake: Intake, settled: Settled) -> None:
    """Say of each sheet that was read which of the names it speaks of no file has: known when all files were taken."""
    sheets = [f for f in settled.files if f.sidecar == "sheet" and intake.slugs.get(f.folder)]
    looks = intake.shop.catalog.looks() if sheets else {}
    for file in sheets:
        look, event = looks.get(file.key), intake.event(file)
        if look is None or not look.sha256 or not intake.concerns(file):
            continue
        said = consenting.nameless(intake.shop, event, file.name, look.sha256, intake.shop.catalog.arrivals(event))
        code, reason = (said.code, said.reason) if said else (None, None)
        if look.reason == reason and not said:
            continue
        intake.shop.catalog.phrase([said] if said else [])
        fresh = look.reason != reason
        intake.shop.catalog.answer(
            [intake.answer(file, Verdict.SIDECAR, code, reason, sha256=look.sha256, fresh=fresh)]
        )
        intake.shop.catalog.save_looks([replace(look, code=code, reason=reason)])


def _refused_whole(intake: Intake, event: str) -> set[str]:
    """What came whole, and was refused in this run or an earlier one."""
    answers = [(a.path, a.verdict, a.code) for a in intake.shop.catalog.answers() if a.event == event]
    told = [(path, verdict, code) for path, verdict, code, _ in intake.shop.catalog.problems(event)]
    return {p for p, verdict, code in (*told, *answers) if verdict == Verdict.REJECTED and code not in MAYBE_UNFINISHED}
