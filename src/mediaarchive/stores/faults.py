"""Trouble that passes: what a store raises when the same call is worth repeating by itself."""

from __future__ import annotations

from mediaarchive.errors import StoreError


class Transient(StoreError):
    """The server was busy or the connection broke. `retry_after`: seconds it asked us to wait, where it did."""

    def __init__(self, message: str, *, hint: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Overloaded(Transient):
    """The server answered, and said that it is busy or broken."""


class Silent(Transient):
    """The server said nothing, or took nothing of what it was sent, for as long as we wait for a sign of life."""
