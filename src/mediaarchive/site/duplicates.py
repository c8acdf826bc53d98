"""The private page on which a person compares two pictures: side by side, what differs marked, the rule in words."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TEMPLATES: Final = Path(__file__).parent / "templates"

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One picture of a pair: a small JPEG, `height` where its width is 1,000, what is known of it; `boxes` (shares) differ.

    Where there is no picture, `jpeg` is empty, and `missing` says why.
    """

    path: str
    sha256: str
    facts: tuple[str, ...]
    jpeg: bytes
    height: int
    boxes: tuple[Box, ...] = ()
    missing: str = ""

    @property
    def source(self) -> str:
        """The picture as a data URI: the page is one file, and nothing of it is published."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """A pair, why it waits or was linked, and what was measured: (name, value, meaning).

    `words`: what may be said of it in a sheet; `commands`: what to type instead; each with its meaning.
    """

    event: str
    left: Side
    right: Side
    because: str
    measured: tuple[tuple[str, str, str], ...]
    words: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]


def duplicates_page(pairs: Sequence[Compared], more: int = 0) -> bytes:
    """The page, as one HTML file. `more`: how many pairs it leaves out."""
    import jinja2  # noqa: PLC0415 - only who makes pages pays for it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.get_template("duplicates.html").render(pairs=pairs, more=more).encode()
