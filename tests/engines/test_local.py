"""The pool of processes keeps the contract, whoever is killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mediaarchive.engines.local import LocalEngine
from mediaarchive.testing.engines import IsolatingEngineContract

if TYPE_CHECKING:
    from collections.abc import Callable


class TestLocalEngine(IsolatingEngineContract):
    """The contract of engines with workers."""

    @pytest.fixture
    def make_engine(self) -> Callable[..., LocalEngine]:
        """Pools of processes."""
        return LocalEngine
