"""What became of each file, in the words of the report: answers of the inbox, completed by what an event's release shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from mediaarchive.catalog import Answer, Catalog, Given
from mediaarchive.media.sniff import Sniffed, extension_lies
from mediaarchive.model import Asset, Kind, Member, Original, Problem, Verdict
from mediaarchive.pipeline.making.rows import Rows
from mediaarchive.pipeline.publishing.sorting import stays_away
from mediaarchive.stages.decide import Ruling, Withdrawal
from mediaarchive.stages.dedupe.grouping import explain

_KEPT = ("not-displayable", "It is kept in the archive; nothing of it can be shown on a page.")
_RAW = ("raw", "A camera's raw file: it is kept in the archive; send a JPEG beside it to show the picture.")


def by_content(
    rows: Rows,
    assets: tuple[Asset, ...],
    published: Mapping[str, str],
    held: Mapping[str, Problem],
    withdrawn: Mapping[str, Problem],
    away: Mapping[str, str],
    gives: Mapping[str, tuple[str, ...]],
) -> dict[str, Given]:
    """The verdict on each original of an event, by sha256.

    Args:
        rows: the event.
        assets: its items.
        published: ids of items that the release shows, each with itself.
        held: why items are not shown, by id.
        withdrawn: why originals of withdrawn items stay away, by sha256: `kept_away`.
        away: the events that items were moved to, by id.
        gives: what copies give to their items (kinds of text, `credit`), by sha256.
    """
    found: dict[str, Given] = {}
    for asset in assets:
        if asset.id in away:
            shown = Given(event=rows.event.slug, path="", verdict=Verdict.PUBLISHED, item=asset.id)
            said = moved(away[asset.id])
            say = _with(shown, Verdict.PUBLISHED, said.code, said.reason)
            found |= dict.fromkeys((m.sha256 for m in asset.members if m.sha256 in rows.originals), say)
            continue
        for member in asset.members:
            if member.sha256 in rows.originals:
                given_ = _member(rows, asset, member, published, held, withdrawn)
                found[member.sha256] = _with_gifts(given_, gives.get(member.sha256, ()))
    for sha256, original in rows.originals.items():
        if sha256 not in found and original.kind is not Kind.SIDECAR:
            found[sha256] = _no_item(rows, original)
    return found


def kept_away(
    rows: Rows, assets: tuple[Asset, ...], withdrawals: Mapping[str, Withdrawal], holds: Ruling
) -> dict[str, Problem]:
    """Why the event's originals of withdrawn items (`withdrawals`, by id) stay away, by sha256: the files and their copies."""
    paths = rows.paths()
    found = {}
    slug = rows.event.slug
    for asset in (asset for asset in assets if asset.id in withdrawals):
        withdrawal = withdrawals[asset.id]
        command: str | None = f"restore {asset.id}"
        if over := next((event for event, one in holds.retired.items() if one == withdrawal), None):
            command = f"event restore {over}"
        elif holds.is_erased(asset):
            command = None
        for member in asset.members:
            if member.sha256 in paths:
                copy = shlex.quote(f"{slug}/{paths[member.sha256][0]}") if member.relation == "copy" else None
                found[member.sha256] = stays_away(asset, withdrawal, command, copy)
    return found


def moved(event: str) -> Problem:
    """Where an item is shown that was moved to another event."""
    reason = f'It is shown in "{event}", where it was moved to.'
    return Problem(code="moved", reason=reason, params={"event": event})


def _with_gifts(given: Given, kinds: tuple[str, ...]) -> Given:
    if not kinds or given.verdict != Verdict.ALTERNATE:
        return given
    reason = f"{given.reason or ''} From it come: {', '.join(kinds)}.".strip()
    return _with(given, Verdict.ALTERNATE, given.code, reason)


