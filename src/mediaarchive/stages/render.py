"""Render: every missing rendition of one asset in one go. Runs in a worker; the recipes decide what is made.

A photograph's recipes are `still`, one for each format and size, `card` and `download`. A film's are `film` (all its short
sides: one ffmpeg run decodes once for all) and `poster`, one for each format and size. A document's are `document` (the file
as it came) and `cover`, one for each format and size. A sidecar of captions has the recipe `captions`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaarchive.config.settings import Settings
from mediaarchive.media.raw import displayable
from mediaarchive.model import Blob, Facts, Kind, Outcome, Problem, Recipe, Status, Work
from mediaarchive.ports import FilmRenderer, StillRenderer
from mediaarchive.recipes import from_json

if TYPE_CHECKING:
    from PIL import Image

STILL_VERSION = 3
POSTER_VERSION = 3
FILM_VERSION = 1
COVER_VERSION = 3
CARD_VERSION = 2
DOWNLOAD_VERSION = 1
_CENTRE = (0.5, 0.5)
DOCUMENT = Recipe(stage="document", version=1)
CAPTIONS = Recipe(stage="captions", version=1)


def wished(
    facts: Facts,
    settings: Settings,
    focus: tuple[float, float] | None = None,
    said: Mapping[str, Any] | None = None,
) -> tuple[Recipe, ...]:
    """The recipes that an original of these facts wants, in a fixed order.

    `focus`: by a person's word. `said`: what a file for download carries; see `media.metadata.writing`.
    """
    from mediaarchive.renderers.card import card_params  # noqa: PLC0415 - keeps `import` cheap
    from mediaarchive.renderers.film import film_params  # noqa: PLC0415 - keeps `import` cheap
    from mediaarchive.renderers.still import LADDER, download_params, still_params  # noqa: PLC0415 - keeps `import` cheap

    stills = still_params(settings.rendition, facts.width, facts.height)
    if facts.kind is Kind.PHOTO:
        found = [Recipe(stage="still", version=STILL_VERSION, params=params) for params in stills]
        at = focus or facts.focus or _CENTRE
        size, quality = (facts.width, facts.height), settings.card.quality
        card = card_params(*size, quality, at, LADDER) if settings.card.make else None
        if card:
            found.append(Recipe(stage="card", version=CARD_VERSION, params=card))
        if settings.download.make:
            taken = download_params(*size, settings.download.quality, said or {})
            found.append(Recipe(stage="download", version=DOWNLOAD_VERSION, params=taken))
        return tuple(found)
    if facts.kind is Kind.VIDEO:
        whole = Recipe(stage="film", version=FILM_VERSION, params=film_params(settings.film, facts.width, facts.height))
        return (whole, *(Recipe(stage="poster", version=POSTER_VERSION, params=params) for params in stills))
    if facts.kind is Kind.DOCUMENT:
        return (DOCUMENT, *(Recipe(stage="cover", version=COVER_VERSION, params=params) for params in stills))
    return ()


_STAGES = ("still", "card", "download", "poster", "film", "document", "cover")


def render(work: Work, stills: StillRenderer, films: FilmRenderer) -> Iterator[Outcome]:
    """Carry out a work: one outcome for each of its recipes.

    `work.context` holds `spool` (a folder), `facts` (of the source) and `limits`; see `config.settings.Limits`.

    Raises:
        BadInput: the source can't be decoded; every recipe of the work has failed then.
    """
    source, spool = Path(work.sources[0]), Path(work.context["spool"])
    tasks = list(zip(work.keys, work.recipes, strict=True))
    by_stage = {stage: [task for task in tasks if task[1].stage == stage] for stage in _STAGES}
    if batch := by_stage["still"] + by_stage["card"] + by_stage["download"]:
        with displayable(source) as (picture, _):
            blobs = stills.render(picture, [recipe.params for _, recipe in batch], spool)
        yield from _outcomes(work, batch, blobs)
    if batch := by_stage["document"]:
        yield from _outcomes(work, batch, [_as_it_came(source, spool)] * len(batch))
    if batch := by_stage["cover"]:
        yield from _cover(work, batch, stills)
    facts = from_json(Facts, work.context["facts"]) if by_stage["poster"] or by_stage["film"] else None
    limits = work.context["limits"]
    if facts and (batch := by_stage["poster"]):
        yield from _poster(work, batch, facts, stills, films)
    for key, recipe in by_stage["film"] if facts else ():
        assert facts is not None
        blobs = films.render(
            source, recipe.params, facts, spool, timeout=limits["film_seconds"], memory=limits["memory"] << 20
        )
        yield Outcome(key=key, work_id=work.id, recipe=recipe, status=Status.OK, blobs=blobs)


def _as_it_came(source: Path, spool: Path) -> Blob:
    """A document for download: its very bytes, in the spool."""
    with source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    temporary = spool / f".{os.getpid()}-{sha256}"
    shutil.copyfile(source, temporary)
    temporary.replace(spool / sha256)
    return Blob(role="document", ext="pdf", sha256=sha256, bytes=source.stat().st_size)


def _cover(work: Work, batch: Sequence[tuple[str, Recipe]], stills: StillRenderer) -> Iterator[Outcome]:
    from mediaarchive.media.pdf import cover  # noqa: PLC0415 - workers only

    image = cover(Path(work.sources[0]))
    blobs = stills.render_image(image, [recipe.params for _, recipe in batch], Path(work.context["spool"]))
    yield from _outcomes(work, batch, [_renamed(blob, f"cover-{blob.role}") for blob in blobs], _look(image))


def _look(image: Image.Image) -> dict[str, Any]:
    """The colour and the blurred likeness that stand in while a picture loads."""
    from mediaarchive.media.thumbhash import dominant_color, thumbhash  # noqa: PLC0415 - workers only

    small = image.copy()
    small.thumbnail((512, 512))
    return {"color": dominant_color(small), "thumbhash": thumbhash(small)}


def _poster(
    work: Work, batch: Sequence[tuple[str, Recipe]], facts: Facts, stills: StillRenderer, films: FilmRenderer
) -> Iterator[Outcome]:
    image = films.poster(Path(work.sources[0]), facts, timeout=work.context["limits"]["seconds"])
    blobs = stills.render_image(image, [recipe.params for _, recipe in batch], Path(work.context["spool"]))
    posters = [_renamed(blob, f"poster-{blob.role}") for blob in blobs]
    yield from _outcomes(work, batch, posters, _look(image))


def _renamed(blob: Blob, role: str) -> Blob:
    return Blob(role=role, ext=blob.ext, sha256=blob.sha256, bytes=blob.bytes, width=blob.width, height=blob.height)


def _outcomes(
    work: Work, batch: Sequence[tuple[str, Recipe]], blobs: Sequence[Blob], facts: Mapping[str, Any] | None = None
) -> Iterator[Outcome]:
    for (key, recipe), blob in zip(batch, blobs, strict=True):
        yield Outcome(key=key, work_id=work.id, recipe=recipe, status=Status.OK, blobs=(blob,), facts=facts or {})


def publish_captions(source: Path, lang: str, kind: str, spool: Path, name: str) -> Blob:
    """A sidecar of captions as WebVTT in the spool.

    Raises:
        BadInput: it is no WebVTT and no SubRip.
    """
    from mediaarchive.media.vtt import captions  # noqa: PLC0415 - workers only

    data = captions(source.read_bytes(), name)
    sha256 = hashlib.sha256(data).hexdigest()
    temporary = spool / f".{os.getpid()}-{sha256}"
    temporary.write_bytes(data)
    temporary.replace(spool / sha256)
    return Blob(role=f"{kind}.{lang.lower()}", ext="vtt", sha256=sha256, bytes=len(data))


def failed(work: Work, problem: Problem, status: Status = Status.FAILED) -> tuple[Outcome, ...]:
    """The outcomes of a work whose source is at fault: every recipe says the same."""
    return tuple(
        Outcome(key=key, work_id=work.id, recipe=recipe, status=status, problem=problem)
        for key, recipe in zip(work.keys, work.recipes, strict=True)
    )
