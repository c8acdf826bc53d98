"""What a worker does with a work: pick the stage, give it its tools, and turn whatever goes wrong into values."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from mediaarchive.errors import BadInput, MediaArchiveError
from mediaarchive.model import Facts, Kind, Outcome, Problem, Recipe, Status, Work
from mediaarchive.recipes import from_json, to_json
from mediaarchive.stages.dedupe.batches import OPEN

TAKE = Recipe(stage="take", version=1)
FEATURES = Recipe(stage="features", version=1)
PROVE = Recipe(stage="prove", version=23)
FILM = Recipe(stage="film", version=1)
PROVE_FILM = Recipe(stage="prove-film", version=16)

# What nearly every run's works need: loaded once, and shared by all workers.
NEEDED = (
    "mediaarchive.cli.main",  # a worker imports the program that started it
    __name__,
    "mediaarchive.stages.ingest",
    "mediaarchive.stages.dedupe.signature",
    "mediaarchive.stages.dedupe.proof",
    "mediaarchive.stages.dedupe.voting",
    "mediaarchive.stages.render",
    "mediaarchive.renderers.still",
    "mediaarchive.renderers.film",
)

if TYPE_CHECKING:
    from PIL import Image

    from mediaarchive.stages.dedupe.features import Features

_TRANSIENT = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EROFS),
        *(errno.ESTALE, errno.ETIMEDOUT, errno.ENOENT, errno.EACCES),  # a share that went away under the worker
    }
)


def perform(work: Work) -> tuple[Outcome, ...]:
    """Carry out a work. Never raises: the file's fault is FAILED, the machine's is RETRY, and both say so in a sentence."""
    done: list[Outcome] = []
    try:
        done.extend(_STAGES[work.stage](work))
    except Exception as error:  # noqa: BLE001 - whatever a hostile file does to a decoder stays this file's problem
        return (*done, *_rest(work, done, *_fault(work, error)))
    return tuple(done)


def together(works: Sequence[Work]) -> Work:
    """One work of several, which one worker does one after the other: what the first has opened, the next needn't open.

    Each answers for itself. Where the worker is lost on the way, or all take more than twice the time that one may, the engine
    answers for all of them under this work's `id`.
    """
    if len(works) == 1:
        return works[0]
    return Work(
        id=f"{works[0].id} …",
        stage="together",
        sources=tuple({source: None for work in works for source in work.sources}),
        recipes=tuple(recipe for work in works for recipe in work.recipes),
        keys=tuple(key for work in works for key in work.keys),
        context={"works": tuple(works), "timeout": 2 * works[0].context["timeout"]},
    )


def parts_of(work: Work) -> Sequence[Work]:
    """The works that `together` made one; none, if it is one by itself."""
    parts: Sequence[Work] = work.context.get("works", ())
    return parts


def _together(work: Work) -> Iterator[Outcome]:
    for part in parts_of(work):
        yield from perform(part)


def _fault(work: Work, error: Exception) -> tuple[Status, Problem]:
    """Whose fault an error is. A program that finds no file calls it a broken one, so that is looked at first."""
    if work.stage != TAKE.stage and not all(Path(source).exists() for source in work.sources):
        return Status.RETRY, _machine("a file of the archive could not be found")
    if isinstance(error, BadInput):
        return Status.FAILED, error.problem
    if isinstance(error, MediaArchiveError):
        return Status.RETRY, Problem(code=error.code, reason=str(error))
    if isinstance(error, MemoryError):
        reason = "It needs more memory than one file may have ([limits] memory in mediaarchive.toml)."
        return Status.FAILED, Problem(code="too-much-memory", reason=reason)
    if isinstance(error, OSError) and error.errno in _TRANSIENT:
        return Status.RETRY, _machine(str(error.strerror))
    return Status.FAILED, _surprise(error)


def _machine(what: str) -> Problem:
    return Problem(code="machine", reason=f"This machine could not go on ({what}); the next run tries again.")


def _surprise(error: Exception) -> Problem:
    text = f"It could not be read, and the program did not expect this ({type(error).__name__}: {error})."[:300]
    return Problem(code="unexpected", reason=text)


def _rest(work: Work, done: list[Outcome], status: Status, problem: Problem) -> tuple[Outcome, ...]:
    answered = {outcome.key for outcome in done}
    return tuple(
        Outcome(key=key, work_id=work.id, recipe=recipe, status=status, problem=problem)
        for key, recipe in zip(work.keys, work.recipes, strict=True)
        if key not in answered
    )


def _take(work: Work) -> Iterator[Outcome]:
    from mediaarchive.stages.ingest import take  # noqa: PLC0415 - workers only

    taking = take(
        Path(work.sources[0]),
        expected=work.context["stat"],
        archive=Path(work.context["archive"]),
        sidecar=work.context["sidecar"],
        limits=work.context["limits"],
        sums=work.context.get("sums"),
        details=work.context.get("details"),
    )
    yield _ok(work, to_json(taking))


def _identify(work: Work) -> Iterator[Outcome]:
    from mediaarchive.stages.ingest import identify  # noqa: PLC0415 - workers only

    kind = Kind(work.context["kind"])
    yield _ok(work, to_json(identify(Path(work.sources[0]), work.context["mime"], kind, work.context["limits"])))


def _sidecar(work: Work) -> Iterator[Outcome]:
    from mediaarchive.stages.ingest import read_sidecar  # noqa: PLC0415 - workers only

    kind = work.recipes[0].params["kind"]
    yield _ok(work, to_json(read_sidecar(Path(work.sources[0]), kind, work.context["name"])))


def _features(work: Work) -> Iterator[Outcome]:
    from mediaarchive.media.picture import open_pixels  # noqa: PLC0415 - workers only
    from mediaarchive.media.raw import displayable  # noqa: PLC0415 - workers only
    from mediaarchive.stages.dedupe.voting import describe  # noqa: PLC0415 - workers only
    from mediaarchive.stages.ingest import ANALYSIS_EDGE  # noqa: PLC0415 - workers only

    pixels = work.context["limits"]["pixels"]
    with displayable(Path(work.sources[0])) as (picture, _):
        yield _ok(work, describe(open_pixels(picture, pixels=pixels, at_least=ANALYSIS_EDGE).image))


def _prove(work: Work) -> Iterator[Outcome]:
    from mediaarchive.media.picture import open_pixels  # noqa: PLC0415 - workers only
    from mediaarchive.media.raw import displayable  # noqa: PLC0415 - workers only
    from mediaarchive.stages.dedupe.proof import compare_closely  # noqa: PLC0415 - workers only

    pixels = work.context["limits"]["pixels"]

    def whole(source: str) -> Image.Image:
        with displayable(Path(source)) as (picture, _):
            return open_pixels(picture, pixels=pixels).image

    left, right = ((_proof_features(source, pixels), partial(whole, source)) for source in work.sources)
    yield _ok(work, compare_closely(left, right))


@lru_cache(maxsize=OPEN)
def _proof_features(source: str, pixels: int) -> Features:
    """Decoded once for the pairs of one scene, which follow each other (`batches`)."""
    from mediaarchive.media.picture import open_pixels  # noqa: PLC0415 - workers only
    from mediaarchive.media.raw import displayable  # noqa: PLC0415 - workers only
    from mediaarchive.stages.dedupe.coding import tables_of  # noqa: PLC0415 - workers only
    from mediaarchive.stages.dedupe.features import FINE, features  # noqa: PLC0415 - workers only
    from mediaarchive.stages.dedupe.palettes import palette_of  # noqa: PLC0415 - workers only

    with displayable(Path(source)) as (picture, _):
        opened = open_pixels(picture, pixels=pixels, at_least=FINE)
        return features(opened.image, (opened.width, opened.height), tables_of(picture), palette_of(picture))


def _film(work: Work) -> Iterator[Outcome]:
    from mediaarchive.stages.dedupe.films import sign_film  # noqa: PLC0415 - workers only

    facts = from_json(Facts, work.context["facts"])
    yield _ok(work, sign_film(Path(work.sources[0]), facts, work.context["timeout"]))


def _prove_film(work: Work) -> Iterator[Outcome]:
    from mediaarchive.stages.dedupe.films import prove_films  # noqa: PLC0415 - workers only

    facts = (from_json(Facts, one) for one in work.context["facts"])
    left, right = zip(map(Path, work.sources), facts, strict=True)
    yield _ok(work, prove_films(left, right, work.context["shift"], work.context["timeout"]))


def _render(work: Work) -> Iterator[Outcome]:
    from mediaarchive.renderers.film import FfmpegFilms  # noqa: PLC0415 - workers only
    from mediaarchive.renderers.guard import Guard  # noqa: PLC0415 - workers only
    from mediaarchive.renderers.still import PillowStills  # noqa: PLC0415 - workers only
    from mediaarchive.stages.render import render  # noqa: PLC0415 - workers only

    _proof_features.cache_clear()  # 60 MB that rendering has no use for
    stills = PillowStills(pixels=work.context["limits"]["pixels"], guard=Guard(**work.context["guard"]))
    yield from render(work, stills, FfmpegFilms())


def _captions(work: Work) -> Iterator[Outcome]:
    from mediaarchive.stages.render import publish_captions  # noqa: PLC0415 - workers only

    context = work.context
    source, spool = Path(work.sources[0]), Path(context["spool"])
    blob = publish_captions(source, context["lang"], context["kind"], spool, context["name"])
    yield Outcome(key=work.keys[0], work_id=work.id, recipe=work.recipes[0], status=Status.OK, blobs=(blob,))


def _ok(work: Work, facts: object) -> Outcome:
    assert isinstance(facts, dict)
    return Outcome(key=work.keys[0], work_id=work.id, recipe=work.recipes[0], status=Status.OK, facts=facts)


_STAGES = {
    "take": _take,
    "identify": _identify,
    "sidecar": _sidecar,
    "features": _features,
    "prove": _prove,
    "together": _together,
    "film": _film,
    "prove-film": _prove_film,
    "render": _render,
    "captions": _captions,
}
