"""`mediaarchive texts`: how many pictures are described, how well; what machines draft, and the sheet in which people decide."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.errors import EXIT_DONE, EXIT_PROBLEMS, UsageError

if TYPE_CHECKING:
    from mediaarchive.pipeline.drafting import Drafting
    from mediaarchive.pipeline.shop import Shop


_NAMED = 20  # drafts that are not offered


@click.group()
def texts() -> None:
    """See which pictures nobody has described yet, and get a sheet to write in."""


@texts.command()
@click.argument("events", nargs=-1, metavar="[EVENT]…")
@workspace_option
@json_option
def status(*, events: tuple[str, ...], workspace: Path, as_json: bool) -> None:
    """Count, by event and language, the pictures that have an alternative text.

    \b
    Example:
      mediaarchive texts status
    """
    from mediaarchive.pipeline.answering.gaps import coverage  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        found = [coverage(shop, slug) for slug in events or _published(shop)]
    if as_json:
        emit({"schema": "texts/1", "events": found})
        return
    for one in found:
        tell(f"{one['slug']}: {plural(one['pictures'], 'picture')}")
        for lang, described in one["languages"].items():
            missing, drafts = one["pictures"] - described, one["drafts"][lang]
            read = f" ({plural(drafts, 'draft')} to read)" if drafts else ""
            tell(f"  {lang}: {described} described" + (f", {missing} not yet{read}" if missing else ""))
    if any(described < one["pictures"] for one in found for described in one["languages"].values()):
        tell(
            "A sheet to write in: mediaarchive texts export EVENT FILE.csv; one by one: mediaarchive texts review EVENT"
        )


@texts.command("export")
@click.argument("event")
@click.argument("sheet", type=click.Path(path_type=Path, dir_okay=False))
@workspace_option
@click.option("--lang", "languages", multiple=True, metavar="LANG", help="Only this language; may be repeated.")
@json_option
def export_sheet(*, event: str, sheet: Path, workspace: Path, languages: tuple[str, ...], as_json: bool) -> None:
    """Write a sheet (CSV) for EVENT: all that its texts.csv says, and a row for each picture that has no alternative text yet.

    Write into the column `text`, save it as texts.csv, and put it into the event's folder in the inbox: the next run publishes
    what it says. The columns `picture` and `known` only help: where to see it, and what is said of it in other languages. Where a
    picture only decorates, change its `kind` to decorative, in one row, and leave the text empty: screen readers then pass over it.

    Where a machine drafted something (`texts draft`), it stands in the column `draft`, and counts for nothing. Where it is right,
    write ok into the column `ok`; where it is nearly right, correct it there first, or write your own words under `text`; where it
    is wrong, write no.

    \b
    Example:
      mediaarchive texts export commons-week-2025 texts.csv --lang fr --lang nl
    """
    from mediaarchive.pipeline.answering import writing  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.recording import event_named  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.deciding.sheets import save  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        made = writing.sheet(shop, event, languages)
        known = event_named(shop, event)
        standing = writing.standing_sheet(shop, known.slug)
    save(sheet, made.text)
    if as_json:
        value = {"schema": "texts-sheet/1", "event": event, "sheet": str(sheet)}
        emit(value | {"missing": made.missing, "drafts": made.drafts})
        return
    tell(f"{plural(made.missing, 'text')} to write: {sheet}. Then put it into the inbox as {known.folder}/texts.csv")
    if made.drafts:
        tell(
            f"  {plural(made.drafts, 'draft')} to read: write ok beside those that are right; without it, none counts."
        )
    if standing and standing.path.lower() != "texts.csv":
        kept = f"{known.folder}/{standing.path}"
        tell(f"  {kept} is there: save it under that name and format, or take that one away; two aren't read.")


@texts.command("draft")
@click.argument("events", nargs=-1, required=True, metavar="EVENT…")
@workspace_option
@click.option("--lang", "languages", multiple=True, metavar="LANG", help="Only this language; may be repeated.")
@click.option("--limit", type=click.IntRange(1), default=None, help="Ask about so many pictures at most.")
@click.option("--again", is_flag=True, help="Ask again where a draft was unfit, or nobody has said ok to it yet.")
@click.option("--progress/--no-progress", default=None, help="A progress bar on stderr. Default: on a terminal.")
@json_option
def draft(
    *,
    events: tuple[str, ...],
    workspace: Path,
    languages: tuple[str, ...],
    limit: int | None,
    again: bool,
    progress: bool | None,
    as_json: bool,
) -> None:
    """Have a machine draft the alternative texts that nobody has written. Nothing is published by this command.

    Who is asked stands in [texts.engine]; by default nobody is. One published picture is sent with each request, at most 1024
    pixels wide and high, with what stands beside it on its page, for all languages that it lacks. What is had is kept, so the same
    command asks only for what is still missing. A draft with an error of form, a guess, or a name that nobody gave isn't offered.

    Then read the drafts in the sheet of `texts export`, and say ok to those that are right.

    Exit status: 0 done, or the budget is used up; 3 some pictures had no answer; 4 the engine can't be used; 5 it stopped
    answering; 75 another one is at it.

    \b
    Example:
      mediaarchive texts draft commons-week-2025 --limit 5
    """
    from mediaarchive.captioners.spending import Spent  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.events import Fanout, ProgressSink  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.drafting import draft_events  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    bars = ProgressSink(force=bool(progress)) if progress is not False else None
    with open_beside(workspace) as shop:
        shop.sink = Fanout(*([bars] if bars else []))
        flagged = shop.settings.texts.drafts == "flag"
        try:
            done = draft_events(shop, events, languages=languages, limit=limit or 0, again=again)
        finally:
            if bars:
                bars.close()
    if as_json:
        stopped = done.stopped.message if done.stopped else None
        value = {"schema": "texts-draft/1", "events": [one.value() for one in done.events]}
        emit(value | {"calls": done.calls, "tokens": done.tokens, "stopped": stopped})
    else:
        _tell_drafts(done, flagged=flagged)
    if done.stopped and not isinstance(done.stopped, Spent):
        sys.exit(done.stopped.exit_status)
    sys.exit(EXIT_PROBLEMS if any(one.failed for one in done.events) else EXIT_DONE)


def _tell_drafts(done: Drafting, *, flagged: bool) -> None:
    for one in done.events:
        count = ", ".join(f"{lang} {n}" for lang, n in sorted(one.drafts.items()))
        made = f"{plural(sum(one.drafts.values()), 'draft')} for {plural(one.pictures, 'picture')}"
        tell(f"{one.slug}: {made}{f' ({count})' if count else ''}")
        for unfit in one.unfit[:_NAMED]:
            tell(f"  not offered: {unfit['path']} ({unfit['lang']}): {unfit['says']} [{unfit['rule']}]")
        if (more := len(one.unfit) - _NAMED) > 0:
            tell(f"  … and {more} more that are not offered: --json names them")
        for failed in one.failed:
            tell(f"  no answer: {failed['path']}: {failed['reason']}")
        if one.drafts:
            then = "; the next run publishes them, marked as automatic" if flagged else ""
            tell(f"  To read them: mediaarchive texts review {one.slug}, or texts export {one.slug} FILE.csv{then}")
    tell(f"{plural(done.calls, 'request')}" + (f", {done.tokens} tokens" if done.tokens else ""))
    if done.stopped:
        tell(f"mediaarchive: {done.stopped.message}", err=True)
        if done.stopped.hint:
            tell(f"  → {done.stopped.hint}", err=True)


@texts.command("review")
@click.argument("event")
@workspace_option
@click.option("--lang", "languages", multiple=True, metavar="LANG", help="Only this language; may be repeated.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Default: any free port.")
def review(*, event: str, workspace: Path, languages: tuple[str, ...], port: int) -> None:
    """Show a private page on which EVENT's pictures are described one by one, with the keyboard: its drafts, and what has none.

    Each answer goes into the event's texts.csv in the inbox at once; the next run publishes it. The page answers this machine only.
    From another one: ssh -L 8001:127.0.0.1:8001, with --port 8001.

    \b
    Example:
      mediaarchive texts review commons-week-2025 --lang fr
    """
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.reviewing import ReviewDesk  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.site.review import ReviewServer  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.site.wording import words  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        desk = ReviewDesk(shop, event, languages)
        if not len(desk):
            tell("Nothing waits for a text: every picture is described, or answered in the sheet.")
            return
        try:
            server = ReviewServer(desk, words(desk.languages[0]), port)
        except OSError as error:
            raise UsageError(f"port {port} can't be listened on: {error.strerror}", hint="choose another") from error
        with server:
            tell(f"{plural(len(desk), 'text')} to read or write, into {desk.target}:")
            tell(f"  {server.url}  (Ctrl-C ends it)")
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever()
    tell("What was answered stands in the sheet; the next run publishes it.")


@texts.command("lint")
@click.argument("events", nargs=-1, metavar="[EVENT]…")
@workspace_option
@json_option
def lint_texts(*, events: tuple[str, ...], workspace: Path, as_json: bool) -> None:
    """Say what speaks against the alternative texts: file names, placeholders, "photo of …", the wrong language, repetitions.

    Only the form can be judged here, not whether a text is true. The exit status is 3 where there are errors.

    \b
    Example:
      mediaarchive texts lint commons-week-2025
    """
    from mediaarchive.pipeline.answering.linting import remarks  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside  # noqa: PLC0415 - keeps `--help` quick

    with open_beside(workspace) as shop:
        found = {slug: remarks(shop, slug) for slug in events or _published(shop)}
    if as_json:
        emit(
            {
                "schema": "texts-lint/1",
                "events": [{"slug": s, "remarks": [asdict(r) for r in rs]} for s, rs in found.items()],
            }
        )
    else:
        for slug, those in found.items():
            for one in those:
                tell(f"{slug}/{one.path} ({one.lang}): {one.finding.level}: {one.finding.says} [{one.finding.rule}]")
                tell(f"    {one.text}")
        if not any(found.values()):
            tell("Nothing speaks against the texts.")
    sys.exit(3 if any(one.finding.level == "error" for those in found.values() for one in those) else 0)


def _published(shop: Shop) -> list[str]:
    return [one.slug for one in shop.catalog.events() if shop.catalog.published(shop.stores[0].name, one.slug)]
