"""Which file each of an item's texts and credits comes from: the one that is shown is asked first, its copies fill the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mediaarchive.media.sheet import DECORATIVE, FOCUS
from mediaarchive.model import Asset, Text
from mediaarchive.pipeline.making.describing import Beside, Described, members_of, sidecars_of
from mediaarchive.pipeline.making.rows import Rows

CREDITS = ("creator", "credit", "copyright", "usage_terms", "licence_url")


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """One thing that is said of an item: `kind` of text (with its `lang`) or of credit, by which `source`.

    `path`: the file it stands in, relative to its event; `sha256`: of that file, where it is one of the item's own.
    """

    kind: str
    lang: str | None
    said: str
    source: str
    path: str | None
    sha256: str | None = None


def origins(asset: Asset, rows: Rows, around: Beside, described: Described) -> Iterator[Given]:
    """Where each text and credit of an item comes from, placeholders left out."""
    paths = rows.paths()
    for texts in described.texts.values():
        for text in texts.values():
            if text.state != "placeholder":
                yield _text(text, asset, rows, around)
    beside = [(path, facts.credit) for path, facts in sidecars_of(asset, around)]
    inside = [(sha256, facts.credit) for sha256, facts in members_of(asset, rows)]
    for name in CREDITS:
        if not (value := getattr(described.credit, name)):
            continue
        found = next((path for path, credit in beside if getattr(credit, name) == value), None)
        if found:
            yield Given(kind=name, lang=None, said=value, source="sidecar", path=found)
            continue
        sha256 = next((sha256 for sha256, credit in inside if getattr(credit, name) == value), None)
        where = next(iter(paths.get(sha256 or "", ())), None)
        yield Given(kind=name, lang=None, said=value, source="embedded", path=where, sha256=sha256)


def _text(text: Text, asset: Asset, rows: Rows, around: Beside) -> Given:
    path, sha256 = None, None
    if text.source == "sheet":
        path = next((sheet for sheet, said in _sheets(rows) if (text.kind, text.text) in said), None)
    elif text.source == "sidecar":
        path = next((path for path, facts in sidecars_of(asset, around) if _holds(facts.texts, text)), None)
    elif text.source == "embedded":
        sha256 = next((sha256 for sha256, facts in members_of(asset, rows) if _holds(facts.texts, text)), None)
        path = next(iter(rows.paths().get(sha256 or "", ())), None)
    return Given(kind=text.kind, lang=text.lang, said=text.text, source=text.source, path=path, sha256=sha256)


def _holds(texts: tuple[Text, ...], text: Text) -> bool:
    return any((one.kind, one.text) == (text.kind, text.text) for one in texts)


def _sheets(rows: Rows) -> Iterator[tuple[str, set[tuple[str, str]]]]:
    for arrival, sidecar in rows.sidecars():
        if sidecar == "sheet":
            lines = rows.said[arrival.sha256].signature.get("rows", ())
            yield (
                arrival.path,
                {("alt" if kind == DECORATIVE else kind, text) for _, _, kind, text in lines if kind != FOCUS},
            )


def from_copies(asset: Asset, rows: Rows, around: Beside, described: Described) -> dict[str, tuple[str, ...]]:
    """What files that aren't shown give to their item, by sha256: kinds of text, and `credit`."""
    found: dict[str, dict[str, None]] = {}
    for given in origins(asset, rows, around, described):
        if given.sha256 and given.sha256 != asset.master:
            found.setdefault(given.sha256, {})["credit" if given.kind in CREDITS else given.kind] = None
    return {sha256: tuple(kinds) for sha256, kinds in found.items()}
