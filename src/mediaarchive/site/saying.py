"""What went wrong with a file, in its event's language: one template for each code, filled with what the problem holds.

English sentences are written where problems are raised (`en.json` has only what is said otherwise on a page than in the
report for programs). `sentences/<language>.json` has, for each code, templates from the
most telling to the most general: the first whose every blank can be filled is said.
"""

from __future__ import annotations

import json
import string
from functools import cache
from pathlib import Path
from typing import Final

from mediaarchive.model import Problem
from mediaarchive.site.wording import Words, words

_FOLDER: Final = Path(__file__).parent / "sentences"


def sentence(problem: Problem, lang: str) -> str:
    """The problem for a person who reads `lang`; the English reason where that language has no words for its code."""
    say = words(lang)
    values = {name: _written(name, value, say) for name, value in problem.params.items()}
    for template in _templates(say.lang).get(problem.code, ()):
        if _blanks(template) <= values.keys():
            also = [say["sheet_also"]] if "also" in values else []  # further lines of the same sheet
            return " ".join(one.format(**values) for one in (template, *also))
    return problem.reason


@cache
def _templates(lang: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((_FOLDER / f"{lang}.json").read_text(encoding="utf-8"))
    return found


def _blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _written(name: str, value: str | float, say: Words) -> str:
    """A value as the language writes it: its decimal mark, its dates, why something was withdrawn."""
    if isinstance(value, float):
        return f"{value:g}".replace(".", say["decimal_point"])
    if name == "why":
        reason = str(value).partition("_")[0]
        return str(say.table.get(f"why_{value}", say.table.get(f"why_{reason}", "")))
    return say.date(str(value)) if name == "day" else str(value)
