"""The receipt of a withdrawal as a page: what, when, why, and what each address answers now. To print, or to send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any, Final

from mediaarchive.site.rights import contact_link
from mediaarchive.site.wording import Words, words

if TYPE_CHECKING:
    from mediaarchive.config.settings import Workspace

_STYLE: Final = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#f0eee9;color:#22262a;font:16px/1.5 system-ui,sans-serif}
main{max-width:52rem;margin:2rem auto;padding:3rem 3.25rem;background:#fff;border-radius:.35rem;box-shadow:0 1px 3px #0002}
header{display:flex;justify-content:space-between;gap:2rem;align-items:start;border-bottom:2px solid #22262a;padding-bottom:1.25rem}
h1{font:600 1.9rem/1.15 Georgia,serif;margin:0}
h2{font:600 1.15rem/1.3 Georgia,serif;margin:2rem 0 .5rem}
.who{margin:.25rem 0 0;color:#555}
.state{flex:none;margin:.2rem 0 0;padding:.3rem .8rem;border:2px solid;border-radius:2rem;font-weight:600;color:#1c6b36}
.state.open{color:#a32318}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.5rem;margin:1.5rem 0}
dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th{font-weight:600;text-align:left;white-space:nowrap;border-bottom:1px solid #22262a;padding:.35rem .6rem .35rem 0}
td{padding:.35rem .6rem .35rem 0;border-bottom:1px solid #ddd;vertical-align:top}
td:first-child{overflow-wrap:anywhere;font-family:ui-monospace,monospace;font-size:.78rem}
td:last-child,td:nth-child(3){white-space:nowrap}
.bad td{color:#a32318;font-weight:600}
footer{margin-top:2rem;padding-top:1rem;border-top:1px solid #ddd;color:#555;font-size:.85rem}
@media (max-width:40rem){main{margin:0;padding:1.25rem}
header{display:block}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}
th,td,td:last-child,td:nth-child(3){white-space:normal;overflow-wrap:anywhere;min-width:3.5rem}}
@media print{@page{margin:18mm}body{background:#fff;font-size:11pt}main{box-shadow:none;margin:0;padding:0;max-width:none}
tr{break-inside:avoid}thead{display:table-header-group}a{color:inherit;text-decoration:none}}
"""


def receipt_page(value: Mapping[str, Any], lang: str, owner: Workspace) -> bytes:
    """A receipt as one HTML page without scripts or pictures. It names the publisher, and nobody who is shown or decided.

    Args:
        value: the receipt (`pipeline.deciding.proving`).
        lang: of the interface; the page speaks English where that isn't known.
        owner: who publishes, and whom to ask.
    """
    say = words(lang)
    complete = bool(value["complete"])
    state = say["receipt_complete"] if complete else say["receipt_open"]
    gone = [one for one in value["addresses"] if " " not in one["status"]]
    kept = [one for one in value["addresses"] if one["status"].endswith(" notice")]
    around = [one for one in value["addresses"] if one["status"].endswith(" without")]
    contact = contact_link(owner.contact or None)
    return (
        f'<!doctype html>\n<html lang="{say.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(say['receipt_title'])}: {escape(value['item'])}</title><style>{_STYLE}</style></head><body><main>"
        f"<header><div><h1>{escape(say['receipt_title'])}</h1>"
        f'<p class="who">{escape(owner.publisher)}</p></div>'
        f'<p class="state{"" if complete else " open"}">{escape(state)}</p></header>'
        f"<dl>{_facts(value, say)}</dl>"
        + (f"<p>{escape(say['receipt_how'])}</p>" if value["addresses"] else "")
        + f"{_destroyed(value.get('originals', []), say)}"
        f"{_table(say['receipt_deleted'], gone, say)}{_table(say['receipt_notices'], kept, say)}"
        f"{_table(say['receipt_lists'], around, say)}"
        f"<footer><p>{escape(say['receipt_limits'])}</p>"
        + (f"<p>{escape(say['gone_contact'])} {escape(contact.name)}</p>" if contact else "")
        + "</footer></main></body></html>\n"
    ).encode()


def _facts(value: Mapping[str, Any], say: Words) -> str:
    kind = str(value["was"])
    items = value.get("items", [value["item"]])
    what = say[f"kind_{kind}"] if kind in {"photo", "video", "document"} else kind
    why = say.table.get(f"why_{value['reason']}_{kind}") or say[f"why_{value['reason']}"]
    rows = [
        (say["receipt_item"], f"{what}, {', '.join(items)}"),
        (say["receipt_reason"], _capital(why.strip()) or say["receipt_unspecified"]),
        (say["receipt_decided"], _moment(str(value["decided"]), say)),
        (say["receipt_done"], _moment(str(value["done"]), say)),
        (say["receipt_until"], say.date(value["until"]) if value.get("until") else ""),
        (say["receipt_erase"], say.date(value["erase"]) if value.get("erase") else ""),
    ]
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in rows if text)


def _table(title: str, rows: list[Mapping[str, Any]], say: Words) -> str:
    if not rows:
        return ""
    body = "".join(
        f"<tr{'' if one['ok'] else ' class=bad'}><td>{escape(one['url'])}</td><td>{escape(say['receipt_was_' + one['was']])}</td>"
        f"<td>{escape(_moment(one['at'], say, seconds=True))}</td><td>{escape(_answer(one, say))}</td></tr>"
        for one in rows
    )
    heads = "".join(
        f'<th scope="col">{escape(say[f"receipt_{name}"])}</th>' for name in ("address", "was", "fetched", "answer")
    )
    return f"<h2>{escape(title)}</h2><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _destroyed(originals: list[Mapping[str, Any]], say: Words) -> str:
    """The originals that were looked for after their erasure. They go by their SHA-256: a file's name may be a person's."""
    if not originals:
        return ""
    body = "".join(
        f"<tr{'' if one['gone'] else ' class=bad'}><td>{escape(one['sha256'])}</td>"
        f"<td>{escape(say['receipt_place_' + one['place']])}</td><td>{escape(_moment(one['at'], say, seconds=True))}</td>"
        f"<td>{escape(say['receipt_destroyed' if one['gone'] else 'receipt_still'])}</td></tr>"
        for one in originals
    )
    heads = "".join(
        f'<th scope="col">{escape(name)}</th>'
        for name in ("SHA-256", say["receipt_place"], say["receipt_looked"], say["receipt_answer"])
    )
    return (
        f"<p>{escape(say['receipt_how_destroyed'])}</p><h2>{escape(say['receipt_originals'])}</h2>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _answer(one: Mapping[str, Any], say: Words) -> str:
    number, _, shows = str(one["status"]).partition(" ")
    return f"{number} {say['receipt_' + (shows or 'gone')] if one['ok'] else say['receipt_still']}"


def _moment(at: str, say: Words, *, seconds: bool = False) -> str:
    """A time stamp with its offset, in words; a day stays a day."""
    if len(at) <= 10:
        return say.date(at)
    when = datetime.fromisoformat(at)
    offset = when.strftime("%z")
    zone = "UTC" if offset in {"+0000", ""} else f"UTC{offset[:3]}:{offset[3:]}"
    clock = when.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{clock} {zone}" if seconds else f"{say.date(at[:10])}, {clock} {zone}"


def _capital(text: str) -> str:
    return re.sub(r"^\w", lambda found: found[0].upper(), text)
