"""The nouns: what flows through the pipeline, as frozen values that know nothing of disks, networks or databases.

    Original → Asset → Recipe → Work → Outcome → Release

A value is compared by what it holds. Everything here pickles, and turns into JSON through `mediaarchive.recipes.canonical`
or pydantic's `TypeAdapter`; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a file is, by its content."""

    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"
    SIDECAR = "sidecar"  # describes another file: event.toml, texts.csv, X.xmp, film.fr.vtt
    OTHER = "other"  # kept in the archive, not displayable (a RAW without its JPEG)


class Verdict(StrEnum):
    """What became of a file of the inbox: the `outcome` of the run's report."""

    PUBLISHED = "published"
    ALTERNATE = "alternate"
    KNOWN = "known"
    WAITING = "waiting"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    KEPT = "kept"
    SIDECAR = "sidecar"
    IGNORED = "ignored"


class Status(StrEnum):
    """How one recipe of a work ended."""

    OK = "ok"
    FAILED = "failed"  # the input is at fault, or can't be handled: final until input, recipe, program or limits change
    RETRY = "retry"  # the circumstances are at fault (a worker died, a disk filled): the next run tries again


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """The bytes as they came, never altered. `uri` is relative to the archive: `originals/ab/<sha256>.<ext>`."""

    sha256: str
    uri: str
    bytes: int
    mime: str
    kind: Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One text about an item, in one language.

    `kind`: alt, caption, title or long (an extended description). `lang`: BCP 47, or `und` where the source doesn't say.
    `state`: placeholder (counts as missing), draft, translated, provided, approved, decorative.
    `source`: embedded, sidecar, sheet, event, template, model, translation, review.
    """

    kind: str
    lang: str
    text: str
    state: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """When a photograph was taken, as the file tells it.

    `local`: ISO 8601 without offset, to the second, with a fraction where the camera gave one. `offset`: `+02:00` or None.
    `precision`: second or day. `basis`: exif, exif+offset, exif+gps, container, file-name.
    """

    local: str
    offset: str | None
    precision: str
    basis: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Camera:
    """Which camera: private to the archive (`serial` identifies a person's device); never published."""

    make: str | None = None
    model: str | None = None
    serial: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """Who made it and what may be done with it, as embedded in the file."""

    creator: str | None = None
    credit: str | None = None
    copyright: str | None = None
    usage_terms: str | None = None
    licence_url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What one original says of itself, after one reduced decode.

    `width` and `height` are upright pixels: a document's are its cover's, a RAW file's those of the picture it has inside.
    `signature` is what duplicates are found by (see `stages.dedupe`): strings and numbers under a version.
    `shot` holds what tells two exposures apart: any of subsec, file_number, image_id, shutter_count, sequence; `content`
    is what a Live Photo and its film have in common.
    `color`: dominant colour `#rrggbb`; `thumbhash`: base64; `focus`: what crops keep, [x, y], each 0 to 1.
    `notes`: codes such as `gain-map`, `c2pa`, `animated`.
    Films add `duration` (s), `fps`, `codec`, `audio` (has sound), `rotation` (degrees), `hdr`, `interlaced`; documents
    `pages`.
    """

    kind: Kind
    mime: str
    width: int = 0
    height: int = 0
    taken: Taken | None = None
    camera: Camera = Camera()
    credit: Credit = Credit()
    texts: tuple[Text, ...] = ()
    keywords: tuple[str, ...] = ()
    shot: Mapping[str, str] = field(default_factory=dict)
    signature: Mapping[str, Any] = field(default_factory=dict)
    color: str | None = None
    thumbhash: str | None = None
    focus: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    duration: float | None = None
    fps: float | None = None
    codec: str | None = None
    audio: bool = False
    rotation: int = 0
    hdr: bool = False
    interlaced: bool = False
    pages: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How a derived thing is made. Its fingerprint (`recipes.fingerprint`) is what a change of settings changes.

    `version` is bumped by hand when the code changes what comes out. `params` are JSON values; no library
    version, worker count, path or date may be among them.
    """

    stage: str
    version: int
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """All that is missing of one asset, in one task: decoding once for twelve renditions costs half of twelve decodes.

    `id` names the work in reports (an asset id, or a path of the inbox). `sources`: absolute paths or URIs of the inputs;
    `keys`: one derivation key for each of `recipes`, in order. `context`: what the stage needs beside them
    (limits, folders); it never changes the result.
    """

    id: str
    stage: str
    sources: tuple[str, ...]
    recipes: tuple[Recipe, ...]
    keys: tuple[str, ...]
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Blob:
    """A file that a recipe made, waiting in the spool under its `sha256`.

    `role` is its published name's first part (`1280`, `poster-1920`, `1080p`, `captions.fr`); `ext` has no dot.
    Stills and films have `width` and `height` in pixels; films have `codecs` (RFC 6381).
    """

    role: str
    ext: str
    sha256: str
    bytes: int
    width: int | None = None
    height: int | None = None
    codecs: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why something could not be done: `code` is stable, `reason` a sentence in English for the person who sent the file.

    `params`: what the sentence was filled with, so that it can be said in other languages (`site.saying`).
    """

    code: str
    reason: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one recipe: it carries its own identity, so no failure can be blamed on a neighbour.

    `facts` are JSON values. `provenance` holds tool versions and costs, and never reaches a manifest.
    """

    key: str
    work_id: str
    recipe: Recipe
    status: Status
    blobs: tuple[Blob, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One original of an asset: `relation` is master, exact, pixel-identical, copy, variant or sibling; `evidence` says why."""

    sha256: str
    relation: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a captioner is told of one item: its master's facts, and what was found beside its files.

    `embedded`: texts inside the members' files, master first. `sidecar`: texts of `.xmp` files. `sheet`: rows of texts.csv.
    `drafts`: what a machine wrote and nobody has read, where that is published. `languages`: what the event is published in, the
    default first. `event`: the event's title, place and date by language.
    """

    item: str
    kind: Kind
    facts: Facts
    languages: tuple[str, ...]
    embedded: tuple[Text, ...] = ()
    sidecar: tuple[Text, ...] = ()
    sheet: tuple[Text, ...] = ()
    drafts: tuple[Text, ...] = ()
    event: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a drafter is asked: alternative texts for one picture, in each of `languages` (BCP 47).

    `picture`: a JPEG of 1024 pixels at most, without metadata. `known`: what is public of it anyway, by what it is (event, place,
    day, caption…), as data that strangers may have written.
    """

    picture: bytes
    languages: tuple[str, ...]
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a drafter answered: texts by language, those that were asked for. `tokens`: what it cost, as far as it is told.

    `sent`: SHA-256 of what was sent, the picture included.
    """

    texts: Mapping[str, str]
    sent: str
    tokens: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A machine's word for one picture in one language: never a human's, never changed, only followed by another.

    `state`: draft (a person may read it) or unfit (`why` says what speaks against it, as (rule, sentence) pairs; nobody sees it).
    `engine`, `model`, `prompt` (its version): who wrote it, asked how. `sent`: SHA-256 of what was sent. `at`: ISO 8601.
    """

    lang: str
    text: str
    state: str
    engine: str
    model: str
    prompt: int
    sent: str
    at: str
    why: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """One photograph or film as visitors know it (public name: item). `master` is the sha256 of the member that is shown."""

    id: str
    kind: Kind
    master: str
    members: tuple[Member, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a human said, once and for ever: it is never edited, only followed by another.

    `kind`: takedown, restore, hide, unhide, move, approve, same, never, master, cover, text, expire, consent, adopt, rollback.
    `subjects`: item ids, sha256s where the decision is about contents (same, never), an event's slug (adopt, rollback, consent;
    approve).
    `at`: ISO 8601 with offset. `params` by kind (takedown: reason, note, until; master: sha256; move: event; adopt: what the
    release taken over said; rollback: release and manifest, the sha256, or neither; consent: what changed in a sheet; same:
    erase and files, where these files are to be destroyed as that erased item was). `number`: of the journal segment that says it.
    """

    kind: str
    at: str
    subjects: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    number: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """Two originals that may be one photograph: for a human to decide. `left` < `right` (sha256)."""

    left: str
    right: str
    relation: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One immutable state of an event: `body` is the manifest, `pages` its further pages, `objects` all it names, by key."""

    event: str
    body: bytes
    pages: Mapping[str, bytes]
    objects: Mapping[str, Blob]
