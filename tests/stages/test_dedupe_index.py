"""The index finds every hash that is near, and no other, with or without faiss."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mediaarchive.stages.dedupe import index
from mediaarchive.stages.dedupe.index import near, packed


def hashes(count: int, seed: int) -> list[str]:
    return [row.tobytes().hex() for row in np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)]


def flipped(one: str, bits: int) -> str:
    return f"{int(one, 16) ^ int('1' * bits, 2) << 3:064x}"


@pytest.mark.parametrize("with_faiss", [False, True])
def test_all_that_is_near_is_found(monkeypatch: pytest.MonkeyPatch, *, with_faiss: bool) -> None:
    monkeypatch.setattr(index, "_LOADING", 0)
    if with_faiss:
        pytest.importorskip("faiss", reason="the faiss extra is not installed")
    else:
        monkeypatch.setitem(sys.modules, "faiss", None)
    base = hashes(3_000, 1)
    queries = [flipped(base[7], 72), flipped(base[9], 73), base[2_999], hashes(1, 2)[0]]
    distances = [[(int(query, 16) ^ int(row, 16)).bit_count() for row in base] for query in queries]
    expected = [(q, r, bits) for q, row in enumerate(distances) for r, bits in enumerate(row) if bits <= 72]
    assert near(packed(queries), packed(base), 72) == expected
    assert (0, 7, 72) in expected
    assert near(packed([]), packed(base), 72) == near(packed(queries), packed([]), 72) == []
