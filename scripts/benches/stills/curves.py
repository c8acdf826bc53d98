"""Curves of quality against bytes, as one SVG file: written by hand, so nothing needs to be installed for it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mediaarchive.config.settings import Settings

WIDTH, HEIGHT, GAP = 300, 230, 56
PANELS = (("s2", "SSIMULACRA2 (higher is better)"), ("butter", "butteraugli 3-norm (lower is better)"))
COLOURS = {"avif": "#0b6e99", "jpeg": "#b4521a"}
RANGES = {"s2": (40.0, 95.0), "butter": (0.0, 2.5)}
TICKS = {"s2": (40, 50, 60, 70, 80, 90), "butter": (0, 0.5, 1, 1.5, 2, 2.5)}
BITS = (0.2, 5.0)  # bits per pixel, logarithmic
BIT_TICKS = (0.25, 0.5, 1, 2, 4)


def draw(table: Sequence[Mapping[str, Any]], target: Path) -> None:
    """One panel for each metric and edge: the mean over all photographs; a ring where the default quality lies."""
    edges = sorted({row["edge"] for row in table})
    parts: list[str] = []
    for line, (metric, title) in enumerate(PANELS):
        for column, edge in enumerate(edges):
            left, top = GAP + column * (WIDTH + GAP), GAP + line * (HEIGHT + GAP)
            parts += _panel(table, metric, edge, (left, top))
            parts.append(_text(left, top - 10, f"{edge} px: {title}", weight="bold"))
    width, height = GAP + len(edges) * (WIDTH + GAP), GAP + len(PANELS) * (HEIGHT + GAP)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12"><title>Quality against bytes, AVIF and progressive JPEG</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
    )
    target.write_text(head + "".join(parts) + "</svg>\n", encoding="utf-8")


def _panel(table: Sequence[Mapping[str, Any]], metric: str, edge: int, at: tuple[int, int]) -> Iterator[str]:
    left, top = at
    yield f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#888"/>'
    for tick in TICKS[metric]:
        y = top + _down(metric, tick)
        yield f'<path d="M{left} {y:.1f}h{WIDTH}" stroke="#ddd"/>' + _text(left - 6, y + 4, f"{tick:g}", anchor="end")
    for tick in BIT_TICKS:
        x = left + _across(tick)
        yield f'<path d="M{x:.1f} {top}v{HEIGHT}" stroke="#ddd"/>' + _text(
            x, top + HEIGHT + 15, f"{tick:g}", anchor="middle"
        )
    yield _text(left + WIDTH, top + HEIGHT + 29, "bits per pixel", anchor="end")
    for kind, colour in COLOURS.items():
        points = [
            (quality, left + _across(bits), top + _down(metric, value))
            for quality, bits, value in _means(table, metric, edge, kind)
        ]
        if not points:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for _, x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        default = next(entry for entry in Settings().rendition if entry.format == kind).at("quality", edge)
        for quality, x, y in points:
            size, fill = (6, "none") if quality == default else (2.5, colour)
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
        quality, x, y = points[-1]
        yield _text(x + 6, y + 4, f"{kind.upper()} q{quality}", fill=colour)


def _means(table: Sequence[Mapping[str, Any]], metric: str, edge: int, kind: str) -> Iterator[tuple[int, float, float]]:
    found = [row for row in table if row["edge"] == edge and row["format"] == kind and metric in row]
    for quality in sorted({row["quality"] for row in found}):
        mine = [row for row in found if row["quality"] == quality]
        pixels = edge * edge * 2 / 3
        yield (
            quality,
            8 * statistics.fmean(row["bytes"] for row in mine) / pixels,
            statistics.fmean(row[metric] for row in mine),
        )


def _across(bits: float) -> float:
    low, high = map(math.log, BITS)
    return WIDTH * (math.log(bits) - low) / (high - low)


def _down(metric: str, value: float) -> float:
    low, high = RANGES[metric]
    return HEIGHT * (1 - (min(max(value, low), high) - low) / (high - low))


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", fill: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{fill}">{text}</text>'
