"""Films: which are one recording. Length, sound and a few pictures propose; pictures laid over each other at eight moments prove.

A copy is as long, shows the same at the same moments, and sounds the same or is silent. What is cut, has a logo, subtitles
or another sound is a variant, for a person to decide. What only looks alike (the next talk on the same stage) is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.stages.dedupe.sounding import SAME, audible, levels, placed, same_sound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from mediaarchive.model import Facts, Member
    from mediaarchive.stages.dedupe.originals import Entry

    Levels = NDArray[np.float64]

VERSION: Final = 1
PICTURES: Final = 16  # hashed, at the middles of as many equal parts
MOMENTS: Final = 8  # proved
HELD: Final = ("cut", "edited", "ends", "other-sound", "still")

_HASHED, _PROVED = 256, 640  # long edges in pixels
_LONG, _LONG_SHARE = 0.5, 0.01  # seconds, and of the length: encoders and containers round
_SHAPE = 0.03  # of the proportion of width to height
_ALIKE = (
    90  # bits of 256, in the median picture: unrelated ones measured 118 to 132, copies 0 to 16, with a logo up to 68
)
_PLAIN = 30  # grey levels between the darkest and the brightest twentieth: below, a picture tells nothing
_LEAST = 3  # pictures, or moments, that tell something
_REDUCED = 0.95  # of the area
_NEAR, _FAR, _REACH = 0.1, 0.2, 0.6  # seconds about a moment: a frame rate's rounding; what a moment must be told from
_LOOSE = 0.2  # seconds, where the one was placed in the other by its sound
_OTHERWISE, _OTHER_LEVELS = 1.5, 0.5  # times, and grey levels, that what is shown at another time is less like it
_AFAR = (48, 48)  # pixels
_SURE = 0.75  # of the moments
_SOFT_P5, _SOFT_NCC, _SOFT_MOVED = 0.80, 0.99, 1  # hard compression of what moves; an overlay moves more tiles
_LITTLE_WORST = 0.75  # what is written otherwise on a page is below (`proof`)
_SAME_GREY = 3.0  # grey levels: nothing to lay over each other, and nothing that differs
# A mirrored picture's cosines of odd frequency across have the other sign: every second bit of its hash, nearly, is another.
_MIRROR = int("5" * 64, 16)
_WITHIN = 2  # moments of the middle half that must be one: two talks on a stage may begin and end with the same card


@dataclass(frozen=True, kw_only=True, slots=True)
class FilmPair:
    """Two films worth proving. `left` < `right` (sha256); `shift`: what the right shows at t, the left shows at t + shift."""

    left: str
    right: str
    shift: float


def sign_film(path: Path, facts: Facts, timeout: float) -> dict[str, Any]:
    """What a film is recognised by: sixteen pictures are sought, and the sound is decoded.

    Returns:
        `{"v": 1, "pixels": "film:" and the digest of its packets, "frames": 16 hashes of 64 hex digits, None where there is
        nothing to be seen, "sound": how loud it is (`samples.loudness`), or None}`.

    Raises:
        BadInput: its pictures or its sound can't be decoded.
    """
    from mediaarchive.media import probe, samples  # noqa: PLC0415

    times = _middles(facts.duration or 0.0, PICTURES)
    pictures = samples.pictures(path, times, _fitted(facts, _HASHED), timeout)
    stream = probe.audio_stream(path) if facts.audio else None
    return {
        "v": VERSION,
        "pixels": f"film:{samples.packets_digest(path)}",
        "frames": [None if one is None or _plain(one) else _hash(one) for one in pictures],
        "sound": None if stream is None else samples.loudness(path, stream, timeout),
    }


def film_pairs(films: Sequence[Entry]) -> list[FilmPair]:
    """Films that may be one recording, in order: as long, and alike in looks or in sound; or one sounds like a part of the other.

    What was cropped, or has bars around it, looks otherwise and sounds the same.

    Left out are those with the same packets: there is nothing to prove.
    """
    known = sorted({film.sha256: film for film in films if "frames" in film.facts.signature}.values(), key=_sha256)
    found = []
    for left, right in combinations(known, 2):
        mine, theirs = left.facts, right.facts
        if mine.signature["pixels"] == theirs.signature["pixels"] and _as_shown(mine, theirs):
            continue
        if _as_long(mine, theirs) and (_look_alike(mine, theirs) or _sound_alike(mine, theirs)):
            found.append(FilmPair(left=left.sha256, right=right.sha256, shift=0.0))
        elif (shift := placed(mine.signature, theirs.signature)) is not None:
            found.append(FilmPair(left=left.sha256, right=right.sha256, shift=shift))
    return found


def prove_films(left: tuple[Path, Facts], right: tuple[Path, Facts], shift: float, timeout: float) -> dict[str, Any]:
    """Lay pictures of two films over each other, at moments that both show.

    Returns:
        `{"v": 1, "verdict": copy, variant or different, "held": why a variant is one (`HELD`), "moments": those that tell
        something, "copies": those at which the pictures are one, "alike": those at which they differ by compression at most,
        "timed": those that a fifth of a second earlier or later look otherwise, "within": those alike in the middle half,
        "shift": seconds}`. A copy was watched to its end, too: "watched": so many times, "otherwise": seconds from which on one
        of them shows something else.
    """
    (mine, my_facts), (theirs, their_facts) = left, right
    from mediaarchive.media import samples  # noqa: PLC0415
    from mediaarchive.stages.dedupe.watching import DETAIL, EDGE, watch  # noqa: PLC0415

    begin, end = max(0.0, -shift), min(their_facts.duration or 0.0, (my_facts.duration or 0.0) - shift)
    times = [begin + at for at in _middles(max(0.0, end - begin), MOMENTS)]
    pictures = samples.pictures(mine, [at + shift for at in times], _fitted(my_facts, _PROVED), timeout)
    near = _NEAR if not shift else _LOOSE
    shown = samples.around(theirs, times, _fitted(their_facts, _PROVED), timeout, reach=near)
    afar = samples.around(theirs, times, _AFAR, timeout, reach=_REACH)
    told = []
    for at, picture, about, window in zip(times, pictures, shown, afar, strict=True):
        moment = _shown_at(picture, at, about, _timed(picture, at, window)) if picture and about else None
        if moment:
            within = begin + (end - begin) / 4 <= at <= end - (end - begin) / 4
            told.append(moment | {"within": moment["alike"] and within})
    evidence = {
        name: sum(moment[name] for moment in told) for name in ("copies", "alike", "related", "timed", "within")
    }
    verdict, held = _verdict(evidence, len(told), shift, _as_long(my_facts, their_facts))
    found = {"v": VERSION, "verdict": verdict, "held": held, "moments": len(told), **evidence, "shift": round(shift, 2)}
    if verdict != "copy":
        return found
    edge = min(EDGE, *(max(facts.width, facts.height) // DETAIL for facts in (my_facts, their_facts)))
    watched, otherwise = watch(mine, theirs, _fitted(my_facts, edge), timeout)
    if otherwise:
        found |= {"verdict": "variant", "held": "edited"}
    return {**found, "watched": watched, "otherwise": otherwise}


def _verdict(evidence: Mapping[str, int], told: int, shift: float, as_long: bool) -> tuple[str, str | None]:  # noqa: FBT001
    if told < _LEAST or evidence["related"] < _SURE * told:
        return "different", None
    if shift or not as_long:
        return "variant", "cut"
    if evidence["alike"] < told or evidence["copies"] < _SURE * told:
        return "variant", "edited"
    if evidence["within"] < _WITHIN:
        return "variant", "ends"
    return "copy", None


def judge_films(
    left: Facts, right: Facts, proof: Mapping[str, Any] | None
) -> tuple[str, str, Mapping[str, Any]] | None:
    """What two films are to each other: (tie, relation, evidence), the tie PIXELS (the same packets), PROOF or HELD; None: nothing.

    A copy with another sound is none, and neither is what stands still in silence: that may be cut anywhere.
    """
    mine, theirs = left.signature, right.signature
    if mine.get("pixels") and mine["pixels"] == theirs.get("pixels") and _as_shown(left, right):
        return "PIXELS", "pixel-identical", {"v": VERSION, "by": "packets"}
    if proof is None or proof["verdict"] == "different":
        return None
    evidence = {**proof, "sound": None, "by": "film"}
    if not proof.get("shift"):
        heard = same_sound(mine, theirs)
        evidence["sound"] = None if heard is None else round(heard, 3)
    if proof["verdict"] != "copy":
        return "HELD", "variant", evidence
    if _sounds_other(left, right, evidence["sound"]):
        return "HELD", "variant", evidence | {"held": "other-sound"}
    if evidence["sound"] is None and proof["timed"] < _LEAST:
        return "HELD", "variant", evidence | {"held": "still"}
    return "PROOF", "copy", evidence


def explain_film(member: Member, master: Facts, facts: Facts) -> str:
    """One sentence for a human: what this film is to the one that is shown, and how that is known."""
    size, shown = f"{facts.width}x{facts.height}", f"{master.width}x{master.height}"
    evidence = member.evidence
    if member.relation == "master":
        return f"This is the film that is shown, {size}."
    if member.relation == "pixel-identical":
        return f"The same pictures and sound as the film that is shown ({shown}); only the metadata or the container differ."
    if "moments" not in evidence:
        why = "a person said so" if evidence.get("by") == "human" else "published together before"
        return f"Same film as the one that is shown ({shown}), {size}: {why}."
    sound = "" if evidence.get("sound") is None else f", and sounds the same ({evidence['sound']:.2f})"
    seen = f"it shows the same at {evidence['copies']} of {evidence['moments']} moments"
    return f"Same film as the one that is shown ({shown}): {size} re-encoded copy; {seen}{sound}."


def _sounds_other(left: Facts, right: Facts, heard: float | None) -> bool:
    """Whether two films that show the same sound different.

    Who sends a film without its sound sends it smaller, too; a sound that came to a silent film of that size is an edit.
    """
    if heard is not None:
        return heard < SAME
    mine, theirs = ((audible(levels(facts.signature)), facts.width * facts.height) for facts in (left, right))
    if mine[0] == theirs[0]:
        return False
    silent, sounding = sorted((mine, theirs))
    return silent[1] > _REDUCED * sounding[1]


def _shown_at(
    picture: Image.Image,
    at: float,
    about: Sequence[tuple[float, Image.Image]],
    timed: bool,  # noqa: FBT001
) -> dict[str, bool] | None:
    """How a picture lies on what the other film shows about the same second (`_moment`).

    That is the picture most like it, since frame rates round, and vary; or the nearest in time, if the other film is mirrored,
    cropped or has bars, and nothing of it is like this one.
    """
    like = min((other for _, other in about), key=lambda other: _unlike(picture, other))
    moment = _moment(picture, like, timed)
    if moment is None or moment["related"]:
        return moment
    _, nearest = min(about, key=lambda one: abs(one[0] - at))
    return moment if nearest is like else _moment(picture, nearest, timed)


def _timed(picture: Image.Image, at: float, shown: Sequence[tuple[float, Image.Image]]) -> bool:
    """Whether what the other film shows a fifth of a second earlier or later, or more, is less like the picture than now."""
    unlike = [(_unlike(picture, other), abs(second - at)) for second, other in shown]
    near = min((levels for levels, away in unlike if away <= _NEAR), default=0.0)
    far = min((levels for levels, away in unlike if away >= _FAR), default=0.0)
    return far > _OTHERWISE * near + _OTHER_LEVELS


def _moment(left: Image.Image, right: Image.Image, timed: bool) -> dict[str, bool] | None:  # noqa: FBT001
    """How the pictures of two films lie on each other; None where there is nothing to be seen."""
    from mediaarchive.stages.dedupe.features import features  # noqa: PLC0415
    from mediaarchive.stages.dedupe.judging import LEAST_TEXTURE  # noqa: PLC0415
    from mediaarchive.stages.dedupe.proof import compare  # noqa: PLC0415

    nothing = dict.fromkeys(("copies", "alike", "related", "timed"), False)
    if _plain(left) and _plain(right):
        return None if _unlike(left, right, shaped=True) < _SAME_GREY else nothing
    proof = compare(features(left), features(right), places=False)
    if proof["verdict"] == "unclear":
        return None if _unlike(left, right, shaped=True) < _SAME_GREY else nothing
    if "ncc" not in proof and _unlike(left, right) < _SAME_GREY:
        return None
    whole = proof.get("contains") == "both" and not proof.get("mirror")
    variant = proof["verdict"] == "variant"
    soft = variant and proof["p5"] >= _SOFT_P5 and proof["ncc"] >= _SOFT_NCC and proof["fine"]["moved"] <= _SOFT_MOVED
    # Where little is to be seen a photograph is held to as much as a drawing, which hard compression doesn't stand.
    little = variant and proof["texture"] < LEAST_TEXTURE and proof["fine"]["worst"] >= _LITTLE_WORST
    return {
        "copies": whole and proof["verdict"] == "copy",
        "alike": whole and (proof["verdict"] == "copy" or soft or little),
        "related": proof["verdict"] in {"copy", "variant"},
        "timed": timed,
    }


def _sha256(film: Entry) -> str:
    return film.sha256


def _as_long(left: Facts, right: Facts) -> bool:
    mine, theirs = left.duration or 0.0, right.duration or 0.0
    return abs(mine - theirs) <= max(_LONG, _LONG_SHARE * max(mine, theirs))


def _as_shown(left: Facts, right: Facts) -> bool:
    """Whether the containers ask for the same: turned alike, and as fast."""
    return (left.width, left.height, left.rotation) == (right.width, right.height, right.rotation) and _as_long(
        left, right
    )


def _look_alike(left: Facts, right: Facts) -> bool:
    """Whether two films of one shape show alike pictures at the same moments, or mirrored ones."""
    distance = _apart(left.signature, right.signature)
    return _one_shape(left, right) and distance is not None and distance <= _ALIKE


def _sound_alike(left: Facts, right: Facts) -> bool:
    heard = same_sound(left.signature, right.signature)
    return heard is not None and heard >= SAME


def _one_shape(left: Facts, right: Facts) -> bool:
    if not all((left.width, left.height, right.width, right.height)):
        return False
    return abs(left.width * right.height / (left.height * right.width) - 1) <= _SHAPE


def _middles(duration: float, parts: int) -> list[float]:
    return [duration * (2 * part + 1) / (2 * parts) for part in range(parts)]


def _fitted(facts: Facts, edge: int) -> tuple[int, int]:
    scale = edge / max(facts.width, facts.height)
    return max(2, round(facts.width * scale)), max(2, round(facts.height * scale))


def _hash(picture: Image.Image) -> str:
    import imagehash  # noqa: PLC0415

    return str(imagehash.phash(picture.convert("L"), hash_size=16))


def _plain(picture: Image.Image) -> bool:
    import numpy as np  # noqa: PLC0415

    low, high = np.percentile(np.asarray(picture.convert("L")), (5, 95))
    return bool(high - low < _PLAIN)


def _apart(left: Mapping[str, Any], right: Mapping[str, Any]) -> float | None:
    """The median distance of two films' pictures in bits of 256, upright or mirrored; None where too few tell anything."""
    from statistics import median  # noqa: PLC0415

    both = [pair for pair in zip(left["frames"], right["frames"], strict=True) if all(pair)]
    if len(both) < _LEAST:
        return None
    differing = [int(one, 16) ^ int(two, 16) for one, two in both]
    return min(median((bits ^ mirror).bit_count() for bits in differing) for mirror in (0, _MIRROR))


def _unlike(left: Image.Image, right: Image.Image, *, shaped: bool = False) -> float:
    """Grey levels between two pictures, on the average, seen from afar; `shaped`: whichever is the brighter one."""
    import numpy as np  # noqa: PLC0415

    mine, theirs = (np.asarray(one.convert("L").resize(_AFAR), np.float64) for one in (left, right))
    apart = mine - theirs
    return float(abs(apart - apart.mean() if shaped else apart).mean())
