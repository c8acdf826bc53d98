"""What is to be published: an item with its facts, texts and files, or that it was withdrawn. Manifests are made of these."""

from __future__ import annotations

from dataclasses import dataclass

from mediaarchive.model import Asset, Blob, Credit, Facts, Kind
from mediaarchive.stages.describe import Moment, Resolved
from mediaarchive.stages.publish.files import address


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One file of an item: the blob, and the fingerprint of the recipe that made it."""

    blob: Blob
    recipe: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An item as it is to be published. `tracks`: (language, kind, file) of a film's captions.

    `path`: orders what has no time. `photographer`: by event.toml, whose folder it lay in. `stack`: the ids of the frames of
    its burst, the cover first.
    """

    asset: Asset
    facts: Facts
    texts: Resolved
    moment: Moment
    credit: Credit
    made: tuple[Made, ...]
    tracks: tuple[tuple[str, str, Blob], ...] = ()
    color: str | None = None
    thumbhash: str | None = None
    focus: tuple[float, float] | None = None
    path: str = ""
    photographer: str | None = None
    stack: tuple[str, ...] = ()

    def objects(self) -> dict[str, Blob]:
        """Every file of the item by its published key."""
        blobs = (*(made.blob for made in self.made), *(blob for _, _, blob in self.tracks))
        return {address(self.asset.id, blob): blob for blob in blobs}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """An item that was withdrawn: that it was, since when, and why. `moment` and `path` keep its place, and stay private."""

    item: str
    was: Kind
    day: str
    reason: str
    moment: Moment
    path: str = ""
    aliases: tuple[str, ...] = ()
