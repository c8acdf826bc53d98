"""The report that an event's people read: a page of its own, without scripts, that opens from a share as it is."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mediaarchive.site.pages import environment
from mediaarchive.site.wording import Words, words

_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; padding: 1rem 1rem 3rem; max-width: 60rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .25rem; }
p { margin: .25rem 0 .75rem; }
ul { list-style: none; margin: 1rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: .5rem; }
li { border: 1px solid; border-radius: .3rem; padding: .15rem .6rem; }
li.bad { border-width: 2px; font-weight: 600; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { text-align: start; vertical-align: top; padding: .4rem .6rem .4rem 0; border-top: 1px solid #8888; }
thead th { border-top: 0; }
th { width: 38%; font-weight: 600; overflow-wrap: anywhere; }
td { overflow-wrap: anywhere; }
summary { cursor: pointer; margin-top: 2rem; }
summary h2 { display: inline; }
.until { display: block; }
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One file: its path, what is said of it, until when it waits (a moment, or None), and its item's page, if it has one."""

    path: str
    said: str
    until: str | None = None
    href: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Files with one fate. `name`: refused, waiting, held, lists, taken, copies, earlier or ignored."""

    name: str
    lines: Sequence[Line]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An event after a run. `moment`: when, as its people write it. `moves`: whether what is refused lies in `_rejected/`.

    `doubtful`: how many of its texts somebody should look at again; `lint`: the command that says which.
    """

    title: str
    lang: str
    moment: str
    parts: Sequence[Part]
    moves: bool = True
    doubtful: int = 0
    lint: str = ""


def fate(say: Words, *, shown: bool) -> str:
    """What is said of a file that has nothing to be said of."""
    return say["report_shown"] if shown else say["report_kept"]


def gifts(say: Words, kinds: Sequence[str]) -> str:
    """What a copy gives to the item that another file shows: kinds of text, or `credit`."""
    return say["report_gives"].format(what=", ".join(say[f"text_from_{kind}"] for kind in kinds))


def account_page(account: Account) -> bytes:
    """The page, UTF-8. Nothing in it is loaded from elsewhere; file names are text, whatever is in them."""
    say = words(account.lang)
    notes = {
        "refused": say["report_refused_note" if account.moves else "report_kept_note"],
        "waiting": say["report_waiting_note"],
    }
    headings = {
        "refused": say["report_refused"],
        "waiting": say["report_waiting"],
        "held": say["report_held"],
        "lists": say["report_lists"],
        "taken": say["report_taken"],
        "copies": say["report_copies"],
        "earlier": say["report_earlier"],
        "ignored": say["report_ignored"],
    }
    counts = {
        "refused": say["report_refused_count"],
        "waiting": say["report_waiting_count"],
        "held": say["report_held_count"],
        "taken": say["report_taken_count"],
        "copies": say["report_copies_count"],
    }
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    page = environment().get_template("report.html")
    return page.render(
        say=say,
        account=account,
        parts=[part for part in account.parts if part.lines],
        headings=headings,
        notes=notes,
        counts=counts,
        doubtful=say.count("report_doubtful", account.doubtful, command=account.lint) if account.doubtful else "",
        style=_STYLE,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'",
    ).encode()