def gifts(contents: Mapping[str, Given], gives: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """What the sentences on copies that give something were filled with."""
    for sha256, kinds in gives.items():
        given_ = contents.get(sha256)
        if given_ and given_.verdict == Verdict.ALTERNATE and given_.reason:
            yield Problem(code=given_.code or "copy", reason=given_.reason, params={"gives": " ".join(kinds)})


def _member(
    rows: Rows,
    asset: Asset,
    member: Member,
    published: Mapping[str, str],
    held: Mapping[str, Problem],
    withdrawn: Mapping[str, Problem],
) -> Given:
    say = Given(event=rows.event.slug, path="", verdict=Verdict.PUBLISHED, item=asset.id)
    if member.sha256 in withdrawn:
        return _with(say, Verdict.WITHDRAWN, withdrawn[member.sha256].code, withdrawn[member.sha256].reason)
    if asset.id in held:
        return _with(say, Verdict.HELD, held[asset.id].code, held[asset.id].reason)
    if asset.id in published and member.sha256 != asset.master:
        facts, master = rows.about(member.sha256), rows.about(asset.master)
        reason = explain(member, master, facts) if facts and master else None
        return _with(say, Verdict.ALTERNATE, member.relation, reason)
    return say


def _no_item(rows: Rows, original: Original) -> Given:
    verdict, (code, reason) = Verdict.KEPT, _KEPT
    if problem := rows.silent.get(original.sha256):
        verdict, code, reason = Verdict.REJECTED, problem.code, problem.reason
    elif original.mime.startswith("image/"):
        code, reason = _RAW
    return Given(event=rows.event.slug, path="", verdict=verdict, code=code, reason=reason)


def _with(given: Given, verdict: Verdict, code: str | None, reason: str | None) -> Given:
    return Given(event=given.event, path=given.path, verdict=verdict, code=code, reason=reason, item=given.item)


def _misnamed(catalog: Catalog, answer: Answer) -> Problem | None:
    """A word on a file whose name says another format than its content; it is taken for what it is."""
    original = catalog.original(answer.sha256 or "")
    if original is None:
        return None
    found = Sniffed(kind=original.kind, mime=original.mime, ext=original.uri.rpartition(".")[2])
    if not extension_lies(answer.path, found):
        return None
    reason = f"Its name says otherwise, but it is {original.mime}."
    return Problem(code="misnamed", reason=reason, params={"mime": original.mime})


def _namesake(
    catalog: Catalog, answer: Answer, item: str | None, contents: Mapping[tuple[str, str], Given]
) -> Problem | None:
    """A word on a file that came under the name of another one, which is still shown: cameras count anew, but people replace."""
    for sha256 in reversed(catalog.find_path(answer.event, answer.path)):
        other = contents.get((answer.event, sha256))
        if sha256 == answer.sha256 or other is None or other.verdict != Verdict.PUBLISHED or other.item in {None, item}:
            continue
        day = next(arrival.at[:10] for arrival in catalog.paths(sha256) if arrival.path == answer.path)
        command = f"mediaarchive hide {other.item}"
        reason = f"Another file of this name came in on {day}, and stays published. If this one replaces it: {command}."
        return Problem(code="namesake", reason=reason, params={"day": day, "command": command})
    return None


def given(catalog: Catalog, answers: list[Answer], contents: Mapping[tuple[str, str], Given]) -> Iterator[Given]:
    """Every answer as the report gives it.

    Of several files with the same bytes the first (by path) is the photograph, the others are its copies.

    Args:
        catalog: asked for the items of files that came in before.
        answers: what the inbox's files were answered, by event and path.
        contents: `by_content` of every event that was looked at, by (event, sha256).
    """
    first: dict[tuple[str, str], str] = {}
    for answer in answers:
        dropped = contents.get((answer.event, answer.sha256 or ""))
        again = dropped if answer.verdict == Verdict.KNOWN else None
        if answer.verdict is not None and not (again and again.code in {"withdrawn", "looks-withdrawn"}):
            item = next(iter(catalog.items_of([answer.sha256]).values()), None) if answer.sha256 else None
            yield Given(
                event=answer.event,
                path=answer.path,
                verdict=answer.verdict,
                code=answer.code,
                reason=answer.reason,
                item=item if answer.verdict == Verdict.KNOWN else None,
                fresh=answer.fresh,
            )
            continue
        assert answer.sha256 is not None
        where = (answer.event, answer.sha256)
        said = contents.get(where) or Given(
            event=answer.event,
            path="",
            verdict=Verdict.HELD,
            code="not-done",
            reason="The run ended before its turn came.",
        )
        verdict, code, reason = said.verdict, said.code, said.reason
        if where in first and verdict == Verdict.PUBLISHED:
            verdict, code, reason = Verdict.ALTERNATE, "exact", f"The same file as {first[where]}."
        first.setdefault(where, answer.path)
        if verdict == Verdict.PUBLISHED and reason is None:
            name = _misnamed(catalog, answer) or _namesake(catalog, answer, said.item, contents)
            if name:
                catalog.phrase([name])
                code, reason = name.code, name.reason
        yield Given(
            event=answer.event,
            path=answer.path,
            verdict=verdict,
            code=code,
            reason=reason,
            item=said.item,
            fresh=answer.fresh,
        )
