"""Every setting, its default and what it means: one table, from which config/default.toml and docs/config.md are generated.

Sections marked `bytes` feed the fingerprints of recipes: changing them makes new files. The others never do.
"""

from __future__ import annotations

import re
import zoneinfo
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from mediaarchive.config.section import Section
from mediaarchive.config.texts import Texts

BYTES_SECTIONS = ("rendition", "card", "download", "film")
MIRROR = "mirror"  # the name of the originals' mirror among the stores
FILM_SIDES = (1080, 720, 480)


def known_zone(value: str) -> str:
    """A time zone's name, if this machine knows it. Raises `ValueError`."""
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{value}" is no time zone; write one such as "Europe/Brussels"') from error
    return value


class Workspace(Section):
    """Who publishes."""

    name: str = Field(
        "",
        description="Shown to a second publisher of the same event, publicly in the envelopes. Empty: the workspace's id alone.",
    )
    publisher: str = Field("", description="The organisation, as the manifest and the pages name it.")
    publisher_url: str = Field("", description="Its home page.")
    contact: str = Field(
        "", description="Where people ask for a removal: a mailto: or https: address, on every page and tombstone."
    )
    timezone: str = Field(
        "UTC",
        description="Whose days count in decisions (until, expire, erase): Europe/Brussels, say. Events have their own, for theirs.",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return known_zone(value)


class Ingest(Section):
    """How files leave the inbox."""

    inbox: str = Field("inbox", description="The folder photographers see; a relative path starts at the workspace.")
    settle: float = Field(10, ge=0, description="Seconds between the two looks at which a file must be unchanged.")
    patience: float = Field(
        900, ge=0, description="Seconds that an incomplete file may stay unchanged before it is refused."
    )
    mode: Literal["move", "keep"] = Field(
        "move", description="move: a file leaves the inbox once its copy is durable. keep: the inbox is only read."
    )
    tidy_after: int = Field(
        7,
        ge=0,
        le=3650,
        description="Days after which a sub-folder whose files were all taken, and in which nothing changed since, is removed. 0: never.",
    )


class Takedown(Section):
    """What a withdrawal does beside removing the bytes."""

    purge: tuple[str, ...] = Field(
        (),
        description="A program and its arguments, run with the removed addresses on its standard input, one a line: to purge a CDN.",
    )
    erase_after: int = Field(
        30,
        ge=0,
        le=3650,
        description="Days between `takedown --erase` and the destruction of the originals: until then `restore` undoes it.",
    )


class Publish(Section):
    """What becomes public by itself."""

    mode: Literal["auto", "hold"] = Field(
        "auto", description="auto: what a run takes is published. hold: it waits for approval."
    )


class StoreSettings(Section):
    """One place to publish to. Credentials never stand here: boto3 finds them (environment, ~/.aws, instance role)."""

    name: str = Field("site", pattern=r"^[a-z0-9][a-z0-9-]*$", description="A short name, for reports.")
    url: str = Field("site", description="A folder, or s3://bucket/prefix.")
    endpoint: str = Field(
        "", description="The S3 endpoint, for providers other than AWS; https, unless it is on this machine."
    )
    region: str = Field("", description="The S3 region; empty: boto3's own choice.")
    addressing: Literal["auto", "path", "virtual"] = Field("auto", description="How the bucket stands in URLs.")
    base_url: str = Field("", description="The public address of the store's root, for absolute URLs.")
    also_at: tuple[Annotated[str, Field(pattern=r"^https?://")], ...] = Field(
        (),
        description="Further public addresses of the same root (a CDN, a second host): purged and looked at after a withdrawal, too.",
    )
    single_writer: bool = Field(
        False, description="Promise that nobody else publishes here: needed where the server has no compare-and-swap."
    )
    timeout: float = Field(
        60,
        gt=0,
        le=3600,
        description="Seconds of silence after which a request to an S3 server is given up. It is tried again, or the run goes on without this store if nothing is answered there any more.",
    )

    @field_validator("endpoint")
    @classmethod
    def _safe_endpoint(cls, value: str) -> str:
        if not value:
            return value
        if "@" in value:
            raise ValueError(
                "an endpoint must not hold a user name or password; credentials come from boto3's own chain"
            )
        if not re.match(r"https://|http://(127\.|localhost[:/]|localhost$|\[::1\])", value):
            raise ValueError("an endpoint must start with https:// (http:// only on this machine)")
        return value


class Originals(Section):
    """A second home for what can't be made again: originals, journal, receipts and this file. Private; `rebuild` reads it."""

    mirror: str = Field(
        "", description="A folder (on another disk), or s3://bucket/prefix (that nobody else may read). Empty: none."
    )
    endpoint: str = Field("", description="As in [[store]].")
    region: str = Field("", description="As in [[store]].")
    addressing: Literal["auto", "path", "virtual"] = Field("auto", description="As in [[store]].")

    def store(self) -> StoreSettings | None:
        """The mirror as a place to write to, or None. Nobody but this workspace writes there."""
        if not self.mirror:
            return None
        return StoreSettings(
            name=MIRROR,
            url=self.mirror,
            endpoint=self.endpoint,
            region=self.region,
            addressing=self.addressing,
            single_writer=True,
        )

    @model_validator(mode="after")
    def _usable(self) -> Self:
        self.store()
        return self


class Gc(Section):
    """What `gc` may remove: files that no release names."""

    grace: float = Field(
        30, ge=0, description="Days that a file must have been seen without use before it goes; longer than any run."
    )
    releases: int = Field(
        0, ge=0, description="Days that releases which were followed by another are kept; 0: for ever."
    )


class Rendition(Section):
    """One still format in several sizes. Lists go with `edges`, one value each; a single value serves all."""

    format: Literal["avif", "jpeg", "webp"] = Field("jpeg", description="avif, jpeg or webp.")
    edges: tuple[Annotated[int, Field(ge=16, le=16384)], ...] = Field(
        (320, 640, 960, 1280, 1920, 2560), min_length=1, description="Long edges in pixels; never upscaled."
    )
    quality: int | tuple[int, ...] = Field(76, description="The encoder's quality, 1-100.")
    speed: int | tuple[int, ...] = Field(8, description="avif: 0 (slow, small) to 9. webp: its method, 0-6.")
    subsampling: Literal["4:2:0", "4:4:4"] = Field(
        "4:2:0", description="Chroma subsampling; 4:4:4 keeps red lettering sharp."
    )

    @model_validator(mode="after")
    def _lists_match(self) -> Self:
        for key in ("quality", "speed"):
            value = getattr(self, key)
            if isinstance(value, tuple) and len(value) != len(self.edges):
                raise ValueError(
                    f"{key} has {len(value)} values for {len(self.edges)} edges; give one, or one for each edge"
                )
        if sorted(set(self.edges)) != list(self.edges):
            raise ValueError("edges must rise and not repeat")
        return self

    def at(self, key: Literal["quality", "speed"], edge: int) -> int:
        """The value of `key` for a long edge: that of the smallest configured edge not below it."""
        value = getattr(self, key)
        if isinstance(value, int):
            return value
        for configured, chosen in zip(self.edges, value, strict=True):
            if configured >= edge:
                return int(chosen)
        return int(value[-1])


class Card(Section):
    """The picture that social networks show of a photograph's page: 1200 x 630, around its point of interest."""

    make: bool = Field(True, description="false: no cards.")
    quality: int = Field(80, ge=1, le=100, description="The JPEG encoder's quality.")


class Download(Section):
    """A photograph to take away: JPEG in its full size, with its texts, credit and rights inside; no place, no camera."""

    make: bool = Field(False, description="true: each photograph's page offers it.")
    quality: int = Field(90, ge=1, le=100, description="The JPEG encoder's quality.")


class Film(Section):
    """What is made of films."""

    sides: tuple[Annotated[int, Field(ge=120, le=4320)], ...] = Field(
        FILM_SIDES, min_length=1, description="Short sides in pixels; never upscaled."
    )
    crf: int = Field(23, ge=0, le=51, description="x264's constant rate factor: lower is better and larger.")
    preset: Literal["ultrafast", "veryfast", "fast", "medium", "slow"] = Field("veryfast", description="x264's preset.")
    max_fps: int = Field(60, ge=1, le=120, description="Faster films are slowed to this frame rate.")


class Dedupe(Section):
    """How copies are found. Grouping of what is published never changes by itself."""

    near: bool = Field(True, description="Link near-duplicates on proof; off: only the same bytes and the same pixels.")
    distance: int = Field(
        72, ge=0, le=128, description="A 256-bit perceptual hash this close proposes a pair; only alignment links it."
    )
    stacks: bool = Field(
        True, description="Show one frame of a burst, and the others behind it; off: all side by side."
    )


class EngineSettings(Section):
    """Who does the work."""

    kind: Literal["local", "inline"] = Field(
        "local", description="local: a pool of processes. inline: this process, one after the other."
    )
    workers: int = Field(0, ge=0, le=256, description="Processes; 0: one for each core.")


class Limits(Section):
    """What one file may cost, and what a run needs before it starts."""

    pixels: int = Field(250_000_000, ge=1_000_000, description="The largest picture, in pixels.")
    memory: int = Field(4_096, ge=256, description="MiB of memory for one worker.")
    seconds: int = Field(300, ge=1, description="Seconds for one photograph.")
    film_seconds: int = Field(14_400, ge=1, description="Seconds for one film's renditions.")
    film_side: int = Field(8192, ge=128, description="The longest side of a film, in pixels.")
    film_hours: float = Field(4, gt=0, description="The longest film, in hours.")
    metadata: int = Field(16_777_216, ge=65_536, description="Bytes of metadata read from one file.")
    min_free: int = Field(
        500, ge=0, description="MiB that must be free on the archive's and the store's disk, beside what a run writes."
    )


def _inside(place: str, published: str) -> bool:
    """Whether a place is a published one, or lies in it or around it."""
    one, other = (url.removeprefix("./").rstrip("/") + "/" for url in (place, published))
    return one.startswith(other) or other.startswith(one)


class Guard(Section):
    """How renditions are checked before they are published. Headers and sizes always are, and the smallest of each format."""

    sample: float = Field(
        0.02, ge=0, le=1, description="The share of files that are decoded again and compared wholly."
    )
    likeness: float = Field(
        0.75, ge=0, le=1, description="The least structural similarity (SSIM) to what the encoder was given."
    )


_AVIF = Rendition(format="avif", quality=(68, 64, 62, 62, 62, 62), speed=(8, 8, 8, 8, 9, 9))
_JPEG = Rendition(format="jpeg", quality=(82, 78, 76, 76, 76, 76))


class Settings(Section):
    """All settings of a workspace."""

    workspace: Workspace = Workspace()
    ingest: Ingest = Ingest()
    publish: Publish = Publish()
    takedown: Takedown = Takedown()
    store: tuple[StoreSettings, ...] = Field((StoreSettings(),), min_length=1)
    originals: Originals = Originals()
    gc: Gc = Gc()
    rendition: tuple[Rendition, ...] = Field((_AVIF, _JPEG), min_length=1)
    card: Card = Card()
    download: Download = Download()
    film: Film = Film()
    dedupe: Dedupe = Dedupe()
    texts: Texts = Texts()
    engine: EngineSettings = EngineSettings()
    limits: Limits = Limits()
    guard: Guard = Guard()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [store.name for store in self.store]
        if len(set(names)) != len(names):
            raise ValueError(f"[[store]] names must differ: {', '.join(names)}")
        if reserved := {MIRROR, "archive"} & {*names}:
            raise ValueError(f"no [[store]] may be called {reserved.pop()}: reports use that name")
        if self.originals.mirror and (
            clash := next((s for s in self.store if _inside(self.originals.mirror, s.url)), None)
        ):
            raise ValueError(f"[originals] mirror lies in what [[store]] {clash.name} publishes: originals are private")
        formats = [rendition.format for rendition in self.rendition]
        if len(set(formats)) != len(formats):
            raise ValueError(f"one [[rendition]] for each format: {', '.join(formats)}")
        if "jpeg" not in formats:
            raise ValueError(
                'a [[rendition]] with format = "jpeg" is needed: the stable addresses and old browsers use it'
            )
        return self
