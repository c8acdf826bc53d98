"""Two originals side by side on a private page: what was measured, in words, and the places that differ."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaarchive.catalog import Catalog
from mediaarchive.errors import UsageError
from mediaarchive.model import Facts, Kind
from mediaarchive.pipeline.answering.asking import content, proposals
from mediaarchive.pipeline.making.proving import can_prove, known_proofs
from mediaarchive.pipeline.making.rows import read
from mediaarchive.pipeline.opening import Opened
from mediaarchive.pipeline.workspace import COMPARISONS
from mediaarchive.site.duplicates import Box, Compared, Side, duplicates_page
from mediaarchive.site.wording import duration
from mediaarchive.stages.dedupe.candidates import bits_apart
from mediaarchive.stages.dedupe.originals import exposures

if TYPE_CHECKING:
    from PIL import Image

_EDGE = 1000
_SECONDS = 120.0  # for one picture of a film
_MOST = 40  # pairs on one page: 0.3 MB each


def chosen(opened: Opened, subjects: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs that a person asks for: two files, those that wait in an event, or all that wait.

    Raises:
        UsageError: there is no such event or file.
    """
    catalog = opened.catalog
    if len(subjects) == 2:
        left, right = sorted(content(catalog, subject) for subject in subjects)
        return [(left, right)]
    if len(subjects) > 2 or (subjects and subjects[0] not in {event.slug for event in catalog.events()}):
        raise UsageError(f"{' '.join(subjects)} is neither an event nor two files", hint="`mediaarchive dedupe list`")
    return [
        (entry["left"]["sha256"], entry["right"]["sha256"])
        for entry in _waiting(opened)
        if not subjects or entry["event"] == subjects[0]
    ]


def page(opened: Opened, pairs: Iterable[tuple[str, str]]) -> tuple[Path, int]:
    """Write the page that compares these pairs of originals (SHA-256s): where it is, and how many of them are on it.

    What can't be shown says why, and the others are shown.
    """
    waiting = {(entry["left"]["sha256"], entry["right"]["sha256"]): entry for entry in _waiting(opened)}
    wanted = [pair for pair in pairs if pair not in waiting or any(_there(opened, sha256) for sha256 in pair)]
    shown = [_compared(opened, pair, waiting.get(pair)) for pair in wanted[:_MOST]]
    target = opened.workspace.reports / COMPARISONS
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(duplicates_page(shown, len(wanted) - len(shown)))
    return target, len(shown)


def _waiting(opened: Opened) -> list[dict[str, Any]]:
    return proposals(opened.catalog, opened.loaded.settings, datetime.now(UTC).date().isoformat())


def _there(opened: Opened, sha256: str) -> bool:
    """Whether it can be shown: of what was erased there is no picture any more."""
    original = opened.catalog.original(sha256)
    return original is not None and (opened.workspace.archive / original.uri).exists()


def _compared(opened: Opened, pair: tuple[str, str], waiting: Mapping[str, Any] | None) -> Compared:
    mine, theirs = (read(opened.catalog, sha256) for sha256 in pair)
    evidence = waiting["evidence"] if waiting else known_proofs(opened.catalog, [pair]).get(pair, {})
    at = _moment(mine, theirs, evidence)
    left, right = (_picture(opened, *one) for one in zip(pair, (mine, theirs), at, strict=True))
    marked = _marked(*(one if not isinstance(one, str) else None for one in (left, right)))
    short = [sha256[:12] for sha256 in pair]
    held = waiting["held"] if waiting else None
    words = _DECISIONS
    commands = [(f"mediaarchive dedupe {verb} {' '.join(short)}", meaning) for verb, meaning in words]
    if held:
        words = (("erase", _GONE) if held["erased"] else ("same", _WITHDRAWN), ("never", _ANOTHER))
        commands = [(held["same"], words[0][1]), (held["another"], _ANOTHER)]
    return Compared(
        event=str(waiting["event"]) if waiting else "",
        left=_side(opened.catalog, pair[0], left, mine, marked["left"]),
        right=_side(opened.catalog, pair[1], right, theirs, marked["right"]),
        because=waiting["because"] if waiting else "not waiting for a decision",
        measured=tuple(_measured(mine, theirs, evidence)),
        words=words,
        commands=tuple(commands),
    )


