"""The public manifest, version 1.0: what websites read. JSON Schema and TypeScript types are generated from this model.

Within 1.x fields are only added, and readers ignore what they don't know. Paths are relative to `base`. A manifest is a
pure value: no time of the run, no release number, no parent, no tool version (those stand in the envelope).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA: Final = "mediaarchive/manifest/1.0"
BASE = "../../"  # from events/<slug>/manifest.json to the store's root; item.json lies as deep
PAGE_ITEMS = 100

ItemId = Annotated[str, Field(pattern=r"^[pvd]-[a-z2-7]{13}$")]
State = Literal["placeholder", "draft", "translated", "provided", "approved", "decorative"]
Source = Literal["embedded", "sidecar", "sheet", "event", "template", "model", "translation", "review"]
Reason = Literal[
    "consent-withdrawn", "rights-expired", "legal-request", "published-by-mistake", "quality", "unspecified"
]


class Part(BaseModel):
    """A part of the manifest: immutable."""

    model_config = ConfigDict(frozen=True, extra="allow", json_schema_serialization_defaults_required=True)


class LocalText(Part):
    """A text in one language. `state` `placeholder` means that nobody has described this yet: it counts as missing.

    So does `draft`: a machine wrote it, and nobody has read it. Whoever shows it says so.

    `lang`, where it is given, is the language that the text is really in, for the attribute of that name: a placeholder stands in
    English under a language that we have no words of.
    """

    text: str
    state: State
    source: Source
    lang: str | None = None


Texts = dict[str, LocalText]


class Rendition(Part):
    """One file of a picture: `url` relative to `base`, `w` and `h` in pixels, `bytes` its size."""

    w: int
    h: int
    url: str
    bytes: int


class SourceSet(Part):
    """All sizes of one type, rising: what a `<source type srcset>` needs."""

    type: str
    set: list[Rendition]


class FilmSource(Part):
    """One file of a film. `type` carries the codecs, as `<source type>` takes it."""

    type: str
    url: str
    w: int
    h: int
    bytes: int


class Track(Part):
    """A WebVTT file: what `<track>` needs."""

    kind: Literal["captions", "subtitles", "descriptions", "chapters"]
    srclang: str
    label: str
    url: str
    default: bool = False


class Rights(Part):
    """Who made it and what may be done with it."""

    credit: str | None = None
    creator: str | None = None
    copyright: str | None = None
    licence: str | None = None
    usage_terms: dict[str, str] | None = None


class Stack(Part):
    """A burst of `size` frames, on each of them: `items` are all, `cover` (the first) stands for them where space is short."""

    kind: Literal["burst", "similar"]
    size: int
    items: list[str] = []
    cover: ItemId | None = None


class Photo(Part):
    """A photograph. `width` and `height`: the original's, upright. `taken` carries its offset where that is known."""

    type: Literal["photo"] = "photo"
    id: ItemId
    page: str
    taken: str | None = None
    taken_precision: Literal["second", "day"] | None = None
    taken_basis: str | None = None
    day: str | None = Field(None, description="The event's local day, for grouping: YYYY-MM-DD.")
    title: Texts = {}
    alt: Texts
    long: Texts = {}
    caption: Texts = {}
    width: int
    height: int
    color: str | None = None
    thumbhash: str | None = None
    focus: tuple[float, float] | None = Field(
        None, description="What a crop keeps: [x, y] from the top left, each 0 to 1; for CSS object-position."
    )
    sources: list[SourceSet]
    card: Rendition | None = Field(None, description="For social networks: 1200 x 630 at most, around the focus.")
    download: Rendition | None = Field(None, description="In full size, with its texts, credit and rights inside.")
    stable: dict[str, str]
    rights: Rights = Rights()
    stack: Stack | None = None
    aliases: list[ItemId] = []
    notes: list[str] = Field(
        [],
        description="Codes about the original: gain-map, hdr (both shown as SDR), c2pa (renditions have none), animated.",
    )


class Poster(Part):
    """A film's still, with its own alternative text."""

    alt: Texts
    color: str | None = None
    thumbhash: str | None = None
    sources: list[SourceSet]


