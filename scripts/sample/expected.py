"""What the pipeline should answer about each file: read by an end-to-end test."""

from __future__ import annotations

from sample import plan, records, sidecars

Row = dict[str, object]


def expected(inbox: plan.Inbox) -> list[Row]:
    """One row for each file of the event's folder, sorted by path.

    `path`: relative to the event's folder. `outcomes`: the answers of a run's report that are right, the final one
    first. `of`: whose copy it is. `kind`: photo or video. `at`: the instant of capture (UTC). `size`: upright pixels.
    `alt`, `caption`, `title`: languages in which the item has one (`und`: the file doesn't tell). `stack`: shown together.
    """
    rows = [*map(_sidecar, sidecars.files(inbox)), _film(inbox)]
    rows += [_shot(shot, inbox) for shot in inbox.shots]
    # The same bytes twice: the second is a copy, or was known already, by the order of taking.
    rows += [
        _row(copy.name, ("alternate", "known") if copy.how == "exact" else ("alternate",), of=copy.of, how=copy.how)
        for copy in inbox.copies
    ]
    rows += [_row(trouble.name, trouble.outcomes, how=trouble.how) for trouble in inbox.troubles]
    return sorted(rows, key=lambda row: str(row["path"]))


def _row(path: str, outcomes: tuple[str, ...], **facts: object) -> Row:
    return {"path": path, "outcomes": list(outcomes), **facts}


def _sidecar(name: str) -> Row:
    return _row(name, ("sidecar",))


def _film(inbox: plan.Inbox) -> Row:
    return _row(
        plan.FILM,
        ("published",),
        kind="video",
        at=records.taken(plan.FILM_AT).isoformat(),
        size=list(inbox.film_size),
        seconds=inbox.film_seconds,
        alt=[],
        caption=_languages(plan.FILM, "caption", inbox),
        title=_languages(plan.FILM, "title", inbox),
    )


def _shot(shot: records.Shot, inbox: plan.Inbox) -> Row:
    written = [texts for texts in (shot.xmp, shot.sidecar) if texts]
    captions = {lang for texts in written for lang in texts.caption} | set(_languages(shot.name, "caption", inbox))
    if shot.iptc and not captions:
        captions = {"und"}
    share = inbox.edge / max(shot.size) if inbox.edge else 1
    return _row(
        shot.name,
        ("published",),
        kind="photo",
        at=shot.instant.isoformat(),
        size=[round(shot.size[0] * share), round(shot.size[1] * share)],
        alt=sorted({lang for texts in written for lang in texts.alt} | set(_languages(shot.name, "alt", inbox))),
        caption=sorted(captions),
        title=[],
        stack=shot.stack,
    )


def _languages(name: str, kind: str, inbox: plan.Inbox) -> list[str]:
    return sorted(lang for path, lang, row_kind, _ in inbox.sheet if path == name and row_kind == kind)