_DECISIONS = (
    ("same", "One and the same: the better file is shown, the other stays in the archive behind it."),
    ("never", "Two different ones: both are shown, and nobody is asked again."),
)


_WITHDRAWN = "One and the same: this file is withdrawn, too; it stays in the archive behind the other."
_GONE = "One and the same: this file is destroyed as the other was, for good."
_ANOTHER = "Another photograph: it is published."


def _moment(left: Facts | None, right: Facts | None, evidence: Mapping[str, Any]) -> tuple[float, float]:
    """The seconds at which two films are shown: where one first shows something else, or the middle of what both have."""
    if seconds := evidence.get("otherwise"):
        return seconds[0], seconds[0]
    shift = evidence.get("shift", 0.0)
    lengths = [(facts.duration or 0.0) if facts else 0.0 for facts in (left, right)]
    middle = (max(0.0, -shift) + min(lengths[1], lengths[0] - shift)) / 2
    return middle + shift, middle


def _picture(opened: Opened, sha256: str, facts: Facts | None, at: float) -> Image.Image | str:
    """A photograph, or a film's picture `at` seconds; or why there is none."""
    from mediaarchive.errors import BadInput  # noqa: PLC0415 - with the decoder
    from mediaarchive.media.picture import open_picture  # noqa: PLC0415 - `list` needs no decoder
    from mediaarchive.media.raw import displayable  # noqa: PLC0415 - the same

    original = opened.catalog.original(sha256)
    if original is None:
        raise UsageError(f"{sha256[:12]} is no original of this archive")
    path = opened.workspace.archive / original.uri
    if not path.exists():
        return _ERASED if sha256 in opened.catalog.erased() else _MISSING
    try:
        if facts and facts.kind is Kind.VIDEO:
            return _frame(path, facts, at)
        with displayable(path) as (shown, _):
            return open_picture(shown, pixels=opened.loaded.settings.limits.pixels, at_least=_EDGE).image
    except (BadInput, OSError) as error:
        return f"This one can't be shown: {error}"


_ERASED = "This one was erased: its picture was destroyed, and only numbers are left that know it again."
_MISSING = (
    "The original of this one is missing in the archive. To bring it back from the mirror: mediaarchive verify --repair"
)


def _frame(path: Path, facts: Facts, at: float) -> Image.Image:
    from mediaarchive.errors import BadInput  # noqa: PLC0415 - with the decoder
    from mediaarchive.media.samples import pictures  # noqa: PLC0415 - photographs need no ffmpeg

    scale = min(1.0, _EDGE / max(facts.width, facts.height))
    size = max(2, round(facts.width * scale)), max(2, round(facts.height * scale))
    (found,) = pictures(path, [at], size, _SECONDS)
    if found is None:
        raise BadInput("film-undecodable", f"there is no picture at {at:.1f} seconds")
    return found


def _marked(left: Image.Image | None, right: Image.Image | None) -> dict[str, tuple[Box, ...]]:
    """The places that differ, in the picture that lies inside the other; none without OpenCV."""
    found: dict[str, tuple[Box, ...]] = {"left": (), "right": ()}
    if left and right and can_prove():
        from mediaarchive.stages.dedupe.features import features  # noqa: PLC0415 - needs OpenCV
        from mediaarchive.stages.dedupe.proof import differences  # noqa: PLC0415 - needs OpenCV

        if differing := differences(features(left), features(right)):
            found[differing.inner] = differing.boxes
    return found


def _side(catalog: Catalog, sha256: str, image: Image.Image | str, facts: Facts | None, boxes: tuple[Box, ...]) -> Side:
    if isinstance(image, str):
        return Side(path=catalog.a_path(sha256), sha256=sha256, facts=(), jpeg=b"", height=0, missing=image)
    small = image.copy()
    small.thumbnail((_EDGE, _EDGE))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=82)
    return Side(
        path=catalog.a_path(sha256),
        sha256=sha256,
        facts=tuple(_told(facts)) if facts else (),
        jpeg=out.getvalue(),
        height=round(1000 * small.height / small.width),
        boxes=boxes,
    )


def _told(facts: Facts) -> Iterator[str]:
    yield f"{facts.width} x {facts.height} pixels"
    yield facts.mime.partition("/")[2].upper()
    if facts.duration:
        yield f"{facts.duration:.1f} s, {'with sound' if facts.audio else 'silent'}"
    if facts.taken:
        yield f"taken {facts.taken.local.replace('T', ' ')}"
    if facts.camera.model:
        yield facts.camera.model


