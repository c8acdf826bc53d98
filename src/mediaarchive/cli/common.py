"""What verbs share: where the workspace is, how values are printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

# Control characters but line feed and tab, and those that change the direction of writing (Unicode's UAX #9).
_MOVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
Function = TypeVar("Function", bound=Callable[..., Any])


def workspace_option(function: Function) -> Function:
    """`-C/--workspace DIR`, after the verb or before it (as git has it); default: here."""
    return click.option(
        "-C",
        "--workspace",
        type=click.Path(file_okay=False, path_type=Path),
        callback=_chosen,
        envvar="MEDIAARCHIVE_WORKSPACE",
        help="The workspace's folder; default: here.",
    )(function)


def _chosen(context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    if context.parent is None:
        return value
    return value or context.find_object(Path) or Path()


def json_option(function: Function) -> Function:
    """`--json`: one JSON object on stdout and nothing else."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on stdout.")(
        function
    )


def tell(text: str, *, err: bool = False) -> None:
    """Print sentences. Names of files come from strangers: what could move a cursor, or turn the line around, is escaped."""
    click.echo(_MOVING.sub(lambda found: found[0].encode("unicode_escape").decode(), text), err=err)


def emit(value: object) -> None:
    """Print a JSON value."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "photo"), plural(3, "photo")
    ('1 photo', '3 photos')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def size(count: float) -> str:
    """A size for people.

    >>> size(1536)
    '1.5 kB'
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError
