"""What event.toml may say: facts about the event, and nothing that chooses stores, limits, engines or commands.

It lies in a folder that strangers can write to, so everything here is checked and bounded.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from mediaarchive.config.loading import explain
from mediaarchive.config.section import Section
from mediaarchive.config.settings import known_zone
from mediaarchive.errors import ConfigError

MAX_BYTES = 1_000_000
_FORBIDDEN = (
    "store",
    "limits",
    "engine",
    "publish",
    "takedown",
    "ingest",
    "rendition",
    "card",
    "download",
    "film",
    "dedupe",
    "command",
    "workspace",
    "guard",
)

Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Line = Annotated[str, Field(max_length=2000)]


def _by_language(value: object) -> object:
    """A bare string is a text whose language is the event's default."""
    return {"und": value} if isinstance(value, str) else value


ByLanguage = Annotated[dict[Language, Line], BeforeValidator(_by_language)]


class NotHere(ConfigError):
    """event.toml has a key that only mediaarchive.toml may set."""

    def __init__(self, key: str, where: str) -> None:
        super().__init__(
            f'{where} must not set "{key}": this folder is open to others, so only mediaarchive.toml may',
            hint="remove the key from event.toml",
        )
        self.key = key


class CameraRule(Section):
    """What is known of one camera's clock. `offset` is the zone it was set to, `clock_error` how far it was ahead (`+7m`, `-1h30m`)."""

    model: str = Field("", max_length=200, description="As EXIF names the model; empty: any.")
    serial: str = Field("", max_length=200, description="As EXIF gives the serial number; empty: any.")
    offset: str | None = Field(None, pattern=r"^[+-](0\d|1[0-4]):[0-5]\d$", description="For example +01:00.")
    clock_error: str | None = Field(
        None, pattern=r"^[+-](\d+h)?(\d+m)?(\d+s)?$", description="For example +7m: the camera was seven minutes ahead."
    )

    def error_seconds(self) -> int:
        """The clock's error in seconds; 0 where none is known."""
        if not self.clock_error:
            return 0
        units, number, total = {"h": 3600, "m": 60, "s": 1}, "", 0
        for char in self.clock_error[1:]:
            if char.isdigit():
                number += char
            else:
                total, number = total + int(number) * units[char], ""
        return -total if self.clock_error[0] == "-" else total


Expiry = Literal["rights-expired", "consent-withdrawn"]


class FileDates(Section):
    """When some of an event's files may be shown: not before `embargo`, no longer from `expires` on."""

    files: tuple[Line, ...] = Field(
        min_length=1, max_length=10_000, description='Names, paths below the event\'s folder, or folders: "day 2/".'
    )
    embargo: date | None = Field(None, description="They are not published before this day.")
    expires: date | None = Field(None, description="On this day they withdraw themselves.")
    reason: Expiry = Field("rights-expired", description="Shown to visitors then: rights-expired or consent-withdrawn.")

    def concerns(self, path: str) -> bool:
        """Whether a file (its path below the event's folder) is among them, whatever the case of its letters."""
        name = path.casefold()
        return any(
            name == wanted or name.rpartition("/")[2] == wanted or name.startswith(f"{wanted.rstrip('/')}/")
            for wanted in (file.strip().casefold() for file in self.files)
        )


class EventFacts(Section):
    """An event, as its folder's event.toml describes it. Everything is optional."""

    title: ByLanguage = Field(
        default_factory=dict, description="By language: { fr = …, en = … }. Without one: the folder's name."
    )
    description: ByLanguage = Field(default_factory=dict)
    start: date | None = None
    end: date | None = None
    timezone: str = Field(
        "UTC", description="The event's zone, for photographs whose camera doesn't tell: Europe/Brussels."
    )
    place: ByLanguage = Field(default_factory=dict)
    country: str = Field("", pattern=r"^([A-Z]{2})?$")
    homepage: str = Field("", pattern=r"^(https?://.*)?$", max_length=2000)
    languages: tuple[Language, ...] = ()
    credit: Line = ""
    copyright: Line = ""
    licence: Line = Field("", description="The licence's URL, or an SPDX id such as CC-BY-4.0.")
    usage_terms: ByLanguage = Field(default_factory=dict)
    embargo: date | None = Field(None, description="Nothing is published before this day.")
    expires: date | None = Field(None, description="On this day everything of the event withdraws itself.")
    expires_reason: Expiry = Field("rights-expired", description="Shown to visitors from that day on.")
    item: Annotated[tuple[FileDates, ...], Field(max_length=1000)] = Field(
        (), description="Dates of single files: [[item]] files, embargo, expires, reason."
    )
    camera: tuple[CameraRule, ...] = Field((), max_length=200)
    photographers: Annotated[dict[str, Line], Field(max_length=200)] = Field(
        default_factory=dict, description="By folder below the event's: who took what lies in it."
    )
    focus: dict[str, tuple[Share, Share]] = Field(
        default_factory=dict,
        description="By file name, or path below the event's folder: [x, y], each 0 to 1 from the top left: what crops must keep.",
    )

    decorative: Annotated[tuple[Line, ...], Field(max_length=10_000)] = Field(
        (), description='Names, or paths below the event\'s folder, of pictures that only decorate: alt="", on purpose.'
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return known_zone(value)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"the event ends ({self.end}) before it starts ({self.start})")
        return self


def load_event(data: bytes, where: str) -> EventFacts:
    """Read event.toml. `where` names the file in errors.

    Raises:
        ConfigError: it is not TOML, has an unknown key, or a key that only mediaarchive.toml may set.
    """
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{where} is larger than a megabyte: that is no event.toml")
    try:
        raw: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where} is not valid TOML: {error}") from error
    for name in _FORBIDDEN:
        if name in raw:
            raise NotHere(name, where)
    try:
        return EventFacts.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(explain(error, EventFacts, where)) from error