_EXPOSURES = {
    "same": "the camera wrote the same moment and shot into both: one exposure",
    "other": "the camera says these are two exposures",
    "unknown": "the files don't say whether they are one exposure",
}


def _measured(left: Facts | None, right: Facts | None, evidence: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if left and right and left.kind is not Kind.VIDEO:
        yield "Capture facts", exposures(left, right), _EXPOSURES[exposures(left, right)]
        if left.signature.get("phash") and right.signature.get("phash"):
            bits = bits_apart(left.signature, right.signature)
            yield (
                "Distance",
                f"{bits} of 256",
                "bits of the perceptual hash, in the best orientation; unrelated pictures: about 100",
            )
    if "moments" in evidence:
        yield from _measured_films(evidence)
    if "containment" not in evidence:
        return
    yield (
        "Details matched",
        str(evidence["inliers"]),
        "local features that lie in the same places; 12 at least for an alignment",
    )
    yield (
        "Inside",
        f"{100 * evidence['containment']:.1f} %",
        "of the smaller view lies inside the larger one; a copy: 98.5 % and more",
    )
    yield "Whole", f"{evidence['ncc']:.2f}", "agreement of the pictures as a whole, 1 at most; a copy: 0.90 and more"
    yield "Worst place", f"{evidence['worst']:.2f}", "agreement of the tile that agrees least; a copy: 0.70 and more"
    yield "Nearly worst", f"{evidence['p5']:.2f}", "19 of 20 tiles agree better than this; a copy: 0.85 and more"
    yield from _measured_closely(evidence.get("fine") or {})
    if evidence.get("bent"):
        yield (
            "Straightened",
            "yes",
            "a corrected perspective or lens explains where things are; the closer figures are after that",
        )
    if evidence.get("relit"):
        yield (
            "Lit alike",
            "yes",
            "light on a part, a darkened sky say, explains what differs; all figures are after that",
        )
    if cut := evidence.get("cut"):
        yield (
            "Cut",
            f"{100 * cut['share']:.0f} %",
            "of a screen or frame is the picture that it shows; all figures are of that",
        )
    if pixels := evidence.get("pixels"):
        yield (
            "Pixel for pixel",
            f"{pixels['mean']:.1f}",
            "grey levels between two blocks of 8 pixels, at most; saved twice: 3.5 at most",
        )
        yield (
            "Noise shared",
            f"{pixels['shared']:.2f}",
            "of the finest detail, 1 at most; one picture saved twice: 0.95 and more",
        )


def _measured_closely(fine: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if "worst" in fine:
        meaning = f"the same at {fine['edge']} pixels: what moved by a hair shows here"
        yield "Worst place, closely", f"{fine['worst']:.2f}", meaning
    if "odd" in fine:
        odd = "times as much as usual the place differs that differs most, for its detail; a copy: 6.3 at most"
        yield "Oddest place", f"{fine['odd']:.1f}", odd
    if "strange" in fine:
        yield "Strangest place", f"{fine['strange']:.1f}", "the same of detail alone; a copy: 5.5 at most"
    if drift := fine.get("drift"):
        meaning = "that half of the places are off; where detail is another, a copy: 0.20 at most"
        yield "Moved", f"{drift['usual']:.2f} px", meaning


def _measured_films(evidence: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    moments = evidence["moments"]
    yield (
        "Moments",
        f"{evidence['copies']} of {moments}",
        "at which the pictures are one; a copy: all, but for hard compression",
    )
    yield "Alike", f"{evidence['related']} of {moments}", "at which one looks like an edited version of the other"
    if "within" in evidence:
        yield "Within", str(evidence["within"]), "of these lie in the middle half; a copy: 2 at least"
    if evidence.get("sound") is not None:
        yield "Sound", f"{evidence['sound']:.2f}", "agreement of how loud they are, 1 at most; a copy: 0.90 and more"
    if seconds := evidence.get("otherwise"):
        meaning = "where one shows something that the other doesn't; the pictures above are of the first of these"
        yield "Something else", ", ".join(duration(int(second)) for second in seconds), meaning
    if evidence.get("shift"):
        yield "Shift", f"{evidence['shift']:+.2f} s", "what the right one shows, the left one shows so much later"