class Video(Part):
    """A film. `duration` in seconds. `captions` says whether what is spoken can be read."""

    type: Literal["video"] = "video"
    id: ItemId
    page: str
    taken: str | None = None
    taken_precision: Literal["second", "day"] | None = None
    taken_basis: str | None = None
    day: str | None = None
    title: Texts
    caption: Texts = {}
    long: Texts = {}
    width: int
    height: int
    duration: float
    audio: bool
    poster: Poster
    sources: list[FilmSource]
    tracks: list[Track] = []
    captions: Literal["provided", "missing", "not-needed"]
    stable: dict[str, str]
    rights: Rights = Rights()
    aliases: list[ItemId] = []
    notes: list[str] = []


class Document(Part):
    """A document for download, such as the programme."""

    type: Literal["document"] = "document"
    id: ItemId
    page: str
    title: Texts
    url: str
    media_type: str
    bytes: int
    pages: int | None = None
    cover: Poster | None = None
    rights: Rights = Rights()
    aliases: list[ItemId] = []


class Tombstone(Part):
    """What stays where an item was withdrawn: no hash, no alternative text, no credit, no name."""

    type: Literal["tombstone"] = "tombstone"
    id: ItemId
    was: Literal["photo", "video", "document"]
    page: str
    removed: str = Field(description="The day: YYYY-MM-DD.")
    reason: Reason
    text: dict[str, str]
    contact: str | None = None
    aliases: list[ItemId] = []


Item = Annotated[Photo | Video | Document | Tombstone, Field(discriminator="type")]


def alt_of(item: Item) -> Texts:
    """A photograph's alternative texts, or those of a film's poster; other items have none of their own."""
    if isinstance(item, Photo):
        return item.alt
    return item.poster.alt if isinstance(item, Video) else {}


def is_said(text: LocalText | None) -> bool:
    """Whether a person answers for a text, or said that there is nothing to describe; a draft is nobody's word yet."""
    return text is not None and text.state not in {"placeholder", "draft"}


class Event(Part):
    """What the event was: texts by language."""

    title: dict[str, str]
    description: dict[str, str] = {}
    start: str | None = None
    end: str | None = None
    timezone: str
    place: dict[str, str] = {}
    country: str | None = None
    homepage: str | None = None


class Publisher(Part):
    """Who answers for it, and where a removal is asked for."""

    name: str | None = None
    url: str | None = None
    contact: str | None = None


class Links(Part):
    """What else is published of this event, relative to `base`."""

    page: str
    languages: dict[str, str]
    json_schema: str
    types: str


class Counts(Part):
    """How many items of each type the whole event has, on all its pages."""

    photo: int = 0
    video: int = 0
    document: int = 0
    tombstone: int = 0


class Retired(Part):
    """What stands instead of an event's items once the event was retired."""

    removed: str = Field(description="The day: YYYY-MM-DD.")
    reason: Reason
    text: dict[str, str]
    contact: str | None = None


class Manifest(Part):
    """One event: the first hundred items, and in `next` the address of the page with the following ones."""

    schema_ref: str = Field(alias="$schema", serialization_alias="$schema")
    schema_: Literal["mediaarchive/manifest/1.0"] = Field(SCHEMA, alias="schema", serialization_alias="schema")
    base: str = BASE
    slug: str
    languages: list[str] = Field(min_length=1, description="The default language first.")
    event: Event
    publisher: Publisher
    rights: Rights
    links: Links
    counts: Counts
    items: list[Item]
    next: str | None = None
    retired: Retired | None = None


class Stored(Part):
    """One object of an item, for audits: which recipe made it, and what its bytes are."""

    url: str
    sha256: str
    bytes: int
    recipe: str | None = None


class ItemManifest(Part):
    """media/<id>/item.json: the item as in its events' manifests, and every object that belongs to it."""

    schema_ref: str = Field(alias="$schema", serialization_alias="$schema")
    schema_: Literal["mediaarchive/item/1.0"] = Field(
        "mediaarchive/item/1.0", alias="schema", serialization_alias="schema"
    )
    base: str = BASE
    item: Item
    events: list[str]
    objects: list[Stored]
    alias_of: ItemId | None = None
