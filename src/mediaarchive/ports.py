"""The seams, each a Protocol with its contract. Read this second, after `model`.

A contract's suite is in `mediaarchive.testing`: an implementation's test is a subclass of three lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mediaarchive.model import Blob, Facts, Outcome, Question, Reply, Subject, Text, Work

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, kw_only=True, slots=True)
class Stat:
    """What a store says of one object. `sha256` is None where the store can't tell without sending the bytes.

    `version` is opaque (an ETag): equal versions mean equal bytes; it is what `swap` compares. `sent`: this very call wrote it
    (False too where an attempt before it did, and its reply was lost). `summed`: `version` is a checksum of the bytes that
    was computed here as well, so a list that shows it again shows that these bytes are there.
    """

    key: str
    bytes: int
    version: str
    sha256: str | None = None
    sent: bool = field(default=False, compare=False)
    summed: bool = field(default=False, compare=False)


@runtime_checkable
class Store(Protocol):
    """A place that publishes objects by key. Keys and headers: `mediaarchive.layout`.

    Every method raises `StoreError` when the store fails midway (trying again helps) and `StoreRefused` when it can't be
    used at all. After a method returns, its effect is durable and visible to every reader. Methods may be called from
    several threads. A reader never sees half an object.
    """

    name: str

    def check(self) -> None:
        """Refuse early if the bucket isn't there, the folder can't be written, the credentials don't work.

        Raises `StoreRefused` or `Unwritable`.
        """

    def stat(self, key: str) -> Stat | None:
        """What is there, or None."""

    def get(self, key: str) -> tuple[bytes, str] | None:
        """The bytes and their version, or None."""

    def fetch(self, key: str, target: Path | None = None) -> str | None:
        """Read an object to its end, whatever its size, into the new file `target` if one is given; its SHA-256, or None."""

    def list(self, prefix: str) -> Iterator[Stat]:
        """All objects whose key starts with `prefix`, in order of key. A prefix that matches nothing yields nothing."""

    def create(self, key: str, source: bytes | Path, *, sha256: str, disposition: str | None = None) -> Stat:
        """Write an object whose name is written once.

        The same bytes there already: success, nothing is written; `sent` says which. Other bytes there: `Exists`,
        nothing is overwritten.
        `source` is verified against `sha256` on the way: a difference raises `Damaged`, and nothing stays.
        `disposition`: the file name that a browser proposes when saving.
        """

    def put(self, key: str, data: bytes) -> Stat:
        """Write or overwrite a projection."""

    def swap(self, key: str, data: bytes, expected: str | None) -> Stat:
        """Write `key` only if its version is `expected` (None: only if there is nothing). Otherwise `Conflict`, nothing written.

        The same bytes there already may count as success: a reply may have been lost.
        A store without compare-and-swap raises `StoreRefused`, unless it was told `single_writer = true`.
        """

    def delete(self, key: str) -> None:
        """Remove an object and every version of it; nothing there is no error."""

    def prune(self, prefix: str) -> int:
        """Remove what no reader sees of all names that start with `prefix`: older versions, and what lies below a deletion.

        What readers see stays. A store without versions has nothing to remove. Returns how many versions went.
        """

    def sweep(self) -> int:
        """Remove what this workspace's interrupted writes left behind, and nothing that is published; how many things."""

    def url(self, key: str) -> str:
        """Where a reader finds it: below `base_url` if one is configured, else a file: or endpoint URL."""


class Engine(Protocol):
    """Runs works, here or elsewhere.

    `run` yields each work's outcomes exactly once, in any order, and takes works from the iterable only as it has room
    (at most a few for each worker). A worker that dies (killed, out of memory) or outlives `timeout` costs only its own
    work, whose outcomes have status RETRY or FAILED and say so; its neighbours are unharmed. `task` never raises: it
    returns problems as values. Closing the iterator early stops the workers.
    """

    def run(
        self, task: Callable[[Work], tuple[Outcome, ...]], works: Iterable[Work]
    ) -> Iterator[tuple[Work, tuple[Outcome, ...]]]:
        """Run `task` on every work; `task` and the works must pickle."""

    def close(self) -> None:
        """Stop the workers; afterwards `run` must not be called."""


class StillRenderer(Protocol):
    """Makes renditions of one still picture."""

    def render(self, source: Path, params: Sequence[Mapping[str, Any]], spool: Path) -> tuple[Blob, ...]:
        """One blob for each parameter set, in order, each a file `spool/<sha256>`.

        Upright, sRGB, without any metadata. What comes out depends on `source` and that one parameter set only, never on
        which others are made in the same call. Raises `BadInput` when the source can't be decoded to its end.
        """

    def render_image(self, image: Image.Image, params: Sequence[Mapping[str, Any]], spool: Path) -> tuple[Blob, ...]:
        """The same for a picture that is decoded already (a film's poster): upright, sRGB, mode RGB."""


class FilmRenderer(Protocol):
    """Makes renditions of a film, and the still that stands for it."""

    def render(
        self, source: Path, params: Mapping[str, Any], facts: Facts, spool: Path, *, timeout: float, memory: int
    ) -> tuple[Blob, ...]:
        """One blob for each short side, each a file `spool/<sha256>`: whole, playable, as long as the source, without metadata.

        `timeout` in seconds, `memory` in bytes. Raises `BadInput` when the film can't be decoded or costs more than that.
        """

    def poster(self, source: Path, facts: Facts, *, timeout: float) -> Image.Image:
        """The best frame: upright, sRGB, mode RGB. The same frame every time."""


class Captioner(Protocol):
    """Finds or writes texts for one item. `name` becomes the `source` of its texts."""

    name: str

    def describe(self, subject: Subject) -> tuple[Text, ...]:
        """Texts for the subject. It never changes the subject, and no text at all is a fine answer."""


class Drafter(Protocol):
    """Writes alternative texts that nobody has read: a model, or any program. `engine` and `model` name it in records.

    `draft` may be called from several threads. It answers one question with one picture, in some or all of the languages asked
    for, or raises `Unusable` (there is an answer, but no text in it), `EngineFault` (there is none; another time there may be) or
    `EngineRefused` (it can't be used at all). It takes no longer than it was told to, whatever the other side does.
    """

    engine: str
    model: str
    prompt: int

    def draft(self, question: Question) -> Reply:
        """Ask, and read the answer. Nothing is logged of either."""

    def close(self) -> None:
        """Give up what is being asked."""
