"""How much of the long matrices is tried: a few of each, all of them, or one share of all, for a process of its own.

MEDIAARCHIVE_TEST_EVERY_FAULT=1 tries all; =2/4 every fourth one from the second on, so that 1/4 … 4/4 are all.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from typing import TypeVar

_SAID = os.environ.get("MEDIAARCHIVE_TEST_EVERY_FAULT", "").removeprefix("0")
EVERY = bool(_SAID)
_Trial = TypeVar("_Trial")


def share(trials: Iterable[_Trial]) -> Iterator[_Trial]:
    """Those of all trials that this process has to try."""
    number, _, shares = (_SAID or "1").partition("/")
    return itertools.islice(trials, int(number) - 1, None, int(shares or 1))
