"""Photographs of different events that look alike: for people to look at. Nothing is ever linked across events by looks."""

from __future__ import annotations

from typing import Any

from mediaarchive.catalog import Catalog
from mediaarchive.model import Asset
from mediaarchive.pipeline.making.rows import read
from mediaarchive.stages.dedupe.index import near, packed

ALIKE = 24  # bits of 256: a re-encoded or toned copy; unrelated photographs differ in 100
_BLOCK = 1_000  # photographs asked for at once, in eight orientations


def look_alikes(catalog: Catalog) -> list[dict[str, Any]]:
    """The pairs of different items whose originals came in with different events only, nearest first."""
    hashes = catalog.hashes()
    shas = list(hashes)
    base = packed([bits.hex() for bits in hashes.values()])
    items = catalog.items_of(shas)
    events = {sha: {arrival.event for arrival in catalog.paths(sha)} for sha in shas}
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(shas), _BLOCK):
        block = shas[start : start + _BLOCK]
        forms = [form for sha in block for form in _forms(catalog, sha, hashes[sha])]
        for query, row, bits in near(packed(forms), base, ALIKE):
            pair = tuple(sorted((block[query // 8], shas[row])))
            left, right = pair[0], pair[-1]
            if left == right or events[left] & events[right] or items.get(left, left) == items.get(right, right):
                continue
            found[left, right] = min(bits, found.get((left, right), bits))
    return [
        {
            "left": {"sha256": left, "path": catalog.a_path(left)},
            "right": {"sha256": right, "path": catalog.a_path(right)},
            "distance": bits,
        }
        for (left, right), bits in sorted(found.items(), key=lambda entry: (entry[1], entry[0]))
    ]


def like(catalog: Catalog, asset: Asset) -> list[str]:
    """The other items, of any event, that look like one: by their hashes, or by a pair that waits for a person."""
    mine = {member.sha256 for member in asset.members}
    pairs = [{pair.left, pair.right} for event in catalog.events() for pair in catalog.proposals(event.slug)]
    found = {sha256 for pair in pairs if pair & mine for sha256 in pair - mine}
    hashes = catalog.hashes()
    shas = list(hashes)
    forms = [form for sha in sorted(mine & hashes.keys()) for form in _forms(catalog, sha, hashes[sha])]
    if forms:
        base = packed([bits.hex() for bits in hashes.values()])
        found |= {shas[row] for _, row, _ in near(packed(forms), base, ALIKE)}
    return sorted({*catalog.items_of(found).values()} - {asset.id, *asset.aliases})


def _forms(catalog: Catalog, sha256: str, bits: bytes) -> list[str]:
    """A photograph's hash in eight orientations; eight times the same where the catalog lost the others."""
    facts = read(catalog, sha256)
    return list((facts.signature if facts else {}).get("forms") or [bits.hex()] * 8)
