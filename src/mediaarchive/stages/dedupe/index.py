"""Which of a million archived hashes are near a new one: all of them, exactly, by counting bits.

There is nothing to build and nothing that can be stale: 32 bytes for each photograph. faiss counts the same bits faster, where it
is installed (the `faiss` extra) and there is enough to count to be worth loading it; the answer is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

BYTES: Final = 32  # of one hash
_WORDS = 4  # of 64 bits each
_BLOCK = 1 << 16  # archived hashes compared with one query at once: they stay in the processor's cache
_QUERY = 15_000  # comparisons that numpy makes in the time that one query takes besides (60 µs)
_LOADING = 100_000_000  # comparisons that it makes in twice the time in which faiss is loaded (0.2 s, 30 MB)


def packed(hashes: Sequence[str]) -> Words:
    """Hashes of 64 hex digits as rows (n, 4) of 64 bits."""
    import numpy as np  # noqa: PLC0415

    return np.frombuffer(bytes.fromhex("".join(hashes)), dtype=np.uint64).reshape(len(hashes), _WORDS)


def near(queries: Words, base: Words, distance: int) -> list[tuple[int, int, int]]:
    """All (query, row of `base`, bits) at `distance` or less, in order."""
    import numpy as np  # noqa: PLC0415

    if not len(queries) or not len(base):
        return []
    many = len(queries) * (len(base) + _QUERY) > _LOADING
    found = _with_faiss(queries, base, distance) if many else None
    triples = found if found is not None else _counted(queries, base, distance)
    rows = [np.stack(parts, axis=1) for parts in triples]
    everything = np.concatenate(rows) if rows else np.empty((0, 3), np.int64)
    order = np.lexsort((everything[:, 1], everything[:, 0]))
    return [(int(query), int(row), int(bits)) for query, row, bits in everything[order]]


def _with_faiss(queries: Words, base: Words, distance: int) -> Iterator[tuple[NDArray[Any], ...]] | None:
    """By faiss, in one thread; None where it isn't installed."""
    import numpy as np  # noqa: PLC0415

    try:
        import faiss  # noqa: PLC0415
    except ImportError:
        return None
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryFlat(8 * BYTES)
    index.add(np.ascontiguousarray(base).view(np.uint8))
    limits, bits, rows = index.range_search(np.ascontiguousarray(queries).view(np.uint8), distance + 1)
    counts = np.diff(limits.astype(np.int64))
    return iter([(np.repeat(np.arange(len(queries)), counts), rows.astype(np.int64), bits.astype(np.int64))])


def _counted(queries: Words, base: Words, distance: int) -> Iterator[tuple[NDArray[Any], ...]]:
    """By numpy.

    Two hashes within `distance` differ in a quarter of it at most in one of their four words: other rows are passed over
    after one look at each word.
    """
    import numpy as np  # noqa: PLC0415

    columns = np.ascontiguousarray(base.T)
    for start in range(0, len(base), _BLOCK):
        block = columns[:, start : start + _BLOCK]
        scratch, counts = np.empty_like(block[0]), np.empty(block.shape[1], np.uint8)
        for place, query in enumerate(queries):
            hits = []
            for word in range(_WORDS):
                np.bitwise_xor(block[word], query[word], out=scratch)
                np.bitwise_count(scratch, out=counts)
                hits.append(np.flatnonzero(counts <= distance // _WORDS))
            rows = np.unique(np.concatenate(hits))
            if not len(rows):
                continue
            bits = np.bitwise_count(block[:, rows] ^ query[:, None]).sum(axis=0, dtype=np.int64)
            close = bits <= distance
            yield np.full(int(close.sum()), place), rows[close] + start, bits[close]
