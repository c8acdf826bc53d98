"""One answer from three sources, by the rule of the Metadata Working Group.

Metadata Working Group Guidelines 2.0: EXIF first; else XMP, unless the IPTC block was changed after it by a program
that doesn't know XMP (its digest tells); else IPTC. A value that nobody wrote (`junk`) never hides one that somebody
did, and XMP's texts in named languages stand beside the winner, which has none. Alt text comes from the IPTC
accessibility fields alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from mediaarchive.media.metadata import words
from mediaarchive.media.metadata.junk import is_junk, is_nobody, is_reference
from mediaarchive.media.metadata.when import offset_from_gps, parse_taken
from mediaarchive.model import Camera, Credit, Taken, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from mediaarchive.media.metadata.exif import Exif
    from mediaarchive.media.metadata.iptc import Iptc
    from mediaarchive.media.metadata.xmp import Xmp

_MOST_KEYWORDS: Final = 500
_LONGEST_KEYWORD: Final = 200
_GENERATED: Final = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """What a file says of itself.

    `texts`: state `provided`, source `embedded` or `sidecar`. `shot`: what tells two exposures apart (`model.Facts`).
    `gps_utc`: the satellites' time; the position is never read. `notes`: `captions-disagree`, `ai-generated`.
    `problems`: a sentence for each reader that failed. `software`, `stated`, `jfif`: see `derived.is_derived`.
    """

    taken: Taken | None = None
    camera: Camera = field(default_factory=Camera)
    credit: Credit = field(default_factory=Credit)
    texts: tuple[Text, ...] = ()
    keywords: tuple[str, ...] = ()
    shot: Mapping[str, str] = field(default_factory=dict)
    gps_utc: datetime | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    software: str = ""
    stated: tuple[int, int] | None = None
    jfif: bool = False


def merge(exif: Exif, iptc: Iptc, xmp: Xmp, *, source: str, problems: Iterable[str] = ()) -> Metadata:
    """What the three say together; `source` is that of the texts."""
    captions, disagree = _texts(
        [exif.get("description"), *_ordered(iptc, iptc.get("caption"), xmp.get("dc:description"))],
        xmp.all("dc:description"),
    )
    titles, _ = _texts(
        [xmp.get("dc:title"), *_ordered(iptc, iptc.get("headline"), xmp.get("photoshop:Headline"))],
        xmp.all("dc:title"),
        is_reference,
    )
    alts, _ = _texts([xmp.get("core:AltTextAccessibility")], xmp.all("core:AltTextAccessibility"))
    longs, _ = _texts([xmp.get("core:ExtDescrAccessibility")], xmp.all("core:ExtDescrAccessibility"))
    found = {"alt": alts, "caption": captions, "title": titles, "long": longs}
    generated = xmp.get("ext:DigitalSourceType").endswith(_GENERATED)
    return Metadata(
        taken=_taken(exif, iptc, xmp),
        camera=_camera(exif, xmp),
        credit=_credit(exif, iptc, xmp),
        texts=tuple(
            Text(kind=kind, lang=lang, text=text, state="provided", source=source)
            for kind, texts in found.items()
            for lang, text in texts.items()
        ),
        keywords=_keywords([text for _, text in xmp.all("dc:subject")], iptc.values.get("keywords", ())),
        shot=_shot(exif, xmp),
        gps_utc=exif.gps_utc,
        notes=("ai-generated",) * generated + ("captions-disagree",) * disagree,
        problems=tuple(problems),
        software=exif.get("software"),
        stated=exif.size,
    )


def _ordered(iptc: Iptc, from_iptc: str, from_xmp: str) -> list[str]:
    return [from_iptc, from_xmp] if iptc.newer_than_xmp else [from_xmp, from_iptc]


def _texts(
    candidates: list[str], tagged: list[tuple[str | None, str]], refuse: Callable[[str], bool] = is_junk
) -> tuple[dict[str, str], bool]:
    """Texts by language, the winner of those without one under `und`; and whether the candidates disagree."""
    texts: dict[str, str] = {}
    for tag, raw in tagged:
        lang, text = words.language(tag), words.clean(raw)
        if lang != words.UNDETERMINED and not refuse(text):
            texts.setdefault(lang, text)
    written = [text for text in map(words.clean, candidates) if not refuse(text)]
    disagree = any(not _same(written[0], other) for other in written[1:])
    if written:
        # EXIF knows no accents and IPTC only 2,000 bytes: of the same text, the fullest is the original.
        winner = max(
            (text for text in written if _same(written[0], text)), key=lambda text: (len(text), not text.isascii())
        )
        if not any(_same(winner, text) for text in texts.values()):
            texts[words.UNDETERMINED] = winner
    return texts, disagree


def _same(left: str, right: str) -> bool:
    """Whether one is the other, cut short or without its accents."""
    short, long = sorted((words.fold(left), words.fold(right)), key=len)
    return short == long or (len(short) >= 32 and long.startswith(short))


def _first(candidates: Iterable[str], refuse: Callable[[str], bool]) -> str | None:
    return next((text for text in map(words.clean, candidates) if not refuse(text)), None)


def _credit(exif: Exif, iptc: Iptc, xmp: Xmp) -> Credit:
    people = "; ".join(dict.fromkeys(words.clean(text) for _, text in xmp.all("dc:creator")))
    authors = "; ".join(iptc.values.get("creator", ()))
    urls = (*(text for _, text in xmp.all("cc:license")), xmp.get("rights:WebStatement"))
    return Credit(
        creator=_first([*_whole(exif.get("artist"), people), *_ordered(iptc, authors, people)], is_nobody),
        credit=_first(_ordered(iptc, iptc.get("credit"), xmp.get("photoshop:Credit")), is_nobody),
        copyright=_first(
            [exif.get("copyright"), *_ordered(iptc, iptc.get("copyright"), xmp.get("dc:rights"))], is_nobody
        ),
        usage_terms=_first([xmp.get("rights:UsageTerms")], is_junk),
        licence_url=_first(urls, lambda url: not url.startswith(("https://", "http://")) or len(url) > 2_000),
    )


def _whole(artist: str, people: str) -> list[str]:
    """The list of creators where the artist is only the first of them, else the artist."""
    return [people] if people.startswith(f"{artist};") else [artist]


def _camera(exif: Exif, xmp: Xmp) -> Camera:
    serials = (
        exif.get("serial"),
        exif.get("dng_serial"),
        xmp.get("exifEX:BodySerialNumber"),
        xmp.get("aux:SerialNumber"),
    )
    return Camera(
        make=exif.get("make") or words.clean(xmp.get("tiff:Make")) or None,
        model=exif.get("model") or words.clean(xmp.get("tiff:Model")) or None,
        serial=next((serial for serial in map(words.clean, serials) if serial.strip("0 -")), None),
    )


def _taken(exif: Exif, iptc: Iptc, xmp: Xmp) -> Taken | None:
    taken = parse_taken(exif.get("taken"), offset=exif.get("offset"), subsec=exif.get("subsec"))
    if taken is None:
        return _taken_elsewhere(iptc, xmp)
    if taken.offset is None and exif.gps_utc and (offset := offset_from_gps(taken, exif.gps_utc)):
        return replace(taken, offset=offset, basis="exif+gps")
    return taken


def _taken_elsewhere(iptc: Iptc, xmp: Xmp) -> Taken | None:
    for text in _ordered(
        iptc, _iptc_moment(iptc), xmp.get("exif:DateTimeOriginal") or xmp.get("photoshop:DateCreated")
    ):
        if taken := parse_taken(text):
            return taken
    return None


def _iptc_moment(iptc: Iptc) -> str:
    """`20221206` and `101502+0100` as one ISO 8601 moment."""
    day, time = iptc.get("date"), iptc.get("time")
    if len(day) != 8:
        return ""
    clock = f"T{time[:2]}:{time[2:4]}:{time[4:6]}{time[6:]}" if len(time) >= 6 else ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}{clock}"


def _shot(exif: Exif, xmp: Xmp) -> dict[str, str]:
    found = {
        "subsec": exif.get("subsec"),
        "image_id": exif.get("image_id") if exif.get("image_id").strip("0 ") else "",
        "file_number": exif.get("file_number"),
        "content": exif.get("content"),
        "shutter_count": words.clean(xmp.get("aux:ImageNumber")),
    }
    return {name: value for name, value in found.items() if value}


def _keywords(*lists: Iterable[str]) -> tuple[str, ...]:
    """All of them once, whatever their case, in order."""
    found: dict[str, str] = {}
    for keywords in lists:
        listed = list(keywords)
        # Some programs write the whole list as one keyword.
        for keyword in map(words.clean, re.split("[,;]", listed[0]) if len(listed) == 1 else listed):
            if keyword and len(keyword) <= _LONGEST_KEYWORD and len(found) < _MOST_KEYWORDS:
                found.setdefault(keyword.casefold(), keyword)
    return tuple(found.values())
