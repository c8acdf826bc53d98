"""One thing that doctor tried: whether it works, what it means, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["ok", "warning", "bad"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """`where`: `machine`, `workspace`, `texts` or a store's name. `todo`: what to do next, where it isn't ok."""

    where: str
    what: str
    state: State
    text: str
    todo: str = ""

    def value(self) -> dict[str, str]:
        """As JSON values."""
        return {"where": self.where, "what": self.what, "state": self.state, "text": self.text, "todo": self.todo}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Makes checks of one place."""

    name: str

    def ok(self, what: str, text: str) -> Check:
        """It works."""
        return Check(where=self.name, what=what, state="ok", text=text)

    def warning(self, what: str, text: str, todo: str) -> Check:
        """It works, but somebody should look at it; or it isn't there and isn't needed."""
        return Check(where=self.name, what=what, state="warning", text=text, todo=todo)

    def bad(self, what: str, text: str, todo: str) -> Check:
        """It doesn't work."""
        return Check(where=self.name, what=what, state="bad", text=text, todo=todo)


def summary(checks: Iterable[Check]) -> dict[str, Any]:
    """All checks as a report."""
    values = [check.value() for check in checks]
    return {"schema": "doctor/1", "ok": all(value["state"] != "bad" for value in values), "checks": values}
