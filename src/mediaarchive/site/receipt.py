"""The receipt of a withdrawal as a page: what, when, why, and what each address answers now. To print, or to send."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc;"
    "word-break:break-all}td:last-child{white-space:nowrap}"
)


def receipt_page(value: Mapping[str, Any]) -> bytes:
    """A receipt (`pipeline.takedown.receipt`) as one HTML page without scripts, pictures or names."""
    rows = "".join(
        f"<tr><td>{escape(one['url'])}</td><td>{escape(one['was'])}</td><td>{escape(one['at'])}</td>"
        f"<td>{escape(one['status'])}{'' if one['ok'] else ' — STILL THERE'}</td></tr>"
        for one in value["addresses"]
    )
    state = "complete" if value["complete"] else "not complete yet"
    facts = "".join(
        f"<dt>{name}</dt><dd>{escape(str(value[key]))}</dd>"
        for name, key in (
            ("Item", "item"),
            ("Was", "was"),
            ("Reason", "reason"),
            ("Decided", "decided"),
            ("Done", "done"),
        )
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Removal of {escape(value["item"])}</title>'
        f"<style>{_STYLE}</style></head><body><h1>Removal receipt</h1><dl>{facts}</dl><p>The removal is {state}. "
        "Each address was fetched as any visitor would fetch it.</p><table><thead><tr><th>Address</th><th>Was</th>"
        f"<th>Fetched</th><th>Answer</th></tr></thead><tbody>{rows}</tbody></table></body></html>\n"
    ).encode()
