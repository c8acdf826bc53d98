"""Describe: which text an item has, in which language, by whose word; and when it was taken, by which clock.

Precedence for each kind and language: the sheet, then a sidecar, then what is embedded, then a machine's draft where those are
published, then the placeholder. A caption
never becomes an alternative text, and a file name never becomes anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from mediaarchive.config import EventFacts
from mediaarchive.media.metadata import says_nothing
from mediaarchive.model import Camera, Subject, Taken, Text
from mediaarchive.ports import Captioner

Resolved = Mapping[str, Mapping[str, Text]]  # kind → language → text

_WORDS_TO_GUESS = 5  # below that, a language model of n-grams guesses badly


def resolve(subject: Subject, captioners: Sequence[Captioner]) -> Resolved:
    """The text of each kind and language: the first captioner that has one wins.

    An alternative text that describes nothing (a file's name, "photo") is none, whoever wrote it; an empty one is meant, where
    somebody said that the picture is decorative.
    A text whose language is unknown (`und`) gets one: guessed among the event's languages if it is long enough, else the
    event's default. It fills a gap, and never displaces a text that named its language.
    """
    found: dict[str, dict[str, Text]] = {}
    for captioner in captioners:
        texts = [text for text in captioner.describe(subject) if text.kind != "alt" or _describes(text)]
        for text in sorted(texts, key=lambda text: text.lang == "und"):  # named languages first; the sort is stable
            lang = (
                guess_language(text.text, subject.languages)
                if text.lang == "und"
                else closest(text.lang, subject.languages)
            )
            given = found.setdefault(text.kind, {})
            if lang not in given:
                given[lang] = Text(kind=text.kind, lang=lang, text=text.text, state=text.state, source=text.source)
    return {kind: dict(sorted(texts.items())) for kind, texts in sorted(found.items())}


def _describes(alt: Text) -> bool:
    return alt.state in {"placeholder", "decorative"} or not says_nothing(alt.text)


def closest(lang: str, languages: Sequence[str]) -> str:
    """The event's name for a language: `fr-BE` in the file is `fr` of the event, if the event has no `fr-BE`."""
    if same := next((name for name in languages if name.lower() == lang.lower()), None):
        return same
    base = lang.partition("-")[0].lower()
    return next((name for name in languages if name.lower() == base), lang)


def guess_language(text: str, languages: Sequence[str]) -> str:
    """The language of a text among the event's languages; the default one where it is too short, or one of them can't be told."""
    if len(languages) == 1 or len(re.findall(r"\w{2,}", text)) < _WORDS_TO_GUESS or not can_tell(languages):
        return languages[0]
    identifier = _identifier()
    identifier.set_languages([_base(name) for name in languages])
    best = str(identifier.classify(text)[0])
    return next(name for name in languages if _base(name) == best)


def can_tell(languages: Sequence[str]) -> bool:
    """Whether a text's language can be told among these: Kirundi, say, can't be told from any other."""
    return {_base(name) for name in languages} <= _known()


def _base(lang: str) -> str:
    return lang.partition("-")[0].lower()


@cache
def _known() -> frozenset[str]:
    """The languages that the model knows (ISO 639)."""
    return frozenset(str(name) for name in _identifier().nb_classes)


@cache
def _identifier() -> Any:  # noqa: ANN401 - an untyped library
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - loads a model of 4 MB

    return LanguageIdentifier.from_model_file(MODEL_FILE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When it was: `instant` in UTC for ordering, `taken` ISO 8601 in the event's zone, `day` local; None where nobody knows."""

    instant: datetime | None = None
    taken: str | None = None
    day: str | None = None
    precision: str | None = None
    basis: str | None = None


def moment(taken: Taken | None, camera: Camera, event: EventFacts) -> Moment:
    """The true instant of a photograph.

    The file's own offset counts first, then what event.toml knows of this camera's clock, then the event's zone. A known
    clock error is taken off in either case, except where the time came from GPS or a film's container (UTC by definition).
    """
    if taken is None:
        return Moment()
    zone = ZoneInfo(event.timezone)
    if taken.precision == "day":
        return Moment(day=taken.local[:10], taken=taken.local[:10], precision="day", basis=taken.basis)
    local, basis = datetime.fromisoformat(taken.local), taken.basis
    rule = next((rule for rule in event.camera if _matches(rule.model, rule.serial, camera)), None)
    if taken.offset:
        aware = local.replace(tzinfo=_offset(taken.offset))
    elif rule and rule.offset:
        aware, basis = local.replace(tzinfo=_offset(rule.offset)), f"{basis}+camera-rule"
    else:
        aware, basis = local.replace(tzinfo=zone), f"{basis}+event-zone"
    if rule and rule.error_seconds() and taken.basis in {"exif", "exif+offset"}:
        aware -= timedelta(seconds=rule.error_seconds())
        basis = basis if basis.endswith("camera-rule") else f"{basis}+camera-rule"
    shown = aware.astimezone(zone)
    return Moment(
        instant=aware.astimezone(UTC),
        taken=shown.replace(microsecond=0).isoformat(),
        day=shown.date().isoformat(),
        precision="second",
        basis=basis,
    )


def _matches(model: str, serial: str, camera: Camera) -> bool:
    return bool(model or serial) and model in {"", camera.model} and serial in {"", camera.serial}


def _offset(text: str) -> timezone:
    sign = -1 if text[0] == "-" else 1
    hours, _, minutes = text[1:].partition(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))


def order(moments: Iterable[tuple[str, Moment, str]]) -> list[str]:
    """Ids in the order of a gallery: by instant; what has only a day at its end; what has no time last, by name.

    Args:
        moments: (id, moment, the file's path) for each item.
    """

    def rank(entry: tuple[str, Moment, str]) -> tuple[str, str, str, str]:
        _, when, path = entry
        instant = when.instant.isoformat() if when.instant else "~"
        return (when.day or "~", instant, path.casefold(), path)

    return [identifier for identifier, _, _ in sorted(moments, key=lambda entry: (*rank(entry), entry[0]))]
