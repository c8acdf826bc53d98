"""What asking may cost: a number of requests, and of tokens, that several threads share."""

from __future__ import annotations

import threading

from mediaarchive.errors import EngineFault


class Spent(EngineFault):
    """The budget is used up: nothing went wrong, and nothing more is asked."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(
            f"{what} is used up", hint=f"the same command goes on; [texts.engine] {key} says how much", stop=True
        )


class Budget:
    """Requests and tokens, counted, and limited where the limit isn't 0."""

    def __init__(self, *, calls: int = 0, tokens: int = 0) -> None:
        self._limits = calls, tokens
        self._lock = threading.Lock()
        self.calls = 0
        self.tokens = 0

    def call(self) -> None:
        """Count a request that is about to be made.

        Raises:
            Spent: it may not be made.
        """
        calls, tokens = self._limits
        with self._lock:
            if calls and self.calls >= calls:
                raise Spent(f"the budget of {calls} requests", "max_calls")
            if tokens and self.tokens >= tokens:
                raise Spent(f"the budget of {tokens} tokens", "max_tokens")
            self.calls += 1

    def cost(self, tokens: int) -> None:
        """Count what an answer cost, as its server counts."""
        with self._lock:
            self.tokens += max(tokens, 0)
